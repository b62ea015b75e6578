"""Custom properties of CSS: `--tc-faded-black: #2a2a30;`."""

from collections.abc import Sequence

from trendcolor.report.swatches.swatch import GROUPS, PlmSwatch, by_group, identifiers
from trendcolor.report.swatches.wording import Wording


def css_text(swatches: Sequence[PlmSwatch], wording: Wording, title: str) -> str:
    """The colors as a style sheet, to be stored as UTF-8.

    Args:
        swatches: As `tidy` leaves them.
        wording: Language of the comments.
        title: One line.

    Guarantees, each held by tests/test_report_swatches_css.py:
        Each color has a property of its own, whose name is a valid identifier in ASCII.
    """
    names = iter(identifiers(swatches))
    lines = ['@charset "UTF-8";', _comment(title), ":root {"]
    for group, members in by_group(swatches).items():
        lines.append(f"  {_comment(wording.text(GROUPS[group]))}")
        for swatch in members:
            told = (swatch.title(wording), swatch.subtitle(wording), swatch.share_text(wording))
            comment = _comment(", ".join(filter(None, told)))
            lines.append(f"  --tc-{next(names)}: {swatch.hex}; {comment}")
    if not swatches:
        lines.append(f"  {_comment(wording.text('No color to show'))}")
    return "\n".join([*lines, "}"]) + "\n"


def _comment(text: str) -> str:
    """A comment that its own text can't end."""
    return f"/* {text.replace('*/', '* /')} */"
