"""The loops over pixels of `counts.py`, compiled by numba: the same answers, many times faster.

Compiled code is kept beside this file, or in the user's cache folder where that can't be written,
so that it is made once a machine.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_SHIFT = 3
_SIDE = 256 >> _SHIFT
_N_CELLS = _SIDE**3
_FAR = 2

Regions = NDArray[np.uint16]
Pixels = NDArray[np.int32]
Whole = NDArray[np.int64]


@njit(cache=True, nogil=True)
def sample(regions: Regions, n: int, enough: int) -> tuple[Pixels, Whole]:
    """The pixels of each garment, each k-th where there are more than enough.

    Args:
        regions: The number of the garment at each pixel, 1 to n, shape (h, w). Not modified.
        n: The highest number.
        enough: How many pixels of one garment are taken at most.

    Returns:
        Rows and columns, shape (m, 2), garment by garment, in reading order within each; and
        where each garment's start, shape (n + 1,).
    """
    runs = _runs(regions)
    sizes = np.zeros(n + 1, np.int64)
    for number, _, start, stop in runs:
        sizes[number] += stop - start
    steps = np.maximum(-(-sizes // enough), 1)
    starts = np.zeros(n + 1, np.int64)
    for number in range(1, n + 1):
        starts[number] = starts[number - 1] - (-sizes[number] // steps[number])
    pixels = np.empty((starts[n], 2), np.int32)
    place, ahead = starts.copy(), np.zeros(n + 1, np.int64)
    for number, row, start, stop in runs:
        column = start + ahead[number]
        while column < stop:
            pixels[place[number - 1], 0] = row
            pixels[place[number - 1], 1] = column
            place[number - 1] += 1
            column += steps[number]
        ahead[number] = column - stop
    return pixels, starts


@njit(cache=True, nogil=True)
def _runs(regions: Regions) -> Pixels:
    """Neighbors in a row that are of one garment: its number, the row, first and past the last."""
    height, width = regions.shape
    runs = np.empty((1024, 4), np.int32)
    n = 0
    for row in range(height):
        start, number = 0, regions[row, 0]
        for column in range(1, width + 1):
            if column < width and regions[row, column] == number:
                continue
            if number:
                if n == len(runs):
                    runs = np.concatenate((runs, np.empty_like(runs)))
                runs[n, 0], runs[n, 1], runs[n, 2], runs[n, 3] = number, row, start, column
                n += 1
            if column < width:
                start, number = column, regions[row, column]
    return runs[:n]


@njit(cache=True, nogil=True)
def _depth(regions: Regions, y: int, x: int, most: int) -> int:
    """How far a pixel lies inside its garment, in steps up, down, left and right; 0 at its edge."""
    height, width = regions.shape
    number = regions[y, x]
    for depth in range(1, most + 1):
        if y < depth or x < depth or y + depth >= height or x + depth >= width:
            return depth - 1
        for down in range(-depth, depth + 1):
            right = depth - abs(down)
            if regions[y + down, x - right] != number or regions[y + down, x + right] != number:
                return depth - 1
    return most


@njit(cache=True, nogil=True)
def _between(rgb8: NDArray[np.uint8], regions: Regions, y: int, x: int, is_deep: bool) -> np.int32:
    """How far a pixel lies between two of its neighbors, in steps of 8 bits; see `counts.py`."""
    height, width = regions.shape
    number = regions[y, x]
    most = np.int32(0)
    for far in range(1, _FAR + 1):
        for is_down in range(2):
            down, right = far * is_down, far * (1 - is_down)
            top, left, bottom, end = y - down, x - right, y + down, x + right
            if not is_deep:
                if top < 0 or left < 0 or bottom >= height or end >= width:
                    continue
                if regions[top, left] != number or regions[bottom, end] != number:
                    continue
            for channel in range(3):
                own = np.int32(rgb8[y, x, channel])
                rise = own - np.int32(rgb8[top, left, channel])
                fall = np.int32(rgb8[bottom, end, channel]) - own
                least = min(abs(rise), abs(fall))
                if (rise ^ fall) >= 0 and least > most:
                    most = least
    return most


@njit(cache=True, nogil=True)
def count(
    rgb8: NDArray[np.uint8], regions: Regions, pixels: Pixels, erode: int, clear: float
) -> tuple[Whole, Whole, Whole]:
    """Count the sampled pixels of one garment by color.

    Args:
        rgb8: The photo, shape (h, w, 3). Not modified.
        regions: The number of the garment at each pixel, shape (h, w). Not modified.
        pixels: The garment's, as `sample` gives them. Not modified.
        erode: How many pixels come off the edge, less where under a fifth would be left.
        clear: Which part of the pixels, those least between two colors first, shows the cloth.

    Returns:
        The cells that hold pixels, rising, those of clear pixels higher by 32768; how many pixels
        each holds; and the sums of their channels, shape (m, 3).
    """
    depths = np.empty(len(pixels), np.int64)
    for i in range(len(pixels)):
        depths[i] = _depth(regions, pixels[i, 0], pixels[i, 1], max(erode, _FAR))
    least = 0
    while least < erode and 5 * (depths > least).sum() >= len(pixels):
        least += 1
    between = np.full(len(pixels), -1, np.int64)
    places = np.zeros(256, np.int64)
    for i in range(len(pixels)):
        if depths[i] >= least:
            is_deep = depths[i] >= _FAR
            between[i] = _between(rgb8, regions, pixels[i, 0], pixels[i, 1], is_deep)
            places[between[i]] += 1
    limit = np.searchsorted(np.cumsum(places), np.int64(clear * (places.sum() - 1)), side="right")
    table = np.zeros((2 * _N_CELLS, 4), np.int64)  # pixels, and sums of their channels
    for i in range(len(pixels)):
        if between[i] >= 0:
            color = rgb8[pixels[i, 0], pixels[i, 1]]
            red, green, blue = np.int64(color[0]), np.int64(color[1]), np.int64(color[2])
            cell = ((red >> _SHIFT) * _SIDE + (green >> _SHIFT)) * _SIDE + (blue >> _SHIFT)
            if between[i] <= limit:
                cell += _N_CELLS
            table[cell, 0] += 1
            table[cell, 1] += red
            table[cell, 2] += green
            table[cell, 3] += blue
    cells = np.flatnonzero(table[:, 0])
    return cells, table[cells, 0], table[cells, 1:]
