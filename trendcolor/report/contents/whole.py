"""Everything that a report shows: answers that may leave, counts, and what the run says.

Every figure comes from the run's own queries with public disclosure, so that the page says what
the command line says.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trendcolor.analysis.shades import WITHIN
from trendcolor.color.vocabularies import Vocabulary
from trendcolor.report.contents.changes import Changes, changes
from trendcolor.report.contents.gamut import Gamut, gamut
from trendcolor.report.contents.line import Line, line
from trendcolor.report.contents.periods import Parts, Periods, in_season_order
from trendcolor.report.contents.queries import PUBLIC, Queries
from trendcolor.report.contents.screening import Screening, screening
from trendcolor.report.contents.shades import Cards, ShadeTables, cards
from trendcolor.runs import HISTOGRAM_KINDS, Manifest

# A declared column with more values than this makes no table that can be read at a glance; it is
# shown only where `report.by` asks for it.
_MAX_VALUES = 12
_OTHER_UNITS = ("looks", "area")
_THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """What a report is to be of."""

    about: Queries  # the run, or its part of several that were opened as one
    run: Queries  # the run alone, for its photos and its manifest
    whole: Queries  # what both parts of a comparison are parts of
    periods: Periods | None
    parts: Parts | None  # what is compared; None: nothing
    purpose: str  # of the figures, for which the run was cleared
    line: Vocabulary | None = None  # the designer's own palette


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Breakdown:
    """The shares of garments in each group of one column."""

    column: str
    kind: str  # of the declared column; "garment" for the taxonomy's classes, "date" for periods
    declared_by: str
    shares: pl.DataFrame  # of families, as of `Run.shares`, groups in the order to show them
    tones: pl.DataFrame  # the same of neutral and chromatic colors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReportContents:
    """Everything that the report shows. All frames are public answers of the run."""

    title: str
    finished: str  # the day the run was finished, UTC, as 2026-03-31
    manifest: Manifest
    purpose: str  # of the figures
    families: pl.DataFrame  # shares of garments
    other_units: pl.DataFrame  # shares of looks, area and, if declared, weight
    tones: pl.DataFrame  # shares of neutral and chromatic colors
    cards: Cards
    shade_reach: float  # CIEDE2000 around a shade that belongs to it
    signatures: pl.DataFrame  # one row a family, in the order of `families`
    breakdowns: tuple[Breakdown, ...]  # by garment, then by declared columns
    periods: Periods | None
    evolution: Breakdown | None  # by period, in the periods' order; None without periods
    patterns: pl.DataFrame  # as of `Run.patterns`, of the whole
    patterns_by_garment: pl.DataFrame
    combinations: pl.DataFrame  # as of `Run.combinations`, of families
    changes: Changes | None
    gamut: Gamut
    line: Line | None
    budget: pl.DataFrame  # as of `Run.error_budget`
    screening: Screening


def report_contents(asked: Asked) -> ReportContents:
    """Ask a run for everything that its report shows.

    Raises:
        QueryError: `report.by` names a column that the run does not have, or one of the parts to
            compare holds no garment.
    """
    run, found, manifest = asked.about, asked.periods, asked.run.folder.manifest
    families = run.shares(disclosure=PUBLIC)
    shades = run.shares(colors="shade", disclosure=PUBLIC)
    # What takes longest goes beside the rest: its time is mostly numpy's, scipy's and polars'.
    with ThreadPoolExecutor(_THREADS) as threads:
        signatures = threads.submit(_signatures, run, families)
        changed = threads.submit(_changes, asked)
        mapped = threads.submit(gamut, run, found, is_guarded=not manifest.is_free_of_people)
        columns = ("garment", *_columns(asked))
        by_shade = _by_shade(asked, columns)
        breakdowns = tuple(_breakdown(asked, name) for name in columns)
        moved = changed.result()
        tables = ShadeTables(
            whole=shades, by=by_shade, changes=None if moved is None else moved.shades
        )
        made = cards(run, tables, found, most=manifest.settings.report.headline)
        return ReportContents(
            title=manifest.settings.report.title or manifest.header.name,
            finished=manifest.finished[:10],
            manifest=manifest,
            purpose=asked.purpose,
            families=families,
            other_units=_other_units(asked),
            tones=run.shares(colors="tone", disclosure=PUBLIC),
            cards=made,
            shade_reach=WITHIN,
            signatures=signatures.result(),
            breakdowns=breakdowns,
            periods=found,
            evolution=_evolution(asked),
            patterns=run.patterns(disclosure=PUBLIC),
            patterns_by_garment=run.patterns("garment", disclosure=PUBLIC),
            combinations=run.combinations(disclosure=PUBLIC),
            changes=moved,
            gamut=mapped.result(),
            line=_line(asked, shades, made),
            budget=run.error_budget(disclosure=PUBLIC),
            screening=screening(asked.run.photos()),
        )


def _changes(asked: Asked) -> Changes | None:
    return None if asked.parts is None else changes(asked.whole, asked.parts)


def _by_shade(asked: Asked, columns: Sequence[str]) -> Mapping[str, pl.DataFrame]:
    """The shares of shades in the groups of each column, and in the periods."""
    by_period = () if asked.periods is None else (asked.periods.column,)
    return {
        name: asked.about.shares(name, colors="shade", disclosure=PUBLIC)
        for name in dict.fromkeys((*columns, *by_period))
    }


def _other_units(asked: Asked) -> pl.DataFrame:
    has_weight = any(column.kind == "weight" for column in asked.run.folder.manifest.columns)
    units = (*_OTHER_UNITS, "weight") if has_weight else _OTHER_UNITS
    tables = [asked.about.shares(unit=unit, disclosure=PUBLIC) for unit in units]
    return pl.concat(tables, how="vertical_relaxed")


def _signatures(run: Queries, families: pl.DataFrame) -> pl.DataFrame:
    """The signature colors of the families, in the ranking's order; none for a family of none."""
    found = run.signatures(family=families["family"].to_list(), disclosure=PUBLIC)
    return found.filter(pl.col("n").is_null() | (pl.col("n") > 0))


def _columns(asked: Asked) -> Sequence[str]:
    """Which declared columns are broken down: those asked for, or those that suit."""
    manifest = asked.run.folder.manifest
    by = manifest.settings.report.by
    if by:
        return [name for name in dict.fromkeys(by) if name != "garment"]
    fit = [c.name for kind in HISTOGRAM_KINDS for c in manifest.columns if c.kind == kind]
    rows = asked.about.records()
    values = rows.select(pl.col(fit).n_unique()).collect() if fit else pl.DataFrame()
    return [name for name in fit if 2 <= values[name].item() <= _MAX_VALUES]


def _breakdown(asked: Asked, column: str) -> Breakdown:
    declared = {c.name: c for c in asked.run.folder.manifest.columns}.get(column)
    kind = declared.kind if declared else "garment"
    tables = [
        asked.about.shares(column, colors=colors, disclosure=PUBLIC)
        for colors in ("family", "tone")
    ]
    if kind == "season":
        tables = [in_season_order(table, column) for table in tables]
    return Breakdown(
        column=column,
        kind=kind,
        declared_by=declared.declared_by if declared else "",
        shares=tables[0],
        tones=tables[1],
    )


def _evolution(asked: Asked) -> Breakdown | None:
    """The families in each period; photos without a period are left out."""
    found = asked.periods
    if found is None:
        return None
    made = _breakdown(asked, found.column)
    place = {value: i for i, value in enumerate(found.values)}
    order = pl.col(found.column).replace_strict(place, default=None, return_dtype=pl.Int64)
    shares, tones = (
        table.filter(pl.col(found.column).is_in(list(found.values))).sort(
            order, maintain_order=True
        )
        for table in (made.shares, made.tones)
    )
    is_declared = any(c.name == found.column for c in asked.run.folder.manifest.columns)
    return Breakdown(
        column=found.column,
        kind=made.kind if is_declared else "date",
        declared_by=made.declared_by,
        shares=shares,
        tones=tones,
    )


def _line(asked: Asked, shades: pl.DataFrame, made: Cards) -> Line | None:
    if asked.line is None:
        return None
    return line(asked.line, Path(asked.line.source).name, shades, made.headline)
