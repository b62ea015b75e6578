"""Shares as a page's tables show them: by group, by unit, and whose number guards them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from trendcolor.report.contents import Breakdown, ReportContents
from trendcolor.report.words import Words
from trendcolor.runs import Manifest

Row = Mapping[str, Any]

# Where the axis of a bar chart may end; the smallest that holds every interval is taken.
_AXES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Guard:
    """Whose distinct values protect a public cell."""

    unit: str  # sources, wearers or photos
    column: str  # the declared column; empty for photos


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a breakdown."""

    label: str | None  # None where the photo's value is missing
    denominator: float | None  # None where the whole group is withheld
    cells: Mapping[str, Row]  # rows of shares by family, tone or pattern
    hidden: float  # how much of the group is in cells that are withheld, 0..1


@dataclass(frozen=True, slots=True)
class UnitColumn:
    """The families counted in one unit."""

    unit: str  # as of `Run.shares`
    words: str  # its heading
    denominator: float | None  # None where all is withheld
    cells: Mapping[str, Row]  # rows of shares by family


def guard(manifest: Manifest) -> Guard:
    """Whose distinct values the run's public answers count."""
    for kind in ("source", "wearer"):
        for column in manifest.columns:
            if column.kind == kind:
                return Guard(f"{kind}s", column.name)
    return Guard("photos", "")


def groups(shares: pl.DataFrame, column: str, colors: str = "family") -> list[Group]:
    """The groups of a table of shares, in its order.

    Args:
        shares: As of `Run.shares`, by one column.
        column: What it is grouped by.
        colors: The column that tells the cells of a group apart.
    """
    found = shares.partition_by(column, as_dict=True, maintain_order=True)
    return [
        Group(
            label=key[0],
            denominator=denominator(cells),
            cells=cells_by(cells, colors),
            hidden=max(0.0, 1 - float(cells["share"].sum())),
        )
        for key, cells in found.items()
    ]


def breakdown_groups(breakdown: Breakdown) -> list[Group]:
    """The groups of a breakdown with their families."""
    return groups(breakdown.shares, breakdown.column)


def tone_groups(breakdown: Breakdown) -> list[Group]:
    """The groups of a breakdown with their neutral and chromatic colors."""
    return groups(breakdown.tones, breakdown.column, "tone")


def units(contents: ReportContents, words: Words) -> list[UnitColumn]:
    """The families' shares in each unit, the page's own first."""
    weights = [column.name for column in contents.manifest.columns if column.kind == "weight"]
    headings = {
        "garments": words.text("Share of garments"),
        "looks": words.text("Share of looks"),
        "area": words.text("Share of garment pixels"),
        "weight": words.text("Share of weight ({columns})", columns=", ".join(weights)),
    }
    others = contents.other_units.partition_by("unit", maintain_order=True)
    return [
        UnitColumn(unit, headings[unit], denominator(shares), cells_by(shares, "family"))
        for shares in (contents.families, *others)
        if not shares.is_empty()
        for unit in (str(shares["unit"][0]),)
    ]


def axis(*tables: pl.DataFrame) -> float:
    """Where a bar chart of shares ends: beyond each interval."""
    highest = max((table.select(pl.col("high").max()).item() or 0 for table in tables), default=0)
    return next(end for end in _AXES if end >= highest)


def cells_by(shares: pl.DataFrame, colors: str) -> Mapping[str, Row]:
    """Rows of shares by what they are of."""
    return {cell[colors]: cell for cell in shares.iter_rows(named=True)}


def denominator(shares: pl.DataFrame) -> float | None:
    """The whole that shares are of; None where it is withheld."""
    known = shares["denominator"].drop_nulls()
    return None if known.is_empty() else known[0]
