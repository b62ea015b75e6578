import random

import polars as pl
import pytest
from damaged_tables import negative_page
from garment_rows import BLACK, BLUE, GREEN, RED, WHITE, garment, records
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from trendcolor.corrections import (
    CORRECTION_FIELDS,
    DROP,
    VERDICTS,
    as_written,
    checked,
    corrected,
    corrections_from_audit,
    is_audit,
    known_garments,
    laid_over,
    layer_of,
    read_written,
)
from trendcolor.errors import CorrectionError
from trendcolor.taxonomy import GARMENTS

KEY = ["photo", "wearer", "garment"]
LOOKS = (
    garment("a", (RED, 200), (BLACK, 55), pixels=3000, season="AW25"),
    garment("a", BLUE, garment="trousers", pixels=1000, season="AW25"),
    garment("a", BLACK, garment="trousers", wearer=1, pixels=500, season="AW25"),
    garment("b", WHITE, garment="dress", season="SS26"),
)
RUN = records(*LOOKS)


def known(run=RUN):
    garments = run.filter(rank=0).select(KEY).collect()
    return known_garments(garments, pl.Series(["a", "b", "empty"]))


def table(*rows):
    """Corrections as a person writes them; `rows` are (photo, wearer, garment, class, color)."""
    names = list(CORRECTION_FIELDS)
    written = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return as_written(written, "fixes.csv")


def laid(*rows, run=RUN):
    return corrected(run, checked(table(*rows), known(run))).collect()


def palette(frame, photo, wearer, name):
    rows = frame.filter(photo=photo, wearer=wearer, garment=name).sort("rank")
    assert rows["rank"].to_list() == list(range(len(rows)))
    return [(tuple(row[:3]), row[3]) for row in rows.select(*"rgb", "weight").iter_rows()]


def fault(*rows):
    with pytest.raises(CorrectionError) as raised:
        checked(table(*rows), known())
    return str(raised.value)


def test_a_dropped_garment_has_no_rows():
    frame = laid(("a", "0", "top", DROP, ""))
    left = [("b", 0, "dress"), ("a", 0, "trousers"), ("a", 1, "trousers")]
    assert frame.select(KEY).rows() == left


def test_a_right_class_takes_the_place_of_the_class():
    frame = laid(("a", "0", "top", "outerwear", ""))
    assert palette(frame, "a", 0, "outerwear") == [(RED, 200), (BLACK, 55)]
    assert palette(frame, "a", 0, "top") == []
    assert frame.filter(garment="outerwear")["pixels"].to_list() == [3000, 3000]
    assert frame.filter(garment="outerwear")["season"].to_list() == ["AW25", "AW25"]


def test_garments_of_one_class_and_wearer_become_one_by_their_pixels():
    frame = laid(("a", "0", "trousers", "top", ""))
    # Of 4,000 pixels: red 3000 * 200 / 255, black 3000 * 55 / 255, blue 1000; in 255ths 150,
    # 41.25 and 63.75, of which the largest remainder gets the one that is missing.
    assert palette(frame, "a", 0, "top") == [(RED, 150), (BLUE, 64), (BLACK, 41)]
    assert set(frame.filter(garment="top")["pixels"]) == {4000}
    assert palette(frame, "a", 1, "trousers") == [(BLACK, 255)]


def test_garments_that_change_places_are_not_joined():
    frame = laid(("a", "0", "top", "trousers", ""), ("a", "0", "trousers", "top", ""))
    assert palette(frame, "a", 0, "trousers") == [(RED, 200), (BLACK, 55)]
    assert palette(frame, "a", 0, "top") == [(BLUE, 255)]


def test_a_right_color_takes_the_place_of_the_main_color():
    frame = laid(("a", "0", "top", "", "#15B01A"))
    assert palette(frame, "a", 0, "top") == [(GREEN, 200), (BLACK, 55)]


def test_a_right_color_that_the_palette_has_joins_it():
    assert palette(laid(("a", "0", "top", "", "0,0,0")), "a", 0, "top") == [(BLACK, 255)]


def test_a_color_and_a_class_may_be_corrected_at_once():
    frame = laid(("a", "0", "top", "dress", "#0343df"))
    assert palette(frame, "a", 0, "dress") == [(BLUE, 200), (BLACK, 55)]


def test_a_color_below_one_of_255_of_the_joined_garment_is_left_out():
    run = records(
        garment("a", RED, pixels=100_000), garment("a", BLUE, garment="dress", pixels=100)
    )
    frame = laid(("a", "", "dress", "top", ""), run=run)
    assert palette(frame, "a", 0, "top") == [(RED, 255)]
    assert frame["pixels"].to_list() == [100_100]


def test_a_wearer_may_be_left_out_where_there_is_one():
    rows = checked(table(("a", "", "top", DROP, "")), known())
    assert rows.rows() == [("a", 0, "top", DROP, None)]
    assert rows.schema == pl.Schema(CORRECTION_FIELDS)


FAULTS = [
    (("a", "", "tops", DROP, ""), "row 1: no garment 'tops', did you mean 'top'?"),
    (("c", "", "top", DROP, ""), "row 1: no photo 'c' in the run (wanted an id as `photo` of its"),
    (("b", "", "top", DROP, ""), "row 1: photo 'b' has no top (it has: dress of wearer 0)"),
    (("empty", "", "top", DROP, ""), "row 1: photo 'empty' has no top (it has: no garment)"),
    (("a", "1", "top", DROP, ""), "row 1: photo 'a' has no top of wearer 1 (it has: top of wearer"),
    (("a", "", "trousers", DROP, ""), "2 wearers of 'a' have a trousers (say in wearer: 0, 1)"),
    (("a", "x", "top", DROP, ""), "no wearer 'x' (wanted a whole number, 0 for the largest"),
    (("a", "0", "top", "coat", ""), "right_garment: no garment 'coat'; there are: top, outerwear"),
    (("a", "0", "top", "dres", ""), "right_garment: no garment 'dres', did you mean 'dress'?"),
    (("a", "0", "top", "top", ""), "right_garment is top already (leave it out)"),
    (("a", "0", "top", DROP, "#000000"), "right_color of a garment that is dropped (leave one"),
    (("a", "0", "top", "", ""), "corrects nothing (wanted right_garment, right_color, or both)"),
    (("a", "0", "top", "", "#12"), "right_color: no color '#12' (wanted sRGB as six digits"),
    (("a", "0", "top", "", "blue"), "right_color 'blue' is a family, and a record needs a color"),
]


@pytest.mark.parametrize(("row", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_a_faulty_row_is_told_with_its_place_and_remedy(row, message):
    assert message in fault(row)


def test_a_garment_that_is_corrected_twice_is_told():
    said = fault(("a", "0", "top", DROP, ""), ("a", "", "top", "dress", ""))
    assert said == "fixes.csv: row 2: corrects the same garment as row 1 (keep one of the two)"


def test_all_faults_are_told_at_once():
    said = fault(*(row for row, _ in FAULTS))
    for i in range(len(FAULTS)):
        assert f"fixes.csv: row {i + 1}: " in said


def test_a_misspelt_column_is_refused():
    rows = pl.DataFrame({"photo": ["a"], "garment": ["top"], "right_colour": ["#000000"]})
    with pytest.raises(CorrectionError) as raised:
        checked(as_written(rows, "fixes.csv"), known())
    assert str(raised.value).splitlines() == [
        "fixes.csv: needs a column right_garment, right_color, or both",
        "fixes.csv: no column 'right_colour', did you mean 'right_color'?",
    ]


def test_a_table_without_photos_is_refused():
    rows = pl.DataFrame({"garment": ["top"], "right_garment": [DROP]})
    with pytest.raises(CorrectionError, match=r"fixes.csv: column 'photo' is missing"):
        checked(as_written(rows, "fixes.csv"), known())


def test_csv_and_parquet_are_read_and_a_csv_counts_lines_as_an_editor_does(tmp_path):
    rows = pl.DataFrame(
        {"photo": ["a", "x"], "wearer": [0, None], "garment": " top", "right_garment": DROP}
    )
    rows.write_csv(tmp_path / "fixes.csv")
    rows.write_parquet(tmp_path / "fixes.parquet")
    for name, place in (("fixes.csv", "line 3"), ("fixes.parquet", "row 2")):
        with pytest.raises(CorrectionError) as raised:
            checked(read_written(tmp_path / name), known())
        assert str(raised.value).startswith(f"{name}: {place}: no photo 'x'")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("no.csv", None, "no.csv: can't be read"),
        ("a.xlsx", b"", "a.xlsx: wanted a .csv or .parquet file"),
        ("empty.csv", b"", "empty.csv: can't be read"),
        ("a.parquet", b"photo", "a.parquet: can't be read"),
        ("b.parquet", negative_page(pl.DataFrame({"photo": ["a"]})), "its reader was ended by"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CorrectionError, match=message):
        read_written(tmp_path / name)


def marked(*rows):
    names = ("photo", "wearer", "garment", "right_garment", "right_family", "verdict")
    return as_written(pl.DataFrame(rows, schema=names, orient="row"), "audit.csv")


def test_a_marked_sheet_gives_corrections_of_classes_alone():
    sheet = marked(
        ("a", 0, "top", "top", "red", "ok"),
        ("a", 0, "trousers", "skirt", "blue", "wrong garment"),
        ("a", 1, "trousers", "", "", "not a garment"),
        ("b", 0, "dress", "dress", "beige", "wrong color"),
        ("b", 0, "dress", "", "", "can't tell"),
        ("b", 0, "dress", "", "", ""),
    )
    assert is_audit(sheet)
    assert not is_audit(table())
    assert checked(corrections_from_audit(sheet), known()).rows() == [
        ("a", 0, "trousers", "skirt", None),
        ("a", 1, "trousers", DROP, None),
    ]


def test_a_sheet_that_was_marked_wrongly_is_told_by_row():
    sheet = marked(
        ("a", 0, "top", "", "", "wrong garment"), ("a", 0, "trousers", "", "", "wrong colour")
    )
    with pytest.raises(CorrectionError) as raised:
        corrections_from_audit(sheet)
    first, second = str(raised.value).splitlines()
    assert first.startswith("audit.csv: row 1: right_garment is missing (wanted one of: top, ")
    assert (
        second
        == f"audit.csv: row 2: no verdict 'wrong colour' (wanted one of: {', '.join(VERDICTS)})"
    )


def test_a_table_without_verdicts_is_no_sheet():
    with pytest.raises(CorrectionError, match=r"fixes.csv: is no audit sheet, lacks verdict"):
        corrections_from_audit(table())


colors = st.tuples(*[st.sampled_from((0, 90, 255))] * 3)


@st.composite
def palettes(draw):
    found = draw(st.lists(colors, min_size=1, max_size=4, unique=True))
    cuts = sorted(
        draw(st.sets(st.integers(1, 254), min_size=len(found) - 1, max_size=len(found) - 1))
    )
    steps = [b - a for a, b in zip([0, *cuts], [*cuts, 255], strict=True)]
    return list(zip(found, sorted(steps, reverse=True), strict=True))


@st.composite
def corrected_runs(draw):
    """Records of some photos, and corrections of some of their garments."""
    keys = st.tuples(st.sampled_from("abc"), st.integers(0, 1), st.sampled_from(GARMENTS[:4]))
    run, rows = [], []
    for photo, wearer, name in sorted(draw(st.sets(keys, min_size=1, max_size=8))):
        shades, pixels = draw(palettes()), draw(st.integers(1, 10**7))
        shades = [shades[0][0]] if len(shades) == 1 else shades
        run.append(
            garment(photo, *shades, wearer=wearer, garment=name, pixels=pixels, season=photo)
        )
        right = draw(st.sampled_from(("", "", DROP, *GARMENTS[:5])))
        color = "" if right == DROP else draw(st.sampled_from(("", "#000000", "#5aff00")))
        if (right or color) and right != name:
            rows.append((photo, str(wearer), name, right, color))
    return run, rows


def laid_on(run, rows):
    lazy = records(*run)
    photos = lazy.select("photo").collect().to_series()
    there = known_garments(lazy.filter(rank=0).select(KEY).collect(), photos)
    return lazy, checked(table(*rows), there)


@settings(deadline=None, max_examples=60)
@given(corrected_runs())
def test_weights_sum_to_255_and_fall_and_pixels_are_kept(drawn):
    lazy, rows = laid_on(*drawn)
    frame, before = corrected(lazy, rows).collect(), lazy.collect()
    assert frame.schema == before.schema
    by_garment = frame.group_by(KEY).agg(
        pl.col("weight").sum(),
        pl.col("weight").min().alias("least"),
        pl.col("pixels").n_unique().alias("sizes"),
        (pl.col("weight").sort_by("rank").diff() <= 0).all().alias("falls"),
        (pl.col("rank").sort() == pl.int_range(pl.len())).all().alias("ranked"),
        pl.struct(*"rgb").n_unique().alias("colors") == pl.len(),
    )
    assert (by_garment["weight"] == 255).all()
    assert (by_garment["least"] >= 1).all()
    assert (by_garment["sizes"] == 1).all()
    assert by_garment.select(pl.col("falls", "ranked", "colors").all()).row(0) == (True,) * 3
    dropped = rows.filter(right_garment=DROP)
    kept = before.filter(rank=0).join(dropped, on=KEY, how="anti")
    assert frame.filter(rank=0)["pixels"].sum() == kept["pixels"].sum()


@settings(deadline=None, max_examples=40)
@given(corrected_runs())
def test_garments_that_are_not_corrected_keep_their_rows(drawn):
    lazy, rows = laid_on(*drawn)
    targets = rows.select("photo", "wearer", garment=pl.col("right_garment").cast(pl.String))
    named = pl.concat([rows.select(pl.col(KEY).cast(pl.String)), targets.cast(pl.String)])
    rest = (
        frame.filter(
            ~pl.struct(pl.col(KEY).cast(pl.String)).is_in(named.to_struct().implode())
        ).sort(*KEY, "rank")
        for frame in (lazy.collect(), corrected(lazy, rows).collect())
    )
    assert_frame_equal(*rest)


@settings(deadline=None, max_examples=40)
@given(corrected_runs(), st.randoms(use_true_random=False))
def test_the_order_of_corrections_has_no_effect(drawn, order: random.Random):
    run, rows = drawn
    lazy, one = laid_on(run, rows)
    shuffled = order.sample(rows, len(rows))
    assert_frame_equal(one, laid_on(run, shuffled)[1])
    mixed = one.sample(fraction=1, shuffle=True, seed=order.randrange(100))
    assert_frame_equal(corrected(lazy, one).collect(), corrected(lazy, mixed).collect())


@settings(deadline=None, max_examples=40)
@given(corrected_runs())
def test_a_layer_that_is_made_once_gives_the_same(drawn):
    lazy, rows = laid_on(*drawn)
    layer = layer_of(lazy, rows)
    is_touched = lazy.collect()["photo"].is_in(rows["photo"].to_list())
    assert layer.rows.to_list() == is_touched.arg_true().to_list()
    expected = corrected(lazy, rows).collect()
    assert_frame_equal(laid_over(lazy, layer).collect(), expected)


@settings(deadline=None, max_examples=20)
@given(corrected_runs())
def test_no_correction_changes_nothing(drawn):
    lazy, none = laid_on(drawn[0], [])
    assert_frame_equal(corrected(lazy, none).collect(), lazy.collect())
