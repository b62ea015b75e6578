"""Shares that are corrected for misclassification, with the interval that this costs.

A person looked at some garments of the run (`trendcolor audit`). Of those measured as a color the
audit tells which colors they really are; a share is dealt out again by these chances. That is
inverse calibration (Czaplewski 1992, Photogrammetric Engineering & Remote Sensing 58(2), 189-192)
of a double sample (Tenenbein 1970, Journal of the American Statistical Association 65, 1350-1361).
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.analysis.intervals import FloatArray, Intervals, wilson
from trendcolor.analysis.misclassification import ErrorTable, Rates, right_when_measured
from trendcolor.errors import QueryError, did_you_mean

_WITHHELD = "correct raw shares first, then withhold what must be"


@dataclass(frozen=True, slots=True, eq=False)
class Pushed:
    """Shares of groups after their garments were dealt out to other labels; (g, k) each."""

    share: FloatArray
    expected: FloatArray  # the same by the smoothed rates, to which the variances belong
    sampling: FloatArray  # variance that comes from the garments of the group
    rates: FloatArray  # variance that comes from the garments that were looked at
    scale: FloatArray  # (g, 1), what brings the smoothed sum back to what it was


@dataclass(frozen=True, slots=True, eq=False)
class ShareTable:
    """A table of shares as arrays over its groups, and the way back."""

    share: FloatArray  # (g, k)
    low: FloatArray  # (g, k)
    high: FloatArray  # (g, k)
    n: FloatArray  # (g, k), garments that each share rests on, or as many as its interval tells
    order: NDArray[np.int64]  # (g k,), row of the table given

    def column(self, name: str, values: FloatArray) -> pl.Series:
        """Values of (g, k) as a column in the order of the table given."""
        rows = np.empty(values.size)
        rows[self.order] = values.ravel()
        return pl.Series(name, rows)


def corrected_shares(
    shares: pl.DataFrame, table: ErrorTable, *, confidence: float = 0.95
) -> pl.DataFrame:
    """Shares as they would be had each garment been read rightly.

    The table must come from an audit of the same run, or of garments like those: the chance that
    a measured navy is black depends on how much black there is. Garments that are not there are
    taken out of the whole. Garments that were missed are no part of either. Garments that were
    looked at count as independent of each other.

    Args:
        shares: As `Run.shares` gives them, of garments, area or weight, all colors of each group:
            columns `by`, the color, `share`, `low`, `high`, `unit` and, where it is known,
            `effective_n`; without it, n is what the interval tells. Not modified.
        table: Garments by right and measured color.
        confidence: Of the intervals, that of `shares` too.

    Returns:
        `shares` with `share`, `low` and `high` corrected, and then `measured` (the share that was
        given), `shift` (corrected less measured) and `audited` (garments that were looked at among
        those measured as the color; where it is 0, the color's share was not corrected, and its
        interval allows for half of it being wrong). Rows, their order, and numerators and
        denominators are as given: those that were measured.

    Raises:
        QueryError: `shares` is of looks, lacks a column, colors or figures, or is of other colors.

    Guarantees, each held by tests/test_analysis_calibration.py:
        The shares of a group sum to what they did. 0 <= low <= share <= high <= 1. No interval is
        narrower than it was. Where very many were looked at and all were right, shares stay as
        they are, and so do Wilson's intervals.
    """
    given = read_shares(shares, table, confidence=confidence)
    found = calibrate(given.share, given.n, table, confidence=confidence)
    wide = _not_narrower(found, given.high - given.low)
    audited = np.broadcast_to(table.measured, given.share.shape)
    return shares.with_columns(
        given.column("share", wide.value),
        given.column("low", wide.low),
        given.column("high", wide.high),
        given.column("measured", given.share),
        given.column("shift", wide.value - given.share),
        given.column("audited", audited),
    )


def calibrate(
    measured: FloatArray, n: FloatArray, table: ErrorTable, *, confidence: float = 0.95
) -> Intervals:
    """Corrected shares of groups as arrays; see `corrected_shares`.

    Wilson's interval with the n at which a share would be as unsure as the corrected one is: by
    the delta method, from the garments of the group and from those that were looked at. Where few
    or none of a label were looked at, `PRIOR` says how unsure that leaves it.

    Args:
        measured: Shares, shape (g, k), in the order of the table's labels. Not modified.
        n: Garments, or as many as tell as much, that each share rests on, shape (g, k).
        table: Garments by right and measured label.
        confidence: Of the intervals.
    """
    found = push(measured, n, right_when_measured(table))
    spread = found.expected * (1 - found.expected)
    variance = found.sampling + found.rates
    is_known = (variance > 0) & (spread > 0)
    tells = np.where(is_known, spread / np.where(is_known, variance, 1), n)
    ends = wilson(np.clip(found.share, 0, 1), np.minimum(tells, n), confidence=confidence)
    return Intervals(value=found.share, low=ends.low, high=ends.high)


def push(
    shares: FloatArray, n: FloatArray, rates: Rates, extra: FloatArray | None = None
) -> Pushed:
    """Deal out shares by rates, and keep the sum of each group.

    Args:
        shares: Shape (g, k). Not modified.
        n: Garments that each share rests on, shape (g, k).
        rates: What becomes of each label.
        extra: What comes in from nowhere, as part of a group's sum, shape (k,).
    """
    comes = np.zeros(shares.shape[1]) if extra is None else extra
    whole = shares.sum(axis=1, keepdims=True)
    plain, arrived = (shares @ each + whole * comes for each in (rates.rate, rates.smooth))
    # Of a few garments each may be of a color of which each that was looked at left.
    plain = np.where(plain.sum(axis=1, keepdims=True) > 0, plain, arrived)
    stays = 1 - rates.smooth_out
    # Of one more garment of label i, label j gets `smooth[i, j]`, less what the larger sum takes.
    scale = _by_whole(whole, arrived)
    share = arrived * scale
    part = arrived * _by_whole(np.ones_like(whole), arrived)
    gain = scale[:, :, None] * (rates.smooth - part[:, None, :] * stays[:, None])
    weighed = shares[:, :, None] * gain
    sampling = (weighed * gain / n[:, :, None]).sum(axis=1)
    sampling -= (weighed / np.sqrt(n)[:, :, None]).sum(axis=1) ** 2
    mean = rates.smooth - part[:, None, :] * stays[:, None]
    square = (1 - part[:, None, :]) ** 2 * rates.smooth
    square += part[:, None, :] ** 2 * (stays[:, None] - rates.smooth)
    each = (scale * shares)[:, :, None] ** 2 * (square - mean**2) / (rates.n + 2)[:, None]
    return Pushed(
        share=plain * _by_whole(whole, plain),
        expected=share,
        sampling=np.maximum(sampling, 0),
        rates=np.maximum(each.sum(axis=1), 0),
        scale=scale,
    )


def _by_whole(whole: FloatArray, found: FloatArray) -> FloatArray:
    """What brings the sums of groups back to what they were."""
    total = found.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(whole, total, out=np.zeros_like(whole), where=total > 0))


def _not_narrower(found: Intervals, width: FloatArray) -> Intervals:
    """Intervals that are at least so wide, widened to both sides as far as 0 and 1 allow."""
    now = found.high - found.low
    wider = np.where(now > 0, np.maximum(width / np.where(now > 0, now, 1), 1), 1)
    low = found.value - wider * (found.value - found.low)
    high = found.value + wider * (found.high - found.value)
    below, above = np.maximum(-low, 0), np.maximum(high - 1, 0)
    return Intervals(
        value=found.value,
        low=np.clip(low - above, 0, found.value),
        high=np.clip(high + below, found.value, 1),
    )


def check_columns(shares: pl.DataFrame) -> None:
    """Refuse what is no table of shares.

    Raises:
        QueryError: a column is missing.
    """
    missing = [name for name in ("share", "low", "high", "unit") if name not in shares.columns]
    if missing:
        raise QueryError(
            f"column '{missing[0]}' is missing from the table of shares; "
            f"there are: {', '.join(shares.columns)}"
        )


def read_shares(shares: pl.DataFrame, table: ErrorTable, *, confidence: float) -> ShareTable:
    """A table of shares as arrays, in the order of a table's labels.

    Raises:
        QueryError: as `corrected_shares`.
    """
    check_columns(shares)
    place = shares.columns.index("share") - 1
    level = shares.columns[place] if place >= 0 else ""
    if level != table.level:
        raise QueryError(
            f"the table of errors is of '{table.level}', the shares are of '{level}' (wanted "
            "shares of what the table has)"
        )
    if "looks" in shares["unit"]:
        raise QueryError(
            "shares of looks can't be corrected by garments: a look shows a color as long as one "
            'of its garments does (take unit "garments", "area" or "weight")'
        )
    if shares.select(pl.any_horizontal(pl.col("share", "low", "high").is_null().any())).item():
        raise QueryError(f"the table has withheld shares; {_WITHHELD}")
    by = tuple(shares.columns[:place])
    return _in_order(shares, table, by, confidence)


def _in_order(
    shares: pl.DataFrame, table: ErrorTable, by: tuple[str, ...], confidence: float
) -> ShareTable:
    labels, k = table.labels, len(table.labels)
    for name in shares[table.level].unique(maintain_order=True).to_list():
        if name not in labels:
            raise QueryError(
                f"the table of errors has no {table.level} '{name}'"
                f"{did_you_mean(str(name), labels)}"
            )
    place = pl.col(table.level).cast(pl.String).replace_strict(labels, range(k))
    group = pl.col("_row").min().over(by) if by else pl.lit(0)
    frame = (
        shares.with_row_index("_row")
        .with_columns(_label=place, _group=group)
        .sort("_group", "_label")
    )
    sizes = frame.group_by("_group").agg(n=pl.len(), labels=pl.col("_label").n_unique())
    if not (sizes["n"] == k).all() or not (sizes["labels"] == k).all():
        raise QueryError(
            f"a group of the table has not each of the {k} colors once: correct a whole table of "
            "shares, and choose rows of the answer"
        )
    share, low, high = (
        frame[name].cast(pl.Float64).to_numpy().reshape(-1, k) for name in ("share", "low", "high")
    )
    told = wilson_n(share, low, high, confidence=confidence)
    if "effective_n" in frame.columns:
        given = frame["effective_n"].cast(pl.Float64).fill_null(np.nan).to_numpy().reshape(-1, k)
        told = np.where(np.isfinite(given) & (given > 0), given, told)
    order = frame["_row"].to_numpy().astype(np.int64)
    return ShareTable(share, low, high, told, order)


def wilson_n(
    share: FloatArray, low: FloatArray, high: FloatArray, *, confidence: float = 0.95
) -> FloatArray:
    """How many observations Wilson's interval of this width rests on; 1 at the least.

    Args:
        share: Shares, 0..1. Not modified.
        low: Lower ends. Not modified.
        high: Upper ends. Not modified.
        confidence: Of the intervals.

    Guarantees, each held by tests/test_analysis_calibration.py:
        Of `wilson(share, n)` it gives n back.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    half = np.clip((high - low) / 2, 1e-12, 0.5 - 1e-12) ** 2
    # half^2 (1 + a)^2 = a p (1 - p) + a^2 / 4 with a = z^2 / n has one positive root.
    a, b = half - 0.25, 2 * half - share * (1 - share)
    root = (-b - np.sqrt(np.maximum(b**2 - 4 * a * half, 0))) / (2 * a)
    return np.asarray(np.maximum(z**2 / root, 1))
