"""The corrections of a run, beside its records, which are never touched.

RUN/corrections.parquet   the corrections, as `corrections.checked` gives them
RUN/corrections.json      where they come from, with a hash of the file above; written last

With both there, they hold. One without the other is what a broken-off write leaves, and refused.
"""

import hashlib
import shutil
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import polars as pl

from trendcolor.corrections import CORRECTION_FIELDS, DROP
from trendcolor.errors import CorrectionError
from trendcolor.records import write_frame

_TABLE, _SIDECAR = "corrections.parquet", "corrections.json"
SUMMARY_OF_CORRECTIONS = "corrected"  # the folder of the summary that holds with them
CORRECTION_FILES = (_TABLE, _SIDECAR, "corrections.part")  # the last: what a broken write leaves
_REMEDY = "`trendcolor correct RUN --remove`, then correct it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where corrections come from: `corrections.json`."""

    file: str  # the name of the table that a person wrote
    sha256: str  # of that file's bytes
    rows: int  # garments that are corrected
    dropped: int  # of these, how many are dropped
    classes: int  # how many get another class
    colors: int  # how many get another main color
    date: str  # when they were stored, UTC, ISO 8601
    settings_hash: str  # of the run that they were checked against
    note: str = ""  # why, in the words of who corrected
    stored_sha256: str = ""  # of corrections.parquet; `write_corrections` fills it in


@dataclass(frozen=True, slots=True, eq=False)
class StoredCorrections:
    """The corrections of a run and where they come from."""

    table: pl.DataFrame  # as `corrections.corrected` takes it
    provenance: Provenance


def write_corrections(path: Path, table: pl.DataFrame, provenance: Provenance) -> Provenance:
    """Store corrections in a run folder, in place of those that it has.

    Args:
        path: The run folder, held by `only_writer`.
        table: As `corrections.checked` gives it. Not modified.
        provenance: Where it comes from.

    Returns:
        The provenance as it is stored.

    Raises:
        CorrectionError: the folder can't be written.

    Guarantees, each held by tests/test_runs_corrections.py:
        No other file of the folder changes. After `remove_corrections` the folder is as it was.
    """
    try:
        (path / _SIDECAR).unlink(missing_ok=True)  # from here on the old ones are no whole
        write_frame(table, path / _TABLE)
        stored = replace(provenance, stored_sha256=_sha256(path / _TABLE))
        aside = path / "corrections.part"
        aside.write_bytes(msgspec.json.format(msgspec.json.encode(stored)) + b"\n")
        aside.replace(path / _SIDECAR)
    except OSError as cause:
        raise CorrectionError(f"{path}: can't be written ({cause.strerror or cause})") from cause
    return stored


def read_corrections(path: Path, settings_hash: str | None = None) -> StoredCorrections | None:
    """The corrections of a run; None where it has none.

    Args:
        path: The run folder.
        settings_hash: Of the run; corrections that were checked against another are refused.

    Raises:
        CorrectionError: they are damaged, half written, or of another run.
    """
    table, sidecar = path / _TABLE, path / _SIDECAR
    if not table.exists() and not sidecar.exists():
        return None
    try:
        provenance = msgspec.json.decode(sidecar.read_bytes(), type=Provenance)
        is_whole = _sha256(table) == provenance.stored_sha256
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as cause:
        raise CorrectionError(f"{path}: its corrections are not whole ({_REMEDY})") from cause
    if not is_whole:
        raise CorrectionError(f"{table}: is not the file of {_SIDECAR} ({_REMEDY})")
    if settings_hash not in (None, provenance.settings_hash):
        raise CorrectionError(
            f"{table}: corrects a run of other settings ({provenance.settings_hash[:8]}, this one "
            f"is {str(settings_hash)[:8]}; {_REMEDY})"
        )
    found = pl.read_parquet(table)
    if found.schema != pl.Schema(CORRECTION_FIELDS):
        raise CorrectionError(f"{table}: has other columns than this version's ({_REMEDY})")
    return StoredCorrections(found, provenance)


def keep_corrections(
    path: Path, provenance: Provenance, photos: Collection[str]
) -> StoredCorrections | None:
    """Keep the corrections of some photos only, also where the last write was broken off.

    Args:
        path: The run folder, held by `only_writer`.
        provenance: Where they come from; its counts are made anew.
        photos: Whose corrections stay.

    Returns:
        What is stored now; None where nothing is left.

    Raises:
        CorrectionError: the folder can't be written.
    """
    file = path / _TABLE
    kept = (
        pl.read_parquet(file).filter(pl.col("photo").is_in(list(photos))) if file.exists() else None
    )
    if kept is None or kept.is_empty():
        remove_corrections(path)
        return None
    counted = replace(
        provenance,
        rows=kept.height,
        dropped=int((kept["right_garment"] == DROP).sum()),
        classes=kept.filter(pl.col("right_garment") != DROP).height,
        colors=kept["right_color"].count(),
    )
    return StoredCorrections(kept, write_corrections(path, kept, counted))


def corrected_photos(path: Path) -> frozenset[str]:
    """The ids of the photos that a run has corrections of, whole or half-written."""
    file = path / _TABLE
    return frozenset(pl.read_parquet(file, columns=["photo"])["photo"] if file.exists() else ())


def remove_corrections(path: Path) -> bool:
    """Undo all corrections of a run; half-written ones too.

    Returns:
        Whether there were any.

    Raises:
        CorrectionError: a file can't be deleted.
    """
    there = [path / name for name in CORRECTION_FILES if (path / name).exists()]
    try:
        for file in there:
            file.unlink()
        if (path / SUMMARY_OF_CORRECTIONS).exists():
            shutil.rmtree(path / SUMMARY_OF_CORRECTIONS)
    except OSError as cause:
        raise CorrectionError(f"{path}: can't be written ({cause.strerror or cause})") from cause
    return bool(there)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
