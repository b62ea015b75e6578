"""The light that a photo shows, from what is not garment, skin or hair.

A camera has already corrected a part of the cast, and backgrounds are colored: brick, wood and
lawn look like warm light. So each estimator is wrong often, and following one makes colors worse
than leaving them. Three that err differently vote, and what two of them see beyond doubt is the
consensus. What is gray under that light then says it more finely, and the two are averaged.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trendcolor.color.spaces import (
    D65_XY,
    RGB_TO_XYZ,
    WHITE_XYZ,
    FloatArray,
    Mask,
    Rgb8,
    check_shape,
    linear_to_lab,
)
from trendcolor.config import ColorConfig
from trendcolor.errors import ShapeError

# The photo is read as blocks, at most so many along its longer side: noise averages out, and one
# photo gives the same answer at each size.
_BLOCKS = 400
_MIN_BLOCKS = 30
# 8-bit values that a camera clipped, and darkness in which noise has more color than light.
_CLIPPED_LOW, _CLIPPED_HIGH, _DARK = 0, 250, 20
# Gray pixels: CIELAB chroma and lightness, and the fraction of the evidence that makes a witness.
_GRAY_CHROMA, _GRAY_LIGHTNESS, _GRAY_FRACTION = 12.0, 35.0, 0.01
_GRAY_CHROMA_FINE = 8.0  # the same under the consensus, which is nearer to the truth
# A cast is counted as log(R/B) of the light in linear sRGB. The median of three is mistrusted by
# the first number, the mean of the consensus and its grays by the second; chosen on 180 renders
# with known light, of which 120 are nearly neutral, and on made-up scenes.
_DOUBT, _DOUBT_FINE = 0.3, 0.05
# What daylight and lamps can do: CIE A is 2.10.
_COOLEST, _WARMEST = -0.6, 2.1
# Along daylight to tungsten, log(G^2/RB) is this part of log(R/B): CIE A 0.21, D75 to shade 0.1.
_GREEN_OF_WARM, _GREEN_OF_COOL = 0.21, 0.1


@dataclass(frozen=True, slots=True)
class Illuminant:
    """The light that a photo's colors are seen under, as the photo shows it."""

    x: float  # CIE 1931 chromaticity of the estimate; D65 is 0.3127, 0.3290
    y: float
    method: str  # "consensus" of the estimators, or "none" where there is no evidence
    applied: bool  # whether colors are corrected
    trusted_x: float = D65_XY[0]  # the light that they are corrected for: the estimate, nearer
    trusted_y: float = D65_XY[1]  # to daylight by the doubt that it is under
    exposure: float = 1.0  # what light is multiplied by too; only a card in the photo tells it


NEUTRAL = Illuminant(x=D65_XY[0], y=D65_XY[1], method="none", applied=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Evidence:
    """What estimators see, in linear light."""

    blocks: FloatArray  # (n, 3), mean colors
    steps: FloatArray  # (m, 3), absolute differences of neighboring blocks


def unclipped(rgb8: Rgb8) -> Mask:
    """Which pixels tell the color of the light: neither clipped nor too dark.

    Args:
        rgb8: Shape (h, w, 3), 8-bit sRGB. Not modified.

    Raises:
        ShapeError: the last axis is not 3 long.
    """
    check_shape("rgb8", rgb8)
    # Channel by channel, because a reduction over an axis of three is many times slower.
    red, green, blue = rgb8[..., 0], rgb8[..., 1], rgb8[..., 2]
    high = np.maximum(np.maximum(red, green), blue)
    low = np.minimum(np.minimum(red, green), blue)
    return (low > _CLIPPED_LOW) & (high < _CLIPPED_HIGH) & (high > _DARK)


def estimate_illuminant(linear: FloatArray, evidence_mask: Mask, config: ColorConfig) -> Illuminant:
    """The light of a photo, and whether its colors should be corrected for it.

    Args:
        linear: The photo, shape (h, w, 3), linear sRGB in 0..1. Not modified.
        evidence_mask: Shape (h, w): pixels that are not garment, skin or hair, not transparent
            and `unclipped`. Nothing else is looked at. Not modified.
        config: Whether to correct at all.

    Returns:
        The estimate, and the light that we trust: D65 where the estimators see no clear cast. D65
        with method "none" where the mask shows too little.

    Raises:
        ShapeError: the photo or the mask has another shape.

    Guarantees, each held by tests/test_color_illuminant.py:
        Pixels outside the mask have no effect. Without evidence the answer is D65, not applied.
        Nothing beyond daylight to tungsten is applied. A neutral photo is left alone.
    """
    check_shape("linear", linear)
    if linear.shape[:2] != evidence_mask.shape:
        raise ShapeError(
            f"evidence_mask has shape {evidence_mask.shape}, wanted {linear.shape[:2]} as the photo"
        )
    evidence = _gather(linear, evidence_mask)
    if len(evidence.blocks) < _MIN_BLOCKS:
        return NEUTRAL
    casts = [_cast(estimate(evidence)) for estimate in ESTIMATORS.values()]
    cast = float(np.median(casts))
    consensus = _less(cast, _DOUBT)
    finer = _cast(_grays(evidence, _light(consensus), _GRAY_CHROMA_FINE))
    trusted = float(np.clip(_less((consensus + finer) / 2, _DOUBT_FINE), _COOLEST, _WARMEST))
    return Illuminant(
        *_chromaticity(_light(cast)),
        "consensus",
        config.correct and trusted != 0,
        *_chromaticity(_light(trusted)),
    )


def _gather(linear: FloatArray, evidence_mask: Mask) -> _Evidence:
    """The photo as blocks of which at least nine in ten pixels are evidence."""
    size = max(1, -(-max(evidence_mask.shape) // _BLOCKS))
    height, width = (length // size * size for length in evidence_mask.shape)
    known = _block_sums(evidence_mask[:height, :width].astype(np.float32), size)
    seen = known >= 0.9 * size * size
    lit = linear * evidence_mask[..., None]
    blocks = _block_sums(lit[:height, :width], size) / np.maximum(known, 1)[..., None]
    down = np.abs(np.diff(blocks, axis=0))[seen[1:] & seen[:-1]]
    right = np.abs(np.diff(blocks, axis=1))[seen[:, 1:] & seen[:, :-1]]
    return _Evidence(blocks=blocks[seen], steps=np.concatenate([down, right]))


def _block_sums(values: FloatArray, size: int) -> FloatArray:
    """Sums over squares of `size`, of which the array holds a whole number."""
    height, width, *channels = values.shape
    rows = values.reshape(height // size, size, width, *channels).sum(axis=1)
    sums = rows.reshape(height // size, width // size, size, *channels).sum(axis=2)
    return np.asarray(sums, dtype=np.float64)


def shades_of_gray(evidence: _Evidence) -> FloatArray:
    """The Minkowski mean of order 6: between gray-world and white patch.

    Finlayson and Trezzi, Color and Imaging Conference 12, 2004.
    """
    squared = evidence.blocks * evidence.blocks  # a power of 6 by itself is ten times slower
    return np.asarray((squared * squared * squared).mean(axis=0) ** (1 / 6))


def gray_edge(evidence: _Evidence) -> FloatArray:
    """The mean of color steps: surfaces are colored, but their edges are gray on average.

    Van de Weijer, Gevers and Gijsenij, IEEE Trans. Image Process. 16(9), 2007.
    """
    if len(evidence.steps) < _MIN_BLOCKS:
        return np.ones(3)
    return np.asarray(evidence.steps.mean(axis=0))


def gray_pixels(evidence: _Evidence) -> FloatArray:
    """The mean of what looks nearly gray as it is; white where nothing does.

    This is the witness for the camera: where it balanced the photo, grays are gray.
    """
    return _grays(evidence, np.ones(3), _GRAY_CHROMA)


def _grays(evidence: _Evidence, light: FloatArray, chroma: float) -> FloatArray:
    """The mean of what is gray under a light to a CIELAB chroma; the light where nothing is."""
    lab = linear_to_lab(evidence.blocks / light)
    is_gray = (np.hypot(lab[:, 1], lab[:, 2]) < chroma) & (lab[:, 0] > _GRAY_LIGHTNESS)
    if np.count_nonzero(is_gray) < _GRAY_FRACTION * len(is_gray):
        return light
    return np.asarray(evidence.blocks[is_gray].mean(axis=0))


ESTIMATORS: dict[str, Callable[[_Evidence], FloatArray]] = {
    "shades-of-gray": shades_of_gray,
    "gray-edge": gray_edge,
    "gray-pixels": gray_pixels,
}


def _less(cast: float, doubt: float) -> float:
    """A cast nearer to none by the doubt that it is under."""
    return float(np.sign(cast)) * max(abs(cast) - doubt, 0.0)


def _cast(light: FloatArray) -> float:
    """How warm a light is: log(R/B)."""
    red, _, blue = np.maximum(light, 1e-6)
    return float(np.log(red / blue))


def _light(cast: float) -> FloatArray:
    """The light of that warmth on the line from shade over daylight to tungsten, linear sRGB."""
    green = cast * (_GREEN_OF_WARM if cast > 0 else _GREEN_OF_COOL)
    return np.exp([(cast - green) / 2, 0, (-cast - green) / 2])


def _chromaticity(light: FloatArray) -> tuple[float, float]:
    # Scaled so that white comes out as D65 to the digits that it is known by.
    xyz = RGB_TO_XYZ @ light / WHITE_XYZ * [D65_XY[0], D65_XY[1], 1 - sum(D65_XY)]
    x, y, _ = xyz / xyz.sum()
    return float(x), float(y)
