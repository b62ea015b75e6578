"""Tables that may leave: no figure rests on a few people, and none can be worked out.

What is held here is one table at a time. Two tables over populations that overlap can still be
subtracted from each other by their reader.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from trendcolor.analysis.shares import Tally, as_answer, shares

# One source may make up at most this much of a figure (the dominance rule of statistics offices).
DOMINANCE = 0.85

Amounts = NDArray[np.floating]


def public_shares(tally: Tally, *, min_cell: int) -> pl.DataFrame:
    """The table of `shares` with all that could point at someone left empty.

    A cell is empty where it rests on fewer than `min_cell` distinct sources, zeros included, or
    one source makes up more than 85 % of it. Since the cells of a group sum to its denominator,
    further cells are emptied, the smallest first, until all the empty ones together would pass
    the same test. A group that does not pass it is empty whole. Garments that are left out of the
    table because they are not near the asked color count as one empty cell.

    Args:
        tally: With the column of sources in its question.
        min_cell: The fewest sources of a cell.

    Returns:
        The columns of `shares`; `share`, `low`, `high` and `numerator` are null in an empty cell,
        the `denominator` too in an empty group. Empty cells stand last in their group, in the
        legend's order, so that their place does not betray their size.

    Guarantees, each held by tests/test_analysis_disclosure.py:
        Each printed figure rests on `min_cell` sources, none of them above 85 %. What a group's
        empty cells sum to is no less well supported.
    """
    question = tally.question
    color = pl.col("_color").alias(question.colors)
    hidden = _hidden(tally, min_cell).rename({"_color": question.colors})
    table = (
        shares(tally)
        .join(tally.legend.colors.select(color, "_order"), on=question.colors, how="left")
        .with_columns(_all=pl.lit(0))
        .join(hidden, on=[*tally.keys, question.colors], how="left", nulls_equal=True)
    )
    for name in ("share", "low", "high", "numerator"):
        table = table.with_columns(pl.when(pl.col("_hides").is_null()).then(name).alias(name))
    is_shown = pl.col("_hides").is_null() | (pl.col("_hides") == "cell")
    table = table.with_columns(pl.when(is_shown).then("denominator").alias("denominator"))
    return as_answer(table.rename({question.colors: "_color"}), question)


def _hidden(tally: Tally, min_cell: int) -> pl.DataFrame:
    """Keys and `_color` of the cells to empty, and `_hides`: "cell", or "group" with them all."""
    keys = list(tally.keys)
    groups, cells = pl.collect_all([tally.groups, tally.cells])
    found = cells.partition_by(keys, as_dict=True, include_key=False)
    rows = []
    for key, sources in groups.partition_by(keys, as_dict=True, include_key=False).items():
        hides = "cell" if is_safe(sources["_value"].to_numpy(), min_cell) else "group"
        colors = tally.legend.colors["_color"].to_list()
        if hides == "cell":
            colors = hidden_colors(
                found.get(key, cells.drop(keys).clear()),
                colors,
                min_cell=min_cell,
                has_rest=tally.has_rest,
            )
        rows += [(*key, color, hides) for color in colors]
    schema = {
        **{key: groups.schema[key] for key in keys},
        "_color": tally.legend.colors.schema["_color"],
        "_hides": pl.String(),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


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
    totals = dict(cells.group_by("_color").agg(pl.sum("_value")).iter_rows())
    listed = sorted(colors, key=lambda color: totals.get(color, 0))
    rows = [None, *listed] if has_rest else listed
    amounts = _amounts(cells, rows)
    is_hidden = np.array([not is_safe(amounts[[i]].data, min_cell) for i in range(len(rows))])
    if has_rest:
        is_hidden[0] = True
    if is_hidden.any():
        for i in np.flatnonzero(~is_hidden):
            if is_safe(amounts[is_hidden].sum(axis=0), min_cell):
                break
            is_hidden[i] = True
    return [
        color for color, hide in zip(rows, is_hidden, strict=True) if hide and color is not None
    ]


def _amounts(cells: pl.DataFrame, colors: list[object]) -> sparse.csr_array:
    """How much each source (a column) adds to each color (a row)."""
    positions = {color: i for i, color in enumerate(colors)}
    row = [positions[color] for color in cells["_color"]]
    # A missing source is one source: the fewest that it can be.
    column = cells["_source"].rank("dense").fill_null(0).to_numpy()
    shape = (len(colors), int(column.max(initial=0)) + 1)
    return sparse.csr_array((cells["_value"].to_numpy().astype(float), (row, column)), shape=shape)


def is_safe(amounts: Amounts, min_cell: int) -> bool:
    """Whether a figure has enough sources, and none that makes up nearly all of it.

    Args:
        amounts: What each source adds to it, one value a source.
        min_cell: The fewest sources.
    """
    enough = np.count_nonzero(amounts) >= max(min_cell, 1)
    return bool(enough and amounts.max() <= DOMINANCE * amounts.sum())
