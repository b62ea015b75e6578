"""Corrections laid over a run folder and taken away again, with the summary that answers then."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from trendcolor.corrections import corrected
from trendcolor.runs.corrections import Provenance, remove_corrections, write_corrections
from trendcolor.runs.croissant import write_manifest
from trendcolor.runs.files import read_json
from trendcolor.runs.folder import RunFolder
from trendcolor.runs.manifest import Manifest
from trendcolor.runs.shards import stored_columns
from trendcolor.runs.summary import Changed, write_corrected_summary


def apply_corrections(run: RunFolder, table: pl.DataFrame, provenance: Provenance) -> Provenance:
    """Lay corrections over a run, in place of those that it has; its records stay as they are.

    Args:
        run: The run, held by `only_writer`.
        table: As `corrections.checked` gives it. Not modified.
        provenance: Where it comes from.

    Returns:
        The provenance as it is stored.

    Raises:
        CorrectionError: the folder can't be written.
    """
    undo_corrections(run.path)
    whole = RunFolder(run.path, run.manifest)
    if not table.is_empty():
        summarize_corrections(whole, table)
    stored = write_corrections(run.path, table, provenance)
    write_manifest(run.path, replace(run.manifest, corrections=stored))
    return stored


def undo_corrections(path: Path) -> bool:
    """Take the corrections of a run away, half-written ones too.

    Returns:
        Whether there were any.

    Raises:
        RunError: the manifest can't be read.
        CorrectionError: a file can't be deleted.
    """
    found = remove_corrections(path)
    manifest = read_json(path, "manifest.json", Manifest)
    if manifest.corrections is not None:
        write_manifest(path, replace(manifest, corrections=None))
    return found or manifest.corrections is not None


def summarize_corrections(run: RunFolder, table: pl.DataFrame) -> None:
    """Write the summary with what corrections change of it: only their photos are counted again.

    Args:
        run: The run, sealed, without its corrections.
        table: As `corrections.checked` gives it. Not modified.
    """
    columns, measured = stored_columns(run.manifest.columns), run.measured_records()
    photos = table.lazy().select("photo").unique()
    before = measured.join(photos, on="photo", how="semi", maintain_order="left")
    after = corrected(before, table).sort("photo", "wearer", maintain_order=True)
    whole = corrected(measured, table)
    write_corrected_summary(run.path, columns, Changed(before, after, whole))
