"""The fingerprints of a data set -> which photos were posted before.

A photo is compared with the photos before it that were kept, never with those that were found to be
duplicates. So each duplicate is within the thresholds of the very photo that stands for it, and a
burst of frames, each a little off the one before, does not run together into one.
"""

import mmap
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trendcolor.compiling import compiled
from trendcolor.config import ImagesConfig
from trendcolor.errors import ShapeError
from trendcolor.images.alike import EXACT, KEPT, NEAR, Found, Looks, Rules, Task, settle
from trendcolor.images.code_index import empty_index, steps_within
from trendcolor.images.fingerprint import FINGERPRINT, MIRRORED_BITS, Fingerprints

__all__ = ["EXACT", "KEPT", "NEAR", "Duplicates", "find_duplicates"]

# Photos of which the hashes are read at once.
_CHUNK = 1 << 15

# What tells the system that pages aren't needed now; Windows has no such thing.
_LET_GO: int | None = getattr(mmap, "MADV_DONTNEED", None)

_MOST = 2**31 - 2  # photos whose places fit into 32 bits


@dataclass(frozen=True, slots=True, eq=False)
class Duplicates:
    """Of each photo, in order, whether it was posted before."""

    first: NDArray[np.int32]  # (n,), place of the kept photo that it duplicates; -1: it is kept
    kind: NDArray[np.uint8]  # (n,), KEPT, EXACT or NEAR
    distance: NDArray[np.uint8]  # (n,), bits of the codes that differ; 0 for KEPT and EXACT
    crowded: int  # photos that had more look-alikes than were compared: some may be missed


def find_duplicates(fingerprints: Fingerprints, config: ImagesConfig) -> Duplicates:
    """Find the photos that repeat an earlier one.

    The first photo of a kind is kept, in the order given. An exact duplicate has the same picture
    in its file; a near one differs from a kept photo in at most `duplicate_bits` bits of luminance
    and by at most `duplicate_color` in its colors, as it is or mirrored. A plain photo, in which
    too little is drawn, has exact duplicates alone.

    Args:
        fingerprints: Of the photos, in order, shape (n,), type `FINGERPRINT`. Of a
            `np.memmap` opened to read, what was read from disk is let go again, so that memory
            stays at about 26 bytes a photo. Not modified.
        config: What is looked for (`duplicates`), and the thresholds.

    Raises:
        ShapeError: the array is of another type or shape, or has more than 2,147,483,646 photos.

    Guarantees, each held by tests/test_images_duplicates.py:
        No answer depends on the photos after it. Each duplicate's first is kept. Without crowds,
        the answer is that of comparing each photo with each kept one before it.
    """
    if fingerprints.dtype != FINGERPRINT or fingerprints.ndim != 1:
        raise ShapeError(
            f"fingerprints are {fingerprints.dtype} of shape {fingerprints.shape}, "
            "wanted (n,) of images.fingerprint.FINGERPRINT"
        )
    n = len(fingerprints)
    if n > _MOST:
        raise ShapeError(f"{n} fingerprints at once, at most {_MOST} are compared")
    found = Found(
        first=np.full(n, -1, np.int32),
        kind=np.zeros(n, np.uint8),
        distance=np.zeros(n, np.uint8),
        crowded=np.zeros(1, np.int64),
    )
    if config.duplicates != "off":
        _mark_exact(fingerprints, found)
    # One photo has nothing to be compared with, and an array of one is of another kind, for which
    # the loop would be compiled anew.
    if config.duplicates == "near" and n > 1:
        _mark_near(fingerprints, found, config)
    return Duplicates(found.first, found.kind, found.distance, int(found.crowded[0]))


def _mark_exact(fingerprints: Fingerprints, found: Found) -> None:
    n = len(fingerprints)
    hashes = np.zeros(n, np.uint64)
    table = np.zeros(1 << max(4, (n * 3 // 2).bit_length()), np.int32)
    for start in range(0, n, _CHUNK):
        exact = np.array(fingerprints["exact"][start : start + _CHUNK], order="C")
        _mark_copies(exact, start, hashes, table, found)
        _let_go(fingerprints)


@compiled
def _mark_copies(
    exact: NDArray[np.uint64],
    start: int,
    hashes: NDArray[np.uint64],
    table: NDArray[np.int32],
    found: Found,
) -> None:
    """Mark photos whose hash was seen; the table holds 1 + the place of the first, at its hash."""
    for row in range(len(exact)):
        place = start + row
        hashes[place] = exact[row, 1]
        slot = np.int64(exact[row, 0] & np.uint64(len(table) - 1))
        while table[slot] and hashes[table[slot] - 1] != hashes[place]:
            slot = (slot + 1) % len(table)
        if table[slot]:
            found.first[place] = table[slot] - 1
            found.kind[place] = EXACT
        else:
            table[slot] = place + 1


def _mark_near(fingerprints: Fingerprints, found: Found, config: ImagesConfig) -> None:
    looks = Looks(
        code=_read_only(fingerprints["code"]),
        color=_read_only(fingerprints["color"]),
        plain=_read_only(fingerprints["plain"]),
    )
    rules = Rules(
        bits=config.duplicate_bits,
        colors=round(config.duplicate_color * 10),
        mirror=MIRRORED_BITS,
    )
    steps = steps_within(config.duplicate_bits)
    task = Task(looks, empty_index(len(fingerprints)), steps, rules, found)
    place = 0
    with np.errstate(over="ignore"):  # products of words wrap, where numba isn't installed
        while place < len(fingerprints):
            place = settle(task, place)
            _let_go(fingerprints)
    _follow_exact(found)


def _read_only(column: NDArray[Any]) -> NDArray[Any]:
    """A view, of the one kind that the loop is compiled for, whether on disk or not."""
    view = np.asarray(column)
    view.flags.writeable = False
    return view


def _follow_exact(found: Found) -> None:
    """Let copies of a photo that is a near duplicate itself name what stands for it."""
    first = found.first
    for start in range(0, len(first), _CHUNK):
        some = slice(start, start + _CHUNK)
        copies = start + np.flatnonzero(found.kind[some] == EXACT)
        near = copies[found.kind[first[copies]] == NEAR]
        found.kind[near] = NEAR
        found.distance[near] = found.distance[first[near]]
        first[near] = first[first[near]]


def _let_go(fingerprints: Fingerprints) -> None:
    """Give pages that were read from disk back, which else count as memory in use."""
    pages: object = fingerprints.base
    while isinstance(pages, np.ndarray):
        pages = pages.base
    if isinstance(pages, mmap.mmap) and not fingerprints.flags.writeable and _LET_GO is not None:
        pages.madvise(_LET_GO)
