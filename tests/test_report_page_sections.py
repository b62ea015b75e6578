from dataclasses import replace

import pytest
from report_runs import built_run, contents

from trendcolor.report.page.sections import sections
from trendcolor.report.words import open_words


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return contents(built_run(tmp_path_factory.mktemp("run") / "run"))


def names(found, lang="en"):
    return [each.name for each in sections(found, open_words(lang))]


def test_sections_are_the_same_in_all_languages(told):
    assert names(told) == names(told, "zh-CN")
    english, chinese = (sections(told, open_words(lang)) for lang in ("en", "zh-CN"))
    assert not {each.title for each in english} & {each.title for each in chinese}


@pytest.mark.parametrize(
    ("field", "section"),
    [("evolution", "evolution"), ("line", "line")],
)
def test_what_is_not_there_has_no_section(told, field, section):
    assert section not in names(replace(told, **{field: None}))


@pytest.mark.parametrize(
    ("field", "section"),
    [("patterns", "patterns"), ("budget", "budget"), ("tones", "tones")],
)
def test_an_empty_table_has_no_section(told, field, section):
    assert section in names(told)
    assert section not in names(replace(told, **{field: getattr(told, field).clear()}))


def test_weight_has_a_section_where_it_is_declared(told):
    assert "weight" not in names(told)
