"""Which person of a photo wears a pixel: people who stand apart are told apart by place alone."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from trendcolor.taxonomy import ACCESSORY, SKIN, LabelMap

_FLOOR = 0.05  # of the largest region: a smaller one is a part of the nearest person
_MOST = 255  # wearers in one photo; a further region joins the nearest
_TOUCHING = np.ones((3, 3), bool)  # corners touch too

WearerMap = NDArray[np.uint8]  # (height, width): wearer + 1, and 0 where nobody is


def wearer_map(labels: LabelMap) -> WearerMap:
    """Number the people of a photo who stand apart.

    A person region is a connected set of skin, hair and garment pixels. Regions below 5 % of the
    largest (a lone shoe, a hand behind a bag) join the nearest region that is large enough.
    People who touch count as one.

    Args:
        labels: Class ids, shape (height, width). Not modified.

    Returns:
        The wearer's number plus one for each pixel of a person, 0 elsewhere. Wearer 0 is the
        largest region; equal ones count from the top.
    """
    person = (labels >= SKIN) & (labels <= ACCESSORY)
    regions, n_regions = ndimage.label(person, _TOUCHING)
    if n_regions == 0:
        return np.zeros(labels.shape, np.uint8)
    sizes = np.bincount(regions.ravel(), minlength=n_regions + 1)[1:]
    order = np.argsort(-sizes, kind="stable") + 1
    n_large = min(int((sizes >= _FLOOR * sizes.max()).sum()), _MOST)
    wearer = np.zeros(n_regions + 1, np.uint8)
    wearer[order[:n_large]] = np.arange(1, n_large + 1)
    if n_large < n_regions:
        small = order[n_large:]
        wearer[small] = _nearest_wearer(regions, wearer, small)
    numbered: WearerMap = wearer[regions]
    return numbered


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
