import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_cards_card import COMPLETE, card_file, faults_of

from trendcolor.cards import ColorChecker, DeclaredLight, GrayCard, read_card
from trendcolor.cards.light import parse_light, white_point_faults
from trendcolor.errors import CardError

BOX = (0.1, 0.2, 0.3, 0.4)


@pytest.mark.parametrize(
    ("line", "light"),
    [
        ("white_point = [0.3457, 0.3585]", DeclaredLight(white_point=(0.3457, 0.3585))),
        (
            "gray_card = {box = [0.1, 0.2, 0.3, 0.4]}",
            DeclaredLight(gray_card=GrayCard(box=BOX, reflectance=0.18)),
        ),
        (
            "gray_card = {box = [0.1, 0.2, 0.3, 0.4], reflectance = 0.5}",
            DeclaredLight(gray_card=GrayCard(box=BOX, reflectance=0.5)),
        ),
        ('color_checker = "find"', DeclaredLight(color_checker="find")),
        (
            "color_checker = {box = [0.1, 0.2, 0.3, 0.4]}",
            DeclaredLight(color_checker=ColorChecker(box=BOX)),
        ),
    ],
)
def test_a_card_declares_the_light(tmp_path, line, light):
    card = read_card(card_file(tmp_path, f"{COMPLETE}[light]\n{line}\n"))
    assert card.light == light
    assert pickle.loads(pickle.dumps(card)) == card


def test_a_card_without_a_light_declares_none(tmp_path):
    assert read_card(card_file(tmp_path, COMPLETE)).light is None


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("", "light: nothing given (wanted exactly one of white_point, gray_card, color_checker)"),
        (
            'white_point = [0.3127, 0.329]\ncolor_checker = "find"',
            "light: white_point and color_checker given (wanted exactly one of white_point, "
            "gray_card, color_checker)",
        ),
        (
            "white_piont = [0.3127, 0.329]",
            "unknown key light.white_piont, did you mean 'white_point'?",
        ),
        ('color_checker = "fnid"', "light.color_checker does not know 'fnid'"),
        ("gray_card = {box = [0.1, 0.2, 0.3]}", "light.gray_card.box has 3 numbers"),
        ("gray_card = {box = [0.1, 0.2, 1.3, 0.4]}", "lies outside the photo"),
        ("gray_card = {box = [0.5, 0.2, 0.3, 0.4]}", "is empty"),
        ("gray_card = {reflectance = 0.18}", "light.gray_card.box is missing"),
        ("gray_card = {box = [0.1, 0.2, 0.3, 0.4], size = 1}", "unknown key light.gray_card.size"),
        (
            "gray_card = {box = [0.1, 0.2, 0.3, 0.4], reflectance = 18}",
            "light.gray_card.reflectance must be within 0.02 to 1 (0.18 for a gray card), got 18",
        ),
        (
            "color_checker = {box = [0, 0, 0, 1]}",
            "light.color_checker.box [0.0, 0.0, 0.0, 1.0] is empty",
        ),
        ("white_point = [0.1, 0.9]", "light.white_point [0.1, 0.9] is not the color of a light"),
        ("white_point = [31.27, 32.9]", "must be CIE 1931 x, y such as [0.3127, 0.3290]"),
        ("white_point = [nan, 0.329]", "must be CIE 1931 x, y"),
        ("gray_card = 3", "light.gray_card: expected a table [light.gray_card], got 3"),
    ],
)
def test_a_wrong_light_is_refused_with_its_place(tmp_path, lines, fault):
    assert any(fault in line for line in faults_of(tmp_path, f"{COMPLETE}[light]\n{lines}\n"))


def test_all_faults_of_a_card_and_its_light_are_named_at_once(tmp_path):
    text = COMPLETE.replace('license = "CC-BY-4.0"', 'license = "MINE"')
    faults = faults_of(
        tmp_path, f"{text}[light]\ngray_card = {{box = [2, 0, 3, 1], reflectance = 7}}\n"
    )
    assert sum("light.gray_card" in fault for fault in faults) == 2
    assert any("license 'MINE'" in fault for fault in faults)


# CIE 15:2018: illuminant A, D50, D65, D75; F2, F11 and LED-B3 of CIE 015 are lamps of rooms.
@pytest.mark.parametrize(
    "xy",
    [
        *((0.44758, 0.40745), (0.3457, 0.3585), (0.3127, 0.3290), (0.2990, 0.3149)),
        *((0.3721, 0.3751), (0.3805, 0.3769), (0.3756, 0.3723)),
    ],
)
def test_daylight_and_lamps_are_lights(xy):
    assert list(white_point_faults(xy)) == []


@given(
    st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)).filter(
        lambda xy: xy[1] < 0.2 or xy[1] > 0.6
    )
)
def test_what_is_far_from_every_light_is_none(xy):
    assert list(white_point_faults(xy))


def test_the_command_lines_words_are_the_same_declarations():
    def parsed(**words):
        return parse_light(
            **({"white_point": None, "gray_card": None, "color_checker": None} | words)
        )

    assert parsed() is None
    assert parsed(white_point="0.3457,0.3585") == DeclaredLight(white_point=(0.3457, 0.3585))
    assert parsed(gray_card="0.1,0.2,0.3,0.4").gray_card == GrayCard(box=BOX)
    assert parsed(gray_card="0.1,0.2,0.3,0.4,0.5").gray_card == GrayCard(box=BOX, reflectance=0.5)
    assert parsed(color_checker="find").color_checker == "find"
    assert parsed(color_checker="0.1,0.2,0.3,0.4").color_checker == ColorChecker(box=BOX)
    with pytest.raises(CardError, match=r"wanted numbers with commas between, got '0\.1,a'"):
        parsed(white_point="0.1,a")
    with pytest.raises(CardError, match="white_point and gray_card given"):
        parsed(white_point="0.3457,0.3585", gray_card="0.1,0.2,0.3,0.4")


def test_a_typo_inside_a_card_is_not_told_as_a_missing_one(tmp_path):
    faults = faults_of(tmp_path, f"{COMPLETE}[light]\ngray_card = {{bx = [0, 0, 1, 1]}}\n")
    assert not any("nothing given" in fault for fault in faults)


@pytest.mark.parametrize(
    ("light", "text"),
    [
        (DeclaredLight(white_point=(0.3457, 0.3585)), "white point 0.3457, 0.3585"),
        (
            DeclaredLight(gray_card=GrayCard(box=BOX)),
            "gray card at 0.1, 0.2, 0.3, 0.4, reflectance 0.18",
        ),
        (
            DeclaredLight(color_checker=ColorChecker(box=BOX)),
            "ColorChecker at 0.1, 0.2, 0.3, 0.4",
        ),
        (DeclaredLight(color_checker="find"), "ColorChecker, found in each photo"),
    ],
)
def test_a_declaration_reads_as_words(light, text):
    assert str(light) == text
