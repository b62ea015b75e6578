"""The record's schema: one row is one color of one garment of one photo. Parquet in and out."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import polars as pl

from trendcolor.taxonomy import GARMENTS

GARMENT = pl.Enum(GARMENTS)

# Values fit 8 bits; the type is wider because some table formats mishandle unsigned bytes.
FIELDS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "photo": pl.String,  # its id, unique in the run
    "wearer": pl.UInt8,  # people who stand apart, 0 the largest
    "garment": GARMENT,
    "rank": pl.UInt8,  # of the color in its garment's palette, 0 the main color
    "r": pl.Int16,  # sRGB 0..255 under D65
    "g": pl.Int16,
    "b": pl.Int16,
    "weight": pl.Int16,  # share of the garment in 255ths; a palette's weights sum to 255
    "pixels": pl.UInt32,  # of the whole garment at the photo's full size
}

_STORED_PIXELS = pl.Decimal(10, 0)
# Rows whose ids share a dictionary. Larger groups have longer codes, smaller ones more of them.
_ROW_GROUP = 250_000

# One row a photo of the run, whatever became of it.
PHOTO_FIELDS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "photo": pl.String,
    "status": pl.Enum(("ok", "screened", "rejected")),
    "reason": pl.String,  # null when ok
    "width": pl.UInt32,  # upright, full size; null when rejected
    "height": pl.UInt32,
    "wearers": pl.UInt8,  # with a garment, bystanders left out
    "touching": pl.UInt8,  # wearers who are probably several people who touch
    "bystanders": pl.UInt8,  # people in the background, whose garments have no records
    "garments": pl.UInt16,  # with a palette, bystanders' left out
    "small_garments": pl.UInt16,  # too few pixels for a palette
    "light_x": pl.Float32,  # estimated illuminant, CIE 1931 chromaticity
    "light_y": pl.Float32,
    "corrected": pl.Boolean,
    "light_method": pl.String,  # gray-card, color-checker, white-point, or how it was estimated
    "exposure": pl.Float32,  # what light was multiplied by; 1 but for a card in the photo
    "light_refused": pl.String,  # why the declared card could not be read; null where it was
}


def record_schema(columns: Mapping[str, str]) -> pl.Schema:
    """The columns of records, declared ones included.

    Args:
        columns: Declared columns, name to kind; all are text but those of kind `weight`.
    """
    return pl.Schema({**FIELDS, **_declared(columns)})


def photo_schema(columns: Mapping[str, str]) -> pl.Schema:
    """The columns of the table of photos, declared ones included."""
    return pl.Schema({**PHOTO_FIELDS, **_declared(columns)})


def _declared(columns: Mapping[str, str]) -> dict[str, type[pl.DataType]]:
    return {name: pl.Float64 if kind == "weight" else pl.String for name, kind in columns.items()}


def frame(rows: Sequence[Mapping[str, object]], schema: pl.Schema) -> pl.DataFrame:
    """Rows as a frame of exactly that schema; a column that a row lacks is null."""
    columns = {name: [row.get(name) for row in rows] for name in schema}
    return pl.DataFrame(columns, schema=schema, strict=True)


def stored_records(rows: pl.DataFrame) -> pl.DataFrame:
    """Records as they are stored; `scan_records` reads them.

    Pixels are stored as decimals without decimal places: these are left to the compressor, which
    packs the same number in several rows into 1.1 bytes a row. Whole numbers would get a
    dictionary, which takes 1.8.
    """
    return rows.with_columns(pl.col("pixels").cast(_STORED_PIXELS))


def scan_records(paths: Sequence[Path]) -> pl.LazyFrame:
    """Records of several files, as one."""
    return pl.scan_parquet(list(paths)).with_columns(pl.col("pixels").cast(FIELDS["pixels"]))


def parquet_bytes(rows: pl.DataFrame) -> bytes:
    """Rows as a Parquet file's bytes; the same rows give the same."""
    file = BytesIO()
    rows.write_parquet(
        file,
        compression="zstd",
        compression_level=9,
        statistics=True,
        row_group_size=_ROW_GROUP,
    )
    return file.getvalue()


def write_frame(rows: pl.DataFrame, path: Path) -> None:
    """Write Parquet, in place only when whole."""
    aside = path.with_suffix(".part")
    aside.write_bytes(parquet_bytes(rows))
    aside.replace(path)
