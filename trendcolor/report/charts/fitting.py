"""How much room a text takes, so that labels stand only where they fit."""

import unicodedata

# Widths in the font's size, of DejaVu Sans rounded: a page has the reader's own font, and this is
# the widest of those that systems take for plain text.
_NARROW, _PLAIN, _WIDE, _FULL = 0.35, 0.63, 0.95, 1.0
_NARROW_LETTERS = frozenset("ijlftrI.,:;'|!()[] -")
_WIDE_LETTERS = frozenset("mwMW%@=+<>×≥−")  # noqa: RUF001, signs as they are printed
_CAPITAL = 0.74
_BOLD = 1.1


def text_width(text: str, size: float, *, is_bold: bool = False) -> float:
    """About the width of a text, in pixels, in a plain sans-serif font of this size."""
    ems = sum(_letter_width(letter) for letter in text)
    return ems * size * (_BOLD if is_bold else 1)


def shortened(text: str, size: float, width: float) -> str:
    """A text that takes no more than a width in pixels: cut, with an ellipsis, where it must be."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def _letter_width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return _FULL
    if letter in _NARROW_LETTERS:
        return _NARROW
    if letter in _WIDE_LETTERS:
        return _WIDE
    return _CAPITAL if letter.isupper() else _PLAIN
