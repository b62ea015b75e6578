"""Which person of a photo wears a pixel: people who stand apart are told apart by place alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from trendcolor.compiling import IS_COMPILED
from trendcolor.segmentation.connecting import connect, painted
from trendcolor.segmentation.pieces import is_worn
from trendcolor.segmentation.touching import is_several
from trendcolor.taxonomy import ACCESSORY, SKIN, LabelMap

_FLOOR = 0.05  # of the largest region: a smaller one is a part of the nearest person
_MOST = 255  # wearers in one photo; a further region joins the nearest
_TOUCHING = np.ones((3, 3), bool)  # corners touch too
_FINE = 256  # samples of a map's longer side at which heads are looked for

WearerMap = NDArray[np.uint8]  # (height, width): wearer + 1, and 0 where nobody is


@dataclass(frozen=True, slots=True, eq=False)
class Wearers:
    """The people of a photo who stand apart; wearer 0 has the largest region."""

    map: WearerMap
    sizes: NDArray[np.int64]  # (n,), pixels of each one's region without parts that joined; falls
    is_touching: NDArray[np.bool_]  # (n,), whether it is probably several people who touch


def find_wearers(labels: LabelMap) -> Wearers:
    """Number the people of a photo who stand apart.

    A person region is a connected set of skin, hair and garment pixels. Regions below 5 % of the
    largest (a lone shoe, a hand behind a bag) join the nearest region that is large enough.
    People who touch count as one, and are told by `touching.py`.

    Args:
        labels: Class ids, shape (height, width). Not modified.

    Returns:
        The wearers by size; equal ones count from the top.
    """
    regions, pixels = _connected(labels)
    sizes = pixels[1:]
    if not len(sizes):
        nobody = np.zeros(labels.shape, np.uint8)
        return Wearers(nobody, np.zeros(0, np.int64), np.zeros(0, np.bool_))
    order = np.argsort(-sizes, kind="stable") + 1
    n_large = min(int((sizes >= _FLOOR * sizes.max()).sum()), _MOST)
    wearer = np.zeros(len(pixels), np.uint8)
    wearer[order[:n_large]] = np.arange(1, n_large + 1)
    is_touching = _touching(labels, regions, wearer)
    if n_large < len(sizes):
        small = order[n_large:]
        wearer[small] = _nearest_wearer(regions, wearer, small)
    return Wearers(_painted(regions, wearer), sizes[order[:n_large] - 1], is_touching)


def _connected(labels: LabelMap) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The number of the person region at each pixel, from 1 in reading order, and their pixels.

    Number 0 is for pixels of nobody.
    """
    if IS_COMPILED:
        return connect(np.ascontiguousarray(labels), SKIN, ACCESSORY)
    regions, n = ndimage.label((labels >= SKIN) & (labels <= ACCESSORY), _TOUCHING)
    return regions, np.bincount(regions.ravel(), minlength=n + 1)


def _painted(regions: NDArray[np.int32], wearer: NDArray[np.uint8]) -> WearerMap:
    """The wearer of each pixel's region."""
    return painted(regions, wearer) if IS_COMPILED else wearer[regions]


def find_bystanders(labels: LabelMap, wearers: Wearers, fraction: float) -> NDArray[np.bool_]:
    """Which wearers are people in the background: small ones beside somebody large.

    Where nobody wears the clothes, or the label map has neither skin nor hair, nobody is a
    bystander: a small region is a piece of its own, such as a belt laid beside a coat.

    Args:
        labels: Class ids that the wearers were found in. Not modified.
        wearers: The wearers.
        fraction: Of the largest wearer's pixels, 0..1; a smaller one is a bystander.

    Returns:
        A flag for each wearer, shape (n,).
    """
    is_small = wearers.sizes < fraction * wearers.sizes.max(initial=0)
    return is_small if is_small.any() and is_worn(labels) else np.zeros_like(is_small)


def _touching(
    labels: LabelMap, regions: NDArray[np.int32], wearer: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """For each wearer whether its own region, without parts that join, is several people."""
    step = -(-max(labels.shape) // _FINE)
    sampled = (slice(step // 2, None, step), slice(step // 2, None, step))
    coarse, large = labels[sampled], wearer[regions[sampled]]
    is_touching = np.zeros(int(wearer.max()), np.bool_)
    for number, place in enumerate(ndimage.find_objects(large)):
        if place is not None:
            below_edge = (slice(0, place[0].stop), place[1])
            is_touching[number] = is_several(coarse[below_edge], large[below_edge] == number + 1)
    return is_touching


def _nearest_wearer(
    regions: NDArray[np.int32], wearer: NDArray[np.uint8], small: NDArray[np.intp]
) -> NDArray[np.uint8]:
    """For each small region the wearer whose region comes nearest to it."""
    if wearer.max() == 1:
        return np.ones(len(small), np.uint8)
    large = wearer[regions]
    inside = ndimage.minimum_filter(large, size=3) == ndimage.maximum_filter(large, size=3)
    edge = np.argwhere((large > 0) & ~inside)
    tree = cKDTree(edge)
    places = ndimage.find_objects(regions)
    nearest = np.empty(len(small), np.uint8)
    for i, region in enumerate(small):
        rows, columns = places[region - 1]
        corner = np.array([rows.start, columns.start])
        pixels = np.argwhere(regions[rows, columns] == region) + corner
        distances, found = tree.query(pixels)
        nearest[i] = large[tuple(edge[found[np.argmin(distances)]])]
    return nearest
