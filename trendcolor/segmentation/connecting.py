"""The loops over pixels that `wearers.py` and `pieces.py` find people and pieces by, compiled."""

import numpy as np
from numpy.typing import NDArray

from trendcolor.compiling import compiled

Regions = NDArray[np.int32]  # (height, width), the number of the region at each pixel, from 1


@compiled
def connect(labels: NDArray[np.uint8], first: int, last: int) -> tuple[Regions, NDArray[np.int64]]:
    """Number connected regions of classes; corners touch too.

    Args:
        labels: Class ids, shape (h, w). Not modified.
        first: The least class id of a region.
        last: The greatest.

    Returns:
        The number of the region at each pixel, from 1 in reading order, 0 where none is; and how
        many pixels have each number, those of none too, shape (n + 1,).
    """
    height, width = labels.shape
    runs, starts = _runs(labels, first, last)
    root = _joined(runs, starts)
    number = np.zeros(len(runs), np.int32)
    sizes = np.zeros(len(runs) + 1, np.int64)
    n = 0
    regions = np.zeros((height, width), np.int32)
    for row in range(height):
        for run in range(starts[row], starts[row + 1]):
            if root[run] == run:  # the first of its region
                n += 1
                number[run] = n
            else:
                number[run] = number[root[run]]
            begin, end = runs[run, 0], runs[run, 1]
            regions[row, begin:end] = number[run]
            sizes[number[run]] += end - begin
    sizes[0] = height * width - sizes[1:].sum()
    return regions, sizes[: n + 1].copy()


@compiled
def _runs(
    labels: NDArray[np.uint8], first: int, last: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Neighbors in a row that are inside: first and past the last; and where each row's start."""
    height, width = labels.shape
    runs = np.empty((4 * height, 2), np.int32)
    starts = np.zeros(height + 1, np.int64)
    n = 0
    for row in range(height):
        was_inside = False
        for column in range(width):
            is_inside = first <= labels[row, column] <= last
            if is_inside == was_inside:
                continue
            was_inside = is_inside
            if is_inside:
                if n == len(runs):
                    runs = np.concatenate((runs, np.empty_like(runs)))
                runs[n, 0] = column
            else:
                runs[n, 1] = column
                n += 1
        if was_inside:
            runs[n, 1] = width
            n += 1
        starts[row + 1] = n
    return runs[:n], starts


@compiled
def _joined(runs: NDArray[np.int32], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each run the first run of its region."""
    root = np.arange(len(runs))
    for row in range(1, len(starts) - 1):
        above, end = starts[row - 1], starts[row]
        for run in range(starts[row], starts[row + 1]):
            while above < end and runs[above, 1] < runs[run, 0]:
                above += 1
            touching = above
            while touching < end and runs[touching, 0] <= runs[run, 1]:
                one, other = _root(root, touching), _root(root, run)
                root[max(one, other)] = min(one, other)
                touching += 1
    for run in range(len(runs)):
        root[run] = root[root[run]]
    return root


@compiled
def _root(root: NDArray[np.int64], run: int) -> int:
    """The first run that a run is known to be connected with."""
    while root[run] != run:
        root[run] = root[root[run]]
        run = root[run]
    return run


@compiled
def painted(regions: Regions, values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A value for each region as one for each pixel, shape (h, w).

    Args:
        regions: The number of the region at each pixel, shape (h, w). Not modified.
        values: Of each number, shape (n + 1,). Not modified.
    """
    found = np.empty(regions.shape, np.uint8)
    for row in range(regions.shape[0]):
        for column in range(regions.shape[1]):
            found[row, column] = values[np.uint32(regions[row, column])]
    return found


@compiled
def count_between(labels: NDArray[np.uint8], first: int, last: int) -> int:
    """How many pixels are of these classes.

    Args:
        labels: Class ids, shape (h, w). Not modified.
        first: The least class id.
        last: The greatest.
    """
    lowest, span = np.uint8(first), np.uint8(last - first)
    total = 0
    for row in range(labels.shape[0]):
        found = np.int32(0)
        for column in range(labels.shape[1]):
            found += np.uint8(labels[row, column] - lowest) <= span
        total += int(found)
    return total
