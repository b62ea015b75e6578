"""The dominant colors of a garment: weighted k-means in CIELAB, shades of one dye joined.

A photo shows cloth lit and in shade, with highlights, noise and blends at its edges. What is asked
is the color of the cloth. So the pixels that show it (`counts.py`) are clustered by color; clusters
that are one dye under more and less light become one color; and each pixel of the garment, a blend
too, counts for the area of the color that is nearest.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.adaptation import adapt_to_d65
from trendcolor.color.clusters import Labels, cluster, nearest
from trendcolor.color.counts import ColorCounts
from trendcolor.color.illuminant import Illuminant
from trendcolor.color.shading import cluster_centers, join_clusters
from trendcolor.color.spaces import FloatArray, Mask, color_difference, decoded, linear_to_lab
from trendcolor.config import ColorConfig
from trendcolor.errors import NoPixelsError, ShapeError

# Lightness counts less than hue while clustering, because shading moves it.
_CLUSTER_WEIGHTS = np.array([0.6, 1.0, 1.0])
_START_CLUSTERS = 10
# A color that is less likely than this to be one of the cloth is dropped.
_LIKELY = 0.5
# A color whose part of the votes is less than this times its part of the area is a blend.
_BLEND = 0.5
# A dye is seen at these quantiles of its lightness: above its shadows, below its highlights.
_LIT = (0.7, 0.95)
# What makes a color certain: a constant, and the weights of the logarithm of its share, of its part
# of the votes over its part of the area, and of its distance (CIEDE2000, at most the last number)
# to larger colors. Fitted on 706 colors of 300 made-up photos; `benchmarks/color.py` checks it on
# others.
_CERTAIN, _FAR_APART = np.array([-4.58, 1.64, 6.70, 0.218]), 40.0
# One garment's palette in a record: weights of 8 bits.
WEIGHT_SUM = 255


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """The dominant colors of one garment, largest share first."""

    lab: FloatArray  # (k, 3), CIE L*a*b*, D65
    share: FloatArray  # (k,), fraction of the garment's pixels, sums to 1
    spread: FloatArray  # (k,), standard deviation of its pixels in CIELAB, shading included
    confidence: FloatArray  # (k,), how likely it is a color of the cloth, 0..1


EMPTY_PALETTE = Palette(np.empty((0, 3)), np.empty(0), np.empty(0), np.empty(0))


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Cells of colors, with the pixels that each stands for."""

    lab: FloatArray  # (m, 3), CIE L*a*b*, D65
    count: FloatArray  # (m,), pixels


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
    points = lab * _CLUSTER_WEIGHTS
    labels = cluster(points[is_voting], cells.count, _START_CLUSTERS, config.seed)
    centers = cluster_centers(cells.lab, cells.count, labels)
    dyes = join_clusters(cells.lab, cells.count, labels, centers)
    centers *= _CLUSTER_WEIGHTS
    dye = dyes[labels]
    votes = np.bincount(dye, weights=cells.count / cells.count.sum())
    share = _shares(nearest(points, centers, dyes >= 0), dyes, counts.area)
    keep = (votes >= config.min_share) & (share >= config.min_share) & (votes >= _BLEND * share)
    keep[np.argmax(votes)] = True
    clear = votes / np.maximum(share, votes.min())
    color = _lit_colors(cells, dye)
    for _ in range(2):  # colors that are probably none fall to the others, and are gone
        left = np.flatnonzero(keep)
        share = _shares(nearest(points, centers, keep[dyes]), dyes, counts.area)[left]
        left = left[np.lexsort([*color[left].T, -share])][: config.n_colors]
        share = -np.sort(-share)[: config.n_colors]
        share /= share.sum()
        confidence = _confidence(color[left], share, clear[left])
        keep[left[1:]] = confidence[1:] >= _LIKELY
        if keep[left].all():
            break
    spread = np.array([_spread(cells, dye == i) for i in left])
    return Palette(lab=color[left], share=share, spread=spread, confidence=confidence)


def _shares(cluster: Labels, dyes: Labels, area: FloatArray) -> FloatArray:
    """The fraction of the area that is each dye's, of cells by cluster, shape (n dyes,)."""
    share = np.bincount(dyes[cluster], weights=area, minlength=dyes.max() + 1)
    return np.asarray(share / area.sum())


def _lit_colors(cells: _Cells, dye: Labels) -> FloatArray:
    """The color of each dye where it is well lit, shape (n dyes, 3).

    All dyes at once: pixels are whole numbers, so that no order of adding them is seen.
    """
    order = np.lexsort((cells.lab[:, 0], dye))
    lab, count, dye = cells.lab[order], cells.count[order], dye[order]
    pixels = np.bincount(dye, weights=count)
    upper = (np.cumsum(count) - (np.cumsum(pixels) - pixels)[dye]) / pixels[dye]
    lower = upper - count / pixels[dye]
    inside = np.maximum(np.minimum(upper, _LIT[1]) - np.maximum(lower, _LIT[0]), 0)
    sums = [np.bincount(dye, weights=channel * inside) for channel in lab.T]
    bounds = np.searchsorted(dye, np.arange(len(pixels) + 1))
    whole = [inside[one:end].sum() for one, end in pairwise(bounds)]
    return np.asarray(np.stack(sums, axis=1) / np.array(whole)[:, None])


def _spread(cells: _Cells, member: Mask) -> float:
    """The standard deviation of a dye's pixels in CIELAB."""
    lab, count = cells.lab[member], cells.count[member]
    apart = lab - count @ lab / count.sum()
    return float(np.sqrt(count @ (apart * apart).sum(axis=1) / count.sum()))


def _confidence(lab: FloatArray, share: FloatArray, clear: FloatArray) -> FloatArray:
    """How likely each color is one of the cloth, and not a shade, a blend or a bleed of others.

    A logistic regression on what tells them: the share, the part of the votes over the part of
    the area, and the distance to the nearest color of a larger share.
    """
    away = np.full(len(lab), _FAR_APART)
    if len(lab) > 1:
        one, other, starts = _pairs(len(lab))
        apart = color_difference(lab[one], lab[other])
        away[1:] = np.minimum(np.minimum.reduceat(apart, starts), _FAR_APART)
    logit = _CERTAIN @ [np.ones(len(lab)), np.log(share), clear, away]
    return np.asarray(1 / (1 + np.exp(-logit)))


@cache
def _pairs(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Each color with each before it: the one, the other, and where a color's pairs start."""
    one, other = np.tril_indices(n, -1)
    return one, other, np.flatnonzero(other == 0)


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
    if len(share) < 2:
        return np.full(len(share), WEIGHT_SUM, np.int16)
    exact = share / share.sum() * (WEIGHT_SUM - len(share))
    weights = np.floor(exact).astype(np.int64)
    missing = WEIGHT_SUM - len(share) - int(weights.sum())
    weights[np.argsort(weights - exact, kind="stable")[:missing]] += 1
    return np.asarray(weights + 1, np.int16)
