"""Which clusters of colors are one dye under more and less light."""

import numpy as np
from scipy import ndimage

from trendcolor.color.clusters import Labels, renumbered
from trendcolor.color.joining import join
from trendcolor.color.spaces import FloatArray

# Chromaticity of one dye in light and shade: apart by at most this, in a*b* at equal lightness.
_DYE_CHROMA = 6.0
_DYE_CHROMA_SLOPE = 0.12
# More where it is dark, below L* 20: there a step of 8 bits and the sensor's noise are that large.
_DARK_CHROMA, _DARK = 6.0, 20.0
# Two shades are two dyes where lightness between them is rarer than this part of the rarer one.
_VALLEY = 0.2
# Lightness is counted in steps of so many units.
_STEP, _N_STEPS = 2.0, 52
# A bell as wide as a step, by which counts are smoothed: scipy's own, made once.
_BELL = ndimage.gaussian_filter1d(np.eye(1, 9, 4)[0], 1.0, mode="constant")


def join_shades(lab: FloatArray, count: FloatArray, labels: Labels) -> Labels:
    """The dye of each cluster: those that are one dye under more and less light share a number.

    Args:
        lab: Colors, shape (m, 3), CIE L*a*b*, D65. Not modified.
        count: Pixels that each stands for, shape (m,). Not modified.
        labels: The cluster of each, k of them, shape (m,). Not modified.

    Returns:
        Numbers from 0, shape (k,).
    """
    centers = cluster_centers(lab, count, labels)
    return join_clusters(lab, count, labels, centers)


def join_clusters(
    lab: FloatArray, count: FloatArray, labels: Labels, centers: FloatArray
) -> Labels:
    """As `join_shades`, where the clusters' centers are known.

    Args:
        lab: As of `join_shades`.
        count: As of `join_shades`.
        labels: As of `join_shades`.
        centers: As `cluster_centers` gives them. Not modified.
    """
    pixels = np.bincount(labels, weights=count).astype(np.float64)
    density = _lightness_density(lab, count, labels)
    limits = (_DYE_CHROMA, _DYE_CHROMA_SLOPE, _DARK_CHROMA, _DARK)
    return renumbered(join(centers.copy(), pixels, density, _STEP, _VALLEY, limits))


def cluster_centers(lab: FloatArray, count: FloatArray, labels: Labels) -> FloatArray:
    """The mean color of each cluster, shape (k, 3); arguments as of `join_shades`."""
    pixels = np.bincount(labels, weights=count)
    sums = [np.bincount(labels, weights=count * channel) for channel in lab.T]
    return np.stack(sums, axis=1) / pixels[:, None]


def _lightness_density(lab: FloatArray, count: FloatArray, labels: Labels) -> FloatArray:
    """How many pixels of each cluster have which lightness, smoothed, shape (k, 52)."""
    step = labels * _N_STEPS + (lab[:, 0] / _STEP).astype(int).clip(0, _N_STEPS - 1)
    density = np.bincount(step, weights=count, minlength=(labels.max() + 1) * _N_STEPS)
    return np.asarray(
        ndimage.correlate1d(density.reshape(-1, _N_STEPS), _BELL, axis=1, mode="constant")
    )
