import unicodedata

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.woff2 import haveBrotli
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.errors import ConfigError
from trendcolor.report.brand import read_brand
from trendcolor.report.typefaces import (
    CHINESE,
    DISPLAY,
    FOLDER,
    LATIN,
    open_typefaces,
)

GB2312 = [
    bytes([lead, trail]).decode("gb2312")
    for lead in range(0xB0, 0xF8)
    for trail in range(0xA1, 0xFF)
    if not (lead == 0xD7 and trail > 0xF9)
]
# All that the package's fonts have but separators of lines and what has no meaning of its own.
KNOWN = sorted(
    each
    for each in {chr(point) for file in open_typefaces().files for point in file.characters}
    if unicodedata.category(each) not in ("Cc", "Co", "Zl", "Zp")
)


def made_font(path, family="House Sans", characters="Aあ", has_postscript_name=True):
    """A font whose glyphs are boxes."""
    points = {ord(each): f"g{ord(each):x}" for each in characters}
    names = [".notdef", *points.values()]
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 700), (500, 700), (500, 0)):
        pen.lineTo(corner)
    pen.closePath()
    box = pen.glyph()
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap(points)
    font.setupGlyf({name: box for name in names})
    font.setupHorizontalMetrics({name: (600, 0) for name in names})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    named = {"familyName": family, "styleName": "Regular", "psName": "House-Regular"}
    if not has_postscript_name:
        del named["psName"]
    font.setupNameTable(named)
    font.setupOS2(fsType=0, usWeightClass=400)
    font.setupPost()
    font.font.flavor = "woff2" if path.suffix == ".woff2" else None
    font.save(path)
    return path


@given(st.text(st.sampled_from(KNOWN)))
def test_a_text_without_missing_characters_stays_as_it_is(text):
    typefaces = open_typefaces()
    assert typefaces.printable(text) == text
    assert not typefaces.missing


def test_all_hanzi_of_gb_2312_are_there():
    assert len(GB2312) == 6763
    assert open_typefaces().printable("".join(GB2312)) == "".join(GB2312)


@pytest.mark.parametrize(
    "text",
    [
        "Łukasz Çelik, Dvořák, Nguyễn Thị Hạnh, Þórður",
        "Ελληνικά, Русский, Українська",
        "“95 度黑”(AW26):约 30%—40%。《色》、【红】",
        "± \N{MULTIPLICATION SIGN} \N{MINUS SIGN} ≤ ≥ ≈ · … • → ← ↑ ↓ ΔE ° © ® ™ € £ ¥",
        "ひらがな カタカナ",
    ],
)
def test_usual_texts_have_all_their_glyphs(text):
    assert open_typefaces().printable(text) == text


def test_what_no_font_has_becomes_its_code_and_is_kept():
    typefaces = open_typefaces()
    said = typefaces.printable("a\N{DRESS}b\N{ARABIC LETTER AIN}\0\N{RIGHT-TO-LEFT OVERRIDE}")
    assert said == "a[U+1F457]b[U+0639][U+0000][U+202E]"
    assert list(typefaces.missing) == [
        *("\N{DRESS}", "\N{ARABIC LETTER AIN}", "\0", "\N{RIGHT-TO-LEFT OVERRIDE}"),
    ]


def test_line_breaks_and_tabs_become_spaces():
    typefaces = open_typefaces()
    assert typefaces.printable("a\nb\tc\r\n\N{LINE SEPARATOR}d") == "a b c   d"
    assert not typefaces.missing


def brand_of(folder, **fonts):
    """A brand with fonts: `text`, `display`, of one file each."""
    tables = [f'[fonts.{role}]\nregular = "{path.name}"\n' for role, path in fonts.items()]
    path = folder / "brand.toml"
    path.write_text('name = "House"\n' + "".join(tables), encoding="utf-8")
    return read_brand(path)


@pytest.mark.parametrize(
    "suffix",
    ["ttf", pytest.param("woff2", marks=pytest.mark.skipif(not haveBrotli, reason="no brotli"))],
)
def test_own_fonts_come_first_and_add_their_characters(tmp_path, suffix):
    text = made_font(tmp_path / f"text.{suffix}", characters="A\N{DRESS}")
    display = made_font(tmp_path / "display.ttf", family="House Serif", characters="A\N{COAT}")
    typefaces = open_typefaces(brand_of(tmp_path, text=text, display=display))
    assert typefaces.families == ("House Sans", "House Serif", LATIN, CHINESE)
    assert typefaces.display == ("House Serif", "House Sans", DISPLAY, LATIN, CHINESE)
    assert typefaces.printable("\N{DRESS}\N{COAT}") == "\N{DRESS}\N{COAT}"


def test_a_font_that_typst_cannot_use_is_refused(tmp_path):
    nameless = made_font(tmp_path / "house.ttf", has_postscript_name=False)
    with pytest.raises(ConfigError, match=r"house\.ttf: Typst, which sets report\.pdf, can't use"):
        open_typefaces(brand_of(tmp_path, text=nameless))


def test_shipped_fonts_say_their_license_and_may_be_embedded():
    paths = sorted(FOLDER.glob("*.ttf"))
    assert [path.stem for path in paths] == [
        *("Inter-Regular", "Inter-SemiBold", "InterDisplay-SemiBold"),
        *("NotoSansSC-Regular", "NotoSansSC-SemiBold"),
    ]
    for path in paths:
        with TTFont(path) as font:
            assert "SIL Open Font License" in font["name"].getDebugName(13)
            assert font["OS/2"].fsType == 0
        assert path.stat().st_size < 3_000_000
    found = {file.family for file in open_typefaces().files}
    assert found == {LATIN, DISPLAY, CHINESE}
    license_text = (FOLDER / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in license_text
    assert all(path.name in license_text for path in paths)
