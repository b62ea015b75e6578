"""The families' shares of garments beside their shares of a declared weight, such as units sold."""

from typing import Any

import altair as alt
import polars as pl

from trendcolor.report.charts.key import KeyEntry, key_height, key_layer
from trendcolor.report.charts.nothing import nothing
from trendcolor.report.charts.ranking import axis_end
from trendcolor.report.charts.rows import Listing, ListRow
from trendcolor.report.charts.spec import Spec, drawn_on, finished
from trendcolor.report.charts.theme import INK, PAPER, SOFT, WIDE
from trendcolor.report.families import paint
from trendcolor.report.words import Words

_DASH = "\N{EN DASH}"
_APART = 4.0  # pixels of the two intervals from the row's middle
_SIDES = {"garments": ("circle", INK, -_APART), "weight": ("diamond", PAPER, _APART)}


def weighted(
    garments: pl.DataFrame, weight: pl.DataFrame, words: Words, *, width: int = WIDE
) -> Spec:
    """Two marks on each row, joined by a line: how far weight and count are from each other.

    Args:
        garments: Public answers of `run.shares()` of garments; rows stand in its order.
        weight: The same with `unit="weight"`.
        words: Of what is written.
        width: In pixels.

    Guarantees, each held by tests/test_report_charts_weighted.py:
        Marks have the frames' shares and intervals. A share that is withheld has no mark, and no
        line leads to it.
    """
    others = {cell["family"]: cell for cell in weight.iter_rows(named=True)}
    pairs = [(cell, others.get(cell["family"])) for cell in garments.iter_rows(named=True)]
    label = words.text("Share of garments beside share of declared weight, by color family")
    if not pairs:
        return nothing(words, label=label, width=width)
    listing = Listing([_row(one, other, words) for one, other in pairs], width)
    entries = [
        KeyEntry(words.text("share of garments"), INK, "circle", INK),
        KeyEntry(words.text("share of declared weight"), PAPER, "diamond", INK),
    ]
    plot = listing.plot.with_top(key_height(entries, listing.plot.width))
    return finished(
        [*_marks(pairs, words, listing), *listing.texts()],
        key=key_layer(entries, plot.width),
        label=label,
        plot=plot,
    )


def _told(cell: dict[str, Any] | None) -> bool:
    return cell is not None and cell["share"] is not None


def _written(cell: dict[str, Any] | None, words: Words) -> str:
    if cell is None or cell["share"] is None:
        return words.text("withheld")
    return words.percent(cell["share"])


def _row(one: dict[str, Any], other: dict[str, Any] | None, words: Words) -> ListRow:
    family = one["family"]
    figure = words.percent(one["share"]) if _told(one) else _DASH
    return ListRow(family, words.family(family), (paint(family),), figure, _written(other, words))


def _marks(
    pairs: list[tuple[dict[str, Any], dict[str, Any] | None]], words: Words, listing: Listing
) -> list[alt.Chart]:
    points = [
        {
            "row": cell["family"],
            "side": side,
            **{name: cell[name] for name in ("share", "low", "high")},
            "tip": f"{words.family(cell['family'])}\n{words.percent(cell['share'])} "
            f"({words.interval(cell['low'], cell['high'])})",
        }
        for pair in pairs
        for side, cell in zip(_SIDES, pair, strict=True)
        if cell is not None and cell["share"] is not None
    ]
    lines = [
        {"row": one["family"], "from": one["share"], "to": other["share"]}
        for one, other in pairs
        if other is not None and _told(one) and _told(other)
    ]
    end = axis_end([point["high"] for point in points])
    axis = alt.Axis(format=".0%", tickCount=5, labelFlush=True)
    x = alt.X("share:Q", scale=alt.Scale(domain=[0, end], nice=False), axis=axis)
    layers = [
        drawn_on(lines).mark_rule(color=INK, strokeWidth=2.2).encode(
            x=alt.X("from:Q"), x2=alt.X2("to"), y=listing.y
        )
    ] if lines else []  # fmt: skip
    for side, (shape, fill, offset) in _SIDES.items():
        marks = drawn_on([point for point in points if point["side"] == side])
        layers += [
            marks.mark_rule(color=SOFT, strokeWidth=1, yOffset=offset, y2Offset=offset).encode(
                x=alt.X("low:Q"), x2=alt.X2("high"), y=listing.y
            ),
            marks.mark_point(
                shape=shape, fill=fill, stroke=INK, strokeWidth=1.5, size=85, opacity=1
            ).encode(x=x, y=listing.y, tooltip=alt.Tooltip("tip:N")),
        ]
    return layers
