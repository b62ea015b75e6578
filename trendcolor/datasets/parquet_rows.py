"""What Parquet files with images inside tell of their rows, read in a process of its own.

pyarrow aborts on some damaged footers, and a process that it ends must not be the caller's. One
process reads all files of a data set, one after the other.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, cast

import msgspec

from trendcolor.apart import pieces_apart
from trendcolor.config import PHOTO_SUFFIXES
from trendcolor.datasets.addresses import AddressFile
from trendcolor.datasets.declared import as_text
from trendcolor.datasets.faults import check_columns
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.folder import Found
from trendcolor.datasets.packing import pack, unpack
from trendcolor.datasets.parquet_cells import first_line, open_parquet
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import DataError, EndedError, TrendColorError

_ROWS = 4096  # of the declared columns, in memory at a time

# What a library makes of damaged values, pyarrow's own errors among them.
_DAMAGED = (OSError, ValueError, NotImplementedError, LookupError, ArithmeticError, MemoryError)


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of one row group, in order."""

    file: int  # the place of their file among those that were asked for
    leaf: str = ""  # the column of their images' bytes: "image.bytes", or "image" where binary
    group: int = 0  # the row group
    first: int = 0  # the place in it of the first of these rows
    size: int = 0  # mean bytes of one of its images, as they are stored
    names: list[str] = field(default_factory=list)  # of the images, one a row
    values: list[list[str | None]] = field(default_factory=list)  # one a row


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the process is to read."""

    files: list[bytes]  # packed references
    column: str  # of the images
    declared: list[str]


def rows_apart(files: Sequence[Found], column: str, declared: Sequence[str]) -> Iterator[Rows]:
    """The rows of files, in order; no image is read.

    Args:
        files: Which.
        column: The column of images.
        declared: The columns whose values are wanted, in their order.

    Raises:
        DataError: a file can't be read, lacks a column, or ended its reader.
        StoreError: the store can't be reached.
    """
    packed = [pack(PhotoRef(each.relative, each.file)) for each in files]
    asked = msgspec.msgpack.encode(_Asked(packed, column, list(declared)))
    decoder, number = msgspec.msgpack.Decoder(Rows), 0
    with closing(pieces_apart(answer, asked)) as pieces:
        try:
            for piece in pieces:
                rows = decoder.decode(piece)
                number = rows.file
                if rows.names:
                    yield rows
        except EndedError as cause:
            raise DataError(
                f"{files[number].file.place}: can't be read ({cause}); the file is probably "
                "damaged: write it anew, or take it out of data.root"
            ) from cause


def answer(request: bytes) -> Iterator[bytes]:
    """What `rows_apart` asks for, read here; each file is told before it is opened."""
    asked = msgspec.msgpack.decode(request, type=_Asked)
    encoder = msgspec.msgpack.Encoder()
    for number, packed in enumerate(asked.files):
        yield encoder.encode(Rows(number))
        ref = unpack(packed)
        found = Found(ref.id, cast(LocalFile | AddressFile, ref.file))
        try:
            with closing(_Images(found, asked.column, asked.declared)) as images:
                yield from map(encoder.encode, images.rows(number))
        except TrendColorError:
            raise
        except _DAMAGED as cause:
            raise DataError(f"{found.file.place}: can't be read ({first_line(cause)})") from cause


class _Images:
    """One Parquet file."""

    def __init__(self, found: Found, column: str, declared: Sequence[str]) -> None:
        self._declared = declared
        self._file = open_parquet(found.file)
        try:
            self._leaves = _leaves(self._file.schema_arrow, column, found, declared)
        except BaseException:
            self.close()
            raise
        self._words = _class_labels(self._file.schema_arrow)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close(force=True)

    def rows(self, number: int) -> Iterator[Rows]:
        """Its rows, in order.

        Args:
            number: The file's place.
        """
        for group in range(self._file.metadata.num_row_groups):
            size, first = self._mean_size(group), 0
            for names, values in self._batches(group):
                yield Rows(number, self._leaves.bytes, group, first, size, names, values)
                first += len(names)

    def _mean_size(self, group: int) -> int:
        """Bytes of one image of a row group, as they are stored."""
        told = self._file.metadata.row_group(group)
        chunks = (told.column(i) for i in range(told.num_columns))
        size = sum(
            c.total_compressed_size for c in chunks if c.path_in_schema == self._leaves.bytes
        )
        return int(size // max(told.num_rows, 1))

    def _batches(self, group: int) -> Iterator[tuple[list[str], list[list[str | None]]]]:
        """Names and values."""
        asked = [*self._declared, *([self._leaves.path] if self._leaves.path else [])]
        if not asked:
            n_rows = self._file.metadata.row_group(group).num_rows
            for start in range(0, n_rows, _ROWS):
                n = min(_ROWS, n_rows - start)
                yield [""] * n, [[]] * n
            return
        for batch in self._file.iter_batches(_ROWS, row_groups=[group], columns=asked):
            rows = batch.to_pylist()
            yield (
                [_name(row, self._leaves.path) for row in rows],
                [[self._text(name, row[name]) for name in self._declared] for row in rows],
            )

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
    declared: Sequence[str],
) -> _Leaves:
    present = [str(name) for name in schema.names]
    wanted = {column: "data.photo names it, or nothing does"}
    wanted |= dict.fromkeys(declared, "the card declares it")
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


def _name(table: dict[str, Any], path: str) -> str:
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
