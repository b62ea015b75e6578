"""Garments of a run drawn at random, for a person to judge: the items of an audit sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.color.names import name_colors
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.errors import QueryError
from trendcolor.histograms import color_key, key_to_rgb

_ANSWERS = ("right_garment", "right_family", "verdict")  # what a person fills in
# Of an audit sheet as a table.
AUDIT_FIELDS = ("photo", "wearer", "garment", "color", "family", *_ANSWERS, "weight")
_KEY = ("photo", "wearer", "garment")


@dataclass(frozen=True, slots=True, eq=False)
class AuditSample:
    """Garments to judge, in an order that is random too."""

    items: pl.DataFrame  # AUDIT_FIELDS; what a person fills in is null
    colors: pl.DataFrame  # _KEY, rank, color, name, family, weight: the items' palettes
    garments: int  # of the run, from which they are drawn


def draw_garments(
    records: pl.LazyFrame, n: int, *, seed: int = 0, by_family: bool = False
) -> AuditSample:
    """Draw garments without replacement.

    Each garment of the run has the same chance. With `by_family` each family of main colors gives
    the same number, to within one, or all that it has; the others then give more. An item's weight
    is how many garments of the run it stands for.

    Args:
        records: Rows of `records.py`, in the order of the run.
        n: How many garments; all of them where the run has fewer.
        seed: Same seed and records, same items.
        by_family: Whether rare families are drawn as often as frequent ones.

    Raises:
        QueryError: `n` is below 1, or there is no garment.

    Guarantees, each held by tests/test_analysis_audit_sample.py:
        No garment comes twice. Weights sum to the garments of the run, and with `by_family` to
        those of each family.
    """
    if n < 1:
        raise QueryError(f"n is {n}, wanted how many garments to draw, at least 1")
    mains = records.filter(pl.col("rank") == 0)
    keys = mains.select(key=color_key()).collect()["key"]
    if keys.is_empty():
        raise QueryError("no garment to draw: the run has none with a palette")
    families = _families(keys)
    random = np.random.default_rng(seed)
    strata = [np.flatnonzero(families == name) for name in FAMILIES if (families == name).any()]
    strata = strata if by_family else [np.arange(len(keys))]
    counts = _even([len(stratum) for stratum in strata], n)
    drawn = [
        random.choice(stratum, count, replace=False)
        for stratum, count in zip(strata, counts, strict=True)
    ]
    weights = [
        np.full(count, len(stratum) / count)
        for stratum, count in zip(strata, counts, strict=True)
        if count
    ]
    rows = np.concatenate(drawn).astype(np.int64)
    order = pl.DataFrame({"row": rows, "family": families[rows].tolist()}).with_columns(
        weight=pl.Series(np.concatenate(weights))
    )
    order = order[random.permutation(len(rows)).tolist()].with_row_index("order")
    items = _items(mains, order)
    return AuditSample(items, _colors(records, items), len(keys))


def _families(keys: pl.Series) -> NDArray[np.object_]:
    """The family of each color, as keys of `color_key`."""
    distinct = keys.unique().sort()
    named = name_colors(key_to_rgb(distinct)).family
    return np.asarray(named[np.searchsorted(distinct.to_numpy(), keys.to_numpy())])


def _even(sizes: Sequence[int], n: int) -> list[int]:
    """Parts of `n`, as even as the sizes allow; the first ones get what is left over."""
    counts = [0] * len(sizes)
    left = min(n, sum(sizes))
    while left:
        is_open = [i for i, size in enumerate(sizes) if counts[i] < size]
        share, over = divmod(left, len(is_open))
        for place, i in enumerate(is_open):
            given = min(share + (place < over), sizes[i] - counts[i])
            counts[i] += given
            left -= given
    return counts


def _items(mains: pl.LazyFrame, order: pl.DataFrame) -> pl.DataFrame:
    """The drawn rows of main colors, in their order, with nothing filled in."""
    wanted = pl.col("row").is_in(order["row"].sort().to_list())
    found = mains.with_row_index("row").filter(wanted).with_columns(pl.col("row").cast(pl.Int64))
    return (
        found.select("row", *_KEY, color=_hex())
        .collect()
        .join(order, on="row")
        .sort("order")
        .with_columns(**dict.fromkeys(_ANSWERS, pl.lit(None, pl.String)))
        .select(AUDIT_FIELDS)
    )


def _hex() -> pl.Expr:
    """A row's color as `#161418`."""
    digits = [
        pl.col(name).cast(pl.Int32).map_elements("{:02x}".format, return_dtype=pl.String)
        for name in "rgb"
    ]
    return pl.concat_str(pl.lit("#"), *digits)


def _colors(records: pl.LazyFrame, items: pl.DataFrame) -> pl.DataFrame:
    """The palettes of garments, with names."""
    is_named = pl.col("photo").is_in(items["photo"].unique().sort().to_list())
    columns = [*_KEY, "rank", "weight", "r", "g", "b"]
    rows = records.filter(is_named).select(columns).collect()
    rows = rows.join(items.select(_KEY), on=_KEY, how="semi").sort(*_KEY, "rank")
    named = name_colors(rows.select("r", "g", "b").to_numpy().astype(np.uint8))
    return rows.select(
        *(*_KEY, "rank", _hex().alias("color")),
        pl.Series("name", named.name.tolist(), pl.String),
        pl.Series("family", named.family.tolist(), pl.String),
        "weight",
    )
