"""The loops over pixels of `counts.py`, compiled: the same answers, many times faster."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trendcolor.compiling import compiled

_SHIFT = 3
_SIDE = 256 >> _SHIFT
_N_CELLS = _SIDE**3
_FAR = 2
# Knuth's multiplicative hash (The Art of Computer Programming 3, 6.4), for words of 32 bits.
_SCATTER, _WORD = 2654435761, 2**32

Regions = NDArray[np.uint16]
Pixels = NDArray[np.int32]
Whole = NDArray[np.int64]
Pairs = tuple[tuple[Any, Any], tuple[Any, Any]]

_FARTHEST = 2**31


@compiled
def sample(regions: Regions, n: int, enough: int) -> tuple[Pixels, Whole]:
    """The pixels of each garment, about each k-th where there are more than enough.

    Rows and columns are counted from the middle of the garment, so that a mirrored photo has the
    same pixels taken; each row begins elsewhere, so that no weave keeps step with them.

    Args:
        regions: The number of the garment at each pixel, 1 to n, shape (h, w). Not modified.
        n: The highest number.
        enough: How many pixels of one garment are taken, about, where it has more.

    Returns:
        Rows and columns, shape (m, 2), garment by garment, in reading order within each; and
        where each garment's start, shape (n + 1,).
    """
    runs = _runs(regions)
    sizes, boxes = _extents(runs, n)
    steps = np.maximum(-(-sizes // enough), 1)
    taken = np.zeros(n + 1, np.int64)
    for run in runs:
        for first, stop in _spans(run, boxes[run[0]], steps[run[0]]):
            taken[run[0]] += max(-((first - stop) // steps[run[0]]), 0)
    starts = np.cumsum(taken)
    pixels = np.empty((starts[n], 2), np.int32)
    place = starts.copy()
    for run in runs:
        number = run[0]
        for first, stop in _spans(run, boxes[number], steps[number]):
            for column in range(first, stop, steps[number]):
                pixels[place[number - 1], 0] = run[1]
                pixels[place[number - 1], 1] = column
                place[number - 1] += 1
    return pixels, starts


@compiled
def _extents(runs: Pixels, n: int) -> tuple[Whole, Whole]:
    """Of each garment, from 0: its pixels; and its first and last row and column together."""
    sizes = np.zeros(n + 1, np.int64)
    edges = np.empty((n + 1, 4), np.int64)
    edges[:, 0], edges[:, 1], edges[:, 2], edges[:, 3] = _FARTHEST, -1, _FARTHEST, -1
    for number, row, start, stop in runs:
        sizes[number] += stop - start
        edges[number, 0], edges[number, 1] = min(edges[number, 0], row), max(edges[number, 1], row)
        edges[number, 2] = min(edges[number, 2], start)
        edges[number, 3] = max(edges[number, 3], stop - 1)
    return sizes, np.stack((edges[:, 0] + edges[:, 1], edges[:, 2] + edges[:, 3]), axis=1)


@compiled
def _spans(run: Pixels, twice: Whole, step: int) -> Pairs:
    """Where in a run pixels are taken: the first and past the last, left and right of the middle.

    Args:
        run: As `_runs` gives it.
        twice: Twice the row and the column of the garment's middle.
        step: One of so many columns is taken.
    """
    _, row, start, stop = run
    offset = (abs(2 * row - twice[0]) // 2 * _SCATTER % _WORD >> 16) % step
    left, right = twice[1] // 2, (twice[1] + 1) // 2
    middle = min(max(start, right), stop)
    first = start + (left + offset - start) % step
    second = middle + (right - offset - middle) % step
    return ((first, middle), (second, np.int64(stop)))


@compiled
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


@compiled
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


@compiled
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


@compiled
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
    rank = np.int64(clear * (places.sum() - 1))
    limit = int(np.searchsorted(np.cumsum(places), rank, side="right"))
    return _cells(rgb8, pixels, between, limit)


@compiled
def _cells(
    rgb8: NDArray[np.uint8], pixels: Pixels, between: Whole, limit: int
) -> tuple[Whole, Whole, Whole]:
    """The cells of the pixels that are inside, as `count` returns them."""
    places = np.full(len(pixels), -1, np.int64)
    n = np.zeros(2 * _N_CELLS, np.int32)
    for i in range(len(pixels)):
        if between[i] >= 0:
            y, x = pixels[i, 0], pixels[i, 1]
            red, green, blue = rgb8[y, x, 0], rgb8[y, x, 1], rgb8[y, x, 2]
            cell = ((red >> _SHIFT) * _SIDE + (green >> _SHIFT)) * _SIDE + (blue >> _SHIFT)
            places[i] = cell + _N_CELLS * (between[i] <= limit)
            n[places[i]] += 1
    cells = np.flatnonzero(n)
    row = np.empty(2 * _N_CELLS, np.int32)
    for k in range(len(cells)):
        row[cells[k]] = k
    sums = np.zeros((len(cells), 3), np.int64)
    for i in range(len(pixels)):
        if places[i] >= 0:
            k = row[places[i]]
            for channel in range(3):
                sums[k, channel] += rgb8[pixels[i, 0], pixels[i, 1], channel]
    return cells, n[cells].astype(np.int64), sums
