"""A finished run, to be asked.

RUN/settings.json           what the run is of; its hash says whether a finished shard counts
RUN/records/00000.parquet   one row a color of a garment (records.py)
RUN/photos/00000.parquet    one row a photo, with the reason where it was left out
RUN/histograms/00000.parquet  garments, looks, area and weight by color (histograms/stored.py)
RUN/sources/00000.parquet   the sources of each group, which don't add up
RUN/receipts/00000.json     counts and hashes of a finished shard; written last of the five
RUN/index/                  the photos of a run that is not finished
RUN/summary/                what the shards stored, added up (summary.py)
RUN/manifest.json           everything of the run, written when all shards are there
RUN/croissant.json          the run as others' tools read it (croissant.py)
RUN/forgotten.json          who was forgotten, without saying who (forgotten.py)
RUN/corrections.*           what a person corrected (corrections.py); RUN/corrected/ is then the
                            summary that answers
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from trendcolor.config import address_of
from trendcolor.corrections import Layer, laid_over, layer_of
from trendcolor.errors import RunError
from trendcolor.records import scan_records
from trendcolor.runs.corrections import StoredCorrections, read_corrections
from trendcolor.runs.fetching import FetchedRun, fetched_run
from trendcolor.runs.files import read_json, shard_file, shard_name
from trendcolor.runs.forgotten import check_no_journal
from trendcolor.runs.manifest import FORMAT, Manifest
from trendcolor.runs.retention import check_kept
from trendcolor.runs.shards import SHARD_PARTS
from trendcolor.runs.store import FolderStore, Store, store_of
from trendcolor.runs.summary import PARTS, summary_file


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
    _fetched: FetchedRun | None = field(default=None, repr=False, compare=False)

    @property
    def place(self) -> str:
        """The folder, or the address that it was fetched from."""
        return str(self.path) if self._fetched is None else self._fetched.store.place

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
        self._have("records")
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

    def _have(self, part: str) -> None:
        if self._fetched is not None:
            self._fetched.part(part)

    def _scan(self, part: str) -> pl.LazyFrame:
        self._have(part)
        shards = [receipt.shard for receipt in self.manifest.shards]
        return pl.scan_parquet([shard_file(self.path, part, shard) for shard in shards])


def open_run_folder(place: str | Path) -> RunFolder:
    """A finished run, of a folder or at an address.

    Of a run at an address the summary is fetched, and the rest when it is asked for.

    Raises:
        RunError: there is no run, or it is unfinished, of another format, past its last day, or
            lacks a file; or a `forget` was broken off in it.
    """
    address = address_of(place)
    if address is None:
        return _local_run(Path(place))
    _check_format(store_of(str(address)))
    fetched = fetched_run(address)
    run = RunFolder(fetched.path, fetched.manifest, _fetched=fetched)
    return replace(run, corrections=_corrections_of(run))


def folder_here(place: str | Path, command: str) -> Path:
    """A run folder, where a command does not work on an address.

    Raises:
        RunError: it is an address.
    """
    if (address := address_of(place)) is not None:
        raise RunError(
            f"{address}: `trendcolor {command}` works on folders of this machine only (copy the "
            "run here first)"
        )
    return Path(place)


def _local_run(path: Path) -> RunFolder:
    if not path.is_dir():
        raise RunError(f"{path}: no such run folder")
    check_no_journal(path)
    manifest = path / "manifest.json"
    if not manifest.exists():
        if (path / "settings.json").exists():
            raise RunError(
                f"{path}: the run is unfinished (`trendcolor run` goes on with it; `trendcolor "
                "seal` ends one whose shards are all there)"
            )
        raise RunError(f"{path}: not a run folder (it has no manifest.json)")
    store = FolderStore(path)
    _check_format(store)
    run = RunFolder(path, read_json(store, "manifest.json", Manifest))
    check_kept(run.manifest, run.place)
    shards = [each.shard for each in run.manifest.shards]
    present = {part: store.names(part) for part in SHARD_PARTS}
    files = [
        shard_file(path, part, shard)
        for shard in shards
        for part in SHARD_PARTS
        if Path(shard_name(part, shard)).name not in present[part]
    ]
    files += [summary_file(path, part) for part in PARTS]
    corrections = _corrections_of(run)
    if corrections is not None:
        files += [summary_file(path, part, corrected=True) for part in PARTS]
    missing = next((file for file in files if not file.exists()), None)
    if missing is not None:
        raise RunError(f"{missing}: is missing (`trendcolor run` makes it again)")
    return replace(run, corrections=corrections)


def _check_format(store: Store) -> None:
    """Refuse a run of another version; one without a manifest is for others to tell."""
    if "manifest.json" not in store.names():
        return
    found = read_json(store, "manifest.json", _ManifestMark).header.format
    if found != FORMAT:
        raise RunError(
            f"{store.place}: is of format {found}, this version reads {FORMAT} (`trendcolor run` "
            "its config again, into another folder or with --fresh)"
        )


def _corrections_of(run: RunFolder) -> StoredCorrections | None:
    corrections = read_corrections(run.path, run.manifest.header.settings_hash)
    if (None if corrections is None else corrections.provenance) != run.manifest.corrections:
        raise RunError(
            f"{run.place}: its corrections are not those of its manifest (`trendcolor correct RUN "
            "--remove`, then correct it again)"
        )
    return corrections
