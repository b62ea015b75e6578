"""Made-up screenshots: pages of phones and desktops with photos, buttons and text in them.

Each takes a photo, more photos and a random generator, and draws at 540 pixels across (a phone)
or 960 (a desktop), as pictures of screens are when they are passed on.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

import trendcolor
from trendcolor.color.spaces import Rgb8

_FONTS = Path(trendcolor.__file__).parent / "report" / "fonts"
_TEXT = (
    "new today blue coat wool size and the street look of small shop order free return from our "
    "summer line with soft cotton more photos love this where did you get it see all add to bag "
    "save share reply likes days ago great fit what a color"
)
_WORDS = _TEXT.split()
_PHONE = 540


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONTS / "Inter-Regular.ttf", size)


def _say(random: np.random.Generator, n: int) -> str:
    return " ".join(random.choice(_WORDS, n))


class _Page:
    """A page that is filled from the top."""

    def __init__(self, width: int, height: int, *, is_dark: bool) -> None:
        self.ground = (18, 18, 20) if is_dark else (255, 255, 255)
        self.ink = (240, 240, 240) if is_dark else (20, 20, 20)
        self.soft = (60, 60, 64) if is_dark else (225, 226, 228)
        self.image = Image.new("RGB", (width, height), self.ground)
        self.draw = ImageDraw.Draw(self.image)

    def say(self, place: tuple[int, int], text: str, size: int = 18) -> None:
        self.draw.text(place, text, self.ink, _font(size))

    def show(self, rgb: Rgb8, box: tuple[int, int, int, int]) -> None:
        left, top, right, bottom = box
        fitted = ImageOps.fit(Image.fromarray(rgb), (right - left, bottom - top))
        self.image.paste(fitted, (left, top))

    def status_bar(self, random: np.random.Generator) -> None:
        width = self.image.width
        self.say((24, 10), f"{random.integers(1, 23)}:{random.integers(10, 59)}", 17)
        for i in range(3):
            left = width - 110 + 28 * i
            self.draw.rectangle((left, 14, left + 18, 26), fill=self.ink)

    def bottom_bar(self) -> None:
        width, height = self.image.size
        self.draw.line((0, height - 70, width, height - 70), self.soft)
        for i in range(5):
            left = 40 + i * (width - 80) // 5
            self.draw.ellipse(
                (left, height - 52, left + 30, height - 22), outline=self.ink, width=3
            )

    def rgb(self) -> Rgb8:
        return np.asarray(self.image)


def post(rgb: Rgb8, _: tuple[Rgb8, ...], random: np.random.Generator, *, is_dark: bool) -> Rgb8:
    """A photo of a social network, with name, buttons and comments."""
    tall = int(random.integers(540, 676))
    page = _Page(_PHONE, 1080, is_dark=is_dark)
    page.status_bar(random)
    page.draw.ellipse((16, 62, 60, 106), fill=page.soft)
    page.say((76, 72), _say(random, 2), 20)
    page.show(rgb, (0, 122, _PHONE, 122 + tall))
    for i in range(3):
        left = 20 + 52 * i
        page.draw.ellipse((left, 140 + tall, left + 32, 172 + tall), outline=page.ink, width=3)
    for i in range(4):
        page.say((20, 190 + tall + 28 * i), _say(random, int(random.integers(3, 8))))
    page.bottom_bar()
    return page.rgb()


def shop(rgb: Rgb8, others: tuple[Rgb8, ...], random: np.random.Generator) -> Rgb8:
    """A shop's list of products."""
    page = _Page(_PHONE, 1080, is_dark=False)
    page.status_bar(random)
    page.draw.rounded_rectangle((16, 50, 524, 94), 20, fill=page.soft)
    page.say((40, 60), _say(random, 3))
    for i, photo in enumerate((rgb, *others)[:4]):
        left, top = 16 + i % 2 * 262, 112 + i // 2 * 440
        page.show(photo, (left, top, left + 246, top + 330))
        page.say((left, top + 340), _say(random, 3), 16)
        page.say((left, top + 366), f"{random.integers(10, 99)}.00", 20)
    page.bottom_bar()
    return page.rgb()


def chat(rgb: Rgb8, _: tuple[Rgb8, ...], random: np.random.Generator) -> Rgb8:
    """A photo among messages."""
    page = _Page(_PHONE, 1080, is_dark=bool(random.random() < 0.5))
    page.status_bar(random)
    page.say((80, 60), _say(random, 2), 22)
    top = 120
    for i in range(4):
        left = 20 if i % 2 else 150
        page.draw.rounded_rectangle((left, top, left + 370, top + 76), 18, fill=page.soft)
        page.say((left + 16, top + 12), _say(random, 5), 17)
        page.say((left + 16, top + 40), _say(random, 4), 17)
        top += 96
        if i == 1:
            page.show(rgb, (150, top, 520, top + 420))
            top += 440
    page.draw.rounded_rectangle((16, 1010, 524, 1060), 24, outline=page.soft, width=3)
    return page.rgb()


def gallery(rgb: Rgb8, others: tuple[Rgb8, ...], random: np.random.Generator) -> Rgb8:
    """A photo on black, with its neighbors as small pictures below."""
    page = _Page(_PHONE, 1080, is_dark=True)
    page.status_bar(random)
    page.say((190, 60), _say(random, 2), 20)
    page.show(rgb, (0, 140, _PHONE, 860))
    for i in range(12):
        photo = (rgb, *others)[i % (len(others) + 1)]
        page.show(photo, (i * 45, 900, i * 45 + 42, 956))
    page.bottom_bar()
    return page.rgb()


def window(rgb: Rgb8, others: tuple[Rgb8, ...], random: np.random.Generator) -> Rgb8:
    """A browser on a desktop."""
    page = _Page(960, 600, is_dark=False)
    page.draw.rectangle((0, 0, 960, 62), fill=(222, 225, 230))
    page.draw.rounded_rectangle((150, 30, 800, 56), 12, fill=(255, 255, 255))
    page.say((166, 33), f"{_say(random, 1)}.example/{_say(random, 1)}", 15)
    for i in range(3):
        page.draw.ellipse((14 + 24 * i, 10, 28 + 24 * i, 24), fill=(200, 90 + 50 * i, 80))
    page.show(rgb, (40, 90, 400, 580))
    page.say((440, 100), _say(random, 3), 30)
    for i in range(9):
        page.say((440, 160 + 26 * i), _say(random, 8), 16)
    page.draw.rounded_rectangle((440, 420, 640, 470), 8, fill=(30, 90, 220))
    for i, photo in enumerate(others[:3]):
        page.show(photo, (440 + 130 * i, 490, 560 + 130 * i, 580))
    return page.rgb()


def text_page(_: Rgb8, __: tuple[Rgb8, ...], random: np.random.Generator) -> Rgb8:
    """Words alone."""
    page = _Page(_PHONE, 960, is_dark=bool(random.random() < 0.5))
    page.status_bar(random)
    page.draw.rectangle((0, 50, _PHONE, 110), fill=(40, 110, 200))
    for i in range(24):
        page.say((24, 130 + 32 * i), _say(random, int(random.integers(3, 8))), 20)
    return page.rgb()
