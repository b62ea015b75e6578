"""The name of a color and its family, as a shop would say.

A color has the name of the nearest entry of the vocabulary by CIEDE2000, and the family that the
entry is filed under. So the shares of names add up to the shares of families. The vocabulary is
two files in `vocabulary/`: names that people gave in the xkcd survey, and this project's own
reference shades of fashion, which decide where the survey is thin.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from trendcolor.color.spaces import (
    FloatArray,
    Rgb8,
    check_8_bit,
    color_difference,
    lab_to_din99o,
    srgb_to_lab,
)
from trendcolor.errors import ShapeError

FAMILIES = (
    "black",
    "white",
    "gray",
    "beige",
    "brown",
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
)
_FILES = ("fashion.csv", "xkcd.csv")

# Entries that are compared by CIEDE2000: those nearest in a space where distance is almost that.
_CANDIDATES = 40
# Colors that are compared at once; bounds memory to some 100 MB.
_CHUNK = 16_384


@dataclass(frozen=True, slots=True)
class ColorName:
    """What one color is called."""

    name: str
    family: str  # one of FAMILIES
    distance: float  # CIEDE2000 to the name's own color


@dataclass(frozen=True, slots=True, eq=False)
class ColorNames:
    """What n colors are called."""

    name: NDArray[np.object_]  # (n,), str
    family: NDArray[np.object_]  # (n,), str, of FAMILIES
    distance: FloatArray  # (n,), CIEDE2000 to the name's own color


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Names with the color and the family of each."""

    name: NDArray[np.object_]  # (m,), str
    family: NDArray[np.object_]  # (m,), str
    rgb8: Rgb8  # (m, 3)
    lab: FloatArray  # (m, 3), CIE L*a*b*, D65


@cache
def vocabulary() -> Vocabulary:
    """All names, this project's own before the survey's; read once."""
    rows: list[dict[str, str]] = []
    folder = resources.files("trendcolor.color") / "vocabulary"
    for file in _FILES:
        rows.extend(csv.DictReader((folder / file).read_text(encoding="utf-8").splitlines()))
    rgb8 = np.array([[row["red"], row["green"], row["blue"]] for row in rows]).astype(np.uint8)
    return Vocabulary(
        name=np.array([row["name"] for row in rows], dtype=object),
        family=np.array([row["family"] for row in rows], dtype=object),
        rgb8=rgb8,
        lab=srgb_to_lab(rgb8).astype(np.float64),
    )


def name_color(rgb8: Sequence[int]) -> ColorName:
    """The name and family of one 8-bit sRGB color, such as `(22, 20, 24)`.

    Raises:
        ShapeError: `rgb8` is not three numbers of 0 to 255.
    """
    if len(rgb8) != 3 or not all(0 <= value <= 255 for value in rgb8):
        raise ShapeError(f"color is {tuple(rgb8)}, wanted three whole numbers of 0 to 255")
    named = name_colors(np.array([rgb8]).astype(np.uint8))
    return ColorName(str(named.name[0]), str(named.family[0]), float(named.distance[0]))


def name_colors(rgb8: Rgb8) -> ColorNames:
    """The names and families of many 8-bit sRGB colors; each distinct color is looked up once.

    Args:
        rgb8: Shape (n, 3). Not modified.

    Raises:
        ShapeError: the last axis is not 3 long, or the values are not 8-bit.

    Guarantees, each held by tests/test_color_names.py:
        A name's family is its row's in the vocabulary. No entry is nearer by CIEDE2000. The other
        colors of a call have no effect.
    """
    check_8_bit("rgb8", rgb8)
    packed = rgb8.reshape(-1, 3).astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    distinct, place = np.unique(packed, return_inverse=True)
    colors = np.stack([distinct >> 16, distinct >> 8 & 255, distinct & 255], axis=1)
    lab = srgb_to_lab(colors.astype(np.uint8)).astype(np.float64)
    parts = [_nearest(lab[i : i + _CHUNK]) for i in range(0, len(lab), _CHUNK)]
    entry = np.concatenate([part.entry for part in parts] or [np.empty(0, np.int64)])[place]
    distance = np.concatenate([part.distance for part in parts] or [np.empty(0)])[place]
    words = vocabulary()
    return ColorNames(name=words.name[entry], family=words.family[entry], distance=distance)


@dataclass(frozen=True, slots=True, eq=False)
class _Nearest:
    entry: NDArray[np.int64]  # (n,), rows of the vocabulary
    distance: FloatArray  # (n,)


def _nearest(lab: FloatArray) -> _Nearest:
    """The nearest entry of each color; of two that are equally near, the first in the file."""
    _, candidates = _tree().query(lab_to_din99o(lab), k=_CANDIDATES)
    candidates = np.sort(candidates, axis=1)
    distance = color_difference(vocabulary().lab[candidates], lab[:, None])
    best = np.argmin(distance, axis=1)
    rows = np.arange(len(lab))
    return _Nearest(entry=candidates[rows, best], distance=distance[rows, best])


@cache
def _tree() -> cKDTree:
    return cKDTree(lab_to_din99o(vocabulary().lab))
