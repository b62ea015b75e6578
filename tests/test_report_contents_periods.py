import pytest
from garment_rows import BLACK, RED
from report_runs import built_run, people

from trendcolor.errors import QueryError
from trendcolor.report.contents.periods import Periods, in_order, parts_to_compare, periods

SEASONS = Periods(column="season", values=("AW24", "SS25", "AW25", "SS26"))


@pytest.mark.parametrize(
    ("seasons", "ordered"),
    [
        (["AW25", "SS26", "SS25"], ["SS25", "AW25", "SS26"]),
        (["2026 SS", "2025 FW"], ["2025 FW", "2026 SS"]),
        (["Fall 2025", "spring 2025"], ["spring 2025", "Fall 2025"]),
        (["cruise 25", "SS25"], None),
        ([], []),
    ],
)
def test_seasons_follow_each_other_where_that_can_be_told(seasons, ordered):
    assert in_order(seasons) == ordered


def test_a_run_of_seasons_has_them_as_its_periods(tmp_path):
    garments = [*people(BLACK, 3, season="SS26"), *people(BLACK, 3), *people(RED, 2, season=None)]
    found = periods(built_run(tmp_path / "run", garments))
    assert found == Periods(column="season", values=("AW25", "SS26"))


def test_a_run_of_one_season_has_no_periods(tmp_path):
    assert periods(built_run(tmp_path / "run", people(BLACK, 3))) is None


@pytest.mark.parametrize(
    ("days", "column", "values"),
    [
        (("2025-03-01", "2026-03-01"), "year", ("2025", "2026")),
        (("2025-03-01", "2025-05-01"), "quarter", ("2025-Q1", "2025-Q2")),
        (("2025-03-01", "2025-02-01"), "month", ("2025-02", "2025-03")),
    ],
    ids=["years", "quarters", "months"],
)
def test_dates_make_the_coarsest_periods_that_are_several(tmp_path, days, column, values):
    kinds = {"taken": "date", "source": "source"}
    garments = [each for day in days for each in people(BLACK, 2, season=day, taken=day)]
    found = periods(built_run(tmp_path / "run", garments, kinds=kinds))
    assert found == Periods(column=column, values=values)


def test_the_latest_season_is_compared_with_that_of_the_year_before():
    parts = parts_to_compare(SEASONS)
    assert (parts.before.label, parts.after.label) == ("SS25", "SS26")
    assert parts.before.wanted == {"season": "SS25"}


def test_without_a_season_of_the_year_before_it_is_the_one_before():
    parts = parts_to_compare(Periods(column="season", values=("AW25", "SS26")))
    assert (parts.before.label, parts.after.label) == ("AW25", "SS26")


def test_a_baseline_of_a_period_is_compared_with_the_latest():
    parts = parts_to_compare(SEASONS, baseline="season = 'AW24'")
    assert (parts.before.label, parts.after.label) == ("AW24", "SS26")
    assert parts.before.wanted == "season = 'AW24'"


@pytest.mark.parametrize("baseline", ["season = 'SS26'", "region = 'EU'"])
def test_a_baseline_that_is_no_earlier_period_is_compared_with_the_rest(tmp_path, baseline):
    garments = [
        *people(BLACK, 4, season="SS26"),
        *people(BLACK, 3, region="UK"),
        *people(RED, 2, season=None, region=None),
    ]
    run = built_run(tmp_path / "run", garments)
    parts = parts_to_compare(SEASONS, baseline=baseline)
    assert parts.after.label == f"not {parts.before.label}"
    sizes = [run.where(p.wanted).shares()["denominator"][0] for p in (parts.before, parts.after)]
    assert sum(sizes) == len(garments)  # what has no value is of the rest


def test_a_focus_is_compared_with_the_baseline_or_else_with_the_rest():
    parts = parts_to_compare(SEASONS, baseline="region = 'EU'", focus="region = 'UK'")
    assert (parts.before.label, parts.after.label) == ("EU", "UK")
    alone = parts_to_compare(SEASONS, focus="region = 'UK'")
    assert alone.after.wanted == "region = 'UK'"
    assert alone.before.label == "not UK"


def test_a_run_without_periods_compares_what_it_is_asked_to():
    assert parts_to_compare(None) is None
    assert parts_to_compare(None, baseline="region = 'EU'").after.label == "not EU"
    assert parts_to_compare(None, focus="region = 'EU'").before.label == "not EU"
    assert parts_to_compare(None, focus="region = 'EU'").after.label == "EU"


def test_a_condition_that_is_none_is_refused(tmp_path):
    run = built_run(tmp_path / "run", people(BLACK, 3))
    parts = parts_to_compare(None, baseline="region == EU")
    with pytest.raises(QueryError, match="EU"):
        run.compare(parts.before.wanted, parts.after.wanted)
