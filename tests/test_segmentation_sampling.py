import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.segmentation import sampling
from trendcolor.segmentation.sampling import Grid, certainty_at, classes_at
from trendcolor.taxonomy import ACCESSORY, CLASSES, SKIN, TOP

# Where the two best classes are nearer than this, float32 may decide either way.
TIE = 1e-4

points = st.integers(1, 6)
sides = st.integers(1, 40)
seeds = st.integers(0, 2**32 - 1)


def random_logits(height, width, seed):
    shape = (len(CLASSES), height, width)
    return np.random.default_rng(seed).normal(0, 2, shape).astype(np.float32)


def grids(logits, step, corners):
    """Both grids of logits whose points are `step` pixels of the input apart."""
    rows, columns = logits.shape[1:]
    return Grid(rows, rows * step, corners), Grid(columns, columns * step, corners)


def enlarged(logits, size):
    """All logits at a photo's size, as torch's `align_corners=False` has it."""
    tensor = torch.from_numpy(logits.astype(np.float64))[None]
    return torch.nn.functional.interpolate(
        tensor, size, mode="bilinear", align_corners=False
    ).numpy()[0]


def enlarged_by_input(logits, rows, columns, size):
    """All logits at a photo's size: first each input pixel's, then the photo's from those.

    The grid's first and last points lie on the input's first and last pixels; the input is the
    photo at another size, so that pixels' centers are half a pixel from its edges.
    """
    by_rows = between(logits, places_by_input(rows, size[0]), axis=1)
    return between(by_rows, places_by_input(columns, size[1]), axis=2)


def places_by_input(grid, size):
    on_input = (np.arange(size) + 0.5) * grid.length / size - 0.5
    return np.clip(on_input * (grid.points - 1) / (grid.length - 1), 0, grid.points - 1)


def between(values, places, axis):
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, values.shape[axis] - 1)
    shape = [1, 1, 1]
    shape[axis] = -1
    weight = (places - low).reshape(shape)
    values = values.astype(np.float64)
    return np.take(values, low, axis) * (1 - weight) + np.take(values, high, axis) * weight


def check_classes(labels, expected):
    """Each pixel's class has the largest expected logit, or one that is as good as that."""
    assert labels.dtype == np.uint8
    assert labels.shape == expected.shape[1:]
    taken = np.take_along_axis(expected, labels[None].astype(int), 0)[0]
    np.testing.assert_array_less(expected.max(0) - taken, TIE)


@given(points, points, sides, sides, seeds)
def test_classes_are_those_of_all_logits_interpolated(rows, columns, height, width, seed):
    logits = random_logits(rows, columns, seed)
    before = logits.copy()
    labels = classes_at(logits, *grids(logits, 4, corners=False), (height, width))
    check_classes(labels, enlarged(logits, (height, width)))
    np.testing.assert_array_equal(logits, before)


@given(points, points, st.integers(2, 8), sides, sides, seeds)
def test_classes_of_a_grid_with_corners_are_those_of_the_input_s_pixels(
    rows, columns, step, height, width, seed
):
    logits = random_logits(rows, columns, seed)
    pair = grids(logits, step, corners=True)
    labels = classes_at(logits, *pair, (height, width))
    check_classes(labels, enlarged_by_input(logits, *pair, (height, width)))


def test_a_photo_of_the_input_s_size_has_the_classes_of_the_enlarged_logits():
    logits = random_logits(5, 7, seed=0)
    labels = classes_at(logits, *grids(logits, 4, corners=True), (20, 28))
    whole = torch.nn.functional.interpolate(
        torch.from_numpy(logits)[None], (20, 28), mode="bilinear", align_corners=True
    )
    check_classes(labels, whole.numpy()[0].astype(np.float64))


@pytest.mark.parametrize("corners", [True, False], ids=["corners", "middles"])
def test_a_large_photo_is_computed_in_steps_that_leave_no_seam(corners):
    logits = random_logits(40, 40, seed=0)  # hardly a cell agrees: all pixels are interpolated
    pair = grids(logits, 4, corners)
    labels = classes_at(logits, *pair, (500, 400))
    reference = enlarged_by_input(logits, *pair, (500, 400))
    check_classes(labels, reference if corners else enlarged(logits, (500, 400)))


@pytest.mark.parametrize("corners", [True, False], ids=["corners", "middles"])
@given(points, points, sides, sides, seeds)
def test_constant_logits_are_equally_certain_everywhere(
    corners, rows, columns, height, width, seed
):
    logits = np.repeat(np.repeat(random_logits(1, 1, seed), rows, 1), columns, 2)
    certainty = certainty_at(logits, *grids(logits, 4, corners), (height, width))
    probability = np.exp(logits[:, 0, 0]) / np.exp(logits[:, 0, 0]).sum()
    # Half a step is rounding's, the rest that of float32.
    np.testing.assert_allclose(certainty, probability[TOP:].sum() * 255, atol=0.51)


@pytest.mark.parametrize("corners", [True, False], ids=["corners", "middles"])
@given(points, points, sides, sides, seeds)
def test_certainty_has_the_photo_s_size_in_255ths(corners, rows, columns, height, width, seed):
    logits = random_logits(rows, columns, seed)
    before = logits.copy()
    certainty = certainty_at(logits, *grids(logits, 4, corners), (height, width))
    assert certainty.shape == (height, width)
    assert certainty.dtype == np.uint8
    np.testing.assert_array_equal(logits, before)


@given(points, points, seeds)
def test_certainty_on_the_grid_s_points_is_the_garments_probability(rows, columns, seed):
    logits = random_logits(rows, columns, seed)
    certainty = certainty_at(logits, *grids(logits, 4, corners=False), (rows, columns))
    probability = np.exp(logits.astype(np.float64))
    garment = probability[TOP : ACCESSORY + 1].sum(0) / probability.sum(0)
    np.testing.assert_allclose(certainty, garment * 255, atol=0.51)


@pytest.mark.parametrize("corners", [True, False], ids=["corners", "middles"])
@pytest.mark.parametrize("width", [24, 48, 61, 200], ids=str)
@pytest.mark.parametrize("step", range(1, 12), ids=str)
def test_a_sharp_step_lies_where_the_reference_puts_it(corners, width, step):
    logits = np.zeros((len(CLASSES), 3, 12), np.float32)
    logits[SKIN, :, :step] = 30
    logits[TOP, :, step:] = 30
    rows, columns = grids(logits, 4, corners)
    garment = (np.arange(12) >= step).astype(np.float64)[None, None].repeat(3, 1)
    size = (9, width)
    if corners:
        expected = enlarged_by_input(garment, rows, columns, size)[0]
    else:
        expected = enlarged(garment, size)[0]
    certainty = certainty_at(logits, rows, columns, size)
    # The first pixel that is rather garment than not.
    found, wanted = (certainty > 127.5).argmax(1), (expected > 0.5 - 1e-9).argmax(1)
    assert np.abs(found - wanted).max() <= 1
    assert (np.diff(certainty.astype(int), axis=1) >= 0).all()


@pytest.mark.parametrize("corners", [True, False], ids=["corners", "middles"])
@given(points, points, seeds)
def test_certainty_between_the_points_is_interpolated(corners, rows, columns, seed):
    logits = random_logits(rows, columns, seed)
    pair = grids(logits, 4, corners)
    size = (rows * 7, columns * 5)
    probability = np.exp(logits.astype(np.float64))
    garment = (probability[TOP:].sum(0) / probability.sum(0))[None]
    expected = enlarged_by_input(garment, *pair, size) if corners else enlarged(garment, size)
    # Rounded on the points, after each of Pillow's two passes, and at the end.
    np.testing.assert_allclose(certainty_at(logits, *pair, size), expected[0] * 255, atol=2)


@settings(deadline=None)
@given(points, points, sides, sides, st.booleans(), seeds)
def test_compiled_loops_give_the_same_classes_and_certainty_as_libraries(
    high, wide, height, width, corners, seed
):
    logits = random_logits(high, wide, seed)
    where = (*grids(logits, 4, corners), (height, width))
    one, certainty = classes_at(logits, *where), certainty_at(logits, *where)
    assert sampling.IS_COMPILED
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "IS_COMPILED", False)
        np.testing.assert_array_equal(one, classes_at(logits, *where))
        np.testing.assert_array_equal(certainty, certainty_at(logits, *where))
