import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from trendcolor.segmentation import segmenter
from trendcolor.segmentation.resizing import resized, resized_part
from trendcolor.segmentation.segmenter import resize

BILINEAR = Image.Resampling.BILINEAR

sides = st.integers(1, 70)
seeds = st.integers(0, 2**32 - 1)
fractions = st.floats(0, 0.45)


@settings(deadline=None)
@given(sides, sides, sides, sides, seeds)
@example(825, 550, 512, 352, 0)  # a photo and what the network reads of it
@example(31, 29, 64, 64, 0)
@example(40, 30, 40, 17, 0)  # one side stays
@example(40, 30, 17, 30, 0)
def test_pictures_are_resized_as_pillow_resizes_them(height, width, high, wide, seed):
    shape = (height, width, 3)
    picture = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    picture[picture > 250] = 255
    image = Image.fromarray(picture)
    expected = image.resize((wide, height), BILINEAR).resize((wide, high), BILINEAR)
    np.testing.assert_array_equal(resized(picture, (high, wide)), np.asarray(expected))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segmenter, "IS_COMPILED", False)
        np.testing.assert_array_equal(resize(picture, (high, wide)), np.asarray(expected))


@settings(deadline=None)
@given(sides, sides, sides, sides, st.tuples(*[fractions] * 4), seeds)
def test_parts_of_planes_are_resized_as_pillow_resizes_them(height, width, high, wide, off, seed):
    plane = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    top, left, bottom, right = (
        *(off[0] * height, off[1] * width),
        *((1 - off[2]) * height, (1 - off[3]) * width),
    )
    expected = (
        Image.fromarray(plane)
        .resize((wide, height), BILINEAR, box=(left, 0, right, height))
        .resize((wide, high), BILINEAR, box=(0, top, wide, bottom))
    )
    found = resized_part(plane, (high, wide), (top, bottom), (left, right))
    np.testing.assert_array_equal(found, np.asarray(expected))
