"""The pixels of one garment counted by color: which show the cloth, and which only cover area.

A pixel at the edge of a mask or between two colors of a pattern shows a blend that the cloth does
not have. Such pixels say nothing of the colors, but they are cloth: they count for its area.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.spaces import FloatArray, Mask, Rgb8, check_8_bit, check_shape
from trendcolor.config import ColorConfig
from trendcolor.errors import ShapeError

# Colors are counted in cells of 8 steps of each channel; a cell keeps its pixels' mean.
_SHIFT = 3
_SIDE = 256 >> _SHIFT
_N_CELLS = _SIDE**3
# So many pixels of a garment are enough: of more, each second, third ... is looked at.
_ENOUGH = 100_000
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


def count_colors(rgb8: Rgb8, mask: Mask, config: ColorConfig) -> ColorCounts:
    """Count the colors under a mask.

    `config.erode` pixels come off the edge, less where too little would remain. Of a garment of
    more than a hundred thousand pixels each n-th is counted.

    Args:
        rgb8: The photo, shape (h, w, 3), 8-bit sRGB. Not modified.
        mask: The garment, shape (h, w). Not modified.
        config: How many pixels come off the edge.

    Raises:
        ShapeError: the photo or the mask has another shape or type.

    Guarantees, each held by tests/test_color_counts.py:
        Pixels outside `mask` have no effect. Votes are never none where the mask isn't empty.
    """
    check_8_bit("rgb8", rgb8)
    if rgb8.shape[:2] != mask.shape:
        raise ShapeError(f"mask has shape {mask.shape}, wanted {rgb8.shape[:2]} as the photo")
    if not mask.any():
        return count_pixels(np.empty((0, 3), np.uint8), np.empty(0, bool))
    box = _bounding_box(mask)
    rgb8, mask = np.ascontiguousarray(rgb8[box]), mask[box]
    pixels = np.flatnonzero(_eroded(mask, config.erode))
    pixels = pixels[:: -(-len(pixels) // _ENOUGH)]
    between = _between(rgb8, mask, pixels)
    middle = int(_CLEAR * (len(pixels) - 1))
    is_clear = between <= np.partition(between, middle)[middle]
    return count_pixels(rgb8.reshape(-1, 3).take(pixels, axis=0), is_clear)


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
    check_shape("rgb8", rgb8)
    index = is_clear.astype(np.intp)
    for channel in rgb8.T:
        index *= _SIDE
        index += channel >> _SHIFT
    counts = np.bincount(index, minlength=2 * _N_CELLS)
    cells = np.flatnonzero(counts)
    n = counts[cells].astype(np.float64)
    # Sums of whole numbers are exact, so that no order of adding is seen.
    sums = [np.bincount(index, weights=channel, minlength=1)[cells] for channel in rgb8.T]
    return ColorCounts(
        rgb=np.stack(sums, axis=1) / n[:, None],
        votes=np.where(cells >= _N_CELLS, n, 0.0),
        area=n,
    )


def _bounding_box(mask: Mask) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _eroded(mask: Mask, pixels: int) -> Mask:
    """The mask less its edge, as much of `pixels` as leaves a fifth of a thin garment."""
    inner = mask
    for _ in range(pixels):
        smaller = _without_edge(inner)
        if 5 * np.count_nonzero(smaller) < np.count_nonzero(mask):
            return inner
        inner = smaller
    return inner


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
