"""Kill a run again and again, each time at random, and see that nothing is lost and nothing twice.

A worker is killed, or the driver, or Ctrl-C is pressed, or the disk is full; the same command then
goes on, until the run is finished and compared, byte for byte, with one that nobody disturbed.

    python benchmarks/kills.py --kills 50 [--seconds 600] [--seed 0]

Prints a line for each run as soon as it is compared: how often it was disturbed and by what, which
attempts came too late, and whether it is the same as the undisturbed one or differs. At the end, or
when the seconds are over and the run under way is finished, a Markdown table of how often each was
done and where it fell, and how many runs differ. Exits with 1 if any byte of one does. Only what
fell counts as a kill, also for `--kills`; attempts that a run's end was ahead of are told apart.
"""

import argparse
import math
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import polars as pl
import psutil

from trendcolor.config import shipped_file

KINDS = ("worker", "driver", "ctrl-c", "disk full")
PLACES = ("start", "middle", "late")
PHOTOS = 12
_FULL = (1_000, 12_000)  # bytes that a file may have on a "full disk": settings to manifest
_LOOK = 0.02  # seconds between looks


@dataclass(frozen=True)
class Fell:
    """What became of one attempt to disturb a run."""

    kind: str
    where: str  # "start": before this start did a shard; "middle": after; "late": not at all
    is_done: bool  # whether the run came to its end all the same


@dataclass
class Toll:
    """What was done and what came of it."""

    fell: Counter[tuple[str, str]] = field(default_factory=Counter)  # kind and where
    runs: int = 0
    differing: int = 0

    @property
    def kills(self) -> int:
        """How many fell."""
        return sum(n for (_, where), n in self.fell.items() if where != "late")


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50, help="how many, at most")
    parser.add_argument("--seconds", type=float, help="begin none after so long")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    started = time.monotonic()
    until = started + (asked.seconds or math.inf)
    with tempfile.TemporaryDirectory(prefix="trendcolor-kills-") as place:
        toll = disturb(Path(place), asked.kills, random.Random(asked.seed), until)
    print("\n| disturbed | before a shard was done | after | not at all: the run ended first |")
    print("| --- | --- | --- | --- |")
    for kind in KINDS:
        print(f"| {kind} | {' | '.join(str(toll.fell[kind, where]) for where in PLACES)} |")
    seconds = time.monotonic() - started
    print(f"\n{toll.kills} of {asked.kills} kills in {seconds:.0f} s. {toll.runs} runs of {PHOTOS}")
    print(f"photos were finished; {toll.differing} differ from an undisturbed one in any byte of")
    print("their records, photos, histograms, sources or summary.")
    return int(toll.differing > 0)


def disturb(place: Path, kills: int, chance: random.Random, until: float) -> Toll:
    """Kill runs until so many kills fell, and compare each run that comes to its end.

    Args:
        place: An empty folder.
        kills: How many.
        chance: Where randomness comes from.
        until: The time after which none is begun, of `time.monotonic`.
    """
    config = write_config(place)
    finish(config, place / "unbroken")
    wanted, toll = contents(place / "unbroken"), Toll()
    while toll.kills < kills and time.monotonic() < until:
        folder, fallen = place / f"run-{toll.runs}", list[Fell]()
        while not (fallen and fallen[-1].is_done):
            if toll.kills >= kills or time.monotonic() >= until:
                finish(config, folder)
                break
            fallen.append(kill(chance.choice(KINDS), config, folder, chance))
            toll.fell[fallen[-1].kind, fallen[-1].where] += 1
        is_same = contents(folder) == wanted and not doubled(folder)
        toll.runs += 1
        toll.differing += not is_same
        print(line(toll, fallen, is_same=is_same), flush=True)
    return toll


def line(toll: Toll, fallen: Sequence[Fell], *, is_same: bool) -> str:
    """What is told of a run: `run 3: 5 kills (2 driver, 3 worker), 1 too late: same; ...`."""
    counts = Counter(each.kind for each in fallen if each.where != "late")
    late = len(fallen) - counts.total()
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items()))
    told = f"{counts.total()} kills ({kinds})" if kinds else "no kill"
    told += f", {late} too late" if late else ""
    return f"run {toll.runs}: {told}: {'same' if is_same else 'DIFFERS'}; {toll.kills} kills so far"


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


def kill(kind: str, config: Path, folder: Path, chance: random.Random) -> Fell:
    """Start or resume a run and kill it.

    Three of four kills wait for the run's next receipt, since it takes longer to start than to do
    some shards; a full disk comes when a file is large enough. After a worker's death the run goes
    on by itself, and comes to its end.
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
    where = "middle" if receipts(folder) > before else "start"
    has_struck = driver.poll() is None and strike(kind, driver, chance)
    driver.wait()
    wait_for_workers(driver.pid)
    is_done = driver.returncode == 0
    if kind == "disk full":
        has_struck, where = not is_done, "middle" if receipts(folder) > before else "start"
    return Fell(kind, where if has_struck else "late", is_done)


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


def strike(kind: str, driver: "subprocess.Popen[bytes]", chance: random.Random) -> bool:
    """Do it, if there is what it strikes; a full disk ends the run by itself."""
    if kind == "driver":
        driver.kill()
    elif kind == "ctrl-c":
        os.killpg(driver.pid, signal.SIGINT)
    elif kind == "worker":
        workers = [each for each in members(driver.pid) if each.pid != driver.pid]
        if not workers:
            return False
        chance.choice(workers).kill()
    return True


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
