import polars as pl
import pytest
from polars.testing import assert_frame_equal
from test_runs import HEADER, SHARDS, written
from test_runs_corrections import ORIGIN

from trendcolor.analysis.population import Population
from trendcolor.api.opening import open_run
from trendcolor.corrections import CORRECTION_FIELDS
from trendcolor.errors import RunError
from trendcolor.histograms import LEVELS, stored_histogram, stored_sources
from trendcolor.runs import (
    apply_corrections,
    open_run_folder,
    prepare_run_folder,
    seal,
    stored_columns,
    undo_corrections,
)
from trendcolor.runs.summary import ShardFrames, summary_part


def sealed(folder):
    written(folder)
    seal(folder, HEADER, len(SHARDS), 1.5)
    return open_run_folder(folder)


def table(*rows):
    names = ("photo", "wearer", "garment", "right_garment", "right_color")
    return pl.DataFrame(
        [dict(zip(names, row, strict=True)) for row in rows], schema=CORRECTION_FIELDS
    )


FIXES = table(
    ("b", 0, "top", "top", "#0343df"),
    ("b", 0, "dress", "drop", None),
)


def test_answers_are_those_of_the_corrected_records(tmp_path):
    run = sealed(tmp_path / "run")
    before = open_run(run.path).shares("season")
    apply_corrections(run, FIXES, ORIGIN)
    after = open_run_folder(run.path)
    kept = after.records().collect()
    assert kept.filter(photo="b", garment="dress").is_empty()
    assert kept.filter(photo="b", rank=0).select("r", "g", "b").row(0) == (3, 67, 223)
    columns = stored_columns(HEADER.columns)
    rows = kept.sort("photo", "wearer", "garment", "rank").lazy()
    stored, sources = stored_histogram(rows, columns), stored_sources(rows, columns)
    frames = [ShardFrames(rows, stored, sources)]
    for part in (*LEVELS, "sources", "colors"):
        assert_frame_equal(after.summary(part).collect(), summary_part(frames, part))
    told = open_run(run.path).shares("season")
    assert not told.equals(before)
    blue = told.filter(season="AW26", family="blue")
    assert blue.select("numerator", "denominator").row(0) == (1, 1)


def test_undone_corrections_leave_the_run_as_it_was(tmp_path):
    run = sealed(tmp_path / "run")
    before = {file: file.read_bytes() for file in run.path.rglob("*") if file.is_file()}
    answer = open_run(run.path).shares("season")
    apply_corrections(run, FIXES, ORIGIN)
    assert open_run_folder(run.path).manifest.corrections.file == "fixes.csv"
    assert undo_corrections(run.path) is True
    assert {file: file.read_bytes() for file in run.path.rglob("*") if file.is_file()} == before
    assert_frame_equal(open_run(run.path).shares("season"), answer)
    assert undo_corrections(run.path) is False


def test_a_run_that_is_sealed_again_keeps_its_corrections(tmp_path):
    run = sealed(tmp_path / "run")
    stored = apply_corrections(run, FIXES, ORIGIN)
    assert seal(run.path, HEADER, len(SHARDS), 0).corrections == stored
    assert open_run_folder(run.path).corrections.provenance == stored


def test_a_fresh_run_has_no_corrections(tmp_path):
    run = sealed(tmp_path / "run")
    apply_corrections(run, FIXES, ORIGIN)
    prepare_run_folder(run.path, HEADER, fresh=True)
    assert not [*run.path.glob("correct*")]


def test_corrections_that_the_manifest_does_not_know_are_refused(tmp_path):
    run = sealed(tmp_path / "run")
    manifest = (run.path / "manifest.json").read_bytes()
    apply_corrections(run, FIXES, ORIGIN)
    (run.path / "manifest.json").write_bytes(manifest)
    with pytest.raises(RunError, match=r"its corrections are not those of its manifest"):
        open_run_folder(run.path)
    undo_corrections(run.path)
    assert open_run_folder(run.path).corrections is None


def test_stored_and_corrected_records_give_the_same_shares(tmp_path, monkeypatch):
    run = sealed(tmp_path / "run")
    apply_corrections(run, FIXES, ORIGIN)
    asked = {"by": ["season", "garment"], "unit": "looks"}
    stored = open_run(run.path).shares(**asked)
    monkeypatch.setattr(Population, "stored_tally", lambda *_: None)
    assert_frame_equal(open_run(run.path).shares(**asked), stored)
