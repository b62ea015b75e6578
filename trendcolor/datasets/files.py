"""Where a photo's bytes are: a file on this machine, and what any other place must offer."""

import io
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from trendcolor.datasets.local_file import open_file, read_file, too_large
from trendcolor.errors import PhotoError


class PhotoFile(Protocol):
    """One photo's encoded bytes; small enough to travel to a worker process by the million."""

    @property
    def place(self) -> str:
        """The address, for messages and to tell files apart."""

    @property
    def name(self) -> str:
        """The file's own name with its ending, which says what it claims to hold."""

    @property
    def is_far(self) -> bool:
        """Whether reading it waits for a network, so that it is worth while to begin early."""

    def size(self) -> int:
        """How many bytes it has; -1 where nobody knows before it is read, or it is missing."""

    def read(self, most: int) -> bytes:
        """All bytes.

        Args:
            most: A larger file is refused before it is read.

        Raises:
            PhotoError: it is missing, larger, or can't be read.
            StoreError: where it lies in a store, which can't be reached or lets nobody in.
        """


class Archive(PhotoFile, Protocol):
    """A file that holds photos, which are read out of its middle."""

    def part(self, offset: int, size: int) -> bytes:
        """Some bytes; fewer where the file ends before.

        Raises:
            PhotoError, StoreError: as `PhotoFile.read`.
        """

    def open(self) -> io.BufferedReader:
        """The file, to be looked through.

        Raises:
            PhotoError, StoreError: as `PhotoFile.read`.
        """


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine."""

    path: Path

    @property
    def place(self) -> str:
        """As `PhotoFile.place`."""
        return str(self.path)

    @property
    def name(self) -> str:
        """As `PhotoFile.name`."""
        return self.path.name

    @property
    def is_far(self) -> bool:
        """As `PhotoFile.is_far`."""
        return False

    def size(self) -> int:
        """As `PhotoFile.size`."""
        try:
            return self.path.stat().st_size
        except (OSError, ValueError):
            return -1

    def read(self, most: int) -> bytes:
        """As `PhotoFile.read`."""
        return read_file(self.path, most)

    def part(self, offset: int, size: int) -> bytes:
        """As `Archive.part`."""
        try:
            with self.open() as file:
                file.seek(offset)
                return file.read(size)
        except OSError as cause:
            raise PhotoError(f"file can't be read ({cause.strerror or cause})") from cause

    def open(self) -> io.BufferedReader:
        """As `Archive.open`."""
        return open_file(self.path)


def check_bytes(size: int, most: int) -> None:
    """Refuse a file that is too large.

    Raises:
        PhotoError: it is.
    """
    if size > most:
        raise PhotoError(too_large(size, most))


def stem_of(file: PhotoFile) -> str:
    """A file's name without its ending, by which its label map is found."""
    return PurePosixPath(file.name).stem
