"""What a very large run takes: cores, GPUs, bytes, hours and money, from the cost of one photo.

    python benchmarks/scale_plan.py [--photos 100e9] [--days 30] [--cpu-ms 35] [--core-price 0.04]

Everything is a product, and each factor is an argument. Its default is measured where the help
says so (docs/performance.md, docs/runs.md); prices and the GPU's time are examples to be replaced.
Prints two Markdown tables: the factors, and what follows from them.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import ceil

HOUR = 3_600_000  # milliseconds
SMALLEST = 1e-12  # of a divisor


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What one photo costs, and how much of it there is."""

    photos: float = 100e9
    days: float = 30.0
    decode_ms: float = 6.8
    network_ms: float = 39.5
    rest_ms: float = 32.3
    overhead: float = 0.11
    gpu_ms: float = 1.0
    photo_bytes: float = 60e3
    records: float = 7.7
    record_bytes: float = 15.4
    shard_photos: float = 50e3
    run_photos: float = 100e6
    index_bytes: float = 5.0
    worker_memory: float = 1.2e9
    tar_photos: float = 10e3
    core_price: float = 0.04
    gpu_price: float = 3.0
    tb_price: float = 23.0
    get_price: float = 0.4


WORDS = {
    "photos": "how many photos",
    "days": "days that it may take",
    "decode_ms": "CPU milliseconds to read and decode a photo (measured)",
    "network_ms": "CPU milliseconds of the network in 8-bit integers (measured)",
    "rest_ms": "CPU milliseconds of screening, light, palettes, records (measured)",
    "overhead": "what the engine adds (measured, local, two workers)",
    "gpu_ms": "milliseconds of a GPU for the network in its place (an example, not measured)",
    "photo_bytes": "bytes of a photo (measured, street photos of about 550 x 825)",
    "records": "records of a photo (measured, CCP)",
    "record_bytes": "bytes of all files for one record at shard_photos (between two measured)",
    "shard_photos": "photos of a shard",
    "run_photos": "photos of a run",
    "index_bytes": "bytes of the index for one photo (measured, three columns)",
    "worker_memory": "bytes that a worker holds at most (engine.memory and Ray's own)",
    "tar_photos": "photos of a tar or Parquet file",
    "core_price": "price of a core for an hour (an example)",
    "gpu_price": "price of a GPU for an hour (an example)",
    "tb_price": "price of a terabyte for a month (an example)",
    "get_price": "price of a million reads of objects (an example)",
}


@dataclass(frozen=True)
class Row:
    """One line of the plan."""

    what: str
    formula: str
    value: str


def plan(costs: Costs) -> list[Row]:
    """What follows from the costs."""
    c, hours = costs, costs.days * 24
    cpu_ms = (c.decode_ms + c.network_ms + c.rest_ms) * (1 + c.overhead)
    fed_ms = (c.decode_ms + c.rest_ms) * (1 + c.overhead)  # beside a GPU
    core_hours, gpu_hours = c.photos * cpu_ms / HOUR, c.photos * c.gpu_ms / HOUR
    fed_hours = c.photos * fed_ms / HOUR
    rows = c.photos * c.records
    stored = rows * c.record_bytes
    shards, runs = ceil(c.photos / c.shard_photos), ceil(c.photos / c.run_photos)
    read = c.photos * c.photo_bytes
    whole, gpus = "photos", "photos * gpu_ms"
    return [
        Row("core-hours", f"{whole} * (decode + network + rest) * (1 + overhead)", _n(core_hours)),
        Row("cores for those days", "core-hours / hours", _n(core_hours / hours)),
        Row(
            "memory of the workers",
            "cores * worker_memory",
            _b(core_hours / hours * c.worker_memory),
        ),
        Row("money for cores", "core-hours * core_price", _n(core_hours * c.core_price)),
        Row("with GPUs: GPU-hours", gpus, _n(gpu_hours)),
        Row("with GPUs: GPUs for those days", "GPU-hours / hours", _n(gpu_hours / hours)),
        Row(
            "with GPUs: cores that feed one",
            "(decode + rest) * (1 + overhead) / gpu_ms",
            _n(fed_ms / max(c.gpu_ms, SMALLEST)),
        ),
        Row(
            "with GPUs: money",
            "GPU-hours * gpu_price + fed core-hours * core_price",
            _n(gpu_hours * c.gpu_price + fed_hours * c.core_price),
        ),
        Row("bytes read", "photos * photo_bytes", _b(read)),
        Row("bytes read a second", "bytes read / seconds", _b(read / (hours * 3600)) + "/s"),
        Row(
            "money for reads, an object each",
            "photos * get_price / 1e6",
            _n(c.photos / 1e6 * c.get_price),
        ),
        Row(
            "money for reads, in tar or Parquet files",
            "photos / tar_photos * get_price / 1e6",
            _n(c.photos / c.tar_photos / 1e6 * c.get_price),
        ),
        Row("records", "photos * records", _n(rows)),
        Row("bytes written", "records * record_bytes", _b(stored)),
        Row(
            "money for a month of them", "bytes written * tb_price", _n(stored / 1e12 * c.tb_price)
        ),
        Row("runs", "photos / run_photos", _n(runs)),
        Row("shards", "photos / shard_photos", _n(shards)),
        Row("shards of a run", "shards / runs", _n(ceil(shards / runs))),
        Row("files", "5 a shard", _n(5 * shards)),
        Row("index of a run", "run_photos * index_bytes", _b(c.run_photos * c.index_bytes)),
        Row("receipts of a run", "500 bytes a shard, twice", _b(1000 * ceil(shards / runs))),
        Row(
            "hours of one shard",
            "shard_photos * milliseconds",
            f"{c.shard_photos * cpu_ms / HOUR:.2g}",
        ),
    ]


def _n(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _b(value: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if value < 1000 or unit == "PB":
            return f"{value:.3g} {unit}"
        value /= 1000
    raise AssertionError


def main(argv: Sequence[str] | None = None) -> None:
    """Print the factors and the plan."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for spec in fields(Costs):
        name = "--" + spec.name.replace("_", "-")
        parser.add_argument(name, type=float, default=spec.default, help=WORDS[spec.name])
    costs = Costs(**vars(parser.parse_args(argv)))
    print("| factor | value | what |\n| --- | --- | --- |")
    for spec in fields(Costs):
        print(f"| {spec.name} | {getattr(costs, spec.name):g} | {WORDS[spec.name]} |")
    print("\n| what it takes | how | value |\n| --- | --- | --- |")
    for row in plan(costs):
        print(f"| {row.what} | {row.formula} | {row.value} |")


if __name__ == "__main__":
    main()
