import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from photos import COLORS, figure, paint, photo_of

from trendcolor.color.palette import Palette
from trendcolor.color.spaces import color_difference, srgb_to_lab
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.config import ColorConfig
from trendcolor.evaluation.leak import POOLED, STEP, leaks_of, no_leaks, palette_difference
from trendcolor.segmentation.segmenter import Segmentation
from trendcolor.taxonomy import (
    BACKGROUND,
    BAG,
    GARMENTS,
    OUTERWEAR,
    SKIN,
    TOP,
    TROUSERS,
)

CONFIG = ColorConfig(erode=0)
RED, BLUE = [50.0, 60.0, 40.0], [40.0, 10.0, -50.0]
ROUNDING = STEP / 2  # a difference is counted to the nearest step


@st.composite
def palettes(draw):
    n = draw(st.integers(1, 5))
    unit = st.floats(0, 1, width=32)
    lab = draw(arrays(np.float64, (n, 3), elements=unit)) * [100, 120, 120] - [0, 60, 60]
    weight = draw(arrays(np.float64, n, elements=st.integers(1, 100)))
    return Palette(lab, weight / weight.sum(), spread=np.zeros(n), confidence=np.ones(n))


def certain(labels):
    """An answer of a segmenter that has no doubt."""
    return Segmentation(labels, np.full(labels.shape, 255, np.uint8))


def palette(*colors):
    """A palette from (lab, share)."""
    n = len(colors)
    return Palette(
        lab=np.array([lab for lab, _ in colors]),
        share=np.array([share for _, share in colors]),
        spread=np.zeros(n),
        confidence=np.ones(n),
    )


def row(leaks, garment):
    return next(row for row in leaks.table().to_dicts() if row["garment"] == garment)


def difference(one, other):
    """CIEDE2000 between two 8-bit sRGB colors."""
    labs = srgb_to_lab(np.array([one, other], np.uint8)).astype(float)
    return float(color_difference(labs[0], labs[1]))


def striped(n_leaked):
    """A top of 100 columns beside background, predicted with columns that it doesn't have."""
    true = np.zeros((60, 300), np.uint8)
    true[:, :100] = TOP
    predicted = true.copy()
    predicted[:, 100 : 100 + n_leaked] = TOP
    return true, predicted


@given(st.integers(0, 2**32 - 1))
def test_where_both_maps_agree_no_color_moves(seed):
    true = figure(60, 40)
    photo = photo_of(paint(true, noise=20, shade=0.5, seed=seed))
    table = leaks_of(photo, true, certain(true), ColorConfig(min_pixels=50)).table()
    assert table["missed"].sum() == table["invented"].sum() == 0
    pooled = table.row(-1, named=True)
    assert pooled["garment"] == POOLED
    assert pooled["compared"] == 2
    assert pooled["main_p90"] == pooled["palette_p90"] == 0


def test_a_leak_of_a_known_color_moves_the_palette_by_its_share_of_the_distance():
    # Of 125 columns 25 are leaked: as much of the area has the wall's color and moves by the
    # distance from wall to cloth. The main color stays.
    true, predicted = striped(25)
    leaks = leaks_of(photo_of(paint(true)), true, certain(predicted), CONFIG)
    moved = row(leaks, "top")
    apart = difference(COLORS[TOP], COLORS[BACKGROUND])
    assert moved["compared"] == 1
    assert moved["main_median"] == moved["main_p90"] == 0
    assert moved["palette_median"] == pytest.approx(25 / 125 * apart, abs=ROUNDING)


def test_a_leak_larger_than_the_garment_takes_its_main_color():
    true, predicted = striped(150)
    moved = row(leaks_of(photo_of(paint(true)), true, certain(predicted), CONFIG), "top")
    apart = difference(COLORS[TOP], COLORS[BACKGROUND])
    assert moved["main_median"] == pytest.approx(apart, abs=ROUNDING)
    assert moved["palette_median"] == pytest.approx(150 / 250 * apart, abs=ROUNDING)


def test_a_mask_that_is_too_small_moves_nothing_on_even_cloth():
    true = figure()
    predicted = np.where(np.arange(true.shape[1]) % 2, true, np.uint8(BACKGROUND))
    table = leaks_of(photo_of(paint(true)), true, certain(predicted), CONFIG).table()
    assert (
        row(leaks_of(photo_of(paint(true)), true, certain(predicted), CONFIG), POOLED)["compared"]
        == 2
    )
    assert table["main_p90"].fill_nan(0).max() == table["palette_p90"].fill_nan(0).max() == 0


def test_garments_that_are_not_predicted_are_counted_apart():
    true = figure()
    predicted = true.copy()
    predicted[predicted == TROUSERS] = BAG
    leaks = leaks_of(photo_of(paint(true)), true, certain(predicted), CONFIG)
    assert row(leaks, "trousers")["missed"] == row(leaks, "bag")["invented"] == 1
    assert row(leaks, "trousers")["compared"] == row(leaks, "bag")["compared"] == 0
    assert row(leaks, "top") | {"compared": 1, "missed": 0, "invented": 0} == row(leaks, "top")
    pooled = row(leaks, POOLED)
    assert (pooled["compared"], pooled["missed"], pooled["invented"]) == (1, 1, 0)
    assert np.isnan(row(leaks, "trousers")["main_median"])


@pytest.mark.parametrize(("columns", "compared"), [(39, 0), (40, 1)])
def test_a_garment_counts_from_min_pixels_at_the_photo_s_full_size(columns, compared):
    # 10 rows of a photo that is decoded at half its size: each pixel stands for four.
    true = np.zeros((10, 100), np.uint8)
    true[:, :columns] = TOP
    photo = photo_of(paint(true), full_size=(20, 200))
    leaks = leaks_of(photo, true, certain(true), ColorConfig(min_pixels=1600))
    assert row(leaks, "top")["compared"] == compared


def test_the_light_is_that_of_the_true_map_for_both_masks():
    # A warm wall, and a prediction that takes the wall for a coat: no evidence would be left.
    true = figure()
    warm = {BACKGROUND: (220, 170, 110), SKIN: (200, 140, 100)}
    predicted = np.where(true == BACKGROUND, np.uint8(OUTERWEAR), true)
    table = leaks_of(photo_of(paint(true, warm, noise=5)), true, certain(predicted), CONFIG).table()
    pooled = table.row(-1, named=True)
    assert (pooled["compared"], pooled["main_p90"], pooled["palette_p90"]) == (2, 0, 0)


def families(leaks, garment=None):
    """What is counted of a garment, or of all: (right, measured) -> garments."""
    names = [*FAMILIES, None]
    counts = leaks.families.sum(0) if garment is None else leaks.families[GARMENTS.index(garment)]
    return {(names[i], names[j]): int(counts[i, j]) for i, j in np.argwhere(counts)}


def test_main_colors_are_counted_by_their_families():
    true, predicted = striped(150)  # a red top; more gray wall than it has cloth is taken for it
    photo = photo_of(paint(true))
    assert families(leaks_of(photo, true, certain(true), CONFIG)) == {("red", "red"): 1}
    assert families(leaks_of(photo, true, certain(predicted), CONFIG), "top") == {
        ("red", "gray"): 1
    }


def test_a_garment_of_a_wrong_class_counts_with_its_color():
    true = figure()
    predicted = np.where(true == TROUSERS, np.uint8(BAG), true)
    leaks = leaks_of(photo_of(paint(true)), true, certain(predicted), CONFIG)
    assert families(leaks, "bag") == {("blue", "blue"): 1}
    assert families(leaks, "trousers") == {}
    assert families(leaks) == {("blue", "blue"): 1, ("red", "red"): 1}


def test_a_garment_that_lies_on_no_garment_is_none_and_a_missed_one_has_no_measured_color():
    true = figure()
    predicted = np.where(true == TROUSERS, np.uint8(SKIN), true)
    predicted[:, :20] = OUTERWEAR  # of gray wall
    leaks = leaks_of(photo_of(paint(true)), true, certain(predicted), CONFIG)
    assert families(leaks, "outerwear") == {(None, "gray"): 1}
    assert families(leaks, "trousers") == {("blue", None): 1}
    table = leaks.main_colors()
    assert table.columns == ["right", *FAMILIES, "missed"]
    assert table["right"].to_list() == [*FAMILIES, "no such garment"]
    rows = {row["right"]: row for row in table.to_dicts()}
    assert (rows["blue"]["missed"], rows["no such garment"]["gray"]) == (1, 1)
    assert rows["red"]["red"] == 1


@given(st.integers(0, 2**32 - 1))
def test_each_predicted_garment_is_counted_once(seed):
    random = np.random.default_rng(seed)
    true = figure(60, 40)
    predicted = np.where(random.random(true.shape) < 0.3, random.integers(0, 13, true.shape), true)
    predicted = predicted.astype(np.uint8)
    leaks = leaks_of(photo_of(paint(true)), true, certain(predicted), ColorConfig(min_pixels=50))
    table = leaks.table().head(-1)
    measured = table["compared"].sum() + table["invented"].sum()
    assert leaks.families[:, :, :-1].sum() == measured
    assert leaks.families[:, :, -1].sum() <= table["missed"].sum()


def test_what_is_transparent_is_no_garment():
    true = figure()
    opaque = true != TROUSERS
    leaks = leaks_of(photo_of(paint(true), opaque=opaque), true, certain(true), CONFIG)
    assert row(leaks, "trousers")["compared"] == row(leaks, "trousers")["missed"] == 0
    assert row(leaks, "top")["compared"] == 1


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2400)), max_size=12), st.integers(0, 12)
)
def test_leaks_of_parts_add_up_to_the_whole(found, at):
    def tally(part):
        leaks = no_leaks()
        main = leaks.main.copy()
        for garment, step in part:
            main[garment, step] += 1
        families = leaks.families.copy()
        for garment, step in part:
            families[garment, step % 13, step // 13 % 12] += 1
        return type(leaks)(main, main, main.sum(1), main.sum(1), families)

    whole, parts = tally(found), tally(found[:at]) + tally(found[at:])
    for name in ("main", "palette", "missed", "invented", "families"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))
    values = np.array([step * STEP for garment, step in found if garment < 5])
    pooled = row(parts, POOLED)
    assert pooled["compared"] == len(values)
    if len(values):
        for name, level in (("main_median", 0.5), ("main_p90", 0.9)):
            expected = np.quantile(values, level, method="inverted_cdf")
            assert pooled[name] == pytest.approx(expected)


def test_each_garment_has_a_row_and_the_main_ones_one_together():
    assert no_leaks().table()["garment"].to_list() == [*GARMENTS, POOLED]


@given(palettes(), palettes())
def test_palettes_differ_the_same_both_ways_and_never_more_than_their_colors(one, other):
    there, back = palette_difference(one, other), palette_difference(other, one)
    ground = color_difference(one.lab[:, None], other.lab[None])
    # 1e-6: the solver's tolerance times differences of up to 120.
    assert there == pytest.approx(back, abs=1e-6)
    assert ground.min() - 1e-6 <= there <= ground.max() + 1e-6
    assert palette_difference(one, one) == pytest.approx(0, abs=1e-6)


def test_palettes_differ_by_what_must_be_moved():
    apart = float(color_difference(np.array(RED), np.array(BLUE)))
    one = palette((RED, 0.6), (BLUE, 0.4))
    assert palette_difference(one, palette((BLUE, 1.0))) == pytest.approx(0.6 * apart)
    assert palette_difference(one, palette((BLUE, 0.55), (RED, 0.45))) == pytest.approx(
        0.15 * apart
    )


def test_colors_are_read_only_where_the_segmenter_is_certain():
    true = figure()
    predicted = true.copy()
    predicted[:, :20] = TOP  # a wide leak, of which the segmenter is not certain
    doubt = Segmentation(predicted, np.where(predicted == true, 255, 100).astype(np.uint8))
    photo = photo_of(paint(true))
    config = ColorConfig(erode=0, trust=0.8)
    assert row(leaks_of(photo, true, doubt, config), "top")["palette_median"] <= ROUNDING
    assert row(leaks_of(photo, true, certain(predicted), config), "top")["palette_median"] > 1
