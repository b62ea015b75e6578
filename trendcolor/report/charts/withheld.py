"""What is withheld, as charts show it: hatched, and never as a color or a figure."""

from collections.abc import Sequence

import altair as alt

from trendcolor.report.charts.spec import drawn_on
from trendcolor.report.charts.theme import HATCH

_STEP = 7.0  # pixels between two strokes
_SLANT = 0.35  # of a stroke: its width as a fraction of its height
_STROKE = f"M-{_SLANT},1L{_SLANT},-1"


def hatching(
    segments: Sequence[tuple[str, float, float]], *, row: alt.Y, scale: float, height: float
) -> alt.Chart:
    """Strokes over parts of rows, made of marks, so that no pattern has to be shared by pictures.

    Args:
        segments: The row of each part, its start and its end in units of the x axis.
        row: The encoding of rows, of the field `row`.
        scale: Pixels of one unit of the x axis.
        height: Of a row, in pixels.

    Returns:
        A layer whose x is the field `at`, on the axis of the layers beside it.
    """
    rows = []
    for name, start, end in segments:
        reach = _SLANT * height / 2
        first, last = start * scale + reach, end * scale - reach
        n_strokes = int((last - first) // _STEP) + 1 if last >= first else 0
        margin = (last - first - (n_strokes - 1) * _STEP) / 2
        rows += [
            {"row": name, "at": round((first + margin + number * _STEP) / scale, 5)}
            for number in range(n_strokes)
        ]
    strokes = drawn_on(rows).mark_point(
        shape=_STROKE, size=height**2, stroke=HATCH, strokeWidth=1, fill=None, opacity=1
    )
    return strokes.encode(x=alt.X("at:Q"), y=row)
