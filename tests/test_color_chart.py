import numpy as np
import pytest
from cards_in_photos import chart_photo, field_corners, light_of, place
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.color.chart import REFERENCES, homography, project, read_chart
from trendcolor.color.spaces import linear_to_lab

WHERE = place()
CORNERS = field_corners(WHERE)
PHOTO = chart_photo(WHERE, stops=-0.5)


def test_the_references_are_the_published_colors_under_daylight():
    lab = linear_to_lab(REFERENCES)
    # Lightness of grays hardly changes with the white: X-Rite's L* under D50.
    np.testing.assert_allclose(lab[18:, 0], [95.19, 81.29, 66.89, 50.76, 35.63, 20.64], atol=0.1)
    assert (np.hypot(lab[18:, 1], lab[18:, 2]) < 3.2).all()
    # sRGB of the same charts, as X-Rite's sheet gives them: red 175, 54, 60, to two steps of 8 bits.
    red = 255 * (1.055 * REFERENCES[14] ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(red, [175, 54, 60], atol=8)
    assert REFERENCES[17, 0] < 0 < REFERENCES[17, 2]  # cyan lies outside sRGB


@pytest.mark.parametrize("light", ["D65", "D75", "A", "LED"])
@pytest.mark.parametrize("stops", [-1.0, 0.0, 0.3])
def test_light_and_exposure_are_read(light, stops):
    photo = chart_photo(WHERE, light, stops)
    reading = read_chart(photo, CORNERS)
    # 3 %: under lamps one channel of the lightest patch may clip, and JPEG rounds.
    np.testing.assert_allclose(reading.light, light_of(light) * 2**stops, rtol=0.03)
    assert reading.error < 2
    assert reading.correlation > 0.97


@given(st.integers(0, 3))
def test_which_corner_comes_first_has_no_effect(turn):
    one, other = read_chart(PHOTO, CORNERS), read_chart(PHOTO, np.roll(CORNERS, turn, axis=0))
    # The same points of each patch, in another order.
    np.testing.assert_allclose(other.light, one.light, rtol=1e-3)
    assert other.error == pytest.approx(one.error, abs=0.02)


@settings(max_examples=8, deadline=None)
@given(st.floats(-1.5, 0))
def test_exposure_has_no_effect_on_the_error(stops):
    photo = chart_photo(WHERE, stops=stops, noise=0.0, quality=100)
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
