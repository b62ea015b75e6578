import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from trendcolor.analysis import suppression
from trendcolor.analysis.suppression import is_safe, suppressed

UNHURRIED = settings(deadline=None, max_examples=50)


def one_each(counts):
    """Cells of so many sources, each of which adds 1 to one cell alone."""
    n = int(sum(counts))
    row = np.repeat(np.arange(len(counts)), counts)
    return sparse.csr_array((np.ones(n), (row, np.arange(n))), shape=(len(counts), n))


def grid_lines(*shape):
    """All lines of a table of two or three dimensions, each of whose sums is known."""
    cells = np.arange(np.prod(shape)).reshape(shape)
    return [
        line
        for axis in range(len(shape))
        for line in np.moveaxis(cells, axis, -1).reshape(-1, shape[axis])
    ]


def hide(counts, lines, min_cell=10, forced=None):
    return suppressed(one_each(counts), lines, min_cell, forced)


def follows(hidden, lines):
    """Empty cells that linear algebra gives away: those that lie in the space of the equations."""
    cells = np.flatnonzero(hidden)
    equations = np.array([[cell in line for cell in cells] for line in lines], float)
    rank = np.linalg.matrix_rank(equations)
    given = np.zeros(len(hidden), bool)
    for i, cell in enumerate(cells):
        aim = np.eye(len(cells))[i]
        given[cell] = np.linalg.matrix_rank(np.vstack([equations, aim])) == rank
    return given


def test_a_safe_table_is_printed_whole():
    assert not hide([10, 20, 30, 40], grid_lines(2, 2)).any()


def test_the_smallest_cell_of_a_line_goes_with_an_unsafe_one():
    assert hide([40, 9, 12, 30], [np.arange(4)]).tolist() == [False, True, True, False]


def test_two_unsafe_cells_that_are_enough_together_need_no_third():
    assert hide([40, 6, 6, 30], [np.arange(4)]).tolist() == [False, True, True, False]


def test_one_unsafe_cell_of_two_by_two_takes_all_four():
    # Were the last cell printed, its row and its column would tell its neighbors, and these the
    # unsafe one.
    assert hide([3, 20, 21, 30], grid_lines(2, 2)).all()


def test_one_unsafe_cell_of_three_by_three_leaves_a_rectangle_empty():
    counts = [3, 20, 21, 22, 30, 31, 32, 33, 34]
    lines = grid_lines(3, 3)
    hidden = hide(counts, lines)
    assert not follows(hidden, lines)[0]
    # A rectangle of four is enough, of which one cell more may come by the way there.
    assert hidden.sum() <= 5


def test_a_cell_that_joins_two_blocks_follows_though_its_lines_have_others():
    # Rows 0 and 1 by columns 0 and 1 are a block, rows 2 and 3 by columns 2 and 3 another. The cell
    # between, row 1 by column 2, has empty neighbors in its row and its column, and yet what rows
    # 0 and 1 hold beyond columns 0 and 1 is that cell alone.
    counts = np.full((4, 4), 30)
    counts[:2, :2] = counts[2:, 2:] = counts[1, 2] = 6
    lines = grid_lines(4, 4)
    unsafe = (counts < 10).ravel()
    bridge = 1 * 4 + 2
    assert [sum(unsafe[line]) >= 3 for line in lines if bridge in line] == [True, True]
    assert np.flatnonzero(follows(unsafe, lines)).tolist() == [bridge]
    hidden = hide(counts.ravel(), lines)
    assert hidden.sum() > unsafe.sum()
    assert not (follows(hidden, lines) & unsafe).any()


def test_what_is_empty_anyway_hides_others():
    forced = np.array([False, False, True])
    assert hide([5, 30, 50], [np.arange(3)], forced=forced).tolist() == [True, False, True]


def test_a_source_that_makes_up_nearly_all_makes_a_cell_unsafe():
    assert is_safe(np.array([85.0, 5, 5, 5]), 2)
    assert not is_safe(np.array([86.0, 5, 5, 4]), 2)
    assert not is_safe(np.array([]), 0)


def test_no_cells_hide_nothing():
    assert hide([], []).tolist() == []


SHAPES = [(1, 5), (2, 2), (2, 5), (4, 4), (3, 2, 3)]


@pytest.mark.parametrize("most", [1500, 1, 0], ids=["solved", "small", "never solved"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@UNHURRIED
@given(st.data())
def test_no_unsafe_cell_follows_and_what_is_printed_is_safe(most, shape, data):
    size = int(np.prod(shape))
    counts = data.draw(
        st.lists(st.sampled_from([0, 1, 4, 6, 11, 25]), min_size=size, max_size=size)
    )
    n_sources = data.draw(st.sampled_from([3, 8, sum(counts) + 1]))
    spread = (np.arange(sum(counts)) * 7) % n_sources
    row = np.repeat(np.arange(size), counts)
    amounts = sparse.csr_array((np.ones(len(row)), (row, spread)), shape=(size, n_sources))
    amounts.sum_duplicates()
    # A line of one cell is no line: its sum is the cell.
    lines = [line for line in grid_lines(*shape) if len(line) > 1]
    min_cell = data.draw(st.sampled_from([1, 3, 10]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suppression, "_MOST_SOLVED", most)
        hidden = suppressed(amounts, lines, min_cell)
    by_source = amounts.toarray()
    safe = np.array([is_safe(each, min_cell) for each in by_source])
    assert safe[~hidden].all()
    assert not (follows(hidden, lines) & ~safe).any()
    for line in lines:
        empty = line[hidden[line]]
        if 0 < len(empty) < len(line):
            assert is_safe(by_source[empty].sum(axis=0), min_cell)


def most_of(cell, hidden, lines, counts):
    """The most that an empty cell may hold for a reader who knows that nothing is below zero."""
    cells = np.flatnonzero(hidden)
    equations = np.array([np.isin(cells, line) for line in lines], float)
    found = linprog(-(cells == cell).astype(float), A_eq=equations, b_eq=equations @ counts[cells])
    assert found.status == 0
    return -found.fun


def beside_what_is_printed(hidden, lines):
    """Empty cells that hang together, by lines, with a line that has a printed cell."""
    beside = np.zeros_like(hidden)
    while True:
        before = beside.copy()
        for line in lines:
            empty = line[hidden[line]]
            if len(empty) and (len(empty) < len(line) or beside[empty].any()):
                beside[empty] = True
        if (before == beside).all():
            return beside


@pytest.mark.parametrize("shape", [(2, 4), (4, 4), (3, 2, 3)], ids=str)
@UNHURRIED
@given(st.data())
def test_no_empty_cell_must_be_zero(shape, data):
    counts = np.array(
        data.draw(
            st.lists(
                st.sampled_from([0, 0, 1, 6, 25]),
                min_size=int(np.prod(shape)),
                max_size=int(np.prod(shape)),
            )
        )
    )
    lines, min_cell = grid_lines(*shape), data.draw(st.sampled_from([1, 3, 10]))
    hidden = suppressed(one_each(counts), lines, min_cell, signs=np.ones(len(counts)))
    for cell in np.flatnonzero(beside_what_is_printed(hidden, lines) & (counts == 0)):
        assert most_of(cell, hidden, lines, counts) > 0.5


def test_signs_say_on_which_side_a_cell_stands():
    counts, forced = [0, 0, 30, 5, 30, 5], np.arange(6) < 2
    lines, ties = [np.array([0, 2, 3]), np.array([1, 4, 5])], [np.array([0, 1])]
    side = np.ones(6)
    # A zero that equals another can go up with it. Were it the other's negative, neither could,
    # and a further cell would be emptied in vain.
    for signs, n in ((np.where(np.isin(np.arange(6), lines[1]), -side, side), 4), (side, 6)):
        hidden = suppressed(one_each(counts), lines, 1, forced, ties, signs)
        assert hidden.sum() == n


def test_a_wide_table_is_quick_and_is_not_emptied_whole():
    random = np.random.default_rng(0)
    rate = 60 * random.gamma(0.3, 1, (500, 1)) * random.gamma(0.5, 1, (1, 12))
    counts = random.poisson(rate).ravel()
    amounts, lines = one_each(counts), grid_lines(500, 12)
    started = time.process_time()
    hidden = suppressed(amounts, lines, 10)
    assert time.process_time() - started < 2  # it takes about 0.3
    # Few cells have to go beside those that are unsafe.
    assert hidden.mean() < (counts < 10).mean() + 0.02
