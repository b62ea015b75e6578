"""Photo to label map, by the network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from trendcolor.segmentation.network import NetworkSpec, load_network, weights_hash
from trendcolor.taxonomy import TOP, LabelMap

_STRIDE = 32  # both sides of the network's input are multiples of it
_MAX_ASPECT = 4.0  # a longer photo is squeezed to it before it is read


@dataclass(frozen=True, slots=True, eq=False)
class Segmenter:
    """A loaded network. Not thread-safe in speed, but in result."""

    network: nn.Module
    spec: NetworkSpec
    sha256: str  # of the weights file

    def label_map(self, rgb: NDArray[np.uint8]) -> LabelMap:
        """The class of each pixel.

        Args:
            rgb: A photo, shape (height, width, 3), sRGB 0..255, any size. Not modified.

        Returns:
            Class ids 0 to 12, shape (height, width).
        """
        return self.label_maps([rgb])[0]

    def label_maps(self, photos: Sequence[NDArray[np.uint8]]) -> list[LabelMap]:
        """The label map of each photo, as `label_map`; the batch has no effect on the maps.

        Photos of one input size share a pass through the network.
        """
        sizes = [input_size(rgb.shape[0], rgb.shape[1], self.spec) for rgb in photos]
        maps: list[LabelMap | None] = [None] * len(photos)
        for size in dict.fromkeys(sizes):
            group = [i for i, other in enumerate(sizes) if other == size]
            logits = self._logits([photos[i] for i in group], size)
            for i, one in zip(group, logits, strict=True):
                maps[i] = _classes_at(one, photos[i].shape[0], photos[i].shape[1])
        return [labels for labels in maps if labels is not None]

    def _logits(self, photos: Sequence[NDArray[np.uint8]], size: tuple[int, int]) -> torch.Tensor:
        pixels = np.stack([resize(rgb, size) for rgb in photos])
        device = next(self.network.parameters()).device
        with torch.inference_mode():
            logits: torch.Tensor = self.network(to_input(pixels).to(device)).float().cpu()
            logits[:, :TOP] += self.spec.margin
        return logits


def load_segmenter(path: Path) -> Segmenter:
    """A segmenter from a weights file made by `trendcolor train`.

    Raises:
        ModelError: the file is missing, damaged or of another kind.
    """
    network, spec = load_network(path)
    network = network.to(memory_format=torch.channels_last)
    return Segmenter(network=network, spec=spec, sha256=weights_hash(path))


def runtime_name() -> str:
    """What computes label maps here; part of a run's settings, since runtimes round apart."""
    return f"pytorch-{torch.__version__}"


def set_threads(count: int) -> None:
    """Let the network use so many processor threads in this process."""
    torch.set_num_threads(count)


def input_size(height: int, width: int, spec: NetworkSpec) -> tuple[int, int]:
    """The network's input size for a photo: the trained area at the photo's own aspect.

    Returns:
        Height and width, multiples of 32, whose product is about that of the training.
    """
    aspect = min(max(height / width, 1 / _MAX_ASPECT), _MAX_ASPECT)
    area = spec.height * spec.width
    tall, wide = (area * aspect) ** 0.5, (area / aspect) ** 0.5
    return _to_stride(tall), _to_stride(wide)


def _to_stride(length: float) -> int:
    return max(_STRIDE, round(length / _STRIDE) * _STRIDE)


def resize(rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A photo at another size, (height, width), by area-aware bilinear filtering."""
    image = Image.fromarray(rgb).resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return np.asarray(image)


def to_input(pixels: NDArray[np.uint8]) -> torch.Tensor:
    """A stack of photos, (n, height, width, 3), as the network's input."""
    tensor = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)
    return tensor.float().div_(127.5).sub_(1).contiguous(memory_format=torch.channels_last)


def _classes_at(logits: torch.Tensor, height: int, width: int) -> LabelMap:
    """The likeliest class of each pixel of the photo, logits interpolated between samples."""
    with torch.inference_mode():
        large = nn.functional.interpolate(
            logits[None], (height, width), mode="bilinear", align_corners=False
        )
        classes: LabelMap = large[0].argmax(0).to(torch.uint8).numpy()
    return classes
