"""The color that garments gather around most densely, and how sure it is.

Density is a sum of kernels in DIN99o, where distance is close to CIEDE2000. Garments within
`BANDWIDTH` of the mode make it, the near more than the far, and those beyond have no say: other
shades, highlights, mistakes. `benchmarks/signature.py` compares the estimator with others.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from trendcolor.color.spaces import (
    FloatArray,
    Mask,
    Rgb8,
    color_difference,
    lab_to_din99o,
    lab_to_srgb,
    srgb_to_lab,
)

# Reach of the kernel, DIN99o. Below 6 the mode of twenty garments jumps from shade to shade, from
# 10 on it leans to a shade close by (benchmarks/signature.py).
BANDWIDTH = 7.0
# Colors are pooled to cells this wide before density is taken, each at the mean of its garments: a
# fifth of the bandwidth, so that the mode moves by less than 0.1.
_CELL = 1.5
_MOST_CELLS = 1 << 10  # along an axis, far more than CIELAB has
_STEPS, _STILL = 200, 1e-4  # of the way uphill: most steps, and the step that ends it
_EQUAL = 1e-9  # densities that differ by less than this part count as equal

# The radius: fewest sources that it is told for, resamples, sources drawn one by one (more are
# dealt into so many groups, which are drawn whole), and the seed of the draws.
FEWEST_SOURCES = 10
CERTAINTY = 0.95
_RESAMPLES, _MOST_DRAWN, _SEED = 200, 500, 0


@dataclass(frozen=True, slots=True, eq=False)
class Mode:
    """Where colors lie densest."""

    lab: FloatArray  # (3,), CIE L*a*b*, D65: the mean of the colors that carry it, the near more
    place: FloatArray  # (3,), DIN99o: where the density is largest


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Colors pooled, darkest cell first."""

    lab: FloatArray  # (m, 3), mean of the cell's garments
    place: FloatArray  # (m, 3), the same in DIN99o
    weight: FloatArray  # (m,)
    of: NDArray[np.int64]  # (n,), the cell of each color


def mode(lab: FloatArray, weight: FloatArray) -> Mode:
    """The mode of colors.

    The cell of largest density is the start, and mean shift goes uphill from there. Of two places
    that are equally dense the darker one is taken, then the greener, then the bluer.

    Args:
        lab: Colors, at least one, shape (n, 3), CIE L*a*b* under D65. Not modified.
        weight: How many garments have each, above 0, shape (n,). Not modified.

    Guarantees, each held by tests/test_analysis_modes.py:
        The order of the colors has no effect, nor has counting all of them twice, nor have fewer
        garments beyond reach of the mode. Colors that are all one give that one.
    """
    cells = _pooled(lab, weight)
    return _climb(cells, cells.weight[:, None])[0]


def carries(mode: Mode, lab: FloatArray) -> Mask:
    """Which colors, shape (n, 3), have a say in where a mode lies."""
    return np.asarray(((lab_to_din99o(lab) - mode.place) ** 2).sum(axis=-1) < BANDWIDTH**2)


def radius(lab: FloatArray, weight: FloatArray, source: NDArray[np.int64]) -> float | None:
    """How far modes of resampled garments lie from the mode.

    A bootstrap over sources: the garments of one source are drawn together, since they share a
    camera, a taste or a shop. The draws are seeded.

    Args:
        lab: Colors, shape (n, 3), CIE L*a*b* under D65; one may come several times. Not modified.
        weight: How many garments of a source have a color, above 0, shape (n,). Not modified.
        source: Whose garments they are, whole numbers from 0 on, shape (n,). Not modified.

    Returns:
        The CIEDE2000 within which `CERTAINTY` of the resampled modes lie; None below
        `FEWEST_SOURCES` sources, where resamples tell too little.

    Guarantees, each held by tests/test_analysis_modes.py:
        The order of the rows has no effect, nor has counting each of them twice.
    """
    n_sources = len(np.unique(source))
    if n_sources < FEWEST_SOURCES:
        return None
    cells = _pooled(lab, weight)
    random = np.random.default_rng(_SEED)
    _, place = np.unique(source, return_inverse=True)
    n_drawn = min(n_sources, _MOST_DRAWN)
    dealt = random.permutation(n_sources)[place] % n_drawn
    shape = (len(cells.weight), n_drawn)
    by_drawn = sparse.coo_array((weight, (cells.of, dealt)), shape=shape).tocsr()
    draws = random.multinomial(n_drawn, np.full(n_drawn, 1 / n_drawn), size=_RESAMPLES)
    resampled = by_drawn @ draws.T.astype(np.float64)
    whole, *found = _climb(cells, np.column_stack([cells.weight, resampled]))
    distance = color_difference(np.stack([each.lab for each in found]), whole.lab)
    return float(np.quantile(distance, CERTAINTY))


def nearest_rgb8(lab: FloatArray) -> Rgb8:
    """The 8-bit sRGB color that is nearest to a color by CIEDE2000; of equals the darkest.

    Rounding each channel by itself can go 1.1 astray among blacks, where one step of one channel
    turns the hue.

    Args:
        lab: One color, shape (3,), CIE L*a*b* under D65. Not modified.

    Returns:
        Shape (3,).
    """
    steps = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    near = np.clip(lab_to_srgb(lab).astype(int) + steps, 0, 255).astype(np.uint8)
    distance = color_difference(srgb_to_lab(near).astype(np.float64), lab)
    nearest: Rgb8 = near[np.argmin(distance)]
    return nearest


def weighted_median(values: FloatArray, weight: NDArray[np.number[Any]]) -> float:
    """The value that half of the weight lies at or below.

    Args:
        values: At least one, shape (n,). Not modified.
        weight: How often each counts, shape (n,), above 0 in sum. Not modified.
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def _pooled(lab: FloatArray, weight: FloatArray) -> _Cells:
    # Sorted first: the last bits of a sum depend on its order.
    order = np.lexsort((weight, *lab.T[::-1]))
    sorted_lab, sorted_weight = lab[order].astype(np.float64), weight[order].astype(np.float64)
    cell = np.floor(lab_to_din99o(sorted_lab) / _CELL).astype(np.int64) + _MOST_CELLS // 2
    _, place = np.unique(cell @ [_MOST_CELLS**2, _MOST_CELLS, 1], return_inverse=True)
    total: FloatArray = np.bincount(place, sorted_weight).astype(np.float64)
    sums = [np.bincount(place, sorted_weight * axis) for axis in sorted_lab.T]
    mean = np.stack(sums, axis=1) / total[:, None]
    of = np.empty(len(order), np.int64)
    of[order] = place
    return _Cells(lab=mean, place=lab_to_din99o(mean), weight=total, of=of)


def _climb(cells: _Cells, weights: FloatArray) -> list[Mode]:
    """The mode of the cells under each column of weights, shape (m, k)."""
    starts = _densest(cells.place, weights)
    tree = cKDTree(cells.place)
    distinct = np.unique(starts)
    # Uphill from the densest cell is never far: what lies beyond twice the reach has no part.
    around = tree.query_ball_point(cells.place[distinct], 2 * BANDWIDTH, return_sorted=True)
    modes: dict[int, Mode] = {}
    for start, members in zip(distinct, around, strict=True):
        columns = np.flatnonzero(starts == start)
        near, weight = cells.place[members], weights[np.ix_(members, columns)]
        place = _uphill(near, weight, cells.place[start])
        share = _pull(near, place) * weight
        lab = (share.T @ cells.lab[members]) / share.sum(axis=0)[:, None]
        for i, column in enumerate(columns):
            modes[int(column)] = Mode(lab=lab[i], place=place[i])
    return [modes[column] for column in range(weights.shape[1])]


def _densest(place: FloatArray, weights: FloatArray) -> NDArray[np.int64]:
    """The cell of largest density under each column of weights: (1 - (d / BANDWIDTH)^2)^2."""
    tree = cKDTree(place)
    kernel = tree.sparse_distance_matrix(tree, BANDWIDTH, output_type="coo_matrix").tocsr()
    kernel.data = (1 - (kernel.data / BANDWIDTH) ** 2) ** 2
    density = kernel @ weights
    return np.asarray(np.argmax(density >= density.max(axis=0) * (1 - _EQUAL), axis=0))


def _uphill(near: FloatArray, weight: FloatArray, start: FloatArray) -> FloatArray:
    """Mean shift: each of k places goes to the mean of what its kernel holds, until it rests."""
    place = np.repeat(start[None], weight.shape[1], axis=0)
    for _ in range(_STEPS):
        pull = _pull(near, place) * weight
        moved = (pull.T @ near) / pull.sum(axis=0)[:, None]
        is_still = np.abs(moved - place).max() < _STILL
        place = moved
        if is_still:
            break
    return place


def _pull(near: FloatArray, place: FloatArray) -> FloatArray:
    """How much each color, shape (m, 3), pulls at each place, shape (k, 3); shape (m, k).

    The slope of the density's kernel: a step to the weighted mean never loses height.
    """
    squares = (near**2).sum(axis=1)[:, None] + (place**2).sum(axis=1) - 2 * near @ place.T
    return np.asarray(np.maximum(1 - squares / BANDWIDTH**2, 0))
