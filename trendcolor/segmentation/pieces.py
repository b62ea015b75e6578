"""Garments that nobody wears: laid flat, hung or in a catalog, each piece is one garment."""

import numpy as np
from scipy import ndimage

from trendcolor.compiling import IS_COMPILED
from trendcolor.segmentation.connecting import count_between
from trendcolor.taxonomy import (
    ACCESSORY,
    BACKGROUND,
    CLASSES,
    HAIR,
    SKIN,
    TOP,
    LabelMap,
    is_garment,
)

# Skin and hair below this part of the garments mean that nobody wears them. Measured with the
# packaged segmenter: worn clothes have from .067 (100 validation photos of CCP) and from .055 (60
# photos of the lookbook), pieces laid flat a median of .026 (100 photos of clothing_cc0).
_NOBODY = 0.05
_SPECK = 0.05  # of the largest piece: a smaller one is taken for background
_TOUCHING = np.ones((3, 3), bool)  # corners touch too


def is_worn(labels: LabelMap) -> bool:
    """Whether somebody wears the garments of a label map: skin or hair is seen beside them."""
    return _count(labels, SKIN, HAIR) >= _NOBODY * _count(labels, TOP, ACCESSORY)


def _count(labels: LabelMap, first: int, last: int) -> int:
    """How many pixels are of these classes."""
    if IS_COMPILED:
        return count_between(np.ascontiguousarray(labels), first, last)
    return int(np.count_nonzero((labels >= first) & (labels <= last)))


def join_pieces(labels: LabelMap) -> LabelMap:
    """Where nobody wears the clothes, give each connected piece the class that most of it has.

    A network that knows clothes by where they are on a person calls one shirt on a bed top,
    outerwear and dress at once. Where a person is seen, the map comes back as it is.

    Args:
        labels: Class ids, shape (height, width). Not modified.

    Returns:
        Class ids, shape (height, width). Where nobody is seen: pieces of one class each on
        background, without those smaller than 5 % of the largest.
    """
    if is_worn(labels):  # as it is where there is no garment
        return labels
    garment = is_garment(labels)
    pieces, n_pieces = ndimage.label(garment, _TOUCHING)
    cells = pieces.astype(np.int64) * len(CLASSES) + labels
    counts = np.bincount(cells[garment], minlength=(n_pieces + 1) * len(CLASSES))
    counts = counts.reshape(n_pieces + 1, len(CLASSES))
    sizes = counts.sum(axis=1)
    classes = np.where(sizes >= _SPECK * sizes.max(), counts.argmax(axis=1), BACKGROUND)
    joined: LabelMap = classes.astype(np.uint8)[pieces]
    return joined
