"""How a house wants its reports to look: the brand file, with logo, accent and fonts.

Everything is read and checked when the file is, so a report is not half written when a font turns
out to be damaged, and everything goes into the report itself: a page asks for nothing.
"""

import base64
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError, woff2

from trendcolor.config import read_toml
from trendcolor.errors import ConfigError
from trendcolor.report.accents import DARK_PAPER, LIGHT_PAPER, readable
from trendcolor.report.logos import Logo, logo_faults, read_logo

REGULAR, BOLD = 400, 700  # weights, as CSS has them
MOST_FONT_BYTES = 16_000_000

# The first bytes of a font file, and the format that CSS calls it.
_FORMATS = {
    b"\x00\x01\x00\x00": "truetype",
    b"true": "truetype",
    b"OTTO": "opentype",
    b"wOF2": "woff2",
}
_MEDIA = {"truetype": "ttf", "opentype": "otf", "woff2": "woff2"}
_FAMILY_NAMES = (16, 1)  # of the name table: of the whole family, else of up to four styles
_RESTRICTED = 0x0002  # of OS/2 fsType (OpenType 1.9): may not be embedded
# What damaged files make the readers of their tables raise. WOFF2 is compressed with Brotli, whose
# package is optional.
_DAMAGED = (
    *(TTLibError, struct.error, OSError, EOFError, KeyError, ValueError, IndexError),
    *(AttributeError, TypeError, AssertionError, OverflowError, MemoryError),
    *((woff2.brotli.error,) if woff2.haveBrotli else ()),
)
# Quoted in style sheets, so nothing that could end the quotes or the sheet.
_NO_FAMILY = re.compile(r"[\x00-\x1f\x7f\"'\\<>{};]")


@dataclass(frozen=True, slots=True)
class FontFace:
    """One font file, as `@font-face` wants it."""

    path: Path
    role: str  # text or display; one family may serve both, with other files
    family: str  # as the file calls itself; safe within quotes
    weight: int  # REGULAR or BOLD
    format: str  # truetype, opentype or woff2
    content: bytes

    @property
    def uri(self) -> str:
        """The font as a data URI, for `src` of `@font-face`."""
        return f"data:font/{_MEDIA[self.format]};base64,{base64.b64encode(self.content).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """A house's name, logo, color and fonts; `read_brand` makes it."""

    name: str
    picture: Logo | None = None
    accent: str = ""  # `#8a1f3d`, as it was given; empty where none is
    text: tuple[FontFace, ...] = ()  # regular first; empty where the report's own font stays
    display: tuple[FontFace, ...] = ()  # for headings; empty where they have the text's

    @property
    def logo(self) -> Path | None:
        """Where the logo lies."""
        return None if self.picture is None else self.picture.path

    @property
    def logo_uri(self) -> str:
        """The logo as a data URI; empty where there is none."""
        return "" if self.picture is None else self.picture.uri

    @property
    def accent_on_light(self) -> str:
        """The accent as text on light paper, with a contrast of at least 4.5; may be empty."""
        return self.accent and readable(self.accent, LIGHT_PAPER)

    @property
    def accent_on_dark(self) -> str:
        """The accent as text on dark paper, with a contrast of at least 4.5; may be empty."""
        return self.accent and readable(self.accent, DARK_PAPER)

    @property
    def font_faces(self) -> tuple[FontFace, ...]:
        """Every font, those for text first."""
        return (*self.text, *self.display)

    @property
    def fonts(self) -> tuple[Path, ...]:
        """The font files, each once, those for text first."""
        return tuple(dict.fromkeys(face.path for face in self.font_faces))

    @property
    def text_family(self) -> str:
        """The family of text; empty where the report's own stays."""
        return self.text[0].family if self.text else ""

    @property
    def display_family(self) -> str:
        """The family of headings: the display font's, else the text's."""
        return self.display[0].family if self.display else self.text_family


@dataclass(frozen=True, slots=True, kw_only=True)
class _Faces:
    """The table `[fonts.text]` or `[fonts.display]`."""

    regular: Path | None = None
    bold: Path | None = None  # without it, browsers thicken the regular one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fonts:
    """The table `[fonts]`."""

    text: _Faces | None = None
    display: _Faces | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _BrandFile:
    """The file. What it names is checked with it, so that all faults are told at once."""

    name: str = ""
    logo: Path | None = None
    accent: str = ""
    fonts: _Fonts = field(default_factory=_Fonts)

    def __post_init__(self) -> None:
        faults = [*_name_faults(self), *_logo_of(self).faults]
        for place, path in _font_files(self):
            faults.extend(f"{place}: {fault}" for fault in _font_of(path).faults)
        faults.extend(_font_table_faults(self))
        if faults:
            raise ConfigError("\n".join(faults))


@dataclass(frozen=True, slots=True)
class _Read:
    """What came of a file: its content, or faults without their place."""

    content: bytes = b""
    faults: tuple[str, ...] = ()


def read_brand(path: Path) -> Brand:
    """A brand file with everything that it names.

    Args:
        path: A TOML file; docs/brand.md explains its keys.

    Raises:
        ConfigError: with every fault of the file and of what it names, one a line.

    Guarantees, each held by tests/test_report_brand.py:
        The logo and the fonts are within the brand: their data URIs ask for no file. An SVG with
        a script, a page, an event handler or a reference to elsewhere is refused.
    """
    file = read_toml(path, _BrandFile, ConfigError)
    text, display = _faces("text", file.fonts.text), _faces("display", file.fonts.display)
    return Brand(
        name=file.name.strip(),
        picture=None if file.logo is None else read_logo(file.logo, file.logo.read_bytes()),
        accent=file.accent.lower(),
        text=text,
        # Headings have the text's fonts anyway where they have none of their own.
        display=() if _files(display) == _files(text) else display,
    )


def _name_faults(file: _BrandFile) -> Iterator[str]:
    if not file.name.strip():
        yield "name is missing (what reports call the house)"
    if file.accent and not re.fullmatch(r"#[0-9a-fA-F]{6}", file.accent):
        yield f"accent: no color '{file.accent}' (wanted sRGB as six digits, \"#8a1f3d\")"


def _logo_of(file: _BrandFile) -> _Read:
    if file.logo is None:
        return _Read()
    read = _content(file.logo)
    faults = read.faults or tuple(logo_faults(file.logo, read.content))
    return _Read(read.content, tuple(f"logo: {fault}" for fault in faults))


def _font_files(file: _BrandFile) -> Iterator[tuple[str, Path]]:
    """Each font file that is named, with its place."""
    for role, faces in (("text", file.fonts.text), ("display", file.fonts.display)):
        if faces is not None:
            if faces.regular is not None:
                yield f"fonts.{role}.regular", faces.regular
            if faces.bold is not None:
                yield f"fonts.{role}.bold", faces.bold


def _font_table_faults(file: _BrandFile) -> Iterator[str]:
    for role, faces in (("text", file.fonts.text), ("display", file.fonts.display)):
        if faces is not None and faces.regular is None:
            yield f"fonts.{role}.regular is missing (a TTF, OTF or WOFF2 file)"


def _content(path: Path) -> _Read:
    try:
        return _Read(path.read_bytes())
    except OSError as cause:
        return _Read(faults=(f"{path}: can't be read ({cause.strerror or cause})",))


def _font_of(path: Path) -> _Read:
    read = _content(path)
    return read if read.faults else _Read(read.content, tuple(_font_faults(path, read.content)))


def _font_faults(path: Path, content: bytes) -> Iterator[str]:
    if len(content) > MOST_FONT_BYTES:
        yield f"{path.name} has {len(content):,} bytes, at most {MOST_FONT_BYTES:,} fit a page"
    elif content[:4] not in _FORMATS:
        yield f"{path.name} is no font of a known kind (TTF, OTF or WOFF2)"
    elif _FORMATS[content[:4]] == "woff2" and not woff2.haveBrotli:
        yield f"{path.name} is WOFF2, which needs brotli (pip install brotli, or take TTF or OTF)"
    else:
        try:
            family, rights = _names(content)
        except ConfigError as cause:
            yield f"{path.name} is a damaged font ({cause})"
            return
        if rights & _RESTRICTED:
            yield f"{path.name} says that it may not be embedded (OS/2 fsType)"
        if not family or _NO_FAMILY.search(family):
            yield f"{path.name} has no usable family name, got {family!r}"


def _names(content: bytes) -> tuple[str, int]:
    """A font's family and its embedding rights.

    Raises:
        ConfigError: the font is damaged.
    """
    try:
        with TTFont(BytesIO(content), lazy=True) as font:
            names = [font["name"].getDebugName(number) for number in _FAMILY_NAMES]
            has_characters = bool(font.getBestCmap())
            rights = font["OS/2"].fsType if "OS/2" in font else 0
    except _DAMAGED as cause:
        raise ConfigError(f"{cause or type(cause).__name__}") from cause
    if not has_characters:
        raise ConfigError("it has no characters")
    return next((name.strip() for name in names if name), ""), int(rights)


def _faces(role: str, faces: _Faces | None) -> tuple[FontFace, ...]:
    """The fonts of a table without faults, regular first."""
    if faces is None:
        return ()
    named = [(REGULAR, faces.regular), (BOLD, faces.bold)]
    return tuple(_face(role, path, weight) for weight, path in named if path is not None)


def _face(role: str, path: Path, weight: int) -> FontFace:
    content = path.read_bytes()
    family, _ = _names(content)
    return FontFace(path, role, family, weight, _FORMATS[content[:4]], content)


def _files(faces: tuple[FontFace, ...]) -> list[Path]:
    return [face.path for face in faces]
