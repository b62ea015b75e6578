from dataclasses import replace

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
    occlude,
    relight,
    vacate,
    with_company,
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


def test_scales_reach_from_0_75_to_1_6_of_the_size_at_which_labels_are_predicted():
    labels = np.full((192, 128), BACKGROUND, np.uint8)
    labels[76:116, 44:84] = TOP  # 40 x 40 at the predicted size
    wide = Window(height=192, width=128, crop_height=384, crop_width=256)
    rng = np.random.default_rng(0)
    sides = [
        np.sqrt(np.count_nonzero(frame(Sample(paint(labels), labels), wide, rng).labels == TOP))
        for _ in range(60)
    ]
    # A pixel more or less on each side of the square.
    assert 0.75 * 40 - 2 <= min(sides) < 0.85 * 40
    assert 1.4 * 40 < max(sides) <= 1.6 * 40 + 2


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


@settings(deadline=None, max_examples=25)
@given(seeds)
def test_a_vacated_sample_shows_nobody(seed):
    whole = sample()
    part = vacate(whole, np.random.default_rng(seed))
    assert part.rgb.shape[:2] == part.labels.shape
    assert part is whole or not part.labels.any()


def test_an_empty_part_is_mostly_found_beside_a_person():
    whole = sample()
    parts = [vacate(whole, np.random.default_rng(seed)) for seed in range(60)]
    assert sum(part is not whole for part in parts) >= 30


def test_a_photo_full_of_people_is_not_vacated():
    full = Sample(np.zeros((40, 30, 3), np.uint8), np.full((40, 30), TOP, np.uint8))
    assert vacate(full, np.random.default_rng(0)) is full


@settings(deadline=None, max_examples=25)
@given(seeds)
def test_what_hides_a_person_is_background(seed):
    whole = sample()
    hidden = occlude(whole, np.random.default_rng(seed))
    changed = (hidden.rgb != whole.rgb).any(-1)
    assert changed.any()
    assert not hidden.labels[changed].any()
    np.testing.assert_array_equal(
        hidden.labels[~changed][hidden.labels[~changed] > 0],
        whole.labels[~changed][hidden.labels[~changed] > 0],
    )


@settings(deadline=None, max_examples=25)
@given(seeds)
def test_company_brings_its_own_labels(seed):
    labels = figure(240, 160)
    other = Sample(np.full((200, 120, 3), 9, np.uint8), figure(200, 120))
    both = with_company(Sample(paint(labels), labels), other, np.random.default_rng(seed))
    assert both.labels.shape == (240, 160)
    added = (both.rgb == 9).all(-1)
    assert (both.labels[added] != BACKGROUND).all()
    np.testing.assert_array_equal(both.labels[~added], labels[~added])


def test_a_calm_window_leaves_half_of_the_photos_in_their_own_light():
    calm = replace(WINDOW, is_calm=True)
    flat = Sample(np.full((192, 128, 3), 77, np.uint8), np.full((192, 128), TOP, np.uint8))
    same = [
        (augment(flat, calm, np.random.default_rng(seed)).rgb[64, 48] == 77).all()
        for seed in range(200)
    ]
    # A binomial of 200 by a half has its middle 99.9 % within 23 of 100; a few more are hidden.
    assert 65 <= sum(same) <= 123
