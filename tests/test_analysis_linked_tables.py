from itertools import combinations

import numpy as np
import polars as pl
from scipy.optimize import linprog

from trendcolor.analysis.counted_tables import counted_tables
from trendcolor.analysis.legends import Legend
from trendcolor.analysis.linked_tables import linked_tables
from trendcolor.analysis.nesting import nesting
from trendcolor.analysis.suppression import is_safe
from trendcolor.analysis.tally import Question, Tally

COLORS = ["red", "blue", "gray"]
COUNTED = pl.DataFrame({"_color": COLORS}).with_row_index("_order")


def counted(cells):
    """A row for each garment: `cells` gives how many, by the values of columns and the color."""
    rows = [
        {**dict(values), "_order": color, "_part": f"{values}{color}-{i}"}
        for (*values, color), n in cells.items()
        for i in range(n)
    ]
    return pl.DataFrame(rows).with_columns(pl.col("_order").cast(pl.UInt32))


def tallied(garments):
    """What gives the tally of garments by some columns."""

    def of(by):
        one = garments.with_columns(_all=pl.lit(0, pl.UInt8))
        keys = ["_all", *by, "_part"]
        size = pl.len().cast(pl.Int64)
        return Tally(
            question=Question(by=tuple(by)),
            legend=Legend(COUNTED, lambda: COUNTED),
            cells=one.group_by(*keys, "_order").agg(_value=size),
            groups=one.group_by(keys).agg(_value=size, _n=size),
            sources=None,
        )

    return of


class Public:
    """The public tables by none and by one of the columns, as a reader has them."""

    def __init__(self, garments, columns, min_cell, *, is_linked=True):
        self.columns, self.min_cell, self.garments = columns, min_cell, garments
        groups = garments.select(columns).unique().sort(columns)
        self.nesting, of = nesting(groups), tallied(garments)
        self.linked = (
            linked_tables(Question(), of, self.nesting, min_cell=min_cell) if is_linked else {}
        )
        self.tables = {
            by: counted_tables(of(by), min_cell=min_cell, nesting=self.nesting, linked=self.linked)
            for by in [(), *((name,) for name in columns)]
        }

    def told(self, by):
        """Each figure: the group's values, the color (None: the whole) and whether it is told."""
        table = self.tables[by]
        hidden = table.finest.hidden.reshape(-1, len(COLORS) + 1)[table.finest.place]
        for (_, *values), row in zip(
            table.groups.select("_all", *by).iter_rows(), hidden, strict=True
        ):
            for color, is_hidden in zip([0, 1, 2, None], row, strict=True):
                yield tuple(values), color, not is_hidden

    def n_told(self):
        return sum(told for by in self.tables for _, _, told in self.told(by))

    def follows(self):
        """Unsafe cells of two columns, with what they hold, that a reader knows."""
        finest = self.garments.group_by(*self.columns, "_order").len().rows()
        groups = sorted({row[: len(self.columns)] for row in finest})
        cells = [(*group, color) for group in groups for color in range(len(COLORS))]
        size = {row[:-1]: row[-1] for row in finest}
        truth = np.array([size.get(cell, 0) for cell in cells])

        def covers(by, values, color):
            at = [self.columns.index(name) for name in by]
            return np.array(
                [
                    tuple(cell[i] for i in at) == values and color in (None, cell[-1])
                    for cell in cells
                ],
                float,
            )

        known = [
            covers(by, values, color)
            for by in self.tables
            for values, color, is_told in self.told(by)
            if is_told
        ]
        found = []
        for by in combinations(self.columns, 2):
            at = [self.columns.index(name) for name in by]
            for values in sorted({tuple(group[i] for i in at) for group in groups}):
                for color in [*range(len(COLORS)), None]:
                    goal = covers(by, values, color)
                    # Each garment is of a source of its own.
                    if is_safe(np.ones(int(goal @ truth)), self.min_cell):
                        continue
                    least, most = ends(goal, np.array(known), truth)
                    if most - least <= 0.5:
                        found.append((values, color, least))
        return found


def ends(goal, known, truth):
    """The least and the most that a sum may be for who knows that no figure is below zero."""
    equal = {"A_eq": known, "b_eq": known @ truth} if len(known) else {}
    ends = [linprog(sign * goal, bounds=(0, 1e5), **equal) for sign in (1, -1)]
    assert all(end.status == 0 for end in ends)
    return ends[0].fun, -ends[1].fun


def drawn(seed, columns=("season", "region"), sizes=(2, 5)):
    """Garments of which few pairs of values occur, many of which have few of a color."""
    random = np.random.default_rng(seed)
    n_values = random.integers(*sizes, len(columns))
    grid = np.array(np.meshgrid(*map(np.arange, n_values))).reshape(len(columns), -1).T
    kept = grid[random.random(len(grid)) < random.choice([0.3, 0.5, 0.8])]
    kept = kept if len(kept) else grid[:1]
    odds = random.dirichlet([1, 1, 2])
    cells = {}
    for values in kept:
        counts = random.choice([0, 2, 25 + int(random.integers(20))], 3, p=odds)
        counts[random.integers(3)] += 20
        for color, n in enumerate(counts):
            named = [(name, f"{name}{v}") for name, v in zip(columns, values, strict=True)]
            cells[*named, color] = int(n)
    return counted(cells)


def test_tables_by_one_column_tell_no_cell_of_two():
    n_told = 0
    for seed in range(25):
        public = Public(drawn(seed), ("season", "region"), 5)
        assert public.follows() == [], seed
        n_told += public.n_told()
    assert n_told > 300


def test_guarded_by_themselves_they_would():
    alone = [Public(drawn(seed), ("season", "region"), 5, is_linked=False) for seed in range(25)]
    assert sum(len(public.follows()) for public in alone) >= 3
    # Few cells more are empty where tables are linked.
    linked = [Public(drawn(seed), ("season", "region"), 5) for seed in range(25)]
    told = [sum(public.n_told() for public in each) for each in (alone, linked)]
    assert 0.93 * told[0] < told[1] < told[0]


def nested(seed):
    """Months of quarters; each region is sold in few of the months."""
    random = np.random.default_rng(seed)
    cells = {}
    for month in range(6):
        for region in random.choice(3, random.integers(1, 3), replace=False):
            for color, n in enumerate(random.choice([0, 2, 25, 40], 3)):
                named = (("month", f"m{month}"), ("quarter", f"q{month // 2}"))
                cells[*named, ("region", f"r{region}"), color] = int(n)
    return counted(cells)


def test_nor_where_a_column_is_part_of_another():
    columns, n_told = ("month", "quarter", "region"), 0
    for seed in range(12):
        public = Public(nested(seed), columns, 5)
        assert public.follows() == [], seed
        n_told += public.n_told()
    assert n_told > 100


def test_tables_are_left_alone_where_all_pairs_occur():
    cells = {
        (("season", season), ("region", region), color): n
        for season in "ab"
        for region in "xy"
        for color, n in enumerate((30, 2, 0))
    }
    public = Public(counted(cells), ("season", "region"), 5)
    assert public.linked == {}
    assert public.n_told() > 0


def test_what_is_empty_is_the_same_whatever_order_records_come_in():
    garments = drawn(3)
    one = Public(garments, ("season", "region"), 5)
    other = Public(garments.reverse(), ("season", "region"), 5)
    for by in one.tables:
        assert [*one.told(by)] == [*other.told(by)]
