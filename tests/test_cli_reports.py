from pathlib import Path

import pytest
from garment_rows import BLACK, RED, WHITE
from pypdf import PdfReader
from report_runs import CROWD, built_run, people

from trendcolor.api.opening import open_runs
from trendcolor.api.reports import ReportOptions, report
from trendcolor.cli import main
from trendcolor.errors import QueryError
from trendcolor.report.words import open_words


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "aw26"
    built_run(folder, is_free_of_people=True)
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A run of which little is told, so that its report is made at once."""
    folder = tmp_path_factory.mktemp("small") / "run"
    built_run(folder, people(BLACK, 30), is_free_of_people=True)
    return folder


def written(capsys, *arguments):
    """The folder that a report was written to."""
    assert main(["report", *map(str, arguments)]) == 0
    out, err = capsys.readouterr()
    page = Path(out.strip())
    assert (page.name, err) == ("index.html", "")
    return page.parent


def refused(capsys, code, *arguments):
    assert main(["report", *map(str, arguments)]) == code
    out, err = capsys.readouterr()
    assert out == ""
    return err


def changes(folder):
    return (folder / "changes.html").read_text(encoding="utf-8")


def test_a_report_compares_the_latest_season_unless_told(run, tmp_path, capsys):
    folder = written(capsys, run, "--out", tmp_path / "r", "--no-pdf")
    assert "AW25" in changes(folder)
    assert "AW26" in changes(folder)
    assert not (folder / "report.pdf").exists()


def test_a_report_compares_what_it_is_told_to(run, tmp_path, capsys):
    asked = ("--baseline", "region = 'EU'", "--focus", "region = 'UK'", "--no-pdf")
    folder = written(capsys, run, "--out", tmp_path / "r", *asked)
    assert "EU" in changes(folder)
    assert "UK" in changes(folder)
    assert "AW25" not in changes(folder).split("<main")[1].split("<table")[0]


def test_a_report_compares_with_another_run(run, tmp_path, capsys):
    other = tmp_path / "aw25"
    built_run(
        other,
        [*people(BLACK, 80), *people(WHITE, 10), *people(RED, 10)],
        is_free_of_people=True,
        name="last-year",
        index_hash="2e" * 32,
    )
    folder = written(capsys, run, "--against", other, "--out", tmp_path / "r", "--no-pdf")
    assert "last-year" in changes(folder)
    both = open_runs([other, run], mixed=True)
    before, after = both.population.folders
    table = both.compare({"run": before}, {"run": after}, disclosure="public")
    words = open_words("en")
    for row in table.head(3).iter_rows(named=True):
        assert words.percent(row["share_a"]) in changes(folder)
        assert words.percent(row["share_b"]) in changes(folder)


def test_a_report_compares_with_a_run_or_with_a_part(run):
    with pytest.raises(QueryError, match="not both"):
        report(run, ReportOptions(against=run, baseline="region = 'EU'"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--baseline", "seson = 'AW25'"], "no column 'seson', did you mean 'season'"),
        (["--baseline", "season = 'SS99'"], "no garments where season = 'SS99'"),
        (["--focus", "garment = 'robe'"], "no garment"),
        (["--line", "nowhere.ase"], "nowhere.ase: no such file"),
        (["--brand", "nowhere.toml"], "nowhere.toml: can't be read (No such file"),
        (["--against", "nowhere"], "nowhere: no such run folder"),
    ],
    ids=["column", "empty part", "focus", "line", "brand", "run"],
)
def test_what_can_not_be_compared_is_refused_before_anything_is_written(
    run, tmp_path, capsys, options, said
):
    assert said in refused(capsys, 1, run, "--out", tmp_path / "r", *options)
    assert not (tmp_path / "r").exists()


def test_a_line_is_checked_against_the_season(run, tmp_path, capsys):
    (tmp_path / "spring.csv").write_text("name,hex\nInk of ours,#020202\nFire of ours,#00ff00\n")
    folder = written(
        capsys, run, "--line", tmp_path / "spring.csv", "--out", tmp_path / "r", "--no-pdf"
    )
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "spring.csv" in page
    assert "Ink of ours" in page
    assert "Fire of ours" in page


def test_a_brand_is_on_the_page_and_in_the_document(run, tmp_path, capsys):
    (tmp_path / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30">'
        '<rect width="90" height="30" fill="#123456"/></svg>'
    )
    (tmp_path / "brand.toml").write_text(
        'name = "Maison Example"\nlogo = "logo.svg"\naccent = "#8a1f3d"\n'
    )
    brand = tmp_path / "brand.toml"
    folder = written(capsys, run, "--brand", brand, "--out", tmp_path / "r")
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "Maison Example" in page
    assert "data:image/svg+xml;base64," in page
    assert "#8a1f3d" in page
    assert b"Maison Example" in (folder / "report.pdf").read_bytes()  # what the logo says


@pytest.mark.parametrize(
    ("options", "points"),
    [
        pytest.param([], (595.28, 841.89), id="a4"),
        pytest.param(["--paper", "letter"], (612, 792), id="letter"),
    ],
)
def test_paper_is_a4_unless_letter_is_asked_for(small, tmp_path, capsys, options, points):
    folder = written(capsys, small, "--out", tmp_path / "r", *options)
    box = PdfReader(folder / "report.pdf").pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx(points, abs=0.01)


def test_a_report_of_real_people_in_chinese_has_a_document(tmp_path, capsys):
    built_run(tmp_path / "run", CROWD)
    folder = written(capsys, tmp_path / "run", "--lang", "zh", "--out", tmp_path / "r")
    text = "".join(sheet.extract_text() for sheet in PdfReader(folder / "report.pdf").pages)
    assert "件服装" in text
    assert '<html lang="zh-CN">' in changes(folder)
