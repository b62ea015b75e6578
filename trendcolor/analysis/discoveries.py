"""Many tests at once: how large a part of what looks like a finding is chance."""

import numpy as np
import polars as pl
from scipy import stats


def adjusted(p: pl.Series) -> pl.Series:
    """p-values after Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57(1), 289-300.

    Of the tests whose adjusted value is at most .05, about 5 % are chance.

    Args:
        p: 0..1, null where nothing was tested; those are no part of the family.

    Returns:
        Under the name `p_adjusted`, null where `p` is.

    Guarantees, each held by tests/test_analysis_discoveries.py:
        An adjusted value is at least its p and at most 1, and rises with it.
    """
    values = p.cast(pl.Float64).to_numpy().copy()
    is_tested = np.isfinite(values)
    if is_tested.any():
        values[is_tested] = stats.false_discovery_control(values[is_tested])
    return pl.Series("p_adjusted", values, nan_to_null=True)
