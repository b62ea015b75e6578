import polars as pl
import pytest
from garment_rows import BLACK, RED, garment, records
from polars.testing import assert_frame_equal

from trendcolor.records import FIELDS, scan_records, stored_records, write_frame

ROWS = (
    records(
        garment("a", (BLACK, 200), (RED, 55), season="AW26", pixels=1, source=None),
        garment("a", RED, garment="dress", wearer=1, pixels=2**32 - 1),
        garment("b", RED, garment="accessory", pixels=123_456_789),
        numbers=("sold",),
    )
    .with_columns(sold=pl.Series([1.5, None, 0.0, 1e9]))
    .collect()
)


def test_records_come_back_as_they_were(tmp_path):
    write_frame(stored_records(ROWS), tmp_path / "a.parquet")
    found = scan_records([tmp_path / "a.parquet"])
    assert dict(found.collect_schema()) == dict(ROWS.schema)
    assert found.collect_schema()["pixels"] == FIELDS["pixels"] == pl.UInt32
    assert_frame_equal(found.collect(), ROWS)


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_records_of_several_files_are_one(tmp_path, engine):
    files = [tmp_path / name for name in ("0.parquet", "1.parquet", "2.parquet")]
    for part, file in zip((ROWS[:2], ROWS[2:2], ROWS[2:]), files, strict=True):
        write_frame(stored_records(part), file)
    assert_frame_equal(scan_records(files).collect(engine=engine), ROWS)
    asked = scan_records(files).filter(pl.col("pixels") > 2**31).select("photo", "pixels")
    assert asked.collect(engine=engine).rows() == [("a", 2**32 - 1)]


def test_the_same_records_give_the_same_bytes_and_leave_nothing_aside(tmp_path):
    for name in ("a", "b"):
        write_frame(stored_records(ROWS), tmp_path / f"{name}.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"a.parquet", "b.parquet"}


def test_writing_leaves_the_rows_as_they_were(tmp_path):
    before = ROWS.clone()
    write_frame(stored_records(ROWS), tmp_path / "a.parquet")
    assert_frame_equal(ROWS, before)
