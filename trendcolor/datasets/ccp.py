"""Clothing Co-Parsing in its published layout (Yang, Luo and Lin, CVPR 2014).

`photos/NNNN.jpg`; for the photos with pixel labels `annotations/pixel-level/NNNN.mat`, for the
others the tags of what is worn, `annotations/image-level/NNNN.mat`.
"""

from dataclasses import dataclass
from pathlib import Path

from trendcolor.cards import Card
from trendcolor.config import DataConfig
from trendcolor.datasets.faults import Faults
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.index_masks import named_label_set
from trendcolor.datasets.location import check_folder
from trendcolor.datasets.matlab import read_matrix
from trendcolor.datasets.reference import PhotoRef, check_size
from trendcolor.errors import DataError, MaskError
from trendcolor.taxonomy import BACKGROUND, HAIR, SKIN, LabelMap, label_set

_VARIABLE = "groundtruth"
_TAGS = "tags"


@dataclass(frozen=True, slots=True)
class MatMask:
    """A MATLAB file whose variable `groundtruth` holds label ids."""

    path: Path
    label_set: str  # whose ids they are

    def read(self, height: int, width: int) -> LabelMap:
        """The label map, as `LabelSource.read`."""
        name = self.path.name
        if not self.path.is_file():
            raise MaskError(f"{name}: no such label map")
        try:
            indices = read_matrix(self.path, _VARIABLE)
        except DataError as cause:
            raise MaskError(str(cause)) from cause
        if indices.dtype.kind not in "ui":
            raise MaskError(f"{name}: '{_VARIABLE}' holds {indices.dtype}, wanted integers")
        check_size(name, indices.shape, height, width)
        return label_set(self.label_set).to_classes(indices, name)


def photos(card: Card, config: DataConfig, _: Faults) -> list[PhotoRef]:
    """CCP's photos by number: those with pixel labels, or whichever a split file lists.

    Args:
        card: Says whose label ids the label maps hold.
        config: `root`, and `split` if other photos than the labelled ones are wanted.
        _: Nothing can be at fault with a single photo.

    Raises:
        DataError: a folder is missing, or the card names no label set.
    """
    folder, maps = config.root / "photos", config.root / "annotations" / "pixel-level"
    check_folder(folder, "data.root")
    check_folder(maps, "data.root")
    names = named_label_set(card)
    labelled = {path.stem for path in maps.glob("*.mat")}
    numbers = set(labelled)
    if config.split is not None:
        numbers |= {path.stem for path in folder.glob("*.jpg")}
    if not numbers:
        raise DataError(f"{maps}: no label maps (wanted .mat files)")
    tags = config.root / "annotations" / "image-level"
    return [
        PhotoRef(
            id=number,
            file=LocalFile(folder / f"{number}.jpg"),
            labels=MatMask(maps / f"{number}.mat", names),
            classes=None if number in labelled else _tagged(tags / f"{number}.mat", names),
        )
        for number in sorted(numbers)
    ]


def _tagged(path: Path, names: str) -> frozenset[int] | None:
    """The classes that a photo's tags leave possible; None where it has no tags."""
    if not path.is_file():
        return None
    tags = read_matrix(path, _TAGS).ravel()
    if tags.dtype.kind not in "ui":
        raise DataError(f"{path.name}: '{_TAGS}' holds {tags.dtype}, wanted integers")
    try:
        classes = label_set(names).to_classes(tags, path.name)
    except MaskError as cause:
        raise DataError(f"{path.name}: no MATLAB file with '{_TAGS}' ({cause})") from cause
    return frozenset({BACKGROUND, SKIN, HAIR, *classes.tolist()})
