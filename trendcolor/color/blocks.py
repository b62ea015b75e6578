"""The loops over pixels and blocks of `evidence.py` and `estimators.py`, compiled."""

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.spaces import FloatArray
from trendcolor.compiling import compiled

Blocks = FloatArray  # (n, 3), linear sRGB
Cells = NDArray[np.int64]


@compiled
def gather(
    rgb8: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    light: NDArray[np.float32],
    limits: tuple[int, int, int],
    size: int,
    enough: float,
) -> tuple[Blocks, Blocks]:
    """Blocks of pixels that are evidence, and the steps between neighbors.

    Args:
        rgb8: The photo, shape (h, w, 3). Not modified.
        mask: Which pixels may be evidence, shape (h, w). Not modified.
        light: The linear light of each 8-bit value, shape (256,).
        limits: Each channel lies above the first and below the second, one above the third.
        size: A block's side.
        enough: How many pixels of a block are evidence where it counts.

    Returns:
        The blocks in reading order, shape (n, 3); and absolute differences of those that lie one
        above the other, then of those side by side, shape (m, 3).
    """
    height, width = mask.shape[0] // size, mask.shape[1] // size
    means = np.zeros((height, width, 3))
    seen = np.zeros((height, width), np.bool_)
    columns, sums = np.empty((width * size, 4), np.float32), np.empty(4, np.float32)
    for i in range(height):
        columns[:] = 0
        for y in range(i * size, (i + 1) * size):
            _add_row(rgb8[y], mask[y], light, limits, columns)
        for j in range(width):
            for k in range(4):
                whole = np.float32(0)
                for x in range(j * size, (j + 1) * size):
                    whole += columns[x, k]
                sums[k] = whole
            seen[i, j] = sums[3] >= enough
            if seen[i, j]:
                for k in range(3):
                    means[i, j, k] = np.float64(sums[k]) / np.float64(sums[3])
    return _blocks(means, seen), _steps(means, seen)


@compiled
def _add_row(
    row: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    light: NDArray[np.float32],
    limits: tuple[int, int, int],
    columns: NDArray[np.float32],
) -> None:
    """Add a row's pixels that are evidence to sums by column: three channels, and how many."""
    lowest, highest, dark = limits
    for x in range(len(columns)):
        red, green, blue = row[x, 0], row[x, 1], row[x, 2]
        if not mask[x] or (red <= dark and green <= dark and blue <= dark):
            continue
        if red <= lowest or green <= lowest or blue <= lowest:
            continue
        if red < highest and green < highest and blue < highest:
            columns[x, 0] += light[red]
            columns[x, 1] += light[green]
            columns[x, 2] += light[blue]
            columns[x, 3] += np.float32(1)


@compiled
def _blocks(means: FloatArray, seen: NDArray[np.bool_]) -> Blocks:
    blocks = np.empty((seen.sum(), 3))
    n = 0
    for i in range(seen.shape[0]):
        for j in range(seen.shape[1]):
            if seen[i, j]:
                for k in range(3):
                    blocks[n, k] = means[i, j, k]
                n += 1
    return blocks


@compiled
def _steps(means: FloatArray, seen: NDArray[np.bool_]) -> Blocks:
    height, width = seen.shape
    steps = np.empty((2 * height * width, 3))
    n = 0
    for down, right in ((1, 0), (0, 1)):
        for i in range(height - down):
            for j in range(width - right):
                if seen[i, j] and seen[i + down, j + right]:
                    for k in range(3):
                        steps[n, k] = abs(means[i + down, j + right, k] - means[i, j, k])
                    n += 1
    return steps[:n].copy()


@compiled
def mean(rows: Blocks, taken: NDArray[np.bool_]) -> FloatArray:
    """The mean of the rows that are taken, added one by one, shape (3,); at least one is.

    Args:
        rows: Shape (n, 3). Not modified.
        taken: Shape (n,), or empty for all. Not modified.
    """
    sums = np.zeros(3)
    n = 0
    for i in range(len(rows)):
        if len(taken) == 0 or taken[i]:
            n += 1
            for k in range(3):
                sums[k] += rows[i, k]
    return sums / n


@compiled
def sixth_powers(rows: Blocks) -> FloatArray:
    """The mean of the sixth powers of the rows, shape (3,)."""
    sums = np.zeros(3)
    for i in range(len(rows)):
        for k in range(3):
            squared = rows[i, k] * rows[i, k]
            sums[k] += squared * squared * squared
    return sums / len(rows)


@compiled
def are_gray(
    blocks: Blocks, matrix: FloatArray, chroma: float, lightness: float
) -> NDArray[np.bool_]:
    """Which blocks have less CIELAB chroma and more lightness than given, shape (n,).

    Args:
        blocks: Shape (n, 3). Not modified.
        matrix: Linear sRGB to XYZ over the white's, shape (3, 3).
        chroma: They have less.
        lightness: They have more; well above 8, below which CIELAB is a line.
    """
    gray = np.zeros(len(blocks), np.bool_)
    for i in range(len(blocks)):
        red, green, blue = blocks[i]
        f_y = np.cbrt(matrix[1, 0] * red + matrix[1, 1] * green + matrix[1, 2] * blue)
        if 116 * f_y - 16 <= lightness:
            continue
        f_x = _root(matrix[0, 0] * red + matrix[0, 1] * green + matrix[0, 2] * blue)
        f_z = _root(matrix[2, 0] * red + matrix[2, 1] * green + matrix[2, 2] * blue)
        gray[i] = np.hypot(500 * (f_x - f_y), 200 * (f_y - f_z)) < chroma
    return gray


@compiled
def _root(value: float) -> float:
    """CIE 15:2018: the cube root, and a line near black."""
    if value > (6 / 29) ** 3:
        return float(np.cbrt(value))
    return value * (29 / 6) ** 2 / 3 + 4 / 29


@compiled
def ratios(lit: Blocks, luminance: FloatArray, least: float) -> FloatArray:
    """R/B, G^2/RB and the logarithm of luminance of the blocks that are not dark, shape (3, n).

    Args:
        lit: Shape (m, 3), above 0. Not modified.
        luminance: The logarithm of each block's luminance, shape (m,). Not modified.
        least: They have more.
    """
    n = 0
    for value in luminance:
        n += value > least
    found = np.empty((3, n))
    n = 0
    for i in range(len(lit)):
        if luminance[i] > least:
            red, green, blue = lit[i, 0], lit[i, 1], lit[i, 2]
            found[0, n] = red / blue
            found[1, n] = green * green / (red * blue)
            found[2, n] = luminance[i]
            n += 1
    return found
