"""One shard of photos to one finished shard of the run folder: the pure function that scales."""

from collections.abc import Callable, Mapping
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
    rows = [row for result in results for row in record_rows(result)]
    records = frame(rows, record_schema(work.columns))
    photos = frame([photo_row(result) for result in results], photo_schema(work.columns))
    return write_shard(work.folder, shard.number, records, photos)
