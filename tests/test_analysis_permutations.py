import numpy as np
import polars as pl
import pytest
from dressed_looks import CHANCES, COLORS, drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trendcolor.analysis.permutations import PERMUTATIONS, permutation_test
from trendcolor.histograms import rgb_to_bin

BINS = rgb_to_bin(*COLORS.T)


def weighed(cluster, color):
    """Garments of clusters as a histogram by cluster."""
    rows = pl.DataFrame({"cluster": cluster, "bin": BINS[color]})
    rows = rows.with_columns(pl.col("cluster").cast(pl.String))
    return rows.group_by("cluster", "bin").agg(weight=255 * pl.len().cast(pl.Int64))


def group(n, random, *, name=0, clusters=None, loyal=0.5, chances=CHANCES[0]):
    """Garments of one population; those of a cluster have its favorite color half of the time."""
    if clusters is None:
        return weighed(np.arange(n) + name, drawn(chances, n, random))
    cluster = random.integers(0, clusters, n)
    favorite = drawn(chances, clusters, random)
    is_own = random.random(n) < loyal
    return weighed(cluster + name, np.where(is_own, favorite[cluster], drawn(chances, n, random)))


def both_seasons(n, random, clusters):
    """Two groups to which the same clusters give garments, each with its own taste."""
    cluster, side = random.integers(0, clusters, n), random.integers(0, 2, n)
    favorite = drawn(CHANCES[0], clusters, random)
    is_own = random.random(n) < 0.6
    color = np.where(is_own, favorite[cluster], drawn(CHANCES[0], n, random))
    return [weighed(cluster[side == each], color[side == each]) for each in (0, 1)]


NULLS = [
    pytest.param(lambda random: [group(80, random), group(50, random, name=1000)], id="photos"),
    pytest.param(
        lambda random: [
            group(300, random, clusters=15),
            group(200, random, name=1000, clusters=20),
        ],
        id="clusters of one group",
    ),
    pytest.param(lambda random: both_seasons(300, random, 20), id="clusters of both groups"),
]


@pytest.mark.parametrize("make", NULLS)
def test_p_is_even_where_both_groups_are_of_one_population(make):
    random = np.random.default_rng(7)
    p = np.array([permutation_test(*make(random)).p for _ in range(150)])
    # Kolmogorov and Smirnov's test of evenness; with a fixed seed it is no game of chance.
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert (p < 0.05).mean() <= 0.09


def test_clusters_that_are_taken_for_photos_differ_too_often():
    random = np.random.default_rng(8)
    p = []
    for _ in range(40):
        one, other = (group(300, random, name=i * 1000, clusters=8, loyal=0.9) for i in (0, 1))
        photos = [
            each.select("bin", "weight", n=pl.col("weight") // 255)
            .select(pl.col("bin").repeat_by("n").explode())
            .with_row_index("cluster", offset=i * 10_000)
            .with_columns(weight=pl.lit(255, pl.Int64))
            for i, each in enumerate((one, other))
        ]
        p.append((permutation_test(one, other).p, permutation_test(*photos).p))
    clustered, taken = (np.array(p) < 0.05).mean(axis=0)
    assert clustered < 0.15
    assert taken > 0.7


def test_a_difference_is_found():
    random = np.random.default_rng(9)
    one, other = (
        group(200, random, name=i * 1000, clusters=40, loyal=0.2, chances=CHANCES[i])
        for i in (0, 2)
    )
    found = permutation_test(one, other)
    assert found.p == 1 / (1 + PERMUTATIONS)
    assert found.energy > 1
    assert found.clusters == 80


def test_the_energy_of_two_single_colors_is_twice_their_difference():
    black, white = weighed([1], [0]), weighed([2], [3])
    # Bins stand for their centers, L* 2 and 98; S_L is 1 at the mean of 50.
    assert permutation_test(black, white).energy == pytest.approx(2 * 96)
    # Two clusters can change sides and nothing else: it is as far the other way round.
    assert permutation_test(black, white).p == 1


def test_equal_groups_have_no_energy_and_a_p_of_1():
    one = weighed([1, 2, 3, 3], [0, 1, 2, 0])
    found = permutation_test(one, one)
    assert found.energy == pytest.approx(0, abs=1e-9)
    assert found.p == 1


def test_many_clusters_move_in_groups_and_a_missing_one_is_one():
    random = np.random.default_rng(10)
    one, other = group(6000, random), group(4000, random, name=10_000)
    missing = pl.when(pl.col("cluster") < "3").then("cluster").alias("cluster")
    found = permutation_test(one, other)
    assert found.clusters == 10_000
    assert found.p > 0.01
    told = permutation_test(one.with_columns(missing), other.with_columns(missing)).clusters
    assert (
        told
        == 1
        + pl.concat([one, other])["cluster"]
        .filter(pl.concat([one, other])["cluster"] < "3")
        .n_unique()
    )


rows = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=1, max_size=12)


@settings(deadline=None, max_examples=15)
@given(rows, rows, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_has_no_effect(one, other, random):
    frames = [weighed(*map(list, zip(*each, strict=True))) for each in (one, other)]
    shuffled = [each[random.sample(range(len(each)), len(each))] for each in frames]
    assert permutation_test(*frames) == permutation_test(*shuffled)
