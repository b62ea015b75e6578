"""The benchmark of fairness: its figures are what they say, on photos made for it."""

import fairness
import numpy as np
import pytest
from color_renders import Render
from photos import COLORS, figure, paint, photo_of

from trendcolor.color.spaces import linear_to_lab, srgb_to_lab, srgb_to_linear
from trendcolor.config import ColorConfig
from trendcolor.pipeline import analyze_photo
from trendcolor.segmentation.segmenter import Segmentation
from trendcolor.taxonomy import BACKGROUND, HAIR, SKIN, TOP, TROUSERS, is_garment

SKINS = [(60, 40, 32), (120, 84, 66), (205, 150, 120), (240, 205, 180)]


def truth(*, xy=(0.31271, 0.32902), awb=1.0, exposure=0.0, material="matte"):
    garments = [
        {
            **{"label": label, "name": name, "material": material, "image_share": 0.1},
            "colors": [{"srgb": list(COLORS[label]), "share": 1.0}],
        }
        for label, name in ((TOP, "top"), (TROUSERS, "trousers"))
    ]
    light = {"illuminant_xy": list(xy), "illuminant_linear_srgb": [1.0, 1.0, 1.0]}
    return {**light, "awb_fraction": awb, "exposure_ev": exposure, "garments": garments}


def render(skin=SKINS[2], shade=1.0, **more):
    labels = figure()
    rgb = paint(labels, {SKIN: skin})
    if shade != 1:
        table = np.rint(255 * (np.arange(256) / 255) * shade ** (1 / 2.4)).astype(np.uint8)
        rgb = table[rgb]
    return Render(rgb, labels, truth(**more))


class Knowing:
    """A segmenter that answers with a map that it was given."""

    def __init__(self, labels):
        self.labels = labels

    def segment(self, _):
        return Segmentation(self.labels, np.where(is_garment(self.labels), 255, 0).astype(np.uint8))


@pytest.mark.parametrize("skin", SKINS)
@pytest.mark.parametrize("shade", [1.0, 0.5], ids=["lit", "in shade"])
def test_skin_is_told_as_it_is_whatever_shade_falls_on_it(skin, shade):
    one = fairness.looks(0, render(skin, shade), Knowing(figure()))
    # Shade that multiplies coded values by a constant multiplies light by nearly one: 1 L* is left.
    assert [look.skin for look in one] == pytest.approx(
        [float(srgb_to_lab(np.uint8([skin]))[0, 0])] * 2, abs=0.1 if shade == 1 else 3
    )


def test_a_photo_without_enough_skin_is_left_out():
    labels = figure()
    hidden = np.where(labels == SKIN, np.uint8(HAIR), labels)
    lab = linear_to_lab(srgb_to_linear(paint(labels)))
    assert fairness.skin_color(lab, hidden) is None
    bare = Render(paint(labels), hidden, truth())
    assert fairness.looks(0, bare, Knowing(hidden)) == []


def test_where_no_garment_is_matte_shade_is_not_known():
    satin = render(material="satin")
    assert fairness.lit(srgb_to_linear(satin.rgb8), satin) is None
    assert fairness.looks(0, satin, Knowing(figure())) == []


def test_a_right_map_is_pure_and_whole():
    looks = fairness.looks(3, render(), Knowing(figure()))
    assert [look.photo for look in looks] == [3, 3]
    for look in looks:
        assert look.values == pytest.approx((1, 0, 1, 0, 0), abs=1e-6)
        # The dyes of `photos.COLORS`; D65 is 6504 K.
        assert look.light == pytest.approx(6504, abs=15)
        assert look.apart > fairness.CLOSE


def test_skin_that_is_taken_for_a_garment_is_counted():
    true = figure()
    found = true.copy()
    arms = true == SKIN
    found[arms] = TOP
    purity, skin, iou = fairness.masks(true, found, TOP)
    top, n_skin = np.count_nonzero(true == TOP), np.count_nonzero(arms)
    assert purity == pytest.approx(top / (top + n_skin))
    assert skin == pytest.approx(n_skin / (top + n_skin))
    assert iou == pytest.approx(top / (top + n_skin))
    found[arms] = BACKGROUND
    found[true == TROUSERS] = TOP
    assert fairness.masks(true, found, TOP)[:2] == (1, 0)  # another garment is no leak
    nothing = np.zeros_like(true)
    assert np.isnan(fairness.masks(true, nothing, TOP)[:2]).all()
    assert fairness.masks(true, nothing, TOP)[2] == 0


def test_a_garment_that_is_not_found_has_no_color_error():
    labels = figure()
    analysis = analyze_photo(photo_of(paint(labels)), labels, ColorConfig())
    known = srgb_to_lab(np.uint8([COLORS[TOP]]))[0].astype(float)
    assert fairness.color_error(analysis, "top", known) == pytest.approx(0, abs=1e-6)
    assert np.isnan(fairness.color_error(analysis, "dress", known))


@pytest.mark.parametrize(
    ("xy", "kelvin"), [((0.44758, 0.40745), 2856), ((0.34567, 0.35851), 5003)], ids=["A", "D50"]
)
def test_temperatures_are_those_of_standard_lights(xy, kelvin):
    assert fairness.temperature(*xy) == pytest.approx(kelvin, abs=10)


def made(photo, skin, error, apart=40.0):
    return fairness.Look(photo, skin, 6500.0, 50.0, apart, (0.9, 0.05, 0.8, error, error))


def test_groups_are_thirds_of_photos_by_skin():
    some = [made(i // 2, 20.0 + i // 2, 5.0, 10.0 if i % 3 else 30.0) for i in range(18)]
    found = fairness.groups(some)
    thirds = [words for words in found if words.startswith("skin: ")]
    assert thirds == [
        "skin: darkest third, L* 20 to 22",
        "skin: middle third, L* 23 to 25",
        "skin: lightest third, L* 26 to 28",
    ]
    assert [found[words].sum() for words in thirds] == [6, 6, 6]
    assert found["skin near the garment's color (< 15)"].sum() == 12
    assert found["all other garments"].sum() == 6
    assert not any(name in words for words in found for name in ("african", "asian", "caucasian"))


def test_an_interval_draws_whole_photos():
    photos = np.repeat(np.arange(30), 4)
    between = np.random.default_rng(0).normal(size=30)
    values = between[photos]  # garments of one photo are alike: only 30 things are known
    resamples = fairness.drawn(photos, 1500, 1)
    figure_of, low, high = fairness.interval(values, resamples, np.mean)
    assert figure_of == pytest.approx(between.mean())
    # The bootstrap's standard error of a mean of n values is their deviation over sqrt(n).
    assert (high - low) / (2 * 1.96) == pytest.approx(between.std() / np.sqrt(30), rel=0.1)
    for rows in resamples[:20]:
        assert set(np.bincount(photos[rows], minlength=30) % 4) == {0}


def test_what_is_missed_takes_no_part_in_a_figure():
    values = np.array([1.0, np.nan, 3.0])
    resamples = fairness.drawn(np.arange(3), 200, 0)
    assert fairness.interval(values, resamples, np.mean)[0] == 2


def test_a_difference_is_found_where_there_is_one_and_its_interval_holds_zero_where_not():
    some = [made(i, 20.0 + i, 4.0 + (i % 5) + (6.0 if i < 20 else 0.0)) for i in range(60)]
    found = fairness.groups(some)
    pair = fairness.contrasts(found)["darkest less lightest skin"]
    resamples = fairness.drawn(np.arange(60), 500, 0)
    values = np.array([each.values for each in some]).T
    told, low, high = fairness.difference(values[3], pair, resamples, np.median)
    assert told == pytest.approx(6)
    assert low > 3
    told, low, high = fairness.difference(values[0], pair, resamples, np.mean)
    assert told == pytest.approx(0)
    assert low <= 0 <= high


def test_the_table_names_groups_by_what_was_measured():
    some = [made(i, 20.0 + i, 5.0, 10.0 if i % 2 else 30.0) for i in range(12)]
    rows = fairness.rows_of("made", some, 50, 0)
    head = fairness.HEAD.splitlines()[0]
    assert {row.count("|") for row in rows} == {head.count("|")}
    assert "0.900 (0.900 to 0.900)" in rows[0]
    assert "5.0 (5.0 to 5.0)" in rows[0]
    assert rows[-3].startswith("| made | **darkest less lightest skin** |")
