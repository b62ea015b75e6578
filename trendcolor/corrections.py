"""What a person corrected of a run's garments: a layer over its records, which stay as they are.

A correction is of one garment of one photo. It drops the garment, gives it another class, or
another main color, or both. `checked` reads what a person wrote, `corrected` lays it over records.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from trendcolor.color.names import read_color
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.datasets.faults import capped
from trendcolor.errors import CorrectionError, QueryError, did_you_mean
from trendcolor.histograms import histogram, merge
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
_NEEDED = ("photo", "garment")
_KEY = ("photo", "wearer", "garment")
_WEIGHTS = 255  # what a palette's weights sum to

# What a person may say of a garment on an audit sheet.
OK, WRONG_COLOR, WRONG_GARMENT = "ok", "wrong color", "wrong garment"
NOT_A_GARMENT, CANT_TELL = "not a garment", "can't tell"
VERDICTS = (OK, WRONG_COLOR, WRONG_GARMENT, NOT_A_GARMENT, CANT_TELL)
_AUDIT_NEEDED = ("photo", "wearer", "garment", "right_garment", "verdict")

Row = Mapping[str, str]


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


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """The garments of a run, at least of the photos that a table names."""

    photos: frozenset[str]  # ids, also of photos without a garment
    garments: Mapping[str, Sequence[tuple[int, str]]]  # by photo: wearer and class


@dataclass(slots=True)
class _Reading:
    """What is found while rows are read: corrections and faults."""

    corrections: dict[tuple[str, int, str], Mapping[str, object]] = field(default_factory=dict)
    places: dict[tuple[str, int, str], str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read_written(path: Path) -> Written:
    """A CSV or Parquet table as a person wrote it.

    Raises:
        CorrectionError: the file is missing, is neither, or can't be read.
    """
    is_csv = path.suffix.lower() == ".csv"
    if not is_csv and path.suffix.lower() != ".parquet":
        raise CorrectionError(f"{path}: wanted a .csv or .parquet file")
    try:
        rows = pl.read_csv(path, infer_schema=False) if is_csv else pl.read_parquet(path)
    except (OSError, PolarsError) as cause:
        reason = str(cause).strip().partition("\n")[0] or type(cause).__name__
        raise CorrectionError(f"{path}: can't be read ({reason})") from cause
    written = as_written(rows, path.name)
    if not is_csv:
        return written
    return Written(written.name, written.rows, range(2, len(rows) + 2), "line")


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
            kept.append({**{name: row[name] for name in _KEY}, "right_garment": right})
            lines.append(marked.lines[i])
    if faults:
        raise CorrectionError(capped(faults))
    rows = pl.DataFrame(kept, schema=dict.fromkeys((*_KEY, "right_garment"), pl.String))
    return Written(marked.name, rows, lines, marked.unit)


def _or_one_of(words: Sequence[str]) -> str:
    return f" (wanted one of: {', '.join(words)})"


def known_garments(garments: pl.DataFrame, photos: pl.Series) -> Known:
    """What `checked` needs to know of a run.

    Args:
        garments: `photo`, `wearer` and `garment`, one row a garment.
        photos: Ids of photos.
    """
    by_photo: dict[str, list[tuple[int, str]]] = {}
    for photo, wearer, name in garments.select(_KEY).iter_rows():
        by_photo.setdefault(photo, []).append((wearer, name))
    return Known(frozenset(photos), by_photo)


def checked(written: Written, known: Known) -> pl.DataFrame:
    """A table of corrections as `corrected` takes it.

    Args:
        written: The columns `photo`, `garment`, perhaps `wearer`, and `right_garment` (a class, or
            "drop"), `right_color` ("#161418"), or both.
        known: The garments that there are.

    Returns:
        The columns of `CORRECTION_FIELDS`, sorted; the order of the rows has no effect.

    Raises:
        CorrectionError: all faults at once, each with its place: a column that is missing or
            unknown; a class, photo or garment that is not there; a wearer to be named; a garment
            that is corrected twice; a color that is none; a row that corrects nothing.
    """
    _check_columns(written)
    reading = _Reading()
    for i, row in enumerate(written.rows.iter_rows(named=True)):
        _read_row({**dict.fromkeys(CORRECTION_FIELDS, ""), **row}, written.place(i), known, reading)
    if reading.faults:
        raise CorrectionError(capped(reading.faults))
    rows = list(reading.corrections.values())
    return pl.DataFrame(rows, schema=dict(CORRECTION_FIELDS)).sort(_KEY)


def _check_columns(written: Written) -> None:
    found = written.rows.columns
    faults = [f"column '{name}' is missing" for name in _NEEDED if name not in found]
    if not {"right_garment", "right_color"} & {*found}:
        faults.append("needs a column right_garment, right_color, or both")
    faults += [
        f"no column '{name}'{did_you_mean(name, list(CORRECTION_FIELDS))}"
        for name in found
        if name not in CORRECTION_FIELDS
    ]
    if faults:
        raise CorrectionError("\n".join(f"{written.name}: {fault}" for fault in faults))


def _read_row(row: Row, place: str, known: Known, reading: _Reading) -> None:
    """One row as a correction, or as faults."""
    faults = [*_answer_faults(row)]
    wearer = _wearer(row, known, faults)
    if wearer is not None:
        key = (row["photo"], wearer, row["garment"])
        if key in reading.places:
            before = reading.places[key].rpartition(": ")[2]
            faults.append(f"corrects the same garment as {before} (keep one of the two)")
        reading.places.setdefault(key, place)
        color = row["right_color"]
        if not faults:
            reading.corrections[key] = {
                **dict(zip(_KEY, key, strict=True)),
                "right_garment": row["right_garment"] or None,
                "right_color": f"#{bytes(read_color(color)).hex()}" if color else None,
            }
    reading.faults += [f"{place}: {fault}" for fault in faults]


def _answer_faults(row: Row) -> list[str]:
    """What is wrong with a row's answers, whatever the run holds."""
    faults = []
    right, color = row["right_garment"], row["right_color"]
    if not right and not color:
        faults.append("corrects nothing (wanted right_garment, right_color, or both)")
    if right and right not in (*GARMENTS, DROP):
        faults.append(f"right_garment: no garment '{right}'{did_you_mean(right, (*GARMENTS, DROP))}")
    if right == DROP and color:
        faults.append("right_color of a garment that is dropped (leave one of the two out)")
    if right and right == row["garment"]:
        faults.append(f"right_garment is {right} already (leave it out)")
    if color in FAMILIES:
        faults.append(
            f"right_color '{color}' is a family, and a record needs a color such as \"#161418\" "
            "(to correct the shares of families, mark an audit sheet: trendcolor audit)"
        )
    elif color:
        try:
            read_color(color)
        except QueryError as error:
            faults.append(f"right_color: {error}")
    return faults


def _wearer(row: Row, known: Known, faults: list[str]) -> int | None:
    """Whose garment a row is of; None, with a fault, where that is not known."""
    photo, name = row["photo"], row["garment"]
    if name not in GARMENTS:
        faults.append(f"no garment '{name}'{did_you_mean(name, GARMENTS)}")
    if photo not in known.photos:
        faults.append(f"no photo '{photo}' in the run (wanted an id as `photo` of its records)")
    if name not in GARMENTS or photo not in known.photos:
        return None
    there = known.garments.get(photo, ())
    wearers = [wearer for wearer, worn in there if worn == name]
    asked = row["wearer"]
    if asked and not re.fullmatch(r"\d{1,3}", asked):
        faults.append(f"no wearer '{asked}' (wanted a whole number, 0 for the largest person)")
    elif not wearers or (asked and int(asked) not in wearers):
        of = f" of wearer {asked}" if asked and wearers else ""
        has = ", ".join(f"{worn} of wearer {wearer}" for wearer, worn in there) or "no garment"
        faults.append(f"photo '{photo}' has no {name}{of} (it has: {has})")
    elif not asked and len(wearers) > 1:
        numbers = ", ".join(map(str, wearers))
        faults.append(f"{len(wearers)} wearers of '{photo}' have a {name} (say in wearer: {numbers})")
    else:
        return int(asked) if asked else wearers[0]
    return None


def corrected(records: pl.LazyFrame, corrections: pl.DataFrame) -> pl.LazyFrame:
    """Records as they are when the corrections hold.

    A dropped garment has no rows. A right color takes the place of the main color and keeps its
    weight; where the palette has that color already, the two are one. A right class takes the
    place of the class. Where garments of a wearer come to have one class, they become one garment:
    its pixels are the sum of theirs, each color has its part of these pixels in 255ths, by largest
    remainder, and colors that come to less than one of 255 are left out.

    Args:
        records: Rows of `records.py`, of whole photos.
        corrections: As `checked` gives them, of this run.

    Returns:
        The same columns. Rows of photos without a correction come first, as they were, then the
        others by photo, wearer, garment and rank.

    Guarantees, each held by tests/test_corrections.py:
        No correction changes nothing. A palette's weights sum to 255 and fall. Pixels are kept but
        for those of dropped garments. Other garments keep their rows. The order of corrections has
        no effect.
    """
    if corrections.is_empty():
        return records
    is_touched = _is_touched(corrections)
    return pl.concat([records.filter(~is_touched), _lay(records.filter(is_touched), corrections)])


def histogram_change(
    records: pl.LazyFrame, corrections: pl.DataFrame, *, by: Sequence[str] = ()
) -> pl.LazyFrame:
    """What corrections add to a histogram of the records, and take away.

    Args:
        records: As of `corrected`.
        corrections: As of `corrected`.
        by: Columns of the records to count apart.

    Returns:
        As `histograms.histogram`, but weights may be below 0. Merged with the histogram of the
        records, without the rows whose weight is 0 then, it is that of the corrected records.

    Guarantees, each held by tests/test_corrections.py:
        The merged histogram is the corrected records' own, bit for bit.
    """
    touched = records.filter(_is_touched(corrections))
    before = histogram(touched, by=by).with_columns(-pl.col("weight"))
    after = histogram(corrected(touched, corrections), by=by)
    return merge([before, after]).filter(pl.col("weight") != 0)


def _is_touched(corrections: pl.DataFrame) -> pl.Expr:
    return pl.col("photo").is_in(corrections["photo"].unique().sort().to_list())


def _lay(touched: pl.LazyFrame, corrections: pl.DataFrame) -> pl.LazyFrame:
    """Whole photos with their corrections, sorted."""
    schema = touched.collect_schema()
    right = corrections.lazy().with_columns(is_corrected=pl.lit(True))
    is_main = (pl.col("rank") == 0) & pl.col("right_color").is_not_null()
    marked = (
        touched.join(right, on=_KEY, how="left")
        .filter(pl.col("right_garment").is_null() | (pl.col("right_garment") != DROP))
        .with_columns(
            *(
                pl.when(is_main).then(_channel(i).cast(schema[name])).otherwise(name).alias(name)
                for i, name in enumerate("rgb")
            ),
            old_garment=pl.col("garment"),
            garment=pl.coalesce(pl.col("right_garment").cast(pl.String).cast(GARMENT), "garment"),
        )
        .with_columns(is_changed=pl.col("is_corrected").any().over(_KEY))
    )
    same = marked.filter(~pl.col("is_changed").fill_null(False))
    joined = _join(marked.filter("is_changed"), [name for name in schema if name not in _MEASURED])
    parts = [part.select(pl.col(n).cast(t) for n, t in schema.items()) for part in (same, joined)]
    return pl.concat(parts).sort(*_KEY, "rank")


_MEASURED = (*_KEY, "rank", "r", "g", "b", "weight", "pixels")


def _channel(i: int) -> pl.Expr:
    """Red, green or blue of the right color, 0..255."""
    return pl.col("right_color").str.slice(1 + 2 * i, 2).str.to_integer(base=16)


def _join(rows: pl.LazyFrame, declared: Sequence[str]) -> pl.LazyFrame:
    """Rows of garments whose class is the right one: what one wearer has of one class is one."""
    pixels = pl.col("pixels").cast(pl.Int64).clip(1)
    is_first = pl.col("rank") == 0
    by_color = (
        rows.with_columns(
            pixels=pixels.filter(is_first).sum().over(_KEY),
            area=pl.col("weight").cast(pl.Int64) * pixels,
            order=pl.col("old_garment").to_physical().cast(pl.Int64) * 256 + pl.col("rank"),
        )
        .group_by(*_KEY, "r", "g", "b")
        .agg(pl.col("area").sum(), pl.col("order").min(), pl.col("pixels", *declared).first())
    )
    exact, rest = pl.col("area") // pl.col("pixels"), pl.col("area") % pl.col("pixels")
    number = pl.int_range(pl.len()).over(_KEY)
    return (
        by_color.with_columns(weight=exact, rest=rest)
        .sort(*_KEY, pl.col("rest") * -1, "order")
        .with_columns(weight=exact + (number < _WEIGHTS - exact.sum().over(_KEY)).cast(pl.Int64))
        .filter(pl.col("weight") > 0)
        .sort(*_KEY, pl.col("weight") * -1, pl.col("area") * -1, "order")
        .with_columns(rank=number)
    )
