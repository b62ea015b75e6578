"""What the benchmark of the pipeline runs on: street photos, or small pictures with label maps."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "trendcolor" / "samples" / "lookbook"
SIZE = (550, 825)  # width, height
SHARD = 32  # photos
CARD = """
name = "benchmark"
version = "1"
title = "Photos of a benchmark"
license = "Apache-2.0"
license_class = "commercial"
license_source = "the data set's own card"
attribution = "the data set's makers"
people = "real"
consent_basis = "undocumented"
purposes_allowed = ["evaluation"]
show_photos = false
period = "none"
frame = "the same photos over and over"
capture = "various"
annotation = "none"
label_set = "trendcolor"
biases = ["says nothing of people"]
contact = "nobody"
"""
COLUMNS = {"number": "id", "season": "season", "region": "region", "source": "source"}
CONFIG = """\
purpose = "evaluation"
[[data]]
card = "card.toml"
root = "{root}"
format = "table"
table = "photos.csv"
photo = "{{path}}"
{masks}
[images]
duplicates = "off"
[segmentation]
source = "{source}"
precision = "{precision}"
[engine]
workers = {workers}
shard_photos = {shard}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run's settings."""

    n: int  # photos
    workers: int
    precision: str = "float32"
    shard: int = SHARD
    masks: Path | None = None  # given label maps; None: the segmenter's


def street_photos(data: Path, folder: Path) -> list[Path]:
    """Files of street photos that are of one input size to the network."""
    paths = sorted((data / "ccp" / "photos").glob("*.jpg"))
    if paths:
        from trendcolor.config import SegmentationConfig
        from trendcolor.segmentation.opening import load_segmenter
        from trendcolor.segmentation.segmenter import input_size

        model = load_segmenter(SegmentationConfig()).model
        sizes = {path: size_of(path) for path in paths}
        inputs = {path: input_size(high, wide, model) for path, (wide, high) in sizes.items()}
        commonest = Counter(inputs.values()).most_common(1)[0][0]
        return [path for path in paths if inputs[path] == commonest]
    print(f"no ccp in {data}: the package's samples are enlarged", file=sys.stderr)
    return resized(sorted(SAMPLES.rglob("*.jpg")), folder, SIZE, None)


def size_of(path: Path) -> tuple[int, int]:
    """A picture's width and height."""
    with Image.open(path) as image:
        return image.size


def resized(
    paths: Sequence[Path], folder: Path, size: tuple[int, int], masks: Path | None
) -> list[Path]:
    """Sample photos at another size, and their label maps beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for path in paths:
        made.append(folder / f"{path.stem}.jpg")
        with Image.open(path) as image:
            image.convert("RGB").resize(size, Image.Resampling.BOX).save(made[-1], quality=90)
        if masks is not None:
            with Image.open(masks / f"{path.stem}.png") as image:
                image.resize(size, Image.Resampling.NEAREST).save(folder / f"{path.stem}.png")
    return made


def linked(photos: Sequence[Path], folder: Path, n: int) -> list[Path]:
    """Photos and label maps under new names, again and again up to n: no two may share a map."""
    folder.mkdir(parents=True, exist_ok=True)
    again = [folder / f"p{i:09d}.jpg" for i in range(n)]
    for i, path in enumerate(again):
        for suffix in (".jpg", ".png"):
            path.with_suffix(suffix).hardlink_to(photos[i % len(photos)].with_suffix(suffix))
    return again


def write_job(folder: Path, photos: Sequence[Path], job: Job) -> Path:
    """A config with its card and table; photos come again under new ids."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = [
        f'[[columns]]\nname = "{name}"\nkind = "{kind}"\ndeclared_by = "the benchmark"\n'
        for name, kind in COLUMNS.items()
    ]
    (folder / "card.toml").write_text(CARD + "".join(columns), encoding="utf-8")
    with (folder / "photos.csv").open("w", encoding="utf-8") as table:
        table.write(",".join((*COLUMNS, "path")) + "\n")
        for i in range(job.n):
            path = photos[i % len(photos)].name
            table.write(f"p{i:09d},S{i % 4},R{i % 3},s{i // 25:06d},{path}\n")
    masks = "" if job.masks is None else f'masks = "{job.masks}"\n'
    text = CONFIG.format(
        root=photos[0].parent.resolve(),
        masks=masks,
        source="model" if job.masks is None else "masks",
        precision=job.precision,
        workers=job.workers,
        shard=job.shard,
    )
    (folder / "benchmark.toml").write_text(text, encoding="utf-8")
    return folder / "benchmark.toml"
