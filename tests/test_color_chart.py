import numpy as np
import pytest
from cards_in_photos import chart_photo, field_corners, light_of, place
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import lab2xyz, xyz_tristimulus_values

from trendcolor.color.chart import REFERENCES, homography, project, read_chart
from trendcolor.color.spaces import WHITE_XYZ, XYZ_TO_RGB, color_difference, linear_to_lab

WHERE = place()
CORNERS = field_corners(WHERE)
PHOTO = chart_photo(WHERE, stops=-0.5)


def test_the_references_are_the_published_colors_under_daylight():
    lab = linear_to_lab(REFERENCES)
    # Lightness of grays hardly changes with the white: X-Rite's L* under D50.
    np.testing.assert_allclose(lab[18:, 0], [95.19, 81.29, 66.89, 50.76, 35.63, 20.64], atol=0.1)
    assert (np.hypot(lab[18:, 1], lab[18:, 2]) < 3.2).all()
    assert REFERENCES[17, 0] < 0 < REFERENCES[17, 2]  # cyan lies outside sRGB


def test_the_references_are_those_of_another_way_from_d50_to_d65():
    # Rows 1, 15 and 17 of X-Rite's table, by scikit-image's CIELAB and Bradford's cones (ICC.1).
    lab = np.array([[37.54, 14.37, 14.92], [42.43, 51.05, 28.62], [50.63, 51.28, -14.12]])
    to_cones = np.array(
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    )
    d50, d65 = xyz_tristimulus_values(illuminant="D50", observer="2"), WHITE_XYZ
    gains = np.diag((to_cones @ d65) / (to_cones @ d50))
    xyz = lab2xyz(lab, illuminant="D50") @ (np.linalg.inv(to_cones) @ gains @ to_cones).T
    other = linear_to_lab(xyz @ XYZ_TO_RGB.T)
    # The whites of D50 have four digits here, and those of ICC.1 there.
    assert color_difference(linear_to_lab(REFERENCES[[0, 14, 16]]), other).max() < 0.2


@pytest.mark.parametrize("light", ["D65", "D75", "A", "LED"])
@pytest.mark.parametrize("stops", [-1.0, 0.0, 0.3])
def test_light_and_exposure_are_read(light, stops):
    photo = chart_photo(WHERE, light, stops)
    reading = read_chart(photo, CORNERS)
    # 3 %: under lamps one channel of the lightest patch may clip, and JPEG rounds.
    np.testing.assert_allclose(reading.light, light_of(light) * 2**stops, rtol=0.03)
    # Under a lamp the camera clips what sRGB has no place for.
    assert reading.error < 3
    assert reading.correlation > 0.95


@given(st.integers(0, 3))
def test_which_corner_comes_first_has_no_effect(turn):
    one, other = read_chart(PHOTO, CORNERS), read_chart(PHOTO, np.roll(CORNERS, turn, axis=0))
    # The same points of each patch, in another order.
    np.testing.assert_allclose(other.light, one.light, rtol=1e-3)
    assert other.error == pytest.approx(one.error, abs=0.02)


@settings(max_examples=8, deadline=None)
@given(st.floats(-1.5, 0))
def test_exposure_has_no_effect_on_the_error(stops):
    # Noise, because without it every pixel of a patch is rounded the same way: white by up to 1 %.
    photo = chart_photo(WHERE, stops=stops, quality=100)
    reading = read_chart(photo, CORNERS)
    assert reading.error < 0.8  # rounding to 8 bits of dark patches
    np.testing.assert_allclose(reading.light, 2**stops, rtol=0.01)


def test_an_overexposed_chart_tells_nothing():
    assert read_chart(chart_photo(WHERE, stops=3.0), CORNERS) is None


def test_white_that_is_clipped_leaves_the_other_grays():
    reading = read_chart(chart_photo(WHERE, stops=0.6), CORNERS)
    assert reading.n_grays == 5
    np.testing.assert_allclose(reading.light, 2**0.6, rtol=0.02)


def test_what_is_transparent_tells_nothing():
    assert read_chart(PHOTO, CORNERS, np.zeros(PHOTO.shape[:2], bool)) is None


def test_corners_outside_the_photo_tell_nothing():
    assert read_chart(PHOTO, CORNERS + 5000) is None


def test_a_homography_takes_points_where_it_should():
    square = np.array([[0, 0], [6, 0], [6, 4], [0, 4]], dtype=float)
    corners = place(turn=0.4, tilt=(0.5, -0.3)).corners
    np.testing.assert_allclose(project(homography(square, corners), square), corners, atol=1e-6)
