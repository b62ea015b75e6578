"""sRGB, linear light, CIELAB under D65, and the difference between two colors.

Photos are 8-bit sRGB, so the way to linear light is a table of 256 values. Whole photos are
converted in float32: its error is far below one 8-bit step.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trendcolor.errors import ShapeError

FloatArray = NDArray[np.floating[Any]]
Rgb8 = NDArray[np.uint8]  # (..., 3), 8-bit sRGB
Mask = NDArray[np.bool_]

# sRGB primaries to CIE XYZ (IEC 61966-2-1, as scikit-image holds them). The rows' sums are the
# white that the matrix itself gives, so that a gray of sRGB has a* = b* = 0 exactly.
RGB_TO_XYZ = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
XYZ_TO_RGB = np.linalg.inv(RGB_TO_XYZ)
WHITE_XYZ = RGB_TO_XYZ.sum(axis=1)
D65_XY = (0.3127, 0.3290)

# CIE 15:2018: where the cube root of CIELAB gives way to a line.
_EPSILON = (6 / 29) ** 3
_SLOPE = (29 / 6) ** 2 / 3
_OFFSET = 4 / 29


def check_shape(name: str, values: NDArray[Any], last: int = 3) -> None:
    """Refuse an array whose last axis does not hold one color.

    Raises:
        ShapeError: the last axis has another length than `last`.
    """
    if values.ndim == 0 or values.shape[-1] != last:
        raise ShapeError(f"{name} has shape {values.shape}, wanted (..., {last})")


def check_8_bit(name: str, values: NDArray[Any]) -> None:
    """Refuse an array that is not of 8-bit colors.

    Raises:
        ShapeError: the last axis is not 3 long, or the values are not of type uint8.
    """
    check_shape(name, values)
    if values.dtype != np.uint8:
        raise ShapeError(f"{name} is of type {values.dtype}, wanted uint8")


def apply_matrix(matrix: FloatArray, values: FloatArray) -> FloatArray:
    """A 3x3 matrix times each color, in the precision of the colors.

    Term by term and not by BLAS, whose rounding depends on how many colors come at once: the same
    pixel must give the same bytes in each crop.

    Args:
        matrix: Shape (3, 3). Not modified.
        values: Shape (..., 3). Not modified.
    """
    product = np.empty_like(values)
    first, second, third = values[..., 0], values[..., 1], values[..., 2]
    for i, (one, two, three) in enumerate(matrix.astype(values.dtype)):
        product[..., i] = one * first + two * second + three * third
    return product


def decoded(rgb: FloatArray) -> FloatArray:
    """SRGB values in 0..1 as linear light (IEC 61966-2-1)."""
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


LINEAR_OF_8_BIT = decoded(np.arange(256) / 255).astype(np.float32)
# The linear values at which rounding to 8 bits goes up by one.
_STEPS_OF_8_BIT = decoded((np.arange(255) + 0.5) / 255).astype(np.float32)


def srgb_to_linear(rgb8: Rgb8) -> FloatArray:
    """8-bit sRGB as linear light in 0..1, float32.

    Args:
        rgb8: Shape (..., 3). Not modified.

    Raises:
        ShapeError: the last axis is not 3 long, or the values are not 8-bit.

    Guarantees, each held by tests/test_color_spaces.py:
        `linear_to_srgb` gives every 8-bit color back.
    """
    check_8_bit("rgb8", rgb8)
    return LINEAR_OF_8_BIT[rgb8]


def linear_to_srgb(linear: FloatArray) -> Rgb8:
    """Linear light as 8-bit sRGB, rounded; what lies outside 0..1 is clipped.

    Args:
        linear: Shape (..., 3). Not modified.

    Raises:
        ShapeError: the last axis is not 3 long.
    """
    check_shape("linear", linear)
    return np.searchsorted(_STEPS_OF_8_BIT, linear, side="right").astype(np.uint8)


def linear_to_lab(linear: FloatArray) -> FloatArray:
    """Linear light as CIE L*a*b* under D65, L* in 0..100, in the precision of its input.

    Args:
        linear: Shape (..., 3), sRGB primaries; values outside 0..1 are taken as they are.

    Raises:
        ShapeError: the last axis is not 3 long.
    """
    check_shape("linear", linear)
    xyz = apply_matrix(RGB_TO_XYZ / WHITE_XYZ[:, None], linear)
    f = np.cbrt(xyz)
    dark = xyz <= _EPSILON
    f[dark] = xyz[dark] * linear.dtype.type(_SLOPE) + linear.dtype.type(_OFFSET)
    lab = np.empty_like(f)
    lab[..., 0] = 116 * f[..., 1] - 16
    lab[..., 1] = 500 * (f[..., 0] - f[..., 1])
    lab[..., 2] = 200 * (f[..., 1] - f[..., 2])
    return lab


def lab_to_linear(lab: FloatArray) -> FloatArray:
    """CIE L*a*b* under D65 as linear light; colors outside sRGB lie outside 0..1.

    Args:
        lab: Shape (..., 3), L* in 0..100. Not modified.

    Raises:
        ShapeError: the last axis is not 3 long.
    """
    check_shape("lab", lab)
    y = (lab[..., 0] + 16) / 116
    f = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, (f - _OFFSET) / _SLOPE) * WHITE_XYZ
    return apply_matrix(XYZ_TO_RGB, xyz)


def chromaticity(linear: FloatArray) -> tuple[float, float]:
    """CIE 1931 x and y of linear sRGB, shape (3,); white is D65 to the digits of `D65_XY`."""
    xyz = RGB_TO_XYZ @ linear / WHITE_XYZ * [D65_XY[0], D65_XY[1], 1 - sum(D65_XY)]
    return float(xyz[0] / xyz.sum()), float(xyz[1] / xyz.sum())


def luminance(linear: FloatArray) -> FloatArray:
    """Relative luminance of linear sRGB, shape (..., 3); of white, 1."""
    return np.asarray(linear @ (RGB_TO_XYZ[1] / WHITE_XYZ[1]))


def srgb_to_lab(rgb8: Rgb8) -> FloatArray:
    """8-bit sRGB as CIE L*a*b* under D65, float32.

    Args:
        rgb8: Shape (..., 3). Not modified.

    Raises:
        ShapeError: the last axis is not 3 long, or the values are not 8-bit.
    """
    return linear_to_lab(srgb_to_linear(rgb8))


def lab_to_srgb(lab: FloatArray) -> Rgb8:
    """CIE L*a*b* under D65 as 8-bit sRGB, rounded and clipped.

    Args:
        lab: Shape (..., 3), L* in 0..100. Not modified.

    Raises:
        ShapeError: the last axis is not 3 long.
    """
    return linear_to_srgb(lab_to_linear(lab))


def lab_to_din99o(lab: FloatArray) -> FloatArray:
    """CIE L*a*b* as DIN99o (DIN 6176:2018), where straight distance is close to CIEDE2000.

    Args:
        lab: Shape (..., 3), L* in 0..100. Not modified.

    Raises:
        ShapeError: the last axis is not 3 long.
    """
    check_shape("lab", lab)
    lightness = 303.67 * np.log1p(0.0039 * lab[..., 0])
    angle = np.radians(26)
    e = lab[..., 1] * np.cos(angle) + lab[..., 2] * np.sin(angle)
    f = 0.83 * (lab[..., 2] * np.cos(angle) - lab[..., 1] * np.sin(angle))
    chroma = np.log1p(0.075 * np.hypot(e, f)) / 0.0435
    hue = np.arctan2(f, e) + angle
    return np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)


def color_difference(lab: FloatArray, other: FloatArray) -> FloatArray:
    """CIEDE2000 between colors, broadcast over all axes but the last.

    Written out, because naming colors asks for millions of pairs and scikit-image's form makes
    more passes in double precision. The names are those of Sharma, Wu and Dalal, Color Res.
    Appl. 30(1), 2005, doi:10.1002/col.20070, whose pairs are the test.

    Args:
        lab: Shape (..., 3), CIE L*a*b*. Not modified.
        other: Shape (..., 3), broadcastable with `lab`. Not modified.

    Raises:
        ShapeError: a last axis is not 3 long.

    Guarantees, each held by tests/test_color_spaces.py:
        Never negative, zero for a color and itself, the same both ways round.
    """
    check_shape("lab", lab)
    check_shape("other", other)
    L1, a1, b1 = lab[..., 0], lab[..., 1], lab[..., 2]
    L2, a2, b2 = other[..., 0], other[..., 1], other[..., 2]
    C7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    G = 1.5 - 0.5 * np.sqrt(C7 / (C7 + 25.0**7))
    a1, a2 = a1 * G, a2 * G
    C1, C2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.mod(np.arctan2(b1, a1), 2 * np.pi), np.mod(np.arctan2(b2, a2), 2 * np.pi)
    gray = C1 * C2 == 0
    # Opposite hues have two means; the paper takes the one that doesn't pass through zero.
    is_far = np.abs(h1 - h2) > np.pi + 1e-9
    dh = np.where(gray, 0, h2 - h1 - np.where(is_far, 2 * np.pi * np.sign(h2 - h1), 0))
    h = np.where(gray, h1 + h2, (h1 + h2) / 2 + np.where(is_far, np.pi, 0))
    C = (C1 + C2) / 2
    lightness = (L1 + L2) / 2 - 50
    S_L = 1 + 0.015 * lightness**2 / np.sqrt(20 + lightness**2)
    S_H = 1 + 0.015 * C * _hue_weight(h)
    dL, dC = (L2 - L1) / S_L, (C2 - C1) / (1 + 0.045 * C)
    dH = 2 * np.sqrt(C1 * C2) * np.sin(dh / 2) / S_H
    squared = dL**2 + dC**2 + dH**2 + _rotation(C, h) * dC * dH
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def _hue_weight(h: FloatArray) -> FloatArray:
    """T of CIEDE2000, from the mean hue in radians."""
    return np.asarray(
        1
        - 0.17 * np.cos(h - np.pi / 6)
        + 0.24 * np.cos(2 * h)
        + 0.32 * np.cos(3 * h + np.pi / 30)
        - 0.20 * np.cos(4 * h - 63 * np.pi / 180)
    )


def _rotation(C: FloatArray, h: FloatArray) -> FloatArray:
    """R_T of CIEDE2000: hue and chroma are not independent among the blues."""
    from_blue = np.mod(np.degrees(h), 360) - 275
    C7 = C**7
    return -2 * np.sqrt(C7 / (C7 + 25.0**7)) * np.sin(np.pi / 3 * np.exp(-((from_blue / 25) ** 2)))
