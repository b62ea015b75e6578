import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.analysis.intervals import wilson
from trendcolor.analysis.jackknife import (
    MOST_GROUPS,
    deal,
    equal_observations,
    score_interval,
    variance,
)

clusters = st.lists(st.one_of(st.none(), st.integers(0, 300).map(str)), min_size=1, max_size=400)


@given(clusters, st.randoms(use_true_random=False))
def test_clusters_are_dealt_whole_and_evenly_whatever_the_order_of_rows(found, random):
    dealt = deal(pl.Series(found, dtype=pl.String)).tolist()
    groups = dict(zip(found, dealt, strict=True))
    assert dealt == [groups[cluster] for cluster in found]
    sizes = np.bincount([*groups.values()], minlength=min(len(groups), MOST_GROUPS))
    assert sizes.max() - sizes.min() <= 1
    order = random.sample(range(len(found)), len(found))
    shuffled = deal(pl.Series([found[i] for i in order], dtype=pl.String)).tolist()
    assert shuffled == [dealt[i] for i in order]


def test_the_variance_of_a_mean_is_that_of_the_textbook():
    # Deleting one value at a time gives s^2 / n exactly (Efron and Stein 1981).
    values = np.array([3.0, 7.0, 4.0, 10.0, 6.0])
    without = (values.sum() - values)[:, None] / 4
    assert variance(without)[0] == pytest.approx(values.var(ddof=1) / 5)


def test_one_group_tells_no_variance():
    assert np.isnan(variance(np.ones((1, 3)))).all()


def test_observations_are_recovered_from_a_binomial_variance():
    share = np.array([0.2, 0.0])
    n = equal_observations(share, share * (1 - share) / 50, 7)
    np.testing.assert_allclose(n, [50, 7])


def test_with_many_groups_the_interval_is_wilsons_and_with_few_it_is_wider():
    share, n = np.array([0.3]), np.array([40.0])
    plain = wilson(share, n)
    many = score_interval(share, n, groups=10_000, confidence=0.95)
    few = score_interval(share, n, groups=3, confidence=0.95)
    np.testing.assert_allclose([many.low, many.high], [plain.low, plain.high], atol=2e-4)
    # Student's t of 2 degrees of freedom is 4.3027 at 97.5 %, in any table.
    z = 4.3027
    center, half = 0.3 + z**2 / 80, z * np.sqrt(0.3 * 0.7 / 40 + z**2 / 6400)
    expected = (center + np.array([-half, half])) / (1 + z**2 / 40)
    np.testing.assert_allclose([few.low[0], few.high[0]], expected, atol=1e-5)
