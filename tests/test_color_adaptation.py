import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trendcolor.color.adaptation import adapt_to_d65, lab_d50_to_d65, lab_d65_to_d50
from trendcolor.color.illuminant import NEUTRAL, Illuminant
from trendcolor.color.spaces import RGB_TO_XYZ, WHITE_XYZ
from trendcolor.errors import ShapeError

chromaticities = st.tuples(st.floats(0.25, 0.48), st.floats(0.25, 0.42))
CIE_A = Illuminant(0.44757, 0.40745, "known", True, 0.44757, 0.40745)


def light_of(illuminant):
    x, y = illuminant.x, illuminant.y
    return np.linalg.solve(RGB_TO_XYZ, [x / y, 1, (1 - x - y) / y])


@given(chromaticities, st.floats(0.01, 1))
def test_the_color_of_the_light_becomes_neutral_and_keeps_its_luminance(xy, level):
    illuminant = Illuminant(*xy, "known", True, *xy)
    gray = adapt_to_d65(level * light_of(illuminant)[None], illuminant)
    # Rounding in double precision.
    np.testing.assert_allclose(gray, level, rtol=1e-9)


def test_d65_changes_nothing():
    x, y, _ = WHITE_XYZ / WHITE_XYZ.sum()
    white = Illuminant(x, y, "known", True, x, y)
    linear = np.random.default_rng(0).random((10, 3))
    np.testing.assert_allclose(adapt_to_d65(linear, white), linear, atol=1e-9)


@given(arrays(np.float32, (3, 4, 3), elements=st.floats(0, 1, width=32)))
def test_a_light_that_is_not_applied_changes_nothing(linear):
    np.testing.assert_array_equal(adapt_to_d65(linear, NEUTRAL), linear)


def test_brightness_is_not_corrected():
    linear = np.random.default_rng(0).random((10, 3))
    twice = adapt_to_d65(2 * linear, CIE_A)
    np.testing.assert_allclose(twice, 2 * adapt_to_d65(linear, CIE_A))


def test_precision_is_kept():
    assert adapt_to_d65(np.ones((2, 3), np.float32), CIE_A).dtype == np.float32


def test_an_array_without_three_channels_is_refused():
    with pytest.raises(ShapeError, match=r"linear has shape \(2, 4\), wanted \(\.\.\., 3\)"):
        adapt_to_d65(np.ones((2, 4)), CIE_A)


# Primaries of sRGB as Lab under D50 and under D65 (Lindbloom's calculator, Bradford).
@pytest.mark.parametrize(
    ("d50", "d65"),
    [
        ((54.29, 80.81, 69.89), (53.24, 80.09, 67.20)),
        ((87.82, -79.27, 80.99), (87.73, -86.18, 83.18)),
        ((29.57, 68.30, -112.03), (32.30, 79.19, -107.86)),
    ],
    ids=["red", "green", "blue"],
)
def test_lab_under_d50_becomes_lab_under_d65(d50, d65):
    # Two decimals there; the matrix of sRGB here differs from his in the fourth.
    np.testing.assert_allclose(lab_d50_to_d65(np.array(d50)), d65, atol=0.05)
    np.testing.assert_allclose(lab_d65_to_d50(np.array(d65)), d50, atol=0.05)


@given(st.floats(0, 100))
def test_a_gray_under_d50_is_the_same_gray_under_d65(lightness):
    # Rounding in double precision.
    gray = np.array([lightness, 0.0, 0.0])
    np.testing.assert_allclose(lab_d50_to_d65(gray), gray, atol=1e-6)
    np.testing.assert_allclose(lab_d65_to_d50(gray), gray, atol=1e-6)


@given(st.tuples(st.floats(0, 100), st.floats(-128, 128), st.floats(-128, 128)))
def test_lab_comes_back_from_under_d50(lab):
    # Rounding in double precision.
    there_and_back = lab_d50_to_d65(lab_d65_to_d50(np.array(lab)))
    np.testing.assert_allclose(there_and_back, lab, atol=1e-6)


def test_lab_that_is_no_triple_is_refused():
    for adapted in (lab_d50_to_d65, lab_d65_to_d50):
        with pytest.raises(ShapeError, match=r"lab has shape \(2,\)"):
            adapted(np.zeros(2))
