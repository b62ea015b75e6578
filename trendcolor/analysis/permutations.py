"""Whether two groups differ in color at all, or only as two draws from one population would."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from trendcolor.analysis.intervals import FloatArray
from trendcolor.analysis.transport import pool
from trendcolor.color.spaces import color_difference

PERMUTATIONS = 999  # p is a multiple of a thousandth
_SEED = 0
# More clusters than this on the smaller side are dealt into groups that move as one.
_MOST_MOVED = 1000
# A permutation that gives the same sums in another order is as extreme as what was seen.
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Permuted:
    """What permutations say of two groups."""

    energy: float  # squared energy distance, in CIEDE2000
    p: float  # of permutations, those that are as far apart
    clusters: int  # distinct ones, in both groups together


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Histograms of clusters, rows by cubes."""

    moved: sparse.csr_array  # clusters of one side alone, those of the smaller side first
    n_small: int  # how many of them are of the smaller side
    stays: sparse.csr_array  # clusters of both sides, what they have on the smaller side
    swaps: sparse.csr_array  # and on the other


def permutation_test(before: pl.DataFrame, after: pl.DataFrame) -> Permuted:
    """How often clusters that are dealt to the two groups by chance are as far apart.

    The statistic is the energy distance (Székely and Rizzo 2013, Journal of Statistical Planning
    and Inference 143(8), 1249-1272) with CIEDE2000 as the distance between colors: twice the mean
    between the groups, less the means within each. It is zero for equal histograms and grows with
    the Wasserstein distance, which would need a linear program for each permutation. Bins are
    pooled as for that.

    Whole clusters change sides, so that what their garments share is not taken for a difference.
    A cluster with garments in both groups swaps its two parts; the others are dealt anew, as many
    to each group as there were. The draws are seeded.

    Args:
        before: `cluster`, `bin` and `weight` (above 0) of the first group, as
            `histogram(by=...)` gives them by a source or by photo; at least one row. A missing
            cluster is one.
        after: The same of the second group.

    Guarantees, each held by tests/test_analysis_permutations.py:
        Where both groups are draws from one population p is even between 0 and 1, with
        clusters too. The order of the rows has no effect.
    """
    sides = pl.concat([before.with_columns(side=pl.lit(0)), after.with_columns(side=pl.lit(1))])
    sides = sides.sort("cluster", "side", "bin", nulls_last=True)
    weight = sides["weight"].to_numpy().astype(np.float64)
    pooled = pool(sides["bin"].to_numpy(), weight)
    cells = sides.select(
        cluster=pl.struct("cluster").rank("dense").cast(pl.Int64) - 1, side=pl.col("side")
    )
    cluster, side = cells["cluster"].to_numpy(), cells["side"].to_numpy()
    n_clusters, n_cubes = int(cluster.max()) + 1, len(pooled.lab)
    parts = [
        sparse.coo_array(
            (weight[side == each], (cluster[side == each], pooled.cube[side == each])),
            shape=(n_clusters, n_cubes),
        ).tocsr()
        for each in (0, 1)
    ]
    cost = color_difference(pooled.lab[:, None], pooled.lab[None]).astype(np.float64)
    whole = np.bincount(pooled.cube, weight).astype(np.float64)
    random = np.random.default_rng(_SEED)
    small = _permuted(_cells(parts, random), random)
    energies = _energies(small, whole, (cost + cost.T) / 2)
    n_as_far = int((energies[1:] >= energies[0] - _EQUAL).sum())
    return Permuted(
        energy=float(energies[0]), p=(1 + n_as_far) / (1 + PERMUTATIONS), clusters=n_clusters
    )


def _cells(parts: list[sparse.csr_array], random: np.random.Generator) -> _Cells:
    """Clusters by what becomes of them, from (clusters, cubes) of each side."""
    has = [np.diff(part.indptr) > 0 for part in parts]
    alone = [np.flatnonzero(has[0] & ~has[1]), np.flatnonzero(has[1] & ~has[0])]
    small = int(len(alone[1]) < len(alone[0]))
    n_small = len(alone[small])
    size = max(n_small // _MOST_MOVED, 1)
    dealt = [
        _dealt(parts[each][alone[each]], round(len(alone[each]) / size), random)
        for each in (small, 1 - small)
    ]
    both = np.flatnonzero(has[0] & has[1])
    n_both = min(len(both), _MOST_MOVED)
    seed = int(random.integers(1 << 32))
    stays, swaps = (
        _dealt(parts[each][both], n_both, np.random.default_rng(seed))
        for each in (small, 1 - small)
    )
    moved = sparse.vstack(dealt).tocsr()
    return _Cells(moved=moved, n_small=dealt[0].shape[0], stays=stays, swaps=swaps)


def _dealt(rows: sparse.csr_array, n: int, random: np.random.Generator) -> sparse.csr_array:
    """Rows added up in `n` groups of the same size, but for one row."""
    group = random.permutation(rows.shape[0]) % max(n, 1)
    places = (np.ones(len(group)), (group, np.arange(len(group))))
    return (sparse.coo_array(places, shape=(n, len(group))).tocsr() @ rows).tocsr()


def _permuted(cells: _Cells, random: np.random.Generator) -> FloatArray:
    """The smaller side's histogram: as it is, then permuted; shape (1 + PERMUTATIONS, cubes)."""
    n, n_small = cells.moved.shape[0], cells.n_small
    picks = [np.arange(n_small)]
    picks += [random.choice(n, n_small, replace=False) for _ in range(PERMUTATIONS)]
    places = np.repeat(np.arange(len(picks)), n_small), np.concatenate(picks)
    shape = (len(picks), n)
    chosen = sparse.coo_array((np.ones(len(places[0])), places), shape=shape).tocsr()
    flips = random.random((len(picks), cells.stays.shape[0])) < 0.5
    flips[0] = False
    stays, swaps = cells.stays.toarray(), cells.swaps.toarray()
    stayed = stays.sum(axis=0) + flips @ (swaps - stays)
    return np.asarray((chosen @ cells.moved).toarray() + stayed)


def _energies(small: FloatArray, whole: FloatArray, cost: FloatArray) -> FloatArray:
    """Of each row of `small`, (n, cubes), against what it leaves of the whole; shape (n,)."""
    large = whole - small
    apart = small / small.sum(axis=1, keepdims=True) - large / large.sum(axis=1, keepdims=True)
    return -np.asarray(((apart @ cost) * apart).sum(axis=1))
