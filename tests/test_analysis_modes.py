import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trendcolor.analysis.modes import (
    BANDWIDTH,
    FEWEST_SOURCES,
    carries,
    mode,
    nearest_rgb8,
    radius,
    weighted_median,
)
from trendcolor.color.spaces import (
    color_difference,
    lab_to_din99o,
    lab_to_srgb,
    linear_to_srgb,
    srgb_to_lab,
    srgb_to_linear,
)

BLACK = (22, 20, 24)
colors = arrays(np.uint8, st.tuples(st.integers(1, 25), st.just(3)), unique=False)
seeds = st.integers(0, 1000)


def lab_of(*rgb8):
    return srgb_to_lab(np.array(rgb8, np.uint8)).astype(float)


def ones(lab):
    return np.ones(len(lab), int)


def printed(found):
    return tuple(int(value) for value in lab_to_srgb(found.lab))


def crowd(n, seed=1):
    """Photos of one black in varying exposure, and as many other colors."""
    random = np.random.default_rng(seed)
    own = linear_to_srgb(
        srgb_to_linear(np.array([BLACK] * n, np.uint8)) * 2 ** random.normal(0, 0.3, (n, 1))
    )
    return srgb_to_lab(np.concatenate([own, random.integers(60, 256, (n, 3), np.uint8)])).astype(
        float
    )


def test_colors_that_are_all_one_give_that_one():
    for rgb in (BLACK, (0, 0, 0), (255, 255, 255), (176, 26, 39)):
        assert printed(mode(lab_of(rgb), np.array([7]))) == rgb


def test_the_mode_lies_where_most_are_and_not_in_the_middle():
    lab = lab_of(BLACK, (176, 26, 39), (240, 240, 240))
    assert printed(mode(lab, np.array([4, 3, 3]))) == BLACK
    assert printed(mode(lab, np.array([3, 4, 3]))) == (176, 26, 39)


def test_of_two_that_are_equally_dense_the_darker_is_the_mode():
    lab = lab_of((240, 240, 240), BLACK)
    assert printed(mode(lab, np.array([5, 5]))) == BLACK
    assert printed(mode(lab[::-1], np.array([5, 5]))) == BLACK


@given(colors, seeds)
def test_order_has_no_effect(rgb8, seed):
    lab = lab_of(*rgb8)
    random = np.random.default_rng(seed)
    weight, order = random.integers(1, 9, len(lab)), random.permutation(len(lab))
    one, other = mode(lab, weight), mode(lab[order], weight[order])
    np.testing.assert_array_equal(one.lab, other.lab)


@given(colors, seeds, st.integers(2, 3))
def test_counting_all_of_them_again_has_no_effect(rgb8, seed, times):
    lab = lab_of(*rgb8)
    weight = np.random.default_rng(seed).integers(1, 9, len(lab))
    one, other = mode(lab, weight), mode(lab, weight * times)
    # Three times a sum rounds otherwise in the last bits.
    np.testing.assert_allclose(one.lab, other.lab, atol=1e-9)
    pooled = mode(np.tile(lab, (times, 1)), np.tile(weight, times))
    np.testing.assert_allclose(one.lab, pooled.lab, atol=1e-9)


@given(seeds)
def test_fewer_colors_out_of_reach_have_no_effect(seed):
    random = np.random.default_rng(seed)
    near = lab_of(*random.integers(10, 30, (20, 3)))
    far = lab_of(*random.integers(150, 256, (15, 3)))
    alone = mode(near, ones(near))
    assert np.sqrt(((lab_to_din99o(far) - alone.place) ** 2).sum(axis=1)).min() > 2 * BANDWIDTH
    both = np.concatenate([near, far])
    np.testing.assert_array_equal(mode(both, ones(both)).lab, alone.lab)


def test_what_carries_a_mode_is_what_moves_it():
    lab = crowd(50)
    found = mode(lab, ones(lab))
    is_part = carries(found, lab)
    assert 0 < is_part.sum() < len(lab)
    np.testing.assert_allclose(mode(lab[is_part], ones(lab[is_part])).lab, found.lab, atol=1e-6)


def test_a_dark_dye_that_grows_lighter_moves_the_mode_without_jumps():
    # One 8-bit step is about L* 0.4 here, and a fiftieth of a stop about L* 0.1: the mode goes on
    # with the dye, though each photo's color stands still or jumps.
    random = np.random.default_rng(3)
    stops = random.normal(0, 0.3, (400, 1))
    noise = random.normal(0, 0.0008, (400, 3))
    dye = srgb_to_linear(np.array(BLACK, np.uint8))
    places = []
    for step in range(40):
        shown = linear_to_srgb(dye * 2 ** (stops + step / 50) + noise)
        places.append(mode(lab_of(*shown), np.ones(400)).lab)
    moved = color_difference(np.array(places[1:]), np.array(places[:-1]))
    assert moved.max() < 0.2
    # 22/20/24 times 2^0.78 in linear light is 4.3 lighter in L*: CIEDE2000 2.8.
    assert color_difference(places[-1], places[0]) == pytest.approx(2.8, abs=0.2)


def test_the_radius_shrinks_with_more_garments_and_holds_the_truth():
    found = []
    for n in (30, 300, 3000):
        lab = crowd(n)
        found.append(radius(lab, ones(lab), np.arange(len(lab))))
        assert color_difference(mode(lab, ones(lab)).lab, lab_of(BLACK)[0]) < max(found[-1], 0.5)
    assert found[0] > found[1] > found[2] > 0


def test_two_shades_as_dense_as_each_other_have_a_radius_as_wide_as_they_are_apart():
    lab = lab_of(*[BLACK] * 20, *[(240, 240, 240)] * 20)
    apart = color_difference(lab[0], lab[-1])
    assert radius(lab, ones(lab), np.arange(40)) == pytest.approx(apart)


def test_the_garments_of_one_source_are_drawn_together():
    lab = crowd(100)
    by_lightness = np.argsort(np.argsort(lab[:, 0]))
    alone = radius(lab, ones(lab), by_lightness)
    together = radius(lab, ones(lab), by_lightness // 10)  # each has its own exposure
    assert together > 1.5 * alone


def test_too_few_sources_have_no_radius():
    lab = crowd(100)
    source = np.arange(200) % FEWEST_SOURCES
    assert radius(lab, ones(lab), source) is not None
    assert radius(lab, ones(lab), source % (FEWEST_SOURCES - 1)) is None


def test_neither_order_nor_counting_twice_changes_the_radius():
    lab = crowd(60)
    source = np.arange(120) % 40
    once = radius(lab, ones(lab), source)
    order = np.random.default_rng(1).permutation(120)
    assert radius(lab[order], ones(lab), source[order]) == once
    twice = radius(np.tile(lab, (2, 1)), np.tile(ones(lab), 2), np.tile(source, 2))
    assert twice == pytest.approx(once)


@given(arrays(np.uint8, 3), arrays(np.float64, 3, elements=st.floats(-1, 1)))
def test_the_nearest_8_bit_color_is_no_farther_than_the_rounded_one(rgb, noise):
    lab = np.clip(lab_of(rgb)[0] + noise, [0, -128, -128], [100, 127, 127])
    nearest, rounded = (lab_of(each)[0] for each in (nearest_rgb8(lab), lab_to_srgb(lab)))
    assert color_difference(nearest, lab) <= color_difference(rounded, lab)
    assert nearest_rgb8(lab_of(rgb)[0]).tolist() == rgb.tolist()


def test_a_black_between_two_colors_is_not_turned_to_another_hue():
    lab = lab_of((21, 20, 23), (22, 20, 24)).mean(axis=0)
    assert color_difference(lab_of(lab_to_srgb(lab))[0], lab) > 0.5
    assert color_difference(lab_of(nearest_rgb8(lab))[0], lab) < 0.5


def test_a_weighted_median_is_that_of_the_values_repeated():
    values, weight = np.array([5.0, 1.0, 3.0]), np.array([1, 1, 3])
    assert weighted_median(values, weight) == 3
    assert weighted_median(values, np.array([1, 5, 3])) == 1
