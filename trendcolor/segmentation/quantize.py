"""A network in 8-bit integers: a third of the time for a tenth of a point of garment IoU or less.

Post-training quantization as in Jacob et al., "Quantization and Training of Neural Networks for
Efficient Integer-Arithmetic-Only Inference", CVPR 2018: a scale for each channel of the weights
and one for each activation, whose range is measured on photos.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.quant_utils import add_pre_process_metadata
from torch import nn

from trendcolor.segmentation.export import traced
from trendcolor.segmentation.torch_runtime import without_batch_norm

# Activations are clipped by the range of the integers themselves, so that these steps vanish.
_QUANTIZED = ("Conv", "Clip", "Relu")


def quantize_onnx(
    core: nn.Module, path: Path, photos: Iterable[NDArray[np.uint8]], metadata: dict[str, str]
) -> None:
    """Write a network as ONNX whose convolutions compute in 8-bit integers, atomically.

    Args:
        core: Photos' pixels, (n, height, width, 3) of 8 bits, to logits. Modified.
        path: The file to write.
        photos: What activations are measured on, each at the network's input size.
        metadata: Texts to keep in the file.
    """
    model = traced(without_batch_norm(core.eval()))
    add_pre_process_metadata(model)  # else it warns that nothing was folded
    aside = path.with_suffix(f".{os.getpid()}.part")
    quantize_static(
        model,
        aside,
        _Photos(photos),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=list(_QUANTIZED),
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
        extra_options={"CalibMovingAverage": True},  # one odd photo must not widen the range
    )
    written = onnx.load(aside)
    for key, text in metadata.items():
        written.metadata_props.append(onnx.StringStringEntryProto(key=key, value=text))
    onnx.checker.check_model(written)
    aside.write_bytes(written.SerializeToString())
    aside.replace(path)


class _Photos(CalibrationDataReader):  # type: ignore[misc] # untyped library
    """Photos one at a time, in the form that the quantizer asks for."""

    def __init__(self, photos: Iterable[NDArray[np.uint8]]) -> None:
        self._photos: Iterator[NDArray[np.uint8]] = iter(photos)

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        photo = next(self._photos, None)
        return None if photo is None else {"pixels": photo[None]}
