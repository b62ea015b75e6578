import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from photos import figure, paint

from trendcolor.evaluation.strata import (
    BESIDE,
    CONTRAST_STEPS,
    LIGHTNESS_STEPS,
    MEANING,
    SIZE_STEPS,
    VIEWS,
    in_strata,
    no_strata,
    strata_of,
)
from trendcolor.segmentation.confusion import confusion
from trendcolor.taxonomy import (
    BACKGROUND,
    FOOTWEAR,
    HAIR,
    HEADWEAR,
    IGNORE,
    SKIN,
    TOP,
    TROUSERS,
)

ids = st.sampled_from([*range(13), IGNORE])
maps = arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=ids)


def person(head=True, feet=True, hands=True):
    """100 rows of one person from above, 40 of 100 columns wide; hands are beside the top."""
    labels = np.full((100, 100), BACKGROUND, np.uint8)
    labels[20:50, 30:70] = TOP
    labels[50:90, 30:70] = TROUSERS
    if head:
        labels[10:20, 45:55] = SKIN
        labels[5:10, 45:55] = HAIR
    if hands:
        labels[40:50, 20:30] = SKIN
    if feet:
        labels[90:95, 40:60] = FOOTWEAR
    return labels


@given(maps)
def test_each_photo_is_in_one_stratum_of_each_view(true):
    before = true.copy()
    strata = strata_of(np.full((*true.shape, 3), 90, np.uint8), true)
    np.testing.assert_array_equal(true, before)
    assert list(strata) == list(VIEWS)
    assert all(strata[view] in VIEWS[view] for view in VIEWS)


@given(st.lists(maps, max_size=5))
def test_the_strata_of_each_view_add_up_to_the_whole(trues):
    total = no_strata()
    whole = confusion(np.empty((0, 0), np.uint8), np.empty((0, 0), np.uint8))
    for true in trues:
        counted = confusion(true, np.full_like(true, TOP))
        total += in_strata(strata_of(np.zeros((*true.shape, 3), np.uint8), true), counted)
        whole += counted
    start = 0
    for strata in VIEWS.values():
        part = slice(start, start + len(strata))
        assert total.photos[part].sum() == len(trues)
        np.testing.assert_array_equal(total.counts[part].sum(0), whole.counts)
        start += len(strata)


@pytest.mark.parametrize(
    ("true", "stratum"),
    [
        (person(), "whole figure"),
        (person(feet=False), "upper part"),
        (person(head=False), "lower part"),
        (person(head=False, feet=False), "middle part"),
        (person(head=False, hands=False), "no person"),
        (np.zeros((5, 5), np.uint8), "no person"),
        (np.full((5, 5), SKIN, np.uint8), "upper part"),
    ],
    ids=["all", "no feet", "no head", "hands only", "clothes alone", "nothing", "skin alone"],
)
def test_the_places_of_classes_tell_how_much_of_a_body_is_seen(true, stratum):
    assert strata_of(np.zeros((*true.shape, 3), np.uint8), true)["body"] == stratum


@pytest.mark.parametrize("class_id", [HAIR, HEADWEAR, SKIN])
def test_a_head_is_hair_or_headwear_or_skin_above_the_clothes(class_id):
    true = person(head=False)
    true[5:15, 45:55] = class_id
    assert strata_of(np.zeros((100, 100, 3), np.uint8), true)["body"] == "whole figure"


def test_stray_pixels_are_no_part_of_a_body():
    true = person(head=False, hands=False, feet=False)  # 2,800 pixels: 14 are a two-hundredth
    true[10, 40:53] = SKIN
    black = np.zeros((100, 100, 3), np.uint8)
    assert strata_of(black, true)["body"] == "no person"
    true[10, 53:56] = SKIN
    assert strata_of(black, true)["body"] == "upper part"


@pytest.mark.parametrize(
    ("columns", "stratum"), [(14, "small"), (15, "middle"), (21, "middle"), (22, "large")]
)
def test_garment_size_is_the_garments_share_of_the_labelled_photo(columns, stratum):
    assert SIZE_STEPS == (0.15, 0.22)
    true = np.zeros((10, 110), np.uint8)
    true[:, :columns] = TOP
    true[:, 100:] = IGNORE
    assert strata_of(np.zeros((10, 110, 3), np.uint8), true)["garment size"] == stratum


# Grays of sRGB whose L* is 29.7 and 30.2, 59.7 and 60.2, and 9.3 and 10.3 apart from gray 119 (L*
# 50.0), which CIEDE2000 leaves nearly as they are there: 9.4 to 10.4.
@pytest.mark.parametrize(
    ("gray", "stratum"), [(70, "dark"), (71, "middle"), (143, "middle"), (145, "light")]
)
def test_lightness_is_the_mean_of_the_garments_pixels(gray, stratum):
    assert LIGHTNESS_STEPS == (30, 60)
    true = person()
    rgb = paint(true, {TOP: (gray,) * 3, TROUSERS: (gray,) * 3, FOOTWEAR: (gray,) * 3})
    assert strata_of(rgb, true)["lightness"] == stratum


@pytest.mark.parametrize(
    ("wall", "stratum"),
    [((130, 130, 130), "low"), ((160, 160, 160), "middle"), ((255,) * 3, "high")],
)
def test_contrast_is_between_garments_and_the_background_beside_them(wall, stratum):
    assert CONTRAST_STEPS == (10, 30)
    true = person(head=False, hands=False, feet=False)
    gray = (119, 119, 119)
    assert (
        strata_of(paint(true, {BACKGROUND: wall, TOP: gray, TROUSERS: gray}), true)["contrast"]
        == stratum
    )


def test_background_far_from_the_garments_has_no_say_in_contrast():
    true = np.zeros((60, 200), np.uint8)
    true[:, :20] = TOP
    rgb = paint(true, {TOP: (119, 119, 119), BACKGROUND: (125, 125, 125)})
    rgb[:, 20 + BESIDE :] = 255
    assert strata_of(rgb, true)["contrast"] == "low"
    true[:, 20 : 20 + BESIDE] = SKIN
    assert strata_of(rgb, true)["contrast"] == "no edge"


def test_strata_without_photos_are_left_out():
    true = figure(60, 40)
    total = in_strata(strata_of(paint(true), true), confusion(true, true))
    table = (total + total).table()
    assert table["by"].to_list() == list(VIEWS)
    assert table["photos"].to_list() == [2] * 4
    assert table["garment_purity"].to_list() == [1.0] * 4
    assert table["mean_iou"].to_list() == [1.0] * 4
    assert no_strata().table().is_empty()


def test_each_view_is_explained_with_its_steps():
    assert list(MEANING) == list(VIEWS)
    assert "below 15%, large from 22%" in MEANING["garment size"]
    assert "below 30, light from 60" in MEANING["lightness"]
    assert "within 20 pixels of them: low below 10, high from 30" in MEANING["contrast"]
