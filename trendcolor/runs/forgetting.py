"""Photos taken out of a run for good, because somebody withdrew consent.

What is to be done is written down first, what was done last. Between the two the run does not
open, and the next call goes on where this one was broken off. `erasing.py` does it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import polars as pl

from trendcolor.errors import RunError
from trendcolor.runs.checking import (
    check_whole,
    look_at_shards,
    read_header,
    read_part,
)
from trendcolor.runs.corrections import Provenance, read_corrections
from trendcolor.runs.erasing import carry_out
from trendcolor.runs.files import read_json
from trendcolor.runs.forgotten import (
    PHOTO,
    Forgetting,
    Journal,
    Mark,
    Marks,
    Named,
    Touched,
    names_any,
    new_salt,
    read_forgotten,
    read_journal,
)
from trendcolor.runs.manifest import Header, Manifest, Receipt
from trendcolor.runs.pseudonyms import key_of
from trendcolor.runs.shards import only_writer
from trendcolor.runs.store import Place, Store, folder_of, store_of

_MADE_OF_IT = ("report", "audit")  # folders that may hold its ids and counts
_INSTEAD = "(forgotten)"  # in a note


@dataclass(frozen=True, slots=True)
class Value:
    """What is to be forgotten: all photos with this value of a column."""

    column: str  # declared, or `photo` for an id
    text: str  # as the run holds it
    spoken: str = ""  # the name that `text` is a hash of, where somebody gave one

    @property
    def told(self) -> str:
        """What to call it to who asked."""
        return self.spoken or self.text


def forget(place: Place, values: Sequence[Value]) -> Forgetting:
    """Remove photos from a run, finished or not, with all that was counted of them.

    Args:
        place: The run folder or address.
        values: Whose photos. May be empty where an earlier call was broken off, which each call
            finishes first.

    Returns:
        What was done, as `forgotten.json` keeps it; an earlier entry where nothing was left to do.

    Raises:
        RunError: there is no run, it is damaged, another process writes to it, or nothing in it
            has such a value.

    Guarantees, each held by tests/test_runs_forgetting.py:
        No file of the run holds a removed photo's id or the value any more. All else answers as if
        the photos had never been there. Killed at any point, the run is as it was or does not
        open, and the same call finishes it.
    """
    store = store_of(place)
    header = read_header(store)
    with only_writer(store):
        journal = read_journal(store)
        done = None if journal is None else carry_out(store, header, journal)
        known = read_forgotten(store)
        salt = next((mark.salt for mark in known.marks), new_salt())
        asked = {
            Mark.of(value.column, value.text, salt, key_of(header, value.column)): value
            for value in values
        }
        plan = _planned(store, header, asked) if asked else None
        if plan is not None:
            return carry_out(store, header, plan)
        before = [call for call in known.calls if {*asked} & {each.mark for each in call.named}]
        if done is None and not before:
            raise RunError(
                f"{store.place}: nothing to forget (--source, --wearer, --photo, --where)"
            )
        return before[-1] if before else known.calls[-1]


@dataclass(slots=True)
class _Found:
    """What is to be removed, while shards are looked through."""

    marks: Marks
    photos: set[str] = field(default_factory=set)
    counts: dict[Mark, list[int]] = field(default_factory=dict)  # photos, garments, rows
    shards: dict[int, int] = field(default_factory=dict)  # photos by shard

    def look(self, store: Store, shard: int) -> None:
        """Look through one shard."""
        photos = self.marks.bearing(read_part(store, "photos", shard, self.marks.needed))
        borne = {row[PHOTO]: self.marks.of(row) for row in photos.iter_rows(named=True)}
        if not borne:
            return
        self.photos |= borne.keys()
        self.shards[shard] = len(borne)
        for marks in borne.values():
            for mark in marks:
                self.counts.setdefault(mark, [0, 0, 0])
            self.counts[marks[0]][0] += 1
        records = read_part(store, "records", shard, [PHOTO, "rank"])
        for photo, rank in records.filter(pl.col(PHOTO).is_in(list(borne))).iter_rows():
            count = self.counts[borne[photo][0]]
            count[1] += rank == 0
            count[2] += 1


def _planned(store: Store, header: Header, values: Mapping[Mark, Value]) -> Journal | None:
    """What is to be done; None: all of it was forgotten before, and nothing of it is there.

    Raises:
        RunError: shards of a finished run are missing or damaged, or a value is nowhere.
    """
    manifest = _manifest(store)
    receipts = (
        look_at_shards(store, header.shards).whole
        if manifest is None
        else check_whole(store, header)
    )
    found = _Found(Marks(tuple(values)))
    for shard in receipts:
        found.look(store, shard)
    known = {*read_forgotten(store).marks}
    fresh = [mark for mark in values if mark not in known]
    nowhere = [mark for mark in fresh if mark not in found.counts]
    if nowhere and len(receipts) == header.shards:
        told = ", ".join(f"{values[mark].column} '{values[mark].told}'" for mark in nowhere)
        raise RunError(
            f"{store.place}: no photo has {told} (wanted as the data set writes it; nothing was "
            "changed)"
        )
    if not fresh and not found.photos:
        return None
    for shard in receipts:
        if names_any(read_part(store, "photos", shard, ["reason"])["reason"], found.photos):
            found.shards.setdefault(shard, 0)
    return _journal(
        store, manifest, [receipts[each] for each in sorted(found.shards)], found, values
    )


def _journal(
    store: Store,
    manifest: Manifest | None,
    before: Sequence[Receipt],
    found: _Found,
    values: Mapping[Mark, Value],
) -> Journal:
    path = folder_of(store)
    corrections = None if path is None else read_corrections(path)
    gone = 0 if corrections is None else corrections.table[PHOTO].is_in(list(found.photos)).sum()
    call = Forgetting(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        named=tuple(_named(mark, found.counts.get(mark, [0, 0, 0])) for mark in values),
        shards=tuple(
            Touched(shard=each.shard, photos=found.shards[each.shard], before=each.sha256, after={})
            for each in before
        ),
        corrections=int(gone),
        deleted=tuple(name for name in _MADE_OF_IT if name in store.names()),
    )
    names = [name for each in values.values() for name in (each.text, each.spoken) if name]
    return Journal(
        call=call,
        before=tuple(before),
        is_sealed=manifest is not None,
        seconds=0.0 if manifest is None else manifest.seconds,
        finished="" if manifest is None else manifest.finished,
        provenance=None if corrections is None else _discreet(corrections.provenance, names),
    )


def _named(mark: Mark, counts: Sequence[int]) -> Named:
    photos, garments, records = counts
    return Named(mark=mark, photos=photos, garments=garments, records=records)


def _discreet(provenance: Provenance, names: Sequence[str]) -> Provenance:
    """Where corrections come from, without the names that are forgotten."""
    for name in names:
        provenance = replace(
            provenance,
            file=provenance.file.replace(name, _INSTEAD),
            note=provenance.note.replace(name, _INSTEAD),
        )
    return provenance


def _manifest(store: Store) -> Manifest | None:
    """The manifest of a finished run; None where it is unfinished.

    Raises:
        RunError: it can't be read.
    """
    if store.read("manifest.json") is None:
        return None
    return read_json(store, "manifest.json", Manifest)
