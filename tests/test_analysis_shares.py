import dataclasses

import polars as pl
import pytest
from garment_rows import BLACK, BLUE, RED, WHITE, colors_of, garment, records, tallied
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from trendcolor.analysis.legends import COLORS, NEUTRALS, Level, legend
from trendcolor.analysis.near import Near
from trendcolor.analysis.shares import shares
from trendcolor.analysis.tally import UNITS
from trendcolor.color.vocabularies import COMMON, FAMILIES, FAMILY_OF, shipped_vocabulary
from trendcolor.errors import QueryError
from trendcolor.histograms import rgb_to_bin

# A frame's first query takes long on a busy machine; that is no failure.
UNHURRIED = settings(deadline=None, max_examples=50)

# Photo a shows two wearers; b and c one each. Weight and pixels are chosen to be summed by eye.
ROWS = records(
    garment("a", (BLACK, 204), (RED, 51), season="AW25", pixels=100, sold=10.0),
    garment("a", BLACK, garment="dress", wearer=1, season="AW25", pixels=300, sold=10.0),
    garment("b", RED, season="AW25", pixels=400, sold=20.0),
    garment("b", RED, garment="dress", season="AW25", pixels=200, sold=20.0),
    garment("c", WHITE, season="AW26", pixels=50, sold=5.0),
    columns=("season",),
    numbers=("sold",),
)


def answer(rows=ROWS, **question):
    return shares(tallied(rows, **question))


def cells(table, *columns):
    return [row[:-1] for row in table.select(*columns, "numerator").rows() if row[-1] > 0]


def numbers(table):
    return table.filter(pl.col("numerator") > 0).select("numerator", "denominator").rows()


def test_garments_count_for_their_main_color():
    table = answer(by=("season",))
    assert cells(table, "season", "family", "share") == [
        ("AW25", "black", 0.5),
        ("AW25", "red", 0.5),
        ("AW26", "white", 1.0),
    ]
    assert numbers(table) == [(2, 4), (2, 4), (1, 1)]


def test_looks_count_for_every_color_in_them():
    # Three looks in AW25: wearer 0 of a shows black and red, wearer 1 black, b red.
    table = answer(by=("season",), unit="looks")
    assert cells(table, "season", "family") == [
        ("AW25", "black"),
        ("AW25", "red"),
        ("AW26", "white"),
    ]
    assert numbers(table) == [(2, 3), (2, 3), (1, 1)]


def test_area_is_shared_out_over_the_palette():
    # Black: 100 x 204/255 + 300 = 380; red: 100 x 51/255 + 400 + 200 = 620.
    table = answer(by=("season",), unit="area")
    assert cells(table, "season", "family") == [
        ("AW25", "red"),
        ("AW25", "black"),
        ("AW26", "white"),
    ]
    assert numbers(table) == [(620.0, 1000.0), (380.0, 1000.0), (50.0, 50.0)]


def test_weight_counts_the_declared_number_for_the_main_color():
    table = answer(unit="weight", weight="sold")
    assert cells(table, "family") == [("red",), ("black",), ("white",)]
    assert numbers(table) == [(40.0, 65.0), (20.0, 65.0), (5.0, 65.0)]


def test_weight_may_be_text_and_missing():
    rows = records(
        garment("a", BLACK, sold="2.5"),
        garment("b", RED, sold=None),
        garment("c", RED, sold="unknown"),
        garment("d", WHITE, sold="7.5"),
        columns=("sold",),
    )
    assert numbers(answer(rows, unit="weight", weight="sold")) == [(7.5, 10.0), (2.5, 10.0)]


def test_wilson_with_hand_worked_numbers():
    # Newcombe (1998): 15 of 148 has .0624 to .1605.
    every = [garment(str(i), BLACK if i < 15 else RED) for i in range(148)]
    black = answer(records(*every)).row(by_predicate=pl.col("family") == "black", named=True)
    assert (black["numerator"], black["denominator"], black["unit"]) == (15, 148, "garments")
    assert black["low"] == pytest.approx(0.0624, abs=5e-5)
    assert black["high"] == pytest.approx(0.1605, abs=5e-5)


def test_unequal_garments_make_the_interval_of_area_wider():
    even = records(*(garment(str(i), BLACK if i % 2 else RED, pixels=500) for i in range(20)))
    uneven = records(
        *(garment(str(i), BLACK if i % 2 else RED, pixels=9500 if i < 2 else 10) for i in range(20))
    )
    width = pl.col("high") - pl.col("low")
    # One of two garments that make up nearly all the area: Wilson's interval with n = 2.
    assert answer(uneven, unit="area").select(width).row(0)[0] == pytest.approx(0.81, abs=0.01)
    # Twenty equal ones tell as much as twenty garments, as far as twenty groups can say that.
    equal, plain = (answer(even, **unit).select(width).row(0)[0] for unit in ({"unit": "area"}, {}))
    assert plain <= equal < 1.2 * plain


def test_all_twelve_families_print_in_each_group():
    table = answer(by=("season", "garment"))
    counts = table.group_by("season", "garment", maintain_order=True).agg(
        pl.col("family").n_unique()
    )
    assert counts.rows() == [("AW25", "top", 12), ("AW25", "dress", 12), ("AW26", "top", 12)]


def test_all_26_common_colors_print_and_add_up_to_families():
    common, family = answer(by=("season",), colors="common"), answer(by=("season",))
    assert common.columns[:2] == ["season", "common"]
    assert common["common"].value_counts().height == len(COMMON) == common.height // 2
    added = (
        common.with_columns(family=pl.col("common").replace_strict(FAMILY_OF))
        .group_by("season", "family")
        .agg(pl.sum("numerator"))
    )
    assert_frame_equal(added, family.select("season", "family", "numerator"), check_row_order=False)


def test_names_are_those_of_the_vocabulary_and_the_rest_is_no_match():
    css = shipped_vocabulary("css")
    words = dataclasses.replace(css, limit=2.0)
    table = answer(colors="name", vocabulary=words)
    found = dict(table.select("name", "numerator").rows())
    assert found["no match"] > 0
    assert set(found) - {"no match"} <= set(css.name)
    assert sum(found.values()) == 5
    named = answer(colors="name", vocabulary=css)
    assert "no match" not in named["name"]
    assert set(named["name"]) <= set(css.name)


def test_rows_fall_by_share_and_ties_stand_in_family_order():
    table = answer(by=("season",)).filter(season="AW26")
    rest = [family for family in FAMILIES if family != "white"]
    assert table["family"].to_list() == ["white", *rest]
    assert table["low"].to_list()[1:] == [0.0] * 11


@pytest.mark.parametrize("colors", ["name", "bin"])
def test_colors_of_the_whole_run_print_in_each_group(colors):
    table = answer(ROWS.filter(season="AW26"), run=ROWS, colors=colors)
    assert table.columns[0] == colors
    assert table["numerator"].to_list() == [1, 0, 0]


def test_bins_are_those_of_the_grid():
    white = int(rgb_to_bin([255], [255], [255])[0])
    assert answer(colors="bin").filter(bin=white)["numerator"].to_list() == [1]


def test_columns_stand_in_the_order_of_the_contract():
    assert answer(by=("season", "garment")).columns == [
        *("season", "garment", "family", "share", "low", "high"),
        *("numerator", "denominator", "unit", "effective_n", "sources"),
    ]


def test_after_near_the_denominator_is_still_the_whole_group():
    near = {"near": [Near("#000000", 5)]}
    table = answer(by=("season",), **near)
    assert cells(table, "season", "family") == [("AW25", "black")]
    assert numbers(table) == [(2, 4)]
    assert table.filter(season="AW26")["denominator"].to_list() == [1] * 12
    # Red of photo a is on a garment that is black by its main color.
    assert numbers(answer(unit="area", **near)) == [(380.0, 1050.0), (20.0, 1050.0)]
    assert numbers(answer(unit="looks", **near)) == [(2, 4), (1, 4)]


def test_a_missing_value_is_a_group_and_stands_last():
    rows = records(garment("a", BLACK, season=None), garment("b", RED, season="SS26"))
    assert cells(answer(rows, by=("season",)), "season", "family") == [
        ("SS26", "red"),
        (None, "black"),
    ]


def test_no_records_have_no_groups():
    table = answer(ROWS.filter(season="SS99"), run=ROWS, by=("season",))
    assert table.is_empty()
    assert table.columns == answer(by=("season",)).columns
    assert answer(ROWS.clear(), run=ROWS).is_empty()


def test_a_confidence_is_kept():
    wide, narrow = (answer(confidence=confidence) for confidence in (0.99, 0.8))
    assert (wide["high"] - wide["low"] > narrow["high"] - narrow["low"]).all()


palettes = st.integers(1, 254).map(lambda weight: ((RED, weight), (BLUE, 255 - weight)))
found_garments = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["top", "dress"]),
        st.integers(0, 1),
        st.sampled_from([None, "x", "y"]),
        palettes | st.sampled_from([(BLACK,), (WHITE,)]),
        st.integers(1, 5000),
        st.integers(0, 9),
    ),
    min_size=1,
    unique_by=lambda each: each[:3],
)


def built(found):
    every = [
        garment(photo, *palette, garment=kind, wearer=wearer, pixels=n, season=season, sold=sold)
        for photo, kind, wearer, season, palette, n, sold in found
    ]
    return records(*every, columns=("season",), numbers=("sold",))


@UNHURRIED
@given(found_garments, st.sampled_from([*UNITS]), st.sampled_from(COLORS))
def test_numerators_sum_to_the_denominator(found, unit, colors):
    table = answer(built(found), by=("season",), unit=unit, colors=colors, weight="sold")
    sums = table.group_by("season").agg(pl.sum("numerator"), pl.first("denominator"))
    if unit == "looks":
        assert (sums["numerator"] >= sums["denominator"]).all()
        assert (table["numerator"] <= table["denominator"]).all()
    else:
        # Areas are sums of 255ths of a pixel: their last bits are all the slack there is.
        assert sums["numerator"].to_list() == pytest.approx(
            sums["denominator"].to_list(), rel=1e-12
        )
    assert (
        table.select((pl.col("low") <= pl.col("share")) & (pl.col("share") <= pl.col("high")))
        .to_series()
        .all()
    )


@UNHURRIED
@given(found_garments, st.randoms(use_true_random=False), st.sampled_from([*UNITS]))
def test_the_order_of_the_records_has_no_effect(found, random, unit):
    question = {"by": ("season", "garment"), "unit": unit, "weight": "sold"}
    shuffled = built(random.sample(found, len(found)))
    assert_frame_equal(answer(shuffled, **question), answer(built(found), **question))


@UNHURRIED
@given(found_garments)
def test_shares_of_names_add_up_to_those_of_their_family(found):
    rows = built(found)
    colors = colors_of(rows)
    family, name = (legend(lambda: colors, Level(colors=each)).keys for each in ("family", "name"))
    family_of = family.join(name, on="_key")
    names = dict(family_of.select("_color_right", "_color").iter_rows())
    by_name = answer(rows, colors="name").with_columns(
        family=pl.col("name").replace_strict(names, return_dtype=pl.String)
    )
    added = by_name.group_by("family").agg(pl.sum("numerator")).filter(pl.col("numerator") > 0)
    expected = answer(rows).select("family", "numerator").filter(pl.col("numerator") > 0)
    assert sorted(added.rows()) == sorted(expected.rows())


def test_tones_are_neutral_families_and_the_others():
    table = answer(by=("season",), colors="tone")
    assert cells(table, "season", "tone", "share") == [
        ("AW25", "neutral", 0.5),
        ("AW25", "chromatic", 0.5),
        ("AW26", "neutral", 1.0),
    ]


@UNHURRIED
@given(found_garments)
def test_shares_of_families_add_up_to_those_of_their_tone(found):
    rows = built(found)
    tone = pl.when(pl.col("family").is_in(list(NEUTRALS))).then(pl.lit("neutral"))
    added = answer(rows).group_by(tone=tone.otherwise(pl.lit("chromatic")))
    expected = answer(rows, colors="tone").select("tone", "numerator").sort("tone")
    assert added.agg(pl.sum("numerator")).sort("tone").rows() == expected.rows()


REFUSED = [
    pytest.param({"unit": "garment"}, "no unit 'garment', did you mean 'garments'", id="unit"),
    pytest.param({"colors": "families"}, "no colors 'families'", id="colors"),
    pytest.param({"unit": "weight"}, "needs a declared column of kind weight", id="no weight"),
    pytest.param({"by": ("share",)}, "column 'share' has the name of a column of the", id="taken"),
]


@pytest.mark.parametrize(("question", "message"), REFUSED)
def test_an_unknown_unit_or_level_is_refused(question, message):
    with pytest.raises(QueryError, match=message):
        answer(**question)


def test_a_weight_below_zero_is_refused():
    rows = records(garment("a", BLACK, sold=-3.0), columns=(), numbers=("sold",))
    with pytest.raises(QueryError, match="column 'sold' has the weight -3, wanted 0 or more"):
        answer(rows, unit="weight", weight="sold")
