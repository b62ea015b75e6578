from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from looks import CARD
from networks import TINY
from photos import figure, labelled_photo, paint
from PIL import Image

from trendcolor.api.jobs import evaluate_segmenter
from trendcolor.color.regions import resample
from trendcolor.config import Config, DataConfig, ImagesConfig, SegmentationConfig
from trendcolor.errors import ConfigError, DataError, ModelError
from trendcolor.evaluation import evaluate, without_edges
from trendcolor.evaluation.curve import count_certainty
from trendcolor.pipeline import build_pipeline
from trendcolor.segmentation.confusion import confusion
from trendcolor.segmentation.network import build_network, save_network
from trendcolor.taxonomy import BACKGROUND, IGNORE, TOP


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
        segmentation=SegmentationConfig(weights=str(weights), runtime="pytorch"),
    )


def segmenter(weights):
    return build_pipeline(config(weights)).segmenter


def card_text(number, may_show):
    card = CARD.format(name=f"set{number}").partition("[[columns]]")[0]
    return f"{card}show_photos = {str(may_show).lower()}\n"


@pytest.mark.parametrize(
    "images", [{}, {"work_pixels": 60 * 40}], ids=["at full size", "decoded smaller"]
)
def test_photos_are_scored_at_their_own_size(tmp_path, weights, images):
    refs = [
        labelled_photo(tmp_path, name, figure(*size), paint(figure(*size), noise=20))
        for name, size in (("a", (120, 80)), ("b", (97, 201)))
    ]
    result = evaluate(config(weights, **images), refs)
    assert (result.scores.photos, result.unreadable) == (2, ())
    assert result.weights_hash == sha256(weights.read_bytes()).hexdigest()
    assert result.scores.whole.counts.sum() == 120 * 80 + 97 * 201
    true = sum(np.bincount(figure(*size).ravel(), minlength=13) for size in ((120, 80), (97, 201)))
    np.testing.assert_array_equal(result.scores.whole.counts.sum(1), true)
    apart = [np.count_nonzero(without_edges(figure(*s)) != IGNORE) for s in ((120, 80), (97, 201))]
    assert result.scores.away_from_edges.counts.sum() == sum(apart)


def test_scores_are_those_of_the_segmenter_s_maps(tmp_path, weights):
    labels = figure(120, 80)
    rgb = paint(labels, noise=20)
    result = evaluate(config(weights), [labelled_photo(tmp_path, "a", labels, rgb)])
    predicted = segmenter(weights).label_map(rgb)
    np.testing.assert_array_equal(result.scores.whole.counts, confusion(labels, predicted).counts)
    small = evaluate(
        config(weights, work_pixels=60 * 40), [labelled_photo(tmp_path, "a", labels, rgb)]
    )
    halved = rgb.reshape(60, 2, 40, 2, 3).astype(float).mean((1, 3))
    predicted = resample(segmenter(weights).label_map(np.uint8(halved + 0.5)), 120, 80)
    np.testing.assert_array_equal(small.scores.whole.counts, confusion(labels, predicted).counts)


def test_screening_takes_no_part(tmp_path, weights):
    gray = np.full((60, 40, 3), 128, np.uint8)
    ref = labelled_photo(tmp_path, "gray", figure(60, 40), gray)
    assert evaluate(config(weights), [ref]).scores.photos == 1


def test_what_can_t_be_read_is_named_and_left_out(tmp_path, weights):
    labels = figure(60, 40)
    fit = labelled_photo(tmp_path, "fit", labels, paint(labels))
    cut = labelled_photo(tmp_path, "cut", labels, paint(labels))
    cut.file.path.write_bytes(cut.file.path.read_bytes()[:200])
    other = labelled_photo(tmp_path, "other", figure(50, 40), paint(labels))
    bare = replace(fit, id="bare", labels=None)
    result = evaluate(config(weights), [cut, fit, other, bare])
    assert result.scores.photos == 1
    assert result.scores.whole.counts.sum() == labels.size
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


def test_certainty_is_the_segmenter_s_own(tmp_path, weights):
    labels = figure(120, 80)
    rgb = paint(labels, noise=20)
    result = evaluate(config(weights), [labelled_photo(tmp_path, "a", labels, rgb)])
    certainty = segmenter(weights).segment(rgb).certainty
    expected = count_certainty(labels, certainty)
    np.testing.assert_array_equal(result.scores.certainty.garment, expected.garment)
    np.testing.assert_array_equal(result.scores.certainty.rest, expected.rest)


def test_what_is_transparent_is_predicted_as_background(tmp_path, weights):
    labels = figure(60, 40)
    ref = labelled_photo(tmp_path, "a", labels, paint(labels))
    alpha = np.where(np.arange(60)[:, None] < 30, 255, 0) * np.ones((1, 40))
    Image.fromarray(np.dstack([paint(labels), np.uint8(alpha)])).save(ref.file.path)
    scores = evaluate(config(weights), [ref]).scores
    gone = np.bincount(labels[30:].ravel(), minlength=13)
    assert (scores.whole.counts[:, BACKGROUND] >= gone).all()
    assert scores.certainty.garment[0] >= gone[TOP:].sum()


def test_photos_are_shown_only_where_that_is_allowed(tmp_path, weights):
    labels = figure(60, 40)
    ref = labelled_photo(tmp_path, "a", labels, paint(labels))
    (hidden,) = evaluate(config(weights), [ref]).scores.worst
    assert hidden.rgb is None
    (shown,) = evaluate(config(weights), [ref], may_show_photos=True).scores.worst
    np.testing.assert_array_equal(shown.rgb, paint(labels))


@pytest.mark.parametrize("allowed", [[True, True], [True, False]], ids=["all", "one of two"])
def test_the_page_shows_photos_only_where_every_card_allows_it(tmp_path, weights, allowed):
    labels = figure(60, 40)
    sections = []
    for i, show in enumerate(allowed):
        folder = tmp_path / f"set{i}"
        labelled_photo(folder, f"a{i}", labels, paint(labels))
        answers = card_text(i, show)
        (folder / "card.toml").write_text(answers, encoding="utf-8")
        sections.append(
            f'[[data]]\ncard = "set{i}/card.toml"\nroot = "set{i}/photos"\n'
            f'format = "index-masks"\nmasks = "set{i}/masks"\n'
        )
    path = tmp_path / "evaluate.toml"
    path.write_text(
        f'purpose = "evaluation"\n{"".join(sections)}[segmentation]\n'
        f'weights = "{weights.as_posix()}"\nruntime = "pytorch"\n',
        encoding="utf-8",
    )
    evaluation = evaluate_segmenter(path)
    assert len(evaluation.scores.worst) == 2
    assert all((one.rgb is not None) == all(allowed) for one in evaluation.scores.worst)
    evaluation.write(tmp_path / "out")
    page = (tmp_path / "out" / "evaluation.html").read_text(encoding="utf-8")
    assert ("data:image/jpeg" in page) == all(allowed)
