"""How often each level occurs, as most checks ask first."""

import numpy as np
from numpy.typing import NDArray

from trendcolor.compiling import IS_COMPILED, compiled

Counts = NDArray[np.int64]  # (n, 256)


def tally(lines: NDArray[np.uint8]) -> Counts:
    """How often each level occurs in each line.

    A compiled loop where numba is installed, else numpy: the same answers.

    Args:
        lines: Shape (n, m). Not modified.

    Guarantees, each held by tests/test_images_screening_tallies.py:
        Both ways of computing agree.
    """
    if IS_COMPILED:
        return _tally(np.ascontiguousarray(lines))
    first = 256 * np.arange(len(lines), dtype=np.intp)[:, None]
    counts = np.bincount((lines + first).ravel(), minlength=256 * len(lines))
    return counts.reshape(len(lines), 256)


@compiled
def _tally(lines: NDArray[np.uint8]) -> Counts:
    """Four counts side by side, so that equal levels don't wait for each other."""
    counts, parts = np.zeros((len(lines), 256), np.int64), np.zeros((4, 256), np.int64)
    for row in range(len(lines)):
        line = lines[row]
        for i in range(3, len(line), 4):
            parts[0, line[i - 3]] += 1
            parts[1, line[i - 2]] += 1
            parts[2, line[i - 1]] += 1
            parts[3, line[i]] += 1
        for i in range(len(line) // 4 * 4, len(line)):
            parts[0, line[i]] += 1
        for level in range(256):
            for part in range(4):
                counts[row, level] += parts[part, level]
                parts[part, level] = 0
    return counts
