"""From two finished runs over the same photos to what the change of version does to shares."""

import dataclasses
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trendcolor.analysis.bridge import Bridge, BridgeQuestion, Version, bridge
from trendcolor.analysis.filters import check_columns
from trendcolor.analysis.legends import Level
from trendcolor.analysis.population import Population
from trendcolor.api.text import FORMATS
from trendcolor.errors import QueryError, RunError, did_you_mean
from trendcolor.runs import CLUSTER_KINDS, RunFolder, open_run_folder
from trendcolor.runs.manifest import Header

_LOG = logging.getLogger(__name__)
_SOURCES = ("source", "wearer")
# What makes a version: settings of the stages, and what computed them.
_STAGES = ("images", "segmentation", "color")
_PARTS = ("weights", "weights_hash", "runtime", "code_version", "code_hash", "grid")


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeOptions:
    """Which shares `trendcolor bridge` is about; the options of the command."""

    by: Sequence[str] = ()
    colors: str = "family"
    unit: str = "garments"
    disclosure: str = "public"


@dataclass(frozen=True, slots=True, eq=False)
class BridgedRuns:
    """What the change from one run to another does to shares."""

    found: Bridge
    settings: pl.DataFrame  # `setting`, `old`, `new`: those that differ and act on records
    photos_old: int  # of the whole runs
    photos_new: int


def bridge_runs(old: Path, new: Path, options: BridgeOptions) -> BridgedRuns:
    """How far shares move between two runs, measured on the photos of both.

    Clusters are the values of the first declared column of kind source, wearer or brand, else
    photos.

    Args:
        old: The finished run of the published series.
        new: The finished run of the version that goes on, over photos of the same ids.
        options: Which shares. With `disclosure="public"` figures that rest on too few sources are
            left empty, unless the cards of both runs say that nobody is in the pictures.

    Raises:
        RunError: a run is missing or unfinished, or the two share no photo.
        QueryError: a column, unit or level of colors is unknown.
    """
    runs = [open_run_folder(path) for path in (old, new)]
    question = _question(runs, options)
    both = Population({"old": runs[0], "new": runs[1]})
    words = both.legend(Level(colors=question.colors))
    try:
        versions = [Version(run.records(), run.photos()) for run in runs]
        found = bridge(versions[0], versions[1], words, question)
    except RunError as error:
        raise RunError(f"{old} and {new}: {error}") from error
    return BridgedRuns(
        found=found,
        settings=differing_settings(*(run.manifest.header for run in runs)),
        photos_old=runs[0].manifest.total("photos"),
        photos_new=runs[1].manifest.total("photos"),
    )


def _question(runs: Sequence[RunFolder], options: BridgeOptions) -> BridgeQuestion:
    if options.disclosure not in ("raw", "public"):
        near = did_you_mean(options.disclosure, ("raw", "public"))
        raise QueryError(f"no disclosure '{options.disclosure}'{near}")
    kinds = [{each.name: each.kind for each in run.manifest.columns} for run in runs]
    shared = {name: kind for name, kind in kinds[0].items() if kinds[1].get(name) == kind}
    check_columns(options.by, [*shared, "garment"])
    analysis = [run.manifest.settings.analysis for run in runs]
    is_guarded = options.disclosure == "public" and not all(
        run.manifest.is_free_of_people for run in runs
    )
    return BridgeQuestion(
        by=tuple(dict.fromkeys(options.by)),
        colors=options.colors,
        unit=options.unit,
        confidence=analysis[0].confidence,
        weight=_first(shared, ("weight",)),
        cluster=_first(shared, CLUSTER_KINDS) or "photo",
        source=_first(shared, _SOURCES) or "photo",
        min_cell=max(each.min_cell for each in analysis) if is_guarded else None,
    )


def _first(kinds: Mapping[str, str], wanted: Sequence[str]) -> str | None:
    """The first column of the first kind that there is."""
    return next((name for kind in wanted for name in kinds if kinds[name] == kind), None)


def differing_settings(old: Header, new: Header) -> pl.DataFrame:
    """What differs between two versions and acts on records.

    Returns:
        `setting` ("color.erode", "weights_hash"), `old` and `new` as text; no row where the
        versions are one.
    """
    pairs = zip(_settings(old), _settings(new), strict=True)
    rows = [(name, one, other) for (name, one), (_, other) in pairs if one != other]
    columns = dict.fromkeys(("setting", "old", "new"), pl.String)
    return pl.DataFrame(rows, schema=columns, orient="row")


def _settings(header: Header) -> Iterator[tuple[str, str]]:
    for stage in _STAGES:
        settings = getattr(header.settings, stage)
        for field in dataclasses.fields(settings):
            yield f"{stage}.{field.name}", str(getattr(settings, field.name))
    for part in _PARTS:
        yield part, str(getattr(header, part))


def bridge_text(
    old: Path, new: Path, options: BridgeOptions, *, out: Path | None, format: str
) -> str:
    """The bridge of two runs as a table, CSV or JSON; what it rests on is said on stderr.

    Args:
        old: As of `bridge_runs`.
        new: As of `bridge_runs`.
        options: As of `bridge_runs`.
        out: A CSV file to write the offsets to as well.
        format: One of `FORMATS`.

    Raises:
        RunError: as of `bridge_runs`, or `out` can't be written.
        QueryError: as of `bridge_runs`.
    """
    runs = bridge_runs(old, new, options)
    found = runs.found
    _LOG.info(
        "%d photos of both runs (%d in the old, %d in the new), %d clusters",
        *(found.photos, runs.photos_old, runs.photos_new, found.clusters),
    )
    _LOG.info(
        "%d garments of both: %d changed %s; %d only in the old, %d only in the new",
        *(found.garments, found.changed, options.colors, found.lost, found.gained),
    )
    for name, before, after in runs.settings.iter_rows():
        _LOG.info("%s: %s -> %s", name, before, after)
    if runs.settings.is_empty():
        _LOG.info("no setting differs: the runs are of one version")
    withheld = found.offsets["shift"].null_count()
    if withheld:
        _LOG.info("%d of %d figures withheld: too few sources", withheld, len(found.offsets))
    if out is not None:
        try:
            out.write_text(found.offsets.write_csv(), encoding="utf-8")
        except OSError as cause:
            raise RunError(f"{out}: can't be written ({cause.strerror or cause})") from cause
    return FORMATS[format](found.offsets)
