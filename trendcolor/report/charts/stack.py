"""Rows that are cut into parts and filled to 100 %: what bands of families and of patterns share.

What a row withholds is one hatched part at its end. A part says its name and share where they fit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from trendcolor.report.charts.fitting import shortened, text_width
from trendcolor.report.charts.key import KeyEntry, key_height, key_layer
from trendcolor.report.charts.nothing import nothing
from trendcolor.report.charts.spec import Spec, drawn_on, finished
from trendcolor.report.charts.theme import (
    EDGE,
    INK,
    PANEL,
    SMALL,
    SOFT,
    TEXT,
    Plot,
    Row,
    is_narrow,
)
from trendcolor.report.charts.withheld import hatching
from trendcolor.report.families import ink
from trendcolor.report.words import Words

_BAR = 34.0  # height of a row's bar, in pixels
_GAP = 10.0
_LABEL = 22.0  # what a label above its row takes
_MOST_LEFT = 170.0  # the most that labels beside rows take
_AXIS = 24.0
_EDGE = 1.0  # room for the line around a part
_MARGIN = 8.0  # left and right of a text within its part
_NOTHING = 1e-9  # less than this is withheld by rounding alone


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of part, the same in all rows."""

    name: str  # as readers know it
    fill: str  # "#161418"


@dataclass(frozen=True, slots=True)
class Stacked:
    """A row."""

    label: str
    note: str  # small, below the label
    cells: Mapping[str, Row]  # rows of shares by the key of their part; withheld ones may be there


def stack(
    rows: Sequence[Stacked], parts: Mapping[str, Part], words: Words, *, label: str, width: int
) -> Spec:
    """A chart of rows that are filled to 100 %.

    Args:
        rows: From top to bottom.
        parts: From left to right, by the key that cells have.
        words: Of what is written.
        label: What the chart shows, for who can't see it.
        width: In pixels.
    """
    if not rows:
        return nothing(words, label=label, width=width)
    left = _EDGE if is_narrow(width) else _left(rows)
    above = _LABEL if is_narrow(width) else 0.0
    plot_width = width - left - _EDGE
    shown = [key for key in parts if any(_share(row.cells.get(key)) for row in rows)]
    entries = [KeyEntry(parts[key].name, parts[key].fill) for key in shown]
    plot = Plot(
        width=plot_width,
        height=len(rows) * (_BAR + _GAP + above),
        left=left,
        right=_EDGE,
        top=key_height(entries, plot_width),
        bottom=_AXIS,
    )
    segments = [segment for row in rows for segment in _segments(row, parts, words, plot_width)]
    layers = [
        *_bars(segments, rows, above=above, plot=plot),
        *_labels(rows, above=above, left=left),
    ]
    return finished(layers, label=label, plot=plot, key=key_layer(entries, plot_width))


def _share(cell: Row | None) -> float:
    return 0.0 if cell is None or cell["share"] is None else float(cell["share"])


def _left(rows: Sequence[Stacked]) -> float:
    widest = max((text_width(row.label, TEXT) for row in rows), default=0)
    return min(_MOST_LEFT, widest + 18)


def _row(rows: Sequence[Stacked], above: float) -> alt.Y:
    """The encoding of rows; labels above their row take room at the row's top."""
    step = _BAR + _GAP + above
    names, padding = [row.label for row in rows], 1 - _BAR / step
    scale = alt.Scale(
        domain=names,
        range=[above / 2, above / 2 + len(rows) * step],
        paddingInner=padding,
        paddingOuter=padding / 2,
    )
    return alt.Y("row:N", axis=None, scale=scale)


def _segments(
    row: Stacked, parts: Mapping[str, Part], words: Words, width: float
) -> list[dict[str, object]]:
    """The parts of a row that have a width, and what is withheld as the last."""
    found: list[dict[str, object]] = []
    start = 0.0
    for key, part in parts.items():
        cell = row.cells.get(key)
        share = _share(cell)
        if cell is None or share <= 0:
            continue
        found.append(
            {
                "row": row.label,
                "key": key,
                "share": share,
                "start": start,
                "end": start + share,
                "fill": part.fill,
                "ink": ink(part.fill),
                "text": _fitting(part.name, words.percent(share), share * width),
                "tip": _tip(row, part, cell, words),
            }
        )
        start += share
    is_empty = not row.cells
    if not is_empty and 1 - start > _NOTHING:
        found.append(_withheld(row.label, start, words, width))
    return found


def _withheld(label: str, start: float, words: Words, width: float) -> dict[str, object]:
    name, share = words.text("withheld"), 1 - start
    return {
        "row": label,
        "key": None,
        "start": start,
        "end": 1.0,
        "fill": PANEL,
        "ink": SOFT,
        "text": _fitting(name, words.percent(share), share * width),
        "tip": f"{label}\n{name}: {words.percent(share)}",
    }


def _fitting(name: str, percent: str, width: float) -> str:
    """The most of a part's text that fits its width: both, the share alone, or nothing."""
    for text in (f"{name} {percent}", percent):
        if width >= text_width(text, SMALL) + _MARGIN:
            return text
    return ""


def _tip(row: Stacked, part: Part, cell: Row, words: Words) -> str:
    lines = [row.label, f"{part.name}: {words.percent(cell['share'])}"]
    if cell["low"] is not None:
        lines.append(words.interval(cell["low"], cell["high"]))
    if cell.get("numerator") is not None:
        lines.append(f"{words.count(cell['numerator'])} / {words.count(cell['denominator'])}")
    return "\n".join(lines)


def _bars(
    segments: Sequence[Row], rows: Sequence[Stacked], *, above: float, plot: Plot
) -> list[alt.Chart]:
    row = _row(rows, above)
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], grid=False, labelFlush=True)
    x = alt.X("start:Q", scale=alt.Scale(domain=[0, 1]), axis=axis)
    bars = drawn_on(segments).mark_bar(stroke=EDGE, strokeWidth=1)
    hidden = [(part["row"], part["start"], part["end"]) for part in segments if not part["key"]]
    texts = [
        {**{key: part[key] for key in ("row", "text", "ink")}, "middle": _middle(part)}
        for part in segments
        if part["text"]
    ]
    layers = [
        bars.encode(
            x=x,
            x2=alt.X2("end"),
            y=row,
            color=alt.Color("fill:N", scale=None),
            tooltip=alt.Tooltip("tip:N"),
        )
    ]
    if hidden:
        layers.append(hatching(hidden, row=row, scale=plot.width, height=_BAR))
        named = [text for text in texts if text["ink"] == SOFT]
        halo = drawn_on(named).mark_text(fontSize=SMALL, stroke=PANEL, strokeWidth=5, color=PANEL)
        layers.append(halo.encode(x=alt.X("middle:Q"), y=row, text=alt.Text("text:N")))
    written = drawn_on(texts).mark_text(fontSize=SMALL)
    ink_of = alt.Color("ink:N", scale=None)
    layers.append(written.encode(x=alt.X("middle:Q"), y=row, text=alt.Text("text:N"), color=ink_of))
    return layers


def _middle(part: Row) -> float:
    return float(part["start"] + part["end"]) / 2


def _labels(rows: Sequence[Stacked], *, above: float, left: float) -> list[alt.Chart]:
    row = _row(rows, above)
    if above:
        texts = [{"row": each.label, "text": each.label, "note": each.note} for each in rows]
        marks = drawn_on(texts)
        lift = -_BAR / 2 - 11
        return [
            marks.mark_text(align="left", dy=lift).encode(
                x=alt.XValue(0), y=row, text=alt.Text("text:N")
            ),
            marks.mark_text(align="right", dy=lift, fontSize=SMALL, color=SOFT).encode(
                x=alt.XValue("width"), y=row, text=alt.Text("note:N")
            ),
        ]
    texts = [
        {"row": each.label, "text": shortened(each.label, TEXT, left - 14), "note": each.note}
        for each in rows
    ]
    marks = drawn_on(texts)
    return [
        marks.mark_text(align="right", dx=-12, dy=-7 if rows[0].note else 0, color=INK).encode(
            x=alt.XValue(0), y=row, text=alt.Text("text:N")
        ),
        marks.mark_text(align="right", dx=-12, dy=9, fontSize=SMALL, color=SOFT).encode(
            x=alt.XValue(0), y=row, text=alt.Text("note:N")
        ),
    ]
