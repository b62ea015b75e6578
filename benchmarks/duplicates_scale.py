"""How long it takes to find duplicates among millions of photos, in how much memory.

    python benchmarks/duplicates_scale.py [--photos 100000,1000000] [--folder /tmp]

Makes fingerprints up and prints a Markdown table. They are a little more crowded than real photos: drawn around
templates (booths, white grounds, poses) of which a few are very common. Planted among them are
copies of files, copies that were changed as saving again changes them, and one placeholder that
stands for one photo in a hundred, saved in many ways. Ten million take 2.3 GB of disk for a while.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trendcolor.config import ImagesConfig
from trendcolor.images.duplicates import find_duplicates
from trendcolor.images.fingerprint import FINGERPRINT, Fingerprints

TEMPLATES = 2000
TURNED = 0.25  # probability of a bit to differ from its template's
NOISE = 12  # most that a color differs from its template's, CIELAB units
CHUNK = 100_000
ORDINARY, COPY, RESAVED, PLACEHOLDER = range(4)
PARTS = (0.95, 0.02, 0.02, 0.01)
RESAVED_BITS = 5  # most bits turned by saving again

_INDEX_BITS = np.arange(64, dtype=np.uint64)


def made_chunk(random: np.random.Generator, n: int, earlier: Fingerprints) -> Fingerprints:
    """Fingerprints of ordinary photos; `earlier` has the templates."""
    template = np.minimum(random.zipf(1.3, n) - 1, len(earlier) - 1)
    rows = np.zeros(n, FINGERPRINT)
    rows["exact"] = random.integers(0, 2**64, (n, 2), np.uint64)
    rows["code"] = earlier["code"][template] ^ turned(random, n, TURNED)
    noise = random.integers(-NOISE, NOISE + 1, (n, 8, 8, 3), np.int8)
    rows["color"] = np.clip(earlier["color"][template] + noise, -100, 100)
    return rows


def turned(random: np.random.Generator, n: int, probability: float) -> NDArray[np.uint64]:
    """Masks of 64 bits, each set with a probability."""
    bits = random.random((n, 64), np.float32) < probability
    return np.bitwise_or.reduce(bits.astype(np.uint64) << _INDEX_BITS, axis=1)


def resaved(random: np.random.Generator, rows: Fingerprints) -> Fingerprints:
    """The same photos saved again: other files, a few bits and units of color off."""
    rows = rows.copy()
    n = len(rows)
    rows["exact"] = random.integers(0, 2**64, (n, 2), np.uint64)
    for _ in range(RESAVED_BITS):
        turn = np.uint64(1) << random.integers(0, 64, n, np.uint64)
        rows["code"] ^= np.where(random.random(n) < 0.5, turn, 0).astype(np.uint64)
    rows["color"] += random.integers(-2, 3, rows["color"].shape, np.int8)
    return rows


def write_made(path: Path, n: int) -> NDArray[np.uint8]:
    """Write n fingerprints to a file; which of them is what."""
    random = np.random.default_rng(0)
    templates = np.zeros(TEMPLATES, FINGERPRINT)
    templates["code"] = random.integers(0, 2**64, TEMPLATES, np.uint64)
    templates["color"] = random.integers(-60, 60, (TEMPLATES, 8, 8, 3))
    placeholder = made_chunk(random, 1, templates)
    kinds = []
    with path.open("wb") as file:
        first: Fingerprints | None = None
        for start in range(0, n, CHUNK):
            rows = made_chunk(random, min(CHUNK, n - start), templates)
            kind = random.choice(4, len(rows), p=PARTS).astype(np.uint8)
            kind[: 1000 if start == 0 else 0] = ORDINARY
            first = rows if first is None else first
            pool = first[: len(rows) if start else 1000]
            kind_of_pool = kinds[0] if kinds else np.zeros(1000, np.uint8)
            ordinary = np.flatnonzero(kind_of_pool == ORDINARY)
            source = pool[random.choice(ordinary, len(rows))]
            rows[kind == COPY] = source[kind == COPY]
            rows[kind == RESAVED] = resaved(random, source[kind == RESAVED])
            copies = np.repeat(placeholder, int((kind == PLACEHOLDER).sum()))
            saved = resaved(random, copies)
            half = random.random(len(copies)) < 0.5
            rows[kind == PLACEHOLDER] = np.where(half, copies, saved)
            rows.tofile(file)
            kinds.append(kind)
    return np.concatenate(kinds)


def peak_mb() -> float:
    """The most memory that this process had, MB; Linux only."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def search(path: Path) -> None:
    """Find duplicates in a file, in a process of its own, and say what it took."""
    small = np.zeros(2, FINGERPRINT)
    find_duplicates(small, ImagesConfig())  # compiles
    before = peak_mb()
    fingerprints = np.memmap(path, FINGERPRINT, "r")
    start, cpu = time.perf_counter(), time.process_time()
    found = find_duplicates(fingerprints, ImagesConfig())
    took = time.perf_counter() - start, time.process_time() - cpu
    np.save(path.with_suffix(".kind.npy"), found.kind)
    told = {"seconds": took[0], "cpu": took[1], "peak": peak_mb(), "before": before}
    print(json.dumps({**told, "crowded": found.crowded}))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", default="100000,1000000", help="numbers, with commas")
    parser.add_argument("--folder", type=Path, default=None, help="where the files are written")
    parser.add_argument("--search", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.search:
        search(asked.search)
        return
    print("| photos | CPU s | peak MB | copies found | resaved found | placeholders | others |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for n in map(int, asked.photos.split(",")):
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            path = Path(folder) / "fingerprints"
            truth = write_made(path, n)
            command = [sys.executable, __file__, "--search", str(path)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            told = json.loads(printed)
            marked = np.load(path.with_suffix(".kind.npy")) > 0
        shares = [marked[truth == kind].mean() for kind in (COPY, RESAVED, PLACEHOLDER)]
        others = int(marked[truth == ORDINARY].sum())
        print(
            f"| {n:,} | {told['cpu']:.0f} | {told['peak']:.0f} | "
            + " | ".join(f"{share:.2%}" for share in shares)
            + f" | {others} |",
            f"<!-- {told} -->",
            flush=True,
        )


if __name__ == "__main__":
    main()
