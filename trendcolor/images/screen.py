"""A decoded photo -> the reason why its colors say nothing, if there is one."""

import numpy as np
from numpy.typing import NDArray

from trendcolor.config import ImagesConfig
from trendcolor.images.decode import Photo

# Steps of 0..255 from full black or white within which a channel counts as clipped: what
# JPEG's rounding moves a clipped pixel by.
_CLIPPING_SLACK = 2

# The colorfulness of a photo is that of its most colorful hundredth, so that a gray street with
# one red scarf is a color photo and a few noisy pixels aren't.
_COLORFUL_PERCENTILE = 99


def screen(photo: Photo, config: ImagesConfig) -> str | None:
    """Say why a photo is unfit to have its colors counted.

    Args:
        photo: The photo. Not modified. Transparent pixels are left out.
        config: The thresholds.

    Returns:
        The reason with the value met and the one wanted, or None for a photo that is fit.
    """
    side = min(photo.width, photo.height)
    if side < config.min_side:
        return f"too small: shorter side {side} pixels, wanted {config.min_side} (images.min_side)"
    seen = photo.rgb.reshape(-1, 3) if photo.opaque is None else photo.rgb[photo.opaque]
    if not len(seen):
        return "wholly transparent"
    clipped = clipped_fraction(seen)
    if clipped > config.max_clipped:
        return (
            f"badly exposed: {clipped:.0%} of pixels at full black or white, "
            f"wanted at most {config.max_clipped:.0%} (images.max_clipped)"
        )
    strength = colorfulness(seen)
    if strength < config.min_colorfulness:
        return (
            f"gray photo: colorfulness {strength:.1f}, "
            f"wanted {config.min_colorfulness:g} (images.min_colorfulness)"
        )
    return None


def colorfulness(rgb: NDArray[np.uint8]) -> float:
    """How far the most colorful hundredth of a photo is from gray, 0 to 255.

    The distance is a pixel's largest minus its smallest sRGB channel: exactly 0 in a gray photo
    however dark, where a difference in CIELAB would magnify or hide it.

    Args:
        rgb: Pixels, shape (n, 3), sRGB, 0..255, at least one. Not modified.
    """
    return float(np.percentile(_highest(rgb) - _lowest(rgb), _COLORFUL_PERCENTILE))


def clipped_fraction(rgb: NDArray[np.uint8]) -> float:
    """The fraction of pixels with every channel at full black, or every one at full white.

    Args:
        rgb: Pixels, shape (n, 3), sRGB, 0..255, at least one. Not modified.
    """
    black = _highest(rgb) <= _CLIPPING_SLACK
    white = _lowest(rgb) >= 255 - _CLIPPING_SLACK
    return float(np.mean(black | white))


# Channel by channel, because a reduction over an axis of three is many times slower.
def _highest(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    highest: NDArray[np.uint8] = np.maximum(np.maximum(rgb[:, 0], rgb[:, 1]), rgb[:, 2])
    return highest


def _lowest(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    lowest: NDArray[np.uint8] = np.minimum(np.minimum(rgb[:, 0], rgb[:, 1]), rgb[:, 2])
    return lowest
