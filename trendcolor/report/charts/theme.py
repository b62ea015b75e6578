"""How all charts look: inks, sizes, and what Vega-Lite is told once for all of them.

Inks are CSS variables with a literal to fall back on, so that one chart is right on light and dark
pages and on paper. Colors that are data stay as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

Row = Mapping[str, Any]

INK = "var(--ink, #171717)"
SOFT = "var(--soft, #595959)"
LINE = "var(--line, #dedede)"
PAPER = "var(--paper, #ffffff)"
PANEL = "var(--panel, #f5f5f5)"
EDGE = "var(--edge, #c2c2c2)"  # around swatches, so that white shows on white
HATCH = "var(--hatch, #c4c4c4)"  # of what is withheld

WIDE, NARROW = 880, 358  # pixels: a page's column, and that of a phone 390 wide
_NARROW_BELOW = 560  # pixels; narrower charts put labels above their rows
TEXT, SMALL = 13, 11.5  # font sizes, in pixels
BOLD = 600

CONFIG: Mapping[str, Any] = {
    "aria": False,  # a chart is one picture with one label; its rows stand in a table beside it
    "background": "transparent",
    "font": "sans-serif",  # replaced when it is drawn
    "view": {"stroke": None, "fill": None},
    "axis": {
        "domain": False,
        "ticks": False,
        "grid": False,
        "gridColor": LINE,
        "labelColor": SOFT,
        "labelFontSize": SMALL,
        "labelFontWeight": "normal",
        "labelPadding": 6,
        "title": None,
        "titleColor": SOFT,
        "titleFontSize": SMALL,
        "titleFontWeight": "normal",
    },
    "axisQuantitative": {"grid": True},
    "text": {"color": INK, "fontSize": TEXT, "baseline": "middle"},
    "rule": {"color": INK},
    "tick": {"color": INK},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """The place of the marks and the margins around it, in pixels."""

    width: float
    height: float
    left: float = 0
    right: float = 0
    top: float = 0
    bottom: float = 0

    def with_top(self, top: float) -> "Plot":
        """The same with another margin above."""
        return replace(self, top=top)


def is_narrow(width: float) -> bool:
    """Whether a chart of this width puts labels above its rows."""
    return width < _NARROW_BELOW
