"""Real small runs, made in this process: looks of four sources, measured by the real pipeline."""

import csv
from functools import partial
from io import BytesIO
from pathlib import Path

import polars as pl
from looks import write_config, write_looks

from trendcolor.engine.plan import plan
from trendcolor.engine.running import Part
from trendcolor.engine.shards import ShardWork, finish_shard
from trendcolor.pipeline import build_pipeline
from trendcolor.runs import finished_shards, prepare_run_folder, seal

N = 12
SOURCES = ("contributor-oak", "contributor-elm", "contributor-ash", "contributor-fir")
WHOLE = Part(1, 1)


def source_of(number):
    """Who contributed a look: the four take turns."""
    return SOURCES[number % len(SOURCES)]


def photo(number):
    """The id of a look."""
    return f"images/look_{number:02d}.png"


def looks_data(folder, n=N):
    """Looks, their label maps and card, without a table."""
    return write_looks(folder, n, table=False)


def config_of(data, name, numbers, *, shard_photos=2, **settings):
    """A config over some of the looks, in the order given; `settings` as of `write_config`."""
    with (data / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "season", "region", "source", "sold"])
        for i in numbers:
            season, region = ("AW25", "SS26")[i % 2], ("EU", "UK")[i // 2 % 2]
            rows.writerow([photo(i), season, region, source_of(i), f"{i + 0.5}"])
    # Drawn looks are alike, and plainer than photos: neither is what these tests are about.
    more = '\n[images]\nscreen = false\nduplicates = "off"\n'
    path = write_config(data, shard_photos=shard_photos, more=more, **settings)
    text = path.read_text(encoding="utf-8").replace("looks.csv", f"{name}.csv")
    renamed = path.with_name(f"{name}.toml")
    renamed.write_text(text, encoding="utf-8")
    return renamed


def do_part(planned, place, part=WHOLE):
    """What `run_part` does, without worker processes."""
    prepare_run_folder(place, planned.header, fresh=False)
    build = partial(build_pipeline, planned.config)
    work = ShardWork.of(build, place, planned.header, planned.shards)
    finished, analyze = finished_shards(place, len(planned.shards)), build()
    for shard in planned.shards:
        if part.has(shard.number) and shard.number not in finished:
            finish_shard(analyze, work, shard)
    return place


def whole_run(config, place):
    """A finished run over a config."""
    planned = plan(config)
    do_part(planned, place)
    seal(place, planned.header, len(planned.shards), 1.5)
    return place


def contents(folder):
    """The bytes of all files of a folder, by name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


def holds(folder, text):
    """The files that hold a text, in their bytes or in a table's values."""
    return [
        name
        for name, content in contents(folder).items()
        if text.encode() in content or (name.endswith(".parquet") and _in_table(content, text))
    ]


def _in_table(content, text):
    values = pl.read_parquet(BytesIO(content)).select(pl.all().cast(pl.String))
    return any(column.str.contains(text, literal=True).any() for column in values)
