"""Parquet files with the images inside, as Hugging Face lays data sets out.

`data/train-00000-of-00042.parquet`: one row a photo, with a column `image` that is either the
encoded bytes or a pair of `bytes` and `path`; the other columns are what is declared.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import PurePosixPath
from typing import Any

import msgspec

from trendcolor.cards import Card, Column
from trendcolor.config import PHOTO_SUFFIXES, DataConfig
from trendcolor.datasets.archives import archives
from trendcolor.datasets.declared import as_text, declared, own_id
from trendcolor.datasets.faults import Faults, check_columns
from trendcolor.datasets.folder import Found
from trendcolor.datasets.location import plain_id
from trendcolor.datasets.parquet_cells import ParquetCell, first_line, open_parquet
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import DataError

_USUAL = "{path}"  # what `data.photo` is where nobody set it
_ROWS = 4096  # of the declared columns, in memory at a time


def photos(card: Card, config: DataConfig, faults: Faults) -> Iterator[PhotoRef]:
    """The photos of Parquet files, in the order of the files' names and of their rows.

    No image is read: only what the files tell of themselves, and the declared columns. A photo's id
    is the column of kind "id" if the card declares one, else `<file>/<row>`, counted from 0.
    Numbers that Hugging Face's metadata has names for come as those names.

    Args:
        card: Declares the columns that are used.
        config: `root`, a folder, an address, one file or a pattern of several; and `photo`, the
            column of images.
        faults: Gets a fault for each value that the card doesn't allow.

    Raises:
        DataError: there is no file, or one can't be read or lacks a column.
        StoreError: the store can't be reached.
    """
    column = "image" if config.photo == _USUAL else config.photo.strip("{}")
    for found in archives(config.root, (".parquet",)):
        with closing(_Images(found, column, card.columns)) as images:
            yield from images.photos(faults)


@dataclass(frozen=True, slots=True)
class _Row:
    """What is read of a row."""

    name: str  # of its image
    values: Mapping[str, str | None]  # by the names of the file's columns


class _Images:
    """One Parquet file."""

    def __init__(self, found: Found, column: str, columns: Sequence[Column]) -> None:
        self._found, self._columns = found, columns
        self._file = open_parquet(found.file)
        try:
            self._leaves = _leaves(self._file.schema_arrow, column, found, columns)
        except BaseException:
            self.close()
            raise
        self._words = _class_labels(self._file.schema_arrow)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close(force=True)

    def photos(self, faults: Faults) -> Iterator[PhotoRef]:
        """Its photos, in order."""
        numbers = count()
        for group in range(self._file.metadata.num_row_groups):
            size = self._mean_size(group)
            for row, read in enumerate(self._rows(group)):
                number = next(numbers)
                wrong: list[str] = []
                columns = declared(read.values, self._columns, wrong)
                faults.add(f"{self._found.relative}: row {number}: {fault}" for fault in wrong)
                cell = ParquetCell(
                    self._found.file, self._leaves.bytes, group, row, size, read.name
                )
                where = plain_id(f"{self._found.relative}/{number}")
                name = own_id(columns, self._columns) or where
                yield PhotoRef(id=name, file=cell, columns=columns)

    def _mean_size(self, group: int) -> int:
        """Bytes of one image of a row group, as they are stored."""
        told = self._file.metadata.row_group(group)
        chunks = (told.column(i) for i in range(told.num_columns))
        size = sum(
            c.total_compressed_size for c in chunks if c.path_in_schema == self._leaves.bytes
        )
        return int(size // max(told.num_rows, 1))

    def _rows(self, group: int) -> Iterator[_Row]:
        wanted = [column.from_name for column in self._columns]
        asked = [*wanted, *([self._leaves.path] if self._leaves.path else [])]
        if not asked:
            rows = self._file.metadata.row_group(group).num_rows
            yield from (_Row("", {}) for _ in range(rows))
            return
        for batch in self._batches(group, asked):
            for table in batch.to_pylist():
                values = {name: self._text(name, table[name]) for name in wanted}
                yield _Row(_name(table, self._leaves.path), values)

    def _batches(self, group: int, columns: Sequence[str]) -> Iterator[Any]:
        try:
            yield from self._file.iter_batches(_ROWS, row_groups=[group], columns=list(columns))
        except (OSError, ValueError, NotImplementedError) as cause:  # also those of pyarrow
            place = self._found.file.place
            raise DataError(f"{place}: can't be read ({first_line(cause)})") from cause

    def _text(self, name: str, value: object) -> str | None:
        words = self._words.get(name)
        if words is not None and isinstance(value, int):
            return words[value] if 0 <= value < len(words) else None
        return as_text(value)


@dataclass(frozen=True, slots=True)
class _Leaves:
    """Where the images of a file are."""

    bytes: str
    path: str  # the column of their names; empty where there is none


def _leaves(
    schema: Any,  # noqa: ANN401 # pyarrow has no types
    column: str,
    found: Found,
    columns: Sequence[Column],
) -> _Leaves:
    present = [str(name) for name in schema.names]
    wanted = {column: "data.photo names it, or nothing does"}
    wanted |= {each.from_name: "the card declares it" for each in columns}
    check_columns(found.relative, wanted, present)
    kind = schema.field(column).type
    parts = [str(part.name) for part in kind] if str(kind).startswith("struct") else []
    if "bytes" in parts:
        return _Leaves(f"{column}.bytes", f"{column}.path" if "path" in parts else "")
    if not parts and "binary" in str(kind):
        return _Leaves(column, "")
    raise DataError(
        f"{found.relative}: column '{column}' holds {kind}, wanted encoded images: binary, or a "
        "struct with bytes (data.photo)"
    )


def _name(table: Mapping[str, Any], path: str) -> str:
    """The image's own file name; one that claims no kind of image claims nothing."""
    told = (table[path.partition(".")[0]] or {}).get("path") if path else None
    name = PurePosixPath(str(told or "").replace("\\", "/")).name
    return name if PurePosixPath(name).suffix.lower() in PHOTO_SUFFIXES else ""


def _class_labels(schema: Any) -> dict[str, tuple[str, ...]]:  # noqa: ANN401 # pyarrow has no types
    """The words that numbers stand for, by column, where the file tells them."""
    told = (schema.metadata or {}).get(b"huggingface")
    try:
        features = msgspec.json.decode(told or b"{}", type=dict[str, Any])["info"]["features"]
        found = {name: features[name] for name in schema.names if name in features}
        return {
            name: tuple(str(word) for word in feature["names"])
            for name, feature in found.items()
            if feature.get("_type") == "ClassLabel"
        }
    except (AttributeError, KeyError, TypeError, msgspec.DecodeError):
        return {}
