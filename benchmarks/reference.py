"""What a gray card, a ColorChecker and a declared white point are worth, on made-up photos.

    python benchmarks/reference.py [--scenes 120] [--seed 2026]

The photos are those of `color_scenes.py` with a color cast, with a card or a chart in a corner, and
exposed up to a stop too little or half a stop too much. Errors are CIEDE2000 of the first color,
median / 95th percentile. A method that refuses a card falls back to the estimate, as a run does.
"""

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from charts import Place, chart_texture, field_corners, pasted
from color_scenes import SIZE, Scene, lab_of, make_scene
from color_truth import palette_of
from threadpoolctl import threadpool_limits

from trendcolor.cards import ColorChecker, DeclaredLight, GrayCard
from trendcolor.color.illuminant import NEUTRAL, Illuminant
from trendcolor.color.spaces import FloatArray, chromaticity, color_difference, luminance
from trendcolor.config import ColorConfig
from trendcolor.images.decode import Photo
from trendcolor.pipeline import read_light
from trendcolor.taxonomy import TOP

CONFIG = ColorConfig()
# Where the card lies, fractions of the photo; the chart stands upright, so it is turned.
_BOX = (0.02, 0.62, 0.24, 0.93)
_CARD_REFLECTANCE = 0.18
_EXPOSURE = (-1.0, 0.5)  # stops
_FINE = 2  # as color_scenes.py draws


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A scene with what was put in, and how it was exposed."""

    scene: Scene
    exposure: float  # factor of light


@dataclass(frozen=True, slots=True)
class Result:
    """One method on one scene."""

    error: float  # CIEDE2000 of the first color
    is_refused: bool


def _place() -> Place:
    """The box in fine pixels, as corners of a chart whose long side stands upright."""
    height, width = SIZE[0] * _FINE, SIZE[1] * _FINE
    left, top, right, bottom = np.array(_BOX) * [width, height, width, height]
    return Place(np.array([(right, top), (right, bottom), (left, bottom), (left, top)]))


def _field_box() -> tuple[float, ...]:
    """The box of the chart's patches, as its owner would measure it."""
    corners = field_corners(_place()) / [SIZE[1] * _FINE, SIZE[0] * _FINE]
    return (*map(float, corners.min(axis=0)), *map(float, corners.max(axis=0)))


def taken(seed: int, number: int, texture: FloatArray) -> Taken:
    """A scene with something flat in its corner, by seed and number."""
    stops = np.random.default_rng((seed, number, 7)).uniform(*_EXPOSURE)
    exposure = float(2**stops)

    def shown(linear: FloatArray) -> FloatArray:
        return pasted(linear, texture, _place()) * exposure

    return Taken(make_scene(seed, number, has_cast=True, shown=shown), exposure)


def _known(one: Taken, exposure: float) -> Illuminant:
    x, y = chromaticity(one.scene.light)
    factor = 1.0 if exposure == 1 else exposure / float(luminance(one.scene.light))
    return Illuminant(x, y, "known", True, x, y, exposure=factor)


def _read(declared: DeclaredLight | None, one: Taken) -> tuple[Illuminant, bool]:
    scene = one.scene
    height, width = scene.mask.shape
    photo = Photo(rgb=scene.rgb8, opaque=None, width=width, height=height)
    labels = np.where(scene.mask, np.uint8(TOP), np.uint8(0))
    reading = read_light(photo, labels, CONFIG, declared)
    return reading.light, reading.refused is not None


def _white_point(one: Taken) -> tuple[Illuminant, bool]:
    return _read(DeclaredLight(white_point=chromaticity(one.scene.light)), one)


Method = Callable[[Taken], tuple[Illuminant, bool]]
ON_CARD: dict[str, Method] = {
    "no correction": lambda one: (NEUTRAL, False),  # noqa: ARG005 # all methods take the scene
    "estimated": partial(_read, None),
    "white point declared": _white_point,
    "gray card": partial(
        _read, DeclaredLight(gray_card=GrayCard(box=_BOX, reflectance=_CARD_REFLECTANCE))
    ),
    "light known, exposure not": lambda one: (_known(one, 1.0), False),
    "light and exposure known": lambda one: (_known(one, 1 / one.exposure), False),
}
ON_CHART: dict[str, Method] = {
    "ColorChecker, place given": partial(
        _read, DeclaredLight(color_checker=ColorChecker(box=_field_box()))
    ),
    "ColorChecker, found": partial(_read, DeclaredLight(color_checker="find")),
}


def results(number: int, seed: int) -> dict[str, Result]:
    """All methods on one scene."""
    card = np.full((40, 40, 3), _CARD_REFLECTANCE)
    found = {}
    for methods, texture in ((ON_CARD, card), (ON_CHART, chart_texture())):
        one = taken(seed, number, texture)
        for name, method in methods.items():
            light, is_refused = method(one)
            palette = palette_of(one.scene.rgb8, one.scene.mask, light)
            error = color_difference(palette.lab[0], lab_of(one.scene)[0])
            found[name] = Result(float(error), is_refused)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--scenes", type=int, default=120)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    with ProcessPoolExecutor(initializer=partial(threadpool_limits, 1)) as pool:
        every = list(pool.map(partial(results, seed=options.seed), range(options.scenes)))
    print(
        f"{options.scenes} scenes of seed {options.seed}; median / 95th percentile of CIEDE2000\n"
    )
    print("| light | first color | card refused |\n| --- | --- | --- |")
    for name in (*ON_CARD, *ON_CHART):
        errors = [one[name].error for one in every]
        refused = sum(one[name].is_refused for one in every)
        cell = f"{np.median(errors):.1f} / {np.quantile(errors, 0.95):.1f}"
        print(f"| {name} | {cell} | {refused} of {len(every)} |")


if __name__ == "__main__":
    main()
