"""Histograms on the grid: integer weights that add up bit for bit."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trendcolor.errors import QueryError
from trendcolor.histograms.grid import STEP, check_step, color_key, key_to_rgb, rgb_to_bin

if TYPE_CHECKING:  # queries need no compiled loops, which take half a second to import
    from trendcolor.color.counts import ColorCounts


def histogram(records: pl.LazyFrame, *, by: Sequence[str] = (), step: int = STEP) -> pl.LazyFrame:
    """How much of each color, in whole numbers.

    Args:
        records: Rows of `records.py`, of whole garments.
        by: Columns of the records to count apart.
        step: A bin's width, as of `rgb_to_bin`.

    Returns:
        The columns `by`, `bin` (Int32, of the grid `GRID_VERSION`) and `weight` (Int64: one
        garment's palette weights sum to 255), sorted by all but the weight. Bins without weight
        have no row.

    Raises:
        QueryError: no such step.

    Guarantees, each held by tests/test_histograms.py:
        Histograms of parts, however the records are split, merge to the histogram of the whole.
    """
    check_step(step)
    by_color = records.group_by(*by, color_key().alias("bin")).agg(_total())
    bins = pl.col("bin").map_batches(
        partial(_bins, step=step), return_dtype=pl.Int32, is_elementwise=True
    )
    by_bin = by_color.with_columns(bins).group_by(*by, "bin").agg(_total())
    return by_bin.sort(*by, "bin", nulls_last=True)


def pixel_histogram(counts: "ColorCounts") -> pl.LazyFrame:
    """How many counted pixels of one garment have which color, shading and blends included.

    What `count_garments` gives goes onto the grid as it is: each cell of colors by its mean.

    Args:
        counts: A garment's. Not modified.

    Returns:
        The columns `bin` and `weight` (Int64, pixels), as of `histogram`; `merge` adds them.

    Guarantees, each held by tests/test_histograms.py:
        Weights sum to the pixels that were counted.
    """
    rgb8 = np.rint(counts.rgb).astype(np.int64)
    bins = pl.Series("bin", rgb_to_bin(*rgb8.T), pl.Int32)
    weight = pl.Series("weight", counts.area.astype(np.int64))
    return pl.LazyFrame([bins, weight]).group_by("bin").agg(_total()).sort("bin")


def _total() -> pl.Expr:
    return pl.col("weight").cast(pl.Int64).sum()


def _bins(key: pl.Series, step: int) -> pl.Series:
    return pl.Series(key.name, rgb_to_bin(*key_to_rgb(key).T, step=step))


def merge(histograms: Iterable[pl.LazyFrame]) -> pl.LazyFrame:
    """Several histograms as one: weights of the same columns and bin are added.

    Args:
        histograms: What `histogram` gave, all by the same columns.

    Raises:
        QueryError: there is none, or they are by different columns.
    """
    parts = list(histograms)
    columns = {tuple(part.collect_schema()) for part in parts}
    if len(columns) != 1:
        found = " and ".join(sorted(", ".join(names) for names in columns)) or "none"
        raise QueryError(f"histograms of one set of columns can be merged, got {found}")
    *keys, _ = columns.pop()
    return pl.concat(parts).group_by(keys).agg(_total()).sort(keys, nulls_last=True)
