"""The columns of a line plan, and the CSV file that holds them."""

import csv
import io
from collections.abc import Sequence

from trendcolor.report.swatches.swatch import PlmSwatch

COLUMNS = (
    *("code", "name", "name_zh", "family", "shade", "pattern", "season", "group"),
    *("red", "green", "blue", "l", "a", "b", "white", "share", "low", "high"),
)
# A cell that begins with one of these is a formula to a spreadsheet (OWASP, "CSV Injection"); the
# wide forms are for those with a Japanese or Chinese keyboard.
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001  # meant


def csv_bytes(swatches: Sequence[PlmSwatch]) -> bytes:
    """The colors as CSV: UTF-8 with a byte order mark, commas, lines that end in CRLF (RFC 4180).

    With the mark, Excel shows Chinese; `color/swatches/` reads the file with or without it. Column
    names are English in each language, because product systems map them.

    Args:
        swatches: As `tidy` leaves them.

    Guarantees, each held by tests/test_report_swatches_table.py:
        No cell is a formula, and codes stay as they are. `read_swatches` gives each name and 8-bit
        RGB back.
    """
    file = io.StringIO(newline="")
    rows = csv.writer(file, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    rows.writerows(_cells(swatch) for swatch in swatches)
    return file.getvalue().encode("utf-8-sig")


def _cells(swatch: PlmSwatch) -> list[str]:
    shares = ("" if v is None else f"{v:.4f}" for v in (swatch.share, swatch.low, swatch.high))
    return [
        swatch.code,
        _guarded(swatch.name),
        _guarded(swatch.name_zh),
        swatch.family,
        swatch.hex,
        swatch.pattern,
        _guarded(swatch.season),
        swatch.group,
        *map(str, swatch.rgb),
        *(f"{value:.2f}" for value in swatch.lab),
        "D65",
        *shares,
    ]


def _guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: with an apostrophe where it would be one."""
    return f"'{text}" if text.startswith(_FORMULA_MARKS) else text
