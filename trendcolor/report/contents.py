"""What a report shows, asked of a run: answers that may leave, counts, and what the run says.

Every figure of shares comes from the run's own queries with public disclosure, so that the page
says what the command line says.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from trendcolor.analysis.shades import OTHER, WITHIN
from trendcolor.color.names import name_colors
from trendcolor.color.spaces import srgb_to_lab
from trendcolor.runs import HISTOGRAM_KINDS, Manifest, RunFolder

# A declared column with more values than this makes no table that can be read at a glance; it is
# shown only where `report.by` asks for it.
_MAX_VALUES = 12
_OTHER_UNITS = ("looks", "area")

# What is told of a photo that was left out, for each way that its reason may be put. The list is
# closed: a reason can quote a file's name, and names may be people's.
_REASONS: Mapping[str, str] = {
    r"too small": "too small: the shorter side has too few pixels",
    r"badly exposed": "badly exposed: too much at full black or white",
    r"gray photo": "gray photo: it holds no color",
    r"wholly transparent": "wholly transparent",
    r"no such file": "file is missing",
    r"file may not be read|file can't be read|is a folder|is not a regular": "file can't be read",
    r"empty file": "empty file",
    r"not an image": "not an image of a known kind",
    r"named .* but holds": "named as another kind of image than it holds",
    r"truncated": "truncated image",
    r"damaged": "damaged image",
    r"claims .* pixels|.* claims more pixels": "claims too many pixels",
    r"32-bit": "32-bit samples, whose white is unknown",
    r"label map .* is missing|.*no label map|.*: no such label map": "label map is missing",
    r".*: label map has": "label map of another size than its photo",
    r".*: (unknown class|label) ids": "label map holds unknown class ids",
    r"label map": "label map can't be read",
    r".*: (can't be read|damaged PNG|not a PNG|PNG of color)": "label map can't be read",
    r".*: (no MATLAB|run lengths|'.*' holds)": "label map can't be read",
    r"its analysis ended": "its analysis ended the worker process",
}
_OTHER_REASON = "another reason (the run's table of photos has its words)"
REASON_WORDS = tuple(dict.fromkeys((*_REASONS.values(), _OTHER_REASON)))

_SUMMER, _WINTER = ("S", "SS", "SPRING", "SUMMER"), ("A", "W", "AW", "FW", "FALL", "WINTER")


class Queries(Protocol):
    """A whole run that can be asked: `trendcolor.api.queries.Run`."""

    @property
    def folder(self) -> RunFolder:
        """The run folder."""

    def shares(
        self,
        by: str | Sequence[str] | None = None,
        *,
        colors: str = "family",
        unit: str = "garments",
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """The share of each color in each group."""

    def signatures(
        self,
        by: str | Sequence[str] | None = None,
        *,
        family: str | Sequence[str] = (),
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """The signature color of each group."""

    def records(self) -> pl.LazyFrame:
        """The rows of `records.py`."""

    def photos(self) -> pl.DataFrame:
        """All photos of the run."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Breakdown:
    """The families' shares of garments in each group of one column."""

    column: str
    kind: str  # of the declared column; "garment" for the taxonomy's classes
    declared_by: str
    shares: pl.DataFrame  # as of `Run.shares`, groups in the order to show them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Screening:
    """What became of the photos."""

    without_garments: int  # photos that are ok and show no garment with a palette
    touching: int  # photos with a wearer who is probably several people
    bystanders: int  # people in the background, whose garments are left out
    small_garments: int  # too few pixels for a palette
    corrected: int  # photos whose colors were corrected for a cast
    from_cards: int  # of these, by a gray card or a ColorChecker in the photo
    from_white_points: int  # of these, by a declared white point
    refused_cards: int  # photos whose declared card could not be read
    reasons: pl.DataFrame  # `status`, `reason`, `photos`; most photos first


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReportContents:
    """Everything that the page shows."""

    title: str
    finished: str  # the day the run was finished, UTC, as 2026-03-31
    manifest: Manifest
    families: pl.DataFrame  # public shares of garments
    other_units: pl.DataFrame  # public shares of looks, area and, if declared, weight
    headline: pl.DataFrame  # public shares of shades, with `name`, `family`, `r`, `g`, `b`,
    # `l`, `a*`, `b*`
    n_shades: int  # shades that garments have, as far as they may be told
    n_withheld_shades: int
    shade_reach: float  # CIEDE2000 around a shade that belongs to it
    signatures: pl.DataFrame  # public, one row a family, in the order of `families`
    breakdowns: tuple[Breakdown, ...]  # by garment, then by declared columns
    screening: Screening


def report_contents(run: Queries) -> ReportContents:
    """Ask a run for everything that its report shows.

    Args:
        run: A whole run, unfiltered: the counts of its manifest stand beside its shares.

    Raises:
        QueryError: `report.by` names a column that the run does not have.
    """
    manifest = run.folder.manifest
    settings = manifest.settings.report
    families = run.shares(disclosure="public")
    shades = run.shares(colors="shade", disclosure="public")
    return ReportContents(
        title=settings.title or manifest.header.name,
        finished=manifest.finished[:10],
        manifest=manifest,
        families=families,
        other_units=_other_units(run),
        headline=_headline(shades, settings.headline),
        n_shades=shades.filter(pl.col("share") > 0, pl.col("shade") != OTHER).height,
        n_withheld_shades=shades["share"].null_count(),
        shade_reach=WITHIN,
        signatures=_signatures(run, families),
        breakdowns=tuple(_breakdown(run, name) for name in ("garment", *_columns(run))),
        screening=screening(run.photos()),
    )


def _other_units(run: Queries) -> pl.DataFrame:
    has_weight = any(column.kind == "weight" for column in run.folder.manifest.columns)
    units = (*_OTHER_UNITS, "weight") if has_weight else _OTHER_UNITS
    tables = [run.shares(unit=unit, disclosure="public") for unit in units]
    return pl.concat(tables, how="vertical_relaxed")


def _headline(shades: pl.DataFrame, most: int) -> pl.DataFrame:
    """The shades with the largest shares that may be told, with name, family, RGB and Lab."""
    shown = shades.filter(pl.col("share") > 0, pl.col("shade") != OTHER).head(most)
    codes = shown["shade"].to_list()
    rgb8 = np.array([list(bytes.fromhex(code[1:])) for code in codes], np.uint8).reshape(-1, 3)
    lab, named = srgb_to_lab(rgb8).astype(np.float64), name_colors(rgb8)
    return shown.with_columns(
        pl.Series("name", named.name.tolist(), pl.String),
        pl.Series("family", named.family.tolist(), pl.String),
        *(pl.Series(channel, rgb8[:, i], pl.Int64) for i, channel in enumerate("rgb")),
        *(pl.Series(axis, lab[:, i], pl.Float64) for i, axis in enumerate(("l", "a*", "b*"))),
    )


def _signatures(run: Queries, families: pl.DataFrame) -> pl.DataFrame:
    """The signature colors of the families, in the ranking's order; none for a family of none."""
    found = run.signatures(family=families["family"].to_list(), disclosure="public")
    return found.filter(pl.col("n").is_null() | (pl.col("n") > 0))


def _columns(run: Queries) -> list[str]:
    """Which declared columns are broken down: those asked for, or those that suit."""
    asked = run.folder.manifest.settings.report.by
    if asked:
        return [name for name in dict.fromkeys(asked) if name != "garment"]
    columns = run.folder.manifest.columns
    fit = [c.name for kind in HISTOGRAM_KINDS for c in columns if c.kind == kind]
    values = run.records().select(pl.col(fit).n_unique()).collect() if fit else pl.DataFrame()
    return [name for name in fit if 2 <= values[name].item() <= _MAX_VALUES]


def _breakdown(run: Queries, column: str) -> Breakdown:
    declared = {c.name: c for c in run.folder.manifest.columns}.get(column)
    kind = declared.kind if declared else "garment"
    table = run.shares(column, disclosure="public")
    return Breakdown(
        column=column,
        kind=kind,
        declared_by=declared.declared_by if declared else "",
        shares=_in_season_order(table, column) if kind == "season" else table,
    )


def _in_season_order(table: pl.DataFrame, column: str) -> pl.DataFrame:
    """Seasons as they follow each other, where all are written so that this can be told."""
    values = [value for value in table[column].unique() if value is not None]
    keys = {value: _season_key(value) for value in values}
    if any(key is None for key in keys.values()):
        return table
    order = pl.col(column).replace_strict(keys, return_dtype=pl.Float64)
    return table.sort(order, nulls_last=True, maintain_order=True)


def _season_key(season: str) -> float | None:
    """A season as a year: `SS25` and `2025 SS` are 2025, `AW25` is 2025.5."""
    words = re.findall(r"[A-Z]+|\d+", season.upper())
    years = [int(word) for word in words if re.fullmatch(r"\d{2}|\d{4}", word)]
    halves = [word for word in words if word in (*_SUMMER, *_WINTER)]
    if len(words) != 2 or len(years) != 1 or len(halves) != 1:
        return None
    year = years[0] + 2000 if years[0] < 100 else years[0]
    return year + 0.5 * (halves[0] in _WINTER)


def screening(photos: pl.DataFrame) -> Screening:
    """What became of a run's photos, with reasons in words that quote no file.

    Args:
        photos: Rows of `records.PHOTO_FIELDS`.
    """
    left_out = photos.filter(pl.col("status") != "ok").with_columns(
        pl.col("status").cast(pl.String),
        pl.col("reason").map_elements(reason_group, return_dtype=pl.String, skip_nulls=False),
    )
    is_bare = (pl.col("status") == "ok") & (pl.col("garments").fill_null(0) == 0)
    method, is_applied = pl.col("light_method"), pl.col("corrected")
    counts = photos.select(
        without=is_bare.sum(),
        touching=(pl.col("touching") > 0).sum(),
        bystanders=pl.col("bystanders").cast(pl.Int64).sum(),
        small=pl.col("small_garments").cast(pl.Int64).sum(),
        corrected=pl.col("corrected").sum(),
        from_cards=(is_applied & method.is_in(("gray-card", "color-checker"))).sum(),
        from_white_points=(is_applied & (method == "white-point")).sum(),
        refused_cards=pl.col("light_refused").is_not_null().sum(),
    ).row(0, named=True)
    return Screening(
        without_garments=counts["without"],
        touching=counts["touching"],
        bystanders=counts["bystanders"],
        small_garments=counts["small"],
        corrected=counts["corrected"],
        from_cards=counts["from_cards"],
        from_white_points=counts["from_white_points"],
        refused_cards=counts["refused_cards"],
        reasons=left_out.group_by("status", "reason")
        .agg(photos=pl.len())
        .sort("photos", "status", "reason", descending=[True, False, False]),
    )


def reason_group(reason: str | None) -> str:
    """A photo's reason without its particulars: no number and no file's name."""
    for pattern, words in _REASONS.items():
        if re.match(pattern, reason or ""):
            return words
    return _OTHER_REASON
