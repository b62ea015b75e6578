"""From settings to a loaded segmenter: whose weights, in which runtime."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from trendcolor.config import SegmentationConfig
from trendcolor.errors import ModelError
from trendcolor.segmentation.runtimes import open_onnx, pick_runtime, runtime_name
from trendcolor.segmentation.segmenter import ModelCard, Segmenter
from trendcolor.segmentation.weights import (
    INT8,
    PACKAGED,
    PACKAGED_ONNX,
    is_foreign,
    read_spec,
    weights_hash,
    weights_path,
)

if TYPE_CHECKING:  # torch takes seconds and half a gigabyte, which other runtimes don't need
    from torch import nn

_CONVERTER = "onnx"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a run's manifest says of its segmenter."""

    weights: str
    sha256: str
    runtime: str
    notes: tuple[str, ...] = ()  # what was done to fit its classes to the taxonomy


def load_segmenter(config: SegmentationConfig) -> Segmenter:
    """The segmenter that the settings mean.

    Raises:
        ModelError: the weights are missing, damaged or of another kind, or the runtime is not
            installed.
        DataError: `labels` names no label set.
    """
    runtime = chosen_runtime(config)
    card, core = _model(config)
    if runtime == "pytorch":
        from trendcolor.segmentation.torch_runtime import TorchRuntime

        return Segmenter(TorchRuntime(core()), card, config.views)
    onnx = open_onnx(_onnx_file(config, card, core), runtime)
    return Segmenter(onnx, card, config.views)


def prepare_segmenter(config: SegmentationConfig) -> Identity:
    """What a run's manifest says of the segmenter; leaves all on disk that loading it needs.

    Raises:
        ModelError: as `load_segmenter`.
    """
    card, core = _model(config)
    runtime = chosen_runtime(config)
    if runtime != "pytorch":
        _onnx_file(config, card, core)
    name = runtime_name(runtime)
    name += "" if config.precision == "float32" else f"-{config.precision}"
    return Identity(card.name, card.sha256, name, card.notes)


def chosen_runtime(config: SegmentationConfig) -> str:
    """The runtime that the settings mean for their weights.

    The packaged weights are there for all runtimes; other weights have to be converted for all
    but PyTorch, and "auto" leaves them to PyTorch where the converter is not installed.

    Raises:
        ModelError: there is no such runtime, or it is not installed.
    """
    runtime = pick_runtime(config.runtime)
    if config.precision == "int8":
        if runtime == "pytorch":
            raise ModelError(
                f"segmentation.precision \"int8\" is not for runtime '{runtime}' "
                '(pip install openvino or onnxruntime, or take "float32")'
            )
        return runtime
    if config.weights == PACKAGED or find_spec(_CONVERTER):
        return runtime
    if config.runtime == "auto":
        return "pytorch"
    if runtime != "pytorch":
        raise ModelError(
            f"segmentation.runtime '{runtime}' needs these weights converted "
            f"(pip install {_CONVERTER}, or runtime 'pytorch')"
        )
    return runtime


def _model(config: SegmentationConfig) -> tuple[ModelCard, Callable[[], "nn.Module"]]:
    """What is known of the weights, and how the network is built, which needs torch."""
    if is_foreign(config.weights):
        from trendcolor.segmentation.foreign import load_foreign

        model = load_foreign(config)
        for note in model.card.notes:
            _LOG.info("%s: %s", model.card.name, note)
        return model.card, lambda: model.core
    if config.labels:
        raise ModelError(
            f"segmentation.labels is '{config.labels}', but the weights say their own classes "
            "(leave it out; it is for model folders)"
        )
    path = weights_path(config.weights)
    spec = read_spec(path)
    card = ModelCard(
        name=path.name,
        sha256=weights_hash(path),
        height=spec.height,
        width=spec.width,
        margin=spec.margin,
    )

    def core() -> "nn.Module":
        from trendcolor.segmentation.network import Core, load_network

        return Core(load_network(path)[0])

    return card, core


def _onnx_file(
    config: SegmentationConfig, card: ModelCard, core: Callable[[], "nn.Module"]
) -> Path:
    """The network as ONNX: the packaged file, or one that is made once and kept for the user."""
    if config.precision == "int8":
        return _int8_file(config, card)
    if config.weights == PACKAGED:
        return PACKAGED_ONNX
    folder = Path(platformdirs.user_cache_dir("trendcolor"))
    made_by = f"{version('trendcolor')}-torch-{version('torch')}"
    path = folder / f"{card.sha256[:32]}-{made_by}.onnx"
    if not path.exists():
        from trendcolor.segmentation.export import export_onnx

        try:
            folder.mkdir(parents=True, exist_ok=True)
            export_onnx(core(), path, {"sha256": card.sha256})
        except OSError as cause:
            raise ModelError(
                f"{folder}: the converted network can't be kept there ({cause.strerror}); "
                "set XDG_CACHE_HOME, or segmentation.runtime to 'pytorch'"
            ) from cause
    return path


def _int8_file(config: SegmentationConfig, card: ModelCard) -> Path:
    """The network in 8-bit integers, which is made with the weights, since it takes photos."""
    if is_foreign(config.weights):
        raise ModelError(
            f'segmentation.precision "int8" is not for {config.weights}, only for weights that '
            '`trendcolor train` made (take "float32")'
        )
    path = weights_path(config.weights).with_suffix(INT8)
    try:
        encoded = path.read_bytes()
    except OSError as cause:
        raise ModelError(
            f"{path}: no readable network in 8-bit integers ({cause.strerror}); `trendcolor train` "
            f"writes it beside {card.name} where onnx and onnxruntime are installed"
        ) from cause
    if card.sha256.encode() not in encoded:
        raise ModelError(f"{path}: made of other weights than {card.name}; train again")
    return path
