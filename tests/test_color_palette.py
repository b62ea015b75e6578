import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from threadpoolctl import threadpool_limits

from trendcolor.color.palette import (
    EMPTY_PALETTE,
    dominant_colors,
    integer_weights,
    readable_pixels,
)
from trendcolor.color.spaces import color_difference, linear_to_lab, srgb_to_lab, srgb_to_linear
from trendcolor.config import ColorConfig
from trendcolor.errors import NoPixelsError, ShapeError

CONFIG = ColorConfig()
NAVY, CREAM, RED, BLACK, WHITE = (
    (30, 40, 70),
    (245, 235, 211),
    (200, 32, 40),
    (22, 20, 24),
    (243, 243, 241),
)

pixels = arrays(np.uint8, st.tuples(st.integers(1, 60), st.just(3)))
masks = arrays(np.bool_, st.tuples(st.integers(1, 14), st.integers(1, 14)))


def flat(*parts):
    """Pixels of flat colors: (color, how many) each."""
    return srgb_to_lab(np.concatenate([np.tile(np.uint8(color), (n, 1)) for color, n in parts]))


def shaded(color, n, seed=0):
    """One dye from shade to light, with sensor noise."""
    rng = np.random.default_rng(seed)
    light = np.clip(rng.normal(0.7, 0.22, n), 0.15, 1)[:, None]
    linear = srgb_to_linear(np.uint8(color))[None] * light + rng.normal(0, 0.002, (n, 3))
    return linear_to_lab(np.clip(linear, 0, 1).astype(np.float32))


@settings(deadline=None)
@given(pixels, st.randoms(use_true_random=False))
def test_order_of_pixels_has_no_effect(rgb8, random):
    lab = srgb_to_lab(rgb8)
    shuffled = lab[random.sample(range(len(lab)), len(lab))]
    one, other = dominant_colors(lab, CONFIG), dominant_colors(shuffled, CONFIG)
    assert one.lab.tobytes() == other.lab.tobytes()
    assert one.share.tobytes() == other.share.tobytes()


@settings(deadline=None)
@given(pixels)
def test_shares_are_positive_fall_and_sum_to_1(rgb8):
    palette = dominant_colors(srgb_to_lab(rgb8), CONFIG)
    assert 1 <= len(palette.share) <= CONFIG.n_colors
    assert palette.lab.shape == (len(palette.share), 3)
    assert (palette.share > 0).all()
    assert (np.diff(palette.share) <= 0).all()
    assert palette.share.sum() == pytest.approx(1)


@settings(deadline=None)
@given(pixels)
def test_seeing_each_pixel_twice_has_no_effect(rgb8):
    lab = srgb_to_lab(rgb8)
    one, twice = dominant_colors(lab, CONFIG), dominant_colors(np.tile(lab, (2, 1)), CONFIG)
    np.testing.assert_allclose(one.lab, twice.lab, atol=1e-9)


def test_the_number_of_threads_has_no_effect():
    lab = np.concatenate([shaded(color, 30_000) for color in (RED, NAVY, CREAM)])
    with threadpool_limits(limits=1):
        one = dominant_colors(lab, CONFIG)
    with threadpool_limits(limits=2):
        two = dominant_colors(lab, CONFIG)
    assert one.lab.tobytes() == two.lab.tobytes()


def test_two_flat_colors_come_back():
    palette = dominant_colors(flat((NAVY, 300), (CREAM, 100)), CONFIG)
    # Colors are summed in steps of 1/128.
    np.testing.assert_allclose(palette.lab, srgb_to_lab(np.uint8([NAVY, CREAM])), atol=1 / 256)
    np.testing.assert_allclose(palette.share, [0.75, 0.25])


@pytest.mark.parametrize("color", [NAVY, CREAM, RED, BLACK, WHITE], ids=str)
def test_one_dye_in_light_and_shade_is_one_color(color):
    palette = dominant_colors(shaded(color, 20_000), CONFIG)
    assert len(palette.share) == 1
    # The median light of `shaded` is 0.7: the color is seen above it, never above full light.
    lightness = srgb_to_lab(np.uint8(color))[0]
    assert 0.75 * lightness < palette.lab[0, 0] < lightness + 1


def test_black_and_white_stripes_stay_two_colors():
    lab = np.concatenate([shaded(BLACK, 6000), shaded(WHITE, 4000)])
    palette = dominant_colors(lab, CONFIG)
    np.testing.assert_allclose(palette.share, [0.6, 0.4], atol=0.01)


def test_a_color_below_the_least_share_is_dropped():
    lab = flat((NAVY, 980), (RED, 20))
    assert len(dominant_colors(lab, ColorConfig(min_share=0.03)).share) == 1
    assert len(dominant_colors(lab, ColorConfig(min_share=0.01)).share) == 2


def test_the_cap_keeps_the_largest():
    lab = flat((NAVY, 500), (RED, 300), (CREAM, 200))
    palette = dominant_colors(lab, ColorConfig(n_colors=2))
    np.testing.assert_allclose(palette.share, [0.625, 0.375])


def test_no_pixels_are_refused():
    with pytest.raises(NoPixelsError, match="garment shows 0 pixels, needs at least 1"):
        dominant_colors(np.empty((0, 3)), CONFIG)


def test_pixels_of_another_shape_are_refused():
    with pytest.raises(ShapeError, match=r"lab has shape \(4, 5, 3\), wanted \(n, 3\)"):
        dominant_colors(np.zeros((4, 5, 3)), CONFIG)


@given(masks, st.integers(0, 3), st.integers(0, 99))
def test_readable_pixels_are_a_part_of_the_mask_and_never_none_of_it(mask, erode, seed):
    rgb8 = np.random.default_rng(seed).integers(0, 256, (*mask.shape, 3), dtype=np.uint8)
    readable = readable_pixels(rgb8, mask, ColorConfig(erode=erode))
    assert not (readable & ~mask).any()
    assert readable.any() == mask.any()


def test_the_edge_of_a_mask_is_not_read():
    mask = np.zeros((40, 40), bool)
    mask[10:30, 10:30] = True
    readable = readable_pixels(np.zeros((40, 40, 3), np.uint8), mask, ColorConfig(erode=2))
    assert np.count_nonzero(readable) == 16 * 16


def test_blends_at_the_edges_of_a_pattern_are_not_read():
    rgb8 = np.full((40, 40, 3), 20, np.uint8)
    rgb8[:, 20:] = 220
    rgb8[:, 19:21] = 120
    readable = readable_pixels(rgb8, np.ones((40, 40), bool), ColorConfig(erode=0))
    assert not readable[:, 18:22].any()


def test_background_inside_the_edge_of_a_mask_does_not_move_the_color():
    rgb8 = np.full((100, 100, 3), 255, np.uint8)
    rgb8[20:80, 20:80] = BLACK
    mask = np.zeros((100, 100), bool)
    mask[19:81, 19:81] = True
    readable = readable_pixels(rgb8, mask, CONFIG)
    palette = dominant_colors(srgb_to_lab(rgb8[readable]), CONFIG)
    assert color_difference(palette.lab[0], srgb_to_lab(np.uint8(BLACK))) < 0.01


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(ShapeError, match=r"mask has shape \(3, 3\), wanted \(4, 4\) as the photo"):
        readable_pixels(np.zeros((4, 4, 3), np.uint8), np.ones((3, 3), bool), CONFIG)


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=20))
def test_weights_sum_to_255_fall_and_are_at_least_1(parts):
    share = np.sort(parts)[::-1] / np.sum(parts)
    weights = integer_weights(share)
    assert weights.sum() == 255
    assert weights.min() >= 1
    assert (np.diff(weights) <= 0).all()
    # One is given to each color first, so a weight is off by less than the number of colors.
    np.testing.assert_allclose(weights / 255, share, atol=len(parts) / 255)


def test_an_empty_palette_has_no_weights():
    assert integer_weights(EMPTY_PALETTE.share).sum() == 0


def test_more_shares_than_weights_are_refused():
    with pytest.raises(ShapeError, match="256 shares don't fit into weights that sum to 255"):
        integer_weights(np.full(256, 1 / 256))
