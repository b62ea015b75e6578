"""The leak meter: what a mask's faults do to the colors that are read under it.

A palette is found twice in one photo, under the true mask and under the predicted one, in one
light, which is estimated from the true label map. So only the mask differs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linprog

from trendcolor.color.names import name_colors
from trendcolor.color.palette import Palette
from trendcolor.color.regions import trusted_regions
from trendcolor.color.spaces import color_difference, lab_to_srgb
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.config import ColorConfig
from trendcolor.images.decode import Photo
from trendcolor.pipeline import light_of, palettes_of
from trendcolor.segmentation.segmenter import Segmentation
from trendcolor.taxonomy import (
    CLASSES,
    GARMENT_IDS,
    GARMENTS,
    MAIN_GARMENTS,
    LabelMap,
    is_garment,
)

# Differences are counted in steps of this much CIEDE2000, far under the 1 that an eye may see, so
# that what is kept doesn't grow with the photos.
STEP = 0.05
_N_STEPS = 2401  # up to 120; no two colors of sRGB are farther apart
POOLED = "main garments"  # the row over `MAIN_GARMENTS`
NONE = len(
    FAMILIES
)  # the row of `Leaks.families` for invented garments, the column for missed ones


@dataclass(frozen=True, slots=True, eq=False)
class Leaks:
    """Garments by class and by what became of their colors; they add up over photos."""

    main: NDArray[np.int64]  # (10, steps), by CIEDE2000 between the main colors
    palette: NDArray[np.int64]  # (10, steps), by `palette_difference`
    missed: NDArray[np.int64]  # (10,), true garments of which too little is predicted
    invented: NDArray[np.int64]  # (10,), predicted garments of which too little is true
    # (10, 13, 13), by the family of the main color under the true mask (row), in the order of
    # `FAMILIES`, and under the predicted one (column). A predicted garment of a wrong class is
    # beside the true one that it lies on; `NONE` where it lies on none, or nothing is predicted.
    families: NDArray[np.int64]

    def __add__(self, other: "Leaks") -> "Leaks":
        return Leaks(
            self.main + other.main,
            self.palette + other.palette,
            self.missed + other.missed,
            self.invented + other.invented,
            self.families + other.families,
        )

    def main_colors(self) -> pl.DataFrame:
        """Which family a mask makes of which, over all classes of garments.

        Returns:
            A row for each family under the true mask, and one for invented garments; a column
            `right`, and one for each family under the predicted mask, and for missed garments.
        """
        counts = self.families.sum(axis=0)
        columns = {name: counts[:, i] for i, name in enumerate([*FAMILIES, "missed"])}
        return pl.DataFrame({"right": [*FAMILIES, "no such garment"], **columns})

    def table(self) -> pl.DataFrame:
        """How far colors moved, a row for each class of garment, then one for the main garments.

        Returns:
            `garment`; `compared`, `missed` and `invented` (garments, one a class and photo); the
            `main_` and `palette_` difference's `median` and `p90` in CIEDE2000, NaN where none
            is compared. A quantile is the smallest difference that so many garments don't exceed.
        """
        main = np.isin(GARMENTS, MAIN_GARMENTS)
        groups = {name: np.array(GARMENTS) == name for name in GARMENTS} | {POOLED: main}
        return pl.DataFrame(
            [
                {
                    "garment": name,
                    "compared": int(self.main[member].sum()),
                    "missed": int(self.missed[member].sum()),
                    "invented": int(self.invented[member].sum()),
                    "main_median": _quantile(self.main[member], 0.5),
                    "main_p90": _quantile(self.main[member], 0.9),
                    "palette_median": _quantile(self.palette[member], 0.5),
                    "palette_p90": _quantile(self.palette[member], 0.9),
                }
                for name, member in groups.items()
            ]
        )


def no_leaks() -> Leaks:
    """No garment yet: the zero that sums start from."""
    n = len(GARMENTS)
    steps = np.zeros((n, _N_STEPS), np.int64)
    families = np.zeros((n, NONE + 1, NONE + 1), np.int64)
    return Leaks(steps, steps, np.zeros(n, np.int64), np.zeros(n, np.int64), families)


def leaks_of(photo: Photo, true: LabelMap, found: Segmentation, config: ColorConfig) -> Leaks:
    """How far the colors of one photo's garments move under the predicted masks.

    A garment counts where its mask has `config.min_pixels` at the photo's full size.

    Args:
        photo: The photo. Not modified.
        true: Class ids at the size of `photo.rgb`. Not modified.
        found: The segmenter's answer at that size; colors are read where it is certain, as a run
            reads them. Not modified.
        config: How colors are corrected and found.

    Guarantees, each held by tests/test_evaluation_leak.py:
        Where both maps agree, no color moves, and nothing is missed or invented. `families` holds
        each predicted garment once.
    """
    opaque = np.ones(true.shape, bool) if photo.opaque is None else photo.opaque
    light = light_of(photo, true, config)
    least = config.min_pixels * true.size / (photo.width * photo.height)
    seen_true, seen_predicted = (
        np.bincount(labels[opaque], minlength=len(CLASSES)) >= least
        for labels in (true, found.labels)
    )
    leaks = no_leaks()
    main, palette = leaks.main.copy(), leaks.palette.copy()
    ours, theirs = (
        np.where(opaque & is_garment(labels), labels, np.uint8(0)).astype(np.uint16)
        for labels in (true, found.labels)
    )
    known = palettes_of(photo.rgb, ours, light, config)
    read = palettes_of(photo.rgb, trusted_regions(theirs, found.certainty, config), light, config)
    for i, class_id in enumerate(GARMENT_IDS):
        if seen_true[class_id] and seen_predicted[class_id]:
            one, other = known[class_id - 1], read[class_id - 1]
            main[i, _to_step(float(color_difference(one.lab[0], other.lab[0])))] += 1
            palette[i, _to_step(palette_difference(one, other))] += 1
    is_true, is_predicted = (seen[list(GARMENT_IDS)] for seen in (seen_true, seen_predicted))
    missed, invented = is_true & ~is_predicted, is_predicted & ~is_true
    right, measured = _main_colors(known, is_true), _main_colors(read, is_predicted)
    families = _families(right, measured, _covered(ours, theirs))
    return Leaks(main, palette, missed.astype(np.int64), invented.astype(np.int64), families)


def _main_colors(palettes: Sequence[Palette], is_there: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The family of each garment's main color as its place in `FAMILIES`; `NONE` without one.

    Args:
        palettes: By class id, from 1.
        is_there: Which classes of garments count, shape (10,).
    """
    there = np.flatnonzero(is_there)
    found = np.full(len(GARMENTS), NONE)
    if len(there):
        main = np.stack([palettes[GARMENT_IDS[i] - 1].lab[0] for i in there])
        # A color is named as a run stores it, in 8 bits.
        found[there] = [FAMILIES.index(name) for name in name_colors(lab_to_srgb(main)).family]
    return found


def _covered(ours: NDArray[np.uint16], theirs: NDArray[np.uint16]) -> NDArray[np.int64]:
    """For each predicted garment the true one that half of its pixels are of, or -1; (10,)."""
    n = len(CLASSES)
    pairs = np.bincount(ours.ravel().astype(np.int64) * n + theirs.ravel(), minlength=n * n)
    shared = pairs.reshape(n, n)[:, list(GARMENT_IDS)]
    on = shared[list(GARMENT_IDS)]
    return np.where(2 * on.max(axis=0) >= np.maximum(shared.sum(axis=0), 1), on.argmax(axis=0), -1)


def _families(
    right: NDArray[np.int64], measured: NDArray[np.int64], covered: NDArray[np.int64]
) -> NDArray[np.int64]:
    """One photo's garments, as `Leaks.families`.

    A predicted garment that has no true one of its class, but lies on one of another class, is
    that garment under a wrong name: its right color is that of the other.

    Args:
        right: As `_main_colors` gives it of the true masks.
        measured: The same of the predicted masks.
        covered: As `_covered` gives it.
    """
    counts, is_missed = no_leaks().families, (right != NONE) & (measured == NONE)
    for i in np.flatnonzero(measured != NONE):
        under = i if right[i] != NONE else covered[i]
        color = NONE if under < 0 else right[under]
        counts[i, color, measured[i]] = 1
        if under >= 0:
            is_missed[under] = False
    counts[is_missed, right[is_missed], NONE] = 1
    return counts


def palette_difference(one: Palette, other: Palette) -> float:
    """How much color must be moved how far to turn one palette into the other, in CIEDE2000.

    The earth mover's distance (Rubner, Tomasi and Guibas, Int. J. Comput. Vis. 40(2), 2000). It
    moves little where two colors of nearly one share change places, which the difference between
    main colors does not.

    Args:
        one: A palette with at least one color. Not modified.
        other: Another. Not modified.

    Guarantees, each held by tests/test_evaluation_leak.py:
        Zero for a palette and itself, the same both ways round, never more than the largest
        difference between a color of one and a color of the other.
    """
    ground = color_difference(one.lab[:, None], other.lab[None])
    n, m = ground.shape
    leaves, arrives = np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))
    shares = np.concatenate([one.share / one.share.sum(), other.share / other.share.sum()])
    moved = linprog(ground.ravel(), A_eq=np.vstack([leaves, arrives]), b_eq=shares)
    return max(0.0, float(moved.fun))


def _to_step(difference: float) -> int:
    return min(round(difference / STEP), _N_STEPS - 1)


def _quantile(counts: NDArray[np.int64], level: float) -> float:
    """The smallest difference that at least this part of the counted garments don't exceed."""
    reached = np.cumsum(counts.sum(axis=0))
    if not reached[-1]:
        return float("nan")
    rank = ceil(level * int(reached[-1]) - 1e-9)  # 0.9 of 10 is a hair above 9 in binary
    return float(np.searchsorted(reached, rank) * STEP)
