"""Whether a photo has colors of its own, or one color for each lightness."""

import numpy as np
from numpy.typing import NDArray

from trendcolor.images.screening.exposure import highest, lowest
from trendcolor.images.screening.sample import Pixels, Sample, quantile

Floats = NDArray[np.float32]  # (n,)

# The colorfulness of a photo is that of its most colorful hundredth, so that a gray street with
# one red scarf is a color photo and a few noisy pixels aren't.
_COLORFUL = 0.99

_STEPS = 32  # of luma, for each of which a print has one color
_COLORED = 30.0  # the most colored twentieth of a duotone is at least this far from gray
_COLORED_MEDIAN = 11.0  # and half of it this far
_TONES = 140.0  # steps of luma: a print goes from dark to light, plain cloth on plain cloth doesn't
_STRAYS = 12.0  # a twentieth farther than this from the one color is something else than a print
_RELATIVE = 0.1  # of the median color: a stronger ink strays more where it is blended


def colorfulness(pixels: Pixels) -> int:
    """How far the most colorful hundredth of a photo is from gray, 0 to 255.

    The distance is a pixel's largest minus its smallest sRGB channel: exactly 0 in a gray photo
    however dark, where a difference in CIELAB would magnify or hide it.

    Args:
        pixels: Shape (n, 3), sRGB, 0..255, at least one. Not modified.
    """
    return quantile(highest(pixels) - lowest(pixels), _COLORFUL)


def color_spread(seen: Sample) -> float:
    """How far colors stray from one color for each lightness, 0 to 255.

    Sepia, blueprints and prints in two inks have one color for each lightness; photos of clothes
    have several. Where the photo is gray, has few tones, or has a twentieth that strays far, the
    answer is 255: plain cloth on plain cloth is no duotone.

    Args:
        seen: The photo. Not modified.
    """
    chroma = highest(seen.pixels) - lowest(seen.pixels)  # at least the strength below
    if quantile(chroma, 0.5) < _COLORED_MEDIAN or quantile(chroma, 0.95) < _COLORED:
        return 255.0
    luma, color = _opponent(seen.pixels)
    strength = np.maximum(np.abs(color[0]), np.abs(color[1]))
    middle = float(np.median(strength))
    if middle < _COLORED_MEDIAN or np.percentile(strength, 95) < _COLORED:
        return 255.0
    tones = np.percentile(luma, (1, 99))
    if tones[1] - tones[0] < _TONES or np.percentile(_strays(luma, color), 95) > _STRAYS:
        return 255.0
    spread = float(np.percentile(_strays(*_opponent(seen.blocks())), 75))
    return spread if spread <= _RELATIVE * middle else 255.0


def _opponent(pixels: Pixels) -> tuple[Floats, tuple[Floats, Floats]]:
    red, green, blue = pixels.T.astype(np.float32)
    luma = np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue  # BT.601
    return luma, (red - luma, blue - luma)


def _strays(luma: Floats, color: tuple[Floats, Floats]) -> Floats:
    """How far each pixel is from the mean color of its lightness, between steps by line."""
    width = 256 / _STEPS
    step = np.minimum((luma / width).astype(np.intp), _STEPS - 1)
    n = np.bincount(step, minlength=_STEPS)
    has_some = np.flatnonzero(n)
    place = luma / width - 0.5
    strays = np.zeros(len(luma), np.float32)
    for channel in color:
        mean = np.bincount(step, channel, _STEPS)[has_some] / n[has_some]
        np.maximum(strays, np.abs(channel - np.interp(place, has_some, mean)), out=strays)
    return strays
