"""A network as an ONNX file, which other runtimes read without torch."""

import io
import os
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

_OPSET = 18
_HALVED = 1024  # elements of a constant from which it is kept in half precision


def export_onnx(core: nn.Module, path: Path, metadata: dict[str, str]) -> None:
    """Write a network as ONNX, atomically.

    Numbers that half precision holds exactly, as those of a weights file that `trendcolor train`
    made, are kept in it: the file is half as large and computes the same.

    Args:
        core: Photos' pixels, (n, height, width, 3) of 8 bits, to logits; sides multiples of 32.
        path: The file to write.
        metadata: Texts to keep in the file.
    """
    model = traced(core)
    _halve(model)
    for key, text in metadata.items():
        model.metadata_props.append(onnx.StringStringEntryProto(key=key, value=text))
    onnx.checker.check_model(model)
    aside = path.with_suffix(f".{os.getpid()}.part")  # two processes may write the same file
    aside.write_bytes(model.SerializeToString())
    aside.replace(path)


def traced(core: nn.Module) -> onnx.ModelProto:
    """The network as a graph, batch norm and all.

    The newer exporter of torch takes 75 times as long for the same graph.
    """
    written = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of deprecation, and of sizes that the trace holds fixed
        torch.onnx.export(
            core.eval(),
            (torch.zeros((2, 64, 96, 3), dtype=torch.uint8),),
            written,  # type: ignore[arg-type] # a file is taken too
            dynamo=False,
            do_constant_folding=False,  # else batch norm is folded, and half precision is not exact
            input_names=["pixels"],
            output_names=["logits"],
            dynamic_axes={"pixels": {0: "n", 1: "height", 2: "width"}},
            opset_version=_OPSET,
        )
    return onnx.load_from_string(written.getvalue())


def _halve(model: onnx.ModelProto) -> None:
    """Keep large constants in half precision, with a cast where they are used."""
    casts = []
    for constant in model.graph.initializer:
        if constant.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(constant)
        with np.errstate(over="ignore"):  # what half precision can't hold differs, and stays
            half = values.astype(np.float16)
        if values.size < _HALVED or not np.array_equal(half.astype(np.float32), values):
            continue
        name = constant.name
        constant.CopyFrom(numpy_helper.from_array(half, name + ".half"))
        casts.append(
            helper.make_node("Cast", [name + ".half"], [name], f"{name}.cast", to=TensorProto.FLOAT)
        )
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
