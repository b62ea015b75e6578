import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from trendcolor.images.screen import clipped_fraction, colorfulness, screen

from trendcolor.config import ImagesConfig
from trendcolor.images.decode import Photo, decode, read_photo

DEFAULT = ImagesConfig()
DATA = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
PHOTOS = {
    "ccp": "ccp/photos/*.jpg",
    "clothing_cc0": "clothing_cc0/images/*.jpg",
    "renders": "renders/images/*.jpg",
    "lookbook": "lookbook/images/*.jpg",
}


def photo(rgb, opaque=None):
    rgb = np.asarray(rgb, np.uint8)
    return Photo(rgb=rgb, opaque=opaque, width=rgb.shape[1], height=rgb.shape[0])


def street(width=200, height=300, scarf=0.02):
    """A gray street, lit unevenly, with a red scarf of the given fraction."""
    rgb = np.repeat(np.linspace(40, 210, width)[None, :, None], height, 0).repeat(3, 2)
    rgb[: round(height * scarf)] = (160, 40, 45)
    return rgb


def as_gray(rgb, quality=90):
    """A gray copy as programs save it: three equal channels in a JPEG."""
    file = BytesIO()
    Image.fromarray(np.asarray(rgb, np.uint8)).convert("L").convert("RGB").save(
        file, "JPEG", quality=quality
    )
    return decode(file.getvalue(), DEFAULT)


def test_an_ordinary_photo_is_fit():
    assert screen(photo(street()), DEFAULT) is None


def test_a_small_photo_is_refused_by_its_full_size():
    small = photo(street(100, 300))
    assert screen(small, DEFAULT) == (
        "too small: shorter side 100 pixels, wanted 120 (images.min_side)"
    )
    decoded_smaller = Photo(rgb=small.rgb, opaque=None, width=1000, height=3000)
    assert screen(decoded_smaller, DEFAULT) is None


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_a_gray_copy_is_refused_whatever_its_quality(quality):
    assert "gray photo: colorfulness 0.0" in screen(as_gray(street(), quality), DEFAULT)


def test_a_little_color_makes_a_color_photo_and_a_speck_does_not():
    assert screen(photo(street(scarf=0.02)), DEFAULT) is None
    assert screen(photo(street(scarf=0.004)), DEFAULT).startswith("gray photo")


@pytest.mark.parametrize(("level", "edge"), [(254, 128), (1, 128)], ids=["white", "black"])
def test_a_photo_without_drawing_is_refused(level, edge):
    rgb = street()
    rgb[9:] = level  # 97 %
    assert screen(photo(rgb), DEFAULT) == (
        "badly exposed: 97% of pixels at full black or white, wanted at most 95% "
        "(images.max_clipped)"
    )
    rgb[9:60] = edge
    assert screen(photo(rgb), DEFAULT) is None


def test_transparent_pixels_do_not_count():
    rgb = street()
    opaque = np.ones(rgb.shape[:2], bool)
    opaque[: round(300 * 0.02)] = False  # the scarf
    assert screen(photo(rgb, opaque), DEFAULT).startswith("gray photo")
    assert screen(photo(rgb, np.zeros_like(opaque)), DEFAULT) == "wholly transparent"


def test_colorfulness_and_clipping_of_known_pixels():
    rgb = np.array([[200, 180, 150]] * 98 + [[255, 254, 253], [2, 0, 1]], np.uint8)
    assert colorfulness(rgb) == 50
    assert clipped_fraction(rgb) == pytest.approx(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(PHOTOS))
def test_no_real_color_photo_is_refused_and_each_gray_copy_is(name):
    paths = sorted(DATA.glob(PHOTOS[name]))
    if not paths:
        pytest.skip(f"no photos at {DATA / PHOTOS[name]} (set TRENDCOLOR_DATA)")
    for path in paths:
        found = read_photo(path, DEFAULT)
        assert screen(found, DEFAULT) is None, path.name
        assert screen(as_gray(found.rgb), DEFAULT).startswith("gray photo"), path.name
