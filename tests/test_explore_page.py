"""The page in a real browser: a person sees what the run says, and nothing else is asked."""

from pathlib import Path

import pytest
from explore_servers import served

from trendcolor.api.opening import open_run
from trendcolor.explore.words import percent

ANSWERED = "#answer .answer"


class Seen:
    """One page in a browser, with all that it asked for and all that its console said."""

    def __init__(self, browser, client, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.requests, self.errors = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.errors.append(said.text) if said.type == "error" else None,
        )
        self.page.goto(client.guard.address)
        self.page.wait_for_selector(ANSWERED)

    def choose(self, label, code):
        """Choose a control by its label, and wait for the line of Python that it makes."""
        self.page.get_by_label(label, exact=True).first.check()
        self.page.wait_for_function(
            "code => [...document.querySelectorAll('#answer pre')].some(e => e.innerText === code)",
            arg=code,
        )

    def shares(self):
        """What the first table says: the words of each color, and its share."""
        rows = self.page.locator("#answer table").first.locator("tbody tr")
        return [
            (row.locator("th b").inner_text(), row.locator("td").nth(1).inner_text())
            for row in rows.all()
        ]


@pytest.fixture(scope="module")
def raw(looks_run):
    with served(looks_run) as client:
        yield client


@pytest.fixture(scope="module")
def seen(chromium, raw):
    seen = Seen(chromium, raw)
    yield seen
    seen.context.close()


@pytest.fixture(scope="module")
def public(chromium, looks_run):
    with served(looks_run, public=True, by=["season", "region"]) as client:
        seen = Seen(chromium, client)
        yield seen
        seen.context.close()


def told(frame):
    rows = frame.filter(frame["share"] > 0)
    return [(row["family"], percent(row["share"])) for row in rows.iter_rows(named=True)]


def test_figures_change_with_the_controls_to_what_the_run_says(seen, looks_run):
    run = open_run(looks_run)
    assert seen.shares() == told(run.shares())
    seen.choose("looks that show it", "run.shares(unit='looks')")
    assert seen.shares() == told(run.shares(unit="looks"))
    seen.choose("garments, by main color", "run.shares()")
    seen.choose("AW25", "run.where({'season': 'AW25'}).shares()")
    assert seen.shares() == told(run.where(season="AW25").shares())
    seen.page.get_by_label("AW25", exact=True).first.uncheck()
    seen.choose("season", "run.shares(by=['season'])")
    groups = seen.page.locator("#answer h3").all_inner_texts()
    assert groups == ["season AW25", "season SS26"]
    seen.page.get_by_label("season", exact=True).first.uncheck()
    seen.page.get_by_label("or its name or hex").fill("navy")
    seen.choose("Only garments near it", "run.near('navy', within=8.0).shares()")
    assert seen.shares() == told(run.near("navy", within=8).shares())
    seen.page.get_by_label("Only garments near it").uncheck()


def test_an_error_is_one_line(seen):
    seen.page.get_by_label("or its name or hex").fill("nvay")
    seen.page.get_by_label("Only garments near it").check()
    alert = seen.page.get_by_role("alert")
    alert.wait_for()
    assert "no color 'nvay'" in alert.inner_text()
    assert "\n" not in alert.inner_text()
    seen.page.get_by_label("Only garments near it").uncheck()
    seen.page.wait_for_selector(ANSWERED)


@pytest.mark.parametrize(
    ("view", "code", "words"),
    [
        ("Map", "run.shares(colors='bin')", "Largest cells"),
        ("Combinations", "run.combinations()", "looks with two garments or more"),
        ("Compare", "run.compare({'season': 'AW25'}, {'season': 'SS26'})", "Verdict"),
        ("Signatures", "run.palette(n_colors=8)", "within reach"),
        ("Shares", "run.shares()", "garments of 24 sources"),
    ],
)
def test_each_view_answers(seen, view, code, words):
    seen.choose(view, code)
    assert words in seen.page.locator("#answer").inner_text()


def test_the_map_has_a_point_for_each_cell(seen, looks_run):
    seen.choose("Map", "run.shares(colors='bin')")
    seen.page.wait_for_selector("#map .point")
    cells = open_run(looks_run).shares(colors="bin")
    assert seen.page.locator("#map .point").count() == (cells["share"] > 0).sum()
    seen.choose("Shares", "run.shares()")


def test_a_view_is_chosen_by_key(seen):
    seen.page.get_by_label("Shares", exact=True).focus()
    seen.page.keyboard.press("ArrowRight")
    seen.page.wait_for_selector("#map")
    seen.choose("Shares", "run.shares()")


def test_the_csv_is_the_answer(seen, looks_run):
    with seen.page.expect_download() as download:
        seen.page.get_by_role("link", name="CSV").first.click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text == open_run(looks_run).shares().write_csv()


def test_a_public_page_says_so_and_shows_what_may_be_told(public):
    page = public.page
    assert page.locator("#mode").inner_text().startswith("Public")
    assert "withheld" in page.locator("#answer").inner_text()
    # Views, columns, and the values of both for a and b: no filters.
    assert page.locator("input").count() == 3 + 2 + 2 * 4
    public.choose("Signatures", "release.signatures()")
    public.choose("Compare", "release.compare('season', 'AW25', 'SS26')")
    public.choose("Shares", "release.shares()")


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        *[(390, "light"), (1280, "dark")],
        *[pytest.param(390, "dark", marks=SLOW), pytest.param(1280, "light", marks=SLOW)],
    ],
)
def test_the_page_is_usable_by_all(chromium, raw, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")
    size = {"width": width, "height": 900}
    seen = Seen(chromium, raw, viewport=size, color_scheme=scheme, bypass_csp=True)
    for view, code in (
        ("Shares", "run.shares()"),
        ("Compare", "run.compare({'season': 'AW25'}, {'season': 'SS26'})"),
        ("Signatures", "run.signatures()"),
        ("Map", "run.shares(colors='bin')"),
    ):
        seen.choose(view, code)
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        found = axe.Axe().run(seen.page).response["violations"]
        bad = [each for each in found if each["impact"] in ("serious", "critical")]
        assert [
            f"{each['id']}: {node['html'][:200]}" for each in bad for node in each["nodes"]
        ] == []
    seen.context.close()


def test_nothing_is_asked_of_anybody_else_and_the_console_is_silent(seen, public):
    for each in (seen, public):
        own = each.page.url.split("/")[2]
        assert {url.split("/")[2] for url in each.requests if "://" in url} == {own}
        assert each.errors == []
