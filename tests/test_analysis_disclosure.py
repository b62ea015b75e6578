from collections import Counter, defaultdict

import numpy as np
import polars as pl
import pytest
from garment_rows import BLACK, BLUE, GRAY, GREEN, RED, WHITE, garment, records, several, tallied
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy.optimize import linprog

from trendcolor.analysis.disclosure import DOMINANCE, hidden_colors, public_shares
from trendcolor.analysis.linked_tables import linked_tables
from trendcolor.analysis.near import Near
from trendcolor.analysis.nesting import NO_NESTING, nesting
from trendcolor.analysis.shares import shares

# A frame's first query takes long on a busy machine; that is no failure.
UNHURRIED = settings(deadline=None, max_examples=50)

NAMES = {BLACK: "black", WHITE: "white", GRAY: "gray", RED: "red", BLUE: "blue", GREEN: "green"}


def many(color, n, *, sources=None, first=0, **declared):
    """`n` garments of one color, spread over `sources` sources; as many as garments if None."""
    spread = n if sources is None else sources
    name = NAMES[color]
    return [
        garment(f"{name}{first}-{i}", color, source=f"s{first + i % spread}", **declared)
        for i in range(n)
    ]


def public(garments, *, min_cell=10, near=None, beside=(), **question):
    """A public table; tables by the columns `beside` may be asked too."""
    rows, near = records(*garments), () if near is None else [near]
    told = tallied(rows, near=near, **question)
    apart = tallied(rows, near=near, source="source", **question)
    columns = list(beside)
    known = nesting(rows.select(columns).unique().sort(columns).collect()) if beside else NO_NESTING
    linked = linked_tables(
        apart.question,
        lambda by: tallied(rows, near=near, source="source", **question | {"by": by}),
        known,
        min_cell=min_cell,
    )
    return public_shares(told, apart, min_cell=min_cell, nesting=known, linked=linked)


def shown(table, color="family"):
    return dict(table.filter(pl.col("share").is_not_null()).select(color, "numerator").iter_rows())


def test_a_cell_on_few_sources_is_empty_and_so_are_zeros():
    table = public(many(BLACK, 40) + many(RED, 30) + many(BLUE, 12) + many(GREEN, 9))
    # Green is on 9 sources; alone with nine zeros it would be the rest of the group: blue goes too.
    assert shown(table) == {"black": 40, "red": 30}
    assert table["denominator"].to_list() == [91] * 12
    hidden = table.filter(pl.col("share").is_null())
    assert hidden.select("low", "high", "numerator").null_count().row(0) == (10, 10, 10)


def test_many_garments_of_few_sources_are_few():
    table = public(many(BLACK, 400) + many(RED, 300) + many(GREEN, 200, sources=9))
    assert shown(table) == {"black": 400}


def test_one_source_that_makes_up_nearly_all_hides_a_cell():
    red = many(RED, 90, sources=1) + many(RED, 10, first=1)
    table = public(many(BLACK, 100) + many(WHITE, 60) + red)
    # 91 of 100 are one source's. White joins so that red can't be had by subtraction.
    assert shown(table) == {"black": 100}


def test_empty_cells_that_sum_to_enough_need_no_company():
    table = public(many(BLACK, 40) + many(RED, 6) + many(BLUE, 6, first=6))
    assert shown(table) == {"black": 40}


def test_a_small_group_is_empty_whole_and_another_so_that_the_total_does_not_tell_it():
    seasons = {"AW25": 30, "SS26": 20, "AW26": 9}
    garments = [each for season, n in seasons.items() for each in many(BLACK, n, season=season)]
    table = public(garments, by=("season",))
    for season in ("AW26", "SS26"):
        empty = table.filter(season=season)
        assert len(empty) == 12
        figures = ("share", "numerator", "denominator", "sources", "effective_n")
        assert empty.select(figures).null_count().row(0) == (12,) * 5
    assert table.filter(season="AW25")["denominator"].to_list() == [30] * 12


def test_a_missing_source_counts_as_one():
    unknown = [garment(f"u{i}", GREEN, source=None) for i in range(50)]
    assert shown(public(many(BLACK, 60) + many(RED, 40) + unknown)) == {"black": 60}


def test_the_place_of_an_empty_cell_does_not_betray_its_size():
    one, other = (
        public(many(BLACK, 40) + many(RED, n_red, first=90) + many(GREEN, 9 - n_red))["family"]
        for n_red in (8, 1)
    )
    assert one.to_list() == other.to_list()


def test_after_near_the_garments_that_are_left_out_count_as_an_empty_cell():
    garments = many(BLACK, 40) + many(RED, 30)
    near_black = Near("#000000", 5)
    assert shown(public(garments, near=near_black)) == {"black": 40}
    # Three garments that are not black could be had by subtraction.
    assert shown(public(many(BLACK, 40) + many(RED, 3), near=near_black)) == {}


def test_names_and_bins_are_guarded_too():
    garments = many(BLACK, 40) + many(RED, 30) + many(GREEN, 3)
    for colors in ("name", "bin"):
        table = public(garments, colors=colors)
        assert table["numerator"].to_list() == [40, None, None]


def test_a_minimum_of_one_source_still_holds_the_dominance_rule():
    table = public(many(BLACK, 4) + many(RED, 3) + many(GREEN, 1), min_cell=1)
    assert shown(table) == {"black": 4}


found_garments = st.lists(
    st.tuples(
        st.sampled_from(list(NAMES)),
        st.sampled_from(["AW25", "AW26"]),
        st.integers(0, 8),
        st.integers(1, 6),
    ),
    max_size=25,
)


@UNHURRIED
@given(found_garments, st.integers(1, 4))
def test_nobody_can_recover_an_empty_cell(found, min_cell):
    table = public(several(found), min_cell=min_cell, by=("season",))
    by_source = defaultdict(Counter)
    for color, season, source, n in found:
        by_source[season, NAMES[color]][source] += n
    wholes = defaultdict(Counter)
    for (season, _), sources in by_source.items():
        wholes[season] += sources
    for (season,), group in table.group_by("season"):
        truth = {name: by_source[season, name] for name in group["family"]}
        denominator = group["denominator"][0]
        if denominator is None:
            assert group["numerator"].is_null().all()
            # A group is withheld for itself or another group; for a color on too few sources, which
            # takes the same color of the other season along; or where one color is all that a
            # season wears, so that its whole would tell that it wears no other.
            hides_another = any(not safe(whole, min_cell) for whole in wholes.values())
            hides_a_color = any(not safe(each, min_cell) for each in by_source.values())
            tells_zeros = any(sum(each[0] == one for each in by_source) == 1 for one in wholes)
            assert hides_another or hides_a_color or tells_zeros
            continue
        printed = shown(group)
        assert all(safe(truth[name], min_cell) for name in printed)
        assert all(n == truth[name].total() for name, n in printed.items())
        hidden = [name for name in truth if name not in printed]
        # All that subtraction gives a reader is the sum of the empty cells.
        assert denominator - sum(printed.values()) == sum(truth[name].total() for name in hidden)
        if hidden and len(wholes) == 1:
            together = sum((truth[name] for name in hidden), Counter())
            assert len(hidden) >= 2
            assert not printed or safe(together, min_cell)


BY = ("season", "region")
attacked = st.lists(
    st.tuples(
        st.sampled_from([BLACK, RED, BLUE]),
        st.sampled_from(["AW25", "SS26", "AW26"]),
        st.sampled_from(["EU", "UK", "US"]),
        st.integers(0, 12),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=45,
)


@settings(deadline=None, max_examples=20)
@given(attacked, st.integers(1, 4))
def test_an_attacker_with_all_tables_by_fewer_columns_recovers_nothing(found, min_cell):
    for cell, _, (least, most) in bounds_of_unsafe_cells(found, min_cell):
        assert most - least > 0.5, f"{cell} is {least:g} to {most:g}"


# Nobody is in the UK in AW26, so what black there is in the UK is of AW25 and SS26, and with what
# AW26 has it makes up all black: none is left for the EU in AW25. Tables by one column and by none
# would tell all of that, were each of them guarded by itself.
ZERO = (
    *((RED, "AW25", "EU", 0, 4), (RED, "SS26", "EU", 4, 1), (BLACK, "AW26", "EU", 1, 1)),
    *((BLACK, "AW26", "EU", 0, 2), (RED, "AW25", "EU", 1, 3), (BLACK, "AW25", "UK", 0, 1)),
    *((RED, "AW25", "UK", 1, 1), (BLUE, "AW26", "US", 6, 4), (BLUE, "AW25", "UK", 0, 1)),
    *((RED, "AW26", "US", 0, 4), (BLACK, "AW25", "UK", 1, 1)),
)


def test_tables_by_one_column_do_not_tell_that_nobody_is_in_a_cell_of_both():
    for cell, _, (least, most) in of_coarser(ZERO, 1):
        assert most - least > 0.5, f"{cell} is {least:g} to {most:g}"


def test_tables_by_one_column_tell_no_cell_of_both_where_few_pairs_occur():
    counts = {("AW25", "UK"): (30, 30), ("AW25", "EU"): (3, 30), ("AW26", "EU"): (30, 30)}
    garments = [
        each
        for i, ((season, region), both) in enumerate(counts.items())
        for color, n in zip((BLACK, RED), both, strict=True)
        for each in many(color, n, first=100 * i, season=season, region=region)
    ]
    seasons, regions = (
        public(garments, colors="name", by=(column,), beside=BY).filter(name="jet black")
        for column in BY
    )
    told = [
        seasons.filter(season="AW25")["numerator"].item(),
        regions.filter(region="UK")["numerator"].item(),
    ]
    assert None in told  # 33 less 30 are the three of AW25 in the EU


def of_coarser(found, min_cell):
    """`bounds_of_unsafe_cells` for a reader who has not asked for the table by both columns."""
    return bounds_of_unsafe_cells(found, min_cell, tables=(BY[:1], BY[1:], ()))


def bounds_of_unsafe_cells(found, min_cell, tables=(BY, BY[:1], BY[1:], ())):
    """Each unsafe cell of the finest table, what it holds, and the ends of what it may hold."""
    every = [
        garment(f"p{i}-{j}", color, season=season, region=region, source=f"s{source}")
        for i, (color, season, region, source, n) in enumerate(found)
        for j in range(n)
    ]
    by_source = defaultdict(Counter)
    for color, season, region, source, n in found:
        by_source[season, region, NAMES[color]][source] += n
    groups = sorted({cell[:2] for cell in by_source})
    cells = [(*group, color) for group in groups for color in ("black", "red", "blue")]
    place = {cell: i for i, cell in enumerate(cells)}
    known = known_sums(every, min_cell, cells, tables)
    printed = public(every, min_cell=min_cell, by=BY, beside=BY).filter(
        pl.col("numerator").is_not_null()
    )
    shown_cells = set(printed.select(*BY, "family").rows())
    for cell in cells:
        if not safe(by_source[cell], min_cell):
            assert cell not in shown_cells
            goal = np.eye(len(cells))[place[cell]]
            least, most = (solved(sign * goal, known) * sign for sign in (1, -1))
            yield cell, by_source[cell], (least, most)


def known_sums(every, min_cell, cells, tables):
    """What tables tell: sums of cells, each with its value."""
    rows, values = [], []
    for by in tables:
        table = public(every, min_cell=min_cell, by=by, beside=BY)
        for figure, of_color in (("numerator", True), ("denominator", False)):
            for told in table.filter(pl.col(figure).is_not_null()).iter_rows(named=True):
                group = [
                    all(told[name] == cell[BY.index(name)] for name in by)
                    and (not of_color or cell[2] == told["family"])
                    for cell in cells
                ]
                rows.append(np.array(group, float))
                values.append(told[figure])
    return rows, values


def solved(goal, known):
    rows, values = known
    equal = {"A_eq": np.array(rows), "b_eq": values} if rows else {}
    found = linprog(goal, bounds=(0, 1e6), **equal)
    assert found.status == 0
    return found.fun


def safe(by_source, min_cell):
    enough = len(by_source) >= min_cell and by_source.total() > 0
    return enough and max(by_source.values()) <= DOMINANCE * by_source.total()


@UNHURRIED
@given(found_garments)
def test_what_is_printed_is_what_the_raw_table_says(found):
    rows = records(*several(found))
    raw = shares(tallied(rows, by=("season",)))
    table = public(several(found), min_cell=2, by=("season",)).filter(pl.col("share").is_not_null())
    both = table.join(raw, on=["season", "family"], how="left", suffix="_raw")
    for name in ("share", "low", "high", "numerator", "denominator", "unit"):
        assert both[name].to_list() == both[f"{name}_raw"].to_list()


def test_no_records_give_an_empty_table():
    assert public([], by=("season",)).is_empty()
    assert_frame_equal(public([]), public([]))


@pytest.mark.parametrize("unit", ["looks", "area"])
def test_other_units_are_guarded_too(unit):
    table = public(many(BLACK, 40) + many(RED, 30) + many(GREEN, 3), unit=unit)
    assert set(shown(table)) == {"black"}


def test_cells_join_from_the_smallest_on_until_they_are_enough():
    values = [("a", i, 1) for i in range(9)] + [("b", 9, 5), ("c", 10, 2)]
    cells = pl.DataFrame(values, schema=["_color", "_source", "_value"], orient="row")
    hide = {"min_cell": 2, "has_rest": False}
    assert sorted(hidden_colors(cells, ["a", "b", "c"], **hide)) == ["b", "c"]
    assert sorted(hidden_colors(cells, ["a", "b", "c"], **hide | {"min_cell": 3})) == [
        "a",
        "b",
        "c",
    ]


def test_a_small_cell_of_two_names_and_two_seasons_takes_all_four():
    # The fourth, printed, would tell its neighbors by the tables of names and of seasons alone, and
    # these the small one.
    counts = {("AW25", BLACK): 3, ("AW25", RED): 20, ("AW26", BLACK): 21, ("AW26", RED): 30}
    garments = [
        each
        for i, ((season, color), n) in enumerate(counts.items())
        for each in many(color, n, first=100 * i, season=season)
    ]
    table = public(garments, colors="name", by=("season",))
    assert table["numerator"].null_count() == 4
    assert public(garments, colors="name")["numerator"].to_list() == [50, 24]
