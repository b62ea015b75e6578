"""The report's pages in a real browser: they work, ask for nothing, and everybody can use them."""

import io
import re
import time

import pytest
from browser import open_tab
from report_runs import CROWD, KINDS, built_run, contents

from trendcolor.analysis.legends import Level
from trendcolor.report.page import write_page
from trendcolor.report.words import open_words

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:axe_playwright_python")
LANGUAGES = ("en", "zh-CN")
DRAWN = (
    "[...document.querySelectorAll('[data-chart-static], [data-map-static]')].every(e => e.hidden)"
)
SHOWN = "[data-map-result]"
BAD = ("serious", "critical")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return built_run(tmp_path_factory.mktemp("run") / "run", CROWD, kinds=KINDS)


@pytest.fixture(scope="module")
def told(run):
    return contents(run)


@pytest.fixture(scope="module")
def pages(told, tmp_path_factory):
    """`index.html` by language."""
    folder = tmp_path_factory.mktemp("pages")
    return {lang: write_page(told, folder / lang, open_words(lang)) for lang in LANGUAGES}


def drawn(tab):
    """Wait until the charts are live."""
    end = time.monotonic() + 60
    while not tab.page.evaluate(DRAWN):  # polled from here: the page's policy forbids it there
        assert time.monotonic() < end, "the charts are not drawn"
        tab.page.wait_for_timeout(50)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_comes_to_life_and_asks_for_nothing(chromium, pages, lang):
    with open_tab(chromium, pages[lang]) as tab:
        drawn(tab)
        tab.assert_clean()
        for section in tab.page.locator("nav.contents a").all():
            name = section.get_attribute("href")
            assert tab.page.locator(f"section{name} h2").inner_text().strip()


def test_the_page_works_where_all_requests_are_blocked(chromium, pages):
    with open_tab(chromium, pages["en"], offline=True) as tab:
        drawn(tab)
        tab.assert_clean()


def test_the_page_of_changes_is_quiet_too(chromium, pages):
    with open_tab(chromium, pages["en"].with_name("changes.html")) as tab:
        tab.assert_clean()
        tab.page.get_by_role("link", name="Winter & summer").click()
        tab.page.wait_for_url("**/index.html")


def test_without_script_static_charts_stay(chromium, pages):
    with open_tab(chromium, pages["en"], java_script_enabled=False) as tab:
        assert tab.page.locator("[data-chart-static] svg:visible").count() >= 5
        assert tab.page.locator(".copy:visible").count() == 0


@pytest.mark.slow  # a busy machine paints late: `benchmarks/report.py` measures it
def test_the_first_paint_waits_for_no_script(chromium, pages):
    with open_tab(chromium, pages["en"]) as tab:
        drawn(tab)
        code = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        assert tab.page.evaluate(code) < 1500  # milliseconds


def selected(run, by, chosen, step):
    """What the API says that a state of the map tells: its garments, and the part that is told."""
    level = Level(colors="common") if len(by) == 2 else Level(colors="bin", step=step)
    answer = run.shares(by, colors=level, disclosure="public")
    for column, value in zip(by, chosen, strict=True):
        answer = answer.filter(answer[column] == value)
    return answer["denominator"][0], answer["share"].sum()


@pytest.mark.parametrize(
    ("garment", "period"), [("", ""), ("trousers", ""), ("", "AW26"), ("top", "AW25")]
)
def test_filters_of_the_map_say_what_the_api_says(chromium, pages, run, told, garment, period):
    by = [name for name, value in (("garment", garment), ("season", period)) if value]
    chosen = [value for value in (garment, period) if value]
    garments, share = selected(run, by, chosen, told.gamut.step)
    with open_tab(chromium, pages["en"]) as tab:
        drawn(tab)
        tab.page.select_option("[data-map-garment]", garment)
        tab.page.select_option("[data-map-period]", period)
        text = tab.page.locator(SHOWN).inner_text()
    assert f"{share:.1%} of {garments:,} garments" in text
    assert f"{max(0, 1 - share):.1%} withheld" in text


def test_the_map_is_used_by_keyboard(chromium, pages, run, told):
    level = Level(colors="bin", step=told.gamut.step)
    answer = run.shares(colors=level, disclosure="public")
    with open_tab(chromium, pages["en"]) as tab:
        drawn(tab)
        dark = tab.page.get_by_label("lightness to")
        dark.focus()
        tab.page.keyboard.press("Control+A")
        tab.page.keyboard.type("30")
        tab.page.keyboard.press("Tab")
        tab.page.wait_for_timeout(600)  # until the hand rests
        text = tab.page.locator(SHOWN).inner_text()
        assert tab.page.locator("[data-map-live]").inner_text() == text
    cells = told.gamut.cells.filter(
        told.gamut.cells["garment"].is_null(),
        told.gamut.cells["period"].is_null(),
        told.gamut.cells["l"] <= 30,
    )
    share = cells["numerator"].sum() / answer["denominator"][0]
    assert 0 < share < 1
    assert f"{share:.1%} of" in text


def test_focus_goes_from_the_skip_link_to_the_colors(chromium, pages):
    with open_tab(chromium, pages["en"]) as tab:
        tab.page.keyboard.press("Tab")
        skip = tab.page.locator(".skip")
        assert skip.evaluate("e => e === document.activeElement")
        assert skip.bounding_box()["x"] >= 0
        tab.page.keyboard.press("Enter")
        tab.page.keyboard.press("Tab")
        first = tab.page.evaluate("document.activeElement.dataset.copy")
        assert re.fullmatch(r"#[0-9a-f]{6}", first)


def test_a_color_is_copied_and_that_is_said(chromium, pages):
    access = ["clipboard-read", "clipboard-write"]
    with open_tab(chromium, pages["en"], permissions=access) as tab:
        drawn(tab)
        button = tab.page.locator(".copy").first
        code = button.get_attribute("data-copy")
        button.focus()
        tab.page.keyboard.press("Enter")
        said = tab.page.locator("[data-copy-live]", has_text="Copied")
        said.wait_for(state="attached")
        assert said.inner_text() == f"Copied: {code}"
        assert tab.page.evaluate("navigator.clipboard.readText()") == code


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        *[("index.html", "light"), ("changes.html", "light"), ("changes.html", "dark")],
        pytest.param("index.html", "dark", marks=pytest.mark.slow),
    ],
)
def test_nobody_is_left_out(chromium, pages, scheme, name):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with open_tab(chromium, pages["en"].with_name(name), scheme=scheme) as tab:
        if name == "index.html":
            drawn(tab)
        found = axe.Axe().run(tab.page).response["violations"]
    bad = [
        (each["id"], each["nodes"][0]["html"], each["nodes"][0]["failureSummary"])
        for each in found
        if each["impact"] in BAD
    ]
    assert bad == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["index.html", "changes.html"])
def test_a_phone_scrolls_down_only(chromium, pages, lang, name):
    with open_tab(chromium, pages[lang].with_name(name), width=390, height=844) as tab:
        if name == "index.html":
            drawn(tab)
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_page_prints_on_a_few_sheets(chromium, pages):
    pypdf = pytest.importorskip("pypdf")
    with open_tab(chromium, pages["en"]) as tab:
        drawn(tab)
        printed = pypdf.PdfReader(io.BytesIO(tab.page.pdf(format="A4", print_background=True)))
    assert 8 <= len(printed.pages) <= 24
    text = " ".join(" ".join(page.extract_text() for page in printed.pages).split())
    for heading in ("Headline colors", "The map of colors", "Method", "How to cite"):
        assert heading in text
    assert "select all" not in text  # the map's form is for screens
