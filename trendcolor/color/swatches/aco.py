"""Photoshop's color swatches (.aco), of version 1 (without names) and 2.

The layout and the numbers' ranges are those of Adobe's "Photoshop File Formats Specification",
chapters "Color swatches" and "Color space IDs".
"""

import colorsys
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trendcolor.color.swatches.swatch import (
    Swatch,
    lab_of_srgb,
    lab_under_d65,
    refused_cmyk,
    told,
)
from trendcolor.errors import VocabularyError

_RGB, _HSB, _CMYK, _LAB, _GRAY = 0, 1, 2, 7, 8
_WIDE_CMYK = 9  # of old files; not in the specification
# Ink systems, whose numbers only Photoshop can read.
_BOOKS: Mapping[int, str] = {3: "Pantone", 4: "Focoltone", 5: "Trumatch", 6: "Toyo", 10: "HKS"}
_FULL = 65535  # of red, green, blue, hue, saturation and brightness
_FULL_GRAY = 10000
_HEADER, _ENTRY = 4, 10  # bytes


@dataclass(frozen=True, slots=True)
class _Section:
    """The colors of one version."""

    version: int
    swatches: list[Swatch]
    end: int  # byte after it


def read_aco(path: Path, content: bytes) -> list[Swatch]:
    """The swatches of an ACO file: those of version 2 where it has them.

    Colors of version 1 have no names and are called by their RGB in hex.

    Args:
        path: The file, for messages.
        content: Its bytes.

    Raises:
        VocabularyError: the file is damaged, or has a color that is none; the message names the
            place.
    """
    section = _section(path, content, 0)
    # The first section may be alone; a byte or two may follow it, which older versions left.
    if section.version == 1 and len(content) >= section.end + _HEADER:
        section = _section(path, content, section.end)
    return section.swatches


def _section(path: Path, content: bytes, start: int) -> _Section:
    if len(content) < start + _HEADER:
        raise VocabularyError(f"{path}: truncated at byte {len(content)}, in its header")
    version, n_colors = struct.unpack_from(">HH", content, start)
    wanted = (1, 2) if start == 0 else (2,)
    if version not in wanted:
        raise VocabularyError(
            f"{path}: byte {start}: is of version {version}, wanted "
            f"{' or '.join(map(str, wanted))} (not a file of Photoshop's swatches?)"
        )
    swatches, place = [], start + _HEADER
    for number in range(1, n_colors + 1):
        where = f"color {number} of {n_colors}, byte {place}"
        name, end = "", place + _ENTRY
        if version == 2:
            name, end = _name(path, content, end, where)
        if len(content) < end:
            raise VocabularyError(f"{path}: truncated at byte {len(content)}, in {where}")
        space, *numbers = struct.unpack_from(">5H", content, place)
        try:
            swatches.append(_swatch(name, space, numbers))
        except VocabularyError as fault:
            raise VocabularyError(f"{path}: {where}: {fault}") from fault
        place = end
    return _Section(version, swatches, place)


def _name(path: Path, content: bytes, start: int, where: str) -> tuple[str, int]:
    """A name, which ends with a zero, and the byte after it."""
    n_units = int.from_bytes(content[start : start + 4], "big")
    end = start + 4 + 2 * n_units
    if len(content) < max(end, start + 4):
        raise VocabularyError(f"{path}: truncated at byte {len(content)}, in {where}")
    try:
        text = content[start + 4 : end].decode("utf-16-be")
    except UnicodeDecodeError as cause:
        raise VocabularyError(f"{path}: {where}: its name is not UTF-16") from cause
    return text.split("\0")[0].strip(), end


def _swatch(name: str, space: int, numbers: Sequence[int]) -> Swatch:
    shown = name or "a color without a name"
    if space in (_CMYK, _WIDE_CMYK):
        raise refused_cmyk(shown)
    if space in _BOOKS:
        raise VocabularyError(
            f"'{shown}' is of the {_BOOKS[space]} system, whose numbers only Photoshop can read "
            "(save the swatches as Lab or RGB)"
        )
    if space == _LAB:
        lightness, a, b = numbers[0], _signed(numbers[1]), _signed(numbers[2])
        lab = lab_under_d65(shown, (lightness / 100, a / 100, b / 100), "D50")
        return Swatch(name=name or f"Lab {told((lightness / 100, a / 100, b / 100))}", lab=lab)
    rgb = _rgb(shown, space, numbers)
    eight_bit = "".join(f"{round(255 * value):02x}" for value in rgb)
    return Swatch(name=name or f"#{eight_bit}", lab=lab_of_srgb(rgb))


def _rgb(name: str, space: int, numbers: Sequence[int]) -> Sequence[float]:
    """Red, green and blue in 0..1."""
    first, second, third = (value / _FULL for value in numbers[:3])
    if space == _RGB:
        return first, second, third
    if space == _HSB:
        return colorsys.hsv_to_rgb(first, second, third)
    if space != _GRAY:
        raise VocabularyError(f"'{name}' is of the unknown color space {space}")
    if numbers[0] > _FULL_GRAY:
        raise VocabularyError(f"'{name}' has the gray {numbers[0]}, wanted 0 to {_FULL_GRAY}")
    # The specification doesn't say which end is black. It is ink, as on Photoshop's gray slider:
    # so GIMP and Scribus read it.
    return (1 - numbers[0] / _FULL_GRAY,) * 3


def _signed(value: int) -> int:
    return value - 65536 if value >= 32768 else value
