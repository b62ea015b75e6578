import polars as pl
import pytest
from garment_rows import BLACK, BLUE, GREEN, RED, WHITE, garment, records
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from trendcolor.analysis.audit_sample import AUDIT_FIELDS, draw_garments
from trendcolor.errors import QueryError

KEY = ["photo", "wearer", "garment"]
COLORS = {"black": BLACK, "white": WHITE, "red": RED, "blue": BLUE, "green": GREEN}


def run_of(**counts):
    """A run with so many garments of each family."""
    return records(
        *(
            garment(f"{family}-{i}", (COLORS[family], 200), ((90, 200, 90), 55))
            for family, count in counts.items()
            for i in range(count)
        )
    )


def test_a_sheet_has_the_documented_columns_and_nothing_filled_in():
    items = draw_garments(run_of(black=3, red=2), 4).items
    assert items.columns == list(AUDIT_FIELDS)
    assert items.select("right_garment", "right_family", "verdict").unique().rows() == [
        (None, None, None)
    ]
    expected = {"black": "#000000", "red": "#e50000"}
    for row in items.iter_rows(named=True):
        assert row["photo"].startswith(row["family"])
        assert row["color"] == expected[row["family"]]


def test_an_item_has_its_palette_with_names():
    sample = draw_garments(run_of(red=1, black=5), 6)
    colors = sample.colors.filter(photo="red-0")
    assert colors["weight"].to_list() == [200, 55]
    assert colors["color"].to_list() == ["#e50000", "#5ac85a"]
    assert colors["family"].to_list() == ["red", "green"]
    assert sample.garments == 6


def test_the_same_seed_gives_the_same_sheet_and_another_another():
    run = run_of(black=40, white=10)
    first = draw_garments(run, 20, seed=3)
    again = draw_garments(run, 20, seed=3)
    assert_frame_equal(first.items, again.items)
    assert_frame_equal(first.colors, again.colors)
    other = draw_garments(run, 20, seed=4).items
    assert first.items["photo"].to_list() != other["photo"].to_list()


def test_by_family_draws_rare_families_as_often():
    items = draw_garments(run_of(black=100, white=50, red=4), 24, by_family=True).items
    counts = {
        family: (len(rows), rows["weight"][0]) for (family,), rows in items.group_by("family")
    }
    assert counts == {"black": (10, 10.0), "white": (10, 5.0), "red": (4, 1.0)}


def test_fewer_items_than_families_leave_some_out():
    items = draw_garments(run_of(black=9, white=9, red=9), 2, by_family=True).items
    assert sorted(items["family"]) == ["black", "white"]
    assert items["weight"].to_list() == [9.0, 9.0]


def test_the_order_of_a_sheet_is_random():
    items = draw_garments(run_of(black=30, white=30), 60, by_family=True).items
    assert len(items["family"].rle()) > 10  # 60 of two kinds in random order change 30 times


def test_each_garment_has_the_same_chance():
    run = run_of(black=5, white=3)
    drawn = pl.concat([draw_garments(run, 2, seed=seed).items for seed in range(400)])
    counts = drawn.group_by("photo").len()["len"]
    # 400 * 2 / 8 = 100 each, binomial: a standard deviation of 8.7; five of them.
    assert len(counts) == 8
    assert counts.is_between(100 - 44, 100 + 44).all()


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.integers(1, 9), min_size=5, max_size=5),
    st.integers(1, 60),
    st.booleans(),
    st.integers(0, 5),
)
def test_no_garment_comes_twice_and_weights_sum_to_the_run(counts, n, by_family, seed):
    sizes = dict(zip(COLORS, counts, strict=True))
    items = draw_garments(run_of(**sizes), n, seed=seed, by_family=by_family).items
    assert len(items) == min(n, sum(counts))
    assert len(items.unique(KEY)) == len(items)
    if not by_family:
        assert items["weight"].sum() == pytest.approx(sum(counts))
    for (family,), rows in items.group_by("family"):
        if by_family:
            assert rows["weight"].sum() == pytest.approx(sizes[family])


@pytest.mark.parametrize(
    ("run", "n", "message"),
    [(run_of(red=1), 0, "n is 0, wanted how many"), (records(), 5, "no garment to draw")],
)
def test_what_cannot_be_drawn_is_refused(run, n, message):
    with pytest.raises(QueryError, match=message):
        draw_garments(run, n)
