import pytest

from trendcolor.api.statement import check_statement
from trendcolor.errors import QueryError

ASKED = {
    "counts": "select season, count(*) n from records where rank = 0 group by 1",
    "colors": "select r, g, b, count(*), count(distinct photo) from records group by r, g, b",
    "from first": "from records select garment, r",
    "photos beside": "select * from records join photos on records.photo = photos.photo",
    "photos using": "select r, season from records join photos using (photo)",
    "pairs of one look": (
        "select a.garment, b.garment, count(*) from records a join records b "
        "on a.photo = b.photo and a.wearer = b.wearer where a.garment < b.garment group by 1, 2"
    ),
    "pairs, comma": "select a.r from records a, records b where a.photo = b.photo and a.r > b.r",
    "pairs, natural": "select * from records natural join records as b",
    "photos that have": (
        "select * from records where photo in (select photo from records where garment = 'top')"
    ),
    "part of all": "select count(*) / (select count(*) from records) from records",
    "with": "with tops as (select * from records where garment = 'top') select r from tops",
    "exclude": "select * exclude (r) from records",
    "union": "select r from records union all select g from records",
}
REFUSED = {
    "join": "select a.photo, b.photo from records a join records b on a.r = b.r and a.g = b.g",
    "using": "select a.photo from records a join records b using (r, g, b)",
    "comma": "select a.photo, b.photo from records a, records b where abs(a.r - b.r) < 3",
    "or": "select a.photo from records a join records b on a.photo = b.photo or a.r = b.r",
    "same side": "select a.photo from records a join records b on a.photo = a.photo and a.r = b.r",
    "not equal": "select a.photo from records a join records b on a.photo <> b.photo and a.r = b.r",
    "cross": "select a.photo from records a cross join records b",
    "with": "with x as (select photo, r from records) select * from x join records y on x.r = y.r",
    "with twice": (
        "with x as (select photo, r from records), y as (select * from x) "
        "select * from x join y on x.r = y.r"
    ),
    "inner": (
        "select * from (select photo, r from records) a "
        "join (select photo, r from records) b on a.r = b.r"
    ),
    "in": "select photo from records where r in (select r from records where photo = 'a')",
    "lists": "select r, g, b, array_agg(photo) from records group by r, g, b",
    "lists by place": "select r, min(photo), max(photo) from records group by 1",
    "quoted": 'select a.photo from "records" a join "records" b on a."r" = b."r"',
    "upper case": "SELECT a.photo FROM RECORDS a JOIN Records b ON a.R = b.R",
}


@pytest.mark.parametrize("query", ASKED.values(), ids=ASKED)
def test_questions_about_colors_and_looks_are_asked(query):
    check_statement(query)


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED)
def test_photos_are_not_linked_by_what_is_worn(query):
    with pytest.raises(QueryError, match=r"is refused: .* never linked by what is worn"):
        check_statement(query)


def test_a_statement_that_cannot_be_read_is_told():
    with pytest.raises(QueryError, match="can't be answered"):
        check_statement("select from from where (")
