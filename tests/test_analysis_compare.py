import numpy as np
import polars as pl
import pytest
from garment_rows import BLACK, BLUE, RED, garment, records, tallied
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.analysis.compare import compare
from trendcolor.analysis.intervals import change, wilson
from trendcolor.analysis.permutations import Permuted
from trendcolor.analysis.shares import shares


def counted(color, n):
    return [garment(f"{color}{i}", color) for i in range(n)]


def table(garments, run):
    return shares(tallied(records(*garments), run=records(*run)))


def test_change_with_hand_worked_numbers():
    # Newcombe (1998): 56 of 70 against 48 of 80 has .2, .0524 to .3339.
    before = counted(BLACK, 48) + counted(RED, 32)
    after = counted(BLACK, 56) + counted(BLUE, 14)
    found = compare(table(before, before), table(after, after), distance=1.5)
    black = found.row(by_predicate=pl.col("family") == "black", named=True)
    assert black["change"] == pytest.approx(0.2)
    assert black["low"] == pytest.approx(0.0524, abs=5e-5)
    assert black["high"] == pytest.approx(0.3339, abs=5e-5)
    counts = [black[f"{name}_{side}"] for side in "ab" for name in ("numerator", "denominator")]
    assert counts == [48, 80, 56, 70]
    assert (black["unit"], black["distance"]) == ("garments", 1.5)
    # Red falls by .4, black rises by .2, blue too: ties stand in family order.
    assert found["family"].to_list()[:3] == ["red", "black", "blue"]
    assert len(found) == 12


def test_the_change_of_a_hidden_share_is_hidden():
    before = table(counted(BLACK, 5), counted(BLACK, 5))
    empty = [pl.lit(None, pl.Float64).alias(name) for name in ("share", "low", "high")]
    found = compare(before, before.with_columns(empty), distance=None)
    assert found.select("change", "low", "high", "distance").null_count().row(0) == (12,) * 4


def sides(counts, *, confidence=0.95):
    """Tables of shares from (numerator, denominator) of each color, for both groups."""
    tables = []
    for side in zip(*counts, strict=True):
        numerator, denominator = np.array(side, float).T
        found = wilson(numerator / denominator, denominator, confidence=confidence)
        tables.append(
            pl.DataFrame(
                {
                    "family": [f"c{i}" for i in range(len(numerator))],
                    **{"share": found.value, "low": found.low, "high": found.high},
                    **{"numerator": numerator, "denominator": denominator},
                    "unit": "garments",
                }
            )
        )
    return tables


pairs = st.tuples(st.integers(0, 60), st.integers(60, 90), st.integers(0, 60), st.integers(60, 500))


@given(st.lists(pairs, min_size=1, max_size=6), st.sampled_from([0.8, 0.95, 0.99]))
def test_p_is_below_the_level_where_the_interval_leaves_out_no_change(found, confidence):
    counts = [((a, n), (b, m)) for a, n, b, m in found]
    table = compare(*sides(counts, confidence=confidence), distance=None, confidence=confidence)
    told = table.drop_nulls("p")
    leaves_out = (told["low"] > 1e-9) | (told["high"] < -1e-9)
    is_near = ((told["p"] - (1 - confidence)).abs() < 1e-9) | (
        (told["low"].abs() < 1e-9) | (told["high"].abs() < 1e-9)
    )
    assert (((told["p"] < 1 - confidence) == leaves_out) | is_near).all()
    assert table["tests"].unique().to_list() == [len(told)]
    absent = table.filter(pl.col("share_a") + pl.col("share_b") == 0)
    assert absent["p"].null_count() == len(absent)


def test_p_with_hand_worked_numbers():
    # Newcombe's interval of 56/70 less 48/80 ends at 0 with the confidence of its p.
    table = compare(*sides([((48, 80), (56, 70))]), distance=None)
    level = 1 - table["p"].item()
    bounds = [wilson([share], [n], confidence=level) for share, n in ((0.6, 80), (0.8, 70))]
    assert change(*bounds).low[0] == pytest.approx(0, abs=1e-9)
    assert table["p"].item() == pytest.approx(0.008, abs=0.001)


def test_equal_shares_have_a_p_of_1_and_many_tests_are_adjusted():
    table = compare(
        *sides([((5, 50), (5, 50)), ((0, 50), (0, 50)), ((10, 50), (30, 50))]), distance=None
    ).sort("family")
    assert table["p"].to_list()[:2] == [1.0, None]
    assert table["p_adjusted"][2] == pytest.approx(2 * table["p"][2])
    assert table["tests"].to_list() == [2, 2, 2]


@pytest.mark.parametrize(("share", "n", "m"), [(0.3, 200, 300), (0.05, 400, 250), (0.5, 60, 60)])
def test_p_is_small_as_often_as_it_says_where_nothing_changed(share, n, m):
    random = np.random.default_rng(5)
    counts = [
        ((a, n), (b, m))
        for a, b in zip(
            random.binomial(n, share, 2000), random.binomial(m, share, 2000), strict=True
        )
    ]
    table = compare(*sides(counts), distance=None)
    assert 0.03 <= (table["p"] < 0.05).mean() <= 0.07
    assert (table["p"] < 0.5).mean() == pytest.approx(0.5, abs=0.06)


def test_the_test_of_the_distance_stands_in_each_row():
    permuted = Permuted(energy=2.0, p=0.004, clusters=30)
    before = table(counted(BLACK, 5), counted(BLACK, 5))
    found = compare(before, before, distance=0.0, permuted=permuted)
    assert found.columns[-2:] == ["distance", "distance_p"]
    assert found["distance_p"].unique().to_list() == [0.004]
