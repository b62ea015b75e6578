"""The files of a run folder: where shards have theirs, and JSON in and out."""

import hashlib
import os
from pathlib import Path
from typing import TypeVar

import msgspec

from trendcolor.errors import RunError

T = TypeVar("T")


def shard_file(path: Path, part: str, shard: int) -> Path:
    """Where a shard's file is."""
    return path / part / f"{shard:05d}{'.json' if part == 'receipts' else '.parquet'}"


def names_in(folder: Path) -> set[str]:
    """The names of all files in a folder; none where there is no such folder."""
    if not folder.is_dir():
        return set()
    with os.scandir(folder) as entries:
        return {entry.name for entry in entries}


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(value: object, path: Path) -> None:
    """Write JSON, in place only when whole."""
    aside = path.with_suffix(".part")
    aside.write_bytes(msgspec.json.format(msgspec.json.encode(value)) + b"\n")
    aside.replace(path)


def read_json(path: Path, kind: type[T]) -> T:
    """Read JSON strictly.

    Raises:
        RunError: it can't be read, or is not of that kind.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as cause:
        raise RunError(f"{path}: not readable by this version ({cause})") from cause
