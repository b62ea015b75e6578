"""Whether garments are found and their colors read as well on dark skin as on light skin.

    python benchmarks/fairness.py [DATA] [--photos 200] [--resamples 2000] [--seed 0]

DATA holds `renders` and `lookbook` (default: $TRENDCOLOR_DATA or ../shared/data), whose label maps
and colors are known. People are grouped by what is measured: the median L* of their true skin
pixels under the true white balance, in thirds, with the shading of the scene taken off: by as much
as the photo's matte garments, whose colors are known, are darker in it than they are. Garments
are looked at as a run does it, by the packaged segmenter with the color correction; beside it
stands the color error with true label maps. Intervals are percentiles of a bootstrap that draws
whole photos.
"""

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from color_renders import LEAST_SHARE, Render, read_renders, with_exposure
from numpy.typing import NDArray

from trendcolor.color.spaces import (
    FloatArray,
    color_difference,
    linear_to_lab,
    luminance,
    srgb_to_lab,
    srgb_to_linear,
)
from trendcolor.config import ColorConfig, SegmentationConfig
from trendcolor.images.decode import Photo
from trendcolor.pipeline import PhotoAnalysis, analyze_photo, predict
from trendcolor.segmentation.opening import load_segmenter
from trendcolor.segmentation.segmenter import Segmenter
from trendcolor.taxonomy import HAIR, SKIN, LabelMap, is_garment

CONFIG = ColorConfig()
LEAST_SKIN = 200  # pixels of skin below which its color is not told
CLOSE = 15.0  # CIEDE2000 between skin and garment: nude, beige and brown on much skin
CONFIDENCE = 0.95
_DARK, _LIGHT = 30.0, 60.0  # L* of garments
_WARM, _COOL = 4000.0, 5500.0  # correlated color temperature, K
MEASURES = {
    "purity": np.mean,
    "skin inside": np.mean,
    "IoU": np.mean,
    "color error": np.median,
    "color error, true masks": np.median,
}
HEAD = f"""| photos | group | n photos | n garments | missed | {" | ".join(MEASURES)} |
| --- | --- | --- | --- | --- |{" --- |" * len(MEASURES)}"""
Groups = Mapping[str, NDArray[np.bool_]]  # which garments are in which group


@dataclass(frozen=True, slots=True)
class Look:
    """One garment of a photo, and how it was measured."""

    photo: int
    skin: float  # median L* of the wearer's skin, under the true light
    light: float  # correlated color temperature of the true light, K
    garment: float  # L* of the garment's true main color
    apart: float  # CIEDE2000 between skin and the garment's true main color
    values: tuple[float, ...]  # by `MEASURES`; nan where the garment is missed


def skin_color(lab: FloatArray, labels: LabelMap) -> FloatArray | None:
    """The median color of the skin, shape (3,); None where too little is seen.

    Args:
        lab: The photo under its true light, shape (h, w, 3). Not modified.
        labels: The true label map, shape (h, w). Not modified.
    """
    skin = lab[labels == SKIN]
    return np.median(skin, axis=0).astype(float) if len(skin) >= LEAST_SKIN else None


def lit(linear: FloatArray, render: Render) -> float | None:
    """How much lighter matte garments are than they look in the photo; None where there is none.

    Args:
        linear: The photo under its true light, linear sRGB, shape (h, w, 3). Not modified.
        render: With what is known of it.
    """
    scales = []
    for garment in render.truth["garments"]:
        seen = linear[render.labels == garment["label"]]
        if garment["material"] == "matte" and len(seen):
            colors = np.array([color["srgb"] for color in garment["colors"]], np.uint8)
            share = np.array([color["share"] for color in garment["colors"]])
            true = share / share.sum() @ luminance(srgb_to_linear(colors).astype(float))
            scales.append(float(true) / max(float(luminance(seen.astype(float)).mean()), 1e-4))
    return float(np.median(scales)) if scales else None


def temperature(x: float, y: float) -> float:
    """Correlated color temperature, K (McCamy, Color Res. Appl. 17(2), 1992)."""
    n = (x - 0.3320) / (0.1858 - y)
    return 449 * n**3 + 3525 * n**2 + 6823.3 * n + 5520.33


def masks(true: LabelMap, found: LabelMap, class_id: int) -> tuple[float, float, float]:
    """How well one class was found.

    Args:
        true: Class ids. Not modified.
        found: Class ids of the same shape. Not modified.
        class_id: Of the garment.

    Returns:
        The part of the found pixels that is garment, of whatever class; the part that is skin or
        hair; and intersection over union. nan where nothing was found, and an IoU of 0.
    """
    one, other = true == class_id, found == class_id
    union = float(np.mean(one | other))
    iou = float(np.mean(one & other)) / union if union else float("nan")
    below = true[other]
    if not len(below):
        return float("nan"), float("nan"), iou
    return float(np.mean(is_garment(below))), float(np.mean(np.isin(below, (SKIN, HAIR)))), iou


def color_error(analysis: PhotoAnalysis, name: str, known: FloatArray) -> float:
    """CIEDE2000 of a garment's main color; the largest of its class; nan where none is found."""
    found = [each for each in analysis.foreground if each.garment == name and each.palette]
    if not found:
        return float("nan")
    largest = max(found, key=lambda each: each.pixels)
    lab = srgb_to_lab(np.array([largest.palette[0].rgb], np.uint8))[0].astype(float)
    return float(color_difference(lab, known))


def looks(number: int, render: Render, segmenter: Segmenter) -> list[Look]:
    """The garments of one photo that count: matte, and no specks."""
    linear = with_exposure(render)
    scale = lit(linear, render)
    skin = None if scale is None else skin_color(linear_to_lab(linear * scale), render.labels)
    if skin is None:
        return []
    height, width = render.labels.shape
    photo = Photo(rgb=render.rgb8, opaque=None, width=width, height=height)
    predicted = predict(segmenter, photo)
    ours, given = (analyze_photo(photo, each, CONFIG) for each in (predicted, render.labels))
    light = temperature(*render.truth["illuminant_xy"])
    found = []
    for garment in render.truth["garments"]:
        if garment["material"] != "matte" or garment["image_share"] < LEAST_SHARE:
            continue
        main = max(garment["colors"], key=lambda color: color["share"])
        known = srgb_to_lab(np.array([main["srgb"]], np.uint8))[0].astype(float)
        errors = [color_error(each, garment["name"], known) for each in (ours, given)]
        values = (*masks(render.labels, predicted.labels, garment["label"]), *errors)
        apart = float(color_difference(skin, known))
        found.append(Look(number, float(skin[0]), light, float(known[0]), apart, values))
    return found


def groups(some: Sequence[Look]) -> Groups:
    """All garments; thirds of skin lightness, of photos; light; darkness; skin near or far."""
    skin, light, garment, apart = (
        np.array([getattr(each, name) for each in some])
        for name in ("skin", "light", "garment", "apart")
    )
    photo = np.array([each.photo for each in some])
    first = np.unique(photo, return_index=True)[1]
    low, high = np.quantile(skin[first], (1 / 3, 2 / 3))
    thirds = {
        "darkest": skin < low,
        "middle": (skin >= low) & (skin < high),
        "lightest": skin >= high,
    }
    told = {
        f"skin: {name} third, L* {skin[member].min():.0f} to {skin[member].max():.0f}": member
        for name, member in thirds.items()
        if member.any()
    }
    return {
        "all": np.ones(len(some), bool),
        **told,
        f"skin near the garment's color (< {CLOSE:.0f})": apart < CLOSE,
        "all other garments": apart >= CLOSE,
        **{
            f"near, skin: {name} third": (apart < CLOSE) & member for name, member in thirds.items()
        },
        **{f"other, skin: {name} third": (apart >= CLOSE) & m for name, m in thirds.items()},
        f"light below {_WARM:.0f} K": light < _WARM,
        f"light {_WARM:.0f} to {_COOL:.0f} K": (light >= _WARM) & (light < _COOL),
        f"light above {_COOL:.0f} K": light >= _COOL,
        f"garment L* below {_DARK:.0f}": garment < _DARK,
        f"garment L* {_DARK:.0f} to {_LIGHT:.0f}": (garment >= _DARK) & (garment < _LIGHT),
        f"garment L* above {_LIGHT:.0f}": garment >= _LIGHT,
    }


def drawn(photos: NDArray[np.int64], n: int, seed: int) -> list[NDArray[np.int64]]:
    """Rows of each resample: whole photos, as many as there are, with replacement.

    Args:
        photos: The photo of each row. Not modified.
        n: How many resamples.
        seed: Of the draws.
    """
    rows = [np.flatnonzero(photos == each) for each in np.unique(photos)]
    random = np.random.default_rng(seed)
    picks = random.integers(0, len(rows), (n, len(rows)))
    return [np.concatenate([rows[i] for i in pick]) for pick in picks]


def interval(
    values: FloatArray,
    resamples: Sequence[NDArray[np.int64]],
    statistic: Callable[[FloatArray], float],
) -> tuple[float, float, float]:
    """A figure with its interval; rows of nan take no part.

    Args:
        values: One a row, shape (n,). Not modified.
        resamples: As `drawn` gives them.
        statistic: Of some values.
    """
    told = _figure(values, statistic)
    again = np.array([_figure(values[rows], statistic) for rows in resamples])
    low, high = np.nanquantile(again, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return told, float(low), float(high)


def _figure(values: FloatArray, statistic: Callable[[FloatArray], float]) -> float:
    kept = values[np.isfinite(values)]
    return float(statistic(kept)) if len(kept) else float("nan")


def difference(
    values: FloatArray,
    pair: Sequence[NDArray[np.bool_]],
    resamples: Sequence[NDArray[np.int64]],
    statistic: Callable[[FloatArray], float],
) -> tuple[float, float, float]:
    """The figure of one group less that of another, with its interval.

    Args:
        values: One a row, shape (n,). Not modified.
        pair: Which rows are in the first and in the second group, each of shape (n,).
        resamples: As `drawn` gives them of all rows.
        statistic: Of some values.
    """

    def apart(rows: NDArray[np.int64]) -> float:
        one, other = (_figure(values[rows][member[rows]], statistic) for member in pair)
        return one - other

    again = np.array([apart(rows) for rows in resamples])
    low, high = np.nanquantile(again, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return apart(np.arange(len(values))), float(low), float(high)


def rows_of(name: str, some: Sequence[Look], n: int, seed: int) -> list[str]:
    """The table's rows of one data set."""
    values = np.array([each.values for each in some]).T
    photo = np.array([each.photo for each in some])
    found = groups(some)
    rows = []
    for words, member in found.items():
        if not member.any():
            continue
        resamples = drawn(photo[member], n, seed)
        cells = [
            told(interval(values[i][member], resamples, statistic), measure)
            for i, (measure, statistic) in enumerate(MEASURES.items())
        ]
        missed = int(np.isnan(values[3][member]).sum())
        n_photos = len(np.unique(photo[member]))
        rows.append(
            f"| {name} | {words} | {n_photos} | {member.sum()} | {missed} | {' | '.join(cells)} |"
        )
    whole = drawn(photo, n, seed)
    for words, pair in contrasts(found).items():
        cells = [
            told(difference(values[i], pair, whole, statistic), measure)
            for i, (measure, statistic) in enumerate(MEASURES.items())
        ]
        rows.append(f"| {name} | **{words}** | | | | {' | '.join(cells)} |")
    return rows


def contrasts(found: Groups) -> dict[str, list[NDArray[np.bool_]]]:
    """The pairs of groups whose difference is the question."""
    ends = [
        next(member for words, member in found.items() if words.startswith(f"skin: {end}"))
        for end in ("darkest", "lightest")
    ]
    others = [found[f"other, skin: {end} third"] for end in ("darkest", "lightest")]
    near = [
        next(member for words, member in found.items() if words.startswith("skin near")),
        found["all other garments"],
    ]
    return {
        "darkest less lightest skin": ends,
        "the same where skin is not near": others,
        "near less other": near,
    }


def told(figure: tuple[float, float, float], name: str) -> str:
    """`0.941 (0.912 to 0.963)`; color errors with one decimal."""
    decimals = 1 if name.startswith("color") else 3
    low, middle, high = (f"{value:.{decimals}f}" for value in (figure[1], figure[0], figure[2]))
    return f"{middle} ({low} to {high})"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    home = os.environ.get("TRENDCOLOR_DATA", "../shared/data")
    parser.add_argument("data", type=Path, nargs="?", default=Path(home))
    parser.add_argument("--photos", type=int, default=200, help="of each folder, at most")
    parser.add_argument("--resamples", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="of the resamples")
    options = parser.parse_args()
    segmenter = load_segmenter(SegmentationConfig())
    print("Purity, skin inside and IoU: means; color errors: medians of CIEDE2000;")
    print(
        f"each with its interval of {CONFIDENCE:.0%} over {options.resamples} resamples of photos\n"
    )
    print(HEAD)
    for folder in ("renders", "lookbook"):
        renders = read_renders(options.data / folder)[: options.photos]
        some = [look for i, each in enumerate(renders) for look in looks(i, each, segmenter)]
        print("\n".join(rows_of(folder, some, options.resamples, options.seed)), flush=True)


if __name__ == "__main__":
    main()
