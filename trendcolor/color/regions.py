"""Which garment each pixel belongs to, and which of its pixels can be trusted.

Whole photos are looked at by compiled loops (`numbering.py`) where numba is installed, else by
numpy; the answers are the same.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.counts import Regions
from trendcolor.color.spaces import Mask
from trendcolor.compiling import IS_COMPILED
from trendcolor.config import ColorConfig
from trendcolor.segmentation.sampling import CertaintyMap
from trendcolor.taxonomy import CLASSES, LabelMap, is_garment

if IS_COMPILED:
    from trendcolor.color import numbering

_TRUSTED_LEAST = 0.2  # of a garment's pixels; where fewer are trusted, all are read


@dataclass(frozen=True, slots=True)
class Size:
    """Of a photo's file, upright, pixels."""

    height: int
    width: int


def count_pixels(labels: LabelMap, wearers: NDArray[np.uint8], size: Size) -> NDArray[np.int64]:
    """Garment pixels at full size by wearer and class, shape (n wearers, 13).

    Labels of a smaller size stand for the pixels that they cover at full size.

    Args:
        labels: Class ids, shape (h, w). Not modified.
        wearers: Wearer + 1 of each pixel, shape (h, w). Not modified.
        size: Of the photo's file.
    """
    if IS_COMPILED:
        tall, wide = _covered(size.height, labels.shape[0]), _covered(size.width, labels.shape[1])
        return numbering.count(_whole(labels), _whole(wearers), tall, wide)
    inside = np.flatnonzero(is_garment(labels))
    wearer = wearers.ravel()[inside].astype(np.int64) - 1
    cells = wearer * len(CLASSES) + labels.ravel()[inside]
    n_cells = (int(wearer.max(initial=-1)) + 1) * len(CLASSES)
    if labels.shape == (size.height, size.width):
        return np.bincount(cells, minlength=n_cells).reshape(-1, len(CLASSES))
    rows, columns = np.divmod(inside, labels.shape[1])
    tall, wide = _covered(size.height, labels.shape[0]), _covered(size.width, labels.shape[1])
    counts = np.bincount(cells, weights=tall[rows] * wide[columns], minlength=n_cells)
    return np.rint(counts).astype(np.int64).reshape(-1, len(CLASSES))


def number_regions(
    labels: LabelMap,
    wearers: NDArray[np.uint8],
    numbers: NDArray[np.uint16],
    opaque: Mask | None,
) -> Regions:
    """The number of the garment at each pixel, 0 where none is, shape (h, w).

    Args:
        labels: Class ids, shape (h, w). Not modified.
        wearers: Wearer + 1 of each pixel, shape (h, w). Not modified.
        numbers: By wearer + 1 and class, shape (256, 256); 0 for a garment that is not read.
        opaque: Which pixels are seen, shape (h, w); None: all. Not modified.
    """
    if IS_COMPILED:
        return _seen(numbering.number(_whole(labels), _whole(wearers), numbers), opaque)
    is_read = is_garment(labels) if opaque is None else is_garment(labels) & opaque
    inside = np.flatnonzero(is_read)
    regions = np.zeros(labels.shape, np.uint16)
    regions.ravel()[inside] = numbers[wearers.ravel()[inside], labels.ravel()[inside]]
    return regions


def _seen(regions: Regions, opaque: Mask | None) -> Regions:
    """The regions without what is transparent."""
    return regions if opaque is None else regions * opaque


def trusted_regions(regions: Regions, certainty: CertaintyMap, config: ColorConfig) -> Regions:
    """The part of each garment whose color can be trusted: where it is certain to be garment.

    A garment that is nowhere certain enough is read as a whole.

    Args:
        regions: The number of the garment at each pixel, from 1, shape (h, w). Not modified.
        certainty: Probability of garment in 255ths, shape (h, w). Not modified.
        config: How certain is certain enough.
    """
    enough = math.ceil(config.trust * 255)
    if IS_COMPILED:
        return numbering.trust(regions, _whole(certainty), enough, _TRUSTED_LEAST)
    inside = np.flatnonzero(regions)
    number = regions.ravel()[inside]
    is_certain = certainty.ravel()[inside] >= enough
    n = int(number.max(initial=0)) + 1
    certain = np.bincount(number[is_certain], minlength=n)
    is_enough = certain >= _TRUSTED_LEAST * np.bincount(number, minlength=n)
    taken = is_certain | ~is_enough[number]
    trusted = np.zeros_like(regions)
    trusted.ravel()[inside[taken]] = number[taken]
    return trusted


def resample(labels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """A map of ids at another size, each pixel the id of the nearest sample."""
    if labels.shape == (height, width):
        return labels
    rows, columns = _source(height, labels.shape[0]), _source(width, labels.shape[1])
    return labels[rows[:, None], columns]


def _whole(ids: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A map as compiled loops know it: for each other kind of array they would be made anew."""
    return np.ascontiguousarray(ids)


def _covered(length: int, of: int) -> NDArray[np.int64]:
    """How many of `length` pixels each of `of` samples is the nearest of."""
    if length == of:
        return np.ones(of, np.int64)
    return np.bincount(_source(length, of), minlength=of)


def _source(length: int, of: int) -> NDArray[np.int64]:
    """For each of `length` pixels the nearest of `of` samples."""
    return ((2 * np.arange(length, dtype=np.int64) + 1) * of) // (2 * length)
