"""The designer's own colors beside the season's: how far each is, and what the line lacks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from trendcolor.analysis.shades import OTHER, WITHIN
from trendcolor.color.spaces import color_difference, lab_to_srgb, srgb_to_lab
from trendcolor.color.vocabularies import Vocabulary
from trendcolor.report.contents.shades import ColorCard


@dataclass(frozen=True, slots=True, kw_only=True)
class LineColor:
    """A color of the line, and the season's color that is nearest to it."""

    name: str
    code: str | None
    hex: str
    nearest: str  # a shade of the run, "#161418"
    distance: float  # CIEDE2000
    share: float  # of the nearest shade, of garments
    low: float
    high: float

    @property
    def is_covered(self) -> bool:
        """Whether the nearest shade is the same color, within its reach."""
        return self.distance <= WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A headline color, and the line's color that is nearest to it."""

    card: ColorCard
    nearest: str  # name of a color of the line
    distance: float  # CIEDE2000

    @property
    def is_open(self) -> bool:
        """Whether the line has no color within the shade's reach."""
        return self.distance > WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The designer's palette, checked against a run."""

    name: str  # of the file
    colors: tuple[LineColor, ...]  # in the file's order
    gaps: tuple[Gap, ...]  # in the order of the headline colors
    covered: (
        float  # the sum of the shares of told shades that a color of the line is within reach of
    )


def line(
    words: Vocabulary, name: str, shades: pl.DataFrame, headline: Sequence[ColorCard]
) -> Line | None:
    """Check a palette against a season.

    Args:
        words: The palette.
        name: What it is called.
        shades: Public shares of shades of the whole.
        headline: The report's headline colors.

    Returns:
        None where no shade may be told.
    """
    told = shades.filter(pl.col("share") > 0, pl.col("shade") != OTHER)
    if told.is_empty():
        return None
    codes = told["shade"].to_list()
    rgb8 = np.array([list(bytes.fromhex(code[1:])) for code in codes], np.uint8)
    lab = srgb_to_lab(rgb8).astype(np.float64)
    apart = color_difference(words.lab[:, None], lab[None])
    hexes = ["#" + bytes(each.tolist()).hex() for each in lab_to_srgb(words.lab)]
    rows = told.to_dicts()
    colors = [
        LineColor(
            name=str(words.name[i]),
            code=None if words.code[i] is None else str(words.code[i]),
            hex=hexes[i],
            nearest=codes[j],
            distance=float(apart[i, j]),
            **{key: rows[j][key] for key in ("share", "low", "high")},
        )
        for i, j in enumerate(apart.argmin(axis=1).tolist())
    ]
    gaps = []
    for card in headline:
        column = apart[:, codes.index(card.shade)]
        i = int(column.argmin())
        gaps.append(Gap(card=card, nearest=str(words.name[i]), distance=float(column[i])))
    is_covered = apart.min(axis=0) <= WITHIN
    return Line(
        name=name,
        colors=tuple(colors),
        gaps=tuple(gaps),
        covered=float(told["share"].to_numpy()[is_covered].sum()),
    )
