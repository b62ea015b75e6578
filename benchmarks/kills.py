"""Kill a run again and again, each time at random, and see that nothing is lost and nothing twice.

A worker is killed, or the driver, or Ctrl-C is pressed, or the disk is full; the same command then
goes on, until the run is finished and compared, byte for byte, with one that nobody disturbed.

    python benchmarks/kills.py --kills 50

Prints a Markdown table: how often each was done, where it fell, and how the runs compared. Exits
with 1 if any byte differs.
"""

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import polars as pl
import psutil

from trendcolor.config import shipped_file

KINDS = ("worker", "driver", "ctrl-c", "disk full")
PHOTOS = 24
_FULL = (1_000, 30_000)  # bytes that a file may have on a "full disk": from settings to a shard
_LOOK = 0.02  # seconds between looks


@dataclass
class Toll:
    """What was done and what came of it."""

    kills: Counter[str] = field(default_factory=Counter)  # kind and where it fell
    runs: int = 0
    differing: int = 0


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trendcolor-kills-") as place:
        toll = disturb(Path(place), asked.kills, random.Random(asked.seed))
    print("| killed | before a shard was done | after | not at all: the run ended first |")
    print("| --- | --- | --- | --- |")
    for kind in KINDS:
        counts = [toll.kills[kind, where] for where in ("start", "middle", "end")]
        print(f"| {kind} | {' | '.join(map(str, counts))} |")
    print(f"\n{toll.runs} runs of {PHOTOS} photos were finished; {toll.differing} differ from an ")
    print("undisturbed one in any byte of their records, photos, histograms, sources or summary.")
    return int(toll.differing > 0)


def disturb(place: Path, kills: int, chance: random.Random) -> Toll:
    """Kill runs until so many kills are done, and compare each run that comes to its end."""
    config = write_config(place)
    finish(config, place / "unbroken")
    wanted, toll, folder = contents(place / "unbroken"), Toll(), place / "run-0"
    while sum(toll.kills.values()) < kills:
        kind = chance.choice(KINDS)
        where = kill(kind, config, folder, chance)
        toll.kills[kind, where] += 1
        if where == "end" or sum(toll.kills.values()) == kills:
            finish(config, folder)
            toll.runs += 1
            toll.differing += contents(folder) != wanted or doubled(folder)
            folder = place / f"run-{toll.runs}"
    return toll


def write_config(place: Path) -> Path:
    """A config of the sample photos with their label maps, each photo a shard."""
    card = shipped_file("data_cards/lookbook.toml")
    config = place / "kills.toml"
    config.write_text(
        f"""purpose = "evaluation"
[[data]]
card = "{card}"
root = "${{package}}/samples/lookbook"
format = "table"
table = "${{package}}/samples/lookbook/lookbook.csv"
photo = "{{path}}"
masks = "${{package}}/samples/lookbook/masks"
limit = {PHOTOS}
[segmentation]
source = "masks"
[engine]
workers = 2
shard_photos = 1
""",
        encoding="utf-8",
    )
    return config


def kill(kind: str, config: Path, folder: Path, chance: random.Random) -> str:
    """Start or resume a run and kill it; where it fell: start, middle or end.

    Three of four kills wait for the run's next receipt, since it takes longer to start than to do
    some shards; a full disk comes when a file is large enough.
    """
    before = receipts(folder)
    full = chance.randint(*_FULL) if kind == "disk full" else None
    driver = start(config, folder, largest=full)
    is_late = chance.random() < 0.75
    while driver.poll() is None and is_late and receipts(folder) <= before:
        time.sleep(_LOOK)
    deadline = time.monotonic() + chance.uniform(0, 1 if is_late else 10)
    while driver.poll() is None and time.monotonic() < deadline:
        time.sleep(_LOOK)
    if driver.poll() is None:
        strike(kind, driver, chance)
    driver.wait()
    wait_for_workers(driver.pid)
    if driver.returncode == 0:
        return "end"
    return "middle" if receipts(folder) > before else "start"


def start(config: Path, folder: Path, *, largest: int | None = None) -> "subprocess.Popen[bytes]":
    """The command as a shell starts it, in a group of its own; files may have so many bytes."""

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest or 0, largest or 0))

    command = [sys.executable, "-m", "trendcolor.cli", "run", str(config), "--out", str(folder)]
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=fill if largest else None,
    )


def strike(kind: str, driver: "subprocess.Popen[bytes]", chance: random.Random) -> None:
    """Do it; a full disk ends the run by itself."""
    if kind == "driver":
        driver.kill()
    elif kind == "ctrl-c":
        os.killpg(driver.pid, signal.SIGINT)
    elif kind == "worker":
        workers = [each for each in members(driver.pid) if each.pid != driver.pid]
        if workers:
            chance.choice(workers).kill()


def members(leader: int) -> list[psutil.Process]:
    """The living processes of a group."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.Error):
            continue
    return found


def wait_for_workers(leader: int) -> None:
    """Wait until no process of the group is left."""
    while members(leader):
        time.sleep(_LOOK)


def receipts(folder: Path) -> int:
    """How many shards are done."""
    return len(list(folder.glob("receipts/*.json")))


def finish(config: Path, folder: Path) -> None:
    """Let the command go on to its end."""
    if start(config, folder).wait() != 0:
        raise SystemExit(f"{folder.name}: the run did not come to its end")


def contents(folder: Path) -> dict[str, str]:
    """The hash of each file that answers come from."""
    return {
        file.relative_to(folder).as_posix(): sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*.parquet"))
    }


def doubled(folder: Path) -> bool:
    """Whether a photo is there twice, or not at all."""
    ids = pl.read_parquet(folder / "photos" / "*.parquet")["photo"]
    return ids.len() != PHOTOS or ids.n_unique() != PHOTOS


if __name__ == "__main__":
    sys.exit(main())
