"""The summary of a run: what its shards stored, added up once, for questions about all of it.

RUN/summary/whole.parquet    what shares are of; family, common, name and bin beside it the colors
RUN/summary/sources.parquet  the sources, wearers or brands of each group
RUN/summary/colors.parquet   each color of the run with its garments and its place in the vocabulary
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trendcolor.histograms import (
    LEVELS,
    MEASURES,
    StoredColumns,
    color_key,
    merge_stored,
    stored_histogram,
    stored_sources,
)
from trendcolor.histograms.stored import color_labels
from trendcolor.records import write_frame

PARTS = (*LEVELS, "sources", "colors")


@dataclass(frozen=True, slots=True, eq=False)
class ShardFrames:
    """The rows of some shards."""

    records: pl.LazyFrame
    histograms: pl.LazyFrame
    sources: pl.LazyFrame


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """What corrections make of a run's records."""

    before: pl.LazyFrame  # the records of the photos that are corrected, as measured
    after: pl.LazyFrame  # the same as corrected; both in photo order
    whole: pl.LazyFrame  # all records of the run as corrected


def summary_name(part: str, *, corrected: bool = False) -> str:
    """What a part of the summary is called, or of that which holds with the run's corrections."""
    return f"{'corrected' if corrected else 'summary'}/{part}.parquet"


def summary_file(path: Path, part: str, *, corrected: bool = False) -> Path:
    """Where a part of the summary is in a folder."""
    return path / summary_name(part, corrected=corrected)


def write_corrected_summary(path: Path, columns: StoredColumns, changed: Changed) -> None:
    """Write the summary that holds with corrections, beside the measured one.

    Counts are whole numbers, so that those of the changed photos are taken away and added: it is
    the same, bit for bit, as a summary of all corrected records.

    Args:
        path: The run folder, sealed.
        columns: What the run's histograms count apart.
        changed: What the corrections change.
    """
    (path / "corrected").mkdir(exist_ok=True)
    before, after = (
        stored_histogram(rows, columns).collect() for rows in (changed.before, changed.after)
    )
    for level in LEVELS:
        parts = (rows.lazy().filter(level=level).drop("level") for rows in (before, after))
        _write_change(path, level, *parts)
    sources = (stored_sources(rows, columns) for rows in (changed.before, changed.after))
    _write_change(path, "sources", *sources)
    write_frame(_colors([changed.whole]), summary_file(path, "colors", corrected=True))


def _write_change(path: Path, part: str, before: pl.LazyFrame, after: pl.LazyFrame) -> None:
    measured = pl.scan_parquet(summary_file(path, part)).drop("number", strict=False)
    counts = [name for name in measured.collect_schema() if name in MEASURES]
    taken_away = before.with_columns(-pl.col(counts))
    merged = merge_stored([measured, taken_away, after])
    kept = merged.filter(pl.any_horizontal(pl.col(counts) != 0)).collect(engine="streaming")
    rows = _numbered(kept) if part == "sources" else kept
    write_frame(rows, summary_file(path, part, corrected=True))


def summary_part(frames: Sequence[ShardFrames], part: str) -> pl.DataFrame:
    """One part of the summary: what shards stored, added up.

    Args:
        frames: Rows of all shards of the run, each shard once; at least one.
        part: One of `PARTS`.
    """
    if part == "sources":
        return _numbered(_added_up([each.sources for each in frames]))
    if part == "colors":
        return _colors([each.records for each in frames])
    rows = [each.histograms.filter(pl.col("level") == part).drop("level") for each in frames]
    return _added_up(rows)


def _numbered(sources: pl.DataFrame) -> pl.DataFrame:
    """Sources with a number for each, which is compared in half the time that its text takes."""
    return sources.with_columns(number=pl.col("cluster").rank("dense").cast(pl.UInt32))


def _added_up(rows: Sequence[pl.LazyFrame]) -> pl.DataFrame:
    return merge_stored(rows).collect(engine="streaming")


def _colors(records: Sequence[pl.LazyFrame]) -> pl.DataFrame:
    """Each color of the run: `_color` (0xRRGGBB), `garments` by main color, `_name`, `_bin` ..."""
    by_color = pl.concat(records).group_by(_color=color_key())
    counted = by_color.agg(garments=(pl.col("rank") == 0).sum().cast(pl.Int64))
    found = counted.sort("_color").collect(engine="streaming")
    return found.join(color_labels(found["_color"]), on="_color", how="left", maintain_order="left")
