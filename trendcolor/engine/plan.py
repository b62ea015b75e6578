"""A config as work: cards admitted, photos listed and cut into shards, settings hashed."""

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from trendcolor.cards import Card, admit
from trendcolor.color.vocabularies import shipped_vocabulary
from trendcolor.config import (
    AnalysisConfig,
    Config,
    DataConfig,
    EngineConfig,
    ReportConfig,
    read_config,
)
from trendcolor.datasets import open_dataset
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import ConfigError, DataError
from trendcolor.histograms import GRID_VERSION
from trendcolor.runs import (
    Header,
    RunSettings,
    code_version,
    run_card,
    run_columns,
)
from trendcolor.segmentation.opening import Identity, prepare_segmenter

_NO_SEGMENTER = Identity(weights="none", sha256="none", runtime="none")


@dataclass(frozen=True, slots=True)
class Shard:
    """The photos of one Parquet file: the unit that is retried and resumed."""

    number: int
    photos: tuple[PhotoRef, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is known of a run before its first photo."""

    config: Config
    header: Header
    shards: tuple[Shard, ...]


def plan(path: Path) -> Plan:
    """Read a config, pass its cards through the gate, and list the photos.

    The gate answers before any photo is looked for.

    Raises:
        ConfigError: the config has faults.
        RefusedError: a card does not allow the config's purpose.
        DataError: a data set is not as its config says.
        ModelError: the segmenter's weights can't be read.
    """
    config = read_config(path)
    cards = admit(config.data, config.purpose)
    photos = list_photos(config.data, cards)
    if not photos:
        raise DataError(f"{path.name}: no photos found under {config.data[0].root}")
    if config.segmentation.source == "masks" and all(ref.labels is None for ref in photos):
        raise ConfigError(
            'segmentation.source is "masks", but the data sets have no label maps '
            '(wanted: "model", or data.masks)'
        )
    size = config.engine.shard_photos
    shards = tuple(
        Shard(number, tuple(photos[start : start + size]))
        for number, start in enumerate(range(0, len(photos), size))
    )
    return Plan(config, _header(path.stem, config, cards, photos), shards)


def list_photos(data: Sequence[DataConfig], cards: Sequence[Card]) -> list[PhotoRef]:
    """The photos of all data sets, in order; ids name their data set where there are several.

    Raises:
        DataError: a data set is not as its config says, or two photos have one id.
    """
    photos = []
    for section, card in zip(data, cards, strict=True):
        prefix = f"{card.name}/" if len(data) > 1 else ""
        photos += [
            dataclasses.replace(ref, id=prefix + ref.id) for ref in open_dataset(card, section)
        ]
    doubled = [name for name, count in Counter(ref.id for ref in photos).items() if count > 1]
    if doubled:
        raise DataError(f"{len(doubled)} photo ids occur more than once, first '{doubled[0]}'")
    return photos


def _header(name: str, config: Config, cards: Sequence[Card], photos: Sequence[PhotoRef]) -> Header:
    is_model = config.segmentation.source == "model"
    model = prepare_segmenter(config.segmentation) if is_model else _NO_SEGMENTER
    version, code_hash = code_version()
    settings = RunSettings(
        purpose=config.purpose,
        images=config.images,
        segmentation=dataclasses.replace(config.segmentation, weights=model.weights),
        color=config.color,
        engine=config.engine,
        analysis=config.analysis,
        report=config.report,
    )
    header = Header(
        name=name,
        settings_hash="",
        settings=settings,
        cards=tuple(run_card(card) for card in dict.fromkeys(cards)),
        columns=run_columns(cards),
        is_free_of_people=all(card.is_free_of_people for card in cards),
        photos=len(photos),
        index_hash=_index_hash(photos),
        weights=settings.segmentation.weights,
        weights_hash=model.sha256,
        runtime=model.runtime,
        code_version=version,
        code_hash=code_hash,
        grid=GRID_VERSION,
        vocabulary=shipped_vocabulary().fingerprint,
    )
    return dataclasses.replace(header, settings_hash=_settings_hash(header))


def _settings_hash(header: Header) -> str:
    """A hash of all that records depend on: not the workers, nor what answers show."""
    engine = EngineConfig(shard_photos=header.settings.engine.shard_photos)
    settings = dataclasses.replace(
        header.settings, engine=engine, analysis=AnalysisConfig(), report=ReportConfig()
    )
    fixed = dataclasses.replace(header, settings=settings, name="")
    return hashlib.sha256(msgspec.json.encode(fixed, order="sorted")).hexdigest()


def _index_hash(photos: Sequence[PhotoRef]) -> str:
    """A hash of the photos' ids, file sizes, label maps' sizes and declared columns."""
    digest = hashlib.sha256()
    for ref in photos:
        columns: Mapping[str, object] = dict(ref.columns)
        line = (ref.id, _size(ref.path), _labels_size(ref), columns)
        digest.update(msgspec.json.encode(line, order="sorted"))
    return digest.hexdigest()


def _labels_size(ref: PhotoRef) -> int:
    path = getattr(ref.labels, "path", None)
    return _size(path) if isinstance(path, Path) else len(repr(ref.labels))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
