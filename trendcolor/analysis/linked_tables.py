"""Tables by one column each, guarded together where some pairs of their values never occur.

If nobody was photographed in the UK in AW26, and in AW25 only in the UK and the EU, then AW25 less
the UK is AW25 in the EU, though nobody has asked for a table by both. So where pairs are lacking,
the tables by one column are chosen at once: a cell of two columns that nobody is told, and that
rests on too few sources, is an unknown of their equations (`value_pairs` says which of them can
follow). What must be left empty beside is left empty in the tables by one column.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, cycle

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from trendcolor.analysis.counted_tables import CountedTables, counted_tables
from trendcolor.analysis.nesting import Nesting
from trendcolor.analysis.suppression import Hidden, is_safe, suppressed
from trendcolor.analysis.table_family import Columns, Guarded, Places, TableFamily
from trendcolor.analysis.tally import MEASURES, Question, Tally
from trendcolor.analysis.value_pairs import ValuePairs

# Tables of more places than this, together, are not linked: it takes minutes.
_MOST_PLACES = 4_000
# Of more pairs than this, times colors, it is not looked at which must be zero.
_MOST_PAIRS = 10_000
# Colors are solved for together as long as there are no more equations than this,
_MOST_LINES = 1000
# and at least so many: as of each group those that are empty must hide each other.
_FEWEST_COLORS = 8

Signs = NDArray[np.float64]
WHOLE: Columns = frozenset()


def linked_tables(
    question: Question,
    tallied: Callable[[tuple[str, ...]], Tally],
    nesting: Nesting,
    *,
    min_cell: int,
) -> dict[Columns, Hidden]:
    """What is empty in the tables by one column, so that they tell no cell of two.

    Args:
        question: What the tables are of; what it is by has no effect.
        tallied: The tally by some columns, with the value of each source as its parts.
        nesting: Of all columns that tables may be by.
        min_cell: The fewest sources of a cell.

    Returns:
        For each table, by its column and those that it is part of, what is empty; as of
        `TableFamily`. None are there where all pairs of values occur: then tables by one column
        tell no cell of two, and each is guarded by itself. Nor where the tables have more than
        4,000 places (groups times colors), for which it takes too long.

    Guarantees, each held by tests/test_analysis_linked_tables.py:
        No cell of two columns that rests on too few sources follows from the tables by none and by
        one of all columns, for one who knows that no figure is below zero, as long as there is a
        cell of these left to empty. A table's empty cells are the same whichever is asked.
    """
    names = _columns(question, nesting)
    pairs = _lacking(question, nesting, names)
    if not pairs:
        return {}
    counted = {
        name: counted_tables(tallied((name,)), min_cell=min_cell, nesting=nesting)
        for name in _concerned(pairs, nesting, names)
    }
    families = [each.family for each in counted.values() if len(each.finest.place)]
    if not families:
        return {}
    system = _System.of(families)
    if system.n_places > _MOST_PLACES:
        return {}
    for pair in pairs:
        sides = [counted[name] for name in pair]
        both = counted_tables(tallied(pair), min_cell=min_cell, nesting=nesting)
        system.link(_Pair.of(pair, sides, both))
    return system.solve() if system.extra else {}


def _columns(question: Question, nesting: Nesting) -> list[str]:
    """Columns of which tables add up, and that the question can be asked by."""
    taken = {question.level.colors, *MEASURES, *(("garment",) if question.unit == "looks" else ())}
    return [name for name in nesting.columns if name not in taken]


def _lacking(question: Question, nesting: Nesting, names: list[str]) -> list[tuple[str, str]]:
    # A garment may weigh nothing: then pairs that occur may lack in the table all the same.
    pairs = combinations(names, 2) if question.unit == "weight" else nesting.sparse
    return [pair for pair in pairs if {*pair} <= {*names}]


def _concerned(pairs: list[tuple[str, str]], nesting: Nesting, names: list[str]) -> list[str]:
    """Columns of these pairs, and those of which they or what they are parts of are parts too."""
    paired = {name for pair in pairs for name in pair}
    reached = paired.union(*(nesting.below.get(name, ()) for name in paired))
    return [name for name in names if name in paired or nesting.below.get(name, WHOLE) & reached]


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Two columns, and what each source adds to the cells of both."""

    tables: tuple[Columns, Columns]
    values: ValuePairs
    amounts: sparse.csr_array  # as of `Guarded`, a group for each pair of values

    @classmethod
    def of(cls, names: tuple[str, str], sides: list[CountedTables], both: CountedTables) -> "_Pair":
        ends = []
        for name, side in zip(names, sides, strict=True):
            told = side.groups[name].cast(pl.String).to_list()
            place = dict(zip(told, side.finest.place.tolist(), strict=True))
            ends.append([place[value] for value in both.groups[name].cast(pl.String)])
        one, other = (np.array(each, np.int64) for each in ends)
        columns = (sides[0].columns, sides[1].columns)
        return cls(columns, ValuePairs(one, other), both.family.amounts)


@dataclass(frozen=True, slots=True, eq=False)
class _System:
    """The equations of the tables by one column, and of cells of two."""

    families: list[TableFamily]
    tables: Mapping[Columns, Guarded]  # of all families, each once
    first: Mapping[Columns, int]  # the number of each table's first place
    n_places: int  # of all tables
    # After the tables' places: what nobody is told, what each source adds to it, and its sign.
    extra: list[sparse.csr_array] = field(default_factory=list)
    extra_signs: list[float] = field(default_factory=list)
    extra_places: list[int] = field(default_factory=list)  # of which color they are, or the whole
    ties: list[Places] = field(default_factory=list)

    @classmethod
    def of(cls, families: list[TableFamily]) -> "_System":
        found = {columns: table for each in families for columns, table in each.tables.items()}
        tables = {columns: found[columns] for columns in sorted(found, key=sorted)}
        sizes = [len(table.hidden) for table in tables.values()]
        starts = np.concatenate([[0], np.cumsum(sizes)]).tolist()
        return cls(families, tables, dict(zip(tables, starts, strict=False)), starts[-1])

    @property
    def width(self) -> int:
        """Places of a group."""
        return self.families[0].width

    def link(self, pair: _Pair) -> None:
        """Take up the cells of two columns that may follow."""
        self._link_bridges(pair)
        self._link_zeros(pair)

    def _link_bridges(self, pair: _Pair) -> None:
        """Cells that sums on one side of them tell."""
        min_cell, n_one = self.families[0].min_cell, pair.values.n_one
        for number, side in pair.values.bridges():
            parts = side[side < n_one], side[side >= n_one] - n_one
            # The table whose value is an end on this side tells more than the other, by that cell.
            more = 0 if pair.values.one[number] in parts[0] else 1
            for place in self._told_places():
                amounts = pair.amounts[[number * self.width + place]]
                if not amounts.nnz or is_safe(amounts.data, min_cell):
                    continue
                near, far = (self._cells(pair.tables[i], parts[i], place) for i in (more, 1 - more))
                signs = [self._sign(pair.tables[i], place) for i in (more, 1 - more)]
                if signs[0] == signs[1]:
                    total, cell = self._free(place), self._extra(amounts, signs[0], place)
                    self.ties.extend([np.append(near, total), np.append(far, [total, cell])])
                else:
                    cell = self._extra(amounts, -signs[0], place)
                    self.ties.append(np.concatenate([near, far, [cell]]))

    def _link_zeros(self, pair: _Pair) -> None:
        """Cells that are zero, and may be known to be, as nothing is below zero."""
        n_colors, values = self.families[0].n_colors, pair.values
        n_pairs = len(values.one)
        if n_colors * n_pairs > _MOST_PAIRS:
            return
        size = np.asarray(pair.amounts.sum(axis=1)).reshape(n_pairs, self.width)
        label = values.knots(size[:, :n_colors].T > 0)
        one, other = label[:, values.one], label[:, values.other + values.n_one]
        for color in np.flatnonzero((one != other).any(axis=1)):
            sign = -self._sign(pair.tables[0], int(color))
            between = np.flatnonzero(one[color] != other[color])
            cells = np.array([self._extra(None, sign, int(color)) for _ in between])
            for knot in np.unique([one[color, between], other[color, between]]):
                leaving, coming = one[color, between] == knot, other[color, between] == knot
                nodes = np.flatnonzero(label[color] == knot)
                self._tie_knot(pair, int(color), nodes, (cells[leaving], cells[coming]))

    def _tie_knot(
        self, pair: _Pair, color: int, nodes: Places, zeros: tuple[Places, Places]
    ) -> None:
        """What the values of a knot sum to is what is in it and what is between it and others."""
        n_one = pair.values.n_one
        parts = nodes[nodes < n_one], nodes[nodes >= n_one] - n_one
        inside = [self._free(color)] if len(parts[0]) and len(parts[1]) else []
        sign = self._sign(pair.tables[0], color)
        for table, part, beside in zip(pair.tables, parts, zeros, strict=True):
            if not len(part):
                continue
            cells = self._cells(table, part, color)
            if self._sign(table, color) != sign:
                turned = [self._free(color)]
                self.ties.append(np.append(cells, turned))
                cells = np.array(turned)
            self.ties.append(np.concatenate([cells, beside, np.array(inside, np.int64)]))

    def _told_places(self) -> list[int]:
        return [*range(self.families[0].n_colors), self.width - 1]

    def _cells(self, columns: Columns, groups: Places, place: int) -> Places:
        return self.first[columns] + groups * self.width + place

    def _sign(self, columns: Columns, place: int) -> float:
        """On which side of the equations a figure stands, as of `TableFamily`."""
        return (-1.0) ** (len(columns) + (place == self.width - 1))

    def _free(self, place: int) -> int:
        """A sum that nobody is told, and that may be more or less."""
        n = max(self.families[0].min_cell, 2)
        return self._extra(sparse.csr_array(np.ones((1, n))), 1.0, place)

    def _extra(self, amounts: sparse.csr_array | None, sign: float, place: int) -> int:
        self.extra.append(sparse.csr_array((1, 1)) if amounts is None else amounts)
        self.extra_signs.append(sign)
        self.extra_places.append(place)
        return self.n_places + len(self.extra) - 1

    def solve(self) -> dict[Columns, Hidden]:
        """What to empty in each table; the table by no column stays as it is."""
        tables, width, min_cell = self.tables, self.width, self.families[0].min_cell
        amounts = _stacked([*(table.amounts for table in tables.values()), *self.extra])
        hidden = np.concatenate(
            [*(table.hidden for table in tables.values()), np.ones(len(self.extra), bool)]
        )
        of_tables = [
            self._sign(key, 0) * self._turns(len(table.hidden)) for key, table in tables.items()
        ]
        signs = np.concatenate([*of_tables, self.extra_signs])
        readers, n_content = self._readers(amounts), 0
        for known in cycle(readers):
            lines, ties = (_within(each, known) for each in self._equations(hidden))
            found = suppressed(amounts, lines, min_cell, hidden, ties, signs)
            groups = found[: self.n_places].reshape(-1, width)
            groups |= groups[:, -1:]
            n_content = n_content + 1 if (found == hidden).all() else 0
            hidden = found
            if n_content == len(readers):
                break
        return {
            columns: hidden[first : first + len(tables[columns].hidden)]
            for columns, first in self.first.items()
            if columns != WHOLE
        }

    def _turns(self, n: int) -> Signs:
        return np.tile(
            np.where(np.arange(self.width) == self.width - 1, -1.0, 1.0), n // self.width
        )

    def _readers(self, amounts: sparse.csr_array) -> list[Hidden]:
        """What is unknown: to one who knows nothing, to one who knows what nobody wears anywhere.

        Where equations are many, to several readers of each kind: each knows all but some colors.
        """
        is_worn = np.diff(amounts.indptr) > 0
        first, n = self.first[WHOLE], self.width
        never = np.flatnonzero(~is_worn[first : first + n])
        place = np.append(np.arange(self.n_places) % n, self.extra_places).astype(np.int64)
        parts = [np.isin(place, [*colors, n - 1]) for colors in self._parts()]
        return parts + ([part & ~np.isin(place, never) for part in parts] if len(never) else [])

    def _parts(self) -> list[Places]:
        """Colors that are solved for together: few enough that the equations are not too many.

        They are dealt out by size, so that each part has common ones, which hide others.
        """
        n_groups = sum(len(table.hidden) // self.width for table in self.tables.values())
        n_colors = self.width - 1
        n_lines = len(self.ties) + n_colors * len(self.tables)
        most = max(_MOST_LINES - n_groups, 1)
        n_parts = min(-(-n_lines // most), max(n_colors // _FEWEST_COLORS, 1))
        size = np.asarray(self.tables[WHOLE].amounts.sum(axis=1)).ravel()[:n_colors]
        order = np.argsort(-size, kind="stable")
        return [order[part::n_parts] for part in range(n_parts)]

    def _equations(self, hidden: Hidden) -> tuple[list[Places], list[Places]]:
        """Sums that are known, and those that may hold what is empty in another table."""
        lines: list[Places] = []
        ties = list(self.ties)
        n = self.width
        for columns, table in self.tables.items():
            own = self.first[columns] + np.arange(len(table.hidden))
            (ties if columns == WHOLE else lines).extend(own.reshape(-1, n))
        for cells in self._sums():
            ties.append(cells)
            if not hidden[cells[0]] and len(cells) > 2:
                lines.append(cells[1:])
        first = self.first[WHOLE]
        is_fixed = np.zeros_like(hidden)
        is_fixed[first : first + n] = ~hidden[first : first + n]
        return lines, _within(ties, ~is_fixed)

    def _sums(self) -> Iterator[Places]:
        """Figures of each table by one column less, each before those that it is the sum of."""
        done = set()
        for family in self.families:
            for columns, table in family.tables.items():
                for above in family.parents(columns):
                    if (columns, above) not in done:
                        done.add((columns, above))
                        parent = family.tables[above]
                        numbers = [
                            self.first[key] + np.arange(len(each.hidden))
                            for key, each in ((columns, table), (above, parent))
                        ]
                        yield from family.sums(table, parent, *numbers)


def _stacked(amounts: list[sparse.csr_array]) -> sparse.csr_array:
    """Rows above each other; what is added to rows of different tables is not compared."""
    n = max(each.shape[1] for each in amounts)
    same = [
        sparse.csr_array((each.data, each.indices, each.indptr), shape=(each.shape[0], n))
        for each in amounts
    ]
    return sparse.vstack(same, format="csr")


def _within(lines: list[Places], is_unknown: Hidden) -> list[Places]:
    kept = (line[is_unknown[line]] for line in lines)
    return [line for line in kept if len(line)]
