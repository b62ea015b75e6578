from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from photos import figure, paint, photo_of

from trendcolor.config import ColorConfig
from trendcolor.evaluation.scores import BAND, Compared, no_scores, score_photo, without_edges
from trendcolor.segmentation.confusion import confusion
from trendcolor.taxonomy import BACKGROUND, IGNORE, SKIN, TOP, TROUSERS, is_garment

ids = st.sampled_from([BACKGROUND, SKIN, TOP, IGNORE])
maps = arrays(np.uint8, st.tuples(st.integers(1, 15), st.integers(1, 15)), elements=ids)
CONFIG = ColorConfig(min_pixels=50)


def compared(name="a", seed=0):
    """A figure whose map is predicted with a tenth of its pixels at random."""
    true = figure(60, 40)
    random = np.random.default_rng(seed)
    predicted = np.where(random.random(true.shape) < 0.1, random.integers(0, 13), true)
    certainty = random.integers(0, 256, true.shape).astype(np.uint8)
    photo = photo_of(paint(true, noise=10, seed=seed))
    return Compared(name, photo, true, predicted.astype(np.uint8), certainty)


def numbers(scores):
    """Everything that is counted, as arrays by name."""
    found = {"photos": np.array(scores.photos)}
    for part in ("whole", "away_from_edges", "strata", "leaks", "certainty"):
        counted = getattr(scores, part)
        found |= {f"{part}.{one.name}": getattr(counted, one.name) for one in fields(counted)}
    return found


def test_the_band_is_3_pixels_on_each_side_of_a_boundary():
    true = np.full((20, 30), BACKGROUND, np.uint8)
    true[:, 12:] = TOP
    expected = true.copy()
    expected[:, 9:15] = IGNORE
    np.testing.assert_array_equal(without_edges(true), expected)
    np.testing.assert_array_equal(without_edges(true.T), expected.T)
    assert without_edges(true).dtype == np.uint8


def test_the_band_goes_round_a_corner_as_a_square():
    true = np.full((20, 20), BACKGROUND, np.uint8)
    true[9, 9] = TOP
    expected = np.full((20, 20), BACKGROUND, np.uint8)
    expected[9 - BAND : 10 + BAND, 9 - BAND : 10 + BAND] = IGNORE
    np.testing.assert_array_equal(without_edges(true), expected)


@given(maps)
def test_what_is_away_from_edges_has_one_class_all_around(true):
    before = true.copy()
    scored = without_edges(true)
    np.testing.assert_array_equal(true, before)
    for (y, x), label in np.ndenumerate(scored):
        around = true[max(0, y - BAND) : y + BAND + 1, max(0, x - BAND) : x + BAND + 1]
        is_inside = (around == true[y, x]).all()
        assert label == (true[y, x] if is_inside else IGNORE)


@settings(max_examples=10)
@given(st.permutations(range(4)), st.integers(0, 4))
def test_scores_of_photos_add_up_whatever_the_order(order, at):
    scored = [score_photo(compared(f"{i}", i), CONFIG, may_show=False) for i in range(4)]
    whole = sum(scored, no_scores())
    shuffled = [scored[i] for i in order]
    parts = sum(shuffled[:at], no_scores()) + sum(shuffled[at:], no_scores())
    assert numbers(parts).keys() == numbers(whole).keys()
    for name, counted in numbers(whole).items():
        np.testing.assert_array_equal(numbers(parts)[name], counted, err_msg=name)
    assert [one.photo for one in parts.worst] == [one.photo for one in whole.worst]
    assert whole.photos == 4


def test_each_part_counts_the_same_photo():
    one = compared()
    scores = score_photo(one, CONFIG, may_show=False)
    garment = np.count_nonzero(is_garment(one.true))
    np.testing.assert_array_equal(scores.whole.counts, confusion(one.true, one.predicted).counts)
    assert scores.strata.photos.sum() == 4
    assert scores.leaks.main.sum() == 2
    assert scores.certainty.garment.sum() == garment
    assert [picture.photo for picture in scores.worst] == ["a"]


def test_colors_are_read_at_the_size_that_a_photo_is_decoded_at():
    true = figure(120, 80)
    photo = photo_of(paint(figure(60, 40)), full_size=(120, 80))
    large = Compared("a", photo, true, true, np.zeros_like(true))
    scores = score_photo(large, CONFIG, may_show=True)
    assert scores.whole.counts.sum() == true.size
    assert scores.leaks.main[:, 0].sum() == 2
    assert scores.worst[0].rgb.shape == (120, 80, 3)


@pytest.mark.parametrize("may_show", [True, False])
def test_no_pixel_of_the_photo_is_kept_unless_it_may_be_shown(may_show):
    (picture,) = score_photo(compared(), CONFIG, may_show=may_show).worst
    assert (picture.rgb is not None) == may_show


def test_a_photo_without_garments_is_scored():
    true = np.where(figure(60, 40) >= TOP, np.uint8(BACKGROUND), figure(60, 40))
    photo = photo_of(paint(true))
    right = Compared("a", photo, true, true, np.zeros_like(true))
    scores = score_photo(right, CONFIG, may_show=False)
    assert (scores.photos, scores.worst, scores.leaks.missed.sum()) == (1, (), 0)
    wrong = Compared("b", photo, true, np.full_like(true, TROUSERS), np.full_like(true, 255))
    scores = score_photo(wrong, CONFIG, may_show=False)
    assert scores.worst[0].garment_iou == 0
    assert scores.leaks.invented.sum() == 1
