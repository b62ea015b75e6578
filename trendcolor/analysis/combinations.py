"""Which colors meet in one look, beside how often they would meet by chance."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from trendcolor.analysis.disclosure import hidden_colors, is_safe
from trendcolor.analysis.discoveries import adjusted
from trendcolor.analysis.independence import Pairs, expected
from trendcolor.analysis.intervals import Intervals, wilson
from trendcolor.analysis.jackknife import equal_observations, score_interval, variance, without_each
from trendcolor.analysis.legends import TIERS, Legend
from trendcolor.analysis.looks import (
    Looks,
    Meetings,
    count_garments,
    count_looks,
    looks_by_group,
    looks_with,
    meeting_sources,
    met_in_garments,
    met_in_looks,
    wardrobe,
)
from trendcolor.errors import QueryError, did_you_mean

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

OF = ("main", "palette")
LEVELS = ("family", "common", "name", "shade")
MEASURES = (
    *("color", "with", "looks", "share", "low", "high", "n"),
    *("expected", "lift", "lift_low", "lift_high", "p", "p_adjusted", "tests"),
)
# A pair is tested where it is expected in so many looks and missing from so many: below that
# counts are too coarse for the test (Cochran 1954, Biometrics 10(4), 417-451).
LEAST_EXPECTED = 5
_SCHEMA: Mapping[str, type[pl.DataType]] = {
    **dict.fromkeys(("color", "with"), pl.String),
    **dict.fromkeys(("looks", "n", "tests"), pl.Int64),
    **dict.fromkeys(("share", "low", "high", "expected"), pl.Float64),
    **dict.fromkeys(("lift", "lift_low", "lift_high", "p", "p_adjusted"), pl.Float64),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinationsQuestion:
    """Which colors, of which looks, and what is told."""

    by: tuple[str, ...] = ()  # declared columns; each combination that occurs is a group
    colors: str = "family"  # one of LEVELS, that of the legend
    of: str = "main"  # the main colors of a look's garments, or all colors of their palettes
    given: str | None = None  # only companions of this color, as shares of the looks that show it
    same: bool = False  # also a color with itself: two garments that show it
    confidence: float = 0.95  # of the intervals
    cluster: str | None = None  # the column whose values leave together; None: photos
    source: str = "photo"  # the column whose values a public table counts in a cell
    min_cell: int | None = None  # fewest sources of a public figure; None: the raw answer

    def __post_init__(self) -> None:
        if self.colors not in LEVELS:
            raise QueryError(f"no colors '{self.colors}'{did_you_mean(self.colors, LEVELS)}")
        if self.of not in OF:
            raise QueryError(f"no colors of '{self.of}'{did_you_mean(self.of, OF)}")
        if "garment" in self.by:
            raise QueryError("a look has several garments, so looks have no groups by 'garment'")
        taken = sorted({*MEASURES} & {*self.by})
        if taken:
            raise QueryError(
                f"column '{taken[0]}' has the name of a column of the answer; rename it"
            )


def combinations(
    records: pl.LazyFrame, legend: Legend, question: CombinationsQuestion
) -> pl.DataFrame:
    """How often each two colors meet in a look, with their lift against independence.

    A look is one wearer of one photo. Looks with one garment can't combine: the base is looks
    with at least two garments that have a palette. A look shows a color if the main color of one
    of its garments is that color; with `of="palette"`, if any color of their palettes is.

    Independence means that each garment draws its color by itself from those of its class in the
    group, see `independence.py`. Under `of="palette"` colors that meet within one garment
    are therefore expected as often as garments combine them.

    Intervals are Wilson's. For the lift, and for shares where a cluster is given, n is how many
    observations would vary as much as a jackknife over clusters (else photos) says, with all that
    `expected` owes to the same looks; see `jackknife.py`. `p` is two-sided and of the same
    test: below 5 % where the 95 % interval of the lift leaves out 1. With fewer than some 20
    clusters intervals are too narrow: with 12 they hold 1 in 92 % of draws.

    Args:
        records: Rows of `records.py`, of whole garments: the population.
        legend: The colors of the question's level.
        question: What is asked.

    Returns:
        The columns `by`; `color` and `with`, in the legend's order (`color` is the given one where
        there is one); `looks` that show both; `share`, `low`, `high`: of all `n` looks with at
        least two garments, or of the `n` of them that show the given color; `expected`: looks
        by chance; `lift`: looks by expected, `lift_low`, `lift_high`; `p`, null where less than 5
        looks are expected to show both, or not to; `p_adjusted` (Benjamini-Hochberg) over
        the `tests` rows of the answer that have a `p`.

        Families and common colors: a row for each group and pair. Names and shades: for each
        pair that meets or is expected in 5 looks. Sorted by group, then by falling looks.
        Intervals are null where a group has one cluster.

        With `min_cell` a pair is empty where the looks that show it, or those that don't,
        rest on too few sources, and so are further pairs until the empty ones together
        pass; of names and shades empty pairs have no row. A group that does not pass has no row.

    Raises:
        QueryError: the given color is unknown, or the records are marked by `near`.

    Guarantees, each held by tests/test_analysis_combinations.py:
        The order of the records has no effect. Where colors are independent 95 % intervals of the
        lift hold 1 in 93 to 97 % of draws, with clusters too. Each printed public figure
        rests on `min_cell` sources.
    """
    if "is_near" in records.collect_schema():
        raise QueryError("combinations are of levels of colors (leave out near, and use given)")
    names = legend.colors["_color"].cast(pl.String).to_list()
    if question.given is not None and question.given not in names:
        raise QueryError(f"no color '{question.given}'{did_you_mean(question.given, names)}")
    groups = looks_by_group(
        records,
        legend,
        by=question.by,
        main=question.of == "main",
        cluster=question.cluster or "photo",
        source=question.source,
    )
    tables = [_table(looks, names, question) for looks in groups]
    schema = {**records.select(question.by).collect_schema()}
    empty = pl.DataFrame(schema={**schema, **_SCHEMA}).drop("p_adjusted", "tests")
    table = pl.concat([empty, *tables], how="diagonal")
    tests = pl.lit(table["p"].count(), pl.Int64)
    return table.with_columns(adjusted(table["p"]), tests=tests).select(*question.by, *MEASURES)


def _table(looks: Looks, names: list[str], question: CombinationsQuestion) -> pl.DataFrame:
    """The rows of one group."""
    met, counted = met_in_looks(looks), wardrobe(looks)
    within = met_in_garments(looks) if question.of == "palette" else None
    given = None if question.given is None else names.index(question.given)
    pairs = _pairs(looks, given, question)
    if question.colors not in TIERS:
        pairs = pairs[_is_listed(looks, met, within, pairs)]
    base = np.arange(len(looks)) if given is None else looks_with(looks, given)
    if not len(base) or not len(pairs):
        return pl.DataFrame()
    counts = _Counts(
        met=count_looks(looks, met, pairs),
        by_chance=expected(
            counted, pairs, None if within is None else count_garments(looks, within, pairs)
        ),
        looks=counted.looks.sum(axis=1, keepdims=True),
        base=without_each(_column(looks.dealt[base], looks.n_groups)),
    )
    color, other = ([names[row] for row in rows] for rows in (pairs.color, pairs.other))
    table = pl.DataFrame(
        {"color": color, "with": other, **_figures(counts, looks.n_clusters, question)}
    )
    if question.min_cell is not None:
        cells = meeting_sources(looks, met, pairs, base)
        whole = np.bincount(looks.source[base]).astype(np.float64)
        table = _guarded(table, cells, whole, question)
    table = table.sort("looks", descending=True, nulls_last=True, maintain_order=True)
    return looks.key.join(table, how="cross") if question.by else table


def _column(dealt: IntArray, n_groups: int) -> FloatArray:
    return np.bincount(dealt, minlength=n_groups).astype(np.float64)[:, None]


def _pairs(looks: Looks, given: int | None, question: CombinationsQuestion) -> Pairs:
    """The pairs that may be listed."""
    present = np.arange(looks.n_colors)
    if question.colors not in TIERS:
        present = np.unique(looks.color)
    if given is None:
        one, other = np.triu_indices(len(present), k=0 if question.same else 1)
        return Pairs(present[one], present[other])
    others = present if question.same else present[present != given]
    return Pairs(np.full(len(others), given), others)


def _is_listed(
    looks: Looks, met: Meetings, within: Meetings | None, pairs: Pairs
) -> NDArray[np.bool_]:
    """Which pairs meet, or might be tested for not meeting."""
    whole = replace(looks, dealt=np.zeros_like(looks.dealt))
    both = None if within is None else count_garments(whole, within, pairs)
    by_chance = expected(wardrobe(whole), pairs, both)[0]
    return np.asarray((count_looks(whole, met, pairs)[0] > 0) | (by_chance >= LEAST_EXPECTED))


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Counts of all looks first, then without each group of the jackknife."""

    met: FloatArray  # (1 + groups, pairs)
    by_chance: FloatArray  # (1 + groups, pairs)
    looks: FloatArray  # (1 + groups, 1)
    base: FloatArray  # (1 + groups, 1), looks that shares are of


def _figures(
    counts: _Counts, n_clusters: int, question: CombinationsQuestion
) -> Mapping[str, pl.Series]:
    """The columns of figures."""
    share = counts.met / np.maximum(counts.base, 1)
    base = counts.base[0]
    if question.cluster is None:
        told = wilson(share[0], base, confidence=question.confidence)
    else:
        n = equal_observations(share[0], variance(share[1:]), n_clusters)
        told = _intervals(share[0], np.minimum(n, base), counts, question)
    n_looks = np.maximum(counts.looks, 1)
    of_all, chance = counts.met / n_looks, counts.by_chance / n_looks
    occurs = np.where(chance[0] > 0, chance[0], np.nan)
    lift = of_all[0] / occurs
    # The lift is held fast, so that what varies is a difference, which zeros do not upset.
    spread = variance(of_all[1:] - lift * chance[1:])
    n = equal_observations(of_all[0], spread, n_clusters)
    bounds = _intervals(of_all[0], n, counts, question)
    columns = {
        **{"looks": counts.met[0], "share": share[0], "low": told.low, "high": told.high},
        **{"n": np.repeat(base, len(lift)), "expected": counts.by_chance[0], "lift": lift},
        **{"lift_low": bounds.low / occurs, "lift_high": bounds.high / occurs},
        "p": _p_values(of_all[0], chance[0], n, counts),
    }
    return {
        name: pl.Series(values, nan_to_null=True).cast(_SCHEMA[name])
        for name, values in columns.items()
    }


def _intervals(
    share: FloatArray, n: FloatArray, counts: _Counts, question: CombinationsQuestion
) -> Intervals:
    n_groups = len(counts.looks) - 1
    if n_groups < 2:  # one cluster: nothing tells how much another would differ
        nothing = np.full(len(share), np.nan)
        return Intervals(value=share, low=nothing, high=nothing)
    return score_interval(share, n, groups=n_groups, confidence=question.confidence)


def _p_values(share: FloatArray, chance: FloatArray, n: FloatArray, counts: _Counts) -> FloatArray:
    """Of the test whose interval is Wilson's: how far a share is from what chance gives."""
    n_looks, n_groups = counts.looks[0, 0], len(counts.looks) - 1
    fewest = np.minimum(chance, 1 - chance) * n_looks
    is_tested = (fewest >= LEAST_EXPECTED) & (n_groups > 1)
    error = np.sqrt(np.where(is_tested, chance * (1 - chance), 1) / n)
    p = 2 * stats.t.sf(np.abs(share - chance) / error, max(n_groups - 1, 1))
    return np.where(is_tested, p, np.nan)


def _guarded(
    table: pl.DataFrame, cells: pl.DataFrame, whole: FloatArray, question: CombinationsQuestion
) -> pl.DataFrame:
    """The rows of a group that may be told, from looks by pair and source, and by source."""
    fewest = question.min_cell or 0
    if not is_safe(whole, fewest):
        return table.clear()
    rows = list(range(len(table)))
    safe = [
        row for row, sides in _by_pair(cells, whole) if all(is_safe(side, fewest) for side in sides)
    ]
    # All others are one empty cell, with the looks that show none of the pairs.
    kept = pl.when(pl.col("_color").is_in(safe)).then("_color")
    lumped = cells.with_columns(kept).group_by("_color", "_source").agg(pl.sum("_value"))
    has_rest = len(safe) < len(rows) or not question.same or question.colors not in TIERS
    emptied = hidden_colors(lumped, safe, min_cell=fewest, has_rest=has_rest)
    hidden = {*rows} - {*safe} | {*emptied}
    is_told = pl.Series([row not in hidden for row in rows], dtype=pl.Boolean)
    if question.colors not in TIERS:
        return table.filter(is_told)
    figures = [name for name in table.columns if name not in ("color", "with", "n")]
    return table.with_columns(pl.when(is_told).then(pl.col(name)).alias(name) for name in figures)


def _by_pair(
    cells: pl.DataFrame, whole: FloatArray
) -> Iterator[tuple[int, tuple[FloatArray, FloatArray]]]:
    """Each pair that meets: looks by source that show it, and all others by source."""
    found = cells.drop_nulls("_color").sort("_color")
    pairs, starts = np.unique(found["_color"].to_numpy(), return_index=True)
    source, value = found["_source"].to_numpy(), found["_value"].to_numpy().astype(np.float64)
    for pair, start, end in zip(pairs, starts, [*starts[1:], len(value)], strict=False):
        rest = whole.copy()
        rest[source[start:end]] -= value[start:end]
        yield int(pair), (value[start:end], rest)
