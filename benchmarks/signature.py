"""How near signature colors come to the shade that a made-up group of garments gathers around.

    python benchmarks/signature.py [--groups 16] [--seed 2026]

Half of a group's garments are of one shade, the rest of two dozen others; or three tenths are of
one other shade close by. Photos vary: exposure by a normal third of a stop, three tenths of the
garments in shadow besides (so that a shade has a tail), color casts, sensor noise, a fifth with 5 %
of white background mixed in, and 8 bits. Errors are CIEDE2000.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from trendcolor.analysis import modes
from trendcolor.analysis.shades import shades
from trendcolor.color.names import vocabulary
from trendcolor.color.spaces import (
    FloatArray,
    Rgb8,
    color_difference,
    lab_to_din99o,
    lab_to_srgb,
    linear_to_srgb,
    srgb_to_lab,
    srgb_to_linear,
)
from trendcolor.histograms import rgb_to_bin

# A shade and another close by: black and charcoal, navy and blue, burgundy and oxblood ...
SHADES: Mapping[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "black": ((22, 20, 24), (46, 45, 48)),
    "navy": ((28, 38, 64), (44, 58, 92)),
    "burgundy": ((91, 31, 43), (122, 38, 50)),
    "camel": ((196, 164, 124), (222, 205, 178)),
    "white": ((245, 244, 241), (222, 220, 214)),
    "denim": ((84, 110, 150), (60, 78, 110)),
    "red": ((190, 30, 40), (150, 30, 45)),
}
SIZES = (20, 50, 100, 1000, 10_000, 100_000)
Finder = Callable[[Rgb8, NDArray[np.int64]], FloatArray]


@dataclass(frozen=True, slots=True)
class Trial:
    """One group to be drawn."""

    shade: str
    n: int
    is_beside: bool  # another shade is close by
    seed: tuple[int, ...]


def draw(trial: Trial) -> Rgb8:
    """The main colors of a group, shape (n, 3)."""
    random = np.random.default_rng(trial.seed)
    own, neighbor = np.array(SHADES[trial.shade], np.uint8)
    listed = vocabulary()
    is_far = color_difference(listed.lab, srgb_to_lab(own).astype(float)) > 12
    deck = random.choice(listed.rgb8[is_far], 25, replace=False)
    kind = random.random(trial.n)
    others = deck[random.integers(0, 25, trial.n)]
    shared = 0.4 if trial.is_beside else random.choice([0.4, 0.55, 0.7])
    dye = np.where((kind < shared)[:, None], own, others)
    if trial.is_beside:
        dye = np.where((kind > 0.7)[:, None], neighbor, dye)
    return photographed(dye.astype(np.uint8), random)


def photographed(dye: Rgb8, random: np.random.Generator) -> Rgb8:
    """Dyes as photos show them."""
    n = len(dye)
    stops = random.normal(0, 0.3, n) - (random.random(n) < 0.3) * random.exponential(0.4, n)
    warmth = np.exp(random.normal(0, 0.03, (n, 1)) * [1, 0, -1])
    linear = srgb_to_linear(dye) * 2.0 ** stops[:, None] * warmth
    leaks = random.random(n) < 0.2
    linear = np.where(leaks[:, None], 0.95 * linear + 0.05 * 0.9, linear)
    return linear_to_srgb(linear + random.normal(0, 0.0008, linear.shape))


def mean(rgb8: Rgb8, count: NDArray[np.int64]) -> FloatArray:
    """The mean in CIELAB."""
    return np.average(srgb_to_lab(rgb8).astype(float), axis=0, weights=count)


def median(rgb8: Rgb8, count: NDArray[np.int64]) -> FloatArray:
    """The median of L*, of a* and of b*."""
    return np.median(np.repeat(srgb_to_lab(rgb8).astype(float), count, axis=0), axis=0)


def fullest_bin(rgb8: Rgb8, count: NDArray[np.int64]) -> FloatArray:
    """The mean of the fullest bin of the color grid, 4 CIELAB units wide."""
    _, place = np.unique(rgb_to_bin(*rgb8.T), return_inverse=True)
    is_in = place == np.argmax(np.bincount(place, count))
    return mean(rgb8[is_in], count[is_in])


def first_shade(rgb8: Rgb8, count: NDArray[np.int64]) -> FloatArray:
    """The median of the shade around the densest bin (`analysis/shades.py`)."""
    found = np.array(shades(rgb8, count), dtype=object)
    names, place = np.unique(found.astype(str), return_inverse=True)
    sizes = np.bincount(place, count) * (names != "other")
    code = str(names[np.argmax(sizes)])
    return srgb_to_lab(np.array(list(bytes.fromhex(code[1:])), np.uint8)).astype(float)


def half_sample(rgb8: Rgb8, count: NDArray[np.int64]) -> FloatArray:
    """The smallest ball around a garment that holds half of them, then half of those, and so on."""
    lab = np.repeat(srgb_to_lab(rgb8).astype(float), count, axis=0)
    while len(lab) > 3:
        half = (len(lab) + 1) // 2
        distance, members = cKDTree(lab).query(lab, k=half)
        lab = lab[members[np.argmin(distance[:, -1])]]
    return lab.mean(axis=0)


def mean_shift(reach: float, into: Callable[[FloatArray], FloatArray]) -> Finder:
    """The estimator of `analysis/modes.py` with another reach, or in another space."""

    def find(rgb8: Rgb8, count: NDArray[np.int64]) -> FloatArray:
        lab = srgb_to_lab(rgb8).astype(float)
        with patch.multiple(modes, BANDWIDTH=reach, lab_to_din99o=into):
            return modes.mode(lab, count).lab

    return find


def ours(rgb8: Rgb8, count: NDArray[np.int64]) -> FloatArray:
    """What the package answers."""
    return modes.mode(srgb_to_lab(rgb8).astype(float), count).lab


FINDERS: Mapping[str, Finder] = {
    "mean": mean,
    "median of each axis": median,
    "fullest bin of 4 units": fullest_bin,
    "densest shade's median": first_shade,
    "half-sample mode": half_sample,
    **{f"mean shift, CIELAB {h}": mean_shift(h, lambda lab: lab) for h in (3, 5, 7, 10)},
    **{f"mean shift, DIN99o {h}": mean_shift(h, lab_to_din99o) for h in (3, 4, 5, 6, 8, 10, 12)},
    f"trendcolor: DIN99o {modes.BANDWIDTH:g}": ours,
}
_MOST_OF_HALVES = 1000  # garments; more would take hours


def counted(rgb8: Rgb8) -> tuple[Rgb8, NDArray[np.int64]]:
    """Distinct colors and how often each is there."""
    colors, count = np.unique(rgb8, axis=0, return_counts=True)
    return colors, count


def found(trial: Trial) -> dict[str, FloatArray]:
    """What each estimator says of one group, less the true shade (CIELAB both)."""
    colors, count = counted(draw(trial))
    finders = dict(FINDERS)
    if trial.n > _MOST_OF_HALVES:
        del finders["half-sample mode"]
    return {name: find(colors, count) for name, find in finders.items()}


def truth(shade: str) -> FloatArray:
    """The shade as it is without camera."""
    return srgb_to_lab(np.array(SHADES[shade][0], np.uint8)).astype(float)


def row(trials: Sequence[Trial], answers: Sequence[FloatArray]) -> str:
    """Bias and spread within shades, and errors over all."""
    lab = np.array(answers)
    error = np.array(
        [color_difference(each, truth(t.shade)) for each, t in zip(lab, trials, strict=True)]
    )
    bias, spread = [], []
    for shade in SHADES:
        mine = lab[[trial.shade == shade for trial in trials]]
        center = np.median(mine, axis=0)
        bias.append(color_difference(center, truth(shade)))
        spread.append(np.median(color_difference(mine, center)))
    p95 = np.percentile(error, 95)
    return (
        f"{np.mean(bias):6.2f} {np.mean(spread):7.2f} {np.median(error):7.2f} {p95:7.2f} "
        f"{np.mean(error > 5):6.0%}"
    )


def print_estimators(groups: int, seed: int, pool: ProcessPoolExecutor) -> None:
    """Each estimator at each size of group."""
    for is_beside in (False, True):
        print("\na shade close by" if is_beside else "\none shade among many")
        for n in SIZES:
            repeats = groups if n <= 1000 else max(groups // 8, 2)
            trials = [
                Trial(shade, n, is_beside, (seed, i, j, n))
                for i, shade in enumerate(SHADES)
                for j in range(repeats)
            ]
            answers = list(pool.map(found, trials, chunksize=4))
            print(f"{n:>7} garments             bias  spread  median     p95    > 5")
            for name in answers[0]:
                print(f"  {name:24}{row(trials, [answer[name] for answer in answers])}")


@cache
def population(shade: str) -> FloatArray:
    """The mode of a hundred thousand garments of a shade: what smaller groups estimate."""
    own = np.tile(np.array(SHADES[shade][0], np.uint8), (100_000, 1))
    return ours(*counted(photographed(own, np.random.default_rng(1))))


def covered(trial: Trial) -> tuple[float, bool]:
    """The radius of one group, and whether it holds the mode of the population."""
    rgb8 = draw(trial)
    lab = srgb_to_lab(rgb8).astype(float)
    radius = modes.radius(lab, np.ones(trial.n), np.arange(trial.n)) or np.nan
    away = color_difference(modes.mode(lab, np.ones(trial.n)).lab, population(trial.shade))
    return radius, bool(away <= radius)


def print_radius(groups: int, seed: int, pool: ProcessPoolExecutor) -> None:
    """How large the radius is, and how often it holds what a hundred thousand garments show."""
    print("\nradius: garments, median of the radius, how often it holds the population's mode")
    for n in (10, 20, 30, 50, 100, 200, 500, 1000):
        trials = [
            Trial(shade, n, False, (seed, i, j, n, 1))
            for i, shade in enumerate(SHADES)
            for j in range(groups)
        ]
        radii, holds = zip(*pool.map(covered, trials, chunksize=4), strict=True)
        print(f"{n:>7}  {np.nanmedian(radii):6.2f}  {np.mean(holds):5.0%}")


def print_jumps(seed: int) -> None:
    """A dark dye grows lighter in small steps: how far the answer moves at most in one step."""
    print("\nsteps: 22/20/24 grows lighter by a hundredth of a stop at a time, 400 garments")
    random = np.random.default_rng(seed)
    stops, noise = random.normal(0, 0.3, (400, 1)), random.normal(0, 0.0008, (400, 3))
    linear = srgb_to_linear(np.array([22, 20, 24], np.uint8)) * 2.0**stops
    for name, find in FINDERS.items():
        answers = [
            find(*counted(linear_to_srgb(linear * 2 ** (i / 100) + noise))) for i in range(60)
        ]
        steps = color_difference(np.array(answers[1:]), np.array(answers[:-1]))
        print(f"  {name:24}median {np.median(steps):5.2f}  largest {steps.max():5.2f}")


def print_rounding(groups: int, seed: int) -> None:
    """What 8 bits cost where one step of a channel turns the hue: 22/20/24 alone."""
    print("\n8 bits: 22/20/24, 400 garments; error median, p95")
    dye = np.tile(np.array(SHADES["black"][0], np.uint8), (400, 1))
    found = [
        ours(*counted(photographed(dye, np.random.default_rng((seed, i)))))
        for i in range(5 * groups)
    ]
    ways: Mapping[str, Callable[[FloatArray], Rgb8 | None]] = {
        "before rounding": lambda _: None,
        "channels rounded": lab_to_srgb,
        "nearest, as printed": modes.nearest_rgb8,
    }
    for name, rounded in ways.items():
        shown = [(lab, rounded(lab)) for lab in found]
        lab8 = [lab if rgb8 is None else srgb_to_lab(rgb8).astype(float) for lab, rgb8 in shown]
        error = color_difference(np.array(lab8), truth("black"))
        print(f"  {name:24}{np.median(error):5.2f} {np.percentile(error, 95):7.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--groups", type=int, default=16, help="groups of each shade and size")
    parser.add_argument("--seed", type=int, default=2026)
    arguments = parser.parse_args()
    with ProcessPoolExecutor() as workers:
        print_jumps(arguments.seed)
        print_rounding(arguments.groups, arguments.seed)
        print_radius(arguments.groups, arguments.seed, workers)
        print_estimators(arguments.groups, arguments.seed, workers)
