"""The columns that a starter card proposes, commented out: their owner decides."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trendcolor.cards.columns import KINDS, RESERVED, Column, child_word, inference
from trendcolor.cards.quoting import commented, quoted

# Usual column names, and the kind that is proposed for them.
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

_COLUMN = """#
{told}# [[columns]]
# name = {name}{table_column}
# kind = {kind}
# declared_by = "TODO: who wrote the values, and how they knew"{more}
"""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column that a data set has."""

    name: str  # what its table calls it
    told: str = ""  # what the data set says of it
    is_date: bool = False


def proposals(columns: Iterable[TableColumn]) -> Iterator[str]:
    """A commented-out `[[columns]]` section for each column, or why it is left out.

    Args:
        columns: As the data set has them.
    """
    for column in columns:
        reason = left_out(column)
        if reason:
            yield f"#\n{commented(f'{quoted(column.name)} is left out, {reason}.')}"
            continue
        name = _declared_name(column.name)
        other = "" if name == column.name else f"\n# table_column = {quoted(column.name)}"
        kind = _proposed_kind(column) or f"TODO: {', '.join(KINDS)}"
        told = commented(f"{quoted(column.name)}: {column.told}") if column.told else ""
        yield _COLUMN.format(
            name=quoted(name),
            table_column=other,
            kind=quoted(kind),
            told=told,
            more=_further_questions(column.name, kind),
        )


def _further_questions(column: str, kind: str) -> str:
    """The keys that only some columns need."""
    day = '\n# declared_on = "TODO: when, as 2026-03-31 or 2026"'
    purposes = '\n# purposes = ["TODO: those that this column may serve: it speaks of children"]'
    is_of_children = bool(child_word(Column(name=column)))
    needs_day = kind == "cohort" or kind.startswith("TODO")
    return (day if needs_day else "") + (purposes if is_of_children else "")


def left_out(column: TableColumn) -> str:
    """Why no column is proposed; empty where one is."""
    return inference(Column(name=column.name, kind=_proposed_kind(column), note=column.told))


def _proposed_kind(column: TableColumn) -> str:
    name = _identifier(column.name)
    kind = next((kind for kind, usual in _USUAL_KINDS.items() if name in usual.split()), "")
    return kind or ("date" if column.is_date else "")


def _declared_name(column: str) -> str:
    """A table's column name as one that a card may declare."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column) and column.lower() not in RESERVED:
        return column
    name = _identifier(column)
    return f"declared_{name}" if name in RESERVED or not name or name[0].isdigit() else name


def _identifier(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")
