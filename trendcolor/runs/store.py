"""Where a run is kept: a folder of this machine, or any address that fsspec knows.

A file is there whole or not at all. In a folder it is written aside and renamed; an object store
shows an object only when all of it has come.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from fsspec.core import url_to_fs

from trendcolor.config.location import remedy
from trendcolor.errors import RunError

_SCHEME = "://"


class Store(Protocol):
    """The files of a run by their names, such as `records/00000.parquet`."""

    @property
    def place(self) -> str:
        """The address, for messages."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file, in place only when whole.

        Raises:
            RunError: it can't be written, such as on a full disk.
        """

    def read(self, name: str) -> bytes | None:
        """A whole file; None where there is none.

        Raises:
            RunError: it is there and can't be read.
        """

    def names(self, part: str = "") -> set[str]:
        """The names of all files and folders directly in a folder; none where there is none."""

    def delete(self, names: Iterable[str]) -> None:
        """Delete files, and folders with what is in them; those that are missing don't matter.

        Raises:
            RunError: one can't be deleted.
        """


class FolderStore:
    """A folder of this machine."""

    def __init__(self, path: Path) -> None:
        """The folder, which need not exist."""
        self.path = path

    @property
    def place(self) -> str:
        """As `Store.place`."""
        return str(self.path)

    def write(self, name: str, content: bytes) -> None:
        """As `Store.write`."""
        file = self.path / name
        aside = file.with_suffix(".part")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(content)
            aside.replace(file)
        except OSError as cause:
            raise _unwritable(self.place, cause) from cause

    def read(self, name: str) -> bytes | None:
        """As `Store.read`."""
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as cause:
            raise RunError(f"{self.place}: {name} can't be read ({_why(cause)})") from cause

    def names(self, part: str = "") -> set[str]:
        """As `Store.names`."""
        folder = self.path / part
        return {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()

    def delete(self, names: Iterable[str]) -> None:
        """As `Store.delete`."""
        try:
            for name in names:
                _delete(self.path / name)
        except OSError as cause:
            raise _unwritable(self.place, cause) from cause


class ObjectStore:
    """An address that fsspec knows: s3, gcs, az, memory and others.

    Raises:
        RunError: nothing that is installed knows the address.
    """

    def __init__(self, address: str) -> None:
        """The address of the run's folder; keys and endpoints come from the environment."""
        self.place = address.rstrip("/")
        try:
            self._files, self._root = url_to_fs(self.place)
        except ImportError as cause:
            scheme = self.place.partition(_SCHEME)[0]
            raise RunError(f"{self.place}: {remedy(scheme)} first ({cause})") from cause
        except ValueError as cause:
            raise RunError(f"{self.place}: no store is known for this address ({cause})") from cause

    def write(self, name: str, content: bytes) -> None:
        """As `Store.write`."""
        try:
            self._files.pipe_file(f"{self._root}/{name}", content)
        except Exception as cause:
            raise _unwritable(self.place, cause) from cause

    def read(self, name: str) -> bytes | None:
        """As `Store.read`."""
        try:
            content: bytes = self._files.cat_file(f"{self._root}/{name}")
        except FileNotFoundError:
            return None
        except Exception as cause:
            raise RunError(f"{self.place}: {name} can't be read ({_why(cause)})") from cause
        return content

    def names(self, part: str = "") -> set[str]:
        """As `Store.names`."""
        try:
            self._files.invalidate_cache()
            found = self._files.ls(f"{self._root}/{part}".rstrip("/"), detail=False)
        except FileNotFoundError:
            return set()
        except Exception as cause:
            raise RunError(f"{self.place}: can't be listed ({_why(cause)})") from cause
        return {each.rstrip("/").rpartition("/")[2] for each in found} - {""}

    def delete(self, names: Iterable[str]) -> None:
        """As `Store.delete`."""
        for name in names:
            try:
                self._files.rm(f"{self._root}/{name}", recursive=True)
            except FileNotFoundError:
                continue
            except Exception as cause:
                raise _unwritable(self.place, cause) from cause


Place = str | Path | Store


def store_of(place: Place) -> Store:
    """The store of a folder, or of an address such as `s3://bucket/run`.

    Raises:
        RunError: nothing that is installed knows the address.
    """
    if isinstance(place, str) and _SCHEME in place:
        return ObjectStore(place)
    return FolderStore(Path(place)) if isinstance(place, str | Path) else place


def folder_of(store: Store) -> Path | None:
    """The folder of a store on this machine; None for others."""
    return store.path if isinstance(store, FolderStore) else None


def _delete(file: Path) -> None:
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
    else:
        file.unlink(missing_ok=True)


def _unwritable(place: str, cause: Exception) -> RunError:
    return RunError(f"{place}: can't be written ({_why(cause)})")


def _why(cause: Exception) -> str:
    told = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return str(told).strip()
