"""A CSV or Parquet table with one row a photo: where it is, and its declared columns."""

import math
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
from polars.exceptions import InvalidOperationError, PanicException, PolarsError

from trendcolor.cards import Card, Column
from trendcolor.config import DataConfig
from trendcolor.datasets.faults import Faults
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.location import check_folder, inside, plain_id
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import DataError, did_you_mean

Row = Mapping[str, str | None]

# Each cell is read as text: "007" stays an id and "False" the word that the card declares.
_READERS: dict[str, Callable[[Path], pl.LazyFrame]] = {
    ".csv": lambda path: pl.scan_csv(path, infer_schema=False),
    ".tsv": lambda path: pl.scan_csv(path, infer_schema=False, separator="\t"),
    ".parquet": lambda path: pl.scan_parquet(path),
}
_BATCH = 50_000  # rows that are in memory at a time


def photos(card: Card, config: DataConfig, faults: Faults) -> Iterator[PhotoRef]:
    """The photos of a table, in the order of its rows.

    A photo's id is the column of kind "id" if the card declares one, else the path that the
    template `photo` gives. Values come as the table has them, dates as 2025-03-31, and empty cells
    as None. Whether the files exist is seen when they are read.

    Args:
        card: Declares the columns that are used; all others are left unread.
        config: `table`, `photo` and `root`.
        faults: Gets a fault for each value that the card doesn't allow and each file outside
            `root`, with its row, counted from 1 below the header.

    Raises:
        DataError: the table can't be read or lacks a column.
    """
    if config.table is None:
        raise DataError('data.table is missing (format "table" needs a CSV or Parquet file)')
    check_folder(config.root, "data.root")
    template = _template_columns(config.photo)
    rows = _read_rows(config.table, card.columns, template)
    for number, row in enumerate(rows, start=1):
        found: list[str] = []
        columns = _declared(row, card.columns, found)
        path = _location(row, template, config, found)
        if path is None or found:
            faults.add(f"{config.table.name}: row {number}: {fault}" for fault in found)
            continue
        own = [columns[column.name] for column in card.columns if column.kind == "id"]
        name = own[0] if own and own[0] else plain_id(path.relative_to(config.root))
        yield PhotoRef(id=name, file=LocalFile(path), columns=columns)


def _template_columns(photo: str) -> list[str]:
    try:
        fields = [field for field in string.Formatter().parse(photo) if field[1] is not None]
    except ValueError as cause:
        raise DataError(f'data.photo "{photo}" is not a template ({cause})') from cause
    if not fields or any(name == "" or spec or turn for _, name, spec, turn in fields):
        raise DataError(
            f'data.photo "{photo}" must name the table\'s columns, such as "images/{{image}}.jpg"'
        )
    return [str(name) for _, name, _, _ in fields]


def _read_rows(table: Path, declared: Sequence[Column], template: Sequence[str]) -> Iterator[Row]:
    if table.suffix.lower() not in _READERS:
        raise DataError(f"{table.name}: not a table (wanted a .csv, .tsv or .parquet file)")
    if not table.is_file():
        raise DataError(f"{table}: no such file (data.table)")
    wanted = {name: "data.photo names it" for name in template}
    wanted |= {column.from_name: "the card declares it" for column in declared}
    try:
        frame = _READERS[table.suffix.lower()](table)
        present = frame.collect_schema().names()
        faults = [
            f"{table.name}: no column '{name}' ({why}){did_you_mean(name, present)}"
            for name, why in wanted.items()
            if name not in present
        ]
        if faults:
            raise DataError("\n".join(faults))
        texts = frame.select(pl.col(name).cast(pl.String) for name in wanted)
        for batch in texts.collect_batches(chunk_size=_BATCH, maintain_order=True):
            yield from batch.iter_rows(named=True)
    except InvalidOperationError as cause:
        raise DataError(f"{table.name}: a column is no text ({cause})") from cause
    except (PolarsError, PanicException, OSError, UnicodeError) as cause:
        # A panic is what polars makes of some damaged Parquet files.
        raise DataError(f"{table.name}: can't be read ({f'{cause} '.splitlines()[0]})") from cause


def _declared(row: Row, columns: Sequence[Column], faults: list[str]) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    for column in columns:
        text = row[column.from_name]
        if text is None or not text.strip():
            values[column.name] = None
            if column.kind == "id":
                faults.append(f"{column.from_name} is empty (each photo needs its id)")
            continue
        try:
            values[column.name] = _FORMS.get(column.kind, str)(text)
        except ValueError:
            wanted = {"date": "such as 2025-03-31", "weight": "0 or more"}[column.kind]
            faults.append(f"{column.from_name} '{text}' is no {column.kind} (wanted {wanted})")
        if column.values and text not in column.values:
            guess = did_you_mean(text, column.values)
            faults.append(f"{column.from_name} '{text}' is not a value the card allows{guess}")
    return values


def _iso_date(text: str) -> str:
    return datetime.fromisoformat(text.strip()).date().isoformat()


def _weight(text: str) -> str:
    if not 0 <= float(text) < math.inf:
        raise ValueError(text)
    return text


# What a kind makes of a cell; ValueError where the cell isn't of the kind.
_FORMS: dict[str, Callable[[str], str]] = {"date": _iso_date, "weight": _weight}


def _location(
    row: Row, template: Sequence[str], config: DataConfig, faults: list[str]
) -> Path | None:
    empty = [name for name in template if not row[name]]
    if empty:
        faults.append(f"{', '.join(empty)} is empty, so the photo has no path (data.photo)")
        return None
    relative = config.photo.format_map({name: row[name] for name in template})
    path = inside(config.root, relative)
    if path is None:
        faults.append(f"'{relative}' is not a path inside data.root")
    return path
