import os
import threading

import numpy as np
import pytest
import torch
from networks import TINY
from photos import figure, paint
from torch import nn

from trendcolor.config import SegmentationConfig
from trendcolor.errors import ModelError
from trendcolor.segmentation import runtimes
from trendcolor.segmentation.export import export_onnx
from trendcolor.segmentation.network import Core, build_network, load_network, save_network
from trendcolor.segmentation.opening import load_segmenter
from trendcolor.segmentation.runtimes import (
    RUNTIMES,
    open_onnx,
    pick_runtime,
    runtime_name,
    set_device,
    set_threads,
    threads,
)
from trendcolor.segmentation.segmenter import ModelCard, Segmenter
from trendcolor.segmentation.torch_runtime import TorchRuntime, without_batch_norm
from trendcolor.segmentation.weights import PACKAGED_ONNX, PACKAGED_WEIGHTS, weights_hash

CONVERTED = ("onnxruntime", "openvino")
CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
# Runtimes add in another order, which decides where two classes are nearly as good.
MOST = 0.002
SIZES = [(64, 64), (97, 61), (33, 250), (300, 200)]
CARD = ModelCard(name="tiny", sha256="0" * 64, height=64, width=64)


def random_network(seed=0):
    """A network whose batch norms do something, with weights that half precision holds."""
    torch.manual_seed(seed)
    network = build_network(TINY)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
    return network.eval()


def pixels(*size, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


SOME = pixels(1, 64, 64)


def photos():
    return [paint(figure(*size), noise=40, seed=i) for i, size in enumerate(SIZES)]


def differing(some, others):
    """The fraction of pixels that two lists of label maps do not agree on."""
    pairs = list(zip(some, others, strict=True))
    unequal = sum(np.count_nonzero(one != other) for one, other in pairs)
    return unequal / sum(one.size for one in some)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("runtimes") / "weights.safetensors"
    save_network(random_network(), TINY, path)
    return path


@pytest.fixture(scope="module")
def core(weights):
    return Core(load_network(weights)[0])


@pytest.fixture(scope="module")
def converted(core, weights):
    pytest.importorskip("onnx")
    path = weights.with_suffix(".onnx")
    export_onnx(core, path, {"sha256": weights_hash(weights)})
    return path


@pytest.mark.parametrize("runtime", CONVERTED)
def test_a_network_has_the_same_label_maps_in_each_runtime(core, converted, runtime):
    pytest.importorskip(runtime)
    reference = Segmenter(TorchRuntime(core), CARD).label_maps(photos())
    segmenter = Segmenter(open_onnx(converted, runtime), CARD)
    assert segmenter.runtime.name.startswith(f"{runtime}-")
    assert differing(segmenter.label_maps(photos()), reference) <= MOST
    assert all(len(np.unique(labels)) > 1 for labels in reference)  # else nothing could differ


@pytest.mark.parametrize("runtime", CONVERTED)
def test_a_network_has_the_same_logits_in_each_runtime(core, converted, runtime):
    pytest.importorskip(runtime)
    run, reference = open_onnx(converted, runtime), TorchRuntime(core)
    for size in [(1, 64, 64), (3, 32, 128), (2, 128, 96), (3, 32, 128)]:
        logits = run(pixels(*size))
        assert logits.dtype == np.float32
        # Processors add in other orders: float32's slack (6e-8) over some hundred sums in a row.
        np.testing.assert_allclose(logits, reference(pixels(*size)), rtol=2e-5, atol=1e-4)


@pytest.mark.parametrize("runtime", CONVERTED)
def test_the_batch_has_no_effect_in_any_runtime(converted, runtime):
    pytest.importorskip(runtime)
    run, three = open_onnx(converted, runtime), pixels(3, 64, 96)
    together = run(three)
    for one, logits in zip(three, together, strict=True):
        np.testing.assert_allclose(run(one[None])[0], logits, atol=1e-5)  # float32's slack


@pytest.mark.usefixtures("thread_counts")
@pytest.mark.parametrize("runtime", CONVERTED)
def test_photos_side_by_side_have_their_own_label_maps(converted, runtime):
    pytest.importorskip(runtime)
    set_threads(3)
    segmenter = Segmenter(open_onnx(converted, runtime), CARD)
    assert segmenter.runtime.side_by_side() is segmenter.runtime.side_by_side()
    assert segmenter.runtime.side_by_side() is not None
    many = photos() * 3
    assert differing(segmenter.label_maps(many), [segmenter.label_map(rgb) for rgb in many]) <= MOST


def test_pytorch_takes_photos_one_after_the_other(core):
    assert TorchRuntime(core).side_by_side() is None


@pytest.mark.parametrize("runtime", CONVERTED)
def test_the_packaged_network_has_the_same_label_maps_in_each_runtime(runtime):
    pytest.importorskip(runtime)
    reference = load_segmenter(SegmentationConfig(runtime="pytorch")).label_maps(photos())
    segmenter = load_segmenter(SegmentationConfig(runtime=runtime))
    assert differing(segmenter.label_maps(photos()), reference) <= MOST


def test_the_packaged_onnx_file_is_made_of_the_packaged_weights():
    onnx = pytest.importorskip("onnx")
    metadata = {entry.key: entry.value for entry in onnx.load(PACKAGED_ONNX).metadata_props}
    assert metadata["sha256"] == weights_hash(PACKAGED_WEIGHTS)


def test_constants_are_kept_in_half_precision_where_it_holds_them(converted):
    onnx = pytest.importorskip("onnx")
    large = [one for one in onnx.load(converted).graph.initializer if np.prod(one.dims) >= 1024]
    assert large
    assert {one.data_type for one in large} == {onnx.TensorProto.FLOAT16}
    assert converted.stat().st_size < 0.6 * sum(4 * np.prod(one.dims) for one in large)


@pytest.mark.parametrize("value", [1 / 3, 1e6], ids=["too fine", "too large"])
def test_constants_that_half_precision_does_not_hold_are_kept_whole(tmp_path, value):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    network = random_network()
    weight = network.get_parameter("decoder.p5.weight")
    with torch.no_grad():
        weight.copy_(weight.half())[0, 0, 0, 0] = value
    core = Core(network)
    path = tmp_path / "network.onnx"
    export_onnx(core, path, {})
    kinds = {
        one.data_type
        for one in onnx.load(path).graph.initializer
        if list(one.dims) == list(weight.shape)
    }
    assert kinds == {onnx.TensorProto.FLOAT}
    logits, expected = open_onnx(path, "onnxruntime")(SOME), TorchRuntime(core)(SOME)
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)  # float32's slack


def test_an_export_leaves_nothing_else_and_keeps_its_metadata(core, tmp_path):
    onnx = pytest.importorskip("onnx")
    path = tmp_path / "network.onnx"
    export_onnx(core, path, {"sha256": "abc"})
    assert [file.name for file in tmp_path.iterdir()] == ["network.onnx"]
    assert [(one.key, one.value) for one in onnx.load(path).metadata_props] == [("sha256", "abc")]


@pytest.mark.parametrize("runtime", CONVERTED)
@pytest.mark.parametrize("kept", [0, 300, 0.5, 0.999], ids=str)
def test_a_damaged_onnx_file_is_refused(tmp_path, converted, runtime, kept):
    pytest.importorskip(runtime)
    encoded = converted.read_bytes()
    path = tmp_path / "cut.onnx"
    path.write_bytes(encoded[: kept if isinstance(kept, int) else int(kept * len(encoded))])
    with pytest.raises(ModelError, match=rf"cut\.onnx: {runtime} can't read it \("):
        open_onnx(path, runtime)


@pytest.mark.parametrize("runtime", CONVERTED)
def test_a_missing_onnx_file_is_refused(tmp_path, runtime):
    pytest.importorskip(runtime)
    with pytest.raises(ModelError, match=rf"none\.onnx: {runtime} can't read it \("):
        open_onnx(tmp_path / "none.onnx", runtime)


def install(monkeypatch, *packages):
    """Let only these packages seem installed."""
    monkeypatch.setattr(runtimes, "find_spec", lambda name: name if name in packages else None)


@pytest.mark.parametrize(
    ("installed", "picked"),
    [
        (("torch", "onnxruntime", "openvino"), "openvino"),
        (("torch", "onnxruntime"), "onnxruntime"),
        (("torch", "openvino"), "openvino"),
        (("torch",), "pytorch"),
    ],
    ids=["all", "no openvino", "no onnxruntime", "torch alone"],
)
def test_auto_is_the_fastest_runtime_that_is_installed(monkeypatch, installed, picked):
    install(monkeypatch, *installed)
    assert pick_runtime("auto") == picked


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_runtime_that_is_installed_is_picked_by_name(monkeypatch, runtime):
    install(monkeypatch, "torch", "onnxruntime", "openvino")
    assert pick_runtime(runtime) == runtime


@pytest.mark.parametrize("runtime", CONVERTED)
def test_a_runtime_that_is_not_installed_is_refused(monkeypatch, runtime):
    install(monkeypatch, "torch")
    message = (
        rf"segmentation\.runtime is '{runtime}', which is not installed \(pip install {runtime}\)"
    )
    with pytest.raises(ModelError, match=message):
        pick_runtime(runtime)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("openvno", r"no runtime 'openvno', did you mean 'openvino'\? \(segmentation\.runtime: au"),
        ("tpu", "no runtime 'tpu'; there are: auto, openvino, onnxruntime, pytorch"),
    ],
)
def test_an_unknown_runtime_is_refused(wanted, message):
    with pytest.raises(ModelError, match=message):
        pick_runtime(wanted)


def test_a_runtime_s_name_has_its_version():
    assert runtime_name("pytorch") == f"pytorch-{torch.__version__.partition('+')[0]}"


@pytest.fixture
def thread_counts():
    """Leave this process as it is."""
    before = torch.get_num_threads()
    yield
    set_threads(0)
    torch.set_num_threads(before)


@pytest.mark.usefixtures("thread_counts")
def test_networks_use_the_threads_that_are_set(core):
    set_threads(3)
    assert threads() == 3
    TorchRuntime(core)
    assert torch.get_num_threads() == 3


@pytest.mark.usefixtures("thread_counts")
@pytest.mark.parametrize("runtime", CONVERTED)
def test_threads_have_no_effect_on_the_answer(converted, runtime):
    pytest.importorskip(runtime)
    answers = []
    for count in (1, 2):
        set_threads(count)
        answers.append(open_onnx(converted, runtime)(pixels(1, 64, 64)))
    np.testing.assert_allclose(*answers, atol=1e-5)  # float32's slack


@pytest.mark.skipif(len(CORES) < 2, reason="one core is all there is")
@pytest.mark.usefixtures("thread_counts")
@pytest.mark.parametrize("runtime", CONVERTED)
def test_a_network_stays_on_no_core(converted, runtime):
    pytest.importorskip(runtime)
    set_threads(1)
    run, caller, kept = open_onnx(converted, runtime), threading.get_native_id(), []
    is_over = threading.Event()

    def watch():
        while not is_over.is_set():
            kept.append(os.sched_getaffinity(caller))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(50):
        run(pixels(1, 512, 512))
    is_over.set()
    watcher.join()
    assert len(kept) > 50
    assert all(cores == CORES for cores in kept)  # else workers of a run share one of them


@pytest.mark.usefixtures("thread_counts")
def test_no_setting_is_a_thread_a_core():
    set_threads(0)
    assert threads() >= 1


def test_folded_batch_norms_compute_the_same():
    network = random_network()
    planes = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        before = network(planes)
        after = without_batch_norm(network)(planes)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    np.testing.assert_allclose(after, before, atol=1e-4)  # float32's slack


class _Clipped(nn.BatchNorm2d):
    """A batch norm with an activation of its own, as timm has them."""

    def forward(self, values):
        return super().forward(values).clamp(min=0)


def test_a_batch_norm_with_an_activation_keeps_it():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), _Clipped(4)).eval()
    planes = torch.rand(1, 3, 8, 8)
    with torch.inference_mode():
        before = network(planes)
        after = without_batch_norm(network)(planes)
    assert after.min() == 0
    np.testing.assert_allclose(after, before, atol=1e-4)


def test_a_torch_runtime_leaves_its_network_as_it_is():
    core = Core(random_network())
    norms = sum(isinstance(module, nn.BatchNorm2d) for module in core.modules())
    TorchRuntime(core)
    assert sum(isinstance(module, nn.BatchNorm2d) for module in core.modules()) == norms > 0


@pytest.fixture
def any_device():
    yield
    set_device("")


@pytest.mark.usefixtures("any_device")
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_wanted_and_not_there_is_told():
    set_device("cuda")
    with pytest.raises(ModelError, match=r"finds no GPU on this machine \(set engine.gpus to 0"):
        TorchRuntime(Core(random_network()))


@pytest.mark.usefixtures("any_device")
def test_a_processor_that_is_wanted_is_taken():
    set_device("cpu")
    assert TorchRuntime(Core(random_network()))._device == torch.device("cpu")
