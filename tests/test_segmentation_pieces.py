import numpy as np
import pytest

from trendcolor.segmentation import pieces as module
from trendcolor.segmentation.pieces import is_worn, join_pieces
from trendcolor.taxonomy import (
    BACKGROUND,
    CLASSES,
    DRESS,
    FOOTWEAR,
    HAIR,
    IGNORE,
    OUTERWEAR,
    SKIN,
    TOP,
    TROUSERS,
)


def flat_shirt():
    """A shirt on a bed, 40 x 30, of which a third is called outerwear and a corner dress."""
    labels = np.zeros((80, 60), np.uint8)
    labels[20:60, 15:45] = TOP
    labels[20:33, 15:45] = OUTERWEAR
    labels[55:60, 40:45] = DRESS
    return labels


def test_a_piece_that_nobody_wears_is_of_the_class_that_most_of_it_has():
    labels = flat_shirt()
    joined = join_pieces(labels)
    np.testing.assert_array_equal(joined[20:60, 15:45], TOP)
    assert np.count_nonzero(joined) == 40 * 30


def test_pieces_that_lie_apart_keep_a_class_of_their_own():
    labels = flat_shirt()
    labels[65:78, 5:50] = TROUSERS
    joined = join_pieces(labels)
    assert set(np.unique(joined)) == {BACKGROUND, TOP, TROUSERS}


def test_specks_are_background():
    labels = flat_shirt()
    labels[70:74, 50:55] = FOOTWEAR  # 20 pixels, below 5 % of 1,200
    labels[5, 5] = SKIN
    joined = join_pieces(labels)
    assert set(np.unique(joined)) == {BACKGROUND, TOP}


@pytest.mark.parametrize("person", [SKIN, HAIR])
def test_worn_clothes_are_left_alone(person):
    labels = flat_shirt()
    labels[10:20, 25:31] = person  # 60 pixels: 5 % of the garment
    np.testing.assert_array_equal(join_pieces(labels), labels)


def test_a_photo_without_garments_is_left_alone():
    labels = np.full((9, 9), BACKGROUND, np.uint8)
    labels[0] = IGNORE
    np.testing.assert_array_equal(join_pieces(labels), labels)


def test_the_map_is_not_modified():
    labels = flat_shirt()
    before = labels.copy()
    join_pieces(labels)
    np.testing.assert_array_equal(labels, before)


@pytest.mark.parametrize("seed", range(20))
def test_compiled_loops_and_numpy_agree_on_whether_clothes_are_worn(seed):
    random = np.random.default_rng(seed)
    some = random.choice([*range(len(CLASSES)), 255], 3)
    labels = random.choice([BACKGROUND, HAIR, *some], (9, 31), p=[0.5, 0.04, 0.2, 0.2, 0.06])
    labels = labels.astype(np.uint8)
    found = is_worn(labels)
    assert module.IS_COMPILED
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "IS_COMPILED", False)
        assert is_worn(labels) == found
