"""Live charts: the script is whole and always the same; charts are drawn over their twins."""

import json
import re
import time

import pytest
from browser import open_tab
from chart_pages import all_families, shares_of, write_page
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.report.charts import live
from trendcolor.report.charts.bands import bands
from trendcolor.report.charts.evolution import evolution
from trendcolor.report.charts.markup import chart_parts
from trendcolor.report.words import open_words

WORDS = open_words("en")
REGIONS = shares_of({"EU": all_families(20), "<i>NA</i>": all_families(9)})


@given(st.recursive(st.none() | st.text() | st.floats(-9, 9), lambda inner: st.lists(inner)))
def test_json_in_a_page_reads_back_and_ends_nothing(content):
    written = live.script_json(content)
    assert json.loads(written) == content
    assert "<" not in written


def test_the_script_ends_nothing_and_is_the_same_each_time(tmp_path, monkeypatch):
    script = live.page_script()
    assert "</script" not in script.lower()
    assert "<!--" not in script
    assert "University of Washington Interactive Data Lab" in script
    monkeypatch.setattr(live.platformdirs, "user_cache_dir", lambda _: str(tmp_path))
    live.vega_bundle.cache_clear()
    assert live.page_script() == script


def test_a_kept_bundle_that_was_changed_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(live.platformdirs, "user_cache_dir", lambda _: str(tmp_path))
    live.vega_bundle.cache_clear()
    bundle = live.vega_bundle()
    (kept,) = tmp_path.iterdir()
    kept.write_text(kept.read_text(encoding="utf-8") + "alert(1)", encoding="utf-8")
    live.vega_bundle.cache_clear()
    assert live.vega_bundle() == bundle
    live.vega_bundle.cache_clear()
    started = time.process_time()
    assert live.vega_bundle() == bundle
    assert time.process_time() - started < 0.5  # it takes 0.01 from the cache, 3 to make


def test_a_cache_that_can_not_be_written_is_no_error(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setattr(live.platformdirs, "user_cache_dir", lambda _: str(blocked))
    live.vega_bundle.cache_clear()
    assert "vegaEmbed" in live.vega_bundle()
    live.vega_bundle.cache_clear()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    charts = [
        chart_parts(lambda x: bands(REGIONS, WORDS, column="region", width=x), name="bands"),
        chart_parts(
            lambda x: evolution(
                REGIONS, WORDS, column="region", periods=["EU", "<i>NA</i>"], width=x
            ),
            name="evolution",
        ),
    ]
    return write_page(tmp_path_factory.mktemp("live") / "charts.html", charts=charts)


def test_charts_are_drawn_over_their_twins_without_a_request(chromium, page):
    with open_tab(chromium, page) as tab:
        tab.page.wait_for_function(
            "document.querySelectorAll('[data-chart-live] svg').length === 2"
        )
        tab.page.wait_for_function(
            "[...document.querySelectorAll('[data-chart-static]')].every(twin => twin.hidden)"
        )
        text = tab.page.text_content("[data-chart-live] svg")
        assert "black" in text
        assert "<i>NA</i>" in text
        tab.assert_clean()


def test_a_twin_has_the_same_figures_as_its_live_chart(chromium, page):
    with open_tab(chromium, page) as tab:
        tab.page.wait_for_selector("[data-chart-live] svg")
        live_texts, static_texts = (
            tab.page.eval_on_selector_all(
                f"[data-chart]:first-of-type {part} text",
                "texts => texts.map(text => text.textContent).filter(Boolean).sort()",
            )
            for part in ("[data-chart-live]", ".chart-wide")
        )
        assert live_texts == static_texts


def test_figures_show_under_the_pointer_as_text(chromium, page):
    with open_tab(chromium, page) as tab:
        tab.page.wait_for_selector("[data-chart-live] svg .mark-rect path")
        tab.page.hover("[data-chart-live] svg .mark-rect path >> nth=12")
        tab.page.wait_for_selector(".chart-tip:not([hidden])")
        assert tab.page.inner_text(".chart-tip").startswith("<i>NA</i>\n")
        assert tab.page.query_selector(".chart-tip i") is None
        tab.assert_clean()


def test_inks_follow_the_scheme_without_drawing_anew(chromium, page):
    with open_tab(chromium, page) as tab:
        tab.page.wait_for_selector("[data-chart-live] svg text")
        ink = (
            "getComputedStyle(document.querySelector('[data-chart-live] svg text[fill*=ink]')).fill"
        )
        assert tab.page.evaluate(ink) == "rgb(23, 23, 23)"
        tab.page.evaluate("document.documentElement.style.setProperty('--ink', 'rgb(1, 2, 3)')")
        assert tab.page.evaluate(ink) == "rgb(1, 2, 3)"


def test_a_narrow_place_gets_the_narrow_chart(chromium, page):
    with open_tab(chromium, page, width=390) as tab:
        tab.page.wait_for_selector("[data-chart-live] svg")
        width = tab.page.get_attribute("[data-chart-live] svg", "viewBox").split()[2]
        assert float(width) < 380
        tab.page.set_viewport_size({"width": 1100, "height": 900})
        tab.page.wait_for_function(
            "parseFloat(document.querySelector('[data-chart-live] svg')"
            ".getAttribute('viewBox').split(' ')[2]) > 700"
        )
        tab.assert_clean()


def test_without_script_the_twins_stand(chromium, page):
    with open_tab(chromium, page, java_script_enabled=False) as tab:
        assert tab.page.is_visible("[data-chart-static] .chart-wide svg")
        assert not tab.page.is_visible("[data-chart-static] .chart-narrow svg")


def test_no_expression_needs_code_made_from_text(page):
    policy = re.search(r"Content-Security-Policy\" content=\"([^\"]+)", page.read_text("utf-8"))[1]
    assert "unsafe-eval" not in policy
    assert "script-src 'sha256-" in policy
