"""One shard of photos to one finished shard of the run folder: the pure function that scales."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trendcolor.datasets.reference import PhotoRef
from trendcolor.engine.plan import Shard
from trendcolor.pipeline import PhotoResult, photo_row, record_rows
from trendcolor.records import frame, photo_schema, record_schema
from trendcolor.runs import Receipt, write_shard

Analyze = Callable[[PhotoRef], PhotoResult]


@dataclass(frozen=True, slots=True)
class ShardWork:
    """What is the same for all shards of a run."""

    build: Callable[[], Analyze]  # gives the pipeline; called once a process
    folder: Path  # the run folder, prepared
    columns: Mapping[str, str]  # declared columns, name to kind


def finish_shard(
    analyze: Analyze, work: ShardWork, shard: Shard, poison: frozenset[str] = frozenset()
) -> Receipt:
    """Analyze a shard's photos in order and write its files.

    Args:
        analyze: The pipeline.
        work: Where to, and the declared columns.
        shard: The photos.
        poison: Ids of photos that ended the process that tried them; they are not tried again.
    """
    results = [
        PhotoResult(ref, "rejected", "its analysis ended the worker process")
        if ref.id in poison
        else analyze(ref)
        for ref in shard.photos
    ]
    numbers = [name for name, kind in work.columns.items() if kind == "weight"]
    rows = [_numbered(row, numbers) for result in results for row in record_rows(result)]
    told = [_numbered(photo_row(result), numbers) for result in results]
    records = frame(rows, record_schema(work.columns))
    photos = frame(told, photo_schema(work.columns))
    return write_shard(work.folder, shard.number, records, photos)


def _numbered(row: Mapping[str, object], numbers: Sequence[str]) -> Mapping[str, object]:
    """A row whose declared weights are numbers; a data set gives every column as text."""
    texts = {name: row.get(name) for name in numbers}
    return {**row, **{n: float(text) for n, text in texts.items() if isinstance(text, str)}}
