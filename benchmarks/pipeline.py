"""From photo files to records: how many a second, at which cost of the engine, in which memory.

    python benchmarks/pipeline.py [--photos 256] [--rounds 3] [--data DATA]
    python benchmarks/pipeline.py --memory 500,2000
    python benchmarks/pipeline.py --scale 1000,10000,100000

The photos are those of `DATA/ccp` (default: $TRENDCOLOR_DATA or ../shared/data) whose height makes
the network's commonest input, 550 pixels wide and about 825 high, named again under new ids as
often as needed; without `ccp`, the package's samples at that size. Each side is a process of its
own, and they take turns, so that all meet the same load:

- glue: what a user would put together today, with two threads: Pillow, SegFormer-b2 at 512 x 512
  from transformers (random weights: its speed doesn't depend on them), and scikit-learn's KMeans
  on the CIELAB pixels of each garment. The garments are our segmenter's, found beforehand.
- parts: decoding, the network and the palettes (light and names included), one after the other,
  each alone over all photos.
- loop: the pipeline in a plain loop and two Parquet files at its end, one thread.
- an engine with so many workers: a whole run. It is measured twice, on few photos and on many; the
  difference is without the start-up.

CPU is that of all processes together, and tells what idle cores would do where others run too.
`--memory` and `--scale` print how much memory driver and workers hold together at most, looked at
five times a second (proportional set size); the second over small pictures with given label maps,
so that it is the engine that is measured. Needs `pip install transformers openvino`.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from pipeline_jobs import ROOT, SAMPLES, SHARD, Job, linked, resized, street_photos, write_job
from pipeline_sides import GLUED, SIDES, cpu_seconds

WORKERS = (1, 2)
PRECISIONS = ("float32", "int8")
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
SAMPLED = 0.2  # seconds between looks at memory
MEMORY_HEAD = """| engine | precision | photos | peak memory, MB | seconds |
| --- | --- | --- | --- | --- |"""


def local_engine(config_file: Path, out: Path) -> None:
    """The engine that comes with the package."""
    from trendcolor.engine.plan import plan
    from trendcolor.engine.running import run_plan

    run_plan(plan(config_file), str(out))


def ray_engine(config_file: Path, out: Path) -> None:
    """Ray Data as the scheduler, on this machine."""
    from trendcolor.engine.plan import plan
    from trendcolor.engine.running import run_plan

    run_plan(plan(config_file, {"kind": "ray"}), str(out))


ENGINES: dict[str, Callable[[Path, Path], None]] = {"local": local_engine, "ray": ray_engine}


def serve(side: str, config_file: Path) -> None:
    """Load a side, then measure it for each line that comes in."""
    measure = SIDES[side](config_file, config_file.parent)
    print("{}", flush=True)
    for _ in sys.stdin:
        print(json.dumps(measure()), flush=True)


def started(side: str, config_file: Path) -> subprocess.Popen[str]:
    """A side, loaded."""
    threads = {} if side == "glue" else dict.fromkeys(ONE_THREAD, "1")
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve", side, str(config_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **threads},
    )
    answered(process)
    return process


def answered(process: subprocess.Popen[str]) -> dict[str, float]:
    """The next line that a side prints."""
    line = process.stdout.readline()
    if not line:
        raise SystemExit("a side ended early; its error is above")
    return json.loads(line)


def engine_run(engine: str, config_file: Path, *, is_watched: bool = False) -> dict[str, float]:
    """One whole run in a process of its own: CPU and wall seconds, and its memory in MB.

    Nobody waits for Ray's processes, so that a look at all of them every so often is what tells
    their CPU time; where a run's own answer is higher, that is taken.
    """
    with tempfile.TemporaryDirectory() as out:
        process = subprocess.Popen(
            [sys.executable, __file__, "--run", engine, str(config_file), f"{out}/run"],
            stdout=subprocess.PIPE,
            text=True,
        )
        peak, used = 0.0, {}
        while process.poll() is None:
            peak = max(peak, held(process.pid)) if is_watched else peak
            used |= cpu_of(process.pid)
            time.sleep(SAMPLED)
        answer = answered(process)
        return {**answer, "cpu": max(answer["cpu"], sum(used.values())), "peak": peak}


def cpu_of(pid: int) -> dict[int, float]:
    """CPU seconds of a process and of those below it, by process."""
    used = {}
    try:
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            times = process.cpu_times()
            used[process.pid] = times.user + times.system
    except psutil.Error:  # one has just ended
        pass
    return used


def held(pid: int) -> float:
    """Megabytes that a process and those below it hold; what they share counts once."""
    try:
        parent = psutil.Process(pid)
        tree = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0
    for process in tree:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:  # it has just ended
            continue
    return total / 1e6


def run(engine: str, config_file: Path, out: Path) -> None:
    """Carry out a run and print what it took."""
    begun = time.perf_counter()
    ENGINES[engine](config_file, out)
    print(json.dumps({"wall": time.perf_counter() - begun, "cpu": cpu_seconds()}), flush=True)


def engine_answer(engine: str, few: Path, many: Path, n: int) -> dict[str, float]:
    """CPU and wall milliseconds a photo, without start-up; `n` is by how many photos they differ.

    The runs on few photos come before and after, for start-up differs from one to the next.
    """
    first, whole, last = (engine_run(engine, each) for each in (few, many, few))
    startup = {name: (first[name] + last[name]) / 2 for name in ("cpu", "wall")}
    return {name: 1000 * (whole[name] - startup[name]) / n for name in startup}


def measure(options: argparse.Namespace, precision: str, folder: Path) -> list[dict[str, float]]:
    """All sides in turn, for each round what they answered."""
    photos = street_photos(options.data, folder / "photos")

    def job(name: str, n: int, workers: int = 1) -> Path:
        return write_job(
            folder / precision / name,
            photos,
            Job(n=n, workers=workers, precision=precision, shard=options.shard),
        )

    few = 2 * max(WORKERS) * options.shard  # so many that each worker has some, and starts
    many = few + options.photos
    sides = {
        "loop": started("loop", job("loop", min(options.photos, len(photos)))),
        "glue": started("glue", job("glue", 2 * GLUED)),
    }
    rounds = []
    for _ in range(options.rounds):
        answer: dict[str, float] = {}
        for process in sides.values():
            process.stdin.write("\n")
            process.stdin.flush()
            answer |= answered(process)
        for engine in options.engine.split(","):
            for workers in WORKERS:
                paths = [job(f"{n}-{workers}", n, workers) for n in (few, many)]
                found = engine_answer(engine, *paths, options.photos)
                answer |= {f"{engine} {workers} {name}": value for name, value in found.items()}
        rounds.append(answer)
    for process in sides.values():
        process.stdin.close()
        process.wait()
    return rounds


def print_speeds(rounds: list[dict[str, float]], precision: str, engines: Sequence[str]) -> None:
    """The table of one precision, then what is asked of it."""

    def median(of: Callable[[dict[str, float]], float]) -> float:
        return statistics.median(of(each) for each in rounds)

    print(f"\nprecision {precision}\n")
    print("| side | CPU ms a photo | wall ms a photo | photos/s | on two idle cores | times glue |")
    print("| --- | --- | --- | --- | --- | --- |")
    runs = [f"{engine} {workers}" for engine in engines for workers in WORKERS]
    for side in ("glue", "decode", "network", "palette", "loop", *runs):
        cpu, wall = (median(lambda each, n=f"{side} {n}": each[n]) for n in ("cpu", "wall"))
        times = median(lambda each, n=f"{side} cpu": each["glue cpu"] / each[n])
        name = f"{side} worker{'s' * (side[-1] != '1')}" if side in runs else side
        print(
            f"| {name} | {cpu:.1f} | {wall:.1f} | {1000 / wall:.1f} | {2000 / cpu:.1f} "
            f"| {times:.0f} |"
        )
    parts = ("decode cpu", "network cpu", "palette cpu")
    for side in runs:
        share = median(lambda each, n=f"{side} cpu": sum(each[p] for p in parts) / each[n])
        over = median(lambda each, n=f"{side} cpu": each[n] / each["loop cpu"] - 1)
        busy = median(lambda each, n=side: each[f"{n} cpu"] / each[f"{n} wall"])
        print(
            f"\n{side}: {over:+.1%} CPU over the plain loop; {share:.0%} of the rate of decode, "
            f"network and palette alone; {busy:.2f} cores busy"
        )


def print_memory(options: argparse.Namespace, counts: Sequence[int], folder: Path) -> None:
    """Peak memory by number of photos."""
    has_masks = bool(options.scale)
    if has_masks:
        paths = sorted(SAMPLES.rglob("*.jpg"))
        photos = resized(paths, folder / "small", (120, 180), SAMPLES / "masks")
    else:
        photos = street_photos(options.data, folder / "photos")
    what = "small pictures, given label maps" if has_masks else "street photos, segmenter"
    print(f"\n{what}, 2 workers\n")
    print(MEMORY_HEAD)
    for engine in options.engine.split(","):
        for precision in ("none",) if has_masks else options.precision.split(","):
            for n in counts:
                place = folder / f"memory-{engine}-{precision}-{n}"
                some = linked(photos, place / "photos", n) if has_masks else photos
                job = Job(
                    n=n,
                    workers=2,
                    precision=PRECISIONS[0] if has_masks else precision,
                    shard=max(SHARD, min(256, n // 8)) if has_masks else SHARD,
                    masks=some[0].parent if has_masks else None,
                )
                config_file = write_job(place, some, job)
                found = engine_run(engine, config_file, is_watched=True)
                print(
                    f"| {engine} | {precision} | {n:,} | {found['peak']:.0f} "
                    f"| {found['wall']:.0f} |",
                    flush=True,
                )


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--photos", type=int, default=256, help="of a run, start-up apart")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shard", type=int, default=SHARD, help="photos in a shard")
    parser.add_argument("--precision", default=",".join(PRECISIONS))
    parser.add_argument("--engine", default="local", help=", ".join(ENGINES))
    parser.add_argument("--memory", default="", help="numbers of photos")
    parser.add_argument("--scale", default="", help="numbers of small pictures")
    data = Path(os.environ.get("TRENDCOLOR_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Print the tables."""
    options = parsed()
    if options.serve:
        serve(options.serve[0], Path(options.serve[1]))
        return
    if options.run:
        run(options.run[0], *map(Path, options.run[1:]))
        return
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores ({platform.machine()}), load before {load:.1f}", end="")
    print(f", {options.rounds} rounds, {options.photos} photos a run")
    with tempfile.TemporaryDirectory() as folder:
        counts = [int(each) for each in (options.scale or options.memory).split(",") if each]
        if counts:
            print_memory(options, counts, Path(folder))
            return
        for precision in options.precision.split(","):
            rounds = measure(options, precision, Path(folder))
            print_speeds(rounds, precision, options.engine.split(","))


if __name__ == "__main__":
    main()
