"""How far color has moved between two histograms, as a whole."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import optimize, sparse

from trendcolor.analysis.intervals import FloatArray
from trendcolor.color.spaces import color_difference
from trendcolor.histograms import STEP, bin_to_lab

# Bins are pooled to cubes this many bins wide: at most some 500 are occupied, which a linear
# program answers in seconds. Odd, so that the cubes too lie around the neutral axis.
_POOLED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """Bins pooled to cubes."""

    cube: NDArray[np.int64]  # (n,), the cube of each bin, from 0
    lab: FloatArray  # (m, 3), where the colors of a cube lie on average, CIE L*a*b*


def pool(bins: NDArray[np.int32], weight: FloatArray) -> Pooled:
    """Bins in cubes 12 wide.

    Args:
        bins: Bin ids, any as often as it comes, shape (n,). Not modified.
        weight: Above 0, shape (n,). Not modified.
    """
    _, cube = np.unique(_cubes(bins), return_inverse=True)
    sums = np.stack([np.bincount(cube, weight * axis) for axis in bin_to_lab(bins).T], axis=-1)
    return Pooled(cube=cube, lab=sums / np.bincount(cube, weight)[:, None])


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

    Guarantees, each held by tests/test_analysis_transport.py:
        Zero for a histogram and itself, the same both ways round.
    """
    sides = pl.concat([before.with_columns(side=pl.lit(0)), after.with_columns(side=pl.lit(1))])
    weight = sides["weight"].to_numpy().astype(np.float64)
    pooled = pool(sides["bin"].to_numpy(), weight)
    center = pooled.lab
    mass = np.zeros((2, len(center)))
    np.add.at(mass, (sides["side"].to_numpy(), pooled.cube), weight)
    mass /= mass.sum(axis=1, keepdims=True)
    here, there = mass > 0
    cost = color_difference(center[here, None], center[None, there]).astype(np.float64)
    return cheapest_transport(mass[0, here], mass[1, there], cost)


def _cubes(bins: NDArray[np.int32]) -> NDArray[np.int64]:
    """One integer for the cube that each bin is pooled into."""
    steps = bin_to_lab(bins) / STEP
    cube = np.rint((steps - [1.5, 0, 0]) / _POOLED).astype(np.int64)
    return np.asarray((cube * [1 << 12, 1 << 6, 1]).sum(axis=1))


def cheapest_transport(supply: FloatArray, demand: FloatArray, cost: FloatArray) -> float:
    """The least that it costs to bring what is here to where it is wanted, a linear program.

    Args:
        supply: Amounts here, above 0, shape (n,). Not modified.
        demand: Amounts wanted, above 0, the same in sum, shape (m,). Not modified.
        cost: Of bringing one unit from each place to each other, 0 or more, shape (n, m). Not
            modified.
    """
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
