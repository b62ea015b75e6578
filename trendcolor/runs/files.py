"""The files of a run: what they are called, and JSON in and out."""

import hashlib
from pathlib import Path
from typing import TypeVar

import msgspec

from trendcolor.errors import RunError
from trendcolor.runs.store import Place, store_of

T = TypeVar("T")

CROISSANT = "croissant.json"  # the run as others' tools read it


def shard_name(part: str, shard: int) -> str:
    """What a shard's file is called."""
    return f"{part}/{shard:05d}{'.json' if part == 'receipts' else '.parquet'}"


def shard_file(path: Path, part: str, shard: int) -> Path:
    """Where a shard's file is in a folder."""
    return path / shard_name(part, shard)


def sha256_of(content: bytes) -> str:
    """The SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()


def json_bytes(value: object) -> bytes:
    """A value as the bytes of a JSON file; the same value gives the same."""
    return msgspec.json.format(msgspec.json.encode(value)) + b"\n"


def write_json(value: object, place: Place, name: str) -> None:
    """Write JSON, in place only when whole.

    Raises:
        RunError: it can't be written.
    """
    store_of(place).write(name, json_bytes(value))


def read_json(place: Place, name: str, kind: type[T]) -> T:
    """Read JSON strictly.

    Raises:
        RunError: it is missing, can't be read, or is not of that kind.
    """
    store = store_of(place)
    content = store.read(name)
    try:
        if content is None:
            raise FileNotFoundError("no such file")
        return msgspec.json.decode(content, type=kind)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as cause:
        raise RunError(f"{store.place}/{name}: not readable by this version ({cause})") from cause
