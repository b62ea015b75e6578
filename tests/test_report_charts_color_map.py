"""The map of colors: discs are as the frame's shares, and what is withheld is not there."""

import json

import altair as alt
import polars as pl
import pytest
from chart_pages import rows_with
from test_report_charts_map_script import COLORS, COUNTS, GARMENTS, frames

from trendcolor.report.charts.color_map import NEUTRAL_CHROMA, color_map, map_data
from trendcolor.report.charts.live import script_json
from trendcolor.report.charts.svg import static_svg
from trendcolor.report.charts.theme import NARROW, WIDE
from trendcolor.report.words import open_words

WORDS = open_words("en")


def some_withheld():
    cells, states = frames()
    is_red = pl.col("name") == "red"
    figures = ("numerator", "share", "low", "high")
    hidden = (pl.when(is_red).then(None).otherwise(pl.col(name)).alias(name) for name in figures)
    return cells.with_columns(*hidden), states


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_picture_is_vega_lite(width):
    alt.Chart.from_dict(color_map(frames()[0], WORDS, width=width), validate=True)


def test_panels_of_the_script_are_vega_lite():
    for panels in map_data(*frames(), WORDS)["panels"].values():
        for panel in panels.values():
            alt.Chart.from_dict(panel, validate=True)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_areas_are_as_shares(width):
    rows = rows_with(color_map(frames()[0], WORDS, width=width), "hex", "size")
    assert {row["name"]: row["share"] for row in rows} == {
        name: count / GARMENTS[None, None] for name, count in COUNTS[None, None].items()
    }
    ratios = {round(row["size"] / row["share"], 6) for row in rows}
    assert len(ratios) == 1


def test_colors_of_little_chroma_stand_in_the_strip():
    rows = rows_with(color_map(frames()[0], WORDS), "hex", "x")
    for row in rows:
        is_neutral = COLORS[row["name"]][4] < NEUTRAL_CHROMA
        assert (row["x"] < 0) == is_neutral
        assert (row.get("hue") is None) == is_neutral


def test_a_withheld_cell_is_nowhere():
    cells, states = some_withheld()
    assert {row["name"] for row in rows_with(color_map(cells, WORDS), "hex", "size")} == {
        "black", "gray", "rose", "navy"
    }  # fmt: skip
    written = script_json(map_data(cells, states, WORDS))
    assert '"red"' not in written
    assert "#b22826" not in written


def test_each_told_cell_is_in_the_data_once():
    cells, states = frames()
    data = json.loads(script_json(map_data(cells, states, WORDS)))
    assert len(data["states"]) == len(states)
    for state in data["states"]:
        counts = COUNTS.get((state["garment"], state["period"]), {})
        found = {data["colors"][cell[0]]["name"]: cell[1] for cell in state["cells"]}
        assert found == counts
    assert data["states"][-1]["denominator"] is None


def test_a_map_of_nothing_can_be_drawn():
    cells, states = frames()
    assert "<svg" in static_svg(color_map(cells.clear(), WORDS), name="x")
    assert map_data(cells.clear(), states.clear(), WORDS)["colors"] == []


def test_messages_are_in_the_language_with_their_places():
    data = map_data(*frames(), open_words("zh-CN"))
    assert "{share}" in data["text"]["selected"]
    assert "{garments}" in data["text"]["selected"]
    assert data["text"]["selected"] != map_data(*frames(), WORDS)["text"]["selected"]
