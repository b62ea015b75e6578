"""GIMP's palettes (.gpl): lines of red, green, blue and a name.

The format is that of developer.gimp.org, "GIMP Palette Format", in its old variant too.
"""

import re
from pathlib import Path

from trendcolor.color.swatches.faults import refuse_faults
from trendcolor.color.swatches.swatch import Swatch, lab_of_srgb, told
from trendcolor.errors import VocabularyError

_MAGIC = "GIMP Palette"
_HEADERS = ("Name:", "Columns:")
_COLOR = re.compile(r"([0-9]{1,9})\s+([0-9]{1,9})\s+([0-9]{1,9})(?:\s+(.*))?")


def read_gpl(path: Path, content: bytes) -> list[Swatch]:
    """The swatches of a GIMP palette; one without a name is called by its RGB in hex.

    Args:
        path: The file, for messages.
        content: Its bytes.

    Raises:
        VocabularyError: the file is no palette, or has lines that are no colors; all of them are
            told, with their numbers.
    """
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as cause:
        raise VocabularyError(f"{path}: byte {cause.start} is not UTF-8 (save as UTF-8)") from cause
    if lines[0].strip() != _MAGIC:
        raise VocabularyError(
            f"{path}: not a GIMP palette (begins with {lines[0][:40]!r}, wanted '{_MAGIC}')"
        )
    swatches, faults = [], []
    for number, line in enumerate(lines[1:], 2):
        is_header = number <= 1 + len(_HEADERS) and line.startswith(_HEADERS)
        if is_header or line.startswith("#") or not line.strip():
            continue
        try:
            swatches.append(_swatch(line))
        except VocabularyError as fault:
            faults.append(f"line {number}: {fault}")
    refuse_faults(path, faults)
    return swatches


def _swatch(line: str) -> Swatch:
    found = _COLOR.fullmatch(line.strip())
    if found is None:
        raise VocabularyError(f"'{line.strip()[:40]}' is no color, wanted '22 20 24 Noir'")
    rgb8 = [int(value) for value in found.groups()[:3]]
    name = (found[4] or "").strip() or "#" + "".join(f"{value:02x}" for value in rgb8)
    if max(rgb8) > 255:
        raise VocabularyError(f"'{name}' has the RGB {told(rgb8)}, wanted numbers of 0 to 255")
    return Swatch(name=name, lab=lab_of_srgb([value / 255 for value in rgb8]))
