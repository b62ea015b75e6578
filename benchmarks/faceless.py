"""What faces, skin and hair do to colors: their pixels are replaced, and colors measured again.

    python benchmarks/faceless.py [--photos 100] [--seed 0] [--data DATA]

DATA (default: $TRENDCOLOR_DATA or ../shared/data) may hold `lookbook`, `renders` and `ccp`; what
isn't there is left out, but for the lookbook, which the package has. Pixels are replaced after
decoding, so that no JPEG blends them with what is beside them. The first table takes the true
label maps, in which replaced pixels are known to be skin and hair; the second the packaged
segmenter, which sees the replaced photo anew. A face is not looked for: its pixels are the skin
above the collar in the true label map.

Of what is replaced above the collar, only garments that lie wholly below count.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from light import ROOT, SAMPLES, evenly
from PIL import Image
from scipy import ndimage

from trendcolor.cards import read_card
from trendcolor.color.spaces import Mask, Rgb8, color_difference, srgb_to_lab
from trendcolor.config import ColorConfig, DataConfig, ImagesConfig, SegmentationConfig
from trendcolor.datasets.opening import open_dataset
from trendcolor.images.decode import Photo, read_photo
from trendcolor.pipeline import Garment, PhotoAnalysis, analyze_photo, predict
from trendcolor.segmentation.opening import load_segmenter
from trendcolor.segmentation.segmenter import Segmenter
from trendcolor.taxonomy import CLASSES, DRESS, GARMENT_IDS, HAIR, OUTERWEAR, SKIN, TOP, LabelMap

CONFIGS = {"corrected": ColorConfig(), "--no-correct": ColorConfig(correct=False)}
_GRAY = 128  # 8-bit sRGB
_BLUR = 0.02  # standard deviation of a blur that hides a face, of the photo's longer side
GIVEN_HEAD = """| photos | n | colors | replaced | garments | changed | largest change |
| --- | --- | --- | --- | --- | --- | --- |"""
PREDICTED_HEAD = (
    "| photos | n | colors | replaced | garments | lost, new | other family | main color | area |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A decoded photo with its true label map at the same size."""

    photo: Photo
    labels: LabelMap


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one photo's garments; garments are matched by class, the largest of each."""

    garments: int  # with a palette, before
    lost: int  # of them, without one after
    new: int  # with one only after
    families: int  # whose main color's family is another
    main: tuple[float, ...]  # CIEDE2000 between main colors
    area: tuple[float, ...]  # change of the garment's pixels, as a fraction
    is_same: bool  # garments with palettes and places are equal, to the last bit


def collar(labels: LabelMap) -> int:
    """The highest row that shows a top, outerwear or a dress; 0 where none does.

    Args:
        labels: Class ids, shape (h, w). Not modified.
    """
    rows = np.flatnonzero(np.isin(labels, (TOP, OUTERWEAR, DRESS)).any(axis=1))
    return int(rows[0]) if len(rows) else 0


def skin_and_hair(labels: LabelMap) -> Mask:
    """All skin and hair."""
    return np.isin(labels, (SKIN, HAIR))


def face(labels: LabelMap) -> Mask:
    """Skin above the collar: the face, with ears and neck."""
    return (labels == SKIN) & above_collar(labels)


def head(labels: LabelMap) -> Mask:
    """Skin and hair above the collar."""
    return skin_and_hair(labels) & above_collar(labels)


def above_collar(labels: LabelMap) -> Mask:
    """All pixels above the collar line, whatever they show."""
    return np.broadcast_to(np.arange(labels.shape[0])[:, None] < collar(labels), labels.shape)


def partly_above_collar(labels: LabelMap) -> set[str]:
    """The classes of garments that have a pixel above the collar line, such as a hat."""
    return {CLASSES[i] for i in np.unique(labels[above_collar(labels)]) if i in GARMENT_IDS}


def gray(rgb: Rgb8, _: Mask, __: np.random.Generator) -> Rgb8:
    """Flat gray."""
    return np.full_like(rgb, _GRAY)


def noise(rgb: Rgb8, _: Mask, random: np.random.Generator) -> Rgb8:
    """Each value any of 256."""
    return random.integers(0, 256, rgb.shape, dtype=np.uint8)


def blur(rgb: Rgb8, _: Mask, __: np.random.Generator) -> Rgb8:
    """The photo out of focus."""
    sigma = _BLUR * max(rgb.shape)
    return np.asarray(ndimage.gaussian_filter(rgb, (sigma, sigma, 0)))


def others(source: Rgb8) -> Callable[[Rgb8, Mask, np.random.Generator], Rgb8]:
    """The colors of somebody else's skin and hair, in any order."""

    def shuffled(rgb: Rgb8, _: Mask, random: np.random.Generator) -> Rgb8:
        drawn = random.integers(0, max(1, len(source)), rgb.shape[:2])
        return source[drawn] if len(source) else gray(rgb, _, random)

    return shuffled


def replaced(
    photo: Photo,
    where: Mask,
    how: Callable[[Rgb8, Mask, np.random.Generator], Rgb8],
    random: np.random.Generator,
) -> Photo:
    """A photo with some of its pixels replaced; all others are as they were."""
    rgb = np.where(where[..., None], how(photo.rgb, where, random), photo.rgb)
    return replace(photo, rgb=rgb)


def change(before: PhotoAnalysis, after: PhotoAnalysis, left_out: Collection[str] = ()) -> Change:
    """How the garments of one photo changed, but for some classes."""
    kept = [[g for g in each.foreground if g.garment not in left_out] for each in (before, after)]
    one, other = map(_largest, kept)
    both = sorted(one.keys() & other.keys())
    mains = [(one[name].palette[0], other[name].palette[0]) for name in both]
    return Change(
        garments=len(one),
        lost=len(one.keys() - other.keys()),
        new=len(other.keys() - one.keys()),
        families=sum(a.family != b.family for a, b in mains),
        main=tuple(float(color_difference(*_lab(a.rgb, b.rgb))) for a, b in mains),
        area=tuple(abs(other[name].pixels / one[name].pixels - 1) for name in both),
        is_same=kept[0] == kept[1],
    )


def _lab(one: tuple[int, int, int], other: tuple[int, int, int]) -> Sequence[np.ndarray]:
    return list(srgb_to_lab(np.array([one, other], np.uint8)).astype(float))


def _largest(garments: Sequence[Garment]) -> Mapping[str, Garment]:
    """The largest garment of each class that has a palette."""
    found: dict[str, Garment] = {}
    for garment in sorted(garments, key=lambda each: each.pixels):
        if garment.palette:
            found[garment.garment] = garment
    return found


def lookbook_samples(folder: Path, n: int) -> Iterator[Sample]:
    """Rendered photos with their label maps; none where the folder isn't there."""
    truths = folder / "truth.jsonl"
    if not truths.is_file():
        print(f"no {folder.name}: left out", file=sys.stderr)
        return
    for line in evenly(truths.read_text(encoding="utf-8").splitlines(), n):
        image = folder / "images" / json.loads(line)["image"]
        labels = np.asarray(Image.open(folder / "masks" / f"{image.stem}.png"))
        yield Sample(read_photo(image, ImagesConfig()), labels)


def street_samples(folder: Path, n: int) -> Iterator[Sample]:
    """The validation photos of Clothing Co-Parsing; none where they aren't there."""
    split = folder / "val.txt"
    if not split.is_file():
        print("no ccp: left out", file=sys.stderr)
        return
    card = ROOT / "data_cards" / "ccp.toml"
    config = DataConfig(card=card, root=folder, format="ccp", split=split)
    held_out = set(split.read_text(encoding="utf-8").split())
    refs = [ref for ref in open_dataset(read_card(card), config) if ref.id in held_out]
    for ref in evenly(refs, n):
        photo = read_photo(ref.file.path, ImagesConfig())
        yield Sample(photo, ref.labels.read(photo.height, photo.width))


def print_given(name: str, samples: Sequence[Sample], seed: int) -> None:
    """Rows of the first table: true label maps."""
    ways = {
        "skin and hair by gray": lambda _: (skin_and_hair, gray),
        "skin and hair by noise": lambda _: (skin_and_hair, noise),
        "skin and hair by another person's": lambda other: (skin_and_hair, others(_pixels(other))),
        "all above the collar by noise": lambda _: (above_collar, noise),
    }
    for colors, config in CONFIGS.items():
        for words, way in ways.items():
            random = np.random.default_rng(seed)
            found = []
            for other, sample in pairwise([samples[-1], *samples]):
                where, how = way(other)
                changed = replaced(sample.photo, where(sample.labels), how, random)
                hidden = partly_above_collar(sample.labels) if where is above_collar else ()
                pair = [analyze_photo(p, sample.labels, config) for p in (sample.photo, changed)]
                found.append(change(*pair, hidden))
            garments = sum(each.garments for each in found)
            apart = [main for each in found for main in each.main]
            differing = sum(not each.is_same for each in found)
            cells = (name, len(found), colors, words, garments)
            print_row(*cells, f"{differing} photos", f"{max(apart, default=0):.2f}")


def _pixels(sample: Sample) -> Rgb8:
    return sample.photo.rgb[skin_and_hair(sample.labels)]


def print_predicted(name: str, samples: Sequence[Sample], segmenter: Segmenter, seed: int) -> None:
    """Rows of the second table: the segmenter sees each photo anew."""
    ways = {
        "faces by gray": (face, gray),
        "faces by blur": (face, blur),
        "heads by gray": (head, gray),
    }
    shown = [sample for sample in samples if face(sample.labels).any()]
    found = [predict(segmenter, sample.photo) for sample in shown]
    for words, (where, how) in ways.items():
        random = np.random.default_rng(seed)
        changed = [replaced(s.photo, where(s.labels), how, random) for s in shown]
        again = [predict(segmenter, photo) for photo in changed]
        for colors, config in CONFIGS.items():
            changes = [
                change(analyze_photo(s.photo, before, config), analyze_photo(photo, after, config))
                for s, photo, before, after in zip(shown, changed, found, again, strict=True)
            ]
            print_row(name, len(shown), colors, words, *summary(changes))


def summary(changes: Sequence[Change]) -> tuple[str, ...]:
    """Garments; lost and new; those of another family; median and 95th percentile of both."""
    main = [value for each in changes for value in each.main]
    area = [value for each in changes for value in each.area]
    lost, new = sum(each.lost for each in changes), sum(each.new for each in changes)
    quantiles = [np.quantile(values, (0.5, 0.95)) if values else (0, 0) for values in (main, area)]
    return (
        str(sum(each.garments for each in changes)),
        f"{lost}, {new}",
        str(sum(each.families for each in changes)),
        "{:.2f} / {:.2f}".format(*quantiles[0]),
        "{:.1%} / {:.1%}".format(*quantiles[1]),
    )


def print_row(*cells: object) -> None:
    """A row of a table."""
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--photos", type=int, default=100, help="of each folder, at most")
    parser.add_argument("--seed", type=int, default=0, help="of what pixels are replaced by")
    data = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=data)
    options = parser.parse_args()
    lookbook = options.data / "lookbook"
    folders = {
        "lookbook": lookbook_samples(lookbook if lookbook.is_dir() else SAMPLES, options.photos),
        "renders": lookbook_samples(options.data / "renders", options.photos),
        "street photos": street_samples(options.data / "ccp", options.photos),
    }
    samples = {name: kept for name, found in folders.items() if (kept := list(found))}
    print(f"True label maps: photos that changed at all, and by how much (CIEDE2000)\n{GIVEN_HEAD}")
    for name, some in samples.items():
        print_given(name, some, options.seed)
    print(
        "\nThe segmenter: main color in CIEDE2000 and area, median / 95th percentile of the change"
    )
    print(PREDICTED_HEAD)
    segmenter = load_segmenter(SegmentationConfig())
    for name, some in samples.items():
        print_predicted(name, some, segmenter, options.seed)


if __name__ == "__main__":
    main()
