"""What holds for the colors of cloth, whatever way its photo was taken or its pixels are read."""

import io
from dataclasses import replace

import numpy as np
import pytest
from photos import figure, paint, photo_of
from PIL import Image
from scenes import Colors, made_up, palette_error
from threadpoolctl import threadpool_limits

from trendcolor.color.spaces import color_difference, linear_to_srgb, srgb_to_lab, srgb_to_linear
from trendcolor.config import ColorConfig
from trendcolor.pipeline import analyze_photo
from trendcolor.taxonomy import BACKGROUND, IGNORE, TOP, is_garment

CONFIG = ColorConfig()
WALL = (150, 150, 150)
NAVY, CREAM, RED, BLACK, WHITE, GRAY, GREEN = np.uint8(
    [
        *((30, 40, 90), (245, 235, 211), (200, 32, 40), (22, 20, 24)),
        *((243, 243, 241), (128, 128, 128), (40, 120, 70)),
    ]
)
HEIGHT, WIDTH = 300, 200  # of a piece of cloth, in pixels
Y, X = np.mgrid[:HEIGHT, :WIDTH]
FOLDS = 0.62 + 0.38 * np.sin(X / 17 + 0.4 * np.sin(Y / 40))
# CIEDE2000 that a color, or a palette as earth mover's distance, moves when its photo is scaled.
SCALE_BOUND = 1.5
SIZES = {"half": 0.5, "double": 2.0}


def photo_with(cloth, noise=2.0, seed=0):
    """A photo of a piece of cloth before a gray wall, and its label map."""
    labels = np.full((HEIGHT + 60, WIDTH + 60), BACKGROUND, np.uint8)
    labels[30:-30, 30:-30] = TOP
    rgb = np.full((*labels.shape, 3), WALL, float)
    rgb[30:-30, 30:-30] = cloth
    rgb += np.random.default_rng(seed).normal(0, noise, rgb.shape)
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8), labels


def striped(*dyes, period=48):
    """Stripes across, equally wide."""
    return np.array(dyes)[Y * len(dyes) // period % len(dyes)]


def lit(rgb8, light):
    """Cloth under an amount of light at each pixel."""
    return linear_to_srgb(srgb_to_linear(rgb8) * light[..., None])


def all_of(rgb, labels, config=CONFIG):
    return analyze_photo(photo_of(np.ascontiguousarray(rgb)), labels, config)


def top_of(rgb, labels):
    (garment,) = all_of(rgb, labels).garments
    return garment


def colors_of(garment):
    rgb8 = np.uint8([color.rgb for color in garment.palette])
    share = np.array([color.share for color in garment.palette])
    return Colors(srgb_to_lab(rgb8).astype(float), share)


def distance(rgb, other):
    """CIEDE2000 between two 8-bit colors."""
    return float(color_difference(srgb_to_lab(np.uint8(rgb)), srgb_to_lab(np.uint8(other))))


def moves(one, other):
    """How far the first color, and the whole palette, of one garment moves, CIEDE2000."""
    first = distance(one.palette[0].rgb, other.palette[0].rgb)
    return first, palette_error(colors_of(one), colors_of(other))


def scene_maps(scene):
    return scene.rgb8, np.where(scene.mask, np.uint8(TOP), np.uint8(BACKGROUND))


def scaled(rgb, labels, factor):
    """A photo and its label map as a camera of another resolution takes them."""
    size = (round(rgb.shape[1] * factor), round(rgb.shape[0] * factor))
    way = Image.Resampling.BOX if factor < 1 else Image.Resampling.BICUBIC
    small = Image.fromarray(labels).resize(size, Image.Resampling.NEAREST)
    return np.asarray(Image.fromarray(rgb).resize(size, way)), np.asarray(small)


def through_jpeg(rgb, quality, subsampling=2):
    """As decoded from a JPEG, its color at half the resolution unless told."""
    encoded = io.BytesIO()
    Image.fromarray(rgb).save(encoded, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(encoded))


def assert_same_palette(one, other):
    assert [color.rgb for color in one.palette] == [color.rgb for color in other.palette]
    for name in ("share", "spread", "confidence"):
        values, others = ([getattr(c, name) for c in g.palette] for g in (one, other))
        np.testing.assert_allclose(values, others, atol=1e-9)  # sums in another order


def test_the_number_of_threads_has_no_effect():
    rgb, labels = scene_maps(made_up(3))
    with threadpool_limits(limits=1):
        one = all_of(rgb, labels)
    with threadpool_limits(limits=2):
        two = all_of(rgb, labels)
    assert (one.garments, one.illuminant) == (two.garments, two.illuminant)


def test_a_garment_has_the_same_colors_alone_and_among_others():
    labels = figure()
    rgb = paint(labels, noise=8, shade=0.5)
    together = all_of(rgb, labels).garments
    assert len(together) == 2
    for garment, class_id in zip(together, np.unique(labels[is_garment(labels)]), strict=True):
        others = is_garment(labels) & (labels != class_id)
        alone = top_of(rgb, np.where(others, np.uint8(IGNORE), labels))
        assert (alone.garment, alone.palette) == (garment.garment, garment.palette)


def test_the_order_of_photos_has_no_effect():
    photos = [scene_maps(made_up(number)) for number in range(4)]
    forth = [all_of(*photo).garments for photo in photos]
    back = [all_of(*photo).garments for photo in photos[::-1]]
    assert forth == back[::-1]


@pytest.mark.parametrize("turned", [np.s_[::-1], np.s_[:, ::-1]], ids=["vertical", "horizontal"])
@pytest.mark.parametrize("number", range(8))
def test_a_mirrored_photo_has_the_same_palette(turned, number):
    rgb, labels = scene_maps(made_up(number))
    assert_same_palette(top_of(rgb, labels), top_of(rgb[turned], labels[turned]))


@pytest.mark.parametrize("number", range(4))
def test_a_mirrored_photo_whose_sides_are_no_whole_blocks_hardly_moves(number):
    rgb, labels = (maps[:477, 2:357] for maps in scene_maps(made_up(number, has_cast=True)))
    one = top_of(rgb, labels)
    for turned in (np.s_[::-1], np.s_[:, ::-1]):
        assert max(moves(one, top_of(rgb[turned], labels[turned]))) < 2


PAINTED = {
    "solid": striped(RED),
    "folds": lit(striped(GREEN), FOLDS),
    "stripes": striped(NAVY, CREAM),
    "three": striped(BLACK, WHITE, RED, period=60),
}


@pytest.mark.parametrize("factor", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("cloth", PAINTED.values(), ids=PAINTED)
def test_the_scale_of_a_painted_photo_moves_no_color_beyond_the_bound(cloth, factor):
    rgb, labels = photo_with(cloth)
    one, other = top_of(rgb, labels), top_of(*scaled(rgb, labels, factor))
    assert len(one.palette) == len(other.palette)
    assert max(moves(one, other)) < SCALE_BOUND


@pytest.mark.parametrize("factor", SIZES.values(), ids=SIZES)
def test_the_scale_of_made_up_photos_moves_colors_less_than_the_bound_on_average(factor):
    found = []
    for number in range(12):
        rgb, labels = scene_maps(made_up(number))
        found.append(moves(top_of(rgb, labels), top_of(*scaled(rgb, labels, factor))))
    assert (np.mean(found, axis=0) < SCALE_BOUND).all()
    # Where two grays of a pattern are nearly one dye in light and shade, a little decides.
    assert np.mean(np.array(found)[:, 0] < SCALE_BOUND) >= 0.8


@pytest.mark.parametrize("ground", [NAVY, WHITE, BLACK], ids=["navy", "white", "black"])
def test_a_logo_of_4_percent_is_kept(ground):
    cloth = striped(ground)
    side = round((0.04 * HEIGHT * WIDTH) ** 0.5)
    cloth[60 : 60 + side, 40 : 40 + side] = RED
    palette = top_of(*photo_with(cloth)).palette
    assert len(palette) == 2
    assert distance(palette[1].rgb, RED) < 2
    assert palette[1].share == pytest.approx(0.04, abs=0.01)


def test_a_trim_of_4_percent_is_kept():
    cloth = striped(CREAM)
    cloth[140:152] = NAVY
    palette = top_of(*photo_with(cloth)).palette
    assert len(palette) == 2
    assert distance(palette[1].rgb, NAVY) < 2


@pytest.mark.parametrize("folds", [False, True], ids=["flat", "folds"])
def test_black_white_and_gray_stripes_are_all_kept(folds):
    cloth = striped(BLACK, WHITE, GRAY, period=72)
    if folds:
        cloth = lit(cloth, 0.85 + 0.15 * np.sin(X / 17))
    palette = top_of(*photo_with(cloth)).palette
    assert sorted(color.family for color in palette) == ["black", "gray", "white"]
    assert all(color.share == pytest.approx(1 / 3, abs=0.05) for color in palette)


@pytest.mark.parametrize("dye", [NAVY, CREAM, RED, BLACK, WHITE, GRAY, GREEN], ids=str)
def test_one_dye_in_light_and_deep_shade_is_one_color(dye):
    (color,) = top_of(*photo_with(lit(striped(dye), FOLDS))).palette
    # Its lit part is between the brightest and three quarters of that lightness.
    lightness = srgb_to_lab(dye)[0]
    assert 0.75 * lightness < srgb_to_lab(np.uint8(color.rgb))[0] < lightness + 2


PAIRS = {"red-white": (RED, WHITE), "navy-red": (NAVY, RED), "green-cream": (GREEN, CREAM)}


@pytest.mark.parametrize(("period", "quality"), [(20, 90), (37, 75), (37, 90), (60, 75), (60, 90)])
@pytest.mark.parametrize("dyes", PAIRS.values(), ids=PAIRS)
def test_what_jpeg_bleeds_at_the_edges_of_stripes_is_no_color(dyes, period, quality):
    rgb, labels = photo_with(striped(*dyes, period=period))
    palette = top_of(through_jpeg(rgb, quality), labels).palette
    assert len(palette) == 2
    for dye in dyes:
        assert min(distance(color.rgb, dye) for color in palette) < 4


@pytest.mark.xfail(strict=True, reason="stripes of 10 pixels are mostly bleed at that quality")
def test_what_a_strong_jpeg_bleeds_into_thin_stripes_is_no_color():
    rgb, labels = photo_with(striped(RED, WHITE, period=20))
    assert len(top_of(through_jpeg(rgb, 75), labels).palette) == 2


@pytest.mark.parametrize("strength", [0.1, 0.2, 0.4])
@pytest.mark.parametrize("dye", [NAVY, RED, BLACK, GREEN], ids=str)
def test_highlights_on_a_tenth_of_the_cloth_are_no_color(dye, strength):
    wave = np.sin(X / 23 + Y / 31)
    shine = strength * np.clip(wave - 0.95, 0, None) / 0.05
    assert (shine > 0).mean() == pytest.approx(0.1, abs=0.01)
    linear = srgb_to_linear(striped(dye)) + shine[..., None]
    palette = top_of(*photo_with(linear_to_srgb(np.clip(linear, 0, 1)))).palette
    assert len(palette) == 1
    assert distance(palette[0].rgb, dye) < 2


def test_spread_is_nearly_nothing_on_flat_cloth_and_grows_with_shade():
    flat, shallow, deep = (
        top_of(*photo_with(lit(striped(RED), 1 - depth * (1 - FOLDS)), noise=0)).palette[0].spread
        for depth in (0, 0.4, 1)
    )
    assert flat < 0.01
    assert 2 < shallow < deep


def test_confidence_is_high_for_solid_cloth_and_for_stripes():
    for dyes in ((RED,), (NAVY, CREAM), (BLACK, WHITE, RED)):
        palette = top_of(*photo_with(striped(*dyes, period=60))).palette
        assert len(palette) == len(dyes)
        assert all(color.confidence > 0.95 for color in palette)


@pytest.mark.parametrize(
    ("dyes", "expected"),
    [
        ((RED,), "solid"),
        ((NAVY, CREAM), "two-tone"),
        ((BLACK, WHITE, RED), "multicolor"),
        ((BLACK, WHITE, RED, GREEN), "multicolor"),
    ],
)
@pytest.mark.parametrize("folds", [False, True], ids=["flat", "folds"])
def test_patterns_are_told_apart(dyes, expected, folds):
    cloth = striped(*dyes, period=80)
    if folds:
        cloth = lit(cloth, 0.8 + 0.2 * np.sin(X / 17))
    assert top_of(*photo_with(cloth)).pattern == expected


def test_an_accent_makes_no_pattern():
    cloth = striped(NAVY)
    cloth[100:150, 50:100] = RED
    garment = top_of(*photo_with(cloth))
    assert (garment.pattern, len(garment.palette)) == ("solid", 2)


def test_the_floor_is_a_setting():
    cloth = striped(NAVY)
    cloth[100:150, 50:100] = RED  # 4 %
    rgb, labels = photo_with(cloth)
    (garment,) = all_of(rgb, labels, replace(CONFIG, min_share=0.06)).garments
    assert len(garment.palette) == 1
