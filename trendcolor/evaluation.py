"""Label maps against truth: the segmenter's table."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy import ndimage

from trendcolor.config import Config
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import ConfigError, DataError, PhotoError
from trendcolor.images.decode import read_photo
from trendcolor.pipeline import predict_labels, resample
from trendcolor.segmentation.confusion import Confusion, confusion, no_confusion
from trendcolor.segmentation.network import weights_path
from trendcolor.segmentation.segmenter import load_segmenter
from trendcolor.taxonomy import CLASSES, IGNORE, LabelMap

BAND = 3  # pixels on each side of a true boundary that the second scoring leaves out


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How a segmenter's label maps differ from the data set's own."""

    photos: int
    unreadable: tuple[str, ...]  # photos or label maps that could not be read, with reasons
    weights_hash: str
    whole: Confusion  # every labelled pixel
    away_from_edges: Confusion  # without a band of `BAND` pixels along true boundaries

    def summary(self) -> pl.DataFrame:
        """Figures of garments as a whole: `figure`, `all_pixels`, `away_from_edges`; 0..1."""
        names = {
            "background inside garment area": "background_inside",
            "garment purity": "garment_purity",
            "garment recall": "garment_recall",
            "garment IoU": "garment_iou",
            f"mean IoU, {len(CLASSES)} classes": "mean_iou",
        }
        return pl.DataFrame(
            {
                "figure": list(names),
                "all_pixels": [getattr(self.whole, name) for name in names.values()],
                "away_from_edges": [getattr(self.away_from_edges, name) for name in names.values()],
            }
        )

    def by_class(self) -> pl.DataFrame:
        """Each class: `class`, `iou`, `purity`, `recall`, and its share of the true pixels."""
        true = self.whole.counts.sum(1)
        return pl.DataFrame(
            {
                "class": CLASSES,
                "iou": self.whole.iou,
                "purity": self.whole.purity,
                "recall": self.whole.recall,
                "iou_away_from_edges": self.away_from_edges.iou,
                "true_share": true / max(1, int(true.sum())),
            }
        )

    def markdown(self) -> str:
        """Both tables as Markdown, four decimals."""
        head = (
            f"{self.photos} photos at their own size, weights {self.weights_hash[:12]}. "
            f"Away from edges: without {BAND} pixels on each side of a true boundary.\n"
        )
        faults = "".join(f"\nnot scored: {line}" for line in self.unreadable)
        return "\n".join([head, _markdown(self.summary()), "", _markdown(self.by_class())]) + faults

    def write(self, folder: Path) -> None:
        """Write `evaluation.md` and `evaluation.json` (figures by name, and pixel counts).

        A figure that is not defined, as that of a class that no photo has, is null in the JSON.
        """
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "evaluation.md").write_text(self.markdown() + "\n", encoding="utf-8")
        figures = {
            "photos": self.photos,
            "weights": self.weights_hash,
            "summary": self.summary().fill_nan(None).to_dicts(),
            "classes": self.by_class().fill_nan(None).to_dicts(),
            "counts": self.whole.counts.tolist(),
        }
        (folder / "evaluation.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")


def _markdown(table: pl.DataFrame) -> str:
    def cell(value: object) -> str:
        if isinstance(value, float):
            return "-" if math.isnan(value) else f"{value:.4f}"
        return str(value)

    rows = [table.columns, ["---"] * len(table.columns), *table.rows()]
    return "\n".join(f"| {' | '.join(map(cell, row))} |" for row in rows)


def evaluate(config: Config, photos: Sequence[PhotoRef]) -> Evaluation:
    """Score the segmenter on labelled photos, at each photo's own size.

    Args:
        config: Which weights, and how photos are decoded; screening takes no part.
        photos: With label maps.

    Raises:
        ConfigError: the config takes label maps from the data set instead of the segmenter.
        DataError: no photo has a label map.
        ModelError: the weights can't be read.
    """
    if config.segmentation.source != "model":
        raise ConfigError('segmentation.source must be "model" to evaluate the segmenter')
    labelled = [(ref, ref.labels) for ref in photos if ref.labels is not None]
    if not labelled:
        raise DataError("none of the photos has a label map to compare with")
    segmenter = load_segmenter(weights_path(config.segmentation.weights))
    whole = away = no_confusion()
    unreadable = []
    for ref, labels in labelled:
        try:
            photo = read_photo(ref.path, config.images)
            true = labels.read(photo.height, photo.width)
        except PhotoError as error:
            unreadable.append(f"{ref.id}: {error}")
            continue
        predicted = resample(predict_labels(segmenter, photo), photo.height, photo.width)
        whole += confusion(true, predicted)
        away += confusion(without_edges(true), predicted)
    return Evaluation(
        photos=len(labelled) - len(unreadable),
        unreadable=tuple(unreadable),
        weights_hash=segmenter.sha256,
        whole=whole,
        away_from_edges=away,
    )


def without_edges(true: LabelMap) -> LabelMap:
    """The map with a band of `BAND` pixels on each side of every boundary set to 255."""
    size = 2 * BAND + 1
    near = ndimage.minimum_filter(true, size) != ndimage.maximum_filter(true, size)
    return np.where(near, np.uint8(IGNORE), true)
