import numpy as np
import polars as pl
import pytest
from garment_rows import BLACK, RED, WHITE, garment, near_marks, records
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.analysis.near import Near, is_near
from trendcolor.color.spaces import color_difference, srgb_to_lab
from trendcolor.errors import QueryError
from trendcolor.histograms import rgb_to_bin

HEADLINE = (22, 20, 24)


def marks(rows, *targets):
    found = near_marks(rows, *targets).collect().sort("photo", "rank")
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
    found = near_marks(rows, Near("000000", 0)).collect()
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
    assert near_marks(records(), Near("#000000", 5)).collect().is_empty()


@pytest.mark.parametrize("color", ["blakc", "#12345", "#1234567", "#12345g"])
def test_what_is_no_color_is_refused(color):
    with pytest.raises(QueryError, match=f"no color '{color}'.* .wanted sRGB as six digits"):
        Near(color, 5)


def test_a_name_of_the_vocabulary_is_a_color_and_a_wrong_one_has_the_nearest():
    np.testing.assert_allclose(Near("black", 0).lab, Near("#000000", 0).lab, atol=25)
    with pytest.raises(QueryError, match="no color 'nvay', did you mean 'navy'"):
        Near("nvay", 5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**24 - 1), st.floats(0, 30), st.integers(0, 2**32))
def test_what_is_near_by_bins_is_what_is_near_color_by_color(aim, within, seed):
    target = Near(f"#{aim:06x}", within)
    around = np.random.default_rng(seed).normal(0, 25, (2000, 3))
    rgb8 = np.clip(np.array(list(bytes.fromhex(target.color[1:]))) + around, 0, 255).astype(int)
    key = np.unique(rgb8 @ [65536, 256, 1])
    colors = pl.DataFrame({"_color": key}, schema={"_color": pl.Int32}).with_columns(
        _bin=pl.Series(rgb_to_bin(key >> 16, key >> 8 & 255, key & 255))
    )
    lab = srgb_to_lab(np.stack([key >> 16, key >> 8 & 255, key & 255], axis=1).astype(np.uint8))
    expected = color_difference(lab.astype(np.float64), target.lab) <= within
    np.testing.assert_array_equal(is_near(colors, [target]), expected)


@pytest.mark.parametrize("within", [-1.0, float("nan")])
def test_a_difference_below_zero_is_refused(within):
    with pytest.raises(QueryError, match=r"within must be at least 0 \(CIEDE2000\), got"):
        Near("#000000", within)


def test_a_color_like_no_name_does_not_list_hundreds_of_them():
    with pytest.raises(QueryError) as refused:
        Near("zzzzqq", 5)
    assert len(str(refused.value)) < 120
