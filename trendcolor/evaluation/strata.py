"""Photos by what makes them hard: size, body, lightness and contrast of what is worn.

A photo is in one stratum of each view. Its true label map and its pixels decide, never the
prediction, so that two segmenters are compared on the same photos.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import ndimage

from trendcolor.color.spaces import FloatArray, Rgb8, color_difference, srgb_to_lab
from trendcolor.segmentation.confusion import Confusion
from trendcolor.taxonomy import (
    ACCESSORY,
    BACKGROUND,
    CLASSES,
    FOOTWEAR,
    HAIR,
    HEADWEAR,
    IGNORE,
    SKIN,
    LabelMap,
    is_garment,
)

# Garments' share of the photo. Of CCP's 100 validation photos, whole figures at the photo's height,
# eight in ten have from 0.13 to 0.23: the smaller stand back, the larger are wide or cropped.
SIZE_STEPS = (0.15, 0.22)
# Mean L* of the garments' pixels. Below 30 the shadows of black cloth lie in the sensor's noise;
# from 60 on, cloth is nearer to white walls and sky than to mid gray.
LIGHTNESS_STEPS = (30.0, 60.0)
# CIEDE2000 between the garments' mean color and that of the background beside them. Below 10 an
# edge is as weak as a fold (two named neighbors of a color chart lie about so far apart); from 30
# on nobody could take one for the other.
CONTRAST_STEPS = (10.0, 30.0)
# How far from a garment background counts as beside it, in pixels of the photo as decoded.
BESIDE = 20
# A part of the body is seen where it has this part of the person's pixels; fewer are strays of the
# labelling. The feet of a whole figure have 0.012 or more in 19 of 20 of those photos.
SEEN = 0.005

VIEWS: Mapping[str, tuple[str, ...]] = {
    "garment size": ("no garment", "small", "middle", "large"),
    "body": ("whole figure", "upper part", "lower part", "middle part", "no person"),
    "lightness": ("no garment", "dark", "middle", "light"),
    "contrast": ("no edge", "low", "middle", "high"),
}
MEANING: Mapping[str, str] = {
    "garment size": "garments' share of the photo: small below {:.0%}, large from {:.0%}".format(
        *SIZE_STEPS
    ),
    "body": "the head is seen where there is hair, headwear or skin above the clothes, the feet "
    "where there is footwear: whole figure has both, upper part the head, lower part the feet, "
    "middle part neither; no person: neither skin nor hair",
    "lightness": "mean L* of the garments: dark below {:g}, light from {:g}".format(
        *LIGHTNESS_STEPS
    ),
    "contrast": "CIEDE2000 between garments and the background within {} pixels of them: low below "
    "{:g}, high from {:g}; no edge: no background there".format(BESIDE, *CONTRAST_STEPS),
}
_PLACES = [(view, stratum) for view, strata in VIEWS.items() for stratum in strata]


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Photos and pixels of each stratum, in the order of `VIEWS`; they add up over photos."""

    photos: NDArray[np.int64]  # (n strata,)
    counts: NDArray[np.int64]  # (n strata, 13, 13), as `Confusion.counts`

    def __add__(self, other: "Strata") -> "Strata":
        return Strata(self.photos + other.photos, self.counts + other.counts)

    def table(self) -> pl.DataFrame:
        """Figures of each stratum that has photos, pooled over its pixels.

        Returns:
            Columns `by`, `stratum`, `photos`, then figures of `Confusion` in 0..1.
        """
        figures = ("garment_purity", "garment_recall", "garment_iou", "background_inside")
        rows = []
        for (view, stratum), photos, counts in zip(_PLACES, self.photos, self.counts, strict=True):
            pooled = Confusion(counts)
            values = [getattr(pooled, name) for name in (*figures, "mean_iou")]
            rows.append((view, stratum, int(photos), *values))
        schema = {"by": pl.String, "stratum": pl.String, "photos": pl.Int64}
        schema |= dict.fromkeys((*figures, "mean_iou"), pl.Float64)
        return pl.DataFrame(rows, schema, orient="row").filter(pl.col("photos") > 0)


def no_strata() -> Strata:
    """No photo yet: the zero that sums start from."""
    n = len(_PLACES)
    return Strata(np.zeros(n, np.int64), np.zeros((n, len(CLASSES), len(CLASSES)), np.int64))


def in_strata(strata: Mapping[str, str], counted: Confusion) -> Strata:
    """One photo's pixels under its strata.

    Args:
        strata: The photo's stratum in each view, as `strata_of` gives it.
        counted: The photo's pixels.
    """
    member = np.array([strata[view] == stratum for view, stratum in _PLACES])
    return Strata(
        member.astype(np.int64), np.where(member[:, None, None], counted.counts, np.int64(0))
    )


def strata_of(rgb8: Rgb8, true: LabelMap) -> Mapping[str, str]:
    """A photo's stratum in each view.

    Args:
        rgb8: The photo, shape (h, w, 3), 8-bit sRGB. Not modified.
        true: Its true label map, shape (h, w). Not modified.

    Guarantees, each held by tests/test_evaluation_strata.py:
        One stratum of each of `VIEWS`, whatever the map holds.
    """
    garment = is_garment(true)
    size = "no garment"
    lightness, contrast = "no garment", "no edge"
    if garment.any():
        share = np.count_nonzero(garment) / np.count_nonzero(true != IGNORE)
        size = _step("garment size", share, SIZE_STEPS)
        worn = _mean_lab(rgb8[garment])
        lightness = _step("lightness", worn[0], LIGHTNESS_STEPS)
        beside = ndimage.maximum_filter(garment, 2 * BESIDE + 1) & (true == BACKGROUND)
        if beside.any():
            difference = float(color_difference(worn, _mean_lab(rgb8[beside])))
            contrast = _step("contrast", difference, CONTRAST_STEPS)
    return {
        "garment size": size,
        "body": _body(true),
        "lightness": lightness,
        "contrast": contrast,
    }


def _step(view: str, value: float, steps: tuple[float, float]) -> str:
    return VIEWS[view][1 + int(np.searchsorted(steps, value, side="right"))]


def _mean_lab(pixels: Rgb8) -> FloatArray:
    return np.asarray(srgb_to_lab(pixels).mean(axis=0, dtype=np.float64))


def _body(true: LabelMap) -> str:
    """How much of a body is seen, by the places of classes alone."""
    person = np.count_nonzero((true >= SKIN) & (true <= ACCESSORY))
    least = max(1.0, SEEN * person)
    pixels = np.bincount(true.ravel(), minlength=IGNORE + 1)
    if pixels[SKIN] + pixels[HAIR] < least:
        return "no person"
    clothes = np.flatnonzero((is_garment(true) & (true != HEADWEAR) & (true != ACCESSORY)).any(1))
    above = np.count_nonzero(true[: clothes[0] if len(clothes) else None] == SKIN)
    has_head = max(pixels[HAIR] + pixels[HEADWEAR], above) >= least
    has_feet = pixels[FOOTWEAR] >= least
    return {
        (True, True): "whole figure",
        (True, False): "upper part",
        (False, True): "lower part",
        (False, False): "middle part",
    }[bool(has_head), bool(has_feet)]
