"""Which share of garments, looks, area or weight each color has, with its interval."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.analysis.design import DesignEffect, cluster_interval, design_effect
from trendcolor.analysis.intervals import FloatArray, Intervals, wilson
from trendcolor.analysis.tally import MEASURES, NO_CLUSTER, UNITS, Question, Tally
from trendcolor.histograms import REPLICATES

# Levels whose colors are few enough to be counted in random groups.
DESIGN_LEVELS = ("family", "common", "tone")


def shares(tally: Tally) -> pl.DataFrame:
    """The share of each color in each group.

    The denominator is the whole group: its garments that have a palette ("garments"), its looks,
    one wearer of one photo each ("looks"), the pixels of its garments in the photos' full size
    ("area"), or the sum of a declared column over its garments ("weight"; a photo without a number
    there is left out, and each garment of a photo counts the photo's number). A garment or its
    weight counts for its main color; a look counts for every color in it, so that shares of looks
    sum to more than 1; area is shared out over the palette.

    The interval is Wilson's. Where the question names a cluster, its n is the effective one of
    `design.py`: garments of one source tell less than as many of different ones. Names, bins and
    shades take the effect that the common colors of their group have on average.

    Returns:
        The columns `by`; `family`, `common`, `name`, `bin`, `shade` or `tone`; `share`, `low` and
        `high` (0..1); `numerator` and `denominator` (in the unit; area in pixels); `unit`;
        `effective_n` (independent garments or looks that would tell as much); `sources` (distinct
        clusters of the group; null where garments are taken one by one). One row for each group
        and color of the legend, zeros included. Sorted by group, then by falling share; ties in
        the legend's order. A group with a denominator of 0 has no rows.

    Guarantees, each held by tests/test_analysis_shares.py:
        In each group numerators of garments, area and weight sum to the denominator, unless only
        garments near a color are counted; a numerator is at most the denominator. The order of the
        records has no effect.
    """
    question, keys = tally.question, list(tally.question.keys)
    wholes = tally.groups.group_by(keys).agg(
        denominator=pl.sum("_value"), _n=pl.sum("_n").cast(pl.Float64)
    )
    wholes = wholes.sort(keys, nulls_last=True).with_row_index("_row")
    cells = tally.cells.group_by(*keys, "_order").agg(numerator=pl.sum("_value"))
    table = (
        wholes.join(tally.legend.colors.select("_color", "_order"), how="cross")
        .join(cells, on=[*keys, "_order"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col("numerator").fill_null(0))
    )
    if tally.sources is not None:
        table = table.join(tally.sources, on=keys, how="left", nulls_equal=True)
    else:
        table = table.with_columns(_sources=pl.lit(None, pl.Int64))
    table = table.sort("_row", "_order")
    return as_answer(_with_intervals(table, tally, wholes), question)


def as_answer(table: pl.DataFrame, question: Question) -> pl.DataFrame:
    """A table with `_color` and `_order` sorted and with the columns of an answer."""
    descending = [*(False for _ in question.by), True, False]
    order = [*question.by, "share", "_order"]
    color = pl.col("_color").alias(question.level.colors)
    return table.sort(order, descending=descending, nulls_last=True).select(
        *question.by, color, *MEASURES
    )


def _with_intervals(table: pl.DataFrame, tally: Tally, wholes: pl.DataFrame) -> pl.DataFrame:
    """The table, sorted by group and the legend's order, with shares and intervals."""
    question, shape = tally.question, (len(wholes), len(tally.legend.colors))
    numerator = table["numerator"].to_numpy().reshape(shape)
    denominator = wholes["denominator"].to_numpy().astype(np.float64)
    share = numerator / denominator[:, None] if len(wholes) else np.zeros(shape)
    n = wholes["_n"].to_numpy()
    if question.cluster == NO_CLUSTER:
        effective_n = np.repeat(n[:, None], shape[1], axis=1)
        found = wilson(share, effective_n, confidence=question.confidence)
    else:
        effect = _effects(tally, wholes, share, n)
        effective_n = effect.effective_n
        found = cluster_interval(share, effect, confidence=question.confidence)
    scale = UNITS[question.unit]
    return table.with_columns(
        *((pl.col(name) / scale for name in ("numerator", "denominator")) if scale > 1 else ()),
        **_columns(found),
        effective_n=pl.Series(effective_n.ravel()),
        sources="_sources",
        unit=pl.lit(question.unit),
    )


def _columns(found: Intervals) -> dict[str, pl.Series]:
    named = {"share": found.value, "low": found.low, "high": found.high}
    return {name: pl.Series(values.ravel()) for name, values in named.items()}


def _effects(tally: Tally, wholes: pl.DataFrame, share: FloatArray, n: FloatArray) -> DesignEffect:
    """The design effect of each share, shape (groups, colors)."""
    cells = tally.cells if tally.design is None else tally.design
    n_colors = len(tally.legend.colors) if tally.design is None else None
    hits = _in_groups(cells, wholes, tally.question, n_colors)
    as_one = tally.groups.with_columns(_order=pl.lit(0, pl.UInt32))
    whole = _in_groups(as_one, wholes, tally.question, 1)[:, 0]
    found = design_effect(hits, whole, n)
    if tally.design is None:
        return DesignEffect(
            effect=found.effect[:, :n_colors],
            effective_n=found.effective_n[:, :n_colors],
            df=found.df[:, :n_colors],
            groups=found.groups,
        )
    return _pooled(found, hits, whole, n, share.shape[1])


def _pooled(
    found: DesignEffect, hits: FloatArray, whole: FloatArray, n: FloatArray, n_colors: int
) -> DesignEffect:
    """The mean effect of each group, by p(1 - p), for each of so many other colors."""
    p = hits.sum(-1) / whole.sum(-1, keepdims=True)
    spread = p * (1 - p)
    total = spread.sum(-1)
    mean = np.where(
        total > 0, (found.effect * spread).sum(-1) / np.where(total > 0, total, 1), n / found.groups
    )
    counted = np.count_nonzero(whole, -1)
    shape = (len(mean), n_colors)
    return DesignEffect(
        effect=np.broadcast_to(mean[:, None], shape),
        effective_n=np.broadcast_to((n / mean)[:, None], shape),
        df=np.broadcast_to(np.where(counted > 1, counted - 1.0, np.inf)[:, None], shape),
        groups=found.groups,
    )


def _in_groups(
    cells: pl.DataFrame, wholes: pl.DataFrame, question: Question, n_colors: int | None
) -> NDArray[np.float64]:
    """Amounts by group, color and random group, shape (groups, colors and the rest, REPLICATES)."""
    keys = list(question.keys)
    placed = cells.join(wholes.select(*keys, "_row"), on=keys, how="inner", nulls_equal=True)
    order = placed["_order"].cast(pl.Int64)
    n = int(order.drop_nulls().to_numpy().max(initial=0)) + 1 if n_colors is None else n_colors
    place = order.fill_null(n).to_numpy()
    amounts = np.zeros((len(wholes), n + 1, REPLICATES))
    np.add.at(
        amounts,
        (placed["_row"].to_numpy(), place, placed["_part"].to_numpy()),
        placed["_value"].to_numpy(),
    )
    return amounts
