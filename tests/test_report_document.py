import datetime
import io
import logging
import re
import shutil
import subprocess
from dataclasses import replace

import pypdf
import pytest
from carded_runs import CARD as STREET
from garment_rows import BLACK, RED, WHITE
from PIL import Image, ImageCms
from pypdf.generic import ContentStream
from report_runs import CROWD, KINDS, built_run, contents, people
from test_report_drawings import PAIRS
from test_report_typefaces import made_font
from test_report_typesetting import HOSTILE

from trendcolor.color.libraries import open_vocabulary
from trendcolor.config import ReportConfig
from trendcolor.errors import ConfigError, RunError
from trendcolor.report.brand import read_brand
from trendcolor.report.document import render_document, write_document
from trendcolor.report.drawings import Drawing, document_charts
from trendcolor.report.words import open_words
from trendcolor.runs import RunColumn

POINTS = {"a4": (595.28, 841.89), "letter": (612, 792)}
MM = 72 / 25.4
CARD = replace(STREET, attribution="Łukasz Çelik & friends", purposes_allowed=("research",))


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    run = built_run(tmp_path_factory.mktemp("crowd") / "run", cards=(CARD,))
    return contents(run)


def pdf_of(said, lang="en", charts=(), **options):
    document = render_document(said, dict(charts), open_words(lang), **options)
    return pypdf.PdfReader(io.BytesIO(document))


def text_of(pdf):
    """All of a document's text, with single spaces."""
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def fonts_of(pdf):
    """All font dictionaries of all pages, those in pictures too."""
    found = {}

    def walk(resources):
        for each in (resources.get("/Font") or {}).values():
            font = each.get_object()
            found[font["/BaseFont"]] = font
        for each in (resources.get("/XObject") or {}).values():
            inner = each.get_object().get("/Resources")
            if inner is not None:
                walk(inner.get_object())

    for page in pdf.pages:
        walk(page["/Resources"].get_object())
    return found


def fills_of(pdf):
    """Colors that paths are filled with, 0..1, each with the height of its path in points."""
    for page in pdf.pages:
        color, ends = None, []
        for operands, operator in ContentStream(page.get_contents(), pdf).operations:
            if operator == b"scn" and len(operands) == 3:
                color = tuple(float(each) for each in operands)
            elif operator == b"scn":
                color = None
            elif operator in (b"m", b"l"):
                ends.append(float(operands[1]))
            elif operator in (b"f", b"f*", b"n", b"S", b"B"):
                if operator in (b"f", b"f*") and color is not None and ends:
                    yield color, max(ends) - min(ends)
                ends = []


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
@pytest.mark.parametrize("paper", POINTS)
def test_pages_have_the_paper_s_size(crowd, lang, paper):
    pdf = pdf_of(crowd, lang, paper=paper)
    assert 8 <= len(pdf.pages) <= 16
    for page in pdf.pages:
        size = (float(page.mediabox.width), float(page.mediabox.height))
        assert size == pytest.approx(POINTS[paper], abs=0.01)


def test_an_unknown_paper_is_refused(crowd):
    with pytest.raises(ConfigError, match="no paper 'a5'; there are: a4, letter"):
        render_document(crowd, {}, open_words("en"), paper="a5")


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_all_fonts_are_embedded_and_can_be_copied(crowd, lang):
    fonts = fonts_of(pdf_of(crowd, lang))
    assert {name.partition("+")[2] for name in fonts} >= {"Inter-Regular", "InterDisplay-SemiBold"}
    assert any("NotoSansSC" in name for name in fonts) or lang == "en"
    for font in fonts.values():
        inner = font["/DescendantFonts"][0].get_object()
        descriptor = inner["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & descriptor.keys()
        assert "/ToUnicode" in font


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_figures_are_those_of_the_answers(crowd, lang):
    words = open_words(lang)
    text = text_of(pdf_of(crowd, lang))
    told = [row for row in crowd.families.to_dicts() if row["share"] is not None]
    assert len(told) >= 3
    for row in told:
        counts = words.text(
            "{n} of {all}",
            n=words.count(row["numerator"]),
            all=words.count(row["denominator"]),
        )
        line = (words.percent(row["share"]), words.interval(row["low"], row["high"]))
        assert f"{words.family(row['family'])} {' '.join(line)}" in text
        assert words.count(row["denominator"]) in counts
    assert len(crowd.cards.headline) >= 3
    for card in crowd.cards.headline:
        red, green, blue = card.rgb
        assert card.shade in text
        assert f"{red}, {green}, {blue}" in text
        assert ", ".join(words.decimal(round(each, 1) + 0.0, 1) for each in card.lab) in text
        assert words.percent(card.share) in text
        assert words.interval(card.low, card.high) in text
    changed = crowd.changes.families.drop_nulls("change").to_dicts()
    assert len(changed) >= 2
    for row in changed:
        assert words.points(row["change"]) in text
        assert words.term("verdict", row["verdict"]) in text


def test_pairs_are_those_of_the_answers(crowd):
    text = text_of(pdf_of(replace(crowd, combinations=PAIRS)))
    assert (
        "black with white 30.0% 24.0\N{EN DASH}37.0% 60 of 200 1.20\N{MULTIPLICATION SIGN} " in text
    )
    assert "black with blue 20.0%" in text
    assert "white with blue" not in text


def test_what_is_withheld_is_told_as_such(crowd):
    told = {row["family"]: row["share"] for row in crowd.families.to_dicts()}
    assert told["green"] is None
    assert "green withheld" in text_of(pdf_of(crowd))


def test_chinese_can_be_copied(crowd):
    text = text_of(pdf_of(crowd, "zh-CN"))
    for said in ("主流色", "十二色系", "黑色", "数据、许可与知情同意", "较 AW25"):
        assert said in text
    # Radicals look like hanzi and are others: a reader who searches would not find them.
    assert not re.search(r"[\u2e80-\u2fdf\uf900-\ufaff\ufffd]", text)


def test_swatches_have_exactly_their_colors(crowd):
    pdf = pdf_of(crowd)
    fills = list(fills_of(pdf))
    for card in crowd.cards.headline:
        tall = [
            height
            for color, height in fills
            if all(abs(255 * c - v) < 0.01 for c, v in zip(color, card.rgb, strict=True))
        ]
        assert max(tall) >= 34 * MM
    spaces = [
        space.get_object()
        for page in pdf.pages
        for space in page["/Resources"].get("/ColorSpace", {}).values()
    ]
    profiles = [space[1].get_object() for space in spaces if space[0] == "/ICCBased"]
    names = {
        ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(each.get_data())))
        for each in profiles
        if each["/N"] == 3
    }
    assert len(names) == 1
    assert "sRGB" in names.pop()


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs pdftoppm to draw pages")
def test_drawn_swatches_have_exactly_their_colors(crowd, tmp_path):
    path = write_document(crowd, {}, open_words("en"), tmp_path)
    command = ["pdftoppm", "-r", "40", "-f", "2", "-l", "2", "-png", str(path)]
    subprocess.run([*command, str(tmp_path / "page")], check=True)
    (drawn,) = tmp_path.glob("page*.png")
    with Image.open(drawn) as picture:
        counts = {color: n for n, color in picture.convert("RGB").getcolors(1 << 20)}
    for card in crowd.cards.headline:
        assert counts.get(card.rgb, 0) > 1000


def test_the_document_says_what_it_is(crowd):
    for lang, said in (("en", "en"), ("zh-CN", "zh-CN")):
        pdf = pdf_of(crowd, lang)
        assert pdf.metadata.title == "Winter & summer"
        assert pdf.metadata.creation_date.date() == datetime.date.fromisoformat(crowd.finished)
        root = pdf.trailer["/Root"]
        assert root["/Lang"] == said
        assert root["/MarkInfo"]["/Marked"]
        xmp = root["/Metadata"].get_data().decode()
        assert re.search(r"pdfuaid:part>1<", xmp)
        assert re.search(r"pdfaid:part>2<.*pdfaid:conformance>A<", xmp, re.DOTALL)
        titles = [entry.title for entry in pdf.outline if not isinstance(entry, list)]
        assert titles[0] == open_words(lang).text("Headline colors")
        assert titles[-1] == open_words(lang).text("Method")


def test_pages_are_numbered_and_name_their_run(crowd):
    pdf = pdf_of(crowd)
    n, run = len(pdf.pages), crowd.manifest.header.settings_hash[:12]
    for number, page in enumerate(pdf.pages, 1):
        text = " ".join(page.extract_text().split())
        assert (f"Page {number} of {n}" in text) == (number > 1)
        assert run in text


def test_the_same_answers_give_the_same_bytes(crowd, tmp_path):
    one = write_document(crowd, {}, open_words("zh-CN"), tmp_path / "one")
    other = write_document(crowd, {}, open_words("zh-CN"), tmp_path / "other" / "deeper")
    assert one.name == "report.pdf"
    assert [path.name for path in one.parent.iterdir()] == ["report.pdf"]
    assert one.read_bytes() == other.read_bytes()
    assert render_document(crowd, {}, open_words("en")) != one.read_bytes()


def test_what_strangers_wrote_is_text(tmp_path):
    no_texts = ("purposes_allowed", "retain_until")
    fields = {name: HOSTILE for name in CARD.__dataclass_fields__ if name not in no_texts}
    columns = tuple(
        RunColumn(name=name, kind=kind, declared_by=HOSTILE) for name, kind in KINDS.items()
    )
    garments = [
        *people(BLACK, 30, season=HOSTILE),
        *people(RED, 30, season="AW25", region=HOSTILE, start=30),
    ]
    run = built_run(
        tmp_path / "run",
        garments,
        cards=(replace(CARD, **fields | {"biases": (HOSTILE,)}),),
        columns=columns,
        report=ReportConfig(title=HOSTILE),
    )
    text = "".join(text_of(pdf_of(contents(run))).split())
    assert text.count("".join(HOSTILE.split())) >= 12


def test_long_words_stay_on_the_page(tmp_path):
    word = "x" * 300
    run = built_run(
        tmp_path / "run",
        [*people(BLACK, 30, region=word), *people(RED, 30, region="EU", start=30)],
        cards=(replace(CARD, attribution=word),),
        report=ReportConfig(title=word),
    )
    pdf = pdf_of(contents(run))
    assert "".join(text_of(pdf).split()).count(word) >= 3
    for page in pdf.pages:
        assert max(starts_of(page)) < float(page.mediabox.width) - 15 * MM


def starts_of(page):
    """Where pieces of text start, in points from the left."""
    found = [0.0]

    def visit(text, matrix, text_matrix, *_):
        if text.strip():
            found.append(matrix[4] + matrix[0] * text_matrix[4])

    page.extract_text(visitor_text=visit)
    return found


def test_characters_that_no_font_has_are_told(crowd, caplog):
    title = "Été \N{DRESS} \N{ARABIC LETTER AIN}\0"
    said = replace(crowd, title=title)
    with caplog.at_level(logging.WARNING):
        pdf = pdf_of(said)
    assert "Été [U+1F457] [U+0639][U+0000]" in text_of(pdf)
    (warning,) = caplog.messages
    assert warning.startswith("report.pdf: no font has \N{DRESS} U+1F457, \N{ARABIC LETTER AIN} ")
    assert "U+0639, U+0000, so codes stand for them" in warning
    assert "name a font file that has them in the brand file (fonts)" in warning


def test_a_report_of_known_characters_warns_of_nothing(crowd, caplog):
    with caplog.at_level(logging.WARNING):
        pdf_of(crowd, "zh-CN")
    assert not caplog.messages


def test_a_brand_s_fonts_accent_and_logo_are_used(crowd, tmp_path, caplog):
    made_font(tmp_path / "house.ttf", characters="Wm\N{DRESS}")
    (tmp_path / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10" viewBox="0 0 40 10">'
        '<rect width="40" height="10" fill="#0a7f5c"/></svg>',
        encoding="utf-8",
    )
    (tmp_path / "brand.toml").write_text(
        'name = "House of W"\naccent = "#c3125a"\nlogo = "logo.svg"\n'
        '[fonts.text]\nregular = "house.ttf"\n',
        encoding="utf-8",
    )
    said = replace(crowd, title="W \N{DRESS}")
    pdf = pdf_of(said, brand=read_brand(tmp_path / "brand.toml"))
    assert any(name.endswith("+House-Regular") for name in fonts_of(pdf))
    assert "W \N{DRESS}" in text_of(pdf)
    assert pdf.metadata.author == "House of W"
    assert not caplog.messages
    content = pdf.pages[0].get_contents().get_data().decode("latin1")
    found = re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) scn", content)
    colors = {tuple(round(255 * float(each)) for each in color) for color in found}
    assert {(0x0A, 0x7F, 0x5C), (0xC3, 0x12, 0x5A)} <= colors


def test_charts_stay_lines_and_text(crowd):
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="60" viewBox="0 0 400 60">'
        '<rect width="50" height="50" fill="#12ab34"/>'
        '<text x="60" y="30" font-family="Inter, Noto Sans SC">drawn 白色 7.7%</text>'
        "</svg>"
    )
    drawing = Drawing(svg=svg, label="How shares moved", caption="A caption")
    pdf = pdf_of(crowd, charts={"evolution": drawing})
    text = text_of(pdf)
    assert "drawn 白色 7.7%" in text
    assert "A caption" in text
    assert (0x12, 0xAB, 0x34) in {
        tuple(round(255 * each) for each in color) for color, _ in fills_of(pdf)
    }
    assert not [image for page in pdf.pages for image in page.images]
    names = {name.partition("+")[2].partition("-")[0] for name in fonts_of(pdf)}
    assert names == {"Inter", "InterDisplay", "NotoSansSC"}


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_the_report_s_own_charts_are_lines_and_text(crowd, lang):
    words = open_words(lang)
    pdf = pdf_of(crowd, lang, document_charts(crowd, words))
    bare = text_of(pdf_of(crowd, lang))
    assert len(text_of(pdf)) > len(bare)
    assert not [image for page in pdf.pages for image in page.images]
    alts = re.findall(rb"/Alt", b"".join(page.get_contents().get_data() for page in pdf.pages))
    assert len(alts) >= len(document_charts(crowd, words)) >= 2
    for font in fonts_of(pdf).values():
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert "/FontFile2" in descriptor


def test_the_designer_s_line_is_checked(tmp_path):
    palette = tmp_path / "line.csv"
    palette.write_text("name,hex\nInk,#050505\nLime,#a4de02\n", encoding="utf-8")
    run = built_run(tmp_path / "run")
    said = contents(run, line=open_vocabulary(palette))
    text = text_of(pdf_of(said))
    assert "Your line" in text
    assert re.search(r"Ink #[0-9a-f]{6} \d\.\d \d\d\.\d%", text)
    assert re.search(r"Lime #[0-9a-f]{6} \d\d\.\d no shade near it", text)
    assert "Headline colors that the line has no color near" in text


def test_a_run_of_which_nothing_may_be_told_has_a_document(tmp_path):
    text = text_of(pdf_of(contents(built_run(tmp_path / "run", people(BLACK, 9)))))
    assert "No shade can be shown: each rests on too few sources." in text
    assert not re.search(r"\b9 of 9\b|100\.0%", text)


def test_a_run_without_garments_has_a_document(tmp_path):
    text = text_of(pdf_of(contents(built_run(tmp_path / "run", []))))
    assert "No garment with a readable color was found." in text


def test_a_run_without_periods_has_no_evolution(tmp_path):
    run = built_run(tmp_path / "run", people(BLACK, 30))
    text = text_of(pdf_of(contents(run)))
    assert "Evolution" not in text
    assert "Rise and fall" not in text


def test_a_license_that_forbids_publication_is_told_on_the_cover(crowd):
    cover = " ".join(pdf_of(crowd).pages[0].extract_text().split())
    assert "Not for publication. The data card of Street photos allows research." in cover


def test_a_document_that_cannot_be_written_is_refused(crowd, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(RunError, match="can't be written"):
        write_document(crowd, {}, open_words("en"), tmp_path / "file" / "report")


def test_many_groups_break_across_pages_with_their_heads(tmp_path):
    # Two colors in each: of a region that wears one alone no figure may be told.
    garments = [
        each
        for i in range(40)
        for color, start in ((BLACK, 0), (WHITE, 10))
        for each in people(color, 10, region=f"Region {i:02}", start=start)
    ]
    run = built_run(tmp_path / "run", [*CROWD, *garments], report=ReportConfig(by=("region",)))
    pages = [" ".join(page.extract_text().split()) for page in pdf_of(contents(run)).pages]
    with_rows = [page for page in pages if re.search(r"Region \d\d 20 ", page)]
    assert len(with_rows) >= 2
    assert all("region Garments" in page for page in with_rows)
