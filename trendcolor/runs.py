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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec
import polars as pl

from trendcolor import __version__
from trendcolor.cards import Card
from trendcolor.config import (
    AnalysisConfig,
    ColorConfig,
    EngineConfig,
    ImagesConfig,
    ReportConfig,
    SegmentationConfig,
)
from trendcolor.errors import RunError
from trendcolor.histograms import histogram, merge
from trendcolor.records import write_frame

FORMAT = 1
_PARTS = ("records", "photos", "histograms")
_ASIDE = ("settings.part", "manifest.part")  # what a run that was broken off may leave
_WITHOUT_SETTINGS = {"settings.part", "report"}  # all that such a run holds before its settings

# Kinds of declared columns that stored histograms count apart; the others have too many values.
HISTOGRAM_KINDS = ("season", "region", "market", "category", "brand", "cohort")

_NO_EFFECT_ON_RECORDS = (
    *("analysis/", "api/", "report/", "samples/", "__init__.py", "cli.py", "evaluation.py"),
    *("segmentation/augmentation.py", "segmentation/confusion.py", "segmentation/training.py"),
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunColumn:
    """A declared column of the run's records."""

    name: str
    kind: str
    declared_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCard:
    """What the report and the manifest tell of a data card."""

    name: str
    version: str
    title: str
    homepage: str
    license: str
    license_class: str
    attribution: str
    people: str
    consent_basis: str
    period: str
    frame: str
    biases: tuple[str, ...]
    purposes_allowed: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """A config without its data sets, whose cards stand beside it."""

    purpose: str
    images: ImagesConfig
    segmentation: SegmentationConfig
    color: ColorConfig
    engine: EngineConfig
    analysis: AnalysisConfig
    report: ReportConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What is known of a run before its first photo: `settings.json`."""

    name: str  # of the config
    settings_hash: str
    settings: RunSettings
    cards: tuple[RunCard, ...]
    columns: tuple[RunColumn, ...]
    is_free_of_people: bool
    photos: int
    index_hash: str  # of the photos' ids, sizes and declared columns
    weights: str  # file name, or "none" where label maps are given
    weights_hash: str
    runtime: str
    code_version: str
    code_hash: str
    grid: str
    format: int = FORMAT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """What any version's `settings.json` holds, and hardly another program's."""

    settings_hash: str
    code_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a finished shard tells: some hundred bytes."""

    shard: int
    photos: int
    ok: int
    screened: int
    rejected: int
    garments: int
    rows: int
    sha256: Mapping[str, str]  # of the shard's files, by folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A whole run: `manifest.json`."""

    header: Header
    shards: tuple[Receipt, ...]
    seconds: float  # wall time of the call that finished the last shard
    finished: str  # when it did, UTC, ISO 8601

    @property
    def settings(self) -> RunSettings:
        """The run's settings."""
        return self.header.settings

    @property
    def columns(self) -> tuple[RunColumn, ...]:
        """The declared columns of the records."""
        return self.header.columns

    @property
    def is_free_of_people(self) -> bool:
        """Whether each card says that no real person is shown."""
        return self.header.is_free_of_people

    def total(self, count: str) -> int:
        """The sum over shards of a count of `Receipt`, such as `rejected`."""
        return sum(getattr(receipt, count) for receipt in self.shards)


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
    files = (_file(path, part, each.shard) for each in run.manifest.shards for part in _PARTS)
    missing = next((file for file in files if not file.exists()), None)
    if missing is not None:
        raise RunError(f"{missing}: is missing (`trendcolor run` makes it again)")
    return run


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
    """
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


def run_card(card: Card) -> RunCard:
    """What a run keeps of a data card."""
    names = RunCard.__dataclass_fields__
    return RunCard(**{name: getattr(card, name) for name in names})


def run_columns(cards: Sequence[Card]) -> tuple[RunColumn, ...]:
    """The declared columns of all cards, each once.

    Raises:
        RunError: two cards declare one name as different kinds.
    """
    columns: dict[str, RunColumn] = {}
    for card in cards:
        for column in card.columns:
            known = columns.setdefault(
                column.name,
                RunColumn(name=column.name, kind=column.kind, declared_by=column.declared_by),
            )
            if known.kind != column.kind:
                raise RunError(
                    f"column '{column.name}' is of kind {known.kind} in one card and "
                    f"{column.kind} in {card.name}; rename one of them (name, with table_column)"
                )
    return tuple(columns.values())


def code_version() -> tuple[str, str]:
    """The package's version and a hash of the source that records depend on.

    With it a finished shard can be trusted and skipped. What only asks, shows or trains is left
    out.
    """
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted((*root.rglob("*.py"), *root.rglob("color/vocabulary/*.csv"))):
        place = path.relative_to(root).as_posix()
        if not place.startswith(_NO_EFFECT_ON_RECORDS):
            digest.update(place.encode())
            digest.update(path.read_bytes())
    return __version__, digest.hexdigest()


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
