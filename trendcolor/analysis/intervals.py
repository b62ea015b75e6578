"""Intervals around shares and around their differences."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Estimates, each with the interval around it. All shapes are (n,)."""

    value: FloatArray
    low: FloatArray
    high: FloatArray


def wilson(share: ArrayLike, n: ArrayLike, *, confidence: float = 0.95) -> Intervals:
    """The score interval of a share (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    It stays within 0 and 1, and is as honest for rare colors, zero included, as for common ones.

    Args:
        share: Shares, 0..1, shape (n,). Not modified.
        n: How many independent observations each share rests on, above 0; a whole number, or an
            effective one where observations weigh differently (`effective_n`).
        confidence: Of the interval, 0..1.

    Guarantees, each held by tests/test_analysis_intervals.py:
        0 <= low <= share <= high <= 1, and more observations make the interval narrower.
    """
    p, n = np.asarray(share, np.float64), np.asarray(n, np.float64)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    center = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    # At shares of 0 and 1 rounding would leave the bound a last bit beside them.
    return Intervals(value=p, low=np.clip(center - half, 0, p), high=np.clip(center + half, p, 1))


def change(before: Intervals, after: Intervals) -> Intervals:
    """The difference of two shares with its interval.

    Method 10 of Newcombe (1998), Statistics in Medicine 17, 873-890: the score interval.

    Args:
        before: Shares with their Wilson intervals.
        after: The same of another, independent, set of observations.

    Returns:
        `after` less `before`, -1..1, with intervals of the same confidence.
    """
    rise = after.value - before.value
    low = rise - np.hypot(after.value - after.low, before.high - before.value)
    high = rise + np.hypot(after.high - after.value, before.value - before.low)
    return Intervals(value=rise, low=low, high=high)


def effective_n(total: ArrayLike, squares: ArrayLike) -> FloatArray:
    """How many equal observations tell as much as these unequal ones (Kish, 1965).

    Args:
        total: Sum of the weights, shape (n,). Not modified.
        squares: Sum of the squared weights, above 0 where the total is, shape (n,). Not modified.

    Returns:
        total^2 / squares: the number itself where all weigh the same, 1 where one has it all.
    """
    total = np.asarray(total, np.float64)
    return total**2 / np.asarray(squares, np.float64)
