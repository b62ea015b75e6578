"""Charts and gray cards, drawn in linear light where a camera would see them."""

from dataclasses import dataclass

import numpy as np
from skimage.transform import ProjectiveTransform, warp

from trendcolor.color.adaptation import adaptation_matrix
from trendcolor.color.chart import COLUMNS, REFERENCES, ROWS
from trendcolor.color.illuminant import Illuminant
from trendcolor.color.spaces import RGB_TO_XYZ, XYZ_TO_RGB, FloatArray

# A patch of 40 mm, 4 mm between two, a black frame around: ratios of the Classic.
_PATCH, _GAP, _FRAME = 40, 4, 14
_BLACK = 0.03
# What a light's white is, CIE 1931 chromaticity: CIE 15:2018; an LED greener than daylight.
LIGHTS = {
    "D65": (0.3127, 0.3290),
    "D75": (0.2990, 0.3149),
    "A": (0.44758, 0.40745),
    "LED": (0.3818, 0.3950),
}


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where something flat lies in a photo."""

    corners: FloatArray  # (4, 2), x and y in pixels, clockwise from its own top left


def light_of(name: str) -> FloatArray:
    """A light as linear sRGB, of the luminance of white."""
    x, y = LIGHTS[name]
    return np.asarray(XYZ_TO_RGB @ (np.array([x / y, 1, (1 - x - y) / y]) * RGB_TO_XYZ[1].sum()))


def under(linear: FloatArray, name: str) -> FloatArray:
    """A scene as a camera that is set to daylight sees it under a light.

    The way of `adaptation.py` back. Computed from spectra, charts under CIE A come within 3
    CIEDE2000 of it in the mean, and within 7 of a light that multiplies each channel of sRGB.
    """
    x, y = LIGHTS[name]
    seen = np.linalg.inv(adaptation_matrix(Illuminant(x, y, name, True, x, y)))
    return np.asarray(linear @ seen.T)


def chart_texture() -> FloatArray:
    """A ColorChecker Classic from the front, reflectances as linear sRGB under D65."""
    pitch = _PATCH + _GAP
    height, width = (n * pitch - _GAP + 2 * _FRAME for n in (ROWS, COLUMNS))
    texture = np.full((height, width, 3), _BLACK)
    for i, color in enumerate(REFERENCES):
        row, column = divmod(i, COLUMNS)
        top, left = _FRAME + row * pitch, _FRAME + column * pitch
        texture[top : top + _PATCH, left : left + _PATCH] = color
    return texture


def field_corners(place: Place) -> FloatArray:
    """The corners of the patches' field, where the whole chart lies at a place."""
    height, width = chart_texture().shape[:2]
    inner = [(_FRAME, _FRAME), (width - _FRAME, _FRAME)]
    inner += [(width - _FRAME, height - _FRAME), (_FRAME, height - _FRAME)]
    outer = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=float)
    return np.asarray(ProjectiveTransform.from_estimate(outer, place.corners)(np.array(inner)))


def pasted(linear: FloatArray, texture: FloatArray, place: Place) -> FloatArray:
    """A scene with something flat before it; edges are averaged over a pixel as a camera does."""
    height, width = texture.shape[:2]
    outer = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=float)
    fine = 2
    inverse = ProjectiveTransform.from_estimate(place.corners * fine, outer)
    shape = (linear.shape[0] * fine, linear.shape[1] * fine)
    with_cover = np.concatenate([texture, np.ones((height, width, 1))], axis=2)
    seen = warp(with_cover, inverse, output_shape=shape, order=0, cval=0, preserve_range=True)
    seen = seen.reshape(linear.shape[0], fine, linear.shape[1], fine, 4).mean(axis=(1, 3))
    return np.asarray(linear * (1 - seen[..., 3:]) + seen[..., :3])
