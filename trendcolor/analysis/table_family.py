"""Tables by some columns and by fewer of them, guarded so that all may be told.

The table by no column is guarded first, then those by one column, each against it, then those by
two against these: what is empty in a table depends on the data alone and not on what was asked
before. A figure that is empty in a coarser table is an unknown of the finer one's equations.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from trendcolor.analysis.suppression import Hidden, suppressed

Columns = frozenset[str]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Guarded:
    """One table: groups by places, the colors of each, and last in each the whole of it."""

    columns: Columns
    place: Places  # of each group of the finest table, the group that it is part of here
    amounts: sparse.csr_array  # what each source (a column) adds to each place, a row
    hidden: Hidden  # shape (groups * width,)


@dataclass(frozen=True, slots=True, eq=False)
class TableFamily:
    """The finest table, and what the coarser ones are by."""

    codes: Mapping[str, Places]  # of each column, the value that each finest group has, in order
    below: Mapping[str, Columns]  # columns that one column's values are parts of
    kept: Columns  # columns that no table may be without: tables over them don't add up
    amounts: sparse.csr_array  # as of `Guarded`
    width: int  # the places of a group: colors, what is left out where there is a rest, the whole
    n_colors: int
    min_cell: int
    chosen: Mapping[Columns, Hidden] = field(default_factory=dict)  # of tables guarded before
    tables: dict[Columns, Guarded] = field(default_factory=dict)

    def table(self, columns: Columns) -> Guarded:
        """What is empty in the table by some columns, with those that they are parts of."""
        if columns not in self.tables:
            for parent in self.parents(columns):
                self.table(parent)
            self.tables[columns] = self._guard(columns)
        return self.tables[columns]

    def parents(self, columns: Columns) -> list[Columns]:
        """Of the table by some columns, those by one of them less."""
        inner = frozenset[str]().union(*(self.below.get(name, frozenset()) for name in columns))
        return [columns - {name} for name in sorted(columns - inner - self.kept)]

    def _guard(self, columns: Columns) -> Guarded:
        place = _numbered([self.codes[name] for name in sorted(columns)], self._n_finest)
        amounts = self._summed(place)
        if columns in self.chosen:
            return Guarded(columns, place, amounts, self.chosen[columns])
        above = [table for key, table in self.tables.items() if key < columns]
        first = np.zeros(amounts.shape[0], bool)
        first.reshape(-1, self.width)[:, self.n_colors : -1] = True  # the rest is never told
        table = Guarded(columns, place, amounts, first)
        system = _System(self, table, above)
        hidden = system.solve(first)
        parents = self.parents(columns)
        if len(parents) == 1:
            carried = self._carried(table, self.tables[parents[0]], hidden)
            if (carried & ~hidden).any():
                hidden = system.solve(carried)
        return Guarded(columns, place, amounts, hidden)

    @property
    def _n_finest(self) -> int:
        return int(self.amounts.shape[0]) // self.width

    def _summed(self, place: Places) -> sparse.csr_array:
        row = (place[:, None] * self.width + np.arange(self.width)).ravel()
        n_rows = (int(place.max(initial=-1)) + 1) * self.width
        if n_rows == len(row) and (row == np.arange(n_rows)).all():
            return self.amounts
        sums = sparse.csr_array(
            (np.ones(len(row)), (row, np.arange(len(row)))), shape=(n_rows, len(row))
        )
        return sums @ self.amounts

    def _carried(self, table: Guarded, parent: Guarded, hidden: Hidden) -> Hidden:
        """Also empty, in one part of each group of the coarser table, what is empty there.

        Then this table tells nothing new of these figures: whatever they may be without it, that
        part can make up for. So no two such tables together tell what neither does.
        """
        out = hidden.reshape(-1, self.width).copy()
        size = np.asarray(table.amounts.sum(axis=1)).reshape(out.shape)
        parent_of = self.parent_of(table, parent)
        for group, hides in enumerate(parent.hidden.reshape(-1, self.width)):
            parts = np.flatnonzero(parent_of == group)
            if not hides.any() or (hides[-1] and out[parts, -1].any()):
                continue
            is_worn = hides & (size[parts].sum(axis=0) > 0)
            can = (size[parts][:, is_worn] > 0).all(axis=1)
            parts = parts[can] if can.any() else parts
            cost = (size[parts] * (hides & ~out[parts])).sum(axis=1)
            out[parts[np.argmin(cost)], hides] = True
        return out.ravel()

    def parent_of(self, table: Guarded, parent: Guarded) -> Places:
        """Of each group of a table, the group of the coarser one that it is part of."""
        found = np.zeros(int(table.place.max(initial=-1)) + 1, np.int64)
        found[table.place] = parent.place
        return found

    def sums(
        self, table: Guarded, parent: Guarded, places: Places, above: Places
    ) -> Iterator[Places]:
        """Each figure of the coarser table, and those of the finer one that it is the sum of.

        Args:
            table: The finer table.
            parent: The coarser one.
            places: A number for each place of the finer table.
            above: One for each of the coarser table.
        """
        rows, over = places.reshape(-1, self.width), above.reshape(-1, self.width)
        parent_of = self.parent_of(table, parent)
        columns = [*range(self.n_colors), self.width - 1]
        order = np.argsort(parent_of, kind="stable")
        starts = np.searchsorted(parent_of[order], np.arange(len(over) + 1))
        for group in range(len(over)):
            parts = order[starts[group] : starts[group + 1]]
            block = np.concatenate([over[group][None], rows[parts]])[:, columns].T
            yield from block


@dataclass(frozen=True, slots=True, eq=False)
class _System:
    """The equations of one table and of all coarser ones."""

    family: TableFamily
    table: Guarded
    above: Sequence[Guarded]

    def solve(self, forced: Hidden) -> Hidden:
        """Which places of the table to empty; the coarser ones are as they are.

        What is empty must not follow for any of three readers, whose equations are solved in turn
        until none of them changes anything: one who knows that nothing is below zero; one who also
        knows which colors nobody wears anywhere; one who knows all zeros, of whom there is nothing
        more to hide.
        """
        n, width, min_cell = len(forced), self.family.width, self.family.min_cell
        amounts = sparse.vstack(
            [
                self.table.amounts,
                *(each.amounts[np.flatnonzero(each.hidden)] for each in self.above),
            ],
            format="csr",
        )
        lines, ties = self._equations()
        signs, some, every = self._signs(), self._is_ever_worn(), np.diff(amounts.indptr) > 0
        readers: list[tuple[Hidden, NDArray[np.float64] | None]] = [
            (np.ones_like(some), signs),
            (some, signs),
            (every, None),
        ]
        if some.all():
            del readers[1]
        systems = [
            (_without(lines, is_unknown), _without(ties, is_unknown), sides)
            for is_unknown, sides in readers
        ]
        hidden = np.ones(amounts.shape[0], bool)
        hidden[:n] = forced
        n_content = 0
        for known, tied, sides in cycle(systems):
            found = suppressed(amounts, known, min_cell, hidden, tied, sides)
            n_content = n_content + 1 if (found == hidden).all() else 1
            hidden = found.copy()
            groups = hidden[:n].reshape(-1, width)
            groups |= groups[:, -1:]
            n_content = n_content if (found == hidden).all() else 0
            if n_content == len(systems):
                break
        return hidden[:n]

    def _signs(self) -> NDArray[np.float64]:
        """The sign of each place in the equations.

        A coarser figure is the sum of finer ones, so it stands on their other side, and so does a
        whole on the other side of its colors.
        """
        width, found = self.family.width, []
        of_group = np.where(np.arange(width) == width - 1, -1.0, 1.0)
        for each in (self.table, *self.above):
            level = (-1.0) ** (len(self.table.columns) - len(each.columns))
            signs = level * np.tile(of_group, len(each.hidden) // width)
            found.append(signs if each is self.table else signs[each.hidden])
        return np.concatenate(found)

    def _is_ever_worn(self) -> Hidden:
        """Whether each place is not of a color that nobody wears in any group."""
        family = self.family
        worn = np.asarray(family.amounts.sum(axis=1)).reshape(-1, family.width).any(axis=0)
        found = []
        for each in (self.table, *self.above):
            of_table = np.tile(worn, len(each.hidden) // family.width)
            found.append(of_table if each is self.table else of_table[each.hidden])
        return np.concatenate(found)

    def _equations(self) -> tuple[list[Places], list[Places]]:
        """Sums that are known, and those that hold figures which are empty in coarser tables."""
        family, width, lines, ties = self.family, self.family.width, [], []
        number, first = {}, len(self.table.hidden)
        for each in self.above:
            number[each.columns] = np.where(each.hidden, first + np.cumsum(each.hidden) - 1, -1)
            first += int(each.hidden.sum())
        own = np.arange(len(self.table.hidden))
        lines += [*own.reshape(-1, width)]
        for each in self.above:
            ties += _known(number[each.columns].reshape(-1, width))
        for each, places in ((self.table, own), *((t, number[t.columns]) for t in self.above)):
            for columns in family.parents(each.columns):
                parent = family.tables[columns]
                for cells in family.sums(each, parent, places, number[columns]):
                    is_pure = each is self.table and cells[0] < 0 and len(cells) > 2
                    (lines if is_pure else ties).append(cells[cells >= 0])
        return lines, [tie for tie in ties if len(tie)]


def _known(rows: Places) -> list[Places]:
    return [row[row >= 0] for row in rows if (row >= 0).any()]


def _without(lines: Sequence[Places], is_worn: Hidden) -> list[Places]:
    kept = (line[is_worn[line]] for line in lines)
    return [line for line in kept if len(line)]


def _numbered(codes: Sequence[Places], n: int) -> Places:
    """The number of each combination of values, in their order."""
    if not codes:
        return np.zeros(n, np.int64)
    return np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)[1].reshape(-1)
