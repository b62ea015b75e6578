"""Parquet files with the images inside, as Hugging Face lays data sets out.

`data/train-00000-of-00042.parquet`: one row a photo, with a column `image` that is either the
encoded bytes or a pair of `bytes` and `path`; the other columns are what is declared.
"""

from collections.abc import Iterator

from trendcolor.cards import Card
from trendcolor.config import DataConfig
from trendcolor.datasets.archives import archives
from trendcolor.datasets.declared import declared, own_id
from trendcolor.datasets.faults import Faults
from trendcolor.datasets.location import plain_id
from trendcolor.datasets.parquet_cells import ParquetCell
from trendcolor.datasets.parquet_rows import rows_apart
from trendcolor.datasets.reference import PhotoRef

_USUAL = "{path}"  # what `data.photo` is where nobody set it


def photos(card: Card, config: DataConfig, faults: Faults) -> Iterator[PhotoRef]:
    """The photos of Parquet files, in the order of the files' names and of their rows.

    No image is read: only what the files tell of themselves, and the declared columns. A photo's id
    is the column of kind "id" if the card declares one, else `<file>/<row>`, counted from 0.
    Numbers that Hugging Face's metadata has names for come as those names.

    Args:
        card: Declares the columns that are used.
        config: `root`, a folder, an address, one file or a pattern of several; and `photo`, the
            column of images.
        faults: Gets a fault for each value that the card doesn't allow.

    Raises:
        DataError: there is no file, or one can't be read or lacks a column.
        StoreError: the store can't be reached.
    """
    column = "image" if config.photo == _USUAL else config.photo.strip("{}")
    files = list(archives(config.root, (".parquet",)))
    wanted = [each.from_name for each in card.columns]
    file, number = -1, 0
    for rows in rows_apart(files, column, wanted):
        file, number = rows.file, number if rows.file == file else 0
        found = files[file]
        for row, (name, values) in enumerate(zip(rows.names, rows.values, strict=True), rows.first):
            wrong: list[str] = []
            columns = declared(dict(zip(wanted, values, strict=True)), card.columns, wrong)
            faults.add(f"{found.relative}: row {number}: {fault}" for fault in wrong)
            cell = ParquetCell(found.file, rows.leaf, rows.group, row, rows.size, name)
            where = plain_id(f"{found.relative}/{number}")
            yield PhotoRef(id=own_id(columns, card.columns) or where, file=cell, columns=columns)
            number += 1
