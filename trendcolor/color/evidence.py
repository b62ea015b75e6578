"""What a photo shows of its light: blocks of pixels that are not garment, skin or hair.

All in linear light. Noise averages out in blocks, and a photo gives the same at each size. Whole
photos are looked at by compiled loops (`blocks.py`) where numba is installed, else by numpy.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from trendcolor.color.spaces import (
    LINEAR_OF_8_BIT,
    RGB_TO_XYZ,
    FloatArray,
    Mask,
    Rgb8,
    check_8_bit,
    srgb_to_linear,
)
from trendcolor.compiling import IS_COMPILED

if IS_COMPILED:
    from trendcolor.color import blocks as loops
    from trendcolor.color import peaks

# Blocks along the longer side of a photo, at most, and how many of them are enough to tell.
_BLOCKS = 400
MIN_BLOCKS = 30
_KNOWN = 0.9  # of a block's pixels that must be evidence
# 8-bit values that a camera clipped, and darkness in which noise has more color than light.
_CLIPPED_LOW, _CLIPPED_HIGH, _DARK = 0, 250, 20
# Surfaces are peaks on a grid of warmth, greenness and the logarithm of luminance; a peak holds
# this part of the blocks. The darkest, where color is noise, take no part.
_CELL = np.array([0.05, 0.04, 0.35])
_LOW, _HIGH = np.array([-3.0, -1.6, np.log(0.01)]), np.array([4.0, 1.6, 0.3])
_LIMITS = np.stack([_LOW, _HIGH])
_PEAK = 0.004
# Counts are smoothed by a Gaussian of so many cells, cut off at four of these, as scipy does.
_SIGMA = 0.7
_SMOOTHING = np.exp(-0.5 / _SIGMA**2 * np.arange(-3, 4) ** 2)
_SMOOTHING = (_SMOOTHING / _SMOOTHING.sum())[3:]
_ALL = np.empty(0, bool)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What estimators see, in linear sRGB."""

    blocks: FloatArray  # (n, 3), mean colors
    steps: FloatArray  # (m, 3), absolute differences of neighboring blocks


@dataclass(frozen=True, slots=True, eq=False)
class Surfaces:
    """Things of one color each: where many blocks have nearly the same."""

    warmth: FloatArray  # (k,), log(R/B)
    greenness: FloatArray  # (k,), log(G^2/RB)
    luminance: FloatArray  # (k,), log(Y)
    area: FloatArray  # (k,), fraction of the blocks, the darkest left out


def unclipped(rgb8: Rgb8) -> Mask:
    """Which pixels tell the color of the light: neither clipped nor too dark.

    Args:
        rgb8: Shape (h, w, 3), 8-bit sRGB. Not modified.

    Raises:
        ShapeError: the last axis is not 3 long, or the values are not 8-bit.
    """
    check_8_bit("rgb8", rgb8)
    # Channel by channel, because a reduction over an axis of three is many times slower.
    red, green, blue = rgb8[..., 0], rgb8[..., 1], rgb8[..., 2]
    high = np.maximum(np.maximum(red, green), blue)
    low = np.minimum(np.minimum(red, green), blue)
    return (low > _CLIPPED_LOW) & (high < _CLIPPED_HIGH) & (high > _DARK)


def gather_photo(rgb8: Rgb8, mask: Mask) -> Evidence:
    """The evidence of a photo: what `gather` makes of its `unclipped` pixels.

    Args:
        rgb8: The photo, shape (h, w, 3), 8-bit sRGB. Not modified.
        mask: Which of its pixels may be evidence, shape (h, w). Not modified.

    Raises:
        ShapeError: the last axis is not 3 long, or the values are not 8-bit.

    Guarantees, each held by tests/test_color_evidence.py:
        The same to the byte whether numba is installed or not.
    """
    check_8_bit("rgb8", rgb8)
    if not IS_COMPILED:
        return gather(srgb_to_linear(rgb8), mask & unclipped(rgb8))
    size = _block_size(mask)
    limits = (_CLIPPED_LOW, _CLIPPED_HIGH, _DARK)
    enough = _KNOWN * size * size
    photo = np.ascontiguousarray(rgb8)
    return Evidence(*loops.gather(photo, mask, LINEAR_OF_8_BIT, limits, size, enough))


def gather(linear: FloatArray, mask: Mask) -> Evidence:
    """The photo as blocks of which at least nine in ten pixels are evidence.

    Args:
        linear: The photo, shape (h, w, 3), linear sRGB in 0..1. Not modified.
        mask: Which pixels are evidence, shape (h, w). Not modified.
    """
    size = _block_size(mask)
    height, width = (length // size * size for length in mask.shape)
    known = _block_sums(mask[:height, :width].astype(np.float32), size)
    seen = known >= _KNOWN * size * size
    lit = linear * mask[..., None]
    blocks = _block_sums(lit[:height, :width], size) / np.maximum(known, 1)[..., None]
    down = np.abs(np.diff(blocks, axis=0))[seen[1:] & seen[:-1]]
    right = np.abs(np.diff(blocks, axis=1))[seen[:, 1:] & seen[:, :-1]]
    return Evidence(blocks=blocks[seen], steps=np.concatenate([down, right]))


def _block_size(mask: Mask) -> int:
    return max(1, -(-int(max(mask.shape)) // _BLOCKS))


def _block_sums(values: FloatArray, size: int) -> FloatArray:
    """Sums over squares of `size`, of which the array holds a whole number."""
    height, width, *channels = values.shape
    rows = values.reshape(height // size, size, width, *channels).sum(axis=1)
    sums = rows.reshape(height // size, width // size, size, *channels).sum(axis=2)
    return np.asarray(sums, dtype=np.float64)


def find_surfaces(evidence: Evidence) -> Surfaces:
    """The surfaces of a photo: a large wall counts once, as a chair does.

    Guarantees, each held by tests/test_color_evidence.py:
        The same to the byte whether numba is installed or not.
    """
    lit = np.maximum(evidence.blocks, 1e-4)
    luminance = np.log(lit @ RGB_TO_XYZ[1])
    n = np.count_nonzero(luminance > _LOW[2])
    if not n:
        none = np.empty(0)
        return Surfaces(none, none, none, none)
    medians, held = (_compiled_peaks if IS_COMPILED else _peaks)(lit, luminance, _PEAK * n)
    warmth, greenness, bright = medians.T
    return Surfaces(warmth, greenness, bright, area=held / n)


def _compiled_peaks(
    lit: FloatArray, luminance: FloatArray, least: float
) -> tuple[FloatArray, FloatArray]:
    """What `_peaks` answers, to the byte."""
    places = loops.ratios(np.ascontiguousarray(lit), luminance, _LOW[2])
    np.log(places[:2], out=places[:2])
    return peaks.find_peaks(places, _LIMITS, _CELL, _SMOOTHING, least)


def _peaks(lit: FloatArray, luminance: FloatArray, least: float) -> tuple[FloatArray, FloatArray]:
    """Medians of the places in and around cells that are peaks, (k, 3); and how many those are."""
    red, green, blue = np.ascontiguousarray(lit.T)
    place = np.stack([np.log(red / blue), np.log(green * green / (red * blue)), luminance], axis=1)
    place = place[luminance > _LOW[2]]
    cell = ((np.clip(place, _LOW, _HIGH) - _LOW) / _CELL).astype(np.int64)
    cell -= cell.min(axis=0) - 1
    shape = cell.max(axis=0) + 2
    flat = np.ravel_multi_index(tuple(cell.T), shape)
    count = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(float)
    around = np.rint(27 * ndimage.uniform_filter(count, 3, mode="constant"))
    smooth = ndimage.gaussian_filter(count, _SIGMA, mode="constant")
    is_peak = smooth == ndimage.maximum_filter(smooth, 3, mode="constant")
    found = np.argwhere(is_peak & (around >= least))
    near = ((np.abs(cell - peak) <= 1).all(axis=1) for peak in found)
    medians = np.array([np.median(place[each], axis=0) for each in near]).reshape(-1, 3)
    return medians, around[tuple(found.T)]


def mean_of(rows: FloatArray, taken: Mask | None = None) -> FloatArray:
    """The mean of rows, all or those that are taken, shape (3,); nan where there is none.

    Args:
        rows: Shape (n, 3). Not modified.
        taken: Shape (n,). Not modified.
    """
    if IS_COMPILED and len(rows):
        return loops.mean(rows, _ALL if taken is None else taken)
    return np.asarray((rows if taken is None else rows[taken]).mean(axis=0))
