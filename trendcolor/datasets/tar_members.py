"""Files inside an uncompressed tar: found by its headers alone, read in place, never extracted."""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from trendcolor.datasets.files import Archive, check_bytes
from trendcolor.errors import DataError, PhotoError

# Of one header with its long names (pax, GNU); an archive that claims more is no data set.
_MOST_HEADER = 1 << 20
_BLOCK = 512  # of a tar (POSIX.1-2001, ustar interchange format)


@dataclass(frozen=True, slots=True)
class TarMember:
    """A file inside an uncompressed tar."""

    archive: Archive
    member: str  # its name in there, which leads nowhere else
    offset: int  # of its first byte
    n_bytes: int

    @property
    def place(self) -> str:
        """As `PhotoFile.place`."""
        return f"{self.archive.place}/{self.member}"

    @property
    def name(self) -> str:
        """As `PhotoFile.name`."""
        return self.member.rpartition("/")[2]

    @property
    def is_far(self) -> bool:
        """As `PhotoFile.is_far`."""
        return self.archive.is_far

    def size(self) -> int:
        """As `PhotoFile.size`."""
        return self.n_bytes

    def read(self, most: int) -> bytes:
        """As `PhotoFile.read`."""
        check_bytes(self.n_bytes, most)
        encoded = self.archive.part(self.offset, self.n_bytes)
        if len(encoded) < self.n_bytes:
            raise PhotoError("its archive ends inside it")
        return encoded


@dataclass(frozen=True, slots=True)
class NoMember:
    """A photo that an archive should hold and doesn't; reading it gives the reason."""

    member: str

    @property
    def place(self) -> str:
        """As `PhotoFile.place`."""
        return self.member

    @property
    def name(self) -> str:
        """As `PhotoFile.name`."""
        return self.member

    @property
    def is_far(self) -> bool:
        """As `PhotoFile.is_far`."""
        return False

    def size(self) -> int:
        """As `PhotoFile.size`."""
        return -1

    def read(self, most: int) -> bytes:  # noqa: ARG002 # as `PhotoFile.read`
        """Refuse."""
        raise PhotoError("its sample has no photo in the archive")


def members(archive: Archive, faults: list[str]) -> Iterator[TarMember]:
    """The files of an archive, in its order; a header is in memory at a time.

    Args:
        archive: An uncompressed tar.
        faults: Gets a fault for each member that is a link, a device or a sparse file, and where
            the archive is cut off or damaged.

    Raises:
        DataError: it is no tar, is compressed, or can't be read.
        StoreError: its store can't be reached.
    """
    try:
        with archive.open() as file, tarfile.open(fileobj=_Headers(file), mode="r:") as tar:
            while (found := tar.next()) is not None:
                tar.members.clear()  # type: ignore[attr-defined] # it keeps every header it read
                if found.isreg() and not found.issparse():
                    yield TarMember(archive, found.name, found.offset_data, found.size)
                elif not found.isdir():
                    faults.append(
                        f"{archive.name}: '{found.name}' is a link, device or sparse file"
                    )
            file.seek(tar.offset)
            if file.read(_BLOCK) != bytes(_BLOCK):
                faults.append(f"{archive.name}: cut off or damaged after {tar.offset} bytes")
    except tarfile.TarError as cause:
        raise DataError(
            f"{archive.place}: not an uncompressed tar ({cause}; gunzip a .tar.gz first)"
        ) from cause
    except (OSError, PhotoError, ValueError) as cause:
        raise DataError(f"{archive.place}: can't be read ({cause})") from cause


class _Headers(io.RawIOBase):
    """An archive of which headers are read, and no header that would fill the memory."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= _MOST_HEADER:
            raise tarfile.HeaderError(f"a header claims {size} bytes")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()
