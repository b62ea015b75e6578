import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from threadpoolctl import threadpool_limits

from trendcolor.color.counts import count_colors, count_pixels
from trendcolor.color.illuminant import NEUTRAL, Illuminant
from trendcolor.color.palette import EMPTY_PALETTE, dominant_colors, integer_weights
from trendcolor.color.pattern import pattern
from trendcolor.color.spaces import (
    color_difference,
    linear_to_srgb,
    srgb_to_lab,
    srgb_to_linear,
)
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


def palette(rgb8, config=CONFIG, light=NEUTRAL, is_clear=None):
    """The palette of pixels that were chosen already."""
    is_clear = np.ones(len(rgb8), bool) if is_clear is None else is_clear
    return dominant_colors(count_pixels(rgb8, is_clear), light, config)


def flat(*parts):
    """Pixels of flat colors: (color, how many) each."""
    return np.concatenate([np.tile(np.uint8(color), (n, 1)) for color, n in parts])


def shaded(color, n, seed=0):
    """One dye from shade to light, with sensor noise."""
    rng = np.random.default_rng(seed)
    light = np.clip(rng.normal(0.7, 0.22, n), 0.15, 1)[:, None]
    linear = srgb_to_linear(np.uint8(color))[None] * light + rng.normal(0, 0.002, (n, 3))
    return linear_to_srgb(np.clip(linear, 0, 1))


@given(pixels, st.randoms(use_true_random=False))
def test_order_of_pixels_has_no_effect(rgb8, random):
    one = palette(rgb8)
    other = palette(rgb8[random.sample(range(len(rgb8)), len(rgb8))])
    assert one.lab.tobytes() == other.lab.tobytes()
    assert one.share.tobytes() == other.share.tobytes()


@given(pixels, st.integers(0, 99))
def test_shares_are_positive_fall_and_sum_to_1(rgb8, seed):
    is_clear = np.random.default_rng(seed).random(len(rgb8)) < 0.7
    is_clear[0] = True
    found = palette(rgb8, is_clear=is_clear)
    assert 1 <= len(found.share) <= CONFIG.n_colors
    assert found.lab.shape == (len(found.share), 3)
    assert (found.share > 0).all()
    assert (np.diff(found.share) <= 0).all()
    assert found.share.sum() == pytest.approx(1)
    assert found.spread.shape == found.confidence.shape == found.share.shape
    assert (found.spread >= 0).all()
    assert ((found.confidence > 0) & (found.confidence <= 1)).all()


@given(pixels)
def test_seeing_each_pixel_twice_has_no_effect(rgb8):
    one, twice = palette(rgb8), palette(np.tile(rgb8, (2, 1)))
    np.testing.assert_allclose(one.lab, twice.lab, atol=1e-9)


def test_the_number_of_threads_has_no_effect():
    rgb8 = np.concatenate([shaded(color, 30_000) for color in (RED, NAVY, CREAM)])
    with threadpool_limits(limits=1):
        one = palette(rgb8)
    with threadpool_limits(limits=2):
        two = palette(rgb8)
    assert one.lab.tobytes() == two.lab.tobytes()


def test_two_flat_colors_come_back():
    found = palette(flat((NAVY, 300), (CREAM, 100)))
    np.testing.assert_allclose(found.lab, srgb_to_lab(np.uint8([NAVY, CREAM])), atol=1e-4)
    np.testing.assert_allclose(found.share, [0.75, 0.25])


@pytest.mark.parametrize("color", [NAVY, CREAM, RED, BLACK, WHITE], ids=str)
def test_one_dye_in_light_and_shade_is_one_color(color):
    found = palette(shaded(color, 20_000))
    assert len(found.share) == 1
    # The median light of `shaded` is 0.7: the color is seen above it, never above full light.
    lightness = srgb_to_lab(np.uint8(color))[0]
    assert 0.75 * lightness < found.lab[0, 0] < lightness + 1


def test_black_and_white_stripes_stay_two_colors():
    found = palette(np.concatenate([shaded(BLACK, 6000), shaded(WHITE, 4000)]))
    np.testing.assert_allclose(found.share, [0.6, 0.4], atol=0.01)


def test_blends_count_for_the_area_of_the_nearest_color():
    blend = (60, 58, 80)
    rgb8 = flat((NAVY, 500), (CREAM, 300), (blend, 200))
    found = palette(rgb8, is_clear=np.arange(len(rgb8)) < 800)
    np.testing.assert_allclose(found.lab, srgb_to_lab(np.uint8([NAVY, CREAM])), atol=1e-4)
    np.testing.assert_allclose(found.share, [0.7, 0.3])


def test_a_color_that_is_mostly_blends_is_none_of_the_cloth():
    between = (140, 150, 120)
    rgb8 = flat((NAVY, 500), (CREAM, 300), (between, 200))
    found = palette(rgb8, is_clear=np.arange(len(rgb8)) < 840)  # a fifth of it votes
    assert len(found.share) == 2
    assert found.share.sum() == pytest.approx(1)
    assert len(palette(rgb8).share) == 3  # it is, where all of it does


def test_confidence_is_low_for_what_is_near_a_larger_color_and_seldom_clear():
    near_navy = (62, 66, 92)
    rgb8 = flat((NAVY, 600), (CREAM, 300), (near_navy, 100))
    found = palette(rgb8)
    assert len(found.share) == 3
    assert (found.confidence[:2] > 0.95).all()
    assert 0.5 <= found.confidence[2] < 0.8
    # The same pixels, half of them blends, are less likely a color than not: it is dropped.
    dropped = palette(rgb8, is_clear=np.arange(len(rgb8)) < 955)
    assert len(dropped.share) == 2
    np.testing.assert_allclose(dropped.share, [0.7, 0.3], atol=0.001)


def test_spread_is_the_deviation_of_a_dye_s_pixels():
    assert palette(flat((RED, 500))).spread == pytest.approx([0], abs=1e-6)
    two = (124, 124, 124), (132, 132, 132)  # one gray, in two cells
    lightness = srgb_to_lab(np.uint8(two))[:, 0]
    found = palette(flat((two[0], 300), (two[1], 300)))
    assert found.spread == pytest.approx([np.ptp(lightness) / 2], abs=1e-4)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        ([], ""),
        ([1.0], "solid"),
        ([0.91, 0.09], "solid"),
        ([0.9, 0.1], "two-tone"),
        ([0.5, 0.45, 0.05], "two-tone"),
        ([0.5, 0.3, 0.2], "multicolor"),
        ([0.3, 0.3, 0.2, 0.2], "multicolor"),
    ],
    ids=str,
)
def test_patterns_are_told_by_the_number_of_colors_that_are_no_accents(share, expected):
    assert pattern(np.array(share)) == expected


def test_a_color_below_the_least_share_is_dropped():
    rgb8 = flat((NAVY, 980), (RED, 20))
    assert len(palette(rgb8, ColorConfig(min_share=0.03)).share) == 1
    assert len(palette(rgb8, ColorConfig(min_share=0.01)).share) == 2


def test_the_cap_keeps_the_largest():
    found = palette(flat((NAVY, 500), (RED, 300), (CREAM, 200)), ColorConfig(n_colors=2))
    np.testing.assert_allclose(found.share, [0.625, 0.375])


def test_colors_are_corrected_for_a_light_that_is_applied():
    xy = (0.35, 0.36)
    warm = Illuminant(*xy, "known", True, *xy)
    rgb8 = flat((NAVY, 300), (CREAM, 100))
    plain, corrected = palette(rgb8), palette(rgb8, light=warm)
    assert (corrected.lab[:, 2] < plain.lab[:, 2] - 3).all()
    held_back = palette(rgb8, light=Illuminant(*xy, "known", False, *xy))
    np.testing.assert_array_equal(held_back.lab, plain.lab)


def test_no_pixels_are_refused():
    with pytest.raises(NoPixelsError, match="garment shows 0 pixels, needs at least 1"):
        palette(np.empty((0, 3), np.uint8))


def test_background_inside_the_edge_of_a_mask_does_not_move_the_color():
    rgb8 = np.full((100, 100, 3), 255, np.uint8)
    rgb8[20:80, 20:80] = BLACK
    mask = np.zeros((100, 100), bool)
    mask[19:81, 19:81] = True
    found = dominant_colors(count_colors(rgb8, mask, CONFIG), NEUTRAL, CONFIG)
    assert color_difference(found.lab[0], srgb_to_lab(np.uint8(BLACK))) < 0.01


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
