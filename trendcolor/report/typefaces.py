"""The fonts that documents are set in, and what is done with characters that none of them has.

Only fonts that ship with the package and those that a brand names are used, never those of the
machine: the same report is then the same file everywhere, and no font is embedded whose license
nobody has read.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import typst
from fontTools.ttLib import TTFont, TTLibError

from trendcolor.errors import ConfigError

FOLDER = Path(__file__).parent / "fonts"
LATIN, DISPLAY, CHINESE = "Inter", "Inter Display", "Noto Sans SC"

_SUFFIXES = (".ttf", ".otf")
# Bits of OS/2 fsType (OpenType 1.9): a font that may not be embedded, or only as a picture.
_RESTRICTED, _BITMAPS_ONLY = 0x0002, 0x0200
# Control, private use, surrogates: no font can say what these are.
_NAMELESS = frozenset({"Cc", "Co", "Cs"})
_SPACES = frozenset("\t\n\r\v\f\x85\u2028\u2029")


@dataclass(frozen=True, slots=True)
class FontFile:
    """A font's family, and the characters that it has."""

    path: Path
    family: str
    characters: frozenset[int]  # code points


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Typefaces:
    """The fonts of one document, and which characters they were found to lack."""

    files: tuple[FontFile, ...]  # those of the brand first
    families: tuple[str, ...]  # in the order to look for a character
    display: tuple[str, ...]  # the same, for headings
    missing: dict[str, None] = field(default_factory=dict)  # characters, in the order met

    def printable(self, text: str) -> str:
        """A text in which each character that no font has is its code: `[U+1F457]`.

        Line breaks and tabs become spaces. What was missing is kept in `missing`.
        """
        return "".join(self._printable(each) for each in text)

    def _printable(self, character: str) -> str:
        if character in _SPACES:
            return " "
        is_nameless = unicodedata.category(character) in _NAMELESS
        if not is_nameless and any(ord(character) in each.characters for each in self.files):
            return character
        self.missing.setdefault(character)
        return f"[U+{ord(character):04X}]"


def open_typefaces(own: Sequence[Path] = ()) -> Typefaces:
    """The package's fonts, after fonts of one's own.

    Args:
        own: Font files, TrueType or OpenType, to be looked in first.

    Raises:
        ConfigError: a file is missing, is no font, or is one that may not be embedded.

    Guarantees, each held by tests/test_report_typefaces.py:
        A text without missing characters stays as it is, but for its line breaks and tabs.
    """
    named = [_own_font(path) for path in own]
    shipped = [read_font(path) for path in sorted(FOLDER.glob("*.ttf"))]
    families = list(dict.fromkeys(each.family for each in named))
    return Typefaces(
        files=(*named, *shipped),
        families=(*families, LATIN, CHINESE),
        display=(*families, DISPLAY, LATIN, CHINESE),
    )


@cache
def read_font(path: Path) -> FontFile:
    """A font's family, as Typst calls it, and its characters.

    Raises:
        ConfigError: the file is no font, or one that may not be embedded.
    """
    try:
        with TTFont(BytesIO(path.read_bytes()), lazy=True) as font:
            characters = frozenset(font.getBestCmap() or ())
            rights = font["OS/2"].fsType if "OS/2" in font else 0
    except (TTLibError, KeyError, OSError) as cause:
        raise ConfigError(f"{path}: no TrueType or OpenType font ({cause})") from cause
    if rights & (_RESTRICTED | _BITMAPS_ONLY):
        raise ConfigError(f"{path}: the font says that it may not be embedded (OS/2 fsType)")
    with TemporaryDirectory(prefix="trendcolor-") as folder:
        copyfile(path, Path(folder) / path.name)
        found = [font.family for font in typst_fonts(folder).fonts()]
    if not found or not characters:
        raise ConfigError(f"{path}: the font has no name or no characters that can be used")
    return FontFile(path, found[0], characters)


def typst_fonts(folder: str) -> typst.Fonts:
    """The fonts of a folder, and no others."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )


def _own_font(path: Path) -> FontFile:
    if path.suffix.lower() not in _SUFFIXES:
        raise ConfigError(f"{path}: wanted a font file, .ttf or .otf (brand file, fonts)")
    if not path.is_file():
        raise ConfigError(f"{path}: no such font file (brand file, fonts)")
    return read_font(path)
