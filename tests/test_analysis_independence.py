from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.analysis.independence import Pairs, Wardrobe, expected


def wardrobe(kinds, looks, shares, garments=100.0):
    """One group's, from what share of each class's garments has each color."""
    shares = np.array(shares, float)
    return Wardrobe(
        kinds=np.array(kinds, float),
        looks=np.array([looks], float),
        garments=np.full((1, len(shares)), garments),
        colors=shares[None] * garments,
    )


def pairs(*found):
    return Pairs(*np.array(found).T)


def test_two_garments_meet_as_the_product_of_their_shares_both_ways_round():
    # Tops are 30 % black, 50 % red, trousers 60 % and 10 %: .3 * .1 + .5 * .6 of 200 looks.
    found = expected(wardrobe([[1, 1]], [200], [[0.3, 0.5], [0.6, 0.1]]), pairs((0, 1), (0, 0)))
    assert found[0].tolist() == pytest.approx([200 * 0.33, 200 * 0.18])


def test_looks_with_more_garments_are_expected_to_show_more_pairs():
    half = [[0.5, 0.5]] * 4
    counts = [
        expected(wardrobe([[1] * n + [0] * (4 - n)], [80], half), pairs((0, 1)))[0, 0]
        for n in (2, 3, 4)
    ]
    assert counts == pytest.approx([80 * (1 - 2 * 0.5**n) for n in (2, 3, 4)])


def test_a_color_that_all_garments_of_a_class_have_is_no_surprise():
    found = expected(wardrobe([[1, 1]], [100], [[0, 0.3], [1, 0]]), pairs((0, 1), (0, 0)))
    assert found[0].tolist() == pytest.approx([30, 0], abs=1e-8)


def test_colors_that_meet_within_a_garment_are_expected_to():
    # Each top is striped in both colors, trousers have neither: all looks show both.
    both = np.array([[[100.0], [0.0]]])
    found = expected(wardrobe([[1, 1]], [50], [[1, 1], [0, 0]]), pairs((0, 1)), both)
    assert found[0, 0] == pytest.approx(50)


palettes = st.lists(st.integers(0, 8), min_size=3, max_size=3).filter(any)


@given(st.lists(palettes, min_size=3, max_size=3), st.lists(st.booleans(), min_size=3, max_size=3))
def test_counting_all_outcomes_gives_the_same(weights, worn):
    shares = np.array([[w / sum(row) for w in row] for row in weights])
    asked = [(0, 1), (1, 2), (0, 0), (2, 2)]
    found = expected(wardrobe([worn], [1], shares), pairs(*asked))[0]
    true = np.zeros(len(asked))
    rows = np.flatnonzero(worn)
    for outcome in product(range(3), repeat=len(rows)):
        chance = np.prod(shares[rows, list(outcome)]) if len(rows) else 1.0
        for i, (one, other) in enumerate(asked):
            wanted = 2 if one == other else 1
            true[i] += chance * (outcome.count(one) >= wanted and outcome.count(other) >= wanted)
    np.testing.assert_allclose(found, true, atol=1e-9)
    assert (found >= 0).all()
    assert (found <= 1).all()
