"""The evaluation as one HTML file that loads nothing; its pictures are label maps inside it.

Photo ids come from strangers, so everything is escaped. A picture holds photo pixels only where the
data's card allows it, which `scores.py` has decided before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined

from trendcolor.evaluation.pictures import Picture
from trendcolor.evaluation.tables import Table
from trendcolor.images.label_pictures import CLASS_COLORS, map_uri, photo_uri

# The chart's plane in units of its view box; the template has the axes around it.
_LEFT, _TOP, _WIDTH, _HEIGHT = 60.0, 16.0, 520.0, 380.0
# The part of the curve that somebody would work at, and what it is labelled at, of 0..1.
_USED = (0.05, 0.95)
_LABELLED = (0.05, 0.2, 0.4, 0.6, 0.8, 0.95)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the chart with a word on it."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Purity over recall in the chart's units."""

    line: str  # points of an SVG polyline
    marks: tuple[Mark, ...]  # thresholds along the line
    maps: Mark | None  # where the label maps are; None outside the chart
    ticks: tuple[Mark, ...]  # along both axes: x for recall, y for purity


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PageContents:
    """What the page shows."""

    head: str  # a sentence on what was scored
    tables: Sequence[Table]
    chart: Chart | None
    worst: Sequence[Picture]
    unreadable: Sequence[str]


def render_page(contents: PageContents) -> str:
    """The page's HTML.

    Guarantees, each held by tests/test_evaluation_page.py:
        The page asks for no other file. What strangers wrote is text on it, never markup.
    """
    environment = Environment(
        loader=PackageLoader("trendcolor", "evaluation/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(map_uri=map_uri, photo_uri=photo_uri)
    return environment.get_template("evaluation.html").render(
        contents=contents, class_colors=CLASS_COLORS
    )


def chart(curve: pl.DataFrame, purity: float, recall: float) -> Chart | None:
    """The part of a purity-recall curve that somebody would work at, as a chart.

    Args:
        curve: As `CertaintyCounts.curve` gives it.
        purity: Of the label maps themselves, 0..1.
        recall: Of the label maps themselves, 0..1.

    Returns:
        The chart; None where no pixel or no garment was scored.
    """
    known = curve.filter(pl.col("purity").is_finite(), pl.col("recall").is_finite())
    used = known.filter(pl.col("threshold").is_between(*_USED))
    if used.is_empty():
        return None
    lowest = used.select(pl.min_horizontal(pl.col("purity", "recall").min())).item()
    low = min(0.9, floor(10 * lowest + 1e-9) / 10)
    inside = known.filter(pl.col("purity") >= low, pl.col("recall") >= low)

    def place(text: str, at_recall: float, at_purity: float) -> Mark:
        x, y = ((value - low) / (1 - low) for value in (at_recall, at_purity))
        return Mark(round(_LEFT + x * _WIDTH, 1), round(_TOP + (1 - y) * _HEIGHT, 1), text)

    def at(row: pl.DataFrame) -> Mark:
        return place(f"{row['threshold'][0]:.2f}", row["recall"][0], row["purity"][0])

    line = [place("", *pair) for pair in inside.select("recall", "purity").iter_rows()]
    nearest = [
        used.sort((pl.col("threshold") - wanted).abs(), maintain_order=True).head(1)
        for wanted in _LABELLED
    ]
    n_ticks = round((1 - low) * 10) + 1
    steps = [low + i / 10 for i in range(n_ticks)] if n_ticks > 2 else [0.9, 0.925, 0.95, 0.975, 1]
    is_inside = min(purity, recall) >= low
    return Chart(
        line=" ".join(f"{mark.x},{mark.y}" for mark in line),
        marks=tuple(at(row) for row in nearest),
        maps=place("label maps", recall, purity) if is_inside else None,
        ticks=tuple(place(f"{step:.3g}", step, step) for step in steps),
    )
