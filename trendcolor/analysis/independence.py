"""How often two colors would meet in a look if garments were put on without regard to color.

Each garment of a look draws its color by itself, from the colors that garments of its class have
in the group. So a look with four garments is expected to show more pairs than one with two, and
that black shoes meet everything is expected, because shoes are black. What a garment's own
palette combines, such as stripes, is expected too: chance is between garments alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_AT_ONCE = 4_000_000  # numbers of a block of pairs: some 30 MB an array
# A color that all garments of a class have: nearly certain, so that its logarithm is a number.
_CERTAIN = 1 - 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of colors; both are the same where two garments must have it."""

    color: IntArray  # (p,), rows of a legend
    other: IntArray  # (p,)

    def __len__(self) -> int:
        return len(self.color)

    def __getitem__(self, rows: slice | NDArray[np.bool_]) -> "Pairs":
        return Pairs(self.color[rows], self.other[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Wardrobe:
    """What looks are made of, counted without each of r groups of the jackknife."""

    kinds: FloatArray  # (k, classes), 1 where a kind of look has a garment of the class
    looks: FloatArray  # (r, k), how many looks are of that kind
    garments: FloatArray  # (r, classes)
    colors: FloatArray  # (r, classes, colors), garments that show a color


def expected(wardrobe: Wardrobe, pairs: Pairs, both: FloatArray | None = None) -> FloatArray:
    """Looks in which the colors of each pair would meet by chance, shape (r, p).

    A look shows a color unless none of its garments does: with p(g) the share of garments of class
    g that show it, 1 - prod(1 - p(g)). Both colors of a pair are shown with the chance of one, plus
    that of the other, less that of either; the same color twice unless none or just one has it.

    Args:
        wardrobe: Of one group of looks. Not modified.
        pairs: Of colors that are columns of `wardrobe.colors`. Not modified.
        both: Garments that show both colors of a pair, shape (r, classes, p); None where each
            garment counts for one color. Not modified.

    Guarantees, each held by tests/test_analysis_independence.py:
        Where each look has two garments of one color each, this is the textbook's product of
        shares, added up both ways round. Never below 0 nor above the number of looks.
    """
    shares = wardrobe.colors / np.maximum(wardrobe.garments, 1)[:, :, None]
    none = _without(wardrobe, np.minimum(shares, _CERTAIN))  # looks that lack each color
    found = np.empty((len(wardrobe.looks), len(pairs)))
    n_looks = wardrobe.looks.sum(axis=1)[:, None]
    for block in _blocks(wardrobe, len(pairs)):
        one, other = pairs.color[block], pairs.other[block]
        is_same = one == other
        either = shares[:, :, one] + shares[:, :, other]
        if both is not None:
            either -= both[:, :, block] / np.maximum(wardrobe.garments, 1)[:, :, None]
        either = np.clip(either, 0, _CERTAIN)  # sums of shares may pass 1 by a last bit
        met = n_looks - none[:, one] - none[:, other] + _without(wardrobe, either)
        if is_same.any():
            same = np.minimum(shares[:, :, one[is_same]], _CERTAIN)
            met[:, is_same] = n_looks - none[:, one[is_same]] - _just_one(wardrobe, same)
        found[:, block] = met
    return np.clip(found, 0, n_looks)


def _without(wardrobe: Wardrobe, shares: FloatArray) -> FloatArray:
    """Looks without what the part `shares` of a class's garments has.

    From (r, classes, n) to (r, n).
    """
    lacks = np.exp(wardrobe.kinds @ np.log1p(-shares))
    return np.asarray((wardrobe.looks[:, None] @ lacks)[:, 0])


def _just_one(wardrobe: Wardrobe, shares: FloatArray) -> FloatArray:
    """Looks just one of whose garments has it, shape (r, n)."""
    lacks = np.exp(wardrobe.kinds @ np.log1p(-shares))
    odds = wardrobe.kinds @ (shares / (1 - shares))
    return np.asarray((wardrobe.looks[:, None] @ (lacks * odds))[:, 0])


def _blocks(wardrobe: Wardrobe, n_pairs: int) -> Iterator[slice]:
    size = max(_AT_ONCE // max(wardrobe.looks.size, 1), 1)
    for start in range(0, n_pairs, size):
        yield slice(start, start + size)
