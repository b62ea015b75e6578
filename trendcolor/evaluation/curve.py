"""Purity against recall of garments, over thresholds of the segmenter's certainty.

Certainty is the probability that a pixel is garment, in 255ths. A count of pixels by certainty
adds up over photos, and each figure here follows from it.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.errors import ShapeError
from trendcolor.taxonomy import IGNORE, LabelMap, is_garment

_LEVELS = 256  # certainties of 8 bits
_BINS = 10  # of the calibration table
# Purities that are worth a row: garments are read for color, where a tenth of background shows.
WANTED_PURITY = (0.9, 0.95, 0.97, 0.98, 0.99)


@dataclass(frozen=True, slots=True, eq=False)
class CertaintyCounts:
    """Labelled pixels by certainty, 0 to 255; they add up over photos."""

    garment: NDArray[np.int64]  # (256,), pixels that truly are garment
    rest: NDArray[np.int64]  # (256,), the others

    def __add__(self, other: "CertaintyCounts") -> "CertaintyCounts":
        return CertaintyCounts(self.garment + other.garment, self.rest + other.rest)

    def curve(self) -> pl.DataFrame:
        """Garment against rest where pixels from a certainty on count as garment.

        Returns:
            256 rows: `threshold` (0..1), `purity`, `recall` and `iou` (0..1, NaN where not
            defined), `garment` and `rest` (pixels of that certainty, from which all follows).

        Guarantees, each held by tests/test_evaluation_curve.py:
            Recall falls and begins with 1, wherever there is a garment.
        """
        hits, false = _from_level(self.garment), _from_level(self.rest)
        return pl.DataFrame(
            {
                "threshold": np.arange(_LEVELS) / (_LEVELS - 1),
                "purity": _ratios(hits, hits + false),
                "recall": _ratios(hits, hits[:1]),
                "iou": _ratios(hits, hits[:1] + false),
                "garment": self.garment,
                "rest": self.rest,
            }
        )

    def recall_at_purity(self) -> pl.DataFrame:
        """What each of `WANTED_PURITY` costs: the highest recall at which it is reached.

        Returns:
            `wanted_purity`, `threshold`, `purity`, `recall`; null where no threshold reaches it.
        """
        curve = self.curve().fill_nan(None)
        rows = []
        for wanted in WANTED_PURITY:
            reached = curve.filter(pl.col("purity") >= wanted, pl.col("recall") > 0)
            best = reached.sort("recall", descending=True, maintain_order=True).head(1)
            rows.append((wanted, *(best.select("threshold", "purity", "recall").rows() or [()])[0]))
        names = ("wanted_purity", "threshold", "purity", "recall")
        full = [row + (None,) * (len(names) - len(row)) for row in rows]
        return pl.DataFrame(full, dict.fromkeys(names, pl.Float64), orient="row")

    def calibration(self) -> pl.DataFrame:
        """Whether a certainty is what it says: of pixels at .7, seven in ten should be garment.

        Returns:
            10 rows: `low` and `high` of the certainty, `pixels`, and `certainty` (mean) and
            `observed` (the fraction that truly is garment), NaN where there is no pixel.
        """
        level = np.arange(_LEVELS)
        edges = np.arange(1, _BINS) / _BINS
        bins = np.searchsorted(edges, level / (_LEVELS - 1), side="right")
        all_pixels = self.garment + self.rest
        pixels = np.bincount(bins, weights=all_pixels, minlength=_BINS)
        certainty = np.bincount(bins, weights=all_pixels * level, minlength=_BINS) / (_LEVELS - 1)
        return pl.DataFrame(
            {
                "low": np.arange(_BINS) / _BINS,
                "high": np.arange(1, _BINS + 1) / _BINS,
                "pixels": pixels.astype(np.int64),
                "certainty": _ratios(certainty, pixels),
                "observed": _ratios(np.bincount(bins, self.garment, _BINS), pixels),
            }
        )

    @property
    def calibration_error(self) -> float:
        """The expected calibration error over the bins of `calibration`; NaN without pixels.

        Naeini, Cooper and Hauskrecht, AAAI 2015.
        """
        table = self.calibration().filter(pl.col("pixels") > 0)
        pixels, certainty, observed = (
            table[name].to_numpy() for name in ("pixels", "certainty", "observed")
        )
        total = pixels.sum()
        apart = np.abs(certainty - observed) * pixels
        return float(apart.sum() / total) if total else float("nan")


def no_certainty() -> CertaintyCounts:
    """Nothing counted yet: the zero that sums start from."""
    return CertaintyCounts(np.zeros(_LEVELS, np.int64), np.zeros(_LEVELS, np.int64))


def count_certainty(true: LabelMap, certainty: NDArray[np.uint8]) -> CertaintyCounts:
    """Count one photo's pixels; those whose true label is 255 are left out.

    Args:
        true: Class ids, shape (h, w). Not modified.
        certainty: Probability of garment in 255ths, shape (h, w). Not modified.

    Raises:
        ShapeError: the two are not of one size.
    """
    if true.shape != certainty.shape:
        raise ShapeError(f"true map is {true.shape}, certainty {certainty.shape}")
    garment = is_garment(true)
    rest = ~garment & (true != IGNORE)
    return CertaintyCounts(
        np.bincount(certainty[garment], minlength=_LEVELS).astype(np.int64),
        np.bincount(certainty[rest], minlength=_LEVELS).astype(np.int64),
    )


def _from_level(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each level the pixels of that level and above."""
    return np.cumsum(counts[::-1])[::-1]


def _ratios(
    parts: NDArray[np.integer] | NDArray[np.floating],
    wholes: NDArray[np.integer] | NDArray[np.floating],
) -> NDArray[np.float64]:
    wholes = np.broadcast_to(wholes, parts.shape)
    ratios = np.full(parts.shape, np.nan)
    np.divide(parts, wholes, out=ratios, where=wholes > 0)
    return ratios
