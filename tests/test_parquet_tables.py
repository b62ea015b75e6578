import os
import signal

import polars as pl
import psutil
import pytest
from damaged_tables import negative_page
from polars.testing import assert_frame_equal

from trendcolor.errors import DataError
from trendcolor.parquet_tables import ParquetTable

ROWS = pl.DataFrame({"path": ["a.jpg", None, "b.jpg"] * 4, "n": range(12), "tags": [["x"]] * 12})


def write(tmp_path, frame=ROWS):
    frame.write_parquet(tmp_path / "t.parquet")
    return tmp_path / "t.parquet"


@pytest.mark.parametrize("rows", [1, 5, 50])
def test_columns_come_as_text_in_their_order_a_piece_at_a_time(tmp_path, rows):
    with ParquetTable(write(tmp_path), ["n", "path"], rows=rows) as table:
        found = list(table.batches())
    assert table.columns == ("path", "n", "tags")
    assert max(map(len, found)) == min(rows, 12)
    assert_frame_equal(pl.concat(found), ROWS.select(pl.col("n").cast(pl.String), "path"))


def test_the_first_rows_of_all_columns_may_be_all_that_is_read(tmp_path):
    with ParquetTable(write(tmp_path), cells="as they are", most=5) as table:
        assert_frame_equal(pl.concat(table.batches()), ROWS.head(5))


def test_a_table_without_rows_has_its_columns(tmp_path):
    with ParquetTable(write(tmp_path, ROWS.clear()), cells="as they are") as table:
        assert_frame_equal(pl.concat(table.batches()), ROWS.clear())


def test_columns_that_hold_images_are_known(tmp_path):
    pair = pl.Struct({"bytes": pl.Binary, "path": pl.String})
    schema = {"a": pl.String, "b": pl.Binary, "c": pair, "d": pl.Struct({"path": pl.String})}
    with ParquetTable(write(tmp_path, pl.DataFrame(schema=schema))) as table:
        assert table.images == ("b", "c")


def test_what_has_no_text_is_refused_or_empty_as_asked(tmp_path):
    with ParquetTable(write(tmp_path), ["tags"]) as table, pytest.raises(DataError) as caught:
        list(table.batches())
    assert str(caught.value).startswith("t.parquet: a column is no text (")
    frame = pl.DataFrame({"a": [b"a", b"\xff"], "b": [["x"], []], "c": [1, 2]})
    with ParquetTable(write(tmp_path, frame), cells="text or null") as table:
        assert pl.concat(table.batches()).rows() == [(None, None, "1"), (None, None, "2")]


def test_what_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match=r"^t\.parquet: can't be read \("):
        ParquetTable(tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r"^gone\.parquet: can't be read \("):
        ParquetTable(tmp_path / "gone.parquet")


def test_a_file_that_aborts_its_reader_is_refused(tmp_path):
    (tmp_path / "t.parquet").write_bytes(negative_page(ROWS.select("path")))
    with ParquetTable(tmp_path / "t.parquet") as table, pytest.raises(DataError) as caught:
        list(table.batches())
    assert str(caught.value) == (
        "t.parquet: can't be read (its reader was ended by SIGABRT: memory allocation of "
        "2305843009213693952 bytes failed); the file is probably damaged: write it anew, or as .csv"
    )


def test_one_process_reads_a_table_and_its_death_is_an_error(tmp_path):
    frame = pl.DataFrame({"path": ["x" * 100_000] * 50})  # each row more than a pipe holds
    others = set(psutil.Process().children())  # of tests before
    with ParquetTable(write(tmp_path, frame), rows=1) as table:
        batches = table.batches()
        (reader,) = set(psutil.Process().children()) - others
        for _ in range(20):
            next(batches)
        assert set(psutil.Process().children()) - others == {reader}
        os.kill(reader.pid, signal.SIGABRT)
        with pytest.raises(DataError, match=r"t\.parquet: .* was ended by SIGABRT\); the file is"):
            list(batches)
