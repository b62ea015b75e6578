"""The charts of a page: each a static picture and what the page's script draws over it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from trendcolor.report.charts.bands import bands
from trendcolor.report.charts.evolution import evolution
from trendcolor.report.charts.markup import ChartParts, MapParts, chart_parts, map_parts
from trendcolor.report.charts.svg import Drawable
from trendcolor.report.contents import Breakdown, Gamut, ReportContents
from trendcolor.report.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The charts of one report."""

    charts: Mapping[str, ChartParts]  # by name; those of which nothing is told are not there
    color_map: MapParts | None  # None where no color is told


def figures(contents: ReportContents, words: Words) -> Figures:
    """Draw the charts of a report."""
    return Figures(
        charts={name: chart_parts(draw, name=name) for name, draw in _charts(contents, words)},
        color_map=_map(contents.gamut, words),
    )


def _charts(
    contents: ReportContents, words: Words
) -> Iterator[tuple[str, Callable[[int], Drawable]]]:
    """What is drawn, by name: a name begins the ids of its pictures."""
    shown = [each for each in contents.breakdowns if not each.shares.is_empty()]
    for number, each in enumerate(shown):
        yield f"by-{number}", partial(_bands, each.shares, words, each.column)
    if contents.evolution is not None and contents.evolution.shares["share"].drop_nulls().len():
        yield "evolution", partial(_evolution, contents.evolution, words)


def _bands(shares: pl.DataFrame, words: Words, column: str, width: int) -> Drawable:
    return bands(shares, words, column=column, width=width)


def _evolution(found: Breakdown, words: Words, width: int) -> Drawable:
    column = found.column
    periods = found.shares[column].unique(maintain_order=True).to_list()
    return evolution(found.shares, words, column=column, periods=periods, width=width)


def _map(found: Gamut, words: Words) -> MapParts | None:
    if found.cells.is_empty():
        return None
    names = {name: words.color(name) for name in found.cells["name"].unique()}
    channels = {
        channel: pl.col("hex").str.slice(1 + 2 * place, 2).str.to_integer(base=16)
        for place, channel in enumerate("rgb")
    }
    cells = found.cells.with_columns(pl.col("name").replace(names), **channels)
    return map_parts(cells, found.states.rename({"withheld": "withheld_share"}), words)
