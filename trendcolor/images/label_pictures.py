"""Label maps as pictures that show classes and no photo pixel; photos beside them where allowed.

Whether a photo may be shown is said by its card (`Card.may_show_photos`), which the callers ask.
"""

import base64
from collections.abc import Mapping
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from trendcolor.taxonomy import CLASSES, IGNORE, LabelMap

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

# Where one garment is in question, the classes of all else.
_PALE = 0.35  # how much of its color a class keeps
PALE_COLORS: Mapping[str, tuple[int, ...]] = {
    name: tuple(round(_PALE * value + (1 - _PALE) * 255) for value in color)
    for name, color in CLASS_COLORS.items()
}
_GARMENT, _INNER, _OUTER = 64, 65, 66  # numbers in the picture, beyond the ids of pale classes
_LINE = 2  # pixels of each of the two lines around the garment in question


def map_uri(labels: LabelMap) -> str:
    """A label map as a PNG in a data URI, each class in its color.

    Args:
        labels: Class ids, shape (h, w). Not modified.
    """
    table = np.zeros((256, 3), np.uint8)
    table[_ids()] = list(CLASS_COLORS.values())
    return _mapped(labels, table)


def garment_uri(labels: LabelMap, is_garment: NDArray[np.bool_], rgb: tuple[int, int, int]) -> str:
    """A label map as a PNG in a data URI in which one garment stands out.

    The garment has one flat color and a white and a black line around it, so that it can be seen
    whatever that color is; the classes of all else are pale.

    Args:
        labels: Class ids, shape (h, w). Not modified.
        is_garment: Where the garment is, shape (h, w). Not modified.
        rgb: What to paint it in, 8-bit sRGB; none of it is read from a photo here.
    """
    table = np.zeros((256, 3), np.uint8)
    table[_ids()] = list(PALE_COLORS.values())
    table[[_GARMENT, _INNER, _OUTER]] = [rgb, (255, 255, 255), (0, 0, 0)]
    shown = labels.copy()
    if is_garment.any():
        distance = ndimage.distance_transform_edt(~is_garment)
        shown[distance <= 2 * _LINE] = _OUTER
        shown[distance <= _LINE] = _INNER
        shown[is_garment] = _GARMENT
    return _mapped(shown, table)


def photo_uri(rgb: NDArray[np.uint8]) -> str:
    """A photo as a JPEG in a data URI."""
    return _uri(Image.fromarray(rgb), "JPEG")


def _ids() -> list[int]:
    """The class ids of `CLASS_COLORS`."""
    return [CLASSES.index(name) if name != IGNORED else IGNORE for name in CLASS_COLORS]


def _mapped(numbers: NDArray[np.uint8], table: NDArray[np.uint8]) -> str:
    image = Image.fromarray(numbers)
    image.putpalette(table.tobytes())
    return _uri(image, "PNG")


def _uri(image: Image.Image, kind: str) -> str:
    encoded = BytesIO()
    image.save(encoded, kind, optimize=True)
    content = base64.b64encode(encoded.getvalue()).decode("ascii")
    return f"data:image/{kind.lower()};base64,{content}"
