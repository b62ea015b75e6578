"""Small charts of periods: points are the frame's, and a gap is no line."""

import pytest
from chart_pages import all_families, rows_with, shares_of

from trendcolor.report.charts.evolution import evolution
from trendcolor.report.charts.theme import NARROW, WIDE
from trendcolor.report.words import open_words

WORDS = open_words("en")
SEASONS = ["AW24", "SS25", "AW25", "SS26"]
COUNTS = {season: all_families(16 + place) for place, season in enumerate(SEASONS)}


def of_kind(chart, kind):
    return [row for row in rows_with(chart, "kind") if row["kind"] == kind]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_points_have_the_frames_shares_and_intervals(width):
    shares = shares_of(COUNTS, column="season", withheld={("AW25", "red")})
    chart = evolution(shares, WORDS, column="season", periods=SEASONS, width=width)
    points = {
        (row["period"], row["family"], row["share"], row["low"], row["high"])
        for row in of_kind(chart, "point")
    }
    columns = ("season", "family", "share", "low", "high")
    assert points == set(shares.select(columns).drop_nulls().iter_rows())


def test_a_period_that_is_withheld_breaks_the_line_and_is_marked():
    shares = shares_of(COUNTS, column="season", withheld={("AW25", "red")})
    chart = evolution(shares, WORDS, column="season", periods=SEASONS)
    pieces = {
        row["period"]: row["piece"] for row in of_kind(chart, "point") if row["family"] == "red"
    }
    assert pieces == {"AW24": 0, "SS25": 0, "SS26": 1}
    (gap,) = of_kind(chart, "gap")
    assert (gap["family"], gap["period"]) == ("red", "AW25")
    assert gap.keys().isdisjoint({"share", "low", "high"})


def test_periods_stand_in_the_order_that_is_given_and_others_are_left_out():
    shares = shares_of(COUNTS, column="season")
    chart = evolution(shares, WORDS, column="season", periods=["SS26", "AW24"])
    periods = [row["period"] for row in of_kind(chart, "point") if row["family"] == "black"]
    assert periods == ["SS26", "AW24"]


def test_the_most_frequent_family_comes_first_with_its_last_share():
    shares = shares_of(COUNTS, column="season")
    chart = evolution(shares, WORDS, column="season", periods=SEASONS)
    titles = of_kind(chart, "title")
    assert [title["family"] for title in titles] == list(all_families(20))
    last = shares.filter(season="SS26", family="black")["share"].item()
    assert titles[0]["last"] == WORDS.percent(last)


def test_names_of_periods_that_do_not_fit_are_first_and_last():
    months = [f"2026-{month:02d}" for month in range(1, 13)]
    shares = shares_of({month: all_families(20) for month in months}, column="month")
    chart = evolution(shares, WORDS, column="month", periods=months)
    axes = [
        layer["encoding"]["x"]["axis"]["values"]
        for layer in chart["spec"]["layer"]
        if "axis" in layer["encoding"].get("x", {})
    ]
    assert axes
    assert all(values == ["2026-01", "2026-12"] for values in axes)
