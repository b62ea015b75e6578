import numpy as np
import polars as pl
import pytest

from trendcolor.analysis.intervals import wilson
from trendcolor.analysis.misclassification import (
    MISSED,
    NO_GARMENT,
    PRIOR,
    ErrorTable,
    error_table,
    measured_when_right,
    right_when_measured,
)
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.errors import AuditError

THREE = ("black", "blue", "red")


def counted(*rows, labels=THREE):
    """A table from (right, measured, garments)."""
    frame = pl.DataFrame(rows, ("right", "measured", "garments"), orient="row")
    return error_table(frame, labels=labels)


SOME = counted(
    ("black", "black", 90),
    ("blue", "black", 8),
    (NO_GARMENT, "black", 2),
    ("blue", "blue", 30),
    ("black", "blue", 10),
    ("blue", MISSED, 2),
)


def test_a_frame_s_counts_stand_in_their_places():
    assert SOME.labels == THREE
    np.testing.assert_array_equal(SOME.counts, [[90, 10, 0], [8, 30, 0], [0, 0, 0]])
    np.testing.assert_array_equal(SOME.invented, [2, 0, 0])
    np.testing.assert_array_equal(SOME.missed, [0, 2, 0])
    np.testing.assert_array_equal(SOME.measured, [100, 40, 0])


def test_what_was_missed_is_not_known_where_no_row_says_it():
    assert counted(("black", "black", 1)).missed is None


def test_rows_of_one_pair_add_up():
    twice = counted(("black", "blue", 2), ("black", "blue", 3))
    assert twice.counts[0, 1] == 5


def test_the_labels_are_the_families_unless_others_are_given():
    frame = pl.DataFrame({"right": ["pink"], "measured": ["red"], "garments": [4]})
    assert error_table(frame).labels == FAMILIES


def test_each_label_has_its_row():
    table = SOME.table()
    assert table.columns == [
        *("family", "audited", "right", "low", "high", "invented", "mostly", "missed"),
    ]
    expected = wilson([0.9], [100])
    black, blue, red = table.rows(named=True)
    assert black == {
        "family": "black",
        "audited": 100,
        "right": 0.9,
        "low": expected.low[0],
        "high": expected.high[0],
        "invented": 2,
        "mostly": "blue",
        "missed": 0,
    }
    assert (blue["right"], blue["mostly"], blue["missed"]) == (0.75, "black", 2)
    assert (red["audited"], red["right"], red["low"], red["mostly"]) == (0, None, None, None)


def test_what_could_not_be_told_is_told():
    table = ErrorTable(labels=("a",), counts=np.eye(1), invented=np.zeros(1), untold=3)
    assert table.told == (
        "1 measured garments were looked at and told; 3 could not be told and count for nothing"
    )
    assert "140 measured garments were looked at and told, 2 more were missed; 0" in SOME.told


def test_rates_of_measured_labels_are_those_of_the_counts():
    found = right_when_measured(SOME)
    np.testing.assert_allclose(found.rate[:2], [[0.9, 0.08, 0], [0.25, 0.75, 0]])
    np.testing.assert_allclose(found.out, [0.02, 0, 0])
    np.testing.assert_array_equal(found.n, [100, 40, 0])


def test_rates_of_right_labels_are_those_of_the_counts():
    found = measured_when_right(SOME)
    np.testing.assert_allclose(found.rate[:2], [[0.9, 0.1, 0], [0.2, 0.75, 0]])
    np.testing.assert_allclose(found.out, [0, 0.05, 0])


def test_a_label_that_was_never_looked_at_stays_but_is_not_trusted():
    found = right_when_measured(SOME)
    np.testing.assert_array_equal(found.rate[2], [0, 0, 1])
    # Half right; the wrong half is one of two other colors or no garment.
    np.testing.assert_allclose(found.smooth[2], [PRIOR / 3, PRIOR / 3, PRIOR])
    assert found.smooth_out[2] == pytest.approx(PRIOR / 3)


def test_smoothed_rates_add_up():
    for found in (right_when_measured(SOME), measured_when_right(counted(("red", "red", 5)))):
        np.testing.assert_allclose(found.smooth.sum(axis=1) + found.smooth_out, 1)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("blac", "black", 1)], "right: no label 'blac', did you mean 'black'"),
        ([("black", "navy", 1)], "measured: no label 'navy'; there are: black, blue, red, missed"),
        ([("black", "black", -1)], "holds a count that is negative or missing"),
        ([("black", "black", None), ("red", "red", 1)], "holds a count that is negative"),
        ([("black", "black", 0)], "the table of errors of a frame is empty: no garment"),
        ([(NO_GARMENT, MISSED, 1)], "'no such garment' can't be 'missed'"),
        ([("black", "black", "many")], "column 'garments' is String, wanted numbers"),
    ],
    ids=["right", "measured", "negative", "null", "empty", "nothing", "text"],
)
def test_a_frame_that_can_t_be_is_refused(rows, message):
    with pytest.raises(AuditError, match=message):
        counted(*rows)


def test_a_missing_column_is_named():
    with pytest.raises(AuditError, match="column 'garments' is missing; there are: right, measur"):
        error_table(pl.DataFrame({"right": ["black"], "measured": ["black"]}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"counts": np.eye(2)}, r"counts are \(2, 2\), wanted \(3, 3\) for 3 labels"),
        ({"invented": np.array([0.0, -2, 0])}, "invented hold -2, wanted numbers of 0 or more"),
        ({"missed": np.array([np.nan, 0, 0])}, "missed hold nan, wanted numbers of 0 or more"),
        ({"counts": np.zeros((3, 3)), "untold": 7}, r"is empty.*\(7 could not be told\)"),
        ({"labels": ("a", "b", "a")}, "labels a, b, a: each may stand there once"),
    ],
    ids=["shape", "negative", "nan", "empty", "twice"],
)
def test_a_table_that_can_t_be_is_refused(changes, message):
    parts = {"labels": THREE, "counts": np.eye(3), "invented": np.zeros(3)}
    with pytest.raises(AuditError, match=message):
        ErrorTable(**{**parts, **changes})
