from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from carded_runs import CARD, carded_run
from garment_rows import BLACK, BLUE, GREEN, RED, FakeFolder, garment, records
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy.linalg import null_space
from scipy.optimize import linprog

from trendcolor.analysis.disclosure import DOMINANCE, public_columns
from trendcolor.analysis.population import Population
from trendcolor.api.opening import open_run
from trendcolor.api.queries import Run
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.errors import QueryError, RefusedError
from trendcolor.explore.release import MOST_GROUPS, open_release

NAMES = {BLACK: "black", RED: "red", BLUE: "blue", GREEN: "green"}
WORN = tuple(NAMES.values())
SEED = 3  # of garments that are drawn
KINDS = {"season": "season", "region": "region", "source": "source"}
BY = ("season", "region")
TABLES = ((), ("season",), ("region",), BY)


def opened(*garments, kinds=KINDS, **folder):
    rows = records(*garments, columns=tuple(kinds))
    return Run(Population({"run": FakeFolder(rows=rows, kinds=kinds, **folder)}))


def worn(found):
    """Garments from (color, season, region, source, how many)."""
    return [
        garment(f"p{i}-{j}", color, season=season, region=region, source=f"s{source}")
        for i, (color, season, region, source, n) in enumerate(found)
        for j in range(n)
    ]


def many(color, n, *, first=0, **declared):
    """So many garments of a color, each of a source of its own."""
    return [
        garment(f"{NAMES[color]}{first}-{i}", color, source=f"s{first + i}", **declared)
        for i in range(n)
    ]


def safe(by_source, min_cell):
    enough = len(by_source) >= min_cell and by_source.total() > 0
    return enough and max(by_source.values()) <= DOMINANCE * by_source.total()


def truth_of(found):
    """What each source has in each cell of each table: by, its values, family (None: all)."""
    truth = defaultdict(Counter)
    for color, season, region, source, n in found:
        for by in TABLES:
            group = tuple({"season": season, "region": region}[name] for name in by)
            for family in (NAMES[color], None):
                truth[by, group, family][source] += n
    return {cell: +by_source for cell, by_source in truth.items() if +by_source}


def told_by(tables, cells):
    """What some tables tell: sums of the cells by both columns, each with its value."""
    rows, values = [], []
    for by, table in tables.items():
        for figure in ("numerator", "denominator"):
            for told in table.filter(pl.col(figure).is_not_null()).iter_rows(named=True):
                rows.append(
                    [
                        all(told[name] == cell[BY.index(name)] for name in by)
                        and (figure == "denominator" or cell[2] == told["family"])
                        for cell in cells
                    ]
                )
                values.append(told[figure])
    return np.array(rows, float).reshape(-1, len(cells)), values


def unsafe(found, min_cell, tables, families):
    """The equations that the tables give, and what makes up each cell that must not follow."""
    truth = truth_of(found)
    groups = sorted({group for by, group, _ in truth if by == BY})
    cells = [(*group, family) for group in groups for family in families]
    goals = {
        (by, group, family): np.array(
            [
                all(cell[BY.index(name)] == value for name, value in zip(by, group, strict=True))
                and family in (None, cell[2])
                for cell in cells
            ],
            float,
        )
        for (by, group, family), by_source in truth.items()
        if not safe(by_source, min_cell)
    }
    return (*told_by(tables, cells), goals)


def solved(found, min_cell, tables, families=WORN):
    """The unsafe cells of all tables that follow from their equations."""
    rows, _, goals = unsafe(found, min_cell, tables, families)
    free = null_space(rows) if len(rows) else np.eye(rows.shape[1])
    return [cell for cell, goal in goals.items() if np.abs(goal @ free).max(initial=0) < 1e-9]


def squeezed(found, min_cell, tables, families=WORN):
    """As `solved`, for a reader who also knows that no count is below 0."""
    rows, values, goals = unsafe(found, min_cell, tables, families)
    equal = {"A_eq": rows, "b_eq": values} if len(values) else {}
    out = []
    for cell, goal in goals.items():
        ends = [linprog(sign * goal, bounds=(0, 1e5), **equal) for sign in (1, -1)]
        assert all(end.status == 0 for end in ends)
        if -ends[1].fun - ends[0].fun < 0.5:
            out.append(cell)
    return out


def worn_by(regions):
    """Lists of garments; `regions` gives those that a season is sold in."""
    pieces = st.sampled_from(["AW25", "SS26", "AW26"]).flatmap(
        lambda season: st.tuples(
            st.sampled_from(list(NAMES)),
            st.just(season),
            st.sampled_from(regions[season]),
            st.integers(0, 12),
            st.integers(1, 4),
        )
    )
    return st.lists(pieces, min_size=1, max_size=60)


# Regions that cut across seasons, and regions that seasons are parts of.
ACROSS = {season: ["EU", "UK", "US"] for season in ("AW25", "SS26", "AW26")}
NESTED = {"AW25": ["EU"], "SS26": ["EU"], "AW26": ["US"]}
UNHURRIED = settings(deadline=None, max_examples=12)


# The reader knows which colors nobody wears, which is more than one of them may.
@UNHURRIED
@given(st.one_of(worn_by(ACROSS), worn_by(NESTED)), st.integers(1, 4))
def test_a_reader_of_all_tables_solves_for_no_cell_of_any_of_them(found, min_cell):
    release = open_release(opened(*worn(found), min_cell=min_cell), BY)
    assert solved(found, min_cell, {by: release.shares(by) for by in TABLES}) == []


@pytest.mark.parametrize("regions", [ACROSS, NESTED], ids=["across", "nested"])
def test_nor_can_that_reader_squeeze_one_between_bounds(regions):
    found = drawn(regions)
    release = open_release(opened(*worn(found), min_cell=3), BY)
    tables = {by: release.shares(by) for by in TABLES}
    assert any(table["share"].is_not_null().any() for table in tables.values())
    assert squeezed(found, 3, tables) == []


LACKING = {"AW25": ["EU", "UK"], "SS26": ["EU"], "AW26": ["EU", "US"]}


def test_nor_does_that_reader_find_that_nobody_is_in_a_cell():
    random = np.random.default_rng(5)
    found = [
        (color, season, region, int(random.integers(40)), int(random.integers(1, 3)))
        for season, regions in LACKING.items()
        for region in regions
        for color in NAMES
        if random.random() < 0.55
        for _ in range(6)
    ]
    release = open_release(opened(*worn(found), min_cell=3), BY)
    groups = {(season, region) for _, season, region, _, _ in found}
    cells = [(*group, family) for group in sorted(groups) for family in FAMILIES]
    rows, values = told_by({by: release.shares(by) for by in TABLES}, cells)
    assert values
    is_worn = {(season, region, NAMES[color]) for color, season, region, _, _ in found}
    for goal, cell in zip(np.eye(len(cells)), cells, strict=True):
        if cell not in is_worn:
            assert -linprog(-goal, A_eq=rows, b_eq=values, bounds=(0, 1e5)).fun > 0.5, cell


def asked_one_by_one(found, min_cell):
    run = opened(*worn(found), min_cell=min_cell)
    return {by: run.shares(by, disclosure="public") for by in TABLES}


# As columns are nested, the table by season must know of regions that it is not by.
@pytest.mark.parametrize("families", [WORN, FAMILIES], ids=["knows", "does not know"])
@pytest.mark.parametrize("regions", [ACROSS, NESTED], ids=["across", "nested"])
def test_tables_that_are_asked_one_by_one_give_nothing_away(regions, families):
    for seed, min_cell, n in ((SEED, 3, 60), (11, 2, 25), (12, 4, 110), (39, 4, 69)):
        found = drawn(regions, n, seed)
        assert solved(found, min_cell, asked_one_by_one(found, min_cell), families) == []


@pytest.mark.parametrize("regions", [ACROSS, NESTED], ids=["across", "nested"])
def test_nor_between_bounds(regions):
    found = drawn(regions)
    tables = asked_one_by_one(found, 3)
    assert all(table["share"].is_not_null().any() for table in tables.values())
    assert squeezed(found, 3, tables) == []


def drawn(regions, n=60, seed=SEED):
    random = np.random.default_rng(seed)
    out = []
    for _ in range(n):
        season = str(random.choice([*regions]))
        color = list(NAMES)[random.integers(4)]
        region = str(random.choice(regions[season]))
        out.append((color, season, region, int(random.integers(12)), int(random.integers(1, 5))))
    return out


@settings(UNHURRIED, max_examples=4)
@given(worn_by(ACROSS), st.integers(1, 4))
def test_what_is_printed_is_safe_and_what_the_raw_table_says(found, min_cell):
    run, truth = opened(*worn(found), min_cell=min_cell), truth_of(found)
    release = open_release(run, BY)
    for by in TABLES:
        told = release.shares(by).filter(pl.col("share").is_not_null())
        for row in told.iter_rows(named=True):
            group = tuple(row[name] for name in by)
            assert safe(truth[by, group, row["family"]], min_cell)
        both = told.join(run.shares(by), on=[*by, "family"], how="left", suffix="_raw")
        for name in ("share", "low", "high", "numerator", "denominator", "effective_n"):
            assert both[name].to_list() == both[f"{name}_raw"].to_list()


SEASONS = {"AW25": 40, "SS26": 30}
PLAIN = [
    each
    for i, (season, n) in enumerate(SEASONS.items())
    for each in (
        *many(BLACK, n, first=200 * i, season=season, region="EU"),
        *many(RED, n - 10, first=200 * i + 100, season=season, region="EU"),
        *many(BLUE, 3, first=200 * i + 150, season=season, region="EU"),
    )
]


def test_empty_cells_stand_last_in_the_order_of_families():
    table = open_release(opened(*PLAIN), ["season"]).shares(["season"])
    for _, group in table.group_by("season"):
        hidden = group.filter(pl.col("share").is_null())["family"].to_list()
        assert group["family"].to_list()[-len(hidden) :] == hidden
        assert hidden == [family for family in FAMILIES if family in hidden]
        assert group["share"].is_not_null().sum() >= 1


def test_a_comparison_says_what_the_two_rows_of_shares_say():
    release = open_release(opened(*PLAIN), ["season"])
    told = release.compare("season", "AW25", "SS26")
    shares = release.shares(["season"])
    for side, season in (("a", "AW25"), ("b", "SS26")):
        rows = dict(shares.filter(season=season).select("family", "share").iter_rows())
        assert dict(told.select("family", f"share_{side}").iter_rows()) == rows
    is_told = pl.col("share_a").is_not_null() & pl.col("share_b").is_not_null()
    assert (
        told.filter(~is_told).select("change", "verdict").null_count().row(0)
        == (len(told.filter(~is_told)),) * 2
    )
    assert told["distance"].null_count() == len(told)


def test_signatures_are_of_families_that_the_shares_tell():
    release = open_release(opened(*PLAIN))
    told = release.shares().filter(pl.col("share").is_not_null())["family"]
    found = release.signatures()
    assert set(found.filter(pl.col("n").is_not_null())["family"]) <= set(told)
    assert found.filter(family="black")["color"].to_list() == ["#000000"]
    assert "share" not in found.columns  # of garments within reach: another table


def test_nothing_is_withheld_where_nobody_is_in_the_pictures():
    run = opened(*PLAIN, is_free_of_people=True)
    release = open_release(run, ["season"])
    assert_frame_equal(release.shares(["season"]), run.shares(["season"]))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["source"], "no column 'source'"),
        (["photo"], "no column 'photo'"),
        (["nothing"], "no column 'nothing'"),
        (["season", "region", "garment"], "3 columns for the public"),
    ],
)
def test_a_release_has_two_columns_that_name_nobody(columns, said):
    with pytest.raises(QueryError, match=said):
        open_release(opened(*PLAIN), columns)


def test_a_release_is_of_a_whole_run():
    run = opened(*PLAIN)
    for part in (run.where(season="AW25"), run.garments("top"), run.near("#000000", within=5)):
        with pytest.raises(QueryError, match="a release is of a whole run"):
            open_release(part, ["season"])


def test_a_release_of_too_many_groups_is_refused():
    garments = [garment(f"p{i}", RED, season=str(i), source=f"s{i}") for i in range(MOST_GROUPS)]
    with pytest.raises(QueryError, match="season make 401 groups"):
        open_release(opened(*garments), ["season"])


def test_only_its_own_columns_can_be_asked():
    release = open_release(opened(*PLAIN), ["season"])
    with pytest.raises(QueryError, match="no column 'region'"):
        release.shares(["region"])
    with pytest.raises(QueryError, match="no column 'source'"):
        release.compare("source", "s1", "s2")
    with pytest.raises(QueryError, match="no season 'AW52'"):
        release.compare("season", "AW25", "AW52")


def test_columns_for_the_public_are_groups_that_name_nobody():
    assert public_columns(opened(*PLAIN).population) == ["season", "region", "garment"]


def test_a_run_that_was_not_cleared_for_publication_has_no_public_page(tmp_path):
    card = replace(CARD, purposes_allowed=("research",))
    carded_run(tmp_path / "closed", cards=(card,))
    with pytest.raises(RefusedError, match="street: purpose 'publication' is refused"):
        open_release(open_run(tmp_path / "closed"))
    carded_run(tmp_path / "open")
    assert open_release(open_run(tmp_path / "open")).columns == ()
