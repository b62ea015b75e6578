"""A photo that is an object in a store."""

import io
from dataclasses import dataclass

from trendcolor.config import Address
from trendcolor.datasets.files import check_bytes
from trendcolor.datasets.stores import fetch, fetch_part, open_stream


@dataclass(frozen=True, slots=True)
class AddressFile:
    """A file at an address."""

    text: str  # the address
    n_bytes: int = -1  # as the store listed it; -1 where nobody asked

    @property
    def address(self) -> Address:
        """Where it is."""
        return Address(self.text)

    @property
    def place(self) -> str:
        """As `PhotoFile.place`."""
        return self.text

    @property
    def name(self) -> str:
        """As `PhotoFile.name`."""
        return self.address.name

    @property
    def is_far(self) -> bool:
        """As `PhotoFile.is_far`."""
        return True

    def size(self) -> int:
        """As `PhotoFile.size`; no store is asked."""
        return self.n_bytes

    def read(self, most: int) -> bytes:
        """As `PhotoFile.read`.

        Raises:
            PhotoError: it is missing or larger.
            StoreError: the store can't be reached or lets nobody in.
        """
        check_bytes(self.n_bytes, most)
        encoded = fetch(self.address, most) if self.n_bytes else b""
        check_bytes(len(encoded), most)
        return encoded

    def part(self, offset: int, size: int) -> bytes:
        """As `Archive.part`."""
        return fetch_part(self.address, offset, size)

    def open(self) -> io.BufferedReader:
        """As `Archive.open`."""
        return open_stream(self.address)
