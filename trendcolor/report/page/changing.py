"""Tables of changes as a page shows them: what rises, what falls, and bars around zero."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from trendcolor.analysis.shades import OTHER
from trendcolor.color.names import name_colors
from trendcolor.report.contents import Changes
from trendcolor.report.families import paint
from trendcolor.report.groups import Row
from trendcolor.report.words import Words

# What stands beside a verdict in words, so that it can be found at a glance and without color.
SHAPES: Mapping[str, str] = {"up": "▲", "down": "▼", "no change shown": "=", "not enough data": "?"}
_MOST_CARDS = 6  # of each direction
# Where the axis of changes may end, on both sides of zero.
_AXES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One color of a comparison."""

    name: str  # as readers know it
    code: str  # "#161418"; empty for a family
    fill: str  # what its swatch is painted with
    cell: Row  # a row of `Run.compare`

    @property
    def shape(self) -> str:
        """The sign of its verdict; empty where the change is withheld."""
        return SHAPES.get(self.cell["verdict"] or "", "")


@dataclass(frozen=True, slots=True)
class ChangeTable:
    """The changes of all colors of one level."""

    rows: tuple[ChangeRow, ...]  # as `Run.compare` has them: the largest change first
    axis: float  # where bars end, on both sides of zero

    def cards(self, verdict: str) -> tuple[ChangeRow, ...]:
        """The rows that rise, or fall, most."""
        found = [row for row in self.rows if row.cell["verdict"] == verdict]
        return tuple(found[:_MOST_CARDS])

    def position(self, change: float) -> float:
        """Where a change stands between the ends of the axis, in percent."""
        return 50 + 50 * max(-1.0, min(1.0, change / self.axis))


@dataclass(frozen=True, slots=True)
class ChangeTables:
    """All of a comparison."""

    families: ChangeTable
    shades: ChangeTable  # those that are told in one of the parts
    n_withheld: int  # the others
    by_garment: Mapping[str, ChangeTable]  # families, by garment


def change_tables(changes: Changes, words: Words) -> ChangeTables:
    """The tables of a comparison."""
    shades = changes.shades.filter(pl.col("shade").ne_missing(OTHER))
    # A shade is a color of garments: where no share of it may be told, neither may the color.
    told = shades.filter(pl.any_horizontal(pl.col("share_a", "share_b").is_not_null()))
    return ChangeTables(
        families=_families(changes.families, words),
        shades=_shades(told, words),
        n_withheld=shades.height - told.height,
        by_garment={name: _families(table, words) for name, table in changes.by_garment.items()},
    )


def _families(table: pl.DataFrame, words: Words) -> ChangeTable:
    rows = [
        ChangeRow(words.family(row["family"]), "", paint(row["family"]), row)
        for row in table.iter_rows(named=True)
    ]
    return ChangeTable(tuple(rows), _axis(table))


def _shades(shades: pl.DataFrame, words: Words) -> ChangeTable:
    names = shade_names(shades["shade"].to_list())
    rows = [
        ChangeRow(words.color(names[row["shade"]]), row["shade"], row["shade"], row)
        for row in shades.iter_rows(named=True)
    ]
    return ChangeTable(tuple(rows), _axis(shades))


def shade_names(shades: list[str]) -> Mapping[str, str]:
    """English names of colors such as `"#161418"`."""
    if not shades:
        return {}
    rgb8 = np.array([list(bytes.fromhex(shade[1:])) for shade in shades], np.uint8)
    return dict(zip(shades, name_colors(rgb8).name.tolist(), strict=True))


def _axis(table: pl.DataFrame) -> float:
    # Intervals of rare colors may be far wider than any change; a bar's whisker is cut there.
    largest = table.select(pl.col("change").abs().max()).item() or 0
    return next(end for end in _AXES if end >= min(1.0, 1.1 * largest))
