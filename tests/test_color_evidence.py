import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rooms import everywhere, painted, room

from trendcolor.color import evidence as module
from trendcolor.color.evidence import Evidence, find_surfaces, gather, gather_photo, unclipped
from trendcolor.color.spaces import RGB_TO_XYZ, linear_to_srgb, srgb_to_linear
from trendcolor.errors import ShapeError

GRAY, RED, BLUE = np.array([[0.4, 0.4, 0.4], [0.3, 0.08, 0.05], [0.05, 0.1, 0.35]])
# A surface is the median of what lies in the cells around a peak, each 0.05 x 0.04 wide.
NEAR = 0.03


def place(color):
    """Warmth, greenness and the logarithm of the luminance of a linear color."""
    red, green, blue = color
    y = np.log(np.dot(RGB_TO_XYZ[1], color))
    return [np.log(red / blue), np.log(green**2 / (red * blue)), y]


def surfaces_of(linear):
    """Warmth, greenness, luminance and area of each surface, the largest first."""
    found = find_surfaces(gather(linear, everywhere(linear)))
    rows = np.stack([found.warmth, found.greenness, found.luminance, found.area], axis=1)
    return rows[np.argsort(-found.area)]


def random_linear(*shape, seed=0):
    return np.random.default_rng(seed).random((*shape, 3)).astype(np.float32)


def test_clipped_and_dark_pixels_tell_nothing():
    rgb8 = np.uint8([[[255, 200, 90], [120, 90, 0], [12, 10, 8], [120, 90, 60]]])
    np.testing.assert_array_equal(unclipped(rgb8), [[False, False, False, True]])


@pytest.mark.parametrize(
    ("rgb", "tells"),
    [
        ((249, 1, 1), True),
        ((250, 100, 100), False),
        ((100, 100, 0), False),
        ((21, 1, 1), True),
        ((20, 20, 20), False),
    ],
    ids=str,
)
def test_the_limits_of_what_tells_the_light(rgb, tells):
    assert unclipped(np.uint8([[rgb]])).item() is tells


def test_pixels_that_are_not_8_bit_are_refused():
    with pytest.raises(ShapeError, match="rgb8 is of type float64, wanted uint8"):
        unclipped(np.zeros((4, 4, 3)))


def test_each_pixel_of_a_small_photo_is_a_block():
    linear = random_linear(30, 400)
    mask = np.random.default_rng(1).random((30, 400)) < 0.7
    np.testing.assert_allclose(gather(linear, mask).blocks, linear[mask])


@pytest.mark.parametrize(("longer", "side"), [(400, 1), (401, 2), (800, 2), (801, 3)])
def test_a_photo_has_at_most_400_blocks_along_its_longer_side(longer, side):
    linear = random_linear(12, longer)
    for photo in (linear, linear.swapaxes(0, 1)):
        blocks = gather(photo, everywhere(photo)).blocks
        assert len(blocks) == (12 // side) * (longer // side)
        # The first block is the mean of the square in the corner; float32 adds to 1e-6.
        corner = photo[:side, :side].reshape(-1, 3).mean(axis=0)
        np.testing.assert_allclose(blocks[0], corner, rtol=1e-5)


def test_a_photo_of_twice_the_size_has_the_same_blocks_and_steps():
    linear = random_linear(60, 300)
    large = linear.repeat(2, 0).repeat(2, 1)
    one, other = gather(linear, everywhere(linear)), gather(large, everywhere(large))
    np.testing.assert_allclose(other.blocks, one.blocks, rtol=1e-5)
    np.testing.assert_allclose(other.steps, one.steps, atol=1e-6)


# A block of 4 x 4 pixels: 15 of them are more than nine tenths, 14 are less.
@pytest.mark.parametrize(("evidence", "counts"), [(16, True), (15, True), (14, False), (0, False)])
def test_a_block_counts_where_nine_tenths_of_it_are_evidence(evidence, counts):
    linear = np.full((4, 1600, 3), 0.2, np.float32)
    mask = everywhere(linear)
    mask[:, :4] = (np.arange(16) < evidence).reshape(4, 4)
    linear[~mask] = 0.9  # has no part in the block's color
    found = gather(linear, mask)
    assert len(found.blocks) == 399 + counts
    np.testing.assert_allclose(found.blocks, 0.2, rtol=1e-6)


@given(st.integers(0, 999), st.floats(0, 1, width=32))
def test_what_is_no_evidence_has_no_effect(seed, fill):
    linear = random_linear(9, 11, seed=seed)
    mask = np.random.default_rng(seed).random((9, 11)) < 0.6
    one = gather(linear, mask)
    other = gather(np.where(mask[..., None], linear, np.float32(fill)), mask)
    assert one.blocks.tobytes() == other.blocks.tobytes()
    assert one.steps.tobytes() == other.steps.tobytes()


def test_steps_are_between_neighbors_that_both_count():
    linear = np.zeros((2, 3, 3), np.float32)
    linear[0] = [[0.1], [0.3], [0.7]]
    linear[1] = [[0.2], [0.9], [0.7]]
    mask = np.array([[True, True, True], [True, False, True]])
    found = gather(linear, mask).steps
    # Down: .1 to .2 and .7 to .7. Right: .1 to .3 to .7; nothing beside the pixel that is out.
    np.testing.assert_allclose(found[:, 0], [0.1, 0.0, 0.2, 0.4], atol=1e-6)


def test_nothing_is_found_where_nothing_is():
    linear = random_linear(5, 5)
    evidence = gather(linear, np.zeros((5, 5), bool))
    assert evidence.blocks.shape == evidence.steps.shape == (0, 3)
    found = find_surfaces(evidence)
    for values in (found.warmth, found.greenness, found.luminance, found.area):
        assert values.shape == (0,)


@pytest.mark.parametrize("noise", [0, 0.005], ids=["flat", "noise"])
def test_painted_walls_are_found_with_their_place_and_area(noise):
    rows = surfaces_of(painted((GRAY, 0.5), (RED, 0.3), (BLUE, 0.2), noise=noise))
    assert len(rows) == 3
    known = np.array([place(color) for color in (GRAY, RED, BLUE)])
    np.testing.assert_allclose(rows[:, :3], known, atol=NEAR if noise else 1e-5)
    np.testing.assert_allclose(rows[:, 3], [0.5, 0.3, 0.2], atol=0.02 if noise else 1e-9)


def test_a_wall_in_two_lights_is_two_surfaces_of_one_color():
    rows = surfaces_of(painted((RED, 0.6), (RED / 4, 0.4)))
    assert len(rows) == 2
    np.testing.assert_allclose(rows[0, :2], rows[1, :2], atol=1e-5)
    assert rows[0, 2] - rows[1, 2] == pytest.approx(np.log(4), abs=1e-5)


@pytest.mark.parametrize(("part", "number"), [(0.0025, 1), (0.005, 2)])
def test_a_surface_has_at_least_four_in_a_thousand_of_the_blocks(part, number):
    linear = painted((BLUE, part), (GRAY, 1 - part), shape=(50, 400))
    assert len(surfaces_of(linear)) == number


def test_the_darkest_are_left_out():
    dark = RED * 0.05  # of luminance .006; what is below .01 is no surface
    rows = surfaces_of(painted((GRAY, 0.5), (dark, 0.5)))
    np.testing.assert_allclose(rows[:, :3], [place(GRAY)], atol=1e-5)
    np.testing.assert_allclose(rows[:, 3], 1)
    assert not len(surfaces_of(painted((dark, 1.0))))


def test_black_and_primaries_are_no_obstacle():
    blocks = np.repeat(np.eye(4, 3), 20, axis=0)
    found = find_surfaces(Evidence(blocks, np.empty((0, 3))))
    assert len(found.area) == 3  # black is dark
    assert np.isfinite([found.warmth, found.greenness, found.luminance]).all()
    np.testing.assert_allclose(found.area, 1 / 3)


def in_numpy(function, *arguments):
    """What a function answers where numba is not installed."""
    assert module.IS_COMPILED
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "IS_COMPILED", False)
        return function(*arguments)


sides = st.integers(1, 40)


@settings(deadline=None, max_examples=30)
@given(sides, sides, st.sampled_from([1, 11, 21, 30]), st.integers(0, 99))
def test_compiled_loops_and_numpy_gather_the_same(height, width, scale, seed):
    random = np.random.default_rng(seed)
    rgb8 = random.integers(0, 256, (height, width, 3)).astype(np.uint8)
    rgb8 = rgb8.repeat(scale, 0).repeat(scale, 1)  # of one to three pixels a block
    mask = random.random(rgb8.shape[:2]) < random.choice([0.5, 0.97, 1.0])
    one, other = gather_photo(rgb8, mask), in_numpy(gather_photo, rgb8, mask)
    assert one.blocks.shape == other.blocks.shape
    assert one.blocks.tobytes() == other.blocks.tobytes()
    assert one.steps.tobytes() == other.steps.tobytes()


def test_a_photo_gathers_what_its_linear_light_does():
    rgb8 = linear_to_srgb(room(3))
    told = gather(srgb_to_linear(rgb8), unclipped(rgb8))
    found = gather_photo(rgb8, everywhere(rgb8))
    assert found.blocks.tobytes() == told.blocks.tobytes()
    assert found.steps.tobytes() == told.steps.tobytes()


def test_a_photo_that_is_not_8_bit_is_not_gathered():
    with pytest.raises(ShapeError, match="rgb8 is of type float64, wanted uint8"):
        gather_photo(np.zeros((4, 4, 3)), np.ones((4, 4), bool))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 999), st.floats(0.5, 2), st.floats(0, 1))
def test_compiled_loops_and_numpy_find_the_same_surfaces(seed, light, gray):
    linear = room(seed, light=np.array([light, 1, 1 / light]), gray=gray)
    evidence = gather(linear.astype(np.float32), everywhere(linear))
    one, other = find_surfaces(evidence), in_numpy(find_surfaces, evidence)
    for name in ("warmth", "greenness", "luminance", "area"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
