"""Corrections laid over records."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from trendcolor.corrections.written import DROP, KEY
from trendcolor.records import GARMENT

_WEIGHTS = 255  # what a palette's weights sum to
_MEASURED = (*KEY, "rank", "r", "g", "b", "weight", "pixels")


def corrected(records: pl.LazyFrame, corrections: pl.DataFrame) -> pl.LazyFrame:
    """Records as they are when the corrections hold.

    A dropped garment has no rows. A right color takes the place of the main color and keeps its
    weight; where the palette has that color already, the two are one. A right class takes the
    place of the class. Where garments of a wearer come to have one class, they become one garment:
    its pixels are the sum of theirs, each color has its part of these pixels in 255ths, by largest
    remainder, and colors that come to less than one of 255 are left out.

    Args:
        records: Rows of `records.py`, of whole photos.
        corrections: As `checked` gives them, of this run.

    Returns:
        The same columns. Rows of photos without a correction come first, as they were, then the
        others by photo, wearer, garment and rank.

    Guarantees, each held by tests/test_corrections.py:
        No correction changes nothing. A palette's weights sum to 255 and fall. Pixels are kept but
        for those of dropped garments. Other garments keep their rows. The order of corrections has
        no effect.
    """
    if corrections.is_empty():
        return records
    photos = _photos(corrections)
    kept = records.join(photos, on="photo", how="anti", maintain_order="left")
    return pl.concat([kept, _lay(records.join(photos, on="photo", how="semi"), corrections)])


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """What corrections make of certain records, to be laid over them again and again."""

    rows: pl.Series  # numbers of the records' rows, from 0, that it stands in place of
    frame: pl.DataFrame  # what stands there


def layer_of(records: pl.LazyFrame, corrections: pl.DataFrame) -> Layer:
    """The layer that `laid_over` takes; reads the records once.

    Args:
        records: As of `corrected`.
        corrections: As of `corrected`.
    """
    touched = records.with_row_index("_row").join(_photos(corrections), on="photo", how="semi")
    found = touched.collect().sort("_row")
    return Layer(found["_row"], _lay(found.drop("_row").lazy(), corrections).collect())


def laid_over(records: pl.LazyFrame, layer: Layer) -> pl.LazyFrame:
    """What `corrected` gives, at the price of numbering rows in place of comparing photos.

    Args:
        records: Exactly those that `layer` was made of, in the same order.
        layer: As `layer_of` gives it.

    Guarantees, each held by tests/test_corrections.py:
        The same rows as `corrected`, in the same order.
    """
    if layer.rows.is_empty():
        return records
    is_kept = ~pl.col("_row").is_in(layer.rows.to_list())
    kept = records.with_row_index("_row").filter(is_kept).drop("_row")
    return pl.concat([kept, layer.frame.lazy()])


def _photos(corrections: pl.DataFrame) -> pl.LazyFrame:
    """The photos that have a correction; a join with them costs less than `is_in`."""
    return corrections.lazy().select("photo").unique()


def _lay(touched: pl.LazyFrame, corrections: pl.DataFrame) -> pl.LazyFrame:
    """Whole photos with their corrections, sorted."""
    schema = touched.collect_schema()
    right = corrections.lazy().with_columns(is_corrected=pl.lit(True))
    is_main = (pl.col("rank") == 0) & pl.col("right_color").is_not_null()
    marked = (
        touched.join(right, on=KEY, how="left")
        .filter(pl.col("right_garment").is_null() | (pl.col("right_garment") != DROP))
        .with_columns(
            *(
                pl.when(is_main).then(_channel(i).cast(schema[name])).otherwise(name).alias(name)
                for i, name in enumerate("rgb")
            ),
            old_garment=pl.col("garment"),
            garment=pl.coalesce(pl.col("right_garment").cast(pl.String).cast(GARMENT), "garment"),
        )
        .with_columns(is_changed=pl.col("is_corrected").any().over(KEY))
    )
    same = marked.filter(~pl.col("is_changed").fill_null(False))
    joined = _join(marked.filter("is_changed"), [name for name in schema if name not in _MEASURED])
    parts = [part.select(pl.col(n).cast(t) for n, t in schema.items()) for part in (same, joined)]
    return pl.concat(parts).sort(*KEY, "rank")


def _channel(i: int) -> pl.Expr:
    """Red, green or blue of the right color, 0..255."""
    return pl.col("right_color").str.slice(1 + 2 * i, 2).str.to_integer(base=16)


def _join(rows: pl.LazyFrame, declared: Sequence[str]) -> pl.LazyFrame:
    """Rows of garments whose class is the right one: what one wearer has of one class is one."""
    pixels = pl.col("pixels").cast(pl.Int64).clip(1)
    is_first = pl.col("rank") == 0
    by_color = (
        rows.with_columns(
            pixels=pixels.filter(is_first).sum().over(KEY),
            area=pl.col("weight").cast(pl.Int64) * pixels,
            order=pl.col("old_garment").to_physical().cast(pl.Int64) * 256 + pl.col("rank"),
        )
        .group_by(*KEY, "r", "g", "b")
        .agg(pl.col("area").sum(), pl.col("order").min(), pl.col("pixels", *declared).first())
    )
    exact, rest = pl.col("area") // pl.col("pixels"), pl.col("area") % pl.col("pixels")
    number = pl.int_range(pl.len()).over(KEY)
    return (
        by_color.with_columns(weight=exact, rest=rest)
        .sort(*KEY, pl.col("rest") * -1, "order")
        .with_columns(weight=exact + (number < _WEIGHTS - exact.sum().over(KEY)).cast(pl.Int64))
        .filter(pl.col("weight") > 0)
        .sort(*KEY, pl.col("weight") * -1, pl.col("area") * -1, "order")
        .with_columns(rank=number)
    )
