"""A run deleted whole, because its last day is over; `expired.json` says that it was there.

What is to be done is written down first, and from then on the run does not open. The next call
goes on where this one was broken off.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from trendcolor.cards.retention import is_past
from trendcolor.config import address_of
from trendcolor.errors import RunError
from trendcolor.runs.corrections import CORRECTION_FILES, SUMMARY_OF_CORRECTIONS
from trendcolor.runs.fetching import cache_folder
from trendcolor.runs.files import CROISSANT, read_json, sha256_of, write_json
from trendcolor.runs.forgotten import FORGOTTEN, JOURNAL
from trendcolor.runs.manifest import Header, Manifest, Receipt
from trendcolor.runs.retention import EXPIRED, EXPIRING, Expiry, Retention, retention
from trendcolor.runs.shards import (
    ASIDE,
    INDEX,
    LOCK,
    RECEIPTS,
    SHARD_PARTS,
    finished_shards,
    only_writer,
)
from trendcolor.runs.store import Place, Store, store_of

# In the order in which they are deleted: the manifest makes a run open, the settings make it one.
_OF_A_RUN = (
    "manifest.json",
    *("report", "audit", CROISSANT, INDEX, FORGOTTEN, JOURNAL),
    *(*CORRECTION_FILES, SUMMARY_OF_CORRECTIONS),
    *(RECEIPTS, *SHARD_PARTS, "summary", *ASIDE),
    "settings.json",
)


@dataclass(frozen=True, slots=True)
class RunRetention:
    """How long a run may be kept, and what became of it."""

    place: str
    retention: Retention | None  # None: nobody sets a day
    expiry: Expiry | None = None  # what is to be deleted, or was; None: its last day is to come
    is_gone: bool = False  # whether it was deleted already


def look_at_retention(place: Place) -> RunRetention:
    """How long a run may be kept; nothing is changed.

    Args:
        place: The run folder or address, finished or not. An unfinished run has the days of its
            cards alone.

    Raises:
        RunError: there is no run, or it can't be read.
    """
    store = store_of(place)
    for name in (EXPIRING, EXPIRED):
        if store.read(name) is not None:
            done = read_json(store, name, Expiry)
            until = Retention(done.retain_until, done.rule)
            return RunRetention(store.place, until, done, is_gone=name == EXPIRED)
    if store.read("settings.json") is None:
        raise RunError(f"{store.place}: not a run (it has no settings.json); nothing was deleted")
    manifest = _manifest(store)
    header = read_json(store, "settings.json", Header) if manifest is None else manifest.header
    found = retention(header, "" if manifest is None else manifest.finished)
    if found is None or not is_past(found.until):
        return RunRetention(store.place, found)
    receipts = (
        tuple(finished_shards(store, header.shards).values())
        if manifest is None
        else manifest.shards
    )
    return RunRetention(store.place, found, _expiry(store, header, found, receipts))


def expire(place: Place) -> RunRetention:
    """Delete a run whose last day is over, finished or not, with its report.

    Args:
        place: The run folder or address.

    Returns:
        What was done; a run whose day is to come stays as it is.

    Raises:
        RunError: there is no run, another process writes to it, or it can't be deleted.

    Guarantees, each held by tests/test_runs_expiring.py:
        Nothing of the run is left but `expired.json`. Killed at any point, the run is as it was or
        does not open, and the same call finishes it.
    """
    store = store_of(place)
    found = look_at_retention(store)
    if found.expiry is None or found.is_gone:
        return found
    with only_writer(store):
        write_json(found.expiry, store, EXPIRING)
        for name in _OF_A_RUN:
            store.delete([name])
        if (address := address_of(store.place)) is not None:
            shutil.rmtree(cache_folder(address), ignore_errors=True)
        write_json(found.expiry, store, EXPIRED)
        store.delete([EXPIRING])
        return found


def _expiry(store: Store, header: Header, found: Retention, receipts: Sequence[Receipt]) -> Expiry:
    present, manifest = store.names(), store.read("manifest.json")
    return Expiry(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        retain_until=found.until,
        rule=found.rule,
        settings_hash=header.settings_hash,
        manifest="" if manifest is None else sha256_of(manifest),
        shards=len(receipts),
        photos=sum(each.photos for each in receipts),
        garments=sum(each.garments for each in receipts),
        records=sum(each.rows for each in receipts),
        deleted=tuple(name for name in _OF_A_RUN if name in present),
        left=len(present - {*_OF_A_RUN, LOCK}),
    )


def _manifest(store: Store) -> Manifest | None:
    """The manifest; None where the run has none that can be read."""
    try:
        return read_json(store, "manifest.json", Manifest)
    except RunError:
        return None
