import sys

import numpy as np
import polars as pl
import pytest
from garment_rows import BLACK, RED, WHITE, garment, records
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.analysis.grid_histogram import NAMES, grid_axes, grid_histogram
from trendcolor.errors import QueryError
from trendcolor.histograms import bin_to_lab, histogram, rgb_to_bin

FOUND = histogram(
    records(garment("a", (BLACK, 200), (RED, 55)), garment("b", RED), garment("c", WHITE))
).collect()

colors = st.tuples(*(st.integers(0, 255) for _ in range(3)))
# Beyond 2^53, where floats no longer hold each whole number.
rows = st.lists(st.tuples(colors, st.integers(1, 2**58)), max_size=20)


@settings(max_examples=40)
@given(rows)
def test_the_total_is_kept_exactly_and_each_weight_lies_where_its_bin_is(found):
    bins = rgb_to_bin(*np.array([color for color, _ in found], int).reshape(-1, 3).T)
    weights = pl.Series([weight for _, weight in found], dtype=pl.Int64)
    dense = grid_histogram(pl.DataFrame({"bin": bins, "weight": weights}))
    assert dense.weights.dtype == np.int64
    assert int(dense.weights.sum()) == sum(weight for _, weight in found)
    for one in set(bins.tolist()):
        place = tuple(
            int(np.flatnonzero((axis.edges[:-1] < value) & (value < axis.edges[1:])).item())
            for axis, value in zip(dense.axes, bin_to_lab([one])[0], strict=True)
        )
        total = sum(w for b, w in zip(bins.tolist(), weights.to_list(), strict=True) if b == one)
        assert dense.weights[place] == total


def test_the_axes_have_edges_in_lab():
    lightness, redness, yellowness = grid_axes()
    assert [axis.name for axis in grid_axes()] == list(NAMES)
    assert (lightness[0], lightness[-1], len(lightness)) == ((0, 4), (96, 100), 25)
    assert (redness[0], redness[32], redness[-1]) == ((-130, -126), (-2, 2), (122, 126))
    assert [*yellowness][32] == (-2, 2)
    assert yellowness.centers[32] == 0
    np.testing.assert_array_equal(lightness.edges, np.arange(0, 101, 4))
    with pytest.raises(IndexError):
        lightness[25]


def test_decimal_weights_stay_decimal():
    dense = grid_histogram(FOUND.with_columns(pl.col("weight") / 2))
    assert dense.weights.sum() == 3 * 255 / 2


def test_a_projection_sums_over_the_other_axes_in_the_order_asked_for():
    dense = grid_histogram(FOUND)
    plane = dense.project("b*", "L*")
    assert [axis.name for axis in plane.axes] == ["b*", "L*"]
    np.testing.assert_array_equal(plane.weights, dense.weights.sum(axis=1).T)
    turned = dense.project("b*", "L*", "a*")
    np.testing.assert_array_equal(turned.weights, dense.weights.transpose(2, 0, 1))
    line = plane.project("L*")
    assert line.weights.tolist()[0] == 200
    assert line.weights.sum() == 3 * 255


def test_errors_are_drawn_of_counts_alone():
    dense, counts = grid_histogram(FOUND), grid_histogram(FOUND, is_count=True)
    assert dense.variances() is None
    assert dense.counts() is None
    np.testing.assert_array_equal(counts.variances(), counts.values())
    assert (counts.kind, counts.counts().dtype) == ("COUNT", np.float64)


def test_the_protocol_of_plottable_histograms_is_met():
    protocol = pytest.importorskip("uhi.typing.plottable")
    dense = grid_histogram(FOUND)
    for each in (dense, dense.project("a*")):
        assert isinstance(each, protocol.PlottableHistogram)
        assert all(isinstance(axis, protocol.PlottableAxisGeneric) for axis in each.axes)
        assert all(isinstance(axis.traits, protocol.PlottableTraits) for axis in each.axes)


def test_boost_histogram_takes_it_over():
    boost = pytest.importorskip("boost_histogram")
    dense = grid_histogram(FOUND)
    made = dense.to_boost()
    assert isinstance(made, boost.Histogram)
    np.testing.assert_array_equal(made.values(), dense.weights)
    assert made.storage_type is boost.storage.Int64
    assert made.sum() == 3 * 255
    for axis, own in zip(made.axes, dense.axes, strict=True):
        assert (axis.name, len(axis)) == (own.name, len(own))
        np.testing.assert_allclose(axis.edges, own.edges)
    # Black is where it says it is.
    assert made[boost.loc(2), boost.loc(0), boost.loc(0)] == 200
    half = grid_histogram(FOUND.with_columns(pl.col("weight") / 2)).to_boost()
    assert half.sum() == 3 * 255 / 2


def test_without_boost_histogram_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "boost_histogram", None)
    with pytest.raises(QueryError, match=r"not installed .pip install boost-histogram"):
        grid_histogram(FOUND).to_boost()


REFUSED = [
    pytest.param(FOUND.with_columns(season=pl.lit("AW26")), "got bin, weight, season", id="group"),
    pytest.param(FOUND.select("bin"), "columns bin and weight, got bin", id="no weight"),
    pytest.param(FOUND.with_columns(bin=pl.lit(200_000)), "the grid has 0 to 102399", id="bin"),
]


@pytest.mark.parametrize(("frame", "message"), REFUSED)
def test_what_is_no_histogram_is_refused(frame, message):
    with pytest.raises(QueryError, match=message):
        grid_histogram(frame)


def test_axes_that_do_not_exist_are_refused():
    dense = grid_histogram(FOUND)
    with pytest.raises(QueryError, match=r"no axis 'L', did you mean 'L\*'|no axis 'L'; there are"):
        dense.project("L")
    with pytest.raises(QueryError, match=r"named once each, got 'L\*, L\*'"):
        dense.project("L*", "L*")
    with pytest.raises(QueryError, match="named once each, got ''"):
        dense.project()
