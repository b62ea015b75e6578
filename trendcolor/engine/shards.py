"""One shard of photos to one finished shard of the run folder: the pure function that scales."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from trendcolor.datasets.pseudonyms import without_file
from trendcolor.datasets.reference import PhotoRef
from trendcolor.engine.index import Shard
from trendcolor.histograms import StoredColumns
from trendcolor.pipeline import PhotoResult, photo_row, record_rows
from trendcolor.records import frame, photo_schema, record_schema
from trendcolor.runs import (
    Header,
    Place,
    Receipt,
    ShardRows,
    left_out,
    read_receipt,
    store_of,
    stored_columns,
    without_ids,
    write_frames,
)

Analyze = Callable[[PhotoRef], PhotoResult]


@dataclass(frozen=True, slots=True)
class ShardWork:
    """What is the same for all shards of a run; small, it travels to each worker."""

    build: Callable[[], Analyze]  # gives the pipeline; called once a process
    place: Place  # the run, prepared
    columns: Mapping[str, str]  # declared columns, name to kind
    stored: StoredColumns  # which of them its histograms count apart
    forgotten: frozenset[str] = frozenset()  # ids of photos that the run must not bring back
    hides_files: bool = False  # whether ids are hashed, so that no reason may name a file

    @classmethod
    def of(
        cls, build: Callable[[], Analyze], place: Place, header: Header, shards: Iterable[Shard]
    ) -> "ShardWork":
        """The work of a run.

        Args:
            build: Gives the pipeline.
            place: The run, prepared.
            header: What it is of.
            shards: All its shards; only looked at where somebody was forgotten in the run.
        """
        columns = {column.name: column.kind for column in header.columns}
        refs = ((ref.id, ref.columns) for shard in shards for ref in shard.photos)
        forgotten = left_out(place, refs)
        hides = header.settings.privacy.photo_ids == "hashed"
        return cls(build, place, columns, stored_columns(header.columns), forgotten, hides)

    def finish(self, look: Analyze, shard: Shard, poison: Mapping[str, str]) -> Receipt:
        """As `finish_shard`."""
        return finish_shard(look, self, shard, poison)

    def refused(self, ref: PhotoRef, reason: str) -> PhotoResult:
        """A photo that can't be looked at."""
        return PhotoResult(ref, "rejected", reason)

    def finished(self, number: int) -> Receipt | None:
        """The receipt of a shard that is done."""
        return read_receipt(self.place, number)


def finish_shard(
    analyze: Analyze, work: ShardWork, shard: Shard, poison: Mapping[str, str] | None = None
) -> Receipt:
    """Analyze a shard's photos in order and write its files.

    Photos that were forgotten are not looked at; the receipt counts them, and nothing else does.
    Those whose own license refuses the run's purpose are rejected unopened.

    Args:
        analyze: The pipeline.
        work: Where to, and the declared columns.
        shard: The photos.
        poison: Ids of photos that ended the process that tried them, with the reason that is told;
            they are not tried again.
    """
    kept = [ref for ref in shard.photos if ref.id not in work.forgotten]
    results = [_discreet(_result(analyze, ref, poison or {}), work) for ref in kept]
    numbers = [name for name, kind in work.columns.items() if kind == "weight"]
    rows = [_numbered(row, numbers) for result in results for row in record_rows(result)]
    told = [_numbered(photo_row(result), numbers) for result in results]
    found = ShardRows(
        records=frame(rows, record_schema(work.columns)),
        photos=frame(told, photo_schema(work.columns)),
        forgotten=len(shard.photos) - len(kept),
    )
    return write_frames(store_of(work.place), shard.number, found, work.stored)


def _result(analyze: Analyze, ref: PhotoRef, poison: Mapping[str, str]) -> PhotoResult:
    if ref.id in poison:
        return PhotoResult(ref, "rejected", poison[ref.id])
    if ref.refused is not None:
        return PhotoResult(ref, "rejected", ref.refused)
    if ref.duplicate_of is not None:
        return PhotoResult(ref, "screened", f"duplicate of {ref.duplicate_of}")
    return analyze(ref)


def _discreet(result: PhotoResult, work: ShardWork) -> PhotoResult:
    """A result whose reason names no photo that was forgotten, and no file that is to be hidden."""
    reason = result.reason
    if reason is None:
        return result
    if work.hides_files:
        reason = without_file(reason, result.ref.file)
    return replace(result, reason=without_ids(reason, work.forgotten))


def _numbered(row: Mapping[str, object], numbers: Sequence[str]) -> Mapping[str, object]:
    """A row whose declared weights are numbers; a data set gives every column as text."""
    texts = {name: row.get(name) for name in numbers}
    return {**row, **{n: float(text) for n, text in texts.items() if isinstance(text, str)}}
