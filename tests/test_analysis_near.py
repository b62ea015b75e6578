import pytest
from garment_rows import BLACK, RED, WHITE, garment, records

from trendcolor.analysis.near import Near, mark_near
from trendcolor.errors import QueryError

HEADLINE = (22, 20, 24)


def marks(rows, *targets):
    found = mark_near(rows, *targets).collect().sort("photo", "rank")
    return dict(zip(found["photo"] + found["rank"].cast(str), found["is_near"], strict=True))


def test_a_garment_is_near_by_its_main_color_alone():
    rows = records(
        garment("a", (HEADLINE, 200), (RED, 55)),
        garment("b", (RED, 200), (HEADLINE, 55)),
        garment("c", WHITE),
    )
    assert marks(rows, Near("#161418", 1)) == {
        "a0": True,
        "a1": True,
        "b0": False,
        "b1": False,
        "c0": False,
    }


def test_another_garment_of_the_photo_is_not_marked():
    rows = records(garment("a", BLACK), garment("a", WHITE, wearer=1))
    found = mark_near(rows, Near("000000", 0)).collect()
    assert found.sort("wearer")["is_near"].to_list() == [True, False]


def test_the_border_is_near():
    # L* of black and white differ by 100 with no other term: CIEDE2000 is 100 / S_L of 50 = 100.
    rows = records(garment("a", WHITE))
    assert marks(rows, Near("#000000", 100.001)) == {"a0": True}
    assert marks(rows, Near("#000000", 99.999)) == {"a0": False}


def test_a_garment_must_be_near_every_target():
    rows = records(garment("a", (5, 5, 5)), garment("b", (40, 40, 40)))
    assert marks(rows, Near("#000000", 12), Near("#303030", 8)) == {"a0": False, "b0": True}


def test_no_records_have_no_marks():
    assert mark_near(records(), Near("#000000", 5)).collect().is_empty()


@pytest.mark.parametrize("color", ["blakc", "#12345", "#1234567", "#12345g"])
def test_what_is_no_color_is_refused(color):
    with pytest.raises(QueryError, match=f"no color '{color}' .wanted sRGB as six digits"):
        Near(color, 5)


@pytest.mark.parametrize("within", [-1.0, float("nan")])
def test_a_difference_below_zero_is_refused(within):
    with pytest.raises(QueryError, match=r"within must be at least 0 \(CIEDE2000\), got"):
        Near("#000000", within)
