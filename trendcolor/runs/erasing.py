"""What `forget` planned, carried out: every step may be done again, and changes nothing then."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from trendcolor.runs.checking import look_at_shards, read_part, read_shard
from trendcolor.runs.correcting import summarize_corrections
from trendcolor.runs.corrections import StoredCorrections, corrected_photos, keep_corrections
from trendcolor.runs.croissant import write_manifest
from trendcolor.runs.files import CROISSANT, read_json, shard_name, write_json
from trendcolor.runs.folder import RunFolder
from trendcolor.runs.forgotten import (
    FORGOTTEN,
    JOURNAL,
    PHOTO,
    Forgetting,
    Forgotten,
    Journal,
    Marks,
    Touched,
    names_any,
    read_forgotten,
    without_ids,
)
from trendcolor.runs.manifest import Header, Receipt
from trendcolor.runs.retention import last_day
from trendcolor.runs.sealing import seal
from trendcolor.runs.shards import (
    INDEX,
    RECEIPTS,
    SHARD_PARTS,
    ShardRows,
    read_receipt,
    stored_columns,
    tidy,
    write_frames,
)
from trendcolor.runs.store import Store, folder_of


def carry_out(store: Store, header: Header, journal: Journal) -> Forgetting:
    """Do what was planned, or what is left of it.

    Reasons that name a photo to be removed are changed in all shards before the first photo is
    removed, because from then on its id is not known.

    Args:
        store: The run, held by `only_writer`.
        header: What the run is of.
        journal: The plan.

    Returns:
        What was done, as `forgotten.json` now keeps it.

    Raises:
        RunError: the run can't be written.
    """
    write_json(journal, store, JOURNAL)
    store.delete(["manifest.json", CROISSANT])
    touched = journal.call.shards
    _clean(store, header, journal)
    marks = Marks([each.mark for each in journal.call.named])
    ids = {name for each in touched for name in _borne(store, each.shard, marks)}
    for receipt in journal.before:
        _keep_names_out(store, header, receipt, sorted(ids))
    for receipt, each in zip(journal.before, touched, strict=True):
        _remove(store, header, receipt, each.photos, marks)
    corrections = _corrections(store, header, journal)
    call = replace(journal.call, shards=tuple(_after(store, each) for each in touched))
    known = read_forgotten(store)
    if call not in known.calls:
        write_json(Forgotten(calls=(*known.calls, call)), store, FORGOTTEN)
    if journal.is_sealed:
        _seal_again(store, header, journal, corrections)
    store.delete([JOURNAL])
    return call


def _clean(store: Store, header: Header, journal: Journal) -> None:
    """Delete what is no part of a run's finished shards: it might hold what is to be forgotten."""
    store.delete([*journal.call.deleted, INDEX])
    path = folder_of(store)
    if path is not None:
        tidy(path)
        for aside in (
            *path.glob("*.part"),
            *path.glob("summary/*.part"),
            *path.glob("corrected/*.part"),
        ):
            aside.unlink()
    known = _finished(store, header, journal)
    for part in (*SHARD_PARTS, RECEIPTS):
        kept = {shard_name(part, shard).partition("/")[2] for shard in known}
        store.delete(f"{part}/{name}" for name in store.names(part) - kept)


def _finished(store: Store, header: Header, journal: Journal) -> set[int]:
    """The shards that are there: whole, or half-written by a call that was broken off."""
    if journal.is_sealed:  # all were whole when it was planned
        return {*range(header.shards)}
    return {*look_at_shards(store, header.shards).whole, *(each.shard for each in journal.before)}


def _borne(store: Store, shard: int, marks: Marks) -> list[str]:
    """The ids of a shard's photos that bear a mark."""
    return marks.bearing(read_part(store, "photos", shard, marks.needed))[PHOTO].to_list()


def _keep_names_out(store: Store, header: Header, before: Receipt, ids: Sequence[str]) -> None:
    """Write a shard without reasons that name one of some photos."""
    shard = before.shard
    is_whole = read_receipt(store, shard) is not None
    if is_whole and not names_any(read_part(store, "photos", shard, ["reason"])["reason"], ids):
        return
    rows = read_shard(store, shard)
    reasons = [text and without_ids(text, ids) for text in rows.photos["reason"]]
    photos = rows.photos.with_columns(reason=pl.Series(reasons, dtype=pl.String))
    found = ShardRows(rows.records, photos, before.forgotten)
    write_frames(store, shard, found, stored_columns(header.columns))


def _remove(store: Store, header: Header, before: Receipt, n_photos: int, marks: Marks) -> None:
    """Write a shard without the photos that bear a mark."""
    shard, forgotten = before.shard, before.forgotten + n_photos
    now = read_receipt(store, shard)
    if now is not None and now.forgotten == forgotten:
        return
    rows = read_shard(store, shard)
    is_kept = ~pl.col(PHOTO).is_in(_borne(store, shard, marks))
    found = ShardRows(rows.records.filter(is_kept), rows.photos.filter(is_kept), forgotten)
    write_frames(store, shard, found, stored_columns(header.columns))


def _after(store: Store, touched: Touched) -> Touched:
    receipt = read_json(store, shard_name(RECEIPTS, touched.shard), Receipt)
    return replace(touched, after=receipt.sha256)


def _corrections(store: Store, header: Header, journal: Journal) -> StoredCorrections | None:
    """The run's corrections without those of photos that are gone."""
    path = folder_of(store)
    if path is None or journal.provenance is None:
        return None
    corrected, there = corrected_photos(path), set[str]()
    for shard in _finished(store, header, journal):
        there |= corrected & {*read_part(store, "photos", shard, [PHOTO])[PHOTO]}
    return keep_corrections(path, journal.provenance, there)


def _seal_again(
    store: Store, header: Header, journal: Journal, corrections: StoredCorrections | None
) -> None:
    """Write summary and manifest; it keeps when the run was made, and what was corrected."""
    manifest = seal(store, header, header.shards, 0.0)
    path = folder_of(store)
    if path is not None and corrections is not None:
        summarize_corrections(RunFolder(path, manifest), corrections.table)
    kept = replace(
        manifest,
        seconds=journal.seconds,
        finished=journal.finished,
        retain_until=last_day(header, journal.finished),
        corrections=None if corrections is None else corrections.provenance,
    )
    write_manifest(store, kept)
