import polars as pl

from trendcolor.analysis.nesting import NO_NESTING, nesting


def groups(**columns):
    return pl.DataFrame(columns)


def test_a_month_is_part_of_its_quarter_and_its_year():
    found = nesting(
        groups(
            month=["24-01", "24-02", "24-05", "25-01"],
            quarter=["24-1", "24-1", "24-2", "25-1"],
            year=["24", "24", "24", "25"],
        )
    )
    assert found.below == {
        "month": {"quarter", "year"},
        "quarter": {"year"},
        "year": frozenset(),
    }
    assert found.of(["month"]) == dict(found.below)
    assert found.of(["year"]) == {"year": frozenset()}


def test_columns_that_cut_across_each_other_are_part_of_nothing():
    found = nesting(groups(season=["a", "a", "b", "b"], region=["x", "y", "x", "y"]))
    assert found.below == {"season": frozenset(), "region": frozenset()}


def test_columns_that_cut_across_within_parts_are_both_part_of_these():
    # Seasons a and b are sold in x and y, c and d in z and w.
    found = nesting(
        groups(
            season=["a", "a", "b", "b", "c", "c", "d", "d"],
            region=["x", "y", "x", "y", "z", "w", "z", "w"],
        )
    )
    (block,) = found.below["season"]
    assert found.below["region"] == {block}
    asked = pl.DataFrame({"season": ["a", "b", "c", "d"]})
    wide = found.widened(asked, found.of(["season"]))
    blocks = dict(wide.select("season", block).iter_rows())
    assert blocks["a"] == blocks["b"] != blocks["c"] == blocks["d"]


def test_of_columns_that_tell_the_same_the_first_stands_for_both():
    found = nesting(groups(market=["m", "n", None], money=["1", "2", None]))
    assert found.below == {"market": frozenset(), "money": {"market"}}


def test_a_missing_value_is_a_value_and_columns_can_be_left_out():
    found = nesting(groups(shop=["1", "2", None], market=["m", "m", None]))
    assert found.below["shop"] == {"market"}
    assert found.of(["shop"], without=["market"]) == {"shop": frozenset()}
    assert NO_NESTING.of(["shop"]) == {"shop": frozenset()}


def test_pairs_of_columns_lack_values_within_a_block():
    found = nesting(
        groups(
            month=["1", "1", "2", "3"], quarter=["a", "a", "a", "b"], region=["x", "y", "x", "x"]
        )
    )
    assert found.columns == ("month", "quarter", "region")
    assert found.sparse == (("month", "region"), ("quarter", "region"))
