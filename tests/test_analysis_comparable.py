from dataclasses import replace
from types import SimpleNamespace

import pytest
from test_runs import HEADER

from trendcolor.analysis.comparable import check_columns_agree, check_runs_differ, differences
from trendcolor.config import AnalysisConfig, ColorConfig, EngineConfig, ImagesConfig
from trendcolor.errors import QueryError
from trendcolor.runs import RunColumn


def manifests(**headers):
    return {
        name: SimpleNamespace(header=header, columns=header.columns)
        for name, header in headers.items()
    }


def other(**settings):
    return replace(HEADER, settings=replace(HEADER.settings, **settings))


DIFFER = [
    pytest.param(replace(HEADER, weights_hash="22"), ["segmenter's weights"], id="weights"),
    pytest.param(replace(HEADER, code_hash="22"), ["code"], id="code"),
    pytest.param(replace(HEADER, runtime="torch"), ["runtime"], id="runtime"),
    pytest.param(replace(HEADER, grid="lab-0"), ["color grid"], id="grid"),
    pytest.param(replace(HEADER, vocabulary="22"), ["vocabulary"], id="vocabulary"),
    pytest.param(other(color=ColorConfig(erode=5)), ["color.erode"], id="a setting"),
    pytest.param(
        replace(other(color=ColorConfig(n_colors=3, erode=5)), grid="lab-0"),
        ["color grid", "color.n_colors", "color.erode"],
        id="several",
    ),
]


@pytest.mark.parametrize(("header", "expected"), DIFFER)
def test_what_figures_depend_on_is_told_by_name(header, expected):
    assert sorted(differences(manifests(a=HEADER, b=header, c=HEADER))) == sorted(expected)


SAME = [
    pytest.param(replace(HEADER, name="x", index_hash="22", photos=9), id="photos"),
    pytest.param(other(engine=EngineConfig(workers=3)), id="engine"),
    pytest.param(other(analysis=AnalysisConfig(min_cell=20)), id="analysis"),
    pytest.param(other(images=ImagesConfig()), id="nothing"),
]


@pytest.mark.parametrize("header", SAME)
def test_what_figures_do_not_depend_on_may_differ(header):
    assert differences(manifests(a=HEADER, b=header)) == []


def test_runs_of_the_same_photos_are_refused():
    check_runs_differ(manifests(a=HEADER, b=replace(HEADER, index_hash="22")))
    with pytest.raises(QueryError, match="runs a and c are of the same photos, which would count"):
        check_runs_differ(manifests(a=HEADER, b=replace(HEADER, index_hash="22"), c=HEADER))


def test_a_column_of_two_kinds_is_refused():
    changed = replace(HEADER, columns=(RunColumn(name="region", kind="market"),))
    with pytest.raises(QueryError, match="'region' is of kind region in a and market in b"):
        check_columns_agree(manifests(a=HEADER, b=changed))
    check_columns_agree(manifests(a=HEADER, b=replace(HEADER, columns=())))


def test_a_column_that_is_called_run_is_refused():
    changed = replace(HEADER, columns=(RunColumn(name="run", kind="season"),))
    with pytest.raises(QueryError, match="b declares a column 'run', which tells several runs"):
        check_columns_agree(manifests(a=HEADER, b=changed))
