"""Vocabularies of color names: those that ship, and the tiers that they all share.

Each entry of a vocabulary belongs to one of 26 common colors, and through it to one of twelve
families: `vocabulary/common.csv` is the table. So shares of names add up to shares of common
colors, and those to shares of families. `vocabulary/README.md` has sources, licenses and rules.
"""

import csv
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.spaces import FloatArray, Rgb8, srgb_to_lab
from trendcolor.errors import VocabularyError, did_you_mean

Names = NDArray[np.object_]  # (n,), each a str or None


def _rows(file: str) -> list[dict[str, str]]:
    """The rows of a file of `vocabulary/`."""
    folder = resources.files("trendcolor.color") / "vocabulary"
    return list(csv.DictReader((folder / file).read_text(encoding="utf-8").splitlines()))


_FAMILY_ROWS, _COMMON_ROWS = _rows("families.csv"), _rows("common.csv")

FAMILIES = tuple(row["name"] for row in _FAMILY_ROWS)
COMMON = tuple(row["name"] for row in _COMMON_ROWS)
FAMILY_OF: Mapping[str, str] = {row["name"]: row["family"] for row in _COMMON_ROWS}
# Chinese names of the families and of the common colors.
FAMILY_ZH: Mapping[str, str] = {row["name"]: row["chinese"] for row in _FAMILY_ROWS}
COMMON_ZH: Mapping[str, str] = {row["name"]: row["chinese"] for row in _COMMON_ROWS}

# The files of each vocabulary that ships, and whether it takes only rows marked `default` of a
# file that marks some. The default one is this project's shades of fashion, and of the survey's
# names those that a shop would use, our own shades first.
_FILES: Mapping[str, tuple[str, ...]] = {
    "default": ("fashion.csv", "xkcd.csv"),
    "xkcd": ("xkcd.csv",),
    "css": ("css.csv",),
    "iscc-nbs": ("iscc_nbs.csv",),
}
SHIPPED = tuple(_FILES)


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Names with the color, the common color and the family of each."""

    source: str  # one of SHIPPED, or the file that it was read from
    name: Names  # (m,), str
    code: Names  # (m,), str, or None where the entry has none
    common: Names  # (m,), str, of COMMON
    family: Names  # (m,), str, of FAMILIES
    lab: FloatArray  # (m, 3), CIE L*a*b*, D65
    limit: float = math.inf  # CIEDE2000 above which a color has no name
    chinese: Names | None = None  # (m,), str, or None where an entry has none; None: none has
    fingerprint: str = field(init=False)  # of all but the Chinese names, so of what is counted

    def __post_init__(self) -> None:
        if not self.limit >= 0:
            raise VocabularyError(
                f"limit must be at least 0 (CIEDE2000), got {self.limit:g} (limit, --limit)"
            )
        words = [[*map(str, each)] for each in (self.name, self.code, self.common, self.family)]
        whole = repr((self.source, words, self.limit)).encode() + self.lab.tobytes()
        object.__setattr__(self, "fingerprint", hashlib.sha256(whole).hexdigest())

    @property
    def name_zh(self) -> Names:
        """The Chinese name of each entry, shape (m,); None where it has none."""
        return as_names([None] * len(self.name)) if self.chinese is None else self.chinese


@cache
def shipped_vocabulary(source: str = "default") -> Vocabulary:
    """A vocabulary that ships, without a limit; read once.

    Args:
        source: One of `SHIPPED`.

    Raises:
        VocabularyError: there is no such vocabulary.
    """
    if source not in _FILES:
        raise VocabularyError(f"no vocabulary '{source}'{did_you_mean(source, SHIPPED)}")
    rows = [row for file in _FILES[source] for row in _rows(file)]
    if source == "default":
        rows = [row for row in rows if row.get("default", "yes")]
    common = [row["common"] for row in rows]
    return Vocabulary(
        source=source,
        name=as_names([row["name"] for row in rows]),
        code=as_names([row.get("code") for row in rows]),
        common=as_names(common),
        family=as_names([FAMILY_OF[each] for each in common]),
        lab=srgb_to_lab(_rgb8(rows)).astype(np.float64),
        chinese=as_names([_chinese(row, source) for row in rows]),
    )


@cache
def chinese_names() -> Mapping[str, str]:
    """The Chinese name of each entry of the default vocabulary, by its English name.

    They have a file of their own, which no record depends on: a better word takes no new run.
    """
    return {row["name"]: row["chinese"] for row in _rows("chinese.csv")}


def _chinese(row: Mapping[str, str], source: str) -> str | None:
    """The Chinese name of a row, if it is one of the default vocabulary."""
    is_of_default = source == "default" or row.get("default")
    return chinese_names()[row["name"]] if is_of_default else None


def as_names(words: Sequence[str | None]) -> Names:
    """Words as an array of objects, shape (n,)."""
    names = np.empty(len(words), dtype=object)
    names[:] = words
    return names


def _rgb8(rows: list[dict[str, str]]) -> Rgb8:
    return np.array([[row["red"], row["green"], row["blue"]] for row in rows]).astype(np.uint8)
