"""The worst photos as pictures of their label maps, which show classes and no photo pixel."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from trendcolor.color.regions import resample
from trendcolor.color.spaces import Rgb8
from trendcolor.segmentation.confusion import Confusion
from trendcolor.taxonomy import LabelMap

KEPT = 24  # photos; a page that a person reads through
_SIDE = 360  # pixels of a picture's longer side


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
