"""The real colors of the garments of one shade, from dark to light, as a strip of patches."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.analysis.legends import Legend
from trendcolor.analysis.suppression import is_safe
from trendcolor.color.spaces import lab_to_srgb, srgb_to_lab
from trendcolor.histograms import color_key, key_to_rgb

IntArray = NDArray[np.int64]

FIELDS: Mapping[str, type[pl.DataType]] = {
    "shade": pl.String,
    "patch": pl.Int64,
    **dict.fromkeys("rgb", pl.Int64),
    "garments": pl.Int64,
}


def strips(
    records: pl.LazyFrame,
    legend: Legend,
    wanted: Sequence[str],
    *,
    n_patches: int = 24,
    source: str | None = None,
    min_cell: int = 1,
) -> pl.DataFrame:
    """What the garments of each shade look like: their main colors, in patches of equal size.

    Garments are sorted by lightness and dealt into patches of as many each; a patch has the mean
    of its garments in CIE L*a*b*.

    Args:
        records: Rows of `records.py`, of whole garments.
        legend: The shades of the run.
        wanted: Shades, `"#161418"`.
        n_patches: Of a shade at most; fewer where it has fewer garments.
        source: Whose distinct values guard each patch: patches are joined until each rests on
            `min_cell` of them, none of which makes up more than 85 %. None: they are not.
        min_cell: The fewest sources of a patch.

    Returns:
        `shade`; `patch`, from 0, dark to light; `r`, `g`, `b` (8-bit sRGB); `garments` that it
        stands for. In the order of `wanted`; a shade too few sources have has no row.

    Guarantees, each held by tests/test_analysis_strips.py:
        Each garment of a told shade is in one patch. The order of the records has no effect.
    """
    order = legend.colors.filter(pl.col("_color").is_in(list(wanted)))
    keys = legend.keys.join(order.select("_order"), on="_order", how="semi")
    named = keys.select(_key=pl.col("_key"), shade=pl.col("_color"))
    main = records.filter(pl.col("rank") == 0).select(
        _key=color_key(), _source=pl.lit("") if source is None else pl.col(source)
    )
    # As the join keeps only colors of wanted shades, it is quicker than a lookup of all colors.
    counted = main.group_by("_key", "_source").agg(n=pl.len())
    rows = counted.join(named.lazy(), on="_key").collect(engine="streaming")
    least = 0 if source is None else max(min_cell, 1)
    tables = [pl.DataFrame(schema=dict(FIELDS))]
    found = rows.partition_by("shade", as_dict=True)
    for shade in dict.fromkeys(wanted):
        if (shade,) in found:
            tables.append(_strip(shade, found[(shade,)], n_patches, least))
    return pl.concat(tables)


def _strip(shade: str, rows: pl.DataFrame, n_patches: int, least: int) -> pl.DataFrame:
    """The patches of one shade; `least` is 0 where nothing is guarded."""
    rgb8 = key_to_rgb(rows["_key"])
    lab = srgb_to_lab(rgb8).astype(np.float64)
    source = rows["_source"].rank("dense").fill_null(0).to_numpy().astype(np.int64)
    by_lightness = np.lexsort((source, rows["_key"].to_numpy(), lab[:, 0]))
    lab, source = lab[by_lightness], source[by_lightness]
    n = rows["n"].to_numpy()[by_lightness].astype(np.int64)
    # Where each row's middle garment lies along the strip.
    patch = ((np.cumsum(n) - n / 2) / n.sum() * n_patches).astype(np.int64)
    patch = _joined(patch, source, n, least)
    told: list[tuple[object, ...]] = []
    for number in np.unique(patch[patch >= 0]):
        of = patch == number
        red, green, blue = lab_to_srgb(np.average(lab[of], axis=0, weights=n[of])[None])[0]
        told.append((shade, len(told), int(red), int(green), int(blue), int(n[of].sum())))
    return pl.DataFrame(told, schema=dict(FIELDS), orient="row")


def _joined(patch: IntArray, source: IntArray, n: IntArray, least: int) -> IntArray:
    """Patches joined with those after them until each is safe; -1 where all are not together."""
    if not least:
        return patch

    def safe(of: NDArray[np.bool_]) -> bool:
        return is_safe(np.bincount(source[of], weights=n[of]).astype(np.float64), least)

    starts, first = [], int(patch[0])
    for number in np.unique(patch):
        if safe((patch >= first) & (patch <= number)):
            starts.append(first)
            first = int(number) + 1
    # What is left at the light end joins the patches before it.
    while starts and not safe(patch >= starts[-1]):
        starts.pop()
    return np.searchsorted(starts, patch, side="right").astype(np.int64) - 1
