"""What changed between two groups, color by color and as a whole."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import optimize, sparse

from trendcolor.analysis.intervals import Intervals, change
from trendcolor.color.spaces import color_difference
from trendcolor.histograms import STEP, bin_to_lab

FloatArray = NDArray[np.float64]

# Bins are pooled to cubes this many bins wide: at most some 500 are occupied, which a linear
# program answers in seconds. Odd, so that the cubes too lie around the neutral axis.
_POOLED = 3


def compare(before: pl.DataFrame, after: pl.DataFrame, *, distance: float | None) -> pl.DataFrame:
    """Two tables of shares side by side, with the change of each color.

    Args:
        before: What `shares` or `public_shares` gave for the first group, without `by`.
        after: The same of the second group, over the same legend and in the same unit. The
            interval of the change takes the two as independent: no garment is in both.
        distance: Between the two groups as a whole, see `distance`.

    Returns:
        `family`, `name` or `bin`; `share_a`, `share_b`; `change` (b less a), `low` and `high`
        (Newcombe's interval of the change, of the confidence of the shares); `numerator_a`,
        `denominator_a`, `numerator_b`, `denominator_b`; `unit`; `distance` (CIEDE2000, the same
        in each row). Sorted by the size of the change, largest first. Where one of the two shares
        is hidden, so is the change.
    """
    color = before.columns[0]
    table = before.join(after, on=[color, "unit"], how="left", suffix="_b", maintain_order="left")
    names = {name: f"{name}_a" for name in ("share", "low", "high", "numerator", "denominator")}
    table = table.rename(names)
    moved = change(_intervals(table, "a"), _intervals(table, "b"))
    columns = (
        color,
        *("share_a", "share_b", "change", "low", "high"),
        *("numerator_a", "denominator_a", "numerator_b", "denominator_b", "unit", "distance"),
    )
    size = pl.col("change").abs()
    return (
        table.with_columns(
            change=pl.Series(moved.value, nan_to_null=True),
            low=pl.Series(moved.low, nan_to_null=True),
            high=pl.Series(moved.high, nan_to_null=True),
            distance=pl.lit(distance, pl.Float64),
        )
        .sort(size, descending=True, nulls_last=True, maintain_order=True)
        .select(columns)
    )


def _intervals(table: pl.DataFrame, side: str) -> Intervals:
    value, low, high = (table[f"{name}_{side}"].to_numpy() for name in ("share", "low", "high"))
    return Intervals(value=value, low=low, high=high)


def distance(before: pl.DataFrame, after: pl.DataFrame) -> float:
    """How far color has moved: the mean CIEDE2000 that turns one histogram into the other.

    The Wasserstein distance with CIEDE2000 as ground cost, each histogram taken as fractions of
    its whole, so that every garment counts the same. Bins are pooled to cubes 12 wide, which lie
    where their colors lie on average, to keep the linear program small.

    Args:
        before: `bin` and `weight`, as `histogram` gives them; at least one row.
        after: The same of the other group.

    Returns:
        0 for equal histograms; about 100 from all black to all white.

    Guarantees, each held by tests/test_analysis_compare.py:
        Zero for a histogram and itself, the same both ways round.
    """
    sides = pl.concat([before.with_columns(side=pl.lit(0)), after.with_columns(side=pl.lit(1))])
    _, cube = np.unique(_cubes(sides["bin"].to_numpy()), return_inverse=True)
    weight = sides["weight"].to_numpy().astype(np.float64)
    mass = np.zeros((2, cube.max() + 1))
    np.add.at(mass, (sides["side"].to_numpy(), cube), weight)
    mass /= mass.sum(axis=1, keepdims=True)
    lab = bin_to_lab(sides["bin"].to_numpy())
    sums = np.stack([np.bincount(cube, weight * axis) for axis in lab.T], axis=-1)
    center = sums / np.bincount(cube, weight)[:, None]
    here, there = mass > 0
    cost = color_difference(center[here, None], center[None, there]).astype(np.float64)
    return _cheapest_transport(mass[0, here], mass[1, there], cost)


def _cubes(bins: NDArray[np.int32]) -> NDArray[np.int64]:
    """One integer for the cube that each bin is pooled into."""
    steps = bin_to_lab(bins) / STEP
    cube = np.rint((steps - [1.5, 0, 0]) / _POOLED).astype(np.int64)
    return np.asarray((cube * [1 << 12, 1 << 6, 1]).sum(axis=1))


def _cheapest_transport(supply: FloatArray, demand: FloatArray, cost: FloatArray) -> float:
    """The least that it costs to bring `supply` (n,) to `demand` (m,) at `cost` (n, m)."""
    n, m = cost.shape
    leaves = sparse.kron(sparse.eye_array(n), np.ones((1, m)))
    arrives = sparse.kron(np.ones((1, n)), sparse.eye_array(m))
    # The last demand follows from the others; as a constraint of its own it could contradict
    # them by a last bit.
    found = optimize.linprog(
        cost.ravel(),
        A_eq=sparse.vstack([leaves, arrives]).tocsr()[:-1],
        b_eq=np.concatenate([supply, demand])[:-1],
        method="highs-ds",
    )
    return max(float(found.fun), 0.0)
