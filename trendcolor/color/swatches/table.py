"""Tables of swatches (.csv): rows with a name and a color."""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from trendcolor.color.swatches.faults import refuse_faults
from trendcolor.color.swatches.swatch import Lab, Swatch, lab_of_srgb, lab_under_d65, told
from trendcolor.errors import VocabularyError, did_you_mean

_RGB, _HEX, _LAB = ("red", "green", "blue"), ("hex",), ("l", "a", "b")
_COLUMNS = ("name", "code", "family", "white", *_RGB, *_HEX, *_LAB)


def read_csv(path: Path, content: bytes) -> list[Swatch]:
    """Rows with `name` and a color: `red,green,blue`, `hex` or `L,a,b`.

    Args:
        path: The file, for messages.
        content: Its bytes.

    Raises:
        VocabularyError: the table or its rows have faults; all of them are told, with their lines.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise VocabularyError(f"{path}: byte {cause.start} is not UTF-8 (save as UTF-8)") from cause
    head = text.partition("\n")[0]
    delimiter = next((mark for mark in ",;\t" if mark in head), ",")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    swatches, faults = [], []
    try:
        columns = _columns(next(rows, []))
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            try:
                swatches.append(_swatch(columns, cells))
            except VocabularyError as fault:
                faults.append(f"line {rows.line_num}: {fault}")
    except (csv.Error, VocabularyError) as cause:
        raise VocabularyError(f"{path}: line {max(rows.line_num, 1)}: {cause}") from cause
    refuse_faults(path, faults)
    return swatches


def _columns(cells: Sequence[str]) -> list[str]:
    """The names of the columns, in lower case, after a look at whether they tell colors."""
    columns = [cell.strip().lower() for cell in cells]
    if "name" not in columns:
        near = did_you_mean("name", columns) if any(columns) else ""
        raise VocabularyError(f"no column 'name'{near}")
    if not any({*names} <= {*columns} for names in (_RGB, _HEX, _LAB)):
        raise VocabularyError(
            f"no colors among the columns {', '.join(columns)} "
            "(wanted red,green,blue or hex or L,a,b)"
        )
    for column in _COLUMNS:
        if columns.count(column) > 1:
            raise VocabularyError(f"column '{column}' is there twice")
    return columns


def _swatch(columns: Sequence[str], cells: Sequence[str]) -> Swatch:
    if len(cells) != len(columns):
        raise VocabularyError(f"has {len(cells)} cells, wanted {len(columns)}")
    row = {column: _unguarded(cell) for column, cell in zip(columns, cells, strict=True)}
    if not row["name"]:
        raise VocabularyError("has no name")
    return Swatch(
        name=row["name"],
        lab=_lab(row),
        code=row.get("code") or None,
        family=row.get("family", "").lower() or None,
    )


def _unguarded(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    text = cell.strip()
    return text[1:] if re.match("'[=+\\-@\uff1d\uff0b\uff0d\uff20]", text) else text


def _lab(row: Mapping[str, str]) -> Lab:
    """A row's color under D65; Lab is the finest, so it comes before RGB where both are there."""
    name = row["name"]
    if all(row.get(column) for column in _LAB):
        white = row.get("white", "").upper() or "D50"
        if white not in ("D50", "D65"):
            raise VocabularyError(f"'{name}' has the white '{white}', wanted D50 or D65")
        return lab_under_d65(name, [_number(name, row[column]) for column in _LAB], white)
    if row.get("hex"):
        if not re.fullmatch(r"#?[0-9a-fA-F]{6}", row["hex"]):
            raise VocabularyError(f"'{name}' has the hex '{row['hex']}', wanted \"#161418\"")
        rgb8: list[float] = [*bytes.fromhex(row["hex"].removeprefix("#"))]
    elif all(row.get(column) for column in _RGB):
        rgb8 = [_number(name, row[column]) for column in _RGB]
    else:
        raise VocabularyError(f"'{name}' has no color")
    if not all(0 <= value <= 255 for value in rgb8):
        raise VocabularyError(f"'{name}' has the RGB {told(rgb8)}, wanted numbers of 0 to 255")
    return lab_of_srgb([value / 255 for value in rgb8])


def _number(name: str, text: str) -> float:
    """A cell's number; a decimal comma is one too, for tables whose cells a comma can't part."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise VocabularyError(f"'{name}' has '{text}' where a number belongs")
    return value
