import json
from dataclasses import replace

import numpy as np
import pytest
import segmentation_models_pytorch as smp
import torch
from networks import TINY
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from trendcolor.errors import ModelError
from trendcolor.segmentation.network import (
    Coarse,
    Core,
    build_network,
    encoder_of,
    freeze_encoder,
    load_encoder,
    load_network,
    load_start,
    save_network,
)
from trendcolor.segmentation.weights import is_foreign, read_spec, weights_hash, weights_path
from trendcolor.taxonomy import CLASSES


def network(seed=0):
    torch.manual_seed(seed)
    return build_network(TINY)


def with_spec(path, spec):
    """The weights of another file under other settings."""
    save_file(load_file(path), path, metadata={"trendcolor": json.dumps(spec)})


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("network") / "weights.safetensors"
    save_network(network(), TINY, path)
    return path


def test_logits_have_the_input_s_size_and_a_plane_a_class():
    with torch.inference_mode():
        logits = network().eval()(torch.zeros(2, 3, 64, 96))
    assert logits.shape == (2, len(CLASSES), 64, 96)


def test_a_saved_network_gives_the_outputs_of_its_weights_in_half_precision(tmp_path):
    path = tmp_path / "weights.safetensors"
    original = network()
    save_network(original, TINY, path)
    rounded = network(seed=1).eval()
    halves = {
        n: v.half().float() for n, v in original.state_dict().items() if v.is_floating_point()
    }
    rounded.load_state_dict({**original.state_dict(), **halves})
    loaded, spec = load_network(path)
    pixels = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        np.testing.assert_array_equal(loaded(pixels).numpy(), rounded(pixels).numpy())
    assert spec == TINY
    assert not loaded.training


def test_a_weights_file_is_in_half_precision_and_says_what_it_is(weights):
    with safe_open(weights, framework="pt") as file:
        spec = json.loads(file.metadata()["trendcolor"])
        kinds = {file.get_tensor(name).dtype for name in file.keys()}  # noqa: SIM118 # no mapping
    assert kinds == {torch.float16, torch.int64}  # whole numbers: how many batches were seen
    assert spec == {
        "architecture": "FPN",
        "encoder": "mobilenet_v2",
        "height": 64,
        "width": 64,
        "decoder": {"decoder_pyramid_channels": 32, "decoder_segmentation_channels": 32},
        "margin": 0.0,
        "classes": list(CLASSES),
    }
    assert read_spec(weights) == TINY


def test_nothing_else_is_left_beside_a_weights_file(weights):
    assert [file.name for file in weights.parent.iterdir()] == ["weights.safetensors"]


def test_the_same_network_is_saved_as_the_same_bytes(tmp_path):
    for name in ("a.safetensors", "b.safetensors"):
        save_network(network(), TINY, tmp_path / name)
    assert weights_hash(tmp_path / "a.safetensors") == weights_hash(tmp_path / "b.safetensors")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"architecture": "Unett"}, "no architecture 'Unett', did you mean 'Unet'"),
        ({"architecture": "X"}, "no architecture 'X'; there are: FPN, Unet, "),
        ({"encoder": "mobilenet_v9"}, "no encoder 'mobilenet_v9' in segmentation-models"),
        ({"encoder": "tu-nothing"}, r"encoder 'tu-nothing' does not take .*Unknown model"),
        ({"decoder": {"encoder_depht": 3}}, "'encoder_depht', did you mean 'encoder_depth'"),
        ({"decoder": {"classes": 3}}, "FPN has no decoder argument 'classes'; there are: enc"),
        ({"decoder": {"encoder_depth": 2}}, "cannot be less than 3, got 2"),
        ({"decoder": {"decoder_segmentation_channels": 16}}, r"16\) must be divisible by"),
    ],
    ids=str,
)
def test_a_network_that_does_not_exist_is_refused(changes, message):
    with pytest.raises(ModelError, match=message):
        build_network(replace(TINY, **changes))


def test_the_packaged_weights_are_meant_by_name():
    assert weights_path("packaged").name == "segmenter.safetensors"
    assert str(weights_path("some/weights.safetensors")) == "some/weights.safetensors"


def test_a_missing_file_is_refused(tmp_path):
    path = tmp_path / "none.safetensors"
    for read in (load_network, read_spec, weights_hash):
        with pytest.raises(ModelError, match=r"none\.safetensors: no readable weights \(no such"):
            read(path)


@pytest.mark.parametrize("kept", [0, 7, 1000, 0.5, 0.999])
def test_a_damaged_file_is_refused(tmp_path, weights, kept):
    encoded = weights.read_bytes()
    path = tmp_path / "cut.safetensors"
    path.write_bytes(encoded[: kept if isinstance(kept, int) else int(kept * len(encoded))])
    with pytest.raises(ModelError, match=r"cut\.safetensors: no readable weights"):
        load_network(path)


@pytest.mark.parametrize(
    "metadata",
    [None, {"format": "pt"}, {"trendcolor": "{}"}, {"trendcolor": "FPN"}],
    ids=["no metadata", "other metadata", "empty spec", "no JSON"],
)
def test_another_program_s_safetensors_are_refused(tmp_path, metadata):
    path = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(3)}, path, metadata=metadata)
    with pytest.raises(ModelError, match=r"foreign\.safetensors: not weights made by"):
        load_network(path)


SPEC = {"architecture": "FPN", "encoder": "mobilenet_v2", "height": 64, "width": 64}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classes": ["background", "person"]}, r"classes \('background', 'person'\), wanted \('b"),
        ({"decoder": {}}, r"damaged weights \(.*FPN"),
        ({"encoder": "resnet18"}, r"damaged weights \(.*FPN"),
        ({"architecture": "FNP"}, "no architecture 'FNP', did you mean 'FPN'"),
        ({"height": "tall"}, "not weights made by `trendcolor train`"),
    ],
    ids=["other classes", "other decoder", "other encoder", "unknown network", "wrong type"],
)
def test_weights_that_are_not_what_they_say_are_refused(tmp_path, weights, changes, message):
    path = tmp_path / "other.safetensors"
    path.write_bytes(weights.read_bytes())
    with_spec(path, {**SPEC, "decoder": dict(TINY.decoder), **changes})
    with pytest.raises(ModelError, match=message):
        load_network(path)


def test_an_encoder_starts_from_its_own_weights(tmp_path):
    path = tmp_path / "encoder.safetensors"
    start, target = network(seed=0), network(seed=1)
    save_file(encoder_of(start).state_dict(), path)
    load_encoder(target, path)
    for name, value in encoder_of(start).state_dict().items():
        torch.testing.assert_close(encoder_of(target).state_dict()[name], value, rtol=0, atol=0)


def test_an_encoder_does_not_start_from_other_weights(tmp_path, weights):
    with pytest.raises(ModelError, match=r"weights\.safetensors: not this encoder's weights"):
        load_encoder(network(), weights)
    with pytest.raises(ModelError, match=r"none: not this encoder's weights \(No such file"):
        load_encoder(network(), tmp_path / "none")
    (tmp_path / "text").write_text("no weights")
    with pytest.raises(ModelError, match="text: not this encoder's weights"):
        load_encoder(network(), tmp_path / "text")


def test_a_network_starts_from_another_s_weights(tmp_path):
    path = tmp_path / "weights.safetensors"
    start, target = network(seed=0), network(seed=1)
    save_network(start, TINY, path)
    load_start(target, replace(TINY, height=96, margin=0.5), path)
    for name, value in start.state_dict().items():
        expected = value.half().float() if value.is_floating_point() else value
        torch.testing.assert_close(target.state_dict()[name], expected, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"architecture": "Unet"}, r"its architecture is FPN, model\.architecture Unet"),
        ({"encoder": "resnet18"}, r"its encoder is mobilenet_v2, model\.encoder resnet18"),
        (
            {"decoder": {}},
            r"its decoder is \{'decoder_pyramid_channels': 32, .*model\.decoder \{\}",
        ),
    ],
    ids=["architecture", "encoder", "decoder"],
)
def test_a_network_does_not_start_from_one_of_another_kind(weights, changes, message):
    with pytest.raises(ModelError, match=message):
        load_start(network(), replace(TINY, **changes), weights)


def test_a_network_does_not_start_from_damaged_weights(tmp_path, weights):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"cut\.safetensors: no readable weights"):
        load_start(network(), TINY, path)
    save_file({"weight": torch.zeros(3)}, path)
    with_spec(path, {**SPEC, "decoder": dict(TINY.decoder)})
    with pytest.raises(ModelError, match=r"cut\.safetensors: damaged weights \(.*FPN"):
        load_start(network(), TINY, path)


def test_frozen_parameters_of_the_encoder_are_those_of_the_leading_names():
    frozen = network()
    freeze_encoder(frozen, ["features.0.", "features.17."])
    for name, value in encoder_of(frozen).named_parameters():
        assert value.requires_grad != name.startswith(("features.0.", "features.17."))
    others = set(frozen.parameters()) - set(encoder_of(frozen).parameters())
    assert others
    assert all(value.requires_grad for value in others)


def test_nothing_is_frozen_unasked():
    free = network()
    freeze_encoder(free, [])
    assert all(value.requires_grad for value in free.parameters())


def test_a_name_of_no_parameter_can_t_be_frozen():
    message = (
        r"training\.frozen: the encoder has no parameter 'layer1\.\.\.', its first is features\.0"
    )
    with pytest.raises(ModelError, match=message):
        freeze_encoder(network(), ["features.0.", "layer1"])


def test_a_network_sees_minus_1_to_1():
    core = Core(network())
    core.coarse = torch.nn.Identity()
    pixels = torch.tensor([[[[0, 255, 51]]]], dtype=torch.uint8)
    # 51 is a fifth of 255: -1 + 2 / 5. The slack is float32's.
    np.testing.assert_allclose(core(pixels)[0, :, 0, 0], [-1, 1, -0.6], atol=1e-6)


@pytest.mark.parametrize("size", [(64, 64), (96, 32)], ids=str)
@pytest.mark.parametrize("architecture", ["FPN", "Unet", "DeepLabV3Plus", "Linknet"])
def test_a_core_enlarged_is_its_network(architecture, size):
    torch.manual_seed(0)
    decoder = TINY.decoder if architecture == "FPN" else {}
    whole = build_network(replace(TINY, architecture=architecture, decoder=decoder)).eval()
    pixels = torch.randint(0, 256, (2, *size, 3), dtype=torch.uint8)
    with torch.inference_mode():
        expected = whole(pixels.permute(0, 3, 1, 2) / 127.5 - 1)
        coarse = Core(whole)(pixels)
    assert coarse.shape[:2] == (2, len(CLASSES))
    large = torch.nn.functional.interpolate(coarse, size, mode="bilinear", align_corners=True)
    torch.testing.assert_close(large, expected, rtol=0, atol=1e-4)  # float32's slack


def test_a_pyramid_whose_levels_are_joined_otherwise_keeps_its_order():
    torch.manual_seed(0)
    whole = smp.FPN(
        "mobilenet_v2", encoder_weights=None, classes=13, decoder_merge_policy="cat"
    ).eval()
    planes = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        expected, coarse = whole(planes), Coarse(whole)(planes)
    large = torch.nn.functional.interpolate(coarse, (64, 64), mode="bilinear", align_corners=True)
    torch.testing.assert_close(large, expected, rtol=0, atol=1e-4)  # float32's slack


@pytest.mark.parametrize(
    ("weights", "expected"),
    [("packaged", False), ("some/weights.safetensors", False), ("hub:a/b@c", True)],
    ids=str,
)
def test_files_are_told_from_a_hub_s_models(weights, expected):
    assert is_foreign(weights) == expected


def test_a_folder_is_of_another_maker(tmp_path):
    assert is_foreign(str(tmp_path))
