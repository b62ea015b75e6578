"""The light that a photo shows, from what is not garment, skin or hair.

A camera has already corrected a part of the cast, and backgrounds are colored: brick, wood and
lawn look like warm light. So each rule is wrong often, and following one makes colors worse than
leaving them. Here a belief is formed over all casts from daylight to tungsten: before looking, it
is as likely as not that the camera left none; surfaces that would be gray under a light speak for
it, and so do the five rules, each by how far off it usually is. Colors are corrected for the
median of the belief, which is daylight until more than half of it lies to one side.
"""

from dataclasses import dataclass

import numpy as np

from trendcolor.color.estimators import ESTIMATORS
from trendcolor.color.evidence import MIN_BLOCKS, Evidence, Surfaces, find_surfaces, gather
from trendcolor.color.spaces import (
    D65_XY,
    FloatArray,
    Mask,
    check_shape,
    chromaticity,
)
from trendcolor.config import ColorConfig
from trendcolor.errors import ShapeError

# A cast is counted as log(R/B) of the light in linear sRGB, from bluish shade to tungsten: CIE A
# is 2.07.
_STEP = 0.02
_CASTS = np.arange(-30, 106) * _STEP
# The numbers of the belief were fitted together, to the least mean error of the cast over ten
# kinds of photos (`benchmarks/light.py` prints the errors): renders and lookbook with known light,
# made-up scenes, street photos as they are and under a made-up cast, each with and without a cast.
# And to leave phone photos of clothes on beds and doors alone, where a cast of 0.2 is much.
_NO_CAST = 0.46  # that the camera left no cast, before looking
_CAST_SCALE, _CAST_ANY = 0.31, 0.25  # else: Laplace, and a part that is equal for each cast
# A surface is gray with these odds (if the photo's brightest; darker ones less), and then lies
# this near the light in warmth and greenness; a colored one lies anywhere around it.
_GRAY_ODDS, _GRAY_BRIGHT = 1.04, 1.26
_GRAY_WIDTH = np.array([0.109, 0.061])
_COLOR_CENTER, _COLOR_WIDTH = np.array([0.07, 0.0]), np.array([3.41, 0.95])
# How much a surface counts: hardly more if it is large, and less if there are many.
_WEIGHT, _WEIGHT_AREA, _WEIGHT_MANY = 0.52, 0.10, 0.25
# A cast this near the median is taken for the same when confidence is told.
_SAME = 0.1


@dataclass(frozen=True, slots=True)
class Illuminant:
    """The light that a photo's colors are seen under, as the photo shows it."""

    x: float  # CIE 1931 chromaticity of the estimate; D65 is 0.3127, 0.3290
    y: float
    method: str  # "belief", or "none" where there is no evidence
    applied: bool  # whether colors are corrected
    trusted_x: float = D65_XY[0]  # the light that they are corrected for: the estimate, or D65
    trusted_y: float = D65_XY[1]  # where it may as well be none, or between the two
    confidence: float = 0.0  # belief that log(R/B) of the trusted light is right to within 0.1
    exposure: float = 1.0  # what light is multiplied by too; only a card in the photo tells it


NEUTRAL = Illuminant(x=D65_XY[0], y=D65_XY[1], method="none", applied=False)


def estimate_illuminant(linear: FloatArray, evidence_mask: Mask, config: ColorConfig) -> Illuminant:
    """The light of a photo, and whether its colors should be corrected for it.

    Args:
        linear: The photo, shape (h, w, 3), linear sRGB in 0..1. Not modified.
        evidence_mask: Shape (h, w): pixels that are not garment, skin or hair, not transparent
            and `unclipped`. Nothing else is looked at. Not modified.
        config: Whether to correct at all.

    Returns:
        The estimate: the median of the belief if the camera left a cast at all; and the light
        that we trust: the median of the whole belief. D65 with method "none" where the mask shows
        too little.

    Raises:
        ShapeError: the photo or the mask has another shape.

    Guarantees, each held by tests/test_color_illuminant.py:
        Pixels outside the mask have no effect. Without evidence the answer is D65, not applied.
        Nothing beyond daylight to tungsten is applied. A neutral photo is left alone: over many,
        colors change by less than 1 CIEDE2000 on average. What is trusted is never farther from
        daylight than the estimate. Confidence is in 0..1.
    """
    check_shape("linear", linear)
    if linear.shape[:2] != evidence_mask.shape:
        raise ShapeError(
            f"evidence_mask has shape {evidence_mask.shape}, wanted {linear.shape[:2]} as the photo"
        )
    return illuminant_of(gather(linear, evidence_mask), config)


def illuminant_of(evidence: Evidence, config: ColorConfig) -> Illuminant:
    """The light that evidence shows, as `estimate_illuminant`.

    Args:
        evidence: Of one photo. Not modified.
        config: Whether to correct at all.
    """
    if len(evidence.blocks) < MIN_BLOCKS:
        return NEUTRAL
    likelihood = _likelihood(evidence)
    with_cast = likelihood * np.where(_CASTS == 0, 0, _prior())
    belief = likelihood * _prior()
    cast, trusted = _median(with_cast), _median(belief)
    is_near = np.abs(_CASTS - trusted) <= _SAME + _STEP / 2
    return Illuminant(
        *_chromaticity(cast),
        "belief",
        config.correct and trusted != 0,
        *_chromaticity(trusted),
        confidence=float(belief[is_near].sum() / belief.sum()),
    )


def _prior() -> FloatArray:
    """The belief before looking, shape (n casts,)."""
    near = np.exp(-np.abs(_CASTS) / _CAST_SCALE) / (2 * _CAST_SCALE)
    some = (1 - _CAST_ANY) * near + _CAST_ANY / (_CASTS[-1] - _CASTS[0])
    return np.where(_CASTS == 0, _NO_CAST, (1 - _NO_CAST) * _STEP * some)


def _likelihood(evidence: Evidence) -> FloatArray:
    """How well each cast explains the photo, the best one 1, shape (n casts,)."""
    logarithm = _log_likelihood(find_surfaces(evidence))
    for estimator in ESTIMATORS.values():
        logarithm -= np.abs(warmth(estimator.light(evidence)) - _CASTS) / estimator.error
    return np.asarray(np.exp(logarithm - logarithm.max()))


def _log_likelihood(surfaces: Surfaces) -> FloatArray:
    """The part of the surfaces: each is gray under the light, or has any color."""
    if not len(surfaces.area):
        return np.zeros(len(_CASTS))
    apart = np.stack(
        [
            surfaces.warmth[:, None] - _CASTS,
            surfaces.greenness[:, None] - _greenness(_CASTS),
        ],
        axis=-1,
    )
    gray = np.exp(-((apart / _GRAY_WIDTH) ** 2).sum(axis=-1) / 2) / _GRAY_WIDTH.prod()
    away = (apart - _COLOR_CENTER) / _COLOR_WIDTH
    colored = np.exp(-np.sqrt((away**2).sum(axis=-1))) / _COLOR_WIDTH.prod()
    odds = _GRAY_ODDS * np.exp(_GRAY_BRIGHT * (surfaces.luminance - surfaces.luminance.max()))
    is_gray = (odds / (1 + odds))[:, None]
    size = surfaces.area**_WEIGHT_AREA
    weight = _WEIGHT * size / size.sum() ** _WEIGHT_MANY
    return np.asarray(weight @ np.log(is_gray * gray + (1 - is_gray) * colored))


def _median(belief: FloatArray) -> float:
    reached = np.cumsum(belief)
    return float(_CASTS[np.searchsorted(reached, reached[-1] / 2)])


def warmth(light: FloatArray) -> float:
    """How warm a light in linear sRGB, shape (3,), is: log(R/B)."""
    red, _, blue = np.maximum(light, 1e-6)
    return float(np.log(red / blue))


def _greenness(cast: FloatArray) -> FloatArray:
    """log(G^2/RB) of the light of that warmth, along daylight to tungsten: CIE A 0.21 of it."""
    return np.asarray(np.where(cast > 0, 0.21, 0.1) * cast)  # D75 to shade 0.1


def _chromaticity(cast: float) -> tuple[float, float]:
    """CIE x, y of the light of that warmth on the line from shade over daylight to tungsten."""
    green = float(_greenness(np.array(cast)))
    return chromaticity(np.exp([(cast - green) / 2, 0, (-cast - green) / 2]))
