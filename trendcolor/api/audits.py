"""From a finished run to an audit sheet; with the run's config it has pictures of label maps."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from trendcolor.analysis.audit_sample import AuditSample, draw_garments
from trendcolor.cards import admit
from trendcolor.engine.plan import Plan, plan
from trendcolor.errors import RunError
from trendcolor.pipeline import build_pipeline
from trendcolor.report.audit import AuditContents, AuditSheet, marked_garments, write_audit
from trendcolor.report.audit_pictures import AuditPicture, Studio
from trendcolor.runs import Header, folder_here, open_run_folder
from trendcolor.runs.corrections import read_corrections

_LOG = logging.getLogger(__name__)
_EVERY = 30.0  # seconds between lines on how far the pictures are
_SECTIONS = ("purpose", "images", "segmentation", "color")  # settings that records depend on
_WITHOUT_PICTURES = (
    "Made from the records alone, without pictures: judge by your own copies of the photos, or "
    "make it again with the run's config (trendcolor audit RUN --config CONFIG)."
)
_OTHER_CODE = (
    "The run was measured by another version of this package or on another runtime than the one "
    "that drew these label maps: they may differ a little from those that were measured."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOptions:
    """What is drawn; the options of `trendcolor audit`."""

    n: int = 500  # garments
    seed: int = 0  # same seed, same sheet
    by_family: bool = False  # the same number of each measured family


def audit(
    run: str | Path,
    options: AuditOptions | None = None,
    *,
    out: str | Path | None = None,
    config: str | Path | None = None,
) -> AuditSheet:
    """Draw garments of a run at random and write a page for a person to mark them on.

    Garments are as they were measured, whatever was corrected since. The page shows photo pixels
    only where every card of the config allows it.

    Args:
        run: A finished run folder.
        options: How many garments, and how they are drawn.
        out: The folder to write to; None takes `audit` inside the run folder.
        config: The run's config, so that its photos can be labelled again; without it the page has
            no pictures.

    Raises:
        RunError: the run is missing or unfinished, or the config is not that of the run.
        QueryError: fewer than one garment is asked for, or the run has none.
        ConfigError: the config has faults.
        RefusedError: a card no longer allows the run's purpose.
        DataError: a data set is not on disk as the config says.
    """
    asked = options or AuditOptions()
    folder = open_run_folder(folder_here(run, "audit"))
    header = folder.manifest.header
    records = folder.measured_records()
    sample = draw_garments(records, asked.n, seed=asked.seed, by_family=asked.by_family)
    if sample.items.height < asked.n:
        _LOG.info("the run has %d garments: all of them are drawn", sample.items.height)
    notices = []
    if read_corrections(folder.path) is not None:
        notices.append("The run has corrections; this sheet shows what was measured, without them.")
    if config is None:
        pictures = None
        notices.append(_WITHOUT_PICTURES)
    else:
        planned = plan(Path(config))
        check_same_run(planned.header, header, config=Path(config).name, run=str(run))
        pictures = _pictures(planned, sample)
        if _is_other_code(planned.header, header):
            notices.append(_OTHER_CODE)
    for notice in notices:
        _LOG.info("%s", notice)
    contents = AuditContents(
        header=header,
        sample=sample,
        by_family=asked.by_family,
        pictures=pictures,
        notices=notices,
    )
    return write_audit(contents, folder.path / "audit" if out is None else Path(out))


def check_same_run(planned: Header, header: Header, *, config: str, run: str) -> None:
    """Refuse a config that is not the one a run was made with.

    Args:
        planned: What the config is of, today.
        header: What the run is of.
        config: What to call the config in the message.
        run: What to call the run.

    Raises:
        RunError: photos, cards, settings or weights differ; all that differs is told.
    """
    faults = []
    if planned.index_hash != header.index_hash:
        faults.append("other photos (their ids, sizes, label maps or declared columns)")
    if [card.sha256 for card in planned.cards] != [card.sha256 for card in header.cards]:
        faults.append("other data cards, or changed ones")
    faults += [
        f"another [{name}]" if name != "purpose" else "another purpose"
        for name in _SECTIONS
        if _text(getattr(planned.settings, name)) != _text(getattr(header.settings, name))
    ]
    if planned.settings.privacy.key != header.settings.privacy.key:
        faults.append("another key of pseudonyms (privacy.key or TRENDCOLOR_KEY)")
    if planned.weights_hash != header.weights_hash:
        faults.append("other weights")
    if faults:
        raise RunError(
            f"{config} is not the config of {run}: it has {', '.join(faults)} "
            "(give the config and data that the run was made with)"
        )


def _text(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def _is_other_code(planned: Header, header: Header) -> bool:
    return (planned.code_hash, planned.runtime) != (header.code_hash, header.runtime)


def _pictures(planned: Plan, sample: AuditSample) -> Mapping[int, AuditPicture]:
    """The pictures of all items, from the photos themselves."""
    config = planned.config
    cards = admit(config.data, config.purpose)
    studio = Studio(
        pipeline=build_pipeline(config),
        refs={ref.id: ref for shard in planned.shards for ref in shard.photos},
        may_show=all(card.may_show_photos for card in cards),
    )
    items = marked_garments(sample)
    pictures: dict[int, AuditPicture] = {}
    spoken = time.monotonic()
    for number, picture in studio.draw(items):
        pictures[number] = picture
        if time.monotonic() - spoken >= _EVERY:
            spoken = time.monotonic()
            _LOG.info("%d of %d garments drawn", len(pictures), len(items))
    return pictures
