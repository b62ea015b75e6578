import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from photos import COLORS, figure, paint

from trendcolor.segmentation.augmentation import (
    Sample,
    Window,
    augment,
    backdrop,
    frame,
    isolate,
    relight,
)
from trendcolor.taxonomy import BACKGROUND, HAIR, SKIN, TOP, TROUSERS

WINDOW = Window(height=192, width=128, crop_height=128, crop_width=96)
seeds = st.integers(0, 2**32 - 1)


def sample(height=240, width=160):
    labels = figure(height, width)
    return Sample(paint(labels, noise=3), labels)


def contents(one):
    return one.rgb.tobytes(), one.labels.tobytes(), one.labels.shape


@settings(deadline=None, max_examples=40)
@given(seeds)
def test_labels_stay_aligned_with_the_photo(seed):
    labels = figure()
    view = frame(Sample(paint(labels), labels), WINDOW, np.random.default_rng(seed))
    assert view.rgb.shape == (128, 96, 3)
    assert view.labels.shape == (128, 96)
    person = np.isin(view.labels, (SKIN, HAIR, TOP, TROUSERS))
    expected = paint(view.labels)
    off = np.abs(view.rgb.astype(int) - expected).max(axis=-1) > 16
    # Between two classes a pixel blends both: that many pixels have a neighbor of another class,
    # where resizing by up to 1/2 and turning reach over two pixels.
    edge = np.zeros_like(person)
    for axis in (0, 1):
        for step in (-2, -1, 1, 2):
            edge |= np.roll(view.labels, step, axis) != view.labels
    assert person.sum() > 500
    assert np.count_nonzero(off & person & ~edge) <= 0.01 * person.sum()


@settings(deadline=None, max_examples=20)
@given(seeds)
def test_what_lies_beyond_the_photo_is_one_flat_color_of_background(seed):
    labels = np.full((40, 120), TOP, np.uint8)  # far too flat for the window
    view = frame(Sample(paint(labels), labels), WINDOW, np.random.default_rng(seed))
    beyond = view.labels == BACKGROUND
    assert beyond.any()
    # All but the seam, where the photo's last pixels are blended.
    colors, counts = np.unique(view.rgb[beyond], axis=0, return_counts=True)
    assert counts.max() >= 0.9 * beyond.sum()
    assert set(np.unique(view.labels)) == {BACKGROUND, TOP}
    assert len(colors)


def test_scales_reach_from_0_6_to_1_5_of_the_size_at_which_labels_are_predicted():
    labels = np.full((192, 128), BACKGROUND, np.uint8)
    labels[76:116, 44:84] = TOP  # 40 x 40 at the predicted size
    wide = Window(height=192, width=128, crop_height=384, crop_width=256)
    rng = np.random.default_rng(0)
    sides = [
        np.sqrt(np.count_nonzero(frame(Sample(paint(labels), labels), wide, rng).labels == TOP))
        for _ in range(60)
    ]
    # A pixel more or less on each side of the square.
    assert 0.6 * 40 - 2 <= min(sides) < 0.7 * 40
    assert 1.3 * 40 < max(sides) <= 1.5 * 40 + 2


@settings(deadline=None, max_examples=30)
@given(seeds)
def test_isolating_leaves_one_class_and_its_pixels(seed):
    whole = sample()
    alone = isolate(whole, np.random.default_rng(seed))
    present = set(np.unique(alone.labels)) - {BACKGROUND}
    assert present in ({TOP}, {TROUSERS})
    (kept,) = present
    assert np.count_nonzero(alone.labels == kept) >= 0.9 * np.count_nonzero(whole.labels == kept)
    off = np.abs(alone.rgb[alone.labels == kept].astype(int) - COLORS[kept]).max()
    assert off <= 20  # noise of 3 steps stays within that


def test_a_sample_without_a_main_garment_is_not_isolated():
    labels = np.full((50, 40), SKIN, np.uint8)
    one = Sample(paint(labels), labels)
    assert isolate(one, np.random.default_rng(0)) is one


@settings(deadline=None, max_examples=15)
@given(seeds)
def test_the_same_seed_gives_the_same_view(seed):
    one, other = (augment(sample(), WINDOW, np.random.default_rng(seed)) for _ in range(2))
    assert contents(one) == contents(other)


def test_other_seeds_give_other_views():
    views = {contents(augment(sample(), WINDOW, np.random.default_rng(i))) for i in range(12)}
    assert len(views) == 12


@settings(deadline=None, max_examples=15)
@given(seeds)
def test_the_sample_is_not_modified(seed):
    whole = sample()
    before = contents(whole)
    view = augment(whole, WINDOW, np.random.default_rng(seed))
    assert contents(whole) == before
    assert view.rgb.shape == (128, 96, 3)
    assert view.rgb.dtype == view.labels.dtype == np.uint8


@pytest.mark.parametrize("size", [(33, 500), (500, 33), (6, 5)], ids=str)
def test_odd_photos_make_views_too(size):
    for seed in range(20):
        view = augment(sample(*size), WINDOW, np.random.default_rng(seed))
        assert view.labels.shape == (128, 96)


@settings(deadline=None, max_examples=20)
@given(seeds)
def test_another_light_keeps_the_size(seed):
    whole = sample()
    lit = relight(whole.rgb, np.random.default_rng(seed))
    assert lit.shape == whole.rgb.shape
    assert lit.dtype == np.uint8


@settings(deadline=None, max_examples=20)
@given(seeds, st.integers(1, 90), st.integers(1, 90))
def test_a_made_up_ground_has_the_size_asked_for(seed, height, width):
    ground = backdrop(height, width, np.random.default_rng(seed))
    assert ground.shape == (height, width, 3)
    assert ground.dtype == np.uint8
