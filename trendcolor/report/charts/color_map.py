"""The map of all main colors: hue by lightness beside chroma by lightness, each color as a disc.

Two rectangles of hue, chroma and lightness, not the a*b* plane: a rectangle drawn in either says
what designers say of a color (which hue, how light, how vivid), the form beside it says the same in
numbers, and on the a*b* plane black, gray and white lie on one spot. Colors with hardly any chroma
have no hue that means something, so they stand in a strip of their own, cool to warm.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import altair as alt
import numpy as np
import polars as pl

from trendcolor.color.spaces import lab_to_srgb
from trendcolor.report.charts.spec import Data, Rows, Spec, drawn_on, layered, whole
from trendcolor.report.charts.theme import (
    EDGE,
    INK,
    LINE,
    NARROW,
    PANEL,
    SMALL,
    SOFT,
    WIDE,
    is_narrow,
)
from trendcolor.report.words import TERMS, Words

# Below this chroma a color has no hue that means something. It takes in the bins next to gray on
# the grid of colors, whose bins are 4 wide: the farthest has a chroma of 5.7.
NEUTRAL_CHROMA = 6.0

_STRIP = (-58.0, -14.0)  # where colors without a hue stand on the axis of hues
_STRIP_REACH = 16.0  # of that axis on each side of the strip's middle, for b* of -6 to 6
_HUE_END, _CHROMA_START = 366.0, -6.0
_LIGHTNESS = (-4.0, 104.0)  # so that discs of black and white are whole
_HEIGHT = 300.0  # of a panel's marks, in pixels
_LEFT, _GAP, _EDGE = 34.0, 24.0, 14.0
_HUE_PART = 0.62  # of the width that is left for both panels
_LARGEST = 20.0  # radius of the largest disc, in pixels
_LEAST = 1.5
_LEAST_CHROMA_END = 60.0
_RAMP_STEPS, _RAMP_LAB = 72, (65.0, 40.0)  # lightness and chroma of the hues below the axis


def color_map(cells: pl.DataFrame, words: Words, *, width: int = WIDE) -> Spec:
    """Both panels of all garments in all periods, as a picture.

    Args:
        cells: Of each color of each state `garment`, `period` (null: all of them), `r`, `g`, `b`,
            `l`, `chroma`, `hue` (degrees), `name`, `numerator`, `share`, `low`, `high`. Withheld
            cells are left out, or their figures are null.
        words: Of what is written.
        width: In pixels; a narrow map has its panels one below the other.

    Returns:
        A chart of two panels.

    Guarantees, each held by tests/test_report_charts_color_map.py:
        Areas of discs are as the frame's shares. Withheld cells are not there.
    """
    told = _told(cells).filter(pl.col("garment").is_null() & pl.col("period").is_null())
    largest = told.select(pl.col("share").max()).item() or 1.0
    rows = [
        {**color, "size": _size(share, largest), "share": share, "on": True, "tip": ""}
        for color, share in zip(_colors(told), told["share"], strict=True)
    ]
    rows.sort(key=lambda row: -row["size"])
    end = _chroma_end(_told(cells))
    hue_width, chroma_width = _widths(width)
    data, discs = Data(), Rows(rows, "cells")
    panels = [
        _panel("x", hue_width, words, discs, end, data),
        _panel("chroma", chroma_width, words, discs, end, data),
    ]
    both: Spec = {"vconcat": panels} if is_narrow(width) else {"hconcat": panels, "spacing": _GAP}
    label = words.text("Main colors by hue, lightness and chroma; larger discs are more frequent")
    return whole(both, data, label=label)


def map_data(cells: pl.DataFrame, states: pl.DataFrame, words: Words) -> Mapping[str, Any]:
    """What the page's script needs to draw the map, filter it and add up what is selected.

    Args:
        cells: As of `color_map`.
        states: One row a state that can be chosen: `garment`, `period` (null: all),
            `denominator` (null where the state is withheld), `withheld_share` (0..1).
        words: Of what is written.

    Returns:
        To be written as JSON; `map.js` says what it holds.

    Guarantees, each held by tests/test_report_charts_color_map.py:
        Each told cell is there once with its figures, and no withheld cell.
    """
    told = _told(cells)
    distinct = told.unique(("r", "g", "b"), keep="first", maintain_order=True)
    colors = list(_colors(distinct))
    place = {color["hex"]: number for number, color in enumerate(colors)}
    end = _chroma_end(told)
    of_states: dict[tuple[str | None, str | None], list[list[float]]] = {}
    for cell in told.iter_rows(named=True):
        figures = [cell[name] for name in ("numerator", "share", "low", "high")]
        key = (cell["garment"], cell["period"])
        of_states.setdefault(key, []).append([place[_hex(cell)], *figures])
    return {
        "lang": words.lang,
        "colors": colors,
        "states": [
            {**state, "cells": of_states.get((state["garment"], state["period"]), [])}
            for state in states.select(
                "garment", "period", "denominator", withheld="withheld_share"
            ).iter_rows(named=True)
        ],
        "neutral": NEUTRAL_CHROMA,
        "strip": _STRIP,
        "chroma_end": end,
        "radius": [_LEAST, _LARGEST],
        "panels": {name: _live_panels(name, words, end) for name in ("wide", "narrow")},
        "text": _texts(words),
    }


def _texts(words: Words) -> Mapping[str, str]:
    """Messages whose placeholders the script fills."""
    return {
        "interval": words.term("format", TERMS["format"][0]),
        "selected": words.text(
            "Selected: {share} of {garments} garments ({withheld} withheld)",
            share="{share}",
            garments="{garments}",
            withheld="{withheld}",
        ),
        "count": words.text(
            "{numerator} of {denominator} garments",
            numerator="{numerator}",
            denominator="{denominator}",
        ),
        "all_withheld": words.text("This part is withheld: it rests on too few sources."),
        "missing": words.text("There are no figures for this choice."),
        "largest": words.text("Largest disc: {share}", share="{share}"),
    }


def _told(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.filter(pl.col("share").is_not_null() & (pl.col("share") > 0))


def _hex(cell: Mapping[str, Any]) -> str:
    return f"#{cell['r']:02x}{cell['g']:02x}{cell['b']:02x}"


def _colors(cells: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Where each cell's color stands in both panels."""
    middle = sum(_STRIP) / 2
    for cell in cells.iter_rows(named=True):
        chroma, hue = float(cell["chroma"]), float(cell["hue"]) % 360
        warmth = chroma * np.sin(np.radians(hue)) / NEUTRAL_CHROMA
        is_neutral = chroma < NEUTRAL_CHROMA
        yield {
            "hex": _hex(cell),
            "name": cell["name"],
            "l": round(float(cell["l"]), 2),
            "chroma": round(chroma, 2),
            "hue": None if is_neutral else round(hue, 2),
            "x": round(float(middle + _STRIP_REACH * warmth) if is_neutral else hue, 2),
        }


def _size(share: float, largest: float) -> float:
    """The `size` of a disc whose area is as its share."""
    return max((2 * _LEAST) ** 2, (2 * _LARGEST) ** 2 * share / largest)


def _chroma_end(cells: pl.DataFrame) -> float:
    highest = cells.select(pl.col("chroma").max()).item() or 0.0
    return max(_LEAST_CHROMA_END, 10.0 * float(np.ceil((highest + 4) / 10)))


def _widths(width: int) -> tuple[float, float]:
    if is_narrow(width):
        return width - _LEFT - _EDGE, width - _LEFT - _EDGE
    free = width - 2 * _LEFT - _GAP - _EDGE
    return round(free * _HUE_PART), round(free * (1 - _HUE_PART))


def _live_panels(name: str, words: Words, end: float) -> Mapping[str, Any]:
    """The specs of both panels; the script brings their data."""
    hue_width, chroma_width = _widths(WIDE if name == "wide" else NARROW)
    panels = {"hue": ("x", hue_width), "chroma": ("chroma", chroma_width)}
    return {
        panel: _live_panel(field, width, words, end) for panel, (field, width) in panels.items()
    }


def _live_panel(field: str, width: float, words: Words, end: float) -> Spec:
    data = Data()
    panel = _panel(field, width, words, Rows((), "cells"), end, data)
    return whole(panel, data, label=words.text("Main colors by hue, lightness and chroma"))


def _panel(field: str, width: float, words: Words, cells: Rows, end: float, data: Data) -> Spec:
    """One panel: `field` from left to right, lightness from below."""
    is_hue = field == "x"
    domain = (_STRIP[0], _HUE_END) if is_hue else (_CHROMA_START, end)
    axis = alt.Axis(
        values=[0, 60, 120, 180, 240, 300, 360] if is_hue else list(range(0, int(end) + 1, 20)),
        title=words.text("hue, degrees") if is_hue else words.text("chroma, muted to vivid"),
        offset=12 if is_hue else 0,
        labelExpr="datum.label + '°'" if is_hue else "datum.label",
    )
    x = alt.X(f"{field}:Q", scale=alt.Scale(domain=domain, nice=False, zero=False), axis=axis)
    title = words.text("lightness, dark to light")
    y_axis = alt.Axis(
        values=[0, 20, 40, 60, 80, 100], title=title, titleAngle=0, titleAlign="left",
        titleAnchor="start", titleX=0, titleY=-12,
    )  # fmt: skip
    y = alt.Y("l:Q", scale=alt.Scale(domain=_LIGHTNESS, nice=False, zero=False), axis=y_axis)
    layers = [*(_hue_ground(words) if is_hue else ()), *_marks(x, y, cells)]
    return {**layered(layers, data), "width": width, "height": _HEIGHT}


def _marks(x: alt.X, y: alt.Y, cells: Rows) -> list[alt.Chart]:
    selected = alt.Chart(Rows((), "range")).mark_rect(
        fill=INK, fillOpacity=0.06, stroke=INK, strokeWidth=1, strokeDash=[4, 3]
    )
    discs = alt.Chart(cells).mark_point(filled=True, stroke=EDGE, strokeWidth=1)
    on = alt.condition("datum.on", alt.value(1), alt.value(0.12))
    return [
        selected.encode(x=alt.X("left:Q"), x2=alt.X2("right"), y=alt.Y("low:Q"), y2=alt.Y2("high")),
        discs.encode(
            x=x,
            y=y,
            size=alt.Size("size:Q", scale=None),
            fill=alt.Fill("hex:N", scale=None),
            opacity=on,
            tooltip=alt.Tooltip("tip:N"),
        ),
    ]


def _hue_ground(words: Words) -> list[alt.Chart]:
    """The strip of colors without a hue, and the hues along the axis."""
    strip = [{"left": _STRIP[0], "right": _STRIP[1], "middle": sum(_STRIP) / 2}]
    edges = np.linspace(0, 360, _RAMP_STEPS + 1)
    angles = np.radians((edges[:-1] + edges[1:]) / 2)
    lightness, chroma = _RAMP_LAB
    lab = np.stack(
        [np.full(_RAMP_STEPS, lightness), chroma * np.cos(angles), chroma * np.sin(angles)], axis=-1
    )
    ramp = [
        {"left": float(left), "right": float(right) + 0.5, "fill": "#" + bytes(rgb).hex()}
        for left, right, rgb in zip(edges[:-1], edges[1:], lab_to_srgb(lab), strict=True)
    ]
    left, right = alt.X("left:Q"), alt.X2("right")
    named = [{"middle": strip[0]["middle"], "text": words.text("no hue")}]
    return [
        drawn_on(strip).mark_rect(fill=PANEL, stroke=LINE).encode(
            x=left, x2=right, y=alt.YValue(0), y2=alt.Y2Value(_HEIGHT)
        ),
        drawn_on(ramp).mark_rect(strokeWidth=0).encode(
            x=left, x2=right, y=alt.YValue(_HEIGHT + 4), y2=alt.Y2Value(_HEIGHT + 12),
            fill=alt.Fill("fill:N", scale=None),
        ),
        drawn_on(named).mark_text(fontSize=SMALL, color=SOFT).encode(
            x=alt.X("middle:Q"), y=alt.YValue(_HEIGHT + 22), text=alt.Text("text:N")
        ),
    ]  # fmt: skip
