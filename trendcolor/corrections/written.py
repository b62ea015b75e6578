"""What a person wrote: a table of corrections, or an audit sheet that was marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from trendcolor.datasets.faults import capped
from trendcolor.errors import CorrectionError, DataError
from trendcolor.parquet_tables import ParquetTable
from trendcolor.records import GARMENT
from trendcolor.taxonomy import GARMENTS

DROP = "drop"  # in place of a right class: there is no such garment
CORRECTION_FIELDS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "photo": pl.String,
    "wearer": pl.UInt8,
    "garment": GARMENT,  # as the run has it
    "right_garment": pl.Enum((*GARMENTS, DROP)),  # null where the class is right
    "right_color": pl.String,  # of most of the cloth, "#rrggbb"; null where it is right
}
KEY = ("photo", "wearer", "garment")  # of a garment of a run

# What a person may say of a garment on an audit sheet.
OK, WRONG_COLOR, WRONG_GARMENT = "ok", "wrong color", "wrong garment"
NOT_A_GARMENT, CANT_TELL = "not a garment", "can't tell"
VERDICTS = (OK, WRONG_COLOR, WRONG_GARMENT, NOT_A_GARMENT, CANT_TELL)
_AUDIT_NEEDED = ("photo", "wearer", "garment", "right_garment", "verdict")


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A table as a person wrote it: all text, an empty cell is empty text."""

    name: str  # of the file, for messages
    rows: pl.DataFrame
    lines: Sequence[int]  # where each row is
    unit: str = "row"  # what `lines` counts

    def place(self, i: int) -> str:
        """Where the i-th row is, as a message says it."""
        return f"{self.name}: {self.unit} {self.lines[i]}"


def read_written(path: Path) -> Written:
    """A CSV or Parquet table as a person wrote it.

    Raises:
        CorrectionError: the file is missing, is neither, or can't be read.
    """
    is_csv = path.suffix.lower() == ".csv"
    if not is_csv and path.suffix.lower() != ".parquet":
        raise CorrectionError(f"{path}: wanted a .csv or .parquet file")
    try:
        rows = pl.read_csv(path, infer_schema=False) if is_csv else _parquet(path)
    except DataError as cause:
        raise CorrectionError(str(cause)) from cause
    except (OSError, PolarsError) as cause:
        reason = str(cause).strip().partition("\n")[0] or type(cause).__name__
        raise CorrectionError(f"{path}: can't be read ({reason})") from cause
    written = as_written(rows, path.name)
    if not is_csv:
        return written
    return Written(written.name, written.rows, range(2, len(rows) + 2), "line")


def _parquet(path: Path) -> pl.DataFrame:
    with ParquetTable(path, cells="as they are") as table:
        return pl.concat(table.batches())


def as_written(rows: pl.DataFrame, name: str) -> Written:
    """A frame as a table that a person wrote.

    Args:
        rows: Any columns; each cell becomes text.
        name: What to call it in messages.

    Raises:
        CorrectionError: a column is a list or the like, which has no text.
    """
    try:
        texts = rows.select(pl.all().cast(pl.String).fill_null("").str.strip_chars())
    except PolarsError as cause:
        reason = str(cause).strip().partition("\n")[0]
        raise CorrectionError(f"{name}: holds a column that is no text ({reason})") from cause
    return Written(name, texts, range(1, len(rows) + 1))


def is_audit(written: Written) -> bool:
    """Whether a table is a marked audit sheet and no table of corrections."""
    return "verdict" in written.rows.columns


def corrections_from_audit(marked: Written) -> Written:
    """The corrections that a marked audit sheet asks for.

    A garment marked as of another class gets that class, what is no garment is dropped. A wrong
    color is not corrected: a sheet has its right family, and a record needs a color. What is not
    marked stays as it is.

    Args:
        marked: With the columns of an audit sheet; `trendcolor audit` makes one.

    Returns:
        A table for `checked`, in the sheet's order and with its lines.

    Raises:
        CorrectionError: a column is missing, a verdict is none of `VERDICTS`, or a right class is
            missing; all faults at once.
    """
    missing = [name for name in _AUDIT_NEEDED if name not in marked.rows.columns]
    if missing:
        raise CorrectionError(f"{marked.name}: is no audit sheet, lacks {', '.join(missing)}")
    faults: list[str] = []
    kept: list[dict[str, str]] = []
    lines: list[int] = []
    for i, row in enumerate(marked.rows.iter_rows(named=True)):
        verdict, right = row["verdict"], row["right_garment"]
        if verdict not in ("", *VERDICTS):
            faults.append(f"{marked.place(i)}: no verdict '{verdict}'{_or_one_of(VERDICTS)}")
        if verdict == WRONG_GARMENT and not right:
            faults.append(f"{marked.place(i)}: right_garment is missing{_or_one_of(GARMENTS)}")
        if verdict in (WRONG_GARMENT, NOT_A_GARMENT):
            right = DROP if verdict == NOT_A_GARMENT else right
            kept.append({**{name: row[name] for name in KEY}, "right_garment": right})
            lines.append(marked.lines[i])
    if faults:
        raise CorrectionError(capped(faults))
    rows = pl.DataFrame(kept, schema=dict.fromkeys((*KEY, "right_garment"), pl.String))
    return Written(marked.name, rows, lines, marked.unit)


def _or_one_of(words: Sequence[str]) -> str:
    return f" (wanted one of: {', '.join(words)})"
