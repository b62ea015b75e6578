import datetime

import polars as pl
import pytest
from garment_rows import BLACK, garment, records

from trendcolor.analysis.filters import check_columns, check_garments, condition
from trendcolor.errors import QueryError

ROWS = records(
    garment("a", BLACK, season="AW25", region="EU"),
    garment("b", BLACK, season="AW26", region="UK", garment="dress"),
    garment("c", BLACK, season="AW26", region="US"),
    garment("d", BLACK, season="2026-01-05", region=None),
)
TEXT = ROWS.with_columns(pl.col("garment").cast(pl.String))  # as queries filter it
SCHEMA = TEXT.select("season", "region", "garment", "pixels").collect_schema()


def kept(wanted):
    return "".join(TEXT.filter(condition(wanted, SCHEMA)).collect()["photo"])


CONDITIONS = [
    pytest.param({"season": "AW26"}, "bc", id="a value"),
    pytest.param({"season": ["AW25", "AW26"], "region": ("EU", "UK")}, "ab", id="one of several"),
    pytest.param({"garment": "dress"}, "b", id="garment"),
    pytest.param({"region": None}, "d", id="missing"),
    pytest.param({"region": ["EU", None]}, "ad", id="a value or missing"),
    pytest.param({"season": datetime.date(2026, 1, 5)}, "d", id="date"),
    pytest.param({"pixels": 1000}, "abcd", id="number"),
    pytest.param({}, "abcd", id="no condition"),
    pytest.param("region = 'EU'", "a", id="SQL"),
    pytest.param("season = 'AW26' AND region <> 'US'", "b", id="SQL with and"),
    pytest.param("region IN ('EU', 'UK') OR region IS NULL", "abd", id="SQL with in"),
    pytest.param("garment = 'dress'", "b", id="SQL on the garment"),
    pytest.param("garment LIKE 'dr%'", "b", id="SQL on a part of the garment"),
    pytest.param("garment = 'hat'", "", id="SQL on a garment that is none"),
]


@pytest.mark.parametrize(("wanted", "photos"), CONDITIONS)
def test_a_condition_keeps_what_meets_it(wanted, photos):
    assert kept(wanted) == photos


REFUSED = [
    pytest.param({"seson": "AW26"}, "no column 'seson', did you mean 'season'?", id="column"),
    pytest.param({"garment": "dres"}, "no garment 'dres', did you mean 'dress'?", id="garment"),
    pytest.param({"pixels": "many"}, 'condition "pixels = .*" can\'t be used', id="type"),
    pytest.param("regoin = 'EU'", "no column 'regoin', did you mean 'region'?", id="SQL column"),
    pytest.param("region = ", 'no SQL condition: "region = "', id="SQL text"),
    pytest.param("select 1", 'no SQL condition: "select 1"', id="SQL statement"),
    pytest.param("region", 'condition "region" can\'t be used', id="SQL without a truth"),
    pytest.param("season = 5", 'condition "season = 5" can\'t be used', id="SQL type"),
    pytest.param(
        "1 = 1", 'condition "1 = 1" names no column; there are: season', id="SQL constant"
    ),
]


@pytest.mark.parametrize(("wanted", "message"), REFUSED)
def test_what_is_no_condition_is_refused(wanted, message):
    with pytest.raises(QueryError, match=message.replace("?", r"\?")):
        condition(wanted, SCHEMA)


def test_an_unknown_name_gets_the_nearest_or_all():
    with pytest.raises(QueryError, match="no column 'xyz'; there are: season, region"):
        check_columns(["xyz"], ["season", "region"])
    with pytest.raises(QueryError, match="no garment 'outwear', did you mean 'outerwear'"):
        check_garments(["top", "outwear"])


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        pytest.param("NOT region", "can't be used", id="text for a truth"),
        pytest.param("MAX(pixels) = pixels", "looks at more than one row", id="aggregate in a row"),
        pytest.param("SUM(pixels) > 3", "looks at more than one row", id="aggregate"),
    ],
)
def test_what_would_fail_or_mislead_on_real_rows_is_refused_where_it_is_written(wanted, message):
    with pytest.raises(QueryError, match=message):
        condition(wanted, SCHEMA)
