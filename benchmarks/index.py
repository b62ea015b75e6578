"""How much memory and time it takes to list the photos of a run and cut them into shards.

    python benchmarks/index.py --photos 10_000_000 --kind table
    python benchmarks/index.py --photos 1_000_000 --kind folder

A table names photos that don't exist, in folders of 1,000; a folder holds empty files, 1,000 a
folder, or with --flat all in one. `plan` lists them in a process of its own, and what is printed is
the largest memory that this process held, its imports included, and its seconds. Everything made
up is deleted again. A million files take a million inodes (`df -i`).
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

SEASONS, REGIONS, SOURCES = ("AW25", "SS26"), ("EU", "UK", "US"), 20_000

CARD = """\
name = "made-up"
version = "1"
title = "Photos that are only listed"
license = "CC0-1.0"
license_class = "commercial"
license_source = "made up"
attribution = "nobody"
people = "synthetic"
consent_basis = "not-needed"
purposes_allowed = ["research"]
period = "2026"
frame = "made up"
contact = "nobody"
"""
COLUMN = '[[columns]]\nname = "{name}"\nkind = "{name}"\ndeclared_by = "nobody"\n'
CONFIG = (
    'purpose = "research"\n[images]\nduplicates = "off"\n'
    '[[data]]\ncard = "card.toml"\nroot = "photos"\nformat = "{kind}"\n'
)


def main() -> None:
    """Make the list, plan it in a process of its own, print what that took."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--photos", type=int, default=1_000_000)
    options.add_argument("--kind", choices=("table", "folder"), default="table")
    options.add_argument("--flat", action="store_true", help="of a folder: all in one")
    options.add_argument("--work", type=Path, help="folder to make everything in")
    options.add_argument("--plan", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.plan is not None:
        print(json.dumps(planned(asked.plan)))
        return
    with tempfile.TemporaryDirectory(prefix="trendcolor-benchmark-", dir=asked.work) as folder:
        config = make(Path(folder), asked.kind, asked.photos, flat=asked.flat)
        command = [sys.executable, __file__, "--plan", str(config)]
        told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    print("| photos | listed in | shards | peak memory | before the first photo | CPU |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(
        f"| {told['photos']:,} | a {asked.kind} | {told['shards']:,} | {told['memory']:.0f} MB | "
        f"{told['before']:.0f} MB | {told['cpu']:.0f} s |"
    )


def make(folder: Path, kind: str, photos: int, *, flat: bool) -> Path:
    """Write the card, the config and the made-up list; gives the config."""
    (folder / "photos").mkdir()
    names = (f"{number // 1000:05d}/{number:09d}.jpg" for number in range(photos))
    columns = ("season", "region", "source") if kind == "table" else ()
    card = CARD + "".join(COLUMN.format(name=name) for name in columns)
    (folder / "card.toml").write_text(card, encoding="utf-8")
    config = folder / "index.toml"
    text = CONFIG.format(kind=kind)
    if kind == "table":
        text += 'table = "photos.csv"\n'
        write_table(folder / "photos.csv", names)
    else:
        for name in names:
            path = folder / "photos" / (name.replace("/", "-") if flat else name)
            path.parent.mkdir(exist_ok=True)
            path.touch()
    config.write_text(text, encoding="utf-8")
    return config


def write_table(path: Path, names: Iterator[str]) -> None:
    """A row for each photo."""
    with path.open("w", encoding="utf-8") as file:
        file.write("path,season,region,source\n")
        for i, name in enumerate(names):
            file.write(f"{name},{SEASONS[i % 2]},{REGIONS[i % 3]},s{i * 7919 % SOURCES}\n")


def planned(config: Path) -> dict[str, float]:
    """What `plan` takes in this process."""
    from trendcolor.engine.plan import plan

    before, started = peak(), time.process_time()
    found = plan(config)
    cpu = time.process_time() - started
    return {
        "photos": found.header.photos,
        "shards": len(found.shards),
        "memory": peak(),
        "before": before,
        "cpu": cpu,
    }


def peak() -> float:
    """The largest memory that this process held so far, MB (Linux counts in KB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main()
