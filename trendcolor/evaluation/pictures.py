"""The worst photos as pictures of their label maps, which show classes and no photo pixel."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trendcolor.color.spaces import Rgb8
from trendcolor.pipeline import resample
from trendcolor.segmentation.confusion import Confusion
from trendcolor.taxonomy import CLASSES, IGNORE, LabelMap

KEPT = 24  # photos; a page that a person reads through
_SIDE = 360  # pixels of a picture's longer side
IGNORED = "not labelled"

# The color that stands for each class, far apart from its neighbors on a body; the page says which
# is which in words. Nothing of a photo's own colors is in them.
CLASS_COLORS: Mapping[str, tuple[int, int, int]] = {
    "background": (236, 236, 234),
    "skin": (252, 191, 148),
    "hair": (128, 82, 48),
    "top": (214, 39, 40),
    "outerwear": (23, 118, 182),
    "dress": (36, 150, 70),
    "trousers": (60, 60, 150),
    "skirt": (240, 196, 25),
    "legwear": (148, 90, 190),
    "footwear": (20, 20, 24),
    "bag": (255, 127, 14),
    "headwear": (23, 190, 207),
    "accessory": (232, 90, 180),
    IGNORED: (150, 150, 150),
}


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One photo's label maps at a size to look at, with its figures."""

    photo: str  # its id
    garment_iou: float
    garment_purity: float
    garment_recall: float
    true: LabelMap  # (h, w)
    predicted: LabelMap  # (h, w)
    rgb: Rgb8 | None  # (h, w, 3); None unless the data's card allows to show it


def picture_of(
    photo: str, counted: Confusion, true: LabelMap, predicted: LabelMap, rgb: Rgb8 | None
) -> Picture:
    """One photo as it stands on the page.

    Args:
        photo: Its id.
        counted: Its pixels, for the figures.
        true: Class ids, shape (height, width). Not modified.
        predicted: Class ids of the same shape. Not modified.
        rgb: The photo itself at any size, only where its card allows showing. Not modified.
    """
    scale = min(1.0, _SIDE / max(true.shape))
    height, width = (max(1, round(side * scale)) for side in true.shape)
    if rgb is not None:
        small = Image.fromarray(rgb).resize((width, height), Image.Resampling.BILINEAR)
        rgb = np.asarray(small)
    return Picture(
        photo=photo,
        garment_iou=counted.garment_iou,
        garment_purity=counted.garment_purity,
        garment_recall=counted.garment_recall,
        true=resample(true, height, width).copy(),
        predicted=resample(predicted, height, width).copy(),
        rgb=rgb,
    )


def worst(pictures: Iterable[Picture]) -> tuple[Picture, ...]:
    """The `KEPT` photos of lowest garment IoU, the worst first; by id where they are even.

    A photo where neither map has a garment has no garment IoU and is not among them.
    """
    rated = [picture for picture in pictures if np.isfinite(picture.garment_iou)]
    return tuple(sorted(rated, key=lambda one: (one.garment_iou, one.photo))[:KEPT])


def map_uri(labels: LabelMap) -> str:
    """A label map as a PNG in a data URI, each class in its color."""
    ids = [CLASSES.index(name) if name != IGNORED else IGNORE for name in CLASS_COLORS]
    table = np.zeros((256, 3), np.uint8)
    table[ids] = list(CLASS_COLORS.values())
    image = Image.fromarray(labels)
    image.putpalette(table.tobytes())
    return _uri(image, "PNG")


def photo_uri(rgb: NDArray[np.uint8]) -> str:
    """A photo as a JPEG in a data URI."""
    return _uri(Image.fromarray(rgb), "JPEG")


def _uri(image: Image.Image, kind: str) -> str:
    encoded = BytesIO()
    image.save(encoded, kind, optimize=True)
    content = base64.b64encode(encoded.getvalue()).decode("ascii")
    return f"data:image/{kind.lower()};base64,{content}"
