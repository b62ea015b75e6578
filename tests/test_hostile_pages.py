"""What strangers wrote is text on every page: names of files, columns' values, cards, colors.

Each page is made twice, once from plain words and once from hostile ones of the same places. Both
must have the same elements with the same attributes, in the same order; in a browser, nothing runs.
"""

import csv
import json
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from browser import open_tab
from explore_servers import served
from report_runs import KINDS, built_run, people

from trendcolor.api.audits import AuditOptions, audit
from trendcolor.api.reports import ReportOptions, report
from trendcolor.config import AnalysisConfig, ReportConfig
from trendcolor.runs.manifest import RunCard, RunColumn

_PARTS = (
    "<script>document.title='owned'</script>",
    "\"><img src=x onerror=document.title='owned'>",
    "' onmouseover='document.title=1' x='",
    "{{7*7}}{%scripts%}${7*7}",
    "</style></script></title></textarea><svg onload=document.title='owned'>",
    "--><!--<base href=//x>]]>&lt;b&gt;",
)
HOSTILE = {"page": f"z{''.join(_PARTS)}", "formula": "=cmd|' /C calc'!A0"}
# Each sorts as the hostile word does among the other values.
PLAIN = {"page": "zword", "formula": "=word"}
BLACK, WHITE, RED = (0, 0, 0), (255, 255, 255), (229, 0, 0)


class _Elements(HTMLParser):
    """The elements of a page with their attributes' names, in order.

    Of drawings, whose ticks depend on how wide a label is, only which kinds of elements there are.
    """

    def __init__(self):
        super().__init__()
        self.found, self.text, self.drawn, self.drawings = [], [], set(), 0

    def handle_starttag(self, tag, attrs):
        if self.drawings:
            self.drawn.add((tag, frozenset(name for name, _ in attrs)))
        else:
            self.found.append((tag, tuple(name for name, _ in attrs)))
        self.drawings += tag == "svg"

    def handle_endtag(self, tag):
        self.drawings -= tag == "svg"

    def handle_data(self, data):
        self.text.append(data)


def elements(page):
    reader = _Elements()
    reader.feed(page)
    reader.close()
    return reader.found


def drawn(page):
    reader = _Elements()
    reader.feed(page)
    return reader.drawn


def text(page):
    reader = _Elements()
    reader.feed(page)
    return "".join(reader.text)


def card(word):
    return RunCard(
        **{"name": "small", "version": word, "title": word, "homepage": "", "license": "CC0-1.0"},
        **{"license_class": "commercial", "attribution": word, "people": "real"},
        **{"consent_basis": "consent", "period": word, "frame": word, "biases": (word,)},
        **{"purposes_allowed": ("research",), "sha256": "ab" * 32},
    )


def run_of(folder, word):
    """A finished run whose every free text is one word."""
    garments = [
        garment
        for start, season in ((0, "AW25"), (0, "AW26"))
        for region, color in (("EU", BLACK), (word, WHITE), ("EU", RED))
        for garment in people(
            color, 30, season=season, region=region, start=start + 40 * sum(color)
        )
    ]
    garments = [
        [
            {**row, "photo": f"{word}/{row['photo']}", "source": f"{word}{row['source']}"}
            for row in rows
        ]
        for rows in garments
    ]
    return built_run(
        folder,
        garments,
        name=word,
        cards=(card(word),),
        columns=tuple(RunColumn(name=n, kind=k, declared_by=word) for n, k in KINDS.items()),
        report=ReportConfig(title=word, by=("region",)),
        analysis=AnalysisConfig(names={"#000000": word, "#e50000": word}),
    )


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The report's folder of each word, by what it attacks."""
    made = {}
    words = {**HOSTILE, **{f"plain {attack}": word for attack, word in PLAIN.items()}}
    for attack, word in words.items():
        folder = tmp_path_factory.mktemp("words")
        run_of(folder / "run", word)
        report(folder / "run", ReportOptions(pdf=False), out=folder / "report")
        made[attack] = folder
    return made


@pytest.mark.parametrize("page", ["index.html", "changes.html"])
@pytest.mark.parametrize("attack", list(HOSTILE))
def test_a_report_has_no_element_that_words_made(reports, attack, page):
    plain = (reports[f"plain {attack}"] / "report" / page).read_text(encoding="utf-8")
    hostile = (reports[attack] / "report" / page).read_text(encoding="utf-8")
    assert elements(hostile) == elements(plain)
    assert drawn(hostile) <= drawn(plain)
    assert HOSTILE[attack] in text(hostile)


@pytest.mark.parametrize("attack", list(HOSTILE))
def test_a_drawing_is_whole_and_has_no_element_that_words_made(reports, attack):
    drawings = sorted((reports[attack] / "report").rglob("*.svg"))
    assert drawings
    for path in drawings:
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.parse(path).iter()}
        assert not tags & {"script", "img", "foreignObject", "base", "a", "image"}, path


def test_nothing_runs_in_a_browser(reports, chromium):
    for page in ("report/index.html", "report/changes.html"):
        with open_tab(chromium, reports["page"] / page) as tab:
            tab.assert_clean()
            assert tab.page.title() not in ("owned", "1")
            assert tab.page.locator("img[src=x], svg[onload], base").count() == 0


def test_cells_of_a_workbook_are_text_and_never_formulas(reports):
    workbooks = sorted((reports["formula"] / "report").rglob("*.xlsx"))
    assert workbooks
    for path in workbooks:
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                if name.startswith("xl/worksheets/sheet"):
                    assert b"<f>" not in packed.read(name), f"{path.name}: {name}"


def test_swatches_for_spreadsheets_hold_no_formula(reports):
    tables = sorted((reports["formula"] / "report" / "swatches").rglob("*.csv"))
    for path in tables:
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        for cell in cells:
            is_number = cell.lstrip("-").replace(".", "", 1).isdigit()
            assert is_number or not cell.startswith(("=", "+", "-", "@")), f"{path.name}: {cell}"


def audited(folder):
    return audit(folder / "run", AuditOptions(n=12), out=folder / "audit").page.read_text("utf-8")


@pytest.mark.parametrize("attack", list(HOSTILE))
def test_an_audit_page_has_no_element_that_words_made(reports, attack):
    hostile = audited(reports[attack])
    assert elements(hostile) == elements(audited(reports[f"plain {attack}"]))


@pytest.mark.parametrize("attack", list(HOSTILE))
def test_the_local_page_has_no_element_that_words_made(reports, attack):
    with served(reports[f"plain {attack}"] / "run") as client:
        plain = client.send("GET", "/")[2]
    with served(reports[attack] / "run") as client:
        status, _, hostile = client.send("GET", "/")
        layout = json.loads(client.send("GET", "/_dash-layout")[2])
    assert status == 200
    assert elements(hostile) == elements(plain)
    # What the page is made of is data, which React writes as text; no part takes HTML.
    assert "dangerously" not in json.dumps(layout)
    assert json.dumps(layout).count('"type": "Markdown"') == 0


def test_the_comparison_would_see_an_element_that_words_made(reports):
    plain = (reports["plain page"] / "report" / "index.html").read_text(encoding="utf-8")
    for word in (_PARTS[0], _PARTS[1], _PARTS[4]):
        assert elements(plain.replace("zword", word)) != elements(plain)
