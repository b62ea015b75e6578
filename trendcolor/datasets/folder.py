"""A folder of photos."""

import heapq
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from trendcolor.cards import Card
from trendcolor.config import PHOTO_SUFFIXES, Address, DataConfig, Location
from trendcolor.datasets.addresses import AddressFile
from trendcolor.datasets.faults import Faults
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.location import check_folder, inside, plain_id
from trendcolor.datasets.reference import PhotoRef
from trendcolor.datasets.stores import listed
from trendcolor.errors import DataError

# Names of one folder that are sorted in memory; more are sorted in pieces on disk and merged.
_MOST_NAMES = 100_000
_BLOCK = 1 << 16  # bytes read at once of a sorted piece


def photos(_: Card, config: DataConfig, __: Faults) -> Iterator[PhotoRef]:
    """Every photo below a folder, folder by folder, each in the order of its names.

    A photo's id is its path relative to the folder. Hidden files and folders are passed over, and
    so are links that lead out of the folder, links to folders, and the folder of label maps. The
    names of a folder are never all in memory, however many there are.

    Args:
        _: The card, which says nothing of a bare folder's photos.
        config: `root` and, to pass it over, `masks`.
        __: Nothing can be at fault with a single photo.

    Raises:
        DataError: the folder is missing or holds no photo.
    """
    number = 0
    for found in files_below(config.root, PHOTO_SUFFIXES, config.masks):
        yield PhotoRef(id=plain_id(found.relative), file=found.file)
        number += 1
    if not number:
        endings = ", ".join(sorted(PHOTO_SUFFIXES))
        raise DataError(f"{config.root}: no photos (wanted files ending in {endings})")


@dataclass(frozen=True, slots=True)
class Found:
    """A file below a folder."""

    relative: str
    file: LocalFile | AddressFile


def files_below(
    root: Location, endings: Collection[str], without: Location | None = None
) -> Iterator[Found]:
    """The files below a folder or address whose names end so, as `photos` finds them.

    Args:
        root: The folder or address.
        endings: In small letters, with their dots.
        without: A folder below it that is passed over.

    Raises:
        DataError: the folder is missing.
        StoreError: the store can't be reached.
    """
    if isinstance(root, Address):
        masks = f"{without}/" if isinstance(without, Address) else None
        for each in listed(root, endings):
            address = str(root.join(each.path))
            if masks is None or not address.startswith(masks):
                yield Found(each.path, AddressFile(address, each.size))
        return
    check_folder(root, "data.root")
    passed_over = without.resolve() if isinstance(without, Path) else None
    for path in _walk(root, root, endings, passed_over):
        yield Found(path.relative_to(root).as_posix(), LocalFile(path))


def _walk(
    folder: Path, root: Path, endings: Collection[str], without: Path | None
) -> Iterator[Path]:
    for name in _sorted_names(folder, endings):
        path = folder / os.fsdecode(name)
        if name.endswith(b"/"):
            if without is None or path.resolve() != without:
                yield from _walk(path, root, endings, without)
        elif not path.is_symlink() or inside(root, path.relative_to(root).as_posix()):
            yield path


def _sorted_names(folder: Path, endings: Collection[str]) -> Iterator[bytes]:
    """Wanted files and folders of a folder, in order of their bytes; folders end in `/`."""
    with ExitStack() as stack:
        pieces, names = [], []
        for name in _names(folder, endings):
            names.append(name)
            if len(names) == _MOST_NAMES:
                piece = stack.enter_context(tempfile.TemporaryFile())
                piece.write(b"".join(each + b"\0" for each in sorted(names)))
                piece.seek(0)
                pieces.append(_lines(piece))
                names.clear()
        yield from heapq.merge(*pieces, sorted(names)) if pieces else sorted(names)


def _names(folder: Path, endings: Collection[str]) -> Iterator[bytes]:
    try:
        entries = os.scandir(os.fsencode(folder))
    except PermissionError as cause:
        raise DataError(f"{folder}: folder may not be read (permission denied)") from cause
    with entries:
        for entry in entries:
            if entry.name.startswith(b"."):
                continue
            if entry.is_symlink() and os.path.isdir(entry.path):  # noqa: PTH112 # bytes
                continue
            if entry.is_dir(follow_symlinks=False):
                yield entry.name + b"/"
            elif os.path.splitext(entry.name)[1].lower().decode("latin-1") in endings:  # noqa: PTH122 # bytes
                yield entry.name


def _lines(piece: BinaryIO) -> Iterator[bytes]:
    rest = b""
    for block in chain(iter(lambda: piece.read(_BLOCK), b"")):
        *whole, rest = (rest + block).split(b"\0")
        yield from whole
