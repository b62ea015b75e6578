"""Photos that are to be screened out, and hard ones that are not, made from real photos.

Each case is what somebody or some program did to a picture. `EXTREME` ones must be caught, `MILD`
ones must pass, `BETWEEN` ones may do either and are told for honesty. How strong each is stands
beside it; lengths are fractions of the photo's shorter side.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps
from scipy import ndimage
from screening_pages import chat, gallery, post, shop, text_page, window

from trendcolor.color.spaces import FloatArray, Rgb8, linear_to_srgb, srgb_to_linear

EXTREME, BETWEEN, MILD = "extreme", "between", "mild"
_SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What a case is made from."""

    rgb: Rgb8
    others: tuple[Rgb8, ...]  # more photos, for collages
    person: NDArray[np.bool_] | None  # where the person and the clothes are, if it is known
    random: np.random.Generator


Maker = Callable[[Source], Rgb8]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One way to make a photo."""

    check: str  # which check it is for
    name: str
    kind: str  # EXTREME, BETWEEN or MILD
    make: Maker
    needs_person: bool = False
    is_lossless: bool = False  # saved as PNG, as phones save screenshots


def saved(case: Case, source: Source) -> bytes:
    """A case as a file: most are JPEG of the quality that websites use."""
    file, image = BytesIO(), Image.fromarray(case.make(source))
    quality = int(source.random.integers(70, 96))
    if case.is_lossless:
        image.save(file, "PNG", compress_level=1)
    else:
        image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _side(rgb: Rgb8) -> int:
    return min(rgb.shape[:2])


def _u8(rgb: NDArray[np.floating]) -> Rgb8:
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)


# Blur


def _blur(source: Source, sigma: float) -> Rgb8:
    radius = sigma * _side(source.rgb)
    return np.asarray(Image.fromarray(source.rgb).filter(ImageFilter.GaussianBlur(radius)))


def _shake(source: Source, length: float) -> Rgb8:
    """Moved in a straight line at some angle."""
    angle = source.random.uniform(0, np.pi)
    n = max(2, round(length * _side(source.rgb)))
    steps = np.arange(n) - (n - 1) / 2
    total = np.zeros(source.rgb.shape, np.float32)
    for step in steps:
        down, across = round(step * np.sin(angle)), round(step * np.cos(angle))
        total += _shifted(source.rgb, down, across)
    return _u8(total / n)


def _shifted(rgb: Rgb8, down: int, across: int) -> Rgb8:
    rows = np.clip(np.arange(rgb.shape[0]) + down, 0, rgb.shape[0] - 1)
    columns = np.clip(np.arange(rgb.shape[1]) + across, 0, rgb.shape[1] - 1)
    return rgb[rows[:, None], columns]


def _enlarged(source: Source, by: float) -> Rgb8:
    image = Image.fromarray(source.rgb)
    small = image.resize((max(1, int(image.width / by)), max(1, int(image.height / by))))
    return np.asarray(small.resize(image.size, Image.Resampling.BICUBIC))


def _soft_background(source: Source, sigma: float) -> Rgb8:
    edge = ndimage.gaussian_filter(source.person.astype(np.float32), 1.5)[..., None]
    return _u8(edge * source.rgb + (1 - edge) * _blur(source, sigma))


# Exposure


def _exposed(rgb: Rgb8, stops: FloatArray | float) -> Rgb8:
    return linear_to_srgb(srgb_to_linear(rgb) * np.float32(2.0) ** np.asarray(stops, np.float32))


def _stops(source: Source, stops: float) -> Rgb8:
    return _exposed(source.rgb, stops)


def _night(source: Source, person: float, background: float) -> Rgb8:
    edge = ndimage.gaussian_filter(source.person.astype(np.float32), 3)[..., None]
    return _exposed(source.rgb, background + (person - background) * edge)


def _on_white(source: Source, level: int) -> Rgb8:
    """Cut out, as shops show what they sell."""
    edge = ndimage.gaussian_filter(source.person.astype(np.float32), 0.7)[..., None]
    return _u8(edge * source.rgb + (1 - edge) * level)


# Gray and duotone


def _luma(rgb: Rgb8) -> FloatArray:
    return rgb @ np.array([0.299, 0.587, 0.114])


def _gray(source: Source, kept: float) -> Rgb8:
    luma = _luma(source.rgb)[..., None]
    return _u8(luma + kept * (source.rgb - luma))


def _gray_around(source: Source) -> Rgb8:
    return np.where(source.person[..., None], source.rgb, _gray(source, 0))


def _sepia(source: Source, strength: float) -> Rgb8:
    return _u8(strength * np.minimum(source.rgb @ _SEPIA.T, 255) + (1 - strength) * source.rgb)


def _inks(rgb: Rgb8, dark: FloatArray, light: FloatArray) -> Rgb8:
    at = _luma(rgb)[..., None] / 255
    return _u8((1 - at) * dark + at * light)


def _cyanotype(source: Source) -> Rgb8:
    return _inks(source.rgb, np.array([8, 30, 75]), np.array([235, 242, 245]))


def _two_inks(source: Source) -> Rgb8:
    dark, light = source.random.uniform(0, 40, 3), source.random.uniform(200, 255, 3)
    dark[source.random.integers(3)] += 80
    light[source.random.integers(3)] -= 90
    return _inks(source.rgb, dark, light)


# Filters


def _vivid_color(random: np.random.Generator) -> FloatArray:
    color = random.permutation([255.0, random.uniform(0, 255), 0.0])
    return np.asarray(color)


def _wash(source: Source, strength: float) -> Rgb8:
    """A see-through sheet of one color on top."""
    return _u8((1 - strength) * source.rgb + strength * _vivid_color(source.random))


def _gel(source: Source, strength: float) -> Rgb8:
    """Seen through colored glass."""
    glass = 1 - strength * (1 - _vivid_color(source.random) / 255)
    return _u8(source.rgb * glass)


def _faded(source: Source, strength: float) -> Rgb8:
    """Blacks lifted and a tint in the shadows, as photo apps do."""
    tint = source.random.uniform(60, 160, 3)
    return _u8(source.rgb * (1 - strength) + strength * tint)


def _saturated(source: Source, factor: float) -> Rgb8:
    return np.asarray(ImageEnhance.Color(Image.fromarray(source.rgb)).enhance(factor))


def _warm(source: Source, warmth: float) -> Rgb8:
    """A light bulb of which the camera left a part, as log(R/B) in linear light."""
    gains = np.exp(np.array([warmth / 2, 0, -warmth / 2]))
    return linear_to_srgb(srgb_to_linear(source.rgb) * gains)


def _negative(source: Source) -> Rgb8:
    return 255 - source.rgb


def _solarised(source: Source, fold: int) -> Rgb8:
    return np.asarray(ImageOps.solarize(Image.fromarray(source.rgb), fold))


def _contrast(source: Source, factor: float) -> Rgb8:
    return np.asarray(ImageEnhance.Contrast(Image.fromarray(source.rgb)).enhance(factor))


# Posterised


def _bits(source: Source, bits: int) -> Rgb8:
    return np.asarray(ImageOps.posterize(Image.fromarray(source.rgb), bits))


def _palette(source: Source, n: int, dither: Image.Dither = Image.Dither.NONE) -> Rgb8:
    image = Image.fromarray(source.rgb)
    few = image.quantize(n, Image.Quantize.MEDIANCUT)
    return np.asarray(image.quantize(palette=few, dither=dither).convert("RGB"))


def _web_palette(source: Source) -> Rgb8:
    """256 colors and dither, as in a GIF."""
    return _palette(source, 256, Image.Dither.FLOYDSTEINBERG)


# Borders


def _plain(random: np.random.Generator) -> FloatArray:
    """Most borders are white or black."""
    level = random.choice([255, 0, -1], p=[0.5, 0.25, 0.25])
    return np.full(3, float(level)) if level >= 0 else random.uniform(0, 255, 3)


def _framed(source: Source, width: float) -> Rgb8:
    n = round(width * _side(source.rgb))
    sides = ((n, n), (n, n))
    return _padded(source, sides)


def _padded(source: Source, sides: tuple[tuple[int, int], tuple[int, int]]) -> Rgb8:
    color = _plain(source.random)
    return np.stack(
        [
            np.pad(source.rgb[..., i], sides, constant_values=np.uint8(round(color[i])))
            for i in range(3)
        ],
        axis=-1,
    )


def _boxed(source: Source, share: float) -> Rgb8:
    """Bars above and below, or left and right, with this share of the whole together."""
    length = source.rgb.shape[0] if source.random.random() < 0.5 else source.rgb.shape[1]
    bar = round(length * share / (1 - share) / 2)
    is_tall = length == source.rgb.shape[0]
    return _padded(source, ((bar, bar), (0, 0)) if is_tall else ((0, 0), (bar, bar)))


def _polaroid(source: Source) -> Rgb8:
    side = _side(source.rgb)
    thin, thick = round(0.07 * side), round(0.28 * side)
    square = source.rgb[: round(side * 1.1)]
    return np.pad(square, ((thin, thick), (thin, thin), (0, 0)), constant_values=248)


def _card(source: Source) -> Rgb8:
    """A card with rounded corners on a plain ground."""
    height, width = source.rgb.shape[:2]
    n, radius = round(0.12 * _side(source.rgb)), round(0.1 * _side(source.rgb))
    rows, columns = np.mgrid[:height, :width]
    down = np.maximum(radius - np.minimum(rows, height - 1 - rows), 0)
    across = np.maximum(radius - np.minimum(columns, width - 1 - columns), 0)
    inside = (down**2 + across**2 <= radius**2)[..., None]
    color = _u8(_plain(source.random))
    whole = np.broadcast_to(color, (height + 2 * n, width + 2 * n, 3)).copy()
    whole[n:-n, n:-n] = np.where(inside, source.rgb, color)
    return whole


# Collages


def _fitted(rgb: Rgb8, height: int, width: int) -> Rgb8:
    return np.asarray(ImageOps.fit(Image.fromarray(rgb), (width, height)))


def _grid(source: Source, rows: int, columns: int, gutter: float) -> Rgb8:
    height, width = source.rgb.shape[:2]
    n = round(gutter * _side(source.rgb))
    photos = [source.rgb, *source.others]
    whole = np.full((height, width, 3), source.random.choice([255, 255, 0, 240]), np.uint8)
    tall, wide = (height - n * (rows - 1)) // rows, (width - n * (columns - 1)) // columns
    for i in range(rows * columns):
        top, left = i // columns * (tall + n), i % columns * (wide + n)
        whole[top : top + tall, left : left + wide] = _fitted(photos[i % len(photos)], tall, wide)
    return whole[: rows * tall + (rows - 1) * n, : columns * wide + (columns - 1) * n]


def _one_and_two(source: Source) -> Rgb8:
    """One large photo beside two small ones."""
    height, width = source.rgb.shape[:2]
    large = round(width * source.random.uniform(0.5, 0.67))
    half = height // 2
    right = [_fitted(each, half, width - large) for each in source.others[:2]]
    return np.hstack([_fitted(source.rgb, 2 * half, large), np.vstack(right)])


def _inset(source: Source) -> Rgb8:
    """A small photo in the corner of a large one."""
    height, width = (length // 4 for length in source.rgb.shape[:2])
    whole = source.rgb.copy()
    whole[-height:, -width:] = _fitted(source.others[0], height, width)
    return whole


def _small(source: Source, side: int) -> Rgb8:
    image = Image.fromarray(source.rgb)
    by = side / min(image.size)
    return np.asarray(image.resize([max(1, round(by * length)) for length in image.size]))


def _cases(check: str, kind: str, **makers: Maker) -> list[Case]:
    return [Case(check, name.replace("_", " "), kind, maker) for name, maker in makers.items()]


def _p(maker: Callable[..., Rgb8], *args: float) -> Maker:
    return lambda source: maker(source, *args)


def _worn(check: str, name: str, kind: str, maker: Maker) -> Case:
    return Case(check, name, kind, maker, needs_person=True)


def _page(name: str, maker: Callable[..., Rgb8], **options: bool) -> list[Case]:
    def make(source: Source) -> Rgb8:
        return maker(source.rgb, source.others, source.random, **options)

    return [
        Case("screenshot", f"{name}, PNG", EXTREME, make, is_lossless=True),
        Case("screenshot", f"{name}, JPEG", EXTREME, make),
    ]


CASES: tuple[Case, ...] = (
    *_cases("too small", EXTREME, side_of_60=_p(_small, 60), side_of_110=_p(_small, 110)),
    *_cases("too small", MILD, side_of_125=_p(_small, 125), side_of_200=_p(_small, 200)),
    *[
        Case("blur", f"Gaussian, sigma {s:.1%}", EXTREME, _p(_blur, s))
        for s in (0.015, 0.025, 0.05)
    ],
    *[Case("blur", f"shaken by {s:.0%}", EXTREME, _p(_shake, s)) for s in (0.06, 0.12)],
    Case("blur", "enlarged 12 times", EXTREME, _p(_enlarged, 12)),
    Case("blur", "Gaussian, sigma 0.8%", BETWEEN, _p(_blur, 0.008)),
    Case("blur", "shaken by 3%", BETWEEN, _p(_shake, 0.03)),
    Case("blur", "enlarged 6 times", BETWEEN, _p(_enlarged, 6)),
    *[Case("blur", f"Gaussian, sigma {s:.1%}", MILD, _p(_blur, s)) for s in (0.002, 0.003)],
    Case("blur", "shaken by 1%", MILD, _p(_shake, 0.01)),
    Case("blur", "enlarged 2 times", MILD, _p(_enlarged, 2)),
    _worn("blur", "soft background", MILD, _p(_soft_background, 0.03)),
    *[Case("dark", f"{s} stops", EXTREME, _p(_stops, s)) for s in (-5, -6, -7)],
    Case("dark", "-4 stops", BETWEEN, _p(_stops, -4)),
    *[Case("dark", f"{s} stops", MILD, _p(_stops, s)) for s in (-1, -2)],
    _worn("dark", "night: person -1.5, background -4 stops", MILD, _p(_night, -1.5, -4)),
    *[Case("bright", f"+{s} stops", EXTREME, _p(_stops, s)) for s in (4, 5)],
    *[Case("bright", f"+{s} stops", BETWEEN, _p(_stops, s)) for s in (2, 3)],
    *[Case("bright", f"+{s} stops", MILD, _p(_stops, s)) for s in (0.5, 1)],
    *[_worn("bright", f"cut out on {s}", MILD, _p(_on_white, s)) for s in (255, 250)],
    Case("gray", "gray copy", EXTREME, _p(_gray, 0)),
    Case("gray", "1% of the color left", EXTREME, _p(_gray, 0.01)),
    Case("gray", "3% of the color left", BETWEEN, _p(_gray, 0.03)),
    Case("gray", "10% of the color left", BETWEEN, _p(_gray, 0.1)),
    Case("gray", "half of the color left", MILD, _p(_gray, 0.5)),
    _worn("gray", "gray but for the person", MILD, _gray_around),
    Case("duotone", "sepia", EXTREME, _p(_sepia, 1)),
    Case("duotone", "cyanotype", EXTREME, _cyanotype),
    Case("duotone", "two inks", EXTREME, _two_inks),
    *[Case("duotone", f"sepia, {s:.0%}", BETWEEN, _p(_sepia, s)) for s in (0.9, 0.7)],
    Case("duotone", "sepia, 20%", MILD, _p(_sepia, 0.2)),
    *[Case("filter", f"wash, {s:.0%}", EXTREME, _p(_wash, s)) for s in (0.6, 0.75)],
    Case("filter", "colored glass, 95%", EXTREME, _p(_gel, 0.95)),
    *[Case("filter", f"saturation x {s}", EXTREME, _p(_saturated, s)) for s in (6, 10)],
    Case("filter", "wash, 40%", BETWEEN, _p(_wash, 0.4)),
    Case("filter", "colored glass, 70%", BETWEEN, _p(_gel, 0.7)),
    Case("filter", "saturation x 3", BETWEEN, _p(_saturated, 3)),
    Case("filter", "negative", BETWEEN, _negative),
    Case("filter", "solarised from 128", BETWEEN, _p(_solarised, 128)),
    Case("filter", "wash, 10%", MILD, _p(_wash, 0.1)),
    Case("filter", "faded by 15%", MILD, _p(_faded, 0.15)),
    Case("filter", "saturation x 1.4", MILD, _p(_saturated, 1.4)),
    Case("filter", "contrast x 1.5", MILD, _p(_contrast, 1.5)),
    *[Case("filter", f"light bulb, {s} of 2.1", MILD, _p(_warm, s)) for s in (0.8, 1.5)],
    *[Case("posterised", f"{2**s} levels", EXTREME, _p(_bits, s)) for s in (1, 2)],
    Case("posterised", "4 colors", EXTREME, _p(_palette, 4)),
    Case("posterised", "8 levels", BETWEEN, _p(_bits, 3)),
    *[Case("posterised", f"{s} colors", BETWEEN, _p(_palette, s)) for s in (8, 12)],
    Case("posterised", "16 levels", BETWEEN, _p(_bits, 4)),
    Case("posterised", "32 colors", BETWEEN, _p(_palette, 32)),
    *[Case("posterised", f"{2**s} levels", MILD, _p(_bits, s)) for s in (5, 6)],
    Case("posterised", "256 colors with dither", MILD, _web_palette),
    *[Case("border", f"frame, {s:.0%}", EXTREME, _p(_framed, s)) for s in (0.15, 0.25)],
    *[Case("border", f"bars, {s:.0%} of all", EXTREME, _p(_boxed, s)) for s in (0.35, 0.5)],
    Case("border", "polaroid", EXTREME, _polaroid),
    Case("border", "card with round corners", EXTREME, _card),
    Case("border", "frame, 6%", BETWEEN, _p(_framed, 0.06)),
    Case("border", "frame, 2%", MILD, _p(_framed, 0.02)),
    Case("border", "bars, 8% of all", MILD, _p(_boxed, 0.08)),
    *[
        Case("collage", f"{r} x {c}, gutter {g:.1%}", EXTREME, _p(_grid, r, c, g))
        for r, c, g in ((1, 2, 0), (2, 1, 0), (2, 2, 0), (3, 3, 0), (1, 3, 0.015), (2, 2, 0.02))
    ],
    Case("collage", "one and two", EXTREME, _one_and_two),
    Case("collage", "inset in a corner", BETWEEN, _inset),
    *_page("post, light", post, is_dark=False),
    *_page("post, dark", post, is_dark=True),
    *_page("shop's page on a phone", shop),
    *_page("chat", chat),
    *_page("gallery", gallery),
    *_page("window on a desktop", window),
    *_page("text alone", text_page),
)
