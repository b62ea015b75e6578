"""Whether things that stream by by the million are all different, in eight bytes each."""

from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

T = TypeVar("T", bound=Hashable)


@dataclass(slots=True)
class Seen:
    """The hashes of what went by."""

    hashes: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, value: Hashable) -> None:
        """Count one in."""
        self.hashes.append(hash(value))

    def doubled(self, again: Callable[[], Iterable[T]]) -> Iterator[tuple[T, int]]:
        """What went by more than once, with how often, in the order of first sight.

        To be asked once, when all went by.

        Args:
            again: All of it once more; only asked where hashes meet.
        """
        order = np.frombuffer(self.hashes, np.int64)
        order.sort()  # in place: there may be many
        meeting = set(order[1:][order[1:] == order[:-1]].tolist())
        if meeting:
            counts = Counter(value for value in again() if hash(value) in meeting)
            yield from ((value, count) for value, count in counts.items() if count > 1)
