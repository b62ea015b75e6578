"""The fonts that documents are set in, and what is done with characters that none of them has.

Only fonts that ship with the package and those of a brand are used, never those of the machine:
the same report is then the same file everywhere, and no font is embedded whose license nobody has
read.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import typst
from fontTools.ttLib import TTFont

from trendcolor.errors import ConfigError
from trendcolor.report.brand import Brand, FontFace

FOLDER = Path(__file__).parent / "fonts"
LATIN, DISPLAY, CHINESE = "Inter", "Inter Display", "Noto Sans SC"

# Control, private use, surrogates: no font can say what these are.
_NAMELESS = frozenset({"Cc", "Co", "Cs"})
_SPACES = frozenset("\t\n\r\v\f\x85\u2028\u2029")


@dataclass(frozen=True, slots=True, eq=False)
class FontFile:
    """A font as Typst takes it: TrueType or OpenType."""

    content: bytes
    family: str  # as Typst calls it
    characters: frozenset[int]  # code points


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Typefaces:
    """The fonts of one document, and which characters they were found to lack."""

    files: tuple[FontFile, ...]
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


def open_typefaces(brand: Brand | None = None) -> Typefaces:
    """The package's fonts, after those of a brand.

    Args:
        brand: Its fonts are looked in first.

    Raises:
        ConfigError: Typst can't use a font of the brand.

    Guarantees, each held by tests/test_report_typefaces.py:
        A text without missing characters stays as it is, but for its line breaks and tabs.
    """
    text = [] if brand is None else [_own_font(face) for face in brand.text]
    display = [] if brand is None else [_own_font(face) for face in brand.display]
    return Typefaces(
        files=(*text, *display, *_shipped_fonts()),
        families=_families((*text, *display), LATIN, CHINESE),
        display=_families((*display, *text), DISPLAY, LATIN, CHINESE),
    )


def typst_fonts(folder: str) -> typst.Fonts:
    """The fonts of a folder, and no others."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )


def _families(own: Sequence[FontFile], *shipped: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(each.family for each in own), *shipped)))


@cache
def _shipped_fonts() -> tuple[FontFile, ...]:
    return tuple(_font(path.read_bytes(), path.name) for path in sorted(FOLDER.glob("*.ttf")))


def _own_font(face: FontFace) -> FontFile:
    """A brand's font; `read_brand` has checked that it is one, and that it may be embedded."""
    if face.format != "woff2":
        return _font(face.content, face.path.name)
    unpacked = BytesIO()
    with TTFont(BytesIO(face.content), recalcTimestamp=False, recalcBBoxes=False) as font:
        font.flavor = None
        font.save(unpacked, reorderTables=None)
    return _font(unpacked.getvalue(), face.path.name)


def _font(content: bytes, name: str) -> FontFile:
    with TTFont(BytesIO(content), lazy=True) as font:
        characters = frozenset(font.getBestCmap() or ())
    with TemporaryDirectory(prefix="trendcolor-") as folder:
        (Path(folder) / "font.ttf").write_bytes(content)
        found = [font.family for font in typst_fonts(folder).fonts()]
    if not found:
        raise ConfigError(
            f"{name}: Typst, which sets report.pdf, can't use this font (has it all its names?); "
            "take another file of the family (brand file, fonts)"
        )
    return FontFile(content, found[0], characters)
