"""The run folder: settings first, shards as they finish, the manifest last.

RUN/settings.json           what the run is of; its hash says whether a finished shard counts
RUN/records/00000.parquet   one row a color of a garment (records.py)
RUN/photos/00000.parquet    one row a photo, with the reason where it was left out
RUN/histograms/00000.parquet  garments, looks, area and weight by color (histograms/stored.py)
RUN/sources/00000.parquet   the sources of each group, which don't add up
RUN/receipts/00000.json     counts and hashes of a finished shard; written last of the five
RUN/summary/                what the shards stored, added up (summary.py)
RUN/manifest.json           everything of the run, written when all shards are there
RUN/corrections.*           what a person corrected (corrections.py); RUN/corrected/ is then the
                            summary that answers
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from trendcolor.corrections import Layer, laid_over, layer_of
from trendcolor.errors import RunError
from trendcolor.histograms import StoredColumns, stored_histogram, stored_sources
from trendcolor.records import scan_records, write_frame, write_records
from trendcolor.runs.corrections import (
    StoredCorrections,
    read_corrections,
    remove_corrections,
)
from trendcolor.runs.files import names_in, read_json, sha256_of, shard_file, write_json
from trendcolor.runs.manifest import FORMAT, Header, Manifest, Receipt, RunColumn
from trendcolor.runs.summary import PARTS, ShardFrames, summary_file, summary_hashes, write_summary

_PARTS = ("records", "photos", "histograms", "sources")
_ASIDE = ("settings.part", "manifest.part")  # what a run that was broken off may leave
_LOCK = "lock"
_WITHOUT_SETTINGS = {
    "settings.part",
    "report",
    "audit",
    _LOCK,
}  # all that such a run holds before its settings

# Kinds of declared columns that stored histograms count apart; the others have too many values.
HISTOGRAM_KINDS = ("season", "region", "market", "category", "brand", "cohort")
# Kinds whose values garments depend on together, the first that is declared; else photos.
CLUSTER_KINDS = ("source", "wearer", "brand")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """What any version's `settings.json` holds, and hardly another program's."""

    settings_hash: str
    code_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeaderMark:
    """What any version's header holds."""

    format: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _ManifestMark:
    """What any version's `manifest.json` holds."""

    header: _HeaderMark


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A finished run on disk."""

    path: Path
    manifest: Manifest
    corrections: StoredCorrections | None = None
    _layers: list[Layer] = field(default_factory=list, repr=False, compare=False)

    def records(self) -> pl.LazyFrame:
        """All records as they were corrected; without corrections in photo order."""
        measured = self.measured_records()
        if self.corrections is None:
            return measured
        if not self._layers:
            self._layers.append(layer_of(measured, self.corrections.table))
        return laid_over(measured, self._layers[0])

    def measured_records(self) -> pl.LazyFrame:
        """All records as they were measured, in photo order."""
        shards = [receipt.shard for receipt in self.manifest.shards]
        return scan_records([shard_file(self.path, "records", shard) for shard in shards])

    def photos(self) -> pl.LazyFrame:
        """All photos, whatever became of them."""
        return self._scan("photos")

    def summary(self, part: str) -> pl.LazyFrame:
        """What all shards stored, added up; see `summary.py` for the parts.

        The columns of a level are those of `histograms.stored_histogram`, without `level`.
        """
        corrected = self.corrections is not None
        return pl.scan_parquet(summary_file(self.path, part, corrected=corrected))

    def _scan(self, part: str) -> pl.LazyFrame:
        shards = [receipt.shard for receipt in self.manifest.shards]
        return pl.scan_parquet([shard_file(self.path, part, shard) for shard in shards])


def open_run_folder(path: Path) -> RunFolder:
    """A finished run.

    Raises:
        RunError: there is no run, or it is unfinished, of another format, or lacks a file.
    """
    if not path.is_dir():
        raise RunError(f"{path}: no such run folder")
    manifest = path / "manifest.json"
    if not manifest.exists():
        if (path / "settings.json").exists():
            raise RunError(f"{path}: the run is unfinished (`trendcolor run` goes on with it)")
        raise RunError(f"{path}: not a run folder (it has no manifest.json)")
    found = read_json(manifest, _ManifestMark).header.format
    if found != FORMAT:
        raise RunError(
            f"{path}: is of format {found}, this version reads {FORMAT} (`trendcolor run` its "
            "config again, into another folder or with --fresh)"
        )
    run = RunFolder(path, read_json(manifest, Manifest))
    told = f"{path}: its corrections are not those of its manifest"
    shards = [each.shard for each in run.manifest.shards]
    present = {part: names_in(path / part) for part in _PARTS}
    files = [
        shard_file(path, part, shard)
        for shard in shards
        for part in _PARTS
        if f"{shard:05d}.parquet" not in present[part]
    ]
    files += [summary_file(path, part) for part in PARTS]
    corrections = read_corrections(path, run.manifest.header.settings_hash)
    if (None if corrections is None else corrections.provenance) != run.manifest.corrections:
        raise RunError(f"{told} (`trendcolor correct RUN --remove`, then correct it again)")
    if corrections is not None:
        files += [summary_file(path, part, corrected=True) for part in PARTS]
    missing = next((file for file in files if not file.exists()), None)
    if missing is not None:
        raise RunError(f"{missing}: is missing (`trendcolor run` makes it again)")
    return replace(run, corrections=corrections)


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Hold a run folder while it is written; the system lets go of it if this process dies.

    Raises:
        RunError: another process holds it, or the folder can't be written.
    """
    if path.exists() and not path.is_dir():
        raise RunError(f"{path}: is a file, wanted a folder for the run")
    lock = FileLock(path / _LOCK, timeout=0)
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as cause:
        raise RunError(f"{path}: another run is writing to it (wait, or take another)") from cause
    except OSError as cause:
        raise RunError(f"{path}: can't be written ({cause.strerror or cause})") from cause
    try:
        yield
    finally:
        lock.release()
        (path / _LOCK).unlink(missing_ok=True)


def prepare_run_folder(path: Path, header: Header, *, fresh: bool) -> None:
    """Make the folder ready for shards: new, or with those of the same settings kept.

    Raises:
        RunError: the folder holds something else, or shards of other settings and not `fresh`, or
            can't be written.
    """
    if path.exists() and not path.is_dir():
        raise RunError(f"{path}: is a file, wanted a folder for the run")
    present = {child.name for child in path.iterdir()} if path.exists() else set()
    strange = sorted(present - _WITHOUT_SETTINGS)
    if strange and "settings.json" not in present:
        raise RunError(f"{path}: holds other files ({strange[0]}), wanted a new or a run's folder")
    if "settings.json" in present:
        before = read_json(path / "settings.json", _Mark).settings_hash
        if fresh:
            _clear(path)
        elif before != header.settings_hash:
            raise RunError(
                f"{path}: holds a run of other settings ({before[:8]}, this one is "
                f"{header.settings_hash[:8]}); take another folder, or --fresh to replace it"
            )
    try:
        path.mkdir(parents=True, exist_ok=True)
        # First: it says that the folders below are a run's.
        write_json(header, path / "settings.json")
    except OSError as cause:
        raise RunError(f"{path}: can't be written ({cause.strerror or cause})") from cause
    for part in (*_PARTS, "receipts"):
        (path / part).mkdir(parents=True, exist_ok=True)
        for aside in (path / part).glob("*.part"):
            aside.unlink()
    for name in _ASIDE:
        (path / name).unlink(missing_ok=True)


def _clear(path: Path) -> None:
    (path / "manifest.json").unlink(missing_ok=True)  # first: it says that the rest is whole
    remove_corrections(path)
    for part in (*_PARTS, "receipts", "summary", "report"):
        if (path / part).is_dir():
            shutil.rmtree(path / part)
    (path / "settings.json").unlink(missing_ok=True)


def write_shard(path: Path, shard: int, records: pl.DataFrame, photos: pl.DataFrame) -> Receipt:
    """Write one finished shard; the receipt is the last file and makes it count.

    Args:
        path: The run folder, prepared.
        shard: Its number, from 0.
        records: Rows of `records.py`.
        photos: One row for each photo of the shard.

    Raises:
        RunError: the folder can't be written, such as on a full disk.
    """
    try:
        return _write_shard(path, shard, records, photos)
    except OSError as cause:
        raise RunError(f"{path}: can't be written ({cause.strerror or cause})") from cause


def _write_shard(path: Path, shard: int, records: pl.DataFrame, photos: pl.DataFrame) -> Receipt:
    columns = stored_columns(read_json(path / "settings.json", Header).columns)
    counted = stored_histogram(records.lazy(), columns).collect()
    sources = stored_sources(records.lazy(), columns).collect()
    frames = dict(zip(_PARTS, (records, photos, counted, sources), strict=True))
    for part, rows in frames.items():
        write = write_records if part == "records" else write_frame
        write(rows, shard_file(path, part, shard))
    status = photos["status"]
    receipt = Receipt(
        shard=shard,
        photos=len(photos),
        ok=int((status == "ok").sum()),
        screened=int((status == "screened").sum()),
        rejected=int((status == "rejected").sum()),
        garments=int((records["rank"] == 0).sum()),
        rows=len(records),
        sha256={part: sha256_of(shard_file(path, part, shard)) for part in _PARTS},
    )
    write_json(receipt, shard_file(path, "receipts", shard))
    return receipt


def stored_columns(columns: Iterable[RunColumn]) -> StoredColumns:
    """Which declared columns of a run its stored histograms know, and for what."""
    first: dict[str, str] = {}
    for column in columns:
        first.setdefault(column.kind, column.name)
    cluster = next((first[kind] for kind in CLUSTER_KINDS if kind in first), "photo")
    return StoredColumns(
        by=tuple(column.name for column in columns if column.kind in HISTOGRAM_KINDS),
        cluster=cluster,
        weight=first.get("weight"),
        date=first.get("date"),
    )


def read_receipt(path: Path, shard: int) -> Receipt | None:
    """The receipt of a finished shard whose files are whole; None where it is still to do."""
    file = shard_file(path, "receipts", shard)
    try:
        receipt = read_json(file, Receipt)
    except RunError:
        return None
    for part, sha256 in receipt.sha256.items():
        written = shard_file(path, part, shard)
        if not written.exists() or sha256_of(written) != sha256:
            return None
    return receipt


def seal(path: Path, header: Header, n_shards: int, seconds: float) -> Manifest:
    """Check all receipts and write the manifest.

    A run that was sealed before and had nothing left to do keeps its time.

    Args:
        path: The run folder.
        header: What the run is of.
        n_shards: How many shards it has.
        seconds: How long the call took that finished them; 0 where there was nothing to do.

    Raises:
        RunError: a shard is missing or damaged, or photos are lost or doubled.
    """
    receipts = [read_receipt(path, shard) for shard in range(n_shards)]
    missing = [shard for shard, receipt in enumerate(receipts) if receipt is None]
    if missing:
        raise RunError(f"{path}: shards {missing[:5]} are missing or damaged; run it again")
    file = path / "manifest.json"
    before = _sealed(file) if seconds == 0 else None
    done = tuple(receipt for receipt in receipts if receipt is not None)
    manifest = Manifest(
        header=header,
        shards=done,
        summary=_summary(path, done, before),
        seconds=before.seconds if before else seconds,
        finished=before.finished if before else datetime.now(UTC).isoformat(timespec="seconds"),
        corrections=None if before is None else before.corrections,
    )
    if manifest.total("photos") != header.photos:
        raise RunError(
            f"{path}: {manifest.total('photos')} photos answered for, {header.photos} in the index"
        )
    write_json(manifest, file)
    return manifest


def _summary(path: Path, shards: tuple[Receipt, ...], before: Manifest | None) -> Mapping[str, str]:
    """The hashes of the summary, which is written anew unless it is whole and of these shards."""
    if before is not None and before.shards == shards:
        found = summary_hashes(path)
        if found == before.summary:
            return found
    return write_summary(path, [_frames(path, [receipt.shard for receipt in shards])])


def _frames(path: Path, shards: Sequence[int]) -> ShardFrames:
    def scan(part: str) -> pl.LazyFrame:
        return pl.scan_parquet([shard_file(path, part, shard) for shard in shards])

    records = scan_records([shard_file(path, "records", shard) for shard in shards])
    return ShardFrames(records, scan("histograms"), scan("sources"))


def _sealed(file: Path) -> Manifest | None:
    try:
        return read_json(file, Manifest)
    except RunError:
        return None  # missing, or damaged: it is written anew
