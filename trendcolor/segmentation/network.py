"""The network: built from segmentation-models-pytorch, kept as safetensors with its settings."""

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import segmentation_models_pytorch as smp
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from segmentation_models_pytorch.decoders.fpn.decoder import FPNDecoder
from torch import nn

from trendcolor.errors import ModelError, did_you_mean
from trendcolor.segmentation.weights import NetworkSpec, first_line, read_spec

ARCHITECTURES = ("FPN", "Unet", "DeepLabV3Plus", "Segformer", "UnetPlusPlus", "PAN", "Linknet")
# Of an architecture's arguments, what shapes the network and not its input or output.
_DECODER_ARGUMENTS = ("decoder_", "encoder_depth", "encoder_output_stride")


def build_network(spec: NetworkSpec) -> nn.Module:
    """A network of that kind with random weights; nothing is downloaded.

    Input: (n, 3, height, width), sRGB scaled to -1..1, both sides multiples of 32.
    Output: logits, (n, classes, height, width).

    Raises:
        ModelError: the architecture or the encoder is unknown, or the decoder's further arguments
            don't fit.
    """
    if spec.architecture not in ARCHITECTURES:
        raise ModelError(
            f"no architecture '{spec.architecture}'{did_you_mean(spec.architecture, ARCHITECTURES)}"
        )
    build = getattr(smp, spec.architecture)
    _check_decoder(spec, list(inspect.signature(build).parameters))
    try:
        network: nn.Module = build(
            encoder_name=spec.encoder,
            encoder_weights=None,
            classes=len(spec.classes),
            **spec.decoder,
        )
    except KeyError as cause:
        raise ModelError(f"no encoder '{spec.encoder}' in segmentation-models-pytorch") from cause
    except (TypeError, ValueError, RuntimeError) as cause:
        raise ModelError(
            f"{spec.architecture} with encoder '{spec.encoder}' does not take "
            f"{dict(spec.decoder)} ({first_line(cause)})"
        ) from cause
    return network


def _check_decoder(spec: NetworkSpec, parameters: Sequence[str]) -> None:
    """Refuse a misspelled argument, which smp would take without a word."""
    known = [name for name in parameters if name.startswith(_DECODER_ARGUMENTS)]
    for name in spec.decoder:
        if name not in known:
            raise ModelError(
                f"{spec.architecture} has no decoder argument '{name}'{did_you_mean(name, known)}"
            )


class Coarse(nn.Module):
    """A network of segmentation-models-pytorch without its last step, the enlarging of logits.

    Output: logits on the network's own grid, whose first and last point lie on the first and last
    pixel of the input.
    """

    def __init__(self, network: nn.Module) -> None:
        """Of a network that is shared and not modified."""
        super().__init__()
        self.network = network

    def forward(self, planes: torch.Tensor) -> torch.Tensor:
        """Logits of scaled photos, (n, 3, height, width)."""
        network: Any = self.network
        features, head = network.encoder(planes), network.segmentation_head[0]
        if _is_lean(network.decoder, head):
            return _lean_fpn(network.decoder, head, features)
        logits: torch.Tensor = head(network.decoder(features))
        return logits


def _is_lean(decoder: nn.Module, head: nn.Module) -> bool:
    """Whether a network's last steps are all linear, so that they may change places."""
    if not isinstance(decoder, FPNDecoder) or decoder.training:
        return False
    is_point = isinstance(head, nn.Conv2d) and head.kernel_size == (1, 1)
    return is_point and decoder.merge.policy == "add"


def _lean_fpn(decoder: Any, head: Any, features: Sequence[torch.Tensor]) -> torch.Tensor:  # noqa: ANN401 # untyped library
    """The logits of a feature pyramid network, its linear steps in the order that costs least.

    The network doubles three levels to the size of the finest, adds the four and turns their
    channels into classes. All of that is linear: the three are added before they are doubled, and
    turned into classes before that.
    """
    pyramid = [decoder.p5(features[-1])]
    for level, skip in zip((decoder.p4, decoder.p3, decoder.p2), features[-2:-5:-1], strict=True):
        pyramid.append(level(pyramid[-1], skip))
    parts: list[torch.Tensor] = []
    for block, level in zip(decoder.seg_blocks[:3], pyramid[:3], strict=True):
        *doubled, last = block.block
        for layer in doubled:
            level = layer(level)
        parts.append(last.block(level))
    classes = nn.functional.conv2d(parts[0] + parts[1] + parts[2], head.weight)
    classes = nn.functional.interpolate(
        classes, scale_factor=2.0, mode="bilinear", align_corners=True
    )
    fine: torch.Tensor = head(decoder.seg_blocks[3](pyramid[3]))
    return fine + classes


class Core(nn.Module):
    """A network from a photo's 8-bit pixels to logits on its coarse grid, for any runtime.

    Input: (n, height, width, 3), 8-bit sRGB, both sides multiples of 32.
    Output: logits, (n, 13, grid height, grid width), as `Coarse`.
    """

    def __init__(self, network: nn.Module) -> None:
        """Of a network of `build_network`, which is shared and not modified."""
        super().__init__()
        self.coarse = Coarse(network)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Logits of photos."""
        logits: torch.Tensor = self.coarse(pixels.permute(0, 3, 1, 2).float() * (1 / 127.5) - 1)
        return logits


def encoder_of(network: nn.Module) -> nn.Module:
    """The part of a network that starts from published weights."""
    encoder: nn.Module = network.get_submodule("encoder")
    return encoder


def load_encoder(network: nn.Module, path: Path) -> None:
    """Start the network's encoder from a safetensors state dict.

    Raises:
        ModelError: the file is missing or holds the weights of another encoder.
    """
    try:
        encoder_of(network).load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as cause:
        raise ModelError(f"{path}: not this encoder's weights ({first_line(cause)})") from cause


def load_start(network: nn.Module, spec: NetworkSpec, path: Path) -> None:
    """Start a network from a file that `save_network` wrote, of the same architecture.

    Raises:
        ModelError: the file is missing, damaged or of another network.
    """
    other = read_spec(path)
    for name in ("architecture", "encoder", "decoder"):
        if getattr(other, name) != getattr(spec, name):
            raise ModelError(
                f"{path}: its {name} is {getattr(other, name)}, model.{name} {getattr(spec, name)}"
            )
    try:
        network.load_state_dict(_floats(load_file(path)))
    except RuntimeError as cause:
        raise ModelError(f"{path}: damaged weights ({first_line(cause)})") from cause


def freeze_encoder(network: nn.Module, prefixes: Sequence[str]) -> None:
    """Keep the encoder's parameters of these leading names as they are.

    Raises:
        ModelError: a name fits no parameter.
    """
    names = dict(encoder_of(network).named_parameters())
    for prefix in prefixes:
        frozen = [value for name, value in names.items() if name.startswith(prefix)]
        if not frozen:
            raise ModelError(
                f"training.frozen: the encoder has no parameter '{prefix}...', "
                f"its first is {next(iter(names))}"
            )
        for value in frozen:
            value.requires_grad = False


def save_network(network: nn.Module, spec: NetworkSpec, path: Path) -> None:
    """Write the weights in half precision with the network's spec, atomically."""
    weights = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in network.state_dict().items()
    }
    aside = path.with_suffix(".part")
    save_file(weights, aside, metadata={"trendcolor": json.dumps(asdict(spec))})
    aside.chmod(0o644)  # the library writes for its owner alone
    aside.replace(path)


def load_network(path: Path) -> tuple[nn.Module, NetworkSpec]:
    """A network in evaluation mode from a file that `save_network` wrote.

    Raises:
        ModelError: the file is missing, damaged, or not written by `trendcolor train`.
    """
    spec = read_spec(path)
    network = build_network(spec)
    try:
        weights = load_file(path)
        network.load_state_dict(_floats(weights))
    except (OSError, SafetensorError, RuntimeError) as cause:
        raise ModelError(f"{path}: damaged weights ({first_line(cause)})") from cause
    return network.eval(), spec


def _floats(weights: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    return {n: v.float() if v.is_floating_point() else v for n, v in weights.items()}
