"""What color the light may have, by five rules that err differently; all in linear light."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trendcolor.color.evidence import MIN_BLOCKS, Evidence, mean_of
from trendcolor.color.spaces import RGB_TO_XYZ, WHITE_XYZ, FloatArray, Mask, linear_to_lab
from trendcolor.compiling import IS_COMPILED

if IS_COMPILED:
    from trendcolor.color import blocks as loops

_WHITE = np.ones(3)
_BRIGHT = 0.98  # quantile of the largest channel from which a block may be white
# Gray pixels: CIELAB chroma and lightness, and the fraction of the evidence that makes a witness.
_GRAY_CHROMA, _GRAY_LIGHTNESS, _GRAY_FRACTION = 12.0, 35.0, 0.01


def gray_world(evidence: Evidence) -> FloatArray:
    """The mean of all: surfaces are gray on average.

    Buchsbaum, J. Franklin Inst. 310(1), 1980.
    """
    return mean_of(evidence.blocks)


def shades_of_gray(evidence: Evidence) -> FloatArray:
    """The Minkowski mean of order 6: between gray-world and white patch.

    Finlayson and Trezzi, Color and Imaging Conference 12, 2004.
    """
    if IS_COMPILED:
        return loops.sixth_powers(evidence.blocks) ** (1 / 6)
    squared = evidence.blocks * evidence.blocks  # a power of 6 by itself is ten times slower
    return np.asarray((squared * squared * squared).mean(axis=0) ** (1 / 6))


def gray_edge(evidence: Evidence) -> FloatArray:
    """The mean of color steps: surfaces are colored, but their edges are gray on average.

    Van de Weijer, Gevers and Gijsenij, IEEE Trans. Image Process. 16(9), 2007.
    """
    return mean_of(evidence.steps) if len(evidence.steps) >= MIN_BLOCKS else _WHITE


def gray_pixels(evidence: Evidence) -> FloatArray:
    """The mean of what looks nearly gray as it is; white where nothing does.

    This is the witness for the camera: where it balanced the photo, grays are gray.
    """
    is_gray = _is_gray(evidence.blocks)
    if np.count_nonzero(is_gray) < _GRAY_FRACTION * len(is_gray):
        return _WHITE
    return mean_of(evidence.blocks, is_gray)


def _is_gray(blocks: FloatArray) -> Mask:
    if IS_COMPILED:
        return loops.are_gray(
            np.ascontiguousarray(blocks),
            RGB_TO_XYZ / WHITE_XYZ[:, None],
            _GRAY_CHROMA,
            _GRAY_LIGHTNESS,
        )
    lab = linear_to_lab(blocks)
    return (np.hypot(lab[:, 1], lab[:, 2]) < _GRAY_CHROMA) & (lab[:, 0] > _GRAY_LIGHTNESS)


def white_patch(evidence: Evidence) -> FloatArray:
    """The mean of the brightest: a photo shows something white.

    Land and McCann, J. Opt. Soc. Am. 61(1), 1971.
    """
    # Channel by channel, because a reduction over an axis of three is many times slower.
    red, green, blue = evidence.blocks.T
    high = np.maximum(np.maximum(red, green), blue)
    return mean_of(evidence.blocks, high >= np.quantile(high, _BRIGHT))


@dataclass(frozen=True, slots=True)
class Estimator:
    """A rule, and how little it is believed."""

    light: Callable[[Evidence], FloatArray]  # linear sRGB, any brightness
    # Of log(R/B), the scale of a Laplace distribution. Fitted beside the others and the surfaces,
    # so that a rule that adds nothing to them is hardly believed; see `illuminant.py`.
    error: float


ESTIMATORS = {
    "gray-world": Estimator(gray_world, 4.9),
    "shades-of-gray": Estimator(shades_of_gray, 1.4),
    "gray-edge": Estimator(gray_edge, 0.39),
    "gray-pixels": Estimator(gray_pixels, 0.59),
    "white-patch": Estimator(white_patch, 3.8),
}
