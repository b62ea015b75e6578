"""What an audit sheet shows of a photo: its label map with one garment marked.

The data set is opened again, and a photo is labelled as the run did it. Photo pixels are kept only
where the caller says that the cards allow showing them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trendcolor.color.reference import without_card
from trendcolor.color.regions import resample
from trendcolor.color.spaces import Rgb8
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import PhotoError
from trendcolor.images.decode import Photo, open_photo
from trendcolor.images.label_pictures import garment_uri, photo_uri
from trendcolor.pipeline import Pipeline, read_light
from trendcolor.segmentation.segmenter import Segmentation
from trendcolor.segmentation.wearers import find_wearers
from trendcolor.taxonomy import CLASSES, LabelMap

_SIDE = 320  # pixels of a picture's longer side


@dataclass(frozen=True, slots=True)
class Marked:
    """A garment whose picture is wanted."""

    photo: str
    wearer: int
    garment: str
    rgb: tuple[int, int, int]  # its main color, 8-bit sRGB: what it is painted in


@dataclass(frozen=True, slots=True)
class AuditPicture:
    """The pictures of one item as data URIs."""

    label_map: str | None  # None where it can't be drawn
    photo: str | None = None  # None unless the cards allow showing it
    fault: str | None = None  # what is amiss, in words


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A photo with its label map."""

    labels: LabelMap  # (height, width) as they were found
    wearers: NDArray[np.uint8]  # (height, width), wearer + 1
    small: LabelMap  # (h, w) at a size to look at
    photo: str | None  # at that size


@dataclass(frozen=True, slots=True, eq=False)
class Studio:
    """What pictures are drawn with."""

    pipeline: Pipeline  # of the run
    refs: Mapping[str, PhotoRef]  # the run's photos by id
    may_show: bool  # whether every card allows showing photo pixels

    def draw(self, items: Sequence[Marked]) -> Iterator[tuple[int, AuditPicture]]:
        """The number of each item with its picture; each photo is read once.

        Guarantees, each held by tests/test_report_audit_pictures.py:
            Without `may_show` no picture holds a photo's pixels.
        """
        by_photo: dict[str, list[int]] = {}
        for number, item in enumerate(items):
            by_photo.setdefault(item.photo, []).append(number)
        for photo, numbers in by_photo.items():
            try:
                seen = self._look_at(self.refs[photo])
            except PhotoError as error:
                lost = AuditPicture(None, fault=f"no picture: {error}")
                yield from ((number, lost) for number in numbers)
                continue
            for number in numbers:
                yield number, _picture(seen, items[number])

    def _look_at(self, ref: PhotoRef) -> _Seen:
        photo = open_photo(ref.file, self.pipeline.images)
        found = self.pipeline.label_map(ref, photo)
        labels = found.labels if isinstance(found, Segmentation) else found
        labels = self._without_card(ref, photo, labels)
        scale = min(1.0, _SIDE / max(photo.rgb.shape[:2]))
        height, width = (max(1, round(side * scale)) for side in photo.rgb.shape[:2])
        return _Seen(
            labels=labels,
            wearers=find_wearers(labels).map,
            small=resample(labels, height, width),
            photo=_small(photo.rgb, height, width) if self.may_show else None,
        )

    def _without_card(self, ref: PhotoRef, photo: Photo, labels: LabelMap) -> LabelMap:
        """The label map without a gray card or chart, which the run left out too."""
        if ref.light is None:
            return labels
        at_size = resample(labels, photo.rgb.shape[0], photo.rgb.shape[1])
        corners = read_light(photo, at_size, self.pipeline.color, ref.light).corners
        return labels if corners is None else without_card(labels, corners)


def _small(rgb: Rgb8, height: int, width: int) -> str:
    small = Image.fromarray(rgb).resize((width, height), Image.Resampling.BILINEAR)
    return photo_uri(np.asarray(small))


def _picture(seen: _Seen, item: Marked) -> AuditPicture:
    is_class = seen.labels == CLASSES.index(item.garment)
    is_garment = is_class & (seen.wearers == item.wearer + 1)
    return AuditPicture(
        label_map=garment_uri(seen.small, _shrunk(is_garment, seen.small.shape), item.rgb),
        photo=seen.photo,
        fault=None if is_garment.any() else "this garment is not in the label map drawn now",
    )


def _shrunk(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """A mask at a smaller size; what is smaller than a pixel there still shows."""
    height, width = shape
    scaled = Image.fromarray(mask).convert("L").resize((width, height), Image.Resampling.BOX)
    part = np.asarray(scaled)
    is_most = part >= 128
    return is_most if is_most.any() else part > 0
