"""Which colors are worn together: a matrix of how much oftener than by chance, and a list."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import polars as pl

from trendcolor.color.spaces import lab_to_srgb, srgb_to_lab
from trendcolor.report.charts.fitting import text_width
from trendcolor.report.charts.key import KeyEntry, key_height, key_layer
from trendcolor.report.charts.nothing import nothing
from trendcolor.report.charts.ranking import bar_layers
from trendcolor.report.charts.rows import Listing, ListRow
from trendcolor.report.charts.spec import Spec, drawn_on, finished
from trendcolor.report.charts.theme import (
    EDGE,
    HATCH,
    LINE,
    PANEL,
    SMALL,
    SOFT,
    TEXT,
    WIDE,
    Plot,
    Row,
)
from trendcolor.report.families import FAMILY_COLORS, ink, paint
from trendcolor.report.words import Words

# From seldom over as by chance to often. Orange and blue are told apart with any common kind of
# color blindness (Okabe and Ito 2008, jfly.uni-koeln.de/color), and the figure is in the cell.
_SELDOM, _CHANCE, _OFTEN = "#b9560f", "#f1efea", "#1f63a6"
_MOST_LOG = 2.0  # log2 of the lift with the full color: four times, or a quarter
_UNSURE = 0.4  # of the color where the interval holds 1
_MOST_COLORS = 12
_CELL, _CELL_HEIGHT = 76.0, 34.0
_BAR_FILL = "#8a94a0"  # of the list: no color of clothes is meant
_HEAD = 30.0
_DASH = "\N{EN DASH}"
_TIMES = "\N{MULTIPLICATION SIGN}"
_STROKES = "".join(f"M{x - 7},8L{x + 7},-8" for x in (-14, -7, 0, 7, 14))


def pairs_matrix(pairs: pl.DataFrame, words: Words, *, width: int = WIDE) -> Spec:
    """A cell for each pair with its lift: looks that show both, over those expected by chance.

    Colors are full where the interval of the lift leaves out 1, else pale. Pairs that are expected
    in too few looks to tell anything have a dash, those that are withheld are hatched.

    Args:
        pairs: Public answers of `run.combinations()`, without `by`.
        words: Of what is written.
        width: In pixels.

    Guarantees, each held by tests/test_report_charts_pairs.py:
        Cells have the frame's lifts. A withheld pair has no figure.
    """
    colors = _colors(pairs)
    label = words.text("How much oftener two colors are worn together than by chance")
    if len(colors) < 2:
        return nothing(words, label=label, width=width)
    labels = {color: _name(color, words) for color in colors}
    left = 24.0 + max((text_width(name, TEXT) for name in labels.values()), default=0)
    size = min(_CELL, (width - left - 2) / (len(colors) - 1))
    entries = [
        KeyEntry(words.text("seldom together"), _SELDOM),
        KeyEntry(words.text("as by chance"), _CHANCE),
        KeyEntry(words.text("often together"), _OFTEN),
    ]
    cells = [
        _cell(pair, colors, words, size)
        for pair in pairs.iter_rows(named=True)
        if pair["color"] in colors and pair["with"] in colors
    ]
    plot = Plot(
        width=size * (len(colors) - 1),
        height=_CELL_HEIGHT * (len(colors) - 1),
        left=left,
        right=max(2, width - left - size * (len(colors) - 1)),
        top=key_height(entries, width - left) + _HEAD,
        bottom=4,
    )
    return finished(
        [*_marks(cells, colors, size), *_heads(colors, labels, size, left)],
        key=key_layer(entries, width - left, above=_HEAD),
        label=label,
        plot=plot,
    )


def pairs_list(
    pairs: pl.DataFrame, words: Words, *, width: int = WIDE, most: int = _MOST_COLORS
) -> Spec:
    """The pairs that most looks show, as bars beside their two colors.

    Args:
        pairs: As of `pairs_matrix`.
        words: Of what is written.
        width: In pixels.
        most: The most pairs.

    Guarantees, each held by tests/test_report_charts_pairs.py:
        Bars have the frame's shares and intervals; withheld pairs are left out.
    """
    told = pairs.filter(pl.col("share").is_not_null() & (pl.col("looks") > 0))
    told = told.sort("looks", descending=True, maintain_order=True).head(most)
    rows, bars = [], []
    for pair in told.iter_rows(named=True):
        key = f"{pair['color']} {pair['with']}"
        names = (_name(pair["color"], words), _name(pair["with"], words))
        name = words.text("{color} with {other}", color=names[0], other=names[1])
        fills = (paint(pair["color"]), paint(pair["with"]))
        interval = words.interval(pair["low"], pair["high"])
        rows.append(ListRow(key, name, fills, words.percent(pair["share"]), interval))
        figures = {figure: pair[figure] for figure in ("share", "low", "high")}
        bars.append({"row": key, **figures, "fill": _BAR_FILL, "tip": _tip(pair, words)})
    label = words.text("Share of looks that show both colors, with its interval")
    if not rows:
        return nothing(words, label=label, width=width)
    listing = Listing(rows, width)
    return finished(
        [*bar_layers(bars, (), listing), *listing.texts()],
        label=label,
        plot=listing.plot,
    )


def _name(color: str, words: Words) -> str:
    return words.family(color) if color in FAMILY_COLORS else color


def _colors(pairs: pl.DataFrame) -> list[str]:
    """The colors with a pair that is told or withheld: families in their order, others by looks."""
    shown = pairs.filter(pl.col("p").is_not_null() | pl.col("share").is_null())
    both = pl.concat(
        [shown.select("color", "looks"), shown.select("looks", color="with")], how="diagonal"
    )
    counted = both.group_by("color", maintain_order=True).agg(pl.sum("looks"))
    found = counted.sort("looks", descending=True, maintain_order=True)["color"].to_list()
    if set(found) <= FAMILY_COLORS.keys():
        return [family for family in FAMILY_COLORS if family in found]
    return found[:_MOST_COLORS]


def _cell(pair: Row, colors: Sequence[str], words: Words, size: float) -> dict[str, Any]:
    """A pair's cell: the later color's row, the earlier one's column."""
    column, row = sorted((pair["color"], pair["with"]), key=colors.index)
    place = {"row": row, "column": column}
    names = words.text("{color} with {other}", color=_name(column, words), other=_name(row, words))
    if pair["share"] is None:
        tip = f"{names}\n{words.text('withheld')}"
        return {**place, "kind": "withheld", "fill": PANEL, "tip": tip}
    tip = _tip(pair, words)
    if pair["p"] is None or pair["lift"] is None:
        dash = {"kind": "untold", "fill": PANEL, "ink": SOFT, "text": _DASH}
        return {**place, **dash, "looks": pair["looks"], "tip": tip}
    fill = _fill(pair)
    text = words.decimal(pair["lift"], 1) + (_TIMES if size >= 40 else "")
    figures = {name: pair[name] for name in ("lift", "looks")}
    told = {"kind": "told", "fill": fill, "ink": ink(fill), "text": text}
    return {**place, **told, **figures, "tip": tip}


def _fill(pair: Row) -> str:
    """The color of a lift; mixed in CIELAB, so that steps look even."""
    is_sure = pair["lift_low"] > 1 or pair["lift_high"] < 1
    reach = float(np.clip(np.log2(max(pair["lift"], 1e-6)) / _MOST_LOG, -1, 1))
    ends = [_CHANCE, _OFTEN if reach > 0 else _SELDOM]
    rgb = np.array([list(bytes.fromhex(end[1:])) for end in ends], np.uint8)
    near, far = srgb_to_lab(rgb)
    part = abs(reach) ** 0.7 * (1 if is_sure else _UNSURE)
    return "#" + bytes(lab_to_srgb((near + part * (far - near))[None])[0]).hex()


def _tip(pair: Row, words: Words) -> str:
    names = (_name(pair["color"], words), _name(pair["with"], words))
    lines = [
        words.text("{color} with {other}", color=names[0], other=names[1]),
        f"{words.percent(pair['share'])} ({words.interval(pair['low'], pair['high'])})",
        words.text(
            "{looks} of {all} looks, {expected} expected by chance",
            looks=words.count(pair["looks"]),
            all=words.count(pair["n"]),
            expected=words.decimal(pair["expected"], 1),
        ),
    ]
    if pair["p"] is not None and pair["lift"] is not None:
        ends = [words.decimal(pair[end], 1) for end in ("lift_low", "lift_high")]
        lines.append(f"{words.decimal(pair['lift'], 1)}{_TIMES} ({ends[0]}{_DASH}{ends[1]})")
    return "\n".join(lines)


def _axes(colors: Sequence[str]) -> Mapping[str, Any]:
    """Columns are all colors but the last, rows all but the first."""
    x = alt.X("column:N", axis=None, scale=alt.Scale(domain=list(colors[:-1]), padding=0.02))
    y = alt.Y("row:N", axis=None, scale=alt.Scale(domain=list(colors[1:]), padding=0.03))
    return {"x": x, "y": y}


def _marks(cells: Sequence[Mapping[str, Any]], colors: Sequence[str], size: float) -> list[Any]:
    axes = _axes(colors)
    tip, fill = alt.Tooltip("tip:N"), alt.Fill("fill:N", scale=None)
    hidden = [cell for cell in cells if cell["kind"] == "withheld"]
    texts = [cell for cell in cells if cell["kind"] != "withheld"]
    font = SMALL if size >= 30 else SMALL - 2
    grounds = [
        drawn_on([cell for cell in cells if (cell["kind"] == "told") == is_told])
        .mark_rect(stroke=EDGE if is_told else LINE, strokeWidth=1)
        .encode(**axes, fill=fill, tooltip=tip)
        for is_told in (True, False)
        if any((cell["kind"] == "told") == is_told for cell in cells)
    ]
    written = drawn_on(texts).mark_text(fontSize=font)
    strokes = drawn_on(hidden).mark_point(
        shape=_STROKES if size >= 40 else _STROKES[: len("M-21,8L-7,-8")].replace("21", "7")
        .replace("L-7", "L7"),
        size=4, stroke=HATCH, strokeWidth=1, fill=None, opacity=1,
    )  # fmt: skip
    ink_of = alt.Color("ink:N", scale=None)
    return [
        *grounds,
        *([strokes.encode(**axes)] if hidden else []),
        *([written.encode(**axes, text=alt.Text("text:N"), color=ink_of)] if texts else []),
    ]


def _heads(
    colors: Sequence[str], labels: Mapping[str, str], size: float, left: float
) -> Iterator[alt.Chart]:
    """Swatches and names of rows and columns; columns that are too narrow have no names."""
    axes = _axes(colors)
    rows = [{"row": color, "fill": paint(color), "name": labels[color]} for color in colors[1:]]
    tops = [{"column": color, "fill": paint(color), "name": labels[color]} for color in colors[:-1]]
    fill = alt.Fill("fill:N", scale=None)
    square = {"shape": "square", "size": 144, "filled": True, "opacity": 1}
    edge = {"stroke": EDGE, "strokeWidth": 1}
    fits = all(text_width(top["name"], SMALL) <= size - 2 for top in tops)
    yield (
        drawn_on(rows)
        .mark_point(**square, **edge, xOffset=6 - left)
        .encode(x=alt.XValue(0), y=axes["y"], fill=fill)
    )
    yield (
        drawn_on(rows)
        .mark_text(align="left", dx=18 - left)
        .encode(x=alt.XValue(0), y=axes["y"], text=alt.Text("name:N"))
    )
    yield (
        drawn_on(tops)
        .mark_point(**square, **edge)
        .encode(x=axes["x"], y=alt.YValue(-22 if fits else -11), fill=fill)
    )
    if fits:
        yield (
            drawn_on(tops)
            .mark_text(fontSize=SMALL, color=SOFT)
            .encode(x=axes["x"], y=alt.YValue(-7), text=alt.Text("name:N"))
        )
