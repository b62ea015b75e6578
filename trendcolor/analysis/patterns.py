"""Which share of garments is solid, two-tone or multicolor."""

import math
from dataclasses import replace

import polars as pl

from trendcolor.analysis.disclosure import public_shares
from trendcolor.analysis.legends import Legend, Level
from trendcolor.analysis.shares import shares
from trendcolor.analysis.tally import Question, Tally, count_sources, part_of
from trendcolor.color.palette import ACCENT, PATTERNS, WEIGHT_SUM
from trendcolor.histograms import color_key

_GARMENT = ("photo", "wearer", "garment")


def patterns(
    records: pl.LazyFrame, question: Question, *, source: str | None, min_cell: int
) -> pl.DataFrame:
    """The share of each pattern in each group, with its interval.

    A garment is solid where one color covers a tenth of it or more, two-tone where two do,
    multicolor where more do: see `color.palette.pattern`.

    Args:
        records: Rows of `records.py`, of whole garments.
        question: By what, and how sure; its unit is garments.
        source: Whose distinct values guard each cell, as `public_shares` says; None: the raw
            answer.
        min_cell: The fewest sources of a cell.

    Returns:
        The columns of `shares`, with `pattern` in the place of the color.

    Guarantees, each held by tests/test_analysis_patterns.py:
        Shares of a group sum to 1. The pattern of a garment is what `color.palette.pattern` says
        of its palette's weights.
    """
    asked = replace(question, level=Level())
    counted = shares(_tally(records, asked, part_of(asked)))
    if source is not None:
        apart = _tally(records, asked, pl.col(source))
        counted = public_shares(_tally(records, asked, part_of(asked)), apart, min_cell=min_cell)
    return counted.rename({"family": "pattern"})


def _tally(records: pl.LazyFrame, question: Question, part: pl.Expr | None) -> Tally:
    """Garments of each pattern, in each group and part."""
    is_seen = pl.col("weight") >= math.ceil(ACCENT * WEIGHT_SUM)
    one = pl.lit(0, pl.UInt8)
    rows = records.select(
        *_GARMENT[:2],
        *dict.fromkeys((*question.by, "garment")),
        _all=one,
        _part=one if part is None else part,
        _seen=is_seen,
    )
    keys = [*question.keys, "_part"]
    order = pl.col("_seen").sum().clip(1, len(PATTERNS)).cast(pl.UInt32) - 1
    garments = rows.group_by(list(dict.fromkeys((*_GARMENT, *keys)))).agg(_order=order)
    counted = garments.group_by(*keys, "_order").agg(_value=pl.len().cast(pl.Int64))
    cells = counted.with_columns(_n="_value").collect(engine="streaming")
    listed = pl.DataFrame({"_color": PATTERNS}).with_row_index("_order")
    colors = listed.select("_color", "_order", _place=pl.lit(None, pl.Int32))
    return Tally(
        question=question,
        legend=Legend(colors, lambda: colors),
        cells=cells,
        groups=cells.group_by(keys).agg(pl.sum("_value", "_n")),
        sources=count_sources(records, question),
    )


def with_shade(records: pl.LazyFrame, legend: Legend) -> pl.LazyFrame:
    """Records with a column `shade`: that of the main color of each row's garment.

    Args:
        records: Rows of `records.py`, of whole garments.
        legend: The shades of the run.
    """
    names = legend.keys.select(_key="_key", shade="_color").lazy()
    main = records.filter(pl.col("rank") == 0).select(*_GARMENT, _key=color_key())
    shade = main.join(names, on="_key", how="left").select(*_GARMENT, "shade")
    return records.join(shade, on=_GARMENT, how="left")
