"""What a run tells of itself: its settings, cards and columns, its receipts, its manifest."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from trendcolor import __version__
from trendcolor.cards import NO_DECISION, Card, RunDecision
from trendcolor.config import (
    PACKAGE,
    AnalysisConfig,
    ColorConfig,
    EngineConfig,
    ImagesConfig,
    ReportConfig,
    SegmentationConfig,
)
from trendcolor.errors import RunError
from trendcolor.runs.corrections import Provenance

FORMAT = 6  # of the run folder: its files and their columns

_NO_EFFECT_ON_RECORDS = (
    *("analysis/", "api/", "evaluation/", "explore/", "report/", "samples/", "__init__.py"),
    "faceless/",
    *(
        "cli/",
        "corrections/",
        "runs/corrections.py",
        "runs/correcting.py",
        "runs/croissant",
        "runs/forgetting.py",
        "runs/merging.py",
        "runs/checking.py",
        "runs/verifying.py",
        "runs/retention.py",
        "runs/expiring.py",
        "cards/retention.py",
        "images/label_pictures.py",
    ),
    *("segmentation/augmentation.py", "segmentation/confusion.py", "segmentation/training.py"),
    "color/vocabulary/chinese.csv",
)


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
    annotations_license: str = ""
    retain_until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPrivacy:
    """How a run keeps names, and for how long it is kept; the key of its hashes is not in it.

    The defaults are those of a run that was made before names were hashed.
    """

    pseudonyms: str = "declared"  # values of kind source and wearer, or "hashed"
    photo_ids: str = "declared"  # or "hashed"
    key: str = ""  # fingerprint of the key; empty where nothing is hashed
    retain_days: int = 0  # after the run was finished; 0: no limit


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
    privacy: RunPrivacy = field(default_factory=RunPrivacy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A run that a merged one was made of."""

    name: str  # of its config
    settings_hash: str
    index_hash: str
    photos: int
    shards: int  # how many of the merged run's are its, in order
    retain_until: str = ""  # its last day, if it has one


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
    vocabulary: str  # fingerprint of the default one, whose names stored histograms count
    decision: RunDecision  # of the gate, on the day that the run was started or last gone on with
    shards: int = 0  # how many files its photos are cut into; 0 where it is not told
    weights_notes: tuple[str, ...] = ()  # such as that a class of faces was taken as skin
    parents: tuple[Parent, ...] = ()  # the runs that it was merged from, in order
    format: int = FORMAT


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
    forgotten: int = 0  # photos that are counted nowhere, as `forgotten.json` says


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A whole run: `manifest.json`."""

    header: Header
    shards: tuple[Receipt, ...]
    summary: Mapping[str, str]  # SHA-256 of the files of the summary, by part
    seconds: float  # wall time of the call that finished the last shard
    finished: str  # when it did, UTC, ISO 8601
    corrections: Provenance | None = None  # what a person laid over the records
    forgotten: str = ""  # SHA-256 of forgotten.json; empty where nobody was forgotten
    retain_until: str = ""  # the last day that the run may be kept; empty: nobody sets one

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


def settings_hash(header: Header) -> str:
    """A hash of all that records depend on: not the workers, nor what answers show.

    Args:
        header: Its own hash, its name, the number of its shards and the gate's decision have no
            effect: that has a day in it, and a run goes on tomorrow.
    """
    given = header.settings.engine
    engine = EngineConfig(shard_photos=given.shard_photos, shard_bytes=given.shard_bytes)
    settings = replace(
        header.settings,
        engine=engine,
        analysis=AnalysisConfig(),
        report=ReportConfig(),
        privacy=replace(header.settings.privacy, retain_days=0),
    )
    fixed = replace(
        header, settings=settings, settings_hash="", name="", shards=0, decision=NO_DECISION
    )
    return hashlib.sha256(msgspec.json.encode(fixed, order="sorted")).hexdigest()


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
    root = PACKAGE
    digest = hashlib.sha256()
    for path in sorted((*root.rglob("*.py"), *root.rglob("color/vocabulary/*.csv"))):
        place = path.relative_to(root).as_posix()
        if not place.startswith(_NO_EFFECT_ON_RECORDS):
            digest.update(place.encode())
            digest.update(path.read_bytes())
    return __version__, digest.hexdigest()
