"""Photo to label map, by the network."""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trendcolor.compiling import IS_COMPILED
from trendcolor.segmentation.resizing import resized
from trendcolor.segmentation.runtimes import GridLogits, Runtime, threads
from trendcolor.segmentation.sampling import CertaintyMap, Grid, certainty_at, classes_at, likely_at
from trendcolor.taxonomy import CLASSES, TOP, LabelMap

_STRIDE = 32  # both sides of the network's input are multiples of it
_MAX_ASPECT = 4.0  # a longer photo is squeezed to it before it is read
_AT_ONCE = 8  # photos in one pass: memory stays bounded


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """What the network says of one photo."""

    labels: LabelMap  # (height, width), class ids 0 to 12
    certainty: CertaintyMap  # (height, width), probability of garment in 255ths


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What the segmenter needs to know of a network, and a run's manifest says of it."""

    name: str
    sha256: str  # of the weights file
    height: int  # input size of the training, pixels
    width: int
    margin: float = 0.0  # logits by which skin, hair and background are preferred to garments
    corners: bool = True  # how the logits' grid lies on the input: see `Grid`
    notes: tuple[str, ...] = ()  # what was done to fit its classes to the taxonomy


@dataclass(frozen=True, slots=True, eq=False)
class Segmenter:
    """A loaded network."""

    runtime: Runtime
    model: ModelCard
    # Input heights at which each photo is seen, plain and mirrored, and what it says averaged;
    # none: once, at the model's own.
    views: tuple[int, ...] = ()

    @property
    def sha256(self) -> str:
        """The SHA-256 of the weights file."""
        return self.model.sha256

    def label_map(self, rgb: NDArray[np.uint8]) -> LabelMap:
        """The class of each pixel.

        Args:
            rgb: A photo, shape (height, width, 3), sRGB 0..255, any size. Not modified.

        Returns:
            Class ids 0 to 12, shape (height, width).
        """
        return self.label_maps([rgb])[0]

    def label_maps(self, photos: Sequence[NDArray[np.uint8]]) -> list[LabelMap]:
        """The label map of each photo, as `label_map`; the batch has no effect on the maps."""
        crew = self.runtime.side_by_side() if len(photos) > 1 and threads() > 1 else None
        if crew is not None:
            with ThreadPoolExecutor(threads()) as pool:
                return list(pool.map(replace(self, runtime=crew).label_map, photos))
        if self.views:
            return [self.segment(rgb).labels for rgb in photos]
        maps: list[LabelMap | None] = [None] * len(photos)
        for i, logits, grids in self._answers(photos):
            maps[i] = classes_at(logits, *grids, photos[i].shape[:2])
        return [labels for labels in maps if labels is not None]

    def segment(self, rgb: NDArray[np.uint8]) -> Segmentation:
        """The class of each pixel, and how likely the pixel is garment at all.

        The margin takes part in the classes, not in the probability.

        Args:
            rgb: A photo, shape (height, width, 3), sRGB 0..255, any size. Not modified.
        """
        if self.views:
            return _of_likely(self.likely(rgb), self.model.margin)
        ((_, logits, grids),) = self._answers([rgb])
        labels = classes_at(logits, *grids, rgb.shape[:2])
        logits[:TOP] -= self.model.margin
        return Segmentation(labels, certainty_at(logits, *grids, rgb.shape[:2]))

    def likely(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The probability of each class at each pixel; the margin takes no part.

        Args:
            rgb: A photo, shape (height, width, 3), sRGB 0..255, any size. Not modified.

        Returns:
            Probabilities that sum to 1, shape (13, height, width).
        """
        if self.views:
            total = np.zeros((len(CLASSES), *rgb.shape[:2]), np.float32)
            for height in self.views:
                total += self._at_height(height).likely(rgb)
                total += self._at_height(height).likely(rgb[:, ::-1])[:, :, ::-1]
            total /= 2 * len(self.views)
            return total
        ((_, logits, grids),) = self._answers([rgb])
        logits[:TOP] -= self.model.margin
        return likely_at(logits, *grids, rgb.shape[:2])

    def _at_height(self, height: int) -> "Segmenter":
        """The same network, reading photos once, at an input of that height and its own shape."""
        width = _to_stride(height * self.model.width / self.model.height)
        return Segmenter(self.runtime, replace(self.model, height=height, width=width))

    def _answers(
        self, photos: Sequence[NDArray[np.uint8]]
    ) -> Iterator[tuple[int, NDArray[np.float32], tuple[Grid, Grid]]]:
        """For each photo its number, its logits and where they lie; one pass an input size."""
        sizes = [input_size(rgb.shape[0], rgb.shape[1], self.model) for rgb in photos]
        for size in dict.fromkeys(sizes):
            group = [i for i, other in enumerate(sizes) if other == size]
            for start in range(0, len(group), _AT_ONCE):
                some = group[start : start + _AT_ONCE]
                logits = self._logits([photos[i] for i in some], size)
                rows = Grid(logits.shape[2], size[0], self.model.corners)
                columns = Grid(logits.shape[3], size[1], self.model.corners)
                for i, one in zip(some, logits, strict=True):
                    yield i, one, (rows, columns)

    def _logits(self, photos: Sequence[NDArray[np.uint8]], size: tuple[int, int]) -> GridLogits:
        logits = self.runtime(np.stack([resize(rgb, size) for rgb in photos]))
        logits[:, :TOP] += np.float32(self.model.margin)
        return logits


def _of_likely(likely: NDArray[np.float32], margin: float) -> Segmentation:
    """Class probabilities as classes, garment or not first, and the certainty of garment."""
    garment = likely[TOP:].sum(0)
    is_garment = garment > 1 / (1 + math.exp(-margin))
    labels = np.where(is_garment, TOP + likely[TOP:].argmax(0), likely[:TOP].argmax(0))
    certainty = np.rint(np.clip(garment, 0, 1) * 255)
    return Segmentation(labels.astype(np.uint8), certainty.astype(np.uint8))


def input_size(height: int, width: int, model: ModelCard) -> tuple[int, int]:
    """The network's input size for a photo: the trained area at the photo's own aspect.

    Returns:
        Height and width, multiples of 32, whose product is about that of the training.
    """
    aspect = min(max(height / width, 1 / _MAX_ASPECT), _MAX_ASPECT)
    area = model.height * model.width
    return _to_stride(math.sqrt(area * aspect)), _to_stride(math.sqrt(area / aspect))


def _to_stride(length: float) -> int:
    return max(_STRIDE, round(length / _STRIDE) * _STRIDE)


def resize(rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A photo at another size, (height, width), by area-aware bilinear filtering."""
    if IS_COMPILED:
        return resized(np.ascontiguousarray(rgb), size)
    image = Image.fromarray(rgb)
    for length in ((size[1], rgb.shape[0]), (size[1], size[0])):  # columns, then rows
        image = image.resize(length, Image.Resampling.BILINEAR)
    return np.asarray(image)
