"""A brand's color as text: made as dark or as light as reading takes, in its own hue."""

from functools import cache

import numpy as np

from trendcolor.color.spaces import FloatArray, Rgb8, linear_to_srgb, luminance, srgb_to_linear

# WCAG 2.2, success criterion 1.4.3: text and what it stands on.
READABLE = 4.5
# The darkest light and the lightest dark that a report sets text on: what can be read there can
# be read on its white and on its black as well.
LIGHT_PAPER, DARK_PAPER = "#f5f5f5", "#212121"

# From linear sRGB to the cone responses of OKLab, and from their cube roots to OKLab (Ottosson,
# "A perceptual color space for image processing", 2020). Its hue holds where lightness changes;
# that of CIELAB turns blues into purples.
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_HALVINGS = 12  # of lightness and of chroma: finer than 8 bits tell apart
_SLACK = 1e-6  # of linear light: far less than 8 bits tell apart


def contrast(color: str, other: str) -> float:
    """The contrast of two colors such as `"#161418"`, 1 to 21 (WCAG 2.2)."""
    low, high = sorted(float(luminance(_linear(each))) for each in (color, other))
    return (high + 0.05) / (low + 0.05)


@cache
def readable(color: str, paper: str) -> str:
    """A color that can be read as text on a paper, as near to a given one as that allows.

    Args:
        color: sRGB, `"#8a1f3d"`.
        paper: sRGB, what the text stands on.

    Returns:
        The color itself, where it can be read; else the lightness changes and the hue stays, and
        of the chroma as much as sRGB has there.

    Guarantees, each held by tests/test_report_accents.py:
        Contrast is at least 4.5 on every paper that is as dark or as light as the two of this
        module. A color that can be read is not touched. The hue stays.
    """
    if contrast(color, paper) >= READABLE:
        return color
    lightness, a, b = linear_to_oklab(_linear(color))
    found = max(("#000000", "#ffffff"), key=lambda end: contrast(end, paper))
    unreadable, far = lightness, float(found == "#ffffff")
    for _ in range(_HALVINGS):
        level = (unreadable + far) / 2
        tried = _hex(linear_to_srgb(_in_gamut(np.array([level, a, b]))))
        if contrast(tried, paper) >= READABLE:
            far, found = level, tried
        else:
            unreadable = level
    return found


def linear_to_oklab(linear: FloatArray) -> FloatArray:
    """Linear sRGB as OKLab, shape (3,), L in 0..1."""
    return np.asarray(_TO_OKLAB @ np.cbrt(_TO_CONES @ linear))


def oklab_to_linear(oklab: FloatArray) -> FloatArray:
    """OKLab as linear sRGB, shape (3,); colors outside sRGB lie outside 0..1."""
    return np.asarray(np.linalg.solve(_TO_CONES, np.linalg.solve(_TO_OKLAB, oklab) ** 3))


def _in_gamut(oklab: FloatArray) -> FloatArray:
    """A color as linear sRGB, with as much of its chroma as sRGB has."""
    low, high = 0.0, 2.0  # the first part tried is all of it
    for _ in range(_HALVINGS):
        part = (low + high) / 2
        linear = oklab_to_linear(oklab * [1, part, part])
        if (abs(linear - 0.5) <= 0.5 + _SLACK).all():
            low = part
            if part == 1:
                break
        else:
            high = part
    return np.clip(oklab_to_linear(oklab * [1, low, low]), 0, 1)


def _linear(color: str) -> FloatArray:
    rgb8 = np.frombuffer(bytes.fromhex(color.removeprefix("#")), np.uint8)
    return srgb_to_linear(rgb8).astype(np.float64)


def _hex(rgb8: Rgb8) -> str:
    return f"#{rgb8.tobytes().hex()}"
