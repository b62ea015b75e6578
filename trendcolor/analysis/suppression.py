"""Which figures of a table must stay empty so that none on a few people can be worked out.

A table is cells that add up along lines: the colors of a group to its denominator, the groups of a
column to the figure without that column. Emptying what is unsafe is not enough where its line has
a total that is known: further cells go with it (complementary suppression, as of statistics
offices: Hundepool et al., Statistical Disclosure Control, 2012, chapter 4).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

# One source may make up at most this much of a figure (the dominance rule of statistics offices).
DOMINANCE = 0.85

# Beyond so many empty cells that hang together, what they give away is not solved for: all cells
# of their lines are emptied.
_MOST_SOLVED = 1500

Amounts = NDArray[np.floating]
Lines = Sequence[NDArray[np.int64]]
Hidden = NDArray[np.bool_]


def is_safe(amounts: Amounts, min_cell: int) -> bool:
    """Whether a figure has enough sources, and none that makes up nearly all of it.

    Args:
        amounts: What each source adds to it, one value a source.
        min_cell: The fewest sources.
    """
    enough = np.count_nonzero(amounts) >= max(min_cell, 1)
    return bool(enough and amounts.max() <= DOMINANCE * amounts.sum())


def suppressed(
    amounts: sparse.csr_array, lines: Lines, min_cell: int, forced: Hidden | None = None
) -> Hidden:
    """The cells to empty.

    Args:
        amounts: What each source (a column) adds to each cell (a row). Not modified.
        lines: Rows of cells whose sum a reader may know.
        min_cell: The fewest sources of a figure.
        forced: Cells that are empty anyway, shape (n cells,); None: none. Not modified.

    Returns:
        Shape (n cells,): whether a cell is to be empty.

    Guarantees, each held by tests/test_analysis_suppression.py:
        What is printed is safe. The empty cells of a line sum to something safe, or are all of the
        line. No unsafe cell follows from what is printed and the sums of lines.
    """
    is_unsafe = np.array([not is_safe(row, min_cell) for row in _rows(amounts)], bool)
    hidden = is_unsafe.copy() if forced is None else is_unsafe | forced
    size = np.asarray(amounts.sum(axis=1)).ravel()
    while True:
        _complete_lines(hidden, amounts, size, lines, min_cell)
        told = np.flatnonzero(is_unsafe & _determined(hidden, lines))
        if not len(told):
            return hidden
        more = [_smallest_shown(hidden, size, line) for line in lines if np.isin(told, line).any()]
        found = [cell for cell in more if cell is not None]
        if not found:
            return hidden
        hidden[min(found, key=lambda cell: float(size[cell]))] = True


def _rows(amounts: sparse.csr_array) -> list[Amounts]:
    return [
        amounts.data[start:end]
        for start, end in zip(amounts.indptr[:-1], amounts.indptr[1:], strict=True)
    ]


def _complete_lines(
    hidden: Hidden, amounts: sparse.csr_array, size: Amounts, lines: Lines, min_cell: int
) -> None:
    """Empty more cells, the smallest first, until what each line's empty ones sum to is safe."""
    waiting = [line for line in lines if hidden[line].any()]
    while waiting:
        before = hidden.copy()
        for line in waiting:
            while not is_safe(amounts[line[hidden[line]]].sum(axis=0), min_cell):
                cell = _smallest_shown(hidden, size, line)
                if cell is None:
                    break
                hidden[cell] = True
        changed = hidden & ~before
        waiting = [line for line in lines if changed[line].any()] if changed.any() else []


def _smallest_shown(hidden: Hidden, size: Amounts, line: NDArray[np.int64]) -> int | None:
    shown = line[~hidden[line]]
    return int(shown[np.argmin(size[shown])]) if len(shown) else None


def _determined(hidden: Hidden, lines: Lines) -> Hidden:
    """Which empty cells follow exactly from the sums of the empty cells of each line."""
    cells = np.flatnonzero(hidden)
    found = np.zeros(len(hidden), bool)
    if not len(cells):
        return found
    place = np.full(len(hidden), -1)
    place[cells] = np.arange(len(cells))
    kept = [place[line[hidden[line]]] for line in lines]
    kept = [line for line in kept if len(line)]
    if not kept:
        return found
    rows = np.repeat(np.arange(len(kept)), [len(line) for line in kept])
    matrix = sparse.csr_array(
        (np.ones(len(rows)), (rows, np.concatenate(kept))), shape=(len(kept), len(cells))
    )
    n, label = connected_components(matrix.T @ matrix, directed=False)
    for component in range(n):
        members = np.flatnonzero(label == component)
        if len(members) > _MOST_SOLVED:
            _empty_lines(hidden, lines, cells[members])
            continue
        found[cells[members]] = _solved(matrix[:, members].toarray())
    return found


def _solved(matrix: Amounts) -> Hidden:
    """Which unknowns of the equations have one solution: those that no null vector moves."""
    matrix = matrix[matrix.any(axis=1)]
    _, values, vectors = np.linalg.svd(matrix, full_matrices=True)
    rank = int((values > 1e-9 * max(values.max(initial=0), 1)).sum())
    return np.asarray(np.abs(vectors[rank:]).max(axis=0, initial=0) < 1e-9)


def _empty_lines(hidden: Hidden, lines: Lines, cells: NDArray[np.int64]) -> None:
    for line in lines:
        if np.isin(line, cells).any():
            hidden[line] = True
