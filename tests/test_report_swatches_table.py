import csv
import io

import numpy as np
import pytest
from hypothesis import given
from plm_swatches import plm, rgb8, swatch_lists

from trendcolor.color.spaces import lab_to_srgb
from trendcolor.color.swatches import read_swatches
from trendcolor.report.swatches.swatch import tidy
from trendcolor.report.swatches.table import COLUMNS, csv_bytes

NUMBERS = {"red", "green", "blue", "l", "a", "b", "share", "low", "high"}


def rows(swatches):
    text = csv_bytes(tidy(swatches)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_has_the_columns_of_a_line_plan():
    (row,) = rows([plm()])
    assert list(row) == list(COLUMNS)
    assert row == {
        **{"code": "TC-2A2A30", "name": "faded black", "name_zh": "褪色黑", "family": "black"},
        **{"shade": "#2a2a30", "pattern": "solid", "season": "AW26", "group": "headline"},
        **{"red": "42", "green": "42", "blue": "48", "l": "17.28", "a": "1.51", "b": "-3.88"},
        **{"white": "D65", "share": "0.3420", "low": "0.3160", "high": "0.3700"},
    }


def test_excel_finds_the_mark_of_utf_8_and_lines_end_as_it_wants():
    content = csv_bytes([plm()])
    assert content.startswith(b"\xef\xbb\xbfcode,")
    assert content.count(b"\r\n") == content.count(b"\n") == 2


def test_what_is_withheld_is_an_empty_cell():
    (row,) = rows([plm(share=None, low=None, high=None)])
    assert (row["share"], row["low"], row["high"]) == ("", "", "")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\t=1"])  # noqa: RUF001
def test_no_text_is_a_formula_and_our_reader_gives_it_back(tmp_path, name):
    swatches = tidy([plm(name=name, name_zh=name, season=name)])
    (row,) = rows(swatches)
    for column in ("name", "name_zh", "season"):
        assert row[column] == f"'{name.strip()}"
    assert row["code"] == "TC-2A2A30"
    path = tmp_path / "colors.csv"
    path.write_bytes(csv_bytes(swatches))
    assert read_swatches(path)[0].name == name.strip()


@given(swatch_lists)
def test_no_cell_of_text_begins_as_a_formula_does(swatches):
    for row, swatch in zip(rows(swatches), tidy(swatches), strict=True):
        assert row["code"] == swatch.code
        for column in {*COLUMNS} - NUMBERS:
            assert not row[column].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert row["name"].removeprefix("'") == swatch.name.removeprefix("'")


@given(rgb8)
def test_our_reader_gives_any_rgb_back(tmp_path_factory, rgb):
    path = tmp_path_factory.mktemp("table") / "colors.csv"
    path.write_bytes(csv_bytes([plm(rgb)]))
    (found,) = read_swatches(path)
    assert (found.name, found.code, found.family) == (
        *("faded black", plm(rgb).code),
        "black",
    )
    assert tuple(lab_to_srgb(np.array(found.lab))) == rgb


def test_without_colors_there_is_the_header_only():
    assert csv_bytes([]).decode("utf-8-sig") == ",".join(COLUMNS) + "\r\n"
