"""The shades that garments gather around: modes of their main colors, found in the data.

Names cut the color space the same way for each data set, so that a season's black may fall apart
into five of them. A shade lies where the garments are.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from trendcolor.analysis.modes import weighted_median
from trendcolor.color.spaces import (
    FloatArray,
    Mask,
    Rgb8,
    color_difference,
    lab_to_srgb,
    srgb_to_lab,
)
from trendcolor.histograms import rgb_to_bin

OTHER = "other"  # colors that are near no shade of the first `_MOST`

# CIEDE2000 around a mode that one shade covers: three just noticeable differences of 2.3 (Mahy et
# al., Color Res. Appl. 19(2), 1994), about what one dye spreads over in photos.
WITHIN = 7.0
_MOST = 60  # shades of one run
_CELL = 3.0  # of the grid on which density is taken, CIELAB
_LOW = np.array([0.0, -128.0, -128.0])
_CELLS = (34, 86, 86)


def shades(rgb8: Rgb8, garments: NDArray[np.int64]) -> list[str]:
    """The shade of each color, the densest first: everything within `WITHIN` of a mode is one.

    Args:
        rgb8: Distinct colors, shape (n, 3), 8-bit sRGB. Not modified.
        garments: How many garments have each as their main color, shape (n,). Not modified.

    Returns:
        For each color its shade as `"#161418"`, the median of the shade's garments in CIE
        L*a*b*, or `OTHER`.

    Guarantees, each held by tests/test_analysis_shades.py:
        The order of the colors has no effect.
    """
    lab = srgb_to_lab(rgb8).astype(np.float64)
    bins, place = np.unique(rgb_to_bin(*rgb8.T), return_inverse=True)
    count = np.bincount(place, weights=garments, minlength=len(bins)).astype(np.float64)
    size = np.maximum(count, 1)
    weight = np.where(count[place] > 0, garments, 1 / np.bincount(place)[place])
    sums = [np.bincount(place, weights=channel * weight, minlength=len(bins)) for channel in lab.T]
    center = np.stack(sums, axis=1) / np.where(count > 0, size, 1)[:, None]
    names = np.full(len(bins), OTHER, dtype=object)
    for members in _modes(center, count):
        of_shade = members[place] & (garments > 0)
        of_garments = garments[of_shade]
        middle = np.array([weighted_median(axis, of_garments) for axis in lab[of_shade].T])
        red, green, blue = lab_to_srgb(middle[None])[0]
        names[members] = f"#{red:02x}{green:02x}{blue:02x}"
    return [str(name) for name in names[place]]


def _modes(center: FloatArray, count: FloatArray) -> Iterator[Mask]:
    """Which bins belong to each mode, the densest mode first."""
    left = count.copy()
    is_free = np.ones(len(center), bool)
    for _ in range(_MOST):
        if not left.any():
            return
        mode = center[_densest(center, left)]
        members = is_free & (color_difference(center, mode[None]) <= WITHIN)
        yield members
        is_free &= ~members
        left[members] = 0


def _densest(center: FloatArray, left: FloatArray) -> int:
    """The bin with garments where they lie closest together, by a Gaussian of one cell."""
    cell = np.clip(np.rint((center - _LOW) / _CELL).astype(int), 0, np.array(_CELLS) - 1)
    flat = np.ravel_multi_index(tuple(cell.T), _CELLS)
    grid = np.bincount(flat, weights=left, minlength=int(np.prod(_CELLS))).reshape(_CELLS)
    density = ndimage.gaussian_filter(grid, 1.0, mode="constant", truncate=3.0).ravel()[flat]
    return int(np.argmax(np.where(left > 0, density, -1)))
