import pytest
from garment_rows import BLACK
from report_runs import built_run, contents, people

from trendcolor.config import ReportConfig
from trendcolor.errors import QueryError


def test_seasons_stand_in_their_order(tmp_path):
    garments = [
        each
        for season in ("AW24", "SS26", "SS25", "AW25")
        for each in people(BLACK, 12, season=season)
    ]
    (_, seasons) = contents(built_run(tmp_path / "run", garments)).breakdowns
    assert seasons.shares["season"].unique(maintain_order=True).to_list() == [
        *("AW24", "SS25", "AW25", "SS26"),
    ]


def test_a_column_of_many_values_is_shown_only_where_asked_for(tmp_path):
    garments = [each for i in range(13) for each in people(BLACK, 1, region=f"r{i}", start=i)]
    whole = contents(built_run(tmp_path / "run", garments))
    assert [each.column for each in whole.breakdowns] == ["garment"]
    asked = built_run(tmp_path / "asked", garments, report=ReportConfig(by=("region",)))
    assert [each.column for each in contents(asked).breakdowns] == ["garment", "region"]


def test_a_column_that_does_not_exist_is_refused(tmp_path):
    run = built_run(tmp_path / "run", report=ReportConfig(by=("seson",)))
    with pytest.raises(QueryError, match="no column 'seson', did you mean 'season'"):
        contents(run)
