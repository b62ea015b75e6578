"""Codes of 64 bits that differ in few of them, found without comparing each with each.

Multi-index hashing (Norouzi, Punjani and Fleet, TPAMI 36(6), 2014, doi:10.1109/TPAMI.2013.231): of
two codes that differ in few bits, some third differs in few. Each code stands in three tables, one
by each third of its bits, and is looked for there at its own place and at those few bits away. No
pair within the distance is missed, but where too many photos look alike (`COMPARISONS`).
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trendcolor.compiling import compiled

Codes = NDArray[np.uint64]
Places = NDArray[np.int32]

# Bits of each third, and where it begins. The codes are laid out so that neighbors in frequency,
# which photos of one kind share (a white ground, a person in the middle), fall to different thirds.
_SIZES = (22, 21, 21)
STARTS = (0, 22, 43)

MAX_BITS = 11  # farthest that is searched for: three bits away in each third
_WHOLE = (1 << 64) - 1


class Index(NamedTuple):
    """Where codes stand, by each third of their bits."""

    heads: Places  # (3, 2**22), 1 + the place of the latest code with such a third; 0: none
    # (n, 5), of a code its two halves, and for each third 1 + the place of the one before it; 0:
    # none. Together, because each step to another place waits for memory.
    rows: NDArray[np.uint32]


class Steps(NamedTuple):
    """Where in the tables to look for what is near a code, the nearest first."""

    bands: NDArray[np.int64]  # (k,), which third
    flips: NDArray[np.int64]  # (k,), which of its bits are turned


def empty_index(n: int) -> Index:
    """An index that takes n codes. Memory that isn't written to takes none."""
    return Index(
        heads=np.zeros((len(_SIZES), 1 << max(_SIZES)), np.int32),
        rows=np.zeros((n, 2 + len(_SIZES)), np.uint32),
    )


def steps_within(bits: int) -> Steps:
    """Where to look for all codes that differ in at most so many bits, 0 to `MAX_BITS`.

    If the thirds of two codes differ in more than a, b and c bits, the codes differ in at least
    a + b + c + 3: so a + b + c + 2 is as far as looking a, b and c bits away finds everything.
    """
    radii = [(bits + 1 + band) // len(_SIZES) - 1 for band in range(len(_SIZES))]
    found = sorted(
        (radius, band, sum(1 << bit for bit in turned))
        for band, farthest in enumerate(radii)
        for radius in range(farthest + 1)
        for turned in combinations(range(_SIZES[band]), radius)
    )
    return Steps(
        bands=np.array([band for _, band, _ in found], np.int64),
        flips=np.array([flip for _, _, flip in found], np.int64),
    )


@compiled
def third(code: np.uint64, band: int) -> np.int64:
    """One third of a code's bits, as a number."""
    return np.int64((code >> np.uint64(STARTS[band])) & np.uint64((1 << _SIZES[band]) - 1))


@compiled
def put(index: Index, place: int, code: np.uint64) -> None:
    """Put a code in; places must rise from call to call."""
    index.rows[place, 0] = code & np.uint64(0xFFFFFFFF)
    index.rows[place, 1] = code >> np.uint64(32)
    for band in range(3):
        key = third(code, band)
        index.rows[place, 2 + band] = index.heads[band, key]
        index.heads[band, key] = place + 1


@compiled
def code_at(index: Index, place: int) -> np.uint64:
    """The code at a place."""
    row = index.rows[place]
    return np.uint64(row[0]) | (np.uint64(row[1]) << np.uint64(32))


@compiled
def differing_bits(one: np.uint64, other: np.uint64) -> np.int64:
    """How many bits of two codes differ."""
    # Compilers know this count (Warren, Hacker's Delight, 5-1) and make one instruction of it.
    word = one ^ other
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))
