"""A table of corrections against the run that it is of: all faults at once, each with its place."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from trendcolor.color.names import read_color
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.corrections.written import CORRECTION_FIELDS, DROP, KEY, Written
from trendcolor.datasets.faults import capped
from trendcolor.errors import CorrectionError, QueryError, did_you_mean
from trendcolor.taxonomy import GARMENTS

_NEEDED = ("photo", "garment")

Row = Mapping[str, str]


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


def known_garments(garments: pl.DataFrame, photos: pl.Series) -> Known:
    """What `checked` needs to know of a run.

    Args:
        garments: `photo`, `wearer` and `garment`, one row a garment.
        photos: Ids of photos.
    """
    by_photo: dict[str, list[tuple[int, str]]] = {}
    for photo, wearer, name in garments.select(KEY).iter_rows():
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
    return pl.DataFrame(rows, schema=dict(CORRECTION_FIELDS)).sort(KEY)


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
                **dict(zip(KEY, key, strict=True)),
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
        faults.append(
            f"right_garment: no garment '{right}'{did_you_mean(right, (*GARMENTS, DROP))}"
        )
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
        faults.append(
            f"{len(wearers)} wearers of '{photo}' have a {name} (say in wearer: {numbers})"
        )
    else:
        return int(asked) if asked else wearers[0]
    return None
