"""The dominant colors of a garment: weighted k-means in CIELAB, shades of one dye joined.

A photo shows cloth lit and in shade, with highlights, noise and blends at its edges. What is asked
is the color of the cloth. So only pixels away from the mask's edge and on smooth ground are read;
they are counted on a CIELAB grid whose cells keep their mean color; the cells are clustered; and
clusters that are one dye under more and less light become one color.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.cluster import KMeans
from threadpoolctl import ThreadpoolController

from trendcolor.color.spaces import (
    FloatArray,
    Mask,
    Rgb8,
    check_shape,
    lab_to_linear,
    linear_to_lab,
)
from trendcolor.config import ColorConfig
from trendcolor.errors import NoPixelsError, ShapeError

Labels = NDArray[np.int64]  # a cluster for each cell

# Cells of the CIELAB grid: 32 steps of lightness, 64 of a* and of b* (-128..128).
_CELL = (3.125, 4.0, 4.0)
_ORIGIN = (0, 32, 32)
_CELLS = (33, 64, 64)
# Colors are summed as whole multiples of this, so that the sum has no order.
_STEP = 1 / 128
# Lightness counts less than hue while clustering, because shading moves it.
_LIGHTNESS_WEIGHT = 0.6
_START_CLUSTERS = 10
# Which part of the pixels of a garment, the smoothest first, is read.
_SMOOTH = 0.85
# Chromaticity of one dye in light and shade: apart by at most this, in a*b* at equal lightness.
_DYE_CHROMA = 6.0
_DYE_CHROMA_SLOPE = 0.12
# More where it is dark, below L* 20: there a step of 8 bits and the sensor's noise are that large.
_DARK_CHROMA, _DARK = 6.0, 20.0
# Two shades are two dyes where lightness between them is rarer than this part of the rarer one.
_VALLEY = 0.2
# A dye is seen at these quantiles of its lightness: above its shadows, below its highlights.
_LIT = (0.6, 0.95)
# One garment's palette in a record: weights of 8 bits.
WEIGHT_SUM = 255


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """The dominant colors of one garment, largest share first."""

    lab: FloatArray  # (k, 3), CIE L*a*b*, D65
    share: FloatArray  # (k,), fraction of the garment's pixels, sums to 1


EMPTY_PALETTE = Palette(lab=np.empty((0, 3)), share=np.empty(0))


def readable_pixels(rgb8: Rgb8, mask: Mask, config: ColorConfig) -> Mask:
    """Which pixels of a mask show the color of the cloth.

    The mask is eroded by `config.erode` pixels, less where nothing (or too little) would remain;
    of what is left the smoother part is taken, since folds and pattern edges blend colors.

    Args:
        rgb8: The photo, shape (h, w, 3), 8-bit sRGB. Not modified.
        mask: The garment, shape (h, w). Not modified.
        config: How many pixels come off the edge.

    Returns:
        A part of `mask`, empty only where `mask` is.

    Raises:
        ShapeError: the photo or the mask has another shape.

    Guarantees, each held by tests/test_color_palette.py:
        Never a pixel outside `mask`; never empty for a mask that isn't.
    """
    check_shape("rgb8", rgb8)
    if rgb8.shape[:2] != mask.shape:
        raise ShapeError(f"mask has shape {mask.shape}, wanted {rgb8.shape[:2]} as the photo")
    readable = np.zeros_like(mask)
    if not mask.any():
        return readable
    box = _bounding_box(mask)
    inner = _eroded(mask[box], config.erode)
    roughness = _roughness(rgb8[box], mask[box])
    values = roughness[inner]
    middle = int(_SMOOTH * (len(values) - 1))
    readable[box] = inner & (roughness <= np.partition(values, middle)[middle])
    return readable


def _bounding_box(mask: Mask) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _eroded(mask: Mask, pixels: int) -> Mask:
    """The mask less its edge, as much of `pixels` as leaves a fifth of a thin garment."""
    inner = mask
    for _ in range(pixels):
        smaller = _without_edge(inner)
        if 5 * np.count_nonzero(smaller) < np.count_nonzero(mask):
            return inner
        inner = smaller
    return inner


def _without_edge(mask: Mask) -> Mask:
    """The pixels whose four neighbors are all in the mask; none lies on the array's border."""
    inner = np.zeros_like(mask)
    inner[1:-1, 1:-1] = (
        mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    )
    return inner


def _roughness(rgb8: Rgb8, mask: Mask) -> NDArray[np.int16]:
    """The largest step of any channel from a pixel to its four neighbors in the mask, (h, w).

    What lies beside a garment has no say in which of its pixels are read.
    """
    roughness = np.zeros(rgb8.shape[:2], np.int16)
    is_down, is_right = mask[1:] & mask[:-1], mask[:, 1:] & mask[:, :-1]
    for channel in np.moveaxis(rgb8, 2, 0):
        values = channel.astype(np.int16)
        down = np.abs(np.diff(values, axis=0)) * is_down
        right = np.abs(np.diff(values, axis=1)) * is_right
        for part, step in (
            (roughness[1:], down),
            (roughness[:-1], down),
            (roughness[:, 1:], right),
            (roughness[:, :-1], right),
        ):
            np.maximum(part, step, out=part)
    return roughness


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """The occupied cells of the CIELAB grid, in the grid's order."""

    lab: FloatArray  # (m, 3), mean color of the cell's pixels
    count: FloatArray  # (m,), pixels


def dominant_colors(lab: FloatArray, config: ColorConfig) -> Palette:
    """Find the colors of the cloth that cover most of a garment.

    K-means in CIE L*a*b*, where distance is close to perceived difference, on a histogram, which
    is as accurate as on all pixels and much faster.

    Args:
        lab: Pixels, shape (n, 3), CIE L*a*b* under D65, L* in 0..100. Not modified.
        config: How many colors at most, the smallest share, and the seed.

    Returns:
        At most `config.n_colors` colors; fewer where the pixels have fewer.

    Raises:
        ShapeError: `lab` is not (n, 3).
        NoPixelsError: there are no pixels.

    Guarantees, each held by tests/test_color_palette.py:
        Shares are positive, sum to 1 and fall. The order of the pixels, their repetition and the
        number of threads have no effect.
    """
    if lab.ndim != 2 or lab.shape[1] != 3:
        raise ShapeError(f"lab has shape {lab.shape}, wanted (n, 3)")
    if not len(lab):
        raise NoPixelsError("garment shows 0 pixels, needs at least 1")
    cells = _count_cells(lab)
    labels = _joined(cells, _clusters(cells, config.seed))
    share = np.bincount(labels, weights=cells.count) / cells.count.sum()
    keep = np.flatnonzero(share >= min(config.min_share, share.max()))
    colors = np.array([_lit_color(cells, labels == i) for i in keep])
    order = np.lexsort([*colors.T, -share[keep]])[: config.n_colors]
    share = share[keep][order]
    return Palette(lab=colors[order], share=share / share.sum())


def _count_cells(lab: FloatArray) -> _Cells:
    """Count pixels on the grid; whole numbers throughout, so that no order of adding is seen."""
    flat = np.zeros(len(lab), np.intp)
    for channel, width, origin, n in zip(lab.T, _CELL, _ORIGIN, _CELLS, strict=True):
        index = (channel * (1 / width) + origin).astype(np.intp)
        flat = flat * n + np.clip(index, 0, n - 1)
    count = np.bincount(flat, minlength=int(np.prod(_CELLS)))
    occupied = np.flatnonzero(count)
    steps = [np.rint(channel * (1 / _STEP)) for channel in lab.T]
    sums = [np.bincount(flat, weights=channel)[occupied] for channel in steps]
    return _Cells(
        lab=np.stack(sums, axis=1) / count[occupied, None] * _STEP,
        count=count[occupied].astype(np.float64),
    )


def _clusters(cells: _Cells, seed: int) -> Labels:
    """A cluster for each cell, more clusters than there will be colors."""
    points = cells.lab * np.array([_LIGHTNESS_WEIGHT, 1, 1])
    start = _spread_out(points, cells.count, _START_CLUSTERS)
    if len(start) == len(points):
        return np.arange(len(points))
    with _threads().limit(limits=1):
        kmeans = KMeans(n_clusters=len(start), init=points[start], n_init=1, random_state=seed)
        labels: Labels = kmeans.fit_predict(points, sample_weight=cells.count)
    return np.unique(labels, return_inverse=True)[1]


@cache
def _threads() -> ThreadpoolController:
    """The libraries' threads; finding them takes milliseconds, so it is done once."""
    return ThreadpoolController()


def _spread_out(points: FloatArray, count: FloatArray, n: int) -> NDArray[np.int64]:
    """Where k-means starts: the fullest cell, then always the one that costs most as it is.

    K-means++ without its dice: cost is squared distance to the nearest start times pixels.
    """
    chosen = [int(np.argmax(count))]
    distance = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < n:
        nearest = int(np.argmax(distance * count))
        if distance[nearest] == 0:
            break
        chosen.append(nearest)
        distance = np.minimum(distance, ((points - points[nearest]) ** 2).sum(axis=1))
    return np.array(chosen)


def _joined(cells: _Cells, labels: Labels) -> NDArray[np.int64]:
    """Clusters that are one dye under more and less light get one label, nearest pairs first."""
    labels = labels.copy()
    while True:
        centers = _centers(cells, labels)
        pairs = _same_chromaticity(centers)
        for i, j in pairs:
            if not _has_valley(cells, labels, centers, (i, j)):
                labels[labels == j] = i
                labels = np.unique(labels, return_inverse=True)[1]
                break
        else:
            return labels


def _centers(cells: _Cells, labels: Labels) -> FloatArray:
    count = np.bincount(labels, weights=cells.count)
    sums = [np.bincount(labels, weights=cells.count * channel) for channel in cells.lab.T]
    return np.stack(sums, axis=1) / count[:, None]


def _same_chromaticity(centers: FloatArray) -> list[tuple[int, int]]:
    """Pairs of colors that differ in the amount of light only, nearest lightness first.

    The lighter color is dimmed in linear light to the luminance of the darker one; there a* and
    b* are compared, so that the noise of dark pixels counts for as little as it is seen.
    """
    i, j = np.triu_indices(len(centers), 1)
    darker = np.where(centers[i, 0] <= centers[j, 0], i, j)
    lighter = i + j - darker
    luminance = _luminance(centers[:, 0])
    dimming = luminance[darker] / np.maximum(luminance[lighter], 1e-9)
    dimmed = linear_to_lab(lab_to_linear(centers[lighter]) * dimming[:, None])
    apart = np.hypot(*(dimmed - centers[darker])[:, 1:].T)
    chroma = np.hypot(*centers[darker, 1:].T)
    darkness = np.clip(1 - centers[darker, 0] / _DARK, 0, 1)
    limit = _DYE_CHROMA + _DYE_CHROMA_SLOPE * chroma + _DARK_CHROMA * darkness
    same = np.flatnonzero(apart <= limit)
    order = same[np.argsort(np.abs(centers[i, 0] - centers[j, 0])[same], kind="stable")]
    return [(int(i[n]), int(j[n])) for n in order]


def _luminance(lightness: FloatArray) -> FloatArray:
    """L* as relative luminance Y in 0..1 (CIE 15:2018)."""
    f = (lightness + 16) / 116
    return np.where(f > 6 / 29, f**3, (f - 4 / 29) * 3 * (6 / 29) ** 2)


def _has_valley(cells: _Cells, labels: Labels, centers: FloatArray, pair: tuple[int, int]) -> bool:
    """Whether few pixels lie between the lightnesses of two clusters: two dyes, not a shading."""
    member = (labels == pair[0]) | (labels == pair[1])
    lightness, count = cells.lab[member, 0], cells.count[member]
    density = np.bincount((lightness / 2).astype(int), weights=count, minlength=52)
    density = ndimage.gaussian_filter1d(density, 1.0, mode="constant")
    low, high = sorted(int(centers[i, 0] / 2) for i in pair)
    if high - low < 2:
        return False
    peak = min(density[max(low - 1, 0) : low + 2].max(), density[high - 1 : high + 2].max())
    return bool(density[low : high + 1].min() < _VALLEY * peak)


def _lit_color(cells: _Cells, member: Mask) -> FloatArray:
    """The color of a dye where it is well lit."""
    lab, count = cells.lab[member], cells.count[member]
    order = np.argsort(lab[:, 0], kind="stable")
    upper = np.cumsum(count[order]) / count.sum()
    lower = upper - count[order] / count.sum()
    inside = np.clip(np.minimum(upper, _LIT[1]) - np.maximum(lower, _LIT[0]), 0, None)
    return np.asarray((lab[order] * inside[:, None]).sum(axis=0) / inside.sum())


def integer_weights(share: FloatArray) -> NDArray[np.int16]:
    """Shares as whole numbers that sum to 255, by largest remainder; each at least 1.

    Args:
        share: Shape (k,), positive, falling, sums to 1; k at most 255. Not modified.

    Raises:
        ShapeError: there are more than 255 shares.

    Guarantees, each held by tests/test_color_palette.py:
        They sum to 255 (or to 0 where there is no share), each is at least 1 and they fall.
    """
    if len(share) > WEIGHT_SUM:
        raise ShapeError(f"{len(share)} shares don't fit into weights that sum to {WEIGHT_SUM}")
    if not len(share):
        return np.empty(0, np.int16)
    exact = share / share.sum() * (WEIGHT_SUM - len(share))
    weights = np.floor(exact).astype(np.int64)
    missing = WEIGHT_SUM - len(share) - int(weights.sum())
    weights[np.argsort(weights - exact, kind="stable")[:missing]] += 1
    return np.asarray(weights + 1, np.int16)
