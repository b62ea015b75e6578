"""Photos inside Parquet files, as Hugging Face stores them: read page by page, in order.

Only here pyarrow is used, which reads a row group without having all of it in memory.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from trendcolor.datasets.files import Archive, check_bytes
from trendcolor.errors import DataError, PhotoError

_BATCH = 8  # photos that are in memory at once
_BUFFER = 1 << 20  # bytes that are read at once


@dataclass(frozen=True, slots=True)
class ParquetCell:
    """One image in a column of a Parquet file."""

    archive: Archive
    column: str  # of its bytes: "image.bytes", or "image" where the column is binary
    group: int  # its row group
    row: int  # in that group
    n_bytes: int  # mean size in that group, as it is stored; its own is not known before it is read
    member: str  # its name, where the file tells one

    @property
    def place(self) -> str:
        """As `PhotoFile.place`."""
        return f"{self.archive.place}/{self.group}/{self.row}"

    @property
    def name(self) -> str:
        """As `PhotoFile.name`."""
        return self.member

    @property
    def is_far(self) -> bool:
        """As `PhotoFile.is_far`."""
        return self.archive.is_far

    def size(self) -> int:
        """As `PhotoFile.size`: the mean of its row group."""
        return self.n_bytes

    def read(self, most: int) -> bytes:
        """As `PhotoFile.read`; its page is read before its size is known."""
        with _Here.lock:
            encoded = _Here.group_of(self).cell(self.row)
        if encoded is None:
            raise PhotoError("its row has no image")
        check_bytes(len(encoded), most)
        return encoded


def open_parquet(archive: Archive) -> Any:  # noqa: ANN401 # pyarrow has no types
    """A Parquet file whose columns are read a little at a time; to be closed.

    Raises:
        DataError: it is none, can't be read, or pyarrow isn't installed.
        StoreError: its store can't be reached.
    """
    try:
        parquet = import_module("pyarrow.parquet")
    except ImportError as cause:
        raise DataError(
            f"{archive.place}: pip install 'trendcolor[parquet]' first ({cause})"
        ) from cause
    source = None
    try:
        source = archive.open()
        return parquet.ParquetFile(source, buffer_size=_BUFFER, pre_buffer=False)
    except (OSError, PhotoError, ValueError) as cause:
        if source is not None:
            source.close()
        raise DataError(f"{archive.place}: no Parquet file ({first_line(cause)})") from cause


def first_line(error: BaseException) -> str:
    """What a library's error says, without its trace."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


class _Group:
    """The row group that is being read, whose photos come in order."""

    def __init__(self, of: ParquetCell) -> None:
        self.key = (of.archive, of.column, of.group)
        self._file = _opened(of.archive)
        self._batches = self._read()
        self._seen: list[Any] = []  # the last two batches
        self._end = 0  # the row after them

    def cell(self, row: int) -> bytes | None:
        """The bytes in a row.

        Raises:
            PhotoError: the file is damaged there.
        """
        if row < self._end - sum(map(len, self._seen)):
            self._batches, self._seen, self._end = self._read(), [], 0
        while row >= self._end:
            self._advance()
        place = self._end
        for values in reversed(self._seen):
            place -= len(values)
            if row >= place:
                cell: bytes | None = values[row - place].as_py()
                return cell
        raise AssertionError  # the rows that were seen are without a gap

    def close(self) -> None:
        """Let go of the file."""
        self._seen.clear()
        self._file.close(force=True)

    def _read(self) -> Iterator[Any]:
        _, column, group = self.key
        found: Iterator[Any] = self._file.iter_batches(
            _BATCH, row_groups=[group], columns=[column], use_threads=False
        )
        return found

    def _advance(self) -> None:
        try:
            batch = next(self._batches, None)
        except (OSError, ValueError, NotImplementedError) as cause:  # also those of pyarrow
            raise PhotoError(f"its file is damaged ({first_line(cause)})") from cause
        if batch is None:
            raise PhotoError("its file has fewer rows than it had")
        values = batch.column(0)
        if hasattr(values, "flatten") and "." in self.key[1]:
            values = values.flatten()[0]
        self._seen = [*self._seen[-1:], values]
        self._end += len(values)


def _opened(archive: Archive) -> Any:  # noqa: ANN401 # pyarrow has no types
    try:
        return open_parquet(archive)
    except DataError as cause:
        raise PhotoError(f"its file can't be read ({cause})") from cause


class _Here:
    """The row group that this process read last: no other is kept."""

    lock = threading.Lock()
    last: _Group | None = None

    @classmethod
    def group_of(cls, cell: ParquetCell) -> _Group:
        if cls.last is None or cls.last.key != (cell.archive, cell.column, cell.group):
            if cls.last is not None:
                cls.last.close()
            cls.last = None
            cls.last = _Group(cell)
        return cls.last
