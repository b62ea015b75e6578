"""How many looks it takes to see a change, and what may be said of one that was not seen."""

from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from trendcolor.analysis.intervals import FloatArray, Intervals
from trendcolor.errors import UsageError

UP, DOWN = "up", "down"
NO_CHANGE = "no change shown"
NOT_ENOUGH = "not enough data"
VERDICTS = (UP, DOWN, NO_CHANGE, NOT_ENOUGH)

_HALVINGS = 60  # until a change is known to the last bit


def looks_needed(
    share: float,
    change: float,
    *,
    power: float = 0.8,
    confidence: float = 0.95,
    design_effect: float = 1.0,
) -> int:
    """How many looks each of two periods needs, for a change of a share to be seen.

    For a two-sided test of two proportions without a correction for continuity (Fleiss, Levin and
    Paik 2003, Statistical Methods for Rates and Proportions, 3rd ed., formula 4.14).

    Args:
        share: In the first period, above 0 and below 1.
        change: By how much it rises, or falls where it is below 0; a difference of shares: 0.01
            takes 5 % to 6 %.
        power: How often a change of that size should be seen, between `1 - confidence` and 1.
        confidence: How often no change is seen where there is none, above 0.5 and below 1.
        design_effect: How many looks of a cluster tell as much as an independent one, 1 or more:
            the `effect` of a former run.

    Raises:
        UsageError: a number is out of its range, or `share` and `change` together are.

    Guarantees, each held by tests/test_analysis_power.py:
        With that many looks `detectable_change` is at most the change, with one look less it is
        more. A larger change, or less power or confidence, takes no more looks.
    """
    _check_change(share, change)
    _check_test(power, confidence)
    if not 1 <= design_effect < np.inf:
        raise UsageError(f"the design effect is {design_effect:g} (wanted 1 or more)")
    after = share + change
    mean = (share + after) / 2
    z, z_power = _quantile((1 + confidence) / 2), _quantile(power)
    spread = z * sqrt(2 * mean * (1 - mean))
    spread += z_power * sqrt(share * (1 - share) + after * (1 - after))
    return ceil(design_effect * (spread / change) ** 2)


def detectable_change(
    share: ArrayLike,
    n_a: ArrayLike,
    n_b: ArrayLike,
    *,
    power: float = 0.8,
    confidence: float = 0.95,
    falls: bool = False,
) -> FloatArray:
    """The smallest change of shares that would be seen, with the looks that there are.

    The inverse of `looks_needed`, for periods of unequal size too.

    Args:
        share: In the first period, 0..1, shape (n,). Not modified.
        n_a: Effective looks of the first period, above 0, shape (n,): of clusters `effective_n`.
        n_b: Of the second period.
        power: As of `looks_needed`.
        confidence: As of `looks_needed`.
        falls: Look for falls in place of rises. They are seen sooner where a share is below a
            half, since rare things vary less.

    Returns:
        Sizes above 0, shape (n,); infinite where no change that is possible would be seen.

    Raises:
        UsageError: `power` or `confidence` is out of its range.

    Guarantees, each held by tests/test_analysis_power.py:
        More looks in either period make it smaller.
    """
    _check_test(power, confidence)
    z, z_power = _quantile((1 + confidence) / 2), _quantile(power)
    share, n_a, n_b = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (share, n_a, n_b)))
    sign = -1 if falls else 1

    def excess(size: FloatArray) -> FloatArray:
        """How far a change stands out beyond what is needed; of it the sign is looked at."""
        after = np.clip(share + sign * size, 0, 1)
        mean = (n_a * share + n_b * after) / (n_a + n_b)
        spread = z * np.sqrt(mean * (1 - mean) * (1 / n_a + 1 / n_b))
        spread += z_power * np.sqrt(share * (1 - share) / n_a + after * (1 - after) / n_b)
        return np.asarray(size - spread, np.float64)

    most = share if falls else 1 - share
    low, high = np.zeros_like(most), most.copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_seen = excess(middle) >= 0
        low, high = np.where(is_seen, low, middle), np.where(is_seen, middle, high)
    return np.where(excess(most) >= 0, high, np.inf)


def verdicts(change: Intervals, *, asked: float, detectable: ArrayLike) -> list[str]:
    """What may be said of each change, in words.

    "up" and "down" where the interval lies on one side of 0. Where it holds 0: "no change shown"
    if a change of the size that was asked for would have been seen, or if the interval rules one
    out; else "not enough data", which is no finding at all. "no change shown" does not say that
    there is none: smaller ones may be.

    One of 20 colors that did not change shows one at 95 %: of many colors, correct for their number
    before "up" and "down" are read.

    Args:
        change: Differences of shares with their intervals, shape (n,).
        asked: The size of change that matters, above 0: a difference of shares.
        detectable: Sizes that would have been seen, above 0, shape (n,): of `detectable_change`.

    Raises:
        UsageError: `asked` is not above 0.

    Guarantees, each held by tests/test_analysis_power.py:
        A verdict is one of `VERDICTS`; changes of the other sign have the mirrored one.
    """
    if not 0 < asked <= 1:
        raise UsageError(f"the change asked for is {asked:g} (wanted above 0, at most 1)")
    rules_out = (change.low > -asked) & (change.high < asked)
    would_show = (np.asarray(detectable, np.float64) <= asked) | rules_out
    words = np.select(
        [change.low > 0, change.high < 0, would_show], [UP, DOWN, NO_CHANGE], NOT_ENOUGH
    )
    return [str(word) for word in np.ravel(words)]


def _quantile(probability: float) -> float:
    return NormalDist().inv_cdf(probability)


def _check_change(share: float, change: float) -> None:
    if not 0 < share < 1:
        raise UsageError(f"the share is {share:g} (wanted above 0 and below 1: 0.05 for 5 %)")
    if not abs(change) > 0:
        raise UsageError(f"the change is {change:g} (wanted a difference of shares, such as 0.01)")
    if not 0 < share + change < 1:
        raise UsageError(
            f"a share of {share:g} can't change by {change:g} to {share + change:g} (wanted above "
            "0 and below 1; the change is a difference of shares: 0.01 takes 0.05 to 0.06)"
        )


def _check_test(power: float, confidence: float) -> None:
    if not 0.5 < confidence < 1:
        raise UsageError(f"the confidence is {confidence:g} (wanted above 0.5 and below 1)")
    if not 1 - confidence < power < 1:
        raise UsageError(f"the power is {power:g} (wanted above {1 - confidence:.3g} and below 1)")
