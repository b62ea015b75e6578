import base64
import contextlib
import re
from io import BytesIO

import pytest
from made_fonts import font
from PIL import Image

from trendcolor.errors import ConfigError
from trendcolor.report.accents import contrast
from trendcolor.report.brand import BOLD, REGULAR, read_brand

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'
SQUARE = SVG.format('<path d="M0 0h9v9z" fill="#8a1f3d"/>')
WHOLE = """
name = "Maison Example"
logo = "logo.svg"
accent = "#8A1F3D"

[fonts.text]
regular = "text.ttf"
bold = "text-bold.ttf"

[fonts.display]
regular = "display.ttf"
"""


def png(width=8, height=4):
    written = BytesIO()
    Image.new("RGBA", (width, height), (138, 31, 61, 255)).save(written, "PNG")
    return written.getvalue()


def folder(path, text, **files):
    """A brand file with what lies beside it; `logo_svg` is `logo.svg`."""
    for name, content in files.items():
        stem, _, suffix = name.rpartition("_")
        content = content.encode() if isinstance(content, str) else content
        (path / f"{stem.replace('_', '-')}.{suffix}").write_bytes(content)
    (path / "brand.toml").write_text(text, encoding="utf-8")
    return path / "brand.toml"


def whole(path):
    return folder(
        path,
        WHOLE,
        logo_svg=SQUARE,
        text_ttf=font("House Sans"),
        text_bold_ttf=font("House Sans"),
        display_ttf=font("House Serif"),
    )


def faults(path):
    with pytest.raises(ConfigError) as caught:
        read_brand(path)
    return str(caught.value).splitlines()


def test_a_brand_has_its_name_logo_accent_and_fonts(tmp_path):
    brand = read_brand(whole(tmp_path))
    assert (brand.name, brand.accent) == ("Maison Example", "#8a1f3d")
    assert brand.logo == tmp_path.resolve() / "logo.svg"
    assert (brand.text_family, brand.display_family) == ("House Sans", "House Serif")
    assert [(face.role, face.family, face.weight) for face in brand.font_faces] == [
        ("text", "House Sans", REGULAR),
        ("text", "House Sans", BOLD),
        ("display", "House Serif", REGULAR),
    ]
    assert [path.name for path in brand.fonts] == ["text.ttf", "text-bold.ttf", "display.ttf"]


def test_what_a_brand_names_is_within_it(tmp_path):
    brand = read_brand(whole(tmp_path))
    for each in tmp_path.iterdir():
        each.unlink()
    kind, _, encoded = brand.logo_uri.partition(";base64,")
    assert kind == "data:image/svg+xml"
    assert base64.b64decode(encoded).decode() == SQUARE
    for face in brand.font_faces:
        assert face.uri.startswith("data:font/ttf;base64,")
        assert base64.b64decode(face.uri.partition(",")[2]) == face.content


def test_only_the_name_is_needed(tmp_path):
    brand = read_brand(folder(tmp_path, 'name = " House "'))
    assert (brand.name, brand.logo, brand.logo_uri, brand.accent) == ("House", None, "", "")
    assert (brand.accent_on_light, brand.accent_on_dark) == ("", "")
    assert (brand.fonts, brand.text_family, brand.display_family) == ((), "", "")


def test_a_png_is_a_logo(tmp_path):
    brand = read_brand(folder(tmp_path, 'name = "H"\nlogo = "logo.png"', logo_png=png()))
    assert brand.logo_uri.startswith("data:image/png;base64,")


def test_an_accent_is_made_readable_on_both_papers(tmp_path):
    brand = read_brand(folder(tmp_path, 'name = "H"\naccent = "#ffd400"'))
    assert brand.accent == brand.accent_on_dark == "#ffd400"
    assert brand.accent_on_light != "#ffd400"
    assert contrast(brand.accent_on_light, "#ffffff") >= 4.5


def test_headings_have_the_text_s_font_unless_they_have_their_own(tmp_path):
    text = 'name = "H"\n[fonts.text]\nregular = "text.ttf"\n'
    same = text + '[fonts.display]\nregular = "text.ttf"\n'
    for each in (text, same):
        brand = read_brand(folder(tmp_path, each, text_ttf=font("House Sans")))
        assert (brand.display_family, len(brand.font_faces)) == ("House Sans", 1)


@pytest.mark.parametrize("flavor", ["woff2"])
def test_a_compressed_font_has_its_name(tmp_path, flavor):
    pytest.importorskip("brotli")
    text = 'name = "H"\n[fonts.text]\nregular = "text.woff2"\n'
    brand = read_brand(folder(tmp_path, text, text_woff2=font("House Sans", flavor=flavor)))
    (face,) = brand.font_faces
    assert (face.family, face.format) == ("House Sans", "woff2")
    assert face.uri.startswith("data:font/woff2;base64,")


def test_all_faults_are_told_at_once_with_their_places(tmp_path):
    text = """
colour = "#fff"
accent = "red"
logo = "none.svg"
[fonts.text]
regular = "text.ttf"
italic = "text.ttf"
[fonts.display]
bold = "logo.txt"
"""
    path = folder(tmp_path, text, text_ttf=b"no font at all", logo_txt="x")
    assert faults(path) == [
        "brand.toml: unknown key colour; there are: name, logo, accent, fonts",
        "brand.toml: unknown key fonts.text.italic; there are: regular, bold",
        "brand.toml: name is missing (what reports call the house)",
        "brand.toml: accent: no color 'red' (wanted sRGB as six digits, \"#8a1f3d\")",
        f"brand.toml: logo: {tmp_path.resolve() / 'none.svg'}: can't be read "
        "(No such file or directory)",
    ]


FONT_FAULTS = [
    pytest.param(b"no font", "text.ttf is no font of a known kind (TTF, OTF or WOFF2)", id="text"),
    pytest.param(b"wOFF" + bytes(80), "text.ttf is no font of a known kind", id="WOFF 1"),
    pytest.param(b"ttcf" + bytes(80), "text.ttf is no font of a known kind", id="collection"),
    pytest.param(font()[:200], "text.ttf is a damaged font (", id="cut off"),
    pytest.param(font(characters=""), "it has no characters", id="no characters"),
    pytest.param(
        font(rights=2), "text.ttf says that it may not be embedded (OS/2 fsType)", id="rights"
    ),
    pytest.param(
        font('x"}</style>'), "text.ttf has no usable family name, got 'x\"}</style>'", id="name"
    ),
    pytest.param(
        b"\0\1\0\0" + bytes(16_000_000), "has 16,000,004 bytes, at most 16,000,000", id="large"
    ),
]


@pytest.mark.parametrize(("content", "said"), FONT_FAULTS)
def test_a_font_that_can_t_be_used_is_refused(tmp_path, content, said):
    text = 'name = "H"\n[fonts.text]\nregular = "text.ttf"\n'
    (fault,) = faults(folder(tmp_path, text, text_ttf=content))
    assert fault.startswith("brand.toml: fonts.text.regular: ")
    assert said in fault


def test_fonts_without_a_regular_one_are_refused(tmp_path):
    text = 'name = "H"\n[fonts.text]\nbold = "text.ttf"\n'
    assert faults(folder(tmp_path, text, text_ttf=font())) == [
        "brand.toml: fonts.text.regular is missing (a TTF, OTF or WOFF2 file)"
    ]


def test_a_compressed_font_says_what_it_needs(tmp_path, monkeypatch):
    monkeypatch.setattr("fontTools.ttLib.woff2.haveBrotli", False)
    text = 'name = "H"\n[fonts.text]\nregular = "text.woff2"\n'
    assert faults(folder(tmp_path, text, text_woff2=b"wOF2" + bytes(80))) == [
        "brand.toml: fonts.text.regular: text.woff2 is WOFF2, which needs brotli "
        "(pip install brotli, or take TTF or OTF)"
    ]


def test_a_font_damaged_anywhere_is_a_fault_and_no_crash(tmp_path):
    text = 'name = "H"\n[fonts.text]\nregular = "text.ttf"\n'
    good = font()
    n_read = 0
    for start in range(0, len(good), 37):
        bad = good[:start] + b"\xff" * 8 + good[start + 8 :]
        with contextlib.suppress(ConfigError):
            read_brand(folder(tmp_path, text, text_ttf=bad))
            n_read += 1
    # Damage to what nothing looks at, such as the outlines, may pass.
    assert 0 < n_read < len(range(0, len(good), 37))


LOGO_FAULTS = [
    pytest.param("<script>alert(1)</script>", "has <script>", id="script"),
    pytest.param(
        "<foreignObject><b/></foreignObject>",
        "has <foreignObject>, which a logo may not",
        id="page",
    ),
    pytest.param('<path onload="x()"/>', "has the event handler onload in <path>", id="handler"),
    pytest.param(
        '<image href="https://example.org/a.png"/>',
        'refers to "https://example.org/a.png" (href of <image>), which is outside of it',
        id="address",
    ),
    pytest.param(
        '<image xmlns:x="http://www.w3.org/1999/xlink" x:href="a.png"/>',
        'refers to "a.png" (href of <image>)',
        id="file",
    ),
    pytest.param('<use href="other.svg#a"/>', 'refers to "other.svg#a"', id="other drawing"),
    pytest.param('<a href="javascript:x()"><path/></a>', 'refers to "javascript:x()"', id="link"),
    pytest.param(
        '<image href="data:image/svg+xml,x"/>', 'refers to "data:image/svg+xml,x"', id="drawing"
    ),
    pytest.param(
        '<path fill="url(https://example.org/a)"/>',
        'refers to "https://example.org/a" (fill of <path>)',
        id="paint",
    ),
    pytest.param(
        "<style>@import 'a.css';</style>", 'refers to "a.css" (<style>)', id="style sheet"
    ),
    pytest.param(
        "<style>a{fill:u\\72l(//example.org)}</style>", 'refers to "//example.org"', id="escaped"
    ),
    pytest.param(
        '<set attributeName="href" to="https://example.org"/>', "(to of <set>)", id="animation"
    ),
]


@pytest.mark.parametrize(("inner", "said"), LOGO_FAULTS)
def test_a_drawing_that_runs_or_asks_is_refused(tmp_path, inner, said):
    path = folder(tmp_path, 'name = "H"\nlogo = "logo.svg"', logo_svg=SVG.format(inner))
    (fault,) = faults(path)
    assert fault.startswith("brand.toml: logo: logo.svg ")
    assert said in fault


PICTURES = [
    pytest.param("<html/>", "is no SVG: its root is not <svg", id="another root"),
    pytest.param("<svg/>", "is no SVG: its root is not <svg xmlns=", id="no namespace"),
    pytest.param("<svg", "is no well-formed SVG (", id="cut off"),
    pytest.param("", "is no well-formed SVG (no element found", id="empty"),
    pytest.param(
        f'<!DOCTYPE svg [<!ENTITY a "b">]>{SQUARE}', 'declares the entity "a"', id="entity"
    ),
    pytest.param(
        f'<?xml-stylesheet href="a.css"?>{SQUARE}',
        "has the instruction <?xml-stylesheet?>",
        id="pi",
    ),
    pytest.param(SQUARE + " " * 1_000_000, "bytes, at most 1,000,000 fit a page", id="large"),
]


@pytest.mark.parametrize(("content", "said"), PICTURES)
def test_a_file_that_is_no_drawing_is_refused(tmp_path, content, said):
    path = folder(tmp_path, 'name = "H"\nlogo = "logo.svg"', logo_svg=content)
    assert any(said in fault for fault in faults(path))


def test_several_faults_of_a_drawing_are_told_each_once(tmp_path):
    drawing = SVG.format('<script/><script/><path onclick="x()"/>')
    path = folder(tmp_path, 'name = "H"\nlogo = "logo.svg"', logo_svg=drawing)
    assert [fault.partition("logo.svg ")[2] for fault in faults(path)] == [
        "has <script>, which a logo may not have",
        "has the event handler onclick in <path>",
    ]


PLAIN = [
    pytest.param('<use href="#a"/><path id="a"/>', id="reference within"),
    pytest.param('<path fill="url(#a)" style="filter: url(\'#b\')"/>', id="paint within"),
    pytest.param('<image href="data:image/png;base64,AAAA"/>', id="picture within"),
    pytest.param("<style>.a{fill:#123}</style>", id="style"),
    pytest.param("<metadata>https://example.org</metadata>", id="metadata"),
    pytest.param('<animate attributeName="x" from="0" to="9"/>', id="animation"),
]


@pytest.mark.parametrize("inner", PLAIN)
def test_what_drawing_programs_write_passes(tmp_path, inner):
    kind = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
    drawing = f'<?xml version="1.0" encoding="utf-8"?>{kind}{SVG.format(inner)}'
    path = folder(tmp_path, 'name = "H"\nlogo = "logo.svg"', logo_svg=drawing)
    assert read_brand(path).picture.kind == "svg"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(png()[:40], "logo.png is a damaged PNG (", id="cut off"),
        pytest.param(png(9000, 2000), "has 9000 x 2000 pixels, at most 16,000,000", id="large"),
        pytest.param(b"\xff\xd8\xff\xe0", "logo.png is neither SVG nor PNG", id="JPEG"),
    ],
)
def test_a_picture_that_can_t_be_used_is_refused(tmp_path, content, said):
    (fault,) = faults(folder(tmp_path, 'name = "H"\nlogo = "logo.png"', logo_png=content))
    assert re.fullmatch(rf"brand.toml: logo: .*{re.escape(said)}.*", fault)


def test_a_brand_file_that_is_not_there_is_refused(tmp_path):
    assert faults(tmp_path / "brand.toml") == [
        f"{tmp_path / 'brand.toml'}: can't be read (No such file or directory)"
    ]
