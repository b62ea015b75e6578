import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from networks import TINY
from photos import figure, labelled_photo, paint

from trendcolor.config import Config, DataConfig, ImagesConfig, SegmentationConfig
from trendcolor.errors import ConfigError, DataError, ModelError
from trendcolor.evaluation import BAND, Evaluation, evaluate, without_edges
from trendcolor.pipeline import resample
from trendcolor.segmentation.confusion import Confusion, confusion, no_confusion
from trendcolor.segmentation.network import build_network, save_network, weights_hash
from trendcolor.segmentation.segmenter import load_segmenter
from trendcolor.taxonomy import BACKGROUND, CLASSES, IGNORE, SKIN, TOP, TROUSERS

ids = st.sampled_from([BACKGROUND, SKIN, TOP, IGNORE])
maps = arrays(np.uint8, st.tuples(st.integers(1, 15), st.integers(1, 15)), elements=ids)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("evaluation") / "weights.safetensors"
    save_network(build_network(TINY), TINY, path)
    return path


def config(weights, **images):
    data = DataConfig(card=Path("card.toml"), root=Path())
    return Config(
        purpose="evaluation",
        data=(data,),
        images=ImagesConfig(**images),
        segmentation=SegmentationConfig(weights=str(weights)),
    )


def counted(*cells):
    """A confusion from (true class, predicted class, pixels)."""
    counts = no_confusion().counts
    for true, predicted, pixels in cells:
        counts[true, predicted] = pixels
    return Confusion(counts)


def hand_worked():
    """1,000 pixels: 400 true garment, 320 predicted, 300 both; 20 away from edges are wrong."""
    whole = counted(
        (BACKGROUND, BACKGROUND, 480),
        (BACKGROUND, TOP, 20),
        (SKIN, SKIN, 100),
        (TOP, TOP, 200),
        (TOP, TROUSERS, 50),
        (TOP, BACKGROUND, 100),
        (TROUSERS, TROUSERS, 50),
    )
    away = counted((BACKGROUND, BACKGROUND, 80), (TOP, TOP, 100), (TOP, BACKGROUND, 20))
    return Evaluation(
        photos=3,
        unreadable=("b: truncated JPEG",),
        weights_hash="0123456789abcdef",
        whole=whole,
        away_from_edges=away,
    )


def test_the_summary_agrees_with_a_count_by_hand():
    summary = hand_worked().summary()
    assert summary.columns == ["figure", "all_pixels", "away_from_edges"]
    # IoU by class: background 480/600, skin 1, top 200/370, trousers 50/100; away 80/100, 100/120.
    mean_iou = (480 / 600 + 1 + 200 / 370 + 50 / 100) / 4
    assert summary.rows() == [
        ("background inside garment area", 20 / 320, 0.0),
        ("garment purity", 300 / 320, 1.0),
        ("garment recall", 300 / 400, 100 / 120),
        ("garment IoU", 300 / 420, 100 / 120),
        ("mean IoU, 13 classes", pytest.approx(mean_iou), pytest.approx((0.8 + 100 / 120) / 2)),
    ]


def test_each_class_has_its_figures():
    table = hand_worked().by_class()
    assert table["class"].to_list() == list(CLASSES)
    rows = {row["class"]: row for row in table.to_dicts()}
    assert rows["top"] == {
        "class": "top",
        "iou": 200 / 370,
        "purity": 200 / 220,
        "recall": 200 / 350,
        "iou_away_from_edges": 100 / 120,
        "true_share": 350 / 1000,
    }
    assert rows["trousers"]["purity"] == 50 / 100
    assert np.isnan(rows["hair"]["iou"])
    assert sum(table["true_share"]) == pytest.approx(1)


def test_markdown_holds_the_figures():
    text = hand_worked().markdown()
    assert "3 photos at their own size, weights 0123456789ab." in text
    assert "without 3 pixels on each side" in text
    assert "| garment purity | 0.9375 | 1.0000 |" in text
    assert "| garment recall | 0.7500 | 0.8333 |" in text
    assert "| top | 0.5405 | 0.9091 | 0.5714 | 0.8333 | 0.3500 |" in text
    assert "| hair | - | - | - | - | 0.0000 |" in text
    assert text.endswith("\nnot scored: b: truncated JPEG")


def test_written_files_hold_the_figures(tmp_path):
    folder = tmp_path / "new" / "folder"
    hand_worked().write(folder)
    assert (folder / "evaluation.md").read_text() == hand_worked().markdown() + "\n"

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    text = (folder / "evaluation.json").read_text()
    figures = json.loads(text, parse_constant=refuse)
    assert (figures["photos"], figures["weights"]) == (3, "0123456789abcdef")
    summary = {row["figure"]: row["all_pixels"] for row in figures["summary"]}
    assert summary["garment purity"] == 0.9375
    classes = {row["class"]: row for row in figures["classes"]}
    assert classes["top"]["recall"] == 200 / 350
    assert classes["hair"]["iou"] is None
    assert figures["counts"] == hand_worked().whole.counts.tolist()


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


@pytest.mark.parametrize(
    "images", [{}, {"work_pixels": 60 * 40}], ids=["at full size", "decoded smaller"]
)
def test_photos_are_scored_at_their_own_size(tmp_path, weights, images):
    refs = [
        labelled_photo(tmp_path, name, figure(*size), paint(figure(*size), noise=20))
        for name, size in (("a", (120, 80)), ("b", (97, 201)))
    ]
    result = evaluate(config(weights, **images), refs)
    assert (result.photos, result.unreadable) == (2, ())
    assert result.weights_hash == weights_hash(weights)
    assert result.whole.counts.sum() == 120 * 80 + 97 * 201
    true = sum(np.bincount(figure(*size).ravel(), minlength=13) for size in ((120, 80), (97, 201)))
    np.testing.assert_array_equal(result.whole.counts.sum(1), true)
    apart = [np.count_nonzero(without_edges(figure(*s)) != IGNORE) for s in ((120, 80), (97, 201))]
    assert result.away_from_edges.counts.sum() == sum(apart)


def test_scores_are_those_of_the_segmenter_s_maps(tmp_path, weights):
    labels = figure(120, 80)
    rgb = paint(labels, noise=20)
    result = evaluate(config(weights), [labelled_photo(tmp_path, "a", labels, rgb)])
    predicted = load_segmenter(weights).label_map(rgb)
    np.testing.assert_array_equal(result.whole.counts, confusion(labels, predicted).counts)
    small = evaluate(
        config(weights, work_pixels=60 * 40), [labelled_photo(tmp_path, "a", labels, rgb)]
    )
    halved = rgb.reshape(60, 2, 40, 2, 3).astype(float).mean((1, 3))
    predicted = resample(load_segmenter(weights).label_map(np.uint8(halved + 0.5)), 120, 80)
    np.testing.assert_array_equal(small.whole.counts, confusion(labels, predicted).counts)


def test_screening_takes_no_part(tmp_path, weights):
    gray = np.full((60, 40, 3), 128, np.uint8)
    ref = labelled_photo(tmp_path, "gray", figure(60, 40), gray)
    assert evaluate(config(weights), [ref]).photos == 1


def test_what_can_t_be_read_is_named_and_left_out(tmp_path, weights):
    labels = figure(60, 40)
    fit = labelled_photo(tmp_path, "fit", labels, paint(labels))
    cut = labelled_photo(tmp_path, "cut", labels, paint(labels))
    cut.path.write_bytes(cut.path.read_bytes()[:200])
    other = labelled_photo(tmp_path, "other", figure(50, 40), paint(labels))
    bare = replace(fit, id="bare", labels=None)
    result = evaluate(config(weights), [cut, fit, other, bare])
    assert result.photos == 1
    assert result.whole.counts.sum() == labels.size
    assert [line.split(":")[0] for line in result.unreadable] == ["cut", "other"]
    assert "label map has 40 x 50 pixels, its photo 40 x 60" in result.unreadable[1]


def test_the_data_set_s_own_masks_are_not_evaluated(weights):
    masks = replace(config(weights), segmentation=SegmentationConfig(source="masks"))
    with pytest.raises(ConfigError, match=r'segmentation\.source must be "model" to evaluate'):
        evaluate(masks, [])


def test_photos_without_label_maps_are_refused(tmp_path, weights):
    bare = replace(labelled_photo(tmp_path, "a", figure(9, 9), paint(figure(9, 9))), labels=None)
    with pytest.raises(DataError, match="none of the photos has a label map to compare with"):
        evaluate(config(weights), [bare])


def test_missing_weights_are_refused(tmp_path):
    ref = labelled_photo(tmp_path, "a", figure(9, 9), paint(figure(9, 9)))
    with pytest.raises(ModelError, match=r"none\.safetensors: no readable weights"):
        evaluate(config(tmp_path / "none.safetensors"), [ref])
