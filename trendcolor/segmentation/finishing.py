"""Trained weights as files for all runtimes."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trendcolor.config import ImagesConfig
from trendcolor.datasets.reference import PhotoRef
from trendcolor.images.decode import read_photo
from trendcolor.segmentation.network import Core, load_network, save_network
from trendcolor.segmentation.segmenter import ModelCard, input_size, resize
from trendcolor.segmentation.weights import INT8, NetworkSpec, weights_hash

_MEASURED = 64  # photos, or a few more, that ranges of 8-bit integers are measured on


def finish(weights: Path, spec: NetworkSpec, photos: Sequence[PhotoRef]) -> None:
    """Give kept weights the settings' margin and input size, and write them as ONNX beside.

    Both can so be chosen after the training: the same command with others changes nothing else.
    `weights.onnx` is written where the converter, `onnx`, is installed, and `weights.int8.onnx`
    where `onnxruntime` is too.

    Args:
        weights: The kept weights.
        spec: What they are to say of their network.
        photos: Of the training; the range of the 8-bit integers is measured on some.
    """
    network, _ = load_network(weights)
    save_network(network, spec, weights)
    if not find_spec("onnx"):
        return
    from trendcolor.segmentation.export import export_onnx

    metadata = {"sha256": weights_hash(weights)}
    export_onnx(Core(network), weights.with_suffix(".onnx"), metadata)
    if find_spec("onnxruntime"):
        from trendcolor.segmentation.quantize import quantize_onnx

        inputs = _inputs(photos[:: max(1, len(photos) // _MEASURED)], spec)
        quantize_onnx(Core(network), weights.with_suffix(INT8), inputs, metadata)


def _inputs(photos: Sequence[PhotoRef], spec: NetworkSpec) -> Iterator[NDArray[np.uint8]]:
    card = ModelCard(name="", sha256="", height=spec.height, width=spec.width)
    images = ImagesConfig(work_pixels=ImagesConfig().max_pixels)
    for ref in photos:
        rgb = read_photo(ref.path, images).rgb
        yield resize(rgb, input_size(rgb.shape[0], rgb.shape[1], card))
