"""The 24 patches of a ColorChecker Classic: what they are, and what a photo makes of them.

Colors of the six gray patches tell the light and the exposure; the other eighteen tell whether it
is such a chart at all, and which way up.
"""

from dataclasses import dataclass

import numpy as np

from trendcolor.color.adaptation import adapt_to_d65, lab_d50_to_d65
from trendcolor.color.evidence import unclipped
from trendcolor.color.illuminant import Illuminant
from trendcolor.color.spaces import (
    FloatArray,
    Mask,
    Rgb8,
    chromaticity,
    color_difference,
    lab_to_linear,
    linear_to_lab,
    luminance,
    srgb_to_linear,
)

ROWS, COLUMNS = 4, 6
# CIE L*a*b* under D50, 2 degree observer, of charts made since November 2014, row by row from
# "dark skin": X-Rite's published figures, as colour-science 0.4.7 holds them.
_LAB_D50 = np.array(
    [
        *((37.54, 14.37, 14.92), (64.66, 19.27, 17.50), (49.32, -3.82, -22.54)),
        *((43.46, -12.74, 22.72), (54.94, 9.61, -24.79), (70.48, -32.26, -0.37)),
        *((62.73, 35.83, 56.50), (39.43, 10.75, -45.17), (50.57, 48.64, 16.67)),
        *((30.10, 22.54, -20.87), (71.77, -24.13, 58.19), (71.51, 18.24, 67.37)),
        *((28.37, 15.42, -49.80), (54.38, -39.72, 32.27), (42.43, 51.05, 28.62)),
        *((81.80, 2.67, 80.41), (50.63, 51.28, -14.12), (49.57, -29.71, -28.32)),
        *((95.19, -1.03, 2.93), (81.29, -0.57, 0.44), (66.89, -0.75, -0.06)),
        *((50.76, -0.13, 0.14), (35.63, -0.46, -0.48), (20.64, 0.07, -0.46)),
    ]
)
_GRAYS = slice(18, 24)

# Each patch is looked at in the middle of its cell, at so many points each way.
_MIDDLE, _POINTS = 0.4, 12
# A patch tells nothing if more of its points are clipped or dark.
_MOST_CLIPPED = 0.1
_LEAST_GRAYS, _LEAST_PATCHES = 3, 14


@dataclass(frozen=True, slots=True, eq=False)
class ChartReading:
    """What a photo shows where a chart is, or might be."""

    light: FloatArray  # (3,), linear sRGB that a perfect white at the chart would have
    error: float  # mean CIEDE2000 of the patches that tell something, light and exposure corrected
    correlation: float  # of their linear light with the chart's, mean of the three channels
    n_grays: int  # gray patches that tell something
    n_patches: int  # patches that do


# Reflectances under D65 as linear sRGB, shape (24, 3).
REFERENCES = lab_to_linear(lab_d50_to_d65(_LAB_D50))


def read_chart(rgb8: Rgb8, corners: FloatArray, seen: Mask | None = None) -> ChartReading | None:
    """What the patches inside four corners show, the chart turned as it fits best.

    Args:
        rgb8: The photo, shape (h, w, 3), 8-bit sRGB. Not modified.
        corners: Of the field of 4 x 6 patches, shape (4, 2), x and y in pixels, clockwise from any
            of them. Not modified.
        seen: Shape (h, w), pixels that are not transparent; None: all. Not modified.

    Returns:
        The reading in that of the four ways to turn the chart whose patches correlate best with
        the chart's; None where fewer than 3 grays or 14 patches are neither clipped nor dark.

    Guarantees, each held by tests/test_color_chart.py:
        Which corner comes first has no effect. Exposure has no effect on `error` while nothing
        is clipped.
    """
    readings = [_read(rgb8, np.roll(corners, turn, axis=0), seen) for turn in range(4)]
    return max(
        (reading for reading in readings if reading is not None),
        key=lambda reading: reading.correlation,
        default=None,
    )


def homography(points: FloatArray, images: FloatArray) -> FloatArray:
    """The projective map that takes points to their images, by least squares.

    The direct linear transformation (Hartley and Zisserman, Multiple View Geometry, 2nd ed., 4.1),
    on coordinates of about 1.

    Args:
        points: Shape (n, 2), n at least 4, no three on a line. Not modified.
        images: Shape (n, 2). Not modified.
    """
    center, scale = images.mean(axis=0), images.std() or 1.0
    (x, y), (u, v) = points.T, ((images - center) / scale).T
    zero, one = np.zeros_like(x), np.ones_like(x)
    rows = np.concatenate(
        [
            np.stack([x, y, one, zero, zero, zero, -u * x, -u * y, -u], axis=1),
            np.stack([zero, zero, zero, x, y, one, -v * x, -v * y, -v], axis=1),
        ]
    )
    normalized = np.linalg.svd(rows)[2][-1].reshape(3, 3)
    back = np.array([[scale, 0, center[0]], [0, scale, center[1]], [0, 0, 1]])
    return np.asarray(back @ normalized)


def project(matrix: FloatArray, points: FloatArray) -> FloatArray:
    """Points under a projective map, shape (..., 2)."""
    ahead = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(ahead[..., :2] / ahead[..., 2:])


def _read(rgb8: Rgb8, corners: FloatArray, seen: Mask | None) -> ChartReading | None:
    """The reading where the first corner is that of "dark skin"."""
    samples, is_seen = _samples(rgb8, corners, seen)
    is_clear = unclipped(samples) & is_seen
    tells = is_clear.mean(axis=1) >= 1 - _MOST_CLIPPED
    grays = np.flatnonzero(tells[_GRAYS]) + _GRAYS.start
    # A saturated patch may lie outside sRGB, with a channel at 0, and still tell what it is.
    shown = (samples.max(axis=2) < 250).mean(axis=1) >= 1 - _MOST_CLIPPED
    shown &= is_seen.mean(axis=1) >= 1 - _MOST_CLIPPED
    if len(grays) < _LEAST_GRAYS or np.count_nonzero(shown) < _LEAST_PATCHES:
        return None
    linear = srgb_to_linear(samples).astype(np.float64).mean(axis=1)
    # Least squares, each gray weighted by one over its reflectance, as the variance of photons is.
    light = linear[grays].sum(axis=0) / REFERENCES[grays].sum(axis=0)
    true = linear_to_lab(REFERENCES[shown])
    xy = chromaticity(light)
    measured = Illuminant(
        *xy, "known", True, *xy, confidence=1.0, exposure=1 / float(luminance(light))
    )
    error = color_difference(linear_to_lab(adapt_to_d65(linear[shown], measured)), true)
    pairs = zip(linear[shown].T, REFERENCES[shown].T, strict=True)
    return ChartReading(
        light=light,
        error=float(error.mean()),
        correlation=float(np.mean([_correlation(one, other) for one, other in pairs])),
        n_grays=len(grays),
        n_patches=int(np.count_nonzero(shown)),
    )


def _samples(rgb8: Rgb8, corners: FloatArray, seen: Mask | None) -> tuple[Rgb8, Mask]:
    """Points in the middle of each patch, shape (24, n, 3), and which lie in the photo and show."""
    square = np.array([[0, 0], [COLUMNS, 0], [COLUMNS, ROWS], [0, ROWS]], dtype=float)
    offsets = (np.linspace(-_MIDDLE, _MIDDLE, _POINTS)) / 2 + 0.5
    rows, columns, down, right = np.meshgrid(
        np.arange(ROWS), np.arange(COLUMNS), offsets, offsets, indexing="ij"
    )
    points = np.stack([columns + right, rows + down], axis=-1).reshape(ROWS * COLUMNS, -1, 2)
    x, y = np.moveaxis(project(homography(square, corners), points), -1, 0)
    height, width = rgb8.shape[:2]
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    column = np.clip(x, 0, width - 1).astype(np.intp)
    row = np.clip(y, 0, height - 1).astype(np.intp)
    if seen is not None:
        inside &= seen[row, column]
    return rgb8[row, column], inside


def _correlation(one: FloatArray, other: FloatArray) -> float:
    one, other = one - one.mean(), other - other.mean()
    length = np.linalg.norm(one) * np.linalg.norm(other)
    return float(one @ other / length) if length > 0 else 0.0
