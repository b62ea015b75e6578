import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.color import regions as module
from trendcolor.color.regions import Size, count_pixels, number_regions, trusted_regions
from trendcolor.config import ColorConfig
from trendcolor.taxonomy import CLASSES, IGNORE, SKIN, TOP, TROUSERS

sides = st.integers(1, 12)
seeds = st.integers(0, 2**32 - 1)


def both(function, *given):
    """What compiled loops and numpy make of the same."""
    assert module.IS_COMPILED
    compiled = function(*given)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "IS_COMPILED", False)
        return compiled, function(*given)


def assert_same(one, other):
    assert one.dtype == other.dtype
    np.testing.assert_array_equal(one, other)


@settings(deadline=None)
@given(sides, sides, st.integers(0, 9), st.integers(0, 9), st.booleans(), seeds)
def test_compiled_loops_and_numpy_give_the_same(height, width, taller, wider, is_opaque, seed):
    random = np.random.default_rng(seed)
    labels = random.choice([*range(len(CLASSES)), IGNORE], (height, width)).astype(np.uint8)
    wearers = random.integers(1, 4, (height, width)).astype(np.uint8)
    numbers = random.integers(0, 5, (256, 256)).astype(np.uint16)
    certainty = random.integers(0, 256, (height, width)).astype(np.uint8)
    opaque = None if is_opaque else random.random((height, width)) < 0.7
    size = Size(height + taller, width + wider)
    config = ColorConfig(trust=float(random.choice([0.0, 0.5, 0.99, 1.0])))
    assert_same(*both(count_pixels, labels, wearers, size))
    assert_same(*both(number_regions, labels, wearers, numbers, opaque))
    regions = number_regions(labels, wearers, numbers, opaque)
    assert_same(*both(trusted_regions, regions, certainty, config))


def test_pixels_are_counted_at_full_size_by_wearer_and_class():
    labels = np.array([[TOP, SKIN, IGNORE], [TROUSERS, TOP, TOP]], np.uint8)
    wearers = np.array([[1, 1, 0], [1, 2, 2]], np.uint8)
    counts = count_pixels(labels, wearers, Size(4, 6))  # each stands for two rows and two columns
    expected = np.zeros((2, len(CLASSES)), int)
    expected[0, TOP], expected[0, TROUSERS], expected[1, TOP] = 4, 4, 8
    np.testing.assert_array_equal(counts, expected)


def test_where_there_is_no_garment_there_is_nothing_to_count():
    labels = np.full((3, 4), SKIN, np.uint8)
    assert count_pixels(labels, np.ones((3, 4), np.uint8), Size(3, 4)).shape == (0, len(CLASSES))
