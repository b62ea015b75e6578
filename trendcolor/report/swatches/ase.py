"""Adobe Swatch Exchange (.ase): each group of colors as Lab and as RGB.

The format is not published; these are the blocks that Adobe's programs write, and that
`color/swatches/` reads. Lab under D50, as those programs take it, says the same color whatever
working space a program has; RGB has no profile there and is read in that space.
"""

import struct
from collections.abc import Sequence

import numpy as np

from trendcolor.color.adaptation import lab_d65_to_d50
from trendcolor.report.swatches.swatch import GROUPS, PlmSwatch, by_group, unique
from trendcolor.report.swatches.wording import Wording

_COLOR, _GROUP, _GROUP_END = 0x0001, 0xC001, 0xC002
# Global, not normal: who edits the swatch edits all that is painted with it, which is what a
# season's color is for. Not spot (1), though Illustrator keeps Lab for those only: a press would
# print each as an ink of its own, which nobody asked for.
_GLOBAL = 0


def ase_bytes(swatches: Sequence[PlmSwatch], wording: Wording) -> bytes:
    """The colors as an ASE file: for each group first its Lab swatches, then its RGB ones.

    Args:
        swatches: As `tidy` leaves them.
        wording: Language of names and headings.

    Guarantees, each held by tests/test_report_swatches_ase.py:
        Lab under D50 comes back within the error of a 32-bit float, 8-bit RGB exactly. No two
        swatches have one name.
    """
    # Unique, also between Lab and RGB, because a program that has a global swatch of a name asks
    # which one to keep.
    names = [swatch.title(wording) for swatch in swatches]
    names = unique([*names, *(f"{name} (RGB)" for name in unique(names))])
    lab_names, rgb_names = iter(names[: len(swatches)]), iter(names[len(swatches) :])
    blocks: list[bytes] = []
    for group, members in by_group(swatches).items():
        heading = wording.text(GROUPS[group])
        lab = [_color(next(lab_names), b"LAB ", _stored_lab(s)) for s in members]
        rgb = [_color(next(rgb_names), b"RGB ", [v / 255 for v in s.rgb]) for s in members]
        blocks += [*_group(f"{heading} (Lab)", lab), *_group(f"{heading} (RGB)", rgb)]
    if not swatches:
        blocks = _group(wording.text("No color to show"), [])
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks)


def _stored_lab(swatch: PlmSwatch) -> list[float]:
    """Lab under D50 as a file holds it: L* in 0..1."""
    lightness, a, b = lab_d65_to_d50(np.array(swatch.lab, np.float64))
    return [float(np.clip(lightness / 100, 0, 1)), float(a), float(b)]


def _group(name: str, colors: Sequence[bytes]) -> list[bytes]:
    return [_block(_GROUP, _name(name)), *colors, _block(_GROUP_END, b"")]


def _color(name: str, model: bytes, values: Sequence[float]) -> bytes:
    return _block(_COLOR, _name(name) + model + struct.pack(">3fH", *values, _GLOBAL))


def _block(kind: int, body: bytes) -> bytes:
    return struct.pack(">HI", kind, len(body)) + body


def _name(name: str) -> bytes:
    """The number of 16-bit units with the closing zero, then the units."""
    units = (name + "\0").encode("utf-16-be")
    return struct.pack(">H", len(units) // 2) + units
