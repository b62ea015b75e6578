"""How a photo is exposed: what of it is at or near full black or white."""

import numpy as np

from trendcolor.images.screening.sample import Levels, Pixels, fraction, quantile

# Steps of 0..255 from full black or white within which a channel counts as clipped: what
# JPEG's rounding moves a clipped pixel by.
_SLACK = 2

# A photo's brightest is that of its brightest hundredth: some specular points are in every photo.
_BRIGHTEST = 0.99

# Where a plain white ground ends and burnt cloth begins: with less than this fraction of what is
# not white at full strength in a channel, white is a ground that a shop chose. Cut-out people
# reach 0.065, photos four stops too bright begin at 0.02 and have 0.44 in the median.
_GROUND_BURNS_LESS = 0.07


def clipped_fraction(pixels: Pixels) -> float:
    """The fraction of pixels with every channel at full black, or every one at full white.

    Args:
        pixels: Shape (n, 3), sRGB, 0..255, at least one. Not modified.
    """
    black = highest(pixels) <= _SLACK
    white = lowest(pixels) >= 255 - _SLACK
    return fraction(black | white)


def brightest(pixels: Pixels) -> int:
    """The largest channel of the brightest hundredth of a photo, 0 to 255.

    Args:
        pixels: Shape (n, 3), sRGB, 0..255, at least one. Not modified.
    """
    return quantile(highest(pixels), _BRIGHTEST)


def burnt_fraction(pixels: Pixels) -> float:
    """The fraction of pixels with a channel at full strength; 0 where only the ground is white.

    Args:
        pixels: Shape (n, 3), sRGB, 0..255, at least one. Not modified.
    """
    is_burnt = highest(pixels) >= 255 - _SLACK
    is_drawn = lowest(pixels) < 250
    if is_drawn.any() and fraction(is_burnt[is_drawn]) <= _GROUND_BURNS_LESS:
        return 0.0
    return fraction(is_burnt)


# Channel by channel, because a reduction over an axis of three is many times slower.
def highest(pixels: Pixels) -> Levels:
    """The largest channel of each pixel, shape (n,)."""
    found: Levels = np.maximum(np.maximum(pixels[:, 0], pixels[:, 1]), pixels[:, 2])
    return found


def lowest(pixels: Pixels) -> Levels:
    """The smallest channel of each pixel, shape (n,)."""
    found: Levels = np.minimum(np.minimum(pixels[:, 0], pixels[:, 1]), pixels[:, 2])
    return found
