"""Annotations as COCO has them: one JSON file with regions as polygons or run lengths.

Fashionpedia, ModaNet and DeepFashion2 come so. Their labels know no skin and no hair: where no
region lies, the label map says background.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as run_lengths

from trendcolor.cards import Card
from trendcolor.config import DataConfig
from trendcolor.datasets.faults import Faults
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.index_masks import named_label_set
from trendcolor.datasets.location import check_folder, inside, local
from trendcolor.datasets.reference import PhotoRef, check_size
from trendcolor.errors import DataError, MaskError, did_you_mean
from trendcolor.taxonomy import BACKGROUND, LabelMap, LabelSet, label_set


@dataclass(frozen=True, slots=True)
class RunLengths:
    """A region as run lengths down its columns, off and on in turn."""

    size: tuple[int, int]  # height, width
    counts: str | tuple[int, ...]  # compressed, or one number a run


Shape = tuple[tuple[float, ...], ...] | RunLengths  # polygons as x, y, x, y ..., or run lengths


@dataclass(frozen=True, slots=True)
class Region:
    """One annotated thing."""

    class_id: int  # of the taxonomy
    shape: Shape


@dataclass(frozen=True, slots=True)
class RegionMask:
    """A photo's regions, painted into a label map when it is read.

    Larger regions first, so that a belt stays on its dress and a shirt inside its open coat; of
    equal ones the later annotation covers the earlier. A region that COCO calls a crowd (many
    things in one, or one with holes) is painted like any other: its label is right, only its
    things are not told apart, which a label map doesn't do anyway.
    """

    photo: str  # the photo's file name, for messages
    regions: tuple[Region, ...]
    size: tuple[int, int] | None  # height, width as annotated, where the file says so

    def read(self, height: int, width: int) -> LabelMap:
        """The label map, as `LabelSource.read`."""
        if self.size is not None:
            check_size(self.photo, self.size, height, width)
        covers = [self._cover(region, height, width) for region in self.regions]
        order = sorted(range(len(covers)), key=lambda i: -int(covers[i].sum()))
        labels = np.full((height, width), BACKGROUND, np.uint8)
        for i in order:
            labels[covers[i]] = self.regions[i].class_id
        return labels

    def _cover(self, region: Region, height: int, width: int) -> NDArray[np.bool_]:
        shape = region.shape
        if isinstance(shape, RunLengths):
            check_size(self.photo, shape.size, height, width)
            counts = shape.counts
            runs = (
                _decompressed(counts.encode("ascii", "replace"))
                if isinstance(counts, str)
                else list(counts)
            )
        else:
            polygons = [_near(polygon, height, width) for polygon in shape]
            drawn = run_lengths.merge(run_lengths.frPyObjects(polygons, height, width))
            runs = _decompressed(drawn["counts"])
        if min(runs, default=0) < 0 or sum(runs) != height * width:
            raise MaskError(f"{self.photo}: run lengths don't add up to {width} x {height} pixels")
        is_on = np.arange(len(runs)) % 2 == 1
        return np.repeat(is_on, runs).reshape(width, height).T


def _decompressed(counts: bytes) -> list[int]:
    """COCO's compressed run lengths as numbers.

    A number is its digits of 5 bits, lowest first, each a character from `0` on; bit 6 says that
    more follow, and the last digit holds the sign. From the fourth number on, it is the difference
    from the number before last. Read here, because pycocotools' own reader trusts its input and
    doesn't work with numpy 2.
    """
    runs: list[int] = []
    value = shift = 0
    for character in counts:
        digit = character - ord("0")
        value |= (digit & 0x1F) << shift
        shift += 5
        if not digit & 0x20:
            value -= (digit >> 4 & 1) << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    return runs


def _near(polygon: tuple[float, ...], height: int, width: int) -> list[float]:
    """A polygon's numbers, none further off than one photo's size: far ones would fill memory."""
    points = np.array(polygon).reshape(-1, 2)
    sides = np.array([width, height])
    near: list[float] = np.clip(points, -sides, 2 * sides).ravel().tolist()
    return near


@dataclass(frozen=True, slots=True)
class _Image:
    id: int | str
    file_name: str
    height: int | None = None
    width: int | None = None


@dataclass(frozen=True, slots=True)
class _Annotation:
    image_id: int | str
    category_id: int
    segmentation: list[tuple[float, ...]] | RunLengths | None = None


@dataclass(frozen=True, slots=True)
class _Category:
    id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    images: list[_Image]
    annotations: list[_Annotation]
    categories: tuple[_Category, ...] = ()


def photos(card: Card, config: DataConfig, faults: Faults) -> list[PhotoRef]:
    """The photos that a COCO-style file lists, in its order; a photo's id is its file name.

    A category is known by its name in the card's label set, or by its id where the file gives no
    name. Parts of a garment, such as Fashionpedia's sleeves, aren't painted: their garment is.
    A listed photo without annotations is one without clothes.

    Args:
        card: Says whose labels the categories are.
        config: `annotations` and `root`.
        faults: Gets a fault for each photo outside `root` and each category that the label set
            doesn't know.

    Raises:
        DataError: the file can't be read.
    """
    if config.annotations is None:
        raise DataError('data.annotations is missing (format "coco" needs its JSON file)')
    root = local(config.root, "data.root", "coco")
    check_folder(root, "data.root")
    labels = label_set(named_label_set(card))
    content = _read(config.annotations)
    found: list[str] = []
    classes = _classes(content, labels, found)
    regions: dict[int | str, list[Region]] = defaultdict(list)
    for annotation in content.annotations:
        shape, class_id = _shape(annotation), classes.get(annotation.category_id)
        if shape and class_id is not None:
            regions[annotation.image_id].append(Region(class_id, shape))
    strangers = len(regions.keys() - {image.id for image in content.images})
    if strangers:
        found.append(f"annotations of {strangers} images that the file doesn't list")
    references = [_reference(image, regions[image.id], root, found) for image in content.images]
    faults.add(f"{config.annotations.name}: {fault}" for fault in found)
    return [reference for reference in references if reference is not None]


def _read(path: Path) -> _File:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File)
    except OSError as cause:
        raise DataError(f"{path}: can't be read ({cause.strerror or cause})") from cause
    except (msgspec.DecodeError, UnicodeError) as cause:
        raise DataError(f"{path.name}: not a COCO-style file ({cause})") from cause


def _classes(content: _File, labels: LabelSet, faults: list[str]) -> dict[int, int | None]:
    """Class ids by category id; None for parts of garments."""
    names = {category.id: category.name for category in content.categories}
    used = {annotation.category_id for annotation in content.annotations}
    classes: dict[int, int | None] = {}
    for category in sorted(used):
        name = names.get(category, "")
        label = labels.label_id(name) if name else category
        if label is None or label not in labels.classes:
            known = did_you_mean(name, list(labels.names.values())) if name else ""
            faults.append(
                f"category {category} '{name}' is not in label set '{labels.name}'{known}"
            )
        else:
            classes[category] = None if label in labels.parts else labels.classes[label]
    return classes


def _shape(annotation: _Annotation) -> Shape | None:
    if isinstance(annotation.segmentation, RunLengths):
        return annotation.segmentation
    # A polygon has three corners; COCO's writers leave slivers with fewer behind.
    polygons = annotation.segmentation or ()
    return tuple(polygon for polygon in polygons if len(polygon) >= 6 and len(polygon) % 2 == 0)


def _reference(
    image: _Image, regions: list[Region], root: Path, faults: list[str]
) -> PhotoRef | None:
    path = inside(root, image.file_name)
    if path is None:
        faults.append(f"'{image.file_name}' is not a path inside data.root")
        return None
    size = (image.height, image.width) if image.height and image.width else None
    labels = RegionMask(path.name, tuple(regions), size)
    return PhotoRef(id=image.file_name, file=LocalFile(path), labels=labels)
