"""How many colors a garment has: its pattern."""

import numpy as np

from trendcolor.color.spaces import FloatArray

# What a garment's colors make of it, by their number; a color with less of the area is an accent.
PATTERNS = ("solid", "two-tone", "multicolor")
ACCENT = 0.1


def pattern(share: FloatArray) -> str:
    """Whether a garment is "solid", "two-tone" or "multicolor"; accents don't count.

    Args:
        share: Of the palette's colors, falling. Not modified.

    Returns:
        One of the three; "" where the palette is empty.
    """
    n = int(np.count_nonzero(share >= ACCENT))
    return PATTERNS[min(n, 3) - 1] if len(share) and n else ""
