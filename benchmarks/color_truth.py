"""Colors as they are known, ours of one garment, and how far one palette is from another."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.optimize import linprog

from trendcolor.color.counts import count_colors
from trendcolor.color.illuminant import Illuminant
from trendcolor.color.palette import Palette, dominant_colors
from trendcolor.color.spaces import FloatArray, Mask, Rgb8, color_difference
from trendcolor.config import ColorConfig

CONFIG = ColorConfig()


@dataclass(frozen=True, slots=True, eq=False)
class Colors:
    """Colors of one garment, largest share first."""

    lab: FloatArray  # (k, 3), CIE L*a*b*, D65
    share: FloatArray  # (k,), sums to 1


class HasColors(Protocol):
    """Our palettes, and `Colors`."""

    @property
    def lab(self) -> FloatArray:
        """Shape (k, 3), CIE L*a*b*, D65."""

    @property
    def share(self) -> FloatArray:
        """Shape (k,), sums to 1."""


def palette_of(rgb8: Rgb8, mask: Mask, light: Illuminant) -> Palette:
    """Our palette of one garment in a known light."""
    return dominant_colors(count_colors(rgb8, mask, CONFIG), light, CONFIG)


def first_error(found: HasColors, known: HasColors) -> float:
    """CIEDE2000 between the first colors."""
    return float(color_difference(found.lab[0], known.lab[0]))


def palette_error(found: HasColors, known: HasColors) -> float:
    """Earth mover's distance with CIEDE2000 as ground distance."""
    cost = color_difference(found.lab[:, None], known.lab[None])
    n, m = cost.shape
    rows = np.kron(np.eye(n), np.ones(m))
    columns = np.kron(np.ones(n), np.eye(m))
    # One constraint follows from the others.
    constraints = np.vstack([rows, columns])[:-1]
    totals = np.concatenate([found.share, known.share])[:-1]
    return float(linprog(cost.ravel(), A_eq=constraints, b_eq=totals).fun)
