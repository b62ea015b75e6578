import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trendcolor.color import evidence as module
from trendcolor.color import peaks
from trendcolor.color.evidence import Evidence, find_surfaces

NO_STEPS = np.empty((0, 3))
few_values = st.sampled_from([-1.5, 0.0, 0.25, 2.0, 7.0])


def same_in_numpy(colors):
    """The surfaces of linear colors, which numpy finds too, to the byte."""
    evidence = Evidence(colors, NO_STEPS)
    one = find_surfaces(evidence)
    assert module.IS_COMPILED
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "IS_COMPILED", False)
        other = find_surfaces(evidence)
    for name in ("warmth", "greenness", "luminance", "area"):
        assert getattr(one, name).shape == getattr(other, name).shape
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    return one


def heaps(seed, n_heaps, spread, n=3000):
    """Blocks in heaps around some colors, as wide as asked, and a tenth anywhere."""
    random = np.random.default_rng(seed)
    colors = random.uniform(0.02, 0.9, (n_heaps, 3))[random.integers(0, n_heaps, n)]
    colors = colors * np.exp(random.normal(0, spread, colors.shape))
    anywhere = random.random(n) < 0.1
    colors[anywhere] = random.random((anywhere.sum(), 3)) ** 3
    return np.clip(colors, 0, 1)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 999), st.integers(1, 20), st.sampled_from([0.0, 0.01, 0.05, 0.2, 1.0]))
def test_heaps_of_colors_are_the_same_surfaces_in_numpy(seed, n_heaps, spread):
    same_in_numpy(heaps(seed, n_heaps, spread))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 999), st.integers(1, 40))
def test_few_blocks_are_the_same_surfaces_in_numpy(seed, n):
    random = np.random.default_rng(seed)
    same_in_numpy(random.random((n, 3)) ** random.integers(1, 5))
    same_in_numpy(random.integers(0, 3, (n, 3)) / 2)  # primaries lie beyond the grid's limits


def test_colors_that_are_all_apart_make_no_surface():
    # Three cells from one another in warmth or greenness; a surface of 300 blocks has two of them.
    warmth, greenness = np.meshgrid(np.arange(20) * 0.16 - 1.5, np.arange(15) * 0.13 - 1)
    log = np.stack([warmth / 2, greenness / 2, -warmth / 2], axis=-1).reshape(-1, 3)
    assert len(same_in_numpy(0.1 * np.exp(log)).area) == 0
    assert len(same_in_numpy(0.1 * np.exp(log[:200])).area) == 200  # of which one is enough


def test_surfaces_that_share_cells_are_told_apart():
    # Two peaks, two cells from one another in warmth: the cell between belongs to both.
    warmth = np.repeat([0.025, 0.075, 0.125], [500, 20, 400])
    colors = 0.3 * np.exp(np.stack([warmth / 2, 0 * warmth, -warmth / 2], axis=1))
    found = same_in_numpy(colors)
    np.testing.assert_allclose(np.sort(found.warmth), [0.025, 0.125])
    np.testing.assert_allclose(np.sort(found.area), [420 / 920, 520 / 920])


@given(arrays(np.float64, st.integers(1, 40), elements=few_values | st.floats(-9, 9)), st.data())
def test_selection_puts_the_value_of_a_rank_in_its_place(values, data):
    rank = data.draw(st.integers(0, len(values) - 1))
    found = values.copy()
    peaks._select(found, rank)
    assert found[rank] == np.sort(values)[rank]
    assert (found[:rank] <= found[rank]).all()
    assert (found[rank:] >= found[rank]).all()
    np.testing.assert_array_equal(np.sort(found), np.sort(values))


@given(*[arrays(np.float64, st.integers(0, 9), elements=st.floats(0, 1)) for _ in range(3)])
def test_the_median_of_layers_is_that_of_all(low, middle, high):
    layers = [low, middle + 1, high + 2]
    values = np.concatenate(layers)
    if len(values):
        edges = np.cumsum([0, *map(len, layers)])
        assert peaks._median(values.copy(), edges) == np.median(values)
