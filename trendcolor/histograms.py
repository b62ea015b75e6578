"""The color grid, and histograms on it: integer weights that add up bit for bit.

The grid cuts CIE L*a*b* (D65) into cubes. A color's bin is computed from its 8-bit sRGB in
integers alone, so that it is the same on each machine and in each version of numpy, and parts
that were counted apart can be added. Change a number below, and `GRID_VERSION` changes too.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from trendcolor.errors import QueryError, ShapeError

if TYPE_CHECKING:  # queries need no compiled loops, which take half a second to import
    from trendcolor.color.counts import ColorCounts

GRID_VERSION = "lab-1"

# A bin's width in L*, a* and b*. Under twice the just noticeable difference of 2.3 (Mahy et al.,
# Color Res. Appl. 19(2), 1994), and few enough bins (15,619 hold an sRGB color) to store a
# histogram with each shard.
STEP = 4
_LIGHTNESS_BINS = 100 // STEP  # L* of 100 falls into the last
# Bins of a* and b* lie around 0, so that noise does not split the neutral colors. sRGB stays
# within -86 to 98 in a* and -108 to 95 in b*: indices within 32 on each side are enough.
_AXIS = 64
_ZERO = _AXIS // 2

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


def rgb_to_bin(r: ArrayLike, g: ArrayLike, b: ArrayLike) -> NDArray[np.int32]:
    """The bin of each color.

    Args:
        r: Red of each color, 8-bit sRGB, whole numbers in 0..255, shape (n,). Not modified.
        g: Green, as `r`.
        b: Blue, as `r`.

    Returns:
        Bin ids of the grid `GRID_VERSION`, shape (n,).

    Raises:
        ShapeError: a value is outside 0..255.

    Guarantees, each held by tests/test_histograms.py:
        A color has one bin, whatever stands beside it in the arrays. The bin's center is
        at most half a `STEP` from the color in each of L*, a* and b*.
    """
    rgb8 = np.stack([np.asarray(channel, np.int64) for channel in (r, g, b)], axis=-1)
    if rgb8.size and (rgb8.min() < 0 or rgb8.max() > 255):
        raise ShapeError(f"colors are {rgb8.min()} to {rgb8.max()}, wanted 8-bit sRGB, 0 to 255")
    fx, fy, fz = _root((_LIGHT[rgb8] @ _SRGB_TO_XYZ.T) // _SRGB_TO_XYZ.sum(axis=1)).T
    width = STEP * _ONE
    lightness = np.clip((116 * fy - 16 * _ONE) // width, 0, _LIGHTNESS_BINS - 1)
    redness = (500 * (fx - fy) + width // 2) // width + _ZERO
    yellowness = (200 * (fy - fz) + width // 2) // width + _ZERO
    bins: NDArray[np.int64] = (lightness * _AXIS + redness) * _AXIS + yellowness
    return bins.astype(np.int32)


def _root(light: NDArray[np.int64]) -> NDArray[np.int64]:
    """CIE's f(t): the cube root, and a line near black (CIE 15:2004, section 8.2.1)."""
    cube = light << (3 * _ROOT_BITS - _LIGHT_BITS)
    root = np.rint(np.cbrt(cube.astype(np.float64))).astype(np.int64)
    root -= root**3 > cube  # the float's last bits may be off by one; the integers are not
    root += (root + 1) ** 3 <= cube
    line = (light * 841 // 108 + (4 << _LIGHT_BITS) // 29) >> (_LIGHT_BITS - _ROOT_BITS)
    return np.where(light * 29**3 <= 6**3 << _LIGHT_BITS, line, root)


def bin_to_lab(bins: ArrayLike) -> NDArray[np.float64]:
    """The center of each bin.

    Args:
        bins: Bin ids, shape (n,). Not modified.

    Returns:
        CIE L*a*b* under D65, shape (n, 3).
    """
    ids = np.asarray(bins, np.int64)
    lightness, rest = np.divmod(ids, _AXIS * _AXIS)
    redness, yellowness = np.divmod(rest, _AXIS)
    return np.stack([lightness + 0.5, redness - _ZERO, yellowness - _ZERO], axis=-1) * float(STEP)


def color_key() -> pl.Expr:
    """The columns `r`, `g`, `b` as one integer a color, 0xRRGGBB."""
    r, g, b = (pl.col(channel).cast(pl.Int32) for channel in "rgb")
    return r * 65536 + g * 256 + b


def key_to_rgb(key: pl.Series) -> NDArray[np.uint8]:
    """Keys of `color_key` as 8-bit sRGB, shape (n, 3)."""
    packed = key.to_numpy()
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=-1).astype(np.uint8)


def histogram(records: pl.LazyFrame, *, by: Sequence[str] = ()) -> pl.LazyFrame:
    """How much of each color, in whole numbers.

    Args:
        records: Rows of `records.py`, of whole garments.
        by: Columns of the records to count apart.

    Returns:
        The columns `by`, `bin` (Int32, of the grid `GRID_VERSION`) and `weight` (Int64: one
        garment's palette weights sum to 255), sorted by all but the weight. Bins without weight
        have no row.

    Guarantees, each held by tests/test_histograms.py:
        Histograms of parts, however the records are split, merge to the histogram of the whole.
    """
    by_color = records.group_by(*by, color_key().alias("bin")).agg(_total())
    bins = pl.col("bin").map_batches(_bins, return_dtype=pl.Int32, is_elementwise=True)
    by_bin = by_color.with_columns(bins).group_by(*by, "bin").agg(_total())
    return by_bin.sort(*by, "bin", nulls_last=True)


def pixel_histogram(counts: "ColorCounts") -> pl.LazyFrame:
    """How many counted pixels of one garment have which color, shading and blends included.

    What `count_garments` gives goes onto the grid as it is: each cell of colors by its mean.

    Args:
        counts: A garment's. Not modified.

    Returns:
        The columns `bin` and `weight` (Int64, pixels), as of `histogram`; `merge` adds them.

    Guarantees, each held by tests/test_histograms.py:
        Weights sum to the pixels that were counted.
    """
    rgb8 = np.rint(counts.rgb).astype(np.int64)
    bins = pl.Series("bin", rgb_to_bin(*rgb8.T), pl.Int32)
    weight = pl.Series("weight", counts.area.astype(np.int64))
    return pl.LazyFrame([bins, weight]).group_by("bin").agg(_total()).sort("bin")


def _total() -> pl.Expr:
    return pl.col("weight").cast(pl.Int64).sum()


def _bins(key: pl.Series) -> pl.Series:
    return pl.Series(key.name, rgb_to_bin(*key_to_rgb(key).T))


def merge(histograms: Iterable[pl.LazyFrame]) -> pl.LazyFrame:
    """Several histograms as one: weights of the same columns and bin are added.

    Args:
        histograms: What `histogram` gave, all by the same columns.

    Raises:
        QueryError: there is none, or they are by different columns.
    """
    parts = list(histograms)
    columns = {tuple(part.collect_schema()) for part in parts}
    if len(columns) != 1:
        found = " and ".join(sorted(", ".join(names) for names in columns)) or "none"
        raise QueryError(f"histograms of one set of columns can be merged, got {found}")
    *keys, _ = columns.pop()
    return pl.concat(parts).group_by(keys).agg(_total()).sort(keys, nulls_last=True)
