"""A folder of photos."""

import os
from collections.abc import Iterator
from pathlib import Path

from trendcolor.cards import Card
from trendcolor.config import PHOTO_SUFFIXES, DataConfig
from trendcolor.datasets.location import check_folder, inside, plain_id
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import DataError


def photos(_: Card, config: DataConfig) -> list[PhotoRef]:
    """Every photo below a folder, in the order of their paths.

    A photo's id is its path relative to the folder. Hidden files and folders are passed over, and
    so are links that lead out of the folder and the folder of label maps.

    Args:
        _: The card, which says nothing of a bare folder's photos.
        config: `root` and, to pass it over, `masks`.

    Raises:
        DataError: the folder is missing or holds no photo.
    """
    check_folder(config.root, "data.root")
    paths = {plain_id(path.relative_to(config.root)): path for path in _walk(config)}
    if not paths:
        endings = ", ".join(sorted(PHOTO_SUFFIXES))
        raise DataError(f"{config.root}: no photos (wanted files ending in {endings})")
    return [PhotoRef(id=photo, path=paths[photo]) for photo in sorted(paths)]


def _walk(config: DataConfig) -> Iterator[Path]:
    masks = config.masks.resolve() if config.masks else None
    for folder, folders, files in os.walk(config.root):
        here = Path(folder)
        folders[:] = [
            name for name in folders if name[0] != "." and (here / name).resolve() != masks
        ]
        for name in files:
            path = here / name
            is_photo = name[0] != "." and path.suffix.lower() in PHOTO_SUFFIXES
            if is_photo and inside(config.root, path.relative_to(config.root).as_posix()):
                yield path
