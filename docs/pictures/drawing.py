"""A sheet to draw on with Pillow: everything is drawn at twice the size, then made smaller."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
Ink = tuple[int, int, int]

WIDTH = 700
INK: Ink = (40, 40, 44)
SOFT: Ink = (125, 125, 130)
GRID: Ink = (228, 228, 231)
BLUE: Ink = (30, 100, 190)
ORANGE: Ink = (205, 95, 10)
WHITE: Ink = (255, 255, 255)
_FINE = 2
_QUALITY = 88  # of JPEG


class Sheet:
    """A white picture; places and sizes are in its final pixels."""

    def __init__(self, height: int) -> None:
        """A sheet of the common width."""
        self._image = Image.new("RGB", (WIDTH * _FINE, height * _FINE), WHITE)
        self._draw = ImageDraw.Draw(self._image)

    def text(
        self, place: Point, text: str, size: int = 15, ink: Ink = INK, anchor: str = "la"
    ) -> None:
        """A line of text; `anchor` as Pillow has it."""
        font = ImageFont.load_default(size * _FINE)
        self._draw.text(_fine(place), text, ink, font, anchor)

    def line(self, points: Sequence[Point], ink: Ink = INK, width: float = 1.5) -> None:
        """A line through points."""
        fine = [_fine(point) for point in points]
        self._draw.line(fine, ink, round(width * _FINE), joint="curve")

    def box(self, start: Point, end: Point, fill: Ink | None, outline: Ink | None = None) -> None:
        """A rectangle from its upper left to its lower right corner."""
        self._draw.rectangle((*_fine(start), *_fine(end)), fill, outline, _FINE)

    def disk(
        self, place: Point, radius: float, fill: Ink | None, outline: Ink | None = None
    ) -> None:
        """A filled circle."""
        x, y = place
        corners = (*_fine((x - radius, y - radius)), *_fine((x + radius, y + radius)))
        self._draw.ellipse(corners, fill, outline, _FINE)

    def picture(self, rgb8: NDArray[np.uint8], start: Point, width: int, smooth: bool) -> int:
        """A picture of that width; returns the height that it takes."""
        height = round(width * rgb8.shape[0] / rgb8.shape[1])
        how = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
        sized = Image.fromarray(rgb8).resize((width * _FINE, height * _FINE), how)
        self._image.paste(sized, tuple(map(int, _fine(start))))
        return height

    def save(self, path: Path) -> None:
        """Write the sheet: charts as PNG, photos as JPEG, by the name's end."""
        width, height = self._image.size
        small = self._image.resize((width // _FINE, height // _FINE), Image.Resampling.LANCZOS)
        if path.suffix == ".png":
            small = small.quantize(256, dither=Image.Dither.NONE)
        small.save(path, quality=_QUALITY, optimize=True)


def _fine(place: Point) -> Point:
    return place[0] * _FINE, place[1] * _FINE


@dataclass(frozen=True, slots=True)
class Axes:
    """Where values lie on a sheet."""

    sheet: Sheet
    start: Point  # upper left
    end: Point  # lower right
    x: tuple[float, float]  # values at the left and the right
    y: tuple[float, float]  # values at the bottom and the top

    def place(self, x: float, y: float) -> Point:
        """A point of the sheet."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return (
            self.start[0] + across * (self.end[0] - self.start[0]),
            self.end[1] - up * (self.end[1] - self.start[1]),
        )

    def frame(self, ticks_x: Sequence[float], ticks_y: Sequence[float], fill: Ink = WHITE) -> None:
        """Grid lines with their values, and a frame."""
        self.sheet.box(self.start, self.end, fill)
        for value in ticks_x:
            x, _ = self.place(value, self.y[0])
            self.sheet.line([(x, self.start[1]), (x, self.end[1])], GRID)
            self.sheet.text((x, self.end[1] + 5), f"{value:g}", 13, SOFT, "ma")
        for value in ticks_y:
            _, y = self.place(self.x[0], value)
            self.sheet.line([(self.start[0], y), (self.end[0], y)], GRID)
            self.sheet.text((self.start[0] - 6, y), f"{value:g}", 13, SOFT, "rm")
        self.sheet.box(self.start, self.end, None, SOFT)

    def titles(self, x: str, y: str) -> None:
        """What the axes are: below, and above the upper left corner."""
        middle = (self.start[0] + self.end[0]) / 2
        self.sheet.text((middle, self.end[1] + 24), x, 14, INK, "ma")
        self.sheet.text((self.start[0], self.start[1] - 8), y, 14, INK, "ls")
