"""How the families move from period to period: one small chart a family, all on one scale."""

from collections.abc import Iterator, Sequence

import altair as alt
import polars as pl

from trendcolor.report.charts.fitting import text_width
from trendcolor.report.charts.nothing import nothing
from trendcolor.report.charts.spec import Data, Rows, Spec, layered, whole
from trendcolor.report.charts.theme import (
    BOLD,
    EDGE,
    HATCH,
    INK,
    SMALL,
    SOFT,
    TEXT,
    WIDE,
    is_narrow,
)
from trendcolor.report.families import FAMILY_COLORS
from trendcolor.report.words import Words

_HEIGHT = 104.0  # of one chart's marks, in pixels
_TITLE = 34.0  # its title, inside its upper part
_AXIS = 36.0  # figures left of the first chart of a line
_GAP, _LINE_GAP = 22.0, 20.0
_COLUMNS, _COLUMNS_NARROW = 4, 2
_EDGE = 2.0  # room for points at the right edge
# Slanted strokes one below the other, in pixels from their middle.
_STROKES = "".join(f"M-7,{y + 7}L7,{y - 7}" for y in range(-42, 43, 7))
# Where the scale of shares may end; the smallest that holds every interval is taken.
_ENDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


def evolution(
    shares: pl.DataFrame,
    words: Words,
    *,
    column: str,
    periods: Sequence[str],
    width: int = WIDE,
) -> Spec:
    """Small charts of shares by period with their intervals, the most frequent family first.

    Small charts, because twelve lines in one can't be followed, and because white, beige and
    yellow can't be told apart as lines. Each line has an outline, so that white shows on white.

    Args:
        shares: Public answers of `run.shares(by=column)`.
        words: Of what is written.
        column: The column of periods.
        periods: In their order; other values of the column are left out.
        width: In pixels.

    Guarantees, each held by tests/test_report_charts_evolution.py:
        Points have the frame's shares and intervals. Where a period withholds a family its line
        is broken, and a mark says so.
    """
    told = shares.filter(pl.col(column).is_in(list(periods)))
    families = _order(told)
    label = words.text("Share of each color family from period to period")
    if not families:
        return nothing(words, label=label, width=width)
    rows = [row for family in families for row in _rows(told, words, family, column, periods)]
    n_columns = min(_COLUMNS_NARROW if is_narrow(width) else _COLUMNS, len(families))
    each = (width - _AXIS - _EDGE - (n_columns - 1) * _GAP) / n_columns
    data, header = Data(), {"labelExpr": "''", "labelColor": INK, "title": None}
    panel = layered(_layers(periods, _end(told), each), data)
    panels: Spec = {
        "data": {"name": data.name(Rows(rows))},
        "facet": {"field": "family", "type": "nominal", "sort": families, "header": header},
        "columns": n_columns,
        "spec": {**panel, "width": each, "height": _HEIGHT},
        "spacing": {"row": _LINE_GAP, "column": _GAP},
        "padding": {"left": 0, "right": _EDGE, "top": 2, "bottom": 2},
    }
    return whole(panels, data, label=label)


def _order(shares: pl.DataFrame) -> list[str]:
    """The families, the most frequent first; those that are nowhere told are left out."""
    mean = shares.group_by("family", maintain_order=True).agg(pl.mean("share"))
    return mean.drop_nulls().sort("share", descending=True, maintain_order=True)["family"].to_list()


def _end(shares: pl.DataFrame) -> float:
    highest = shares.select(pl.col("high").max()).item() or 0.0
    return next((end for end in _ENDS if end >= highest), 1.0)


def _rows(
    shares: pl.DataFrame, words: Words, family: str, column: str, periods: Sequence[str]
) -> Iterator[dict[str, object]]:
    """What is drawn of one family: its periods, those that withhold it, and its title."""
    cells = {
        cell[column]: cell
        for cell in shares.filter(pl.col("family") == family).iter_rows(named=True)
    }
    fill, piece, last = FAMILY_COLORS[family], 0, None
    for period in periods:
        cell = cells.get(period)
        if cell is None or cell["share"] is None:
            piece += 1
            if cell is not None:
                tip = f"{period}\n{words.family(family)}: {words.text('withheld')}"
                yield {"kind": "gap", "family": family, "period": period, "tip": tip}
            continue
        last = cell["share"]
        figures = {name: cell[name] for name in ("share", "low", "high")}
        tip = f"{period}\n{words.family(family)}: {words.percent(last)}"
        tip += f"\n{words.interval(cell['low'], cell['high'])}"
        place = {"kind": "point", "family": family, "period": period, "piece": piece}
        yield {**place, **figures, "fill": fill, "tip": tip}
    share = "" if last is None else words.percent(last)
    name = words.family(family)
    yield {"kind": "title", "family": family, "fill": fill, "name": name, "last": share}


def _layers(periods: Sequence[str], end: float, width: float) -> list[alt.Chart]:
    fill = alt.Color("fill:N", scale=None)
    x, y = _x(periods, width), _y(end)
    # The order of rows is that of the periods.
    points = _of_kind("point").encode(x=x)
    path = points.encode(y=y, detail=alt.Detail("piece:O"))
    return [
        points.mark_area(opacity=0.3).encode(
            y=_y(end, "low"), y2=alt.Y2("high"), color=fill, detail=alt.Detail("piece:O")
        ),
        points.mark_rule(color=SOFT, opacity=0.6).encode(y=_y(end, "low"), y2=alt.Y2("high")),
        path.mark_line(color=INK, opacity=0.45, strokeWidth=4),
        path.mark_line(strokeWidth=2.6).encode(color=fill),
        points.mark_point(filled=True, size=44, opacity=1, stroke=SOFT, strokeWidth=1).encode(
            y=y, fill=alt.Fill("fill:N", scale=None), tooltip=alt.Tooltip("tip:N")
        ),
        *_gaps(x),
        *_titles(),
    ]


def _of_kind(kind: str) -> alt.Chart:
    return alt.Chart().transform_filter(f"datum.kind == '{kind}'")


def _x(periods: Sequence[str], width: float) -> alt.X:
    """Periods from left to right; where their names don't fit, the first and the last is named."""
    takes = max((text_width(period, SMALL) for period in periods), default=0) + 8
    fits = takes * len(periods) <= width
    named = list(periods) if fits else list(dict.fromkeys((periods[0], periods[-1])))
    axis = alt.Axis(values=named, labelAngle=0, labelFlush=not fits, labelOverlap=False)
    scale = alt.Scale(domain=list(periods), type="point", padding=0.35 if fits else 0)
    return alt.X("period:N", scale=scale, axis=axis)


def _y(end: float, field: str = "share") -> alt.Y:
    axis = alt.Axis(format=".0%", tickCount=3, orient="left")
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, end], nice=False), axis=axis)


def _gaps(x: alt.X) -> list[alt.Chart]:
    """A hatched column where a period withholds the family."""
    marks = _of_kind("gap").mark_point(
        shape=_STROKES, size=4, stroke=HATCH, strokeWidth=1, fill=None, opacity=1
    )
    return [marks.encode(x=x, y=alt.YValue(_HEIGHT / 2), tooltip=alt.Tooltip("tip:N"))]


def _titles() -> list[alt.Chart]:
    marks = _of_kind("title")
    square = marks.mark_point(
        shape="square", size=144, filled=True, opacity=1, stroke=EDGE, strokeWidth=1
    )
    name = marks.mark_text(align="left", fontSize=TEXT, fontWeight=BOLD, color=INK)
    last = marks.mark_text(align="right", fontSize=TEXT, color=INK)
    y = alt.YValue(-_TITLE / 2 - 1)
    return [
        square.encode(x=alt.XValue(6), y=y, fill=alt.Fill("fill:N", scale=None)),
        name.encode(x=alt.XValue(19), y=y, text=alt.Text("name:N")),
        last.encode(x=alt.XValue("width"), y=y, text=alt.Text("last:N")),
    ]
