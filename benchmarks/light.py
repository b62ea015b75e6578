"""How near the light is told, on kinds of photos whose light is known.

    python benchmarks/light.py [--scenes 20] [--photos 40] [--seed 5] [--data DATA]

DATA (default: $TRENDCOLOR_DATA or ../shared/data) may hold `renders`, `lookbook` and `ccp`; what
isn't there is left out, but for the lookbook, which the package has. A light is counted as
log(R/B) in linear sRGB, 0 for daylight and 2.1 for CIE A. Street photos, the validation part of
`ccp`, are taken for neutral as they are, which is near the truth and no more; each is measured
again under a made-up cast.
"""

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from color_renders import Render, light_left
from color_scenes import make_scene, random_cast
from PIL import Image
from threadpoolctl import threadpool_limits

from trendcolor.cards import read_card
from trendcolor.color.adaptation import adapt_to_d65
from trendcolor.color.estimators import ESTIMATORS
from trendcolor.color.evidence import MIN_BLOCKS, Evidence, gather, unclipped
from trendcolor.color.illuminant import NEUTRAL, Illuminant, estimate_illuminant, warmth
from trendcolor.color.spaces import (
    D65_XY,
    WHITE_XYZ,
    XYZ_TO_RGB,
    FloatArray,
    Rgb8,
    color_difference,
    lab_to_linear,
    linear_to_lab,
    linear_to_srgb,
    srgb_to_linear,
)
from trendcolor.config import ColorConfig, DataConfig
from trendcolor.datasets.opening import open_dataset
from trendcolor.datasets.reference import PhotoRef
from trendcolor.pipeline import palettes_of
from trendcolor.taxonomy import BACKGROUND, CLASSES, TOP, LabelMap, is_garment

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "trendcolor" / "samples" / "lookbook"
CONFIG = ColorConfig()
NONE, BELIEF = "no correction", "belief"
METHODS = (NONE, *ESTIMATORS, BELIEF)
_NEUTRAL = 0.05  # of log(R/B): below, a camera left no cast
HEAD = f"""| photos | n | {" | ".join(METHODS)} | change |
| --- | --- |{" --- |" * len(METHODS)} --- |"""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photo with its true label map and light."""

    kind: str
    rgb8: Rgb8
    labels: LabelMap
    light: FloatArray  # (3,), linear sRGB of white in the photo


@dataclass(frozen=True, slots=True)
class Errors:
    """What one photo came to."""

    kind: str  # with the word for its light
    is_neutral: bool
    errors: dict[str, float]  # of log(R/B), absolute, by method
    changes: tuple[float, ...]  # of its garments' colors by the correction, CIEDE2000


Job = Callable[[], list[Photo]]  # photos are made where they are measured
Item = TypeVar("Item")


def trusted_warmth(light: Illuminant) -> float:
    """log(R/B) of the light that colors are corrected for."""
    x, y = light.trusted_x, light.trusted_y
    xyz = np.array([x, y, 1 - x - y]) / [*D65_XY, 1 - sum(D65_XY)] * WHITE_XYZ
    return warmth(XYZ_TO_RGB @ xyz)


def estimates(evidence: Evidence, light: Illuminant) -> dict[str, float]:
    """log(R/B) by each method; 0 where there is nothing to look at."""
    found = dict.fromkeys(METHODS, 0.0)
    if len(evidence.blocks) >= MIN_BLOCKS:
        found |= {name: warmth(each.light(evidence)) for name, each in ESTIMATORS.items()}
    return found | {BELIEF: trusted_warmth(light)}


def changes(photo: Photo, light: Illuminant) -> Iterator[float]:
    """How far the correction moves each garment's colors, weighted by share."""
    numbers = np.where(is_garment(photo.labels), photo.labels, 0).astype(np.uint16)
    sizes = np.bincount(numbers.ravel(), minlength=len(CLASSES))
    numbers[sizes[numbers] < CONFIG.min_pixels] = 0
    for palette in palettes_of(photo.rgb8, numbers, NEUTRAL, CONFIG):
        if len(palette.share):
            corrected = linear_to_lab(adapt_to_d65(lab_to_linear(palette.lab), light))
            yield float(palette.share @ color_difference(palette.lab, corrected))


def measure(photo: Photo) -> Errors:
    """All methods on one photo."""
    linear = srgb_to_linear(photo.rgb8)
    mask = (photo.labels == BACKGROUND) & unclipped(photo.rgb8)
    light = estimate_illuminant(linear, mask, CONFIG)
    truth = warmth(photo.light)
    is_neutral = abs(truth) < _NEUTRAL
    found = estimates(gather(linear, mask), light)
    return Errors(
        kind=f"{photo.kind}, {'neutral' if is_neutral else 'cast'}",
        is_neutral=is_neutral,
        errors={name: abs(value - truth) for name, value in found.items()},
        changes=tuple(changes(photo, light)) if is_neutral else (),
    )


def measure_all(job: Job) -> list[Errors]:
    """All photos of one job."""
    return [measure(photo) for photo in job()]


def scene_photos(seed: int, number: int, has_cast: bool) -> list[Photo]:
    """One made-up photo of a garment."""
    scene = make_scene(seed, number, has_cast=has_cast)
    around = "gray around" if scene.has_neutral else "colored around"
    labels = np.where(scene.mask, np.uint8(TOP), np.uint8(BACKGROUND))
    return [Photo(f"scenes, {around}", scene.rgb8, labels, scene.light)]


def render_photos(folder: Path, truth: dict) -> list[Photo]:
    """One rendered photo."""
    image = folder / "images" / truth["image"]
    labels = np.asarray(Image.open(folder / "masks" / f"{image.stem}.png"))
    render = Render(np.asarray(Image.open(image).convert("RGB")), labels, truth)
    return [Photo(folder.name, render.rgb8, labels, light_left(render))]


def street_photos(ref: PhotoRef, seed: int) -> list[Photo]:
    """One street photo as it is, and under a cast."""
    rgb8 = np.asarray(Image.open(ref.file.path).convert("RGB"))
    labels = ref.labels.read(*rgb8.shape[:2])
    random, light = np.random.default_rng((seed, int(ref.id))), np.ones(3)
    while abs(warmth(light)) < _NEUTRAL:
        light = random_cast(random)
    tinted = linear_to_srgb(srgb_to_linear(rgb8) * light)
    as_it_is = Photo("street photos", rgb8, labels, np.ones(3))
    return [as_it_is, Photo("street photos", tinted, labels, light)]


def evenly(items: Sequence[Item], n: int) -> Sequence[Item]:
    """At most `n` of them, from first to last."""
    return [items[i] for i in np.linspace(0, len(items) - 1, min(n, len(items))).astype(int)]


def scene_jobs(n: int, seed: int) -> Iterator[Job]:
    """Scenes without and with a cast, `n` of each."""
    for has_cast in (False, True):
        yield from (partial(scene_photos, seed, number, has_cast) for number in range(n))


def render_jobs(folder: Path, n: int) -> Iterator[Job]:
    """Rendered photos; none where the folder isn't there."""
    truths = folder / "truth.jsonl"
    if not truths.is_file():
        print(f"no {folder.name}: left out", file=sys.stderr)
        return
    for line in evenly(truths.read_text().splitlines(), n):
        yield partial(render_photos, folder, json.loads(line))


def street_jobs(folder: Path, n: int, seed: int) -> Iterator[Job]:
    """The validation photos of Clothing Co-Parsing; none where they aren't there."""
    if not (folder / "val.txt").is_file():
        print("no ccp: left out", file=sys.stderr)
        return
    card = ROOT / "data_cards" / "ccp.toml"
    config = DataConfig(card=card, root=folder, format="ccp", split=folder / "val.txt")
    held_out = set(config.split.read_text().split())
    refs = [ref for ref in open_dataset(read_card(card), config) if ref.id in held_out]
    yield from (partial(street_photos, ref, seed) for ref in evenly(refs, n))


def row(kind: str, some: Sequence[Errors]) -> str:
    """A row of the table."""
    cells = []
    for name in METHODS:
        errors = [one.errors[name] for one in some]
        cells.append(f"{np.mean(errors):.2f} / {np.quantile(errors, 0.9):.2f}")
    moved = [change for one in some for change in one.changes]
    change = f"{np.mean(moved):.2f}" if moved else ""
    return f"| {kind} | {len(some)} | {' | '.join(cells)} | {change} |"


def all_jobs(options: argparse.Namespace) -> list[Job]:
    """All kinds of photos that are there."""
    lookbook = options.data / "lookbook"
    return [
        *scene_jobs(options.scenes, options.seed),
        *render_jobs(options.data / "renders", options.photos),
        *render_jobs(lookbook if lookbook.is_dir() else SAMPLES, options.photos),
        *street_jobs(options.data / "ccp", options.photos, options.seed),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--scenes", type=int, default=20, help="without a cast, and with one")
    parser.add_argument("--photos", type=int, default=40, help="of each folder, at most")
    parser.add_argument("--seed", type=int, default=5, help="of scenes and of casts")
    data = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=data)
    options = parser.parse_args()
    by_kind = defaultdict(list)
    with ProcessPoolExecutor(initializer=partial(threadpool_limits, 1)) as pool:
        for found in pool.map(measure_all, all_jobs(options), chunksize=4):
            for one in found:
                by_kind[one.kind].append(one)
    print(f"{options.scenes} scenes without and {options.scenes} with a cast, seed {options.seed};")
    print("error of log(R/B), mean / 90th percentile; change: mean CIEDE2000 of garments' colors\n")
    print(HEAD)
    for kind in sorted(by_kind):
        print(row(kind, by_kind[kind]))


if __name__ == "__main__":
    main()
