import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trendcolor.color import counts as module
from trendcolor.color.counts import count_colors, count_garments, count_pixels
from trendcolor.config import ColorConfig
from trendcolor.errors import ShapeError

CONFIG = ColorConfig()
WHOLE = ColorConfig(erode=0)
pixels = arrays(np.uint8, st.tuples(st.integers(1, 60), st.just(3)))
masks = arrays(np.bool_, st.tuples(st.integers(1, 14), st.integers(1, 14)))


def random_photo(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def votes_of(counts, color):
    """The votes of the cell that holds one color alone."""
    return counts.votes[(np.abs(counts.rgb - color) < 0.5).all(axis=1)].sum()


@given(pixels, st.randoms(use_true_random=False), st.integers(0, 99))
def test_the_order_of_pixels_has_no_effect(rgb8, random, seed):
    is_clear = np.random.default_rng(seed).random(len(rgb8)) < 0.5
    order = random.sample(range(len(rgb8)), len(rgb8))
    one, other = count_pixels(rgb8, is_clear), count_pixels(rgb8[order], is_clear[order])
    for name in ("rgb", "votes", "area"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


@given(pixels, st.integers(0, 99))
def test_cells_hold_the_mean_and_the_number_of_their_pixels(rgb8, seed):
    is_clear = np.random.default_rng(seed).random(len(rgb8)) < 0.5
    counts = count_pixels(rgb8, is_clear)
    assert counts.area.sum() == len(rgb8)
    assert counts.votes.sum() == is_clear.sum()
    assert (counts.votes <= counts.area).all()
    total = (counts.rgb * counts.area[:, None]).sum(axis=0)
    np.testing.assert_allclose(total, rgb8.sum(axis=0, dtype=float))
    # Each pixel is within a cell's 8 steps of its mean.
    apart = np.abs(rgb8[:, None].astype(float) - counts.rgb[None]).max(axis=2)
    assert (apart.min(axis=1) < 8).all()


@settings(deadline=None)
@given(masks, st.integers(0, 3), st.integers(0, 99))
def test_what_lies_outside_the_mask_has_no_effect(mask, erode, seed):
    config = ColorConfig(erode=erode)
    rgb8, other = (random_photo(*mask.shape, seed=seed + i) for i in (0, 100))
    one = count_colors(rgb8, mask, config)
    same = count_colors(np.where(mask[..., None], rgb8, other), mask, config)
    assert one.rgb.tobytes() == same.rgb.tobytes()
    assert one.votes.tobytes() == same.votes.tobytes()
    assert (one.votes.sum() > 0) == mask.any()
    assert one.area.sum() <= np.count_nonzero(mask)


@settings(deadline=None)
@given(masks, st.integers(0, 2), st.sampled_from([2, 9, 30_000]), st.integers(0, 99))
def test_a_mirrored_photo_has_the_same_counts(mask, erode, enough, seed):
    rgb8, config = random_photo(*mask.shape, seed=seed), ColorConfig(erode=erode)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ENOUGH", enough)
        one = count_colors(rgb8, mask, config)
        for turned in (np.s_[::-1], np.s_[:, ::-1]):
            other = count_colors(rgb8[turned], mask[turned], config)
            assert one.rgb.tobytes() == other.rgb.tobytes()
            assert one.votes.tobytes() == other.votes.tobytes()


def test_the_edge_of_a_mask_is_not_counted():
    mask = np.zeros((40, 40), bool)
    mask[10:30, 10:30] = True
    assert count_colors(random_photo(40, 40), mask, CONFIG).area.sum() == 16 * 16


def test_a_thin_garment_keeps_a_fifth_of_itself():
    mask = np.zeros((40, 60), bool)
    mask[10:14, 5:55] = True  # eroded once, 2 rows of 48 are left; twice, nothing
    assert count_colors(random_photo(40, 60), mask, CONFIG).area.sum() == 2 * 48


def test_blends_between_two_colors_cover_area_and_do_not_vote():
    rgb8 = np.full((40, 60, 3), 20, np.uint8)
    rgb8[:, 30:] = 220
    rgb8[:, 29:31] = 120
    counts = count_colors(rgb8, np.ones((40, 60), bool), WHOLE)
    assert votes_of(counts, 120) == 0
    assert votes_of(counts, 20) == votes_of(counts, 220) == 29 * 40
    assert counts.area.sum() == 40 * 60


def test_the_crest_of_a_thin_stripe_votes():
    rgb8 = np.full((40, 60, 3), 20, np.uint8)
    rgb8[:, 10::10] = 220
    rgb8[:, 9::10] = rgb8[:, 11::10] = 120  # blends on both sides of a stripe of one pixel
    counts = count_colors(rgb8, np.ones((40, 60), bool), WHOLE)
    assert votes_of(counts, 220) == 5 * 40
    assert votes_of(counts, 120) <= 40  # the last column, which has one neighbor only


def test_of_a_large_garment_a_part_is_counted():
    rgb8 = np.zeros((600, 600, 3), np.uint8)
    rgb8[:200] = 200
    counts = count_colors(rgb8, np.ones((600, 600), bool), CONFIG)
    assert 15_000 < counts.area.sum() <= 20_000
    np.testing.assert_allclose(counts.area.min() / counts.area.sum(), 1 / 3, atol=0.01)


regions = arrays(
    np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3)
)


@settings(deadline=None)
@given(regions, st.integers(1, 4), st.integers(0, 3), st.sampled_from([3, 20, 20_000]), st.data())
def test_compiled_loops_and_numpy_count_the_same(coarse, scale, erode, enough, data):
    numbers = np.kron(coarse, np.ones((scale, scale), np.uint16))
    rgb8 = random_photo(*numbers.shape, seed=data.draw(st.integers(0, 99)))
    if data.draw(st.booleans()):
        rgb8 = rgb8 // 64 * 64  # with plateaus
    assert module.IS_COMPILED
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ENOUGH", enough)
        compiled = count_garments(rgb8, numbers, ColorConfig(erode=erode))
        patch.setattr(module, "IS_COMPILED", False)
        plain = count_garments(rgb8, numbers, ColorConfig(erode=erode))
    assert len(compiled) == len(plain) == numbers.max()
    for one, other in zip(compiled, plain, strict=True):
        for name in ("rgb", "votes", "area"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


@pytest.mark.parametrize("scale", [1, 7, 40])
@pytest.mark.parametrize("erode", [0, 2, 5])
def test_compiled_loops_and_numpy_count_the_same_in_ragged_and_in_smooth_regions(scale, erode):
    rng = np.random.default_rng(scale + erode)
    coarse = rng.integers(0, 4, (-(-170 // scale), -(-130 // scale)), dtype=np.uint16)
    numbers = np.kron(coarse, np.ones((scale, scale), np.uint16))[:170, :130]
    rgb8 = np.cumsum(random_photo(*numbers.shape) % 5, axis=1, dtype=np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ENOUGH", 2500)
        compiled = count_garments(rgb8, numbers, ColorConfig(erode=erode))
        patch.setattr(module, "IS_COMPILED", False)
        plain = count_garments(rgb8, numbers, ColorConfig(erode=erode))
    assert len(compiled) == len(plain) == 3
    for one, other in zip(compiled, plain, strict=True):
        for name in ("rgb", "votes", "area"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


@settings(deadline=None)
@given(regions, st.integers(2, 4), st.integers(0, 99))
def test_garments_in_one_pass_are_as_each_alone(coarse, scale, seed):
    numbers = np.kron(coarse, np.ones((scale, scale), np.uint16))
    rgb8 = random_photo(*numbers.shape, seed=seed)
    for number, together in enumerate(count_garments(rgb8, numbers, CONFIG), start=1):
        alone = count_colors(rgb8, numbers == number, CONFIG)
        assert together.rgb.tobytes() == alone.rgb.tobytes()
        assert together.votes.tobytes() == alone.votes.tobytes()


def test_an_empty_mask_counts_nothing():
    counts = count_colors(random_photo(5, 5), np.zeros((5, 5), bool), CONFIG)
    assert counts.rgb.shape == (0, 3)
    assert counts.area.sum() == 0


def test_arrays_of_another_shape_or_type_are_refused():
    with pytest.raises(ShapeError, match=r"mask has shape \(3, 3\), wanted \(4, 4\) as the photo"):
        count_colors(np.zeros((4, 4, 3), np.uint8), np.ones((3, 3), bool), CONFIG)
    with pytest.raises(ShapeError, match="rgb8 is of type float64, wanted uint8"):
        count_colors(np.zeros((4, 4, 3)), np.ones((4, 4), bool), CONFIG)
    with pytest.raises(ShapeError, match="regions are of type int64, wanted uint16"):
        count_garments(np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.int64), CONFIG)
    with pytest.raises(ShapeError, match=r"rgb8 has shape \(5, 4\), wanted"):
        count_pixels(np.zeros((5, 4), np.uint8), np.ones(5, bool))
