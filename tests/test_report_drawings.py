import re
from dataclasses import replace

import polars as pl
import pytest
from garment_rows import BLACK
from report_runs import built_run, contents, people

from trendcolor.report.drawings import document_charts
from trendcolor.report.words import open_words


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    return contents(built_run(tmp_path_factory.mktemp("crowd") / "run"))


PAIRS = pl.DataFrame(
    [
        ["black", "white", 60, 0.3, 0.24, 0.37, 200, 50.0, 1.2, 1.02, 1.4, 0.03, 0.06, 2],
        ["black", "blue", 40, 0.2, 0.15, 0.26, 200, 38.0, 1.05, 0.8, 1.3, 0.6, 0.6, 2],
        ["white", "blue", None, None, None, None, 200, None, None, None, None, None, None, 2],
    ],
    [
        *("color", "with", "looks", "share", "low", "high", "n", "expected"),
        *("lift", "lift_low", "lift_high", "p", "p_adjusted", "tests"),
    ],
    orient="row",
)


def test_each_section_that_has_a_chart_gets_it(crowd):
    charts = document_charts(replace(crowd, combinations=PAIRS), open_words("en"))
    assert set(charts) == {"evolution", "changes", "combinations"}
    for drawing in charts.values():
        assert drawing.label
        assert drawing.svg.startswith("<svg ")
        assert not re.search(r"var\(|<image|<script|url\((?!#)", drawing.svg)
        families = set(re.findall(r'font-family="([^"]*)"', drawing.svg))
        assert families == {"Inter, Noto Sans SC"}


def test_charts_speak_the_language(crowd):
    charts = document_charts(crowd, open_words("zh-CN"))
    assert "黑色" in charts["evolution"].svg
    assert "black" not in charts["evolution"].svg


def test_a_run_without_periods_has_fewer_charts(tmp_path):
    said = contents(built_run(tmp_path / "run", people(BLACK, 30)))
    assert set(document_charts(said, open_words("en"))) == set()
