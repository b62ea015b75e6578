"""The reference runtime: the network in PyTorch."""

import copy
from collections.abc import Iterator

import numpy as np
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from trendcolor.errors import ModelError
from trendcolor.segmentation.runtimes import GridLogits, Pixels, device, runtime_name, threads


class TorchRuntime:
    """A network where `set_device` says; else on the GPU if there is one, or on the processor."""

    def __init__(self, core: nn.Module) -> None:
        """Of a network from 8-bit pixels to logits, which is copied.

        Raises:
            ModelError: a GPU is wanted and there is none.
        """
        torch.set_num_threads(threads())
        self.name = runtime_name("pytorch")
        has_gpu = torch.cuda.is_available()
        if device() == "cuda" and not has_gpu:
            raise ModelError(
                "PyTorch finds no GPU on this machine (set engine.gpus to 0, or install a PyTorch "
                "with CUDA and its driver)"
            )
        self._device = torch.device(device() or ("cuda" if has_gpu else "cpu"))
        fused = without_batch_norm(copy.deepcopy(core).eval())
        self._core = fused.to(self._device, memory_format=torch.channels_last)  # type: ignore[call-overload] # torch

    def side_by_side(self) -> None:
        """Nothing: PyTorch's threads are the process's, and all work on one photo."""

    def __call__(self, pixels: Pixels) -> GridLogits:
        """The logits of a stack of photos of one size.

        A processor computes them one by one: together they are no faster, and rounded otherwise.
        """
        if self._device.type == "cpu":
            return np.concatenate([self._logits(one[None]) for one in pixels])
        return self._logits(pixels)

    def _logits(self, pixels: Pixels) -> GridLogits:
        with torch.inference_mode():
            tensor = torch.from_numpy(np.ascontiguousarray(pixels)).to(self._device)
            logits: GridLogits = self._core(tensor).float().cpu().numpy()
        return logits


def without_batch_norm(network: nn.Module) -> nn.Module:
    """The network in evaluation mode with each batch norm folded into the convolution before it.

    Modified in place and given back.
    """
    for sequence in [m for m in network.modules() if isinstance(m, nn.Sequential)]:
        for before, after in list(_pairs(sequence)):
            convolution, norm = sequence[before], sequence[after]
            # A kind of batch norm that does more, as timm's with an activation, stays.
            if isinstance(convolution, nn.Conv2d) and type(norm) is nn.BatchNorm2d:
                sequence[before] = fuse_conv_bn_eval(convolution, norm)
                sequence[after] = nn.Identity()
    return network


def _pairs(sequence: nn.Sequential) -> Iterator[tuple[int, int]]:
    return zip(range(len(sequence) - 1), range(1, len(sequence)), strict=True)
