"""How near palettes come to the known colors of rendered photos, with true masks.

    python benchmarks/color_renders.py [DATA] [--errors FILE]

DATA holds `renders` and `lookbook` (default: $TRENDCOLOR_DATA or ../shared/data). Only matte
garments over 0.5 % of the photo count: the highlights of satin and leather are not in the truth.
With `--errors` only the renders are measured, as a run does it, and FILE gets the table of
families, right and measured; `trendcolor/analysis/measured/color.json` is such a file.
"""

import argparse
import csv
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from color_truth import Colors, HasColors, first_error, palette_error, palette_of
from numpy.typing import NDArray
from PIL import Image
from sklearn.cluster import KMeans

from trendcolor.analysis.error_tables import color_method, write_error_table
from trendcolor.analysis.misclassification import ErrorTable
from trendcolor.color.adaptation import adapt_to_d65
from trendcolor.color.evidence import unclipped
from trendcolor.color.illuminant import NEUTRAL, Illuminant, estimate_illuminant
from trendcolor.color.names import name_color
from trendcolor.color.spaces import (
    FloatArray,
    Mask,
    Rgb8,
    chromaticity,
    color_difference,
    lab_to_srgb,
    linear_to_lab,
    srgb_to_lab,
    srgb_to_linear,
)
from trendcolor.color.vocabularies import FAMILIES as NAMED
from trendcolor.config import ColorConfig
from trendcolor.taxonomy import BACKGROUND, MAIN_GARMENTS, LabelMap

CONFIG = ColorConfig()
LEAST_SHARE = 0.005
Palettes = Callable[[Mask], HasColors]
COLUMNS = (
    "photos",
    "method",
    "garments",
    "first color: median",
    "p90",
    "EMD: median",
    "p90",
    "right number of colors",
    "right family of main garments",
    "seconds",
)
# The lookbook's families that are not among the twelve.
FAMILIES = {
    "navy": "blue",
    "burgundy": "red",
    "butter": "yellow",
    "olive": "green",
    "teal": "green",
}


@dataclass(frozen=True, slots=True, eq=False)
class Render:
    """A rendered photo and what is known of it."""

    rgb8: Rgb8
    labels: LabelMap
    truth: dict


@dataclass(frozen=True, slots=True, eq=False)
class Garment:
    """One garment as it was measured and as it is."""

    name: str
    palette: HasColors
    known: Colors


def read_renders(folder: Path) -> list[Render]:
    """All photos of a folder with their truth."""
    renders = []
    for line in (folder / "truth.jsonl").read_text().splitlines():
        truth = json.loads(line)
        image = folder / "images" / truth["image"]
        mask = folder / "masks" / f"{image.stem}.png"
        labels = np.asarray(Image.open(mask))
        renders.append(Render(np.asarray(Image.open(image).convert("RGB")), labels, truth))
    return renders


def no_correction(_: Render) -> Illuminant:
    """The photo as it is."""
    return NEUTRAL


def correction(render: Render) -> Illuminant:
    """Our estimate, behind our gate."""
    evidence = (render.labels == BACKGROUND) & unclipped(render.rgb8)
    return estimate_illuminant(srgb_to_linear(render.rgb8), evidence, CONFIG)


def light_left(render: Render) -> FloatArray:
    """What the camera left of the known light, linear sRGB, green 1."""
    light = np.array(render.truth["illuminant_linear_srgb"])
    return np.asarray((light / light[1]) ** (1 - render.truth["awb_fraction"]))


def true_white_balance(render: Render) -> Illuminant:
    """The light that is left, as one to correct colors for."""
    xy = chromaticity(light_left(render))
    return Illuminant(*xy, "known", True, *xy)


def with_exposure(render: Render) -> FloatArray:
    """The photo in its true white balance and at its true exposure, linear."""
    linear = adapt_to_d65(srgb_to_linear(render.rgb8), true_white_balance(render))
    return linear / 2 ** render.truth["exposure_ev"]


def ours(light: Callable[[Render], Illuminant], render: Render) -> Palettes:
    """Our palettes in a light."""
    illuminant = light(render)
    return lambda mask: palette_of(render.rgb8, mask, illuminant)


def kmeans(light: Callable[[Render], Illuminant], render: Render) -> Palettes:
    """Plain k-means of three colors in CIELAB, on all pixels of the mask."""
    lab = linear_to_lab(adapt_to_d65(srgb_to_linear(render.rgb8), light(render)))

    def find(mask: Mask) -> Colors:
        pixels = lab[mask].astype(float)
        fitted = KMeans(3, n_init=1, random_state=0).fit(pixels[:: max(1, len(pixels) // 20_000)])
        return by_share(fitted.cluster_centers_, fitted.labels_)

    return find


def median(render: Render) -> Palettes:
    """The median of the mask, with the true white balance and exposure."""
    lab = linear_to_lab(with_exposure(render))
    return lambda mask: Colors(np.median(lab[mask].astype(float), axis=0)[None], np.ones(1))


def by_share(lab: FloatArray, labels: NDArray[np.int32]) -> Colors:
    """Cluster centers, largest first."""
    share = np.bincount(labels, minlength=len(lab)) / len(labels)
    order = np.argsort(-share, kind="stable")
    return Colors(lab[order], share[order])


METHODS: dict[str, Callable[[Render], Palettes]] = {
    "no correction": partial(ours, no_correction),
    "correction": partial(ours, correction),
    "true white balance": partial(ours, true_white_balance),
    "no correction, plain k-means": partial(kmeans, no_correction),
    "true white balance, plain k-means": partial(kmeans, true_white_balance),
    "true white balance and exposure, median": median,
}


def measure(render: Render, method: Callable[[Render], Palettes]) -> Iterator[Garment]:
    """The garments of one photo that count."""
    find = method(render)
    for garment in render.truth["garments"]:
        if garment["material"] != "matte" or garment["image_share"] < LEAST_SHARE:
            continue
        mask: Mask = render.labels == garment["label"]
        share = np.array([color["share"] for color in garment["colors"]])
        colors = np.array([color["srgb"] for color in garment["colors"]], np.uint8)
        known = Colors(srgb_to_lab(colors).astype(float), share / share.sum())
        yield Garment(garment["name"], find(mask), known)


def family_of(lab: FloatArray) -> str:
    """The family that we name."""
    return name_color(lab_to_srgb(lab).tolist()).family


def read_families(file: Path) -> Callable[[FloatArray], str]:
    """The lookbook's own rule: the family of its nearest reference shade."""
    with file.open() as lines:
        rows = list(csv.DictReader(lines))
    lab = srgb_to_lab(np.array([[int(row[c]) for c in "rgb"] for row in rows], np.uint8))
    names = [FAMILIES.get(row["family"], row["family"]) for row in rows]
    return lambda color: names[int(np.argmin(color_difference(lab.astype(float), color)))]


def family_errors(renders: Sequence[Render]) -> ErrorTable:
    """Families of main colors: of the known dye, and as a run measures it."""
    garments = [g for render in renders for g in measure(render, METHODS["correction"])]
    counts = np.zeros((len(NAMED), len(NAMED)))
    for garment in garments:
        right, measured = (family_of(each.lab[0]) for each in (garment.known, garment.palette))
        counts[NAMED.index(right), NAMED.index(measured)] += 1
    return ErrorTable(
        labels=NAMED,
        counts=counts,
        invented=np.zeros(len(NAMED)),
        made_by=f"python benchmarks/color_renders.py --errors FILE ({len(renders)} renders)",
        of=color_method(CONFIG),
    )


def main() -> None:
    """Print one table a folder, or write the table of errors."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    home = os.environ.get("TRENDCOLOR_DATA", "../shared/data")
    parser.add_argument("data", type=Path, nargs="?", default=Path(home))
    parser.add_argument("--errors", type=Path, metavar="FILE")
    options = parser.parse_args()
    if options.errors is None:
        print_tables(options.data)
        return
    table = family_errors(read_renders(options.data / "renders"))
    write_error_table(table, options.errors)
    print(table.table())


def print_tables(data: Path) -> None:
    """One table a folder."""
    true_family = read_families(data / "lookbook/families.csv")
    print(" | ".join(COLUMNS))
    for folder in ("renders", "lookbook"):
        renders = read_renders(data / folder)
        found = {}
        for name, method in METHODS.items():
            start = time.perf_counter()
            garments = [garment for render in renders for garment in measure(render, method)]
            seconds = time.perf_counter() - start
            found[name] = scores(garments, true_family)
            figures = " | ".join(f"{figure:.2f}" for figure in found[name])
            print(f"{folder} | {name} | {len(garments)} | {figures} | {seconds:.0f}")
        plain, corrected, best = (found[name] for name in list(METHODS)[:3])
        for figure, name in ((0, "first color"), (2, "EMD")):
            closed = (plain[figure] - corrected[figure]) / (plain[figure] - best[figure])
            print(f"{folder}: {name}, median: correction closes {100 * closed:.0f} % of the gap")


def scores(garments: list[Garment], true_family: Callable[[FloatArray], str]) -> list[float]:
    """A row of the table."""
    first = [first_error(g.palette, g.known) for g in garments]
    whole = [palette_error(g.palette, g.known) for g in garments]
    same_number = [len(g.palette.share) == len(g.known.share) for g in garments]
    same_family = [
        family_of(g.palette.lab[0]) == true_family(g.known.lab[0])
        for g in garments
        if g.name in MAIN_GARMENTS
    ]
    quantiles = [*np.quantile(first, (0.5, 0.9)), *np.quantile(whole, (0.5, 0.9))]
    return [*map(float, quantiles), float(np.mean(same_number)), float(np.mean(same_family))]


if __name__ == "__main__":
    main()
