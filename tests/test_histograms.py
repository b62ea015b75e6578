import hashlib

import numpy as np
import polars as pl
import pytest
from garment_rows import BLACK, RED, WHITE, garment, records
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from polars.testing import assert_frame_equal

from trendcolor.color.counts import count_garments, count_pixels
from trendcolor.color.spaces import srgb_to_lab
from trendcolor.config import ColorConfig
from trendcolor.errors import QueryError, ShapeError
from trendcolor.histograms import (
    STEP,
    bin_to_lab,
    histogram,
    key_to_rgb,
    merge,
    pixel_histogram,
    rgb_to_bin,
)

# A frame's first query takes long on a busy machine; that is no failure.
UNHURRIED = settings(deadline=None, max_examples=50)

colors = arrays(np.uint8, st.tuples(st.integers(1, 50), st.just(3)))
garments = st.lists(
    st.tuples(st.sampled_from(["AW25", "AW26", None]), *(st.integers(0, 255) for _ in range(4))),
    max_size=20,
)


def a_bin(*color):
    return int(rgb_to_bin(*([channel] for channel in color))[0])


@UNHURRIED
@given(colors, st.randoms(use_true_random=False))
def test_a_color_has_one_bin_whatever_stands_beside_it(rgb8, random):
    order = random.sample(range(len(rgb8)), len(rgb8))
    together = rgb_to_bin(*rgb8.T)
    np.testing.assert_array_equal(rgb_to_bin(*rgb8[order].T), together[order])
    assert [a_bin(*color) for color in rgb8] == together.tolist()


@UNHURRIED
@given(colors)
def test_a_bin_lies_around_its_color(rgb8):
    difference = np.abs(bin_to_lab(rgb_to_bin(*rgb8.T)) - srgb_to_lab(rgb8))
    # CIELAB is float32 there and fixed point here: .001 is all the slack there is.
    assert difference.max() <= STEP / 2 + 0.001


@pytest.mark.parametrize("step", [1, 3, 4, 6, 32])
@UNHURRIED
@given(colors)
def test_a_bin_of_any_width_lies_around_its_color(step, rgb8):
    bins = rgb_to_bin(*rgb8.T, step=step)
    off = np.abs(bin_to_lab(bins, step=step) - srgb_to_lab(rgb8))
    assert off.max() <= step / 2 + 0.001  # CIELAB is float32 there and fixed point here


@pytest.mark.parametrize("step", [1, 3, 4, 6, 32])
def test_black_white_and_the_corners_of_srgb_have_bins_of_any_width(step):
    corners = np.indices((2, 2, 2)).reshape(3, -1).T * 255
    bins = rgb_to_bin(*corners.T, step=step)
    assert (bins >= 0).all()
    off = np.abs(bin_to_lab(bins, step=step) - srgb_to_lab(corners.astype(np.uint8)))
    assert off.max() <= step / 2 + 0.001
    assert len({*bins.tolist()}) == 8


@pytest.mark.parametrize("step", [0, -1, 33])
def test_a_width_that_there_is_none_of_is_refused(step):
    told = f"step must be 1 to 32 .*, got {step}"
    for ask in (
        lambda: rgb_to_bin([0], [0], [0], step=step),
        lambda: bin_to_lab([0], step=step),
        lambda: histogram(records(garment("a", BLACK)), step=step),
    ):
        with pytest.raises(QueryError, match=told):
            ask()


def test_grays_are_neutral():
    gray = np.arange(256)
    np.testing.assert_array_equal(bin_to_lab(rgb_to_bin(gray, gray, gray))[:, 1:], 0)


def test_the_grid_has_not_changed():
    # A checksum over 16 levels of each channel: another one needs another GRID_VERSION.
    channels = np.indices((16, 16, 16)).reshape(3, -1) * 17
    bins = rgb_to_bin(*channels).astype("<i4")
    assert hashlib.sha256(bins.tobytes()).hexdigest()[:16] == "a9bd37d1a9e65f91"


def test_a_value_beyond_8_bits_is_refused():
    with pytest.raises(ShapeError, match="colors are 0 to 256, wanted 8-bit sRGB, 0 to 255"):
        rgb_to_bin([0], [256], [0])


def test_keys_give_their_colors_back():
    np.testing.assert_array_equal(key_to_rgb(pl.Series([0x161418])), [[22, 20, 24]])


def test_weights_of_one_garment_sum_to_255():
    rows = records(garment("a", (BLACK, 200), (RED, 55)), garment("b", WHITE))
    assert histogram(rows, by=["photo"]).collect().rows() == [
        ("a", a_bin(*BLACK), 200),
        ("a", a_bin(*RED), 55),
        ("b", a_bin(*WHITE), 255),
    ]


def test_colors_of_one_bin_are_added():
    rows = records(garment("a", ((10, 10, 10), 200), ((11, 11, 11), 55)))
    assert histogram(rows).collect().rows() == [(a_bin(10, 10, 10), 255)]


@UNHURRIED
@given(garments, st.randoms(use_true_random=False), st.integers(1, 5))
def test_histograms_of_parts_merge_to_that_of_the_whole(found, random, n_parts):
    every = [
        garment(str(i), (color, weight), (BLACK, 255 - weight), season=season)
        for i, (season, *color, weight) in enumerate(found)
    ]
    parts = [[] for _ in range(n_parts)]
    for each in random.sample(every, len(every)):
        random.choice(parts).append(each)
    whole = histogram(records(*every), by=["season", "garment"]).collect()
    merged = merge(histogram(records(*part), by=["season", "garment"]) for part in parts).collect()
    assert_frame_equal(merged, whole)
    assert whole["weight"].sum() == 255 * len(every)


def test_histograms_by_different_columns_do_not_merge():
    rows = records(garment("a", BLACK))
    with pytest.raises(QueryError, match="can be merged, got bin, weight and season, bin, weight"):
        merge([histogram(rows), histogram(rows, by=["season"])])
    with pytest.raises(QueryError, match="got none"):
        merge([])


def test_counted_pixels_go_onto_the_grid_and_none_is_lost():
    rgb8 = np.zeros((30, 40, 3), np.uint8)
    rgb8[:, :10], rgb8[:, 10:] = (22, 20, 24), (200, 30, 40)
    regions = np.ones((30, 40), np.uint16)
    regions[:, 30:] = 2
    counted = count_garments(rgb8, regions, ColorConfig(erode=0))
    black, red = (int(rgb_to_bin([r], [g], [b])[0]) for r, g, b in ((22, 20, 24), (200, 30, 40)))
    first, second = (dict(pixel_histogram(one).collect().iter_rows()) for one in counted)
    assert first == {black: 300, red: 600}
    assert second == {red: 300}
    merged = merge([pixel_histogram(one) for one in counted]).collect()
    assert dict(merged.iter_rows()) == {black: 300, red: 900}


@UNHURRIED
@given(colors)
def test_pixel_weights_sum_to_what_was_counted(rgb8):
    counts = count_pixels(rgb8, np.ones(len(rgb8), bool))
    assert pixel_histogram(counts).collect()["weight"].sum() == len(rgb8)
