"""One photo against its truth, as figures that add up over photos."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from trendcolor.color.regions import resample
from trendcolor.config import ColorConfig
from trendcolor.evaluation.curve import CertaintyCounts, count_certainty, no_certainty
from trendcolor.evaluation.leak import Leaks, leaks_of, no_leaks
from trendcolor.evaluation.pictures import Picture, picture_of, worst
from trendcolor.evaluation.strata import Strata, in_strata, no_strata, strata_of
from trendcolor.images.decode import Photo
from trendcolor.segmentation.confusion import Confusion, confusion, no_confusion
from trendcolor.segmentation.segmenter import Segmentation
from trendcolor.taxonomy import IGNORE, LabelMap

BAND = 3  # pixels on each side of a true boundary that the second scoring leaves out


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One photo with what is true of it and what the segmenter makes of it, at full size."""

    id: str
    photo: Photo
    true: LabelMap  # (height, width)
    predicted: LabelMap  # (height, width)
    certainty: NDArray[np.uint8]  # (height, width), probability of garment in 255ths


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scores:
    """What is counted of photos. It adds up and doesn't grow with them."""

    photos: int
    whole: Confusion  # every labelled pixel
    away_from_edges: Confusion  # without a band of `BAND` pixels along true boundaries
    strata: Strata
    leaks: Leaks
    certainty: CertaintyCounts
    worst: tuple[Picture, ...]  # at most `pictures.KEPT`

    def __add__(self, other: "Scores") -> "Scores":
        return Scores(
            photos=self.photos + other.photos,
            whole=self.whole + other.whole,
            away_from_edges=self.away_from_edges + other.away_from_edges,
            strata=self.strata + other.strata,
            leaks=self.leaks + other.leaks,
            certainty=self.certainty + other.certainty,
            worst=worst(self.worst + other.worst),
        )


def no_scores() -> Scores:
    """No photo yet: the zero that sums start from."""
    return Scores(
        photos=0,
        whole=no_confusion(),
        away_from_edges=no_confusion(),
        strata=no_strata(),
        leaks=no_leaks(),
        certainty=no_certainty(),
        worst=(),
    )


def score_photo(compared: Compared, config: ColorConfig, *, may_show: bool) -> Scores:
    """Score one photo.

    Args:
        compared: The photo with its maps. Not modified.
        config: How colors are found, for the leak meter.
        may_show: Whether photo pixels may be kept for the page.

    Guarantees, each held by tests/test_evaluation_scores.py:
        Scores of photos add up to those of all of them, whatever the order. Without `may_show`
        no pixel of the photo is kept.
    """
    photo, true, predicted = compared.photo, compared.true, compared.predicted
    height, width = photo.rgb.shape[:2]
    small_true = resample(true, height, width)
    found = Segmentation(
        resample(predicted, height, width), resample(compared.certainty, height, width)
    )
    counted = confusion(true, predicted)
    shown = photo.rgb if may_show else None
    return Scores(
        photos=1,
        whole=counted,
        away_from_edges=confusion(without_edges(true), predicted),
        strata=in_strata(strata_of(photo.rgb, small_true), counted),
        leaks=leaks_of(photo, small_true, found, config),
        certainty=count_certainty(true, compared.certainty),
        worst=worst([picture_of(compared.id, counted, true, predicted, shown)]),
    )


def without_edges(true: LabelMap) -> LabelMap:
    """The map with a band of `BAND` pixels on each side of every boundary set to 255."""
    size = 2 * BAND + 1
    near = ndimage.minimum_filter(true, size) != ndimage.maximum_filter(true, size)
    return np.where(near, np.uint8(IGNORE), true)
