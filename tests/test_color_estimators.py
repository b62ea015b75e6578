import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rooms import SHADE, TUNGSTEN, everywhere, painted, room

from trendcolor.color import estimators
from trendcolor.color import evidence as evidence_module
from trendcolor.color.estimators import (
    ESTIMATORS,
    gray_edge,
    gray_pixels,
    gray_world,
    shades_of_gray,
    white_patch,
)
from trendcolor.color.evidence import MIN_BLOCKS, Evidence, gather

NO_STEPS = np.empty((0, 3))
RED = (0.3, 0.02, 0.02)
MILD = {"warm": TUNGSTEN**0.2, "cool": SHADE}  # what a camera may leave; grays still look gray


def seen(*blocks, steps=NO_STEPS):
    """Evidence of blocks: (linear color, how many) each."""
    colors = [np.tile(np.asarray(color, float), (n, 1)) for color, n in blocks]
    return Evidence(np.concatenate(colors), np.asarray(steps, float))


def warmth(light):
    return np.log(light[0] / light[2])


def test_gray_world_is_the_mean():
    found = gray_world(seen(((0.2, 0.4, 0.6), 30), ((0.6, 0.4, 0.0), 10)))
    np.testing.assert_allclose(found, [0.3, 0.4, 0.45])


def test_shades_of_gray_is_the_minkowski_mean_of_order_6():
    found = shades_of_gray(seen(((0.5, 0.4, 0.2), 1), ((0.1, 0.4, 0.8), 3)))
    red, blue = (0.5**6 + 3 * 0.1**6) / 4, (0.2**6 + 3 * 0.8**6) / 4
    np.testing.assert_allclose(found, [red ** (1 / 6), 0.4, blue ** (1 / 6)])


@given(st.integers(0, 999))
def test_shades_of_gray_lies_between_the_mean_and_the_brightest(seed):
    evidence = Evidence(np.random.default_rng(seed).random((40, 3)), NO_STEPS)
    found = shades_of_gray(evidence)
    assert (gray_world(evidence) <= found).all()
    assert (found <= evidence.blocks.max(axis=0)).all()


def test_gray_edge_is_the_mean_step_whatever_the_surfaces():
    steps = [(0.2, 0.1, 0.0), (0.4, 0.1, 0.2)] * MIN_BLOCKS
    np.testing.assert_allclose(gray_edge(seen((RED, 40), steps=steps)), [0.3, 0.1, 0.1])


def test_too_few_steps_tell_nothing():
    steps = np.tile([0.3, 0.1, 0.1], (MIN_BLOCKS - 1, 1))
    np.testing.assert_array_equal(gray_edge(seen((RED, 40), steps=steps)), 1)


def test_gray_pixels_is_the_mean_of_what_looks_gray():
    warm_gray, cool_gray = (0.42, 0.4, 0.38), (0.4, 0.4, 0.42)
    found = gray_pixels(seen((warm_gray, 30), (cool_gray, 30), (RED, 400)))
    np.testing.assert_allclose(found, [0.41, 0.4, 0.4])


@pytest.mark.parametrize(
    "blocks",
    [
        [(RED, 100)],
        [((0.02, 0.02, 0.022), 100)],  # gray, but of L* 15
        [(RED, 995), ((0.42, 0.4, 0.38), 5)],  # gray, but under one in a hundred
    ],
    ids=["colored", "dark", "few"],
)
def test_gray_pixels_is_white_where_nothing_looks_gray(blocks):
    np.testing.assert_array_equal(gray_pixels(seen(*blocks)), 1)


def test_white_patch_is_the_mean_of_the_brightest():
    # A fiftieth of the blocks is looked at, by the largest channel.
    found = white_patch(seen(((0.9, 0.8, 0.5), 10), ((0.8, 0.8, 0.7), 10), (RED, 980)))
    np.testing.assert_allclose(found, [0.85, 0.8, 0.6])


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("light", MILD.values(), ids=MILD)
def test_gray_walls_show_the_light_to_each_rule(name, light):
    linear = painted(*[(level * light, 0.2) for level in (0.15, 0.3, 0.5, 0.6, 0.75)])
    found = ESTIMATORS[name].light(gather(linear, everywhere(linear)))
    np.testing.assert_allclose(found / found[1], light / light[1], rtol=1e-5)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_order_of_blocks_has_no_effect(name):
    random = np.random.default_rng(0)
    blocks, steps = random.uniform(0.05, 0.9, (300, 3)), random.random((300, 3))
    one = ESTIMATORS[name].light(Evidence(blocks, steps))
    other = ESTIMATORS[name].light(Evidence(blocks[::-1], steps[::-1]))
    np.testing.assert_allclose(one, other, rtol=1e-12)  # sums in another order


def test_the_rules_err_differently():
    """A red room with a white lamp: the mean is fooled, and what is bright or gray is not."""
    linear = painted(((0.35, 0.05, 0.04), 0.9), ((0.8, 0.8, 0.8), 0.1))
    evidence = gather(linear, everywhere(linear))
    found = {name: warmth(rule.light(evidence)) for name, rule in ESTIMATORS.items()}
    assert found["gray-world"] > 1
    assert found["shades-of-gray"] == pytest.approx(0, abs=0.02)
    assert found["gray-pixels"] == found["white-patch"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("seed", range(5))
def test_compiled_loops_and_numpy_tell_the_same_light(name, seed):
    linear = room(seed, gray=0.3).astype(np.float32)
    evidence = gather(linear, everywhere(linear))
    one = ESTIMATORS[name].light(evidence)
    with pytest.MonkeyPatch.context() as patch:
        for module in (estimators, evidence_module):
            assert module.IS_COMPILED
            patch.setattr(module, "IS_COMPILED", False)
        other = ESTIMATORS[name].light(evidence)
    np.testing.assert_allclose(one, other, rtol=1e-12)
