from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from photos import figure
from scipy import ndimage

from trendcolor.segmentation import wearers as module
from trendcolor.segmentation.wearers import find_bystanders, find_wearers
from trendcolor.taxonomy import (
    BACKGROUND,
    CLASSES,
    FOOTWEAR,
    HAIR,
    IGNORE,
    SKIN,
    TOP,
    TROUSERS,
)

ids = st.sampled_from([*[BACKGROUND] * 20, IGNORE, *range(1, len(CLASSES))])
maps = arrays(np.uint8, st.tuples(st.integers(1, 16), st.integers(1, 16)), elements=ids)


# Two thirds somebody: regions wind around each other.
thick = arrays(
    np.uint8, st.tuples(st.integers(1, 16), st.integers(1, 16)), elements=st.integers(0, 2)
)


def scene(height, width, *boxes):
    """A label map with boxes: (top, left, height, width, class)."""
    labels = np.full((height, width), BACKGROUND, np.uint8)
    for top, left, tall, wide, class_id in boxes:
        labels[top : top + tall, left : left + wide] = class_id
    return labels


def test_one_person_is_wearer_0_in_all_classes():
    labels = figure()
    np.testing.assert_array_equal(find_wearers(labels).map, labels != BACKGROUND)


def test_people_apart_are_numbered_by_size():
    labels = scene(40, 60, (2, 2, 20, 8, TOP), (2, 20, 30, 10, TROUSERS), (5, 40, 10, 10, SKIN))
    wearers = find_wearers(labels).map
    assert (wearers[labels == TROUSERS] == 1).all()
    assert (wearers[labels == TOP] == 2).all()
    assert (wearers[labels == SKIN] == 3).all()
    assert (wearers[labels == BACKGROUND] == 0).all()


def test_people_of_one_size_are_numbered_from_the_top():
    labels = scene(30, 40, (12, 2, 10, 10, TOP), (3, 20, 10, 10, TROUSERS))
    wearers = find_wearers(labels).map
    assert (wearers[labels == TROUSERS] == 1).all()
    assert (wearers[labels == TOP] == 2).all()


# The largest region of the scene below has 400 pixels, 5 % of which is 20.
@pytest.mark.parametrize(
    ("wide", "wearer"), [(4, 3), (3, 2)], ids=["5 % is a person", "less is a part"]
)
def test_a_region_below_5_percent_of_the_largest_joins_the_nearest(wide, wearer):
    labels = scene(
        40, 80, (2, 2, 20, 20, TOP), (2, 50, 20, 10, TROUSERS), (30, 50, 5, wide, FOOTWEAR)
    )
    wearers = find_wearers(labels).map
    assert (wearers[labels == FOOTWEAR] == wearer).all()
    assert (wearers[labels == TROUSERS] == 2).all()


def test_nearest_is_by_edge_and_not_by_middle():
    # The lone shoe is 3 pixels from the long wearer's end, whose middle is far away.
    long, block, shoe = (2, 2, 4, 100, TOP), (30, 95, 15, 15, TROUSERS), (8, 99, 2, 2, FOOTWEAR)
    labels = scene(50, 120, long, block, shoe)
    wearers = find_wearers(labels).map
    assert set(wearers[labels == FOOTWEAR]) == set(wearers[labels == TOP]) == {1}


def test_a_long_part_joins_the_person_at_its_nearer_end():
    # 6 pixels from the top at its left, 18 from the trousers at its right; most of it is nearer
    # to the top than to the trousers, but not what is farthest from both.
    strap = (10, 27, 1, 19, SKIN)
    labels = scene(50, 80, (2, 2, 20, 20, TOP), (20, 60, 20, 10, TROUSERS), strap)
    wearers = find_wearers(labels).map
    assert set(wearers[labels == SKIN]) == set(wearers[labels == TOP]) == {1}


def test_a_part_joins_the_only_person_however_far():
    labels = scene(40, 200, (2, 2, 20, 20, TOP), (30, 190, 3, 3, FOOTWEAR))
    assert set(find_wearers(labels).map[labels != BACKGROUND]) == {1}


@pytest.mark.parametrize(
    ("top", "left"), [(12, 5), (12, 12), (5, 12)], ids=["below", "at the corner", "beside"]
)
def test_people_who_touch_count_as_one(top, left):
    labels = scene(30, 30, (2, 2, 10, 10, TOP), (top, left, 10, 10, HAIR))
    assert find_wearers(labels).map.max() == 1


def test_people_one_pixel_apart_are_two():
    labels = scene(30, 30, (2, 2, 10, 10, TOP), (2, 13, 10, 10, TOP))
    assert find_wearers(labels).map.max() == 2


@pytest.mark.parametrize("class_id", [BACKGROUND, IGNORE], ids=["background", "ignored"])
def test_nobody_is_zeros(class_id):
    wearers = find_wearers(np.full((7, 9), class_id, np.uint8)).map
    np.testing.assert_array_equal(wearers, np.zeros((7, 9), np.uint8))
    assert wearers.dtype == np.uint8


def test_ignored_pixels_part_people():
    labels = scene(30, 30, (2, 2, 10, 20, TOP), (2, 11, 10, 2, IGNORE))
    wearers = find_wearers(labels).map
    assert wearers.max() == 2
    assert (wearers[labels == IGNORE] == 0).all()


def test_beyond_255_people_the_rest_join_the_nearest():
    labels = np.zeros((60, 60), np.uint8)
    labels[::3, ::3] = TOP  # 400 lone pixels
    labels[:2, :2] = TOP
    wearers = find_wearers(labels).map
    assert set(wearers[labels == TOP]) == set(range(1, 256))
    assert wearers[0, 0] == 1
    # The first 255 in reading order are people; the last of all stands nearest to none above it
    # but those of the last row that has people.
    assert (wearers[labels == BACKGROUND] == 0).all()
    assert wearers[57, 0] == wearers[36, 0]


@settings(deadline=None)
@given(maps)
def test_every_person_pixel_has_a_wearer_and_regions_stay_whole(labels):
    before = labels.copy()
    wearers = find_wearers(labels).map
    person = (labels != BACKGROUND) & (labels != IGNORE)
    np.testing.assert_array_equal(wearers > 0, person)
    regions, n_regions = ndimage.label(person, np.ones((3, 3)))
    for region in range(1, n_regions + 1):
        assert len(set(wearers[regions == region])) == 1
    assert set(wearers[person]) == set(range(1, int(wearers.max()) + 1))
    np.testing.assert_array_equal(labels, before)


@settings(deadline=None)
@given(maps)
def test_wearers_are_the_regions_of_at_least_5_percent(labels):
    person = (labels != BACKGROUND) & (labels != IGNORE)
    regions, _ = ndimage.label(person, np.ones((3, 3)))
    sizes = np.bincount(regions.ravel())[1:]
    large = sorted(sizes[sizes >= 0.05 * sizes.max(initial=0)], reverse=True)
    wearers = find_wearers(labels).map
    assert wearers.max() == len(large)
    for wearer, size in enumerate(large, start=1):
        assert np.count_nonzero(wearers == wearer) >= size


def test_classes_of_a_person_have_no_effect_on_numbers():
    labels = figure()
    clothes = np.where(labels == TROUSERS, TOP, labels).astype(np.uint8)
    np.testing.assert_array_equal(find_wearers(labels).map, find_wearers(clothes).map)


def test_sizes_are_those_of_the_regions_without_parts_that_join():
    shoe = (30, 58, 3, 3, FOOTWEAR)
    labels = scene(40, 80, (2, 2, 20, 20, TOP), (2, 50, 20, 10, TROUSERS), shoe)
    wearers = find_wearers(labels)
    assert (wearers.sizes.tolist(), wearers.is_touching.tolist()) == ([400, 200], [False] * 2)
    assert np.count_nonzero(wearers.map == 2) == 209


def test_a_wearer_who_is_two_people_is_flagged_and_the_others_are_not():
    labels = np.zeros((240, 500), np.uint8)
    labels[:, :160] = figure()
    labels[:, 90:250][figure() != BACKGROUND] = figure()[figure() != BACKGROUND]
    labels[:, 300:460] = figure()
    wearers = find_wearers(labels)
    assert wearers.is_touching.tolist() == [True, False]
    large = labels.repeat(3, 0).repeat(3, 1)
    assert find_wearers(large).is_touching.tolist() == [True, False]


def test_parts_that_join_make_nobody_several():
    labels = np.zeros((240, 240), np.uint8)
    labels[:, :160] = figure()
    labels[20:30, 180:200] = HAIR
    assert find_wearers(labels).is_touching.tolist() == [False]


@settings(deadline=None)
@given(maps)
def test_each_wearer_has_a_size_and_a_flag(labels):
    wearers = find_wearers(labels)
    assert len(wearers.sizes) == len(wearers.is_touching) == wearers.map.max()
    assert (np.diff(wearers.sizes) <= 0).all()


def two_people(small):
    """The figure of 240 x 160 and one of `small` of its height beside it."""
    labels = np.zeros((240, 400), np.uint8)
    labels[:, :160] = figure()
    tall = round(240 * small)
    wide = round(160 * small)
    labels[240 - tall :, 200 : 200 + wide] = figure(tall, wide)
    return labels


# 30 % of the height has 9 % of the area, half of it 25 %.
@pytest.mark.parametrize(
    ("small", "fraction", "expected"),
    [
        (0.3, 0.2, [False, True]),
        (0.5, 0.2, [False, False]),
        (0.5, 0.3, [False, True]),
        (0.3, 0.0, [False, False]),
        (0.95, 1.0, [False, True]),
    ],
)
def test_a_person_below_a_fraction_of_the_largest_is_a_bystander(small, fraction, expected):
    labels = two_people(small)
    assert find_bystanders(labels, find_wearers(labels), fraction).tolist() == expected


def test_where_nobody_is_seen_nobody_is_a_bystander():
    belt_beside_coat = scene(60, 80, (2, 2, 50, 40, TOP), (2, 60, 40, 4, TROUSERS))
    wearers = find_wearers(belt_beside_coat)
    assert wearers.sizes.tolist() == [2000, 160]
    assert not find_bystanders(belt_beside_coat, wearers, 0.2).any()
    nobody = np.zeros((5, 5), np.uint8)
    assert find_bystanders(nobody, find_wearers(nobody), 0.2).tolist() == []


@settings(deadline=None)
@given(st.one_of(maps, thick))
def test_the_compiled_loops_find_the_same_wearers_as_scipy(labels):
    found = find_wearers(labels)
    assert module.IS_COMPILED
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "IS_COMPILED", False)
        expected = find_wearers(labels)
    for one, other in zip(astuple(found), astuple(expected), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
