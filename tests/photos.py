"""Photos that are drawn, so that their label maps and the true colors of their cloth are known."""

from pathlib import Path

import numpy as np
from data_sets import write_mask
from PIL import Image

from trendcolor.color.spaces import linear_to_srgb, srgb_to_linear
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.index_masks import IndexMask
from trendcolor.datasets.reference import PhotoRef
from trendcolor.images.decode import Photo
from trendcolor.taxonomy import (
    ACCESSORY,
    BACKGROUND,
    BAG,
    DRESS,
    FOOTWEAR,
    HAIR,
    HEADWEAR,
    IGNORE,
    LEGWEAR,
    OUTERWEAR,
    SKIN,
    SKIRT,
    TOP,
    TROUSERS,
)

# A gray wall, so that the light of a drawn photo is neutral; each two colors are far apart.
COLORS = {
    BACKGROUND: (150, 150, 150),
    SKIN: (205, 150, 120),
    HAIR: (60, 40, 30),
    TOP: (200, 32, 40),
    OUTERWEAR: (240, 235, 225),
    DRESS: (30, 150, 60),
    TROUSERS: (30, 40, 110),
    SKIRT: (250, 210, 40),
    LEGWEAR: (120, 40, 140),
    FOOTWEAR: (10, 10, 12),
    BAG: (245, 130, 20),
    HEADWEAR: (20, 200, 215),
    ACCESSORY: (240, 110, 180),
    IGNORE: (90, 100, 60),
}


def figure(height=240, width=160):
    """The label map of one person who stands in the middle: hair, skin, top and trousers."""
    y, x = np.mgrid[:height, :width]
    y, x = (y + 0.5) / height, (x + 0.5) / width - 0.5
    labels = np.full((height, width), BACKGROUND, np.uint8)
    labels[(y > 0.3) & (y < 0.6) & (np.abs(x) < 0.3)] = SKIN  # arms
    labels[(y > 0.28) & (y < 0.58) & (np.abs(x) < 0.2)] = TOP
    labels[(y > 0.58) & (y < 0.94) & (np.abs(x) < 0.17)] = TROUSERS
    labels[(y > 0.2) & (y < 0.28) & (np.abs(x) < 0.05)] = SKIN  # neck
    labels[(x / 0.14) ** 2 + ((y - 0.14) / 0.1) ** 2 < 1] = HAIR
    labels[(x / 0.09) ** 2 + ((y - 0.17) / 0.07) ** 2 < 1] = SKIN
    return labels


def paint(labels, colors=None, noise=0.0, shade=0.0, seed=0):
    """A photo of a label map, each class of one dye.

    Args:
        labels: Class ids.
        colors: 8-bit sRGB by class id, where it is not the one of `COLORS`.
        noise: Standard deviation of what each value is off by, in 8-bit steps.
        shade: How much less light than the left edge the right edge gets, 0 to 1.
        seed: Of the noise.
    """
    table = np.zeros((256, 3), np.uint8)
    for class_id, color in {**COLORS, **(colors or {})}.items():
        table[class_id] = color
    light = np.linspace(1, 1 - shade, labels.shape[1])[None, :, None]
    rgb = linear_to_srgb(srgb_to_linear(table[labels]) * light)
    off = np.random.default_rng(seed).normal(0, noise, rgb.shape)
    return np.clip(np.rint(rgb + off), 0, 255).astype(np.uint8)


def photo_of(rgb, opaque=None, full_size=None):
    """Pixels as a decoded photo; `full_size` is the file's height and width, where larger."""
    height, width = full_size or rgb.shape[:2]
    return Photo(rgb=rgb, opaque=opaque, width=width, height=height)


def write_jpeg(path: Path, rgb):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgb).save(path, "JPEG", quality=95, subsampling=0)
    return path


def write_png(path: Path, rgb):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgb).save(path, "PNG")
    return path


def labelled_photo(folder: Path, name, labels, rgb, **columns):
    """A photo on disk with its label map, as a data set refers to it."""
    mask = write_mask(folder / "masks" / f"{name}.png", labels)
    path = write_png(folder / "photos" / f"{name}.png", rgb)
    return PhotoRef(
        id=name, file=LocalFile(path), columns=columns, labels=IndexMask(mask, "trendcolor")
    )
