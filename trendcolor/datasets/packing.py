"""References to photos as bytes and back, so that millions of them can wait on disk."""

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import msgspec

from trendcolor.cards import DeclaredLight
from trendcolor.datasets.ccp import MatMask
from trendcolor.datasets.coco import RegionMask
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.index_masks import IndexMask
from trendcolor.datasets.reference import PhotoRef

# Every kind of `PhotoFile` and of `LabelSource`, by the name that it is stored under.
_FILES: dict[str, type[Any]] = {"local": LocalFile}
_LABELS: dict[str, type[Any]] = {"png": IndexMask, "mat": MatMask, "regions": RegionMask}


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
    )


def _tagged(value: object, kinds: dict[str, type[Any]]) -> _Tagged:
    kind = next(name for name, each in kinds.items() if isinstance(value, each))
    table = {field.name: getattr(value, field.name) for field in fields(kinds[kind])}
    return _Tagged(kind, msgspec.Raw(_ENCODER.encode(table)))


def _value(tagged: _Tagged, kinds: dict[str, type[Any]]) -> Any:  # noqa: ANN401 # one of the kinds
    return msgspec.msgpack.decode(tagged.value, type=kinds[tagged.kind], dec_hook=_decoded)


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
