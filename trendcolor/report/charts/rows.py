"""Charts that are a list: a swatch and a name on each row, marks in its middle, figures at its end.

In a narrow chart name and figures stand above the marks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from trendcolor.report.charts.fitting import shortened, text_width
from trendcolor.report.charts.spec import drawn_on
from trendcolor.report.charts.theme import (
    BOLD,
    EDGE,
    INK,
    PAPER,
    SMALL,
    SOFT,
    TEXT,
    Plot,
    Row,
    is_narrow,
)

BAR = 16.0  # height of the marks of a row, in pixels
_STEP, _STEP_NARROW = 30.0, 46.0
_ABOVE = 20.0  # of a narrow row, what name and figures take
_SWATCH, _BETWEEN, _GAP = 14.0, 7.0, 14.0
_MOST_NAME = 190.0
_AXIS = 26.0
_EDGE = 8.0


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row but for its marks."""

    key: str  # other for each row
    name: str
    fills: tuple[str, ...]  # of its swatch, from left to right: one or two
    figure: str
    note: str  # small, after the figure


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows from top to bottom, in a chart of some width."""

    rows: Sequence[ListRow]
    width: float  # of the whole chart, in pixels

    @property
    def is_narrow(self) -> bool:
        """Whether name and figures stand above the marks."""
        return is_narrow(self.width)

    @property
    def plot(self) -> Plot:
        """The place of the marks, without room for a key."""
        left, right = self._left, self._right
        step = _STEP_NARROW if self.is_narrow else _STEP
        return Plot(
            width=self.width - left - right,
            height=len(self.rows) * step,
            left=left,
            right=right,
            top=2,
            bottom=_AXIS,
        )

    @property
    def y(self) -> alt.Y:
        """The encoding of the field `row`, the key of a row."""
        plot = self.plot
        step = plot.height / max(1, len(self.rows))
        lower = _ABOVE / 2 if self.is_narrow else 0
        scale = alt.Scale(
            domain=[row.key for row in self.rows],
            range=[lower, plot.height + lower],
            paddingInner=1 - BAR / step,
            paddingOuter=(1 - BAR / step) / 2,
        )
        return alt.Y("row:N", axis=None, scale=scale)

    def texts(self) -> list[alt.Chart]:
        """Swatches, names and figures."""
        left = -self._left
        names, swatches = [], []
        for row in self.rows:
            names.append(
                {
                    "row": row.key,
                    "name": shortened(row.name, TEXT, _MOST_NAME),
                    "figure": row.figure,
                    "note": row.note,
                }
            )
            swatches += [
                {"row": row.key, "fill": fill, "dx": place} for place, fill in enumerate(row.fills)
            ]
        room = _swatches(self.rows)
        return [
            *self._swatches(swatches, left),
            *self._named(names, left + room),
        ]

    @property
    def _left(self) -> float:
        if self.is_narrow:
            return _EDGE
        widest = max((text_width(row.name, TEXT) for row in self.rows), default=0)
        return _swatches(self.rows) + min(_MOST_NAME, widest) + _GAP

    @property
    def _right(self) -> float:
        if self.is_narrow:
            return _EDGE
        notes = self._widest_note
        return _GAP + self._widest_figure + (_GAP + notes if notes else 0) + 2

    @property
    def _widest_figure(self) -> float:
        sizes = (text_width(row.figure, TEXT, is_bold=True) for row in self.rows)
        return max(sizes, default=0)

    @property
    def _widest_note(self) -> float:
        return max((text_width(row.note, SMALL) for row in self.rows), default=0)

    @property
    def _lift(self) -> float:
        return -_ABOVE if self.is_narrow else 0

    def _swatches(self, swatches: Sequence[Row], left: float) -> list[alt.Chart]:
        lift = self._lift
        return [
            drawn_on([each for each in swatches if each["dx"] == place])
            .mark_point(
                shape="square", size=_SWATCH**2, filled=True, opacity=1, stroke=EDGE,
                strokeWidth=1, xOffset=left + _SWATCH * (place + 0.5), yOffset=lift,
            )
            .encode(x=alt.XValue(0), y=self.y, fill=alt.Fill("fill:N", scale=None))
            for place in sorted({each["dx"] for each in swatches})
        ]  # fmt: skip

    def _named(self, rows: Sequence[Row], left: float) -> list[alt.Chart]:
        marks, lift = drawn_on(rows), self._lift
        end = 0.0 if self.is_narrow else _GAP + self._widest_figure
        note = -self._widest_figure - 8 if self.is_narrow else end + _GAP
        align = "right" if self.is_narrow else "left"
        right = alt.XValue("width")
        # Above narrow rows lines of the grid pass behind the figures: a rim of paper parts them.
        rim = {"stroke": PAPER, "strokeWidth": 5, "color": PAPER, "dy": lift, "align": "right"}
        rims = [
            marks.mark_text(dx=end, fontWeight=BOLD, **rim).encode(
                x=right, y=self.y, text=alt.Text("figure:N")
            ),
            marks.mark_text(dx=note, fontSize=SMALL, **rim).encode(
                x=right, y=self.y, text=alt.Text("note:N")
            ),
        ]
        return [
            *(rims if self.is_narrow else ()),
            marks.mark_text(align="left", dx=left, dy=lift, color=INK).encode(
                x=alt.XValue(0), y=self.y, text=alt.Text("name:N")
            ),
            marks.mark_text(align="right", dx=end, dy=lift, fontWeight=BOLD).encode(
                x=right, y=self.y, text=alt.Text("figure:N")
            ),
            marks.mark_text(align=align, dx=note, dy=lift, fontSize=SMALL, color=SOFT).encode(
                x=right, y=self.y, text=alt.Text("note:N")
            ),
        ]


def _swatches(rows: Sequence[ListRow]) -> float:
    """The pixels that swatches take before a name."""
    most = max((len(row.fills) for row in rows), default=0)
    return most * _SWATCH + (_BETWEEN if most else 0)
