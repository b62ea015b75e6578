"""Weights files: where they are, their hash, and what they say of their network. Without torch."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from safetensors import SafetensorError, safe_open

from trendcolor.errors import ModelError
from trendcolor.taxonomy import CLASSES

PACKAGED = "packaged"  # the setting that means the weights inside the package
PACKAGED_WEIGHTS = Path(__file__).resolve().parent.parent / "weights" / "segmenter.safetensors"
PACKAGED_ONNX = PACKAGED_WEIGHTS.with_suffix(".onnx")  # the same network for other runtimes
INT8 = ".int8.onnx"  # ending of the file beside weights that computes in 8-bit integers
HUB = "hub:"  # before the name of a model on the hub


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


def read_spec(path: Path) -> NetworkSpec:
    """What a weights file says of its network.

    Raises:
        ModelError: the file is missing, damaged, or of other classes than this version's.
    """
    try:
        with safe_open(path, framework="np") as file:
            text = (file.metadata() or {}).get("trendcolor", "")
        spec = msgspec.json.decode(text, type=NetworkSpec)
    except (OSError, SafetensorError) as cause:
        raise ModelError(f"{path}: no readable weights ({_reason(cause)})") from cause
    except (msgspec.ValidationError, msgspec.DecodeError) as cause:
        raise ModelError(f"{path}: not weights made by `trendcolor train`") from cause
    if spec.classes != CLASSES:
        raise ModelError(f"{path}: classes {spec.classes}, wanted {CLASSES}")
    return spec


def is_foreign(weights: str) -> bool:
    """Whether a setting names a model folder or a hub's model, not a file of `trendcolor train`."""
    return weights.startswith(HUB) or Path(weights).is_dir()


def weights_path(weights: str) -> Path:
    """The file that the setting `segmentation.weights` means."""
    return PACKAGED_WEIGHTS if weights == PACKAGED else Path(weights)


def weights_hash(path: Path) -> str:
    """SHA-256 of a weights file.

    Raises:
        ModelError: the file is missing.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as cause:
        raise ModelError(f"{path}: no readable weights ({_reason(cause)})") from cause


def _reason(cause: Exception) -> str:
    if isinstance(cause, FileNotFoundError):
        return "no such file; segmentation.weights names it, `trendcolor train` makes it"
    return first_line(cause)


def first_line(cause: Exception) -> str:
    """The first line of what an error says, or else its name."""
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__
