"""How much a figure would differ with other clusters: the delete-a-group jackknife.

Clusters are dealt into groups, a figure is computed again without each group, and its spread is
that of the sample (Kott 2001, Journal of Official Statistics 17(4), 521-526). What garments of a
cluster share, such as a camera, a taste or a shop, is in the spread, because they leave together.
"""

from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from trendcolor.analysis.intervals import Intervals, wilson

FloatArray = NDArray[np.float64]

# Most groups. With so many the t distribution is near normal: intervals are 1 % wider.
MOST_GROUPS = 100
_SEED = 0


def deal(clusters: pl.Series) -> NDArray[np.int64]:
    """The group that each row's cluster is dealt into, seeded.

    Args:
        clusters: A value a row; a missing one is a cluster of its own, one for all rows without.

    Returns:
        Shape (n,), 0 to at most `MOST_GROUPS` less 1. Each cluster is its own group where there
        are no more than that.

    Guarantees, each held by tests/test_analysis_jackknife.py:
        Rows of a cluster are in one group, groups differ by one cluster at most, and the order
        of the rows has no effect.
    """
    names = clusters.unique().sort(nulls_last=True)
    n_groups = max(min(len(names), MOST_GROUPS), 1)
    group = np.random.default_rng(_SEED).permutation(len(names)) % n_groups
    found = pl.DataFrame({"name": names, "group": group.astype(np.int64)})
    rows = pl.DataFrame({"name": clusters})
    joined = rows.join(found, on="name", how="left", nulls_equal=True, maintain_order="left")
    return joined["group"].to_numpy()


def without_each(counted: FloatArray) -> FloatArray:
    """The sum over groups first, then the sum without each group; from (groups, n)."""
    whole = counted.sum(axis=0, keepdims=True)
    return np.concatenate([whole, whole - counted])


def variance(without: FloatArray) -> FloatArray:
    """The variance of figures, from what they are without each group.

    Args:
        without: Shape (groups, n): each row lacks one group. Not modified.

    Returns:
        Shape (n,). Not a number where there are fewer than two groups.
    """
    n_groups = len(without)
    if n_groups < 2:
        return np.full(without.shape[1:], np.nan)
    spread = ((without - without.mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(spread * (n_groups - 1) / n_groups)


def score_interval(
    share: FloatArray, n: FloatArray, *, groups: int, confidence: float
) -> Intervals:
    """Wilson's interval with Student's t, since `n` is itself estimated from so many groups.

    Args:
        share: Shares, 0..1, shape (n,). Not modified.
        n: Effective observations, above 0, shape (n,). Not modified.
        groups: Of the jackknife, at least 2.
        confidence: Of the interval, 0..1.
    """
    # Wilson's formula holds n and the quantile as quantile^2 / n alone.
    normal = NormalDist().inv_cdf((1 + confidence) / 2)
    t = float(stats.t.ppf((1 + confidence) / 2, groups - 1))
    return wilson(share, n * (normal / t) ** 2, confidence=confidence)


def equal_observations(share: FloatArray, spread: FloatArray, otherwise: float) -> FloatArray:
    """How many independent observations would vary as much as a share does.

    Args:
        share: Shares, 0..1, shape (n,). Not modified.
        spread: Their variance, shape (n,). Not modified.
        otherwise: The answer where a share of 0 or 1 does not vary, and so does not tell.
    """
    binomial = np.clip(share * (1 - share), 0, None)
    tells = (binomial > 1e-15) & (spread > 1e-30)
    return np.where(tells, binomial / np.where(tells, spread, 1), otherwise)
