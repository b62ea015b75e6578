"""The color grid: the bin of each color, the same on each machine.

The grid cuts CIE L*a*b* (D65) into cubes. A color's bin is computed from its 8-bit sRGB in
integers alone, so that it is the same on each machine and in each version of numpy, and parts
that were counted apart can be added. Change a number below, and `GRID_VERSION` changes too.
"""

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from trendcolor.errors import QueryError, ShapeError

GRID_VERSION = "lab-1"

# A bin's width in L*, a* and b*. Under twice the just noticeable difference of 2.3 (Mahy et al.,
# Color Res. Appl. 19(2), 1994), and few enough bins (15,619 hold an sRGB color) to store a
# histogram with each shard.
STEP = 4
STEPS = range(1, 33)  # widths that a query may choose
# Bins of a* and b* lie around 0, so that noise does not split the neutral colors. sRGB stays
# within -86 to 98 in a* and -108 to 95 in b*: indices up to this on each side are enough.
_REACH = 128

# Fixed point: linear light and X/Xn, Y/Yn, Z/Zn in units of 2^-40, their cube roots of 2^-20.
_LIGHT_BITS, _ROOT_BITS = 40, 20
_ONE = 1 << _ROOT_BITS
# From linear sRGB to XYZ in millionths, the matrix of `color/spaces.py`. A row's sum is the white
# point's coordinate, so dividing by it makes each gray exactly neutral.
_SRGB_TO_XYZ = np.array(
    [[412453, 357580, 180423], [212671, 715160, 72169], [19334, 119193, 950227]], np.int64
)


def _light(value: int) -> int:
    """One 8-bit sRGB value as linear light in fixed point (IEC 61966-2-1)."""
    encoded = value / 255
    linear = encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4
    # Rounded to 32 bits first: the last bits of a power differ from one C library to another.
    return round(linear * (1 << 32)) << (_LIGHT_BITS - 32)


_LIGHT = np.array([_light(value) for value in range(256)], np.int64)


def check_step(step: int) -> None:
    """Refuse a width of bins that there is none of.

    Raises:
        QueryError: it is not of `STEPS`.
    """
    if step not in STEPS:
        raise QueryError(f"step must be {STEPS[0]} to {STEPS[-1]} (of L*, a* and b*), got {step}")


def _zero(step: int) -> int:
    """The index of the bin of a* or b* that lies around 0; there are twice as many."""
    check_step(step)
    return -(-_REACH // step)


def rgb_to_bin(r: ArrayLike, g: ArrayLike, b: ArrayLike, *, step: int = STEP) -> NDArray[np.int32]:
    """The bin of each color.

    Args:
        r: Red of each color, 8-bit sRGB, whole numbers in 0..255, shape (n,). Not modified.
        g: Green, as `r`.
        b: Blue, as `r`.
        step: A bin's width in L*, a* and b*, of `STEPS`.

    Returns:
        Bin ids, shape (n,); with the step that it has unless told, of the grid `GRID_VERSION`.

    Raises:
        ShapeError: a value is outside 0..255.
        QueryError: no such step.

    Guarantees, each held by tests/test_histograms.py:
        A color has one bin, whatever stands beside it in the arrays. The bin's center is
        at most half a step from the color in each of L*, a* and b*.
    """
    rgb8 = np.stack([np.asarray(channel, np.int64) for channel in (r, g, b)], axis=-1)
    if rgb8.size and (rgb8.min() < 0 or rgb8.max() > 255):
        raise ShapeError(f"colors are {rgb8.min()} to {rgb8.max()}, wanted 8-bit sRGB, 0 to 255")
    fx, fy, fz = _root((_LIGHT[rgb8] @ _SRGB_TO_XYZ.T) // _SRGB_TO_XYZ.sum(axis=1)).T
    width, zero = step * _ONE, _zero(step)
    last = -(-100 // step) - 1  # L* of 100 falls into it
    lightness = np.clip((116 * fy - 16 * _ONE) // width, 0, last)
    redness = (500 * (fx - fy) + width // 2) // width + zero
    yellowness = (200 * (fy - fz) + width // 2) // width + zero
    bins: NDArray[np.int64] = (lightness * 2 * zero + redness) * 2 * zero + yellowness
    return bins.astype(np.int32)


def _root(light: NDArray[np.int64]) -> NDArray[np.int64]:
    """CIE's f(t): the cube root, and a line near black (CIE 15:2004, section 8.2.1)."""
    cube = light << (3 * _ROOT_BITS - _LIGHT_BITS)
    root = np.rint(np.cbrt(cube.astype(np.float64))).astype(np.int64)
    root -= root**3 > cube  # the float's last bits may be off by one; the integers are not
    root += (root + 1) ** 3 <= cube
    line = (light * 841 // 108 + (4 << _LIGHT_BITS) // 29) >> (_LIGHT_BITS - _ROOT_BITS)
    return np.where(light * 29**3 <= 6**3 << _LIGHT_BITS, line, root)


def bin_to_lab(bins: ArrayLike, *, step: int = STEP) -> NDArray[np.float64]:
    """The center of each bin.

    Args:
        bins: Bin ids, shape (n,). Not modified.
        step: As of `rgb_to_bin`.

    Returns:
        CIE L*a*b* under D65, shape (n, 3).

    Raises:
        QueryError: no such step.
    """
    ids, zero = np.asarray(bins, np.int64), _zero(step)
    lightness, rest = np.divmod(ids, 4 * zero * zero)
    redness, yellowness = np.divmod(rest, 2 * zero)
    return np.stack([lightness + 0.5, redness - zero, yellowness - zero], axis=-1) * float(step)


def color_key() -> pl.Expr:
    """The columns `r`, `g`, `b` as one integer a color, 0xRRGGBB."""
    r, g, b = (pl.col(channel).cast(pl.Int32) for channel in "rgb")
    return r * 65536 + g * 256 + b


def key_to_rgb(key: pl.Series) -> NDArray[np.uint8]:
    """Keys of `color_key` as 8-bit sRGB, shape (n, 3)."""
    packed = key.to_numpy()
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=-1).astype(np.uint8)
