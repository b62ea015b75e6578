"""Which share of garments is solid, two-tone or multicolor."""

import math
from dataclasses import replace

import polars as pl

from trendcolor.analysis.disclosure import public_shares
from trendcolor.analysis.legends import Legend, Level
from trendcolor.analysis.linked_tables import linked_tables
from trendcolor.analysis.nesting import NO_NESTING, Nesting
from trendcolor.analysis.shares import shares
from trendcolor.analysis.tally import NO_CLUSTER, UNITS, Question, Tally, part_of
from trendcolor.color.pattern import ACCENT, PATTERNS
from trendcolor.histograms import color_key

_GARMENT = ("photo", "wearer", "garment")


def patterns(
    records: pl.LazyFrame,
    question: Question,
    *,
    shades: Legend | None = None,
    source: str | None,
    min_cell: int,
    nesting: Nesting = NO_NESTING,
) -> pl.DataFrame:
    """The share of each pattern in each group, with its interval.

    A garment is solid where one color covers a tenth of it or more, two-tone where two do,
    multicolor where more do: see `color.palette.pattern`.

    Args:
        records: Rows of `records.py`, of whole garments.
        question: By what, and how sure; its unit is garments. `by` may name `"shade"`, that of a
            garment's main color, where `shades` are given.
        shades: The shades of the run.
        source: Whose distinct values guard each cell, as `public_shares` says; None: the raw
            answer.
        min_cell: The fewest sources of a cell.
        nesting: As of `public_shares`.

    Returns:
        The columns of `shares`, with `pattern` in the place of the color.

    Guarantees, each held by tests/test_analysis_patterns.py:
        Shares of a group sum to 1. The pattern of a garment is what `color.palette.pattern` says
        of its palette's weights.
    """
    asked = replace(question, level=Level())
    garments = _garments(records, asked, source).collect(engine="streaming")
    if shades is not None:
        names = shades.keys.select(_key="_key", shade="_color")
        garments = garments.join(names, on="_key", how="left")
    counted = _tally(garments, asked, part_of(asked))
    if source is None:
        return shares(counted).rename({"family": "pattern"})
    apart = _tally(garments, asked, pl.col(source))

    def tallied(by: tuple[str, ...]) -> Tally:
        one = replace(asked, by=by)
        return _tally(_garments(records, one, source).collect(), one, pl.col(source))

    linked = linked_tables(asked, tallied, nesting, min_cell=min_cell)
    told = public_shares(counted, apart, min_cell=min_cell, nesting=nesting, linked=linked)
    return told.rename({"family": "pattern"})


def _garments(records: pl.LazyFrame, question: Question, source: str | None) -> pl.LazyFrame:
    """Groups of garments that are alike: what they are counted by, `_order`, `_key`, `_garments`.

    Counted in two steps, so that what is kept is as many rows as kinds of garments, not garments.
    """
    cluster = None if question.cluster == NO_CLUSTER else question.cluster
    told = dict.fromkeys((*question.by, cluster, source))
    columns = [name for name in told if name not in (None, "shade", *_GARMENT)]
    main = pl.col("rank") == 0
    is_seen = pl.col("weight") >= math.ceil(ACCENT * UNITS["palette"])
    each = records.group_by(_GARMENT).agg(
        *(pl.first(str(name)) for name in columns),
        _order=is_seen.sum().clip(1, len(PATTERNS)).cast(pl.UInt32) - 1,
        _key=color_key().filter(main).first() if "shade" in question.by else pl.lit(0),
    )
    kept = [name for name in told if name in _GARMENT]
    return each.group_by(*map(str, (*columns, *kept)), "_order", "_key").agg(
        _garments=pl.len().cast(pl.Int64)
    )


def _tally(garments: pl.DataFrame, question: Question, part: pl.Expr | None) -> Tally:
    """Garments of each pattern, in each group and part."""
    one = pl.lit(0, pl.UInt8)
    rows = garments.with_columns(_all=one, _part=one if part is None else part)
    keys = [*question.keys, "_part"]
    counted = rows.group_by(*keys, "_order").agg(_value=pl.sum("_garments"))
    cells = counted.with_columns(_n="_value")
    listed = pl.DataFrame({"_color": PATTERNS}).with_row_index("_order")
    colors = listed.select("_color", "_order", _place=pl.lit(None, pl.Int32))
    sources = None
    if question.cluster != NO_CLUSTER:
        n_sources = pl.col(question.cluster).n_unique().cast(pl.Int64)
        sources = rows.group_by(question.keys).agg(_sources=n_sources)
    return Tally(
        question=question,
        legend=Legend(colors, lambda: colors),
        cells=cells,
        groups=cells.group_by(keys).agg(pl.sum("_value", "_n")),
        sources=sources,
    )
