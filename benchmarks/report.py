"""How long a report of 100,000 photos takes, how large its page is, when a browser paints it.

    python benchmarks/report.py --folder runs/report --make
    python benchmarks/report.py --folder runs/report

The records are made up: popular dyes with a camera's spread, three seasons, three regions, 400
contributors, and cards that say that real people are shown, so that every table is guarded.
"""

import argparse
import os
import shutil
import statistics
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

SEED = 0
PHOTOS = 20_000  # of a shard
SHARDS = 5
SOURCES = 400
SEASONS = ("AW25", "SS26", "AW26")
REGIONS = ("APAC", "EU", "NA")
DYES = 280  # names of the vocabulary, the first the most frequent
# How often a photo shows each garment.
MOST = {"top": 0.95, "outerwear": 0.45, "dress": 0.12, "trousers": 0.7, "skirt": 0.15}
SOME = {"legwear": 0.1, "footwear": 0.9, "bag": 0.35, "headwear": 0.12, "accessory": 0.1}


def main() -> None:
    """Make the run, or write its report and tell the times."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--make", action="store_true")
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    if asked.make:
        make(asked.folder)
    else:
        measure(asked.folder, asked.rounds)


def shard_frames(number: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records and photos of one shard."""
    from made_runs import made_palettes

    from trendcolor.color.spaces import lab_to_srgb
    from trendcolor.color.vocabularies import shipped_vocabulary
    from trendcolor.records import GARMENT, frame, photo_schema

    random = np.random.default_rng((SEED, number))
    chances = MOST | SOME
    worn = random.random((PHOTOS, len(chances))) < [*chances.values()]
    photo, kind = np.nonzero(worn)
    colors = random.choice([1, 2, 3], len(photo), p=[0.7, 0.2, 0.1])
    of, rank, weight = made_palettes(random, colors, fade=1.0)
    source = random.zipf(1.3, PHOTOS) % SOURCES
    season = random.integers(0, len(SEASONS), PHOTOS)
    words = shipped_vocabulary().lab[:DYES]
    popular = 1 / (np.arange(1, DYES + 1) + 4) ** 1.1
    shift = season[photo][of] * 3  # each season is a few dyes further down the list
    dye = (random.choice(DYES, len(of), p=popular / popular.sum()) + shift) % DYES
    rgb = lab_to_srgb(words[dye] + random.normal(0, (3, 2, 2), (len(of), 3)))
    ids = pl.Series([f"IMG_{number * PHOTOS + i:09d}.jpg" for i in range(PHOTOS)])
    declared = {
        "season": pl.Series(SEASONS).gather(season),
        "region": pl.Series(REGIONS).gather(source % len(REGIONS)),
        "source": pl.Series([f"s{i:05d}" for i in range(SOURCES)]).gather(source),
    }
    row = photo[of]
    records = pl.DataFrame(
        {
            "photo": ids.gather(row),
            "wearer": np.zeros(len(row), np.uint8),
            "garment": pl.Series([*chances]).gather(kind[of]).cast(GARMENT),
            "rank": rank.astype(np.uint8),
            **{name: rgb[:, i].astype(np.int16) for i, name in enumerate("rgb")},
            "weight": weight.astype(np.int16),
            "pixels": np.rint(np.exp(random.normal(9, 0.8, len(photo)))).astype(np.uint32)[of],
            **{name: values.gather(row) for name, values in declared.items()},
        }
    )
    schema = photo_schema(dict.fromkeys(declared, "source"))
    told = {"photo": ids, "status": ["ok"] * PHOTOS, "garments": worn.sum(axis=1), **declared}
    photos = pl.DataFrame(told).cast({name: schema[name] for name in told})  # type: ignore[arg-type]
    return records, pl.concat([frame([], schema), photos], how="diagonal")


def make(folder: Path) -> None:
    """The run folder."""
    from made_runs import made_header

    from trendcolor.runs import prepare_run_folder, seal, write_shard

    kinds = {name: name for name in ("season", "region", "source")}
    header = replace(
        made_header(kinds, name="made-up", is_free_of_people=False, photos=PHOTOS * SHARDS),
        index_hash=f"{SEED:064d}",
    )
    prepare_run_folder(folder, header, fresh=True)
    for number in range(SHARDS):
        write_shard(folder, number, *shard_frames(number))
    seal(folder, header, SHARDS, 1.0)


def measure(folder: Path, rounds: int) -> None:
    """Print seconds and bytes."""
    from trendcolor.api.reports import report

    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        page = report(folder)
        seconds.append(time.perf_counter() - started)
    print(f"report: {statistics.median(seconds):.1f} s (median of {rounds})")
    print(f"page: {page.stat().st_size / 1e6:.2f} MB")
    paints = first_paints(page, rounds)
    if paints:
        print(f"first paint in Chromium: {statistics.median(paints):.2f} s (median of {rounds})")


def first_paints(page: Path, rounds: int) -> list[float]:
    """Seconds from opening the page to its first contentful paint, each time in a new browser."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("TRENDCOLOR_CHROMIUM") or shutil.which("chromium")
    if path is None:
        print("no chromium found (set TRENDCOLOR_CHROMIUM): first paint is not measured")
        return []
    ask = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    seconds = []
    with sync_playwright() as kit:
        for _ in range(rounds):
            browser = kit.chromium.launch(executable_path=path, args=["--no-sandbox"])
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            tab.goto(page.resolve().as_uri())
            seconds.append(tab.evaluate(ask) / 1000)
            browser.close()
    return seconds


if __name__ == "__main__":
    main()
