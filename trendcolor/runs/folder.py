"""The run folder: settings first, shards as they finish, the manifest last.

RUN/settings.json           what the run is of; its hash says whether a finished shard counts
RUN/records/00000.parquet   one row a color of a garment (records.py)
RUN/photos/00000.parquet    one row a photo, with the reason where it was left out
RUN/histograms/00000.parquet  integer weights on the color grid (histograms.py)
RUN/receipts/00000.json     counts and hashes of a finished shard; written last of the four
RUN/manifest.json           everything of the run, written when all shards are there
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec
import polars as pl
from filelock import FileLock, Timeout

from trendcolor.errors import RunError
from trendcolor.histograms import histogram, merge
from trendcolor.records import write_frame
from trendcolor.runs.manifest import FORMAT, Header, Manifest, Receipt

_PARTS = ("records", "photos", "histograms")
_ASIDE = ("settings.part", "manifest.part")  # what a run that was broken off may leave
_LOCK = "lock"
_WITHOUT_SETTINGS = {
    "settings.part",
    "report",
    _LOCK,
}  # all that such a run holds before its settings

# Kinds of declared columns that stored histograms count apart; the others have too many values.
HISTOGRAM_KINDS = ("season", "region", "market", "category", "brand", "cohort")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """What any version's `settings.json` holds, and hardly another program's."""

    settings_hash: str
    code_hash: str


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A finished run on disk."""

    path: Path
    manifest: Manifest

    def records(self) -> pl.LazyFrame:
        """All records, in photo order."""
        return self._scan("records")

    def photos(self) -> pl.LazyFrame:
        """All photos, whatever became of them."""
        return self._scan("photos")

    def histogram(self) -> pl.LazyFrame:
        """The stored histograms of all shards as one: by garment and `HISTOGRAM_KINDS` columns."""
        return merge([self._scan("histograms")])

    def _scan(self, part: str) -> pl.LazyFrame:
        shards = [receipt.shard for receipt in self.manifest.shards]
        return pl.scan_parquet([_file(self.path, part, shard) for shard in shards])


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
    run = RunFolder(path, _read(manifest, Manifest))
    if run.manifest.header.format != FORMAT:
        raise RunError(
            f"{path}: is of format {run.manifest.header.format}, this version reads {FORMAT} "
            "(`trendcolor run` its config again)"
        )
    files = (_file(path, part, each.shard) for each in run.manifest.shards for part in _PARTS)
    missing = next((file for file in files if not file.exists()), None)
    if missing is not None:
        raise RunError(f"{missing}: is missing (`trendcolor run` makes it again)")
    return run


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
        before = _read(path / "settings.json", _Mark).settings_hash
        if fresh:
            _clear(path)
        elif before != header.settings_hash:
            raise RunError(
                f"{path}: holds a run of other settings ({before[:8]}, this one is "
                f"{header.settings_hash[:8]}); take another folder, or --fresh to replace it"
            )
    try:
        path.mkdir(parents=True, exist_ok=True)
        _write(header, path / "settings.json")  # first: it says that the folders below are a run's
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
    for part in (*_PARTS, "receipts", "report"):
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
    by = [name for name in photos.columns if name in _histogram_columns(path)]
    counted = histogram(records.lazy(), by=[*by, "garment"]).collect()
    frames = dict(zip(_PARTS, (records, photos, counted), strict=True))
    for part, rows in frames.items():
        write_frame(rows, _file(path, part, shard))
    status = photos["status"]
    receipt = Receipt(
        shard=shard,
        photos=len(photos),
        ok=int((status == "ok").sum()),
        screened=int((status == "screened").sum()),
        rejected=int((status == "rejected").sum()),
        garments=int((records["rank"] == 0).sum()),
        rows=len(records),
        sha256={part: _sha256(_file(path, part, shard)) for part in _PARTS},
    )
    _write(receipt, _file(path, "receipts", shard))
    return receipt


def _histogram_columns(path: Path) -> set[str]:
    columns = _read(path / "settings.json", Header).columns
    return {column.name for column in columns if column.kind in HISTOGRAM_KINDS}


def read_receipt(path: Path, shard: int) -> Receipt | None:
    """The receipt of a finished shard whose files are whole; None where it is still to do."""
    file = _file(path, "receipts", shard)
    try:
        receipt = _read(file, Receipt)
    except RunError:
        return None
    for part, sha256 in receipt.sha256.items():
        written = _file(path, part, shard)
        if not written.exists() or _sha256(written) != sha256:
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
    manifest = Manifest(
        header=header,
        shards=tuple(r for r in receipts if r is not None),
        seconds=before.seconds if before else seconds,
        finished=before.finished if before else datetime.now(UTC).isoformat(timespec="seconds"),
    )
    if manifest.total("photos") != header.photos:
        raise RunError(
            f"{path}: {manifest.total('photos')} photos answered for, {header.photos} in the index"
        )
    _write(manifest, file)
    return manifest


def _sealed(file: Path) -> Manifest | None:
    try:
        return _read(file, Manifest)
    except RunError:
        return None  # missing, or damaged: it is written anew


def _file(path: Path, part: str, shard: int) -> Path:
    return path / part / f"{shard:05d}{'.json' if part == 'receipts' else '.parquet'}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(value: object, path: Path) -> None:
    aside = path.with_suffix(".part")
    aside.write_bytes(msgspec.json.format(msgspec.json.encode(value)) + b"\n")
    aside.replace(path)


def _read(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as cause:
        raise RunError(f"{path}: not readable by this version ({cause})") from cause
