"""Which color stands for a label of an answer, and what that color is called."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from trendcolor.color.names import name_colors
from trendcolor.color.spaces import lab_to_srgb
from trendcolor.color.vocabularies import shipped_vocabulary
from trendcolor.histograms import bin_to_lab


@cache
def _named() -> Mapping[str, str]:
    """The sRGB color of each name of the default vocabulary, those of families among them."""
    words = shipped_vocabulary()
    return dict(zip(words.name, _codes(lab_to_srgb(words.lab)), strict=True))


def _codes(rgb8: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> list[str]:
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in rgb8.tolist()]


def hex_codes(level: str, labels: Sequence[Any]) -> list[str]:
    """The color of each label, `#161418`; empty where it has none, such as `other`.

    Args:
        level: Families, common colors and names have the color that the default vocabulary gives
            that name; a shade is its color; a bin has its center's.
        labels: What the answer lists.
    """
    if level == "bin":
        return _codes(lab_to_srgb(bin_to_lab(list(labels))))
    if level in ("shade", "color"):
        return [label if str(label).startswith("#") else "" for label in map(str, labels)]
    return [_named().get(str(label), "") for label in labels]


def names_of(codes: Sequence[str]) -> list[str]:
    """What the default vocabulary calls each color; empty where there is none."""
    known = [code for code in codes if code]
    if not known:
        return ["" for _ in codes]
    rgb8 = np.array([list(bytes.fromhex(code[1:])) for code in known], np.uint8)
    found = dict(zip(known, name_colors(rgb8, shipped_vocabulary()).name.tolist(), strict=True))
    return [str(found[code]) if code else "" for code in codes]
