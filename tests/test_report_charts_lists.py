"""Charts that are lists (ranking, changes, weights, neutrals, pairs) have their frames' figures."""

import polars as pl
import pytest
from chart_frames import compared, met
from chart_pages import all_families, rows_in, rows_with, shares_of

from trendcolor.report.charts.changes import changes
from trendcolor.report.charts.neutrals import NEUTRALS, neutrals
from trendcolor.report.charts.pairs import pairs_list, pairs_matrix
from trendcolor.report.charts.ranking import ranking
from trendcolor.report.charts.theme import NARROW, WIDE
from trendcolor.report.charts.weighted import weighted
from trendcolor.report.families import ink
from trendcolor.report.words import open_words

WORDS = open_words("en")
FIGURES = ("share", "low", "high")
widths = pytest.mark.parametrize("width", [WIDE, NARROW])


def whole(withheld=()):
    hidden = {("all", family) for family in withheld}
    return shares_of({"all": all_families(20)}, withheld=hidden).drop("region")


def figures_of(frame, key="family", names=FIGURES):
    return {
        row[key]: tuple(row[name] for name in names)
        for row in frame.iter_rows(named=True)
        if row[names[0]] is not None
    }


def drawn(chart, names=FIGURES):
    rows = rows_with(chart, "row", *names)
    return {row["row"]: tuple(row[name] for name in names) for row in rows}


@widths
def test_bars_of_the_ranking_are_the_frames(width):
    shares = whole(withheld=["red"])
    chart = ranking(shares, WORDS, width=width)
    assert drawn(chart) == figures_of(shares)
    assert [row["note"] for row in rows_with(chart, "note") if row["row"] == "red"] == ["withheld"]
    assert {row["row"] for row in rows_with(chart, "at")} == {"red"}


def test_a_ranking_that_is_wholly_withheld_has_no_bar():
    chart = ranking(whole(withheld=all_families(20)), WORDS)
    assert drawn(chart) == {}
    assert len({row["row"] for row in rows_with(chart, "at")}) == 12


@widths
def test_changes_are_the_frames_and_sorted(width):
    chart = changes(compared(), WORDS, width=width)
    names = ("change", "low", "high")
    assert drawn(chart, names) == figures_of(compared(), names=names)
    rows = rows_with(chart, "note")
    assert [row["row"] for row in rows] == ["black", "blue", "pink", "white", "red"]
    notes = ["up", "no change shown", "not enough data", "down", "withheld"]
    assert [row["note"] for row in rows] == notes


def test_verdicts_differ_in_shape_not_in_color_alone():
    rows = rows_with(changes(compared(), WORDS), "verdict")
    looks = {row["verdict"]: (row["shape"], row["fill"]) for row in rows}
    assert len(set(looks.values())) == 4


def test_the_shades_that_change_most_are_drawn_by_themselves():
    rows = [(f"#0000{n:02x}", 0.1, 0.1 + n / 100, n / 100, 0.0, 0.1, "up") for n in range(1, 31)]
    names = ["shade", "share_a", "share_b", "change", "low", "high", "verdict"]
    chart = changes(pl.DataFrame(rows, schema=names, orient="row"), WORDS, most=5)
    assert list(drawn(chart, ("change",))) == [f"#0000{n:02x}" for n in (30, 29, 28, 27, 26)]


@widths
def test_weights_and_counts_are_the_frames(width):
    garments, weight = whole(withheld=["red"]), whole(withheld=["blue"])
    chart = weighted(garments, weight, WORDS, width=width)
    rows = rows_with(chart, "side")
    for side, frame in (("garments", garments), ("weight", weight)):
        of_side = [row for row in rows if row["side"] == side]
        assert {row["row"]: row["share"] for row in of_side} == {
            family: share
            for family, share in frame.select("family", "share").drop_nulls().iter_rows()
        }
    lines = {row["row"] for row in rows_with(chart, "from", "to")}
    assert lines == set(all_families(20)) - {"red", "blue"}


@widths
def test_both_sides_are_sums_of_their_families(width):
    shares = shares_of({"EU": all_families(20), "NA": all_families(7)})
    chart = neutrals(shares, WORDS, column="region", width=width)
    totals = {(row["row"], row["side"]): row for row in rows_with(chart, "total")}
    for number, region in enumerate(("EU", "NA")):
        cells = shares.filter(pl.col("region") == region)
        is_neutral = pl.col("family").is_in(NEUTRALS)
        for side, of_side in (("neutral", is_neutral), ("chromatic", ~is_neutral)):
            found = totals[str(number), side]
            assert found["total"] == pytest.approx(cells.filter(of_side)["share"].sum())
            assert found["text"] == WORDS.percent(found["total"])


def test_what_is_withheld_is_of_neither_side():
    withheld = {("EU", "red"), ("EU", "black")}
    shares = shares_of({"EU": all_families(20)}, withheld=withheld)
    chart = neutrals(shares, WORDS, column="region")
    assert {row["family"] for row in rows_with(chart, "family")}.isdisjoint({"red", "black"})
    texts = [row["text"] for row in rows_with(chart, "total")]
    assert all(text.startswith("≥ ") for text in texts)
    (hidden,) = [row for row in rows_in(chart) if row.get("side") == "withheld"]
    assert hidden["end"] - hidden["start"] == pytest.approx(1 - shares["share"].sum())


@widths
def test_cells_have_the_frames_lifts(width):
    rows = rows_with(pairs_matrix(met(), WORDS, width=width), "row", "column", "kind")
    cells = {(row["column"], row["row"]): row for row in rows}
    assert cells["black", "white"]["lift"] == 1.5
    assert cells["black", "white"]["text"].startswith("1.5")
    assert cells["black", "blue"]["lift"] == 0.5
    assert cells["black", "pink"]["kind"] == "untold"
    assert "lift" not in cells["black", "pink"]
    assert cells["white", "pink"]["kind"] == "withheld"
    assert cells["white", "pink"].keys().isdisjoint({"lift", "looks", "text"})


def test_the_figure_can_be_read_on_its_cell_and_unsure_ones_are_pale():
    rows = rows_with(pairs_matrix(met(), WORDS), "lift", "ink")
    for row in rows:
        assert row["ink"] == ink(row["fill"])
    fills = {row["lift"]: row["fill"] for row in rows}
    assert len(set(fills.values())) == 3
    light = {lift: sum(bytes.fromhex(fill[1:])) for lift, fill in fills.items()}
    assert light[1.05] > max(light[1.5], light[0.5])


@widths
def test_the_list_of_pairs_has_the_most_frequent_first(width):
    chart = pairs_list(met(), WORDS, width=width, most=2)
    assert drawn(chart) == {
        "black white": (0.30, 0.24, 0.37),
        "white blue": (0.105, 0.07, 0.15),
    }
    named = [row["name"] for row in rows_with(chart, "note")]
    assert named == ["black with white", "white with blue"]
    assert len(rows_with(chart, "dx", "fill")) == 4  # two swatches each
