import polars as pl
import pytest
from garment_rows import BLACK, BLUE, RED, WHITE, garment, records
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from trendcolor.color.vocabularies import COMMON, FAMILIES, FAMILY_OF, shipped_vocabulary
from trendcolor.histograms import (
    MEASURES,
    StoredColumns,
    merge_stored,
    stored_histogram,
    stored_sources,
    with_period,
)
from trendcolor.histograms.stored import color_labels

# A frame's first query takes long on a busy machine; that is no failure.
UNHURRIED = settings(deadline=None, max_examples=40)

DECLARED = ("season", "taken", "source")
COLUMNS = StoredColumns(by=("season",), cluster="source", weight="sold", date="taken")

# Photo a shows two wearers, b one.
ROWS = (
    garment("a", (BLACK, 204), (RED, 51), season="AW25", pixels=100, sold=10.0, source="s1"),
    garment(
        "a", BLACK, garment="dress", wearer=1, season="AW25", pixels=300, sold=10.0, source="s1"
    ),
    garment("b", RED, season="AW26", taken="2026-03-31", pixels=400, sold=2.5, source="s2"),
)


def stored(*garments, columns=COLUMNS):
    rows = records(*garments, columns=DECLARED, numbers=("sold",))
    return stored_histogram(rows, columns).collect()


def whole_row(table, **key):
    return table.filter(level="whole", **key).select(pl.sum(MEASURES)).row(0, named=True)


def test_a_level_counts_each_color_in_each_unit():
    family = stored(*ROWS).filter(pl.col("garment").is_null(), level="family", season="AW25")
    found = family.group_by("color").agg(pl.sum(MEASURES)).sort("color")
    assert [FAMILIES[i] for i in found["color"]] == ["black", "red"]
    black, red = found.rows(named=True)
    assert (black["garments"], black["looks"], black["weight"]) == (2, 2, 204 + 255)
    assert (red["garments"], red["looks"], red["weight"]) == (0, 1, 51)
    assert (black["area"], red["area"]) == (100 * 204 + 300 * 255, 100 * 51)
    assert (black["declared"], black["weighed"], red["declared"]) == (20_000_000, 2, 0)


def test_the_whole_counts_garments_looks_and_photos_once():
    table = stored(*ROWS)
    everything = whole_row(table.filter(pl.col("garment").is_null()))
    assert {name: everything[name] for name in ("garments", "looks", "photos")} == {
        **{"garments": 3, "looks": 3, "photos": 2}
    }
    assert whole_row(table, garment="top")["photos"] == 2
    assert whole_row(table, garment="dress")["looks"] == 1


def test_a_source_s_garments_are_in_one_random_group_whatever_the_shard():
    one, other = (stored(*part).filter(level="whole") for part in (ROWS[:1], ROWS[:2]))
    group = one["replicate"].unique().item()
    assert group in other.filter(garment="top")["replicate"]


def test_names_and_bins_have_no_random_groups():
    table = stored(*ROWS)
    fine = table.filter(pl.col("level").is_in(["name", "bin"]))
    assert fine["replicate"].null_count() == len(fine)
    assert table.filter(level="common")["replicate"].null_count() == 0


def test_the_places_of_a_color_lead_to_one_family():
    labels = color_labels(pl.Series([0x0343DF, 0xE50000])).to_dicts()
    words = shipped_vocabulary()
    for label, family in zip(labels, ("blue", "red"), strict=True):
        assert words.family[label["_name"]] == family == FAMILIES[label["_family"]]
        assert FAMILY_OF[COMMON[label["_common"]]] == family


def test_months_are_counted_apart_where_there_is_a_date():
    table = stored(*ROWS)
    assert set(table["month"]) == {None, "2026-03"}
    assert "month" not in stored(*ROWS, columns=StoredColumns(by=("season",)))


def test_a_date_is_also_known_by_its_periods():
    dates = ["2025-12-31", "2026-01-01", "2026-07-15", None]
    found = with_period(pl.LazyFrame({"taken": dates}), "taken").collect()
    assert found["month"].to_list() == ["2025-12", "2026-01", "2026-07", None]
    assert found["quarter"].to_list() == ["2025-Q4", "2026-Q1", "2026-Q3", None]
    assert found["year"].to_list() == ["2025", "2026", "2026", None]


def test_a_declared_column_goes_before_a_period_of_its_name():
    rows = pl.LazyFrame({"taken": ["2025-12-31"], "month": ["Frimaire"]})
    assert with_period(rows, "taken").collect()["month"].to_list() == ["Frimaire"]


def test_sources_are_told_once_a_group():
    unknown = garment("c", WHITE, season="AW25")
    rows = records(*ROWS, unknown, columns=DECLARED, numbers=("sold",))
    table = stored_sources(rows, COLUMNS).collect()
    whole = table.filter(pl.col("garment").is_null())
    assert whole.select("season", "cluster", "garments").rows() == [
        *(("AW25", "s1", 2), ("AW25", None, 1), ("AW26", "s2", 1)),
    ]
    assert stored_sources(rows, StoredColumns(by=("season",))).collect().is_empty()


def test_no_records_store_nothing():
    assert stored().is_empty()
    assert stored().columns == stored(*ROWS).columns


palettes = st.integers(1, 254).map(lambda weight: ((RED, weight), (BLUE, 255 - weight)))
found_garments = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(["top", "dress"]),
        st.integers(0, 2),
        st.sampled_from([None, "s1", "s2"]),
        palettes | st.sampled_from([(BLACK,), (WHITE,)]),
        st.integers(1, 10**8),
        st.sampled_from([None, 0.0, 0.1, 2.5, 1e6]),
    ),
    min_size=1,
    unique_by=lambda each: each[:3],
).map(lambda found: sorted(found, key=lambda each: (each[0], each[2])))


def built(found):
    seasons = dict(zip("abcdef", ["AW25", "AW25", "AW26", None, "AW26", "SS26"], strict=True))
    return [
        garment(
            photo, *palette, garment=kind, wearer=wearer, pixels=n, sold=sold, source=source,
            season=seasons[photo],
        )
        for photo, kind, wearer, source, palette, n, sold in found
    ]  # fmt: skip


@UNHURRIED
@given(found_garments, st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_parts_of_whole_photos_merge_to_the_whole(found, shard_of):
    parts = [
        [each for each in found if shard_of["abcdef".index(each[0])] == shard] for shard in range(4)
    ]
    frames = [stored(*built(part)).lazy() for part in parts]
    assert_frame_equal(merge_stored(frames).collect(), stored(*built(found)))
    assert_frame_equal(merge_stored(reversed(frames)).collect(), stored(*built(found)))


@UNHURRIED
@given(found_garments)
def test_levels_sum_to_the_whole(found):
    table = stored(*built(found))
    keys = ["season", "garment"]
    measures = ["garments", "weight", "area", "declared", "weighed"]
    whole = table.filter(level="whole").group_by(keys).agg(pl.sum(measures))
    for level in ("family", "common", "name", "bin"):
        added = table.filter(level=level).group_by(keys).agg(pl.sum(measures))
        assert_frame_equal(added, whole, check_row_order=False)


@pytest.mark.parametrize("cluster", ["source", "photo"])
def test_the_whole_run_is_the_sum_of_its_garments(cluster):
    columns = StoredColumns(by=("season",), cluster=cluster)
    table = stored(*ROWS, columns=columns).filter(level="whole")
    by_class = table.filter(pl.col("garment").is_not_null()).select(pl.sum("garments", "area"))
    together = table.filter(pl.col("garment").is_null()).select(pl.sum("garments", "area"))
    assert_frame_equal(by_class, together)
