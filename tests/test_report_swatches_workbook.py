import datetime
import io

import pytest
from hypothesis import given, settings
from openpyxl import load_workbook
from plm_swatches import ENGLISH, Chinese, plm, rgb8, swatch_lists

from trendcolor.report.swatches.swatch import tidy
from trendcolor.report.swatches.workbook import xlsx_bytes


def opened(swatches, wording=ENGLISH, title="Street"):
    return load_workbook(io.BytesIO(xlsx_bytes(tidy(swatches), wording, title)))


def cells(sheet):
    """The rows below the header, by heading."""
    header, *rows = sheet.iter_rows()
    return [dict(zip((cell.value for cell in header), row, strict=True)) for row in rows]


def test_a_row_has_numbers_as_numbers_and_shares_as_percent():
    (row,) = cells(opened([plm()])["Colors"])
    told = {heading: cell.value for heading, cell in row.items()}
    lab = [told.pop(heading) for heading in ("L*", "a*", "b*")]
    assert lab == pytest.approx(plm().lab, abs=5e-5)  # four decimals
    assert told == {
        **{"Color": "#2A2A30", "Code": "TC-2A2A30", "Name": "faded black"},
        **{"Chinese name": "褪色黑", "Family": "black", "Shade": "#2a2a30", "Pattern": "solid"},
        **{"Season": "AW26", "Group": "Headline colors", "Red": 42, "Green": 42, "Blue": 48},
        **{"White": "D65", "Share": 0.342, "Low": 0.316, "High": 0.37},
    }
    assert {row[name].number_format for name in ("Share", "Low", "High")} == {"0.0%"}


def test_the_sheet_is_made_to_be_worked_with():
    book = opened([plm(), plm((1, 2, 3))])
    sheet = book["Colors"]
    assert book.sheetnames == ["Colors", "About"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("D2", "A1:S3")
    assert sheet["A1"].font.bold
    assert sheet.column_dimensions["C"].width > 20
    assert (book.properties.title, book.properties.creator) == ("Street", "trendcolor")
    assert book.properties.created == datetime.datetime(2000, 1, 1)
    about = {row[0].value: row[1].value for row in book["About"].iter_rows(min_row=3)}
    assert "under D65" in about["L*, a*, b*"]
    assert "interval" in about["Low, high"]
    assert "too few sources" in about["withheld"]


@settings(max_examples=25)
@given(rgb8)
def test_the_fill_is_the_exact_rgb_and_its_ink_can_be_read(rgb):
    swatch = plm(rgb)
    cell = opened([swatch])["Colors"]["A2"]
    assert cell.fill.fill_type == "solid"
    assert cell.fill.fgColor.rgb == f"FF{swatch.hex[1:].upper()}"
    assert cell.font.color.rgb == f"FF{swatch.ink[1:].upper()}"


@settings(max_examples=25)
@given(swatch_lists)
def test_text_stays_text_whatever_it_holds(swatches):
    sheet = opened(swatches, title="=1+1")["Colors"]
    if not swatches:
        return
    for row, swatch in zip(cells(sheet), tidy(swatches), strict=True):
        assert row["Name"].value == swatch.name
        assert row["Code"].value == swatch.code
        assert {cell.data_type for cell in row.values()} <= {"s", "n"}
        assert not any(cell.hyperlink for cell in row.values())


@pytest.mark.parametrize("name", ["=1+1", "{=A1}", "https://a.example", "mailto:a", "12", "#REF!"])
def test_no_text_becomes_a_formula_a_link_or_a_number(name):
    (row,) = cells(opened([plm(name=name, name_zh=name, season=name)], title=name)["Colors"])
    for heading in ("Name", "Chinese name", "Season"):
        assert (row[heading].value, row[heading].data_type) == (name, "s")
        assert row[heading].hyperlink is None


def test_what_is_withheld_says_so():
    (row,) = cells(opened([plm(share=None, low=None, high=None)])["Colors"])
    assert (row["Share"].value, row["Low"].value) == ("withheld", None)


def test_headings_are_in_the_report_s_language():
    sheet = opened([plm(share=None)], Chinese())["颜色"]
    (row,) = cells(sheet)
    assert (row["Group"].value, row["Share"].value) == ("热门色", "不公开")


def test_without_colors_the_sheet_says_so():
    assert opened([])["Colors"]["B2"].value == "No color to show"
