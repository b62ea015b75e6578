"""The palette card as SVG: real text, exact fills, readable by a screen reader."""

import unicodedata
from xml.etree import ElementTree

from trendcolor.report.swatches.card import HAIRLINE, PAPER, Card, Line, Tile

_SPACE = "http://www.w3.org/2000/svg"
_FONTS = (
    "'Helvetica Neue', Helvetica, Arial, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', "
    "'Noto Sans SC', sans-serif"
)
# How wide letters of bold Helvetica are at most, in their size; a cut too early does no harm.
_WIDEST, _CAPITAL, _SMALL = 1.0, 0.8, 0.62
_AS_WIDE_AS_HIGH = "MWm%@—…"


def svg_text(card: Card) -> str:
    """The card as an SVG document, to be stored as UTF-8.

    Presentation attributes and no style sheet, so that drawing programs read it too.

    Guarantees, each held by tests/test_report_swatches_svg.py:
        The fills are the swatches' RGB. Whatever names hold is text, never markup. The document
        asks for nothing else.
    """
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": _SPACE,
            "width": str(card.width),
            "height": str(card.height),
            "viewBox": f"0 0 {card.width} {card.height}",
            "role": "img",
            "aria-labelledby": "card-title card-description",
            "lang": card.lang,
            "font-family": _FONTS,
        },
    )
    _add(root, "title", {"id": "card-title"}, card.title)
    _add(root, "desc", {"id": "card-description"}, card.description)
    _add(root, "rect", {"width": card.width, "height": card.height, "fill": PAPER})
    for line in card.lines:
        _add_line(root, line)
    for tile in card.tiles:
        _add_tile(root, tile)
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _add_tile(root: ElementTree.Element, tile: Tile) -> None:
    group = _add(root, "g", {"id": f"swatch-{len(root)}"})
    _add(group, "title", {}, f"{tile.name} {tile.swatch.hex}")
    # Half a unit outside, so that the line lies beside the color and not on it.
    outline = {"x": tile.x - 0.5, "y": tile.y - 0.5, "fill": "none", "stroke": HAIRLINE}
    _add(group, "rect", {**outline, "width": tile.width + 1, "height": tile.height + 1})
    place = {"x": tile.x, "y": tile.y, "width": tile.width, "height": tile.height}
    _add(group, "rect", {**place, "fill": tile.swatch.hex, "class": "swatch"})
    for line in tile.lines:
        _add_line(group, line)


def _add_line(parent: ElementTree.Element, line: Line) -> None:
    if not line.text:
        return
    weight = {"font-weight": "bold"} if line.is_strong else {}
    place = {"x": line.x, "y": line.y, "font-size": line.size, "fill": line.color}
    _add(parent, "text", {**place, **weight}, _cut(line.text, line))


def _add(
    parent: ElementTree.Element, tag: str, attributes: dict[str, object], text: str | None = None
) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, tag, {k: str(v) for k, v in attributes.items()})
    child.text = text
    return child


def _cut(text: str, line: Line) -> str:
    """As much of the text as surely fits."""
    room = line.width / line.size
    widths = [_width(character) for character in text]
    if sum(widths) <= room:
        return text
    kept, taken = 0, _WIDEST  # of the ellipsis
    while taken + widths[kept] <= room:
        taken += widths[kept]
        kept += 1
    return f"{text[:kept].rstrip()}…"


def _width(character: str) -> float:
    is_wide = unicodedata.east_asian_width(character) in "WF"
    if is_wide or character in _AS_WIDE_AS_HIGH:
        return _WIDEST
    is_small = character.isascii() and not character.isupper() and character not in "w&"
    return _SMALL if is_small else _CAPITAL
