import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.errors import QueryError
from trendcolor.explore.asked import MOST_WITHIN, Asked, as_sent, read_asked
from trendcolor.explore.offer import PUBLIC_VIEWS, Column, Offer

COLUMNS = (
    Column(name="season", kind="season", values=("AW25", "SS26")),
    Column(name="region", kind="region", values=("EU", "UK")),
)


def offer(**changed):
    told = {
        **{
            "name": "run",
            "setup": "",
            "notes": (),
            "n_photos": 2,
            "n_garments": 4,
            "confidence": 0.95,
        },
        **{"is_public": False, "is_free_of_people": False, "columns": COLUMNS},
        "groups": ("season", "region", "month", "garment"),
    }
    return Offer(**told | changed)


RAW = offer()
PUBLIC = offer(
    is_public=True,
    groups=("season", "region"),
    most_by=2,
    garments=(),
    units=("garments",),
    levels=("family",),
    views=PUBLIC_VIEWS,
)
# What a client may send that nobody wishes for.
NASTY = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(["season", "AW25", "photo", "raw", "1=1) or (1=1", "__class__", "map"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = (*Asked.__dataclass_fields__, "disclosure", "sql")


def test_nothing_sent_is_the_usual_question():
    assert read_asked({}, RAW) == Asked()


def test_a_question_goes_to_a_client_and_comes_back():
    asked = Asked(
        view="compare",
        by=("season", "garment"),
        colors="common",
        unit="looks",
        garments=("top",),
        wanted=(("region", ("EU", "UK")),),
        near="navy",
        within=5.0,
        plane="chroma",
        a=("season", "AW25"),
        b=("season", "SS26"),
    )
    assert read_asked(json.loads(json.dumps(as_sent(asked))), RAW) == asked


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"by": ["seasons"]}, "no by 'seasons', did you mean 'season'"),
        ({"by": "season"}, "by is 'season' .wanted a list"),
        ({"by": [["season"]]}, r"by is \['season'\] .wanted a text"),
        ({"by": ["season", "region", "month", "garment"]}, "4 columns to group by .at most 3"),
        ({"view": "sql"}, "no view 'sql'"),
        ({"view": 3}, "view is 3"),
        ({"unit": "photos"}, "no unit 'photos'"),
        ({"colors": ["family"]}, "colors is"),
        ({"wanted": {"photo": ["a.jpg"]}}, "no column 'photo'"),
        ({"wanted": {"season": ["1=1"]}}, "no season '1=1'"),
        ({"wanted": {"season": [None]}}, "season is None"),
        ({"wanted": "season = 'AW25'"}, "wanted is"),
        ({"garments": ["cote"]}, "no garments 'cote'"),
        ({"near": ["navy"]}, "near is"),
        ({"near": "x" * 500}, "near is 'xxx"),
        ({"within": MOST_WITHIN + 1}, "within is 21"),
        ({"within": float("nan")}, "within is nan"),
        ({"within": True}, "within is True"),
        ({"a": ["season"]}, "a is"),
        ({"a": ["photo", "a.jpg"]}, "no column 'photo'"),
        ({"b": ["season", "EU"]}, "no season 'EU'"),
        ({"disclosure": "raw"}, "no field 'disclosure'"),
    ],
)
def test_what_is_not_offered_is_refused(sent, said):
    with pytest.raises(QueryError, match=said):
        read_asked(sent, RAW)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"wanted": {"season": ["AW25"]}}, "no filters"),
        ({"near": "navy"}, "no filters"),
        ({"garments": ["top"]}, "no garments can be asked for here"),
        ({"unit": "looks"}, "no unit 'looks'"),
        ({"colors": "bin"}, "no colors 'bin'"),
        ({"view": "map"}, "no view 'map'"),
        ({"view": "combinations"}, "no view 'combinations'"),
        ({"by": ["garment"]}, "no by 'garment'"),
    ],
)
def test_a_public_page_has_no_filters_and_no_other_tables(sent, said):
    with pytest.raises(QueryError, match=said):
        read_asked(sent, PUBLIC)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(FIELDS), NASTY, max_size=5))
def test_whatever_is_sent_only_what_is_offered_is_asked(sent):
    try:
        asked = read_asked(sent, PUBLIC)
    except QueryError:
        return
    assert asked.view in PUBLIC.views
    assert {*asked.by} <= {*PUBLIC.groups}
    assert len(asked.by) <= PUBLIC.most_by
    assert (asked.colors, asked.unit) == ("family", "garments")
    assert (asked.garments, asked.wanted, asked.near) == ((), (), "")
    assert {asked.a, asked.b} <= {None, *PUBLIC.parts}
