"""Which figures of a table must stay empty so that none on a few people can be worked out.

A table is cells that add up along lines: the colors of a group to its denominator, the groups of a
column to the figure without that column. Emptying what is unsafe is not enough where its line has
a total that is known: further cells go with it (complementary suppression, as of statistics
offices: Hundepool et al., Statistical Disclosure Control, 2012, chapter 4).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize, sparse
from scipy.sparse.csgraph import connected_components

# One source may make up at most this much of a figure (the dominance rule of statistics offices).
DOMINANCE = 0.85

# Empty cells that hang together by more lines than this, and are more than this, are not solved
# for: all cells of their lines are emptied instead.
_MOST_SOLVED = 1500
# Equations of at most so many places are solved as an array that has its zeros too.
_MOST_DENSE = 40_000
# An unknown moves by less than this along a random null vector only if it does not move at all.
_STILL = 1e-7
# Of more empty cells that hang together it is not looked at which must be zero.
_MOST_MOVED = 20_000
# A figure that can be moved up is moved by 1 in the linear program, others by 0.
_MOVED = 0.5
_LITTLE = 1e-9  # against sums of equations' squares, which are 1 or more
_SEED = 0  # of the random null vectors

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
    amounts: sparse.csr_array,
    lines: Lines,
    min_cell: int,
    forced: Hidden | None = None,
    ties: Lines = (),
    signs: Amounts | None = None,
) -> Hidden:
    """The cells to empty.

    Args:
        amounts: What each source (a column) adds to each cell (a row). Not modified.
        lines: Rows of cells whose sum a reader may know.
        min_cell: The fewest sources of a figure.
        forced: Cells that are empty anyway, shape (n cells,); None: none. Not modified.
        ties: Rows of cells that make an equation too, but whose empty ones may sum to anything:
            their sum is not known apart from figures that are empty elsewhere.
        signs: Of each cell in the lines and ties, 1 or -1. With them it is looked at, too, what
            follows for a reader who knows that no figure is below zero; None: it is not.

    Returns:
        Shape (n cells,): whether a cell is to be empty.

    Guarantees, each held by tests/test_analysis_suppression.py:
        What is printed is safe. The empty cells of a line sum to something safe, or are all of the
        line. No unsafe cell follows from what is printed, the sums of lines and ties, as long as
        there is a cell left to empty; with `signs`, nor that an empty cell holds nothing.
    """
    is_unsafe = np.array([not is_safe(row, min_cell) for row in _rows(amounts)], bool)
    hidden = is_unsafe.copy() if forced is None else is_unsafe | forced
    size = np.asarray(amounts.sum(axis=1)).ravel()
    equations = [*lines, *ties]
    fresh = hidden
    while True:
        _complete_lines(hidden, fresh, amounts, lines, min_cell)
        completed = hidden.copy()
        found = _determined(hidden, equations)
        if signs is not None and not (is_unsafe & found.is_known).any():
            found.is_known[_sure_zeros(hidden, equations, size == 0, signs, found.label)] = True
        if not found.is_beyond.any() and not (is_unsafe & found.is_known).any():
            return hidden
        if not _hide_more(hidden, size, equations, found, is_unsafe):
            return hidden
        fresh = hidden & ~completed


@dataclass(frozen=True, slots=True, eq=False)
class _Determined:
    """What follows from what is printed and the sums of lines, each of shape (n cells,)."""

    label: NDArray[np.int64]  # empty cells that hang together have one; -1 for printed ones
    is_known: Hidden  # an empty cell that follows exactly
    is_beyond: Hidden  # empty cells that hang together in too large a number to be solved for


def _hide_more(
    hidden: Hidden, size: Amounts, lines: Lines, found: _Determined, is_unsafe: Hidden
) -> bool:
    """Empty a further cell wherever something unsafe follows; False where there is none left."""
    has_changed = False
    told = {*found.label[is_unsafe & found.is_known].tolist()}
    touched = [line[hidden[line]] for line in lines]  # before anything more is emptied
    for label in told:
        known = [line[found.is_known[line]] for line in touched]
        # What follows does so along the lines of all cells that do, safe ones too.
        for through in (known, touched):
            ways = [
                cell
                for line, cells in zip(lines, through, strict=True)
                if len(cells)
                and found.label[cells[0]] == label
                and (cell := _smallest_shown(hidden, size, line)) is not None
            ]
            if ways:
                hidden[min(ways, key=lambda cell: float(size[cell]))] = True
                has_changed = True
                break
    for line, cells in zip(lines, touched, strict=True):
        if found.is_beyond[cells].any() and not hidden[line].all():
            hidden[line] = True
            has_changed = True
    return has_changed


def _rows(amounts: sparse.csr_array) -> list[Amounts]:
    return [
        amounts.data[start:end]
        for start, end in zip(amounts.indptr[:-1], amounts.indptr[1:], strict=True)
    ]


def _complete_lines(
    hidden: Hidden, fresh: Hidden, amounts: sparse.csr_array, lines: Lines, min_cell: int
) -> None:
    """Empty more cells, the smallest first, until what each line's empty ones sum to is safe.

    Lines that have none of the fresh cells are so already.
    """
    size = np.asarray(amounts.sum(axis=1)).ravel()
    waiting = [line for line in lines if fresh[line].any()]
    while waiting:
        before = hidden.copy()
        for line in waiting:
            while not is_safe(_summed(amounts, line[hidden[line]]), min_cell):
                cell = _smallest_shown(hidden, size, line)
                if cell is None:
                    break
                hidden[cell] = True
        changed = hidden & ~before
        waiting = [line for line in lines if changed[line].any()] if changed.any() else []


def _summed(amounts: sparse.csr_array, cells: NDArray[np.int64]) -> Amounts:
    """What each source that adds to any of these cells adds to all of them."""
    inside = [slice(amounts.indptr[cell], amounts.indptr[cell + 1]) for cell in cells]
    added = np.concatenate([amounts.data[:0], *(amounts.data[each] for each in inside)])
    source = np.concatenate([amounts.indices[:0], *(amounts.indices[each] for each in inside)])
    _, place = np.unique(source, return_inverse=True)
    return np.asarray(np.bincount(place, weights=added), np.float64)


def _smallest_shown(hidden: Hidden, size: Amounts, line: NDArray[np.int64]) -> int | None:
    shown = line[~hidden[line]]
    return int(shown[np.argmin(size[shown])]) if len(shown) else None


def _determined(hidden: Hidden, lines: Lines) -> _Determined:
    """What a reader can solve for, from the sums of the empty cells of each line."""
    found = _Determined(np.full(len(hidden), -1), np.zeros_like(hidden), np.zeros_like(hidden))
    cells = np.flatnonzero(hidden)
    matrix = _equations(hidden, lines, cells)
    _, found.label[cells] = _hanging_together(matrix)
    is_alone = _alone(matrix)
    found.is_known[cells[is_alone]] = True
    cells, matrix = cells[~is_alone], matrix[:, np.flatnonzero(~is_alone)]
    n, label = _hanging_together(matrix)
    for members, part in _parts(matrix, n, label):
        if min(part.shape) > _MOST_SOLVED:
            found.is_beyond[cells[members]] = True
        else:
            found.is_known[cells[members]] = _solved(part)
    return found


def _sure_zeros(
    hidden: Hidden, lines: Lines, is_zero: Hidden, signs: Amounts, label: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Empty cells that hold nothing, and of which that follows as nothing is below zero.

    Seen from what is true, figures may move in any way that keeps all sums, those that are zero
    only up. A linear program moves as many of these as can be moved, by 1 and more; the others are
    sure. (Where each can be moved by itself, so can all at once, by the sum of the ways.)
    """
    looked_at = _looked_at(hidden, lines, label)
    cells = np.flatnonzero(looked_at)
    matrix = (_equations(looked_at, lines, cells) @ sparse.diags_array(signs[cells])).tocsc()
    zeros = np.flatnonzero(is_zero[cells])
    if not len(zeros):
        return zeros
    # A zero moves by what is counted, at most 1, and what is not.
    low = np.append(np.where(is_zero[cells], 0.0, -np.inf), np.zeros(len(zeros)))
    high = np.append(np.full(len(cells), np.inf), np.ones(len(zeros)))
    found = optimize.linprog(
        np.append(np.zeros(len(cells)), -np.ones(len(zeros))),
        A_eq=sparse.hstack([matrix, matrix[:, zeros]], format="csc"),
        b_eq=np.zeros(matrix.shape[0]),
        bounds=np.stack([low, high], axis=1),
        method="highs",
    )
    is_still: Hidden = found.x[len(cells) :] < _MOVED
    sure: NDArray[np.int64] = cells[zeros[is_still]]
    return sure


def _looked_at(hidden: Hidden, lines: Lines, label: NDArray[np.int64]) -> Hidden:
    """Empty cells that hang together, not too many, where a line has a cell left to empty."""
    touched = ((label[line], hidden[line]) for line in lines)
    is_open = np.zeros(int(label.max(initial=-1)) + 2, bool)  # the last is of printed cells
    for labels, empty in touched:
        if empty.any() and not empty.all():
            is_open[labels[empty][0]] = True
    is_open[:-1] &= np.bincount(label[hidden], minlength=len(is_open) - 1) <= _MOST_MOVED
    return hidden & is_open[label]


def _equations(hidden: Hidden, lines: Lines, cells: NDArray[np.int64]) -> sparse.csr_array:
    """The empty cells of each line, shape (lines, empty cells), 1 where a line has one."""
    place = np.full(len(hidden), -1)
    place[cells] = np.arange(len(cells))
    kept = [place[line[hidden[line]]] for line in lines]
    rows = np.repeat(np.arange(len(kept)), [len(line) for line in kept])
    columns = np.concatenate([np.zeros(0, np.int64), *kept])
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(kept), len(cells)))


def _hanging_together(matrix: sparse.csr_array) -> tuple[int, NDArray[np.int64]]:
    """How many sets of cells hang together by lines, and which each cell is of."""
    n_lines, n_cells = matrix.shape
    ends = matrix.tocoo()
    n = n_lines + n_cells
    graph = sparse.csr_array((ends.data, (ends.row, ends.col + n_lines)), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    found, label = np.unique(label[n_lines:], return_inverse=True)
    return (len(found), label) if n_cells else (0, np.zeros(0, np.int64))


def _parts(
    matrix: sparse.csr_array, n: int, label: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], sparse.csr_array | NDArray[np.floating]]]:
    """The cells of each label and their equations, as an array where these are few."""
    entries = matrix.tocoo()
    entries_in = np.argsort(label[entries.col], kind="stable")
    row, column = entries.row[entries_in], entries.col[entries_in]
    starts = np.searchsorted(label[column], np.arange(n + 1))
    order = np.argsort(label, kind="stable")
    place = np.empty(len(label), np.int64)
    for i, members in enumerate(np.split(order, np.searchsorted(label[order], np.arange(1, n)))):
        place[members] = np.arange(len(members))
        inside = slice(starts[i], starts[i + 1]) if n else slice(0)
        lines, line = np.unique(row[inside], return_inverse=True)
        shape = (len(lines), len(members))
        at = (line, place[column[inside]])
        if len(lines) * len(members) > _MOST_DENSE:
            yield members, sparse.csr_array((np.ones(len(line)), at), shape=shape)
        else:
            dense = np.zeros(shape)
            dense[at] = 1
            yield members, dense


def _alone(matrix: sparse.csr_array) -> Hidden:
    """Cells that are the last unknown of a line, once those that are so before are known."""
    is_known = np.zeros(matrix.shape[1], bool)
    while True:
        left = matrix @ ~is_known
        last = (matrix.T @ (left == 1)).astype(bool) & ~is_known
        if not last.any():
            return is_known
        is_known |= last


def _solved(matrix: sparse.csr_array | NDArray[np.floating]) -> Hidden:
    """Which unknowns of the equations have one solution: those that no null vector moves.

    Null vectors are what is left of random ones without their part in the space of the rows.
    """
    if not matrix.size:
        return np.zeros(matrix.shape[1], bool)
    moved = np.random.default_rng(_SEED).standard_normal((matrix.shape[1], 3))
    is_wide = matrix.shape[0] <= matrix.shape[1]
    square = matrix @ matrix.T if is_wide else matrix.T @ matrix
    square = square if isinstance(square, np.ndarray) else square.toarray()
    # Rows may depend on each other: a little on the diagonal makes them solvable, and going
    # through it thrice makes up for that.
    square[np.diag_indices_from(square)] += _LITTLE
    factor = linalg.cho_factor(square, check_finite=False)
    for _ in range(3):
        part = linalg.cho_solve(factor, matrix @ moved if is_wide else matrix.T @ (matrix @ moved))
        moved -= matrix.T @ part if is_wide else part
    return np.asarray(np.abs(moved).max(axis=1) < _STILL)
