"""The card and config that somebody with a folder of pictures begins with.

Both hold questions, in comments and as values that start with TODO. Until they are answered, the
card does not read and the gate does not open.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trendcolor.cards.card import CONSENT_BASES, LICENSE_CLASSES, PEOPLE, PURPOSE_MEANINGS
from trendcolor.cards.columns import KINDS, RESERVED, Column, inference
from trendcolor.config import PHOTO_SUFFIXES
from trendcolor.errors import ConfigError, DataError
from trendcolor.parquet_tables import ParquetTable

_TABLE_SUFFIXES = (".csv", ".parquet")
_SAMPLE_ROWS = 20  # of a table, enough to see where its photos are

# Usual column names, and the kind that is proposed for them. The owner decides.
_USUAL_KINDS = {
    "id": "id image_id photo_id",
    "date": "date taken taken_at captured day",
    "season": "season collection",
    "region": "region country city continent location",
    "market": "market channel store",
    "category": "category label type product_type article_type",
    "brand": "brand maker label_name",
    "source": "source sender sender_id contributor photographer user user_id",
    "wearer": "wearer wearer_id person person_id",
    "cohort": "cohort line age_group kids gender",
    "license": "license licence rights",
    "weight": "weight sampling_weight",
}

_CARD = """\
# The data card of {title}. Answer every TODO; `trendcolor check {card_name}` says
# what is missing, and until nothing is, no run reads these photos. If you don't know an answer,
# find out first: "unspecified" and "undocumented" are honest answers, and they close the gate.

name = {name}
version = "1"  # change it when the photos change
title = {title_value}
homepage = ""

# Which license are the photos under? Who holds the rights, and where is that written?
license = "TODO: the photos' license as an SPDX name such as CC-BY-4.0, or LicenseRef-yours"
license_class = "TODO: {license_classes}"
license_source = "TODO: where the license is stated, and what it says there"
attribution = "TODO: whom to name, in the words that the license asks for"

# Do the pictures show people? Did they agree, to what, and when?
people = "TODO: {people}"
consent_basis = "TODO: {consent_bases}"
consent_scope = "TODO: what they agreed to; empty if there are no people"
retain_until = ""  # the last day that photos and figures may be kept, such as "2027-01-31"

# What may the photos be used for, by the license and by what people agreed to? Any of:
{purposes}
purposes_allowed = ["TODO"]
purposes_denied = []
show_photos = false  # true lets overlays show photo pixels; never with real people

# How was this collected? A reader of your figures needs it to know what they speak for.
period = "TODO: when the photos were taken"
frame = "TODO: how they were chosen, and from what"
label_set = ""
biases = ["TODO: what is over- or under-represented"]
contact = "TODO: who answers questions about the data"

# Do you know the light? Take the number signs off one of these three, and it is not estimated.
# Boxes are left, top, right, bottom of the upright photo, 0 to 1.
# [light]
# white_point = [0.3127, 0.3290]  # the studio's, as the camera left it in the files
# gray_card = {{box = [0.0, 0.0, 0.1, 0.1], reflectance = 0.18}}
# color_checker = "find"  # or {{box = [0.0, 0.0, 0.2, 0.1]}}

# What is known of each photo? Take the number signs off the columns that you want and answer
# them, and leave the rest out. Only what somebody declared may stand here: never what a program
# read off a face or a body.
{columns}"""

_COLUMN = """#
# [[columns]]
# name = {name}{table_column}
# kind = {kind}
# declared_by = "TODO: who wrote the values, and how they knew"
"""

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
    config_name: str
    config: str


@dataclass(frozen=True, slots=True)
class StarterFiles:
    """Where a starter card and config were written."""

    card: Path
    config: Path


@dataclass(frozen=True, slots=True)
class _Photos:
    """A folder of photos, and the table that speaks of them."""

    root: Path
    name: str
    table: Path | None
    columns: tuple[str, ...]
    pattern: str  # a photo's path from the table's columns; empty: not found out
    packed: str = ""  # the format of the files that hold the photos; empty: each is a file


def starter(photos: Path, out: Path | None = None) -> Starter:
    """A card and a config for somebody's own photos, full of questions.

    Args:
        photos: A folder of pictures, with or without a CSV or Parquet table in it, or the table
            itself. No picture is opened.
        out: The folder that the files will stand in, to which the config's paths are relative;
            none: the current one.

    Raises:
        DataError: there is no such folder or table, or the folder holds no pictures.
    """
    found = _look(photos)
    card_name, config_name = f"{found.name}_card.toml", f"{found.name}.toml"
    title = " ".join(found.root.name.split())
    purposes = "\n".join(f"#   {name}: {meaning}" for name, meaning in PURPOSE_MEANINGS.items())
    card = _CARD.format(
        title=title,
        title_value=_quoted(title),
        card_name=card_name,
        name=_quoted(found.name),
        license_classes=" or ".join(LICENSE_CLASSES),
        people=" or ".join(PEOPLE),
        consent_bases=" or ".join(CONSENT_BASES),
        purposes=purposes,
        columns="".join(_proposals(found)),
    )
    config = _CONFIG.format(
        title=title,
        card_name=card_name,
        config_name=config_name,
        purposes=purposes,
        card=_quoted(card_name),
        root=_quoted(_relative(found.root, out)),
        place=_place(found, out),
    )
    return Starter(card_name, card, config_name, config)


def write_starter(photos: Path, out: Path | None = None) -> StarterFiles:
    """Write a starter card and config for somebody's own photos.

    Args:
        photos: As `starter` takes it.
        out: The folder to write into; none: the current one. Made where it doesn't exist.

    Raises:
        DataError: as `starter`.
        ConfigError: a file of that name exists; nothing is written then.
    """
    folder = out or Path()
    text = starter(photos, folder)
    files = StarterFiles(card=folder / text.card_name, config=folder / text.config_name)
    there = [path for path in (files.card, files.config) if path.exists()]
    if there:
        raise ConfigError(
            f"{' and '.join(map(str, there))}: exists already, and is never overwritten "
            "(move it away, or write elsewhere with --out)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in ((files.card, text.card), (files.config, text.config)):
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(content)
    return files


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
        column = f"photo = {_quoted(found.pattern)}  # the column of images\n"
        return f'format = "{found.packed}"\n{column if found.pattern else ""}'
    if found.table is None:
        return 'format = "folder"  # every picture below root\n'
    photo = found.pattern or "TODO: a photo's path below root, from the columns, as in {path}"
    return (
        'format = "table"\n'
        f"table = {_quoted(_relative(found.table, out))}\n"
        f"photo = {_quoted(photo)}  # below root, from the table's columns\n"
    )


def _proposals(found: _Photos) -> Iterator[str]:
    """A commented-out `[[columns]]` section for each column of the table."""
    if not found.columns:
        yield _SAMPLES if found.packed else _NO_TABLE
        return
    for column in found.columns:
        if f"{{{column}}}" in found.pattern:
            continue
        reason = inference(Column(name=column, kind=_proposed_kind(column)))
        if reason:
            yield f"#\n# {_quoted(column)} is left out, {reason}.\n"
            continue
        name = _column_name(column)
        table_column = "" if name == column else f"\n# table_column = {_quoted(column)}"
        kind = _proposed_kind(column) or f"TODO: {', '.join(KINDS)}"
        yield _COLUMN.format(name=_quoted(name), table_column=table_column, kind=_quoted(kind))


def _proposed_kind(column: str) -> str:
    name = _identifier(column)
    return next((kind for kind, usual in _USUAL_KINDS.items() if name in usual.split()), "")


def _column_name(column: str) -> str:
    """A table's column name as one that a card may declare."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column) and column.lower() not in RESERVED:
        return column
    name = _identifier(column)
    return f"declared_{name}" if name in RESERVED or not name or name[0].isdigit() else name


def _identifier(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")


def _relative(path: Path, out: Path | None) -> str:
    """A path as a config in the folder `out` writes it."""
    return Path(os.path.relpath(path.resolve(), (out or Path()).resolve())).as_posix()


def _quoted(text: str) -> str:
    """A TOML string; its escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False)
