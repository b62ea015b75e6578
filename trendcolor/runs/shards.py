"""A run while it is written: its settings, then shard after shard, each with its receipt."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import polars as pl
from filelock import FileLock, Timeout

from trendcolor.errors import RunError
from trendcolor.histograms import StoredColumns, stored_histogram, stored_sources
from trendcolor.records import parquet_bytes, stored_records
from trendcolor.runs.corrections import CORRECTION_FILES, SUMMARY_OF_CORRECTIONS
from trendcolor.runs.files import CROISSANT, read_json, sha256_of, shard_name, write_json
from trendcolor.runs.forgotten import FORGOTTEN, check_no_journal
from trendcolor.runs.manifest import Header, Receipt, RunColumn, RunPrivacy
from trendcolor.runs.pseudonyms import check_marks_fit
from trendcolor.runs.store import Place, Store, folder_of, store_of

SHARD_PARTS = ("records", "photos", "histograms", "sources")
RECEIPTS = "receipts"
INDEX = "index"  # what is left to do; a finished run has none
ASIDE = (
    "settings.part",
    "manifest.part",
    "croissant.part",
    "forgotten.part",
    "forgetting.part",
)  # what a run that was broken off may leave
LOCK = "lock"
_WITHOUT_SETTINGS = {
    "settings.part",
    "report",
    "audit",
    FORGOTTEN,
    LOCK,
}  # all that such a run holds before its settings

# Kinds of declared columns that stored histograms count apart; the others have too many values.
HISTOGRAM_KINDS = ("season", "region", "market", "category", "brand", "cohort")
# Kinds whose values garments depend on together, the first that is declared; else photos.
CLUSTER_KINDS = ("source", "wearer", "brand")


@dataclass(frozen=True, slots=True, kw_only=True)
class _SettingsMark:
    """What is looked at of any version's settings."""

    privacy: RunPrivacy = field(default_factory=RunPrivacy)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """What any version's `settings.json` holds, and hardly another program's."""

    settings_hash: str
    code_hash: str
    settings: _SettingsMark = field(default_factory=_SettingsMark)


@contextmanager
def only_writer(place: Place) -> Iterator[None]:
    """Hold a run folder while it is written; the system lets go of it if this process dies.

    An object store has nothing to hold: two runs of the same settings there write the same
    objects, and others are refused by their settings.

    Raises:
        RunError: another process holds it, or the folder can't be written.
    """
    path = folder_of(store_of(place))
    if path is None:
        yield
        return
    _check_no_file(path)
    lock = FileLock(path / LOCK, timeout=0)
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
        (path / LOCK).unlink(missing_ok=True)


def _check_no_file(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise RunError(f"{path}: is a file, wanted a folder for the run")


def prepare_run_folder(place: Place, header: Header, *, fresh: bool) -> None:
    """Make a store ready for shards: new, or with those of the same settings kept.

    Who was forgotten in it stays forgotten, also where it is made afresh.

    Raises:
        RunError: it holds something else, or shards of other settings and not `fresh`, or can't be
            written; a `forget` was broken off in it; or who was forgotten in it could not be known
            again.
    """
    store = store_of(place)
    check_no_journal(store)
    check_marks_fit(store, header)
    path = folder_of(store)
    if path is not None:
        _check_no_file(path)
    present = store.names()
    strange = sorted(present - _WITHOUT_SETTINGS)
    if strange and "settings.json" not in present:
        raise RunError(
            f"{store.place}: holds other files ({strange[0]}), wanted a new or a run's folder"
        )
    if "settings.json" in present:
        before = read_json(store, "settings.json", _Mark)
        if fresh:
            _clear(store)
        elif before.settings_hash != header.settings_hash:
            raise RunError(f"{store.place}: {_otherness(before, header)}")
    write_json(header, store, "settings.json")  # first: it says that the rest is a run's
    if path is not None:
        tidy(path)


def _otherness(before: _Mark, header: Header) -> str:
    was, key = before.settings.privacy.key, header.settings.privacy.key
    if was and key and was != key:
        return (
            f"holds a run whose names are hashed with another key ({was}, this one is {key}); give "
            "that key again (privacy.key or TRENDCOLOR_KEY), take another folder, or --fresh to "
            "replace it"
        )
    return (
        f"holds a run of other settings ({before.settings_hash[:8]}, this one is "
        f"{header.settings_hash[:8]}); take another folder, or --fresh to replace it"
    )


def tidy(path: Path) -> None:
    """Delete what broken-off writes left aside in a run's folder."""
    for part in (*SHARD_PARTS, RECEIPTS):
        (path / part).mkdir(parents=True, exist_ok=True)
        for aside in (path / part).glob("*.part"):
            aside.unlink()
    for name in ASIDE:
        (path / name).unlink(missing_ok=True)


def _clear(store: Store) -> None:
    store.delete(["manifest.json"])  # first: it says that the rest is whole
    store.delete([CROISSANT, *CORRECTION_FILES, SUMMARY_OF_CORRECTIONS])
    store.delete([*SHARD_PARTS, RECEIPTS, INDEX, "summary", "report", "settings.json"])


def write_shard(place: Place, shard: int, records: pl.DataFrame, photos: pl.DataFrame) -> Receipt:
    """Write one finished shard; the receipt is the last file and makes it count.

    Args:
        place: The run, prepared.
        shard: Its number, from 0.
        records: Rows of `records.py`.
        photos: One row for each photo of the shard.

    Raises:
        RunError: it can't be written, such as on a full disk.
    """
    store = store_of(place)
    columns = stored_columns(read_json(store, "settings.json", Header).columns)
    return write_frames(store, shard, ShardRows(records, photos), columns)


@dataclass(frozen=True, slots=True, eq=False)
class ShardRows:
    """What a shard's photos gave."""

    records: pl.DataFrame  # rows of `records.py`
    photos: pl.DataFrame  # one row for each photo
    forgotten: int = 0  # photos of the shard that have none, as `forgotten.json` says


def write_frames(store: Store, shard: int, rows: ShardRows, columns: StoredColumns) -> Receipt:
    """As `write_shard`, for a caller that knows what the run's histograms count apart."""
    frames = {
        "records": stored_records(rows.records),
        "photos": rows.photos,
        "histograms": stored_histogram(rows.records.lazy(), columns).collect(),
        "sources": stored_sources(rows.records.lazy(), columns).collect(),
    }
    contents = {part: parquet_bytes(frame) for part, frame in frames.items()}
    for part, content in contents.items():
        store.write(shard_name(part, shard), content)
    status = rows.photos["status"]
    receipt = Receipt(
        shard=shard,
        photos=len(rows.photos),
        ok=int((status == "ok").sum()),
        screened=int((status == "screened").sum()),
        rejected=int((status == "rejected").sum()),
        garments=int((rows.records["rank"] == 0).sum()),
        rows=len(rows.records),
        sha256={part: sha256_of(content) for part, content in contents.items()},
        forgotten=rows.forgotten,
    )
    write_json(receipt, store, shard_name(RECEIPTS, shard))
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


def read_receipt(place: Place, shard: int) -> Receipt | None:
    """The receipt of a finished shard whose files are whole; None where it is still to do."""
    store = store_of(place)
    receipt = _receipt(store, shard)
    if receipt is None:
        return None
    for part, sha256 in receipt.sha256.items():
        content = store.read(shard_name(part, shard))
        if content is None or sha256_of(content) != sha256:
            return None
    return receipt


def _receipt(store: Store, shard: int) -> Receipt | None:
    content = store.read(shard_name(RECEIPTS, shard))
    try:
        return None if content is None else msgspec.json.decode(content, type=Receipt)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def finished_shards(place: Place, n_shards: int) -> Mapping[int, Receipt]:
    """The receipts of the shards that are done, by number.

    In a folder every file is hashed again: a machine that died may have left half of one. An
    object store has whole objects or none, so that there only their names are looked at.
    """
    store = store_of(place)
    if folder_of(store) is not None:
        found = ((shard, read_receipt(store, shard)) for shard in range(n_shards))
        return {shard: receipt for shard, receipt in found if receipt is not None}
    present = {part: store.names(part) for part in (*SHARD_PARTS, RECEIPTS)}
    done = {}
    for shard in range(n_shards):
        names = {part: Path(shard_name(part, shard)).name for part in present}
        if all(name in present[part] for part, name in names.items()):
            receipt = _receipt(store, shard)
            if receipt is not None:
                done[shard] = receipt
    return done
