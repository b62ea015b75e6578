import re

import pytest
from hypothesis import given
from plm_swatches import ENGLISH, Chinese, plm, swatch_lists

from trendcolor.color.swatches import read_swatches
from trendcolor.report.swatches.gpl import gpl_text
from trendcolor.report.swatches.swatch import tidy


def parsed(text):
    """Name, columns and colors of a palette by the specification of developer.gimp.org."""
    assert text.endswith("\n")
    magic, name, columns, *lines = text[:-1].split("\n")
    assert magic == "GIMP Palette"
    assert name.startswith("Name: ")
    colors = []
    for line in lines:
        if line.startswith("#") or not line:
            continue
        red, green, blue, told = re.fullmatch(r"\s*(\d+) +(\d+) +(\d+)\s(.*)", line).groups()
        colors.append(((int(red), int(green), int(blue)), told.strip()))
    return name.removeprefix("Name: "), int(columns.removeprefix("Columns: ")), colors


def test_a_palette_has_a_name_columns_and_colors():
    name, columns, colors = parsed(gpl_text([plm()], ENGLISH, "Street, autumn 2026"))
    assert name == "Street, autumn 2026"
    assert 0 <= columns <= 255
    assert colors == [((42, 42, 48), "faded black")]


@given(swatch_lists)
def test_any_rgb_and_name_comes_back(swatches):
    tidied = tidy(swatches)
    _, _, colors = parsed(gpl_text(tidied, ENGLISH, "x"))
    assert [rgb for rgb, _ in colors] == [swatch.rgb for swatch in tidied]
    for (_, name), swatch in zip(colors, tidied, strict=True):
        assert name.startswith(swatch.name)


def test_our_own_reader_gives_the_names_and_colors(tmp_path):
    path = tmp_path / "colors.gpl"
    path.write_text(gpl_text([plm()], Chinese(), "热门色"), encoding="utf-8")
    (found,) = read_swatches(path)
    assert found.name == "褪色黑"
    assert found.lab == pytest.approx(plm().lab, abs=1e-4)  # tables of 8-bit sRGB are of 32 bits


def test_without_colors_a_comment_says_so():
    text = gpl_text([], ENGLISH, "x")
    assert parsed(text)[2] == []
    assert "# No color to show" in text
