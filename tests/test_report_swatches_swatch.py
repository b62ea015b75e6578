import unicodedata
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plm_swatches import ENGLISH, Chinese, names, plm, rgb8, swatch_lists

from trendcolor.errors import UsageError
from trendcolor.report.swatches.swatch import by_group, identifiers, one_line, tidy, unique


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"code": "=1"}, r"swatch 'faded black': code '=1', wanted letters, digits, space"),
        ({"code": ""}, "code '', wanted letters"),
        ({"group": "hits"}, "group 'hits', wanted one of headline, classics"),
        ({"family": "blurple"}, "family 'blurple', wanted one of black, white"),
        ({"pattern": "dots"}, "pattern 'dots', wanted one of solid, pattern, mixed"),
        ({"lab": (101.0, 0.0, 0.0)}, r"lab \(101.0, 0.0, 0.0\), wanted L\* of 0 to 100"),
        ({"lab": (50.0, float("nan"), 0.0)}, r"wanted L\* of 0 to 100"),
        ({"share": 1.2}, r"share \[1.2, 0.316, 0.37\], wanted 0 to 1"),
    ],
)
def test_what_no_file_could_hold_is_refused(changed, reason):
    with pytest.raises(UsageError, match=reason):
        plm(**changed)


def test_rgb_that_is_no_8_bit_color_is_refused():
    swatch = plm()
    fields = {name: getattr(swatch, name) for name in swatch.__slots__}
    with pytest.raises(UsageError, match=r"rgb \(42, 42, 256\), wanted three whole numbers"):
        type(swatch)(**{**fields, "rgb": (42, 42, 256)})


@given(st.text(max_size=400))
def test_a_text_becomes_one_line_that_xml_and_a_terminal_can_hold(text):
    line = one_line(text)
    assert len(line) <= 250
    assert line == line.strip()
    assert not {unicodedata.category(c) for c in line} & {"Cc", "Cs", "Zl", "Zp"}
    element = ElementTree.Element("a")
    element.text = line
    assert (ElementTree.fromstring(ElementTree.tostring(element)).text or "") == line
    assert one_line(line) == line


def test_what_turns_the_direction_of_text_is_taken_out():
    assert one_line("navy\u202etxt\u2066") == "navy txt"


@given(st.lists(names | st.sampled_from(["a", "A", "a 2", "a 3"]), max_size=12))
def test_unique_names_differ_and_the_first_stays(texts):
    found = unique(texts)
    assert len({name.casefold() for name in found}) == len(texts)
    assert found[:1] == texts[:1]
    assert all(name.startswith(text) for name, text in zip(found, texts, strict=True))


def test_identifiers_are_in_ascii_and_differ():
    told = ["Faded  Black", "faded black", "faded black 2", "crème brûlée", "褪色黑", "$x.{y}"]
    swatches = [plm(name=name) for name in told]
    assert identifiers(swatches) == [
        *("faded-black", "faded-black-2", "faded-black-2-2", "creme-brulee"),
        *("tc-2a2a30", "x-y"),
    ]


@given(swatch_lists)
def test_identifiers_of_any_names_differ(swatches):
    found = identifiers(tidy(swatches))
    assert len({*found}) == len(swatches)
    assert all(set(name) <= {*"abcdefghijklmnopqrstuvwxyz0123456789-"} and name for name in found)


def test_groups_come_in_their_order_and_swatches_in_theirs():
    given_order = [plm(name="c", group="classics"), plm(name="b"), plm(name="a"), plm(name=" \n")]
    tidied = tidy(given_order)
    assert [swatch.name for swatch in tidied] == ["b", "a", "TC-2A2A30", "c"]
    assert {group: len(found) for group, found in by_group(tidied).items()} == {
        "headline": 3,
        "classics": 1,
    }


def brightness(color):
    """Relative luminance as WCAG 2.2 defines it."""
    encoded = [value / 255 for value in bytes.fromhex(color[1:])]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in encoded]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@given(rgb8)
def test_the_ink_can_be_read_on_the_color(rgb):
    low, high = sorted((brightness(plm(rgb).ink), brightness(plm(rgb).hex)))
    assert (high + 0.05) / (low + 0.05) >= 4.5  # what text asks for at level AA


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "34.2% (31.6\N{EN DASH}37.0%)"),
        ({"low": None}, "34.2%"),
        ({"share": None}, "withheld"),
    ],
)
def test_a_share_is_told_with_its_interval_or_not_at_all(changed, words):
    assert plm(**changed).share_text(ENGLISH) == words


def test_the_title_is_in_the_language_and_the_subtitle_in_the_other():
    swatch = plm()
    assert (swatch.title(ENGLISH), swatch.subtitle(ENGLISH)) == ("faded black", "褪色黑")
    assert (swatch.title(Chinese()), swatch.subtitle(Chinese())) == ("褪色黑", "faded black")
    bare = plm(name_zh="")
    assert (bare.title(Chinese()), bare.subtitle(Chinese())) == ("faded black", "")
