"""The map of colors in a real browser: filters, numbers and rectangles give the frame's figures."""

import polars as pl
import pytest
from browser import open_tab
from chart_pages import write_page

from trendcolor.report.charts.markup import map_parts
from trendcolor.report.words import open_words

# r, g, b, L*, chroma, hue, name: a black and a gray without a hue, two reds on both sides of 0.
COLORS = {
    "black": (22, 20, 24, 6.7, 3.0, 300.0),
    "gray": (128, 128, 128, 53.6, 0.0, 0.0),
    "red": (178, 40, 38, 38.0, 60.0, 32.0),
    "rose": (200, 60, 120, 48.0, 58.0, 355.0),
    "navy": (40, 50, 110, 23.0, 38.0, 288.0),
}
COUNTS = {
    (None, None): {"black": 41, "gray": 20, "red": 15, "rose": 12, "navy": 11},
    ("top", None): {"black": 11, "red": 15, "rose": 12},
    (None, "AW24"): {"black": 30, "gray": 20},
    ("top", "AW24"): {"red": 15},
}
GARMENTS = {(None, None): 120, ("top", None): 49, (None, "AW24"): 50, ("top", "AW24"): 40}


def frames():
    """Cells and states; what is missing of a state is withheld, ("bag", None) wholly."""
    cells = [
        {
            **dict(zip(("garment", "period"), state, strict=True)),
            **dict(zip(("r", "g", "b", "l", "chroma", "hue"), COLORS[name], strict=True)),
            "name": name,
            "numerator": numerator,
            "share": numerator / GARMENTS[state],
            "low": numerator / GARMENTS[state] * 0.8,
            "high": min(1.0, numerator / GARMENTS[state] * 1.2),
        }
        for state, counts in COUNTS.items()
        for name, numerator in counts.items()
    ]
    states = [
        {
            "garment": garment,
            "period": period,
            "denominator": whole,
            "withheld_share": 1 - sum(COUNTS[garment, period].values()) / whole,
        }
        for (garment, period), whole in GARMENTS.items()
    ]
    states.append({"garment": "bag", "period": None, "denominator": None, "withheld_share": 1.0})
    schema = {"garment": pl.String, "period": pl.String}
    return pl.DataFrame(cells, schema_overrides=schema), pl.DataFrame(
        states, schema_overrides=schema
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    parts = map_parts(*frames(), open_words("en"))
    return write_page(tmp_path_factory.mktemp("map") / "map.html", map=parts)


@pytest.fixture
def tab(chromium, page):
    with open_tab(chromium, page) as tab:
        tab.page.wait_for_selector("[data-map-result]:not(:empty)")
        yield tab
        tab.assert_clean()


def expected(numerator, state=(None, None)):
    whole = GARMENTS[state]
    hidden = 1 - sum(COUNTS[state].values()) / whole
    share = f"{numerator / whole:.1%}"
    return f"Selected: {share} of {whole} garments ({hidden:.1%} withheld)"


def result(tab):
    return tab.page.text_content("[data-map-result]")


def fill(tab, **numbers):
    for name, value in numbers.items():
        tab.page.fill(f'[data-map-range="{name.replace("_", "-")}"]', str(value))


def discs(tab, panel="hue"):
    """The fills of a panel's discs, with whether they are selected."""
    return tab.page.eval_on_selector_all(
        f'[data-map-panel="{panel}"] .mark-symbol path',
        "paths => paths.map(path => [path.getAttribute('fill'), path.getAttribute('opacity')])",
    )


def drag(tab, panel, start, end):
    """Draw a rectangle between two places of a panel, in units of its axes."""
    places = tab.page.evaluate(
        """([panel, corners]) => {
            const svg = document.querySelector(`[data-map-panel="${panel}"] svg`);
            const box = svg.querySelector(".background").getBoundingClientRect();
            const x = panel === "hue" ? [-58, 366] : [-6, 70];
            return corners.map(([a, l]) => [
                box.left + (a - x[0]) / (x[1] - x[0]) * box.width,
                box.bottom - (l + 4) / 108 * box.height,
            ]);
        }""",
        [panel, [start, end]],
    )
    mouse = tab.page.mouse
    mouse.move(*places[0])
    mouse.down()
    mouse.move(*places[1], steps=4)
    mouse.up()


def test_all_is_selected_at_first(tab):
    assert result(tab) == expected(99)
    assert len(discs(tab)) == len(discs(tab, "chroma")) == 5
    assert {opacity for _, opacity in discs(tab)} == {"1"}


@pytest.mark.parametrize("state", [key for key in GARMENTS if key != (None, None)])
def test_a_filter_gives_the_figures_of_its_table(tab, state):
    garment, period = state
    tab.page.select_option("[data-map-garment]", garment or "")
    tab.page.select_option("[data-map-period]", period or "")
    assert result(tab) == expected(sum(COUNTS[state].values()), state)
    fills = {"#{:02x}{:02x}{:02x}".format(*COLORS[name][:3]) for name in COUNTS[state]}
    tab.page.wait_for_function(
        "n => document.querySelectorAll('[data-map-panel=hue] .mark-symbol path').length === n",
        arg=len(fills),
    )
    assert {fill for fill, _ in discs(tab)} == fills


def test_a_state_that_is_withheld_has_no_figure(tab):
    tab.page.select_option("[data-map-garment]", "bag")
    assert result(tab) == "This part is withheld: it rests on too few sources."
    tab.page.select_option("[data-map-period]", "AW24")
    assert result(tab) == "There are no figures for this choice."


def test_numbers_select_and_are_summed(tab):
    fill(tab, l_low=30, l_high=60)
    assert result(tab) == expected(20 + 15 + 12)
    fill(tab, chroma_low=10)
    assert result(tab) == expected(15 + 12)
    tab.page.click("[data-map-reset]")
    assert result(tab) == expected(99)


def test_a_range_of_hues_may_wrap(tab):
    tab.page.uncheck("[data-map-neutrals]")
    assert result(tab) == expected(15 + 12 + 11)
    fill(tab, hue_low=330, hue_high=40)
    assert result(tab) == expected(15 + 12)
    fill(tab, hue_low=40, hue_high=330)
    assert result(tab) == expected(11)


def test_a_rectangle_selects_what_it_covers_and_writes_its_numbers(tab):
    drag(tab, "hue", (20, 30), (50, 50))
    assert result(tab) == expected(15)
    assert tab.page.input_value('[data-map-range="hue-low"]') == "20"
    assert tab.page.input_value('[data-map-range="l-high"]') == "50"
    assert not tab.page.is_checked("[data-map-neutrals]")


def test_both_rectangles_constrain(tab):
    drag(tab, "hue", (200, 10), (365, 60))
    assert result(tab) == expected(12 + 11)
    drag(tab, "chroma", (50, 10), (65, 60))
    assert result(tab) == expected(12)
    tab.page.click('[data-map-panel="chroma"]')
    tab.page.click('[data-map-panel="hue"]')
    assert result(tab) == expected(99)


def test_the_strip_holds_colors_without_a_hue(tab):
    drag(tab, "hue", (-50, 0), (-20, 100))
    assert result(tab) == expected(41 + 20)


def test_the_sum_is_read_out_once_the_hand_rests(tab):
    fill(tab, l_low=30)
    live = tab.page.locator("[data-map-live]")
    assert live.get_attribute("aria-live") == "polite"
    tab.page.wait_for_function(
        "text => document.querySelector('[data-map-live]').textContent === text",
        arg=result(tab),
    )


def test_the_keyboard_alone_selects(tab):
    tab.page.focus('[data-map-range="l-low"]')
    for _ in range(10):
        tab.page.keyboard.press("ArrowUp")
    assert tab.page.input_value('[data-map-range="l-low"]') == "10"
    assert result(tab) == expected(99 - 41)


def test_a_disc_tells_its_figures_under_the_pointer(tab):
    tab.page.hover('[data-map-panel="hue"] .mark-symbol path[fill="#b22826"]')
    tab.page.wait_for_selector(".chart-tip:not([hidden])")
    text = tab.page.inner_text(".chart-tip")
    assert text.splitlines() == ["red", "#b22826", "12.5% (10.0–15.0%)", "15 of 120 garments"]  # noqa: RUF001


def test_a_narrow_place_has_panels_below_each_other(chromium, page):
    with open_tab(chromium, page, width=390) as tab:
        tab.page.wait_for_selector("[data-map-result]:not(:empty)")
        hue, chroma = (
            tab.page.locator(f'[data-map-panel="{panel}"]').bounding_box()
            for panel in ("hue", "chroma")
        )
        assert chroma["y"] >= hue["y"] + hue["height"]
        width = tab.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
        tab.assert_clean()


def test_ties_are_rounded_as_python_rounds_them(chromium, tmp_path):
    cells, states = frames()
    only = cells.filter(pl.col("garment").is_null() & pl.col("period").is_null())
    # 49 of 400 are 12.25 %, which Python prints as 12.2 and a plain toFixed as 12.3.
    only = only.head(1).with_columns(numerator=pl.lit(49), share=pl.lit(0.1225))
    states = states.head(1).with_columns(denominator=pl.lit(400), withheld_share=pl.lit(0.8775))
    words = open_words("en")
    path = write_page(tmp_path / "map.html", map=map_parts(only, states, words))
    with open_tab(chromium, path) as tab:
        tab.page.wait_for_selector("[data-map-result]:not(:empty)")
        share, withheld = words.percent(0.1225), words.percent(0.8775)
        assert result(tab) == f"Selected: {share} of 400 garments ({withheld} withheld)"
