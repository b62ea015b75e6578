"""The palette of a whole group: a few colors that stand for all that its garments show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.analysis.disclosure import hidden_colors, is_safe
from trendcolor.analysis.intervals import FloatArray
from trendcolor.analysis.modes import carries, mode, nearest_rgb8, weighted_median
from trendcolor.color.names import name_colors
from trendcolor.color.spaces import Rgb8, color_difference, srgb_to_lab
from trendcolor.errors import QueryError
from trendcolor.histograms import bin_to_lab

FIELDS: Mapping[str, type[pl.DataType]] = {
    **dict.fromkeys(("color", "name", "family"), pl.String),
    **dict.fromkeys("rgb", pl.Int64),
    **dict.fromkeys(("share", "numerator", "denominator", "spread"), pl.Float64),
}
# Colors nearer than this are the same in words: a palette lists them once. CIEDE2000.
_SAME = 5.0
_ROUNDS = 300  # of k-means at most; it rests after some 30


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The bins that one color of the palette stands for."""

    rows: NDArray[np.int64]
    rgb8: Rgb8  # (3,)
    lab: FloatArray  # (3,), of the 8-bit color
    has_say: NDArray[np.bool_]  # (rows,), bins that the color rests on


def group_palettes(
    histogram: pl.DataFrame,
    *,
    n_colors: int = 8,
    source: str | None = None,
    min_cell: int | None = None,
) -> pl.DataFrame:
    """The representative colors of each group, with what part of it they stand for.

    K-means in CIE L*a*b* on the bins of the color grid divides what the group shows. Each part is
    told by its mode, where its garments lie densest, and not by its mean, a color that perhaps
    nobody wears. Parts whose colors are within CIEDE2000 5 of each other become one.

    Args:
        histogram: The columns of a group, `bin` and `weight`, as `histogram(by=...)` gives them;
            weights may be of any unit. Rows with one bin may come several times.
        n_colors: Colors of a palette at most.
        source: The column whose values a public palette counts; it makes no groups.
        min_cell: The fewest sources that a public color rests on; None: the raw answer. A color
            is left out where it, or the bins that it is the mode of, rests on fewer, or one source
            has more than 85 %, and so are further ones until those left out together pass.

    Returns:
        The columns of a group; `color` (8-bit sRGB), its `name`, `family`, `r`, `g`, `b`; `share`:
        the part of the group's weight that it stands for, `numerator` by `denominator`;
        `spread`: the median CIEDE2000 between it and that weight, whose bins are 4 wide. Sorted by
        group, then by falling share. A group without weight has no rows.

    Raises:
        QueryError: `n_colors` is below 1, there is no bin or weight, or a column has the name of
            a column of the answer.

    Guarantees, each held by tests/test_analysis_group_palette.py:
        Raw shares of a group sum to 1. The order of the rows has no effect, nor has counting
        everything twice. Colors of a palette differ by CIEDE2000 5 and more.
    """
    by = [name for name in histogram.columns if name not in ("bin", "weight", source)]
    _check(histogram, by, n_colors, source)
    counted = (
        histogram.with_columns(_all=pl.lit(0), _source=pl.lit(0) if source is None else source)
        .filter(pl.col("weight") > 0)
        .group_by("_all", *by, "bin", "_source")
        .agg(pl.sum("weight"))
        .sort("bin", "_source")
    )
    tables = [histogram.select(by).clear().with_columns(_no_rows())]
    for group in counted.partition_by("_all", *by, maintain_order=True):
        rows = _rows(group, n_colors, min_cell)
        table = pl.DataFrame(rows, schema=dict(FIELDS), orient="row")
        tables.append(group.select(by).head(1).join(table, how="cross") if by else table)
    descending = [*(False for _ in by), True]
    order = [*by, "share"]
    return pl.concat(tables).sort(
        order, descending=descending, nulls_last=True, maintain_order=True
    )


def _no_rows() -> list[pl.Series]:
    return [pl.Series(name, [], dtype=kind) for name, kind in FIELDS.items()]


def _check(histogram: pl.DataFrame, by: Sequence[str], n_colors: int, source: str | None) -> None:
    if n_colors < 1:
        raise QueryError(f"a palette has at least 1 color, got n_colors {n_colors}")
    wanted = [name for name in ("bin", "weight", source) if name is not None]
    missing = [name for name in wanted if name not in histogram.columns]
    if missing:
        raise QueryError(f"the histogram has no column '{missing[0]}' (columns, bin, weight)")
    taken = sorted({*FIELDS} & {*by})
    if taken:
        raise QueryError(f"column '{taken[0]}' has the name of a column of the answer; rename it")


def _rows(group: pl.DataFrame, n_colors: int, min_cell: int | None) -> list[Mapping[str, object]]:
    """The palette of one group, from `bin`, `_source` and `weight`, sorted."""
    bins, row = np.unique(group["bin"].to_numpy(), return_inverse=True)
    weight = np.bincount(row, group["weight"].to_numpy()).astype(np.float64)
    lab = bin_to_lab(bins)
    parts = _distinct(_divided(lab, weight, n_colors), lab, weight)
    hidden = set() if min_cell is None else _hidden(parts, row, group, min_cell)
    total = float(weight.sum())
    names = name_colors(np.stack([part.rgb8 for part in parts]))
    found = []
    for place, part in enumerate(parts):
        mine = weight[part.rows]
        red, green, blue = (int(value) for value in part.rgb8)
        apart = color_difference(lab[part.rows], part.lab).astype(np.float64)
        found.append(
            {
                "color": f"#{red:02x}{green:02x}{blue:02x}",
                **{"name": str(names.name[place]), "family": str(names.family[place])},
                **{"r": red, "g": green, "b": blue, "share": float(mine.sum()) / total},
                **{"numerator": float(mine.sum()), "denominator": total},
                "spread": weighted_median(apart, mine),
            }
        )
    return [each for place, each in enumerate(found) if place not in hidden]


def _divided(lab: FloatArray, weight: FloatArray, n: int) -> list[NDArray[np.int64]]:
    """The bins of each of at most `n` clusters: weighted k-means (Lloyd 1982).

    It starts at the heaviest bin, then always at the one that costs most as it is. In numpy,
    since bins are few; the compiled loop of `color/clusters.py` takes longer to import.
    """
    centers = lab[[int(np.argmax(weight))]]
    while len(centers) < n:
        cost = ((lab[:, None] - centers[None]) ** 2).sum(axis=-1).min(axis=1) * weight
        if cost.max() == 0:
            break
        centers = np.concatenate([centers, lab[[int(np.argmax(cost))]]])
    nearest = np.full(len(lab), -1)
    for _ in range(_ROUNDS):
        before, nearest = nearest, ((lab[:, None] - centers[None]) ** 2).sum(axis=-1).argmin(axis=1)
        if np.array_equal(before, nearest):
            break
        sums = np.stack(
            [np.bincount(nearest, weight * axis, minlength=len(centers)) for axis in lab.T], axis=-1
        )
        total = np.bincount(nearest, weight, minlength=len(centers))[:, None]
        centers = np.where(total > 0, sums / np.where(total > 0, total, 1), centers)
    return [np.flatnonzero(nearest == place) for place in np.unique(nearest)]


def _distinct(
    clusters: list[NDArray[np.int64]], lab: FloatArray, weight: FloatArray
) -> list[_Part]:
    """A part for each cluster, those of about the same color as one."""
    parts = [_part(rows, lab, weight) for rows in clusters]
    while len(parts) > 1:
        place = np.stack([part.lab for part in parts])
        apart = color_difference(place[:, None], place[None]).astype(np.float64)
        apart[np.tril_indices(len(parts))] = np.inf
        one, other = np.unravel_index(int(np.argmin(apart)), apart.shape)
        if apart[one, other] >= _SAME:
            break
        rows = np.sort(np.concatenate([parts[one].rows, parts[other].rows]))
        parts = [part for i, part in enumerate(parts) if i not in (one, other)]
        parts.append(_part(rows, lab, weight))
    return parts


def _part(rows: NDArray[np.int64], lab: FloatArray, weight: FloatArray) -> _Part:
    densest = mode(lab[rows], weight[rows])
    rgb8 = nearest_rgb8(densest.lab)
    return _Part(rows, rgb8, srgb_to_lab(rgb8).astype(np.float64), carries(densest, lab[rows]))


def _hidden(
    parts: list[_Part], row: NDArray[np.int64], group: pl.DataFrame, min_cell: int
) -> set[object]:
    """The places of the parts that must not be told."""
    every = {*range(len(parts))}
    part_of, carrier = np.zeros(row.max() + 1, np.int64), np.zeros(row.max() + 1, np.bool_)
    for place, part in enumerate(parts):
        part_of[part.rows], carrier[part.rows] = place, part.has_say
    cells = group.select("_source", _value="weight").with_columns(
        _color=pl.Series(part_of[row]), carrier=pl.Series(carrier[row])
    )
    if not _is_told(cells, min_cell):
        return set(every)
    summed = cells.group_by("_color", "_source").agg(pl.sum("_value"))
    hidden = {*hidden_colors(summed, sorted(every), min_cell=min_cell, has_rest=False)}
    for place in every - hidden:
        if not _is_told(cells.filter(pl.col("carrier"), _color=place), min_cell):
            hidden.add(place)
    if hidden and not _is_told(cells.filter(pl.col("_color").is_in([*hidden])), min_cell):
        return set(every)
    return hidden


def _is_told(cells: pl.DataFrame, min_cell: int) -> bool:
    return is_safe(cells.group_by("_source").agg(pl.sum("_value"))["_value"].to_numpy(), min_cell)
