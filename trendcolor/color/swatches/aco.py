"""Photoshop's color swatches (.aco), of version 1 (without names) and 2.

The layout and the numbers' ranges are those of Adobe's "Photoshop File Formats Specification",
chapters "Color swatches" and "Color space IDs".
"""

import colorsys
import struct
from collections.abc import Iterator, Mapping, Sequence
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
    if len(content) < _HEADER:
        raise VocabularyError(f"{path}: truncated at byte {len(content)}, in its header")
    version, n_colors = struct.unpack_from(">HH", content)
    start, end = 0, _HEADER + n_colors * _ENTRY
    # Version 1 may be alone, also with a byte after it.
    if version == 1 and len(content) >= end + _HEADER:
        start = end
        version, n_colors = struct.unpack_from(">HH", content, start)
    if version not in ((2,) if start else (1, 2)):
        raise VocabularyError(
            f"{path}: byte {start}: is of version {version}, wanted {'' if start else '1 or '}2 "
            "(not a file of Photoshop's swatches?)"
        )
    return list(_swatches(path, content[start:], start))


def _swatches(path: Path, section: bytes, start: int) -> Iterator[Swatch]:
    """The colors of one version, which starts at a byte of the file."""
    version, n_colors = struct.unpack_from(">HH", section)
    place = _HEADER
    for number in range(1, n_colors + 1):
        where = f"color {number} of {n_colors}, byte {start + place}"
        try:
            name, end = "", place + _ENTRY
            if version == 2:
                name, end = _name(section, end)
            if len(section) < end:
                raise VocabularyError(f"truncated at byte {start + len(section)}")
            space, *numbers = struct.unpack_from(">5H", section, place)
            yield _swatch(name, space, numbers)
        except VocabularyError as fault:
            raise VocabularyError(f"{path}: {where}: {fault}") from fault
        place = end


def _name(section: bytes, start: int) -> tuple[str, int]:
    """A name, which ends with a zero, and the byte after it."""
    n_units = int.from_bytes(section[start : start + 4], "big")
    end = start + 4 + 2 * n_units
    if len(section) < end:
        return "", end
    try:
        text = section[start + 4 : end].decode("utf-16-be")
    except UnicodeDecodeError as cause:
        raise VocabularyError("its name is not UTF-16") from cause
    return text.split("\0")[0].strip(), end


def _swatch(name: str, space: int, numbers: Sequence[int]) -> Swatch:
    shown = name or "(no name)"
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
