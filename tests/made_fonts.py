"""Fonts of one square, made where a test needs them."""

from io import BytesIO

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen


def font(family="House Sans", *, flavor=None, rights=0, characters="abc"):
    """A TrueType font as bytes, each of its characters a square."""
    pen = TTGlyphPen(None)
    for i, corner in enumerate([(0, 0), (500, 0), (500, 500), (0, 500)]):
        (pen.lineTo if i else pen.moveTo)(corner)
    pen.closePath()
    square = pen.glyph()
    glyphs = [".notdef", *(f"g{ord(each)}" for each in characters)]
    builder = FontBuilder(1000)
    builder.setupGlyphOrder(glyphs)
    builder.setupCharacterMap({ord(each): f"g{ord(each)}" for each in characters})
    builder.setupGlyf(dict.fromkeys(glyphs, square))
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(fsType=rights)
    builder.setupPost()
    builder.font.flavor = flavor
    written = BytesIO()
    builder.save(written)
    return written.getvalue()
