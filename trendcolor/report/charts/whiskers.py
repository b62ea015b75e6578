"""Intervals as lines with ends, with a rim of paper so that they show on any color."""

import altair as alt

from trendcolor.report.charts.theme import INK, PAPER

_END = 9.0  # height of an end, in pixels


def whiskers(
    marks: alt.Chart, *, y: alt.Y, low: str = "low", high: str = "high", color: str = INK
) -> list[alt.Chart]:
    """Layers of a chart whose rows have an interval on the x axis that its layers share."""
    left, right = alt.X(f"{low}:Q"), alt.X(f"{high}:Q")
    return [
        marks.mark_rule(color=PAPER, strokeWidth=4.5, opacity=0.75).encode(
            x=left, x2=alt.X2(high), y=y
        ),
        marks.mark_rule(color=color, strokeWidth=1.5).encode(x=left, x2=alt.X2(high), y=y),
        marks.mark_tick(color=color, thickness=1.5, height=_END, orient="vertical").encode(
            x=left, y=y
        ),
        marks.mark_tick(color=color, thickness=1.5, height=_END, orient="vertical").encode(
            x=right, y=y
        ),
    ]
