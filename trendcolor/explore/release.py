"""Tables of a run that are told together: whoever has all of them recovers no empty cell.

`run.shares(disclosure="public")` guards a table with those by fewer of its columns, chosen before
it. A page on which a stranger may ask one table after the other tells all of them, and he may know
which color nobody wears in which group. So a release is fixed when it is opened: families of
garments, over the whole run, by at most two columns and by each of them alone. Its cells are one
system, and what is left empty is chosen for all of them at once. There are no filters, no other
units and no other colors: tables of those could be subtracted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from trendcolor.analysis import compare as comparison
from trendcolor.analysis.disclosure import public_columns
from trendcolor.analysis.filters import check_columns
from trendcolor.analysis.suppression import suppressed
from trendcolor.analysis.tally import Question
from trendcolor.api.clearance import check_run_cleared
from trendcolor.api.queries import Run
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.errors import QueryError, did_you_mean

MOST_COLUMNS = 2
# Above so many groups the choice of empty cells takes longer than anybody waits for a page.
MOST_GROUPS = 400

By = tuple[str, ...]
_FIGURES = ("share", "low", "high", "numerator", "effective_n")
_TOTALS = ("denominator", "sources")
_SIGNATURE = ("family", "color", "name", "r", "g", "b", "spread", "radius", "n", "unit")
# The places of a group in the system: its families, and the whole of it.
_WIDTH = len(FAMILIES) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """What of a run others may ask. Nothing changes it."""

    run: Run
    columns: By
    hidden: Mapping[By, pl.DataFrame] | None  # None: nobody is in the pictures, all is told

    def shares(self, by: Sequence[str] = ()) -> pl.DataFrame:
        """The share of each family in each group.

        Args:
            by: None, one or both of `columns`.

        Returns:
            The columns of `Run.shares`; null where a cell is left empty, in the denominator and
            `sources` too where its group is. Empty cells stand last in their group, in the
            families' order.

        Raises:
            QueryError: another column.

        Guarantees, each held by tests/test_explore_release.py:
            No empty cell that rests on too few sources follows from all tables of the release, nor
            that it is zero.
            What is printed is what `Run.shares` says.
        """
        check_columns(by, self.columns)
        names = tuple(dict.fromkeys(by))
        table = self.run.shares(names)
        if self.hidden is None:
            return table
        hides = self.hidden[tuple(name for name in self.columns if name in names)]
        joined = table.with_columns(pl.col(name).cast(pl.String) for name in names).join(
            hides, on=[*names, "family"], how="left", nulls_equal=True
        )
        is_told, has_total = pl.col("_hides").is_null(), pl.col("_hides").fill_null("") != "group"
        return (
            joined.with_columns(
                *(pl.when(is_told).then(name).alias(name) for name in _FIGURES),
                *(pl.when(has_total).then(name).alias(name) for name in _TOTALS),
                _order=pl.col("family").cast(pl.Enum(FAMILIES)),
            )
            .sort(
                *(*names, "share", "_order"),
                descending=[*(False for _ in names), True, False],
                nulls_last=True,
            )
            .select(table.columns)
        )

    def compare(self, column: str, a: str, b: str) -> pl.DataFrame:
        """What changes from one value of a column to another, by what `shares` tells of both.

        Args:
            column: One of `columns`.
            a: The first value.
            b: The second one.

        Returns:
            The columns of `Run.compare`; `distance` and `distance_p` are null.

        Raises:
            QueryError: no such column or value.
        """
        table = self.shares((column,))
        known = [str(value) for value in table[column].unique().sort() if value is not None]
        for value in (a, b):
            if value not in known:
                raise QueryError(f"no {column} '{value}'{did_you_mean(value, known)}")
        parts = [table.filter(pl.col(column) == value).drop(column) for value in (a, b)]
        settings = self.run.population.manifests[0].settings.analysis
        return comparison.compare(
            *parts,
            between=comparison.Between(),
            matters=settings.change,
            confidence=settings.confidence,
        )

    def signatures(self) -> pl.DataFrame:
        """The signature color of each family of the whole run.

        Returns:
            `family`, `color`, `name`, `r`, `g`, `b`, `spread`, `radius`, `n` and `unit`, as of
            `Run.signatures`; null for families that `shares` leaves empty.
        """
        found = self.run.signatures(family=FAMILIES, disclosure="public").select(_SIGNATURE)
        told = self.shares().select("family", _told=pl.col("share").is_not_null())
        figures = [name for name in _SIGNATURE if name not in ("family", "unit")]
        joined = found.join(told, on="family", how="left", maintain_order="left")
        return joined.with_columns(
            pl.when("_told").then(name).alias(name) for name in figures
        ).select(_SIGNATURE)


def open_release(run: Run, columns: Sequence[str] = ()) -> Release:
    """Fix which tables of a run others may ask.

    Each release of a run with other columns is a further one: tables of both can be subtracted.

    Args:
        run: A whole run, without filters.
        columns: At most two of its columns, that are no names of people or photos.

    Raises:
        QueryError: a column is unknown or can't be told, the columns are too many or have too
            many values, or the run was narrowed down.
        RefusedError: the run was not cleared for publication, or its license or consent has ended
            since.
    """
    check_run_cleared(run, "publication")
    names = tuple(dict.fromkeys(columns))
    if len(names) > MOST_COLUMNS:
        raise QueryError(f"{len(names)} columns for the public (at most {MOST_COLUMNS})")
    check_columns(names, public_columns(run.population))
    population = run.population
    if population.filters or population.targets or run.weighting is not None:
        raise QueryError("a release is of a whole run (leave out where, near and weighted)")
    if all(manifest.is_free_of_people for manifest in population.manifests):
        return Release(run, names, None)
    min_cell = max(each.settings.analysis.min_cell for each in population.manifests)
    return Release(run, names, _hidden(run, names, min_cell))


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The groups of one table and what each source adds to their cells."""

    by: By
    first: int  # the number of its first group in the system
    groups: pl.DataFrame  # `by`, `_group`
    cells: pl.DataFrame  # `_row` (of the system), `_part`, `_value`


def _hidden(run: Run, columns: By, min_cell: int) -> Mapping[By, pl.DataFrame]:
    """The cells to leave empty in each table: `by`, `family` and `_hides`, "cell" or "group"."""
    tables: dict[By, _Table] = {}
    for size in range(len(columns) + 1):
        for by in combinations(columns, size):
            first = sum(len(table.groups) for table in tables.values())
            tables[by] = _table(run, by, first)
    n_groups = sum(len(table.groups) for table in tables.values())
    if n_groups > MOST_GROUPS:
        raise QueryError(
            f"{' and '.join(columns)} make {n_groups} groups, the public gets at most "
            f"{MOST_GROUPS} (choose columns of fewer values)"
        )
    amounts, lines = _amounts(tables.values(), n_groups), [*_lines(tables)]
    hidden = _choose(amounts, lines, min_cell, _signs(tables.values()))
    return {by: _as_frame(table, hidden) for by, table in tables.items()}


def _choose(
    amounts: sparse.csr_array,
    lines: Sequence[NDArray[np.int64]],
    min_cell: int,
    signs: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Which cells to empty, shape (groups, families and the whole); a whole takes its families.

    A reader may guess which colors nobody wears. So what is empty must not follow for one who knows
    all zeros either: equations are solved a second time, without them. One who knows none must not
    find that a cell is zero, as nothing is below that: so the first time signs are looked at.
    """
    is_worn = np.diff(amounts.indptr) > 0
    worn = [line[is_worn[line]] for line in lines]
    worn = [line for line in worn if len(line)]
    hidden = np.zeros(amounts.shape[0], bool)
    while True:
        found = suppressed(amounts, lines, min_cell, hidden, (), signs)
        found = suppressed(amounts, worn, min_cell, found).reshape(-1, _WIDTH)
        found = (found | found[:, -1:]).ravel()
        if (found == hidden).all():
            return hidden.reshape(-1, _WIDTH)
        hidden = found


def _table(run: Run, by: By, first: int) -> _Table:
    # Reversed, so that the first column of a kind is the last.
    kinds = {column.kind: column.name for column in reversed(run.population.declared)}
    guard = kinds.get("source") or kinds.get("wearer") or "photo"
    tally = run.population.record_tally(Question(by=by), pl.col(guard).cast(pl.String))
    as_text = [pl.col(name).cast(pl.String) for name in by]
    cells = tally.cells.with_columns(*as_text, _all=pl.lit("")).filter(pl.col("_value") > 0)
    keys = ["_all", *by]
    groups = cells.select(keys).unique().sort(keys, nulls_last=True).with_row_index("_group")
    placed = cells.join(groups, on=keys, how="left", nulls_equal=True)
    row = (pl.col("_group").cast(pl.Int64) + first) * _WIDTH
    part = pl.col("_part").fill_null("")  # a missing source is one: the fewest that it can be
    each = placed.select(_row=row + pl.col("_order"), _part=part, _value="_value")
    whole = placed.select(_row=row + (_WIDTH - 1), _part=part, _value="_value")
    return _Table(by, first, groups.drop("_all"), pl.concat([each, whole]))


def _amounts(tables: Iterable[_Table], n_groups: int) -> sparse.csr_array:
    """What each source (a column) adds to each cell of the system (a row)."""
    cells = pl.concat([table.cells for table in tables])
    source = cells["_part"].rank("dense").to_numpy().astype(np.int64)
    shape = (n_groups * _WIDTH, int(source.max(initial=0)) + 1)
    values = cells["_value"].to_numpy().astype(np.float64)
    return sparse.csr_array((values, (cells["_row"].to_numpy(), source)), shape=shape)


def _signs(tables: Iterable[_Table]) -> NDArray[np.float64]:
    """On which side of its equations each cell stands, as `_lines` says."""
    of_group = np.where(np.arange(_WIDTH) == _WIDTH - 1, -1.0, 1.0)
    found = [(-1.0) ** len(table.by) * np.tile(of_group, len(table.groups)) for table in tables]
    return np.concatenate([*found, np.zeros(0)])


def _lines(tables: Mapping[By, _Table]) -> Iterator[NDArray[np.int64]]:
    """Cells that a reader can put into one equation.

    A group's whole is the sum of its families; a cell is the sum of those by one column more. Both
    are sums that are 0, once the whole, or the cell with fewer columns, is counted below 0. In each
    equation all cells of one side can be: tables by none, one and two columns take turns. So an
    equation is a set of cells whose sum is known, as `suppressed` takes them.
    """
    families = np.arange(_WIDTH)
    for table in tables.values():
        for group in range(table.first, table.first + len(table.groups)):
            yield group * _WIDTH + families
        for column in table.by:
            rest = tuple(name for name in table.by if name != column)
            yield from _sums(tables[rest], table, families)


def _sums(
    parent: _Table, table: _Table, families: NDArray[np.int64]
) -> Iterator[NDArray[np.int64]]:
    """Each cell of a table by fewer columns with those that it is the sum of."""
    above = parent.groups.rename({"_group": "_parent"}).with_columns(_all=pl.lit(0))
    keys = ["_all", *parent.by]
    found = table.groups.with_columns(_all=pl.lit(0)).join(
        above, on=keys, how="left", nulls_equal=True
    )
    for (number,), part in found.group_by("_parent"):
        groups = [int(str(number)) + parent.first, *(part["_group"].to_numpy() + table.first)]
        for family in families:
            yield np.array(groups, np.int64) * _WIDTH + family


def _as_frame(table: _Table, hidden: NDArray[np.bool_]) -> pl.DataFrame:
    own = hidden[table.first : table.first + len(table.groups)]
    rows, columns = np.nonzero(own[:, :-1])
    hides = np.where(own[rows, -1], "group", "cell").tolist()
    names = np.array(FAMILIES, object)[columns].tolist()
    return pl.DataFrame(
        {
            **{name: table.groups[name].gather(rows) for name in table.by},
            "family": pl.Series(names, dtype=pl.String),
            "_hides": pl.Series(hides, dtype=pl.String),
        }
    )
