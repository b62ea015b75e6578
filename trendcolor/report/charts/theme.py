"""How all charts look: inks, sizes, and what Vega-Lite is told once for all of them.

Inks are CSS variables with a literal to fall back on, so that one chart is right on light and dark
pages and on paper. Colors that are data stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import altair as alt
import polars as pl

Row = Mapping[str, Any]
Layer = alt.Chart | alt.LayerChart

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

_CONFIG = {
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


def themed(chart: Any) -> Any:
    """A chart of any kind with the theme."""
    return chart.configure(**_CONFIG)


def finished(
    layers: Sequence[Layer], *, label: str, plot: Plot, key: alt.LayerChart | None = None
) -> alt.LayerChart:
    """Layers as a chart with its size, its margins and the theme.

    Args:
        layers: From the lowest to the highest.
        label: What the chart shows, for who can't see it.
        plot: Sizes.
        key: In pixels, apart from the scales of the layers.
    """
    margins = {"left": plot.left, "right": plot.right, "top": plot.top, "bottom": plot.bottom}
    parts, resolve = list(layers), alt.Undefined
    if key is not None:
        parts = [alt.LayerChart(layer=parts), key]
        resolve = alt.Resolve(scale=alt.ScaleResolveMap(x="independent", y="independent"))
    # All at once: Altair copies a chart each time that something is added to it.
    return alt.LayerChart(
        layer=parts,
        resolve=resolve,
        width=plot.width,
        height=plot.height,
        padding=margins,
        autosize=alt.AutoSizeParams(type="none"),
        description=label,
        config=alt.Config(**_CONFIG),
    )


def drawn_on(rows: Sequence[Row]) -> alt.Chart:
    """A chart of some rows, all with the same keys; its spec holds them once."""
    # A frame, because Altair copies a plain list each time that something is added to the chart.
    return alt.Chart(pl.DataFrame(rows, infer_schema_length=None))
