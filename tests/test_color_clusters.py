import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.color import clusters, plain_lloyd
from trendcolor.color.clusters import cluster, nearest, renumbered


def heaps(seed, n=200, k=5):
    """Weighted points around k places, distinct."""
    rng = np.random.default_rng(seed)
    points = rng.choice(rng.uniform(0, 100, (k, 3)), n) + rng.normal(0, 5, (n, 3))
    return points, rng.integers(1, 500, n).astype(float)


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(1, 12))
def test_the_compiled_loop_and_scikit_learn_agree(seed, n):
    points, weights = heaps(seed)
    assert clusters.IS_COMPILED
    compiled = cluster(points, weights, n, seed=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clusters, "IS_COMPILED", False)
        patch.setattr(clusters, "plain_lloyd", plain_lloyd, raising=False)  # not imported there
        plain = cluster(points, weights, n, seed=0)
    np.testing.assert_array_equal(compiled, plain)


@settings(deadline=None)
@given(st.integers(0, 200), st.sampled_from([2.0, 16.0, 0.25]))
def test_scaling_all_weights_has_no_effect(seed, factor):
    points, weights = heaps(seed)
    one, other = cluster(points, weights, 6, seed=0), cluster(points, weights * factor, 6, seed=0)
    np.testing.assert_array_equal(one, other)


def test_each_number_is_used_and_each_point_is_nearest_to_its_center():
    points, weights = heaps(3)
    labels = cluster(points, weights, 8, seed=0)
    assert sorted(set(labels)) == list(range(8))
    of = [labels == k for k in range(8)]
    centers = np.array([np.average(points[one], axis=0, weights=weights[one]) for one in of])
    nearest = ((points[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1)
    np.testing.assert_array_equal(nearest, labels)


def test_fewer_points_than_clusters_are_each_their_own():
    points = np.array([[0.0, 0, 0], [50, 0, 0], [50, 9, 0]])
    assert cluster(points, np.ones(3), 10, seed=0).tolist() == [0, 1, 2]


def test_a_small_heap_far_away_keeps_its_own_cluster():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(50, 6, (500, 3)), rng.normal(95, 1, (12, 3))])
    labels = cluster(points, np.ones(512), 4, seed=0)
    assert len(set(labels[500:])) == 1
    assert labels[500] not in labels[:500]


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(1, 9), st.data())
def test_the_nearest_center_is_the_first_of_those_that_are_kept(seed, k, data):
    points = np.random.default_rng(seed).integers(0, 4, (60, 3)).astype(float)  # with ties
    centers = points[:k]
    is_kept = np.array(data.draw(st.lists(st.booleans(), min_size=k, max_size=k)))
    is_kept[data.draw(st.integers(0, k - 1))] = True
    compiled = nearest(points, centers, is_kept)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clusters, "IS_COMPILED", False)
        np.testing.assert_array_equal(nearest(points, centers, is_kept), compiled)
    assert is_kept[compiled].all()


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(1, 12))
def test_both_ways_start_from_the_same_points(seed, n):
    points = np.random.default_rng(seed).integers(0, 3, (40, 3)).astype(float)  # some are equal
    weights = np.random.default_rng(seed + 1).integers(1, 9, 40).astype(float)
    compiled = clusters._spread_out(points, weights, n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clusters, "IS_COMPILED", False)
        np.testing.assert_array_equal(clusters._spread_out(points, weights, n), compiled)


def test_numbers_without_a_gap_keep_their_order():
    assert renumbered(np.array([7, 2, 2, 9, 7])).tolist() == [1, 0, 0, 2, 1]
