"""Tables that may leave: no figure rests on a few people, and none can be worked out.

A table is guarded together with those by fewer of its columns (`table_family`): whoever has both
can't subtract one from the other. Tables over populations that overlap otherwise (two filters,
say), of another unit or of another level of colors can still be subtracted from each other by
their reader.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from scipy import sparse

from trendcolor.analysis.counted_tables import counted_tables
from trendcolor.analysis.nesting import NO_NESTING, Nesting
from trendcolor.analysis.population import Population
from trendcolor.analysis.shares import as_answer, shares
from trendcolor.analysis.suppression import DOMINANCE, Hidden, is_safe, suppressed
from trendcolor.analysis.table_family import Columns
from trendcolor.analysis.tally import Tally

__all__ = [
    "DOMINANCE",
    "hidden_cells",
    "hidden_colors",
    "is_safe",
    "public_columns",
    "public_shares",
]

# Columns of these kinds name people or photos, or are no groups.
NO_GROUPS = ("id", "source", "wearer", "date", "license", "weight")

_FIGURES = ("share", "low", "high", "numerator", "effective_n")
_TOTALS = ("denominator", "sources")


def public_columns(population: Population) -> list[str]:
    """Columns that public tables may be by: all groups but those that name people or photos."""
    kinds = {column.name: column.kind for column in population.declared}
    return [name for name in population.groups if kinds.get(name) not in NO_GROUPS]


def public_shares(
    tally: Tally,
    apart: Tally,
    *,
    min_cell: int,
    nesting: Nesting = NO_NESTING,
    linked: Mapping[Columns, Hidden] | None = None,
) -> pl.DataFrame:
    """The table of `shares` with all that could point at someone left empty.

    A cell is empty where it rests on fewer than `min_cell` distinct sources, zeros included, or
    one source makes up more than 85 % of it; so is a denominator, with all of its group. Further
    cells are emptied, the smallest first, until what the empty cells of each line sum to would
    pass the same test: of a group, whose cells sum to its denominator, and of a color over the
    values of each column of the group, where the table without that column tells the sum. What
    that table leaves empty itself stays hidden as well. Garments that are left out of the table
    because they are not near the asked color count as one empty cell of their group.

    Args:
        tally: What is told.
        apart: The same with the value of each source as its parts.
        min_cell: The fewest sources of a cell.
        nesting: Which columns are parts of others, `month` of `quarter`, whose tables the reader
            may have too.
        linked: What is empty in the tables by one column each, as of
            `linked_tables.linked_tables`; None: each of them is guarded by itself.

    Returns:
        The columns of `shares`; `share`, `low`, `high`, `numerator` and `effective_n` are null in
        an empty cell, the `denominator` and `sources` too in an empty group. Empty cells stand
        last in their group, in the legend's order, so that their place does not betray their size.

    Guarantees, each held by tests/test_analysis_disclosure.py:
        Each printed figure rests on `min_cell` sources, none of them above 85 %. What a group's
        empty cells sum to is no less well supported. No cell of too few sources follows from the
        table and those by fewer of its columns, all of them printed.
    """
    question = tally.question
    color = pl.col("_color").alias(question.level.colors)
    hidden = hidden_cells(apart, min_cell=min_cell, nesting=nesting, linked=linked).rename(
        {"_color": question.level.colors}
    )
    table = (
        shares(tally)
        .join(tally.legend.colors.select(color, "_order"), on=question.level.colors, how="left")
        .with_columns(_all=pl.lit(0, pl.UInt8))
        .join(hidden, on=[*question.keys, question.level.colors], how="left", nulls_equal=True)
    )
    is_told, has_total = pl.col("_hides").is_null(), pl.col("_hides").fill_null("") != "group"
    table = table.with_columns(
        *(pl.when(is_told).then(name).alias(name) for name in _FIGURES),
        *(pl.when(has_total).then(name).alias(name) for name in _TOTALS),
    )
    return as_answer(table.rename({question.level.colors: "_color"}), question)


def hidden_cells(
    apart: Tally,
    *,
    min_cell: int,
    nesting: Nesting = NO_NESTING,
    linked: Mapping[Columns, Hidden] | None = None,
) -> pl.DataFrame:
    """The cells that `public_shares` empties.

    Args:
        apart: As of `public_shares`.
        min_cell: As of `public_shares`.
        nesting: As of `public_shares`.
        linked: As of `public_shares`.

    Returns:
        The keys of a group and `_color`, for each cell to empty; `_hides`: "cell", or "group"
        where all of the group is.
    """
    counted = counted_tables(apart, min_cell=min_cell, nesting=nesting, linked=linked or {})
    table, groups = counted.finest, counted.groups
    # The family numbers groups by their columns' values, in the order of columns' names.
    hidden = table.hidden.reshape(-1, counted.family.width)[table.place]
    rows, colors = np.nonzero(hidden[:, : counted.family.n_colors])
    hides = np.where(hidden[rows, -1], "group", "cell").tolist()
    return pl.DataFrame(
        {
            **{key: groups[key].gather(rows) for key in apart.question.keys},
            "_color": apart.legend.colors.sort("_order")["_color"].gather(colors),
            "_hides": pl.Series(hides, dtype=pl.String),
        }
    )


def hidden_colors(
    cells: pl.DataFrame, colors: Sequence[object], *, min_cell: int, has_rest: bool
) -> list[object]:
    """Which colors of one group a table must leave empty.

    Args:
        cells: `_color`, `_source` and `_value` of one group, a row for each pair that occurs.
        colors: All colors that the table lists.
        min_cell: The fewest sources of a cell.
        has_rest: Whether the group also holds what the table does not list (`_color` null).

    Returns:
        Those of `colors` that are to be emptied.
    """
    rows = [*colors, None] if has_rest else [*colors]
    place = {color: i for i, color in enumerate(rows)}
    row = np.array([place[color] for color in cells["_color"]], np.int64)
    column = cells["_source"].rank("dense").fill_null(0).to_numpy()
    shape = (len(rows), int(column.max(initial=0)) + 1)
    values = cells["_value"].to_numpy().astype(np.float64)
    amounts = sparse.csr_array((values, (row, column)), shape=shape)
    forced = np.array([color is None for color in rows], bool)
    hidden = suppressed(amounts, [np.arange(len(rows))], min_cell, forced)
    return [color for color, hide in zip(rows, hidden, strict=True) if hide and color is not None]
