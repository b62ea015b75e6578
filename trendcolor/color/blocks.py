"""The loops over pixels and blocks of `evidence.py` and `estimators.py`, compiled."""

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.spaces import FloatArray
from trendcolor.compiling import compiled

Blocks = FloatArray  # (n, 3), linear sRGB
# Roots without roots are right to 1e-8; what lies nearer to a limit than this is looked at again.
_NEAR = 1e-5
_UNSURE = 1


@compiled
def gather(
    rgb8: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    light: NDArray[np.float32],
    dark: float,
    size: int,
    enough: float,
) -> tuple[Blocks, Blocks]:
    """Blocks of pixels that are evidence, and the steps between neighbors.

    Args:
        rgb8: The photo, shape (h, w, 3). Not modified.
        mask: Which pixels may be evidence, shape (h, w). Not modified.
        light: The linear light of each 8-bit value, infinite where it is clipped, shape (256,).
        dark: A channel has more light than this.
        size: A block's side.
        enough: How many pixels of a block are evidence where it counts.

    Returns:
        The blocks in reading order, shape (n, 3); and absolute differences of those that lie one
        above the other, then of those side by side, shape (m, 3).
    """
    height, width = mask.shape[0] // size, mask.shape[1] // size
    means, seen = np.zeros((height, width, 3)), np.zeros((height, width), np.bool_)
    columns = np.empty((width * size, 4), np.float32)
    for i in range(height):
        columns[:] = 0
        for y in range(i * size, (i + 1) * size):
            _add_row(rgb8[y], mask[y], light, np.float32(dark), columns)
        _add_columns(columns, size, enough, means[i], seen[i])
    return _blocks(means, seen), _steps(means, seen)


@compiled
def _add_row(
    row: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    light: NDArray[np.float32],
    dark: np.float32,
    columns: NDArray[np.float32],
) -> None:
    """Add a row's pixels that are evidence to sums by column: three channels, and how many."""
    for x in range(len(columns)):
        red, green, blue = light[row[x, 0]], light[row[x, 1]], light[row[x, 2]]
        high = max(red, max(green, blue))
        if mask[x] and high > dark and high < np.inf:
            columns[x, 0] += red
            columns[x, 1] += green
            columns[x, 2] += blue
            columns[x, 3] += np.float32(1)


@compiled
def _add_columns(
    columns: NDArray[np.float32],
    size: int,
    enough: float,
    means: FloatArray,
    seen: NDArray[np.bool_],
) -> None:
    """The means of a row of blocks, where they count."""
    x = 0
    for j in range(len(seen)):
        red = green = blue = n = np.float32(0)
        for _ in range(size):
            red += columns[x, 0]
            green += columns[x, 1]
            blue += columns[x, 2]
            n += columns[x, 3]
            x += 1
        if n >= enough:
            seen[j] = True
            means[j, 0] = np.float64(red) / np.float64(n)
            means[j, 1] = np.float64(green) / np.float64(n)
            means[j, 2] = np.float64(blue) / np.float64(n)


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
    n = (seen[1:] & seen[:-1]).sum() + (seen[:, 1:] & seen[:, :-1]).sum()
    steps = np.empty((n, 3))
    n = 0
    for down, right in ((1, 0), (0, 1)):
        for i in range(seen.shape[0] - down):
            for j in range(seen.shape[1] - right):
                if seen[i, j] and seen[i + down, j + right]:
                    for k in range(3):
                        steps[n, k] = abs(means[i + down, j + right, k] - means[i, j, k])
                    n += 1
    return steps


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
    level = _likely_gray(blocks, matrix, chroma, lightness)
    gray = np.empty(len(blocks), np.bool_)
    for i in range(len(blocks)):
        if level[i] == _UNSURE:
            gray[i] = _is_gray(blocks[i], matrix, chroma, lightness)
        else:
            gray[i] = level[i] > _UNSURE
    return gray


@compiled
def _is_gray(block: FloatArray, matrix: FloatArray, chroma: float, lightness: float) -> bool:
    """What `linear_to_lab` tells, operation by operation."""
    red, green, blue = block
    f_y = np.cbrt(matrix[1, 0] * red + matrix[1, 1] * green + matrix[1, 2] * blue)
    if 116 * f_y - 16 <= lightness:
        return False
    f_x = _root(matrix[0, 0] * red + matrix[0, 1] * green + matrix[0, 2] * blue)
    f_z = _root(matrix[2, 0] * red + matrix[2, 1] * green + matrix[2, 2] * blue)
    return bool(np.hypot(500 * (f_x - f_y), 200 * (f_y - f_z)) < chroma)


@compiled
def _likely_gray(
    blocks: Blocks, matrix: FloatArray, chroma: float, lightness: float
) -> NDArray[np.uint8]:
    """Which blocks are surely gray (2), which surely not (0), and which are too near to tell (1).

    No root is taken: chroma, over the cube root of Y, is a function of X / Y and Z / Y; and its
    sixth power times Y^2 is compared.
    """
    darkest, most = ((lightness + 16) / 116) ** 3, chroma**6
    level = np.empty(len(blocks), np.uint8)
    for i in range(len(blocks)):
        red, green, blue = blocks[i, 0], blocks[i, 1], blocks[i, 2]
        x = matrix[0, 0] * red + matrix[0, 1] * green + matrix[0, 2] * blue
        y = matrix[1, 0] * red + matrix[1, 1] * green + matrix[1, 2] * blue
        z = matrix[2, 0] * red + matrix[2, 1] * green + matrix[2, 2] * blue
        a, b = 500 * (_root_of_ratio(x, y) - 1), 200 * (1 - _root_of_ratio(z, y))
        squared = a * a + b * b
        sixth = squared * squared * squared * y * y
        surely = (sixth < most * (1 - _NEAR)) & (y > darkest * (1 + _NEAR))
        maybe = (sixth < most * (1 + _NEAR)) & (y > darkest * (1 - _NEAR))
        level[i] = np.uint8(surely) + np.uint8(maybe)
    return level


@compiled
def _root_of_ratio(x: float, y: float) -> float:
    """The cube root of x / y, to 1e-8 where it is from 0.85 to 1.15; beyond, beyond that.

    Two of Halley's steps from 1, as one fraction.
    """
    above, below = y + 2 * x, 2 * y + x
    above3, below3 = above * above * above, below * below * below
    # np.divide, because Python's division asks whether the divisor is 0: one block at a time.
    return np.divide(above * (above3 * y + 2 * below3 * x), below * (2 * above3 * y + below3 * x))


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
