"""The loops over pairs of clusters of `shading.py`, compiled."""

import math

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.compiling import compiled

Colors = NDArray[np.float64]  # (k, 3), CIE L*a*b*
# CIE 15:2018: near black, XYZ over the white's is this many times f(t) less 4/29.
_LINE = 3 * (6 / 29) ** 2


@compiled
def join(
    centers: Colors,
    pixels: NDArray[np.float64],
    density: NDArray[np.float64],
    step: float,
    valley: float,
    limits: tuple[float, float, float, float],
) -> NDArray[np.int64]:
    """The first cluster of each cluster's dye; those nearest in lightness join first.

    Args:
        centers: Shape (k, 3). Left as they were joined.
        pixels: Of each cluster, shape (k,). Left as they were joined.
        density: How many pixels of each have which lightness, shape (k, n). As above.
        step: Of lightness, in which these are counted.
        valley: As of `has_valley`.
        limits: As of `is_same_chromaticity`.

    Returns:
        Shape (k,).
    """
    n = len(centers)
    dyes = np.arange(n)
    is_apart = np.zeros((n, n), np.bool_)  # pairs that were looked at since one of them changed
    while True:
        one, other, nearest = -1, -1, np.inf
        for i in range(n):
            for j in range(i + 1, n):
                if dyes[i] == i and dyes[j] == j and not is_apart[i, j]:
                    if not is_same_chromaticity(centers[i], centers[j], limits):
                        is_apart[i, j] = True
                    elif abs(centers[i, 0] - centers[j, 0]) < nearest:
                        one, other, nearest = i, j, abs(centers[i, 0] - centers[j, 0])
        if one < 0:
            return dyes
        darker, lighter = centers[one, 0], centers[other, 0]
        if darker > lighter:
            darker, lighter = lighter, darker
        if has_valley(density[one] + density[other], darker / step, lighter / step, valley):
            is_apart[one, other] = True
            continue
        both = pixels[one] + pixels[other]
        for axis in range(3):
            centers[one, axis] += (centers[other, axis] - centers[one, axis]) * (
                pixels[other] / both
            )
        pixels[one] = both
        density[one] += density[other]
        for i in range(n):
            if dyes[i] == other:
                dyes[i] = one
        is_apart[one] = is_apart[:, one] = False


@compiled
def is_same_chromaticity(
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    limits: tuple[float, float, float, float],
) -> bool:
    """Whether two colors differ in the amount of light only.

    The lighter color is dimmed in linear light to the luminance of the darker one; there a* and
    b* are compared, so that the noise of dark pixels counts for as little as it is seen. Dimming
    scales X, Y and Z alike, so they are enough.

    Args:
        one: CIE L*a*b*, shape (3,). Not modified.
        other: The same. Not modified.
        limits: How far apart a* and b* may lie: for a gray, more for each unit of chroma, more for
            black; and the lightness below which it is more.
    """
    darker, lighter = (one, other) if one[0] <= other[0] else (other, one)
    light_y, dark_y = (lighter[0] + 16) / 116, (darker[0] + 16) / 116
    ratio = _light(dark_y) / max(_light(light_y), 1e-9)
    x = _root(_light(light_y + lighter[1] / 500) * ratio)
    y = _root(_light(light_y) * ratio)
    z = _root(_light(light_y - lighter[2] / 200) * ratio)
    apart = math.hypot(500 * (x - y) - darker[1], 200 * (y - z) - darker[2])
    least, slope, dark, darkness = limits
    limit = least + slope * math.hypot(darker[1], darker[2])
    limit += dark * min(max(1 - darker[0] / darkness, 0.0), 1.0)
    return apart <= limit


@compiled
def _light(f: float) -> float:
    """XYZ over the white's, of CIELAB's f."""
    return f * f * f if f > 6 / 29 else (f - 4 / 29) * _LINE


@compiled
def _root(light: float) -> float:
    """CIELAB's f, of XYZ over the white's."""
    return np.cbrt(light) if light > (6 / 29) ** 3 else light / _LINE + 4 / 29


@compiled
def has_valley(density: NDArray[np.float64], darker: float, lighter: float, valley: float) -> bool:
    """Whether few pixels lie between two lightnesses: two dyes, not a shading.

    Args:
        density: Pixels by lightness. Not modified.
        darker: One place there.
        lighter: The other.
        valley: Fewer than this part of the rarer of the two are few.
    """
    low, high = int(darker), int(lighter)
    if high - low < 2:
        return False
    peak = min(density[max(low - 1, 0) : low + 2].max(), density[high - 1 : high + 2].max())
    return density[low : high + 1].min() < valley * peak
