"""The periods of a run, in their order, and which two of its parts a report compares."""

import re
from dataclasses import dataclass

import polars as pl

from trendcolor.analysis.filters import Wanted
from trendcolor.report.contents.queries import Queries

_SUMMER, _WINTER = ("S", "SS", "SPRING", "SUMMER"), ("A", "W", "AW", "FW", "FALL", "WINTER")
_OF_DATE = ("year", "quarter", "month")  # the coarsest that has several values
MOST_PERIODS = 24  # that one chart can show


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """What a run is divided into in time."""

    column: str
    values: tuple[str, ...]  # at least two, the earliest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of what was opened, and what it is called."""

    label: str
    wanted: Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is compared with what."""

    before: Part
    after: Part


def periods(run: Queries) -> Periods | None:
    """The seasons of a run, or else the years, quarters or months of its date; None: it has none.

    Seasons that are not all written like `SS25`, `2025 SS` have no order, and make no periods.
    """
    columns = run.population.declared
    names = [column.name for column in columns if column.kind == "season"]
    if any(column.kind == "date" for column in columns):
        names += _OF_DATE
    for name in names:
        table = run.shares(name, colors="tone", disclosure="raw")
        found = [value for value in table[name].unique().sort() if value is not None]
        ordered = found if name in _OF_DATE else in_order(found)
        if ordered and 2 <= len(ordered) <= MOST_PERIODS:
            return Periods(column=name, values=tuple(str(value) for value in ordered))
    return None


def in_order(seasons: list[str]) -> list[str] | None:
    """Seasons as they follow each other; None where one is written so that this can't be told."""
    keys = {season: _season_key(season) for season in seasons}
    known = {season: key for season, key in keys.items() if key is not None}
    return sorted(seasons, key=known.__getitem__) if len(known) == len(keys) else None


def in_season_order(table: pl.DataFrame, column: str) -> pl.DataFrame:
    """Rows by season, where all are written so that their order can be told."""
    ordered = in_order([value for value in table[column].unique() if value is not None])
    if ordered is None:
        return table
    place = {season: i for i, season in enumerate(ordered)}
    order = pl.col(column).replace_strict(place, default=None, return_dtype=pl.Int64)
    return table.sort(order, nulls_last=True, maintain_order=True)


def parts_to_compare(
    found: Periods | None, *, baseline: str | None = None, focus: str | None = None
) -> Parts | None:
    """Which two parts of a run a report compares.

    Args:
        found: The run's periods.
        baseline: An SQL condition, the part to compare with; None takes the season of a year
            before the latest one, or the period before it.
        focus: An SQL condition, the part that is compared. None takes the latest period; where the
            baseline is no earlier period, all that is not of the baseline.

    Returns:
        None where nothing is asked for and there are no periods.
    """
    if baseline is None and focus is None:
        if found is None:
            return None
        return Parts(
            before=_of_period(found, _earlier(found)), after=_of_period(found, found.values[-1])
        )
    if baseline is None or focus is None:
        return _with_the_other(found, baseline, focus)
    return Parts(
        before=Part(label=_short(baseline), wanted=baseline),
        after=Part(label=_short(focus), wanted=focus),
    )


def _with_the_other(found: Periods | None, baseline: str | None, focus: str | None) -> Parts:
    """The part that is asked for, and what it is compared with: the latest period, or the rest."""
    if baseline is None:
        one = str(focus)
        return Parts(before=_all_but(one), after=Part(label=_short(one), wanted=one))
    before = Part(label=_short(baseline), wanted=baseline)
    if found is not None and re.search(rf"\b{re.escape(found.column)}\b", baseline):
        latest = found.values[-1]
        if f"'{latest}'" not in baseline:
            return Parts(before=before, after=_of_period(found, latest))
    return Parts(before=before, after=_all_but(baseline))


def _of_period(found: Periods, value: str) -> Part:
    return Part(label=value, wanted={found.column: value})


def _all_but(condition: str) -> Part:
    # What a condition leaves undecided, of a missing value, is not of it either.
    rest = f"not coalesce(({condition}), false)"
    return Part(label=f"not {_short(condition)}", wanted=rest)


def _short(condition: str) -> str:
    """A condition as a label: `season = 'AW25'` is AW25."""
    alone = re.fullmatch(r"\s*\w+\s*=\s*'([^']*)'\s*", condition)
    return alone[1] if alone else condition.strip()


def _earlier(found: Periods) -> str:
    """The period to compare the latest with: the same season a year before, or the one before."""
    *others, latest = found.values
    key = _season_key(latest)
    year_ago = [each for each in others if key is not None and _season_key(each) == key - 1]
    return year_ago[0] if year_ago else others[-1]


def _season_key(season: str) -> float | None:
    """A season as a year: `SS25` and `2025 SS` are 2025, `AW25` is 2025.5."""
    words = re.findall(r"[A-Z]+|\d+", season.upper())
    years = [int(word) for word in words if re.fullmatch(r"\d{2}|\d{4}", word)]
    halves = [word for word in words if word in (*_SUMMER, *_WINTER)]
    if len(words) != 2 or len(years) != 1 or len(halves) != 1:
        return None
    year = years[0] + 2000 if years[0] < 100 else years[0]
    return year + 0.5 * (halves[0] in _WINTER)
