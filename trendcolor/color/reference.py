"""The light from something whose color is known: a gray card, a ColorChecker, a declared white.

What lies in the photo tells the exposure too; so here, and only here, brightness is corrected. A
card that can't be read is refused with the reason, and the light is estimated instead.
"""

from dataclasses import dataclass

import numpy as np

from trendcolor.cards.light import ColorChecker, DeclaredLight, GrayCard, white_point_faults
from trendcolor.color.chart import ChartReading, read_chart
from trendcolor.color.checker import FoundChart, find_chart
from trendcolor.color.illuminant import Illuminant
from trendcolor.color.spaces import FloatArray, Mask, Rgb8, chromaticity, luminance, srgb_to_linear
from trendcolor.taxonomy import BACKGROUND, IGNORE, LabelMap

# Of a gray card, the middle is read, in cells of a quarter of it each way.
_MIDDLE, _CELLS = 0.6, 4
_LEAST_SIDE = 12  # of the middle, pixels
_CLIPPED, _DARK = 250, 20  # 8-bit values, as `illuminant.unclipped` takes them
_MOST_CLIPPED = 0.05  # of the middle's pixels; dark ones too
_MOST_COVERED = 0.1  # of the middle's pixels that the label map calls garment, skin or hair
# Between cells: the largest luminance over the smallest, and steps of log(R/G), log(B/G). JPEG
# alone makes steps of 0.15 in the blue of a dark card under a lamp.
_UNEVEN, _TWO_COLORS = 1.3, 0.2
_TEXTURED = 0.25  # deviation of luminance within cells over its mean; noise stays below
# What a camera or a tone curve may be off by, two stops; beyond that it is no such card.
_LEAST_EXPOSURE, _MOST_EXPOSURE = 0.25, 4.0
# Mean CIEDE2000 of a chart's patches, light and exposure corrected, and correlation of its
# linear light. Charts computed from spectra under lamps and a tone curve come to 10, other grids
# in 760 photos of clothes to 21 and more.
MOST_ERROR, _LEAST_CORRELATION = 12.0, 0.8
_AROUND = 0.15  # how far around a declared box a chart is looked for, of the box's side


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What came of a declared light in one photo: a light, or the reason why not."""

    illuminant: Illuminant | None
    refused: str | None = None  # why what was declared can't be read; None where it was
    corners: FloatArray | None = None  # (n, 2) of the card, x and y as fractions of the photo


@dataclass(frozen=True, slots=True, eq=False)
class PhotoLight:
    """The light of a photo, declared or estimated, and what became of a declared card."""

    light: Illuminant
    corners: FloatArray | None = None  # as of `Reading`
    refused: str | None = None  # as of `Reading`


def read_reference(
    rgb8: Rgb8,
    labels: LabelMap,
    declared: DeclaredLight,
    *,
    seen: Mask | None = None,
    correct: bool = True,
) -> Reading:
    """The light of a photo from what was declared of it.

    Args:
        rgb8: The photo, shape (h, w, 3), 8-bit sRGB. Not modified.
        labels: Class ids, shape (h, w). A gray card that a garment or a person covers is refused.
            Not modified.
        declared: The white point, gray card or ColorChecker.
        seen: Shape (h, w), pixels that are not transparent; None: all. Not modified.
        correct: Whether the light is applied.

    Guarantees, each held by tests/test_color_reference.py:
        Under a light and an exposure that clip nothing, a gray card and a chart come out with the
        reflectance that they have. A declared white point changes no exposure.
    """
    if declared.white_point:
        x, y = declared.white_point
        return Reading(Illuminant(x, y, "white-point", correct, x, y, confidence=1.0))
    if declared.gray_card is not None:
        return _gray_card(rgb8, labels, declared.gray_card, seen, correct)
    box = declared.color_checker.box if isinstance(declared.color_checker, ColorChecker) else None
    return _color_checker(rgb8, box, seen, correct)


def _gray_card(
    rgb8: Rgb8, labels: LabelMap, card: GrayCard, seen: Mask | None, correct: bool
) -> Reading:
    rows, columns = _inside(card.box, rgb8.shape[:2], _MIDDLE)
    pixels = rgb8[rows, columns]
    if min(pixels.shape[:2]) < _LEAST_SIDE:
        return _refused(
            "gray card", f"shows {pixels.shape[1]} x {pixels.shape[0]} pixels, needs 12"
        )
    shown = None if seen is None else seen[rows, columns]
    fault = _covered(labels[rows, columns], shown) or _unread(pixels)
    if fault:
        return _refused("gray card", fault)
    linear = srgb_to_linear(pixels).astype(np.float64)
    high, low = pixels.max(axis=2), pixels.min(axis=2)
    clear = (low > 0) & (high < _CLIPPED) & (high > _DARK)
    fault = _uneven(linear)
    if fault:
        return _refused("gray card", fault)
    light = linear[clear].mean(axis=0) / card.reflectance
    off = next(white_point_faults(chromaticity(light)), None)
    if off is not None:
        return _refused("gray card", f"is not gray: {off}")
    return _measured("gray card", light, _corners_of(card.box), correct)


def _covered(labels: LabelMap, shown: Mask | None) -> str:
    """Why a place does not show a card by what else is known of it; empty where it may."""
    if shown is not None and np.mean(~shown) > _MOST_CLIPPED:
        return "is transparent in the file"
    covered = float(np.mean((labels != BACKGROUND) & (labels != IGNORE)))
    if covered > _MOST_COVERED:
        return f"is covered by a garment or a person, {100 * covered:.0f} % of it"
    return ""


def _unread(pixels: Rgb8) -> str:
    """Why pixels tell no light; empty where they do."""
    high, low = pixels.max(axis=2), pixels.min(axis=2)
    for is_bad, word in ((high >= _CLIPPED, "overexposed"), (high <= _DARK, "too dark")):
        if np.mean(is_bad) > _MOST_CLIPPED:
            return f"is {word}, {100 * np.mean(is_bad):.0f} % of it"
    if np.mean(low == 0) > _MOST_CLIPPED:
        return f"has a channel at 0, {100 * np.mean(low == 0):.0f} % of it"
    return ""


def _uneven(linear: FloatArray) -> str:
    """Why a place is no even card; empty where it is one."""
    height, width = (length // _CELLS for length in linear.shape[:2])
    cells = linear[: height * _CELLS, : width * _CELLS]
    cells = cells.reshape(_CELLS, height, _CELLS, width, 3).transpose(0, 2, 1, 3, 4)
    cells = cells.reshape(_CELLS * _CELLS, height * width, 3)
    means, light = cells.mean(axis=1), luminance(cells)
    level = light.mean(axis=1)
    if level.max() > _UNEVEN * level.min():
        ratio = level.max() / level.min()
        return f"is unevenly lit or covered: one part is {ratio:.1f} times as bright as another"
    colors = np.log(means[:, [0, 2]] / means[:, [1]])
    if np.ptp(colors, axis=0).max() > _TWO_COLORS:
        return "shows more than one color (the box must lie inside the card)"
    texture = float((light.std(axis=1) / level).mean())
    if texture > _TEXTURED:
        return f"is textured: brightness varies by {100 * texture:.0f} % of its mean"
    return ""


def _color_checker(
    rgb8: Rgb8, box: tuple[float, ...] | None, seen: Mask | None, correct: bool
) -> Reading:
    found = find_chart(rgb8, MOST_ERROR, seen) if box is None else _chart_at(rgb8, box, seen)
    name = "ColorChecker"
    if found is None:
        return _refused(name, "is not found in the photo")
    reading = found.reading
    if reading.error > MOST_ERROR or reading.correlation < _LEAST_CORRELATION:
        return _refused(
            name,
            f"does not fit: its colors are {reading.error:.1f} CIEDE2000 from the chart's in the "
            f"mean, at most {MOST_ERROR:g}, correlation {reading.correlation:.2f}, at least "
            f"{_LEAST_CORRELATION:g}",
        )
    size = np.array(rgb8.shape[1::-1], dtype=float)
    return _measured(name, reading.light, found.corners / size, correct)


def _chart_at(rgb8: Rgb8, box: tuple[float, ...], seen: Mask | None) -> FoundChart | None:
    """The chart at a declared place: as it is found there, or as the box itself has it."""
    rows, columns = _inside(box, rgb8.shape[:2], 1 + 2 * _AROUND)
    part = None if seen is None else seen[rows, columns]
    found = find_chart(rgb8[rows, columns], MOST_ERROR, part)
    candidates: list[FoundChart] = []
    if found is not None:
        shift = np.array([columns.start, rows.start])
        candidates.append(FoundChart(found.corners + shift, found.reading))
    corners = _corners_of(box) * rgb8.shape[1::-1]
    reading: ChartReading | None = read_chart(rgb8, corners, seen)
    if reading is not None:
        candidates.append(FoundChart(corners, reading))
    return min(candidates, key=lambda one: one.reading.error, default=None)


def _measured(name: str, light: FloatArray, corners: FloatArray, correct: bool) -> Reading:
    """A light in linear sRGB, as white would have it, as an illuminant with its exposure."""
    exposure = 1 / float(luminance(light))
    if not _LEAST_EXPOSURE <= exposure <= _MOST_EXPOSURE:
        return _refused(
            name,
            f"asks for {exposure:.2g} times the light, within {_LEAST_EXPOSURE:g} to "
            f"{_MOST_EXPOSURE:g} (is it that card, with that reflectance?)",
        )
    x, y = chromaticity(light)
    method = name.lower().replace("colorchecker", "color-checker").replace(" ", "-")
    light_read = Illuminant(x, y, method, correct, x, y, confidence=1.0, exposure=exposure)
    return Reading(light_read, corners=corners)


def _refused(name: str, reason: str) -> Reading:
    return Reading(None, refused=f"{name} {reason}")


def _inside(box: tuple[float, ...], shape: tuple[int, ...], part: float) -> tuple[slice, slice]:
    """Rows and columns of the middle part of a box; of more than it where `part` is above 1."""
    left, top, right, bottom = box

    def span(low: float, high: float, length: int) -> slice:
        middle, half = (low + high) / 2, (high - low) / 2 * part
        start, stop = round((middle - half) * length), round((middle + half) * length)
        return slice(max(0, start), min(length, stop))

    return span(top, bottom, shape[0]), span(left, right, shape[1])


def _corners_of(box: tuple[float, ...]) -> FloatArray:
    left, top, right, bottom = box
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def without_card(labels: LabelMap, corners: FloatArray) -> LabelMap:
    """A label map in which a card is background: what it shows is no garment.

    Args:
        labels: Class ids, shape (h, w). Not modified.
        corners: Of a convex card, shape (n, 2), x and y as fractions of the photo, in order around
            it. Not modified.
    """
    height, width = labels.shape
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    sides = []
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        sides.append((x1 - x0) * (y[:, None] - y0) - (y1 - y0) * (x[None] - x0) >= 0)
    turned = np.logical_and.reduce(sides) | ~np.logical_or.reduce(sides)
    return np.where(turned, np.uint8(BACKGROUND), labels)
