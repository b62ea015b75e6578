import numpy as np
import polars as pl
import pytest
from garment_rows import BLACK, RED, WHITE, garment, records
from hypothesis import given
from hypothesis import strategies as st
from report_runs import built_run, people

from trendcolor.analysis.patterns import patterns
from trendcolor.analysis.tally import Question
from trendcolor.color.pattern import PATTERNS, pattern
from trendcolor.errors import QueryError

COLORS = (BLACK, WHITE, RED, (0, 0, 200), (0, 120, 0))
# Weights of up to five colors, falling, that sum to 255.
weights = st.lists(st.integers(1, 255), min_size=1, max_size=5).map(
    lambda parts: sorted((max(1, 255 * part // sum(parts)) for part in parts), reverse=True)
)


def dressed(number, parts):
    pairs = list(zip(COLORS, [255 - sum(parts[1:]), *parts[1:]], strict=False))
    palette = [pairs[0][0]] if len(pairs) == 1 else pairs
    return garment(f"p{number}", *palette, season="AW25", source="s")


@given(st.lists(weights, min_size=1, max_size=12))
def test_a_garment_has_the_pattern_of_its_palette(palettes):
    rows = [dressed(i, parts) for i, parts in enumerate(palettes)]
    table = patterns(records(*rows), Question(), source=None, min_cell=1)
    told = dict(table.select("pattern", "numerator").iter_rows())
    found = [pattern(np.array([row["weight"] for row in each]) / 255) for each in rows]
    assert told == {name: found.count(name) for name in PATTERNS}
    assert table["share"].sum() == pytest.approx(1)


def test_patterns_of_groups_are_shares_of_each_group():
    rows = [
        *(garment(f"a{i}", BLACK, season="AW25") for i in range(3)),
        garment("a3", (BLACK, 155), (WHITE, 100), season="AW25"),
        garment("b", (BLACK, 100), (WHITE, 80), (RED, 75), season="AW26"),
        garment("c", (BLACK, 240), (WHITE, 15), season="AW26", garment="skirt"),
    ]
    table = patterns(records(*rows), Question(by=("season",)), source=None, min_cell=1)
    told = {(row["season"], row["pattern"]): row["share"] for row in table.iter_rows(named=True)}
    assert told["AW25", "solid"] == 0.75
    assert told["AW25", "two-tone"] == 0.25
    assert told["AW26", "multicolor"] == 0.5
    assert told["AW26", "solid"] == 0.5  # an accent of 6 % makes no second color


def test_a_public_table_withholds_what_rests_on_few_sources(tmp_path):
    two = ((BLACK, 155), (WHITE, 100))
    garments = [*people(BLACK, 40), *people(two, 12), *people(((*two[:1], (RED, 100))), 4)]
    three = ((BLACK, 100), (WHITE, 80), (RED, 75))
    run = built_run(tmp_path / "run", [*garments, *people(three, 3)])
    told = dict(run.patterns(disclosure="public").select("pattern", "numerator").iter_rows())
    assert told["multicolor"] is None
    assert told["two-tone"] is None  # or what is withheld could be worked out
    assert told["solid"] == 40
    raw = dict(run.patterns().select("pattern", "numerator").iter_rows())
    assert raw == {"solid": 40, "two-tone": 16, "multicolor": 3}


def test_patterns_of_a_shade_are_of_the_garments_whose_main_color_it_is(tmp_path):
    two = ((BLACK, 155), (WHITE, 100))
    run = built_run(tmp_path / "run", [*people(BLACK, 5), *people(two, 15), *people(WHITE, 7)])
    table = run.patterns("shade").filter(pl.col("pattern") == "solid")
    told = {row["shade"]: (row["numerator"], row["denominator"]) for row in table.to_dicts()}
    assert told == {"#000000": (5, 20), "#ffffff": (7, 7)}


def test_patterns_near_a_color_or_weighted_are_refused(tmp_path):
    run = built_run(tmp_path / "run", people(BLACK, 5))
    with pytest.raises(QueryError, match="not of those near a color"):
        run.near("#000000", within=5).patterns()
    with pytest.raises(QueryError, match="patterns has none"):
        run.weighted({"season": {"AW25": 1}}).patterns()
    with pytest.raises(QueryError, match="no column 'seson', did you mean 'season'"):
        run.patterns("seson")
