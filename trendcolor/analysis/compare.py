"""What changed between two groups, color by color and as a whole."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import polars as pl
from scipy import stats

from trendcolor.analysis.discoveries import adjusted
from trendcolor.analysis.intervals import FloatArray, Intervals, change, wilson
from trendcolor.analysis.power import detectable_change, verdicts

_POWER = 0.8  # of seeing a change that matters, for "no change shown"
# The p-value is sought among quantiles up to this one: beyond it p is 0 in floats.
_FARTHEST = 40.0
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Between:
    """How far two groups are from each other as a whole; None where it is not to be told."""

    distance: float | None = None  # see `transport.distance`
    p: float | None = None  # of `permutations.permutation_test`


def compare(
    before: pl.DataFrame,
    after: pl.DataFrame,
    *,
    between: Between,
    matters: float = 0.02,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Two tables of shares side by side, with the change of each color.

    Args:
        before: What `shares` or `public_shares` gave for the first group, without `by`.
        after: The same of the second group, over the same legend and in the same unit. The
            interval of the change takes the two as independent: no garment is in both.
        between: How far the two groups are from each other as a whole.
        matters: The smallest change of a share that matters, above 0.
        confidence: Of the tables' intervals, which are Wilson's.

    Returns:
        `family`, `common`, `name`, `bin` or `shade`; `share_a`, `share_b`; `change` (b less a),
        `low` and `high` (Newcombe's interval of the change, of the confidence of the shares); `p`:
        one less the confidence at which that interval would end at no change, null where neither
        group has the color; `p_adjusted` (Benjamini-Hochberg) over the `tests` rows that have one;
        `numerator_a`, `denominator_a`, `numerator_b`, `denominator_b`; `unit`; `distance`
        (CIEDE2000) and `distance_p` (by permutations of the energy distance), the same in each
        row; `verdict`: "up" or "down" where `p_adjusted` is below 1 - confidence, else "no change
        shown" where a change that matters would have been seen, else "not enough data" (see
        `power.verdicts`). Sorted by the size of the change, largest first. Where one of the two
        shares is hidden, so is the change.

    Guarantees, each held by tests/test_analysis_compare.py:
        `p` is below 1 - confidence where the interval of the change leaves out 0, and nowhere
        else. Where both groups are draws from one population p is below .05 in 3 to 7 % of draws.
    """
    color = before.columns[0]
    table = before.join(after, on=[color, "unit"], how="left", suffix="_b", maintain_order="left")
    sides = ("share", "low", "high", "numerator", "denominator", "effective_n")
    names = {name: f"{name}_a" for name in sides}
    table = table.rename(names)
    one, other = _intervals(table, "a"), _intervals(table, "b")
    moved = change(one, other)
    p = pl.Series("p", _p_values(one, other, confidence), nan_to_null=True)
    columns = (
        *(color, "share_a", "share_b", "change", "low", "high", "p", "p_adjusted", "tests"),
        *("numerator_a", "denominator_a", "numerator_b", "denominator_b", "unit"),
        *("distance", "distance_p", "verdict"),
    )
    size = pl.col("change").abs()
    told = adjusted(p)
    return (
        table.with_columns(
            p,
            told,
            _verdict(table, moved, told, matters, confidence),
            tests=pl.lit(p.count(), pl.Int64),
            change=pl.Series(moved.value, nan_to_null=True),
            low=pl.Series(moved.low, nan_to_null=True),
            high=pl.Series(moved.high, nan_to_null=True),
            distance=pl.lit(between.distance, pl.Float64),
            distance_p=pl.lit(between.p, pl.Float64),
        )
        .sort(size, descending=True, nulls_last=True, maintain_order=True)
        .select(columns)
    )


def _verdict(
    table: pl.DataFrame, moved: Intervals, p: pl.Series, matters: float, confidence: float
) -> pl.Series:
    """What may be said of each change, corrected for the number of colors."""
    n = [table[f"effective_n_{side}"].to_numpy() for side in "ab"]
    share = table["share_a"].to_numpy()
    is_known = np.isfinite(moved.value)
    asked = {"power": _POWER, "confidence": confidence}
    n_a, n_b = (np.where(is_known, each, 1.0) for each in n)
    known = np.where(is_known, share, 0.5)
    # A share of 0 or 1 is not known to be that: half an observation keeps it off the end.
    known = np.clip(known, 0.5 / n_a, 1 - 0.5 / n_a)
    rise, fall = (
        detectable_change(known, n_a, n_b, falls=falls, **asked) for falls in (False, True)
    )
    is_shown = (p.fill_null(1) < 1 - confidence).to_numpy()
    low, high = (np.where(is_known, each, 0.0) for each in (moved.low, moved.high))
    within = Intervals(
        value=np.where(is_known, moved.value, 0.0),
        low=np.where(is_shown, low, np.minimum(low, 0)),
        high=np.where(is_shown, high, np.maximum(high, 0)),
    )
    seen = np.where(within.value < 0, fall, rise)
    words = pl.Series("verdict", verdicts(within, asked=matters, detectable=seen))
    return words.to_frame().select(pl.when(pl.Series(is_known)).then("verdict")).to_series()


def _intervals(table: pl.DataFrame, side: str) -> Intervals:
    value, low, high = (table[f"{name}_{side}"].to_numpy() for name in ("share", "low", "high"))
    return Intervals(value=value, low=low, high=high)


def _p_values(before: Intervals, after: Intervals, confidence: float) -> FloatArray:
    """One less the confidence at which Newcombe's interval ends at 0, shape (n,)."""
    normal = NormalDist().inv_cdf((1 + confidence) / 2)
    n = [_observations(each, normal) for each in (before, after)]
    near, far = np.zeros(len(before.value)), np.full(len(before.value), _FARTHEST)
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        # Wilson's formula holds n and the quantile as quantile^2 / n alone.
        wide = [
            wilson(each.value, size * (normal / middle) ** 2, confidence=confidence)
            for each, size in zip((before, after), n, strict=True)
        ]
        moved = change(*wide)
        leaves_out = (moved.low > 0) | (moved.high < 0)
        near, far = np.where(leaves_out, middle, near), np.where(leaves_out, far, middle)
    p = np.asarray(2 * stats.norm.sf(far))
    is_told = np.isfinite(before.value + after.value) & (before.value + after.value > 0)
    return np.where(is_told, np.where(after.value == before.value, 1.0, p), np.nan)


def _observations(shares: Intervals, normal: float) -> FloatArray:
    """The n of Wilson's intervals, from their widths.

    With x = quantile^2 / n, half the width h has h^2 (1 + x)^2 = x p (1 - p) + x^2 / 4.
    """
    p, h = shares.value, (shares.high - shares.low) / 2
    a, b = 0.25 - h**2, p * (1 - p) - 2 * h**2
    x = (np.sqrt(b**2 + 4 * a * h**2) - b) / (2 * a)
    return np.asarray(normal**2 / x)
