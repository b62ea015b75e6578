import datetime
import io

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_report_typefaces import KNOWN

from trendcolor.errors import RunError
from trendcolor.report.typefaces import open_typefaces
from trendcolor.report.typesetting import Source, typeset, typst_environment

DAY = datetime.date(2026, 11, 22)
HOSTILE = (
    '#panic("x") $x^2$ *bold* _thin_ `code` \\ "quoted" ] [ } { @label <label> // /* */ '
    '= title - list + list / term: #read("/etc/passwd") https://example.org ~ -- --- ... \' '
    '{{ 7 * 7 }} {% raw %} \\u{41} #"] #let x = 1; % ^ | & ! ? ( ) , ; :'
)
PLACES = {
    "in markup": "{{ said }}",
    "at a line's start": "\n{{ said }}\n",
    "in brackets of code": "#text(fill: red)[{{ said }}]",
    "as a string of code": "#text({{ said|quoted }})",
    "as a string by mistake among markup": "x {{ said|quoted }} x",
}


def pages_of(template, files=(), typefaces=None, **values):
    typefaces = typefaces or open_typefaces()
    main = typst_environment(typefaces).from_string(HEAD + template).render(**values)
    document = typeset(Source(main=main, files=dict(files), made=DAY), typefaces)
    return pypdf.PdfReader(io.BytesIO(document)).pages


HEAD = (
    '#set document(title: "t")\n#set text(font: ("Inter", "Noto Sans SC"), fallback: false, '
    "hyphenate: false)\n#set page(width: 3000pt, height: 400pt)\n"
)


def text_of(template, **values):
    return "\n".join(page.extract_text() for page in pages_of(template, **values))


@pytest.mark.parametrize("template", PLACES.values(), ids=PLACES)
def test_what_strangers_wrote_is_text(template):
    assert " ".join(HOSTILE.split()) in " ".join(text_of(template, said=HOSTILE).split())


ASCII = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(ASCII, st.sampled_from(sorted(PLACES)))
def test_any_signs_are_text(said, place):
    assert said in text_of(PLACES[place], said=said)


def test_all_characters_of_the_fonts_can_be_set_and_copied():
    hanzi = "".join(each for each in KNOWN if "一" <= each <= "龥")
    assert len(hanzi) >= 6763
    text = text_of("#set page(height: 4000pt)\n#set text(size: 8pt)\n{{ said }}", said=hanzi)
    assert text.replace("\n", "") == hanzi
    pages_of("{{ said }}", said=" ".join(KNOWN))


def test_nothing_is_printed_for_what_is_no_text():
    environment = typst_environment(open_typefaces())
    for value in (None, ["a"], object()):
        with pytest.raises(TypeError, match="which is no text"):
            environment.from_string("{{ value }}").render(value=value)


@pytest.mark.parametrize("color", ["red", "#12345", '#123456"', "#ABCDEF", ""])
def test_what_is_no_color_is_refused(color):
    environment = typst_environment(open_typefaces())
    with pytest.raises(ValueError, match="is no color"):
        environment.from_string("{{ color|rgb }}").render(color=color)


def test_the_same_source_gives_the_same_bytes():
    source = Source(main=HEAD + "= Colors 颜色", files={}, made=DAY)
    one, other = (typeset(source, open_typefaces()) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("path", ["/etc/hostname", "../secret.txt", "/../secret.txt"])
def test_no_file_but_the_document_s_own_can_be_read(path):
    with pytest.raises(RunError, match="can't be set"):
        pages_of("#read({{ path|quoted }})", path=path)


def test_a_file_of_the_document_can_be_read():
    pages = pages_of('#read("own.txt")', files={"own.txt": b"own words"})
    assert pages[0].extract_text() == "own words"


def test_packages_are_not_looked_for():
    with pytest.raises(RunError, match="can't be set"):
        pages_of('#import "@preview/example:0.1.0": add')


def test_a_picture_that_is_none_is_refused():
    with pytest.raises(RunError, match="can't be set"):
        pages_of('#image("logo.png", alt: "x")', files={"logo.png": b"no picture"})
