"""A small table data set on disk, with label maps, for the tests that run the whole flow.

Each photo shows one plain top and one pair of trousers before a wall, so that what a run must
find is known.
"""

import csv

import numpy as np
from PIL import Image

from trendcolor.taxonomy import TOP, TROUSERS

WIDTH, HEIGHT = 130, 160
WALL = (150, 140, 130)
RED, NAVY = (178, 34, 34), (20, 30, 80)
TOP_PIXELS, TROUSERS_PIXELS = 60 * 50, 60 * 40

CARD = """\
name = "{name}"
version = "1"
title = "Looks"
license = "CC0-1.0"
license_class = "commercial"
license_source = "the tests"
attribution = "the tests"
people = "synthetic"
consent_basis = "not-needed"
purposes_allowed = ["research", "evaluation", "model-training"]
period = "2025"
frame = "made up"
label_set = "trendcolor"
contact = "the tests"

[[columns]]
name = "season"
kind = "season"
declared_by = "the tests"

[[columns]]
name = "region"
kind = "region"
declared_by = "the tests"

[[columns]]
name = "source"
kind = "source"
declared_by = "the tests"

[[columns]]
name = "sold"
kind = "weight"
declared_by = "the tests"
"""

CONFIG = """\
purpose = "{purpose}"

[[data]]
card = "card.toml"
root = "."
format = "table"
table = "looks.csv"
masks = "masks"

[segmentation]
source = "masks"

[privacy]
pseudonyms = "{pseudonyms}"
{privacy}

[engine]
workers = {workers}
shard_photos = {shard_photos}
{more}"""


def look(top=RED, trousers=NAVY, seed=0):
    """Pixels of one look and its label map; the wall is a little noisy, the cloth is not."""
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[20:70, 35:95] = TOP
    labels[70:110, 35:95] = TROUSERS
    noise = np.random.default_rng(seed).integers(-6, 7, (HEIGHT, WIDTH, 3))
    rgb = np.clip(np.array(WALL) + noise, 0, 255).astype(np.uint8)
    rgb[labels == TOP] = top
    rgb[labels == TROUSERS] = trousers
    return rgb, labels


def write_look(photo, mask, **colors):
    """One look as files; the label map is an 8-bit grayscale PNG."""
    rgb, labels = look(**colors)
    for path, pixels in ((photo, rgb), (mask, labels)):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return photo


def write_looks(folder, n=8, *, name="looks", table=True):
    """Photos, label maps, table and card: even looks wear red tops, odd ones navy."""
    for i in range(n):
        stem, top = f"look_{i:02d}", NAVY if i % 2 else RED
        write_look(
            folder / "images" / f"{stem}.png", folder / "masks" / f"{stem}.png", top=top, seed=i
        )
    if table:
        write_table(folder, n)
    (folder / "card.toml").write_text(CARD.format(name=name), encoding="utf-8")
    return folder


def write_table(folder, n, **changed):
    """The table of the looks: two seasons, two regions, a source each."""
    with (folder / "looks.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "season", "region", "source", "sold"])
        for i in range(n):
            row = {
                "path": f"images/look_{i:02d}.png",
                "season": "AW25" if i < n // 2 else "SS26",
                "region": ("EU", "UK")[i % 2],
                "source": f"s{i}",
                "sold": f"{i + 0.5}",
            }
            rows.writerow((row | changed).values())


def write_config(folder, *, pseudonyms="declared", privacy="", more="", **others):
    """A config over the looks in `folder`; `more` is TOML text for further sections.

    Its sources are made up, and stay readable unless a test asks for hashes; `privacy` is TOML text
    for the section [privacy].
    """
    path = folder / "looks.toml"
    values = {"purpose": "research", "workers": 1, "shard_photos": 4, **others}
    text = CONFIG.format(pseudonyms=pseudonyms, privacy=privacy, more=more, **values)
    path.write_text(text, encoding="utf-8")
    return path


def files_of(run):
    """The bytes of a run's records, photos and histograms by path: what must not differ."""
    parts = ("records", "photos", "histograms")
    return {
        path.relative_to(run).as_posix(): path.read_bytes()
        for part in parts
        for path in sorted((run / part).iterdir())
    }
