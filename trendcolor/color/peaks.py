"""The loops of `evidence.py` over a grid of cells, whose peaks are surfaces, compiled.

The grid is one row of cells. Two empty ones stand before and behind each axis, so that of two
lines no sum over three cells to either side touches both: neighbors are found without asking where
a line ends. Only what lies beside places, one cell on, is right; farther out sums run together.
"""

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.spaces import FloatArray
from trendcolor.compiling import compiled

Cells = NDArray[np.int32]  # (n,), numbers of cells
_PAD = 2  # empty cells before and behind
_REACH = 3  # cells to either side that are summed


@compiled
def find_peaks(
    places: FloatArray,
    limits: FloatArray,
    side: FloatArray,
    weights: FloatArray,
    least: float,
) -> tuple[FloatArray, FloatArray]:
    """Medians of the places in and around cells that are peaks, and how many those are.

    A peak is a cell that, smoothed, holds no fewer than its 26 neighbors.

    Args:
        places: Shape (3, n), n at least 1. Not modified.
        limits: The least and the greatest place of each axis that are told apart, shape (2, 3).
        side: A cell's width along each axis, shape (3,).
        weights: Of a cell itself and of those one, two and three away along an axis, in smoothing.
        least: How many a peak and its neighbors hold.

    Returns:
        The medians, shape (k, 3), in the order of cells; and what each peak and its neighbors hold.
    """
    flat, shape = _cells(places, limits, side, least)
    if shape.min() == 0:
        return np.empty((0, 3)), np.empty(0)
    strides = np.array([shape[1] * shape[2], shape[2], 1])
    far = _REACH * strides[0]  # beyond the grid's ends
    count = np.zeros(shape[0] * strides[0] + 2 * far)
    for cell in flat:
        if cell >= 0:
            count[far + cell] += 1
    sums, spare = np.zeros_like(count), np.zeros_like(count)
    _blur(count, np.array([1.0, 1.0, 0.0, 0.0]), strides, spare, sums)
    peaks, held = _full(sums[far:], shape, strides, least)
    _blur(count, weights, strides, spare, sums)
    n = _keep_highest(sums[far:], strides, peaks, held)
    peaks, held = peaks[:n], held[:n].copy()
    return _medians(places, flat, count[far:], peaks, strides), held


@compiled
def _cells(
    places: FloatArray, limits: FloatArray, side: FloatArray, least: float
) -> tuple[Cells, NDArray[np.int64]]:
    """The cell of each place on a grid, -1 where it is far from all peaks; and the grid's shape.

    A peak's layer across an axis and the two beside it hold at least as many as the peak and its
    neighbors, and nothing beyond its neighbors' reach has a say.
    """
    n = places.shape[1]
    flat, cells = np.zeros(n, np.int32), np.empty(n, np.int32)
    shape = np.zeros(3, np.int64)
    for axis in range(3):
        low, high, width = limits[0, axis], limits[1, axis], side[axis]
        layers = np.zeros(int((high - low) / width) + 3, np.int64)
        line = places[axis]
        for i in range(n):  # np.divide does not ask whether the width is 0, place by place
            cells[i] = np.int32(np.divide(min(max(line[i], low), high) - low, width))
        for cell in cells:
            layers[cell + 1] += 1
        first, last = len(layers), -1
        for layer in range(1, len(layers) - 1):
            if layers[layer - 1] + layers[layer] + layers[layer + 1] >= least:
                first, last = min(first, layer), layer
        if last < 0:
            return flat, np.zeros(3, np.int64)
        lowest = np.int32(max(first - _REACH - 2, 0))
        highest = np.int32(min(last + _REACH, len(layers) - 3))
        shape[axis] = highest - lowest + 1 + 2 * _PAD
        before, length = np.int32(_PAD - lowest), np.int32(shape[axis])
        for i in range(n):
            cell = cells[i]
            is_out = (flat[i] < 0) | (cell < lowest) | (cell > highest)
            flat[i] = np.int32(-1) if is_out else flat[i] * length + (cell + before)
    return flat, shape


@compiled
def _blur(
    count: FloatArray,
    weights: FloatArray,
    strides: NDArray[np.int64],
    spare: FloatArray,
    blurred: FloatArray,
) -> None:
    """Weighted sums along each axis, one axis after another; all arrays end in zeros."""
    _blur_axis(count, weights, strides[0], blurred)
    _blur_axis(blurred, weights, strides[1], spare)
    _blur_axis(spare, weights, strides[2], blurred)


@compiled
def _blur_axis(values: FloatArray, weights: FloatArray, step: int, sums: FloatArray) -> None:
    """Weighted sums along one axis; the farthest pair is added first, as scipy does."""
    own, near, second, third = weights[0], weights[1], weights[2], weights[3]
    n = len(values) - 2 * _REACH * step
    a, b, c, d = values, values[step:], values[2 * step :], values[3 * step :]
    e, f, g = values[4 * step :], values[5 * step :], values[6 * step :]
    inner = sums[_REACH * step :]
    for i in range(n):
        far = d[i] * own + (a[i] + g[i]) * third
        inner[i] = far + (b[i] + f[i]) * second + (c[i] + e[i]) * near


@compiled
def _full(
    around: FloatArray, shape: NDArray[np.int64], strides: NDArray[np.int64], least: float
) -> tuple[NDArray[np.int64], FloatArray]:
    """The cells that with their neighbors hold enough, in order; and what they hold."""
    cells, held = np.empty(len(around), np.int64), np.empty(len(around))
    n = 0
    for i in range(_PAD, shape[0] - _PAD):
        for j in range(_PAD, shape[1] - _PAD):
            first = i * strides[0] + j * strides[1] + _PAD
            for cell in range(first, first + shape[2] - 2 * _PAD):
                if around[cell] >= least:
                    cells[n], held[n] = cell, around[cell]
                    n += 1
    return cells[:n], held[:n]


@compiled
def _keep_highest(
    smooth: FloatArray, strides: NDArray[np.int64], cells: NDArray[np.int64], held: FloatArray
) -> int:
    """Move those cells to the front that have no higher neighbor; and how many they are."""
    n = 0
    for i in range(len(cells)):
        high = 0.0
        for above in range(-strides[0], strides[0] + 1, strides[0]):
            for aside in range(-strides[1], strides[1] + 1, strides[1]):
                middle = cells[i] + above + aside
                high = max(high, smooth[middle - 1], smooth[middle], smooth[middle + 1])
        if smooth[cells[i]] == high:
            cells[n], held[n] = cells[i], held[i]
            n += 1
    return n


@compiled
def _medians(
    places: FloatArray,
    flat: Cells,
    count: FloatArray,
    peaks: NDArray[np.int64],
    strides: NDArray[np.int64],
) -> FloatArray:
    """The median of the places in the 27 cells around each peak, shape (k, 3)."""
    sorted_places, ends = _sorted(places, flat, count, peaks, strides)
    found, values = np.empty((len(peaks), 3)), np.empty(len(flat))
    edges = np.zeros(4, np.int64)  # where the layers of nine cells across an axis begin and end
    for p in range(len(peaks)):
        for axis in range(3):
            step, aside, along = strides[axis], strides[axis - 1], strides[axis - 2]
            n = 0
            for layer in range(3):
                first = peaks[p] + (layer - 1) * step - aside - along
                for one in range(first, first + 2 * aside + 1, aside):
                    for cell in range(one, one + 2 * along + 1, along):
                        for i in range(ends[cell] - np.int64(count[cell]), ends[cell]):
                            values[n] = sorted_places[axis, i]
                            n += 1
                edges[layer + 1] = n
            found[p, axis] = _median(values, edges)
    return found


@compiled
def _sorted(
    places: FloatArray,
    flat: Cells,
    count: FloatArray,
    peaks: NDArray[np.int64],
    strides: NDArray[np.int64],
) -> tuple[FloatArray, NDArray[np.int32]]:
    """The places in and around peaks, cell by cell; and where each such cell's end."""
    ends = np.full(len(count), -1, np.int32)
    n = np.int32(0)
    for peak in peaks:
        for above in range(-strides[0], strides[0] + 1, strides[0]):
            for aside in range(-strides[1], strides[1] + 1, strides[1]):
                for cell in range(peak + above + aside - 1, peak + above + aside + 2):
                    if ends[cell] < 0:
                        ends[cell] = n
                        n += np.int32(count[cell])
    placed = np.empty((3, n))
    for i in range(len(flat)):
        end = ends[flat[i]] if flat[i] >= 0 else np.int32(-1)
        if end >= 0:
            for axis in range(3):
                placed[axis, end] = places[axis, i]
            ends[flat[i]] = end + 1
    return placed, ends


@compiled
def _median(values: FloatArray, edges: NDArray[np.int64]) -> float:
    """The median of values in layers, each of which has none below those of the layers before."""
    low, high = (edges[3] - 1) // 2, edges[3] // 2
    first = 0
    while edges[first + 1] <= low:
        first += 1
    last = first
    while edges[last + 1] <= high:
        last += 1
    middle = values[edges[first] : edges[last + 1]]
    low, high = low - edges[first], high - edges[first]
    _select(middle, low)
    if high == low:
        return float(middle[low])
    return float((middle[low] + middle[high:].min()) / 2)


@compiled
def _select(values: FloatArray, rank: int) -> None:
    """Put the value of a rank where it belongs, none above it before it, none below it behind.

    Hoare, Commun. ACM 4(7), 1961.
    """
    low, high = 0, len(values) - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if rank <= j:
            high = j
        elif rank >= i:
            low = i
        else:
            return
