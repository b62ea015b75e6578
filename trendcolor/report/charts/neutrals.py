"""Neutrals against chromatic colors: the former to the left of a line, the latter to its right."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from trendcolor.report.charts.bands import group_name
from trendcolor.report.charts.nothing import nothing
from trendcolor.report.charts.rows import BAR, Listing, ListRow
from trendcolor.report.charts.spec import Spec, drawn_on, finished
from trendcolor.report.charts.theme import (
    BOLD,
    EDGE,
    INK,
    PANEL,
    SMALL,
    SOFT,
    WIDE,
    Row,
)
from trendcolor.report.charts.withheld import hatching
from trendcolor.report.families import FAMILY_COLORS
from trendcolor.report.words import Words

# The families that trade reports count as neutral. They add navy, which is no family of its own
# here but blue, so it counts as chromatic.
NEUTRALS = ("black", "white", "gray", "beige", "brown")
_ROOM = 62.0  # pixels at each end of the longest bar, for its figure
_HEAD = 24.0  # above the bars, for the names of the two sides
_AT_LEAST = "\N{GREATER-THAN OR EQUAL TO} "
_NOTHING = 1e-9  # less than this is withheld by rounding alone


def neutrals(shares: pl.DataFrame, words: Words, *, column: str, width: int = WIDE) -> Spec:
    """A bar for each group, with the share of neutral and of chromatic garments at its ends.

    What a group withholds is of neither side: it is hatched, at the bar's right end, and the two
    shares read "at least".

    Args:
        shares: Public answers of `run.shares(by=column)`; bars stand in the order of groups.
        words: Of what is written.
        column: The column of groups.
        width: In pixels.

    Guarantees, each held by tests/test_report_charts_neutrals.py:
        The two sides are the sums of the frame's shares of their families.
    """
    groups = shares.partition_by(column, as_dict=True, maintain_order=True)
    rows, parts = [], []
    for number, (key, cells) in enumerate(groups.items()):
        known = cells["denominator"].drop_nulls()
        note = "" if known.is_empty() else f"n = {words.count(known[0])}"
        rows.append(ListRow(str(number), group_name(key[0], column, words), (), "", note))
        parts.append(_parts(str(number), cells, words))
    label = words.text("Share of neutral and of chromatic garments in each group")
    if not rows:
        return nothing(words, label=label, width=width)
    listing = Listing(rows, width)
    plot = listing.plot.with_top(_HEAD)
    return finished(
        [*_marks(parts, words, listing), *_heads(words), *listing.texts()],
        label=label,
        plot=plot,
    )


def _parts(key: str, cells: pl.DataFrame, words: Words) -> list[dict[str, Any]]:
    """The parts of a bar: neutrals lie below 0, the nearest to the line first."""
    told = {cell["family"]: cell for cell in cells.iter_rows(named=True) if cell["share"]}
    chromatic = [family for family in FAMILY_COLORS if family not in NEUTRALS]
    found: list[dict[str, Any]] = []
    for side, families in (("neutral", NEUTRALS[::-1]), ("chromatic", chromatic)):
        reach = 0.0
        for family in families:
            if family not in told:
                continue
            share = told[family]["share"]
            ends = (reach, reach + share) if side == "chromatic" else (-reach - share, -reach)
            tip = f"{words.family(family)}: {words.percent(share)}"
            place = {"row": key, "side": side, "family": family, "share": share}
            found.append({**place, **_ends(ends), "fill": FAMILY_COLORS[family], "tip": tip})
            reach += share
    hidden = 1 - sum(part["share"] for part in found)
    if not cells.is_empty() and hidden > _NOTHING:
        start = sum(part["share"] for part in found if part["side"] == "chromatic")
        tip = f"{words.text('withheld')}: {words.percent(hidden)}"
        place = {"row": key, "side": "withheld", "family": None, "share": None}
        found.append({**place, **_ends((start, start + hidden)), "fill": PANEL, "tip": tip})
    return found


def _ends(ends: tuple[float, float]) -> dict[str, float]:
    return {"start": ends[0], "end": ends[1]}


def _marks(groups: Sequence[Sequence[Row]], words: Words, listing: Listing) -> list[alt.Chart]:
    parts = [part for group in groups for part in group]
    low = min((part["start"] for part in parts), default=0.0)
    high = max((part["end"] for part in parts), default=1.0)
    width = listing.plot.width
    scale = (width - 2 * _ROOM) / max(high - min(low, 0.0), 0.01)
    domain = [min(low, 0.0) - _ROOM / scale, high + _ROOM / scale]
    x = alt.X("start:Q", axis=None, scale=alt.Scale(domain=domain, nice=False, zero=False))
    bars = drawn_on(parts).mark_bar(stroke=EDGE, strokeWidth=1)
    layers = [
        bars.encode(
            x=x,
            x2=alt.X2("end"),
            y=listing.y,
            fill=alt.Fill("fill:N", scale=None),
            tooltip=alt.Tooltip("tip:N"),
        )
    ]
    hidden = [(part["row"], part["start"], part["end"]) for part in parts if not part["family"]]
    if hidden:
        layers.append(hatching(hidden, row=listing.y, scale=scale, height=BAR))
    line = drawn_on([{"none": 0}]).mark_rule(color=INK, strokeWidth=1.5)
    return [*layers, line.encode(x=alt.X("none:Q")), *_totals(groups, words, listing)]


def _totals(groups: Sequence[Sequence[Row]], words: Words, listing: Listing) -> list[alt.Chart]:
    """The share of each side, at its end of the bar."""
    texts = []
    for parts in groups:
        if not any(part["family"] for part in parts):
            continue
        prefix = _AT_LEAST if any(not part["family"] for part in parts) else ""
        for side, end in (("neutral", "start"), ("chromatic", "end")):
            share = sum(part["share"] for part in parts if part["side"] == side)
            ends = [part[end] for part in parts if (part["end"] <= 0) == (side == "neutral")]
            outer = min(ends, default=0.0) if side == "neutral" else max(ends, default=0.0)
            text = prefix + words.percent(share)
            row = parts[0]["row"]
            texts.append({"row": row, "side": side, "total": share, "at": outer, "text": text})
    return [
        drawn_on([text for text in texts if text["side"] == side])
        .mark_text(align=align, dx=dx, fontSize=SMALL, fontWeight=BOLD)
        .encode(x=alt.X("at:Q"), y=listing.y, text=alt.Text("text:N"))
        for side, align, dx in (("neutral", "right", -6), ("chromatic", "left", 6))
        if texts
    ]


def _heads(words: Words) -> list[alt.Chart]:
    """The names of the two sides, on both sides of the line."""
    sides = (("right", -8, words.text("neutral")), ("left", 8, words.text("chromatic")))
    return [
        drawn_on([{"none": 0, "text": name}])
        .mark_text(align=align, dx=dx, fontSize=SMALL, color=SOFT)
        .encode(x=alt.X("none:Q"), y=alt.YValue(-10), text=alt.Text("text:N"))
        for align, dx, name in sides
    ]
