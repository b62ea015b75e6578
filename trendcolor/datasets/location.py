"""Where a photo may lie: inside its data set's folder."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from trendcolor.config import Address, Location
from trendcolor.datasets.addresses import AddressFile
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.stores import is_there
from trendcolor.errors import DataError, PhotoError

_BLOCK = 1 << 23  # bytes of a table that are fetched at once

# A byte that is no UTF-8, as Python keeps it in a name, or the text that stands for one.
_NO_UTF8 = re.compile(r"[\ud800-\udfff]|\\ud[89a-f][0-9a-f]{2}")


def inside(root: Path, relative: str) -> Path | None:
    """The path of a file that a table or an annotation names; None if it would leave the folder.

    Args:
        root: The data set's folder.
        relative: A path relative to it, from a file that may have been written by anyone. A link
            on the way that leads out of the folder counts as leaving it.
    """
    named = PurePosixPath(relative)
    if named.is_absolute() or ".." in named.parts or not named.parts or "\0" in relative:
        return None
    path = root / named
    if not _is_inside(root, relative.rpartition("/")[0]):
        return None
    return path if not _may_be_link(path) or _is_below(path, root) else None


def inside_address(root: Address, relative: str) -> Address | None:
    """The same in a store, whose servers may also unfold what is written with percent signs.

    Args:
        root: The data set's address.
        relative: The rest of an object's name, from a file that may have been written by anyone.
    """
    plain = relative
    for _ in range(len(relative)):
        unfolded = unquote(plain)
        if unfolded == plain:
            break
        plain = unfolded
    is_leaving = any(_leaves(_parts(text)) for text in (relative, plain))
    is_odd = any(sign in plain for sign in ("\0", "://", "::"))
    is_query = root.scheme in ("http", "https") and any(sign in relative for sign in "?#")
    return None if is_leaving or is_odd or is_query else root.join(relative)


def photo_inside(root: Location, relative: str) -> LocalFile | AddressFile | None:
    """The photo that a table names; None if it would leave the root."""
    if isinstance(root, Address):
        address = inside_address(root, relative)
        return None if address is None else AddressFile(str(address))
    path = inside(root, relative)
    return None if path is None else LocalFile(path)


def _leaves(parts: list[str]) -> bool:
    return "" in (parts[0], parts[-1]) or "." in parts or ".." in parts


def _parts(text: str) -> list[str]:
    return text.replace("\\", "/").split("/")


@lru_cache(maxsize=4096)
def _is_inside(root: Path, folder: str) -> bool:
    """Whether a folder lies in the root, all links followed; millions of photos lie in few."""
    return _is_below(root / folder, root)


def _is_below(path: Path, root: Path) -> bool:
    # Not `Path.resolve`, which fails before Python 3.13 where links lead in a circle.
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _may_be_link(path: Path) -> bool:
    try:
        return os.path.islink(path)  # noqa: PTH114 # asked of every photo; three times as quick
    except ValueError:
        return True


def check_folder(folder: Location, setting: str) -> None:
    """Refuse a folder that isn't there.

    Args:
        folder: The folder, or an address.
        setting: The setting that names it.

    Raises:
        DataError: there is no such folder.
    """
    if isinstance(folder, Address):
        if not is_there(folder):
            raise DataError(f"{folder}: nothing is there ({setting})")
    elif not folder.is_dir():
        raise DataError(f"{folder}: no such folder ({setting})")


def local(location: Location, setting: str, format: str) -> Path:
    """A location as a path, where a format reads nothing else.

    Raises:
        DataError: it is an address.
    """
    if isinstance(location, Address):
        raise DataError(
            f'{location}: format "{format}" reads folders of this machine only ({setting}; copy '
            "it here first)"
        )
    return location


@contextmanager
def at_hand(location: Location, setting: str) -> Iterator[Path]:
    """A table or list as a file of this machine, fetched where it lies elsewhere.

    Raises:
        DataError: there is no such file.
        StoreError: the store can't be reached.
    """
    if not isinstance(location, Address):
        yield location
        return
    with tempfile.TemporaryDirectory(prefix="trendcolor-") as folder:
        path = Path(folder) / location.name
        try:
            with AddressFile(str(location)).open() as source, path.open("wb") as copy:
                while block := source.read(_BLOCK):
                    copy.write(block)
        except PhotoError as cause:
            raise DataError(f"{location}: {cause} ({setting})") from cause
        yield path


def plain_id(relative: PurePosixPath | Path | str) -> str:
    r"""A photo's id from its path inside its data set, as text that any file can hold.

    Bytes that are no UTF-8 are told as `\udcff`. In a path that has such bytes, or has that very
    text, each backslash is doubled: no two paths have one id.
    """
    text = relative if isinstance(relative, str) else relative.as_posix()
    if _NO_UTF8.search(text):
        text = text.replace("\\", "\\\\")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
