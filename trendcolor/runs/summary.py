"""The summary of a run: what its shards stored, added up once, for questions about all of it.

RUN/summary/whole.parquet    what shares are of; family, common, name and bin beside it the colors
RUN/summary/sources.parquet  the sources, wearers or brands of each group
RUN/summary/colors.parquet   each color of the run with its garments and its place in the vocabulary
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trendcolor.histograms import LEVELS, color_key, merge_stored
from trendcolor.histograms.stored import color_labels
from trendcolor.records import write_frame

PARTS = (*LEVELS, "sources", "colors")


@dataclass(frozen=True, slots=True, eq=False)
class ShardFrames:
    """The rows of some shards."""

    records: pl.LazyFrame
    histograms: pl.LazyFrame
    sources: pl.LazyFrame


def summary_file(path: Path, part: str) -> Path:
    """Where a part of the summary is."""
    return path / "summary" / f"{part}.parquet"


def write_summary(path: Path, frames: Sequence[ShardFrames]) -> Mapping[str, str]:
    """Add up what shards stored and write the summary.

    Args:
        path: The run folder.
        frames: Rows of all shards of the run, each shard once; at least one.

    Returns:
        The SHA-256 of each file, by part.
    """
    (path / "summary").mkdir(exist_ok=True)
    for part in PARTS:
        write_frame(summary_part(frames, part), summary_file(path, part))
    return summary_hashes(path)


def summary_part(frames: Sequence[ShardFrames], part: str) -> pl.DataFrame:
    """One part of the summary: what shards stored, added up.

    Args:
        frames: As of `write_summary`.
        part: One of `PARTS`.
    """
    if part == "sources":
        return _added_up([each.sources for each in frames])
    if part == "colors":
        return _colors([each.records for each in frames])
    rows = [each.histograms.filter(pl.col("level") == part).drop("level") for each in frames]
    return _added_up(rows)


def summary_hashes(path: Path) -> Mapping[str, str]:
    """The SHA-256 of each file of the summary, by part; without those that are missing."""
    hashes = {}
    for part in PARTS:
        file = summary_file(path, part)
        if file.exists():
            with file.open("rb") as opened:
                hashes[part] = hashlib.file_digest(opened, "sha256").hexdigest()
    return hashes


def _added_up(rows: Sequence[pl.LazyFrame]) -> pl.DataFrame:
    return merge_stored(rows).collect(engine="streaming")


def _colors(records: Sequence[pl.LazyFrame]) -> pl.DataFrame:
    """Each color of the run: `_color` (0xRRGGBB), `garments` by main color, `_name`, `_bin` ..."""
    by_color = pl.concat(records).group_by(_color=color_key())
    counted = by_color.agg(garments=(pl.col("rank") == 0).sum().cast(pl.Int64))
    found = counted.sort("_color").collect(engine="streaming")
    return found.join(color_labels(found["_color"]), on="_color", how="left", maintain_order="left")
