"""How much less garments tell that depend on each other: design effects of shares.

Garments of one source, wearer or brand (a cluster) are alike, so that 1,000 garments of 20 brands
tell less than 1,000 garments of as many. The design effect says how many times less.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from trendcolor.analysis.intervals import FloatArray, Intervals, wilson
from trendcolor.errors import ShapeError

# A variance that rests on fewer groups than this is not trusted by itself. Found by simulation
# (benchmarks/intervals.py): below it, a color that happens to be rare in the sample also happens
# to look evenly spread, and its interval comes out too short.
_ENOUGH_GROUPS = 30
# Of squares of normal values, (sum z)^2 / sum z^2 is a third of their number.
_NORMAL_SPREAD = 3


@dataclass(frozen=True, slots=True, eq=False)
class DesignEffect:
    """What clusters and unequal weights take from the shares of k colors."""

    effect: FloatArray  # (..., k), variance by that of as many independent observations
    effective_n: FloatArray  # (..., k), independent observations that would tell as much
    df: FloatArray  # (..., k), degrees of freedom of the effect; infinite where it is a bound
    groups: FloatArray  # (...,), Kish's number of equal groups; effective_n is never below it


@dataclass(frozen=True, slots=True, eq=False)
class _Spread:
    """How shares vary from group to group."""

    variance: FloatArray  # (..., k), the jackknife's, of each share
    independent: FloatArray  # (..., k), that of n independent observations
    resting: FloatArray  # (..., k), groups that the variance rests on


def design_effect(
    hits: ArrayLike, whole: ArrayLike, n: ArrayLike, *, least: ArrayLike = 1.0
) -> DesignEffect:
    """The design effect of each color's share, from random groups of whole clusters.

    The variance is the delete-a-group jackknife's (Kott 2001, Journal of Official Statistics
    17(4), 521-526). A color whose variance rests on fewer than 30 groups has no estimate of its
    own to trust: it takes the larger of its own effect and the pooled one of all colors, which is
    the sum of the variances by the sum of those of independent observations (a mean of the
    effects by p(1 - p); the first-order mean of Rao and Scott 1981, JASA 76, weighs by 1 - p, and
    rare colors, whose own effects are near 1 whatever the clusters, pull it down).

    Two bounds need no estimate. An effect is at least `least`. And clusters can at most be of one
    color each: then groups count as observations, so `effective_n` is at least Kish's number of
    groups. One group alone, or colors of which each is in all or none, leave just that bound.

    Args:
        hits: Amount of each color in each group, 0 or more, shape (..., k, R). Give all colors
            of the denominator, since they pool; rows of further ones, such as "the rest" or the
            families beside a color of your own, are welcome. Not modified.
        whole: The denominator in each group, 0 or more, above 0 in at least one, shape (..., R).
            Groups of 0 don't count. Not modified.
        n: Garments or looks in the denominator, above 0, shape (...,).
        least: The smallest effect to believe, above 0, shape (...,). 1 for what counts equally;
            for area and weights that of the weights alone, `n / effective_n(total, squares)`, is
            a choice too. They raise the jackknife's variance by themselves.

    Raises:
        ShapeError: the shapes don't agree, or a denominator is 0 in all groups.

    Guarantees, each held by tests/test_analysis_design.py:
        The order of the groups, and empty ones, have no effect. `least` <= effect, and
        `groups` <= `effective_n` <= n / `least`, as far as these don't cross.
    """
    hits, whole = np.asarray(hits, np.float64), np.asarray(whole, np.float64)
    n = np.asarray(n, np.float64)
    _check(hits, whole, n)
    groups = whole.sum(-1) ** 2 / np.square(whole).sum(-1)
    most = (n / groups)[..., None]
    lowest = np.minimum(np.asarray(least, np.float64)[..., None], most)
    spread = _spread(hits, whole, n)
    pooled = _ratio(
        spread.variance.sum(-1, keepdims=True), spread.independent.sum(-1, keepdims=True), most
    )
    own = _ratio(spread.variance, spread.independent, np.zeros_like(most))
    is_own = (spread.resting >= _ENOUGH_GROUPS) | (own >= pooled)
    counted = np.count_nonzero(whole, -1)[..., None]
    effect = np.where(counted > 1, np.where(is_own, own, pooled), most)
    own_df = np.minimum(groups[..., None], spread.resting) - 1
    df = np.maximum(np.where(is_own, own_df, counted - 1), 1)
    is_bound = (effect <= lowest) | (effect >= most)
    effect = np.clip(effect, lowest, most)
    return DesignEffect(
        effect=effect,
        effective_n=n[..., None] / effect,
        df=np.where(is_bound, np.inf, df),
        groups=groups,
    )


def cluster_interval(
    share: ArrayLike, design: DesignEffect, *, confidence: float = 0.95
) -> Intervals:
    """Wilson's interval of shares whose observations depend on each other.

    It is that of the effective n, with Student's t in place of the normal z, since the effect is
    estimated: the same as multiplying n by (z/t)^2 (Korn and Graubard 1998, Survey Methodology
    24(2), 193-201, for another interval).

    Args:
        share: Shares, 0..1, shape (..., k): hits by whole. Not modified.
        design: Of the same hits.
        confidence: Of the interval, 0..1.

    Returns:
        Shares with intervals, all of shape (..., k).

    Guarantees, each held by tests/test_analysis_design.py:
        0 <= low <= share <= high <= 1. No shorter than Wilson's interval of the effective n, no
        longer than that of the groups as observations. Of 2,000 draws from 200 or 1,000 equal
        clusters, with correlations of 0 to 0.2, 95 % intervals of colors of 2 % to 35 % hold the
        truth 93 to 97 times of 100; from 20 or 60, or very unequal ones, 93 to 99.5 times. Where
        some colors come in clusters and others hardly do, 84 times and more. Of a color asked for
        alone, without others to pool with, 90 times and more; but at 2 % with a correlation of
        0.2, where most clusters have none of it, only 83 times and more.
    """
    normal = NormalDist().inv_cdf((1 + confidence) / 2)
    is_bound = np.isinf(design.df)
    student = stdtrit(np.where(is_bound, 1, design.df), (1 + confidence) / 2)
    by_t = design.effective_n * np.where(is_bound, 1, (normal / student) ** 2)
    n = np.clip(by_t, np.minimum(design.groups[..., None], design.effective_n), None)
    return wilson(share, n, confidence=confidence)


def _spread(hits: FloatArray, whole: FloatArray, n: FloatArray) -> _Spread:
    total = whole.sum(-1)[..., None]
    share = hits.sum(-1) / total
    left = total - whole
    counted = np.count_nonzero(whole, -1)[..., None]
    # Without a group, a share moves by this much.
    moved = hits - share[..., None] * whole[..., None, :]
    moved /= np.where(left > 0, left, np.inf)[..., None, :]
    squares = np.square(moved)
    sums = squares.sum(-1)
    fourth = np.square(squares).sum(-1)
    return _Spread(
        variance=(counted - 1) / counted * sums,
        independent=share * (1 - share) / n[..., None],
        resting=_NORMAL_SPREAD * _ratio(np.square(sums), fourth, np.zeros_like(sums)),
    )


def _ratio(top: FloatArray, bottom: FloatArray, otherwise: FloatArray) -> FloatArray:
    """Top by bottom; `otherwise` where the bottom is 0."""
    return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1), otherwise)


def _check(hits: FloatArray, whole: FloatArray, n: FloatArray) -> None:
    lead, groups = whole.shape[:-1], whole.shape[-1:]
    if hits.shape[:-2] != lead or hits.shape[-1:] != groups or n.shape != lead:
        raise ShapeError(
            f"hits {hits.shape}, whole {whole.shape} and n {n.shape} don't agree "
            "(wanted (..., k, R), (..., R) and (...,))"
        )
    if not (whole.sum(-1) > 0).all():
        raise ShapeError("a denominator is 0 in all of its groups; leave that row out")
