"""Finding a ColorChecker in a photo: flat pieces that lie in a grid, and have the chart's colors.

Even pieces with straight sides are looked for, grown into a grid from neighbor to neighbor, so that
perspective does not matter, and a grid counts only if the colors in it are those of the chart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from trendcolor.color.chart import COLUMNS, ROWS, ChartReading, homography, project, read_chart
from trendcolor.color.spaces import FloatArray, Mask, Rgb8

# The photo is looked at with at most so many pixels along its longer side, and with half of them.
_LONGER_SIDE = 1600
# Pieces are even where the color changes by less than this, 8-bit steps a pixel: the lower ones
# part patches from their surround, the higher ones bear noise. Pieces of all are taken together.
_EVENNESS = (4.0, 8.0, 13.0, 20.0)
_SAME = 0.3  # nearer than this, in square roots of the smaller's area, two pieces are one
_LEAST_AREA, _MOST_AREA = 16, 1 / 24  # of a piece: pixels, fraction of the photo
# Area over that of a parallelogram with the same second moments: 1 for any parallelogram, 0.87
# for a triangle, 1.05 for an ellipse, less for what is ragged.
_SHAPE = (0.9, 1.12)
_MOST_SLENDER = 9.0  # ratio of the moments along a piece and across
_NEIGHBORS = 8  # of a piece that may be the next in the grid
_SIZES = 2.5  # ratio of areas of neighbors, at most
_STEP = (0.95, 2.6)  # from a piece to the next, in square roots of its area
_OFF = 0.3  # how far from its place in the grid a piece may lie, in steps
_LEAST_PIECES = 9  # of a grid that may be a chart


@dataclass(frozen=True, slots=True, eq=False)
class FoundChart:
    """A chart that a photo shows."""

    corners: FloatArray  # (4, 2), of the field of patches, x and y in pixels, clockwise
    reading: ChartReading


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Even pieces of a photo."""

    center: FloatArray  # (n, 2), x and y in pixels
    area: FloatArray  # (n,), pixels


def find_chart(rgb8: Rgb8, most_error: float, seen: Mask | None = None) -> FoundChart | None:
    """The ColorChecker Classic that a photo shows, the one that fits best if it shows several.

    Args:
        rgb8: The photo, shape (h, w, 3), 8-bit sRGB. Not modified.
        most_error: The largest `ChartReading.error` that still is a chart.
        seen: Shape (h, w), pixels that are not transparent; None: all. Not modified.

    Returns:
        None where no grid of pieces has the colors of a chart.

    Guarantees, each held by tests/test_color_checker.py:
        A photo without a chart has none. The chart may be turned, and seen from the side.
    """
    factor = max(1, -(-max(rgb8.shape[:2]) // _LONGER_SIDE))
    pieces = _distinct([*_all_pieces(rgb8, factor), *_all_pieces(rgb8, 2 * factor)])
    found = [
        FoundChart(corners, reading)
        for corners in _grids(pieces)
        if (reading := read_chart(rgb8, corners, seen)) is not None and reading.error <= most_error
    ]
    return min(found, key=lambda one: one.reading.error, default=None)


def _all_pieces(rgb8: Rgb8, factor: int) -> Iterator[_Pieces]:
    """The pieces of a shrunk photo for each evenness, in pixels of the whole photo."""
    if min(rgb8.shape[:2]) < 8 * factor:
        return
    change = _change(_shrunk(rgb8, factor))
    for evenness in _EVENNESS:
        found = _pieces(change < evenness)
        yield _Pieces(found.center * factor + (factor - 1) / 2, found.area * factor**2)


def _distinct(some: Sequence[_Pieces]) -> _Pieces:
    """Pieces that were found several times, once: as large as they were found."""
    if not some:
        return _Pieces(np.empty((0, 2)), np.empty(0))
    center = np.concatenate([pieces.center for pieces in some])
    area = np.concatenate([pieces.area for pieces in some])
    order = np.argsort(-area, kind="stable")
    center, area = center[order], area[order]
    if not len(area):
        return _Pieces(center, area)
    keep = np.ones(len(area), bool)
    for i, near in enumerate(cKDTree(center).query_ball_point(center, _SAME * np.sqrt(area))):
        if keep[i]:
            others = np.array([other for other in near if other > i], dtype=np.intp)
            off = np.linalg.norm(center[others] - center[i], axis=1)
            keep[others[off < _SAME * np.sqrt(area[others])]] = False
    return _Pieces(center[keep], area[keep])


def _shrunk(rgb8: Rgb8, factor: int) -> FloatArray:
    """The mean of each square of pixels, float32."""
    height, width = (length // factor * factor for length in rgb8.shape[:2])
    squares = rgb8[:height, :width].reshape(height // factor, factor, width // factor, factor, 3)
    return np.asarray(squares.mean(axis=(1, 3), dtype=np.float32))


def _change(small: FloatArray) -> FloatArray:
    """How much the color changes from pixel to pixel, the most of the three channels."""
    smooth = ndimage.gaussian_filter(small, (1.2, 1.2, 0))
    steps = (ndimage.sobel(smooth, axis=axis) / 8 for axis in (0, 1))
    return np.asarray(np.hypot(*steps).max(axis=2))


def _pieces(is_even: Mask) -> _Pieces:
    """The connected even pieces that are about parallelograms."""
    labels, n = ndimage.label(is_even)
    rows, columns = np.nonzero(labels)
    index = labels[rows, columns] - 1
    area = np.bincount(index, minlength=n).astype(float)
    area = np.maximum(area, 1)
    x, y = (np.bincount(index, weights=values, minlength=n) / area for values in (columns, rows))
    dx, dy = columns - x[index], rows - y[index]
    xx, yy, xy = (
        np.bincount(index, weights=values, minlength=n) / area + extra
        for values, extra in ((dx * dx, 1 / 12), (dy * dy, 1 / 12), (dx * dy, 0))
    )
    determinant = np.maximum(xx * yy - xy * xy, 1e-9)
    shape = area / (12 * np.sqrt(determinant))
    half, root = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy * xy)
    slender = (half + root) / np.maximum(half - root, 1e-9)
    keep = (area >= _LEAST_AREA) & (area <= _MOST_AREA * is_even.size) & (slender < _MOST_SLENDER)
    keep &= (shape > _SHAPE[0]) & (shape < _SHAPE[1])
    return _Pieces(np.stack([x, y], axis=1)[keep], area[keep])


def _grids(pieces: _Pieces) -> Iterator[FloatArray]:
    """The corners of each field of 4 x 6 cells that pieces lie in, shape (4, 2)."""
    if len(pieces.area) < _LEAST_PIECES:
        return
    tree = cKDTree(pieces.center)
    done: set[int] = set()
    for seed in range(len(pieces.area)):
        if seed in done:
            continue
        grids = [_grown(pieces, tree, seed, steps) for steps in _bases(pieces, tree, seed)]
        # A skewed way to step through the same pieces holds as many, but fewer in one field.
        best = max(grids, key=_most_in_a_field, default={})
        if _most_in_a_field(best) >= _LEAST_PIECES:
            done |= best.keys()
            yield from _fields(pieces, best)


def _most_in_a_field(places: dict[int, tuple[int, int]]) -> int:
    """How many pieces of a grid the fullest field holds; 0 for a grid that is too small."""
    if len(places) < _LEAST_PIECES:
        return 0
    cells = np.array(list(places.values()))
    return max(int(np.count_nonzero(inside)) for *_, inside in _windows(cells))


def _bases(pieces: _Pieces, tree: cKDTree, seed: int) -> Iterator[FloatArray]:
    """Pairs of steps from a piece to two neighbors, in two directions; rows of shape (2, 2)."""
    n = min(_NEIGHBORS + 1, len(pieces.area))
    near = tree.query(pieces.center[seed], n)[1][1:]
    size = np.sqrt(pieces.area[seed])
    step = pieces.center[near] - pieces.center[seed]
    length = np.linalg.norm(step, axis=1) / size
    ratio = pieces.area[near] / pieces.area[seed]
    fits = (length > _STEP[0]) & (length < _STEP[1]) & (ratio < _SIZES) & (ratio > 1 / _SIZES)
    step = step[fits]
    for i, one in enumerate(step):
        for other in step[i + 1 :]:
            across = one[0] * other[1] - one[1] * other[0]
            if abs(across) > 0.6 * np.linalg.norm(one) * np.linalg.norm(other):
                yield np.stack([one, other] if across > 0 else [other, one])


def _grown(
    pieces: _Pieces, tree: cKDTree, seed: int, steps: FloatArray
) -> dict[int, tuple[int, int]]:
    """The pieces of a grid with their places in it, from one of them outwards.

    Steps are measured anew at each piece, since they shrink with distance.
    """
    places = {seed: (0, 0)}
    local = {seed: steps}
    taken = {(0, 0)}
    queue = [seed]
    while queue:
        piece = queue.pop(0)
        for axis, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
            step = sign * local[piece][axis]
            place = _moved(places[piece], axis, sign)
            if place in taken or max(map(abs, place)) >= COLUMNS:
                continue
            off, found = tree.query(pieces.center[piece] + step)
            ratio = pieces.area[found] / pieces.area[piece]
            fits = off < _OFF * np.linalg.norm(step) and 1 / _SIZES < ratio < _SIZES
            if not fits or found in places:
                continue
            known = local[piece].copy()
            known[axis] = sign * (pieces.center[found] - pieces.center[piece])
            # Along a plane that recedes steps shrink as the square of those across.
            known[1 - axis] *= np.sqrt(np.linalg.norm(known[axis]) / np.linalg.norm(step))
            places[found], local[found] = place, known
            taken.add(place)
            queue.append(found)
    return places


def _moved(place: tuple[int, int], axis: int, sign: int) -> tuple[int, int]:
    return (place[0] + sign, place[1]) if axis == 0 else (place[0], place[1] + sign)


def _fields(pieces: _Pieces, places: dict[int, tuple[int, int]]) -> Iterator[FloatArray]:
    """The fields of 4 x 6 or 6 x 4 cells that hold the most pieces of a grid."""
    cells = np.array(list(places.values()))
    centers = pieces.center[list(places)]
    most = _most_in_a_field(places)
    for low, size, inside in _windows(cells):
        if np.count_nonzero(inside) < most:
            continue
        if np.ptp(cells[inside], axis=0).min() < 1:
            continue  # one line of pieces doesn't tell a plane
        matrix = _plane((cells[inside] - low).astype(float), centers[inside])
        square = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], dtype=float) - 0.5
        yield project(matrix, square)


def _plane(cells: FloatArray, centers: FloatArray) -> FloatArray:
    """The map from a grid's cells to the photo, without the pieces that fit it worst.

    A dark patch may run into the frame beside it, so that its middle is not the patch's.
    """
    matrix = homography(cells, centers)
    off = np.linalg.norm(project(matrix, cells) - centers, axis=1)
    good = off <= 2 * np.median(off) + 0.5
    spread = good.any() and np.ptp(cells[good], axis=0).min() >= 1
    enough = np.count_nonzero(good) >= _LEAST_PIECES
    return homography(cells[good], centers[good]) if spread and enough else matrix


def _windows(
    cells: NDArray[np.intp],
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], Mask]]:
    """Where a field may begin in a grid, how large it is, and which cells it holds."""
    for size in (np.array([COLUMNS, ROWS]), np.array([ROWS, COLUMNS])):
        first = np.minimum(cells.min(axis=0), cells.max(axis=0) - size + 1)
        last = np.maximum(cells.min(axis=0), cells.max(axis=0) - size + 1)
        for u in range(first[0], last[0] + 1):
            for v in range(first[1], last[1] + 1):
                low = np.array([u, v])
                yield low, size, ((cells >= low) & (cells < low + size)).all(axis=1)
