import struct

import pytest
from hypothesis import given
from plm_swatches import ENGLISH, Chinese, plm, swatch_lists

from trendcolor.color.swatches import read_swatches
from trendcolor.report.swatches.aco import aco_bytes
from trendcolor.report.swatches.swatch import tidy


def parsed(content):
    """Both versions of a file by Adobe's specification, to its last byte: (numbers, name)."""
    sections, place = [], 0
    for wanted in (1, 2):
        version, count = struct.unpack_from(">HH", content, place)
        assert version == wanted
        place += 4
        colors = []
        for _ in range(count):
            space, *numbers, rest = struct.unpack_from(">5H", content, place)
            assert (space, rest) == (0, 0)  # RGB; values that the space doesn't need are zero
            place += 10
            name = None
            if version == 2:
                (n_units,) = struct.unpack_from(">I", content, place)
                units = content[place + 4 : place + 4 + 2 * n_units]
                assert units[-2:] == b"\0\0"
                name = units[:-2].decode("utf-16-be")
                place += 4 + 2 * n_units
            colors.append((tuple(numbers), name))
        sections.append(colors)
    assert place == len(content)
    return sections


def test_both_versions_hold_all_colors_and_the_second_the_names():
    first, second = parsed(aco_bytes(tidy([plm(), plm((255, 0, 1), name="red")]), ENGLISH))
    # 255 is 65535: Adobe's pure red is 65535, 0, 0.
    assert first == [((10794, 10794, 12336), None), ((65535, 0, 257), None)]
    assert second == [((10794, 10794, 12336), "faded black"), ((65535, 0, 257), "red")]


@given(swatch_lists)
def test_any_rgb_comes_back_exactly_from_both_versions(swatches):
    tidied = tidy(swatches)
    for section in parsed(aco_bytes(tidied, ENGLISH)):
        # Readers divide by 257 or take the upper byte.
        for reading in (lambda value: value / 257, lambda value: value >> 8):
            found = [tuple(map(reading, numbers)) for numbers, _ in section]
            assert found == [swatch.rgb for swatch in tidied]


@given(swatch_lists)
def test_names_of_any_kind_survive(swatches):
    tidied = tidy(swatches)
    _, named = parsed(aco_bytes(tidied, ENGLISH))
    for (_, name), swatch in zip(named, tidied, strict=True):
        assert name.startswith(swatch.name)
    assert len({name.casefold() for _, name in named}) == len(tidied)


def test_names_are_in_the_report_s_language():
    assert parsed(aco_bytes([plm()], Chinese()))[1][0][1] == "褪色黑"


def test_our_own_reader_gives_the_names_and_colors(tmp_path):
    path = tmp_path / "colors.aco"
    path.write_bytes(aco_bytes([plm()], ENGLISH))
    (found,) = read_swatches(path)
    assert found.name == "faded black"
    assert found.lab == pytest.approx(plm().lab, abs=1e-4)  # tables of 8-bit sRGB are of 32 bits


def test_without_colors_both_versions_are_there_and_empty():
    assert parsed(aco_bytes([], ENGLISH)) == [[], []]
