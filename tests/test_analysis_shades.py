import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trendcolor.analysis.shades import OTHER, WITHIN, shades
from trendcolor.color.spaces import color_difference, srgb_to_lab

rgb = arrays(np.uint8, st.tuples(st.integers(1, 30), st.just(3)), unique=False)


def distinct(rgb8):
    return np.unique(rgb8, axis=0)


def lab_of(code):
    return srgb_to_lab(np.array([list(bytes.fromhex(code[1:]))], np.uint8)).astype(float)


def test_near_blacks_are_one_shade_and_red_is_another():
    colors = np.array([[22, 20, 24], [24, 22, 26], [30, 28, 31], [176, 26, 39]], np.uint8)
    found = shades(colors, np.array([40, 30, 10, 5]))
    # The median garment of the 80 dark ones is the 40th: of the first color, or the one beside it.
    assert found[:3] == ["#161418"] * 3
    assert found[3] == "#b01a27"


def test_a_shade_lies_where_most_garments_are_not_in_the_middle():
    colors = np.array([[40, 40, 40], [46, 46, 46], [60, 60, 60]], np.uint8)
    assert shades(colors, np.array([90, 5, 5]))[0] == "#282828"


def test_a_color_of_no_garment_takes_the_shade_that_it_lies_in():
    colors = np.array([[22, 20, 24], [25, 23, 27], [0, 200, 0]], np.uint8)
    assert shades(colors, np.array([10, 0, 0])) == ["#161418", "#161418", OTHER]


@given(rgb, st.randoms(use_true_random=False))
def test_order_of_colors_has_no_effect(rgb8, random):
    colors = distinct(rgb8)
    garments = np.array([random.randint(1, 50) for _ in colors])
    order = random.sample(range(len(colors)), len(colors))
    found, shuffled = shades(colors, garments), shades(colors[order], garments[order])
    assert [found[i] for i in order] == shuffled


@given(rgb)
def test_colors_of_a_shade_lie_together(rgb8):
    colors = distinct(rgb8)
    found = shades(colors, np.ones(len(colors), int))
    lab = srgb_to_lab(colors).astype(float)
    for code in set(found) - {OTHER}:
        members = lab[[name == code for name in found]]
        # Each member's bin is within the reach of the mode, and so is the bin of the median: at
        # most twice the reach apart, and half a bin of 4 on each side.
        assert color_difference(members, lab_of(code)).max() <= 2 * WITHIN + 2 * 3.5
