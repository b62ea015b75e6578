"""The palette card: where its swatches and texts lie, for the PNG and the SVG alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trendcolor.report.swatches.swatch import GROUPS, PlmSwatch, by_group
from trendcolor.report.swatches.wording import Wording
from trendcolor.report.words import N_

INK, MUTED, HAIRLINE, PAPER = "#141414", "#595959", "#c9c9c9", "#ffffff"

_WIDTH, _MARGIN, _GAP, _COLUMNS = 1200, 48, 24, 4
_TILE = (_WIDTH - 2 * _MARGIN - (_COLUMNS - 1) * _GAP) // _COLUMNS
_SWATCH_HEIGHT = 168
_LEADING = 1.45  # of a line, in its size
_TITLE_SIZE, _HEADING_SIZE, _NAME_SIZE, _BODY_SIZE, _NOTE_SIZE = 30, 20, 18, 14, 13
_ABOVE_HEADING, _BELOW_HEADING, _ABOVE_TEXT, _BELOW_TILE = 28, 14, 8, 22

# What a font can show of a text; None where it lacks a letter of it.
Spell = Callable[[str], str | None]

_NONE = N_("No color to show")
_NOTE = N_(
    "Colors are sRGB, and CIE L*a*b* under D65. Shares are of garments, with their interval in "
    "brackets."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text; sizes and places are in units of the card, the baseline counts."""

    text: str
    x: int
    y: int
    size: int
    width: int  # that it may take
    color: str = INK
    is_strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One swatch with its lines."""

    swatch: PlmSwatch
    name: str
    x: int
    y: int
    width: int
    height: int  # of the colored part
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A page of swatches."""

    lang: str
    title: str
    description: str  # the colors in words, for those who don't see them
    width: int
    height: int
    lines: tuple[Line, ...]  # title, headings and note
    tiles: tuple[Tile, ...]


def lay_out(
    swatches: Sequence[PlmSwatch], wording: Wording, title: str, *, spell: Spell = str
) -> Card:
    """Place the swatches in rows of four under the heading of their group.

    Args:
        swatches: As `tidy` leaves them.
        wording: The language.
        title: One line.
        spell: What can be shown of a text. Where a name can't, the other language's is taken, else
            the code; of other texts the English ones. By default all can.
    """
    y = _MARGIN + _TITLE_SIZE
    lines, tiles = [_line(_first(spell, title, "Colors"), y, _TITLE_SIZE)], []
    for group, members in by_group(swatches).items():
        y += _ABOVE_HEADING + _HEADING_SIZE
        lines.append(_line(_told(GROUPS[group], wording, spell), y, _HEADING_SIZE))
        y += _BELOW_HEADING
        for first in range(0, len(members), _COLUMNS):
            row = members[first:][:_COLUMNS]
            tiles += [_tile(s, _texts(s, wording, spell), i, y) for i, s in enumerate(row)]
            y = tiles[-1].lines[-1].y + _BELOW_TILE
    if not swatches:
        y += _ABOVE_HEADING + _HEADING_SIZE
        lines.append(_line(_told(_NONE, wording, spell), y, _HEADING_SIZE))
    y += _ABOVE_HEADING
    lines.append(_line(_told(_NOTE, wording, spell), y, _NOTE_SIZE, color=MUTED))
    return Card(
        lang=wording.lang,
        title=title,
        description=_description(swatches, wording),
        width=_WIDTH,
        height=y + _MARGIN,
        lines=tuple(lines),
        tiles=tuple(tiles),
    )


def _line(text: str, y: int, size: int, *, color: str = INK) -> Line:
    width = _WIDTH - 2 * _MARGIN
    strong = size >= _HEADING_SIZE
    return Line(text=text, x=_MARGIN, y=y, size=size, width=width, color=color, is_strong=strong)


def _tile(swatch: PlmSwatch, texts: Sequence["_Text"], column: int, top: int) -> Tile:
    x = _MARGIN + column * (_TILE + _GAP)
    y = top + _SWATCH_HEIGHT + _ABOVE_TEXT
    lines = []
    for told in texts:
        y += round(told.size * _LEADING)
        strong = told.size == _NAME_SIZE
        lines.append(
            Line(
                text=told.text,
                x=x,
                y=y,
                size=told.size,
                width=_TILE,
                color=told.color,
                is_strong=strong,
            )
        )
    return Tile(
        swatch=swatch,
        name=texts[0].text,
        x=x,
        y=top,
        width=_TILE,
        height=_SWATCH_HEIGHT,
        lines=tuple(lines),
    )


@dataclass(frozen=True, slots=True)
class _Text:
    """A line that has no place yet."""

    text: str
    size: int
    color: str


def _texts(swatch: PlmSwatch, wording: Wording, spell: Spell) -> list[_Text]:
    """What stands below a swatch."""
    title, subtitle = swatch.title(wording), swatch.subtitle(wording)
    name = _first(spell, title, subtitle, swatch.code)
    other = spell(subtitle) or ""
    plain = "withheld" if swatch.share is None else f"{swatch.share:.1%}"
    return [
        _Text(name, _NAME_SIZE, INK),
        _Text(_first(spell, swatch.share_text(wording), plain), _BODY_SIZE, INK),
        _Text(f"{swatch.hex.upper()} \N{MIDDLE DOT} {swatch.code}", _BODY_SIZE, MUTED),
        _Text("RGB {} {} {}".format(*swatch.rgb), _BODY_SIZE, MUTED),
        _Text(
            "Lab {:.1f} {:.1f} {:.1f}".format(*(round(axis, 1) + 0.0 for axis in swatch.lab)),
            _BODY_SIZE,
            MUTED,
        ),
        # Last, because not each color has one.
        _Text("" if other == name else other, _BODY_SIZE, MUTED),
    ]


def _told(message: str, wording: Wording, spell: Spell) -> str:
    return _first(spell, wording.text(message), message)


def _first(spell: Spell, *texts: str) -> str:
    """The first of the texts that can be shown."""
    return next(filter(None, map(spell, texts)), "")


def _description(swatches: Sequence[PlmSwatch], wording: Wording) -> str:
    told = [f"{s.title(wording)} {s.hex} {s.share_text(wording)}" for s in swatches]
    return "; ".join(told) or wording.text(_NONE)
