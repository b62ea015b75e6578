import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import null_space

from trendcolor.analysis.suppression import is_safe
from trendcolor.analysis.table_family import TableFamily

N_COLORS = 4
WIDTH = N_COLORS + 1
TABLES = [frozenset(names) for names in ((), ("a",), ("b",), ("a", "b"))]
PLACES = {
    "across": [(a, b) for a in range(3) for b in range(3)],
    "nested": [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2)],
}


def family(kind, seed, min_cell):
    """Tables by a and b of sources that have a few garments each."""
    random = np.random.default_rng(seed)
    places = np.array(PLACES[kind])
    rate = random.gamma(0.6, 2, (len(places), N_COLORS, 1))
    values = random.poisson(rate * random.gamma(0.3, 1, 14))
    values[:, 0, 0] += 1  # a group that occurs has a garment
    whole = np.concatenate([values, values.sum(axis=1, keepdims=True)], axis=1)
    return TableFamily(
        codes={"a": places[:, 0], "b": places[:, 1]},
        below={"a": frozenset({"b"} if kind == "nested" else ()), "b": frozenset()},
        kept=frozenset(),
        amounts=sparse.csr_array(whole.reshape(-1, 14).astype(float)),
        width=WIDTH,
        n_colors=N_COLORS,
        min_cell=min_cell,
    )


def figures(table):
    """Each figure of a table as a sum of the colors of the finest groups."""
    n_finest = len(table.place)
    sums = np.zeros((int(table.place.max()) + 1, WIDTH, n_finest, N_COLORS))
    for group, to in enumerate(table.place):
        sums[to, np.arange(N_COLORS), group, np.arange(N_COLORS)] = 1
        sums[to, -1, group] = 1
    return sums.reshape(-1, n_finest * N_COLORS)


def given_away(tables, min_cell, *, knows_zeros):
    """How many unsafe figures of all tables follow from those that are told."""
    asked = [tables.table(columns) for columns in TABLES if columns in closed(tables)]
    sums = np.concatenate([figures(table) for table in asked])
    hidden = np.concatenate([table.hidden for table in asked])
    amounts = np.concatenate([table.amounts.toarray() for table in asked])
    unsafe = np.array([not is_safe(row, min_cell) for row in amounts])
    assert not (unsafe & ~hidden).any()
    if knows_zeros:
        worn = tables.amounts.toarray().reshape(-1, WIDTH, 14)[:, :-1].any(axis=2).ravel()
        sums, unsafe = sums[:, worn], unsafe & amounts.any(axis=1)
    told = sums[~hidden]
    free = null_space(told) if len(told) else np.eye(sums.shape[1])
    follows = np.abs(sums @ free).max(axis=1, initial=0) < 1e-9
    return int((follows & unsafe).sum())


def closed(tables):
    """Tables by a column are also by those that it is part of."""
    return [each for each in TABLES if all(tables.below[name] <= each for name in each)]


@pytest.mark.parametrize("kind", PLACES)
def test_no_unsafe_figure_of_any_table_follows_from_all_of_them(kind):
    told = 0
    for seed in range(25):
        tables, min_cell = family(kind, seed, 1 + seed % 4), 1 + seed % 4
        tables.table(frozenset({"a", "b"}))
        assert given_away(tables, min_cell, knows_zeros=False) == 0, seed
        told += sum(int((~tables.table(columns).hidden).sum()) for columns in closed(tables))
    assert told > 300


def test_nor_where_columns_are_nested_for_who_knows_what_nobody_wears():
    for seed in range(25):
        tables, min_cell = family("nested", seed, 1 + seed % 4), 1 + seed % 4
        tables.table(frozenset({"a", "b"}))
        assert given_away(tables, min_cell, knows_zeros=True) == 0, seed


@pytest.mark.parametrize("kind", PLACES)
def test_a_table_is_the_same_whatever_was_asked_before(kind):
    for seed in range(10):
        both = family(kind, seed, 3)
        both.table(frozenset({"a", "b"}))
        for columns in closed(both):
            alone = family(kind, seed, 3).table(columns)
            assert (alone.hidden == both.table(columns).hidden).all()
            assert (alone.place == both.table(columns).place).all()


def test_a_table_by_one_column_tells_nothing_new_of_what_is_empty_without_it():
    for seed in range(15):
        tables = family("across", seed, 3)
        whole, by_a = (tables.table(frozenset(names)) for names in ((), ("a",)))
        before, after = (
            null_space(np.concatenate([figures(each)[~each.hidden] for each in asked]))
            if any((~each.hidden).any() for each in asked)
            else np.eye(len(whole.place) * N_COLORS)
            for asked in ([whole], [whole, by_a])
        )
        sums = figures(whole)
        assert np.linalg.matrix_rank(sums @ before) == np.linalg.matrix_rank(sums @ after)


def test_tables_over_columns_that_do_not_add_up_are_none_of_the_family():
    tables = family("across", 0, 3)
    looks = TableFamily(
        **{
            name: getattr(tables, name)
            for name in ("codes", "below", "amounts", "width", "n_colors", "min_cell")
        },
        kept=frozenset({"a"}),
    )
    looks.table(frozenset({"a", "b"}))
    assert {*looks.tables} == {frozenset({"a"}), frozenset({"a", "b"})}
