"""Garments counted by group and color in arrays, half as costly as grouping rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.analysis.packing import Packing
from trendcolor.histograms import REPLICATES, color_key, replicate

# Cells of one count: 128 MB. What has more is counted by grouping rows.
_MOST_CELLS = 1 << 24
_BATCH = 2_000_000  # rows that are counted at once; bounds memory to some 100 MB


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """The clusters of a run, and the random group of each."""

    column: str
    values: pl.Series  # distinct texts, without the missing value

    @property
    def replicates(self) -> NDArray[np.uint8]:
        """The random group of each value, and last of the missing one."""
        named = pl.concat([self.values, pl.Series([None], dtype=pl.String)])
        return named.to_frame("c").select(replicate(pl.col("c"))).to_series().to_numpy()


@dataclass(frozen=True, slots=True, eq=False)
class Want:
    """Colors that are counted."""

    lookup: NDArray[np.integer]  # as of `Legend.lookup`, `n_colors` where one is not counted
    n_colors: int
    has_parts: bool  # whether random groups are counted apart

    def size(self, packing: Packing) -> int:
        """How many cells the count has."""
        return packing.size * (REPLICATES if self.has_parts else 1) * (self.n_colors + 1)


@dataclass(frozen=True, slots=True, eq=False)
class DenseCounts:
    """What one pass over the records counted."""

    cells: list[pl.DataFrame]  # of each want, as of `tally.count_cells`
    sources: pl.DataFrame | None  # the group, `_sources`; None without clusters


def can_count(packing: Packing, wants: Sequence[Want], clusters: Clusters | None) -> bool:
    """Whether the counts fit into arrays."""
    most = max(want.size(packing) for want in wants)
    seen = 0 if clusters is None else packing.size * (len(clusters.values) + 1)
    return max(most, seen) <= _MOST_CELLS


def dense_counts(
    main: pl.LazyFrame, packing: Packing, wants: Sequence[Want], clusters: Clusters | None
) -> DenseCounts:
    """Count garments by group, color and random group, all in one pass.

    Args:
        main: Records of main colors.
        packing: The values of the columns of a group.
        wants: Which colors; `can_count` them.
        clusters: Those of the run; None where no want has parts.

    Guarantees, each held by tests/test_analysis_population.py:
        The same counts as by grouping rows.
    """
    columns = {"_key": color_key(), "_code": packing.code()}
    seen, parts = np.zeros(0, bool), np.zeros(1, np.uint8)
    if clusters is not None:
        place = pl.col(clusters.column).cast(pl.Enum(clusters.values)).to_physical()
        columns["_cluster"] = place.cast(pl.Int64).fill_null(len(clusters.values))
        parts = clusters.replicates
        seen = np.zeros(packing.size * len(parts), bool)
    counts = [np.zeros(each.size(packing), np.int64) for each in wants]
    for rows in main.select(**columns).collect_batches(
        chunk_size=_BATCH, maintain_order=False, engine="streaming"
    ):
        key, code = rows["_key"].to_numpy(), rows["_code"].to_numpy()
        part = np.zeros(1, np.uint8)
        if clusters is not None:
            cluster = rows["_cluster"].to_numpy()
            seen[code * len(parts) + cluster] = True
            part = parts.take(cluster)
        for want, count in zip(wants, counts, strict=True):
            group = code * REPLICATES + part if want.has_parts else code
            # Colors that are not counted come last.
            cell = group * (want.n_colors + 1) + want.lookup.take(key)
            count += np.bincount(cell, minlength=len(count))
    cells = [_cells(count, want, packing) for count, want in zip(counts, wants, strict=True)]
    return DenseCounts(cells, None if clusters is None else _sources(seen, packing, len(parts)))


def _cells(count: NDArray[np.int64], want: Want, packing: Packing) -> pl.DataFrame:
    found = np.flatnonzero(count)
    group, order = np.divmod(found, want.n_colors + 1)
    code, part = np.divmod(group, REPLICATES) if want.has_parts else (group, np.zeros_like(group))
    is_counted = order < want.n_colors
    rows = pl.DataFrame(
        {"_code": code, "_part": part.astype(np.uint8), "_order": order, "_value": count[found]}
    ).with_columns(
        _all=pl.lit(0, pl.UInt8),
        _order=pl.when(pl.Series(is_counted)).then("_order").cast(pl.UInt32),
        _n="_value",
    )
    return packing.unpacked(rows, "_code")


def _sources(seen: NDArray[np.bool_], packing: Packing, n_clusters: int) -> pl.DataFrame:
    each = seen.reshape(-1, n_clusters).sum(axis=1)
    code = np.flatnonzero(each)
    rows = pl.DataFrame({"_code": code, "_sources": each[code]})
    return packing.unpacked(rows.with_columns(_all=pl.lit(0, pl.UInt8)), "_code")
