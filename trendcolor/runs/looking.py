"""What `verify` looks at, one thing after the other; faults are kept, none is raised."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import polars as pl

from trendcolor.corrections import corrected
from trendcolor.datasets.distinct import Seen
from trendcolor.errors import CorrectionError, RunError
from trendcolor.histograms import StoredColumns, stored_histogram, stored_sources
from trendcolor.records import photo_schema, record_schema, scan_records
from trendcolor.runs.checking import Fault, ReadShard, read_part, read_shard
from trendcolor.runs.corrections import (
    CORRECTION_FILES,
    SUMMARY_OF_CORRECTIONS,
    StoredCorrections,
    read_corrections,
)
from trendcolor.runs.croissant import croissant_bytes, described_manifest, is_of_this_release
from trendcolor.runs.files import CROISSANT, sha256_of, shard_file, shard_name
from trendcolor.runs.forgotten import FORGOTTEN, JOURNAL, PHOTO, Marks, read_forgotten
from trendcolor.runs.manifest import Header, Manifest, Receipt, code_version, settings_hash
from trendcolor.runs.sealing import summary_of
from trendcolor.runs.shards import RECEIPTS, SHARD_PARTS, stored_columns
from trendcolor.runs.store import Store, folder_of
from trendcolor.runs.summary import PARTS, ShardFrames, summary_name, summary_part

_WEIGHTS = 255  # what a palette's weights sum to
_GARMENT = (PHOTO, "wearer", "garment")
_FOREIGN = ("report", "audit")  # folders of a run that others write and nobody checks


@dataclass(slots=True)
class Look:
    """A run while it is looked through."""

    store: Store
    header: Header
    manifest: Manifest
    looked_at: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def count(self, check: str, number: int = 1) -> None:
        """Count what was looked at."""
        self.looked_at[check] = self.looked_at.get(check, 0) + number

    def tell(self, check: str, where: str, fault: str) -> None:
        """Keep a fault."""
        self.faults.append(Fault(check=check, where=where, fault=fault))

    def expect(self, check: str, where: str, is_so: bool, fault: str) -> None:
        """Count one look, and tell the fault unless it is so."""
        self.count(check)
        if not is_so:
            self.tell(check, where, fault)


def look_at_manifest(look: Look) -> None:
    """The manifest against the settings, and their hash."""
    header, place = look.header, "manifest.json"
    decision = look.manifest.header.decision  # of another day, where the run was asked again
    same = replace(header, decision=decision) == look.manifest.header
    look.expect("manifest", place, same, "is not of settings.json")
    told = {card.sha256 for card in decision.cards if header.settings.purpose in card.allowed}
    is_so = decision.purpose == header.settings.purpose
    is_so &= {card.sha256 for card in header.cards} <= told
    look.expect("manifest", place, is_so, "the gate's decision is not that of its cards")
    if header.code_hash == code_version()[1]:  # other code may have other settings to hash
        is_so = settings_hash(header) == header.settings_hash
        look.expect(
            "manifest", "settings.json", is_so, "its settings have another hash than it says"
        )
    numbers = [receipt.shard for receipt in look.manifest.shards]
    is_so = numbers == [*range(header.shards)]
    look.expect("manifest", place, is_so, f"has {len(numbers)} shards, wanted {header.shards}")


def look_at_files(look: Look) -> None:
    """Whether all files are there, and no others."""
    store, shards = look.store, range(look.header.shards)
    known: dict[str, set[str]] = {
        part: {shard_name(part, shard).partition("/")[2] for shard in shards}
        for part in (*SHARD_PARTS, RECEIPTS)
    }
    known["summary"] = {summary_name(part).partition("/")[2] for part in PARTS}
    files = {"settings.json", "manifest.json", CROISSANT}
    if look.manifest.corrections is not None:
        known[SUMMARY_OF_CORRECTIONS] = known["summary"]
        files |= {*CORRECTION_FILES[:2]}
    if look.manifest.forgotten:
        files |= {FORGOTTEN}
    present = store.names()
    for name in sorted(present - files - known.keys() - {*_FOREIGN}):
        look.tell("files", name, _strange(name))
    for name in sorted((files | known.keys()) - present):
        look.tell("files", name, "is missing")
    look.count("files", len(present))
    for part, names in known.items():
        there = store.names(part) if part in present else set()
        look.count("files", len(there))
        for name in sorted(there - names):
            look.tell("files", f"{part}/{name}", _strange(name))
        if part not in (*SHARD_PARTS, RECEIPTS) and part in present:  # those are told by shard
            for name in sorted(names - there):
                look.tell("files", f"{part}/{name}", "is missing")


def _strange(name: str) -> str:
    """Why a file should not be there."""
    if name.endswith(".part") or name in ("lock", "index", JOURNAL):
        return "is left over from a command that was broken off, or that runs now"
    return "is no file of a run"


def look_at_receipts(look: Look, receipts: Sequence[Receipt]) -> None:
    """Whether receipts are those of the manifest, and answer for all photos."""
    told = {receipt.shard: receipt for receipt in look.manifest.shards}
    for receipt in receipts:
        name = shard_name(RECEIPTS, receipt.shard)
        look.expect("receipts", name, told.get(receipt.shard) == receipt, "is not the manifest's")
    if len(receipts) == look.header.shards:
        photos = sum(receipt.photos + receipt.forgotten for receipt in receipts)
        is_so = photos == look.header.photos
        wanted = look.header.photos
        look.expect("receipts", "receipts", is_so, f"answer for {photos} photos, wanted {wanted}")


def look_at_rows(look: Look, shards: Sequence[int], *, deep: bool) -> None:
    """Photos, records and, deep, histograms of whole shards."""
    seen, columns = Seen(), stored_columns(look.header.columns)
    for shard in shards:
        rows = read_shard(look.store, shard)
        for name in rows.photos[PHOTO]:
            seen.add(name)
        _look_at_photos(look, shard, rows)
        _look_at_records(look, shard, rows)
        if deep:
            _look_at_histograms(look, shard, rows, columns)

    def again() -> Iterator[str]:
        for shard in shards:
            yield from read_part(look.store, "photos", shard, [PHOTO])[PHOTO]

    for name, times in seen.doubled(again):
        look.tell("photos", "photos", f"'{name}' is there {times} times")


def _look_at_photos(look: Look, shard: int, rows: ReadShard) -> None:
    name, photos = shard_name("photos", shard), rows.photos
    look.count("photos", len(photos))
    kinds = {column.name: column.kind for column in look.header.columns}
    if photos.schema != photo_schema(kinds):
        look.tell("photos", name, "has other columns than the run's photos")
        return
    without = int((photos["status"].is_null() | photos[PHOTO].is_null()).sum())
    if without:
        look.tell("photos", name, f"{without} photos have no id or no status")
    mute = len(photos.filter((pl.col("status") != "ok") & pl.col("reason").is_null()))
    if mute:
        look.tell("photos", name, f"{mute} photos are left out for no reason")


def _look_at_records(look: Look, shard: int, rows: ReadShard) -> None:
    name, records = shard_name("records", shard), rows.records
    kinds = {column.name: column.kind for column in look.header.columns}
    if records.schema != record_schema(kinds):
        look.tell("records", name, "has other columns than the run's records")
        return
    ok = rows.photos.filter(pl.col("status") == "ok").select(PHOTO)
    strange = records.join(ok, on=PHOTO, how="anti")[PHOTO].n_unique()
    if strange:
        look.tell("records", name, f"{strange} photos have records and are not ok")
    palettes = records.group_by(_GARMENT).agg(
        weight=pl.col("weight").cast(pl.Int64).sum(),
        ranks=pl.col("rank").sort().cast(pl.Int64) - pl.int_range(pl.len()),
    )
    look.count("records", len(palettes))
    wrong = int((palettes["weight"] != _WEIGHTS).sum())
    if wrong:
        look.tell("records", name, f"{wrong} palettes do not sum to {_WEIGHTS}")
    unordered = int(palettes["ranks"].list.eval(pl.element() != 0).list.any().sum())
    if unordered:
        look.tell("records", name, f"{unordered} palettes are not ranked from 0 on")


def _look_at_histograms(look: Look, shard: int, rows: ReadShard, columns: StoredColumns) -> None:
    """Whether what a shard stored is what its records give."""
    records = rows.records.lazy()
    pairs = (
        ("histograms", rows.histograms, stored_histogram(records, columns).collect()),
        ("sources", rows.sources, stored_sources(records, columns).collect()),
    )
    for part, stored, counted in pairs:
        is_so = stored.schema == counted.schema and stored.equals(counted)
        look.expect("histograms", shard_name(part, shard), is_so, "is not what the records give")


def look_at_summary(look: Look) -> None:
    """Whether the summary is the sum of what shards stored, and the manifest's; all are whole."""
    for part, rows in summary_of(look.store, range(look.header.shards)):
        name = summary_name(part)
        content = look.store.read(name)
        look.count("summary")
        if content is None:
            continue  # told with the files
        if sha256_of(content) != look.manifest.summary.get(part):
            look.tell("summary", name, "is not the file of the manifest")
        elif not _holds(content, rows):
            look.tell("summary", name, "is not the sum of what the shards stored")


def look_at_croissant(look: Look) -> None:
    """Whether the description is of the manifest, and says what the run says."""
    content = look.store.read(CROISSANT)
    if content is None:
        return  # told with the files
    sha256 = sha256_of(look.store.read("manifest.json") or b"")
    is_so = described_manifest(content) == sha256
    look.expect("croissant", CROISSANT, is_so, "does not describe manifest.json")
    if is_so and is_of_this_release(content):  # another one may use other words
        try:
            wanted = croissant_bytes(look.store, look.manifest, sha256)
        except RunError:
            return  # a file that it tells of can't be read, which is told elsewhere
        look.expect("croissant", CROISSANT, content == wanted, "is not what the run gives")


def look_at_corrections(look: Look, *, is_whole: bool, deep: bool) -> None:
    """Whether corrections are whole and the manifest's and, deep, whether their summary holds."""
    path = folder_of(look.store)
    if path is None:
        return
    try:
        found = read_corrections(path, look.header.settings_hash)
    except CorrectionError as error:
        look.tell("corrections", CORRECTION_FILES[0], str(error))
        found = None
    else:
        stored = None if found is None else found.provenance
        if stored != look.manifest.corrections:
            look.tell("corrections", CORRECTION_FILES[1], "is not of the manifest")
    look.count("corrections", 0 if found is None else found.table.height)
    if found is None or not (deep and is_whole):
        return
    frames = [_corrected_frames(look, path, shard, found) for shard in range(look.header.shards)]
    for part in PARTS:
        name = summary_name(part, corrected=True)
        content = look.store.read(name)
        if content is not None and not _holds(content, summary_part(frames, part)):
            look.tell("corrections", name, "is not what the corrected records give")


def _corrected_frames(
    look: Look, path: Path, shard: int, corrections: StoredCorrections
) -> ShardFrames:
    """What a shard would store if it were made of corrected records."""
    columns = stored_columns(look.header.columns)
    files = [shard_file(path, part, shard) for part in ("records", "histograms", "sources")]
    records = scan_records(files[:1])
    photos = read_part(look.store, "photos", shard, [PHOTO])
    table = corrections.table.join(photos, on=PHOTO, how="semi")
    if table.is_empty():
        return ShardFrames(records, pl.scan_parquet(files[1]), pl.scan_parquet(files[2]))
    rows = corrected(records, table).sort(PHOTO, "wearer", maintain_order=True)
    return ShardFrames(rows, stored_histogram(rows, columns), stored_sources(rows, columns))


def look_at_forgotten(look: Look, shards: Iterable[int]) -> None:
    """Whether those who were forgotten are, and whether the run still says so."""
    content = look.store.read(FORGOTTEN)
    hashed = "" if content is None else sha256_of(content)
    if hashed != look.manifest.forgotten:
        look.tell("forgotten", FORGOTTEN, "is not the file of the manifest")
    if look.store.read(JOURNAL) is not None:
        look.tell("forgotten", JOURNAL, "a `forget` was broken off (the same command finishes it)")
    try:
        marks = Marks(read_forgotten(look.store).marks)
    except RunError as error:
        look.tell("forgotten", FORGOTTEN, str(error))
        return
    look.count("forgotten", len(marks.marks))
    if not marks:
        return
    for shard in shards:
        back = len(marks.bearing(read_part(look.store, "photos", shard, marks.needed)))
        if back:
            told = f"holds {back} photos that were forgotten"
            look.tell("forgotten", shard_name("photos", shard), told)


def _holds(content: bytes, rows: pl.DataFrame) -> bool:
    stored = pl.read_parquet(BytesIO(content))
    return stored.schema == rows.schema and stored.equals(rows)
