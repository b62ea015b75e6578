"""A config as work: cards admitted, photos listed and cut into shards, settings hashed."""

import dataclasses
import hashlib
import logging
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from trendcolor.cards import NO_DECISION, Card, admit, check_cleared, run_decision
from trendcolor.cards.retention import present_day
from trendcolor.color.vocabularies import shipped_vocabulary
from trendcolor.config import Config, DataConfig, read_config
from trendcolor.datasets import LocalFile, PhotoRef, stream_dataset
from trendcolor.datasets.distinct import Seen
from trendcolor.datasets.index_masks import FarMask
from trendcolor.datasets.photo_licenses import by_license, photo_license
from trendcolor.datasets.pseudonyms import Pseudonyms, pseudonyms_of
from trendcolor.engine.duplicates import mark_duplicates
from trendcolor.engine.index import Index, SizedRef, write_index
from trendcolor.errors import ConfigError, DataError
from trendcolor.histograms import GRID_VERSION
from trendcolor.runs import (
    FolderStore,
    Header,
    RunPrivacy,
    RunSettings,
    code_version,
    run_card,
    run_columns,
    settings_hash,
)
from trendcolor.segmentation.opening import Identity, prepare_segmenter

_LOG = logging.getLogger(__name__)
_NO_SEGMENTER = Identity(weights="none", sha256="none", runtime="none")
_AS_DECLARED = Pseudonyms()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is known of a run before its first photo."""

    config: Config
    header: Header
    shards: Index  # read from disk one by one; on disk as long as it is held


def plan(path: Path, engine: Mapping[str, Any] | None = None) -> Plan:
    """Read a config, pass its cards through the gate, and list the photos.

    The gate answers before any photo is looked for, and where photos have licenses of their own
    once more before one is opened.

    Args:
        path: The config.
        engine: Settings of `[engine]` to take in place of the config's.

    Raises:
        ConfigError: the config has faults.
        RefusedError: a card does not allow the config's purpose, or the photos' own licenses can't
            be met at once.
        DataError: a data set is not as its config says.
        ModelError: the segmenter's weights can't be read.
    """
    config = read_config(path)
    if engine:
        config = dataclasses.replace(config, engine=dataclasses.replace(config.engine, **engine))
    today = present_day()
    cards = admit(config.data, config.purpose, today)
    pseudonyms = pseudonyms_of(config.privacy, cards)
    header = _header(path.stem, config, cards, pseudonyms)
    listing = _Listing(cards)
    folder = Path(tempfile.mkdtemp(prefix="trendcolor-index-"))
    try:
        refs = listing.watch(stream_photos(config.data, cards, config.purpose, pseudonyms))
        shards = write_index(refs, FolderStore(folder / "listed"), config.engine)
        _check(listing, config, path)
        decision = run_decision(cards, config.purpose, today, sorted(listing.licenses))
        check_cleared(decision, config.purpose, today, place=path.name)
        if config.images.duplicates != "off":
            digest = listing.digest.hexdigest()
            shards = mark_duplicates(shards, config, digest, FolderStore(folder / "marked"))
            listing.digest.update(_duplicates_hash(shards))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(shards, shutil.rmtree, folder, ignore_errors=True)
    listed = dataclasses.replace(
        header,
        photos=listing.photos,
        index_hash=listing.digest.hexdigest(),
        decision=decision,
        shards=len(shards),
    )
    hashed = dataclasses.replace(listed, settings_hash=settings_hash(listed))
    return Plan(config, hashed, shards)


@dataclass(slots=True)
class _Listing:
    """What is learned of photos while they stream by."""

    cards: Sequence[Card]
    licenses: set[str] = field(default_factory=set)  # of photos that have their own and are let in
    photos: int = 0
    has_labels: bool = False
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def watch(self, refs: Iterator[PhotoRef]) -> Iterator[SizedRef]:
        """The photos with their sizes; ids, sizes and declared columns go into the hash."""
        for ref in refs:
            size = ref.file.size()
            columns: Mapping[str, object] = dict(ref.columns)
            refused = () if ref.refused is None else (ref.refused,)
            line = (ref.id, size, _labels_size(ref), columns, *refused)
            self.digest.update(msgspec.json.encode(line, order="sorted"))
            self.photos += 1
            self.has_labels |= ref.labels is not None
            own = None if refused else photo_license(ref, self.cards)
            self.licenses |= set() if own is None else {own}
            yield SizedRef(ref, size)


def _check(listing: _Listing, config: Config, path: Path) -> None:
    """Refuse what can't become a run, before photos are opened to find duplicates."""
    if not listing.photos:
        raise DataError(f"{path.name}: no photos found under {config.data[0].root}")
    if config.segmentation.source == "masks" and not listing.has_labels:
        raise ConfigError(
            'segmentation.source is "masks", but the data sets have no label maps '
            '(wanted: "model", or data.masks)'
        )


def list_photos(
    data: Sequence[DataConfig],
    cards: Sequence[Card],
    purpose: str,
    pseudonyms: Pseudonyms = _AS_DECLARED,
) -> list[PhotoRef]:
    """The photos that may serve a purpose, all in memory; see `stream_photos`."""
    photos = list(stream_photos(data, cards, purpose, pseudonyms))
    open_to = [ref for ref in photos if ref.refused is None]
    if len(open_to) < len(photos):
        _LOG.info(
            "%d of %d photos are left out: their own license does not permit purpose '%s'",
            *(len(photos) - len(open_to), len(photos), purpose),
        )
    return open_to


def stream_photos(
    data: Sequence[DataConfig],
    cards: Sequence[Card],
    purpose: str,
    pseudonyms: Pseudonyms = _AS_DECLARED,
) -> Iterator[PhotoRef]:
    """The photos of all data sets, in order; ids name their data set where there are several.

    Those whose own license does not permit the purpose are `refused`.

    This is where names become hashes: what comes out holds none that is to be hidden, but for
    where its file is.

    Raises:
        DataError: a data set is not as its config says, or two photos have one id.
    """

    def named() -> Iterator[PhotoRef]:
        return _named(data, cards, purpose, pseudonyms)

    if len(data) == 1:
        yield from named()  # whose own ids are looked through already
        return
    ids = Seen()
    for ref in named():
        ids.add(ref.id)
        yield ref
    doubled = [name for name, _ in ids.doubled(lambda: (ref.id for ref in named()))]
    if doubled:
        raise DataError(f"{len(doubled)} photo ids occur more than once, first '{doubled[0]}'")


def _named(
    data: Sequence[DataConfig], cards: Sequence[Card], purpose: str, pseudonyms: Pseudonyms
) -> Iterator[PhotoRef]:
    for section, card in zip(data, cards, strict=True):
        prefix = f"{card.name}/" if len(data) > 1 else ""
        for ref in by_license(stream_dataset(card, section), card, purpose):
            named = dataclasses.replace(ref, id=prefix + ref.id) if prefix else ref
            yield pseudonyms.of(named, card.columns)


def _header(name: str, config: Config, cards: Sequence[Card], pseudonyms: Pseudonyms) -> Header:
    """What is known before photos are listed; weights that can't be read are told now."""
    is_model = config.segmentation.source == "model"
    model = prepare_segmenter(config.segmentation) if is_model else _NO_SEGMENTER
    version, code_hash = code_version()
    settings = RunSettings(
        purpose=config.purpose,
        images=config.images,
        segmentation=dataclasses.replace(config.segmentation, weights=model.weights),
        color=config.color,
        engine=dataclasses.replace(config.engine, address=""),  # nobody's business but the house's
        analysis=config.analysis,
        report=config.report,
        privacy=RunPrivacy(
            pseudonyms=config.privacy.pseudonyms,
            photo_ids=config.privacy.photo_ids,
            key=pseudonyms.fingerprint,
            retain_days=config.privacy.retain_days,
        ),
    )
    return Header(
        name=name,
        settings_hash="",
        settings=settings,
        cards=tuple(run_card(card) for card in dict.fromkeys(cards)),
        columns=run_columns(cards),
        is_free_of_people=all(card.is_free_of_people for card in cards),
        photos=0,
        index_hash="",
        weights=settings.segmentation.weights,
        weights_hash=model.sha256,
        weights_notes=model.notes,
        runtime=model.runtime + ("-cuda" if config.engine.gpus else ""),  # which rounds apart
        code_version=version,
        code_hash=code_hash,
        grid=GRID_VERSION,
        vocabulary=shipped_vocabulary().fingerprint,
        decision=NO_DECISION,
    )


def _duplicates_hash(shards: Index) -> bytes:
    """A hash of which photos repeat which."""
    digest = hashlib.sha256()
    for shard in shards:
        for ref in shard.photos:
            if ref.duplicate_of is not None:
                digest.update(msgspec.json.encode((ref.id, ref.duplicate_of)))
    return digest.digest()


def _labels_size(ref: PhotoRef) -> int:
    if isinstance(ref.labels, FarMask):
        return ref.labels.file.size()
    path = getattr(ref.labels, "path", None)
    return LocalFile(path).size() if isinstance(path, Path) else len(repr(ref.labels))
