"""What each source of error is worth to a share that was not corrected."""

from statistics import NormalDist

import numpy as np
import polars as pl

from trendcolor.analysis.calibration import ShareTable, check_columns, push, read_shares
from trendcolor.analysis.intervals import FloatArray
from trendcolor.analysis.misclassification import (
    ErrorTable,
    measured_when_right,
    right_when_measured,
)
from trendcolor.errors import AuditError

_PARTS = ("segmentation", "color", "audit")


def error_budget(
    shares: pl.DataFrame,
    *,
    segmentation: ErrorTable | None = None,
    color: ErrorTable | None = None,
    audit: ErrorTable | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """How far each share may be off, and for which reason.

    `segmentation` and `color` are tables of *other* photos, which may show other colors. What such
    a table tells of any photos is how a garment of one color is measured. So the part is the bias
    that it leads one to expect (Czaplewski 1992, Photogrammetric Engineering & Remote Sensing
    58(2), 189-192): were the right shares those of the table, by so much would the measured ones
    miss them. An audit is of the run itself, and its part is what the corrected share would differ.

    Args:
        shares: As `calibration.corrected_shares` takes them. Not modified.
        segmentation: What masks do to colors: an evaluation's, of the run's weights.
        color: What light and shade do to colors under true masks.
        audit: Garments of the run by right and measured color, which holds all errors at once.
        confidence: Of the intervals of `shares`, and of the parts.

    Returns:
        `shares`, and then in shares, 0..1: `sampling` (half the interval's width);
        `segmentation_shift`, `color_shift`, `audit_shift` (by how much the share is probably too
        high; below 0 too low); `segmentation`, `color`, `audit` (the shift and the half width of
        the interval around it, in quadrature); `total` (in quadrature: sampling and audit; without
        an audit sampling, segmentation and color). A part that is not known is null, and so is a
        total that lacks one; `unknown` names the parts that it lacks, "" where it lacks none.

    Raises:
        QueryError: as `corrected_shares`.
        AuditError: `segmentation` or `color` has no garment that is there.

    Guarantees, each held by tests/test_analysis_error_budget.py:
        The shifts of a group sum to 0. A total is at least each of its parts. A table without
        errors, of very many garments, adds nothing.
    """
    check_columns(shares)
    tables = dict(zip(_PARTS, (segmentation, color, audit), strict=True))
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    shown = shares.with_columns(sampling=(pl.col("high") - pl.col("low")) / 2)
    for name, table in tables.items():
        shift: pl.Series | pl.Expr = pl.lit(None, pl.Float64)
        part: pl.Series | pl.Expr = shift
        if table is not None:
            given = read_shares(shares, table, confidence=confidence)
            off, variance = _audited(given, table) if name == "audit" else _expected(given, table)
            shift = given.column("", off)
            part = given.column("", np.hypot(off, z * np.sqrt(variance)))
        shown = shown.with_columns(shift.alias(f"{name}_shift"), part.alias(name))
    wanted = ("audit",) if audit is not None else ("segmentation", "color")
    unknown = [name for name in wanted if tables[name] is None]
    squares = [pl.col(name) ** 2 for name in ("sampling", *wanted)]
    return shown.with_columns(
        total=pl.sum_horizontal(squares, ignore_nulls=False).sqrt(),
        unknown=pl.lit(", ".join(unknown)),
    )


def _expected(given: ShareTable, table: ErrorTable) -> tuple[FloatArray, FloatArray]:
    """The bias that is to be expected, and its variance; both (g, k)."""
    right = table.counts.sum() + (0 if table.missed is None else table.missed.sum())
    if right <= 0:
        raise AuditError("the table of errors has no garment that is there")
    comes = table.invented / right
    found = push(given.share, given.n, measured_when_right(table), comes)
    whole = given.share.sum(axis=1, keepdims=True)
    part = found.share / np.where(whole > 0, whole, 1)
    # What is invented is counted like raindrops: its variance is its number.
    drops = (table.invented + 1 / (2 * len(table.labels))) / right**2
    new = (whole * found.scale) ** 2 * ((1 - part) ** 2 * drops + part**2 * (drops.sum() - drops))
    return found.share - given.share, found.rates + new


def _audited(given: ShareTable, table: ErrorTable) -> tuple[FloatArray, FloatArray]:
    """What a correction would take away, and its variance; both (g, k)."""
    found = push(given.share, given.n, right_when_measured(table))
    return given.share - found.share, found.rates
