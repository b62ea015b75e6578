"""Colors under the photo's light, as they are under daylight (D65)."""

import numpy as np

from trendcolor.color.illuminant import Illuminant
from trendcolor.color.spaces import (
    RGB_TO_XYZ,
    WHITE_XYZ,
    XYZ_TO_RGB,
    FloatArray,
    apply_matrix,
    check_shape,
    lab_to_linear,
    linear_to_lab,
)

# CAT16: Li and others, Color Res. Appl. 42(6), 2017, doi:10.1002/col.22131.
_XYZ_TO_CONES = np.array(
    [
        [0.401288, 0.650173, -0.051461],
        [-0.250268, 1.204414, 0.045854],
        [-0.002079, 0.048952, 0.953127],
    ]
)
_CONES_TO_XYZ = np.linalg.inv(_XYZ_TO_CONES)

# The Bradford cones and the D50 white of ICC profiles (ICC.1:2022, annex E and 7.2.16).
_XYZ_TO_BRADFORD = np.array(
    [
        [0.8951, 0.2664, -0.1614],
        [-0.7502, 1.7135, 0.0367],
        [0.0389, -0.0685, 1.0296],
    ]
)
_D50_XYZ = np.array([0.9642, 1.0, 0.8249])
_D50_TO_D65 = (
    np.linalg.inv(_XYZ_TO_BRADFORD)
    @ np.diag((_XYZ_TO_BRADFORD @ WHITE_XYZ) / (_XYZ_TO_BRADFORD @ _D50_XYZ))
    @ _XYZ_TO_BRADFORD
)


def adaptation_matrix(illuminant: Illuminant) -> FloatArray:
    """The 3x3 matrix that takes linear sRGB under a light to linear sRGB under D65.

    Complete adaptation (von Kries) in the cones of CAT16. The light is taken at the luminance of
    the D65 white, so that a gray keeps its luminance: brightness of the cloth is measured. Exposure
    is no part of it.

    Args:
        illuminant: The light; its trusted chromaticity counts.
    """
    x, y = illuminant.trusted_x, illuminant.trusted_y
    light_xyz = np.array([x / y, 1, (1 - x - y) / y])
    gains = (_XYZ_TO_CONES @ WHITE_XYZ) / (_XYZ_TO_CONES @ light_xyz)
    return np.asarray(XYZ_TO_RGB @ _CONES_TO_XYZ @ np.diag(gains) @ _XYZ_TO_CONES @ RGB_TO_XYZ)


def adapt_to_d65(linear: FloatArray, illuminant: Illuminant) -> FloatArray:
    """Colors as they are under D65, in linear light.

    Args:
        linear: Shape (..., 3), linear light of sRGB primaries. Not modified.
        illuminant: The light that the photo shows. One that is not applied changes nothing.

    Returns:
        The same shape and precision; values may leave 0..1. `linear` itself where the illuminant
        is not applied.

    Raises:
        ShapeError: the last axis is not 3 long.

    Guarantees, each held by tests/test_color_adaptation.py:
        The color of the light becomes neutral and keeps its luminance, times the illuminant's
        exposure. D65 with exposure 1 changes nothing.
    """
    check_shape("linear", linear)
    if not illuminant.applied:
        return linear
    return apply_matrix(illuminant.exposure * adaptation_matrix(illuminant), linear)


def lab_d50_to_d65(lab: FloatArray) -> FloatArray:
    """CIE L*a*b* under D50, as design programs give it, as L*a*b* under D65.

    By Bradford's matrix and not CAT16's, because ICC profiles bring sRGB to D50 by it: a color of
    sRGB that a program gave as Lab comes back as it was.

    Args:
        lab: Shape (..., 3), L* in 0..100. Not modified.

    Raises:
        ShapeError: the last axis is not 3 long.

    Guarantees, each held by tests/test_color_adaptation.py:
        A gray stays the same gray.
    """
    check_shape("lab", lab)
    xyz = lab_to_linear(lab) @ (RGB_TO_XYZ / WHITE_XYZ[:, None]).T * _D50_XYZ
    return linear_to_lab(xyz @ (XYZ_TO_RGB @ _D50_TO_D65).T)


def lab_d65_to_d50(lab: FloatArray) -> FloatArray:
    """CIE L*a*b* under D65 as L*a*b* under D50, for design programs; Bradford's matrix.

    Args:
        lab: Shape (..., 3), L* in 0..100. Not modified.

    Raises:
        ShapeError: the last axis is not 3 long.

    Guarantees, each held by tests/test_color_adaptation.py:
        A gray stays the same gray. `lab_d50_to_d65` gives each color back.
    """
    check_shape("lab", lab)
    xyz = lab_to_linear(lab) @ (np.linalg.inv(_D50_TO_D65) @ RGB_TO_XYZ).T / _D50_XYZ
    return linear_to_lab(xyz @ np.linalg.inv(RGB_TO_XYZ / WHITE_XYZ[:, None]).T)
