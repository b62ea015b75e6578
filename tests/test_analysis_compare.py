import polars as pl
import pytest
from garment_rows import BLACK, BLUE, RED, WHITE, garment, records
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.analysis.compare import compare, distance
from trendcolor.analysis.shares import Question, legend, shares, tally
from trendcolor.histograms import histogram

# A frame's first query takes long on a busy machine; that is no failure.
UNHURRIED = settings(deadline=None, max_examples=50)


def counted(color, n):
    return [garment(f"{color}{i}", color) for i in range(n)]


def weights(*garments):
    return histogram(records(*garments)).collect()


def table(garments, run):
    return shares(tally(records(*garments), legend(records(*run), "family"), Question()))


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


def test_from_black_to_white_is_a_hundred():
    # Bins stand for their centers, 2 from each end of L*; S_L is 1 at the mean of 50.
    assert distance(weights(garment("a", BLACK)), weights(garment("b", WHITE))) == pytest.approx(96)


def test_half_of_the_garments_move_half_as_far():
    one = weights(garment("a", BLACK), garment("b", BLACK))
    other = weights(garment("a", BLACK), garment("b", WHITE))
    assert distance(one, other) == pytest.approx(48)


def test_how_many_garments_there_are_has_no_effect():
    one, other = weights(*counted(BLACK, 2)), weights(*counted(BLACK, 30), *counted(WHITE, 10))
    assert distance(one, other) == pytest.approx(24)


colors = st.tuples(*(st.integers(0, 255) for _ in range(3)))
groups = st.lists(colors, min_size=1, max_size=8).map(
    lambda found: weights(*(garment(str(i), color) for i, color in enumerate(found)))
)


@UNHURRIED
@given(groups)
def test_a_histogram_is_at_no_distance_from_itself(one):
    # The solver's own tolerance is 1e-7 of a weight, on costs of at most some 120.
    assert distance(one, one) == pytest.approx(0, abs=1e-4)


@UNHURRIED
@given(groups, groups)
def test_the_distance_is_the_same_both_ways_round(one, other):
    assert distance(one, other) == pytest.approx(distance(other, one), abs=1e-4)
