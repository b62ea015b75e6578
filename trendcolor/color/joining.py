"""The loops over pairs of clusters of `shading.py`, compiled."""

import math

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.spaces import FloatArray
from trendcolor.compiling import compiled

Colors = FloatArray  # (k, 3), CIE L*a*b*
# CIE 15:2018: near black, XYZ over the white's is this many times f(t) less 4/29.
_LINE = 3 * (6 / 29) ** 2


@compiled
def join(
    centers: Colors,
    pixels: FloatArray,
    density: FloatArray,
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
        one, other = _nearest_pair(centers, dyes, is_apart, limits)
        if one < 0:
            return dyes
        first, second = centers[one, 0] / step, centers[other, 0] / step
        together = density[one] + density[other]
        if has_valley(together, min(first, second), max(first, second), valley):
            is_apart[one, other] = True
            continue
        both = pixels[one] + pixels[other]
        for axis in range(3):
            way = centers[other, axis] - centers[one, axis]
            centers[one, axis] += way * (pixels[other] / both)
        pixels[one] = both
        density[one] = together
        dyes[dyes == other] = one
        is_apart[one] = False
        is_apart[:, one] = False


@compiled
def _nearest_pair(
    centers: Colors,
    dyes: NDArray[np.int64],
    is_apart: NDArray[np.bool_],
    limits: tuple[float, float, float, float],
) -> tuple[int, int]:
    """The two of one chromaticity that are nearest in lightness and not told apart; else -1, -1."""
    one, other, nearest = -1, -1, np.inf
    for i in range(len(dyes)):
        for j in range(i + 1, len(dyes)):
            if dyes[i] != i or dyes[j] != j or is_apart[i, j]:
                continue
            away = abs(centers[i, 0] - centers[j, 0])
            if not is_same_chromaticity(centers[i], centers[j], limits):
                is_apart[i, j] = True
            elif away < nearest:
                one, other, nearest = i, j, away
    return one, other


@compiled
def is_same_chromaticity(
    one: FloatArray,
    other: FloatArray,
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
    return bool(apart <= limit)


@compiled
def _light(f: float) -> float:
    """XYZ over the white's, of CIELAB's f."""
    return f * f * f if f > 6 / 29 else (f - 4 / 29) * _LINE


@compiled
def _root(light: float) -> float:
    """CIELAB's f, of XYZ over the white's."""
    return float(np.cbrt(light)) if light > (6 / 29) ** 3 else light / _LINE + 4 / 29


@compiled
def has_valley(density: FloatArray, darker: float, lighter: float, valley: float) -> bool:
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
    return bool(density[low : high + 1].min() < valley * peak)
