"""The dominant colors of a garment: weighted k-means in CIELAB, shades of one dye joined.

A photo shows cloth lit and in shade, with highlights, noise and blends at its edges. What is asked
is the color of the cloth. So the pixels that show it (`counts.py`) are clustered by color; clusters
that are one dye under more and less light become one color; and each pixel of the garment, a blend
too, counts for the area of the color that is nearest.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.cluster import KMeans
from threadpoolctl import ThreadpoolController

from trendcolor.color.adaptation import adapt_to_d65
from trendcolor.color.counts import ColorCounts
from trendcolor.color.illuminant import Illuminant
from trendcolor.color.spaces import FloatArray, Mask, decoded, lab_to_linear, linear_to_lab
from trendcolor.config import ColorConfig
from trendcolor.errors import NoPixelsError, ShapeError

Labels = NDArray[np.int64]  # a cluster or a dye for each cell

# Lightness counts less than hue while clustering, because shading moves it.
_LIGHTNESS_WEIGHT = 0.6
_START_CLUSTERS = 10
# A color whose part of the votes is less than this times its part of the area is a blend.
_BLEND = 0.5
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


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Cells of colors, with the pixels that each stands for."""

    lab: FloatArray  # (m, 3), CIE L*a*b*, D65
    count: FloatArray  # (m,), pixels

    @property
    def points(self) -> FloatArray:
        """Where the cells lie for clustering, shape (m, 3)."""
        return np.asarray(self.lab * np.array([_LIGHTNESS_WEIGHT, 1, 1]))


def dominant_colors(counts: ColorCounts, light: Illuminant, config: ColorConfig) -> Palette:
    """Find the colors of the cloth that cover most of a garment.

    K-means in CIE L*a*b*, where distance is close to perceived difference, on a histogram, which
    is as accurate as on all pixels and much faster.

    Args:
        counts: The garment's pixels by color. Not modified.
        light: What they are seen under; they are corrected if it is applied.
        config: How many colors at most, the smallest share, and the seed.

    Returns:
        At most `config.n_colors` colors under D65; fewer where the garment has fewer.

    Raises:
        NoPixelsError: nothing was counted.

    Guarantees, each held by tests/test_color_palette.py:
        Shares are positive, sum to 1 and fall. The order of the pixels, their repetition and the
        number of threads have no effect.
    """
    if not counts.votes.any():
        raise NoPixelsError("garment shows 0 pixels, needs at least 1")
    lab = linear_to_lab(adapt_to_d65(decoded(counts.rgb / 255), light))
    is_voting = counts.votes > 0
    cells = _Cells(lab[is_voting], counts.votes[is_voting])
    every = _Cells(lab, counts.area)
    labels = _clusters(cells, config.seed)
    centers = _Cells(_centers(cells, labels), np.bincount(labels).astype(np.float64))
    dyes = _joined(cells, labels)
    votes = np.bincount(dyes[labels], weights=cells.count)
    area = np.bincount(dyes[_nearest(every, centers)], weights=every.count, minlength=len(votes))
    keep = _kept(votes / votes.sum(), area / area.sum(), config.min_share)
    left = np.flatnonzero(keep[dyes])  # clusters of the dyes that are kept
    nearest = dyes[left][_nearest(every, _Cells(centers.lab[left], centers.count[left]))]
    share = np.bincount(nearest, weights=every.count, minlength=len(votes))[keep]
    colors = np.array([_lit_color(cells, dyes[labels] == i) for i in np.flatnonzero(keep)])
    order = np.lexsort([*colors.T, -share])[: config.n_colors]
    return Palette(lab=colors[order], share=share[order] / share[order].sum())


def _nearest(cells: _Cells, centers: _Cells) -> NDArray[np.intp]:
    """The number of the nearest center for each cell."""
    distance = np.stack([((cells.points - one) ** 2).sum(axis=1) for one in centers.points])
    return np.asarray(distance.argmin(axis=0))


def _kept(votes: FloatArray, area: FloatArray, least: float) -> Mask:
    """Which dyes are colors of the cloth: large enough, and not only blends of others."""
    keep = (votes >= least) & (area >= least) & (votes >= _BLEND * area)
    keep[np.argmax(votes)] = True
    return np.asarray(keep)


def _clusters(cells: _Cells, seed: int) -> Labels:
    """A cluster for each cell, more clusters than there will be colors."""
    points = cells.points
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


def _joined(cells: _Cells, labels: Labels) -> Labels:
    """The dye of each cluster: those that are one dye under more and less light share a number."""
    dyes = np.arange(labels.max() + 1)
    while True:
        members = dyes[labels]
        centers = _centers(cells, members)
        for i, j in _same_chromaticity(centers):
            if not _has_valley(cells, members, centers, (i, j)):
                dyes = np.where(dyes == j, i, dyes)
                dyes = np.unique(dyes, return_inverse=True)[1]
                break
        else:
            return dyes


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
