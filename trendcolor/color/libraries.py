"""Vocabularies to name colors with: one that ships, or the user's own licensed library.

Proprietary color libraries never ship. Their owner brings the file, and colors that are in none
of its swatches have no name.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trendcolor.color.names import nearest_entries
from trendcolor.color.spaces import FloatArray
from trendcolor.color.swatches import KINDS, Swatch, read_swatches
from trendcolor.color.vocabularies import (
    FAMILIES,
    FAMILY_OF,
    SHIPPED,
    Names,
    Vocabulary,
    as_names,
    shipped_vocabulary,
)
from trendcolor.errors import VocabularyError, did_you_mean

# CIEDE2000 within which a swatch of an own library is the same color; a difference of 2.3 in
# CIELAB is just noticeable (Mahy et al., Color Res. Appl. 19(2), 1994).
OWN_LIMIT = 2.0


def open_vocabulary(source: str | Path, *, limit: float | None = None) -> Vocabulary:
    """A vocabulary of color names.

    Args:
        source: `"default"`, `"xkcd"`, `"css"` or `"iscc-nbs"`, or the path of an .ase, .aco,
            .gpl or .csv file; docs/color.md says what it may hold. Each swatch of a file has the
            common color and the family that the default vocabulary gives its color, unless the
            file has a column `family`; then it has the common color of that family that is
            nearest.
        limit: CIEDE2000 above which a color has no name. None takes what suits: no limit for
            those that ship, `OWN_LIMIT` for a file. `math.inf` is no limit.

    Raises:
        VocabularyError: there is no such vocabulary or file, the file has faults, or the limit is
            below 0.

    Guarantees, each held by tests/test_color_libraries.py:
        Each swatch of a file is named as itself, where no two of it have one color.
    """
    if str(source) in SHIPPED:
        words = shipped_vocabulary(str(source))
        return words if limit is None else _with_limit(words, limit)
    path = Path(source)
    if not path.suffix:
        raise VocabularyError(
            f"no vocabulary '{source}'{did_you_mean(str(source), SHIPPED)} (or a file, {KINDS})"
        )
    return _of_swatches(path, read_swatches(path), OWN_LIMIT if limit is None else limit)


def _with_limit(words: Vocabulary, limit: float) -> Vocabulary:
    return Vocabulary(
        source=words.source,
        name=words.name,
        code=words.code,
        common=words.common,
        family=words.family,
        lab=words.lab,
        limit=limit,
        chinese=words.chinese,
    )


def _of_swatches(path: Path, swatches: Sequence[Swatch], limit: float) -> Vocabulary:
    lab = np.array([swatch.lab for swatch in swatches])
    common = _common_colors(path, swatches, lab)
    return Vocabulary(
        source=str(path),
        name=as_names([swatch.name for swatch in swatches]),
        code=as_names([swatch.code for swatch in swatches]),
        common=common,
        family=as_names([FAMILY_OF[each] for each in common]),
        lab=lab,
        limit=limit,
    )


def _common_colors(path: Path, swatches: Sequence[Swatch], lab: FloatArray) -> Names:
    """The common color of each swatch, within its family where the file has one."""
    words = shipped_vocabulary()
    common = words.common[nearest_entries(lab, words.lab)]
    families = as_names([swatch.family for swatch in swatches])
    for family in dict.fromkeys(families):
        if family is None:
            continue
        if family not in FAMILIES:
            raise VocabularyError(
                f"{path}: no family '{family}'{did_you_mean(family, FAMILIES)} (column family)"
            )
        rows, entries = families == family, np.flatnonzero(words.family == family)
        common[rows] = words.common[entries[nearest_entries(lab[rows], words.lab[entries])]]
    return common
