import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from photos import figure, paint

from trendcolor.evaluation.pictures import (
    KEPT,
    Picture,
    picture_of,
    worst,
)
from trendcolor.segmentation.confusion import confusion
from trendcolor.taxonomy import BACKGROUND, TOP


def rated(photo, iou):
    dot = np.zeros((1, 1), np.uint8)
    return Picture(photo, iou, iou, iou, dot, dot, None)


@pytest.mark.parametrize(
    ("size", "expected"), [((720, 480), (360, 240)), ((90, 60), (90, 60)), ((1, 4000), (1, 360))]
)
def test_maps_are_kept_at_a_size_to_look_at(size, expected):
    true = np.full(size, TOP, np.uint8)
    picture = picture_of("a", confusion(true, true), true, true, None)
    assert picture.true.shape == picture.predicted.shape == expected
    assert (picture.true == TOP).all()
    assert picture.true.base is None  # a view would keep the large map alive


def test_a_picture_has_its_photo_s_figures_and_pixels_only_where_given():
    true = figure(120, 80)
    predicted = np.where(true == TOP, np.uint8(BACKGROUND), true)
    counted = confusion(true, predicted)
    picture = picture_of("a", counted, true, predicted, paint(figure(60, 40)))
    assert picture.photo == "a"
    assert picture.garment_iou == counted.garment_iou
    assert picture.garment_purity == counted.garment_purity == 1
    assert picture.garment_recall == counted.garment_recall < 1
    assert picture.rgb.shape == (120, 80, 3)
    assert picture_of("a", counted, true, predicted, None).rgb is None


@given(st.lists(st.sampled_from([0.0, 0.5, 0.7, 0.9, float("nan")]), max_size=60), st.data())
def test_the_worst_of_parts_are_the_worst_of_the_whole(ious, data):
    pictures = [rated(f"{i:02}", iou) for i, iou in enumerate(ious)]
    shuffled = data.draw(st.permutations(pictures))
    at = data.draw(st.integers(0, len(pictures)))
    parts = worst((*worst(shuffled[:at]), *worst(shuffled[at:])))
    assert [one.photo for one in parts] == [one.photo for one in worst(pictures)]
    values = [one.garment_iou for one in parts]
    assert values == sorted(iou for iou in ious if iou == iou)[:KEPT]
