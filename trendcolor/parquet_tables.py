"""Parquet tables of anybody's, read in a process of its own, which a damaged one may end.

polars aborts on some of them (a number of values that no memory holds, for instance). The process
is this module alone: it imports polars, and nothing that computes.
"""

import json
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import polars as pl
from polars.exceptions import InvalidOperationError, PanicException, PolarsError

from trendcolor.apart import pieces_apart
from trendcolor.errors import DataError, EndedError

Cells = Literal["text", "text or null", "as they are"]


class ParquetTable:
    """A Parquet file that is being read; to be used in a `with` statement, which ends its process.

    Attributes:
        columns: The names of all its columns.
        images: Those of them that hold encoded images: binary, or a struct with `bytes`.
    """

    def __init__(
        self,
        path: Path,
        columns: Sequence[str] | None = None,
        *,
        cells: Cells = "text",
        rows: int = 50_000,
        most: int | None = None,
    ) -> None:
        """Start the process and learn what the columns are called.

        Args:
            path: The file.
            columns: The columns to read; None reads all.
            cells: As what. Lists and bytes have no text.
            rows: How many are in memory at a time.
            most: How many rows are read; None reads all.

        Raises:
            DataError: the file can't be read, or ended its reader.
        """
        self._path = path
        asked = {"path": str(path), "columns": columns, "cells": cells, "rows": rows, "most": most}
        self._pieces = pieces_apart(answer, json.dumps(asked).encode("ascii"))
        head: dict[str, list[str]] = json.loads(self._next())
        self.columns: tuple[str, ...] = tuple(head["columns"])
        self.images: tuple[str, ...] = tuple(head["images"])

    def __enter__(self) -> "ParquetTable":
        return self

    def __exit__(self, *_: object) -> None:
        self._pieces.close()

    def batches(self) -> Iterator[pl.DataFrame]:
        """The rows in order; at least one frame, which may be empty.

        Raises:
            DataError: the file is damaged, lacks a column, or ended its reader.
        """
        while piece := self._next():
            yield pl.read_ipc_stream(BytesIO(piece))

    def _next(self) -> bytes:
        """The next piece; none is empty, but for what is behind the last."""
        try:
            return next(self._pieces, b"")
        except EndedError as cause:
            raise DataError(
                f"{self._path.name}: can't be read ({cause}); the file is probably damaged: write "
                "it anew, or as .csv"
            ) from cause


def answer(request: bytes) -> Iterator[bytes]:
    """What `ParquetTable` asks for, read here: what it holds, then frames as Arrow IPC streams."""
    asked: dict[str, Any] = json.loads(request)
    path = Path(asked["path"])
    try:
        scanned = pl.scan_parquet(path, glob=False)
        schema = scanned.collect_schema()
        images = [name for name, kind in schema.items() if _holds_images(kind)]
        yield json.dumps({"columns": schema.names(), "images": images}).encode("ascii")
        names = schema.names() if asked["columns"] is None else asked["columns"]
        wanted = scanned.select(_cells(name, schema.get(name), asked["cells"]) for name in names)
        n_rows = scanned.select(pl.len()).collect().item()
        end = n_rows if asked["most"] is None else min(n_rows, asked["most"])
        for start in range(0, max(end, 1), asked["rows"]):
            yield _packed(wanted.slice(start, min(asked["rows"], end - start)).collect())
    except InvalidOperationError as cause:
        raise DataError(f"{path.name}: a column is no text ({_first_line(cause)})") from cause
    except (PolarsError, PanicException, OSError, UnicodeError) as cause:
        # A panic is what polars makes of some damaged files.
        raise DataError(f"{path.name}: can't be read ({_first_line(cause)})") from cause


def _cells(name: str, kind: pl.DataType | None, cells: Cells) -> pl.Expr:
    column = pl.col(name)
    if cells == "as they are":
        return column
    if cells == "text or null" and kind is not None and (kind.is_nested() or kind == pl.Binary):
        return pl.lit(None, pl.String).alias(name)
    return column.cast(pl.String)


def _packed(frame: pl.DataFrame) -> bytes:
    stream = BytesIO()
    frame.write_ipc_stream(stream)
    return stream.getvalue()


def _holds_images(kind: pl.DataType) -> bool:
    is_pair = isinstance(kind, pl.Struct) and "bytes" in {field.name for field in kind.fields}
    return is_pair or kind == pl.Binary


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
