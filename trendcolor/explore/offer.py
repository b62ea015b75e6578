"""What of a run may be asked on the page: columns and their values, units, colors, views."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from trendcolor.analysis.disclosure import public_columns
from trendcolor.api.queries import Run
from trendcolor.explore.release import MOST_COLUMNS, Release
from trendcolor.runs import HISTOGRAM_KINDS, Manifest
from trendcolor.taxonomy import GARMENTS

VIEWS = ("shares", "map", "combinations", "compare", "signatures")
PUBLIC_VIEWS = ("shares", "compare", "signatures")
LEVELS = ("family", "common", "name", "shade", "bin")
UNITS = ("garments", "looks", "area", "weight")
# A column with more values is no list to choose from; it can still be grouped by.
MOST_VALUES = 300
# By more columns a table is no longer read but worked on, and that is what Python is for.
MOST_BY = 3
# A column with more values is not what a public page is opened with unless it is asked for.
_FEW_VALUES = 12
_NO_GROUPS = ("id", "weight")
# Columns of these kinds have many values, each of few photos: they come after the others.
_LAST = ("date", "source", "wearer", "license")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column to filter by."""

    name: str
    kind: str  # of the data card, "period" or "garment"
    values: tuple[str, ...]  # that occur in the run, sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What may be asked of a run. The server checks each question against it."""

    name: str  # of the run
    setup: str  # Python before the lines of answers: what `run` or `release` is
    notes: tuple[str, ...]  # of the run, each a line: cards and licenses
    n_photos: int
    n_garments: int
    is_public: bool
    is_free_of_people: bool
    confidence: float  # of intervals
    groups: tuple[str, ...]  # columns to group by
    most_by: int = MOST_BY
    columns: tuple[Column, ...] = ()  # to filter by, and to take a and b of a comparison from
    garments: tuple[str, ...] = GARMENTS
    units: tuple[str, ...] = UNITS
    levels: tuple[str, ...] = LEVELS
    views: tuple[str, ...] = VIEWS
    parts: tuple[tuple[str, str], ...] = field(init=False)  # each column with each of its values

    def __post_init__(self) -> None:
        parts = tuple((column.name, value) for column in self.columns for value in column.values)
        object.__setattr__(self, "parts", parts)


def offer_of(run: Run) -> Offer:
    """All that may be asked of a run by those who may see its records."""
    population = run.population
    kinds = {column.name: column.kind for column in population.declared}
    groups = [name for name in population.groups if kinds.get(name) not in _NO_GROUPS]
    groups.sort(key=lambda name: kinds.get(name) in _LAST)
    has_weight = "weight" in kinds.values()
    return Offer(
        **_told(run.population.manifests),  # type: ignore[arg-type] # by name
        setup=f"import trendcolor as tc\nrun = tc.open_run({str(run.folder.path)!r})",
        is_public=False,
        groups=tuple(groups),
        columns=_columns(run, [name for name in groups if name != "garment"]),
        units=UNITS if has_weight else UNITS[:-1],
    )


def public_offer(release: Release) -> Offer:
    """What strangers may ask of a run: the tables of a release."""
    columns = []
    for name in release.columns:
        found = release.shares((name,))[name].cast(pl.String).drop_nulls().unique()
        kind = _kind(release.run, name)
        columns.append(Column(name=name, kind=kind, values=tuple(found.sort())))
    return Offer(
        **_told(release.run.population.manifests),  # type: ignore[arg-type] # by name
        setup=(
            "import trendcolor as tc\nfrom trendcolor.explore.release import open_release\n"
            f"run = tc.open_run({release.run.folder.path.name!r})\n"
            f"release = open_release(run, {[*release.columns]!r})"
        ),
        is_public=True,
        groups=release.columns,
        most_by=MOST_COLUMNS,
        columns=tuple(columns),
        garments=(),
        units=UNITS[:1],
        levels=LEVELS[:1],
        views=PUBLIC_VIEWS,
    )


def usual_columns(run: Run) -> tuple[str, ...]:
    """The columns of a release where none are named: the first declared of few values, and garment.

    Where the config's `report.by` names columns, the first two of these that may be told.
    """
    known = public_columns(run.population)
    wished = run.population.manifests[0].settings.report.by
    if wished:
        return tuple(name for name in wished if name in known)[:MOST_COLUMNS]
    declared = [each.name for each in run.population.declared if each.kind in HISTOGRAM_KINDS]
    few = [
        column.name
        for column in _columns(run, [name for name in declared if name in known])
        if 2 <= len(column.values) <= _FEW_VALUES
    ]
    return (*few[:1], "garment")


def _told(manifests: Sequence[Manifest]) -> dict[str, object]:
    cards = [card for manifest in manifests for card in manifest.header.cards]
    notes = [f"{card.title} ({card.license}); people: {card.people}" for card in cards]
    return {
        "name": " + ".join(manifest.header.name for manifest in manifests),
        "notes": tuple(dict.fromkeys(notes)),
        "n_photos": sum(manifest.total("photos") for manifest in manifests),
        "n_garments": sum(manifest.total("garments") for manifest in manifests),
        "confidence": manifests[0].settings.analysis.confidence,
        "is_free_of_people": all(manifest.is_free_of_people for manifest in manifests),
    }


def _columns(run: Run, names: Sequence[str]) -> tuple[Column, ...]:
    rows = run.population.dated_records()
    found = []
    for name in names:
        each = rows.select(pl.col(name).drop_nulls().unique().cast(pl.String).sort())
        values = each.head(MOST_VALUES + 1).collect(engine="streaming")[name].to_list()
        if len(values) <= MOST_VALUES:
            found.append(Column(name=name, kind=_kind(run, name), values=tuple(values)))
    return tuple(found)


def _kind(run: Run, name: str) -> str:
    kinds = {column.name: column.kind for column in run.population.declared}
    return kinds.get(name, "garment" if name == "garment" else "period")
