"""The pixels of garments counted by color: which show the cloth, and which only cover area.

A pixel at the edge of a mask or between two colors of a pattern shows a blend that the cloth does
not have. Such pixels say nothing of the colors, but they are cloth: they count for its area.

All garments of a photo are counted at once. The pixels are looked at by compiled loops
(`counting.py`) where numba is installed, else by numpy; the answers are the same to the byte.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.spaces import FloatArray, Mask, Rgb8, check_8_bit
from trendcolor.compiling import IS_COMPILED
from trendcolor.config import ColorConfig
from trendcolor.errors import ShapeError

if IS_COMPILED:
    from trendcolor.color import counting

# Colors are counted in cells of 8 steps of each channel; a cell keeps its pixels' mean.
_SHIFT = 3
_SIDE = 256 >> _SHIFT
# About so many pixels of a garment are enough: of more, one in two, three ... is looked at.
_ENOUGH = 20_000
# Where in a row that begins: Knuth's multiplicative hash of how far the row is from the middle (The
# Art of Computer Programming 3, 6.4), for words of 32 bits.
_SCATTER, _WORD = 2654435761, 2**32
# How far the neighbors are that a pixel is compared with: a blend may be two pixels wide.
_REACH = (1, 2)
# Which part of the pixels, those least between two colors first, shows the cloth.
_CLEAR = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class ColorCounts:
    """How many pixels of a garment have which color."""

    rgb: FloatArray  # (m, 3), the mean of a cell's pixels, sRGB 0..255
    votes: FloatArray  # (m,), pixels that show the cloth
    area: FloatArray  # (m,), all pixels, `votes` among them


Regions = NDArray[np.uint16]  # (h, w), the number of the garment at each pixel, 0 where none is


def count_garments(rgb8: Rgb8, regions: Regions, config: ColorConfig) -> list[ColorCounts]:
    """Count the colors of all garments of a photo.

    Of a garment of more than twenty thousand pixels one in n is looked at, about that many. Those
    within `config.erode` pixels of its edge don't count, less where too little would remain.

    Args:
        rgb8: The photo, shape (h, w, 3), 8-bit sRGB. Not modified.
        regions: The number of the garment at each pixel, from 1. Not modified.
        config: How many pixels come off the edge.

    Returns:
        One for each garment from 1 to the highest number; of a number that no pixel has, an
        empty one.

    Raises:
        ShapeError: the photo or the regions have another shape or type.

    Guarantees, each held by tests/test_color_counts.py:
        Pixels outside a garment have no effect on it. Votes are never none where it has a pixel.
        A mirrored photo has the same counts.
    """
    check_8_bit("rgb8", rgb8)
    if rgb8.shape[:2] != regions.shape:
        raise ShapeError(f"mask has shape {regions.shape}, wanted {rgb8.shape[:2]} as the photo")
    if regions.dtype != np.uint16:
        raise ShapeError(f"regions are of type {regions.dtype}, wanted uint16")
    n = int(regions.max(initial=0))
    rgb8, regions = np.ascontiguousarray(rgb8), np.ascontiguousarray(regions)
    if not IS_COMPILED:
        return [_count_region(rgb8, regions, number, config.erode) for number in range(1, n + 1)]
    cells, held, bounds = counting.count(rgb8, regions, n, _ENOUGH, config.erode, _CLEAR)
    counted = _counts(cells, held[:, 0], held[:, 1:])
    return [
        ColorCounts(counted.rgb[one:end], counted.votes[one:end], counted.area[one:end])
        for one, end in pairwise(bounds)
    ]


def count_colors(rgb8: Rgb8, mask: Mask, config: ColorConfig) -> ColorCounts:
    """Count the colors under one mask; as `count_garments`.

    Args:
        rgb8: The photo, shape (h, w, 3), 8-bit sRGB. Not modified.
        mask: The garment, shape (h, w). Not modified.
        config: How many pixels come off the edge.

    Raises:
        ShapeError: the photo or the mask has another shape or type.
    """
    counted = count_garments(rgb8, mask.astype(np.uint16), config)
    return counted[0] if counted else _EMPTY


def count_pixels(rgb8: Rgb8, is_clear: Mask) -> ColorCounts:
    """Count pixels that were chosen already, in any order.

    Args:
        rgb8: Shape (n, 3), 8-bit sRGB. Not modified.
        is_clear: Shape (n,): which show the cloth. Not modified.

    Raises:
        ShapeError: the last axis is not 3 long, or the values are not 8-bit.

    Guarantees, each held by tests/test_color_counts.py:
        The order of the pixels has no effect.
    """
    check_8_bit("rgb8", rgb8)
    index = is_clear.astype(np.intp)
    for channel in rgb8.T:
        index *= _SIDE
        index += channel >> _SHIFT
    counts = np.bincount(index, minlength=1)
    cells = np.flatnonzero(counts)
    # Sums of whole numbers are exact, so that no order of adding is seen.
    sums = [np.bincount(index, weights=channel, minlength=1)[cells] for channel in rgb8.T]
    return _counts(cells, counts[cells], np.stack(sums, axis=1))


def _counts(cells: NDArray[Any], n: NDArray[Any], sums: NDArray[Any]) -> ColorCounts:
    """Cells in rising order, those of pixels that show the cloth after all others."""
    area = n.astype(np.float64)
    return ColorCounts(
        rgb=sums / area[:, None], votes=np.where(cells >= _SIDE**3, area, 0.0), area=area
    )


_EMPTY = count_pixels(np.empty((0, 3), np.uint8), np.empty(0, bool))


def _count_region(rgb8: Rgb8, regions: Regions, number: int, erode: int) -> ColorCounts:
    """What the compiled loops do for one garment."""
    mask = regions == number
    pixels = _sampled(np.flatnonzero(mask), mask.shape[1])
    if not len(pixels):
        return _EMPTY
    pixels = _inner(mask, pixels, erode)
    between = _between(rgb8, mask, pixels)
    middle = int(_CLEAR * (len(pixels) - 1))
    is_clear = between <= np.partition(between, middle)[middle]
    return count_pixels(rgb8.reshape(-1, 3).take(pixels, axis=0), is_clear)


def _sampled(pixels: NDArray[np.intp], width: int) -> NDArray[np.intp]:
    """All pixels, or of more than enough about so many: the same ones where it is mirrored."""
    step = -(-len(pixels) // _ENOUGH)
    if step <= 1:
        return pixels
    row, column = np.divmod(pixels, width)
    up = np.abs(2 * row - row.min() - row.max()) // 2
    aside = np.abs(2 * column - column.min() - column.max()) // 2
    offset = (up * _SCATTER % _WORD >> 16) % step
    return np.asarray(pixels[(aside + offset) % step == 0])


def _inner(mask: Mask, pixels: NDArray[np.intp], erode: int) -> NDArray[np.intp]:
    """The pixels less those near the edge, as much of `erode` as leaves a fifth of them."""
    inner, left = mask, pixels
    for _ in range(erode):
        inner = _without_edge(inner)
        fewer = pixels[inner.reshape(-1).take(pixels)]
        if 5 * len(fewer) < len(pixels):
            return left
        left = fewer
    return left


def _without_edge(mask: Mask) -> Mask:
    """The pixels whose four neighbors are all in the mask; none lies on the array's border."""
    inner = np.zeros_like(mask)
    inner[1:-1, 1:-1] = (
        mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    )
    return inner


def _between(rgb8: Rgb8, mask: Mask, pixels: NDArray[np.intp]) -> NDArray[np.int16]:
    """How far each pixel lies between two of its neighbors, in steps of 8 bits.

    Along a row or a column, a pixel where the color goes on rising (or falling) is a blend of what
    lies on its two sides, by the smaller of the two steps (the minmod limiter of Roe, Annual Review
    of Fluid Mechanics 18, 1986). On a plateau, and on the crest of a thin stripe, that is nothing.
    What lies outside the mask takes no part.
    """
    height, width = mask.shape
    flat, inside = rgb8.reshape(-1, 3), mask.reshape(-1)
    own = flat.take(pixels, axis=0).astype(np.int16)
    row, column = np.divmod(pixels, width)
    between = np.zeros(len(pixels), np.int16)
    for far in _REACH:
        for step, place, length in ((far, column, width), (far * width, row, height)):
            before = pixels - step * (place >= far)
            after = pixels + step * (place < length - far)
            rise = (own - flat.take(before, axis=0)) * inside.take(before)[:, None]
            fall = (flat.take(after, axis=0) - own) * inside.take(after)[:, None]
            smaller = np.minimum(np.abs(rise), np.abs(fall)) * ((rise > 0) == (fall > 0))
            np.maximum(between, smaller.max(axis=1), out=between)
    return between
