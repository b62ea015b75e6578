import numpy as np
import pytest
from garment_rows import BLACK, WHITE, garment, records
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trendcolor.analysis.transport import cheapest_transport, distance, pool
from trendcolor.color.spaces import color_difference
from trendcolor.histograms import bin_to_lab, histogram, rgb_to_bin

# A frame's first query takes long on a busy machine; that is no failure.
UNHURRIED = settings(deadline=None, max_examples=50)


def counted(color, n):
    return [garment(f"{color}{i}", color) for i in range(n)]


def weights(*garments):
    return histogram(records(*garments)).collect()


def test_the_worked_example_of_rubners_program():
    # Example 1 of Y. Rubner's earth mover's distance (1998): Euclidean RGB, 160.542770.
    one = np.array([[100, 40, 22], [211, 20, 2], [32, 190, 150], [2, 100, 100]], float)
    other = np.array([[0, 0, 0], [50, 100, 80], [255, 255, 255]], float)
    cost = np.linalg.norm(one[:, None] - other[None], axis=-1)
    found = cheapest_transport(np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.5, 0.3, 0.2]), cost)
    assert found == pytest.approx(160.542770, abs=1e-5)


places = st.lists(st.tuples(st.floats(0, 100), st.integers(1, 9)), min_size=1, max_size=8)


@UNHURRIED
@given(places, places)
def test_along_a_line_it_is_the_area_between_the_distributions(one, other):
    (x, supply), (y, demand) = (np.array(each).T for each in (one, other))
    supply, demand = supply / supply.sum(), demand / demand.sum()
    found = cheapest_transport(supply, demand, np.abs(x[:, None] - y[None]))
    grid = np.unique(np.concatenate([x, y]))
    below = [
        (weight[:, None] * (place[:, None] <= grid)).sum(axis=0)
        for place, weight in ((x, supply), (y, demand))
    ]
    area = float((np.abs(below[0] - below[1])[:-1] * np.diff(grid)).sum())
    assert found == pytest.approx(area, abs=1e-5)
    assert found == pytest.approx(stats.wasserstein_distance(x, y, supply, demand), abs=1e-5)


def test_grays_move_by_the_area_between_their_distributions_of_lightness():
    # Two of three dark grays stay, one becomes light: the area is a third of the way between.
    dark, light = (40, 40, 40), (200, 200, 200)
    lab = bin_to_lab(rgb_to_bin(*np.array([dark, light]).T))
    step = float(color_difference(lab[0], lab[1]))
    one, other = weights(*counted(dark, 3)), weights(*counted(dark, 2), *counted(light, 1))
    assert distance(one, other) == pytest.approx(step / 3, abs=1e-4)
    # Moving a third on, by way of the middle, costs what the two areas cost.
    assert step == pytest.approx(60, abs=6)


def test_a_cube_lies_where_its_colors_lie_on_average():
    bins = rgb_to_bin([0, 4, 255], [0, 4, 255], [0, 4, 255])
    found = pool(bins, np.array([1.0, 3.0, 2.0]))
    assert len(found.lab) == 2
    np.testing.assert_allclose(found.lab[found.cube[2]], bin_to_lab(bins)[2])


def test_from_black_to_white_is_a_hundred():
    # Bins stand for their centers, 2 from each end of L*; S_L is 1 at the mean of 50.
    assert distance(weights(garment("a", BLACK)), weights(garment("b", WHITE))) == pytest.approx(96)


def test_half_of_the_garments_move_half_as_far():
    one = weights(garment("a", BLACK), garment("b", BLACK))
    other = weights(garment("a", BLACK), garment("b", WHITE))
    assert distance(one, other) == pytest.approx(48)


def test_how_many_garments_there_are_has_no_effect():
    one, other = weights(*counted(BLACK, 2)), weights(*counted(BLACK, 30), *counted(WHITE, 10))
    assert distance(one, other) == pytest.approx(24)


colors = st.tuples(*(st.integers(0, 255) for _ in range(3)))
groups = st.lists(colors, min_size=1, max_size=8).map(
    lambda found: weights(*(garment(str(i), color) for i, color in enumerate(found)))
)


@UNHURRIED
@given(groups)
def test_a_histogram_is_at_no_distance_from_itself(one):
    # The solver's own tolerance is 1e-7 of a weight, on costs of at most some 120.
    assert distance(one, one) == pytest.approx(0, abs=1e-4)


@UNHURRIED
@given(groups, groups)
def test_the_distance_is_the_same_both_ways_round(one, other):
    assert distance(one, other) == pytest.approx(distance(other, one), abs=1e-4)
