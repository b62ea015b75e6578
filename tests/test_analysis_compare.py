import numpy as np
import polars as pl
import pytest
from garment_rows import BLACK, BLUE, RED, garment, records, tallied
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.analysis.compare import Between, compare
from trendcolor.analysis.intervals import change, wilson
from trendcolor.analysis.shares import shares


def counted(color, n):
    return [garment(f"{color}{i}", color) for i in range(n)]


def table(garments, run):
    return shares(tallied(records(*garments), run=records(*run)))


def test_change_with_hand_worked_numbers():
    # Newcombe (1998): 56 of 70 against 48 of 80 has .2, .0524 to .3339.
    before = counted(BLACK, 48) + counted(RED, 32)
    after = counted(BLACK, 56) + counted(BLUE, 14)
    found = compare(table(before, before), table(after, after), between=Between(distance=1.5))
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
    figures = ("share", "low", "high", "effective_n")
    empty = [pl.lit(None, pl.Float64).alias(name) for name in figures]
    found = compare(before, before.with_columns(empty), between=Between())
    hidden = found.select("change", "low", "high", "distance", "verdict")
    assert hidden.null_count().row(0) == (12,) * 5


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
                    "effective_n": denominator,
                }
            )
        )
    return tables


pairs = st.tuples(st.integers(0, 60), st.integers(60, 90), st.integers(0, 60), st.integers(60, 500))


@given(st.lists(pairs, min_size=1, max_size=6), st.sampled_from([0.8, 0.95, 0.99]))
def test_p_is_below_the_level_where_the_interval_leaves_out_no_change(found, confidence):
    counts = [((a, n), (b, m)) for a, n, b, m in found]
    table = compare(*sides(counts, confidence=confidence), between=Between(), confidence=confidence)
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
    table = compare(*sides([((48, 80), (56, 70))]), between=Between())
    level = 1 - table["p"].item()
    bounds = [wilson([share], [n], confidence=level) for share, n in ((0.6, 80), (0.8, 70))]
    assert change(*bounds).low[0] == pytest.approx(0, abs=1e-9)
    assert table["p"].item() == pytest.approx(0.008, abs=0.001)


def test_equal_shares_have_a_p_of_1_and_many_tests_are_adjusted():
    table = compare(
        *sides([((5, 50), (5, 50)), ((0, 50), (0, 50)), ((10, 50), (30, 50))]), between=Between()
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
    table = compare(*sides(counts), between=Between())
    assert 0.03 <= (table["p"] < 0.05).mean() <= 0.07
    assert (table["p"] < 0.5).mean() == pytest.approx(0.5, abs=0.06)


def test_the_test_of_the_distance_stands_in_each_row():
    before = table(counted(BLACK, 5), counted(BLACK, 5))
    found = compare(before, before, between=Between(distance=0.0, p=0.004))
    assert found.columns[-2:] == ["distance_p", "verdict"]
    assert found["distance_p"].unique().to_list() == [0.004]


def told(*counts, matters=0.02):
    table = compare(*sides(counts), between=Between(), matters=matters).sort("family")
    return table["verdict"].to_list()


def test_a_verdict_says_what_the_data_can_tell():
    # 30 % to 36 % of 5,000 is seen, of 50 not; 30 % to 30.2 % of 50,000 is too small to matter.
    assert told(((1500, 5000), (1800, 5000))) == ["up"]
    assert told(((1800, 5000), (1500, 5000))) == ["down"]
    assert told(((15, 50), (18, 50))) == ["not enough data"]
    assert told(((15000, 50000), (15100, 50000))) == ["no change shown"]
    assert told(((15, 50), (18, 50)), matters=0.5) == ["no change shown"]


def test_one_of_many_colors_that_did_not_change_is_not_told_to_have_changed():
    # p of .04 alone; with nineteen others that stand still it is .8.
    moved = ((500, 5000), (563, 5000))
    assert told(moved) == ["up"]
    assert told(moved, *[((250, 5000), (250, 5000))] * 19)[0] == "no change shown"


def test_effective_observations_decide_what_would_have_been_seen():
    tables = sides([((1500, 5000), (1500, 5000))])
    few = [table.with_columns(effective_n=pl.lit(40.0)) for table in tables]
    assert compare(*tables, between=Between(), matters=0.04)["verdict"].item() == "no change shown"
    wide = [
        table.with_columns(
            **{name: pl.lit(value) for name, value in (("low", 0.18), ("high", 0.45))}
        )
        for table in few
    ]
    assert compare(*wide, between=Between(), matters=0.04)["verdict"].item() == "not enough data"
