"""The line plan as an Excel workbook: a sheet of colors, and one that explains it."""

import datetime
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from trendcolor.report.swatches.swatch import GROUPS, PlmSwatch
from trendcolor.report.swatches.wording import Wording

# A workbook has a date of creation. A fixed one, so that the same colors give the same bytes.
_CREATED = datetime.datetime(2000, 1, 1)
_HEADER = {"bold": True, "font_color": "#ffffff", "bg_color": "#333333", "valign": "vcenter"}
_ROW_HEIGHT = 24  # points
_SHARE_FORMAT, _LAB_FORMAT = "0.0%", "0.00"
_FROZEN_COLUMNS = 3  # swatch, code and name

_ABOUT = (
    ("Color", "The cell is filled with the exact RGB; the text on it is the same in hex."),
    ("Code", "Of this report. The same color has the same code in each file of it."),
    ("Red, green, blue", "8-bit sRGB, 0 to 255."),
    ("L*, a*, b*", "CIE L*a*b* under D65 for the CIE 1931 observer; L* is 0 to 100."),
    ("Share", "Of garments, counted by their main color."),
    ("Low, high", "The interval of the share: how sure the share is, at the report's confidence."),
    ("withheld", "The figure rests on too few sources to be passed on."),
    ("Pattern", "How the garments of this color mostly are: solid, pattern or mixed."),
    ("Season", "The period that the color is of; empty where none is declared."),
)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the sheet: what its cells hold."""

    heading: str
    width: float  # in characters
    cell: Callable[[PlmSwatch, Wording], str | float | None]
    number_format: str = ""


def _told(pattern: str, wording: Wording) -> str:
    """A pattern in the language; empty where it may not be told."""
    return wording.text(pattern) if pattern else ""


_COLUMNS = (
    _Column("Color", 11, lambda swatch, _: swatch.hex.upper()),
    _Column("Code", 13, lambda swatch, _: swatch.code),
    _Column("Name", 24, lambda swatch, _: swatch.name),
    _Column("Chinese name", 16, lambda swatch, _: swatch.name_zh),
    _Column("Family", 11, lambda swatch, wording: wording.family(swatch.family)),
    _Column("Shade", 11, lambda swatch, _: swatch.hex),
    _Column(
        "Pattern",
        11,
        lambda swatch, wording: wording.text(swatch.pattern) if swatch.pattern else "",
    ),
    _Column("Season", 16, lambda swatch, _: swatch.season),
    _Column("Group", 17, lambda swatch, wording: wording.text(GROUPS[swatch.group])),
    _Column("Red", 8, lambda swatch, _: swatch.rgb[0]),
    _Column("Green", 8, lambda swatch, _: swatch.rgb[1]),
    _Column("Blue", 8, lambda swatch, _: swatch.rgb[2]),
    _Column("L*", 9, lambda swatch, _: round(swatch.lab[0], 4), _LAB_FORMAT),
    _Column("a*", 9, lambda swatch, _: round(swatch.lab[1], 4), _LAB_FORMAT),
    _Column("b*", 9, lambda swatch, _: round(swatch.lab[2], 4), _LAB_FORMAT),
    _Column("White", 9, lambda *_: "D65"),
    _Column("Share", 11, lambda swatch, wording: _share(swatch, wording), _SHARE_FORMAT),
    _Column("Low", 10, lambda swatch, _: swatch.low, _SHARE_FORMAT),
    _Column("High", 10, lambda swatch, _: swatch.high, _SHARE_FORMAT),
)


def _share(swatch: PlmSwatch, wording: Wording) -> str | float:
    return wording.text("withheld") if swatch.share is None else swatch.share


def xlsx_bytes(swatches: Sequence[PlmSwatch], wording: Wording, title: str) -> bytes:
    """The colors as a workbook with the sheets Colors and About.

    Args:
        swatches: As `tidy` leaves them.
        wording: Language of headings and explanations.
        title: The workbook's title, one line.

    Guarantees, each held by tests/test_report_swatches_workbook.py:
        Fills are the exact RGB. Text is text, never a formula or a link.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties(
            {
                "title": title,
                "subject": wording.text("Colors"),
                "author": "trendcolor",
                "created": _CREATED,
            }
        )
        _fill_colors(book, swatches, wording)
        _fill_about(book, wording, title)
    return file.getvalue()


def _fill_colors(book: Workbook, swatches: Sequence[PlmSwatch], wording: Wording) -> None:
    sheet = book.add_worksheet(wording.text("Colors"))
    header, formats = book.add_format(_HEADER), _formats(book)
    for place, column in enumerate(_COLUMNS):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, wording.text(column.heading), header)
    for row, swatch in enumerate(swatches, 1):
        sheet.set_row(row, _ROW_HEIGHT)
        for place, column in enumerate(_COLUMNS):
            _write(sheet, row, place, column.cell(swatch, wording), formats[column.number_format])
        sheet.write_string(row, 0, swatch.hex.upper(), _filled(book, swatch))
    if not swatches:
        sheet.write_string(1, 1, wording.text("No color to show"))
    sheet.set_row(0, _ROW_HEIGHT)
    sheet.freeze_panes(1, _FROZEN_COLUMNS)
    sheet.autofilter(0, 0, max(len(swatches), 1), len(_COLUMNS) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _formats(book: Workbook) -> Mapping[str, Format]:
    """The format of a cell by that of its number."""
    numbers = dict.fromkeys(column.number_format for column in _COLUMNS)
    return {
        number: book.add_format({"valign": "vcenter", **({"num_format": number} if number else {})})
        for number in numbers
    }


def _filled(book: Workbook, swatch: PlmSwatch) -> Format:
    return book.add_format(
        {
            "bg_color": swatch.hex,
            "font_color": swatch.ink,
            "align": "center",
            "valign": "vcenter",
        }
    )


def _write(
    sheet: Worksheet, row: int, column: int, value: str | float | None, style: Format
) -> None:
    """A cell as what it is: text stays text, whatever it begins with."""
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)


def _fill_about(book: Workbook, wording: Wording, title: str) -> None:
    sheet = book.add_worksheet(wording.text("About"))
    large = book.add_format({"bold": True, "font_size": 16})
    strong = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 84)
    sheet.write_string(0, 0, title, large)
    for row, (term, meaning) in enumerate(_ABOUT, 2):
        sheet.write_string(row, 0, wording.text(term), strong)
        sheet.write_string(row, 1, wording.text(meaning), wrapped)
