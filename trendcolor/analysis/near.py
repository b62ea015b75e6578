"""Garments whose main color lies near a given one."""

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from trendcolor.color.spaces import color_difference, srgb_to_lab
from trendcolor.errors import QueryError
from trendcolor.histograms import color_key, key_to_rgb

_GARMENT = ("photo", "wearer", "garment")


@dataclass(frozen=True, slots=True)
class Near:
    """A color, and how far from it still counts as near."""

    color: str  # sRGB, "#161418"
    within: float  # CIEDE2000, the border included

    def __post_init__(self) -> None:
        if not re.fullmatch(r"#?[0-9a-fA-F]{6}", self.color):
            raise QueryError(f"no color '{self.color}' (wanted sRGB as six digits, \"#161418\")")
        if not self.within >= 0:
            raise QueryError(f"within must be at least 0 (CIEDE2000), got {self.within:g}")


def mark_near(records: pl.LazyFrame, *targets: Near) -> pl.LazyFrame:
    """Records with a column `is_near`: whether the garment's main color is near every target.

    The difference is worked out once for each distinct color, not for each row.

    Args:
        records: Rows of `records.py`.
        targets: One or more colors. The main color must be near all of them.

    Returns:
        The same rows in the same order. All rows of a garment carry the same mark.
    """
    main = records.filter(pl.col("rank") == 0).with_columns(_key=color_key())
    keys = main.select("_key").unique().collect()["_key"]
    lab = srgb_to_lab(key_to_rgb(keys)).astype(np.float64)
    is_near = np.ones(len(keys), bool)
    for target in targets:
        aim = np.array([list(bytes.fromhex(target.color.removeprefix("#")))], np.uint8)
        is_near &= color_difference(lab, srgb_to_lab(aim).astype(np.float64)) <= target.within
    near_keys = pl.LazyFrame({"_key": keys.filter(pl.Series(is_near))})
    garments = main.join(near_keys, on="_key", how="semi").select(*_GARMENT, is_near=pl.lit(True))
    joined = records.join(garments, on=_GARMENT, how="left", maintain_order="left")
    return joined.with_columns(pl.col("is_near").fill_null(False))
