"""The name of a color, its common color and its family, as a shop would say.

A color has the name of the nearest entry of a vocabulary by CIEDE2000, and the common color and
the family that the entry is filed under. So the shares of names add up to the shares of families.
The default vocabulary is this project's reference shades of fashion and, of the names that people
gave in the xkcd survey, those that a shop would use; `vocabularies.py` and `libraries.py` have
the others.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

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
from trendcolor.color.vocabularies import (
    COMMON,
    COMMON_ZH,
    FAMILIES,
    FAMILY_ZH,
    Names,
    Vocabulary,
    shipped_vocabulary,
)
from trendcolor.errors import QueryError, ShapeError

__all__ = [
    "COMMON",
    "COMMON_ZH",
    "FAMILIES",
    "FAMILY_ZH",
    "ColorName",
    "ColorNames",
    "name_color",
    "name_colors",
    "read_color",
]

# A runner-up is worth telling where it is this much farther than the name, or less: below the
# difference that is just noticeable even side by side, so that either name would do.
CLOSE_MARGIN = 1.0

# CIEDE2000 is at least this many times the distance in DIN99o, for colors of
# each 30 degrees of hue (a row) that have a chroma up to 20, up to 40 and above (columns), both of
# CIELAB. Low among blues, where CIEDE2000 turns hue into chroma as no straight distance does.
# Measured on 1,000 million pairs of sRGB colors; 6 % less, for what lies between those.
_LEAST = 0.94 * np.array(
    [
        [0.48, 0.48, 0.28],
        [0.48, 0.55, 0.58],
        [0.50, 0.57, 0.64],
        [0.49, 0.59, 0.63],
        [0.49, 0.54, 0.61],
        [0.31, 0.52, 0.60],
        [0.27, 0.45, 0.60],
        [0.27, 0.35, 0.62],
        [0.28, 0.32, 0.34],
        [0.41, 0.34, 0.30],
        [0.50, 0.51, 0.28],
        [0.48, 0.48, 0.27],
    ]
)
_LEAST_CHROMA = (20, 40)
# Entries that are compared at first, and as long as that can't settle it.
_CANDIDATES = (8, 32, 128)
# Colors that are compared at once; bounds memory to some 30 MB, and stays in the cache.
_CHUNK = 2048


@dataclass(frozen=True, slots=True)
class ColorName:
    """What one color is called."""

    name: str | None  # None: no entry is within the vocabulary's limit
    family: str | None  # one of FAMILIES; None without a name
    common: str | None  # one of COMMON; None without a name
    code: str | None  # the entry's, where the vocabulary has codes
    distance: float  # CIEDE2000 to the nearest entry
    nearest: str  # the nearest entry, within the limit or not
    runner_up: str | None  # the second nearest; None where there is one entry only
    runner_up_distance: float  # CIEDE2000; infinite where there is none
    is_close: bool  # whether the runner-up would do as well: within the limit and CLOSE_MARGIN
    name_zh: str | None = None  # in Chinese; None without a name, and where the vocabulary has none

    @property
    def family_zh(self) -> str | None:
        """The family in Chinese."""
        return None if self.family is None else FAMILY_ZH[self.family]

    @property
    def common_zh(self) -> str | None:
        """The common color in Chinese."""
        return None if self.common is None else COMMON_ZH[self.common]


@dataclass(frozen=True, slots=True, eq=False)
class ColorNames:
    """What n colors are called; the fields are those of `ColorName`, each of shape (n,)."""

    name: Names
    family: Names
    common: Names
    code: Names
    distance: FloatArray
    nearest: Names
    runner_up: Names
    runner_up_distance: FloatArray
    is_close: NDArray[np.bool_]
    name_zh: Names

    def one(self, i: int) -> ColorName:
        """What the i-th color is called."""
        return ColorName(
            name=self.name[i],
            family=self.family[i],
            common=self.common[i],
            code=self.code[i],
            distance=float(self.distance[i]),
            nearest=self.nearest[i],
            runner_up=self.runner_up[i],
            runner_up_distance=float(self.runner_up_distance[i]),
            is_close=bool(self.is_close[i]),
            name_zh=self.name_zh[i],
        )


def read_color(color: str | Sequence[int]) -> Rgb8:
    """A color that a person wrote, as 8-bit sRGB, shape (3,).

    Args:
        color: `"#161418"` (also without `#`), `"22,20,24"` or three whole numbers of 0 to 255.

    Raises:
        QueryError: the text is no color.
        ShapeError: `color` is not three numbers of 0 to 255.
    """
    if isinstance(color, str):
        text = color.strip()
        if re.fullmatch(r"#?[0-9a-fA-F]{6}", text):
            return np.frombuffer(bytes.fromhex(text.removeprefix("#")), np.uint8)
        values = [int(each) for each in re.findall(r"\d+", text)]
        is_triple = re.fullmatch(r"\d{1,3}(\s*,\s*|\s+)\d{1,3}(\s*,\s*|\s+)\d{1,3}", text)
        if not is_triple or max(values) > 255:
            raise QueryError(
                f"no color '{color}' (wanted sRGB as six digits, \"#161418\", or as 22,20,24)"
            )
        return np.array(values).astype(np.uint8)
    if len(color) != 3 or not all(0 <= value <= 255 for value in color):
        raise ShapeError(f"color is {tuple(color)}, wanted three whole numbers of 0 to 255")
    return np.array(color).astype(np.uint8)


def name_color(color: str | Sequence[int], vocabulary: Vocabulary | None = None) -> ColorName:
    """What one sRGB color is called, such as `"#161418"` or `(22, 20, 24)`.

    Args:
        color: As `read_color` takes it.
        vocabulary: As of `name_colors`.

    Raises:
        QueryError: the text is no color.
        ShapeError: `color` is not three numbers of 0 to 255.
    """
    return name_colors(read_color(color)[None], vocabulary).one(0)


def name_colors(rgb8: Rgb8, vocabulary: Vocabulary | None = None) -> ColorNames:
    """What many 8-bit sRGB colors are called; each distinct color is looked up once.

    Args:
        rgb8: Shape (n, 3). Not modified.
        vocabulary: Whose names; the default one where it is left out.

    Raises:
        ShapeError: the last axis is not 3 long, or the values are not 8-bit.

    Guarantees, each held by tests/test_color_names.py:
        A name's family is its row's in the vocabulary. No entry is nearer by CIEDE2000, and none
        but the name is nearer than the runner-up; of equally near ones the first in the
        vocabulary counts as nearer. The other colors of a call have no effect.
    """
    check_8_bit("rgb8", rgb8)
    words = shipped_vocabulary() if vocabulary is None else vocabulary
    packed = rgb8.reshape(-1, 3).astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    distinct, place = np.unique(packed, return_inverse=True)
    colors = np.stack([distinct >> 16, distinct >> 8 & 255, distinct & 255], axis=1)
    near = _two_nearest(srgb_to_lab(colors.astype(np.uint8)).astype(np.float64), words.lab)
    entry, distance = near.entry[place], near.distance[place]
    is_match = distance[:, 0] <= words.limit
    is_rival = distance[:, 1] <= np.minimum(words.limit, distance[:, 0] + CLOSE_MARGIN)
    return ColorNames(
        name=_where(is_match, words.name[entry[:, 0]]),
        family=_where(is_match, words.family[entry[:, 0]]),
        common=_where(is_match, words.common[entry[:, 0]]),
        code=_where(is_match, words.code[entry[:, 0]]),
        distance=distance[:, 0],
        nearest=words.name[entry[:, 0]],
        runner_up=_where(np.isfinite(distance[:, 1]), words.name[entry[:, 1]]),
        runner_up_distance=distance[:, 1],
        is_close=is_match & is_rival & np.isfinite(distance[:, 1]),
        name_zh=_where(is_match, words.name_zh[entry[:, 0]]),
    )


def _where(holds: NDArray[np.bool_], words: Names) -> Names:
    """The words where something holds, and None elsewhere."""
    kept = words.copy()
    kept[~holds] = None
    return kept


def nearest_entries(lab: FloatArray, entries: FloatArray) -> NDArray[np.int64]:
    """The row of the nearest entry by CIEDE2000 for each color, shape (n,).

    Args:
        lab: Shape (n, 3), CIE L*a*b*, D65. Not modified.
        entries: Shape (m, 3), m at least 1. Not modified.
    """
    return _two_nearest(lab, entries).entry[:, 0]


@dataclass(frozen=True, slots=True, eq=False)
class _Nearest:
    """The nearest entry of each color and the one after it."""

    entry: NDArray[np.int64]  # (n, 2), rows of the vocabulary
    distance: FloatArray  # (n, 2); the second is infinite where there is no second entry


def _two_nearest(lab: FloatArray, entries: FloatArray) -> _Nearest:
    """The two nearest entries of each color, without comparing it with all of them.

    Colors are compared with the entries that lie nearest in a space where straight distance is
    nearly CIEDE2000. Where what lies beyond them may be nearer, for all that is known of how the
    two distances relate, more are compared, in the end all.

    Args:
        lab: Shape (n, 3). Not modified.
        entries: Shape (m, 3), m at least 1. Not modified.
    """
    points, tree, least = lab_to_din99o(lab), _tree(entries), _least(lab)
    found = _Nearest(np.zeros((len(lab), 2), np.int64), np.full((len(lab), 2), np.inf))
    steps = (*(k for k in _CANDIDATES if k < len(entries)), len(entries))
    for start in range(0, len(lab), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(lab)))
        for k in steps:
            reach, candidates = tree.query(points[rows], k=range(1, k + 1))
            least_distance = least[rows, None] * reach
            may_be_nearer = least_distance <= found.distance[rows, 1:]
            near = _compared(lab[rows], entries, candidates, may_be_nearer)
            # Always so, as far as `_LEAST` holds; beyond sRGB it was not measured.
            better = near.distance[:, 1] <= found.distance[rows, 1]
            found.entry[rows[better]] = near.entry[better]
            found.distance[rows[better]] = near.distance[better]
            rows = rows[least_distance[:, -1] <= found.distance[rows, 1]]
            if not len(rows):
                break
    return found


def _tree(entries: FloatArray) -> cKDTree:
    """Where entries lie in DIN99o, to be searched.

    That of the default vocabulary is kept: making it takes longer than naming a garment's colors.
    """
    is_default = entries is shipped_vocabulary().lab
    return _default_tree() if is_default else cKDTree(lab_to_din99o(entries))


@cache
def _default_tree() -> cKDTree:
    return cKDTree(lab_to_din99o(shipped_vocabulary().lab))


def _least(lab: FloatArray) -> FloatArray:
    """How small CIEDE2000 from a color gets beside the distance in DIN99o."""
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    chroma = np.searchsorted(_LEAST_CHROMA, np.hypot(lab[:, 1], lab[:, 2]), side="right")
    return np.asarray(_LEAST[(hue // 30).astype(np.int64) % 12, chroma])


def _compared(
    lab: FloatArray,
    entries: FloatArray,
    candidates: NDArray[np.int64],
    wanted: NDArray[np.bool_],
) -> _Nearest:
    """The two nearest of the wanted candidates, (n, k), by CIEDE2000; ties to the lower row."""
    order = np.argsort(candidates, axis=1)
    candidates = np.take_along_axis(candidates, order, axis=1)
    row, column = np.nonzero(np.take_along_axis(wanted, order, axis=1))
    distance = np.full(candidates.shape, np.inf)
    distance[row, column] = color_difference(entries[candidates[row, column]], lab[row])
    rows = np.arange(len(lab))
    first = np.argmin(distance, axis=1)
    nearest = distance[rows, first].copy()
    distance[rows, first] = np.inf
    second = np.argmin(distance, axis=1)
    return _Nearest(
        entry=np.stack([candidates[rows, first], candidates[rows, second]], axis=1),
        distance=np.stack([nearest, distance[rows, second]], axis=1),
    )
