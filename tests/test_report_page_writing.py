import csv
import re
from dataclasses import replace

import pytest
from carded_runs import CARD, carded_run
from garment_rows import BLACK, RED
from report_pages import Page
from report_runs import contents, people

from trendcolor.color.libraries import open_vocabulary
from trendcolor.config import ReportConfig
from trendcolor.errors import RunError
from trendcolor.report.brand import read_brand
from trendcolor.report.page import render_changes, render_page, write_page
from trendcolor.report.words import open_words
from trendcolor.runs import RunColumn

HOSTILE = "<script>alert('x')</script><img src=x onerror=y>"
LOADS = {"img", "link", "iframe", "object", "embed", "video", "picture", "audio", "source"}
SECTIONS = (
    *("headline", "classics", "signatures", "ranking", "tones", "breakdowns", "evolution", "map"),
    *("patterns", "changes", "screening", "budget", "sources", "method", "cite"),
)
LANGUAGES = ("en", "zh-CN")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    left_out = [("rejected", "truncated JPEG")]
    return contents(carded_run(tmp_path_factory.mktemp("run") / "run", left_out=left_out))


@pytest.fixture(scope="module")
def pages(told):
    """Both pages in both languages."""
    return {
        lang: (render_page(told, open_words(lang)), render_changes(told, open_words(lang)))
        for lang in LANGUAGES
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_section_is_there_and_linked(pages, lang):
    page = Page(pages[lang][0])
    ids = [a["id"] for tag, a in page.tags if tag == "section" and "id" in a]
    assert tuple(ids) == SECTIONS
    linked = [a["href"] for tag, a in page.tags if tag == "a" and a["href"].startswith("#")]
    targets = {a["id"] for _, a in page.tags if "id" in a}
    assert {link.removeprefix("#") for link in linked} <= targets
    assert {f"#{name}" for name in SECTIONS} <= set(linked)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("place", [0, 1], ids=["index", "changes"])
def test_ids_are_of_one_element_each(pages, lang, place):
    ids = re.findall(r'\bid="([^"]+)"', re.sub(r"<script.*?</script>", "", pages[lang][place]))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("place", [0, 1], ids=["index", "changes"])
def test_nothing_is_loaded_and_no_picture_is_there(pages, place):
    page = Page(pages["en"][place])
    assert {tag for tag, _ in page.tags}.isdisjoint(LOADS)
    assert not [a for _, a in page.tags if {"src", "srcset", "poster", "background"} & a.keys()]
    assert not [a for _, a in page.tags if any(name.startswith("on") for name in a)]
    policy = next(a["content"] for _, a in page.tags if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; ")
    for never in ("unsafe-eval", "http", "data:", "*"):
        assert never not in policy
    styles = "".join(re.findall(r"<style>(.*?)</style>", pages["en"][place], re.S))
    assert not re.search(r"url\(|@import|data:", styles)


def test_links_lead_to_files_beside_the_page_and_to_homepages(pages):
    index, changes = (Page(html) for html in pages["en"])
    outside = {a["href"] for _, a in index.tags if not a.get("href", "#").startswith("#")}
    assert outside == {"colors.csv", "changes.html", CARD.homepage}
    back = {a["href"] for _, a in changes.tags if not a.get("href", "#").startswith("#")}
    assert back == {"index.html"}


@pytest.mark.parametrize("place", [0, 1], ids=["index", "changes"])
def test_every_swatch_hides_from_screen_readers_and_every_head_has_its_scope(pages, place):
    page = Page(pages["en"][place])
    painted = [a for _, a in page.tags if "background:" in a.get("style", "")]
    assert len(painted) > 10
    # Bars, and the parts of strips and palettes, which have no class, are in hidden places.
    assert all(a.get("aria-hidden") == "true" or a.get("class") in ("bar", None) for a in painted)
    heads = [a for tag, a in page.tags if tag == "th"]
    assert heads
    assert all(a.get("scope") in ("row", "col") for a in heads)


def test_a_chinese_page_has_the_figures_of_the_english_one(pages):
    english, chinese = (Page(pages[lang][0]) for lang in LANGUAGES)
    assert next(found for tag, found in chinese.tags if tag == "html") == {"lang": "zh-CN"}
    assert english.tables.keys() == chinese.tables.keys()
    for name, table in english.tables.items():
        for row, other in zip(table, chinese.tables[name], strict=True):
            # "3 of 12" is "3 / 12", and 31.6 to 37.0% has its sign twice.
            assert [figures(cell) for cell in other] == [figures(cell) for cell in row]


def figures(text):
    return re.findall(r"\d[\d.,]*\d|\d", text)


@pytest.mark.parametrize("place", [0, 1], ids=["index", "changes"])
def test_a_chinese_page_has_no_english_but_names_and_what_was_declared(pages, place):
    chinese = Page(re.sub(r'<span lang="en">.*?</span>', "", pages["zh-CN"][place]))
    declared = (CARD.title, CARD.frame, *CARD.biases, CARD.attribution, "the photographers")
    text = chinese.text.replace("Winter & summer", "|")
    for each in declared:
        text = text.replace(each, "|")
    assert re.findall(r"[a-z]{2,} (?:[a-z]+ )+[a-z]{2,}", text) == []


def test_colors_have_their_names_in_both_languages(pages):
    assert 'Jet black <small><span lang="zh-CN">漆黑</span></small>' in pages["en"][0]
    assert '漆黑 <small><span lang="en">Jet black</span></small>' in pages["zh-CN"][0]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Contents in which strangers wrote markup wherever they can."""
    folder = tmp_path_factory.mktemp("hostile")
    no_texts = ("purposes_allowed", "retain_until")
    card = {name: HOSTILE for name in CARD.__dataclass_fields__ if name not in no_texts}
    run = carded_run(
        folder / "run",
        [*people(BLACK, 12, season=HOSTILE), *people(RED, 12, season="AW25")],
        left_out=[("rejected", HOSTILE)],
        report=ReportConfig(title=HOSTILE),
        cards=(replace(CARD, **{**card, "biases": (HOSTILE,)}),),
        columns=(
            RunColumn(name="season", kind="season", declared_by=HOSTILE),
            RunColumn(name="source", kind="source", declared_by=HOSTILE),
        ),
    )
    (folder / "line.csv").write_text(f'name,hex\n"{HOSTILE}",#010101\n', encoding="utf-8")
    words = open_vocabulary(folder / "line.csv")
    return contents(run, line=words, baseline=f"season = '{HOSTILE.replace(chr(39), chr(39) * 2)}'")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("render", [render_page, render_changes])
def test_what_strangers_wrote_is_text(hostile, lang, render):
    html = render(hostile, open_words(lang))
    page = Page(html)
    assert "img" not in {tag for tag, _ in page.tags}
    run = [text for found, text in page.scripts if "type" not in found]
    assert len(run) == (2 if render is render_page else 1)
    assert not [text for text in run if "alert('x')" in text]
    page.data()  # reads as JSON, whatever stands in it
    assert page.text.count("<script>alert(") >= (10 if render is render_page else 3)
    assert not [a for _, a in page.tags if a.get("href", "").startswith("<")]


def test_a_run_without_garments_has_a_page(tmp_path):
    told = contents(carded_run(tmp_path / "run", [], left_out=[("rejected", "truncated JPEG")]))
    assert "No garment with a readable color was found." in Page(render_page(told)).text


def test_pages_and_table_are_written_whole(told, tmp_path):
    page = write_page(told, tmp_path / "out" / "report")
    assert page == tmp_path / "out" / "report" / "index.html"
    names = sorted(path.name for path in page.parent.iterdir())
    assert names == ["changes.html", "colors.csv", "index.html"]
    with (page.parent / "colors.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["family"] for row in rows] == told.families["family"].to_list()
    assert float(rows[0]["share"]) == told.families["share"][0]
    again = write_page(told, tmp_path / "again")
    assert again.read_bytes() == page.read_bytes()


def test_without_a_comparison_there_is_no_page_of_changes(tmp_path):
    alone = contents(carded_run(tmp_path / "run", people(BLACK, 30)))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "changes.html").write_text("of before", encoding="utf-8")
    page = write_page(alone, tmp_path / "out")
    assert sorted(path.name for path in page.parent.iterdir()) == ["colors.csv", "index.html"]
    text = page.read_text(encoding="utf-8")
    assert 'href="changes.html"' not in text
    assert "Nothing is compared" in text
    assert "this run has no two periods" in text


def test_files_beside_the_page_are_linked(told, tmp_path):
    (tmp_path / "swatches").mkdir()
    page = write_page(told, tmp_path, files=[tmp_path / "swatches" / "colors.ase"])
    assert '<a href="swatches/colors.ase">' in page.read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_is_refused(told, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(RunError, match="can't be written"):
        write_page(told, tmp_path / "file" / "report")


LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'


def test_a_brand_dresses_both_pages(told, tmp_path):
    (tmp_path / "logo.svg").write_text(LOGO, encoding="utf-8")
    text = 'name = "Maison <b>"\nlogo = "logo.svg"\naccent = "#8a1f3d"\n'
    (tmp_path / "brand.toml").write_text(text, encoding="utf-8")
    brand = read_brand(tmp_path / "brand.toml")
    for render in (render_page, render_changes):
        html = render(told, brand=brand)
        (picture,) = [a for tag, a in Page(html).tags if tag == "img"]
        assert picture == {"src": brand.logo_uri, "alt": "Maison <b>"}
        assert "img-src data:" in html
        assert f"--accent: {brand.accent_on_light};" in html
        assert "Maison <b>" not in html
