"""Made-up photos of one garment whose dyes and their shares are known.

Everything happens in linear light: dyes are laid out as a pattern, lit by folds that shade and
shine, woven, put before a surround, taken by a camera with blur and noise, and kept as JPEG. The
true color of a dye is its reflectance under D65; light at full strength shows just that.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw
from scipy import ndimage

from trendcolor.color.spaces import (
    FloatArray,
    Mask,
    Rgb8,
    color_difference,
    lab_to_linear,
    linear_to_lab,
    linear_to_srgb,
    srgb_to_linear,
)

SIZE = (480, 360)  # height, width
KINDS = ("solid", "blocks", "stripes", "checks", "dots", "print")
_FINE = 2  # patterns are drawn so many times larger, and averaged: edges blend as in a camera
_APART = 14.0  # CIEDE2000 between two dyes of one garment, at least
_LEAST_SHARE = 0.06  # of a dye
_LEAD = 0.1  # of the first dye's share over the second's, else which is first is anyone's guess
_NEUTRAL = 0.06  # of the surround: as much gray or white is evidence of the light


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A photo with what is known of it."""

    kind: str
    rgb8: Rgb8  # (480, 360, 3), sRGB, as decoded from JPEG
    mask: Mask  # the garment
    dyes: Rgb8  # (k, 3), sRGB under D65, largest share first
    share: FloatArray  # (k,), of the garment's pixels
    light: FloatArray  # (3,), linear sRGB of white in the photo, green 1; ones without a cast
    has_neutral: bool  # whether the surround holds gray or white


def make_scene(
    seed: int,
    number: int,
    *,
    has_cast: bool,
    shown: Callable[[FloatArray], FloatArray] | None = None,
) -> Scene:
    """One scene; the same for the same arguments.

    Args:
        seed: Of the whole set.
        number: Of the scene; kinds of pattern take turns.
        has_cast: Whether the camera left a part of a colored light, and a surround shows it.
        shown: What is changed in linear light before the camera's cast: a card that is put in.
    """
    random = np.random.default_rng((seed, number, has_cast))
    kind = KINDS[number % len(KINDS)]
    silhouette = _silhouette(random)
    layout, dyes = _pattern(kind, silhouette, random)
    counts = np.bincount(layout[silhouette], minlength=len(dyes))
    has_neutral = bool(random.random() < 0.5)
    light = random_cast(random) if has_cast else np.ones(3)
    wall = _surround(random, has_neutral=has_neutral)
    cloth = srgb_to_linear(dyes)[layout] * _shading(random)[..., None]
    cloth = cloth * _weave(random)[..., None] + _highlights(random)[..., None]
    linear = np.where(silhouette[..., None], cloth, wall)
    linear = (linear if shown is None else shown(linear)) * light
    covered = _shrunk(silhouette.astype(float))
    order = np.argsort(-counts, kind="stable")
    return Scene(
        kind=kind,
        rgb8=_taken(_shrunk(linear), random),
        mask=covered > 0.5,
        dyes=dyes[order],
        share=counts[order] / counts.sum(),
        light=light,
        has_neutral=has_neutral,
    )


def _fine_size() -> tuple[int, int]:
    return SIZE[0] * _FINE, SIZE[1] * _FINE


def _shrunk(values: FloatArray) -> FloatArray:
    """The mean of each square of fine pixels."""
    rest = values.shape[2:]
    squares = values.reshape(SIZE[0], _FINE, SIZE[1], _FINE, *rest)
    return np.asarray(squares.mean(axis=(1, 3)))


def _field(random: Generator, scale: float) -> FloatArray:
    """A smooth random field with deviation 1, its bumps about `scale` fine pixels wide."""
    height, width = _fine_size()
    step = max(1, int(scale / 4))
    small = random.standard_normal((height // step + 8, width // step + 8))
    smooth = ndimage.gaussian_filter(small, scale / step / 2)
    large = ndimage.zoom(smooth, step, order=1)[:height, :width]
    return np.asarray((large - large.mean()) / large.std())


def _silhouette(random: Generator) -> Mask:
    """A shirt: a body with two sleeves, each corner a little off."""
    height, width = _fine_size()
    shirt = [
        *((0.36, 0.14), (0.5, 0.18), (0.64, 0.14), (0.95, 0.34), (0.86, 0.5), (0.72, 0.4)),
        *((0.74, 0.9), (0.26, 0.9), (0.28, 0.4), (0.14, 0.5), (0.05, 0.34)),
    ]
    corners = np.array(shirt) + random.normal(0, 0.02, (len(shirt), 2))
    image = Image.new("1", (width, height))
    ImageDraw.Draw(image).polygon([(x * width, y * height) for x, y in corners], fill=1)
    return np.asarray(image)


def _dyes(n: int, random: Generator) -> Rgb8:
    """Dyes that can be told apart: a third nearly neutral, as clothes are."""
    chosen: list[FloatArray] = []
    while len(chosen) < n:
        neutral = random.random() < 1 / 3
        lightness = random.choice([random.uniform(8, 30), random.uniform(30, 96)])
        chroma, hue = random.uniform(0, 6 if neutral else 75), random.uniform(0, 2 * np.pi)
        lab = np.array([lightness, chroma * np.cos(hue), chroma * np.sin(hue)])
        linear = lab_to_linear(lab)
        inside = linear.min() >= 0.002 and linear.max() <= 0.95
        if inside and all(color_difference(lab, other) >= _APART for other in chosen):
            chosen.append(lab)
    return linear_to_srgb(lab_to_linear(np.array(chosen)))


def _pattern(kind: str, silhouette: Mask, random: Generator) -> tuple[FloatArray, Rgb8]:
    """The number of the dye at each fine pixel, and the dyes; one of them leads."""
    while True:
        n = 1 if kind == "solid" else int(random.integers(2, 4 if kind != "print" else 5))
        layout = _LAYOUTS[kind](n, random)
        share = np.bincount(layout[silhouette], minlength=n) / np.count_nonzero(silhouette)
        *_, second, first = (0.0, *np.sort(share))
        if share.min() >= _LEAST_SHARE and first - second >= _LEAD:
            return layout, _dyes(n, random)


def _cloth(random: Generator) -> tuple[FloatArray, FloatArray]:
    """Where each fine pixel lies on the cloth: turned, and bent by folds."""
    height, width = _fine_size()
    y, x = np.mgrid[:height, :width].astype(float)
    turn = random.normal(0, 0.3)
    along = np.cos(turn) * x + np.sin(turn) * y + 6 * _field(random, 160)
    across = np.cos(turn) * y - np.sin(turn) * x + 6 * _field(random, 160)
    return along, across


def _solid(n: int, random: Generator) -> FloatArray:
    del n, random
    return np.zeros(_fine_size(), int)


def _blocks(n: int, random: Generator) -> FloatArray:
    _, across = _cloth(random)
    cuts = np.sort(random.uniform(0.2, 0.85, n - 1)) * _fine_size()[0]
    return np.searchsorted(cuts, across.ravel()).reshape(across.shape)


def _stripes(n: int, random: Generator) -> FloatArray:
    along, across = _cloth(random)
    place = (along if random.random() < 0.3 else across) % (period := random.uniform(24, 110))
    cuts = np.sort(random.uniform(0.15, 0.85, n - 1)) * period
    return np.searchsorted(cuts, place.ravel()).reshape(place.shape)


def _checks(n: int, random: Generator) -> FloatArray:
    """Lines of a second dye both ways, or of a second and a third."""
    along, across = _cloth(random)
    period = random.uniform(30, 110)
    first, second = along % period / period, across % period / period
    part = random.uniform(0.15, 0.35)
    if n == 2:
        return ((first < part) | (second < part)).astype(int)
    return np.where(first < part, 1, np.where(second < part, 2, 0))


def _dots(n: int, random: Generator) -> FloatArray:
    along, across = _cloth(random)
    period = random.uniform(28, 90)
    row = np.floor(across / period)
    x, y = (along / period + row / 2) % 1 - 0.5, across / period % 1 - 0.5
    which = (np.floor(along / period + row / 2) + row) % (n - 1) + 1
    return np.where(x * x + y * y < random.uniform(0.22, 0.42) ** 2, which, 0).astype(int)


def _print(n: int, random: Generator) -> FloatArray:
    scale = random.uniform(25, 90)
    return np.argmax([_field(random, scale) for _ in range(n)], axis=0)


_LAYOUTS: dict[str, Callable[[int, Generator], FloatArray]] = {
    "solid": _solid,
    "blocks": _blocks,
    "stripes": _stripes,
    "checks": _checks,
    "dots": _dots,
    "print": _print,
}


def _shading(random: Generator) -> FloatArray:
    """How much light each fine pixel gets: 1 where the cloth faces it, less in folds."""
    height, width = _fine_size()
    y, x = np.mgrid[:height, :width].astype(float)
    relief = _field(random, 130) * random.uniform(6, 24)
    angle, period = random.uniform(-0.6, 0.6), random.uniform(60, 160)
    wave = np.sin(
        2 * np.pi * (np.cos(angle) * x + np.sin(angle) * y) / period + _field(random, 160)
    )
    relief = relief + wave * random.uniform(2, 14) * np.clip(_field(random, 200), 0, None)
    slope_y, slope_x = np.gradient(relief)
    sun = np.array([random.normal(0, 0.5), random.normal(-0.4, 0.3), 1.0])
    facing = sun[2] - slope_x * sun[0] - slope_y * sun[1]
    facing = facing / np.sqrt(1 + slope_x**2 + slope_y**2) / np.linalg.norm(sun)
    ambient = random.uniform(0.15, 0.5)
    lit = ambient + (1 - ambient) * np.clip(facing, 0, None)
    lit = lit * np.exp(random.uniform(0, 0.12) * _field(random, 500))
    return np.asarray(np.minimum(lit / np.quantile(lit, 0.9), 1.08))


def _weave(random: Generator) -> FloatArray:
    height, width = _fine_size()
    y, x = np.mgrid[:height, :width]
    period = int(random.integers(2, 6))
    thread = ((x // period + y // period) % 2 - 0.5) * random.uniform(0, 0.1)
    return np.asarray(1 + thread + random.normal(0, random.uniform(0, 0.05), (height, width)))


def _highlights(random: Generator) -> FloatArray:
    """Light that the surface mirrors, in half of the scenes."""
    if random.random() < 0.5:
        return np.zeros(_fine_size())
    field = _field(random, random.uniform(40, 140))
    return np.asarray(random.uniform(0.03, 0.2) * np.clip(field - 1.4, 0, 1))


def random_cast(random: Generator) -> FloatArray:
    """What a camera leaves of a light between lamp and shade, green 1."""
    warm = random.uniform(-0.5, 1.9)  # log(R/B) of the light; CIE A 2.1
    left = warm * random.uniform(0.15, 0.6)
    return np.exp([left / 2, random.normal(0, 0.02), -left / 2])


def _surround(random: Generator, *, has_neutral: bool) -> FloatArray:
    """A wall, a floor and things before them; gray or white among them only if there is to be."""
    height, width = _fine_size()

    def paint(neutral: bool) -> FloatArray:
        hue, lightness = random.uniform(0, 2 * np.pi), random.uniform(25, 85)
        chroma = random.uniform(0, 2) if neutral else random.uniform(14, 45)
        lab = np.array([lightness + 10 * neutral, chroma * np.cos(hue), chroma * np.sin(hue)])
        return np.clip(lab_to_linear(lab), 0.004, 0.92)

    scene = np.empty((height, width, 3))
    scene[:] = paint(has_neutral and random.random() < 0.5)
    scene[int(height * random.uniform(0.6, 0.85)) :] = paint(False)
    for number in range(int(random.integers(3, 8))):
        size = random.uniform(0.08, 0.4, 2) * (height, width)
        top, left = (random.uniform(0, 1, 2) * ((height, width) - size)).astype(int)
        neutral = has_neutral and (number == 0 or random.random() < 0.3)
        scene[top : top + int(size[0]), left : left + int(size[1])] = paint(neutral)
    if has_neutral:  # a strip that nothing hides
        scene[: int(height * _NEUTRAL)] = paint(True)
    uneven = np.exp(0.12 * _field(random, 400) + random.normal(0, 0.03, (height, width)))
    return np.asarray(scene * uneven[..., None])


def _taken(linear: FloatArray, random: Generator) -> Rgb8:
    """What a camera makes of a scene: blur, noise, eight bits, JPEG."""
    blurred = ndimage.gaussian_filter(linear, (*(2 * [random.uniform(0.3, 0.8)]), 0))
    noise = random.uniform(0.0005, 0.004) * np.sqrt(np.clip(blurred, 0, None)) + 0.0005
    seen = blurred + noise * random.standard_normal(blurred.shape)
    encoded = io.BytesIO()
    image = Image.fromarray(linear_to_srgb(np.clip(seen, 0, 1)))
    image.save(encoded, "JPEG", quality=int(random.integers(75, 96)))
    return np.asarray(Image.open(encoded))


def lab_of(scene: Scene) -> FloatArray:
    """The dyes in CIE L*a*b* under D65."""
    return linear_to_lab(srgb_to_linear(scene.dyes).astype(float))
