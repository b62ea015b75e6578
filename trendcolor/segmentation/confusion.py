"""How a predicted label map differs from the true one: pixel counts that add up over photos."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trendcolor.errors import ShapeError
from trendcolor.taxonomy import BACKGROUND, CLASSES, IGNORE, TOP, LabelMap

_N = len(CLASSES)


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Pixels by true class (row) and predicted class (column)."""

    counts: NDArray[np.int64]  # (13, 13)

    def __add__(self, other: "Confusion") -> "Confusion":
        return Confusion(self.counts + other.counts)

    @property
    def garment_purity(self) -> float:
        """Predicted garment that is truly garment, of predicted garment."""
        return _ratio(self.counts[TOP:, TOP:].sum(), self.counts[:, TOP:].sum())

    @property
    def garment_recall(self) -> float:
        """True garment that is predicted garment, of true garment."""
        return _ratio(self.counts[TOP:, TOP:].sum(), self.counts[TOP:].sum())

    @property
    def garment_iou(self) -> float:
        """Garment against rest: intersection over union."""
        both = self.counts[TOP:, TOP:].sum()
        return _ratio(both, self.counts[TOP:].sum() + self.counts[:, TOP:].sum() - both)

    @property
    def background_inside(self) -> float:
        """Predicted garment that is truly background, of predicted garment."""
        return _ratio(self.counts[BACKGROUND, TOP:].sum(), self.counts[:, TOP:].sum())

    @property
    def iou(self) -> NDArray[np.float64]:
        """Intersection over union of each class; NaN where neither map has the class."""
        both = np.diag(self.counts)
        either = self.counts.sum(0) + self.counts.sum(1) - both
        return _ratios(both, either)

    @property
    def purity(self) -> NDArray[np.float64]:
        """Predicted pixels of each class that truly are of it; NaN where none is predicted."""
        return _ratios(np.diag(self.counts), self.counts.sum(0))

    @property
    def recall(self) -> NDArray[np.float64]:
        """True pixels of each class that are predicted as it; NaN where none is true."""
        return _ratios(np.diag(self.counts), self.counts.sum(1))

    @property
    def mean_iou(self) -> float:
        """Mean IoU over the classes that either map has."""
        return float(np.nanmean(self.iou)) if np.isfinite(self.iou).any() else float("nan")


def confusion(true: LabelMap, predicted: LabelMap) -> Confusion:
    """Count one photo's pixels; those whose true label is 255 are left out.

    Raises:
        ShapeError: the maps are not of one size.
    """
    if true.shape != predicted.shape:
        raise ShapeError(f"true map is {true.shape}, predicted map {predicted.shape}")
    known = true != IGNORE
    pairs = true[known].astype(np.int64) * _N + predicted[known]
    return Confusion(np.bincount(pairs, minlength=_N * _N).reshape(_N, _N))


def no_confusion() -> Confusion:
    """Nothing counted yet: the zero that sums start from."""
    return Confusion(np.zeros((_N, _N), np.int64))


def _ratios(parts: NDArray[np.int64], wholes: NDArray[np.int64]) -> NDArray[np.float64]:
    ratios = np.full(_N, np.nan)
    np.divide(parts, wholes, out=ratios, where=wholes > 0)
    return ratios


def _ratio(part: int, whole: int) -> float:
    return float(part / whole) if whole else float("nan")
