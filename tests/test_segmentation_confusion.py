import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trendcolor.errors import ShapeError
from trendcolor.segmentation.confusion import confusion, no_confusion
from trendcolor.taxonomy import BACKGROUND, CLASSES, IGNORE, SKIN, TOP, TROUSERS

ids = st.sampled_from([*range(len(CLASSES)), IGNORE])
classes = st.integers(0, len(CLASSES) - 1)
maps = st.tuples(arrays(np.uint8, (4, 5), elements=ids), arrays(np.uint8, (4, 5), elements=classes))

# Ten pixels. Garment: 5 true, 6 predicted, 4 both; one of the 6 is truly background, one skin.
TRUE = np.uint8([[0, 0, 0, 1, 1, 3, 3, 3, 6, 6]])
PREDICTED = np.uint8([[0, 0, 3, 1, 6, 3, 3, 6, 6, 0]])


def test_counts_are_by_true_row_and_predicted_column():
    counts = confusion(TRUE, PREDICTED).counts
    assert counts.shape == (len(CLASSES), len(CLASSES))
    assert counts.sum() == 10
    assert counts[BACKGROUND].tolist()[:7] == [2, 0, 0, 1, 0, 0, 0]
    assert counts[SKIN].tolist()[:7] == [0, 1, 0, 0, 0, 0, 1]
    assert counts[TOP].tolist()[:7] == [0, 0, 0, 2, 0, 0, 1]
    assert counts[TROUSERS].tolist()[:7] == [1, 0, 0, 0, 0, 0, 1]


def test_figures_agree_with_a_count_by_hand():
    result = confusion(TRUE, PREDICTED)
    assert result.garment_purity == 4 / 6
    assert result.garment_recall == 4 / 5
    assert result.garment_iou == 4 / 7
    assert result.background_inside == 1 / 6
    absent = [np.nan] * 6
    iou = [2 / 4, 1 / 2, np.nan, 2 / 4, np.nan, np.nan, 1 / 4, *absent]
    purity = [2 / 3, 1 / 1, np.nan, 2 / 3, np.nan, np.nan, 1 / 3, *absent]
    recall = [2 / 3, 1 / 2, np.nan, 2 / 3, np.nan, np.nan, 1 / 2, *absent]
    np.testing.assert_array_equal(result.iou, iou)
    np.testing.assert_array_equal(result.purity, purity)
    np.testing.assert_array_equal(result.recall, recall)
    assert result.mean_iou == (2 / 4 + 1 / 2 + 2 / 4 + 1 / 4) / 4


def test_one_garment_taken_for_another_is_still_garment():
    result = confusion(np.full((2, 2), TOP, np.uint8), np.full((2, 2), TROUSERS, np.uint8))
    assert result.garment_purity == result.garment_recall == result.garment_iou == 1
    assert result.mean_iou == 0


def test_figures_are_nan_where_nothing_is_counted():
    result = no_confusion()
    assert np.isnan(result.iou).all()
    for figure in ("garment_purity", "garment_recall", "garment_iou", "mean_iou"):
        assert np.isnan(getattr(result, figure))


@given(maps, maps)
def test_photos_add_up(one, other):
    together = confusion(np.vstack([one[0], other[0]]), np.vstack([one[1], other[1]]))
    summed = no_confusion() + confusion(*one) + confusion(*other)
    np.testing.assert_array_equal(summed.counts, together.counts)


@given(maps)
def test_pixels_of_unknown_truth_are_left_out(both):
    true, predicted = both
    known = true != IGNORE
    expected = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    np.add.at(expected, (true[known], predicted[known]), 1)
    np.testing.assert_array_equal(confusion(true, predicted).counts, expected)


def test_maps_of_different_sizes_are_refused():
    with pytest.raises(ShapeError, match=r"true map is \(1, 10\), predicted map \(10, 1\)"):
        confusion(TRUE, PREDICTED.T)
