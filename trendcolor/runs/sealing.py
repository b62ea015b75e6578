"""The end of a run: receipts checked, shards added up, description and manifest written."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from trendcolor.errors import RunError
from trendcolor.records import parquet_bytes, scan_records
from trendcolor.runs.croissant import write_manifest
from trendcolor.runs.files import read_json, sha256_of, shard_file, shard_name
from trendcolor.runs.forgotten import FORGOTTEN
from trendcolor.runs.manifest import Header, Manifest, Receipt
from trendcolor.runs.retention import last_day
from trendcolor.runs.shards import INDEX, finished_shards
from trendcolor.runs.store import Place, Store, folder_of, store_of
from trendcolor.runs.summary import PARTS, ShardFrames, summary_name, summary_part

_SUMMED = ("records", "histograms", "sources")  # the parts of shards that the summary is of


def seal(place: Place, header: Header, n_shards: int, seconds: float) -> Manifest:
    """Check all receipts and write the summary, the description and the manifest.

    A run that was sealed before and had nothing left to do keeps its time.

    Args:
        place: The run.
        header: What the run is of.
        n_shards: How many shards it has.
        seconds: How long the call took that finished them; 0 where there was nothing to do.

    Raises:
        RunError: a shard is missing or damaged, or photos are lost or doubled.
    """
    store = store_of(place)
    done = finished_shards(store, n_shards)
    missing = [shard for shard in range(n_shards) if shard not in done]
    if missing:
        raise RunError(f"{store.place}: shards {missing[:5]} are missing or damaged; run it again")
    receipts = tuple(done[shard] for shard in range(n_shards))
    photos = sum(receipt.photos + receipt.forgotten for receipt in receipts)
    if photos != header.photos:
        raise RunError(f"{store.place}: {photos} photos answered for, {header.photos} in the index")
    before = _sealed(store) if seconds == 0 else None
    forgotten = store.read(FORGOTTEN)
    finished = before.finished if before else datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(
        header=header,
        shards=receipts,
        summary=_summary(store, receipts, before),
        seconds=before.seconds if before else seconds,
        finished=finished,
        corrections=None if before is None else before.corrections,
        forgotten="" if forgotten is None else sha256_of(forgotten),
        retain_until=last_day(header, finished),
    )
    write_manifest(store, manifest)
    store.delete([INDEX])
    return manifest


def _summary(
    store: Store, shards: tuple[Receipt, ...], before: Manifest | None
) -> Mapping[str, str]:
    """The hashes of the summary, which is written anew unless it is whole and of these shards."""
    if before is not None and before.shards == shards:
        present = {part: store.read(summary_name(part)) for part in PARTS}
        found = {part: sha256_of(each) for part, each in present.items() if each is not None}
        if found == before.summary:
            return found
    return write_summary(store, [receipt.shard for receipt in shards])


def write_summary(place: Place, shards: Sequence[int]) -> Mapping[str, str]:
    """Add up what shards stored and write the summary.

    Args:
        place: The run.
        shards: All shards of the run; at least one.

    Returns:
        The SHA-256 of each file, by part.
    """
    store, hashes = store_of(place), {}
    for part, rows in summary_of(store, shards):
        content = parquet_bytes(rows)
        store.write(summary_name(part), content)
        hashes[part] = sha256_of(content)
    return hashes


def summary_of(store: Store, shards: Sequence[int]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each part of the summary with its rows, added up from what shards stored."""
    with _at_hand(store, shards) as path:
        frames = [_frames(path, shards)]
        for part in PARTS:
            yield part, summary_part(frames, part)


@contextmanager
def _at_hand(store: Store, shards: Sequence[int]) -> Iterator[Path]:
    """The shards' files in a folder of this machine, fetched where they lie elsewhere."""
    path = folder_of(store)
    if path is not None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="trendcolor-") as folder:
        for part in _SUMMED:
            (Path(folder) / part).mkdir()
            for shard in shards:
                content = store.read(shard_name(part, shard))
                if content is None:
                    raise RunError(f"{store.place}/{shard_name(part, shard)}: is missing")
                shard_file(Path(folder), part, shard).write_bytes(content)
        yield Path(folder)


def _frames(path: Path, shards: Sequence[int]) -> ShardFrames:
    def scan(part: str) -> pl.LazyFrame:
        return pl.scan_parquet([shard_file(path, part, shard) for shard in shards])

    records = scan_records([shard_file(path, "records", shard) for shard in shards])
    return ShardFrames(records, scan("histograms"), scan("sources"))


def _sealed(store: Store) -> Manifest | None:
    try:
        return read_json(store, "manifest.json", Manifest)
    except RunError:
        return None  # missing, or damaged: it is written anew
