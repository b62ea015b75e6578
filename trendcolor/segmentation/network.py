"""The network: built from segmentation-models-pytorch, kept as safetensors with its settings."""

import hashlib
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import segmentation_models_pytorch as smp
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from trendcolor.errors import ModelError, did_you_mean
from trendcolor.taxonomy import CLASSES

ARCHITECTURES = ("FPN", "Unet", "DeepLabV3Plus", "Segformer", "UnetPlusPlus", "PAN", "Linknet")
# Of an architecture's arguments, what shapes the network and not its input or output.
_DECODER_ARGUMENTS = ("decoder_", "encoder_depth", "encoder_output_stride")
PACKAGED_WEIGHTS = Path(__file__).resolve().parent.parent / "weights" / "segmenter.safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """What a weights file says of its network, in the file's own metadata."""

    architecture: str
    encoder: str
    height: int  # input size of the training, pixels
    width: int
    decoder: Mapping[str, int] = field(default_factory=dict)  # further arguments
    margin: float = 0.0  # logits by which skin, hair and background are preferred to garments
    classes: tuple[str, ...] = CLASSES


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
            f"{dict(spec.decoder)} ({_first_line(cause)})"
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
        raise ModelError(f"{path}: not this encoder's weights ({_first_line(cause)})") from cause


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
        raise ModelError(f"{path}: damaged weights ({_first_line(cause)})") from cause
    return network.eval(), spec


def read_spec(path: Path) -> NetworkSpec:
    """What a weights file says of its network.

    Raises:
        ModelError: the file is missing, damaged, or of other classes than this version's.
    """
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get("trendcolor", "")
        spec = msgspec.json.decode(text, type=NetworkSpec)
    except (OSError, SafetensorError) as cause:
        raise ModelError(f"{path}: no readable weights ({_reason(cause)})") from cause
    except (msgspec.ValidationError, msgspec.DecodeError) as cause:
        raise ModelError(f"{path}: not weights made by `trendcolor train`") from cause
    if spec.classes != CLASSES:
        raise ModelError(f"{path}: classes {spec.classes}, wanted {CLASSES}")
    return spec


def weights_path(weights: str) -> Path:
    """The file that the setting `segmentation.weights` means."""
    return PACKAGED_WEIGHTS if weights == "packaged" else Path(weights)


def weights_hash(path: Path) -> str:
    """SHA-256 of a weights file.

    Raises:
        ModelError: the file is missing.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as cause:
        raise ModelError(f"{path}: no readable weights ({_reason(cause)})") from cause


def _floats(weights: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    return {n: v.float() if v.is_floating_point() else v for n, v in weights.items()}


def _reason(cause: Exception) -> str:
    if isinstance(cause, FileNotFoundError):
        return "no such file; segmentation.weights names it, `trendcolor train` makes it"
    return _first_line(cause)


def _first_line(cause: Exception) -> str:
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__
