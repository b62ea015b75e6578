import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.datasets import table_rows
from trendcolor.datasets.table_rows import text_batches
from trendcolor.errors import DataError

CELLS = st.text(st.sampled_from('ab ,"\n;é'), max_size=6)
ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30)


def read(path, columns=("a", "b")):
    found = [
        row for batch in text_batches(path, dict.fromkeys(columns, "")) for row in batch.iter_rows()
    ]
    return [tuple(cell or "" for cell in row) for row in found]


@given(ROWS, st.integers(1, 40), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_rows_are_the_same_however_the_file_is_cut(tmp_path_factory, rows, block, end, is_whole):
    file = io.StringIO()
    writer = csv.writer(file, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *rows])
    path = tmp_path_factory.mktemp("t") / "t.csv"
    text = file.getvalue() if is_whole else file.getvalue().removesuffix(end)
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_rows, "_BLOCK", block)
        assert read(path) == rows


def test_a_mark_before_the_header_and_other_columns_are_passed_over(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_bytes("\ufeffa\tx\tb\n007\t1\tFalse\n".encode())
    assert read(path) == [("007", "False")]


def test_parquet_is_read_in_pieces_in_its_order(tmp_path, monkeypatch):
    monkeypatch.setattr(table_rows, "_BATCH", 7)
    rows = [(str(i), f"b{i}") for i in range(40)]
    pl.DataFrame(rows, schema=["a", "b"], orient="row").write_parquet(tmp_path / "t.parquet")
    assert read(tmp_path / "t.parquet") == rows


def test_a_quote_that_is_never_closed_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(table_rows, "_MOST_RECORD", 100)
    monkeypatch.setattr(table_rows, "_BLOCK", 64)
    (tmp_path / "t.csv").write_text('a,b\n1,"2\n' + "3,4\n" * 100, encoding="utf-8")
    with pytest.raises(DataError, match=r"t\.csv: a row has no end in \d+ bytes"):
        read(tmp_path / "t.csv")
