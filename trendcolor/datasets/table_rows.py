"""The rows of a CSV or Parquet table as text, a piece of the file at a time."""

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import polars as pl

from trendcolor.datasets.faults import check_columns
from trendcolor.errors import DataError
from trendcolor.parquet_tables import ParquetTable

_BLOCK = 1 << 22  # bytes of a CSV that are read at a time
_MOST_RECORD = 1 << 26  # bytes in which a row ends, else a quote is never closed
_BATCH = 50_000  # rows of a Parquet file that are read at a time

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
TABLE_SUFFIXES = (*_SEPARATORS, ".parquet")


def text_batches(table: Path, wanted: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    """Columns of a table, each cell as text: "007" stays an id and "False" the card's word.

    Polars' own streams run ahead of whoever reads them, until all of a table is in memory. Parquet
    is read in a process of its own, which some damaged files end; CSV is read here, in pieces that
    are no more than text.

    Args:
        table: A file that ends in one of `TABLE_SUFFIXES`.
        wanted: Which columns, each with who names it.

    Raises:
        DataError: a column is missing; a quote in a CSV is never closed; Parquet can't be read.
        PolarsError, OSError, UnicodeError: a CSV can't be read.
    """
    separator = _SEPARATORS.get(table.suffix.lower())
    if separator is None:
        with ParquetTable(table, list(wanted), rows=_BATCH) as found:
            check_columns(table.name, wanted, found.columns)
            yield from found.batches()
        return
    as_text = _as_text(separator)
    with table.open("rb") as file:
        is_first = True
        for piece in _pieces(file, table.name):
            rows = as_text(piece)
            if is_first:
                check_columns(table.name, wanted, rows.columns)
                is_first = False
            yield rows.select(list(wanted))
    if is_first:
        as_text(b"")  # polars' own word for an empty file


def _as_text(separator: str) -> Callable[[bytes], pl.DataFrame]:
    return lambda piece: pl.read_csv(BytesIO(piece), infer_schema=False, separator=separator)


def _pieces(file: BinaryIO, name: str) -> Iterator[bytes]:
    """Whole rows of a CSV, each piece with the header before it."""
    header, rest = b"", b""
    is_first = True
    while block := file.read(_BLOCK):
        rest += block
        end = _last_row_end(rest)
        if end == 0 and len(rest) > _MOST_RECORD:
            raise DataError(f"{name}: a row has no end in {len(rest)} bytes (a quote left open?)")
        if end == 0:
            continue
        rows, rest = rest[:end], rest[end:]
        if is_first:
            header, is_first = rows[: _first_row_end(rows)], False
            yield rows
        else:
            yield header + rows
    if rest:
        yield header + rest


def _last_row_end(text: bytes) -> int:
    """Where the last whole row ends; a line end between quotes ends none (RFC 4180)."""
    end = text.rfind(b"\n")
    quotes = text.count(b'"', 0, max(end, 0))
    while end >= 0 and quotes % 2:
        before = text.rfind(b"\n", 0, text.rfind(b'"', 0, end))
        quotes -= text.count(b'"', max(before, 0), end)
        end = before
    return end + 1


def _first_row_end(text: bytes) -> int:
    end = text.find(b"\n")
    while end >= 0 and text.count(b'"', 0, end) % 2:
        end = text.find(b"\n", end + 1)
    return end + 1
