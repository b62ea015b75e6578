"""The palette card as a PNG picture in sRGB, whose swatches are the exact RGB."""

import io
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from trendcolor.errors import RunError
from trendcolor.report.swatches.card import HAIRLINE, PAPER, Line, Tile, lay_out
from trendcolor.report.swatches.swatch import PlmSwatch
from trendcolor.report.swatches.wording import Wording

_SCALE = 2  # pixels to a unit of the card
_DOTS_PER_INCH = 96 * _SCALE
_PERCEPTUAL = b"\0"  # the rendering intent that the sRGB chunk names
# What may stand for a character that a font lacks.
_STAND_INS = {"\N{EN DASH}": "-", "\N{MINUS SIGN}": "-", "\N{HORIZONTAL ELLIPSIS}": "..."}
_NOBODY = "\U0010fffe"  # a code point that no font has


def png_bytes(
    swatches: Sequence[PlmSwatch], wording: Wording, title: str, font: Path | None = None
) -> bytes:
    """The card as PNG, two pixels to a unit.

    A text of which the font lacks a letter is left out, or told otherwise as `lay_out` says; signs
    that it lacks, such as emoji, are dropped. So no boxes stand for what is missing.

    Args:
        swatches: As `tidy` leaves them.
        wording: The language.
        title: One line.
        font: A TrueType or OpenType file; None takes the one that Pillow brings, which has the
            letters of English only.

    Raises:
        RunError: the font can't be read.

    Guarantees, each held by tests/test_report_swatches_png.py:
        Each pixel of a swatch is its RGB. No box stands for a missing letter.
    """
    fonts = _Fonts(font)
    card = lay_out(swatches, wording, title, spell=fonts.spelled)
    picture = Image.new("RGB", (card.width * _SCALE, card.height * _SCALE), PAPER)
    draw = ImageDraw.Draw(picture)
    for tile in card.tiles:
        _paint(draw, tile)
    for line in [*card.lines, *(line for tile in card.tiles for line in tile.lines)]:
        place = (line.x * _SCALE, line.y * _SCALE)
        text, letters = fonts.cut(line), fonts.of_size(line.size)
        draw.text(place, text, fill=line.color, font=letters, anchor="ls")
    return _encoded(picture, title)


def _paint(draw: ImageDraw.ImageDraw, tile: Tile) -> None:
    left, top = tile.x * _SCALE, tile.y * _SCALE
    right, bottom = left + tile.width * _SCALE - 1, top + tile.height * _SCALE - 1
    # The line lies beside the color, so that a white swatch has an edge and stays white.
    draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=HAIRLINE)
    draw.rectangle((left, top, right, bottom), fill=tile.swatch.rgb)


def _encoded(picture: Image.Image, title: str) -> bytes:
    notes = PngInfo()
    notes.add(b"sRGB", _PERCEPTUAL)
    notes.add_itxt("Title", title)
    file = io.BytesIO()
    dpi = (_DOTS_PER_INCH, _DOTS_PER_INCH)
    picture.save(file, "PNG", pnginfo=notes, dpi=dpi, optimize=True)
    return file.getvalue()


class _Fonts:
    """A font in each size, which knows the letters that it has."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._sizes: dict[int, ImageFont.FreeTypeFont] = {}
        self._has: dict[str, bool] = {}

    def of_size(self, size: int) -> ImageFont.FreeTypeFont:
        """The font for a size in units of the card."""
        if size not in self._sizes:
            self._sizes[size] = self._opened(size * _SCALE)
        return self._sizes[size]

    def _opened(self, pixels: int) -> ImageFont.FreeTypeFont:
        if self._file is None:
            # With a size it is always the one of outlines.
            return cast(ImageFont.FreeTypeFont, ImageFont.load_default(pixels))
        try:
            # The basic layout, because the other one depends on what the machine has installed.
            return ImageFont.truetype(self._file, pixels, layout_engine=ImageFont.Layout.BASIC)
        except OSError as cause:
            raise RunError(
                f"{self._file}: can't be read as a font ({cause.strerror or cause}; wanted a "
                "TrueType or OpenType file)"
            ) from cause

    def spelled(self, text: str) -> str | None:
        """The text in characters that the font has; None where it lacks a letter or digit."""
        spelled = ""
        for character in text:
            stand_in = next(filter(self._has_all, _stand_ins(character)), None)
            if stand_in is None and unicodedata.category(character)[0] in "LN":
                return None
            spelled += stand_in or ""
        return " ".join(spelled.split())

    def _has_all(self, text: str) -> bool:
        return all(self._has_glyph(character) for character in text)

    def _has_glyph(self, character: str) -> bool:
        if character not in self._has:
            font = self.of_size(16)
            # What a font shows for all that it lacks.
            box = font.getmask(_NOBODY)
            mask = font.getmask(character)
            is_box = mask.size == box.size and bytes(mask) == bytes(box)
            self._has[character] = character == " " or not is_box
        return self._has[character]

    def cut(self, line: Line) -> str:
        """As much of a line's text as fits."""
        text = line.text
        font, room = self.of_size(line.size), line.width * _SCALE
        if font.getlength(text) <= room:
            return text
        end = "…" if self._has_glyph("…") else "..."
        while text and font.getlength(text + end) > room:
            text = text[:-1].rstrip()
        return text + end


def _stand_ins(character: str) -> Iterable[str]:
    """What may be shown for a character: itself, its stand-in, or the letter below an accent."""
    yield character
    if character in _STAND_INS:
        yield _STAND_INS[character]
    bare = "".join(
        c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c)
    )
    if bare and bare != character:
        yield bare
