import csv
import re
import shutil
from dataclasses import replace

import pytest
from garment_rows import BLACK
from report_runs import built_run, contents, people

from trendcolor.errors import RunError
from trendcolor.report.folder import Look, swatches, write_report
from trendcolor.report.words import open_words

LOOK = Look(words=open_words("en"))
FILES = [f"colors.{kind}" for kind in ("aco", "ase", "css", "csv", "gpl", "png", "svg", "xlsx")]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return contents(built_run(tmp_path_factory.mktemp("run") / "run", is_free_of_people=True))


@pytest.fixture(scope="module")
def made(told, tmp_path_factory):
    """A report in a folder that was not there; tests only read it."""
    folder = tmp_path_factory.mktemp("made") / "out" / "report"
    assert write_report(told, folder, LOOK) == folder / "index.html"
    return folder


@pytest.fixture
def older(made, tmp_path):
    """A copy of it, for a newer one to be written over."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_a_designer_finds_everything_in_one_folder(made):
    names = sorted(path.name for path in (made / "swatches").iterdir())
    assert names == sorted([*FILES, "colors.tokens.json"])
    beside = {path.name for path in made.iterdir() if path.is_file()}
    pages = {"index.html", "changes.html", "report.pdf"}
    assert beside == {*pages, "ATTRIBUTION.txt", "colors.csv", "drawn.json"}


def test_the_page_links_to_each_file_that_is_there(made):
    links = set(re.findall(r'href="([^#"]+)"', (made / "index.html").read_text(encoding="utf-8")))
    files = {path.relative_to(made).as_posix() for path in made.rglob("*.*")}
    assert {link for link in links if ":" not in link} == files - {"index.html"}


def test_a_report_without_a_pdf_takes_an_older_one_away(told, older):
    assert (older / "report.pdf").exists()
    page = write_report(told, older, replace(LOOK, pdf=False))
    assert not (older / "report.pdf").exists()
    assert "report.pdf" not in page.read_text(encoding="utf-8")


def test_without_a_comparison_an_older_page_of_changes_goes(older, tmp_path_factory):
    assert (older / "changes.html").exists()
    folder = tmp_path_factory.mktemp("alone") / "run"
    page = write_report(
        contents(built_run(folder, people(BLACK, 30))), older, replace(LOOK, pdf=False)
    )
    assert not (older / "changes.html").exists()
    assert "changes.html" not in page.read_text(encoding="utf-8")


def test_swatches_are_the_cards(told):
    found = swatches(told)
    cards = [*told.cards.headline, *told.cards.classics]
    assert [each.rgb for each in found] == [card.rgb for card in cards]
    assert [each.group for each in found] == [
        *("headline" for _ in told.cards.headline),
        *("classics" for _ in told.cards.classics),
    ]
    assert {each.season for each in found} == {"AW25\N{EN DASH}AW26"}
    black = found[0]
    assert (black.code, black.name, black.name_zh) == ("TC-000000", "jet black", "漆黑")
    assert (black.share, black.low, black.high) == (cards[0].share, cards[0].low, cards[0].high)


def test_the_line_plan_says_what_the_page_says(told, made):
    text = (made / "swatches" / "colors.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    cards = [*told.cards.headline, *told.cards.classics]
    assert [(row["shade"], row["share"], row["pattern"]) for row in rows] == [
        (card.shade, f"{card.share:.4f}", card.pattern) for card in cards
    ]


def test_without_periods_swatches_have_no_season(told):
    assert {each.season for each in swatches(replace(told, periods=None))} == {""}


def test_a_folder_that_can_not_be_written_is_refused(told, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="can't be written"):
        write_report(told, tmp_path / "file" / "report", LOOK)
