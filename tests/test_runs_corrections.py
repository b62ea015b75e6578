import json

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from trendcolor.corrections import CORRECTION_FIELDS, DROP
from trendcolor.errors import CorrectionError
from trendcolor.runs.corrections import (
    Provenance,
    read_corrections,
    remove_corrections,
    write_corrections,
)

TABLE = pl.DataFrame(
    [("a", 0, "top", DROP, None), ("b", 1, "dress", None, "#161418")],
    schema=dict(CORRECTION_FIELDS),
    orient="row",
)
ORIGIN = Provenance(
    file="fixes.csv",
    sha256="f1" * 32,
    rows=2,
    dropped=1,
    classes=0,
    colors=1,
    date="2026-01-02T03:04:05+00:00",
    settings_hash="5e" * 32,
    note="checked by eye",
)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def run(tmp_path):
    """A folder with a file of a run in it."""
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    return tmp_path


def test_corrections_come_back_as_they_were_written(run):
    stored = write_corrections(run, TABLE, ORIGIN)
    back = read_corrections(run, ORIGIN.settings_hash)
    assert_frame_equal(back.table, TABLE)
    assert back.provenance == stored
    assert (stored.file, stored.note) == ("fixes.csv", "checked by eye")


def test_a_run_without_corrections_has_none(run):
    assert read_corrections(run) is None
    assert remove_corrections(run) is False


def test_no_other_file_changes_and_after_removing_the_folder_is_as_it_was(run):
    before = contents(run)
    write_corrections(run, TABLE, ORIGIN)
    there = contents(run)
    assert set(there) == {*before, "corrections.parquet", "corrections.json"}
    assert {name: there[name] for name in before} == before
    assert remove_corrections(run) is True
    assert contents(run) == before
    assert read_corrections(run) is None


def test_the_same_corrections_give_the_same_bytes_and_later_ones_replace_them(run):
    write_corrections(run, TABLE, ORIGIN)
    first = contents(run)
    write_corrections(run, TABLE[:1], ORIGIN)
    assert_frame_equal(read_corrections(run).table, TABLE[:1])
    write_corrections(run, TABLE, ORIGIN)
    assert contents(run) == first


@pytest.mark.parametrize("name", ["corrections.parquet", "corrections.json"])
def test_half_of_the_two_files_is_refused_and_can_be_removed(run, name):
    write_corrections(run, TABLE, ORIGIN)
    (run / name).unlink()
    with pytest.raises(CorrectionError, match=r"its corrections are not whole .*--remove"):
        read_corrections(run)
    assert remove_corrections(run) is True
    assert read_corrections(run) is None


def test_a_table_that_was_changed_by_hand_is_refused(run):
    write_corrections(run, TABLE, ORIGIN)
    TABLE[:1].write_parquet(run / "corrections.parquet")
    with pytest.raises(CorrectionError, match=r"is not the file of corrections.json"):
        read_corrections(run)


def test_corrections_of_another_run_are_refused(run):
    write_corrections(run, TABLE, ORIGIN)
    with pytest.raises(
        CorrectionError, match=r"of other settings \(5e5e5e5e, this one is 07070707"
    ):
        read_corrections(run, "07" * 32)


def test_a_table_of_other_columns_is_refused(run):
    write_corrections(run, TABLE.drop("right_color"), ORIGIN)
    with pytest.raises(CorrectionError, match="has other columns than this version's"):
        read_corrections(run)


def test_the_sidecar_says_where_corrections_come_from(run):
    write_corrections(run, TABLE, ORIGIN)
    told = json.loads((run / "corrections.json").read_text(encoding="utf-8"))
    assert told["rows"] == 2
    assert told["sha256"] == ORIGIN.sha256
    assert len(told["stored_sha256"]) == 64


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(CorrectionError, match="can't be written"):
        write_corrections(tmp_path / "missing", TABLE, ORIGIN)
