import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trendcolor.errors import ShapeError
from trendcolor.evaluation.curve import CertaintyCounts, count_certainty, no_certainty
from trendcolor.segmentation.confusion import confusion
from trendcolor.taxonomy import BACKGROUND, IGNORE, SKIN, TOP, TROUSERS, is_garment

N = 40
ids = st.sampled_from([BACKGROUND, SKIN, TOP, TROUSERS, IGNORE])
maps = arrays(np.uint8, (1, N), elements=ids)
certainties = arrays(np.uint8, (1, N), elements=st.integers(0, 255))


def counts(garment, rest):
    """Counts from `{certainty: pixels}`."""
    found = no_certainty()
    for level, pixels in garment.items():
        found.garment[level] = pixels
    for level, pixels in rest.items():
        found.rest[level] = pixels
    return found


HAND_WORKED = counts({255: 60, 204: 30, 51: 10}, {204: 10, 51: 40, 0: 50})


def test_the_curve_agrees_with_a_count_by_hand():
    curve = HAND_WORKED.curve()
    assert curve.height == 256
    rows = {round(255 * row["threshold"]): row for row in curve.to_dicts()}
    wanted = {
        255: (1.0, 0.6, 0.6),
        204: (90 / 100, 0.9, 90 / 110),
        203: (90 / 100, 0.9, 90 / 110),
        51: (100 / 150, 1.0, 100 / 150),
        0: (100 / 200, 1.0, 100 / 200),
    }
    for level, figures in wanted.items():
        found = tuple(rows[level][name] for name in ("purity", "recall", "iou"))
        assert found == pytest.approx(figures)
    assert (rows[204]["garment"], rows[204]["rest"]) == (30, 10)


@given(maps, certainties)
def test_recall_falls_and_begins_with_1(true, certainty):
    recall = count_certainty(true, certainty).curve()["recall"].to_numpy()
    if is_garment(true).any():
        assert recall[0] == 1
        assert (np.diff(recall) <= 0).all()
    else:
        assert np.isnan(recall).all()


@given(maps, certainties, st.integers(0, 255))
def test_each_threshold_has_the_figures_of_its_label_map(true, certainty, level):
    predicted = np.where(certainty >= level, np.uint8(TOP), np.uint8(BACKGROUND))
    whole = confusion(true, predicted)
    row = count_certainty(true, certainty).curve().row(level, named=True)
    expected = [whole.garment_purity, whole.garment_recall, whole.garment_iou]
    np.testing.assert_allclose([row["purity"], row["recall"], row["iou"]], expected, rtol=1e-15)


@given(maps, certainties, st.integers(0, N))
def test_counts_of_parts_add_up_to_the_whole(true, certainty, at):
    whole = count_certainty(true, certainty)
    parts = count_certainty(true[:, :at], certainty[:, :at])
    parts += count_certainty(true[:, at:], certainty[:, at:])
    np.testing.assert_array_equal(parts.garment, whole.garment)
    np.testing.assert_array_equal(parts.rest, whole.rest)
    assert whole.garment.sum() + whole.rest.sum() == np.count_nonzero(true != IGNORE)


def test_the_price_of_purity_is_the_recall_that_is_left():
    table = HAND_WORKED.recall_at_purity()
    rows = {row["wanted_purity"]: row for row in table.to_dicts()}
    # 90 of 100 pixels are garment from level 52 on, and all of them from 205 on.
    assert rows[0.9]["recall"] == 0.9
    assert rows[0.9]["threshold"] == pytest.approx(52 / 255)
    assert rows[0.95]["recall"] == rows[0.99]["recall"] == 0.6
    assert rows[0.95]["threshold"] == pytest.approx(205 / 255)


def test_a_purity_that_no_threshold_reaches_has_no_recall():
    table = counts({255: 1}, {255: 1}).recall_at_purity()
    assert table["recall"].to_list() == [None] * table.height


def test_calibration_agrees_with_a_count_by_hand():
    table = HAND_WORKED.calibration()
    rows = {round(10 * row["low"]): row for row in table.to_dicts()}
    assert list(rows) == list(range(10))
    # Level 204 is .8, level 51 is .2, both the lower ends of their bins.
    assert (rows[8]["pixels"], rows[8]["certainty"], rows[8]["observed"]) == (
        40,
        pytest.approx(0.8),
        0.75,
    )
    assert (rows[2]["pixels"], rows[2]["observed"]) == (50, 0.2)
    assert (rows[9]["pixels"], rows[9]["certainty"], rows[9]["observed"]) == (60, 1.0, 1.0)
    assert (rows[0]["pixels"], rows[0]["certainty"], rows[0]["observed"]) == (50, 0.0, 0.0)
    assert np.isnan(rows[5]["observed"])
    # Only the bin at .8 is off, by .05, with 40 of 200 pixels.
    assert HAND_WORKED.calibration_error == pytest.approx(0.05 * 40 / 200)


def test_without_pixels_nothing_is_defined():
    assert np.isnan(no_certainty().calibration_error)
    assert no_certainty().curve()["purity"].is_nan().all()
    assert isinstance(no_certainty(), CertaintyCounts)


def test_maps_of_two_sizes_are_refused():
    with pytest.raises(ShapeError, match=r"true map is \(2, 3\), certainty \(3, 2\)"):
        count_certainty(np.zeros((2, 3), np.uint8), np.zeros((3, 2), np.uint8))
