import re

import numpy as np
import pytest
from cards_in_photos import chart_photo, field_corners, light_of, place, street, taken
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.cards import ColorChecker, DeclaredLight, GrayCard
from trendcolor.color.adaptation import adapt_to_d65
from trendcolor.color.reference import read_reference, without_card
from trendcolor.color.spaces import chromaticity, srgb_to_linear
from trendcolor.taxonomy import BACKGROUND, IGNORE, SKIN, TOP

BOX = (0.25, 0.25, 0.5, 0.6)
CARD = DeclaredLight(gray_card=GrayCard(box=BOX))
FIND = DeclaredLight(color_checker="find")
WHERE = place()


def card_scene(reflectance=0.18, height=200, width=260):
    """A street with a gray card in `BOX`."""
    scene = street(height, width)
    left, top, right, bottom = np.rint(np.array(BOX) * [width, height, width, height]).astype(int)
    scene[top:bottom, left:right] = reflectance
    return scene


def background(rgb8):
    return np.zeros(rgb8.shape[:2], np.uint8)


def read(rgb8, declared, labels=None, **options):
    return read_reference(rgb8, background(rgb8) if labels is None else labels, declared, **options)


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(["D65", "D75", "A", "LED"]), st.floats(-1.0, 1.0), st.sampled_from([0.18, 0.5])
)
def test_a_gray_card_comes_out_with_its_reflectance(light, stops, reflectance):
    if reflectance > 0.2:
        stops = min(stops, 0.0)  # a lighter card would clip under a lamp
    rgb8 = taken(card_scene(reflectance), light, stops)
    declared = DeclaredLight(gray_card=GrayCard(box=BOX, reflectance=reflectance))
    light_read = read(rgb8, declared).illuminant
    assert light_read.method == "gray-card"
    assert light_read.applied
    assert light_read.exposure == pytest.approx(2**-stops, rel=0.04)  # 8 bits and JPEG
    # 8 bits and JPEG: 0.0048 for a card of 0.18 under an LED, half a stop too dark.
    assert (light_read.x, light_read.y) == pytest.approx(chromaticity(light_of(light)), abs=0.006)
    middle = srgb_to_linear(rgb8[80:100, 90:110]).astype(float).mean(axis=(0, 1))
    np.testing.assert_allclose(adapt_to_d65(middle, light_read), reflectance, rtol=0.08)


@given(st.tuples(*[st.floats(0.5, 1)] * 3))
def test_the_chromaticity_of_light_does_not_hang_on_its_strength(light):
    one = chromaticity(np.array(light))
    assert chromaticity(0.3 * np.array(light)) == pytest.approx(one, abs=1e-9)


@pytest.mark.parametrize(
    "declared",
    [FIND, DeclaredLight(color_checker=ColorChecker(box=(0.25, 0.28, 0.75, 0.72)))],
    ids=["found", "given"],
)
@pytest.mark.parametrize(("light", "stops"), [("A", -0.5), ("D75", -1.0), ("LED", 0.2)])
def test_a_chart_gives_light_and_exposure(declared, light, stops):
    reading = read(chart_photo(WHERE, light, stops), declared)
    assert reading.illuminant.method == "color-checker"
    assert reading.illuminant.exposure == pytest.approx(2**-stops, rel=0.04)
    xy = (reading.illuminant.x, reading.illuminant.y)
    assert xy == pytest.approx(chromaticity(light_of(light)), abs=0.004)


def test_a_box_around_the_whole_chart_or_a_little_beside_it_does_as_well():
    rgb8 = chart_photo(WHERE, "A", -0.5)
    inner = field_corners(WHERE) / rgb8.shape[1::-1]
    whole = WHERE.corners / rgb8.shape[1::-1]
    for corners, shift in ((inner, 0.0), (whole, 0.0), (inner, 0.01)):
        box = (*map(float, corners.min(axis=0) + shift), *map(float, corners.max(axis=0) + shift))
        reading = read(rgb8, DeclaredLight(color_checker=ColorChecker(box=box)))
        assert reading.illuminant.exposure == pytest.approx(2**0.5, rel=0.04)


def test_a_declared_white_point_changes_no_exposure():
    rgb8 = taken(card_scene(), "A", -1.0)
    light = read(rgb8, DeclaredLight(white_point=(0.44758, 0.40745))).illuminant
    assert (light.method, light.applied, light.exposure) == ("white-point", True, 1.0)
    middle = srgb_to_linear(rgb8[80:100, 90:110]).astype(float).mean(axis=(0, 1))
    np.testing.assert_allclose(adapt_to_d65(middle, light), 0.09, rtol=0.06)


@pytest.mark.parametrize(
    "declared", [CARD, DeclaredLight(white_point=(0.3457, 0.3585))], ids=["card", "white point"]
)
def test_no_correction_keeps_the_measure_and_applies_nothing(declared):
    rgb8 = taken(card_scene(), "LED")
    on, off = read(rgb8, declared), read(rgb8, declared, correct=False)
    assert not off.illuminant.applied
    assert (off.illuminant.x, off.illuminant.y) == (on.illuminant.x, on.illuminant.y)


def spoiled(kind):
    scene = card_scene()
    if kind == "two":
        scene[:, 95:] = (0.25, 0.05, 0.05)
    if kind == "slope":
        scene *= np.geomspace(2, 0.05, scene.shape[1])[None, :, None]
    if kind == "texture":
        scene[(np.add.outer(np.arange(200) // 3, np.arange(260) // 3)) % 2 == 0] *= 3
    if kind == "cloth":
        scene[40:130, 60:140] = (0.3, 0.02, 0.02)
    if kind == "bright":
        scene = card_scene(0.9)
    stops = {"clipped": 3.0, "dark": -5.0}.get(kind, 0.0)
    return taken(scene, stops=stops)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("clipped", "gray card is overexposed, 100 % of it"),
        ("dark", "gray card is too dark, 100 % of it"),
        ("two", "gray card is unevenly lit or covered"),
        ("slope", "gray card is unevenly lit or covered"),
        ("texture", "gray card is textured"),
        ("cloth", "gray card is not gray: .* is not the color of a light"),
        ("bright", "gray card asks for 0.2 times the light, within 0.25 to 4"),
    ],
)
def test_a_card_that_tells_nothing_is_refused_with_the_reason(kind, reason):
    reading = read(spoiled(kind), CARD)
    assert reading.illuminant is None
    assert re.match(reason, reading.refused), reading.refused


def test_two_colors_of_one_brightness_are_no_card():
    scene = card_scene()
    scene[:, 97:] *= [1.2, 0.95, 0.9]
    assert "shows more than one color" in read(taken(scene), CARD).refused


@pytest.mark.parametrize(("class_id", "is_read"), [(TOP, False), (SKIN, False), (IGNORE, True)])
def test_a_garment_or_a_hand_over_the_card_is_refused(class_id, is_read):
    rgb8 = taken(card_scene())
    labels = background(rgb8)
    labels[:, 85:110] = class_id
    reading = read(rgb8, CARD, labels)
    assert (reading.illuminant is not None) is is_read
    assert is_read or "gray card is covered by a garment or a person" in reading.refused


def test_a_card_of_a_few_pixels_is_refused():
    small = DeclaredLight(gray_card=GrayCard(box=(0.3, 0.3, 0.32, 0.32)))
    assert read(taken(card_scene()), small).refused == "gray card shows 3 x 2 pixels, needs 12"


@pytest.mark.parametrize("declared", [CARD, FIND], ids=["card", "chart"])
def test_a_transparent_card_is_refused(declared):
    rgb8 = taken(card_scene()) if declared is CARD else chart_photo(WHERE)
    reading = read(rgb8, declared, seen=np.zeros(rgb8.shape[:2], bool))
    assert reading.illuminant is None
    assert "is transparent in the file" in reading.refused or "is not found" in reading.refused


def test_a_chart_that_is_not_there_is_refused():
    rgb8 = taken(street())
    given = read(rgb8, DeclaredLight(color_checker=ColorChecker(box=(0.3, 0.3, 0.6, 0.6))))
    assert "ColorChecker does not fit" in given.refused or "is not found" in given.refused
    assert read(rgb8, FIND).refused == "ColorChecker is not found in the photo"


@settings(deadline=None, max_examples=5)
@given(st.integers(2, 4))
def test_the_size_of_the_photo_has_no_effect(factor):
    rgb8 = taken(card_scene(), "LED", -0.4)
    large = np.repeat(np.repeat(rgb8, factor, axis=0), factor, axis=1)
    one, other = read(rgb8, CARD).illuminant, read(large, CARD).illuminant
    assert other.exposure == pytest.approx(one.exposure, rel=0.01)
    assert (other.x, other.y) == pytest.approx((one.x, one.y), abs=0.001)


@pytest.mark.parametrize("turn", [1, -1])
def test_a_card_is_no_garment(turn):
    labels = np.full((100, 100), TOP, np.uint8)
    corners = np.array([(0.2, 0.2), (0.6, 0.3), (0.6, 0.7), (0.2, 0.6)])[::turn]
    cleared = without_card(labels, corners)
    assert cleared[45, 40] == BACKGROUND
    assert cleared[10, 10] == cleared[22, 58] == cleared[90, 90] == TOP
    # The area of the parallelogram: 0.4 x 0.4 of the photo.
    assert np.count_nonzero(cleared == BACKGROUND) == pytest.approx(1600, abs=60)
