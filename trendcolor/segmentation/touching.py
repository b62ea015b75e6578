"""Whether a person region holds several people: two heads stand out of its outline.

Read from the label map alone: from where hair, headwear and skin lie, never from a face.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from trendcolor.taxonomy import ACCESSORY, HAIR, HEADWEAR, SKIN, LabelMap

# A patch is a head where it is the topmost in this part of its columns: a hand before a coat is
# not. This and the sizes below are chosen on single people and pairs of CCP's training photos;
# benchmarks/wearers.py measures them on others.
_TOPMOST = 0.5
_CONNECTED = np.ones((3, 3), bool)  # corners touch too

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Sign:
    """What heads are told by."""

    classes: tuple[int, ...]
    least: float  # pixels of a head by those of the largest one: a smaller patch is none
    may_be_cut: bool  # whether a patch at the photo's upper edge counts


_SIGNS = (
    _Sign((HAIR, HEADWEAR), least=0.05, may_be_cut=True),
    # Bald heads. At the upper edge of a photo of legs, bare legs look like them.
    _Sign((SKIN, HAIR, HEADWEAR, ACCESSORY), least=0.2, may_be_cut=False),
)


def is_several(labels: LabelMap, region: Mask) -> bool:
    """Whether a person region probably holds several people.

    A head is a patch of hair and headwear, or of these and skin, that stands out of the outline.
    Two heads are two people's where the outline between them falls below the middle of both. Two
    strands of one person's hair have that person's face or hat between them.

    Args:
        labels: Class ids, shape (height, width); row 0 is the photo's upper edge. Not modified.
        region: The pixels of one connected person region, at least one. Not modified.
    """
    outline = np.where(region.any(axis=0), region.argmax(axis=0), len(region) - 1)
    return any(_are_apart(_heads(labels, region, outline, sign), outline) for sign in _SIGNS)


def _heads(
    labels: LabelMap, region: Mask, outline: NDArray[np.intp], sign: _Sign
) -> NDArray[np.float64]:
    """The middles of the heads, (n, 2): column, row; from left to right."""
    patches, n = ndimage.label(region & np.isin(labels, sign.classes), _CONNECTED)
    if n < 2:
        return np.empty((0, 2))
    places = ndimage.find_objects(patches)
    widths = np.array([columns.stop - columns.start for _, columns in places])
    tops = np.array([rows.start for rows, _ in places])
    at_outline = patches[outline, np.arange(len(outline))]
    topmost = np.bincount(at_outline, minlength=n + 1)[1:]
    pixels = np.bincount(patches.ravel())[1:]
    is_head = (topmost >= _TOPMOST * widths) & ((tops > 0) | sign.may_be_cut)
    is_head &= pixels >= sign.least * pixels[is_head].max(initial=0)
    rows, columns = np.nonzero(patches)
    patch = patches[rows, columns] - 1
    middles = np.stack([np.bincount(patch, columns), np.bincount(patch, rows)], axis=1)
    heads: NDArray[np.float64] = (middles / pixels[:, None])[is_head]
    return heads[np.argsort(heads[:, 0], kind="stable")]


def _are_apart(heads: NDArray[np.float64], outline: NDArray[np.intp]) -> bool:
    """Whether the outline falls below the middles of two heads between them."""
    return any(
        outline[round(one[0]) : round(other[0]) + 1].max() > max(one[1], other[1])
        for one, other in combinations(heads, 2)
    )
