import numpy as np
import pytest

from trendcolor.color.shading import cluster_centers, join_shades
from trendcolor.color.spaces import linear_to_lab, srgb_to_linear


def lit(rgb8, amounts):
    """A dye in CIELAB under the given amounts of light."""
    linear = srgb_to_linear(np.uint8(rgb8)).astype(float)
    return linear_to_lab(linear * np.asarray(amounts, float)[:, None])


def cells(*heaps):
    """Colors, their counts and the heap of each."""
    lab = np.concatenate(heaps)
    labels = np.repeat(np.arange(len(heaps)), [len(heap) for heap in heaps])
    return lab, np.ones(len(lab)), labels


RAMP = np.linspace(0.35, 1, 60)


@pytest.mark.parametrize("dye", [(150, 30, 40), (30, 50, 120), (120, 120, 118), (20, 20, 24)])
def test_one_dye_in_light_and_shade_is_one(dye):
    thirds = np.array_split(lit(dye, RAMP), 3)
    assert join_shades(*cells(*thirds)).tolist() == [0, 0, 0]


def test_two_grays_with_nothing_between_stay_two():
    dark, light = lit((60, 60, 60), np.linspace(0.9, 1, 30)), lit((200, 200, 200), [1] * 30)
    assert join_shades(*cells(dark, light)).tolist() == [0, 1]


def test_another_hue_stays_apart():
    red, blue = lit((150, 30, 40), RAMP), lit((40, 60, 150), RAMP)
    halves = [*np.array_split(red, 2), *np.array_split(blue, 2)]
    assert join_shades(*cells(*halves)).tolist() == [0, 0, 1, 1]


def test_the_order_of_clusters_only_changes_their_numbers():
    red, blue = lit((150, 30, 40), RAMP), lit((40, 60, 150), RAMP)
    parts = [*np.array_split(red, 3), *np.array_split(blue, 3)]
    one = join_shades(*cells(*parts))
    order = [3, 0, 5, 1, 4, 2]
    other = join_shades(*cells(*(parts[i] for i in order)))
    same = one[:, None] == one
    np.testing.assert_array_equal(same[np.ix_(order, order)], other[:, None] == other)


def test_a_center_is_the_mean_by_count():
    lab = np.array([[10.0, 0, 0], [20, 0, 0], [50, 5, 5]])
    centers = cluster_centers(lab, np.array([3.0, 1, 2]), np.array([0, 0, 1]))
    np.testing.assert_allclose(centers, [[12.5, 0, 0], [50, 5, 5]])
