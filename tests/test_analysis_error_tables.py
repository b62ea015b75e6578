import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from photos import figure, paint, photo_of
from share_tables import errors_of

from trendcolor.analysis.error_tables import (
    VERDICTS,
    color_method,
    packaged_tables,
    read_error_table,
    write_error_table,
)
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.config import ColorConfig
from trendcolor.errors import AuditError
from trendcolor.evaluation import Evaluation
from trendcolor.evaluation.leak import leaks_of
from trendcolor.evaluation.scores import no_scores
from trendcolor.segmentation.segmenter import Segmentation
from trendcolor.segmentation.weights import PACKAGED_WEIGHTS, weights_hash
from trendcolor.taxonomy import BAG, GARMENTS, TROUSERS

HEAD = "photo,wearer,garment,color,family,right_garment,right_family,verdict"
DATA = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
K = len(FAMILIES)


def sheet(tmp_path, *rows, head=HEAD):
    """A marked sheet from (garment, family, right garment, right family, verdict, ...)."""
    path = tmp_path / "sheet.csv"
    lines = [",".join([f"p{i}", "0", row[0], "#101010", *row[1:]]) for i, row in enumerate(rows)]
    path.write_text("\n".join([head, *lines]) + "\n")
    return path


def cell(table, right, measured):
    """Garments of one right and one measured label."""
    return table.counts[table.labels.index(right), table.labels.index(measured)]


MARKED = (
    ("top", "black", "", "", "ok"),
    ("top", "black", "top", "black", "ok"),
    ("top", "black", "", "blue", "wrong color"),
    ("dress", "blue", "skirt", "", "wrong garment"),
    ("dress", "blue", "skirt", "purple", "wrong garment"),
    ("bag", "red", "", "", "not a garment"),
    ("bag", "red", "", "", "can't tell"),
    ("bag", "red", "", "", ""),
)


def test_a_marked_sheet_tells_families(tmp_path):
    table = read_error_table(sheet(tmp_path, *MARKED))
    assert (table.labels, table.level) == (FAMILIES, "family")
    assert cell(table, "black", "black") == 2
    assert cell(table, "blue", "black") == 1
    # A skirt that was taken for a dress is as blue as it was.
    assert cell(table, "blue", "blue") == 1
    assert cell(table, "purple", "blue") == 1
    assert table.counts.sum() == 5
    assert dict(zip(FAMILIES, table.invented, strict=True))["red"] == 1
    assert (table.invented.sum(), table.untold, table.missed) == (1, 1, None)


def test_a_marked_sheet_tells_garments(tmp_path):
    table = read_error_table(sheet(tmp_path, *MARKED), level="garment")
    assert (table.labels, table.level) == (GARMENTS, "garment")
    assert (cell(table, "top", "top"), cell(table, "skirt", "dress")) == (3, 2)
    assert table.invented.sum() == 1


def test_a_sheet_may_be_read_for_some_garments(tmp_path):
    table = read_error_table(sheet(tmp_path, *MARKED), garments=["bag"])
    assert (table.counts.sum(), table.invented.sum(), table.untold) == (0, 1, 1)


def test_weights_that_differ_by_measured_family_change_nothing(tmp_path):
    plain = read_error_table(sheet(tmp_path, *MARKED))
    weights = {"black": "9.5", "blue": "0.25", "red": "1"}
    rows = [(*row, weights[row[1]]) for row in MARKED]
    weighed = read_error_table(sheet(tmp_path, *rows, head=f"{HEAD},weight"))
    np.testing.assert_allclose(weighed.counts, plain.counts)
    np.testing.assert_allclose(weighed.invented, plain.invented)


def test_garments_that_weigh_differently_count_as_many_as_tell_as_much(tmp_path):
    rows = [("top", "black", "", "", "ok", "3"), ("top", "black", "", "blue", "wrong color", "1")]
    table = read_error_table(sheet(tmp_path, *rows, head=f"{HEAD},weight"))
    # Kish: 4^2 / (9 + 1) garments, three quarters of them black.
    assert cell(table, "black", "black") == pytest.approx(1.6 * 0.75)
    assert cell(table, "blue", "black") == pytest.approx(1.6 * 0.25)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("top", "blak", "", "", "ok"), "line 2: no family 'blak', did you mean 'black'"),
        (("topp", "black", "", "", "ok"), "line 2: no garment 'topp', did you mean 'top'"),
        (("top", "black", "", "navy", "wrong color"), "line 2: no right_family 'navy'"),
        (("top", "black", "", "", "wrong colour"), "no verdict 'wrong colour', did you mean 'wr"),
        (("top", "black", "", "", "wrong color"), "'wrong color', but right_family is ''"),
        (("top", "black", "", "black", "wrong color"), "color', but right_family is 'black'"),
        (("top", "black", "", "", "wrong garment"), "garment', but right_garment is ''"),
        (("top", "black", "", "blue", "ok"), "verdict 'ok', but right_family is 'blue'"),
        (("top", "black", "", "", "can't tell"), r"is empty.*\(1 could not be told\)"),
        (("top", "black", "", "", ""), "is empty: no garment was looked at and told"),
    ],
    ids=str,
)
def test_a_sheet_that_can_t_be_is_refused(tmp_path, row, message):
    with pytest.raises(AuditError, match=message):
        read_error_table(sheet(tmp_path, row))


@pytest.mark.parametrize("weight", ["0", "-1", "much", "", "inf", "nan"])
def test_a_weight_that_is_none_is_refused(tmp_path, weight):
    path = sheet(tmp_path, ("top", "black", "", "", "ok", weight), head=f"{HEAD},weight")
    with pytest.raises(AuditError, match=r"line 2: weight '.*', wanted a number above 0"):
        read_error_table(path)


def test_all_faults_of_a_sheet_are_told_at_once(tmp_path):
    rows = [("top", "blak", "", "", "ok")] * 7
    with pytest.raises(AuditError, match=r"line 2: .*; line 6: .*; and 2 more$"):
        read_error_table(sheet(tmp_path, *rows))


def test_a_sheet_without_a_column_is_refused(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_text("photo,garment,family,verdict\na,top,black,ok\n")
    with pytest.raises(AuditError, match=r"sheet\.csv: column 'right_garment' is missing"):
        read_error_table(path)
    with pytest.raises(AuditError, match="a sheet has no 'families', did you mean 'family'"):
        read_error_table(sheet(tmp_path, *MARKED), level="families")
    with pytest.raises(AuditError, match="no garment 'tops', did you mean 'top'"):
        read_error_table(sheet(tmp_path, *MARKED), garments=["tops"])


def test_verdicts_are_those_that_a_person_may_mark():
    assert VERDICTS == ("ok", "wrong color", "wrong garment", "not a garment", "can't tell")


def evaluated():
    """One drawn photo: the red top is found, blue trousers are a bag, gray wall is trousers."""
    true = figure()
    predicted = np.where(true == TROUSERS, np.uint8(BAG), true)
    predicted[:30, :30] = TROUSERS  # of wall
    found = Segmentation(predicted, np.full(true.shape, 255, np.uint8))
    leaks = leaks_of(photo_of(paint(true)), true, found, ColorConfig(erode=0))
    scores = replace(no_scores(), photos=1, leaks=leaks)
    return Evaluation(weights_hash="f00d", unreadable=(), scores=scores)


def test_an_evaluation_tells_families(tmp_path):
    evaluated().write(tmp_path)
    table = read_error_table(tmp_path / "evaluation.json")
    assert (table.labels, table.of, table.level) == (FAMILIES, "f00d", "family")
    assert (cell(table, "red", "red"), cell(table, "blue", "gray")) == (1, 1)
    top = read_error_table(tmp_path / "evaluation.json", garments=["top"])
    assert (top.counts.sum(), cell(top, "red", "red")) == (1, 1)
    assert top.missed.sum() == 0


def test_a_table_comes_back_from_its_file(tmp_path):
    path = tmp_path / "errors.json"
    counts = np.random.default_rng(0).integers(0, 9, (K, K))
    table = errors_of(counts, range(K), None, made_by="me", of="it", untold=4)
    write_error_table(table, path)
    again = read_error_table(path)
    np.testing.assert_array_equal(again.counts, table.counts)
    np.testing.assert_array_equal(again.invented, table.invented)
    assert (again.labels, again.missed, again.level) == (FAMILIES, None, "family")
    assert (again.made_by, again.of, again.untold) == ("me", "it", 4)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "no table of errors .*wanted the evaluation.json of `trendcolor evaluate`"),
        ("not json", "no table of errors"),
        ('{"weights": "f00d", "main_colors": {"labels": []}}', "no table of errors"),
    ],
    ids=["other", "text", "damaged"],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, content, message):
    path = tmp_path / "errors.json"
    path.write_text(content)
    with pytest.raises(AuditError, match=message):
        read_error_table(path)
    with pytest.raises(AuditError, match=r"none\.json: can't be read \(No such file"):
        read_error_table(tmp_path / "none.json")


def test_rows_of_a_file_that_differ_in_length_are_refused(tmp_path):
    path = tmp_path / "errors.json"
    fields = {"labels": ["a", "b"], "level": "family", "made_by": "me", "of": ""}
    path.write_text(json.dumps({**fields, "counts": [[1, 2], [3]], "invented": [0, 0]}))
    with pytest.raises(AuditError, match="me: the rows of counts differ in length"):
        read_error_table(path)


def test_the_packaged_tables_are_of_the_packaged_weights_and_settings():
    # Fails after a change of weights, settings or names: measure again by the command in made_by.
    tables = packaged_tables(weights_hash(PACKAGED_WEIGHTS), ColorConfig())
    assert tables.segmentation is not None, "measure segmentation.json again"
    assert tables.color is not None, "measure color.json again"
    assert tables.segmentation.made_by.startswith("trendcolor evaluate configs/evaluate_ccp.toml")
    assert tables.color.made_by.startswith("python benchmarks/color_renders.py --errors")
    assert tables.segmentation.labels == tables.color.labels == FAMILIES
    assert tables.segmentation.missed is not None
    coats = packaged_tables(weights_hash(PACKAGED_WEIGHTS), ColorConfig(), garments=["outerwear"])
    assert 0 < coats.segmentation.measured.sum() < tables.segmentation.measured.sum()


@pytest.mark.parametrize("weights", ["", "0" * 64], ids=["masks", "others"])
def test_a_table_of_other_weights_or_settings_is_never_given(weights):
    assert packaged_tables(weights, ColorConfig()).segmentation is None
    uncorrected = ColorConfig(correct=False)
    assert packaged_tables(weights, uncorrected).color is None
    assert color_method(uncorrected) != color_method(ColorConfig())


@pytest.mark.slow
def test_the_packaged_table_of_colors_is_what_the_benchmark_measures():
    from color_renders import family_errors, read_renders

    again = family_errors(read_renders(DATA / "renders"))
    shipped = packaged_tables("", ColorConfig()).color
    np.testing.assert_array_equal(again.counts, shipped.counts)


def test_the_file_that_ships_is_kept_from_an_evaluation(tmp_path):
    from error_tables import keep_main_colors

    evaluated().write(tmp_path)
    keep_main_colors(tmp_path / "evaluation.json", tmp_path / "segmentation.json")
    whole, kept = (
        read_error_table(tmp_path / f"{name}.json") for name in ("evaluation", "segmentation")
    )
    np.testing.assert_array_equal(kept.counts, whole.counts)
    np.testing.assert_array_equal(kept.missed, whole.missed)
    np.testing.assert_array_equal(kept.invented, whole.invented)
    assert (kept.of, kept.made_by) == (
        "f00d",
        "trendcolor evaluate configs/evaluate_ccp.toml (1 photos)",
    )


def test_every_packaged_table_prints():
    tables = packaged_tables(weights_hash(PACKAGED_WEIGHTS), ColorConfig())
    for table in (tables.segmentation, tables.color):
        assert table.table().select(pl.col("audited").sum()).item() == table.measured.sum()
