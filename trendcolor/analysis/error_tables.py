"""Tables of errors at rest: an evaluation, a marked audit sheet, those that ship.

A file is the `evaluation.json` of `trendcolor evaluate`, JSON as `write_error_table` writes it, or
the CSV of an audit sheet that a person marked.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from trendcolor.analysis.intervals import effective_n
from trendcolor.analysis.misclassification import ErrorTable
from trendcolor.color.vocabularies import FAMILIES, shipped_vocabulary
from trendcolor.config import ColorConfig
from trendcolor.corrections.written import (
    CANT_TELL,
    NOT_A_GARMENT,
    OK,
    VERDICTS,
    WRONG_COLOR,
    WRONG_GARMENT,
)
from trendcolor.errors import AuditError, did_you_mean
from trendcolor.taxonomy import GARMENTS

# What a sheet can be read for: the label measured, the one that is right, those that there are, and
# the verdict that says that it is another.
_LEVELS: Mapping[str, tuple[Sequence[str], str]] = {
    "family": (FAMILIES, WRONG_COLOR),
    "garment": (GARMENTS, WRONG_GARMENT),
}
_SHOWN_FAULTS = 5  # of a sheet; the others are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedTables:
    """What is known of how a run's colors come out; None where it is not known."""

    segmentation: ErrorTable | None  # what the packaged weights' masks do to colors
    color: ErrorTable | None  # what light and shade do to colors under true masks


class _Counts(msgspec.Struct):
    """One table of counts in a file."""

    counts: list[list[float]]
    invented: list[float]
    missed: list[float] | None = None


class _Written(_Counts, kw_only=True, forbid_unknown_fields=True):
    """A file of `write_error_table`."""

    labels: list[str]
    level: str
    made_by: str
    of: str
    untold: int = 0


class _MainColors(msgspec.Struct):
    labels: list[str]
    garments: dict[str, _Counts]


class _Evaluated(msgspec.Struct):
    """What is read of an evaluation."""

    weights: str
    main_colors: _MainColors
    made_by: str = ""


def read_error_table(
    path: str | Path, *, level: str = "family", garments: Sequence[str] = ()
) -> ErrorTable:
    """A table of errors from a file.

    Args:
        path: `evaluation.json`, JSON of `write_error_table`, or a marked audit sheet (.csv).
        level: What a sheet is read for: "family", or "garment" for classes of garments.
        garments: Classes to count, of an evaluation or a sheet; empty takes all.

    Raises:
        AuditError: there is no such file, it is none of these, or what it holds can't be used.
    """
    place = Path(path)
    unknown = [name for name in garments if name not in GARMENTS]
    if unknown:
        raise AuditError(f"no garment '{unknown[0]}'{did_you_mean(unknown[0], GARMENTS)}")
    try:
        content = place.read_bytes()
    except OSError as cause:
        raise AuditError(f"{place}: can't be read ({cause.strerror})") from cause
    if place.suffix.lower() == ".csv":
        return _from_sheet(place, _read_csv(place), level, tuple(garments))
    try:
        if b'"main_colors"' in content:
            evaluated = msgspec.json.decode(content, type=_Evaluated)
            return _from_evaluation(place, evaluated, tuple(garments))
        written = msgspec.json.decode(content, type=_Written)
    except msgspec.DecodeError as cause:
        raise AuditError(
            f"{place}: no table of errors ({cause}); wanted the evaluation.json of `trendcolor "
            "evaluate` of this version, or a marked sheet (.csv)"
        ) from cause
    return _as_table(written, written.labels, written.level, written.made_by, written.of)


def write_error_table(table: ErrorTable, path: Path) -> None:
    """Write a table as JSON that `read_error_table` reads back as it is."""
    content = {
        "made_by": table.made_by,
        "of": table.of,
        "level": table.level,
        "untold": table.untold,
        "labels": table.labels,
        "counts": table.counts.tolist(),
        "invented": table.invented.tolist(),
        "missed": None if table.missed is None else table.missed.tolist(),
    }
    lines = [f" {_json(name)}: {_json_rows(value)}" for name, value in content.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def packaged_tables(
    weights_hash: str, color: ColorConfig, *, garments: Sequence[str] = ()
) -> PackagedTables:
    """The tables that ship, each only where it is of these weights or this way to read colors.

    `python benchmarks/error_tables.py` measures them.

    Args:
        weights_hash: SHA-256 of the segmenter's weights; "" where label maps were given.
        color: How colors were corrected and found.
        garments: Classes to count for the segmentation; empty takes all. The table of colors has
            too few garments to be split.

    Raises:
        AuditError: a garment is unknown.

    Guarantees, each held by tests/test_analysis_error_tables.py:
        A table of other weights or of another method is never given.
    """
    folder = Path(str(resources.files("trendcolor.analysis"))) / "measured"
    segmentation = read_error_table(folder / "segmentation.json", garments=garments)
    colors = read_error_table(folder / "color.json")
    return PackagedTables(
        segmentation=segmentation if segmentation.of == weights_hash else None,
        color=colors if colors.of == color_method(color) else None,
    )


def color_method(color: ColorConfig) -> str:
    """What a table of color errors holds for: the settings of color, and what colors are called.

    Code that is changed changes no hash: whoever changes what a palette says, measures again
    (`python benchmarks/error_tables.py`; a slow test compares).
    """
    words = shipped_vocabulary().fingerprint
    whole = hashlib.sha256(msgspec.json.encode([asdict(color), words], order="sorted"))
    return f"color settings and names {whole.hexdigest()[:16]}"


def _from_evaluation(path: Path, read: _Evaluated, garments: tuple[str, ...]) -> ErrorTable:
    chosen = [
        part for name, part in read.main_colors.garments.items() if not garments or name in garments
    ]
    if not chosen:
        raise AuditError(f"{path}: the evaluation has none of {', '.join(garments)}")
    summed = _Counts(
        counts=np.sum([part.counts for part in chosen], axis=0).tolist(),
        invented=np.sum([part.invented for part in chosen], axis=0).tolist(),
        missed=np.sum([part.missed or [] for part in chosen], axis=0).tolist(),
    )
    made_by = read.made_by or str(path)
    return _as_table(summed, read.main_colors.labels, "family", made_by, read.weights)


def _as_table(
    read: _Counts, labels: Sequence[str], level: str, made_by: str, of: str
) -> ErrorTable:
    try:
        counts = np.array(read.counts, np.float64)
    except ValueError as cause:
        raise AuditError(f"{made_by}: the rows of counts differ in length") from cause
    return ErrorTable(
        labels=tuple(labels),
        counts=counts,
        invented=np.array(read.invented, np.float64),
        missed=None if read.missed is None else np.array(read.missed, np.float64),
        level=level,
        made_by=made_by,
        of=of,
        untold=read.untold if isinstance(read, _Written) else 0,
    )


def _read_csv(path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as cause:
        reason = (str(cause).splitlines() or [""])[0]
        raise AuditError(f"{path}: not a CSV table ({reason})") from cause


def _from_sheet(
    path: Path, sheet: pl.DataFrame, level: str, garments: tuple[str, ...]
) -> ErrorTable:
    """A marked sheet; a row without a verdict was not looked at yet and counts for nothing."""
    if level not in _LEVELS:
        raise AuditError(f"a sheet has no '{level}'{did_you_mean(level, list(_LEVELS))}")
    labels, wrong = _LEVELS[level]
    wanted = ("garment", "family", "right_garment", "right_family", "verdict")
    missing = [name for name in wanted if name not in sheet.columns]
    if missing:
        there = ", ".join(sheet.columns)
        raise AuditError(f"{path}: column '{missing[0]}' is missing; there are: {there}")
    rows = sheet.with_row_index("line", offset=2).with_columns(
        pl.col(*wanted).str.strip_chars().fill_null("")
    )
    marked = rows.filter(pl.col("verdict") != "")
    if garments:
        marked = marked.filter(pl.col("garment").is_in(garments))
    faults = [fault for row in marked.to_dicts() for fault in _faults(row)]
    if faults:
        more = len(faults) - _SHOWN_FAULTS
        rest = f"; and {more} more" if more > 0 else ""
        raise AuditError(f"{path}: " + "; ".join(faults[:_SHOWN_FAULTS]) + rest)
    told = marked.filter(pl.col("verdict") != CANT_TELL)
    right = (
        pl.when(pl.col("verdict") == NOT_A_GARMENT)
        .then(None)
        .when((pl.col("verdict") == wrong) | (pl.col(f"right_{level}") != ""))
        .then(pl.col(f"right_{level}"))
        .otherwise(level)
    )
    counts, invented = _weighed(told.with_columns(_right=right), level, labels)
    return ErrorTable(
        labels=tuple(labels),
        counts=counts,
        invented=invented,
        level=level,
        made_by=str(path),
        untold=marked.height - told.height,
    )


def _faults(row: Mapping[str, object]) -> list[str]:
    """What can't be so in a marked row."""
    verdict, line = str(row["verdict"]), f"line {row['line']}"
    if verdict not in VERDICTS:
        return [f"{line}: no verdict '{verdict}'{did_you_mean(verdict, VERDICTS)}"]
    faults = []
    for level, (labels, wrong) in _LEVELS.items():
        measured, right = str(row[level]), str(row[f"right_{level}"])
        for name, value in ((level, measured), (f"right_{level}", right)):
            if value not in labels and (value or name == level):
                faults.append(f"{line}: no {name} '{value}'{did_you_mean(value, labels)}")
        if verdict == wrong and right in ("", measured):
            faults.append(f"{line}: verdict '{verdict}', but right_{level} is '{right}'")
        if verdict == OK and right not in ("", measured):
            faults.append(f"{line}: verdict 'ok', but right_{level} is '{right}'")
    weight = row.get("weight", "1")
    if not _is_weight(str(weight)):
        faults.append(f"{line}: weight '{weight}', wanted a number above 0")
    return faults


def _is_weight(text: str) -> bool:
    try:
        return 0 < float(text) < np.inf
    except ValueError:
        return False


def _weighed(
    told: pl.DataFrame, level: str, labels: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Counts (right, measured) and invented ones.

    Only weights within a measured label matter: a sheet that was drawn by measured color looks at
    the garments of one color alike. Where they differ, the label's garments count as many as tell
    as much (Kish).
    """
    k = len(labels)
    weight = told["weight"].cast(pl.Float64).to_numpy() if "weight" in told.columns else None
    weight = np.ones(told.height) if weight is None else weight
    place = {name: i for i, name in enumerate(labels)}
    measured = np.array([place[name] for name in told[level].to_list()], np.int64)
    right = np.array([place.get(name, k) for name in told["_right"].to_list()], np.int64)
    whole = np.zeros((k + 1, k))
    np.add.at(whole, (right, measured), weight)
    total = np.bincount(measured, weight, k)
    squares = np.bincount(measured, weight**2, k)
    n = np.where(total > 0, effective_n(total, np.where(total > 0, squares, 1)), 0)
    whole *= n / np.where(total > 0, total, 1)
    return whole[:k], whole[k]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _json_rows(value: object) -> str:
    """A value as JSON, a matrix with one row a line."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        rows = ",\n  ".join(_json(row) for row in value)
        return f"[\n  {rows}\n ]"
    return _json(value)
