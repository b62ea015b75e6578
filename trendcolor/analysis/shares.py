"""Which share of garments, looks, area or weight each color has, with its interval."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.analysis.intervals import effective_n, wilson
from trendcolor.analysis.shades import shades
from trendcolor.color.names import name_colors
from trendcolor.color.spaces import Rgb8
from trendcolor.color.vocabularies import COMMON, FAMILIES, Vocabulary
from trendcolor.errors import QueryError, did_you_mean
from trendcolor.histograms import color_key, key_to_rgb, rgb_to_bin

COLORS = ("family", "common", "name", "bin", "shade")
NO_MATCH = "no match"  # the name of colors beyond the limit of a vocabulary
MEASURES = ("share", "low", "high", "numerator", "denominator", "unit")
AREA_SCALE = 255  # a palette's weights sum to it, so area is counted in 255ths of a pixel
_LOOK = ("photo", "wearer")

Garments: TypeAlias = NDArray[np.int64]  # how many have each color as their main color


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Of what, by what, and how sure."""

    by: tuple[str, ...] = ()  # columns of the records; each combination that occurs is a group
    colors: str = "family"  # one of COLORS
    unit: str = "garments"  # one of UNITS
    confidence: float = 0.95  # of the intervals
    weight: str | None = None  # the column that unit "weight" counts
    source: str | None = None  # the column whose values a public table counts in a cell

    def __post_init__(self) -> None:
        if self.colors not in COLORS:
            raise QueryError(f"no colors '{self.colors}'{did_you_mean(self.colors, COLORS)}")
        if self.unit not in UNITS:
            raise QueryError(f"no unit '{self.unit}'{did_you_mean(self.unit, list(UNITS))}")
        if self.unit == "weight" and self.weight is None:
            raise QueryError("unit 'weight' needs a declared column of kind weight; there is none")
        taken = sorted({self.colors, *MEASURES} & {*self.by})
        if taken:
            raise QueryError(
                f"column '{taken[0]}' has the name of a column of the answer; rename it"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Legend:
    """The colors that a table lists, and which of them each sRGB color belongs to."""

    keys: pl.DataFrame  # `_key` (as `color_key`), `_color`
    colors: pl.DataFrame  # `_color`, `_order` (of ties)


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What was counted, before it is divided."""

    question: Question
    legend: Legend
    cells: pl.LazyFrame  # keys, `_color` (null where it is not near), `_source`, `_value` above 0
    groups: pl.LazyFrame  # keys, `_source`, `_value` above 0, `_square`
    has_rest: bool  # whether only garments near a color are counted for their colors

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of a group: one constant, so that there always is one, and `by`."""
        return ("_all", *self.question.by)


def legend(records: pl.LazyFrame, colors: str, vocabulary: Vocabulary | None = None) -> Legend:
    """The colors of a run at one level.

    Args:
        records: Rows of the whole run, so that a color that a query leaves out prints zero.
        colors: `"family"` for all twelve families; `"common"` for all 26 common colors; `"name"`
            or `"bin"` for the names or the grid's bins that occur among the records; `"shade"` for
            what `shades.py` finds among them.
        vocabulary: Whose names, at the level `"name"`; the default one where it is left out. What
            is beyond its limit is `NO_MATCH`.
    """
    by_color = records.group_by(_key=color_key())
    counted = by_color.agg(n=(pl.col("rank") == 0).sum().cast(pl.Int64)).sort("_key").collect()
    keys = counted["_key"]
    rgb8 = key_to_rgb(keys)
    if colors == "name":
        names = name_colors(rgb8, vocabulary).name.tolist()
        labels = pl.Series("_color", names, dtype=pl.String).fill_null(NO_MATCH)
    else:
        labels = LABELS[colors](rgb8, counted["n"].to_numpy())
    listed = labels.unique().sort()
    if colors in TIERS:
        listed = pl.Series("_color", TIERS[colors])
    return Legend(
        keys=pl.DataFrame({"_key": keys, "_color": labels}),
        colors=pl.DataFrame({"_color": listed}).with_row_index("_order"),
    )


def _families(rgb8: Rgb8, _: Garments) -> pl.Series:
    return pl.Series("_color", name_colors(rgb8).family.tolist(), dtype=pl.String)


def _common_colors(rgb8: Rgb8, _: Garments) -> pl.Series:
    return pl.Series("_color", name_colors(rgb8).common.tolist(), dtype=pl.String)


def _bins(rgb8: Rgb8, _: Garments) -> pl.Series:
    return pl.Series("_color", rgb_to_bin(*rgb8.T), dtype=pl.Int32)


def _shades(rgb8: Rgb8, garments: Garments) -> pl.Series:
    return pl.Series("_color", shades(rgb8, garments), dtype=pl.String)


LABELS: Mapping[str, Callable[[Rgb8, Garments], pl.Series]] = {
    "family": _families,
    "common": _common_colors,
    "bin": _bins,
    "shade": _shades,
}

# Levels whose colors are all listed, whether they occur or not.
TIERS: Mapping[str, tuple[str, ...]] = {"family": FAMILIES, "common": COMMON}

Counted: TypeAlias = tuple[pl.LazyFrame, pl.LazyFrame]  # what has a color; what is whole


def _garments(rows: pl.LazyFrame, _: Question) -> Counted:
    """Garments, each by its main color."""
    main = rows.filter(pl.col("rank") == 0).with_columns(_value=pl.lit(1, pl.Int64))
    return main, main


def _looks(rows: pl.LazyFrame, question: Question) -> Counted:
    """Looks, each for every color of its palettes once."""
    look = ("_all", *question.by, *_LOOK)
    counted = rows.with_columns(_value=pl.lit(1, pl.Int64))
    return counted.unique([*look, "_color"]), counted.unique(look)


def _area(rows: pl.LazyFrame, _: Question) -> Counted:
    """Pixels of garments, as the palettes share them out."""
    pixels, weight = pl.col("pixels").cast(pl.Int64), pl.col("weight").cast(pl.Int64)
    whole = rows.filter(pl.col("rank") == 0).with_columns(_value=pixels * AREA_SCALE)
    return rows.with_columns(_value=pixels * weight), whole


def _weight(rows: pl.LazyFrame, question: Question) -> Counted:
    """The declared weight of garments, each by its main color."""
    weight = pl.col(str(question.weight)).cast(pl.Float64, strict=False)
    main = rows.filter(pl.col("rank") == 0).with_columns(_value=weight)
    main = main.filter(pl.col("_value").is_finite())
    lowest = main.select(pl.col("_value").min()).collect().item()
    if lowest is not None and lowest < 0:
        raise QueryError(f"column '{question.weight}' has the weight {lowest:g}, wanted 0 or more")
    return main, main


UNITS: Mapping[str, Callable[[pl.LazyFrame, Question], Counted]] = {
    "garments": _garments,
    "looks": _looks,
    "area": _area,
    "weight": _weight,
}


def tally(records: pl.LazyFrame, legend: Legend, question: Question) -> Tally:
    """Count what a question asks for.

    Args:
        records: Rows of `records.py`, of whole garments: the population. Where `mark_near` gave
            them a column `is_near`, only garments with that mark are counted for their colors;
            the others stay in the denominator.
        legend: The colors of the question's level.
        question: What is counted.

    Raises:
        QueryError: a weight is below 0.
    """
    is_marked = "is_near" in records.collect_schema()
    color = pl.when("is_near").then("_color") if is_marked else pl.col("_color")
    source = pl.lit(0) if question.source is None else pl.col(question.source)
    rows = (
        records.with_columns(_all=pl.lit(0), _key=color_key(), _source=source)
        .join(legend.keys.lazy(), on="_key", how="left")
        .with_columns(_color=color)
    )
    hits, whole = UNITS[question.unit](rows, question)
    keys, value = ("_all", *question.by), pl.col("_value")
    square = value.cast(pl.Float64).pow(2).sum().alias("_square")
    return Tally(
        question=question,
        legend=legend,
        cells=hits.filter(value > 0).group_by(*keys, "_color", "_source").agg(value.sum()),
        groups=whole.filter(value > 0).group_by(*keys, "_source").agg(value.sum(), square),
        has_rest=is_marked,
    )


def shares(tally: Tally) -> pl.DataFrame:
    """The share of each color in each group.

    The denominator is the whole group: its garments that have a palette ("garments"), its looks,
    one wearer of one photo each ("looks"), the pixels of its garments in the photos' full size
    ("area"), or the sum of a declared column over its garments ("weight"; a photo without a number
    there is left out, and each garment of a photo counts the photo's number). A garment or its
    weight counts for its main color; a look counts for every color in it, so that shares of looks
    sum to more than 1; area is shared out over the palette.

    The interval is Wilson's. For "area" and "weight", where garments count unequally, n is Kish's
    effective n over the group's garments. It takes garments, or looks, as independent.

    Returns:
        The columns `by`; `family`, `common`, `name` or `bin`; `share`, `low` and `high` (0..1);
        `numerator` and `denominator` (in the unit; area in pixels); `unit`. One row for each group
        and color of the legend, zeros included. Sorted by group, then by falling share; ties in the
        legend's order. A group with a denominator of 0 has no rows.

    Guarantees, each held by tests/test_analysis_shares.py:
        In each group numerators of garments, area and weight sum to the denominator; a numerator
        is at most the denominator. The order of the records has no effect.
    """
    keys, value = list(tally.keys), pl.col("_value")
    wholes = tally.groups.group_by(keys).agg(denominator=value.sum(), _square=pl.sum("_square"))
    cells = tally.cells.group_by(*keys, "_color").agg(numerator=value.sum())
    table = (
        wholes.join(tally.legend.colors.lazy(), how="cross")
        .join(cells, on=[*keys, "_color"], how="left", nulls_equal=True)
        .with_columns(pl.col("numerator").fill_null(0))
        .collect()
    )
    return as_answer(_with_intervals(table, tally.question), tally.question)


def as_answer(table: pl.DataFrame, question: Question) -> pl.DataFrame:
    """A table with `_color` and `_order` sorted and with the columns of an answer."""
    descending = [*(False for _ in question.by), True, False]
    order = [*question.by, "share", "_order"]
    color = pl.col("_color").alias(question.colors)
    return table.sort(order, descending=descending, nulls_last=True).select(
        *question.by, color, *MEASURES
    )


def _with_intervals(table: pl.DataFrame, question: Question) -> pl.DataFrame:
    numerator, denominator = table["numerator"].to_numpy(), table["denominator"].to_numpy()
    n = effective_n(denominator, table["_square"].to_numpy())
    # Sums of decimal weights may pass their total by a last bit.
    share = np.minimum(numerator / denominator, 1)
    found = wilson(share, n, confidence=question.confidence)
    scale = AREA_SCALE if question.unit == "area" else 1
    pixels = [pl.col(name) / scale for name in ("numerator", "denominator")] if scale > 1 else []
    return table.with_columns(
        *pixels,
        share=pl.Series(found.value),
        low=pl.Series(found.low),
        high=pl.Series(found.high),
        unit=pl.lit(question.unit),
    )
