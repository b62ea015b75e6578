"""Answers as parts of the page: tables with bars, each color with swatch, name, hex and share."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import polars as pl
from dash import dcc, html
from dash.development.base_component import Component

from trendcolor.explore.map_figure import PLANE_NAMES, cells_of, map_figure
from trendcolor.explore.swatches import hex_codes, names_of
from trendcolor.explore.words import change_interval, count, decimal, interval, percent, points

Row: TypeAlias = dict[str, Any]

# What is shown of an answer; all of it is in its CSV.
MOST_GROUPS = 24
MOST_ROWS = 16
_MOST_PAIRS = 60
_MOST_CELLS = 24
_SIGNS: Mapping[str, str] = {
    "up": "▲ up",
    "down": "▼ down",
    "no change shown": "= no change shown",
    "not enough data": "? not enough data",
}
_GRAPH = {"displayModeBar": False, "displaylogo": False, "scrollZoom": True, "responsive": True}


def swatch(code: str, *, is_large: bool = False) -> Component:
    """A patch of color; its name and hex stand beside it in words."""
    style = {"backgroundColor": code} if code else {}
    kind = "swatch large" if is_large else "swatch"
    return html.Span(
        className=kind if code else f"{kind} none", style=style, **{"aria-hidden": "true"}
    )


def color_words(label: str, code: str, name: str = "") -> Component:
    """A swatch with its words."""
    words = [html.B(label)] if label != code else [html.B(name or label)]
    if code:
        words.append(html.Code(code))
    return html.Span([swatch(code), html.Span(words, className="words")], className="color")


def bar(share: float | None, low: float | None, high: float | None, most: float) -> Component:
    """A share as a bar with its interval as a line; the figures stand beside it."""
    if share is None:
        return html.Span(className="bar withheld", **{"aria-hidden": "true"})
    marks = [html.Span(className="fill", style={"width": _at(share / most)})]
    if low is not None and high is not None:
        place = {"left": _at(low / most), "width": _at((high - low) / most)}
        marks.append(html.Span(className="whisker", style=place))
    return html.Span(marks, className="bar", **{"aria-hidden": "true"})


def _at(part: float) -> str:
    return f"{100 * min(max(part, 0.0), 1.0):.2f}%"


def table(caption: str, heads: Sequence[str], rows: Sequence[Component]) -> Component:
    """A table that a screen reader can read, and that scrolls by itself where it is too wide."""
    head = html.Thead(
        html.Tr(
            [
                html.Th(text, scope="col", className="of-bar" if text == "Bar" else None)
                for text in heads
            ]
        )
    )
    whole = html.Table([html.Caption(caption), head, html.Tbody(list(rows))])
    return html.Div(whole, className="scroll", tabIndex=0, role="region", **{"aria-label": caption})


def _row(first: Component, *cells: Component | str) -> Component:
    plain = [html.Td(cell, className="figure" if isinstance(cell, str) else None) for cell in cells]
    return html.Tr([html.Th(first, scope="row"), *plain])


def _groups(frame: pl.DataFrame, by: Sequence[str]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The groups of an answer in its order, each with what it is called."""
    if not by:
        yield "whole selection", frame
        return
    for values, part in frame.group_by(by, maintain_order=True):
        yield ", ".join(f"{name} {_value(v)}" for name, v in zip(by, values, strict=True)), part


def _value(value: object) -> str:
    return "(none)" if value is None else str(value)


def shares_panel(frame: pl.DataFrame, by: Sequence[str], level: str) -> list[Component]:
    """Shares of each group as bars with intervals."""
    if frame.is_empty():
        return [_nothing()]
    most = frame.select(pl.max_horizontal(pl.col("high").max(), pl.col("share").max())).item()
    groups = [*_groups(frame, by)]
    cards = [_shares_card(name, part, level, most or 1.0) for name, part in groups[:MOST_GROUPS]]
    parts = [html.Div(cards, className="cards" if len(cards) > 1 else "cards one")]
    if len(groups) > MOST_GROUPS:
        parts.append(_more(len(groups) - MOST_GROUPS, "groups"))
    return parts


def _shares_card(name: str, part: pl.DataFrame, level: str, most: float) -> Component:
    known = part.filter(pl.col("share").is_null() | (pl.col("share") > 0))
    shown = known.head(MOST_ROWS)
    unit = part["unit"][0]
    codes = hex_codes(level, shown[level].to_list())
    names = names_of(codes) if level in ("shade", "bin") else ["" for _ in codes]
    rows = [
        _row(
            color_words(code if level == "bin" else str(row[level]), code, named),
            bar(row["share"], row["low"], row["high"], most),
            percent(row["share"]),
            interval(row["low"], row["high"]),
            "" if row["share"] is None else count(row["numerator"]),
        )
        for row, code, named in zip(shown.iter_rows(named=True), codes, names, strict=True)
    ]
    heads = ("Color", "Bar", "Share", "Interval", unit.capitalize())
    notes = [_of(part)]
    if len(known) > len(shown):
        notes.append(f"{len(known) - len(shown)} more colors are in the CSV.")
    if len(part) > len(known):
        notes.append(f"{len(part) - len(known)} colors do not occur.")
    return html.Section(
        [html.H3(name), html.P(" ".join(notes), className="note"), table(name, heads, rows)],
        className="card",
    )


def _of(part: pl.DataFrame) -> str:
    first = part.row(0, named=True)
    if first["denominator"] is None:
        return "Withheld: this group rests on too few sources."
    sources = "" if first["sources"] is None else f" of {count(first['sources'])} sources"
    held = part["share"].null_count()
    told = f"{count(first['denominator'])} {first['unit']}{sources}."
    return f"{told} {held} colors are withheld." if held else told


def map_panel(frame: pl.DataFrame, plane: str) -> list[Component]:
    """Cells of the color grid as points, and the largest of them as a table."""
    cells = cells_of(frame)
    if cells.is_empty():
        return [_nothing()]
    largest = cells.head(_MOST_CELLS)
    most = largest.select(pl.col("high").max()).item()
    rows = [
        _row(
            color_words(row["hex"], row["hex"], row["name"]),
            bar(row["share"], row["low"], row["high"], most),
            percent(row["share"]),
            interval(row["low"], row["high"]),
            decimal(row["hue"], 0),
            decimal(row["chroma"], 0),
            decimal(row["l"], 0),
        )
        for row in largest.iter_rows(named=True)
    ]
    about = f"{PLANE_NAMES[plane]} of {len(cells)} cells of the color grid, 4 wide"
    figure = html.Figure(
        [
            dcc.Graph(id="map", figure=map_figure(cells, plane), config=_GRAPH),
            html.Figcaption(
                f"{about}. A point's area is the cell's share. Drag to move, scroll to zoom, "
                "double-click to go back. The table below has the largest cells in figures."
            ),
        ],
        className="card map",
    )
    heads = ("Color", "Bar", "Share", "Interval", "Hue h", "Chroma C*", "Lightness L*")
    whole = html.Section([html.H3("Largest cells"), table(about, heads, rows)], className="card")
    return [figure, whole]


def combinations_panel(frame: pl.DataFrame, by: Sequence[str], level: str) -> list[Component]:
    """Pairs of colors, with the share of looks that show both and the lift."""
    found = [*_groups(frame.filter(pl.col("looks").is_null() | (pl.col("looks") > 0)), by)]
    if not found or found[0][1].is_empty():
        return [_nothing()]
    cards = [_pairs_card(name, part, level) for name, part in found[:MOST_GROUPS]]
    return [html.Div(cards, className="cards one")]


def _pairs_card(name: str, part: pl.DataFrame, level: str) -> Component:
    shown = part.head(_MOST_PAIRS)
    most = shown.select(pl.max_horizontal(pl.col("high").max(), pl.col("share").max())).item()
    rows = [_pair_row(row, level, most or 1.0) for row in shown.iter_rows(named=True)]
    heads = ("Colors", "Bar", "Share of looks", "Interval", "Lift", "Its interval", "p adjusted")
    n = part.select(pl.col("n").max()).item()
    notes = [f"{count(n)} looks with two garments or more. Lift 1 is what chance gives."]
    if len(part) > len(shown):
        notes.append(f"{len(part) - len(shown)} more pairs are in the CSV.")
    return html.Section(
        [html.H3(name), html.P(" ".join(notes), className="note"), table(name, heads, rows)],
        className="card",
    )


def _pair_row(row: Row, level: str, most: float) -> Component:
    labels = [row["color"], row["with"]]
    pair = [
        color_words(label, code)
        for label, code in zip(labels, hex_codes(level, labels), strict=True)
    ]
    lift = [decimal(row[name]) for name in ("lift_low", "lift_high")]
    return _row(
        html.Span(pair, className="pair"),
        bar(row["share"], row["low"], row["high"], most),
        percent(row["share"]),
        interval(row["low"], row["high"]),
        decimal(row["lift"]),
        "–".join(lift) if all(lift) else "",  # noqa: RUF001  # a range
        decimal(row["p_adjusted"], 3),
    )


def compare_panel(frame: pl.DataFrame, level: str, a: str, b: str) -> list[Component]:
    """What changes from a to b, with its verdict."""
    shares = ("share_a", "share_b")
    known = frame.filter(pl.any_horizontal(pl.col(s).is_null() | (pl.col(s) > 0) for s in shares))
    if known.is_empty():
        return [_nothing()]
    shown = known.head(_MOST_PAIRS)
    most = shown.select(pl.max_horizontal(pl.col("low", "high", "change").abs().max())).item()
    codes = hex_codes(level, shown[level].to_list())
    names = names_of(codes) if level in ("shade", "bin") else ["" for _ in codes]
    rows = [
        _row(
            color_words(code if level == "bin" else str(row[level]), code, named),
            percent(row["share_a"]),
            percent(row["share_b"]),
            _change_bar(row, most or 1.0),
            points(row["change"]),
            change_interval(row["low"], row["high"]),
            html.Span(_SIGNS.get(row["verdict"], "withheld"), className="verdict"),
        )
        for row, code, named in zip(shown.iter_rows(named=True), codes, names, strict=True)
    ]
    heads = ("Color", f"a: {a}", f"b: {b}", "Bar", "Change", "Interval", "Verdict")
    title = f"From {a} to {b}"
    whole = [html.H3(title), html.P(_between(frame), className="note"), table(title, heads, rows)]
    return [html.Section(whole, className="card")]


def _between(frame: pl.DataFrame) -> str:
    first = frame.row(0, named=True)
    told = [f"{count(first[f'denominator_{side}'])} {first['unit']} in {side}" for side in "ab"]
    text = " and ".join(told) + ". Verdicts are corrected for the number of colors."
    if first["distance"] is not None:
        text += (
            f" As a whole the palettes are {decimal(first['distance'], 1)} CIEDE2000 apart "
            f"(p = {decimal(first['distance_p'], 3)})."
        )
    return text


def _change_bar(row: Row, most: float) -> Component:
    """A change to the left or right of the middle, with its interval as a line."""
    change = row["change"]
    if change is None:
        return html.Span(className="bar withheld", **{"aria-hidden": "true"})

    def place(low: float, high: float) -> dict[str, str]:
        return {"left": _at(0.5 + low / most / 2), "width": _at((high - low) / most / 2)}

    marks = [html.Span(className="fill", style=place(min(change, 0), max(change, 0)))]
    if row["low"] is not None and row["high"] is not None:
        marks.append(html.Span(className="whisker", style=place(row["low"], row["high"])))
    return html.Span(marks, className="bar middle", **{"aria-hidden": "true"})


def signatures_panel(frame: pl.DataFrame, by: Sequence[str]) -> list[Component]:
    """Signature colors as cards."""
    known = frame.filter(pl.col("n").is_null() | (pl.col("n") > 0))
    if known.is_empty():
        return [_nothing()]
    cards = [_signature(row, by) for row in known.head(4 * MOST_GROUPS).iter_rows(named=True)]
    return [html.Ul(cards, className="chips")]


def _signature(row: Row, by: Sequence[str]) -> Component:
    group = ", ".join(_value(row[name]) for name in by)
    if row["color"] is None:
        words = [html.B(row["family"] or "withheld"), html.Span("withheld")]
        return html.Li([swatch("", is_large=True), *words, html.Span(group)], className="chip")
    share = "" if row.get("share") is None else f", {percent(row['share'])} within reach"
    spread = "" if row["spread"] is None else f" ± {decimal(row['spread'], 1)}"
    words = [
        html.B(row["name"]),
        html.Code(row["color"]),
        html.Span(f"{row['family']}{spread}, n {count(row['n'])}{share}"),
    ]
    words += [html.Span(group, className="group")] if group else []
    return html.Li([swatch(row["color"], is_large=True), *words], className="chip")


def palette_panel(frame: pl.DataFrame, by: Sequence[str]) -> list[Component]:
    """The palette of each group: a strip, and its colors in words."""
    groups = [*_groups(frame, by)]
    if frame.is_empty():
        return [_nothing()]
    cards = []
    for name, part in groups[:MOST_GROUPS]:
        rows = part.filter(pl.col("color").is_not_null()).to_dicts()
        strip = [
            html.Span(style={"backgroundColor": row["color"], "flexGrow": max(row["share"], 0.01)})
            for row in rows
        ]
        words = [
            html.Li([color_words(row["name"], row["color"]), html.Span(percent(row["share"]))])
            for row in rows
        ]
        whole = [html.H3(name), html.Div(strip, className="strip", **{"aria-hidden": "true"})]
        cards.append(html.Section([*whole, html.Ul(words, className="list")], className="card"))
    return [html.Div(cards, className="cards")]


def _nothing() -> Component:
    return html.P("Nothing in the run meets these conditions.", className="note")


def _more(n: int, what: str) -> Component:
    return html.P(f"{n} more {what} are in the CSV.", className="note")
