"""Label maps as PNG files: one label id a pixel."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL.PngImagePlugin import PngImageFile

from trendcolor.cards import Card
from trendcolor.datasets.files import stem_of
from trendcolor.datasets.local_file import read_file
from trendcolor.datasets.location import check_folder
from trendcolor.datasets.reference import PhotoRef, check_size
from trendcolor.errors import DataError, MaskError, PhotoError
from trendcolor.taxonomy import LabelMap, label_set

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_BYTES = 1 << 28  # of a file; 175 million labels of noise are less
_GRAY, _PALETTE = 0, 3  # color types of PNG (ISO/IEC 15948, table 11.1)


@dataclass(frozen=True, slots=True)
class IndexMask:
    """A PNG file whose samples are label ids: 8-bit gray, or the indices of a palette."""

    path: Path
    label_set: str  # whose ids they are

    def read(self, height: int, width: int) -> LabelMap:
        """The label map, as `LabelSource.read`."""
        name = self.path.name
        if not self.path.exists():
            raise MaskError(f"{name}: no such label map")
        try:
            encoded = read_file(self.path, _MOST_BYTES)
        except PhotoError as cause:
            raise MaskError(f"{name}: can't be read ({cause})") from cause
        self._check_header(encoded, height, width)
        try:
            with PngImageFile(BytesIO(encoded)) as image:
                indices = np.array(image)
        except (EOFError, OSError, SyntaxError, ValueError, struct.error) as cause:
            raise MaskError(f"{name}: damaged PNG ({cause})") from cause
        return label_set(self.label_set).to_classes(indices, name)

    def _check_header(self, encoded: bytes, height: int, width: int) -> None:
        """Refuse what is no index map, before anything is decoded."""
        name = self.path.name
        if encoded[:8] != _SIGNATURE or encoded[12:16] != b"IHDR" or len(encoded) < 33:
            raise MaskError(f"{name}: not a PNG file")
        found_width, found_height, depth, color_type = struct.unpack(">IIBB", encoded[16:26])
        if (color_type, depth) != (_GRAY, 8) and color_type != _PALETTE:
            raise MaskError(
                f"{name}: PNG of color type {color_type} with {depth} bits a sample, wanted 8-bit "
                "gray (color type 0) or a palette (3)"
            )
        check_size(name, (found_height, found_width), height, width)


def with_masks(references: Iterable[PhotoRef], folder: Path, card: Card) -> Iterator[PhotoRef]:
    """Photos with their label maps: `<stem>.png` in a folder, whether it exists or not.

    Args:
        references: The photos. Not modified.
        folder: The folder of label maps.
        card: Says whose label ids they hold.

    Raises:
        DataError: the folder is missing, or the card names no label set.
    """
    check_folder(folder, "data.masks")
    names = named_label_set(card)
    for photo in references:
        yield replace(photo, labels=IndexMask(folder / f"{stem_of(photo.file)}.png", names))


def named_label_set(card: Card) -> str:
    """The card's label set, which label maps can't be read without.

    Raises:
        DataError: the card names none, or one that doesn't exist.
    """
    if not card.label_set:
        raise DataError(f"card {card.name} names no label_set, which its label maps need")
    return label_set(card.label_set).name
