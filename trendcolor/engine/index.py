"""The photos of a run, in order and cut into shards, on disk: never all of them in memory.

index/00000.parquet   one packed reference a row, in photo order
index/shards.parquet  where each shard begins and how many photos it has
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import overload

import polars as pl

from trendcolor.config import EngineConfig
from trendcolor.datasets.packing import pack, unpack
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import EngineError
from trendcolor.records import parquet_bytes
from trendcolor.runs import INDEX, Store

_TABLE = f"{INDEX}/shards.parquet"
_ROWS = 16_384  # of one file of the index, which is in memory as a whole


@dataclass(frozen=True, slots=True)
class Shard:
    """The photos of one Parquet file: the unit that is retried and resumed."""

    number: int
    photos: tuple[PhotoRef, ...]


@dataclass(frozen=True, slots=True)
class SizedRef:
    """A reference with the size of its file."""

    ref: PhotoRef
    size: int  # bytes; -1 where it is not known


class Index(Sequence[Shard]):
    """The shards of a run, read from disk one at a time."""

    def __init__(self, store: Store) -> None:
        """Open an index that was written.

        Raises:
            EngineError: the store has none, or not all of it.
        """
        self._store = store
        table = pl.read_parquet(BytesIO(self._read(_TABLE)))
        self._file, self._row = array("q", table["file"]), array("q", table["row"])
        self._photos = array("q", table["photos"])
        self._open: tuple[int, pl.Series] | None = None  # the file that was read last

    @property
    def photos(self) -> int:
        """How many photos all shards have."""
        return sum(self._photos)

    def __len__(self) -> int:
        return len(self._photos)

    @overload
    def __getitem__(self, number: int) -> Shard: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Shard]: ...
    def __getitem__(self, number: int | slice) -> Shard | Sequence[Shard]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(f"no shard {number}, there are {len(self)}")
        number %= len(self)
        rows = self._rows(self._file[number])
        packed = rows.slice(self._row[number], self._photos[number])
        return Shard(number, tuple(unpack(each) for each in packed))

    def copy_to(self, store: Store) -> None:
        """Write the same index to another store, where workers of other machines read it."""
        for name in (*(_name(file) for file in sorted({*self._file})), _TABLE):
            store.write(name, self._read(name))

    def _rows(self, file: int) -> pl.Series:
        if self._open is None or self._open[0] != file:
            content = self._read(_name(file))
            self._open = file, pl.read_parquet(BytesIO(content), columns=["ref"])["ref"]
        return self._open[1]

    def _read(self, name: str) -> bytes:
        content = self._store.read(name)
        if content is None:
            raise EngineError(f"{self._store.place}/{name}: is missing (run it again)")
        return content


def write_index(refs: Iterable[SizedRef], store: Store, config: EngineConfig) -> Index:
    """Cut photos into shards and write them down.

    A shard ends at `shard_photos` photos or when its files have `shard_bytes` bytes together.

    Args:
        refs: The photos, in order.
        store: Where to; what it has of an index is replaced.
        config: How large shards are.
    """
    return write_shards(_cut(refs, config), store)


def write_shards(shards: Iterable[list[PhotoRef]], store: Store) -> Index:
    """Write shards down that are cut already; what the store has of an index is replaced."""
    file, row, rows = 0, 0, _Rows()
    table: dict[str, array[int]] = {name: array("q") for name in ("file", "row", "photos")}
    for shard in shards:
        if row >= _ROWS:
            rows.write(store, file)
            file, row = file + 1, 0
        for name, value in (("file", file), ("row", row), ("photos", len(shard))):
            table[name].append(value)
        rows.add(shard)
        row += len(shard)
    rows.write(store, file)
    store.write(_TABLE, parquet_bytes(pl.DataFrame({name: list(v) for name, v in table.items()})))
    return Index(store)


class _Rows:
    """The rows of the file that is being written."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._refs: list[bytes] = []

    def add(self, refs: Iterable[PhotoRef]) -> None:
        for ref in refs:
            self._ids.append(ref.id)
            self._refs.append(pack(ref))

    def write(self, store: Store, file: int) -> None:
        rows = pl.DataFrame(
            {"photo": self._ids, "ref": self._refs}, schema={"photo": pl.String, "ref": pl.Binary}
        )
        store.write(_name(file), parquet_bytes(rows))
        self._ids.clear()
        self._refs.clear()


def _cut(refs: Iterable[SizedRef], config: EngineConfig) -> Iterator[list[PhotoRef]]:
    shard: list[PhotoRef] = []
    size = 0
    for sized in refs:
        shard.append(sized.ref)
        size += max(sized.size, 0)
        if len(shard) >= config.shard_photos or size >= config.shard_bytes:
            yield shard
            shard, size = [], 0
    if shard:
        yield shard


def _name(file: int) -> str:
    return f"{INDEX}/{file:05d}.parquet"
