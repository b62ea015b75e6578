"""How well people who touch are told from one person, and how often one person is cut apart.

    python benchmarks/wearers.py [DATA] [--split val.txt] [--seed 0] [--predicted]

DATA holds `ccp` (default: $TRENDCOLOR_DATA or ../shared/data). One person is a photo of Clothing
Co-Parsing as it is, or a part of it. Two people are composed: a second photo's person is set
beside the first, so that the two just touch or overlap by a part of the narrower one's width; at
least 40 % of each is seen. `--predicted` scores the segmenter's label maps too, which takes
a quarter of an hour. The rule's thresholds were chosen on train.txt.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from trendcolor.analysis.intervals import wilson
from trendcolor.config import PACKAGE, Config, DataConfig, ImagesConfig
from trendcolor.datasets.ccp import MatMask
from trendcolor.images.decode import Photo, read_photo
from trendcolor.pipeline import build_pipeline, predict
from trendcolor.segmentation.segmenter import Segmenter
from trendcolor.segmentation.wearers import find_wearers
from trendcolor.taxonomy import ACCESSORY, BACKGROUND, SKIN, LabelMap

OVERLAPS = (0.0, 0.1, 0.25, 0.5)  # of the narrower person's width
PAIRS = 0.1  # of photos, for the precision
OTHERS = 3  # people whom each person is paired with
LEAST_SEEN = 0.4  # of each person of a pair
WHOLE = "one person"
COLUMNS = ("label maps", "case", "photos", "cut apart", "flagged", "share", "95 % interval")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A photo and its label map, of one size."""

    rgb: NDArray[np.uint8]
    labels: LabelMap


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the photos of one case."""

    photos: int
    cut: int  # with several wearers, or none
    flagged: int  # of the others, as people who touch

    @property
    def whole(self) -> int:
        """Photos with one wearer."""
        return self.photos - self.cut

    @property
    def share(self) -> float:
        """The flagged ones of those with one wearer."""
        return self.flagged / self.whole if self.whole else float("nan")


def read_people(root: Path, split: str) -> list[Sample]:
    """The photos of a split with a person in their label map."""
    whole = ImagesConfig(work_pixels=ImagesConfig().max_pixels)
    samples = []
    for number in (root / split).read_text().split():
        photo = read_photo(root / "photos" / f"{number}.jpg", whole)
        mask = MatMask(root / "annotations" / "pixel-level" / f"{number}.mat", "ccp")
        samples.append(Sample(photo.rgb, mask.read(photo.height, photo.width)))
    return [sample for sample in samples if person(sample.labels).any()]


def person(labels: LabelMap) -> NDArray[np.bool_]:
    """Which pixels are a person's."""
    return (labels >= SKIN) & (labels <= ACCESSORY)


def place(labels: LabelMap) -> tuple[slice, slice]:
    """The box around the person."""
    rows, columns = np.nonzero(person(labels))
    return slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)


def part(sample: Sample, case: str, random: Generator) -> Sample:
    """A part of a photo of one person."""
    rows, columns = sample.labels.shape
    at, _ = place(sample.labels)
    middle = at.start + int((at.stop - at.start) * random.uniform(0.35, 0.6))
    if case == "upper part":
        window = np.s_[:middle]
    elif case == "lower part":
        window = np.s_[middle:]
    else:
        tall, wide = (np.array([rows, columns]) * random.uniform(0.3, 0.8)).astype(int)
        top, left = random.integers(rows - tall + 1), random.integers(columns - wide + 1)
        window = np.s_[top : top + tall, left : left + wide]
    return Sample(sample.rgb[window], sample.labels[window])


def pairs(people: list[Sample], overlap: float, random: Generator) -> Iterator[Sample]:
    """Each person with some others who touch, one at a time."""
    for one in (each for each in people for _ in range(OTHERS)):
        pair = None
        while pair is None:
            other = people[random.integers(len(people))]
            pair = None if other is one else beside(one, other, overlap, random)
        yield pair


def beside(one: Sample, other: Sample, overlap: float, random: Generator) -> Sample | None:
    """The first photo, wide enough for the second's person at its right; None if one is hidden."""
    one, other = mirrored(one, random), mirrored(other, random)
    at, across = place(one.labels)
    tall = (at.stop - at.start) * random.uniform(0.8, 1.05)
    ground = at.stop + round(random.uniform(-0.03, 0.03) * (at.stop - at.start))
    added = standing(other, tall, min(ground, len(one.labels)), len(one.labels))
    narrower = min(across.stop - across.start, added.labels.shape[1])
    left = touching_column(one.labels, added.labels) - round(overlap * narrower)
    if left < 0:
        return None
    more = max(0, left + added.labels.shape[1] - one.labels.shape[1])
    more += round(0.05 * len(one.labels)) if more else 0
    rgb = np.pad(one.rgb, ((0, 0), (0, more), (0, 0)), mode="edge")
    labels = np.pad(one.labels, ((0, 0), (0, more)))
    window = np.s_[:, left : left + added.labels.shape[1]]
    before, after = person(labels), person(added.labels)
    put = after if random.random() < 0.5 else after & ~before[window]
    rgb[window][put], labels[window][put] = added.rgb[put], added.labels[put]
    hidden = np.count_nonzero(before[window] & put) / np.count_nonzero(before)
    seen = np.count_nonzero(put) / np.count_nonzero(after)
    return Sample(rgb, labels) if min(1 - hidden, seen) >= LEAST_SEEN else None


def mirrored(sample: Sample, random: Generator) -> Sample:
    """The sample or its mirror image."""
    if random.random() < 0.5:
        return sample
    return Sample(sample.rgb[:, ::-1], sample.labels[:, ::-1])


def standing(sample: Sample, tall: float, ground: int, height: int) -> Sample:
    """The person cut out, of about a given height, in a photo of a given one."""
    box = place(sample.labels)
    scale = tall / (box[0].stop - box[0].start)
    size = (max(1, round((box[1].stop - box[1].start) * scale)), max(1, round(tall)))
    cut_rgb = Image.fromarray(np.ascontiguousarray(sample.rgb[box]))
    cut_labels = Image.fromarray(np.ascontiguousarray(sample.labels[box]))
    rgb = np.zeros((height, size[0], 3), np.uint8)
    labels = np.full((height, size[0]), BACKGROUND, np.uint8)
    shown = min(size[1], ground)
    window = np.s_[ground - shown : ground]
    rgb[window] = np.asarray(cut_rgb.resize(size, Image.Resampling.BILINEAR))[-shown:]
    labels[window] = np.asarray(cut_labels.resize(size, Image.Resampling.NEAREST))[-shown:]
    return Sample(rgb, labels)


def touching_column(one: LabelMap, other: LabelMap) -> int:
    """Where the second map must begin for its person to just touch the first one's right side."""
    a, b = person(one), person(other)
    rows = a.any(1) & b.any(1)
    last = a.shape[1] - 1 - a[:, ::-1].argmax(1)
    return int((last - b.argmax(1))[rows].max()) + 1


def cases(people: list[Sample], seed: int) -> Iterator[tuple[str, Iterator[Sample]]]:
    """All cases by name, the same for each seed."""
    yield WHOLE, iter(people)
    for case in ("upper part", "lower part", "any part"):
        random = np.random.default_rng(seed)
        yield f"{WHOLE}, {case}", (part(sample, case, random) for sample in people)
    for overlap in OVERLAPS:
        name = f"two people, {overlap:.0%} over" if overlap else "two people, just touching"
        yield name, pairs(people, overlap, np.random.default_rng(seed))


def score(samples: Iterator[Sample], segmenter: Segmenter | None) -> Score:
    """How many photos are cut apart and flagged; by their true label maps without a segmenter."""
    photos = cut = flagged = 0
    for sample in samples:
        labels = sample.labels
        if segmenter is not None:
            height, width = labels.shape
            photo = Photo(
                rgb=np.ascontiguousarray(sample.rgb), opaque=None, width=width, height=height
            )
            labels = predict(segmenter, photo).labels
        wearers = find_wearers(labels)
        photos += 1
        cut += len(wearers.sizes) != 1
        flagged += len(wearers.sizes) == 1 and bool(wearers.is_touching[0])
    return Score(photos, cut, flagged)


def print_scores(name: str, scores: dict[str, Score]) -> None:
    """One line for each case, and the precision where one photo in ten shows a pair."""
    for case, found in scores.items():
        around = wilson([found.share], [max(1, found.whole)])
        interval = f"{around.low[0]:.3f} to {around.high[0]:.3f}"
        counts = f"{found.photos} | {found.cut} | {found.flagged}"
        print(f"{name} | {case} | {counts} | {found.share:.3f} | {interval}")
    recall = float(np.mean([each.share for case, each in scores.items() if case.startswith("two")]))
    wrong = scores[WHOLE]
    most = float(wilson([wrong.share], [wrong.whole]).high[0])
    precisions = [PAIRS * recall / (PAIRS * recall + (1 - PAIRS) * f) for f in (wrong.share, most)]
    print(
        f"{name}: recall {recall:.3f}; precision {precisions[0]:.3f} where {PAIRS:.0%} of photos "
        f"show a pair ({precisions[1]:.3f} at the upper end of the interval of '{WHOLE}')\n"
    )


def print_cuts(data: Path) -> None:
    """How often true label maps of one person are cut into several wearers."""
    maps: dict[str, list[LabelMap]] = {"ccp": [], "lookbook": []}
    for number in sorted((data / "ccp/annotations/pixel-level").glob("*.mat")):
        with Image.open(data / "ccp/photos" / f"{number.stem}.jpg") as photo:
            maps["ccp"].append(MatMask(number, "ccp").read(photo.height, photo.width))
    for mask in sorted((PACKAGE / "samples/lookbook/masks").glob("*.png")):
        maps["lookbook"].append(np.asarray(Image.open(mask)))
    print("true label maps | photos | nobody | one wearer | several | flagged as touching")
    for name, found in maps.items():
        wearers = [find_wearers(labels) for labels in found]
        numbers = [len(each.sizes) for each in wearers]
        several = sum(number > 1 for number in numbers)
        flagged = sum(bool(each.is_touching.any()) for each in wearers)
        counts = f"{numbers.count(0)} | {numbers.count(1)} | {several} | {flagged}"
        print(f"{name} | {len(found)} | {counts}")
    print()


def main() -> None:
    """Print the tables."""
    default = os.environ.get("TRENDCOLOR_DATA", "../shared/data")
    parser = argparse.ArgumentParser(description="Score how people who touch are told.")
    parser.add_argument("data", nargs="?", type=Path, default=Path(default))
    parser.add_argument("--split", default="val.txt")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--predicted", action="store_true")
    options = parser.parse_args()
    print_cuts(options.data)
    people = read_people(options.data / "ccp", options.split)
    print(f"split {options.split}, seed {options.seed}")
    print(" | ".join(COLUMNS))
    segmenters: dict[str, Segmenter | None] = {"true": None}
    if options.predicted:
        config = Config(purpose="evaluation", data=(DataConfig(card=Path(), root=Path()),))
        segmenters["predicted"] = build_pipeline(config).segmenter
    for name, segmenter in segmenters.items():
        found = {case: score(samples, segmenter) for case, samples in cases(people, options.seed)}
        print_scores(name, found)


if __name__ == "__main__":
    main()
