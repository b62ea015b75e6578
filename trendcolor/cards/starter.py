"""The card and config that somebody with a folder of pictures begins with.

Both hold questions, in comments and as values that start with TODO. Until they are answered, the
card does not read and the gate does not open.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trendcolor.cards.card_text import Known, card_text, purpose_comments
from trendcolor.cards.croissant_card import CroissantCard, card_from_croissant
from trendcolor.cards.proposals import TableColumn, proposals
from trendcolor.cards.quoting import one_line, quoted
from trendcolor.config import PHOTO_SUFFIXES
from trendcolor.errors import ConfigError, DataError, UsageError
from trendcolor.parquet_tables import ParquetTable

_TABLE_SUFFIXES = (".csv", ".parquet")
_SAMPLE_ROWS = 20  # of a table, enough to see where its photos are

_NO_TABLE = """\
# There is no table beside these pictures. To break figures down by date, region or cohort, write a
# CSV with a column "path" and one column for each thing you know, and run `trendcolor init` on it.
"""

_SAMPLES = """\
# The pictures are inside tar files. A column is a key of the samples' .json, or "cls" or "txt":
# [[columns]]
# name = "season"
# kind = "season"
# declared_by = "TODO: who wrote the values, and how they knew"
"""

_CONFIG = """\
# The settings of a run over {title}. Answer every TODO here and in {card_name}, then:
#   trendcolor run {config_name}
# configs/default.toml lists every other setting.

# What are the answers for? One of:
{purposes}
purpose = "TODO"

[[data]]
card = {card}
root = {root}
{place}"""


@dataclass(frozen=True, slots=True)
class Starter:
    """A starter card and config, as text."""

    card_name: str
    card: str
    config_name: str  # empty: no config
    config: str
    not_mapped: tuple[str, ...] = ()  # what a Croissant file says and no key of a card takes


@dataclass(frozen=True, slots=True)
class StarterFiles:
    """Where a starter card and config were written."""

    card: Path
    config: Path | None  # None: no photos were given
    not_mapped: tuple[str, ...] = ()  # as in `Starter`


@dataclass(frozen=True, slots=True)
class _Photos:
    """A folder of photos, and the table that speaks of them."""

    root: Path
    name: str
    table: Path | None
    columns: tuple[str, ...]
    pattern: str  # a photo's path from the table's columns; empty: not found out
    packed: str = ""  # the format of the files that hold the photos; empty: each is a file


def starter(photos: Path, out: Path | None = None, croissant: Path | None = None) -> Starter:
    """A card and a config for somebody's own photos, full of questions.

    Args:
        photos: A folder of pictures, with or without a CSV or Parquet table in it, or the table
            itself. No picture is opened.
        out: The folder that the files will stand in, to which the config's paths are relative;
            none: the current one.
        croissant: A Croissant file of the data set, which answers some of the card's questions.

    Raises:
        DataError: there is no such folder or table, or the folder holds no pictures.
        CardError: the Croissant file can't be read.
    """
    found = _look(photos)
    title = one_line(found.root.name)
    known = Known(name=found.name, title=title, columns="".join(_proposals(found)))
    made = CroissantCard(known.card_name, card_text(known), ())
    if croissant is not None:
        made = card_from_croissant(croissant)
        title = made.title
    config_name = f"{made.card_name.removesuffix('_card.toml')}.toml"
    config = _CONFIG.format(
        title=one_line(title, 60),
        card_name=made.card_name,
        config_name=config_name,
        purposes=purpose_comments(),
        card=quoted(made.card_name),
        root=quoted(_relative(found.root, out)),
        place=_place(found, out),
    )
    return Starter(made.card_name, made.card, config_name, config, made.not_mapped)


def write_starter(
    photos: Path | None, out: Path | None = None, croissant: Path | None = None
) -> StarterFiles:
    """Write a starter card and config for somebody's own photos.

    Args:
        photos: As `starter` takes it; none: only the Croissant file is known, and no config is
            written.
        out: The folder to write into; none: the current one. Made where it doesn't exist.
        croissant: As `starter` takes it.

    Raises:
        DataError, CardError: as `starter`.
        UsageError: neither photos nor a Croissant file are given.
        ConfigError: a file of that name exists; nothing is written then.
    """
    folder = out or Path()
    if photos is not None:
        text = starter(photos, folder, croissant)
    elif croissant is not None:
        made = card_from_croissant(croissant)
        text = Starter(made.card_name, made.card, "", "", made.not_mapped)
    else:
        raise UsageError("init: nothing to start from (give PHOTOS, --croissant FILE.json or both)")
    contents = {folder / text.card_name: text.card}
    config = folder / text.config_name if text.config_name else None
    if config is not None:
        contents[config] = text.config
    there = [path for path in contents if path.exists()]
    if there:
        raise ConfigError(
            f"{' and '.join(map(str, there))}: exists already, and is never overwritten "
            "(move it away, or write elsewhere with --out)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(content)
    return StarterFiles(folder / text.card_name, config, text.not_mapped)


def _look(photos: Path) -> _Photos:
    """What a folder holds, from file names and the first rows of its tables."""
    if not photos.exists():
        raise DataError(f"{photos}: there is no such folder or table")
    is_table = photos.is_file() and photos.suffix.lower() in _TABLE_SUFFIXES
    if photos.is_file() and not is_table:
        raise DataError(f"{photos}: not a folder, and not a CSV or Parquet table")
    root = (photos.parent if is_table else photos).resolve()
    first = next(_photo_files(root), None)
    name = re.sub(r"[^a-z0-9]+", "_", (photos.stem if is_table else root.name).lower()).strip("_")
    packed = _packed(root, name) if first is None and not is_table else None
    if packed is not None:
        return packed
    if first is None and not is_table:
        raise DataError(f"{photos}: holds no pictures ({', '.join(sorted(PHOTO_SUFFIXES))})")
    for table in [photos] if is_table else _tables(root):
        rows = _first_rows(table)
        pattern = _pattern(rows, root, first)
        if pattern or is_table:
            return _Photos(root, name or "photos", table, tuple(rows.columns), pattern)
    return _Photos(root, name or "photos", None, (), "")


def _packed(root: Path, name: str) -> _Photos | None:
    """A folder of files that hold many photos each; None where there are none."""
    for path in root.rglob("*.parquet"):
        try:
            with ParquetTable(path, most=0) as table:
                columns, images = table.columns, table.images
        except DataError:
            continue
        if images:
            others = tuple(each for each in columns if each != images[0])
            return _Photos(root, name or "photos", None, others, f"{{{images[0]}}}", "parquet")
    if next(root.rglob("*.tar"), None) is not None:
        return _Photos(root, name or "photos", None, (), "", "webdataset")
    return None


def _photo_files(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES)


def _tables(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.suffix.lower() in _TABLE_SUFFIXES)


def _first_rows(table: Path) -> pl.DataFrame:
    """A table's first rows, all as text."""
    if table.suffix.lower() == ".parquet":
        with ParquetTable(table, cells="text or null", most=_SAMPLE_ROWS) as rows:
            return pl.concat(rows.batches())
    try:
        return pl.read_csv(table, n_rows=_SAMPLE_ROWS, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{table}: can't be read as a table ({error})") from error


def _pattern(rows: pl.DataFrame, root: Path, first: Path | None) -> str:
    """How a row's photo is found: `{path}`, `images/{id}.jpg`; empty where no way fits."""
    folder = first.parent.relative_to(root).as_posix() if first else "."
    before = "" if folder == "." else f"{folder}/"
    after = first.suffix if first else ""
    for column in rows.columns:
        values = [value for value in rows[column].to_list() if value]
        for prefix, suffix in (("", ""), (before, ""), (before, after)):
            if any((root / f"{prefix}{value}{suffix}").is_file() for value in values):
                return f"{prefix}{{{column}}}{suffix}"
    return ""


def _place(found: _Photos, out: Path | None) -> str:
    """The config's lines that say how photos are found."""
    if found.packed:
        column = f"photo = {quoted(found.pattern)}  # the column of images\n"
        return f'format = "{found.packed}"\n{column if found.pattern else ""}'
    if found.table is None:
        return 'format = "folder"  # every picture below root\n'
    photo = found.pattern or "TODO: a photo's path below root, from the columns, as in {path}"
    return (
        'format = "table"\n'
        f"table = {quoted(_relative(found.table, out))}\n"
        f"photo = {quoted(photo)}  # below root, from the table's columns\n"
    )


def _proposals(found: _Photos) -> Iterator[str]:
    """What a card says of columns: a proposal for each of the table's, or how to get some."""
    if not found.columns:
        yield _SAMPLES if found.packed else _NO_TABLE
        return
    names = (name for name in found.columns if f"{{{name}}}" not in found.pattern)
    yield from proposals(TableColumn(name) for name in names)


def _relative(path: Path, out: Path | None) -> str:
    """A path as a config in the folder `out` writes it."""
    return Path(os.path.relpath(path.resolve(), (out or Path()).resolve())).as_posix()
