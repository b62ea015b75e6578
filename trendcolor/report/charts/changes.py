"""What rises and what falls: the change of each color with its interval, and the verdict."""

from typing import Any

import altair as alt
import polars as pl

from trendcolor.analysis.power import DOWN, NO_CHANGE, NOT_ENOUGH, UP
from trendcolor.report.charts.nothing import nothing
from trendcolor.report.charts.rows import Listing, ListRow
from trendcolor.report.charts.spec import Spec, drawn_on, finished
from trendcolor.report.charts.theme import INK, PAPER, SOFT, WIDE
from trendcolor.report.charts.whiskers import whiskers
from trendcolor.report.families import FAMILY_COLORS, paint
from trendcolor.report.words import Words

# A verdict is a shape, and filled where something was found; it stands in words beside it.
_SHAPES = {UP: "triangle-up", DOWN: "triangle-down", NO_CHANGE: "circle", NOT_ENOUGH: "circle"}
_FILLS = {UP: INK, DOWN: INK, NO_CHANGE: INK, NOT_ENOUGH: PAPER}
_SIZES = {UP: 130, DOWN: 130, NO_CHANGE: 70, NOT_ENOUGH: 70}
_MOST = 20
_ROOM = 1.06  # the axis, as a multiple of what it must hold
_LEAST_REACH = 0.02


def changes(compared: pl.DataFrame, words: Words, *, width: int = WIDE, most: int = _MOST) -> Spec:
    """The changes in percentage points, the greatest rise first.

    Args:
        compared: Public answers of `run.compare` over families or shades. Of shades those are
            drawn that change most; families that are withheld stand last, without a mark.
        words: Of what is written.
        width: In pixels.
        most: The most rows.

    Guarantees, each held by tests/test_report_charts_changes.py:
        Marks have the frame's changes and intervals, and a row its verdict in words. What is
        withheld has no mark.
    """
    color = compared.columns[0]
    told = compared.filter(pl.col("change").is_not_null())
    told = told.sort(pl.col("change").abs(), descending=True, maintain_order=True).head(most)
    cells = list(told.sort("change", descending=True, maintain_order=True).iter_rows(named=True))
    hidden = compared.filter(pl.col("change").is_null())[color].to_list()
    hidden = [key for key in hidden if key in FAMILY_COLORS]
    rows = [_row(cell, color, words) for cell in cells]
    rows += [ListRow(key, _name(key, words), (paint(key),), "", _withheld(words)) for key in hidden]
    label = words.text("Change of each color's share, in percentage points, with its interval")
    if not rows:
        return nothing(words, label=label, width=width)
    listing = Listing(rows, width)
    return finished(
        [*_marks(cells, color, words, listing), *listing.texts()],
        label=label,
        plot=listing.plot,
    )


def _withheld(words: Words) -> str:
    return words.text("withheld")


def _name(key: str, words: Words) -> str:
    return words.family(key) if key in FAMILY_COLORS else key


def _row(cell: dict[str, Any], color: str, words: Words) -> ListRow:
    verdict = words.term("verdict", cell["verdict"])
    key = cell[color]
    return ListRow(key, _name(key, words), (paint(key),), words.points(cell["change"]), verdict)


def _marks(
    cells: list[dict[str, Any]], color: str, words: Words, listing: Listing
) -> list[alt.Chart]:
    rows = [
        {
            "row": cell[color],
            **{name: cell[name] for name in ("change", "low", "high", "verdict")},
            "shape": _SHAPES[cell["verdict"]],
            "size": _SIZES[cell["verdict"]],
            "fill": _FILLS[cell["verdict"]],
            "tip": _tip(cell, color, words),
        }
        for cell in cells
    ]
    ends = [abs(cell[end]) for cell in cells for end in ("low", "high")]
    reach = max([_LEAST_REACH, *ends]) * _ROOM
    axis = alt.Axis(
        # d3's format writes a true minus sign.
        labelExpr="datum.value === 0 ? '0' : format(datum.value * 100, '+~r')",
        tickCount=7,
        labelFlush=False,
    )
    x = alt.X("change:Q", scale=alt.Scale(domain=[-reach, reach], nice=False), axis=axis)
    marks, y = drawn_on(rows), listing.y
    return [
        drawn_on([{"none": 0}]).mark_rule(color=SOFT, strokeWidth=1.2).encode(x=alt.X("none:Q")),
        *whiskers(marks, y=y, color=SOFT),
        marks.mark_point(filled=True, opacity=1, stroke=INK, strokeWidth=1.5).encode(
            x=x,
            y=y,
            size=alt.Size("size:Q", scale=None),
            shape=alt.Shape("shape:N", scale=None),
            fill=alt.Fill("fill:N", scale=None),
            tooltip=alt.Tooltip("tip:N"),
        ),
    ]


def _tip(cell: dict[str, Any], color: str, words: Words) -> str:
    shares = f"{words.percent(cell['share_a'])} → {words.percent(cell['share_b'])}"
    interval = f"{words.points(cell['low'])} … {words.points(cell['high'])}"
    verdict = words.term("verdict", cell["verdict"])
    change = f"{words.points(cell['change'])} ({interval})"
    return "\n".join((_name(cell[color], words), shares, change, verdict))
