import os
from dataclasses import fields, replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

import trendcolor
from trendcolor.config import ImagesConfig, ScreeningConfig
from trendcolor.images.decode import Photo, decode, read_photo
from trendcolor.images.screening import screen
from trendcolor.images.screening.detail import posterised, sharpness
from trendcolor.images.screening.exposure import brightest, burnt_fraction, clipped_fraction
from trendcolor.images.screening.filters import oversaturated_fraction, tint, veil
from trendcolor.images.screening.layout import border_fraction, seam_share
from trendcolor.images.screening.sample import sample
from trendcolor.images.screening.text import text_share
from trendcolor.images.screening.tones import color_spread, colorfulness

DEFAULT = ScreeningConfig()
DRAWN = replace(DEFAULT, min_sharpness=0)  # for pictures that are drawn without an edge
SAMPLES = Path(trendcolor.__file__).parent / "samples" / "lookbook" / "images"
DATA = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
PHOTOS = {
    "ccp": "ccp/photos/*.jpg",
    "clothing_cc0": "clothing_cc0/images/*.jpg",
    "renders": "renders/images/*.jpg",
    "lookbook": "lookbook/images/*.jpg",
}
OFF = {"min": 0, "max": 1, "max_veil": 255, "needs": False}


def photo(rgb, opaque=None):
    rgb = np.ascontiguousarray(rgb, np.uint8)
    return Photo(rgb=rgb, opaque=opaque, width=rgb.shape[1], height=rgb.shape[0])


def look(number=1):
    """A rendered photo of the package, as it is."""
    return read_photo(SAMPLES / f"look_{number:04d}.jpg", ImagesConfig()).rgb


def street(width=200, height=300, scarf=0.02):
    """A gray street, lit unevenly, with a red scarf of the given fraction."""
    rgb = np.repeat(np.linspace(40, 210, width)[None, :, None], height, 0).repeat(3, 2)
    rgb[: round(height * scarf)] = (160, 40, 45)
    return rgb


def as_jpeg(rgb, quality=85):
    file = BytesIO()
    Image.fromarray(np.asarray(rgb, np.uint8)).save(file, "JPEG", quality=quality)
    return decode(file.getvalue(), ImagesConfig()).rgb


def as_gray(rgb, quality=90):
    """A gray copy as programs save it: three equal channels in a JPEG."""
    image = Image.fromarray(np.asarray(rgb, np.uint8)).convert("L").convert("RGB")
    return as_jpeg(np.asarray(image), quality)


def u8(rgb):
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)


def blurred(rgb, sigma=12):
    return np.asarray(Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(sigma)))


def shaken(rgb, n=40):
    total = sum(np.roll(rgb, i, axis=1).astype(float) for i in range(n))
    return u8(total / n)


def in_two_inks(rgb):
    at = rgb.mean(axis=-1, keepdims=True) / 255
    at = (at - at.min()) / np.ptp(at)
    return u8((1 - at) * (0, 0, 60) + at * (255, 250, 120))


def saturated(rgb):
    gray = rgb.mean(axis=-1, keepdims=True)
    return u8(gray + 8 * (rgb - gray))


def framed(rgb, n=90, level=255):
    return np.pad(rgb, ((n, n), (n, n), (0, 0)), constant_values=level)


def page(rgb):
    """A picture of a screen: words, a photo and more words."""
    image = Image.new("RGB", (540, 960), "white")
    image.paste(Image.fromarray(rgb).resize((300, 400)), (120, 280))
    draw = ImageDraw.Draw(image)
    for i in range(26):
        if not 7 < i < 19:
            draw.text((20, 20 + 36 * i), "a coat of blue wool and a hat, all new", "black", size=24)
    return np.asarray(image)


def side_by_side(rgb):
    other = as_jpeg(look(7))
    return np.hstack([rgb, np.resize(other, rgb.shape) if other.shape != rgb.shape else other])


def with_gutters(rgb):
    white = np.full((rgb.shape[0], 12, 3), 255, np.uint8)
    return np.hstack([rgb, white, rgb[:, ::-1]])


# What is done to a photo, what the reason begins with, and the setting that it names.
UNFIT = [
    pytest.param(lambda rgb: u8(rgb * 0.2), "underexposed", "min_brightest", id="dark"),
    pytest.param(lambda rgb: u8(rgb * 9.0), "overexposed", "max_burnt", id="bright"),
    pytest.param(as_gray, "gray photo", "min_colorfulness", id="gray"),
    pytest.param(in_two_inks, "duotone", "min_color_spread", id="two inks"),
    pytest.param(page, "screenshot", "max_text", id="page"),
    pytest.param(framed, "border", "max_border", id="white frame"),
    pytest.param(lambda rgb: framed(rgb, level=0), "border", "max_border", id="black frame"),
    pytest.param(side_by_side, "collage", "max_seam", id="side by side"),
    pytest.param(with_gutters, "collage", "max_seam", id="gutters"),
    pytest.param(
        lambda rgb: rgb // 96 * 96 + 20, "posterised", "max_posterised", id="three levels"
    ),
    pytest.param(saturated, "filter", "max_oversaturated", id="saturated"),
    pytest.param(lambda rgb: u8(rgb * (0.04, 0.3, 1)), "filter", "max_tint", id="blue glass"),
    pytest.param(
        lambda rgb: u8(0.35 * rgb + 0.65 * np.array([250, 30, 140])),
        "filter",
        "max_veil",
        id="veil",
    ),
    pytest.param(blurred, "blurred", "min_sharpness", id="blurred"),
    pytest.param(shaken, "blurred", "min_sharpness", id="shaken"),
]


def without(setting):
    """The defaults with all but one check turned off."""
    off = {
        field.name: OFF.get(field.name, OFF[field.name.partition("_")[0]])
        for field in fields(ScreeningConfig)
    }
    return ScreeningConfig(**{**off, setting: getattr(DEFAULT, setting)})


@pytest.mark.parametrize(("spoil", "reason", "setting"), UNFIT)
def test_a_spoiled_photo_is_refused_by_its_own_check_alone(spoil, reason, setting):
    spoiled = photo(as_jpeg(spoil(look())))
    found = screen(spoiled, without(setting))
    assert found.startswith(f"{reason}: ")
    assert "wanted" in found
    assert found.endswith(f"(images.screening.{setting})")
    off = OFF.get(setting, OFF[setting.partition("_")[0]])
    assert screen(spoiled, replace(without(setting), **{setting: off})) is None


@pytest.mark.parametrize(("spoil", "reason", "setting"), UNFIT)
def test_a_spoiled_photo_is_refused_by_the_defaults(spoil, reason, setting):
    assert screen(photo(as_jpeg(spoil(look()))), DEFAULT) is not None


# What photographers, cameras and shops do, mildly.
FIT = [
    pytest.param(lambda rgb: rgb, id="as it is"),
    pytest.param(lambda rgb: u8(rgb * 0.55), id="darker"),
    pytest.param(lambda rgb: u8(rgb * 1.2), id="brighter"),
    pytest.param(lambda rgb: blurred(rgb, 0.8), id="a little soft"),
    pytest.param(lambda rgb: framed(rgb, n=8), id="thin frame"),
    pytest.param(lambda rgb: u8(0.9 * rgb + 0.1 * np.array([250, 30, 140])), id="thin veil"),
    pytest.param(lambda rgb: u8(rgb * (1, 0.85, 0.55)), id="light bulb"),
    pytest.param(lambda rgb: rgb // 8 * 8, id="32 levels"),
]


@pytest.mark.parametrize("number", [1, 5, 30])
@pytest.mark.parametrize("change", FIT)
def test_a_mild_change_is_fit(change, number):
    assert screen(photo(as_jpeg(change(look(number)), 92)), DEFAULT) is None


def test_an_ordinary_photo_is_fit():
    assert screen(photo(street()), DRAWN) is None


def test_every_photo_of_the_package_is_fit():
    for path in sorted(SAMPLES.glob("*.jpg")):
        assert screen(read_photo(path, ImagesConfig()), DEFAULT) is None, path.name


def test_a_small_photo_is_refused_by_its_full_size():
    small = photo(street(100, 300))
    assert screen(small, DRAWN) == (
        "too small: shorter side 100 pixels, wanted 120 (images.screening.min_side)"
    )
    decoded_smaller = Photo(rgb=small.rgb, opaque=None, width=1000, height=3000)
    assert screen(decoded_smaller, DRAWN) is None


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_a_gray_copy_is_refused_whatever_its_quality(quality):
    assert "gray photo: colorfulness 0.0" in screen(photo(as_gray(street(), quality)), DEFAULT)


def test_a_little_color_makes_a_color_photo_and_a_speck_does_not():
    assert screen(photo(street(scarf=0.02)), DRAWN) is None
    assert screen(photo(street(scarf=0.004)), DRAWN).startswith("gray photo")


@pytest.mark.parametrize(("level", "edge"), [(254, 128), (1, 128)], ids=["white", "black"])
def test_a_photo_without_drawing_is_refused(level, edge):
    rgb = street()
    rgb[9:] = level  # 97 %
    assert screen(photo(rgb), DEFAULT) == (
        "badly exposed: 97% of pixels at full black or white, wanted at most 95% "
        "(images.screening.max_clipped)"
    )
    rgb[9:60] = edge
    assert "badly exposed" not in (screen(photo(rgb), DEFAULT) or "")


def test_what_the_photo_is_comes_before_what_was_done_to_its_colors():
    both = photo(as_jpeg(framed(blurred(look()))))
    assert screen(both, DEFAULT).startswith("border")
    assert screen(photo(as_gray(framed(look()))), DEFAULT).startswith("gray photo")


def test_a_garment_on_plain_white_is_no_frame_and_not_burnt():
    rgb = np.full((600, 450, 3), 255, np.uint8)
    rgb[100:480, 120:330] = look()[50:430, 60:270]
    cut = np.tri(380, 210, 60, bool)  # a garment has no straight outline
    rgb[100:480, 120:330][~cut] = 255
    assert screen(photo(as_jpeg(rgb)), DEFAULT) is None


def test_transparent_pixels_do_not_count():
    rgb = street()
    opaque = np.ones(rgb.shape[:2], bool)
    opaque[: round(300 * 0.02)] = False  # the scarf
    assert screen(photo(rgb, opaque), DEFAULT).startswith("gray photo")
    assert screen(photo(rgb, np.zeros_like(opaque)), DEFAULT) == "wholly transparent"


def test_a_transparent_frame_is_no_border():
    rgb = framed(look())
    opaque = np.zeros(rgb.shape[:2], bool)
    opaque[90:-90, 90:-90] = True
    assert screen(photo(rgb), DEFAULT).startswith("border")
    assert screen(photo(rgb, opaque), DEFAULT) is None


@pytest.mark.parametrize("shape", [(1, 1), (2, 30_000), (30_000, 2), (1, 500), (60, 61), (49, 3)])
@pytest.mark.parametrize("is_cut", [False, True])
def test_any_size_has_an_answer(shape, is_cut):
    rgb = np.random.default_rng(3).integers(0, 256, (*shape, 3), np.uint8)
    opaque = np.ones(shape, bool)
    opaque[0, 0] = not is_cut or shape == (1, 1)
    found = screen(photo(rgb, opaque if is_cut else None), ScreeningConfig(min_side=0))
    assert found is None or "wanted" in found


def test_a_photo_is_not_modified():
    rgb = look()
    before = rgb.copy()
    screen(photo(rgb), DEFAULT)
    np.testing.assert_array_equal(rgb, before)


def test_known_pixels_have_known_measures():
    rgb = np.array([[200, 180, 150]] * 98 + [[255, 254, 253], [2, 0, 1]], np.uint8)
    assert (colorfulness(rgb), brightest(rgb)) == (50, 200)
    assert clipped_fraction(rgb) == pytest.approx(0.02)
    assert oversaturated_fraction(np.array([[0, 9, 255], [3, 9, 255]], np.uint8)) == 0.5
    # (200 - 150) / 200, in steps of 1/255
    assert tint(rgb[:90]) == pytest.approx(0.25, abs=1 / 255)
    assert veil(np.array([[90, 20, 60]] * 50 + [[120, 60, 90]] * 50, np.uint8)) == 70
    assert veil(np.array([[90, 20, 60]] * 50 + [[220, 60, 90]] * 50, np.uint8)) == 0
    # All white but for one pixel in four, which is clear of it: a plain ground.
    assert burnt_fraction(np.array([[255, 255, 255]] * 3 + [[90, 80, 70]], np.uint8)) == 0
    assert burnt_fraction(np.array([[255, 255, 255]] * 3 + [[255, 80, 70]], np.uint8)) == 1


def test_known_layouts_have_known_measures():
    seen = sample(photo(framed(look(), n=60)))
    height, width = look().shape[:2]
    inside = height * width / ((height + 120) * (width + 120))
    assert border_fraction(seen) == pytest.approx(1 - inside, abs=0.01)  # one sample a side
    plain = sample(photo(look()))
    assert border_fraction(plain) == 0
    assert seam_share(plain) < 0.3 < 0.9 < seam_share(sample(photo(with_gutters(look()))))
    assert text_share(plain) == 0
    assert posterised(plain) < 0.05 < 0.5 < posterised(sample(photo(look() // 128 * 128)))
    assert sharpness(sample(photo(blurred(look())))) < 0.1 < 0.15 < sharpness(plain)
    assert color_spread(plain) == 255
    assert color_spread(sample(photo(in_two_inks(look())))) < 2


@pytest.mark.slow
@pytest.mark.parametrize("name", list(PHOTOS))
def test_hardly_any_real_color_photo_is_refused_and_each_gray_copy_is(name):
    paths = sorted(DATA.glob(PHOTOS[name]))
    if not paths:
        pytest.skip(f"no photos at {DATA / PHOTOS[name]} (set TRENDCOLOR_DATA)")
    refused = 0
    for path in paths:
        found = read_photo(path, ImagesConfig())
        refused += screen(found, DEFAULT) is not None
        assert screen(photo(as_gray(found.rgb)), DEFAULT).startswith("gray photo"), path.name
    assert refused <= 0.01 * len(paths)  # docs/screening.md has what they are
