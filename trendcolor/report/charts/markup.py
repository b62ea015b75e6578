"""Charts as the page's templates take them: static twins beside what the page's script draws.

`templates/charts/chart.html` and `templates/charts/map.html` are the macros that write them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from trendcolor.report.charts.color_map import color_map, map_data
from trendcolor.report.charts.live import script_json
from trendcolor.report.charts.spec import Spec, unchecked
from trendcolor.report.charts.svg import static_svg
from trendcolor.report.charts.theme import NARROW, WIDE
from trendcolor.report.words import Words


@dataclass(frozen=True, slots=True)
class ChartParts:
    """One chart in a page."""

    wide: str  # SVG
    narrow: str
    wide_spec: str  # Vega-Lite as JSON that may stand in a `<script>` element
    narrow_spec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MapParts:
    """The map of colors in a page."""

    wide: str  # SVG
    narrow: str
    json: str  # `map_data`, as JSON that may stand in a `<script>` element
    garments: Sequence[tuple[str, str]]  # value and name of each choice
    periods: Sequence[tuple[str, str]]
    chroma_end: int
    text: Mapping[str, str]


@unchecked()
def chart_parts(draw: Callable[[int], Spec], *, name: str) -> ChartParts:
    """A chart for wide and for narrow places.

    Args:
        draw: Makes the chart for a width in pixels.
        name: What the ids of its pictures begin with.
    """
    wide, narrow = draw(WIDE), draw(NARROW)
    return ChartParts(
        static_svg(wide, name=f"{name}-wide"),
        static_svg(narrow, name=f"{name}-narrow"),
        script_json(wide),
        script_json(narrow),
    )


@unchecked()
def map_parts(
    cells: pl.DataFrame, states: pl.DataFrame, words: Words, *, name: str = "color-map"
) -> MapParts:
    """The map of colors; `cells` and `states` as of `map_data`."""
    data = map_data(cells, states, words)
    garments = states["garment"].unique(maintain_order=True).drop_nulls()
    periods = states["period"].unique(maintain_order=True).drop_nulls()
    return MapParts(
        wide=static_svg(color_map(cells, words, width=WIDE), name=f"{name}-wide"),
        narrow=static_svg(color_map(cells, words, width=NARROW), name=f"{name}-narrow"),
        json=script_json(data),
        garments=[(garment, words.garment(garment)) for garment in garments],
        periods=[(period, period) for period in periods],
        chroma_end=int(data["chroma_end"]),
        text=_texts(words),
    )


def _texts(words: Words) -> Mapping[str, str]:
    return {
        "garment": words.text("garment"),
        "all_garments": words.text("all garments"),
        "period": words.text("period"),
        "all_periods": words.text("all periods"),
        "lightness": words.text("lightness"),
        "lightness_from": words.text("lightness from"),
        "lightness_to": words.text("lightness to"),
        "chroma": words.text("chroma"),
        "chroma_from": words.text("chroma from"),
        "chroma_to": words.text("chroma to"),
        "hue": words.text("hue"),
        "hue_from": words.text("hue from"),
        "hue_to": words.text("hue to"),
        "neutrals": words.text("colors without a hue"),
        "reset": words.text("select all"),
    }
