"""What a data set says of one photo, before a pixel of it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from trendcolor.cards import DeclaredLight
from trendcolor.datasets.files import PhotoFile
from trendcolor.errors import MaskError
from trendcolor.taxonomy import LabelMap


class LabelSource(Protocol):
    """Where one photo's label map comes from; small enough to travel to a worker process."""

    def read(self, height: int, width: int) -> LabelMap:
        """The label map of the taxonomy.

        Args:
            height: The photo's full height, upright, pixels.
            width: The photo's full width, upright, pixels.

        Returns:
            Class ids, shape (height, width).

        Raises:
            MaskError: the map is missing, unreadable, of another size, or holds unknown ids.
        """


@dataclass(frozen=True, slots=True)
class PhotoRef:
    """One photo of a data set."""

    id: str  # unique in its data set, the same in each run
    file: PhotoFile
    columns: Mapping[str, str | None] = field(default_factory=dict)  # the declared ones only
    labels: LabelSource | None = None  # None where the data set has no label maps
    classes: frozenset[int] | None = None  # the only ones in the photo, where the data set says so
    light: DeclaredLight | None = None  # as the card declares it; None: it is estimated
    duplicate_of: str | None = None  # the id of an earlier photo that it repeats
    refused: str | None = None  # why it may not be opened: its own license; None: it may


def check_size(where: str, found: tuple[int, ...], height: int, width: int) -> None:
    """Refuse a label map of another size than its photo.

    Args:
        where: What to call the label map in the message, such as its file name.
        found: The label map's shape.
        height: The photo's height.
        width: The photo's width.

    Raises:
        MaskError: the sizes differ.
    """
    if found != (height, width):
        size = " x ".join(str(side) for side in reversed(found))
        raise MaskError(f"{where}: label map has {size} pixels, its photo {width} x {height}")
