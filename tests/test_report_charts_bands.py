"""Bands, patterns and what they share: parts are the frame's, what is withheld has no family."""

import itertools

import pytest
from chart_pages import all_families, rows_in, rows_with, shares_of

from trendcolor.report.charts.bands import bands
from trendcolor.report.charts.patterns import patterns
from trendcolor.report.charts.theme import NARROW, WIDE
from trendcolor.report.families import FAMILY_COLORS
from trendcolor.report.words import open_words

WORDS = open_words("en")
widths = pytest.mark.parametrize("width", [WIDE, NARROW])


@widths
def test_parts_have_the_frames_shares(width):
    shares = shares_of({"EU": all_families(20), "NA": all_families(9)})
    chart = bands(shares, WORDS, column="region", width=width)
    drawn = {(row["row"], row["key"]): row["share"] for row in rows_with(chart, "key", "share")}
    assert drawn == {
        (region, family): share
        for region, family, share in shares.select("region", "family", "share").iter_rows()
        if share > 0
    }


def test_parts_touch_and_fill_the_band_in_one_order():
    shares = shares_of({"EU": all_families(20), "NA": all_families(30)})
    rows = rows_with(bands(shares, WORDS, column="region"), "key", "start")
    for region in ("EU", "NA"):
        parts = [row for row in rows if row["row"] == region]
        assert [part["key"] for part in parts] == list(FAMILY_COLORS)
        assert parts[0]["start"] == 0
        assert parts[-1]["end"] == pytest.approx(1)
        for one, other in itertools.pairwise(parts):
            assert one["end"] == pytest.approx(other["start"])


@widths
def test_withheld_cells_are_one_part_without_a_family(width):
    withheld = {("EU", "red"), ("EU", "green")}
    shares = shares_of({"EU": all_families(20)}, withheld=withheld)
    chart = bands(shares, WORDS, column="region", width=width)
    keys = {row["key"] for row in rows_with(chart, "key")}
    assert keys == FAMILY_COLORS.keys() - {"red", "green"}
    (hidden,) = [row for row in rows_in(chart) if "key" in row and row["key"] is None]
    assert hidden["end"] == 1
    assert hidden["end"] - hidden["start"] == pytest.approx(1 - shares["share"].sum())
    assert "withheld" in hidden["tip"]
    assert "red" not in str([row.get("tip") for row in rows_in(chart)])
    assert len(rows_with(chart, "at")) > 3  # it is hatched


def test_a_group_that_is_wholly_withheld_is_hatched_from_end_to_end():
    everything = {("EU", family) for family in FAMILY_COLORS}
    shares = shares_of({"EU": all_families(20)}, withheld=everything)
    chart = bands(shares, WORDS, column="region")
    assert rows_with(chart, "key") == []
    (hidden,) = [row for row in rows_in(chart) if "key" in row and row["key"] is None]
    assert (hidden["start"], hidden["end"]) == (0, 1)


def test_a_text_stands_only_where_it_fits():
    counts = {"black": 700, "white": 200, "red": 70, "blue": 28, "pink": 2}
    chart = bands(shares_of({"EU": counts}), WORDS, column="region")
    texts = {row["key"]: row["text"] for row in rows_with(chart, "key")}
    assert texts["black"] == "black 70.0%"
    assert texts["red"] == "7.0%"
    assert texts["pink"] == ""


def test_a_group_without_a_value_has_a_name():
    shares = shares_of({None: {"black": 3, "red": 1}})
    rows = rows_with(bands(shares, WORDS, column="region"), "key")
    assert {row["row"] for row in rows} == {"not stated"}


def test_patterns_have_the_frames_shares():
    counts = {"top": {"solid": 6, "two-tone": 3, "multicolor": 1}}
    shares = shares_of(counts, column="garment", part="pattern", withheld={("top", "multicolor")})
    rows = rows_with(patterns(shares, WORDS), "key")
    assert {row["key"]: row["share"] for row in rows} == {"solid": 0.6, "two-tone": 0.3}
