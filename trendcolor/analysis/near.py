"""Garments whose main color lies near a given one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import polars as pl

from trendcolor.color.spaces import FloatArray, Mask, color_difference, srgb_to_lab
from trendcolor.color.vocabularies import shipped_vocabulary
from trendcolor.errors import QueryError
from trendcolor.histograms import bin_to_lab, color_key, key_to_rgb

_GARMENT = ("photo", "wearer", "garment")

# How much farther than its bin's center a color may be from a target, CIEDE2000: half a bin's
# diagonal is 3.5 in CIELAB, CIEDE2000 counts at most 1.5 for 1 of it (a* among the grays), and
# it is no metric, by a little.
_SLACK = 8.0


@dataclass(frozen=True, slots=True)
class Near:
    """A color, and how far from it still counts as near."""

    color: str  # sRGB, "#161418", or a name of the default vocabulary
    within: float  # CIEDE2000, the border included

    def __post_init__(self) -> None:
        if not self._is_code:
            names = shipped_vocabulary().name.tolist()
            if self.color not in names:
                # All of some hundred names would be no help.
                nearest = get_close_matches(self.color, names, n=1)
                hint = f", did you mean '{nearest[0]}'?" if nearest else ""
                raise QueryError(
                    f"no color '{self.color}'{hint} (wanted sRGB as six digits, \"#161418\", or a "
                    'name, "navy")'
                )
        if not self.within >= 0:
            raise QueryError(f"within must be at least 0 (CIEDE2000), got {self.within:g}")

    @property
    def _is_code(self) -> bool:
        return bool(re.fullmatch(r"#?[0-9a-fA-F]{6}", self.color))

    @property
    def lab(self) -> FloatArray:
        """The color, shape (1, 3), CIE L*a*b*, D65."""
        if self._is_code:
            code = bytes.fromhex(self.color.removeprefix("#"))
            return srgb_to_lab(np.array([list(code)], np.uint8)).astype(np.float64)
        words = shipped_vocabulary()
        return np.asarray(words.lab[words.name == self.color][:1])


def is_near(colors: pl.DataFrame, targets: Sequence[Near]) -> Mask:
    """Which colors are near every target.

    The distance is worked out once for each bin of the grid, and again for the colors of those
    bins alone that may hold near ones.

    Args:
        colors: The summary's `colors`, with `_color` and `_bin`.
        targets: At least one.

    Returns:
        Shape (n,).

    Guarantees, each held by tests/test_analysis_near.py:
        The same as the distance of each color.
    """
    bins, place = np.unique(colors["_bin"].to_numpy(), return_inverse=True)
    centers = bin_to_lab(bins)
    found = np.ones(len(colors), bool)
    for target in targets:
        aim = target.lab
        may_be = color_difference(centers, aim) <= target.within + _SLACK
        found &= may_be[place]
        tried = np.flatnonzero(found)
        lab = srgb_to_lab(key_to_rgb(colors["_color"][tried])).astype(np.float64)
        found[tried] = color_difference(lab, aim) <= target.within
    return found


def around(colors: pl.Series) -> pl.Expr:
    """Rows whose color may be one of some: within the smallest box of sRGB that holds them.

    Args:
        colors: As `color_key` gives them.
    """
    if colors.is_empty():
        return pl.lit(False)
    least, most = (np.asarray(of(key_to_rgb(colors), axis=0)) for of in (np.min, np.max))
    bounds = zip("rgb", least.tolist(), most.tolist(), strict=True)
    return pl.all_horizontal(pl.col(name).is_between(low, high) for name, low, high in bounds)


def mark_near(records: pl.LazyFrame, near_keys: pl.Series) -> pl.LazyFrame:
    """Records with a column `is_near`: whether the garment's main color is one of some colors.

    Args:
        records: Rows of `records.py`.
        near_keys: Colors as `color_key` gives them.

    Returns:
        The same rows in the same order. All rows of a garment carry the same mark.
    """
    main = records.filter(pl.col("rank") == 0).with_columns(_key=color_key())
    near = near_keys.alias("_key").to_frame().lazy()
    garments = main.join(near, on="_key", how="semi").select(*_GARMENT, is_near=pl.lit(True))
    joined = records.join(garments, on=_GARMENT, how="left", maintain_order="left")
    return joined.with_columns(pl.col("is_near").fill_null(False))
