"""Swatch files of designers' tools: Adobe Swatch Exchange (.ase) and CSV.

A file's colors come back under D65. Lab values of an ASE file are under D50, as Adobe's programs
and spectrophotometers for print give them, and so are those of a CSV file that doesn't say D65.
RGB and gray values are taken for sRGB, since an ASE file names no profile. CMYK has no color
without a printer's profile, and is refused.
"""

import csv
import io
import math
import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trendcolor.color.adaptation import lab_d50_to_d65
from trendcolor.color.spaces import FloatArray, decoded, linear_to_lab
from trendcolor.errors import VocabularyError, did_you_mean

_MAX_BYTES = 64 * 2**20  # a file of 100,000 swatches has 8 MB
_MAX_FAULTS = 10  # told of one file

# Block types of an ASE file, its color models, and how many numbers each has.
_ASE_COLOR, _ASE_GROUP, _ASE_GROUP_END = 0x0001, 0xC001, 0xC002
_ASE_NUMBERS = {b"RGB ": 3, b"LAB ": 3, b"GRAY": 1, b"CMYK": 4}

_RGB, _HEX, _LAB = ("red", "green", "blue"), ("hex",), ("l", "a", "b")
_CSV_COLUMNS = ("name", "code", "family", "white", *_RGB, *_HEX, *_LAB)


@dataclass(frozen=True, slots=True)
class Swatch:
    """One named color of a swatch file."""

    name: str
    lab: tuple[float, float, float]  # CIE L*a*b*, D65
    code: str | None = None
    family: str | None = None  # as the file says it; None where it doesn't


def read_swatches(path: Path) -> list[Swatch]:
    """The swatches of an .ase or .csv file, in its order; those that it repeats come once.

    Raises:
        VocabularyError: the file is missing, of another kind, damaged, or holds what has no color;
            the message names the place.
    """
    readers: Mapping[str, Callable[[Path, bytes], list[Swatch]]] = {
        ".ase": _read_ase,
        ".csv": _read_csv,
    }
    if path.suffix.lower() not in readers:
        raise VocabularyError(f"{path}: not a swatch file by its name (wanted .ase or .csv)")
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise VocabularyError(f"{path}: larger than {_MAX_BYTES // 2**20} MB")
        content = path.read_bytes()
    except FileNotFoundError as cause:
        raise VocabularyError(f"{path}: no such file") from cause
    except OSError as cause:
        raise VocabularyError(f"{path}: can't be read ({cause.strerror or cause})") from cause
    swatches = list(dict.fromkeys(readers[path.suffix.lower()](path, content)))
    if not swatches:
        raise VocabularyError(f"{path}: holds no swatch")
    return swatches


def _read_ase(path: Path, content: bytes) -> list[Swatch]:
    if content[:4] != b"ASEF":
        raise VocabularyError(
            f"{path}: not an Adobe Swatch Exchange file (begins with {content[:4]!r}, "
            "wanted b'ASEF')"
        )
    if len(content) < 12:
        raise VocabularyError(f"{path}: truncated at byte {len(content)}, in its header")
    major, minor, n_blocks = struct.unpack(">HHI", content[4:12])
    if major != 1:
        raise VocabularyError(f"{path}: is of version {major}.{minor}, wanted 1.0")
    return list(_ase_swatches(path, content, n_blocks))


def _ase_swatches(path: Path, content: bytes, n_blocks: int) -> Iterator[Swatch]:
    """The colors of all groups; groups themselves are dropped."""
    place = 12
    for block in range(1, n_blocks + 1):
        where = f"block {block} of {n_blocks}, byte {place}"
        if place + 6 > len(content):
            raise VocabularyError(f"{path}: truncated at byte {len(content)}, before {where}")
        kind, length = struct.unpack_from(">HI", content, place)
        body = content[place + 6 : place + 6 + length]
        if len(body) < length:
            raise VocabularyError(
                f"{path}: truncated at byte {len(content)}, in {where}, which claims {length} bytes"
            )
        if kind == _ASE_COLOR:
            try:
                yield _ase_color(body)
            except VocabularyError as fault:
                raise VocabularyError(f"{path}: {where}: {fault}") from fault
        elif kind not in (_ASE_GROUP, _ASE_GROUP_END):
            raise VocabularyError(f"{path}: {where}: unknown type {kind:#06x}")
        place += 6 + length


def _ase_color(body: bytes) -> Swatch:
    n_letters = int.from_bytes(body[:2], "big")
    model_at = 2 + 2 * n_letters
    model = body[model_at : model_at + 4]
    if len(body) < 2 or len(model) < 4:
        raise VocabularyError("its name is longer than the block")
    try:
        name = body[2:model_at].decode("utf-16-be").split("\0")[0].strip()
    except UnicodeDecodeError as cause:
        raise VocabularyError("its name is not UTF-16") from cause
    if not name:
        raise VocabularyError("it has no name")
    n_numbers = _ASE_NUMBERS.get(model.upper())
    if n_numbers is None:
        raise VocabularyError(f"'{name}' is of the unknown color model {model!r}")
    if model == b"CMYK":
        raise VocabularyError(
            f"'{name}' is CMYK, which has no color without a printer's profile "
            "(save the swatches as Lab or RGB)"
        )
    if len(body) < model_at + 4 + 4 * n_numbers:
        raise VocabularyError(f"'{name}' has too few numbers for {model.decode()}")
    numbers = struct.unpack_from(f">{n_numbers}f", body, model_at + 4)
    return Swatch(name=name, lab=_ase_lab(name, model.upper(), numbers))


def _ase_lab(name: str, model: bytes, numbers: Sequence[float]) -> tuple[float, float, float]:
    """Numbers of an ASE block as Lab under D65; L* is in 0..1 there."""
    if model == b"LAB ":
        lightness, a, b = numbers
        return _lab_d65(name, (100 * lightness, a, b), "D50")
    rgb = [*numbers] * 3 if len(numbers) == 1 else [*numbers]
    if not all(0 <= value <= 1 for value in rgb):
        raise VocabularyError(f"'{name}' has {_told(numbers)}, wanted numbers of 0 to 1")
    return _as_tuple(linear_to_lab(decoded(np.array(rgb, np.float64))))


def _lab_d65(name: str, lab: Sequence[float], white: str) -> tuple[float, float, float]:
    lightness, a, b = lab
    # Negated, so that what is no number is refused too.
    if not (0 <= lightness <= 100 and abs(a) <= 200 and abs(b) <= 200):
        raise VocabularyError(
            f"'{name}' has the Lab {_told(lab)}, wanted L* of 0 to 100, a* and b* of -200 to 200"
        )
    values = np.array(lab, np.float64)
    return _as_tuple(lab_d50_to_d65(values) if white == "D50" else values)


def _told(numbers: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in numbers)


def _as_tuple(lab: FloatArray) -> tuple[float, float, float]:
    return float(lab[0]), float(lab[1]), float(lab[2])


def _read_csv(path: Path, content: bytes) -> list[Swatch]:
    """Rows with `name` and a color: `red,green,blue`, `hex` or `L,a,b`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise VocabularyError(f"{path}: byte {cause.start} is not UTF-8 (save as UTF-8)") from cause
    head = text.partition("\n")[0]
    delimiter = next((mark for mark in ",;\t" if mark in head), ",")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    swatches, faults = [], []
    try:
        columns = _csv_columns(next(rows, []))
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            try:
                swatches.append(_csv_swatch(columns, cells))
            except VocabularyError as fault:
                faults.append(f"line {rows.line_num}: {fault}")
    except (csv.Error, VocabularyError) as cause:
        raise VocabularyError(f"{path}: line {max(rows.line_num, 1)}: {cause}") from cause
    if faults:
        more = len(faults) - _MAX_FAULTS
        told = [*faults[:_MAX_FAULTS], *([f"and {more} more"] if more > 0 else [])]
        raise VocabularyError(f"{path}: " + "\n  ".join(told))
    return swatches


def _csv_columns(cells: Sequence[str]) -> list[str]:
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
    for column in _CSV_COLUMNS:
        if columns.count(column) > 1:
            raise VocabularyError(f"column '{column}' is there twice")
    return columns


def _csv_swatch(columns: Sequence[str], cells: Sequence[str]) -> Swatch:
    if len(cells) != len(columns):
        raise VocabularyError(f"has {len(cells)} cells, wanted {len(columns)}")
    row = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
    if not row["name"]:
        raise VocabularyError("has no name")
    return Swatch(
        name=row["name"],
        lab=_csv_lab(row),
        code=row.get("code") or None,
        family=row.get("family", "").lower() or None,
    )


def _csv_lab(row: Mapping[str, str]) -> tuple[float, float, float]:
    """A row's color under D65; Lab is the finest, so it comes before RGB where both are there."""
    name = row["name"]
    if all(row.get(column) for column in _LAB):
        white = row.get("white", "").upper() or "D50"
        if white not in ("D50", "D65"):
            raise VocabularyError(f"'{name}' has the white '{white}', wanted D50 or D65")
        return _lab_d65(name, [_number(name, row[column]) for column in _LAB], white)
    if row.get("hex"):
        if not re.fullmatch(r"#?[0-9a-fA-F]{6}", row["hex"]):
            raise VocabularyError(f"'{name}' has the hex '{row['hex']}', wanted \"#161418\"")
        rgb8: list[float] = [*bytes.fromhex(row["hex"].removeprefix("#"))]
    elif all(row.get(column) for column in _RGB):
        rgb8 = [_number(name, row[column]) for column in _RGB]
    else:
        raise VocabularyError(f"'{name}' has no color")
    if not all(0 <= value <= 255 for value in rgb8):
        raise VocabularyError(f"'{name}' has the RGB {_told(rgb8)}, wanted numbers of 0 to 255")
    return _as_tuple(linear_to_lab(decoded(np.array(rgb8, np.float64) / 255)))


def _number(name: str, text: str) -> float:
    """A cell's number; a decimal comma is one too, for tables whose cells a comma can't part."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise VocabularyError(f"'{name}' has '{text}' where a number belongs")
    return value
