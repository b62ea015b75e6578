"""Colors as they are known, and how far a palette is from them."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.optimize import linprog

from trendcolor.color.spaces import FloatArray, color_difference


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
