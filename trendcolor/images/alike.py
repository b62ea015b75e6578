"""Photos in order, each compared with the kept ones before it: the loop of `duplicates`."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trendcolor.compiling import compiled
from trendcolor.images.code_index import (
    Codes,
    Index,
    Places,
    Steps,
    code_at,
    differing_bits,
    put,
    third,
)
from trendcolor.images.color_cells import alike_colors

KEPT, EXACT, NEAR = 0, 1, 2  # kinds of photo

# What one photo's search may cost, in codes compared. Some 2,000 are usual among ten million
# photos; where very many look alike in their luminance, this keeps the search from never ending.
# Those that are most alike are compared first, of them the latest.
COMPARISONS = 20_000
_LOOK = 50  # codes for which a look at two photos' colors counts: they may lie on disk

# Looks at colors after which the loop comes back, so that the pages read from disk can be let go.
_LOOKS = 50
_PHOTOS = 10_000  # the same for photos gone through

_NOBODY = 2**31 - 1


class Looks(NamedTuple):
    """The fingerprints, column by column; on disk or in memory."""

    code: Codes  # (n,)
    color: NDArray[np.int8]  # (n, side, side, 3)
    plain: NDArray[np.bool_]  # (n,)


class Rules(NamedTuple):
    """When two photos are near."""

    bits: int  # of the codes that may differ
    colors: int  # what a cell's colors may be off by, tenths of CIELAB units
    mirror: (
        int  # the bits of a code that a mirrored photo turns; 0: mirrored ones aren't looked for
    )


class Found(NamedTuple):
    """What is known of each photo; written as the loop goes on."""

    first: Places  # (n,), the kept photo before it that it duplicates; -1: none
    kind: NDArray[np.uint8]  # (n,), KEPT, EXACT or NEAR
    distance: NDArray[np.uint8]  # (n,), bits of the codes that differ
    crowded: NDArray[np.int64]  # (1,), how many photos had too many to compare with


class Task(NamedTuple):
    """What the loop works on."""

    looks: Looks
    tables: Index
    steps: Steps
    rules: Rules
    found: Found


@compiled
def settle(task: Task, start: int) -> int:
    """Go through photos from one on: what duplicates a kept one is marked, the rest is kept.

    Returns:
        Where it stopped, to be called again from; n at the end.
    """
    best = np.zeros(4, np.int64)  # the first kept one alike, its bits; cost so far; looks so far
    for place in range(start, len(task.looks.code)):
        if best[3] >= _LOOKS or place - start >= _PHOTOS:
            return place
        if task.found.kind[place] != KEPT or task.looks.plain[place]:
            continue
        best[0], best[2] = _NOBODY, 0
        code = task.looks.code[place]
        # As a loop, since numba would compile all below it once for True and once for False.
        for turn in range(2 if task.rules.mirror else 1):
            turned = code ^ np.uint64(turn * task.rules.mirror)
            _search(task, place, turned, turn == 1, best)
        if best[2] > COMPARISONS:
            task.found.crowded[0] += 1
        if best[0] == _NOBODY:
            put(task.tables, place, code)
        else:
            task.found.first[place] = best[0]
            task.found.kind[place] = NEAR
            task.found.distance[place] = best[1]
    return len(task.looks.code)


@compiled
def _search(
    task: Task, place: int, code: np.uint64, mirrored: bool, best: NDArray[np.int64]
) -> None:
    """Find the first kept photo that is alike, if it comes before the one that is known."""
    index = task.tables
    for step in range(len(task.steps.bands)):
        band = task.steps.bands[step]
        key = third(code, band) ^ task.steps.flips[step]
        other = np.int64(index.heads[band, key]) - 1
        while other >= 0:
            best[2] += 1
            if best[2] > COMPARISONS:
                return
            if other < best[0]:
                bits = differing_bits(code, code_at(index, other))
                if bits <= task.rules.bits:
                    best[2] += _LOOK
                    best[3] += 1
                    if _look(task, place, other, mirrored):
                        best[0], best[1] = other, bits
            other = np.int64(index.rows[other, 2 + band]) - 1


@compiled
def _look(task: Task, place: int, other: np.int64, mirrored: bool) -> bool:
    color = task.looks.color
    return alike_colors(color[place], color[other], mirrored, task.rules.colors)
