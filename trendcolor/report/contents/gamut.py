"""The map of all garments by hue, chroma and lightness: the cells of a color grid."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from trendcolor.analysis.legends import Level
from trendcolor.color.names import name_colors
from trendcolor.color.spaces import FloatArray, lab_to_srgb
from trendcolor.color.vocabularies import COMMON, shipped_vocabulary
from trendcolor.histograms import bin_to_lab
from trendcolor.report.contents.periods import Periods
from trendcolor.report.contents.queries import PUBLIC, Queries

# Widths of cells in L*, a* and b*, the finest first; the first is taken whose table of all
# garments tells so much of them.
_STEPS = (8, 12, 16, 24)
_TOLD = 0.97

CELL_FIELDS: Mapping[str, type[pl.DataType]] = {
    **dict.fromkeys(("garment", "period"), pl.String),  # null where all are counted
    **dict.fromkeys(("hex", "name", "family"), pl.String),  # of the cell's center
    **dict.fromkeys(("l", "chroma", "hue"), pl.Float64),  # CIE LCh(ab), D65; hue in degrees
    **dict.fromkeys(("share", "low", "high"), pl.Float64),
    "numerator": pl.Int64,
}
STATE_FIELDS: Mapping[str, type[pl.DataType]] = {
    **dict.fromkeys(("garment", "period"), pl.String),
    "denominator": pl.Int64,  # garments; null where the whole group is withheld
    "withheld": pl.Float64,  # the part of them that is in cells that are not told, 0..1
    "level": pl.String,  # "bin" or "common": of what the cells are
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gamut:
    """Public shares of the cells of a color grid, for each choice of garment and period.

    Where both are chosen, and the cards say that real people are shown, the cells are the 26
    common colors: a grid's cells would rest on too few sources.
    """

    step: int  # of the grid's cells, in L*, a* and b*
    cells: pl.DataFrame  # CELL_FIELDS, only what is told and above 0
    states: pl.DataFrame  # STATE_FIELDS, one row for each choice
    garments: tuple[str, ...]  # to choose from
    periods: tuple[str, ...]  # to choose from, in their order; empty without periods
    column: str  # of the periods; "" without


def gamut(run: Queries, found: Periods | None, *, is_guarded: bool) -> Gamut:
    """Ask a run for its map.

    Args:
        run: The part of the run that the report is about.
        found: Its periods.
        is_guarded: Whether tables withhold what rests on few sources.
    """
    level, whole = _finest(run)
    column = "" if found is None else found.column
    tables = [_table(whole, level)]
    for by in (("garment",), *(((column,), ("garment", column)) if column else ())):
        both = len(by) == 2 and is_guarded
        finest = Level(colors="common") if both else level
        tables.append(_table(run.shares(by, colors=finest, disclosure=PUBLIC), finest, by))
    cells = pl.concat([cells for cells, _ in tables])
    states = pl.concat([states for _, states in tables])
    chosen = states.filter(pl.col("period").is_null(), pl.col("garment").is_not_null())
    return Gamut(
        step=level.step,
        cells=cells,
        states=states,
        garments=tuple(chosen["garment"]),
        periods=() if found is None else found.values,
        column=column,
    )


def _finest(run: Queries) -> tuple[Level, pl.DataFrame]:
    """The finest grid whose table tells nearly all garments, and that table."""
    found: list[tuple[Level, pl.DataFrame]] = []
    for step in _STEPS:
        level = Level(colors="bin", step=step)
        found.append((level, run.shares(colors=level, disclosure=PUBLIC)))
        if found[-1][1]["share"].sum() >= _TOLD:
            break
    return found[-1]


def _table(
    shares: pl.DataFrame, level: Level, by: tuple[str, ...] = ()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cells and the states of one table."""
    period = next((name for name in by if name != "garment"), None)
    keys = {
        "garment": pl.col("garment").cast(pl.String)
        if "garment" in by
        else pl.lit(None, pl.String),
        "period": pl.lit(None, pl.String) if period is None else pl.col(period).cast(pl.String),
    }
    named = shares.with_columns(**keys)
    if period is not None:
        named = named.filter(pl.col("period").is_not_null())
    states = named.group_by("garment", "period", maintain_order=True).agg(
        denominator=pl.col("denominator").first().cast(pl.Int64),
        withheld=(1 - pl.col("share").sum()).clip(0, 1),
        level=pl.lit(level.colors),
    )
    told = named.filter(pl.col("share") > 0)
    placed = told.join(_places(told, level), on=level.colors, how="left", maintain_order="left")
    cells = placed.select(
        pl.col(name).cast(kind)
        for name, kind in CELL_FIELDS.items()  # in the schema's order
    )
    return cells, states.select(pl.col(name).cast(kind) for name, kind in STATE_FIELDS.items())


def _places(told: pl.DataFrame, level: Level) -> pl.DataFrame:
    """Where the colors of a table lie: by color, the columns of `CELL_FIELDS` that tell it."""
    colors = told[level.colors].unique().sort()
    is_bin = level.colors == "bin"
    lab = bin_to_lab(colors.to_numpy(), step=level.step) if is_bin else _common_lab(colors)
    rgb8 = lab_to_srgb(lab)
    named = name_colors(rgb8)
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    return pl.DataFrame(
        {
            level.colors: colors,
            "hex": [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in rgb8.tolist()],
            "name": named.name.tolist() if is_bin else colors,
            "family": named.family.tolist(),
            "l": lab[:, 0],
            "chroma": np.hypot(lab[:, 1], lab[:, 2]),
            "hue": hue,
        }
    )


def _common_lab(colors: pl.Series) -> FloatArray:
    """The middle of the vocabulary's entries of each common color, CIE L*a*b*."""
    words = shipped_vocabulary()
    middle = {common: lab for common, lab in _middles(words.common.tolist(), words.lab)}
    return np.array([middle[common] for common in colors]).reshape(-1, 3)


def _middles(common: list[str], lab: FloatArray) -> Iterator[tuple[str, FloatArray]]:
    for name in COMMON:
        rows = [i for i, each in enumerate(common) if each == name]
        yield name, np.median(lab[rows], axis=0)
