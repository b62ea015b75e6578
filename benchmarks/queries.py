"""How long questions to a run of up to 100 million records take, beside plain polars and DuckDB.

    pip install -r benchmarks/requirements.txt
    python benchmarks/queries.py --folder runs/queries --make   # once: some minutes, 1.3 GB
    python benchmarks/queries.py --folder runs/queries

The records are made up (a seed, garments of one to five colors around 400 dyes, photos in bursts
of one source), the run folders are real. Each question is asked in a process of its own, in turn
with the same question in plain polars and in DuckDB, `--rounds` times; the file cache is warm.
Printed are the median seconds from opening the run to the answer, and the largest memory that the
process held, imports included.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from trendcolor.runs import Header

SEED = 2026
PHOTOS = 125_000  # of a shard; about a million records
SIZES = {"1 million": 1, "10 million": 10, "100 million": 100}  # shards
SEASONS = ("AW24", "SS25", "AW25", "SS26")
REGIONS = ("EU", "NA", "APAC")
BURST = 25  # photos that one source sends together
SOURCES = 20_000
DYES, COLORS = 400, 250_000
GRID = 12  # of the hand-written queries: cubes of sRGB


def main() -> None:
    """Make the run folders, ask one question, or compare all."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--make", action="store_true")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--largest", type=int, default=100, help="shards of a million records")
    options.add_argument("--ask", help=argparse.SUPPRESS)
    options.add_argument("--size", help=argparse.SUPPRESS)
    asked = options.parse_args()
    sizes = {name: n for name, n in SIZES.items() if n <= asked.largest}
    if asked.make:
        make(asked.folder, sizes)
    elif asked.ask:
        ask(asked.folder / asked.size, asked.ask)
    else:
        compare(asked.folder, sizes, asked.rounds)


# --- the records ---------------------------------------------------------------------------------


def pool() -> np.ndarray:
    """The colors that garments have, 8-bit sRGB, the most popular dyes' first."""
    from trendcolor.color.spaces import lab_to_srgb
    from trendcolor.color.vocabularies import shipped_vocabulary

    random = np.random.default_rng(SEED)
    lab = shipped_vocabulary().lab
    dyes = lab[random.permutation(len(lab))[:DYES]]
    popular = 1 / np.arange(1, DYES + 1)
    dye = np.sort(random.choice(DYES, COLORS, p=popular / popular.sum()))
    return lab_to_srgb(dyes[dye] + random.normal(0, (3, 2, 2), (COLORS, 3)))


def shard_frames(number: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records and photos of one shard."""
    from made_runs import made_palettes

    from trendcolor.records import GARMENT, frame, photo_schema
    from trendcolor.taxonomy import GARMENTS

    random = np.random.default_rng((SEED, number))
    worn = random.integers(1, 6, PHOTOS)
    photo = np.repeat(np.arange(PHOTOS), worn)
    kind = np.argsort(random.random((PHOTOS, len(GARMENTS))), axis=1)[:, :5]
    kind[np.arange(5) >= worn[:, None]] = len(GARMENTS)
    kind = np.sort(kind, axis=1)
    kind = kind[kind < len(GARMENTS)]
    colors = random.choice([1, 2, 3, 4, 5], len(photo), p=[0.3, 0.3, 0.2, 0.1, 0.1])
    of, rank, weight = made_palettes(random, colors, fade=0.7)
    rgb = pool()[random.integers(0, COLORS, len(of))]
    pixels = np.rint(np.exp(random.normal(10, 0.8, len(photo)))).astype(np.uint32)[of]
    burst = np.arange(PHOTOS) // BURST
    source = random.integers(0, SOURCES, burst.max() + 1)[burst]
    season = random.integers(0, len(SEASONS), burst.max() + 1)[burst]
    day = np.char.mod("2026/%02d", number % 12 + 1)
    ids = pl.Series([f"{day}/IMG_{number * PHOTOS + i:09d}.jpg" for i in range(PHOTOS)])
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
            "garment": pl.Series(GARMENTS).gather(kind[of]).cast(GARMENT),
            "rank": rank.astype(np.uint8),
            **{name: rgb[:, i].astype(np.int16) for i, name in enumerate("rgb")},
            "weight": weight.astype(np.int16),
            "pixels": pixels,
            **{name: values.gather(row) for name, values in declared.items()},
        }
    )
    told = {"photo": ids, "status": ["ok"] * PHOTOS, "garments": worn, **declared}
    schema = photo_schema(dict.fromkeys(declared, "source"))
    empty = frame([], schema)
    photos = pl.concat(
        [
            empty,
            pl.DataFrame(told).cast(
                {name: schema[name] for name in told}  # type: ignore[arg-type]
            ),
        ],
        how="diagonal",
    )
    return records, photos


def header(photos: int) -> "Header":
    """What a run folder tells of itself before its first photo."""
    from made_runs import made_header

    kinds = {name: name for name in ("season", "region", "source")}
    return made_header(
        kinds, name="made-up", is_free_of_people=True, photos=photos, index_hash=f"{photos:064d}"
    )


def make_shard(folder: Path, number: int) -> None:
    """One shard of the largest run, unless it is there."""
    from trendcolor.runs import read_receipt, write_shard

    if read_receipt(folder, number) is None:
        write_shard(folder, number, *shard_frames(number))


def make(folder: Path, sizes: Mapping[str, int]) -> None:
    """The run folders: the largest one's shards, and the others as links to its first ones."""
    from trendcolor.runs import prepare_run_folder, seal

    largest = max(sizes, key=lambda name: sizes[name])
    whole = header(sizes[largest] * PHOTOS)
    prepare_run_folder(folder / largest, whole, fresh=False)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as workers:
        done = [workers.submit(make_shard, folder / largest, i) for i in range(sizes[largest])]
        for number, each in enumerate(done):
            each.result()
            print(f"\rshard {number + 1} of {len(done)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    for name, n in sizes.items():
        part = replace(whole, photos=n * PHOTOS, index_hash=f"{n:064d}")
        if name != largest:
            prepare_run_folder(folder / name, part, fresh=True)
            for file in (folder / largest).glob("*/?????.*"):
                if int(file.stem) < n and file.parent.name != "summary":
                    os.link(file, folder / name / file.parent.name / file.name)
        started = time.perf_counter()
        seal(folder / name, part, n, 1.0)
        print(f"{name}: summed up in {time.perf_counter() - started:.1f} s")


# --- the questions -------------------------------------------------------------------------------


def files(run: Path) -> list[Path]:
    """The files of a run's records."""
    return sorted((run / "records").glob("*.parquet"))


def stored_shares(run: Path) -> int:
    """Shares by season and garment, with intervals, from stored histograms."""
    import trendcolor as tc

    return len(tc.open_run(run).shares(by=["season", "garment"]))


def record_shares(run: Path) -> int:
    """The same on a grid chosen afresh, from records."""
    import trendcolor as tc
    from trendcolor.analysis.legends import Level

    part = tc.open_run(run).clustered("none")
    return len(part.shares(by=["season", "garment"], colors=Level(colors="bin", step=6)))


def record_shares_of_sources(run: Path) -> int:
    """The same with intervals that know of sources."""
    import trendcolor as tc
    from trendcolor.analysis.legends import Level

    part = tc.open_run(run)
    return len(part.shares(by=["season", "garment"], colors=Level(colors="bin", step=6)))


def polars_shares(run: Path) -> int:
    """Garments by season, garment and cube of sRGB, by hand in polars."""
    cubes = [pl.col(name) // GRID for name in "rgb"]
    counted = (
        pl.scan_parquet(files(run))
        .filter(pl.col("rank") == 0)
        .group_by("season", "garment", *cubes)
        .agg(n=pl.len())
    )
    whole = pl.col("n").sum().over("season", "garment")
    return len(counted.with_columns(share=pl.col("n") / whole).collect(engine="streaming"))


def duckdb_shares(run: Path) -> int:
    """The same, by hand in DuckDB."""
    import duckdb

    return len(
        duckdb.sql(f"""
            select *, n / sum(n) over (partition by season, garment) as share from (
                select season, garment, r // {GRID} as r, g // {GRID} as g, b // {GRID} as b,
                       count(*) as n
                from read_parquet('{run}/records/*.parquet') where rank = 0 group by all)
        """).fetchnumpy()["n"]
    )


def near_shares(run: Path) -> int:
    """Garments within CIEDE2000 5 of 95-degree black, by season."""
    import trendcolor as tc

    return len(tc.open_run(run).near("#161418", within=5).shares(by="season"))


def weights(run: Path) -> int:
    """The histogram by season, from stored ones."""
    import trendcolor as tc

    return len(tc.open_run(run).histogram(by="season"))


QUESTIONS: Mapping[str, Callable[[Path], int]] = {
    "shares by season and garment, stored": stored_shares,
    "histogram by season, stored": weights,
    "a grid chosen afresh, from records": record_shares,
    "the same, plain polars": polars_shares,
    "the same, DuckDB": duckdb_shares,
    "the same, intervals that know of sources": record_shares_of_sources,
    "near a color, by season": near_shares,
}


def ask(run: Path, question: str) -> None:
    """Ask one question and print what it took as JSON."""
    import trendcolor.api.opening  # noqa: F401 # imports are not what is timed

    started = time.perf_counter()
    rows = QUESTIONS[question](run)
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": memory, "rows": rows}))


def compare(folder: Path, sizes: Mapping[str, int], rounds: int) -> None:
    """Ask all questions in turn and print the tables."""
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    for _ in range(rounds):
        for size in sizes:
            for question in QUESTIONS:
                told = asked_apart("--folder", str(folder), "--size", size, "--ask", question)
                found.setdefault((question, size), []).append(told)
    print("| question | " + " | ".join(f"{name}: s, MB" for name in sizes) + " |")
    print("| --- |" + " --- |" * len(sizes))
    for question in QUESTIONS:
        cells = [
            f"{middle(found[question, size], 'seconds'):.3g}, "
            f"{max(each['megabytes'] for each in found[question, size]):.0f}"
            for size in sizes
        ]
        print(f"| {question} | " + " | ".join(cells) + " |")
    largest = max(sizes, key=lambda name: sizes[name])
    ours, *others = (
        [each["seconds"] for each in found[question, largest]] for question in [*QUESTIONS][2:5]
    )
    best = [min(pair) for pair in zip(*others, strict=True)]
    ratios = [own / other for own, other in zip(ours, best, strict=True)]
    print(
        f"\nfrom records, by the faster of polars and DuckDB in the same round: median ratio "
        f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )
    for size in sizes:
        print_disk(folder / size, size)
    print(f"import trendcolor: {import_seconds():.3f} s (median of {IMPORTS})")


def asked_apart(*arguments: str) -> dict[str, float]:
    """One question in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, *arguments], capture_output=True, text=True, check=True
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


def middle(told: list[dict[str, float]], figure: str) -> float:
    """The median of one figure."""
    return statistics.median(each[figure] for each in told)


def print_disk(run: Path, size: str) -> None:
    """Bytes on disk."""
    rows = pl.scan_parquet(files(run)).select(pl.len()).collect().item()
    parts = {
        part: sum(file.stat().st_size for file in (run / part).iterdir())
        for part in ("records", "photos", "histograms", "sources", "summary")
    }
    told = ", ".join(f"{part} {n / rows:.2f}" for part, n in parts.items())
    print(f"{size}: {rows:,} records; bytes a record: {told}")


IMPORTS = 9


def import_seconds() -> float:
    """How much longer an interpreter takes that imports the package."""

    def timed(code: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - started

    pairs = [(timed("pass"), timed("import trendcolor")) for _ in range(IMPORTS)]
    return statistics.median(with_it - without for without, with_it in pairs)


if __name__ == "__main__":
    main()
