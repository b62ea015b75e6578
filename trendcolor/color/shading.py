"""Which clusters of colors are one dye under more and less light."""

import numpy as np
from scipy import ndimage

from trendcolor.color.clusters import Labels
from trendcolor.color.spaces import FloatArray, lab_to_linear, linear_to_lab

# Chromaticity of one dye in light and shade: apart by at most this, in a*b* at equal lightness.
_DYE_CHROMA = 6.0
_DYE_CHROMA_SLOPE = 0.12
# More where it is dark, below L* 20: there a step of 8 bits and the sensor's noise are that large.
_DARK_CHROMA, _DARK = 6.0, 20.0
# Two shades are two dyes where lightness between them is rarer than this part of the rarer one.
_VALLEY = 0.2
# Lightness is counted in steps of so many units.
_STEP, _N_STEPS = 2.0, 52


def join_shades(lab: FloatArray, count: FloatArray, labels: Labels) -> Labels:
    """The dye of each cluster: those that are one dye under more and less light share a number.

    Args:
        lab: Colors, shape (m, 3), CIE L*a*b*, D65. Not modified.
        count: Pixels that each stands for, shape (m,). Not modified.
        labels: The cluster of each, k of them, shape (m,). Not modified.

    Returns:
        Numbers from 0, shape (k,).
    """
    centers, pixels = cluster_centers(lab, count, labels), np.bincount(labels, weights=count)
    density = _lightness_density(lab, count, labels)
    is_same = _is_same_chromaticity(centers[:, None], centers)
    np.fill_diagonal(is_same, False)
    dyes = np.arange(len(centers))
    while True:
        i, j = np.nonzero(np.triu(is_same))
        for n in np.argsort(np.abs(centers[i, 0] - centers[j, 0]), kind="stable"):
            one, other = i[n], j[n]
            if _has_valley(density[one] + density[other], *sorted(centers[[one, other], 0])):
                continue
            both = pixels[one] + pixels[other]
            centers[one] += (centers[other] - centers[one]) * (pixels[other] / both)
            pixels[one] = both
            density[one] += density[other]
            dyes[dyes == other] = one
            is_same[one] = is_same[:, one] = _is_same_chromaticity(centers[one], centers)
            is_same[dyes != np.arange(len(dyes))] = is_same[:, dyes != np.arange(len(dyes))] = False
            is_same[one, one] = False
            break
        else:
            return np.asarray(np.unique(dyes, return_inverse=True)[1])


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
        ndimage.gaussian_filter1d(density.reshape(-1, _N_STEPS), 1.0, axis=1, mode="constant")
    )


def _is_same_chromaticity(one: FloatArray, other: FloatArray) -> FloatArray:
    """Whether colors differ in the amount of light only.

    The lighter color is dimmed in linear light to the luminance of the darker one; there a* and
    b* are compared, so that the noise of dark pixels counts for as little as it is seen.
    """
    one, other = np.broadcast_arrays(one, other)
    is_darker = one[..., :1] <= other[..., :1]
    darker, lighter = np.where(is_darker, one, other), np.where(is_darker, other, one)
    dimming = _luminance(darker[..., 0]) / np.maximum(_luminance(lighter[..., 0]), 1e-9)
    dimmed = linear_to_lab(lab_to_linear(lighter) * dimming[..., None])
    apart = np.hypot(dimmed[..., 1] - darker[..., 1], dimmed[..., 2] - darker[..., 2])
    chroma = np.hypot(darker[..., 1], darker[..., 2])
    darkness = np.clip(1 - darker[..., 0] / _DARK, 0, 1)
    limit = _DYE_CHROMA + _DYE_CHROMA_SLOPE * chroma + _DARK_CHROMA * darkness
    return np.asarray(apart <= limit)


def _luminance(lightness: FloatArray) -> FloatArray:
    """L* as relative luminance Y in 0..1 (CIE 15:2018)."""
    f = (lightness + 16) / 116
    return np.where(f > 6 / 29, f**3, (f - 4 / 29) * 3 * (6 / 29) ** 2)


def _has_valley(density: FloatArray, darker: float, lighter: float) -> bool:
    """Whether few pixels lie between two lightnesses: two dyes, not a shading."""
    low, high = int(darker / _STEP), int(lighter / _STEP)
    if high - low < 2:
        return False
    peak = min(density[max(low - 1, 0) : low + 2].max(), density[high - 1 : high + 2].max())
    return bool(density[low : high + 1].min() < _VALLEY * peak)
