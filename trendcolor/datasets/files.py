"""Where a photo's bytes are: a file on this machine, and what any other place must offer."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from trendcolor.datasets.local_file import read_file


class PhotoFile(Protocol):
    """One photo's encoded bytes; small enough to travel to a worker process by the million."""

    @property
    def place(self) -> str:
        """The address, for messages and to tell files apart."""

    @property
    def name(self) -> str:
        """The file's own name with its ending, which says what it claims to hold."""

    def size(self) -> int:
        """How many bytes it has; -1 where nobody knows before it is read, or it is missing."""

    def read(self, most: int) -> bytes:
        """All bytes.

        Args:
            most: A larger file is refused before it is read.

        Raises:
            PhotoError: it is missing, larger, or can't be read.
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

    def size(self) -> int:
        """As `PhotoFile.size`."""
        try:
            return self.path.stat().st_size
        except (OSError, ValueError):
            return -1

    def read(self, most: int) -> bytes:
        """As `PhotoFile.read`."""
        return read_file(self.path, most)


def stem_of(file: PhotoFile) -> str:
    """A file's name without its ending, by which its label map is found."""
    return PurePosixPath(file.name).stem
