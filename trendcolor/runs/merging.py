"""Runs made on several machines, put together: parts of one run, or runs of different data."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from trendcolor.cards import joined_decision
from trendcolor.datasets.distinct import Seen
from trendcolor.errors import RefusedError, RunError
from trendcolor.runs.checking import check_whole, look_at_shards, read_header, read_part
from trendcolor.runs.files import read_json, shard_name, write_json
from trendcolor.runs.forgotten import (
    FORGOTTEN,
    PHOTO,
    Forgetting,
    Forgotten,
    Marks,
    check_no_journal,
    read_forgotten,
)
from trendcolor.runs.manifest import Header, Manifest, Parent, Receipt, RunColumn, settings_hash
from trendcolor.runs.pseudonyms import check_same_names
from trendcolor.runs.recipe import RECIPE_SECTIONS, recipe_differences
from trendcolor.runs.retention import check_kept, last_day
from trendcolor.runs.sealing import seal
from trendcolor.runs.shards import (
    RECEIPTS,
    SHARD_PARTS,
    only_writer,
    prepare_run_folder,
    read_receipt,
)
from trendcolor.runs.store import Place, Store, store_of


@dataclass(frozen=True, slots=True)
class _Source:
    """One run that is merged."""

    store: Store
    header: Header
    manifest: Manifest | None  # None: it is unfinished
    forgotten: Forgotten

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return self.store.place


@dataclass(frozen=True, slots=True)
class _Copy:
    """A whole shard, and its number in the merged run."""

    source: _Source
    receipt: Receipt
    number: int


def merge_runs(places: Sequence[Place], out: Place) -> Manifest:
    """Put runs together that were made on several machines.

    Parts of one run, which have its settings hash, give that run: each shard from whichever has it
    whole. Other runs must be finished; their shards are numbered on in the order given, and the
    run has a settings hash of its own, made of theirs. Call it again where it was broken off.

    Args:
        places: At least two runs. They are not changed.
        out: A folder or address for the run, new or of the same merging.

    Raises:
        RunError: a run is missing, unfinished, damaged, corrected or past its last day; two
            disagree on a shard or have a photo of one id; their recipes, columns or keys of
            pseudonyms differ; one has forgotten what another holds; shards are in none of the
            parts.
        RefusedError: their licenses can't be met at once for their purpose.

    Guarantees, each held by tests/test_runs_merging.py:
        Parts of one run give its bytes. Runs of different data answer as one run over all of it
        would. What was broken off goes on, and never opens before.
    """
    sources = [_opened(place) for place in places]
    _check_places([each.place for each in sources], store_of(out))
    check_same_names([each.header for each in sources])
    if len({each.header.settings_hash for each in sources}) == 1:
        return _merge_parts(sources, store_of(out))
    return _merge_different(sources, store_of(out))


def _opened(place: Place) -> _Source:
    store = store_of(place)
    header = read_header(store)
    check_no_journal(store)
    if store.read("corrections.json") is not None:
        raise RunError(
            f"{store.place}: has corrections, which can't be merged (`trendcolor correct "
            f"{store.place} --remove`, then correct the merged run)"
        )
    manifest = None
    if store.read("manifest.json") is not None:
        manifest = read_json(store, "manifest.json", Manifest)
        check_kept(manifest, store.place)
    return _Source(store, header, manifest, read_forgotten(store))


def _check_places(places: Sequence[str], out: Store) -> None:
    if len(places) < 2:
        raise RunError("nothing to merge (wanted at least two runs)")
    if len({*places}) < len(places) or out.place in places:
        raise RunError(f"{out.place}: a run comes twice (give each once, and another --out)")


def _merge_parts(sources: Sequence[_Source], out: Store) -> Manifest:
    header = _kept_shortest(sources[0].header, sources)
    found: dict[int, _Copy] = {}
    for source in sources:
        for shard, receipt in look_at_shards(source.store, header.shards).whole.items():
            other = found.setdefault(shard, _Copy(source, receipt, shard))
            if other.receipt != receipt:
                raise RunError(
                    f"shard {shard} of {source.place} is not that of {other.source.place} "
                    "(forget the same in both, or take one of them)"
                )
    calls: list[Forgetting] = []
    for source in sources:
        calls += [call for call in source.forgotten.calls if call not in calls]
    manifest = _write(header, found.values(), calls, out)
    finished = [each.manifest.finished for each in sources if each.manifest is not None]
    if not header.settings.privacy.retain_days or not finished:
        return manifest
    earliest = min(manifest.finished, *finished)  # a copy is not kept longer than what it is of
    dated = replace(manifest, finished=earliest, retain_until=last_day(header, earliest))
    write_json(dated, out, "manifest.json")
    return dated


def _kept_shortest(header: Header, sources: Sequence[_Source]) -> Header:
    """A header with the shortest time that one of some runs is to be kept."""
    days = [each.header.settings.privacy.retain_days for each in sources]
    shortest = min(filter(None, days), default=0)
    privacy = replace(header.settings.privacy, retain_days=shortest)
    return replace(header, settings=replace(header.settings, privacy=privacy))


def _merge_different(sources: Sequence[_Source], out: Store) -> Manifest:
    if len({each.header.settings_hash for each in sources}) < len(sources):
        raise RunError("some are parts of one run and some are not (merge the parts first)")
    for source in sources:
        if source.manifest is None:
            raise RunError(f"{source.place}: is unfinished (`trendcolor seal {source.place}`)")
    header = _joined(sources)
    copies, calls = list[_Copy](), list[Forgetting]()
    for source in sources:
        first = len(copies)
        whole = check_whole(source.store, source.header)
        copies += [_Copy(source, receipt, first + shard) for shard, receipt in whole.items()]
        calls += [_renumbered(call, first) for call in source.forgotten.calls]
    _check_distinct(copies)
    return _write(header, copies, calls, out)


def _joined(sources: Sequence[_Source]) -> Header:
    """The header of runs of different data."""
    headers = [each.header for each in sources]
    first = headers[0]
    found = recipe_differences(headers, (*RECIPE_SECTIONS, "purpose", "analysis"))
    if found:
        raise RunError(f"the runs differ in {', '.join(found)} (run their configs with the same)")
    for source in sources[1:]:
        if _kinds(source.header.columns) != _kinds(first.columns):
            raise RunError(
                f"columns differ: {sources[0].place} declares {_told(first.columns)}, "
                f"{source.place} {_told(source.header.columns)}"
            )
    parents = tuple(
        Parent(
            name=each.name,
            settings_hash=each.settings_hash,
            index_hash=each.index_hash,
            photos=each.photos,
            shards=each.shards,
            retain_until="" if source.manifest is None else source.manifest.retain_until,
        )
        for source, each in zip(sources, headers, strict=True)
    )
    lists = msgspec.json.encode([each.index_hash for each in headers])
    joined = replace(
        _kept_shortest(first, sources),
        name=" + ".join(dict.fromkeys(each.name for each in headers)),
        cards=tuple(dict.fromkeys(card for each in headers for card in each.cards)),
        is_free_of_people=all(each.is_free_of_people for each in headers),
        photos=sum(each.photos for each in headers),
        index_hash=hashlib.sha256(lists).hexdigest(),
        shards=sum(each.shards for each in headers),
        parents=parents,
        decision=joined_decision([each.decision for each in headers]),
    )
    _check_allowed(joined)
    return replace(joined, settings_hash=settings_hash(joined))


def _check_allowed(joined: Header) -> None:
    """Refuse runs whose licenses allow their purpose alone, but not together."""
    for refusal in joined.decision.refusals:
        if refusal.purpose == joined.settings.purpose:
            asked = f"purpose '{refusal.purpose}' is refused of the merged run"
            raise RefusedError(f"{asked}, {refusal.rule} ({refusal.remedy})")


def _kinds(columns: Iterable[RunColumn]) -> Sequence[RunColumn]:
    return [replace(column, declared_by="") for column in columns]


def _told(columns: Sequence[RunColumn]) -> str:
    return ", ".join(f"{column.name} ({column.kind})" for column in columns) or "none"


def _renumbered(call: Forgetting, first: int) -> Forgetting:
    shards = tuple(replace(each, shard=first + each.shard) for each in call.shards)
    return replace(call, shards=shards)


def _check_distinct(copies: Sequence[_Copy]) -> None:
    """Refuse photos that two runs have, in eight bytes of memory a photo."""

    def ids() -> Iterator[str]:
        for copy in copies:
            yield from read_part(copy.source.store, "photos", copy.receipt.shard, [PHOTO])[PHOTO]

    seen = Seen()
    for name in ids():
        seen.add(name)
    doubled = [name for name, _ in seen.doubled(ids)]
    if doubled:
        raise RunError(
            f"{len(doubled)} photos are in more than one of the runs, first '{doubled[0]}' (each "
            "would count twice; merge runs of different photos)"
        )


def _check_forgotten(copies: Iterable[_Copy], calls: Sequence[Forgetting]) -> None:
    """Refuse photos that one of the runs has forgotten and another still holds."""
    marks = Marks(Forgotten(calls=tuple(calls)).marks)
    if not marks:
        return
    for copy in copies:
        photos = read_part(copy.source.store, "photos", copy.receipt.shard, marks.needed)
        if not marks.bearing(photos).is_empty():
            raise RunError(
                f"{copy.source.place}: holds photos that another of the runs has forgotten (forget "
                "the same in it first)"
            )


def _write(
    header: Header, copies: Iterable[_Copy], calls: Sequence[Forgetting], out: Store
) -> Manifest:
    """Copy shards and seal; shards that are there already are kept."""
    copies = list(copies)
    _check_forgotten(copies, calls)
    with only_writer(out):
        prepare_run_folder(out, header, fresh=False)
        for call in read_forgotten(out).calls:
            if call not in calls:
                raise RunError(
                    f"{out.place}: somebody was forgotten in it and not in the runs (forget the "
                    "same in them first)"
                )
        if calls:
            write_json(Forgotten(calls=tuple(calls)), out, FORGOTTEN)
        for copy in copies:
            _copy(copy, out)
        check_whole(out, header)
        return seal(out, header, header.shards, 0.0)


def _copy(copy: _Copy, out: Store) -> None:
    """Copy one shard, its receipt last."""
    receipt = replace(copy.receipt, shard=copy.number)
    if read_receipt(out, copy.number) == receipt:
        return
    for part in SHARD_PARTS:
        content = copy.source.store.read(shard_name(part, copy.receipt.shard))
        if content is None:
            raise RunError(f"{copy.source.place}: changed while it was copied (merge it again)")
        out.write(shard_name(part, copy.number), content)
    write_json(receipt, out, shard_name(RECEIPTS, copy.number))
