import numpy as np

from trendcolor.analysis.value_pairs import ValuePairs


def pairs(*edges):
    one, other = zip(*edges, strict=True)
    return ValuePairs(np.array(one), np.array(other))


def test_a_pair_is_a_bridge_where_its_column_follows_from_all_sums():
    random = np.random.default_rng(0)
    for _ in range(60):
        grid = random.random((4, 5)) < 0.4
        grid[:, 0] |= ~grid.any(axis=1)
        grid[0] |= ~grid.any(axis=0)
        values = ValuePairs(*np.nonzero(grid))
        sums = np.zeros((values.n_nodes, len(values.one)))
        sums[values.one, np.arange(len(values.one))] = 1
        sums[values.other + values.n_one, np.arange(len(values.one))] = 1
        follows = [
            np.linalg.matrix_rank(np.vstack([sums, aim])) == np.linalg.matrix_rank(sums)
            for aim in np.eye(len(values.one))
        ]
        found = dict(values.bridges())
        assert sorted(found) == np.flatnonzero(follows).tolist()
        for number, side in found.items():
            # On the side of one of its ends, what the one column sums to less the other is it.
            signs = np.where(np.arange(values.n_nodes) < values.n_one, 1, -1)
            told = signs[side] @ sums[side]
            assert np.abs(told).tolist() == np.eye(len(values.one))[number].tolist()


def test_a_zero_between_knots_can_not_be_more():
    # A ring of four pairs and a pair beside it.
    values = pairs((0, 0), (0, 1), (1, 0), (1, 1), (2, 1))
    ring, beside = values.knots(np.array([[1, 0, 0, 1, 1], [1, 1, 1, 1, 0]], bool))
    assert len({*ring}) == 1
    assert [len({*beside[:2], *beside[3:]}), beside[2] == beside[0]] == [1, False]
