"""The declared columns of one photo, checked against its card."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from trendcolor.cards import Column, child_word_in
from trendcolor.datasets.pseudonyms import PERSON_KINDS
from trendcolor.errors import did_you_mean

Row = Mapping[str, str | None]


def declared(row: Row, columns: Sequence[Column], faults: list[str]) -> dict[str, str | None]:
    """What a row says of its photo, by the names that the card gives.

    Args:
        row: Texts by the names of the data set's own columns.
        columns: The declared ones.
        faults: Gets a fault for each value that the card doesn't allow, which names no source or
            wearer, and for each of a cohort that speaks of children where the column has no
            purposes of its own.

    Returns:
        Values as the row has them, dates as 2025-03-31, empty ones as None.
    """
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
            faults.append(_not_allowed(column, text))
        if column.kind == "cohort" and not column.purposes and (word := child_word_in(text)):
            faults.append(
                f"{column.from_name} '{text}' speaks of children ('{word}') and the card gives the "
                "column no purposes (its owner states them, or leave the column out)"
            )
    return values


def _not_allowed(column: Column, text: str) -> str:
    if column.kind in PERSON_KINDS:
        return f"{column.from_name} has a value the card does not allow (see its row)"
    guess = did_you_mean(text, column.values)
    return f"{column.from_name} '{text}' is not a value the card allows{guess}"


def _iso_date(text: str) -> str:
    return datetime.fromisoformat(text.strip()).date().isoformat()


def _weight(text: str) -> str:
    if not 0 <= float(text) < math.inf:
        raise ValueError(text)
    return text


# What a kind makes of a cell; ValueError where the cell isn't of the kind.
_FORMS: dict[str, Callable[[str], str]] = {"date": _iso_date, "weight": _weight}


def own_id(columns: Mapping[str, str | None], declared: Sequence[Column]) -> str | None:
    """What the column of kind "id" says; None where the card declares none."""
    return next((columns[column.name] for column in declared if column.kind == "id"), None)


def as_text(value: object) -> str | None:
    """A value as a table would have it; None where it is none, or a list or table of values."""
    is_many = isinstance(value, Mapping | Sequence) and not isinstance(value, str)
    return None if value is None or is_many else str(value)
