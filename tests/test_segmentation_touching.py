import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from photos import figure

from trendcolor.segmentation.touching import is_several
from trendcolor.taxonomy import (
    ACCESSORY,
    BACKGROUND,
    CLASSES,
    HAIR,
    HEADWEAR,
    IGNORE,
    OUTERWEAR,
    SKIN,
    TOP,
    TROUSERS,
)

ids = st.sampled_from([BACKGROUND, IGNORE, *range(1, len(CLASSES))])
maps = arrays(np.uint8, st.tuples(st.integers(1, 14), st.integers(1, 14)), elements=ids)


def beside(shift, *, one=None, other=None):
    """Two figures, 96 columns wide each from hand to hand, of which one stands before the other."""
    one, other = figure() if one is None else one, figure() if other is None else other
    labels = np.zeros((240, 160 + shift), np.uint8)
    labels[:, :160] = one
    view = labels[:, shift:]
    view[other != BACKGROUND] = other[other != BACKGROUND]
    return labels


def several(labels):
    return is_several(labels, labels != BACKGROUND)


def bald():
    """The figure without hair."""
    return np.where(figure() == HAIR, SKIN, figure()).astype(np.uint8)


def with_long_hair():
    """The figure with two strands of hair that fall over the shoulders, and a hat above them."""
    labels = figure()
    labels[30:80, 55:65] = labels[30:80, 95:105] = HAIR
    labels[8:26, 48:112] = HEADWEAR
    return labels


@pytest.mark.parametrize("shift", [95, 85, 70, 60], ids=["hands", "arms", "shoulders", "behind"])
def test_people_who_touch_are_several(shift):
    assert several(beside(shift))


def test_bald_people_who_touch_are_several():
    assert several(beside(80, one=bald(), other=bald()))
    assert several(beside(80, one=bald()))


def test_a_person_with_a_hat_beside_one_without_is_several():
    hatted = figure()
    hatted[hatted == HAIR] = HEADWEAR
    assert several(beside(85, one=hatted))


@pytest.mark.parametrize(
    "labels",
    [figure(), bald(), with_long_hair(), with_long_hair()[20:], figure()[70:]],
    ids=["whole", "bald", "long hair", "long hair without its hat", "headless"],
)
def test_one_person_is_one(labels):
    assert not several(labels)


@pytest.mark.parametrize("sleeve", [TOP, SKIN], ids=["sleeved", "bare"])
def test_a_raised_hand_is_no_head(sleeve):
    labels = figure()
    labels[36:72, 112:116] = sleeve
    labels[30:36, 110:118] = SKIN
    assert not several(labels)


def test_bare_legs_at_the_upper_edge_are_no_heads():
    labels = np.zeros((60, 60), np.uint8)
    labels[:40, 10:20] = labels[:40, 40:50] = SKIN
    labels[35:40, 20:40] = SKIN
    labels[40:60, 8:52] = TROUSERS
    legs = labels.copy()
    legs[35:40, 20:40] = TROUSERS
    assert not several(legs)
    below_edge = np.vstack([np.zeros((1, 60), np.uint8), legs])
    assert several(below_edge)


def test_a_hand_or_hair_before_a_coat_is_no_head():
    labels = figure()
    labels[70:140, 50:110] = OUTERWEAR
    labels[100:110, 60:70] = HAIR
    labels[80:110, 90:105] = SKIN
    assert not several(labels)


def test_a_head_below_5_percent_of_the_largest_is_none():
    labels = np.zeros((100, 100), np.uint8)
    labels[50:100, 10:90] = TOP
    labels[10:50, 20:40] = HAIR  # 800 pixels
    labels[42:50, 60:65] = HAIR  # 40
    assert several(labels)
    labels[42, 60] = TOP
    assert not several(labels)


def test_the_outline_must_fall_below_the_middle_of_both_heads():
    labels = np.zeros((100, 100), np.uint8)
    labels[50:100, 10:90] = TOP
    labels[20:50, 20:40] = labels[20:50, 60:80] = HAIR
    between = np.s_[34:50, 40:60]
    labels[between] = TOP
    assert not several(labels)  # middles are at row 34.5, and the outline falls to 34
    labels[34, 40:60] = BACKGROUND
    assert several(labels)


def test_pixels_of_others_have_no_effect():
    labels = beside(85)
    region = np.zeros(labels.shape, bool)
    region[:, :100] = labels[:, :100] != BACKGROUND
    assert several(labels)
    assert not is_several(labels, region)


@settings(deadline=None)
@given(maps)
def test_any_map_has_an_answer_and_is_not_modified(labels):
    region = (labels != BACKGROUND) & (labels != IGNORE)
    if not region.any():
        return
    before = labels.copy(), region.copy()
    answer = is_several(labels, region)
    assert isinstance(answer, bool)
    np.testing.assert_array_equal(labels, before[0])
    np.testing.assert_array_equal(region, before[1])


@settings(deadline=None)
@given(maps)
def test_without_hair_skin_headwear_and_accessories_nobody_is_several(labels):
    clothes = np.where(np.isin(labels, (SKIN, HAIR, HEADWEAR, ACCESSORY)), TOP, labels)
    region = (clothes != BACKGROUND) & (clothes != IGNORE)
    if region.any():
        assert not is_several(clothes.astype(np.uint8), region)
