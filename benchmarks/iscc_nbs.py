"""The sRGB values of the ISCC-NBS centroids, worked out anew from their Munsell notations.

    pip install colour-science
    python benchmarks/iscc_nbs.py > iscc_nbs.csv

Prints `trendcolor/color/vocabulary/iscc_nbs.csv` with new sRGB values, and on stderr how far they
lie from those that are there, and how many centroids lie outside sRGB.
"""

import csv
import re
import sys
from importlib import resources

import numpy as np
from colour.notation.munsell import luminance_ASTMD1535, munsell_colour_to_xyY

from trendcolor.color.spaces import (
    WHITE_XYZ,
    XYZ_TO_RGB,
    FloatArray,
    color_difference,
    linear_to_srgb,
    srgb_to_lab,
)

# Chromaticity of illuminant C for the 2-degree observer (CIE 15:2018), under which the Munsell
# renotation holds, and Bradford's cones.
C_XY = (0.31006, 0.31616)
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
CHANNELS = ("red", "green", "blue")


def xyz_of(x: float, y: float, luminance: float) -> FloatArray:
    """CIE xyY as XYZ, shape (3,)."""
    return np.array([x / y, 1, (1 - x - y) / y]) * luminance


def munsell_to_linear(notation: str) -> FloatArray:
    """A Munsell notation, "5R 4/15" or "N 3.5", as linear sRGB; may lie outside 0..1."""
    value = float(re.search(r" ([\d.]+)", notation)[1])
    luminance = float(luminance_ASTMD1535(value)) / 100
    if notation.startswith("N"):
        return np.full(3, luminance)
    # The renotation begins at value 1; darker colors keep the chromaticity that they have there.
    x, y, _ = munsell_colour_to_xyY(re.sub(r" 0\.\d+/", " 1.0/", notation))
    gains = (BRADFORD @ WHITE_XYZ) / (BRADFORD @ xyz_of(*C_XY, 1))
    to_d65 = np.linalg.inv(BRADFORD) @ np.diag(gains) @ BRADFORD
    return XYZ_TO_RGB @ to_d65 @ xyz_of(float(x), float(y), luminance)


def main() -> None:
    """Print the file anew."""
    folder = resources.files("trendcolor.color") / "vocabulary"
    rows = list(csv.DictReader((folder / "iscc_nbs.csv").read_text(encoding="utf-8").splitlines()))
    linear = np.array([munsell_to_linear(row["munsell"]) for row in rows])
    rgb8 = linear_to_srgb(linear)
    there = np.array([[row[each] for each in CHANNELS] for row in rows]).astype(np.uint8)
    off = color_difference(srgb_to_lab(rgb8).astype(float), srgb_to_lab(there).astype(float))
    # Half an 8-bit step near black is 0.00015 in linear light.
    n_outside = np.count_nonzero(((linear < -0.0005) | (linear > 1.0005)).any(axis=1))
    print(f"{n_outside} of {len(rows)} lie outside sRGB", file=sys.stderr)
    print(f"at most {off.max():.2f} (CIEDE2000) from those that are there", file=sys.stderr)
    writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row, values in zip(rows, rgb8, strict=True):
        writer.writerow({**row, **dict(zip(CHANNELS, values.tolist(), strict=True))})


if __name__ == "__main__":
    main()
