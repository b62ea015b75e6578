"""The loops over pixels and blocks of `evidence.py` and `estimators.py`, compiled.

Colors are read from arrays of one axis, by indices that have no sign: only then does the compiler
know that three values follow one another and that no index counts from the end, and can take
several colors at once. For the same reason `np.divide` stands where no divisor is 0.
"""

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.spaces import FloatArray
from trendcolor.compiling import compiled

Blocks = FloatArray  # (n, 3), linear sRGB
_Index = np.uint64
# Chroma's sixth power without roots is right to 1e-6; what lies nearer to a limit than this is
# looked at again.
_NEAR = 1e-5
_UNSURE = 1


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
    means, seen = np.empty((height, width, 3)), np.zeros((height, width), np.bool_)
    tells, counts = np.empty((size, width * size), np.bool_), np.empty(width * size, np.int32)
    rows = rgb8.reshape((len(rgb8), 3 * rgb8.shape[1]))
    for i in range(height):
        counts[:] = 0
        for y in range(size):
            _find_evidence(rows[i * size + y], mask[i * size + y], limits, tells[y])
            for x, tell in enumerate(tells[y]):
                counts[x] += tell
        lit = rows[i * size : (i + 1) * size]
        _add_row(lit, tells, counts, light, enough, (means[i].reshape(-1), seen[i]))
    return _blocks(means, seen), _steps(means.reshape(-1), seen)


@compiled
def _find_evidence(
    row: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    limits: tuple[int, int, int],
    tells: NDArray[np.bool_],
) -> None:
    """Set which pixels of a row are evidence."""
    lowest, highest, dark = np.uint8(limits[0]), np.uint8(limits[1]), np.uint8(limits[2])
    for x in range(len(tells)):
        at = _Index(3) * _Index(x)
        red, green, blue = row[at], row[at + _Index(1)], row[at + _Index(2)]
        high, low = max(red, max(green, blue)), min(red, min(green, blue))
        tells[x] = mask[x] & (low > lowest) & (high < highest) & (high > dark)


@compiled
def _add_row(
    rows: NDArray[np.uint8],
    tells: NDArray[np.bool_],
    counts: NDArray[np.int32],
    light: NDArray[np.float32],
    enough: float,
    found: tuple[FloatArray, NDArray[np.bool_]],
) -> None:
    """The means of a row of blocks, where they count; each column of a block is added up first."""
    means, seen = found
    size, across, wide = _Index(len(tells)), _Index(rows.shape[1]), _Index(len(counts))
    rgb8, is_in = rows.reshape(-1), tells.reshape(-1)
    for j in range(len(seen)):
        first = _Index(j) * size
        n = counts[first : first + size].sum()
        seen[j] = n >= enough
        if not seen[j]:
            continue
        is_full = n == size * size
        red = green = blue = np.float32(0)
        for x in range(first, first + size):
            r = g = b = np.float32(0)
            for y in range(size):
                if is_full or is_in[y * wide + x]:
                    at = y * across + _Index(3) * x
                    r += light[rgb8[at]]
                    g += light[rgb8[at + _Index(1)]]
                    b += light[rgb8[at + _Index(2)]]
            red, green, blue = red + r, green + g, blue + b
        for k, whole in enumerate((red, green, blue)):
            means[3 * j + k] = np.divide(np.float64(whole), np.float64(n))


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
    steps = np.empty(3 * n)
    width = _Index(seen.shape[1])
    n = _Index(0)
    for down, right in ((1, 0), (0, 1)):
        away = _Index(3) * (_Index(down) * width + _Index(right))
        for i in range(seen.shape[0] - down):
            for j in range(seen.shape[1] - right):
                if seen[i, j] and seen[i + down, j + right]:
                    at = _Index(3) * (_Index(i) * width + _Index(j))
                    for k in range(_Index(3)):
                        steps[n + k] = abs(means[at + away + k] - means[at + k])
                    n += _Index(3)
    return steps.reshape((-1, 3))


@compiled
def mean(rows: Blocks, taken: NDArray[np.bool_]) -> FloatArray:
    """The mean of the rows that are taken, added one by one, shape (3,); at least one is.

    Args:
        rows: Shape (n, 3). Not modified.
        taken: Shape (n,), or empty for all. Not modified.
    """
    red = green = blue = 0.0
    n = 0
    for i in range(len(rows)):
        if len(taken) == 0 or taken[i]:
            n += 1
            red += rows[i, 0]
            green += rows[i, 1]
            blue += rows[i, 2]
    return np.array([red, green, blue]) / n


@compiled
def sixth_powers(rows: Blocks) -> FloatArray:
    """The mean of the sixth powers of the rows, shape (3,)."""
    red = green = blue = 0.0
    for i in range(len(rows)):
        r, g, b = rows[i, 0] * rows[i, 0], rows[i, 1] * rows[i, 1], rows[i, 2] * rows[i, 2]
        red += r * r * r
        green += g * g * g
        blue += b * b * b
    return np.array([red, green, blue]) / len(rows)


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
    level = _likely_gray(blocks.reshape(-1), matrix, chroma, lightness)
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
    blocks: FloatArray, matrix: FloatArray, chroma: float, lightness: float
) -> NDArray[np.uint8]:
    """Which blocks are surely gray (2), which surely not (0), and which are too near to tell (1).

    No root is taken: chroma, over the cube root of Y, is a function of X / Y and Z / Y; and its
    sixth power times Y^2 is compared.
    """
    darkest, most = ((lightness + 16) / 116) ** 3, chroma**6
    level = np.empty(len(blocks) // 3, np.uint8)
    for i in range(len(level)):
        at = _Index(3) * _Index(i)
        red, green, blue = blocks[at], blocks[at + _Index(1)], blocks[at + _Index(2)]
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
    """The cube root of x / y, to 2e-8 where it is from 0.85 to 1.15; else on the same side.

    Two of Halley's steps from 1, as one fraction.
    """
    above, below = y + 2 * x, 2 * y + x
    above3, below3 = above * above * above, below * below * below
    root = np.divide(above * (above3 * y + 2 * below3 * x), below * (2 * above3 * y + below3 * x))
    return float(root)


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
    colors, found = lit.reshape(-1), np.empty((3, (luminance > least).sum()))
    warm, green, bright = found
    n = 0
    for i in range(len(luminance)):
        if luminance[i] > least:
            at = _Index(3) * _Index(i)
            r, g, b = colors[at], colors[at + _Index(1)], colors[at + _Index(2)]
            warm[n], green[n], bright[n] = np.divide(r, b), np.divide(g * g, r * b), luminance[i]
            n += 1
    return found
