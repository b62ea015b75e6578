"""References to photos as bytes and back, so that millions of them can wait on disk."""

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import msgspec

from trendcolor.cards import DeclaredLight
from trendcolor.datasets.addresses import AddressFile
from trendcolor.datasets.ccp import MatMask
from trendcolor.datasets.coco import RegionMask
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.index_masks import FarMask, IndexMask
from trendcolor.datasets.parquet_cells import ParquetCell
from trendcolor.datasets.reference import PhotoRef
from trendcolor.datasets.tar_members import NoMember, TarMember

# Every kind of `PhotoFile` and of `LabelSource`, by the name that it is stored under.
_FILES: dict[str, type[Any]] = {
    "local": LocalFile,
    "address": AddressFile,
    "tar": TarMember,
    "no-member": NoMember,
    "parquet": ParquetCell,
}
_LABELS: dict[str, type[Any]] = {
    "png": IndexMask,
    "far-png": FarMask,
    "mat": MatMask,
    "regions": RegionMask,
}
# Their fields that are files themselves: the archive that a photo lies in, a label map's file.
_NESTED = {TarMember: "archive", ParquetCell: "archive", FarMask: "file"}


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A value with the name of its kind."""

    kind: str
    value: msgspec.Raw


@dataclass(frozen=True, slots=True)
class _Packed:
    """`PhotoRef` as it is stored."""

    id: str
    file: _Tagged
    columns: dict[str, str | None]
    labels: _Tagged | None
    classes: list[int] | None
    light: DeclaredLight | None
    duplicate_of: str | None
    refused: str | None


def pack(ref: PhotoRef) -> bytes:
    """A reference as bytes, which `unpack` reads."""
    packed = _Packed(
        id=ref.id,
        file=_tagged(ref.file, _FILES),
        columns=dict(ref.columns),
        labels=None if ref.labels is None else _tagged(ref.labels, _LABELS),
        classes=None if ref.classes is None else sorted(ref.classes),
        light=ref.light,
        duplicate_of=ref.duplicate_of,
        refused=ref.refused,
    )
    return _ENCODER.encode(packed)


def unpack(packed: bytes) -> PhotoRef:
    """The reference that `pack` was given."""
    found = _DECODER.decode(packed)
    return PhotoRef(
        id=found.id,
        file=_value(found.file, _FILES),
        columns=found.columns,
        labels=None if found.labels is None else _value(found.labels, _LABELS),
        classes=None if found.classes is None else frozenset(found.classes),
        light=found.light,
        duplicate_of=found.duplicate_of,
        refused=found.refused,
    )


def _tagged(value: object, kinds: dict[str, type[Any]]) -> _Tagged:
    kind = next(name for name, each in kinds.items() if isinstance(value, each))
    table = {field.name: getattr(value, field.name) for field in fields(kinds[kind])}
    if (nested := _NESTED.get(kinds[kind])) is not None:
        table[nested] = _tagged(table[nested], _FILES)
    return _Tagged(kind, msgspec.Raw(_ENCODER.encode(table)))


def _value(tagged: _Tagged, kinds: dict[str, type[Any]]) -> Any:  # noqa: ANN401 # one of the kinds
    kind = kinds[tagged.kind]
    if kind in _NESTED:
        return _built(kind, msgspec.msgpack.decode(tagged.value, type=dict[str, Any]))
    return msgspec.msgpack.decode(tagged.value, type=kind, dec_hook=_decoded)


def _built(kind: type[Any], table: dict[str, Any]) -> Any:  # noqa: ANN401 # one of the kinds
    nested = _NESTED.get(kind)
    if nested is None:
        return msgspec.convert(table, kind, dec_hook=_decoded)
    inner = table[nested]
    return kind(**{**table, nested: _built(_FILES[inner["kind"]], inner["value"])})


def _encoded(value: object) -> bytes:
    if isinstance(value, Path):
        return os.fsencode(value)  # a name need not be text
    raise NotImplementedError(f"{type(value).__name__} in a reference")


def _decoded(kind: type, value: object) -> object:
    if issubclass(kind, Path) and isinstance(value, bytes):
        return Path(os.fsdecode(value))
    raise NotImplementedError(f"{kind.__name__} in a reference")


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_encoded)
_DECODER = msgspec.msgpack.Decoder(_Packed, dec_hook=_decoded)
