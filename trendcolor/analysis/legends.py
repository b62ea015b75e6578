"""The colors that a table lists, at one level, and which of them each sRGB color belongs to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.analysis.shades import shades
from trendcolor.color.names import name_colors
from trendcolor.color.vocabularies import COMMON, FAMILIES, Vocabulary, shipped_vocabulary
from trendcolor.errors import QueryError, did_you_mean
from trendcolor.histograms import STEP, key_to_rgb, rgb_to_bin

COLORS = ("family", "common", "name", "bin", "shade", "tone")
NO_MATCH = "no match"  # the name of colors beyond the limit of a vocabulary

# The families that trade reports set against chromatic colors, as what a wardrobe is built on.
NEUTRALS = ("black", "white", "gray", "beige", "brown")
TONES = ("neutral", "chromatic")

# Levels whose colors are all listed, whether they occur or not.
TIERS: Mapping[str, tuple[str, ...]] = {"family": FAMILIES, "common": COMMON, "tone": TONES}

_ALL_KEYS = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How finely colors are told apart."""

    colors: str = "family"  # one of COLORS
    vocabulary: Vocabulary | None = None  # whose names; None: the default one's
    step: int = STEP  # a bin's width in L*, a* and b*

    def __post_init__(self) -> None:
        if self.colors not in COLORS:
            raise QueryError(f"no colors '{self.colors}'{did_you_mean(self.colors, COLORS)}")
        if self.vocabulary is not None and self.colors != "name":
            raise QueryError(f"a vocabulary has names, not colors '{self.colors}' (wanted 'name')")
        if self.step != STEP and self.colors != "bin":
            raise QueryError(f"a step is of bins, not of colors '{self.colors}' (wanted 'bin')")

    @property
    def is_stored(self) -> bool:
        """Whether shards count at this level."""
        is_counted = self.colors not in ("shade", "tone")
        return is_counted and self.vocabulary is None and self.step == STEP

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells two levels apart."""
        words = "" if self.vocabulary is None else self.vocabulary.fingerprint
        return (self.colors, words, self.step)


@dataclass(frozen=True, eq=False)
class Legend:
    """The colors of a run at one level."""

    colors: pl.DataFrame  # `_color`, `_order` (of ties), `_place` (in stored histograms, or null)
    find_keys: Callable[[], pl.DataFrame]

    @cached_property
    def keys(self) -> pl.DataFrame:
        """Each color of the run: `_key` (as `color_key`), `_color`, `_order`.

        Stored histograms need none of it, and it has as many rows as the run has colors.
        """
        return self.find_keys()

    def lookup(
        self, is_counted: NDArray[np.bool_] | None = None, *, missing: int = -1
    ) -> NDArray[np.integer]:
        """The `_order` of each of the 2^24 sRGB colors.

        Args:
            is_counted: Which of `keys` are counted; None: all. Not modified.
            missing: What stands where a color is not counted.
        """
        order: NDArray[np.integer]
        kind = np.int16 if len(self.colors) < 2**15 - 1 else np.int32
        order = np.full(_ALL_KEYS, missing, kind)
        keys, place = self.keys["_key"].to_numpy(), self.keys["_order"].to_numpy()
        if is_counted is not None:
            keys, place = keys[is_counted], place[is_counted]
        order[keys] = place
        return order


def legend(colors: Callable[[], pl.DataFrame], level: Level) -> Legend:
    """The colors of a run at one level.

    Args:
        colors: Gives the summary's `colors`, of the whole run, so that a color that a query leaves
            out prints zero.
        level: At `"family"` all twelve families are listed, at `"common"` all 26 common colors, at
            `"tone"` neutral (the families of `NEUTRALS`) and chromatic; at `"name"` and `"bin"`
            those that occur; `"shade"` is what `shades.py` finds. What is beyond the limit of a
            vocabulary is `NO_MATCH`.
    """

    @cache
    def labels() -> pl.Series:
        return _labels(colors(), level)

    if level.colors in TIERS:
        listed = pl.DataFrame({"_color": TIERS[level.colors]}).with_row_index("_place")
    else:
        place = pl.col(f"_{level.colors}") if level.is_stored else pl.lit(None, pl.Int32)
        each = colors().select(labels(), place.alias("_place"))
        listed = each.unique("_color").sort("_color")
    listed = listed.with_columns(pl.col("_place").cast(pl.Int32)).with_row_index("_order")

    def find_keys() -> pl.DataFrame:
        keys = pl.DataFrame({"_key": colors()["_color"], "_color": labels()})
        named = listed.select("_color", "_order")
        return keys.join(named, on="_color", how="left", maintain_order="left")

    return Legend(listed.select("_color", "_order", "_place"), find_keys)


def _labels(colors: pl.DataFrame, level: Level) -> pl.Series:
    """The name, bin or shade of each color of the run."""
    rgb8 = key_to_rgb(colors["_color"])
    if level.colors == "bin":
        is_known = level.is_stored
        bins = colors["_bin"] if is_known else rgb_to_bin(*rgb8.T, step=level.step)
        return pl.Series("_color", bins, dtype=pl.Int32)
    if level.colors == "shade":
        found = shades(rgb8, colors["garments"].to_numpy())
        return pl.Series("_color", found, dtype=pl.String)
    if level.vocabulary is not None:
        names = name_colors(rgb8, level.vocabulary).name.tolist()
        return pl.Series("_color", names, dtype=pl.String).fill_null(NO_MATCH)
    if level.colors == "tone":
        tones = [TONES[family not in NEUTRALS] for family in FAMILIES]
        return pl.Series(tones, dtype=pl.String).gather(colors["_family"]).alias("_color")
    words = TIERS.get(level.colors, tuple(shipped_vocabulary().name))
    places = colors[f"_{level.colors}"]
    table = pl.Series(words, dtype=pl.String)
    return table.gather(places.cast(pl.UInt32)).alias("_color")
