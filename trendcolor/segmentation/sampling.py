"""A network's coarse logits as classes and certainty at a photo's own size.

A network answers on a grid of about every fourth pixel of its input. Between the grid's points
logits are interpolated; where all four points around a pixel agree on the class, so does any
mixture of them, so that only pixels near a class boundary are computed: by a compiled loop
(`settling.py`) where numba is installed, else by numpy.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trendcolor.compiling import IS_COMPILED
from trendcolor.segmentation.resizing import resized_part
from trendcolor.segmentation.settling import MIXED, settle
from trendcolor.taxonomy import TOP, LabelMap

Logits = NDArray[np.float32]  # (classes, grid height, grid width)
CertaintyMap = NDArray[np.uint8]  # (height, width): probability of garment, in 255ths
AnyPlane = TypeVar("AnyPlane", NDArray[np.uint8], NDArray[np.float32])  # of Pillow's kinds

_AT_ONCE = 1 << 16  # pixels that are interpolated in one step: memory stays bounded


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a grid's points lie on the network's input along one side.

    Networks of segmentation-models-pytorch put the first and last point on the first and last
    pixel (`corners`); those of transformers put each point in the middle of the pixels it is of.
    """

    points: int
    length: int  # of the input, pixels
    corners: bool

    def places(self, size: int) -> NDArray[np.float64]:
        """For each of a photo's `size` pixels along this side its place between the points."""
        scale, offset = self.line(size)
        return np.clip(np.arange(size) * scale + offset, 0, self.points - 1)

    def line(self, size: int) -> tuple[float, float]:
        """Scale and offset from a photo's pixel number to a place on the grid."""
        if self.corners and self.length > 1:
            step = (self.points - 1) / (self.length - 1)
            return self.length / size * step, (self.length / size - 1) / 2 * step
        return self.points / size, (self.points / size - 1) / 2


def classes_at(logits: Logits, rows: Grid, columns: Grid, size: tuple[int, int]) -> LabelMap:
    """The likeliest class of each pixel of a photo, logits interpolated bilinearly.

    Args:
        logits: On the grid's points. Not modified.
        rows: Where the grid's rows lie on the network's input.
        columns: Where its columns lie.
        size: The photo's height and width.

    Returns:
        Class ids, shape `size`.

    Guarantees, each held by tests/test_segmentation_sampling.py:
        The same as interpolating all logits at each pixel and taking the largest.
    """
    y, x = _corners(rows, size[0]), _corners(columns, size[1])
    winner = logits.argmax(0).astype(np.uint8)
    labels: LabelMap = _agreed(winner).take(y.low, axis=0).take(x.low, axis=1)
    points = np.ascontiguousarray(np.moveaxis(logits, 0, -1)).reshape(-1, len(logits))
    if IS_COMPILED:
        settle(labels, points, columns.points, (y.low, y.high, y.beyond), (x.low, x.high, x.beyond))
        return labels
    flat = labels.reshape(-1)
    mixed = np.flatnonzero(flat == MIXED)
    for start in range(0, len(mixed), _AT_ONCE):
        some = mixed[start : start + _AT_ONCE]
        row, column = np.divmod(some, size[1])
        flat[some] = _interpolated(points, columns.points, y.at(row), x.at(column)).argmax(1)
    return labels


def certainty_at(logits: Logits, rows: Grid, columns: Grid, size: tuple[int, int]) -> CertaintyMap:
    """The probability that each pixel of a photo is garment, in 255ths.

    Computed on the grid's points and interpolated between them.

    Args:
        logits: On the grid's points. Not modified.
        rows: Where the grid's rows lie on the network's input.
        columns: Where its columns lie.
        size: The photo's height and width.
    """
    garment = np.clip(_probabilities(logits)[TOP:].sum(0), 0, 1)
    plane = np.rint(garment * 255).astype(np.uint8)
    if IS_COMPILED:
        return resized_part(plane, size, _span(rows, size[0]), _span(columns, size[1]))
    return _enlarged(plane, rows, columns, size)


def likely_at(logits: Logits, rows: Grid, columns: Grid, size: tuple[int, int]) -> Logits:
    """The probability of each class at each pixel of a photo.

    Computed on the grid's points and interpolated between them.

    Args:
        logits: On the grid's points. Not modified.
        rows: Where the grid's rows lie on the network's input.
        columns: Where its columns lie.
        size: The photo's height and width.

    Returns:
        Probabilities, shape (classes, *size).
    """
    return np.stack([_enlarged(plane, rows, columns, size) for plane in _probabilities(logits)])


def _probabilities(logits: Logits) -> Logits:
    likely = np.exp(logits - logits.max(0))
    return np.asarray(likely / likely.sum(0), np.float32)


def _enlarged(plane: AnyPlane, rows: Grid, columns: Grid, size: tuple[int, int]) -> AnyPlane:
    """One value a grid point as one a pixel, interpolated bilinearly."""
    left, right = _span(columns, size[1])
    top, bottom = _span(rows, size[0])
    wide = Image.fromarray(plane).resize(
        (size[1], len(plane)), Image.Resampling.BILINEAR, box=(left, 0, right, len(plane))
    )
    large = wide.resize(
        (size[1], size[0]), Image.Resampling.BILINEAR, box=(0, top, size[1], bottom)
    )
    enlarged: AnyPlane = np.asarray(large)
    return enlarged


def _span(grid: Grid, size: int) -> tuple[float, float]:
    """The part of the grid that the photo covers, in Pillow's box coordinates."""
    scale, offset = grid.line(size)
    start = offset + 0.5 - scale / 2
    return max(0.0, start), min(float(grid.points), start + scale * size)


@dataclass(frozen=True, slots=True, eq=False)
class _Corners:
    """For pixels along one side: the grid point before each, and how far beyond it they are."""

    low: NDArray[np.intp]
    beyond: NDArray[np.float32]  # 0..1
    points: int

    def at(self, pixels: NDArray[np.intp]) -> "_Corners":
        return _Corners(self.low[pixels], self.beyond[pixels], self.points)

    @property
    def high(self) -> NDArray[np.intp]:
        return np.minimum(self.low + 1, self.points - 1)


def _corners(grid: Grid, size: int) -> _Corners:
    places = grid.places(size)
    low = np.minimum(places.astype(np.intp), max(0, grid.points - 2))
    return _Corners(low, (places - low).astype(np.float32), grid.points)


def _agreed(winner: LabelMap) -> LabelMap:
    """For each cell of the grid the class of its four corners, or 255 where they differ."""
    right = np.concatenate([winner[:, 1:], winner[:, -1:]], axis=1)
    same_right = winner == right
    below = np.concatenate([winner[1:], winner[-1:]])
    same = same_right & np.concatenate([same_right[1:], same_right[-1:]]) & (winner == below)
    return np.where(same, winner, np.uint8(MIXED))


def _interpolated(points: NDArray[np.float32], width: int, y: _Corners, x: _Corners) -> Logits:
    above, below = y.low * width, y.high * width
    across, down = x.beyond[:, None], y.beyond[:, None]
    upper = points[above + x.low]
    upper += (points[above + x.high] - upper) * across
    lower = points[below + x.low]
    lower += (points[below + x.high] - lower) * across
    mixed: Logits = upper + (lower - upper) * down
    return mixed
