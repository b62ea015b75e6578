"""A CSV or Parquet table with one row a photo: where it is, and its declared columns."""

import re
import string
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from polars.exceptions import PolarsError

from trendcolor.cards import Card, Column
from trendcolor.config import Address, DataConfig, Location
from trendcolor.datasets.declared import Row, declared, own_id
from trendcolor.datasets.faults import Faults
from trendcolor.datasets.files import PhotoFile
from trendcolor.datasets.location import at_hand, check_folder, photo_inside, plain_id
from trendcolor.datasets.reference import PhotoRef
from trendcolor.datasets.table_rows import TABLE_SUFFIXES, text_batches
from trendcolor.errors import DataError

_ODD = re.compile(r"//|(^|/)\.(/|$)|/$")  # what a path has more than one way to write


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
        columns = declared(row, card.columns, found)
        relative = _path(row, template, config.photo, found)
        file = relative and _photo(config.root, relative, found)
        if not file or not relative or found:
            faults.add(f"{config.table.name}: row {number}: {fault}" for fault in found)
            continue
        name = own_id(columns, card.columns) or _plain(config.root, relative)
        yield PhotoRef(id=name, file=file, columns=columns)


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


def _read_rows(
    table: Location, columns: Sequence[Column], template: Sequence[str]
) -> Iterator[Row]:
    if table.suffix.lower() not in TABLE_SUFFIXES:
        raise DataError(f"{table.name}: not a table (wanted a .csv, .tsv or .parquet file)")
    with at_hand(table, "data.table") as path:
        yield from _rows(path, columns, template)


def _rows(table: Path, columns: Sequence[Column], template: Sequence[str]) -> Iterator[Row]:
    if not table.is_file():
        raise DataError(f"{table}: no such file (data.table)")
    wanted = {name: "data.photo names it" for name in template}
    wanted |= {column.from_name: "the card declares it" for column in columns}
    try:
        for batch in text_batches(table, wanted):
            yield from batch.iter_rows(named=True)
    except (PolarsError, OSError, UnicodeError) as cause:
        raise DataError(f"{table.name}: can't be read ({f'{cause} '.splitlines()[0]})") from cause


def _path(row: Row, template: Sequence[str], photo: str, faults: list[str]) -> str | None:
    empty = [name for name in template if not row[name]]
    if empty:
        faults.append(f"{', '.join(empty)} is empty, so the photo has no path (data.photo)")
        return None
    return photo.format_map({name: row[name] for name in template})


def _photo(root: Location, relative: str, faults: list[str]) -> PhotoFile | None:
    file = photo_inside(root, relative)
    if file is None:
        faults.append(f"'{relative}' is not a path inside data.root")
    return file


def _plain(root: Location, relative: str) -> str:
    """A photo's id; in a store two slashes are not one."""
    is_plain = isinstance(root, Address) or not _ODD.search(relative)
    return plain_id(relative if is_plain else PurePosixPath(relative))
