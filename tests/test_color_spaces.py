import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.color import rgb2lab

from trendcolor.color.spaces import (
    color_difference,
    lab_to_linear,
    lab_to_srgb,
    linear_to_lab,
    linear_to_srgb,
    srgb_to_lab,
    srgb_to_linear,
)
from trendcolor.errors import ShapeError

colors = arrays(np.uint8, st.tuples(st.integers(1, 50), st.just(3)))
labs = arrays(np.float64, (4, 3), elements=st.floats(-100, 100, allow_subnormal=False))

# The 34 pairs of Sharma, Wu and Dalal (2005), doi:10.1002/col.20070.
SHARMA = np.fromstring(
    """
    50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
    50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
    50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
    50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
    50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
    50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
    50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
    50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
    50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
    50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
    50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
    50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
    50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
    50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
    50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
    50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
    50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
    50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
    50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
    50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
    50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
    50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
    50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
    50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
    60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
    63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
    61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
    35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
    22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
    36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
    90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
    90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
    6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
    2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
    """,
    sep=" ",
).reshape(34, 7)


@pytest.mark.parametrize("row", SHARMA)
def test_ciede2000_agrees_with_published_pairs(row):
    # The table has four decimals: half a unit of the last is all the slack there is.
    assert color_difference(row[:3], row[3:6]) == pytest.approx(row[6], abs=5e-5)


@given(labs, labs)
def test_ciede2000_is_a_symmetric_difference(lab, other):
    difference = color_difference(lab, other)
    assert (difference >= 0).all()
    # Rounding of angles in double precision.
    np.testing.assert_allclose(difference, color_difference(other, lab), atol=1e-6)
    np.testing.assert_array_equal(color_difference(lab, lab), 0)


def test_ciede2000_broadcasts():
    assert color_difference(np.zeros((5, 1, 3)), np.ones((4, 3))).shape == (5, 4)


@given(colors)
def test_each_8_bit_color_comes_back_from_linear_light_and_from_lab(rgb8):
    np.testing.assert_array_equal(linear_to_srgb(srgb_to_linear(rgb8)), rgb8)
    np.testing.assert_array_equal(lab_to_srgb(srgb_to_lab(rgb8)), rgb8)


def test_all_grays_are_neutral():
    gray = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    # The rounding of float32 at L* 100.
    np.testing.assert_allclose(srgb_to_lab(gray)[:, 1:], 0, atol=2e-4)


@given(colors)
def test_lab_agrees_with_scikit_image(rgb8):
    # scikit-image divides by a white of four digits, so its grays are off by 0.005.
    np.testing.assert_allclose(srgb_to_lab(rgb8), rgb2lab(rgb8 / 255), atol=0.02)


@given(colors, st.integers(0, 49))
def test_a_color_s_lab_does_not_depend_on_the_others(rgb8, place):
    place %= len(rgb8)
    np.testing.assert_array_equal(srgb_to_lab(rgb8)[place], srgb_to_lab(rgb8[place]))


def test_white_and_black_have_their_lightness():
    lab = srgb_to_lab(np.array([[255, 255, 255], [0, 0, 0]], np.uint8))
    np.testing.assert_allclose(lab, [[100, 0, 0], [0, 0, 0]], atol=2e-4)


def test_linear_light_outside_the_gamut_is_clipped_only_at_8_bits():
    linear = np.array([[1.2, -0.1, 0.5]])
    np.testing.assert_allclose(lab_to_linear(linear_to_lab(linear)), linear, atol=1e-9)
    np.testing.assert_array_equal(linear_to_srgb(linear), [[255, 0, 188]])


def test_an_array_that_is_not_8_bit_is_refused():
    with pytest.raises(ShapeError, match="rgb8 is of type float64, wanted uint8"):
        srgb_to_linear(np.zeros((2, 3)))


@pytest.mark.parametrize("convert", [linear_to_srgb, linear_to_lab, lab_to_linear, lab_to_srgb])
def test_an_array_without_three_channels_is_refused(convert):
    with pytest.raises(ShapeError, match=r"has shape \(4, 2\), wanted \(\.\.\., 3\)"):
        convert(np.zeros((4, 2)))
