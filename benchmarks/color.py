"""How near dominant colors come to the dyes of made-up photos, and how fast, beside other programs.

    pip install -r benchmarks/requirements.txt
    python benchmarks/color.py [--scenes 120] [--seed 2026] [--no-peers]

All are given the true mask. `color_scenes.py` makes the photos, `color_peers.py` calls the others.
Errors are CIEDE2000, median / 95th percentile: of the first color, and of the whole palette as
earth mover's distance. `color_renders.py` does the same for rendered photos.
"""

import argparse
import io
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from color_peers import PEERS, Finder, fast_colorthief_alone
from color_scenes import Scene, lab_of, make_scene
from color_truth import Colors, HasColors, first_error, palette_error, palette_of
from PIL import Image
from threadpoolctl import threadpool_limits

from trendcolor.color.illuminant import NEUTRAL, Illuminant
from trendcolor.color.palette import Palette
from trendcolor.color.pattern import pattern
from trendcolor.color.spaces import Mask, Rgb8, chromaticity, color_difference
from trendcolor.config import ColorConfig, ImagesConfig
from trendcolor.images.decode import Photo, decode
from trendcolor.pipeline import light_of
from trendcolor.taxonomy import TOP

CONFIG = ColorConfig()
OURS = "trendcolor"
NEAR = 10.0  # CIEDE2000 within which a color is taken for a dye
Method = Callable[[Scene], HasColors]


@dataclass(frozen=True, slots=True)
class Score:
    """One palette against the truth."""

    first: float  # CIEDE2000
    whole: float  # earth mover's distance, CIEDE2000
    is_number_right: bool
    is_pattern_right: bool
    has_neutral: bool
    told: tuple[tuple[float, bool], ...]  # of our colors: confidence, and whether it is a dye


def ours(scene: Scene) -> Palette:
    """As a run does it."""
    height, width = scene.mask.shape
    photo = Photo(rgb=scene.rgb8, opaque=None, width=width, height=height)
    light = light_of(photo, np.where(scene.mask, np.uint8(TOP), np.uint8(0)), CONFIG)
    return palette_of(scene.rgb8, scene.mask, light)


def uncorrected(scene: Scene) -> Palette:
    """The same, in the photo's own light."""
    return palette_of(scene.rgb8, scene.mask, NEUTRAL)


def oracle(scene: Scene) -> Palette:
    """The same, told what light it was."""
    xy = chromaticity(scene.light)
    return palette_of(scene.rgb8, scene.mask, Illuminant(*xy, "known", True, *xy))


def peer(find: Finder, scene: Scene) -> Colors:
    """Another program."""
    return find(scene.rgb8, scene.mask)


def score(method: Method, scene: Scene) -> Score:
    """One method on one scene."""
    palette, known = method(scene), Colors(lab_of(scene), scene.share)
    return Score(
        first=first_error(palette, known),
        whole=palette_error(palette, known),
        is_number_right=len(palette.share) == len(known.share),
        is_pattern_right=pattern(palette.share) == pattern(known.share),
        has_neutral=scene.has_neutral,
        told=told(palette, known) if isinstance(palette, Palette) else (),
    )


def told(palette: Palette, known: Colors) -> tuple[tuple[float, bool], ...]:
    """Each color's confidence, and whether some dye has none nearer and it within 10."""
    apart = color_difference(palette.lab[:, None], known.lab)
    is_dye = (apart == apart.min(axis=0)) & (apart < NEAR)
    return tuple(zip(palette.confidence.tolist(), is_dye.any(axis=1).tolist(), strict=True))


def scores(number: int, seed: int, has_cast: bool, methods: dict[str, Method]) -> dict[str, Score]:
    """All methods on one scene."""
    scene = make_scene(seed, number, has_cast=has_cast)
    return {name: score(method, scene) for name, method in methods.items()}


def row(name: str, some: Sequence[Score]) -> str:
    """A row of a table."""
    first, whole = [one.first for one in some], [one.whole for one in some]
    cells = [f"{np.median(v):.1f} / {np.quantile(v, 0.95):.1f}" for v in (first, whole)]
    right = np.mean([one.is_number_right for one in some])
    same = np.mean([one.is_pattern_right for one in some])
    rates = f"{100 * right:.0f} % | {100 * same:.0f} %"
    return f"| {name} | {len(some)} | {cells[0]} | {cells[1]} | {rates} |"


HEAD = """| method | scenes | first color | whole palette | right number | right pattern |
| --- | --- | --- | --- | --- | --- |"""


def print_confidence(some: Sequence[Score]) -> None:
    """How often a color is a dye, by the confidence that it came with."""
    print("\nConfidence of our colors\n\n| told | colors | are dyes |\n| --- | --- | --- |")
    every = [one for score in some for one in score.told]
    for low, high in pairwise((0, 0.5, 0.8, 0.95, 0.99, 1.01)):
        right = [is_dye for confidence, is_dye in every if low <= confidence < high]
        rate = f"{100 * np.mean(right):.0f} %" if right else "-"
        print(f"| {low:g} to {min(high, 1):g} | {len(right)} | {rate} |")


def print_scenes(options: argparse.Namespace, *, has_cast: bool) -> None:
    """The table of one sort of scene."""
    methods: dict[str, Method] = {OURS: ours}
    if has_cast:
        methods |= {"trendcolor, no correction": uncorrected, "trendcolor, light known": oracle}
    if options.peers:
        methods |= {name: partial(peer, find) for name, find in PEERS.items()}
    one = partial(scores, seed=options.seed, has_cast=has_cast, methods=methods)
    with ProcessPoolExecutor(initializer=partial(threadpool_limits, 1)) as pool:
        found = list(pool.map(one, range(options.scenes)))
    print(f"\n{'With a color cast' if has_cast else 'No color cast'}\n\n{HEAD}")
    for name in methods:
        print(row(name, [scene[name] for scene in found]))
    if not has_cast:
        print_confidence([scene[OURS] for scene in found])
        return
    for known in (True, False):
        part = "with" if known else "without"
        print(f"\nSurrounds {part} gray or white\n\n{HEAD}")
        for name in methods:
            some = [scene[name] for scene in found if scene[name].has_neutral is known]
            print(row(name, some))


def milliseconds(work: Callable[[], object], seconds: float = 2.0) -> float:
    """The median time of a call, over as many as fit, at least three."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(times) < 3:
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times)


def large(size: tuple[int, int], seed: int) -> tuple[Rgb8, Mask]:
    """A scene enlarged to (height, width)."""
    scene = make_scene(seed, 2, has_cast=False)
    rgb = Image.fromarray(scene.rgb8).resize((size[1], size[0]), Image.Resampling.BICUBIC)
    mask = Image.fromarray(scene.mask).resize((size[1], size[0]), Image.Resampling.NEAREST)
    return np.asarray(rgb), np.asarray(mask)


def print_speed(options: argparse.Namespace) -> None:
    """CPU time of one garment."""
    rgb8, mask = large((1024, 1024), options.seed)
    print("\nOne garment of a 1024 x 1024 array with its mask, one thread\n\n| method | ms |")
    print("| --- | --- |")
    print(f"| {OURS} | {milliseconds(lambda: palette_of(rgb8, mask, NEUTRAL)):.1f} |")
    if options.peers:
        without = {"fast-colorthief, no shares": fast_colorthief_alone}
        for name, find in {**without, **PEERS}.items():
            print(f"| {name} | {milliseconds(partial(find, rgb8, mask)):.1f} |")
    rgb8, mask = large((4000, 3000), options.seed)
    encoded = io.BytesIO()
    Image.fromarray(rgb8).save(encoded, "JPEG", quality=90)
    photo = decode(encoded.getvalue(), ImagesConfig())
    small = np.asarray(
        Image.fromarray(mask).resize(photo.rgb.shape[1::-1], Image.Resampling.NEAREST)
    )

    def whole() -> Palette:
        seen = decode(encoded.getvalue(), ImagesConfig())
        return palette_of(seen.rgb, small, NEUTRAL)

    taken = milliseconds(whole)
    print(f"\nA 12-megapixel JPEG file to one garment's colors, decoded in between: {taken:.1f} ms")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--scenes", type=int, default=120)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    print(f"{options.scenes} scenes of seed {options.seed}; median / 95th percentile of CIEDE2000")
    for has_cast in (False, True):
        print_scenes(options, has_cast=has_cast)
    with threadpool_limits(1):
        print_speed(options)


if __name__ == "__main__":
    main()
