"""The ranking: a bar for each family, with its interval."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from trendcolor.report.charts.nothing import nothing
from trendcolor.report.charts.rows import BAR, Listing, ListRow
from trendcolor.report.charts.spec import Spec, drawn_on, finished
from trendcolor.report.charts.theme import EDGE, WIDE
from trendcolor.report.charts.whiskers import whiskers
from trendcolor.report.charts.withheld import hatching
from trendcolor.report.families import paint
from trendcolor.report.words import Words

_STUB = 46.0  # pixels of a bar that is withheld
# Where the axis may end; the smallest that holds every interval is taken.
_ENDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


def ranking(shares: pl.DataFrame, words: Words, *, width: int = WIDE) -> Spec:
    """A bar for each family, in the frame's order; a family that is withheld has a hatched stub.

    Args:
        shares: Public answers of `run.shares()`, without `by`.
        words: Of what is written.
        width: In pixels.

    Guarantees, each held by tests/test_report_charts_ranking.py:
        Bars have the frame's shares and intervals. A stub has none.
    """
    cells = list(shares.iter_rows(named=True))
    label = words.text("Share of each color family, with its interval")
    if not cells:
        return nothing(words, label=label, width=width)
    listing = Listing([_row(cell, words) for cell in cells], width)
    bars = [
        {
            "row": cell["family"],
            **{name: cell[name] for name in ("share", "low", "high")},
            "fill": paint(cell["family"]),
            "tip": _tip(cell, words),
        }
        for cell in cells
        if cell["share"] is not None
    ]
    hidden = [cell["family"] for cell in cells if cell["share"] is None]
    return finished(
        [*bar_layers(bars, hidden, listing), *listing.texts()],
        label=label,
        plot=listing.plot,
    )


def bar_layers(
    bars: Sequence[dict[str, Any]], hidden: Sequence[str], listing: Listing
) -> list[alt.Chart]:
    """Bars with whiskers, and stubs for rows that are withheld.

    Args:
        bars: `row`, `share`, `low`, `high`, `fill`, `tip`.
        hidden: Keys of rows.
        listing: The rows.
    """
    end = axis_end([bar["high"] for bar in bars])
    axis = alt.Axis(format=".0%", tickCount=5, labelFlush=True)
    x = alt.X("share:Q", scale=alt.Scale(domain=[0, end], nice=False), axis=axis)
    marks = drawn_on(bars)
    layers = [
        marks.mark_bar(stroke=EDGE, strokeWidth=1).encode(
            x=x,
            y=listing.y,
            fill=alt.Fill("fill:N", scale=None),
            tooltip=alt.Tooltip("tip:N"),
        ),
        *whiskers(marks, y=listing.y),
    ]
    if hidden:
        scale = listing.plot.width / end
        stubs = [(key, 0.0, _STUB / scale) for key in hidden]
        layers.append(hatching(stubs, row=listing.y, scale=scale, height=BAR))
    return layers if bars or not hidden else layers[-1:]


def axis_end(highest: Sequence[float]) -> float:
    """Where an axis of shares ends: beyond each interval."""
    most = max(highest, default=0.0)
    return next((end for end in _ENDS if end >= most), 1.0)


def _row(cell: dict[str, Any], words: Words) -> ListRow:
    family = cell["family"]
    name, fills = words.family(family), (paint(family),)
    if cell["share"] is None:
        return ListRow(family, name, fills, "", words.text("withheld"))
    interval = words.interval(cell["low"], cell["high"])
    return ListRow(family, name, fills, words.percent(cell["share"]), interval)


def _tip(cell: dict[str, Any], words: Words) -> str:
    lines = [
        words.family(cell["family"]),
        f"{words.percent(cell['share'])} ({words.interval(cell['low'], cell['high'])})",
        f"{words.count(cell['numerator'])} / {words.count(cell['denominator'])}",
    ]
    return "\n".join(lines)
