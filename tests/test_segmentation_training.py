import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from photos import figure, labelled_photo, paint
from safetensors.torch import load_file

from trendcolor.config import (
    DataConfig,
    ImagesConfig,
    ModelConfig,
    SegmentationConfig,
    TeacherConfig,
    TrainConfig,
    TrainingConfig,
    UnlabelledConfig,
)
from trendcolor.errors import ConfigError, MaskError, ModelError
from trendcolor.segmentation.network import load_network
from trendcolor.segmentation.opening import load_segmenter
from trendcolor.segmentation.runtimes import set_threads
from trendcolor.segmentation.training import _Trainer, lovasz_loss, read_sample, train
from trendcolor.segmentation.weights import weights_hash

DATA = (DataConfig(card=Path("card.toml"), root=Path()),)  # photos are handed over opened
MODEL = ModelConfig(
    height=64,
    width=64,
    decoder={"decoder_pyramid_channels": 32, "decoder_segmentation_channels": 32},
)
TRAINING = TrainingConfig(
    epochs=2, batch=2, crop_height=64, crop_width=64, validate_every=1, average=0.5, threads=1
)


def config(out, **training):
    return TrainConfig(
        out=out, data=DATA, validation=DATA, model=MODEL, training=replace(TRAINING, **training)
    )


def drawn(folder, names):
    return [
        labelled_photo(folder, name, figure(), paint(figure(), noise=5, seed=i))
        for i, name in enumerate(names)
    ]


def lines(out):
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return drawn(tmp_path_factory.mktemp("training"), "abcd")


@pytest.fixture(scope="module")
def validation(tmp_path_factory):
    return drawn(tmp_path_factory.mktemp("validation"), "vw")


@pytest.fixture(autouse=True)
def same_threads():
    """A training sets torch's threads for its process."""
    before = torch.get_num_threads()
    yield
    set_threads(0)
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory, photos, validation):
    out = tmp_path_factory.mktemp("unbroken") / "out"
    return train(config(out), photos, validation)


def break_off_after(monkeypatch, epoch):
    keep = _Trainer.keep

    def keep_once(self, loss, scores, seconds):
        keep(self, loss, scores, seconds)
        if self.epoch == epoch:
            raise KeyboardInterrupt

    monkeypatch.setattr(_Trainer, "keep", keep_once)


def test_a_training_leaves_weights_a_log_and_a_checkpoint(unbroken):
    out = unbroken.weights.parent
    names = {file.name for file in out.iterdir()}
    assert names == {
        *("weights.safetensors", "weights.onnx", "weights.int8.onnx"),
        *("kept.safetensors", "metrics.jsonl", "checkpoint.pt"),
    }
    assert unbroken.sha256 == weights_hash(unbroken.weights)
    _, spec = load_network(unbroken.weights)
    assert (spec.architecture, spec.encoder, spec.height) == ("FPN", "mobilenet_v2", 64)
    assert dict(spec.decoder) == MODEL.decoder


def test_the_log_has_a_line_an_epoch_with_its_figures(unbroken):
    epochs = lines(unbroken.weights.parent)
    assert [line["epoch"] for line in epochs] == [1, 2]
    for line in epochs:
        figures = {"garment_iou", "garment_purity", "garment_recall", "mean_iou"}
        assert set(line) == {"epoch", "loss", "seconds"} | figures
        assert line["loss"] > 0
        assert 0 <= line["garment_iou"] <= 1


def test_the_kept_weights_are_those_of_the_best_epoch(unbroken):
    best = max(lines(unbroken.weights.parent), key=lambda line: line["garment_iou"])
    assert unbroken.epoch == best["epoch"]
    assert unbroken.confusion.garment_iou == best["garment_iou"]
    # Two photos of figure()'s size, each pixel counted.
    assert unbroken.confusion.counts.sum() == 2 * figure().size


def test_the_kept_weights_score_as_the_result_says_but_for_half_precision(unbroken, validation):
    segmenter = load_segmenter(SegmentationConfig(weights=str(unbroken.weights), runtime="pytorch"))
    found = np.zeros(13, np.int64)
    for ref in validation:
        labels = segmenter.label_map(read_sample(ref, ImagesConfig()).rgb)
        found += np.bincount(labels.ravel(), minlength=13)
    # Rounding to half precision moves the label of few pixels: of 76,800, one in a hundred.
    moved = np.abs(found - unbroken.confusion.counts.sum(0)).sum()
    assert moved <= 0.02 * found.sum()


def test_the_loss_falls(tmp_path, photos, validation):
    train(config(tmp_path, epochs=10, validate_every=10), photos, validation)
    losses = [line["loss"] for line in lines(tmp_path)]
    assert len(losses) == 10
    # Random views differ in how hard they are, so the means of three epochs are compared.
    assert np.mean(losses[-3:]) < 0.9 * np.mean(losses[:3])


def test_only_validated_epochs_have_figures_and_the_last_always_does(tmp_path, photos, validation):
    train(config(tmp_path, epochs=3, validate_every=2), photos, validation)
    assert ["garment_iou" in line for line in lines(tmp_path)] == [False, True, True]


def test_a_training_that_was_broken_off_ends_as_an_unbroken_one(
    tmp_path, monkeypatch, caplog, photos, validation, unbroken
):
    with monkeypatch.context() as patch:
        break_off_after(patch, 1)
        with pytest.raises(KeyboardInterrupt):
            train(config(tmp_path), photos, validation)
    assert len(lines(tmp_path)) == 1
    with caplog.at_level(logging.INFO):
        resumed = train(config(tmp_path), photos, validation)
    assert "resumed after epoch 1" in caplog.text
    whole = unbroken.weights.parent
    assert resumed.weights.read_bytes() == unbroken.weights.read_bytes()
    assert (resumed.epoch, resumed.sha256) == (unbroken.epoch, unbroken.sha256)
    figures = [{**line, "seconds": 0} for line in lines(tmp_path)]
    assert figures == [{**line, "seconds": 0} for line in lines(whole)]


def test_a_finished_training_is_not_repeated(unbroken, monkeypatch, photos, validation):
    monkeypatch.setattr(_Trainer, "learn", None)
    again = train(config(unbroken.weights.parent), photos, validation)
    assert again.sha256 == unbroken.sha256
    assert again.epoch == unbroken.epoch
    np.testing.assert_array_equal(again.confusion.counts, unbroken.confusion.counts)
    assert len(lines(unbroken.weights.parent)) == 2


def test_a_folder_that_holds_another_training_is_refused(unbroken, photos, validation):
    other = config(unbroken.weights.parent, learning_rate=0.5)
    with pytest.raises(ConfigError, match=r"checkpoint\.pt is of other settings; remove it or"):
        train(other, photos, validation)


def test_a_log_without_a_checkpoint_is_started_afresh(tmp_path, photos, validation):
    (tmp_path / "metrics.jsonl").write_text('{"epoch": 9}\n')
    train(config(tmp_path, epochs=1), photos[:2], validation[:1])
    assert [line["epoch"] for line in lines(tmp_path)] == [1]


def test_photos_to_learn_from_and_to_validate_on_are_apart(tmp_path, photos, validation):
    with pytest.raises(ConfigError, match=r"1 photos are learned from and validated on: .*a\.png"):
        train(config(tmp_path), photos, [*validation, replace(photos[0], id="another name")])
    assert not list(tmp_path.iterdir())


def test_photos_without_label_maps_are_refused(tmp_path, photos, validation):
    bare = [replace(ref, labels=None) for ref in photos[:2]]
    with pytest.raises(ConfigError, match="2 photos have no label map, first a"):
        train(config(tmp_path), [*bare, *photos[2:]], validation)
    with pytest.raises(ConfigError, match="1 photos have no label map, first a"):
        train(config(tmp_path), photos[2:], [*validation, bare[0]])
    assert not list(tmp_path.iterdir())


def test_finished_weights_keep_a_part_of_the_start(tmp_path, unbroken, photos, validation):
    model = replace(MODEL, start=unbroken.weights)
    settings = replace(config(tmp_path, epochs=1), model=model)
    whole = load_file(train(settings, photos, validation).weights)
    blended = replace(settings, model=replace(model, blend=0.25))
    mixed = load_file(train(blended, photos, validation).weights)  # the training is not repeated
    start = load_file(unbroken.weights)
    assert any(not torch.equal(whole[name], start[name]) for name in start)
    for name, value in mixed.items():
        if value.is_floating_point():
            expected = whole[name].float() * 0.75 + start[name].float() * 0.25
            torch.testing.assert_close(value.float(), expected, rtol=1e-3, atol=1e-3)  # 16 bits
    assert len(lines(tmp_path)) == 1


def test_unlabelled_photos_are_labelled_by_the_teacher_and_learned_from(
    tmp_path, photos, validation, monkeypatch
):
    seen = []

    def learn(trainer, refs, learn=_Trainer.learn):
        seen.extend(refs)
        return learn(trainer, refs)

    monkeypatch.setattr(_Trainer, "learn", learn)
    settings = replace(
        config(tmp_path, epochs=1),
        unlabelled=(UnlabelledConfig(card=Path("card.toml"), root=Path()),),
        teacher=TeacherConfig(weights="packaged", heights=(224,)),
    )
    bare = [replace(ref, id=f"bare {ref.id}", labels=None) for ref in photos[2:]]
    train(settings, photos[:2], validation, bare)
    assert [ref.id for ref in seen] == ["a", "b", "bare c", "bare d"]
    maps = [ref.labels.path for ref in seen[2:]]
    assert all(path.is_relative_to(tmp_path / "taught") and path.is_file() for path in maps)
    with pytest.raises(ConfigError, match="1 photos are learned from and validated on"):
        train(replace(settings, out=tmp_path / "b"), photos[:2], validation, validation[:1])


def test_an_encoder_s_start_weights_must_fit(tmp_path, photos, validation):
    model = replace(MODEL, encoder_weights=tmp_path / "none.safetensors")
    with pytest.raises(ModelError, match=r"none\.safetensors: not this encoder's weights"):
        train(replace(config(tmp_path), model=model), photos, validation)


def test_a_sample_is_the_photo_and_its_label_map(photos):
    sample = read_sample(photos[0], ImagesConfig())
    np.testing.assert_array_equal(sample.labels, figure())
    np.testing.assert_array_equal(sample.rgb, paint(figure(), noise=5, seed=0))


def test_a_photo_without_a_label_map_is_no_sample(photos):
    with pytest.raises(MaskError, match="a: no label map"):
        read_sample(replace(photos[0], labels=None), ImagesConfig())


def test_a_finished_training_takes_another_margin_and_size_without_learning_again(
    tmp_path, photos, validation
):
    settings = config(tmp_path, epochs=1)
    first = train(settings, photos, validation)
    before = lines(tmp_path)
    firm = replace(
        settings, model=replace(settings.model, margin=0.7, predict_height=96, predict_width=64)
    )
    second = train(firm, photos, validation)
    assert lines(tmp_path) == before
    spec = load_network(second.weights)[1]
    assert (spec.margin, spec.height, spec.width) == (0.7, 96, 64)
    assert second.sha256 == weights_hash(second.weights) != first.sha256


def test_a_training_goes_on_from_weights_made_before(tmp_path, unbroken, photos, validation):
    further = config(tmp_path, epochs=1, learning_rate=1e-9)
    further = replace(further, model=replace(further.model, start=unbroken.weights))
    result = train(further, photos, validation)
    # With next to no learning rate it scores as what it started from, but for half precision.
    moved = np.abs(result.confusion.counts - unbroken.confusion.counts).sum()
    assert moved <= 0.05 * unbroken.confusion.counts.sum()


def test_weights_of_another_network_are_no_start(tmp_path, unbroken, photos, validation):
    other = config(tmp_path, epochs=1)
    other = replace(
        other,
        model=replace(other.model, start=unbroken.weights, architecture="Unet", decoder={}),
    )
    with pytest.raises(ModelError, match=r"its architecture is FPN, model\.architecture Unet"):
        train(other, photos, validation)


def test_frozen_parameters_stay_and_the_others_move(tmp_path, unbroken, photos, validation):
    still = config(tmp_path, epochs=1, frozen=("features.0.",))
    still = replace(still, model=replace(still.model, start=unbroken.weights))
    after, before = (
        load_network(one)[0].state_dict()
        for one in (train(still, photos, validation).weights, unbroken.weights)
    )
    first = "encoder.features.0.0.weight"
    assert torch.equal(after[first], before[first])
    # The averaged weights of an epoch of two steps have moved, if little.
    assert not torch.equal(
        after["encoder.features.5.conv.0.0.weight"], before["encoder.features.5.conv.0.0.weight"]
    )
    norms = [name for name in after if name.startswith("encoder") and "running_mean" in name]
    assert all(torch.equal(after[name], before[name]) for name in norms)


def test_a_name_that_fits_no_parameter_can_not_be_frozen(tmp_path, photos, validation):
    with pytest.raises(ModelError, match=r"the encoder has no parameter 'layer1\.\.\.'"):
        train(config(tmp_path, frozen=("layer1",)), photos, validation)


def test_two_beginnings_are_refused():
    with pytest.raises(ConfigError, match=r"model\.start and model\.encoder_weights are two"):
        ModelConfig(start=Path("a"), encoder_weights=Path("b"))


def test_the_lovasz_loss_of_hand_worked_pixels():
    # Two classes of four pixels, of which one is wrong with certainty: background has 1 of 2 in
    # common, top 2 of 3, all garments 2 of 3; the loss is the mean of one minus IoU.
    labels = torch.tensor([[[0, 0, 3, 3]]])
    likely = torch.zeros(1, 13, 1, 4)
    for i, one in enumerate((0, 3, 3, 3)):
        likely[0, one, 0, i] = 1
    loss = lovasz_loss(likely, labels)
    assert float(loss) == pytest.approx((1 / 2 + 1 / 3 + 1 / 3) / 3, abs=1e-6)
    assert float(lovasz_loss(likely, torch.tensor([[[0, 3, 3, 3]]]))) == pytest.approx(0, abs=1e-6)
    ignored = lovasz_loss(likely, torch.tensor([[[0, 255, 3, 3]]]))
    assert float(ignored) == pytest.approx(0, abs=1e-6)
