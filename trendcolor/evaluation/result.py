"""The answers of an evaluation: tables, files and a page."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from trendcolor.color.vocabularies import FAMILIES
from trendcolor.evaluation.leak import NONE, STEP
from trendcolor.evaluation.page import PageContents, chart, render_page
from trendcolor.evaluation.scores import BAND, Scores
from trendcolor.evaluation.strata import MEANING
from trendcolor.evaluation.tables import Table
from trendcolor.taxonomy import CLASSES, GARMENTS, MAIN_GARMENTS

# Every so many of the 256 thresholds has a row in the printed table: fifths of the probability.
_PRINTED = 51
_SUMMARY = {
    "background inside garment area": "background_inside",
    "garment purity": "garment_purity",
    "garment recall": "garment_recall",
    "garment IoU": "garment_iou",
    f"mean IoU, {len(CLASSES)} classes": "mean_iou",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How a segmenter's label maps differ from the data set's own, and what that costs."""

    weights_hash: str
    unreadable: tuple[str, ...]  # photos or label maps that could not be read, with reasons
    scores: Scores

    def summary(self) -> pl.DataFrame:
        """Figures of garments as a whole: `figure`, `all_pixels`, `away_from_edges`; 0..1."""
        whole, away = self.scores.whole, self.scores.away_from_edges
        return pl.DataFrame(
            {
                "figure": list(_SUMMARY),
                "all_pixels": [getattr(whole, name) for name in _SUMMARY.values()],
                "away_from_edges": [getattr(away, name) for name in _SUMMARY.values()],
            }
        )

    def by_class(self) -> pl.DataFrame:
        """Each class: `class`, `iou`, `purity`, `recall`, and its share of the true pixels."""
        whole = self.scores.whole
        true = whole.counts.sum(1)
        return pl.DataFrame(
            {
                "class": CLASSES,
                "iou": whole.iou,
                "purity": whole.purity,
                "recall": whole.recall,
                "iou_away_from_edges": self.scores.away_from_edges.iou,
                "true_share": true / max(1, int(true.sum())),
            }
        )

    def by_stratum(self) -> pl.DataFrame:
        """The figures by kind of photo, as `Strata.table`."""
        return self.scores.strata.table()

    def leaks(self) -> pl.DataFrame:
        """What the masks do to colors, as `Leaks.table`."""
        return self.scores.leaks.table()

    def main_colors(self) -> pl.DataFrame:
        """Which family the masks make of which, as `Leaks.main_colors`."""
        return self.scores.leaks.main_colors()

    def curve(self) -> pl.DataFrame:
        """Purity and recall at each threshold of certainty, as `CertaintyCounts.curve`."""
        return self.scores.certainty.curve()

    def recall_at_purity(self) -> pl.DataFrame:
        """What purity costs, as `CertaintyCounts.recall_at_purity`."""
        return self.scores.certainty.recall_at_purity()

    def calibration(self) -> pl.DataFrame:
        """Whether certainty is what it says, as `CertaintyCounts.calibration`."""
        return self.scores.certainty.calibration()

    def tables(self) -> list[Table]:
        """What is printed, in its order."""
        away = f"Away from edges: without {BAND} pixels on each side of a true boundary."
        strata = f"Pooled over the photos of each. {'; '.join(map(': '.join, MEANING.items()))}."
        leaks = (
            "CIEDE2000 between the colors under the predicted mask and under the true one, in one "
            "light: between the main colors, and between the palettes as earth mover's distance, "
            f"in steps of {STEP:g}. Missed: true garments of which the prediction has less than "
            "color.min_pixels; invented: the reverse; neither is compared. Main garments: "
            f"{', '.join(MAIN_GARMENTS)}."
        )
        families = (
            "Garments of all classes by the family of their main color: right, under the true mask "
            "(rows), and measured, under the predicted one (columns). A garment that was taken for "
            'another class counts with its color; missed and "no such garment" are those that '
            "have no counterpart at all. docs/sureness.md says what this does to shares."
        )
        curve = "Garment against rest, where pixels from that probability of garment on count."
        cost = "The highest recall at which garments are so pure, at one threshold for all photos."
        error = self.scores.certainty.calibration_error
        calibration = (
            "The segmenter's mean probability of garment beside how often it is right. Expected "
            f"calibration error: {'-' if math.isnan(error) else f'{error:.4f}'}."
        )
        return [
            Table("Garments as a whole", away, self.summary()),
            Table("Each class", "Intersection over union, purity, recall.", self.by_class()),
            Table("By kind of photo", strata, self.by_stratum()),
            Table("What the masks do to colors", leaks, self.leaks(), decimals=2),
            Table("Families, right and measured", families, self.main_colors()),
            Table("Purity and recall by threshold", curve, self.curve().gather_every(_PRINTED)),
            Table("What purity costs", cost, self.recall_at_purity()),
            Table("Calibration", calibration, self.calibration()),
        ]

    def markdown(self) -> str:
        """All tables as Markdown."""
        faults = "\n".join(f"not scored: {line}" for line in self.unreadable)
        parts = [self._head(), *(table.markdown() for table in self.tables()), faults]
        return "\n\n".join(part for part in parts if part)

    def write(self, folder: Path) -> None:
        """Write `evaluation.md`, `evaluation.json` (all tables and counts) and `evaluation.html`.

        A figure that is not defined, as that of a class that no photo has, is null in the JSON.
        """
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "evaluation.md").write_text(self.markdown() + "\n", encoding="utf-8")
        figures = json.dumps(self._figures(), indent=1, allow_nan=False)
        (folder / "evaluation.json").write_text(figures + "\n", encoding="utf-8")
        (folder / "evaluation.html").write_text(self._page(), encoding="utf-8")

    def _head(self) -> str:
        return f"{self.scores.photos} photos at their own size, weights {self.weights_hash[:12]}."

    def _page(self) -> str:
        whole = self.scores.whole
        return render_page(
            PageContents(
                head=self._head(),
                tables=self.tables(),
                chart=chart(self.curve(), whole.garment_purity, whole.garment_recall),
                worst=self.scores.worst,
                unreadable=self.unreadable,
            )
        )

    def _figures(self) -> dict[str, Any]:
        error = self.scores.certainty.calibration_error
        names = ("photo", "garment_iou", "garment_purity", "garment_recall")
        worst = [[getattr(one, name) for name in names] for one in self.scores.worst]
        figures = {
            "summary": self.summary(),
            "classes": self.by_class(),
            "strata": self.by_stratum(),
            "leaks": self.leaks(),
            "curve": self.curve(),
            "recall_at_purity": self.recall_at_purity(),
            "calibration": self.calibration(),
            "worst": pl.DataFrame(worst, names, orient="row"),
        }
        return {
            "photos": self.scores.photos,
            "weights": self.weights_hash,
            "not_scored": list(self.unreadable),
            **{name: table.fill_nan(None).to_dicts() for name, table in figures.items()},
            "calibration_error": None if math.isnan(error) else error,
            "counts": self.scores.whole.counts.tolist(),
            "main_colors": self._main_colors(),
        }

    def _main_colors(self) -> dict[str, Any]:
        """By class of garment, what `analysis/error_tables.py` reads."""
        by_class = zip(GARMENTS, self.scores.leaks.families, strict=True)
        return {
            "labels": list(FAMILIES),
            "garments": {
                name: {
                    "counts": counts[:NONE, :NONE].tolist(),
                    "invented": counts[NONE, :NONE].tolist(),
                    "missed": counts[:NONE, NONE].tolist(),
                }
                for name, counts in by_class
            },
        }
