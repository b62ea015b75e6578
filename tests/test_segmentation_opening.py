import os
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import segmentation_models_pytorch as smp
import torch
from networks import TINY
from photos import figure, paint
from PIL import Image

from trendcolor.config import PACKAGE, SegmentationConfig
from trendcolor.errors import ModelError
from trendcolor.segmentation import opening, runtimes
from trendcolor.segmentation.network import build_network, save_network
from trendcolor.segmentation.opening import (
    Identity,
    chosen_runtime,
    load_segmenter,
    prepare_segmenter,
)
from trendcolor.segmentation.weights import INT8, PACKAGED, PACKAGED_WEIGHTS, weights_hash
from trendcolor.taxonomy import TOP

RUNTIMES = ("pytorch", "onnxruntime", "openvino")
CONVERTED = RUNTIMES[1:]
# Runtimes add in another order, which decides where two classes are nearly as good.
MOST = 0.002


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("opening") / "mine.safetensors"
    save_network(build_network(TINY), TINY, path)
    return path


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The user's cache, empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "trendcolor"


def settings(weights, runtime="auto"):
    return SegmentationConfig(weights=str(weights), runtime=runtime)


def named(runtime):
    """A runtime with the version that is installed."""
    return f"{runtime}-{version('torch' if runtime == 'pytorch' else runtime)}"


def needs(runtime):
    """Skip a test whose runtime is not installed."""
    if runtime != "pytorch":
        pytest.importorskip("onnx")
        pytest.importorskip(runtime)


def install(monkeypatch, *packages):
    """Let only these packages seem installed."""
    for module in (opening, runtimes):
        monkeypatch.setattr(module, "find_spec", lambda name: name if name in packages else None)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_own_weights_are_read_in_each_runtime(weights, cache, runtime):
    needs(runtime)
    rgb = paint(figure(150, 100), noise=40)
    segmenter = load_segmenter(settings(weights, runtime))
    reference = load_segmenter(settings(weights, "pytorch")).label_map(rgb)
    assert segmenter.runtime.name == named(runtime)
    assert segmenter.sha256 == weights_hash(weights)
    assert segmenter.model.name == "mine.safetensors"
    assert np.mean(segmenter.label_map(rgb) != reference) <= MOST
    assert cache.exists() == (runtime != "pytorch")


@pytest.mark.parametrize("runtime", CONVERTED)
def test_converted_weights_are_kept_and_read_again(weights, cache, runtime):
    needs(runtime)
    load_segmenter(settings(weights, runtime))
    (kept,) = cache.iterdir()
    made_by = f"{version('trendcolor')}-torch-{version('torch')}"
    assert kept.name == f"{weights_hash(weights)[:32]}-{made_by}.onnx"
    os.utime(kept, ns=(0, 0))
    load_segmenter(settings(weights, runtime))
    prepare_segmenter(settings(weights, runtime))
    assert kept.stat().st_mtime_ns == 0
    assert list(cache.iterdir()) == [kept]


def test_other_weights_are_kept_in_another_file(weights, cache, tmp_path):
    needs("onnxruntime")
    torch.manual_seed(1)
    other = tmp_path / "other.safetensors"
    save_network(build_network(TINY), TINY, other)
    for path in (weights, other):
        prepare_segmenter(settings(path, "onnxruntime"))
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("runtime", CONVERTED)
def test_a_cache_that_can_t_be_written_is_refused(weights, cache, runtime):
    needs(runtime)
    cache.write_text("no folder")  # also stands in the way of root
    message = r"trendcolor: the converted network can't be kept there \(File exists\); set XDG_CACH"
    with pytest.raises(ModelError, match=message):
        load_segmenter(settings(weights, runtime))
    with pytest.raises(ModelError, match=r"or segmentation\.runtime to 'pytorch'"):
        prepare_segmenter(settings(weights, runtime))


def test_a_cache_that_can_t_be_written_is_no_obstacle_to_pytorch(weights, cache):
    cache.write_text("no folder")
    assert load_segmenter(settings(weights, "pytorch")).sha256 == weights_hash(weights)


def test_auto_leaves_own_weights_to_pytorch_without_the_converter(monkeypatch, weights, cache):
    install(monkeypatch, "torch", "onnxruntime", "openvino")
    assert chosen_runtime(settings(weights)) == "pytorch"
    assert load_segmenter(settings(weights)).runtime.name.startswith("pytorch-")
    assert prepare_segmenter(settings(weights)).runtime == f"pytorch-{version('torch')}"
    assert not cache.exists()


@pytest.mark.parametrize("runtime", CONVERTED)
def test_a_runtime_that_needs_a_converter_is_refused_without_one(monkeypatch, weights, runtime):
    install(monkeypatch, "torch", "onnxruntime", "openvino")
    message = rf"'{runtime}' needs these weights converted \(pip install onnx, or runtime"
    with pytest.raises(ModelError, match=message):
        load_segmenter(settings(weights, runtime))


def test_pytorch_needs_no_converter(monkeypatch, weights):
    install(monkeypatch, "torch", "openvino")
    assert chosen_runtime(settings(weights, "pytorch")) == "pytorch"


def test_the_packaged_weights_need_no_converter(monkeypatch):
    install(monkeypatch, "torch", "onnxruntime", "openvino")
    assert chosen_runtime(SegmentationConfig()) == "openvino"
    assert chosen_runtime(SegmentationConfig(runtime="onnxruntime")) == "onnxruntime"


def test_a_runtime_that_is_not_installed_is_refused(monkeypatch):
    install(monkeypatch, "torch")
    with pytest.raises(ModelError, match="is 'openvino', which is not installed"):
        prepare_segmenter(SegmentationConfig(runtime="openvino"))


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_identity_names_weights_and_runtime(weights, runtime):
    needs(runtime)
    assert prepare_segmenter(settings(weights, runtime)) == Identity(
        weights="mine.safetensors",
        sha256=weights_hash(weights),
        runtime=named(runtime),
    )


def test_the_packaged_weights_have_an_identity():
    identity = prepare_segmenter(SegmentationConfig(runtime="pytorch"))
    assert identity == Identity(
        weights="segmenter.safetensors",
        sha256=weights_hash(PACKAGED_WEIGHTS),
        runtime=f"pytorch-{version('torch')}",
    )


@pytest.mark.usefixtures("cache")
def test_all_that_is_loaded_is_prepared(monkeypatch, weights):
    needs("openvino")
    prepare_segmenter(settings(weights, "openvino"))
    monkeypatch.setitem(sys.modules, "trendcolor.segmentation.export", None)  # nothing to convert
    rgb = paint(figure(64, 64))
    assert load_segmenter(settings(weights, "openvino")).label_map(rgb).shape == (64, 64)


def test_missing_weights_are_refused(tmp_path):
    for read in (load_segmenter, prepare_segmenter):
        with pytest.raises(ModelError, match=r"none\.safetensors: no readable weights \(no such"):
            read(settings(Path(tmp_path / "none.safetensors"), "pytorch"))


def test_labels_for_weights_that_say_their_own_classes_are_refused():
    with pytest.raises(ModelError, match=r"segmentation\.labels is 'atr', but the weights say"):
        load_segmenter(SegmentationConfig(labels="atr"))


def int8(weights=PACKAGED, runtime="auto", **others):
    return SegmentationConfig(weights=str(weights), runtime=runtime, precision="int8", **others)


@pytest.mark.parametrize("runtime", CONVERTED)
def test_the_packaged_network_in_8_bits_says_nearly_the_same(runtime):
    needs(runtime)
    folder = PACKAGE / "samples" / "lookbook" / "images"
    photos = [np.asarray(Image.open(path)) for path in sorted(folder.glob("*.jpg"))[:8]]
    whole = load_segmenter(SegmentationConfig(runtime=runtime)).label_maps(photos)
    small = load_segmenter(int8(runtime=runtime)).label_maps(photos)
    apart = sum(np.count_nonzero(a != b) for a, b in zip(whole, small, strict=True))
    pixels = sum(labels.size for labels in whole)
    assert 0 < apart / pixels < 0.02
    pairs = [(a >= TOP, b >= TOP) for a, b in zip(whole, small, strict=True)]
    either = sum(np.count_nonzero(a | b) for a, b in pairs)
    both = sum(np.count_nonzero(a & b) for a, b in pairs)
    assert both / either > 0.97


def test_an_identity_names_the_precision():
    needs("openvino")
    identity = prepare_segmenter(int8(runtime="openvino"))
    assert identity.runtime == f"{named('openvino')}-int8"
    assert identity.sha256 == weights_hash(PACKAGED_WEIGHTS)


def test_pytorch_does_not_compute_in_8_bits():
    with pytest.raises(ModelError, match=r'segmentation\.precision "int8" is not for .*pytorch'):
        load_segmenter(int8(runtime="pytorch"))


def test_own_weights_without_a_network_in_8_bits_are_refused(weights):
    needs("onnxruntime")
    with pytest.raises(ModelError, match=r"mine\.int8\.onnx: no readable network in 8-bit int"):
        prepare_segmenter(int8(weights, "onnxruntime"))


def test_a_network_in_8_bits_of_other_weights_is_refused(weights, tmp_path):
    needs("onnxruntime")
    mine = tmp_path / "mine.safetensors"
    mine.write_bytes(weights.read_bytes())
    mine.with_suffix(INT8).write_bytes(PACKAGED_WEIGHTS.with_suffix(INT8).read_bytes())
    with pytest.raises(ModelError, match=r"mine\.int8\.onnx: made of other weights than mine"):
        load_segmenter(int8(mine, "onnxruntime"))


def test_models_of_others_do_not_compute_in_8_bits(tmp_path):
    needs("onnxruntime")
    smp.Unet("mobilenet_v2", encoder_weights=None, classes=13).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r'segmentation\.precision "int8" is not for '):
        prepare_segmenter(int8(tmp_path, "onnxruntime", labels="trendcolor"))
