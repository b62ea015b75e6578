"""Corrections of a run: checked against its garments, stored beside its records, undone."""

import hashlib
import logging
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from trendcolor.corrections import (
    DROP,
    Written,
    as_written,
    checked,
    corrections_from_audit,
    is_audit,
    known_garments,
    read_written,
)
from trendcolor.errors import CorrectionError, UsageError
from trendcolor.runs import (
    RunFolder,
    apply_corrections,
    folder_here,
    only_writer,
    open_run_folder,
    undo_corrections,
)
from trendcolor.runs.corrections import (
    CORRECTION_FILES,
    Provenance,
    read_corrections,
)

_LOG = logging.getLogger(__name__)


def correct(run: str | Path, table: str | Path | pl.DataFrame, *, note: str = "") -> Provenance:
    """Lay a table of corrections over a run, in place of those that it has.

    The records stay as they are; `uncorrect` takes the layer away again.

    Args:
        run: A finished run folder.
        table: A CSV or Parquet file, or a frame, as of `corrections.checked`; or an audit sheet
            that was marked, whose wrong garments are corrected.
        note: Why, to be kept with the corrections.

    Returns:
        What was stored, and from where.

    Raises:
        RunError: the run is missing, unfinished, or held by another process.
        CorrectionError: the table can't be read, has faults (all are told), or corrects nothing.
    """
    folder = open_run_folder(folder_here(run, "correct"))
    name = "frame" if isinstance(table, pl.DataFrame) else Path(table).name
    written = (
        as_written(table, name) if isinstance(table, pl.DataFrame) else read_written(Path(table))
    )
    asked = corrections_from_audit(written) if is_audit(written) else written
    rows = checked(asked, known_garments(*_named(folder, asked)))
    if rows.is_empty():
        wrong = "no garment is marked as wrong in it" if asked is not written else "it has no rows"
        raise CorrectionError(f"{name}: corrects nothing ({wrong})")
    provenance = Provenance(
        file=name,
        sha256=_sha256(table),
        rows=rows.height,
        dropped=int((rows["right_garment"] == DROP).sum()),
        classes=rows.filter(pl.col("right_garment") != DROP).height,
        colors=rows["right_color"].count(),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        settings_hash=folder.manifest.header.settings_hash,
        note=note,
    )
    with only_writer(folder.path):
        return apply_corrections(folder, rows, provenance)


def uncorrect(run: str | Path) -> bool:
    """Take the corrections of a run away: its records answer as they were measured.

    Returns:
        Whether there were any.

    Raises:
        RunError: there is no such run folder, or another process holds it.
        CorrectionError: a file can't be deleted.
    """
    path = folder_here(run, "correct")
    if not any((path / name).exists() for name in CORRECTION_FILES):
        open_run_folder(path)
        return False
    with only_writer(path):
        return undo_corrections(path)


def correct_text(run: Path, table: Path | None, *, remove: bool = False, note: str = "") -> str:
    """What `trendcolor correct` prints: the file that holds the corrections, or nothing.

    Raises:
        UsageError: there is neither a table nor `remove`, or both.
        RunError: as of `correct`.
        CorrectionError: as of `correct`.
    """
    if (table is None) is not remove:
        raise UsageError("wanted a table, or --remove (trendcolor correct RUN TABLE)")
    if table is None:
        _LOG.info("corrections removed" if uncorrect(run) else "there were no corrections")
        return ""
    try:
        before = read_corrections(run)
    except CorrectionError:
        before = None  # they are written anew
    done = correct(run, table, note=note)
    _LOG.info(
        "garments corrected: %d (%d dropped, %d of another class, %d of another color)",
        *(done.rows, done.dropped, done.classes, done.colors),
    )
    if before is not None:
        was = before.provenance
        _LOG.info("they replace those of %s (%d garments, %s)", was.file, was.rows, was.date)
    return str(run / CORRECTION_FILES[0])


def _named(folder: RunFolder, written: Written) -> tuple[pl.DataFrame, pl.Series]:
    """The garments and ids of the photos that a table names."""
    if "photo" not in written.rows.columns:
        return pl.DataFrame(schema=("photo", "wearer", "garment")), pl.Series([], dtype=pl.String)
    is_named = pl.col("photo").is_in(written.rows["photo"].unique().sort().to_list())
    garments = folder.measured_records().filter(is_named, pl.col("rank") == 0)
    photos = folder.photos().filter(is_named).select("photo").collect()
    return garments.select("photo", "wearer", "garment").collect(), photos.to_series()


def _sha256(table: str | Path | pl.DataFrame) -> str:
    content = (
        table.write_csv().encode() if isinstance(table, pl.DataFrame) else Path(table).read_bytes()
    )
    return hashlib.sha256(content).hexdigest()
