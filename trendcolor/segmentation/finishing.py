"""Trained weights as files for all runtimes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from trendcolor.config import ImagesConfig, TrainConfig
from trendcolor.datasets.reference import PhotoRef
from trendcolor.images.decode import open_photo
from trendcolor.segmentation.network import Core, load_network, save_network
from trendcolor.segmentation.segmenter import ModelCard, input_size, resize
from trendcolor.segmentation.weights import INT8, NetworkSpec, weights_hash

KEPT = "kept.safetensors"  # the best of a training, before it is finished
_MEASURED = 64  # photos, or a few more, that ranges of 8-bit integers are measured on


def finish(config: TrainConfig, photos: Sequence[PhotoRef], weights: Path) -> None:
    """Make a finished weights file of the kept one, and write it as ONNX beside.

    Blend, margin and input size can so be chosen after the training: the same command with others
    changes nothing else. `weights.onnx` is written where the converter, `onnx`, is installed, and
    `weights.int8.onnx` where `onnxruntime` is too.

    Args:
        config: What the weights are to say of their network; its folder holds the kept ones.
        photos: Of the training; the range of the 8-bit integers is measured on some.
        weights: The file to write.
    """
    model = config.model
    network, spec = load_network(config.out / KEPT)
    if model.blend and model.start is not None:
        _blend(network, load_network(model.start)[0], model.blend)
    height, width = model.predict_height or model.height, model.predict_width or model.width
    spec = replace(spec, height=height, width=width, margin=model.margin)
    save_network(network, spec, weights)
    if not find_spec("onnx"):
        return
    from trendcolor.segmentation.export import export_onnx

    network, _ = load_network(weights)
    metadata = {"sha256": weights_hash(weights)}
    export_onnx(Core(network), weights.with_suffix(".onnx"), metadata)
    if find_spec("onnxruntime"):
        from trendcolor.segmentation.quantize import quantize_onnx

        inputs = _inputs(photos[:: max(1, len(photos) // _MEASURED)], spec)
        quantize_onnx(Core(network), weights.with_suffix(INT8), inputs, metadata)


def _blend(network: nn.Module, other: nn.Module, part: float) -> None:
    """Move a network's weights by that part toward another's of its kind.

    Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022.
    """
    others = other.state_dict()
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            value.lerp_(others[name], part)


def _inputs(photos: Sequence[PhotoRef], spec: NetworkSpec) -> Iterator[NDArray[np.uint8]]:
    card = ModelCard(name="", sha256="", height=spec.height, width=spec.width)
    images = ImagesConfig(work_pixels=ImagesConfig().max_pixels)
    for ref in photos:
        rgb = open_photo(ref.file, images).rgb
        yield resize(rgb, input_size(rgb.shape[0], rgb.shape[1], card))
