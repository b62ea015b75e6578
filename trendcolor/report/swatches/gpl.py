"""GIMP's palettes (.gpl), version 2: lines of red, green, blue and a name.

The format is that of developer.gimp.org, "GIMP Palette Format". Its RGB is sRGB.
"""

from collections.abc import Sequence

from trendcolor.report.swatches.swatch import GROUPS, PlmSwatch, by_group, unique
from trendcolor.report.swatches.wording import Wording

_COLUMNS = 5  # how wide a program shows the palette


def gpl_text(swatches: Sequence[PlmSwatch], wording: Wording, title: str) -> str:
    """The colors as a GIMP palette, to be stored as UTF-8.

    Args:
        swatches: As `tidy` leaves them.
        wording: Language of names and headings.
        title: The palette's name, one line.

    Guarantees, each held by tests/test_report_swatches_gpl.py:
        8-bit RGB and names come back as they are.
    """
    names = iter(unique(swatch.title(wording) for swatch in swatches))
    lines = ["GIMP Palette", f"Name: {title}", f"Columns: {_COLUMNS}"]
    for group, members in by_group(swatches).items():
        lines.append(f"# {wording.text(GROUPS[group])}")
        lines += [f"{_numbers(s)}\t{next(names)}" for s in members]
    if not swatches:
        lines.append(f"# {wording.text('No color to show')}")
    return "\n".join(lines) + "\n"


def _numbers(swatch: PlmSwatch) -> str:
    return " ".join(f"{value:3d}" for value in swatch.rgb)
