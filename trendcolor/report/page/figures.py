"""The charts of a page: each a static picture and what the page's script draws over it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from trendcolor.report.charts.bands import bands
from trendcolor.report.charts.evolution import evolution
from trendcolor.report.charts.markup import ChartParts, MapParts, chart_parts, map_parts
from trendcolor.report.charts.neutrals import neutrals
from trendcolor.report.charts.pairs import pairs_matrix
from trendcolor.report.charts.patterns import patterns
from trendcolor.report.charts.spec import Spec
from trendcolor.report.charts.weighted import weighted
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


def _charts(contents: ReportContents, words: Words) -> Iterator[tuple[str, Callable[[int], Spec]]]:
    """What is drawn, by name: a name begins the ids of its pictures."""
    shown = [each for each in contents.breakdowns if not each.shares.is_empty()]
    for number, each in enumerate(shown):
        for name, draw in (("neutrals", neutrals), ("by", bands)):
            drawn = partial(_drawn, draw, each.shares, words=words, column=each.column)
            yield f"{name}-{number}", drawn
    if contents.evolution is not None and _is_told(contents.evolution.shares):
        yield "evolution", partial(_evolution, contents.evolution, words)
    if _is_told(contents.combinations):
        yield "pairs", partial(_drawn, pairs_matrix, contents.combinations, words=words)
    if not contents.patterns.is_empty():
        yield "patterns", partial(_drawn, patterns, _all_patterns(contents, words), words=words)
    weight = contents.other_units.filter(unit="weight")
    if not weight.is_empty():
        yield "weighted", partial(_drawn, weighted, contents.families, weight=weight, words=words)


def _is_told(shares: pl.DataFrame) -> bool:
    return bool(shares["share"].drop_nulls().len())


def _drawn(draw: Callable[..., Spec], shares: pl.DataFrame, width: int, **wanted: object) -> Spec:
    return draw(shares, width=width, **wanted)


def _all_patterns(contents: ReportContents, words: Words) -> pl.DataFrame:
    """The patterns of all garments, and of each category below."""
    garment = pl.col("garment").cast(pl.String)
    whole = contents.patterns.with_columns(garment=pl.lit(words.text("all garments")))
    parts = contents.patterns_by_garment.with_columns(garment)
    return pl.concat([whole.select(parts.columns), parts], how="vertical_relaxed")


def _evolution(found: Breakdown, words: Words, width: int) -> Spec:
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
