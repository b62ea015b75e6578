import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.color import blocks, estimators, evidence
from trendcolor.color.evidence import gather_photo
from trendcolor.color.spaces import RGB_TO_XYZ, WHITE_XYZ, lab_to_linear

CHROMA, LIGHTNESS = 12.0, 35.0
TO_XYZ = RGB_TO_XYZ / WHITE_XYZ[:, None]


def in_numpy(module, function, *arguments):
    """What a function answers where numba is not installed."""
    assert module.IS_COMPILED
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "IS_COMPILED", False)
        return function(*arguments)


def colors_near_gray(seed, n=2000):
    """Linear colors at all distances, down to 1e-9, from the limits of what looks gray."""
    random = np.random.default_rng(seed)
    apart = random.choice([-1, 1], (2, n)) * 10.0 ** random.uniform(-9, 1, (2, n))
    chroma, hue = np.abs(CHROMA + apart[0]), random.uniform(0, 2 * np.pi, n)
    lightness = np.where(random.random(n) < 0.5, LIGHTNESS + apart[1], random.uniform(0, 100, n))
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=1)
    return np.clip(lab_to_linear(lab), 0, None)


@given(st.integers(0, 999))
def test_compiled_loops_and_numpy_call_the_same_blocks_gray(seed):
    near, random = colors_near_gray(seed), np.random.default_rng(seed).random((500, 3))
    colors = np.concatenate([near, random**3, np.eye(4, 3), np.full((1, 3), 1e-4)])
    found = estimators._is_gray(colors)
    assert found.dtype == bool
    np.testing.assert_array_equal(found, in_numpy(estimators, estimators._is_gray, colors))


def test_few_blocks_are_too_near_to_tell_without_roots():
    random = np.random.default_rng(0)
    colors = random.uniform(0.05, 1, (20_000, 1)) * random.uniform(0.8, 1.2, (20_000, 3))
    level = blocks._likely_gray(colors.reshape(-1), TO_XYZ, CHROMA, LIGHTNESS)
    assert (level == 1).mean() < 0.001
    near = blocks._likely_gray(colors_near_gray(0).reshape(-1), TO_XYZ, CHROMA, LIGHTNESS)
    assert set(near) == {0, 1, 2}


def test_the_root_of_a_ratio_is_right_near_1_and_far_from_1_elsewhere():
    # Chroma 12 at lightness 35 is 0.055 from 1 in the root of X / Y, and 0.137 in that of Z / Y.
    ratios = np.concatenate([np.linspace(0, 4, 40_001), [10, 1e3, 1e6]])
    found = np.array([blocks._root_of_ratio(ratio * 0.3, 0.3) for ratio in ratios])
    true = np.cbrt(ratios)
    is_near = np.abs(true - 1) < 0.15
    np.testing.assert_allclose(found[is_near], true[is_near], rtol=2e-8)
    assert (np.diff(found) >= 0).all()


@settings(deadline=None)
@given(st.integers(1, 4), st.sampled_from([1, 399, 401, 801, 1205]), st.booleans(), st.booleans())
def test_narrow_and_turned_photos_gather_the_same_in_numpy(short, long, turned, mirrored):
    random = np.random.default_rng(long)
    rgb8 = random.integers(0, 256, (short, long, 3), np.uint8)
    mask = random.random((short, long)) < 0.99
    if turned:
        rgb8, mask = rgb8.swapaxes(0, 1), mask.swapaxes(0, 1)
    if mirrored:
        rgb8, mask = rgb8[:, ::-1], mask[:, ::-1]
    one, other = gather_photo(rgb8, mask), in_numpy(evidence, gather_photo, rgb8, mask)
    assert one.blocks.shape == other.blocks.shape
    assert one.steps.shape == other.steps.shape
    assert one.blocks.tobytes() == other.blocks.tobytes()
    assert one.steps.tobytes() == other.steps.tobytes()
