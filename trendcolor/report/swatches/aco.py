"""Photoshop's color swatches (.aco): version 1 without names, then version 2 with them.

The layout is that of Adobe's "Photoshop File Formats Specification", chapter "Color swatches".
All swatches are RGB: of the readers that aren't Adobe's, some take Lab in this format otherwise
than the specification says, and some not at all. Lab is in the ASE file.
"""

import struct
from collections.abc import Sequence

from trendcolor.report.swatches.swatch import PlmSwatch, unique
from trendcolor.report.swatches.wording import Wording

_RGB = 0  # the color space's number
_16_OF_8_BIT = 257  # 255 becomes 65535


def aco_bytes(swatches: Sequence[PlmSwatch], wording: Wording) -> bytes:
    """The colors as an ACO file; both versions hold all of them.

    Args:
        swatches: As `tidy` leaves them.
        wording: Language of the names.

    Guarantees, each held by tests/test_report_swatches_aco.py:
        8-bit RGB comes back exactly from both versions.
    """
    colors = [
        struct.pack(">5H", _RGB, *(value * _16_OF_8_BIT for value in swatch.rgb), 0)
        for swatch in swatches
    ]
    names = unique(swatch.title(wording) for swatch in swatches)
    named = [color + _name(name) for color, name in zip(colors, names, strict=True)]
    first = struct.pack(">HH", 1, len(colors)) + b"".join(colors)
    return first + struct.pack(">HH", 2, len(named)) + b"".join(named)


def _name(name: str) -> bytes:
    """The number of 16-bit units with the closing zero, then the units."""
    units = (name + "\0").encode("utf-16-be")
    return struct.pack(">I", len(units) // 2) + units
