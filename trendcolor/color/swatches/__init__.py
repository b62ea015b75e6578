"""Swatch files of designers' tools: a designer's own colors, as names to know colors by.

A file's colors come back under D65. Lab values are under D50, as Adobe's programs and
spectrophotometers for print give them, unless a CSV file says D65. RGB, HSB and gray values are
taken for sRGB, since no such file names a profile. CMYK has no color without a printer's profile,
and is refused.
"""

from trendcolor.color.swatches.reading import KINDS, read_swatches
from trendcolor.color.swatches.swatch import Swatch

__all__ = ["KINDS", "Swatch", "read_swatches"]
