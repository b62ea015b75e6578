"""How often a garment of one color is measured as another: the table that shares are corrected by.

`error_tables.py` reads such tables, `calibration.py` corrects shares by one, `error_budget.py` says
what one is worth to a share.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.analysis.intervals import FloatArray, wilson
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.errors import AuditError, did_you_mean

NO_GARMENT = "no such garment"  # the right label of what was measured and is not there
MISSED = "missed"  # the measured label of what is there and was not measured
# What is thought of a label before any garment of it was looked at: half a garment right and half
# a garment wrong, the wrong one anything else with equal chance. Jeffreys' prior for right or
# wrong; spread over labels it stays one garment, however many labels there are.
PRIOR = 0.5


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ErrorTable:
    """Garments by their right label and by the label that was measured.

    Raises:
        AuditError: shapes don't fit the labels, a count is negative or no number, or all are 0.
    """

    labels: tuple[str, ...]  # of colors or of garments, k of them
    counts: FloatArray  # (k, k), right label (row) and measured label (column)
    invented: FloatArray  # (k,), measured garments that are not there, by measured label
    missed: FloatArray | None = None  # (k,), garments that were not measured; None: not known
    level: str = "family"  # the column of a table of shares that holds such labels
    made_by: str = ""  # the command or the file that it comes from
    of: str = ""  # what it holds for: the hash of weights, or `color_method`
    untold: int = 0  # garments that a person looked at and could not tell; not in the counts

    def __post_init__(self) -> None:
        k = len(self.labels)
        if len(set(self.labels)) != k:
            raise AuditError(f"labels {', '.join(self.labels)}: each may stand there once")
        parts = {"counts": (self.counts, (k, k)), "invented": (self.invented, (k,))}
        if self.missed is not None:
            parts["missed"] = (self.missed, (k,))
        for name, (values, shape) in parts.items():
            if values.shape != shape:
                raise AuditError(f"{name} are {values.shape}, wanted {shape} for {k} labels")
            if not (np.isfinite(values) & (values >= 0)).all():
                worst = values[~(np.isfinite(values) & (values >= 0))][0]
                raise AuditError(f"{name} hold {worst:g}, wanted numbers of 0 or more")
        if self.counts.sum() + self.invented.sum() <= 0:
            raise AuditError(
                f"the table of errors{self._place()} is empty: no garment was looked at and told"
                + (f" ({self.untold} could not be told)" if self.untold else "")
            )

    def _place(self) -> str:
        return f" of {self.made_by}" if self.made_by else ""

    @property
    def measured(self) -> FloatArray:
        """How many garments were looked at, by measured label, shape (k,)."""
        return np.asarray(self.counts.sum(axis=0) + self.invented)

    @property
    def told(self) -> str:
        """How many garments the table rests on, as a sentence."""
        seen = f"{self.measured.sum():.0f} measured garments were looked at and told"
        missed = "" if self.missed is None else f", {self.missed.sum():.0f} more were missed"
        return f"{seen}{missed}; {self.untold} could not be told and count for nothing"

    def table(self, *, confidence: float = 0.95) -> pl.DataFrame:
        """Each measured label with how often it is right.

        Returns:
            A row a label: the column `level`; `audited` (garments looked at); `right`, `low`,
            `high` (the part of them whose label is right, with Wilson's interval; null where
            none was looked at); `invented`; `mostly` (the label that they most often should
            have had instead, null where each was right); `missed` (null where not known).
        """
        n, right = self.measured, np.diag(self.counts)
        seen = np.maximum(n, 1)
        part = wilson(np.where(n > 0, right / seen, 0), seen, confidence=confidence)
        wrong = np.vstack([self.counts, self.invented]) * ~np.eye(len(n) + 1, len(n), dtype=bool)
        names = [*self.labels, NO_GARMENT]
        mostly = [names[i] if wrong[i, j] else None for j, i in enumerate(wrong.argmax(axis=0))]
        figures = {"right": part.value, "low": part.low, "high": part.high}
        return pl.DataFrame(
            {
                self.level: self.labels,
                "audited": n,
                **{
                    name: [float(v) if many else None for v, many in zip(values, n, strict=True)]
                    for name, values in figures.items()
                },
                "invented": self.invented,
                "mostly": pl.Series(mostly, dtype=pl.String),
                "missed": pl.Series(
                    [None] * len(n) if self.missed is None else self.missed, dtype=pl.Float64
                ),
            }
        )


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """What becomes of garments of each label, from so many that were looked at."""

    rate: FloatArray  # (k, k), rows: as it was counted; a label never seen stays what it is
    out: FloatArray  # (k,), the part that leaves: invented, or missed
    smooth: FloatArray  # (k, k), the same with `PRIOR`, from which the doubt is taken
    smooth_out: FloatArray  # (k,)
    n: FloatArray  # (k,), garments that each row rests on


def rates(counts: FloatArray, out: FloatArray | None) -> Rates:
    """The rates of each row.

    Args:
        counts: What labels (rows) became (columns), shape (k, k). Not modified.
        out: How many of each row left, shape (k,); None where none can.
    """
    k = len(counts)
    left = np.zeros(k) if out is None else out
    places = k - 1 + (out is not None)
    prior = np.full((k, k), (1 - PRIOR) / places if places else 0.0)
    np.fill_diagonal(prior, PRIOR if places else 1.0)
    prior_out = 0.0 if out is None else (1 - PRIOR) / places
    n = np.asarray(counts.sum(axis=1) + left)
    seen = np.where(n > 0, n, 1)
    is_seen = n > 0
    return Rates(
        rate=np.where(is_seen[:, None], counts / seen[:, None], np.eye(k)),
        out=left / seen,
        smooth=(counts + prior) / (n + 1)[:, None],
        smooth_out=(left + prior_out) / (n + 1),
        n=n,
    )


def right_when_measured(table: ErrorTable) -> Rates:
    """The chance of each right label (column) where a label was measured (row); out: invented."""
    return rates(table.counts.T, table.invented)


def measured_when_right(table: ErrorTable) -> Rates:
    """The chance to measure each label (column) where one is right (row); out: missed."""
    return rates(table.counts, table.missed)


def error_table(
    frame: pl.DataFrame, *, labels: Sequence[str] = FAMILIES, level: str = "family"
) -> ErrorTable:
    """A table of errors from counts in a small frame.

    Args:
        frame: Columns `right` and `measured` (labels; `NO_GARMENT` as right label of what is not
            there, `MISSED` as measured label of what was not measured) and `garments` (how many).
            A pair that doesn't stand there has none. Not modified.
        labels: All labels; those that no row names were looked at 0 times.
        level: As of `ErrorTable`.

    Raises:
        AuditError: a column is missing, a label is unknown, a count is negative, or all are 0.
    """
    for name in ("right", "measured", "garments"):
        if name not in frame.columns:
            raise AuditError(f"column '{name}' is missing; there are: {', '.join(frame.columns)}")
    if not frame["garments"].dtype.is_numeric():
        raise AuditError(f"column 'garments' is {frame['garments'].dtype}, wanted numbers")
    right = _places(frame["right"], (*labels, NO_GARMENT), "right")
    measured = _places(frame["measured"], (*labels, MISSED), "measured")
    garments = frame["garments"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    if not (np.isfinite(garments) & (garments >= 0)).all():
        raise AuditError("column 'garments' holds a count that is negative or missing")
    k = len(labels)
    whole = np.zeros((k + 1, k + 1))
    np.add.at(whole, (right, measured), garments)
    if whole[k, k]:
        raise AuditError(f"'{NO_GARMENT}' can't be '{MISSED}': nothing was there nor measured")
    is_known = MISSED in frame["measured"]
    return ErrorTable(
        labels=tuple(labels),
        counts=whole[:k, :k],
        invented=whole[k, :k],
        missed=whole[:k, k] if is_known else None,
        level=level,
        made_by="a frame",
    )


def _places(found: pl.Series, labels: Sequence[str], column: str) -> NDArray[np.int64]:
    """The place of each label among the known ones."""
    for name in found.unique(maintain_order=True).to_list():
        if name not in labels:
            raise AuditError(f"{column}: no label '{name}'{did_you_mean(str(name), labels)}")
    return np.array([labels.index(name) for name in found.to_list()], np.int64)
