"""What each shard stores of its records, so that usual questions never read them.

A row counts one color of one level in one group: at the levels of families, common colors, names
and grid bins in units that are all whole numbers, so that shards, days and machines add up to the
whole bit for bit. The level "whole" has no color and holds what shares are of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from trendcolor.color.names import name_colors
from trendcolor.color.vocabularies import COMMON, FAMILIES, FAMILY_OF, shipped_vocabulary
from trendcolor.histograms.grid import color_key, key_to_rgb, rgb_to_bin
from trendcolor.histograms.replicates import replicate

LEVELS = ("whole", "family", "common", "name", "bin")
_WITHOUT_REPLICATES = ("name", "bin")
LEVEL = pl.Enum(LEVELS)

# What is counted, Int64.
MEASURES = (
    "garments",  # by main color
    "looks",  # a wearer of a photo that shows the color
    "weight",  # of palettes, in 255ths of a garment
    "area",  # pixels in 255ths, as the palettes share them out
    "declared",  # the declared weight of garments by main color, in millionths
    "weighed",  # garments with a declared weight above 0, by main color
    "photos",  # that have a garment of the group; at the level "whole" only
)
DECLARED_SCALE = 1_000_000
PERIODS = ("month", "quarter", "year")  # what a date is also known by


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredColumns:
    """Which columns of the records are counted apart, and which say what belongs together."""

    by: tuple[str, ...] = ()  # declared columns of few values
    cluster: str = "photo"  # whose values are put into random groups
    weight: str | None = None  # the declared weight
    date: str | None = None  # from which `month` is made

    @property
    def keys(self) -> tuple[str, ...]:
        """All columns of a group; a null garment stands for all garments together."""
        month = () if self.date is None else ("month",)
        return (*self.by, *month, "garment")


def with_period(rows: pl.LazyFrame, date: str | None) -> pl.LazyFrame:
    """Rows with `month`, `quarter` and `year`, of the date as "2026-03", "2026-Q1" and "2026".

    Args:
        rows: Records.
        date: The declared column of kind date, text as 2026-03-31; None: there is none.
    """
    if date is None:
        return rows
    text = pl.col(date)
    year, month = text.str.slice(0, 4), text.str.slice(0, 7)
    quarter = (text.str.slice(5, 2).cast(pl.Int32, strict=False) + 2) // 3
    made = {
        "month": month,
        "quarter": year + "-Q" + quarter.cast(pl.String),
        "year": year,
    }
    present = rows.collect_schema()
    return rows.with_columns(**{name: made[name] for name in PERIODS if name not in present})


def stored_histogram(records: pl.LazyFrame, columns: StoredColumns) -> pl.LazyFrame:
    """How much of each color, at each level, by group and random group.

    Args:
        records: Rows of `records.py`, of whole photos, in photo order.
        columns: What is counted apart.

    Returns:
        `columns.keys`; `level` (of `LEVELS`); `color` (Int32: the place in `FAMILIES`, in
        `COMMON` or in the default vocabulary, the bin, or null at the level "whole");
        `replicate` (the random group of the cluster, see `replicates.py`; null at the levels of
        names and bins, which would be too many rows); `MEASURES`. Sorted by all but these. Each
        garment counts in the row of its class and in one of `garment` null.

    Guarantees, each held by tests/test_histograms_stored.py:
        Parts of whole photos, however the photos are split, merge to the whole. At each level
        garments, area, weight and declared weight sum to those of the level "whole".
    """
    rows = _labelled(records, columns).collect()
    measures = [name for name in MEASURES if name not in ("looks", "photos")]
    parts = []
    for level in LEVELS:
        color = pl.lit(None, pl.Int32) if level == "whole" else pl.col(f"_{level}")
        group = pl.lit(None, pl.UInt8) if level in _WITHOUT_REPLICATES else pl.col("_replicate")
        for garment in (pl.col("garment"), pl.lit(None, rows.schema["garment"])):
            keys = [
                *(pl.col(name) for name in columns.keys if name != "garment"),
                garment.alias("garment"),
                pl.lit(level, LEVEL).alias("level"),
                color.alias("color"),
                group.alias("replicate"),
            ]
            named = rows.lazy().select(*keys, "_look", "_photo", *(f"_{m}" for m in measures))
            counts = {name: pl.col(f"_{name}").sum() for name in measures}
            counts["looks"] = pl.col("_look").n_unique().cast(pl.Int64)
            photos = pl.col("_photo").n_unique() if level == "whole" else pl.lit(0)
            counts["photos"] = photos.cast(pl.Int64)
            grouped = named.group_by(*columns.keys, "level", "color", "replicate")
            parts.append(grouped.agg(**{name: counts[name] for name in MEASURES}))
    return pl.concat(parts).sort("level", *columns.keys, "color", "replicate", nulls_last=True)


def _labelled(records: pl.LazyFrame, columns: StoredColumns) -> pl.LazyFrame:
    """Records with each level's color, and what each row adds to each measure."""
    dated = with_period(records, columns.date)
    distinct = records.select(_color=color_key()).unique().collect()["_color"]
    is_main = pl.col("rank") == 0
    weight, pixels = pl.col("weight").cast(pl.Int64), pl.col("pixels").cast(pl.Int64)
    declared = pl.lit(0, pl.Int64) if columns.weight is None else declared_units(columns.weight)
    return (
        dated.with_columns(
            _color=color_key(),
            _replicate=replicate(pl.col(columns.cluster)),
            _photo=pl.col("photo").rle_id(),
            _look=pl.col("photo").rle_id().cast(pl.Int64) * 256 + pl.col("wearer"),
            _garments=is_main.cast(pl.Int64),
            _weight=weight,
            _area=weight * pixels,
            _declared=pl.when(is_main).then(declared).otherwise(0).fill_null(0),
        )
        .with_columns(_weighed=(pl.col("_declared") > 0).cast(pl.Int64))
        .join(color_labels(distinct).lazy(), on="_color", how="left")
    )


def declared_units(weight: str) -> pl.Expr:
    """A declared weight in whole millionths; null where there is no number."""
    value = pl.col(weight).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then((value * DECLARED_SCALE).round().cast(pl.Int64))


def color_labels(keys: pl.Series) -> pl.DataFrame:
    """Each color's place at each level: `_color`, and `_family`, `_common`, `_name`, `_bin`, Int32.

    Args:
        keys: Distinct colors as 0xRRGGBB.
    """
    rgb8 = key_to_rgb(keys)
    words = shipped_vocabulary()
    place = {name: i for i, name in reversed([*enumerate(words.name)])}
    name = np.array([place[each] for each in name_colors(rgb8).name], np.int32)
    common_of = np.array([COMMON.index(each) for each in words.common], np.int32)
    family_of = np.array([FAMILIES.index(FAMILY_OF[each]) for each in COMMON], np.int32)
    return pl.DataFrame(
        {
            "_color": keys,
            "_family": family_of[common_of[name]],
            "_common": common_of[name],
            "_name": name,
            "_bin": rgb_to_bin(*rgb8.T),
        }
    )


def stored_sources(records: pl.LazyFrame, columns: StoredColumns) -> pl.LazyFrame:
    """The clusters of each group: `columns.keys`, `cluster` (text), `garments` (Int64).

    Each cluster has a row for each class of garment and one of `garment` null, as above; none
    where photos are the clusters, since photos add up.
    """
    rows = with_period(records.filter(pl.col("rank") == 0), columns.date)
    parts = []
    for garment in (pl.col("garment"), pl.lit(None, records.collect_schema()["garment"])):
        counted = rows.with_columns(garment=garment, cluster=pl.col(columns.cluster))
        grouped = counted.group_by(*columns.keys, "cluster")
        parts.append(grouped.agg(garments=pl.len().cast(pl.Int64)))
    found = pl.concat(parts).sort(*columns.keys, "cluster", nulls_last=True)
    return found if columns.cluster != "photo" else found.clear()


def merge_stored(parts: Iterable[pl.LazyFrame]) -> pl.LazyFrame:
    """Several stored histograms, or several tables of sources, as one.

    Args:
        parts: Of the same columns; at least one.
    """
    whole = pl.concat(list(parts))
    schema = whole.collect_schema()
    values = [name for name in schema if name in MEASURES]
    keys: Sequence[str] = [name for name in schema if name not in values]
    first = ["level"] if "level" in keys else []
    order = [*first, *(key for key in keys if key not in first)]
    return whole.group_by(keys).agg(pl.col(values).sum()).sort(order, nulls_last=True)
