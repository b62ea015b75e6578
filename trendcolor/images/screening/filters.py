"""Strong filters: a colored veil or glass, and saturation beyond what a screen can show."""

import numpy as np

from trendcolor.images.screening.exposure import highest, lowest
from trendcolor.images.screening.sample import Pixels, fraction, quantile

# A veil takes contrast from every channel: at 60 % the widest keeps 102 of 255 steps. What is
# wider is colored light, or a colored ground.
_VEILED_CONTRAST = 118

_LEAST_SATURATED = 0.1  # of a photo: even street light leaves that much near gray
_SLACK = 2  # steps from 0 or 255


def veil(pixels: Pixels) -> float:
    """How colored the darkest hundredth of a photo without contrast is, 0 to 255.

    Shadows are near black whatever the light; a sheet of color laid on top colors them. 0 where a
    channel has contrast.

    Args:
        pixels: Shape (n, 3), sRGB, 0..255, at least one. Not modified.
    """
    dark = []
    for channel in np.ascontiguousarray(pixels.T):
        dark.append(quantile(channel, 0.01))
        if quantile(channel, 0.99) - dark[-1] > _VEILED_CONTRAST:
            return 0.0
    return float(max(dark) - min(dark))


def tint(pixels: Pixels) -> float:
    """The saturation (HSV) that nine tenths of a photo exceed, 0 to 1.

    Args:
        pixels: Shape (n, 3), sRGB, 0..255, at least one. Not modified.
    """
    high = highest(pixels)
    saturation = 255.0 * (high - lowest(pixels)) / np.maximum(high, 1)
    return quantile(saturation.astype(np.uint8), _LEAST_SATURATED) / 255


def oversaturated_fraction(pixels: Pixels) -> float:
    """The fraction of pixels with one channel at nothing and another at full strength.

    Args:
        pixels: Shape (n, 3), sRGB, 0..255, at least one. Not modified.
    """
    return fraction((lowest(pixels) <= _SLACK) & (highest(pixels) >= 255 - _SLACK))
