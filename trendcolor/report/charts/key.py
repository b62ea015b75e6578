"""The key of a chart: small squares of paint with their names, in lines above the marks."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from trendcolor.report.charts.fitting import text_width
from trendcolor.report.charts.spec import drawn_on
from trendcolor.report.charts.theme import EDGE, SMALL

_SIDE = 12.0  # of a square, in pixels
_GAP, _BETWEEN = 6.0, 16.0  # from a square to its name, and to the next square
_LINE = 20.0
_BELOW = 12.0  # between the key and the marks


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One square and its name."""

    name: str
    fill: str  # "#161418", or a CSS variable
    shape: str = "square"  # of Vega: "circle", "diamond"
    edge: str = EDGE


def key_height(entries: Sequence[KeyEntry], width: float) -> float:
    """The pixels that a key takes above the marks."""
    if not entries:
        return 0.0
    return (max(line for line, _ in _places(entries, width)) + 1) * _LINE + _BELOW


def key_layer(entries: Sequence[KeyEntry], width: float, *, above: float = 0) -> list[alt.Chart]:
    """A key `above` so many pixels over the marks, and from their upper left corner."""
    height = key_height(entries, width) + above
    rows = [
        {
            "entry": entry.name,
            "fill": entry.fill,
            "shape": entry.shape,
            "edge": entry.edge,
            "x": x,
            "y": (line + 0.5) * _LINE - height,
        }
        for entry, (line, x) in zip(entries, _places(entries, width), strict=True)
    ]
    marks = drawn_on(rows)
    x, y = alt.X("x:Q", scale=None, axis=None), alt.Y("y:Q", scale=None, axis=None)
    squares = marks.mark_point(
        size=_SIDE**2, filled=True, opacity=1, strokeWidth=1, xOffset=_SIDE / 2
    )  # fmt: skip
    names = marks.mark_text(align="left", fontSize=SMALL, dx=_SIDE + _GAP)
    return [
        squares.encode(
            x=x,
            y=y,
            fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("edge:N", scale=None),
            shape=alt.Shape("shape:N", scale=None),
        ),
        names.encode(x=x, y=y, text=alt.Text("entry:N")),
    ]


def _places(entries: Sequence[KeyEntry], width: float) -> list[tuple[int, float]]:
    """The line of each entry, and where on it it begins."""
    places, line, x = [], 0, 0.0
    for entry in entries:
        takes = _SIDE + _GAP + text_width(entry.name, SMALL)
        if x > 0 and x + takes > width:
            line, x = line + 1, 0.0
        places.append((line, x))
        x += takes + _BETWEEN
    return places
