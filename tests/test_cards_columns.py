import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.cards import KINDS, Column
from trendcolor.cards.columns import RESERVED, column_faults, inference
from trendcolor.records import FIELDS, PHOTO_FIELDS


def column(**keys):
    answers = {
        "name": "group",
        "kind": "cohort",
        "declared_by": "the wearers",
        "declared_on": "2026",
    }
    return Column(**(answers | keys))


INFERRED = [
    {"name": "age_estimated"},
    {"name": "predicted_gender"},
    {"name": "predictedGender"},
    {"name": "gender_confidence", "kind": "category"},
    {"name": "face_id", "kind": "id"},
    {"name": "emotion"},
    {"name": "skin_tone"},
    {"name": "fitzpatrick"},
    {"name": "group", "table_column": "FaceAge"},
    {"declared_by": "estimated from the photos"},
    {"declared_by": "Face++"},
    {"declared_by": "a classifier"},
    {"declared_by": "AI"},
    {"inferred_from": "faces"},
    {"inferred_from": "the name of the wearer"},
    {"inferred_from": "body height", "kind": "region"},
    {"declared_by": "predicted from the face", "kind": "region"},
    {"note": "guessed from the picture"},
]


@pytest.mark.parametrize("keys", INFERRED, ids=[" ".join(keys.values()) for keys in INFERRED])
def test_columns_inferred_from_looks_are_refused_by_name(keys):
    faults = list(column_faults([column(**keys)]))
    assert len(faults) == 1
    assert faults[0].startswith(f"column '{keys.get('name', 'group')}': refused, ")
    assert "leave the column out" in faults[0]


DECLARED = [
    {"name": "gender", "declared_by": "the wearers, in a form"},
    {"name": "age_group", "declared_by": "the shop: the line of clothes"},
    {"name": "fit", "declared_by": "the contributors", "note": "never guessed from a picture"},
    {"name": "country", "kind": "region", "inferred_from": "the camera's GPS position"},
    {"name": "season", "kind": "season", "declared_by": "derived from the date by the owner"},
    {"name": "line", "declared_by": "the shop's own classification of its lines"},
    {"name": "bodysuit_line", "kind": "category"},
    {"name": "surface", "kind": "category"},
]


@pytest.mark.parametrize("keys", DECLARED, ids=[keys["name"] for keys in DECLARED])
def test_columns_that_somebody_declared_pass(keys):
    assert list(column_faults([column(**keys)])) == []


@given(st.sampled_from(sorted(KINDS)), st.sampled_from(["face", "facial", "emotion", "biometric"]))
def test_no_kind_makes_a_face_column_acceptable(kind, word):
    assert inference(column(name=f"{word}_x", kind=kind))
    assert inference(column(table_column=f"x_{word}", kind=kind))


def test_the_columns_of_a_run_s_tables_are_reserved():
    assert {*FIELDS, *PHOTO_FIELDS} <= set(RESERVED)


@pytest.mark.parametrize("name", [*RESERVED, "Photo"])
def test_names_of_record_columns_are_refused(name):
    faults = "\n".join(column_faults([column(name=name)]))
    assert f"column '{name}': a run's tables have a column of that name" in faults


@pytest.mark.parametrize("name", ["two words", "1st", "größe", "a-b"])
def test_names_that_are_no_identifiers_are_refused(name):
    faults = "\n".join(column_faults([column(name=name)]))
    assert "a name has letters, digits and _ only" in faults


def test_a_name_is_declared_once_and_only_one_column_is_the_date():
    first = column(name="day", kind="date")
    faults = "\n".join(column_faults([first, first]))
    assert "column 'day': declared 2 times" in faults
    assert "2 columns are of kind 'date', at most one may be" in faults


def test_several_cohorts_may_be_declared():
    assert list(column_faults([column(name="line"), column(name="fit")])) == []


def test_unanswered_columns_say_what_is_wanted():
    faults = list(column_faults([Column(name="taken", kind="TODO: date?", declared_by="")]))
    assert faults[0].startswith("column 'taken': kind is not answered (wanted: one of id, date")
    assert faults[1].startswith("column 'taken': declared_by is not answered (wanted: who wrote")
    (fault,) = column_faults([Column(kind="id", declared_by="x")])
    assert fault == "columns[1]: name is not answered (wanted: what queries call it)"


def test_the_name_in_the_table_is_the_columns_own_unless_it_says_otherwise():
    assert column(name="line").from_name == "line"
    assert column(name="line", table_column="Line of clothes").from_name == "Line of clothes"


CHILDREN = [
    {"name": "kids"},
    {"name": "forChildren", "kind": "category"},
    {"table_column": "Boys' line"},
    {"values": ("womenswear", "Baby/Children")},
    {"values": ("女装", "童装")},
    {"name": "school", "kind": "region"},
]


@pytest.mark.parametrize("keys", CHILDREN, ids=[str(keys) for keys in CHILDREN])
def test_a_column_that_speaks_of_children_needs_purposes_of_its_own(keys):
    (fault,) = column_faults([column(**keys)])
    assert "it speaks of children ('" in fault
    assert "the owner states purposes" in fault
    assert list(column_faults([column(**keys, purposes=("research",))])) == []


@pytest.mark.parametrize("name", ["schooner", "minority", "teeny", "kidney", "babydoll"])
def test_words_that_only_begin_like_those_of_children_pass(name):
    assert list(column_faults([column(name=name)])) == []


@pytest.mark.parametrize("day", ["2026", "2026-03-31", "1999"])
def test_a_cohort_says_when_it_was_declared(day):
    assert list(column_faults([column(declared_on=day)])) == []


def test_a_day_that_is_still_a_question_is_not_answered():
    (fault,) = column_faults([column(declared_on="TODO: when?")])
    assert "declared_on is not answered (wanted: when it was declared, as 2026-03-31" in fault


@pytest.mark.parametrize("day", ["last year", "26", "2026-02-30", "20260331", "2026-W05-1"])
def test_a_day_that_is_none_is_refused(day):
    (fault,) = column_faults([column(declared_on=day)])
    assert f"declared_on is '{day}' (wanted: a day as 2026-03-31, or a year)" in fault


@pytest.mark.parametrize("kind", ["region", "cohort"])
def test_a_column_may_be_without_a_day(kind):
    assert list(column_faults([column(kind=kind, declared_on="")])) == []


def test_an_unknown_purpose_of_a_column_is_a_fault():
    (fault,) = column_faults([column(purposes=("reserch",))])
    assert "purposes does not know 'reserch', did you mean 'research'" in fault
    (fault,) = column_faults([column(name="kids", purposes=("TODO: which?",))])
    assert "purposes is not answered" in fault
