"""The loops over pixels of `counts.py`, compiled: the same answers, many times faster."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trendcolor.compiling import compiled

_SHIFT = 3
_SIDE = 256 >> _SHIFT
_N_CELLS = _SIDE**3
_BLOCK = 64  # cells that are passed over together where none holds a pixel
_FAR = 2
_OUTSIDE = 255  # of a pixel that isn't counted; no pixel lies farther between others than 127
# Knuth's multiplicative hash (The Art of Computer Programming 3, 6.4), for words of 32 bits.
_SCATTER, _WORD = 2654435761, 2**32

Regions = NDArray[np.uint16]
Runs = NDArray[np.int32]  # (n, 4): number of the garment, row, first column and past the last
Bytes = NDArray[np.uint8]
Places = NDArray[np.uint32]  # pixels: row times the photo's width, plus column
Depths = NDArray[np.uint16]
Counts = NDArray[np.int32]
Whole = NDArray[np.int64]
Pairs = tuple[tuple[Any, Any], tuple[Any, Any]]

_FARTHEST = 2**31


@compiled
def count(
    rgb8: Bytes, regions: Regions, n: int, enough: int, erode: int, clear: float
) -> tuple[Counts, Counts, Whole]:
    """Count the pixels of all garments by color, of about each k-th where there are enough.

    Args:
        rgb8: The photo, shape (h, w, 3). Not modified.
        regions: The number of the garment at each pixel, 1 to n, shape (h, w). Not modified.
        n: The highest number.
        enough: How many pixels of one garment are looked at, about, where it has more.
        erode: How many pixels come off the edge, less where under a fifth would be left.
        clear: Which part of the pixels, those least between two colors first, shows the cloth.

    Returns:
        Garment by garment, the cells that hold pixels, rising, those of clear pixels higher by
        32768; how many pixels each holds and the sums of their channels, shape (m, 4); and where
        each garment's cells start, shape (n + 1,).
    """
    runs = _runs(regions)
    places, starts = _sample(runs, n, enough, regions.shape[1])
    depths = _depths(regions, runs, max(erode, _FAR)).reshape(-1)
    blends = _blends(rgb8, runs).reshape(-1)
    cells, held = np.empty(len(places), np.int32), np.empty((len(places), 4), np.int32)
    tally = np.zeros((2 * _N_CELLS, 4), np.int32)
    has_some = np.zeros(2 * _N_CELLS // _BLOCK, np.bool_)
    bounds = np.zeros(n + 1, np.int64)
    for number in range(n):
        own = places[starts[number] : starts[number + 1]]
        between = _between(rgb8, regions, own, depths, blends, erode)
        _add(rgb8.reshape(-1, 3), own, between, _limit(between, clear), tally, has_some)
        first = bounds[number]
        bounds[number + 1] = first + _take(tally, has_some, cells[first:], held[first:])
    return cells[: bounds[n]].copy(), held[: bounds[n]].copy(), bounds


@compiled
def _runs(regions: Regions) -> Runs:
    """Neighbors in a row that are of one garment, in reading order."""
    height, width = regions.shape
    runs, n = np.empty((1024, 4), np.int32), 0
    is_new, ends = np.zeros(-(-(width + 1) // 8) * 8, np.bool_), np.empty(width + 8, np.int32)
    is_new[width] = True
    for row in range(height):
        if n + width > len(runs):
            runs = np.concatenate((runs, np.empty((n + width, 4), np.int32)))
        start = 0
        for k in range(_ends(regions[row], is_new, ends)):
            number = regions[row, start]
            if number:
                runs[n, 0], runs[n, 1], runs[n, 2], runs[n, 3] = number, row, start, ends[k]
                n += 1
            start = ends[k]
    return runs[:n]


@compiled
def _ends(line: Regions, is_new: NDArray[np.bool_], ends: Counts) -> int:
    """Where runs of a row end; how many they are.

    Args:
        line: The row. Not modified.
        is_new: Gets which pixels are other than the one before. Past the last is one that is.
        ends: Gets the places; some more than the row has pixels.
    """
    own, before, new = line[1:], line[:-1], is_new[1 : len(line)]
    for i in range(len(own)):
        new[i] = own[i] != before[i]
    eights = is_new.view(np.uint64)
    n = 0
    for k in range(len(eights)):
        if eights[k] != 0:
            for column in range(8 * k, 8 * k + 8):
                ends[n] = column
                n += is_new[column]
    return n


@compiled
def _sample(runs: Runs, n: int, enough: int, width: int) -> tuple[Places, Whole]:
    """The pixels of each garment, about each k-th where there are more than enough.

    Rows and columns are counted from the middle of the garment, so that a mirrored photo has the
    same pixels taken; each row begins elsewhere, so that no weave keeps step with them.

    Args:
        runs: Of all garments.
        n: The highest number.
        enough: How many pixels of one garment are taken, about, where it has more.
        width: The photo's.

    Returns:
        Garment by garment; and where each garment's start, shape (n + 1,).
    """
    sizes, boxes = _extents(runs, n)
    steps = np.maximum(-(-sizes // enough), 1)
    taken = np.zeros(n + 1, np.int64)
    for run in runs:
        for first, stop in _spans(run, boxes[run[0]], steps[run[0]]):
            taken[run[0]] += max(-((first - stop) // steps[run[0]]), 0)
    starts = np.cumsum(taken)
    places = np.empty(starts[n], np.uint32)
    free = starts.copy()
    for run in runs:
        before = run[0] - 1
        for first, stop in _spans(run, boxes[run[0]], steps[run[0]]):
            for column in range(first, stop, steps[run[0]]):
                places[free[before]] = run[1] * width + column
                free[before] += 1
    return places, starts


@compiled
def _extents(runs: Runs, n: int) -> tuple[Whole, Whole]:
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
def _spans(run: Runs, twice: Whole, step: int) -> Pairs:
    """Where in a run pixels are taken: the first and past the last, left and right of the middle.

    Args:
        run: One of `_runs`.
        twice: Twice the row and the column of the garment's middle.
        step: One of so many columns is taken.
    """
    _, row, start, stop = run
    if step == 1:
        return ((np.int64(start), np.int64(stop)), (np.int64(stop), np.int64(stop)))
    offset = (abs(2 * row - twice[0]) // 2 * _SCATTER % _WORD >> 16) % step
    left, right = twice[1] // 2, (twice[1] + 1) // 2
    middle = min(max(start, right), stop)
    first = start + (left + offset - start) % step
    second = middle + (right - offset - middle) % step
    return ((first, middle), (second, np.int64(stop)))


@compiled
def _depths(regions: Regions, runs: Runs, most: int) -> Depths:
    """How far each pixel lies inside its garment, in steps up, down, left and right; 0 at its edge.

    Args:
        regions: The number of the garment at each pixel. Not modified.
        runs: Of all garments.
        most: Where it ends: of pixels farther inside, this number.
    """
    height, width = regions.shape
    depths = np.zeros(regions.shape, np.uint16)
    is_deep = np.empty(width, np.uint16)
    for number, row, start, stop in runs:
        if 0 < row < height - 1 and stop - start > 2:
            up, down = regions[row - 1, start + 1 :], regions[row + 1, start + 1 :]
            depth = depths[row, start + 1 : stop - 1]
            for i in range(len(depth)):
                depth[i] = (up[i] == number) & (down[i] == number)
    for level in range(1, most):
        for _, row, start, stop in runs:
            if 0 < row < height - 1 and stop - start > 2:
                up, down = depths[row - 1, start + 1 :], depths[row + 1, start + 1 :]
                before, after = depths[row, start:], depths[row, start + 2 :]
                depth = depths[row, start + 1 : stop - 1]
                for i in range(len(depth)):
                    least = min(min(up[i], down[i]), min(before[i], after[i]))
                    is_deep[i] = (depth[i] == level) & (least >= level)
                for i in range(len(depth)):
                    depth[i] += is_deep[i]
    return depths


@compiled
def _blends(rgb8: Bytes, runs: Runs) -> Bytes:
    """How far each pixel lies between its neighbors, if it is deep enough to have them all.

    Row after row, which is far quicker than pixel after pixel. Of other pixels it's anything.

    Args:
        rgb8: The photo, shape (h, w, 3). Not modified.
        runs: Of all garments.

    Returns:
        Shape (h, w).
    """
    height, width = rgb8.shape[:2]
    rows = rgb8.reshape(height, 3 * width)
    blends, channels = np.empty((height, width), np.uint8), np.empty(3 * width, np.uint8)
    for _, row, start, stop in runs:
        left, right = max(start, _FAR), min(stop, width - _FAR)
        if _FAR <= row < height - _FAR and left < right:
            first, last = 3 * left, 3 * right
            most, own = channels[: last - first], rows[row, first:last]
            most[:] = 0
            for far in range(1, _FAR + 1):
                _blend(most, rows[row - far, first:last], own, rows[row + far, first:last])
                aside = 3 * far
                _blend(most, rows[row, first - aside :], own, rows[row, first + aside :])
            for i in range(right - left):
                blends[row, left + i] = max(most[3 * i], most[3 * i + 1], most[3 * i + 2])
    return blends


@compiled
def _blend(most: Bytes, before: Bytes, own: Bytes, after: Bytes) -> None:
    """Raise to how far values lie between those before and after."""
    for i in range(len(most)):
        low, high = min(before[i], after[i]), max(before[i], after[i])
        least = np.uint8(min(np.uint8(own[i] - low), np.uint8(high - own[i])))
        least = np.uint8(least * (low <= own[i]) * (own[i] <= high))
        most[i] = max(most[i], least)


@compiled
def _between(
    rgb8: Bytes,
    regions: Regions,
    places: Places,
    depths: Depths,
    blends: Bytes,
    erode: int,
) -> Bytes:
    """How far each pixel of one garment lies between two of its neighbors; see `counts.py`.

    Args:
        rgb8: The photo, shape (h, w, 3). Not modified.
        regions: The number of the garment at each pixel, shape (h, w). Not modified.
        places: The garment's. Not modified.
        depths: As of `_depths`, of all pixels in a row. Not modified.
        blends: As of `_blends`, of all pixels in a row. Not modified.
        erode: How many pixels come off the edge.

    Returns:
        In steps of 8 bits; 255 of a pixel that comes off.
    """
    width = regions.shape[1]
    least = _least_depth(places, depths, erode)
    between = np.empty(len(places), np.uint8)
    for i in range(len(places)):
        place = places[i]
        if depths[place] < least:
            between[i] = _OUTSIDE
        elif depths[place] >= _FAR:
            between[i] = blends[place]
        else:
            between[i] = _between_near(rgb8, regions, np.int64(place) // width, place % width)
    return between


@compiled
def _least_depth(places: Places, depths: Depths, erode: int) -> int:
    """How deep pixels must lie, so that a fifth of them is left."""
    n = np.zeros(erode + 1, np.int64)
    for i in range(len(places)):
        n[min(depths[places[i]], erode)] += 1
    least, left = 0, len(places) - n[0]
    while least < erode and 5 * left >= len(places):
        least += 1
        left -= n[least]
    return least


@compiled
def _between_near(rgb8: Bytes, regions: Regions, y: int, x: int) -> np.int32:
    """Of one pixel near the edge of its garment: what lies outside takes no part."""
    height, width = regions.shape
    number = regions[y, x]
    most = np.int32(0)
    for far in range(1, _FAR + 1):
        for is_down in range(2):
            down, right = far * is_down, far * (1 - is_down)
            top, left, bottom, end = y - down, x - right, y + down, x + right
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
def _limit(between: Bytes, clear: float) -> int:
    """What so large a part of the pixels that are inside does not exceed."""
    n = np.zeros(256, np.int64)
    for i in range(len(between)):
        n[between[i]] += 1
    n[_OUTSIDE] = 0
    rank = np.int64(clear * (n.sum() - 1))
    return int(np.searchsorted(np.cumsum(n), rank, side="right"))


@compiled
def _add(
    pixels: Bytes,
    places: Places,
    between: Bytes,
    limit: int,
    tally: Counts,
    has_some: NDArray[np.bool_],
) -> None:
    """Add the pixels of one garment that are inside to the tally of cells.

    Args:
        pixels: The photo's, shape (h * w, 3). Not modified.
        places: The garment's. Not modified.
        between: As of `_between`, of each. Not modified.
        limit: What clear pixels don't exceed.
        tally: Of each cell, pixels and the sums of their channels, shape (65536, 4).
        has_some: Which blocks of cells hold any.
    """
    for i in range(len(places)):
        if between[i] != _OUTSIDE:
            red, green, blue = pixels[places[i], 0], pixels[places[i], 1], pixels[places[i], 2]
            cell = ((red >> _SHIFT) * _SIDE + (green >> _SHIFT)) * _SIDE + (blue >> _SHIFT)
            cell += _N_CELLS * (between[i] <= limit)
            tally[cell, 0] += 1
            tally[cell, 1] += red
            tally[cell, 2] += green
            tally[cell, 3] += blue
            has_some[cell // _BLOCK] = True


@compiled
def _take(tally: Counts, has_some: NDArray[np.bool_], cells: Counts, held: Counts) -> int:
    """Move the cells that hold pixels out of the tally, rising; how many they are."""
    n = 0
    for block in np.flatnonzero(has_some):
        has_some[block] = False
        for cell in range(block * _BLOCK, (block + 1) * _BLOCK):
            if tally[cell, 0]:
                cells[n] = cell
                held[n] = tally[cell]
                tally[cell] = 0
                n += 1
    return n
