"""The looks of a group with several garments, and where colors meet in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.analysis.independence import Pairs, Wardrobe
from trendcolor.analysis.jackknife import deal, without_each
from trendcolor.analysis.legends import Legend
from trendcolor.histograms import color_key
from trendcolor.taxonomy import GARMENTS

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

_LOOK = ("photo", "wearer")
_N_CLASSES = len(GARMENTS)


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """The looks of one group, one wearer of one photo each, and what their garments show."""

    key: pl.DataFrame  # the group's columns, one row
    n_colors: int  # of the legend
    kind: IntArray  # (n,), a bit for each class of garment
    dealt: IntArray  # (n,), group of the jackknife
    source: IntArray  # (n,), whose look it is, from 0
    n_clusters: int
    look: IntArray  # (m,), row of the look whose garment shows a color, rising
    garment: IntArray  # (m,), its class
    color: IntArray  # (m,), row of the legend

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def n_groups(self) -> int:
        """Of the jackknife."""
        return int(self.dealt.max()) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Meetings:
    """Pairs of colors where they meet, each once in a place."""

    place: IntArray  # (m,), row of the look, or that times the classes plus the garment's class
    code: IntArray  # (m,), color * n_colors + other, color at most other


def looks_by_group(
    records: pl.LazyFrame,
    legend: Legend,
    *,
    by: tuple[str, ...],
    main: bool,
    cluster: str,
    source: str,
) -> Iterator[Looks]:
    """The looks with at least two garments that have a palette, group by group.

    Args:
        records: Rows of `records.py`, of whole garments.
        legend: The colors.
        by: Columns whose values make a group.
        main: Whether a garment shows its main color alone, or all of its palette.
        cluster: The column whose values leave the jackknife together.
        source: The column whose values are counted in a public cell.
    """
    look = [*by, *_LOOK]
    rows = (
        records.with_columns(_key=color_key(), _class=pl.col("garment").to_physical())
        .join(legend.keys.lazy().select("_key", "_order"), on="_key", how="left")
        .with_columns(_source=pl.col(source), _cluster=pl.col(cluster))
    )
    garments = rows.filter(pl.col("rank") == 0)
    bit = pl.lit(2, pl.Int64).pow(pl.col("_class")).cast(pl.Int64)
    looks = (
        garments.group_by(look)
        .agg(
            _kind=bit.sum(), _n=pl.len(), _source=pl.first("_source"), _cluster=pl.first("_cluster")
        )
        .filter(pl.col("_n") > 1)
        .sort(look, nulls_last=True)
        .with_row_index("_look")
        .collect()
    )
    shown = (garments if main else rows).join(
        looks.lazy().select(*look, "_look"), on=look, nulls_equal=True
    )
    found = shown.select("_look", "_class", "_order").unique().sort(pl.all()).collect()
    places = found["_look"].to_numpy()
    for part in looks.partition_by(by, maintain_order=True) if by else [looks]:
        if part.is_empty():
            return
        first = int(part["_look"][0])
        start, end = np.searchsorted(places, [first, first + len(part)])
        yield _looks(part, found[start:end], by=by, n_colors=len(legend.colors))


def _looks(
    looks: pl.DataFrame, found: pl.DataFrame, *, by: tuple[str, ...], n_colors: int
) -> Looks:
    look, garment, color = (found[name].cast(pl.Int64).to_numpy() for name in found.columns)
    return Looks(
        key=looks.select(by).head(1),
        n_colors=n_colors,
        kind=looks["_kind"].to_numpy(),
        dealt=deal(looks["_cluster"]),
        # A missing source is one source: the fewest that it can be.
        source=looks["_source"].rank("dense").fill_null(0).cast(pl.Int64).to_numpy(),
        n_clusters=looks["_cluster"].n_unique(),
        look=look - int(looks["_look"][0]),
        garment=garment,
        color=color,
    )


def wardrobe(looks: Looks) -> Wardrobe:
    """What the looks are made of: all of them, and without each group of the jackknife."""
    kinds, kind = np.unique(looks.kind, return_inverse=True)
    bits = (kinds[:, None] >> np.arange(_N_CLASSES)) & 1
    counted = _by_group(looks.dealt, kind, looks.n_groups, len(kinds))
    cell = looks.garment * looks.n_colors + looks.color
    n_cells = _N_CLASSES * looks.n_colors
    colors = _by_group(looks.dealt[looks.look], cell, looks.n_groups, n_cells)
    return Wardrobe(
        kinds=bits.astype(np.float64),
        looks=without_each(counted),
        garments=without_each(counted @ bits),
        colors=without_each(colors).reshape(-1, _N_CLASSES, looks.n_colors),
    )


def met_in_looks(looks: Looks) -> Meetings:
    """Colors that meet in a look; one with itself where two garments show it."""
    shown, times = np.unique(looks.look * looks.n_colors + looks.color, return_counts=True)
    look, color = np.divmod(shown, looks.n_colors)
    met = _met(look, color, looks.n_colors)
    is_twice = times > 1
    return Meetings(
        place=np.concatenate([met.place, look[is_twice]]),
        code=np.concatenate([met.code, color[is_twice] * (looks.n_colors + 1)]),
    )


def met_in_garments(looks: Looks) -> Meetings:
    """Colors that meet in one garment."""
    return _met(looks.look * _N_CLASSES + looks.garment, looks.color, looks.n_colors)


def _met(place: IntArray, color: IntArray, n_colors: int) -> Meetings:
    """All pairs of different colors of a place; rows are distinct, sorted by place and color."""
    places, codes = [place[:0]], [color[:0]]
    for step in range(1, len(place)):
        is_same = place[step:] == place[:-step]
        if not is_same.any():
            break
        places.append(place[step:][is_same])
        codes.append((color[:-step] * n_colors + color[step:])[is_same])
    return Meetings(np.concatenate(places), np.concatenate(codes))


def looks_with(looks: Looks, color: int) -> IntArray:
    """The rows of the looks that show a color."""
    return np.unique(looks.look[looks.color == color])


def count_looks(looks: Looks, met: Meetings, pairs: Pairs) -> FloatArray:
    """Looks in which each pair meets: all, and without each group; shape (1 + groups, p)."""
    is_asked, row = _rows_of(met, pairs, looks.n_colors)
    dealt = looks.dealt[met.place[is_asked]]
    return without_each(_by_group(dealt, row, looks.n_groups, len(pairs)))


def count_garments(looks: Looks, met: Meetings, pairs: Pairs) -> FloatArray:
    """Garments in which each pair meets, by class; shape (1 + groups, classes, p)."""
    is_asked, row = _rows_of(met, pairs, looks.n_colors)
    look, garment = np.divmod(met.place[is_asked], _N_CLASSES)
    cell, n_cells = garment * len(pairs) + row, _N_CLASSES * len(pairs)
    counted = _by_group(looks.dealt[look], cell, looks.n_groups, n_cells)
    return without_each(counted).reshape(-1, _N_CLASSES, len(pairs))


def _rows_of(met: Meetings, pairs: Pairs, n_colors: int) -> tuple[NDArray[np.bool_], IntArray]:
    """Which meetings are of the pairs, and of which one each of those is."""
    low, high = np.minimum(pairs.color, pairs.other), np.maximum(pairs.color, pairs.other)
    code = low * n_colors + high
    order = np.argsort(code)
    place = np.searchsorted(code[order], met.code).clip(max=max(len(code) - 1, 0))
    is_asked = code[order][place] == met.code if len(code) else np.zeros(len(place), bool)
    return is_asked, order[place[is_asked]] if len(code) else place[:0]


def meeting_sources(looks: Looks, met: Meetings, pairs: Pairs, base: IntArray) -> pl.DataFrame:
    """Whose looks show each pair.

    Args:
        looks: Of one group.
        met: In its looks.
        pairs: That are asked for.
        base: Rows of the looks that shares are of.

    Returns:
        `_color` (the row of a pair; null for looks of `base` that show none), `_source` and
        `_value`: looks of the source.
    """
    is_asked, row = _rows_of(met, pairs, looks.n_colors)
    shown = met.place[is_asked]
    others = np.setdiff1d(base, shown)
    source = looks.source[np.concatenate([shown, others])]
    pair = pl.Series(row, dtype=pl.Int64).extend_constant(None, len(others))
    found = pl.DataFrame({"_color": pair, "_source": source})
    counted = found.group_by("_color", "_source").agg(_value=pl.len().cast(pl.Int64))
    return counted.sort("_color", "_source")


def _by_group(dealt: IntArray, cell: IntArray, n_groups: int, n_cells: int) -> FloatArray:
    counted = np.bincount(dealt * n_cells + cell, minlength=n_groups * n_cells)
    return counted.reshape(n_groups, n_cells).astype(np.float64)
