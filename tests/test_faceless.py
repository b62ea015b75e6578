"""Skin and hair say nothing: whatever they look like, the records are the same.

With label maps given nothing changes at all; `python benchmarks/faceless.py` measures what does
with the segmenter, which sees the whole photo.
"""

import json
from dataclasses import replace

import faceless
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from photos import figure, labelled_photo, paint, photo_of
from PIL import Image

from trendcolor.config import PACKAGE, ColorConfig, ImagesConfig
from trendcolor.images.decode import read_photo
from trendcolor.pipeline import Pipeline, analyze_photo, photo_row, record_rows
from trendcolor.segmentation.segmenter import Segmentation
from trendcolor.taxonomy import BACKGROUND, HAIR, HEADWEAR, IGNORE, SKIN, TOP, TROUSERS, is_garment

LOOKBOOK = PACKAGE / "samples" / "lookbook"
STEMS = [path.stem for path in sorted((LOOKBOOK / "images").iterdir())[::12]]
CONFIGS = {"correct": ColorConfig(), "no-correct": ColorConfig(correct=False)}
OTHERS = np.random.default_rng(1).integers(40, 220, (500, 3), dtype=np.uint8)
WAYS = {"gray": faceless.gray, "noise": faceless.noise, "another's": faceless.others(OTHERS)}
DECLARED = {"cohort": "womenswear", "source": "s1", "season": "AW25"}

either = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
any_way = pytest.mark.parametrize("how", WAYS.values(), ids=WAYS.keys())


def sample(stem):
    photo = read_photo(LOOKBOOK / "images" / f"{stem}.jpg", ImagesConfig())
    return photo, np.asarray(Image.open(LOOKBOOK / "masks" / f"{stem}.png"))


def replaced(photo, where, how, seed=0):
    other = faceless.replaced(photo, where, how, np.random.default_rng(seed))
    changed = (other.rgb != photo.rgb).any(axis=-1)
    assert changed.any()  # else there would be nothing to see
    assert not changed[~where].any()
    return other


@either
@any_way
@pytest.mark.parametrize("stem", STEMS)
def test_skin_and_hair_of_a_sample_photo_have_no_effect(stem, how, config):
    photo, labels = sample(stem)
    other = replaced(photo, faceless.skin_and_hair(labels), how)
    one, two = (analyze_photo(each, labels, config) for each in (photo, other))
    assert one.garments
    assert one.garments == two.garments
    assert one.illuminant == two.illuminant


def test_some_sample_photo_is_corrected():
    # Else the light would have no say above.
    lights = [analyze_photo(*sample(stem), ColorConfig()).illuminant for stem in STEMS]
    assert any(light.applied for light in lights)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from(sorted(WAYS)))
def test_skin_and_hair_of_a_made_up_photo_have_no_effect(seed, correct, how):
    labels = figure()
    photo = photo_of(paint(labels, {BACKGROUND: (210, 160, 90)}, noise=6, shade=0.3, seed=seed))
    other = replaced(photo, faceless.skin_and_hair(labels), WAYS[how], seed)
    config = ColorConfig(correct=correct)
    one, two = (analyze_photo(each, labels, config) for each in (photo, other))
    assert one.garments == two.garments
    assert one.illuminant == two.illuminant


@pytest.mark.parametrize("stem", STEMS)
def test_uncorrected_what_is_above_the_collar_has_no_effect_on_what_is_below(stem):
    photo, labels = sample(stem)
    other = replaced(photo, faceless.above_collar(labels), faceless.noise)
    hidden = faceless.partly_above_collar(labels)
    one, two = (
        [
            g
            for g in analyze_photo(p, labels, CONFIGS["no-correct"]).garments
            if g.garment not in hidden
        ]
        for p in (photo, other)
    )
    assert one
    assert one == two


@pytest.mark.parametrize("stem", STEMS[:4])
def test_uncorrected_only_garments_have_an_effect(stem):
    photo, labels = sample(stem)
    other = replaced(photo, ~is_garment(labels), faceless.noise)
    one, two = (analyze_photo(each, labels, CONFIGS["no-correct"]) for each in (photo, other))
    assert one.garments == two.garments


def test_corrected_the_background_has_an_effect():
    # So that the tests above could fail: the light is read from the background.
    labels = figure()
    warm = photo_of(paint(labels, {BACKGROUND: (200, 150, 80)}, noise=8))
    plain = replaced(warm, labels == BACKGROUND, faceless.gray)
    one, two = (analyze_photo(each, labels, ColorConfig()) for each in (warm, plain))
    assert one.garments != two.garments


@either
@any_way
def test_a_segmenter_s_answer_is_as_good_as_a_given_map(config, how):
    photo, labels = sample(STEMS[0])
    given_map = Segmentation(labels, np.where(is_garment(labels), 255, 0).astype(np.uint8))
    other = replaced(photo, faceless.skin_and_hair(labels), how)
    one, two = (analyze_photo(each, given_map, config) for each in (photo, other))
    assert one.garments == two.garments
    assert one.illuminant == two.illuminant


def rows(tmp_path, labels, rgb, config, **declared):
    """All that a run writes of a photo that comes as a file."""
    ref = labelled_photo(tmp_path, "a", labels, rgb, **declared)
    result = Pipeline(segmenter=None, images=ImagesConfig(screen=False), color=config)(ref)
    return list(record_rows(result)), photo_row(result)


@either
@any_way
def test_all_rows_of_a_run_are_the_same_declared_columns_among_them(tmp_path, config, how):
    photo, labels = sample(STEMS[1])
    other = replaced(photo, faceless.skin_and_hair(labels), how)
    one, two = (
        rows(tmp_path / name, labels, each.rgb, config, **DECLARED)
        for name, each in (("one", photo), ("two", other))
    )
    assert one == two
    assert len(one[0]) > 2
    assert all(DECLARED.items() <= row.items() for row in [*two[0], two[1]])


@pytest.mark.parametrize("cohort", ["womenswear", "menswear", "", None])
def test_a_cohort_is_what_was_declared_whatever_is_seen(tmp_path, cohort):
    photo, labels = sample(STEMS[2])
    everything = np.ones(labels.shape, bool)
    for name, each in (("one", photo), ("two", replaced(photo, everything, faceless.noise))):
        found, about = rows(tmp_path / name, labels, each.rgb, ColorConfig(), cohort=cohort)
        assert {row["cohort"] for row in [*found, about]} == {cohort}


def test_a_photo_decoded_smaller_blends_skin_into_edges_alone(tmp_path):
    # A file of more than `images.work_pixels` is averaged over blocks, so a block at the edge of a
    # garment holds some skin. Two pixels come off each edge (color.erode), so that little is left:
    # half a just noticeable difference (2.3 in CIELAB) of the main color.
    photo, labels = sample(STEMS[0])
    tall = [np.repeat(np.repeat(each, 4, 0), 4, 1) for each in (photo.rgb, labels)]
    other = replaced(photo_of(tall[0]), faceless.skin_and_hair(tall[1]), faceless.noise)
    small = ImagesConfig(screen=False, work_pixels=labels.size // 3)
    found = []
    for name, rgb in (("one", tall[0]), ("two", other.rgb)):
        ref = labelled_photo(tmp_path / name, "a", tall[1], rgb)
        found.append(Pipeline(segmenter=None, images=small, color=ColorConfig())(ref).analysis)
    change = faceless.change(*found)
    assert change.garments > 2
    assert (change.lost, change.new) == (0, 0)
    assert max(change.main) < 1.15
    assert max(change.area) == 0


def test_the_collar_is_where_the_highest_garment_of_the_upper_body_begins():
    labels = figure()
    rows_of_top = np.flatnonzero((labels == TOP).any(axis=1))
    assert faceless.collar(labels) == rows_of_top[0] == 67
    assert faceless.collar(np.where(labels == TOP, TROUSERS, labels)) == 0
    assert not faceless.face(labels)[67:].any()
    assert faceless.face(labels).sum() == np.count_nonzero(labels[:67] == SKIN)
    assert faceless.head(labels).sum() == np.isin(labels[:67], (SKIN, HAIR)).sum()
    labels[:5] = HEADWEAR
    assert faceless.partly_above_collar(labels) == {"headwear"}
    labels[0] = IGNORE
    assert faceless.partly_above_collar(labels) == {"headwear"}


def test_a_change_is_counted_as_it_is():
    labels = figure()
    photo = photo_of(paint(labels))
    before = analyze_photo(photo, labels, ColorConfig())
    assert faceless.change(before, before) == faceless.Change(2, 0, 0, 0, (0, 0), (0, 0), True)
    half = labels.copy()
    bottom = np.flatnonzero((labels == TROUSERS).any(axis=1))
    half[bottom[len(bottom) // 2] :] = BACKGROUND
    half[labels == TOP] = BACKGROUND
    red = paint(labels, {TROUSERS: (200, 32, 40)})
    found = faceless.change(before, analyze_photo(replace(photo, rgb=red), half, ColorConfig()))
    assert (found.garments, found.lost, found.new, found.families) == (2, 1, 0, 1)
    assert found.area == (pytest.approx(44 / 87),)  # of 87 rows the upper 43 are left
    assert found.main[0] > 30
    assert not found.is_same


def test_the_benchmark_prints_both_tables(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("sys.argv", ["faceless.py", "--photos", "2", "--data", str(tmp_path)])
    faceless.main()
    out = capsys.readouterr().out
    table = [line.split(" | ") for line in out.splitlines() if line.startswith("| lookbook")]
    assert len(table) == 2 * 4 + 3 * 2
    for row in table[:8]:
        if "skin and hair" in row[3]:
            assert (row[5], row[6]) == ("0 photos", "0.00 |")
    assert json.loads(table[0][1]) == 2
