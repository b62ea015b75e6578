import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from intervals import LISTED, SHARES, alone, cluster_sizes, coverage, draw, naive_coverage

from trendcolor.analysis.design import cluster_interval, design_effect
from trendcolor.analysis.intervals import effective_n, wilson
from trendcolor.errors import ShapeError

# Schools of 15 districts, a sample of whole districts (apiclus1 of the R package survey, Lumley
# 2004, Journal of Statistical Software 9(8)): elementary, high and middle.
SCHOOLS = np.array(
    [
        [8, 2, 1, 10, 2, 2, 2, 13, 4, 34, 16, 30, 10, 1, 9],
        [1, 1, 0, 0, 0, 1, 1, 0, 4, 0, 2, 3, 0, 0, 1],
        [2, 1, 1, 3, 0, 1, 1, 3, 1, 0, 3, 4, 3, 0, 2],
    ]
)
# What the package's page "Simple summary statistics" prints for them: means and the standard
# errors of the delete-one jackknife (JK1), with a correction for 15 districts of 757.
SCHOOL_SHARES = [0.786885, 0.076503, 0.136612]
SCHOOL_ERRORS = [0.0514, 0.0278, 0.0332]

counts = st.integers(1, 9).flatmap(
    lambda groups: st.tuples(
        arrays(np.int64, (3, groups), elements=st.integers(0, 30)),
        st.permutations(range(groups)),
    )
)


def test_jackknife_agrees_with_a_published_survey():
    hits = SCHOOLS.astype(float)
    n = hits.sum()
    # Each district counts as one group of many observations, so no bound is in the way.
    found = design_effect(hits, hits.sum(0), n, least=0.01)
    share = hits.sum(1) / n
    np.testing.assert_allclose(share, SCHOOL_SHARES, atol=5e-7)
    own = [design_effect(row[None], hits.sum(0), n, least=0.01).effect[0] for row in hits]
    error = np.sqrt(own * share * (1 - share) / n * (1 - 15 / 757))
    # Four decimals, and the package takes squares around the replicates' mean: 1 in 2,000 less.
    np.testing.assert_allclose(error, SCHOOL_ERRORS, atol=1e-4)
    # Too few districts to trust one color: none is taken to be steadier than all together.
    assert (found.effect >= np.array(own) - 1e-12).all()


def test_design_effect_agrees_with_a_jackknife_by_hand():
    # Groups of 4, 4 and 2 with 2, 1 and 1 hits: share 4/10. Without each: 2/6, 3/6, 3/8. Squares
    # of what that moves the share: 1/225, 1/100, 1/1600, in all 217/14400, times 2/3.
    variance = 2 / 3 * 217 / 14400
    found = design_effect([[2.0, 1.0, 1.0]], [4.0, 4.0, 2.0], 10.0, least=0.1)
    assert found.effect[0] == pytest.approx(variance / (0.4 * 0.6 / 10))
    assert found.effective_n[0] == pytest.approx(0.4 * 0.6 / variance)
    assert found.groups == pytest.approx(100 / 36)


def test_one_color_a_cluster_has_the_effect_that_kish_gives():
    # Kish (1965, Survey Sampling, 5.4): 1 + (b - 1) rho, for clusters of b; here rho is 1. Of G
    # clusters the jackknife finds G / (G - 1) of it; no more than b can be.
    hits = np.array([[5.0] * 12 + [0.0] * 28])
    found = design_effect(hits, np.full(40, 5.0), 200.0)
    assert found.effect[0] == 5
    assert found.effective_n[0] == 40


@pytest.mark.parametrize("correlation", [0.05, 0.2])
def test_equal_clusters_have_the_effect_that_kish_gives(correlation):
    drawn = draw(np.random.default_rng(1), cluster_sizes(200, "equal"), SHARES, correlation)
    found = design_effect(drawn.hits, drawn.whole, drawn.whole.sum(-1))
    # Clusters of 20. Of 2,000 draws with 64 groups each, the mean effect is known to 1 %; the
    # bound at 1 and the pooling of rare colors lift it by up to 5 %.
    assert found.effect[:, 2].mean() == pytest.approx(1 + 19 * correlation, rel=0.05)


def test_unequal_weights_have_the_effect_that_kish_gives():
    random = np.random.default_rng(2)
    weights = random.gamma(1.0, size=(300, 64, 40))  # of independent garments
    is_hit = random.random(weights.shape) < 0.3
    hits, whole = (weights * is_hit).sum(-1), weights.sum(-1)
    n = np.full(300, 64 * 40.0)
    found = design_effect(hits[:, None], whole, n, least=0.1)
    by_kish = n / effective_n(weights.sum((1, 2)), np.square(weights).sum((1, 2)))
    # Each estimate from 64 groups is off by about 18 %, so the mean of 300 by 1 %.
    assert found.effect.mean() == pytest.approx(by_kish.mean(), rel=0.03)


def test_a_rare_color_takes_the_larger_effect_of_its_own_and_all_colors():
    random = np.random.default_rng(3)
    drawn = draw(random, cluster_sizes(200, "equal"), SHARES, 0.2, draws=1)
    hits, whole = drawn.hits[0].copy(), drawn.whole[0]
    hits[0], spread = 0.0, hits[0].sum()
    hits[0, :2] = 1.0  # two garments of two groups: they look independent
    hits[2, 0] += spread - 2
    found = design_effect(hits, whole, whole.sum())
    assert design_effect(hits[:1], whole, whole.sum()).effect[0] < 1.1
    assert 3 < found.effect[0] < 7


def test_an_absent_color_has_the_effect_of_the_others():
    whole = np.full(40, 20.0)
    hits = np.stack([np.zeros(40), np.tile([16.0, 4.0], 20), np.tile([4.0, 16.0], 20)])
    found = design_effect(hits, whole, 800.0)
    assert found.effect[0] == found.effect[1] > 5
    low, high = (np.ravel(each)[0] for each in _bounds(hits, whole, 800.0))
    assert low == 0
    assert high > wilson(0.0, 800).high


def test_one_group_is_one_observation():
    hits, whole = np.array([[30.0], [70.0]]), np.array([100.0])
    found = design_effect(hits, whole, 100.0)
    np.testing.assert_array_equal(found.effective_n, [1, 1])
    low, high = _bounds(hits, whole, 100.0)
    expected = wilson([0.3, 0.7], [1, 1])
    np.testing.assert_allclose([low, high], [expected.low, expected.high])


def test_where_nothing_varies_groups_are_observations():
    found = design_effect([[20.0] * 8, [0.0] * 8], [20.0] * 8, 160.0)
    np.testing.assert_array_equal(found.effective_n, [8, 8])


def test_few_groups_widen_the_interval_by_student():
    # Two-sided t of 7 degrees of freedom at 95 % is 2.3646, z is 1.95996 (any table).
    hits, whole = np.array([[120.0, 80.0] * 4]), np.full(8, 200.0)
    found = design_effect(hits, whole, 1600.0)
    assert found.df[0] == pytest.approx(7)
    interval = cluster_interval(0.5, found)
    expected = wilson(0.5, found.effective_n * (1.95996 / 2.3646) ** 2)
    assert interval.low == pytest.approx(expected.low, abs=1e-5)
    assert interval.high == pytest.approx(expected.high, abs=1e-5)


@given(counts)
def test_order_of_groups_and_empty_ones_have_no_effect(drawn):
    hits, order = drawn
    whole = hits.sum(0)
    if not whole.sum():
        return
    one = design_effect(hits, whole, whole.sum())
    padded = np.pad(hits[:, order], ((0, 0), (1, 2)))
    other = design_effect(padded, padded.sum(0), whole.sum())
    np.testing.assert_allclose(one.effect, other.effect, rtol=1e-9)
    np.testing.assert_allclose(one.groups, other.groups)


@given(counts, st.floats(0.5, 0.999))
def test_effects_and_intervals_keep_their_bounds(drawn, confidence):
    hits, _ = drawn
    whole = hits.sum(0)
    n = whole.sum()
    if not n:
        return
    found = design_effect(hits, whole, n)
    assert (found.effect >= min(1, n / found.groups) - 1e-12).all()
    assert (found.effective_n >= found.groups - 1e-9).all()
    share = hits.sum(1) / n
    interval = cluster_interval(share, found, confidence=confidence)
    assert (interval.low >= 0).all()
    assert (interval.high <= 1).all()
    assert ((interval.low <= share) & (share <= interval.high)).all()
    short = wilson(share, found.effective_n, confidence=confidence)
    long = wilson(share, np.full(3, found.groups), confidence=confidence)
    assert (interval.low <= short.low + 1e-12).all()
    assert (interval.low >= long.low - 1e-12).all()
    assert (interval.high <= long.high + 1e-12).all()


def test_a_table_answers_as_its_rows_do():
    drawn = draw(np.random.default_rng(4), cluster_sizes(60, "unequal"), SHARES, 0.2, draws=7)
    n = drawn.whole.sum(-1)
    table = design_effect(drawn.hits, drawn.whole, n)
    for row in range(7):
        one = design_effect(drawn.hits[row], drawn.whole[row], n[row])
        np.testing.assert_allclose(table.effect[row], one.effect)
        np.testing.assert_allclose(table.df[row], one.df)


def test_a_thousand_rows_take_less_than_50_ms():
    drawn = draw(np.random.default_rng(5), cluster_sizes(60, "equal"), SHARES, 0.2, draws=1000)
    n = drawn.whole.sum(-1)
    best = np.inf
    for _ in range(5):
        start = time.perf_counter()
        cluster_interval(drawn.hits.sum(-1) / n[:, None], design_effect(drawn.hits, drawn.whole, n))
        best = min(best, time.perf_counter() - start)
    assert best < 0.05


def test_shapes_that_do_not_agree_are_refused():
    with pytest.raises(ShapeError, match=r"hits \(2, 3\), whole \(4,\) and n \(\) don't agree"):
        design_effect(np.ones((2, 3)), np.ones(4), 10.0)
    with pytest.raises(ShapeError, match="a denominator is 0 in all of its groups"):
        design_effect(np.zeros((2, 3)), np.zeros(3), 10.0)


# The part of 2,000 intervals of 95 % that hold the truth. Two standard errors of it are 1 %.


def test_wilson_covers_independent_garments():
    drawn = draw(np.random.default_rng(0), cluster_sizes(60, "equal"), SHARES, 0.0)
    covered = naive_coverage(drawn, SHARES)
    assert (covered >= 0.93).all()
    assert (covered <= 0.97).all()


def test_wilson_fails_where_garments_come_in_clusters():
    drawn = draw(np.random.default_rng(0), cluster_sizes(60, "equal"), SHARES, 0.2)
    assert (naive_coverage(drawn, SHARES) < 0.75).all()


# Many clusters of one size give the 95 % that are asked for. With few, or with very unequal ones,
# the larger of two effects is taken on purpose, so intervals are rather too wide than too short.
SIX_COLORS = [
    (20, "equal", 0.93, 0.99),
    (60, "equal", 0.93, 0.985),
    (200, "equal", 0.93, 0.97),
    (1000, "equal", 0.93, 0.97),
    (20, "unequal", 0.93, 0.995),
    (60, "unequal", 0.93, 0.995),
    (200, "unequal", 0.93, 0.995),
    (1000, "unequal", 0.93, 0.995),
]


@pytest.mark.parametrize("correlation", [0.0, 0.05, 0.2])
@pytest.mark.parametrize(("clusters", "sizes", "least", "most"), SIX_COLORS)
def test_intervals_of_colors_in_clusters_cover(clusters, sizes, least, most, correlation):
    garments = cluster_sizes(clusters, sizes)
    drawn = draw(np.random.default_rng(0), garments, SHARES, correlation)
    covered = coverage(drawn, SHARES)[list(LISTED)]
    assert (covered >= least).all()
    assert (covered <= most).all()


# Colors that come in clusters beside others that hardly do: the effect that a rare one borrows of
# the others is too small then.
HOUSES = [
    (20, "equal", 0.2, 0.94),
    (60, "equal", 0.2, 0.90),
    (200, "equal", 0.2, 0.93),
    (1000, "equal", 0.2, 0.93),
    (20, "unequal", 0.2, 0.92),
    (60, "unequal", 0.2, 0.91),
    (200, "unequal", 0.2, 0.91),
    (1000, "unequal", 0.2, 0.91),
    (1000, "unequal", 0.05, 0.84),
]


@pytest.mark.parametrize(("clusters", "sizes", "correlation", "least"), HOUSES)
def test_intervals_of_house_colors_cover(clusters, sizes, correlation, least):
    garments = cluster_sizes(clusters, sizes)
    drawn = draw(np.random.default_rng(0), garments, SHARES, correlation, houses=LISTED)
    assert (coverage(drawn, SHARES)[list(LISTED)] >= least).all()


@pytest.mark.parametrize("correlation", [0.0, 0.2])
def test_intervals_of_weighted_garments_in_clusters_cover(correlation):
    # 64 clusters of ten garments, each a group; weights with a long tail.
    random = np.random.default_rng(0)
    shares, shape = np.array([0.1, 0.35, 0.55]), (2000, 64, 10)
    own = np.broadcast_to(shares, (*shape[:2], 3))
    if correlation:
        own = random.dirichlet(shares * (1 / correlation - 1), shape[:2])
    color = (random.random(shape)[..., None] > own.cumsum(-1)[:, :, None, :2]).sum(-1)
    weights = random.lognormal(0, 0.8, shape)
    hits = np.stack([(weights * (color == k)).sum(-1) for k in range(3)], axis=1)
    whole = weights.sum(-1)
    design = design_effect(hits, whole, np.full(2000, 640.0))
    found = cluster_interval(hits.sum(-1) / whole.sum(-1)[:, None], design)
    covered = ((found.low <= shares) & (shares <= found.high)).mean(0)
    assert (covered >= 0.93).all()
    assert (covered <= 0.97).all()


# One color without others to pool with. At 2 % and a correlation of 0.2 seven clusters of ten have
# none of it: no method sees in such a sample how uneven the color is.
ONE_COLOR = [
    (0.02, 0.0, 0.93),
    (0.02, 0.05, 0.90),
    (0.02, 0.2, 0.83),
    (0.1, 0.0, 0.93),
    (0.1, 0.05, 0.92),
    (0.1, 0.2, 0.91),
    (0.35, 0.0, 0.93),
    (0.35, 0.05, 0.93),
    (0.35, 0.2, 0.93),
]


@pytest.mark.parametrize(("share", "correlation", "least"), ONE_COLOR)
@pytest.mark.parametrize("sizes", ["equal", "unequal"])
@pytest.mark.parametrize("clusters", [20, 60, 200])
def test_intervals_of_one_color_in_clusters_cover(clusters, sizes, share, correlation, least):
    shares = alone(share)
    drawn = draw(np.random.default_rng(0), cluster_sizes(clusters, sizes), shares, correlation)
    covered = coverage(drawn, shares)[0]
    assert least <= covered <= 0.985


def _bounds(hits, whole, n):
    found = cluster_interval(hits.sum(-1) / whole.sum(-1), design_effect(hits, whole, n))
    return found.low, found.high
