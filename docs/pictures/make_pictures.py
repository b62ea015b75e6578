"""Draws the pictures of docs/color.md from one sample photo, and prints the numbers in its text.

    python docs/pictures/make_pictures.py [--out DIR]

Each step calls the package's own functions, so the pictures show what the code does. The photo is
rendered, so the true light and the true dyes are known.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from drawing import BLUE, GRID, INK, ORANGE, SOFT, WHITE, Axes, Ink, Sheet
from numpy.typing import NDArray
from scipy import ndimage
from steps import (
    GARMENT,
    Steps,
    dyes_of,
    nearest_true,
    pixel_kinds,
    take_steps,
    warmth,
)

from trendcolor.color import illuminant as lighting
from trendcolor.color.adaptation import adapt_to_d65
from trendcolor.color.estimators import ESTIMATORS
from trendcolor.color.shading import cluster_centers
from trendcolor.color.spaces import (
    lab_to_srgb,
    linear_to_srgb,
    srgb_to_linear,
)
from trendcolor.pipeline import name_palette
from trendcolor.taxonomy import CLASSES, FOOTWEAR, TOP, TROUSERS

GARMENTS: dict[int, Ink] = {TOP: (255, 214, 0), TROUSERS: (0, 200, 230), FOOTWEAR: (150, 230, 60)}
_EACH = 12  # which blocks are drawn
PLOT: Ink = (206, 208, 214)  # on which dark and light are seen
BLEND: Ink = (0, 220, 255)
EDGE: Ink = (150, 150, 155)


def _ink(rgb8: NDArray[np.integer]) -> Ink:
    return int(rgb8[0]), int(rgb8[1]), int(rgb8[2])


def draw_photo(steps: Steps) -> Sheet:
    """The photo, and what the label map says."""
    sheet = Sheet(486)
    sheet.picture(steps.rgb8, (0, 30), 342, smooth=True)
    marked = (0.35 * steps.rgb8 + 0.65 * 235).astype(np.uint8)
    for label, ink in GARMENTS.items():
        mask = steps.labels == label
        marked[mask] = steps.rgb8[mask]
        marked[ndimage.binary_dilation(mask, iterations=2) & ~mask] = ink
    sheet.picture(marked, (358, 30), 342, smooth=True)
    sheet.text((0, 4), "The photo")
    sheet.text((358, 4), "Its garments")
    for label, y in ((TOP, 130), (TROUSERS, 280), (FOOTWEAR, 415)):
        sheet.text((624, y), CLASSES[label], 15)
        sheet.box((602, y + 2), (616, y + 16), GARMENTS[label], SOFT)
    return sheet


def draw_evidence(steps: Steps) -> Sheet:
    """What the light is read from, and its surfaces."""
    sheet = Sheet(486)
    shown = np.where(steps.is_evidence[..., None], steps.rgb8, np.uint8(255))
    sheet.picture(shown, (0, 30), 342, smooth=True)
    sheet.text((0, 4), "Evidence of the light")
    axes = Axes(sheet, (418, 54), (692, 430), (-0.1, 1.3), (-0.25, 0.65))
    axes.frame([0, 0.3, 0.6, 0.9, 1.2], [-0.2, 0, 0.2, 0.4, 0.6])
    axes.titles("warmer: log(R/B)", "greener: log(G^2/RB)")
    sheet.text((358, 4), "Its blocks, and the surface that they make")
    blocks = np.maximum(steps.evidence.blocks[::_EACH], 1e-4)
    red, green, blue = blocks.T
    colors = linear_to_srgb(blocks)
    for warm, greener, color in zip(
        np.log(red / blue), np.log(green * green / (red * blue)), colors, strict=True
    ):
        if axes.x[0] < warm < axes.x[1] and axes.y[0] < greener < axes.y[1]:
            sheet.disk(axes.place(warm, greener), 1.5, _ink(color))
    sheet.line([axes.place(cast, 0.21 * cast) for cast in (0, 1.3)], ORANGE, 2)
    for warm, greener in zip(steps.surfaces.warmth, steps.surfaces.greenness, strict=True):
        sheet.disk(axes.place(warm, greener), 8, WHITE, BLUE)
    sheet.text(axes.place(0.98, 0.12), "lights, daylight", 13, ORANGE, "ma")
    sheet.text(axes.place(0.98, 0.08), "to tungsten", 13, ORANGE, "ma")
    return sheet


def draw_belief(steps: Steps) -> Sheet:
    """How much each cast is believed in."""
    sheet = Sheet(340)
    prior = lighting._prior()
    belief = lighting._likelihood(steps.evidence) * prior
    belief, casts = belief / belief.sum(), lighting._CASTS
    top = 1.15 * float(belief.max())
    axes = Axes(sheet, (52, 74), (692, 290), (-0.6, 1.6), (0, top))
    axes.frame([-0.5, 0, 0.5, 1, 1.5], [value for value in (0, 0.05, 0.1, 0.15) if value < top])
    axes.titles("cast of the light: log(R/B); 0 is daylight, 2.1 is tungsten", "belief")
    is_shown = casts <= 1.6
    for cast, part in zip(casts[is_shown], belief[is_shown], strict=True):
        x, y = axes.place(cast, part)
        _, floor = axes.place(cast, 0)
        sheet.box((x - 2, y), (x + 2, floor), (168, 196, 232))
    trusted = lighting._median(belief)
    for cast, ink, text, y in (
        (trusted, BLUE, f"trusted {trusted:.2f}", 46),
        (steps.true_cast, ORANGE, f"true {steps.true_cast:.2f}", 26),
    ):
        x, _ = axes.place(cast, 0)
        sheet.line([(x, y + 8), (x, 290)], ink, 2)
        sheet.text((x + 8, y), text, 15, ink, "lm")
    for rise, (name, estimator) in enumerate(ESTIMATORS.items()):
        cast = warmth(estimator.light(steps.evidence))
        x, y = axes.place(cast, 0)[0], 100 + 22 * rise
        sheet.disk((x, y), 4, INK)
        sheet.line([(x, y), (axes.place(1.02, 0)[0] - 6, y)], GRID, 1)
        sheet.disk((x, y), 4, INK)
        sheet.text((axes.place(1.02, 0)[0], y), f"{name} {cast:.2f}", 14, INK, "lm")
    return sheet


def draw_corrected(steps: Steps) -> Sheet:
    """The photo before and after the correction."""
    sheet = Sheet(348)
    corrected = linear_to_srgb(adapt_to_d65(srgb_to_linear(steps.rgb8), steps.light))
    for left, rgb8, text in ((0, steps.rgb8, "As taken"), (358, corrected, "Under daylight")):
        sheet.picture(rgb8[20:356, 60:420], (left, 30), 342, smooth=True)
        sheet.text((left, 4), text)
    return sheet


def draw_votes(steps: Steps) -> Sheet:
    """Which pixels show the cloth."""
    sheet = Sheet(402)
    votes, blends = pixel_kinds(steps)
    shown = np.full_like(steps.rgb8, 255)
    shown[steps.labels == GARMENT] = EDGE
    shown[votes] = steps.rgb8[votes]
    shown[blends] = BLEND
    for left, rgb8 in ((0, steps.rgb8), (358, shown)):
        sheet.picture(rgb8[120:234, 146:260], (left, 30), 342, smooth=False)
    sheet.text((0, 4), "A part of the top")
    sheet.text((358, 4), "What votes, in its own color")
    sheet.box((358, 380), (372, 394), BLEND, SOFT)
    sheet.text((378, 379), "blends")
    sheet.box((450, 380), (464, 394), EDGE, SOFT)
    sheet.text((470, 379), "edge, not counted")
    return sheet


def draw_cells(steps: Steps) -> Sheet:
    """Cells of colors, and the clusters' centers."""
    sheet = Sheet(400)
    centers = cluster_centers(steps.cells, steps.votes, steps.clusters)
    colors = lab_to_srgb(steps.cells)
    sides = (((46, 44), (340, 338), 2, (-35, 70), "b*"), ((396, 44), (690, 338), 0, (0, 105), "L*"))
    for start, end, channel, bounds, title in sides:
        axes = Axes(sheet, start, end, (-20, 85), bounds)
        axes.frame(
            [0, 20, 40, 60, 80], [v for v in range(-20, 101, 20) if bounds[0] < v < bounds[1]], PLOT
        )
        axes.titles("a*", title)
        for i in np.argsort(-steps.votes):
            place = axes.place(steps.cells[i, 1], steps.cells[i, channel])
            radius = 1.2 + 0.22 * float(np.sqrt(steps.votes[i]))
            sheet.disk(place, radius, _ink(colors[i]))
        for center in centers:
            place = axes.place(center[1], center[channel])
            sheet.disk(place, 7, None, WHITE)
            sheet.disk(place, 8, None, BLUE)
            sheet.disk(place, 9, None, BLUE)
    return sheet


def draw_dyes(steps: Steps) -> Sheet:
    """Clusters that are one dye, the color that is read, and the true one."""
    dyes = dyes_of(steps)
    sheet = Sheet(34 + 86 * len(dyes))
    for x, text in ((0, "Clusters of one dye, dark to lit"), (400, "Read"), (480, "True")):
        sheet.text((x, 4), text)
    for row, dye in enumerate(dyes):
        top, left = 34 + 86 * row, 0.0
        for color, part in zip(dye.clusters, dye.part, strict=True):
            sheet.box((left, top), (left + 370 * part, top + 50), _ink(color), WHITE)
            left += 370 * part
        sheet.box((400, top), (464, top + 50), _ink(lab_to_srgb(dye.lit)), SOFT)
        text = "dropped"
        if dye.is_kept:
            true, apart = nearest_true(steps, dye.lit)
            sheet.box((480, top), (544, top + 50), _ink(steps.true_dyes[true]), SOFT)
            text = f"CIEDE2000 {apart:.1f}"
        sheet.text((560, top + 25), text, 15, INK, "lm")
        n = f"{len(dye.part)} cluster{'s' * (len(dye.part) > 1)}"
        part = f"{n}; {100 * dye.votes:.1f} % of the votes, {100 * dye.area:.1f} % of the area"
        sheet.text((0, top + 56), part, 14, SOFT)
    return sheet


def draw_palette(steps: Steps) -> Sheet:
    """The answer, and the truth below it."""
    sheet = Sheet(244)
    left, left_true = 0.0, 0.0
    for color, lab in zip(name_palette(steps.palette), steps.palette.lab, strict=True):
        width, (true, _) = 700 * color.share, nearest_true(steps, lab)
        sheet.box((left, 0), (left + width, 90), color.rgb, SOFT)
        code = "#{:02x}{:02x}{:02x}".format(*color.rgb)
        texts = (color.name, f"{100 * color.share:.1f} %  {code}", f"spread {color.spread:.1f}")
        for line, text in enumerate(texts):
            sheet.text((left + 2, 96 + 22 * line), text, 15, SOFT if line == 2 else INK)
        width_true = 700 * float(steps.true_share[true])
        end = (left_true + width_true, 220)
        sheet.box((left_true, 180), end, _ink(steps.true_dyes[true]), SOFT)
        share = f"true: {100 * steps.true_share[true]:.1f} %"
        sheet.text((left_true + 2, 224), share, 14, SOFT)
        left, left_true = left + width, left_true + width_true
    return sheet


PICTURES: dict[str, Callable[[Steps], Sheet]] = {
    "1-photo.jpg": draw_photo,
    "2-evidence.jpg": draw_evidence,
    "3-belief.png": draw_belief,
    "4-corrected.jpg": draw_corrected,
    "5-votes.png": draw_votes,
    "6-cells.png": draw_cells,
    "7-dyes.png": draw_dyes,
    "8-palette.png": draw_palette,
}


def print_numbers(steps: Steps) -> None:
    """The numbers that docs/color.md tells of the photo."""
    n, mask = np.count_nonzero, steps.labels == GARMENT
    votes, blends = pixel_kinds(steps)
    belief = lighting._likelihood(steps.evidence) * lighting._prior()
    belief /= belief.sum()
    print(f"evidence: {100 * n(steps.is_evidence) / mask.size:.0f} % of the photo's pixels,")
    print(f"  {len(steps.evidence.blocks)} blocks, {len(steps.surfaces.area)} surfaces")
    print(f"belief that there is no cast: {belief[lighting._CASTS == 0][0]:.1g}")
    print(f"cast: true {steps.true_cast:.2f}, trusted {lighting._median(belief):.2f},")
    print(f"  x {steps.light.trusted_x:.4f}, y {steps.light.trusted_y:.4f},")
    print(f"  confidence {steps.light.confidence:.2f}")
    for name, estimator in ESTIMATORS.items():
        print(f"  {name}: {warmth(estimator.light(steps.evidence)):.2f}")
    print(f"top: {n(mask)} pixels, {n(votes)} vote, {n(blends)} blends,")
    print(f"  {n(mask) - n(votes) - n(blends)} on the edge; {len(steps.cells)} cells vote")
    print(f"clusters: {len(steps.dyes)}, dyes {steps.dyes.max() + 1}")
    for dye in dyes_of(steps):
        print(f"  {lab_to_srgb(dye.lit)}: {100 * dye.votes:.1f} % of the votes,")
        print(f"    {100 * dye.area:.1f} % of the area, kept: {dye.is_kept}")
    for color, lab in zip(name_palette(steps.palette), steps.palette.lab, strict=True):
        true, apart = nearest_true(steps, lab)
        print(f"  {color.name} {color.rgb} {100 * color.share:.1f} %, {apart:.1f} off;")
        print(f"    true {steps.true_dyes[true]} {100 * steps.true_share[true]:.1f} %;")
        print(f"    spread {color.spread:.1f}, confidence {color.confidence:.2f}")


def main() -> None:
    """Write all pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    steps = take_steps()
    for name, draw in PICTURES.items():
        draw(steps).save(out / name)
    print_numbers(steps)


if __name__ == "__main__":
    main()
