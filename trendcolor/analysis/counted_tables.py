"""What was counted of each source, as tables that are guarded together."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from trendcolor.analysis.nesting import NO_NESTING, Nesting
from trendcolor.analysis.suppression import Hidden
from trendcolor.analysis.table_family import Columns, Guarded, TableFamily
from trendcolor.analysis.tally import Tally


@dataclass(frozen=True, slots=True, eq=False)
class CountedTables:
    """A table, those by fewer of its columns, and the groups of the first."""

    groups: pl.DataFrame  # the keys of the question, `_group`
    columns: Columns  # of the finest table: the question's, with those that they are parts of
    family: TableFamily

    @property
    def finest(self) -> Guarded:
        """The table that the question asks for."""
        return self.family.table(self.columns)


def counted_tables(
    apart: Tally,
    *,
    min_cell: int,
    nesting: Nesting = NO_NESTING,
    linked: Mapping[Columns, Hidden] | None = None,
) -> CountedTables:
    """The tables of a tally.

    Args:
        apart: What is counted, with the value of each source as its parts.
        min_cell: The fewest sources of a cell.
        nesting: Which columns are parts of others.
        linked: What is empty in some tables, chosen before.
    """
    question, n_colors = apart.question, len(apart.legend.colors)
    keys = [*question.keys]
    groups = apart.groups.select(keys).unique().sort(keys, nulls_last=True)
    groups = groups.with_row_index("_group")
    kept = {"garment"} & {*question.by} if question.unit == "looks" else set[str]()
    below = nesting.of(question.by, without={"garment"} if question.unit == "looks" else ())
    width = n_colors + apart.has_rest + 1
    family = TableFamily(
        codes=_codes(nesting.widened(groups, below)),
        below=below,
        kept=frozenset(kept),
        amounts=_amounts(apart, groups, width),
        width=width,
        n_colors=n_colors,
        min_cell=min_cell,
        chosen=linked or {},
    )
    return CountedTables(groups, frozenset(question.by).union(*below.values()), family)


def _codes(groups: pl.DataFrame) -> dict[str, NDArray[np.int64]]:
    """The place of each group's value among those of its column, told alike in each table."""
    found = {}
    for name in groups.columns:
        as_text = groups[name].cast(pl.String).to_list()
        order = sorted({*as_text}, key=lambda value: (value is None, value or ""))
        places = {value: i for i, value in enumerate(order)}
        found[name] = np.array([places[value] for value in as_text], np.int64)
    return found


def _amounts(apart: Tally, groups: pl.DataFrame, width: int) -> sparse.csr_array:
    """What each source (a column) adds to each place, a row: `width` of them for each group."""
    keys, order = list(apart.question.keys), pl.col("_order")
    cells = apart.cells.with_columns(_at=order.fill_null(len(apart.legend.colors)).cast(pl.Int64))
    whole = apart.groups.with_columns(_at=pl.lit(width - 1, pl.Int64))
    kept = [*keys, "_at", "_part", "_value"]
    placed = pl.concat([cells.select(kept), whole.select(kept)]).join(
        groups, on=keys, how="left", nulls_equal=True
    )
    row = placed.select(pl.col("_group").cast(pl.Int64) * width + pl.col("_at")).to_series()
    # A missing source is one source: the fewest that it can be.
    column = placed["_part"].rank("dense").fill_null(0).to_numpy()
    shape = (len(groups) * width, int(column.max(initial=0)) + 1)
    values = placed["_value"].to_numpy().astype(np.float64)
    return sparse.csr_array((values, (row.to_numpy(), column)), shape=shape)
