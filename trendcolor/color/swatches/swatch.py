"""One named color of a swatch file, and the ways in which files tell colors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trendcolor.color.adaptation import lab_d50_to_d65
from trendcolor.color.spaces import FloatArray, decoded, linear_to_lab
from trendcolor.errors import VocabularyError

Lab = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Swatch:
    """One named color of a swatch file."""

    name: str
    lab: Lab  # CIE L*a*b*, D65
    code: str | None = None
    family: str | None = None  # as the file says it; None where it doesn't


def lab_of_srgb(rgb: Sequence[float]) -> Lab:
    """Three values of sRGB in 0..1 as Lab under D65."""
    return _as_tuple(linear_to_lab(decoded(np.array(rgb, np.float64))))


def lab_under_d65(name: str, lab: Sequence[float], white: str) -> Lab:
    """Lab of a file as Lab under D65.

    Args:
        name: Whose it is, for the message.
        lab: L* in 0..100, a* and b*.
        white: `"D50"` or `"D65"`.

    Raises:
        VocabularyError: the numbers are those of no color.
    """
    lightness, a, b = lab
    # Negated, so that what is no number is refused too.
    if not (0 <= lightness <= 100 and abs(a) <= 200 and abs(b) <= 200):
        raise VocabularyError(
            f"'{name}' has the Lab {told(lab)}, wanted L* of 0 to 100, a* and b* of -200 to 200"
        )
    values = np.array(lab, np.float64)
    return _as_tuple(lab_d50_to_d65(values) if white == "D50" else values)


def told(numbers: Sequence[float]) -> str:
    """Numbers as a message tells them."""
    return ", ".join(f"{value:g}" for value in numbers)


def refused_cmyk(name: str) -> VocabularyError:
    """The error for a color that is CMYK."""
    return VocabularyError(
        f"'{name}' is CMYK, which has no color without a printer's profile "
        "(save the swatches as Lab or RGB)"
    )


def _as_tuple(lab: FloatArray) -> Lab:
    return float(lab[0]), float(lab[1]), float(lab[2])
