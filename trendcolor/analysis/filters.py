"""Which garments a query is about: conditions on columns, as values or as SQL."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import polars as pl

from trendcolor.errors import QueryError, did_you_mean
from trendcolor.taxonomy import GARMENTS

Value: TypeAlias = object  # a text, number or date; None for a missing value; a list for one of
Wanted: TypeAlias = str | Mapping[str, Value]  # SQL, or values by column


def check_columns(names: Sequence[str], known: Sequence[str]) -> None:
    """Refuse a column that a query can't use.

    Raises:
        QueryError: a name is unknown; the message has the nearest known one.
    """
    for name in names:
        if name not in known:
            raise QueryError(f"no column '{name}'{did_you_mean(name, known)}")


def check_garments(names: Sequence[Value]) -> None:
    """Refuse a garment that the taxonomy does not have.

    Raises:
        QueryError: a name is unknown; the message has the nearest known one.
    """
    for name in names:
        if name not in GARMENTS:
            raise QueryError(f"no garment '{name}'{did_you_mean(str(name), GARMENTS)}")


def condition(wanted: Wanted, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """A filter for frames of `schema`.

    Args:
        wanted: Either values by column, `{"season": "AW26", "region": ["EU", "UK"]}`: each column
            must have its value, or one of its values; None means a missing one. Or an SQL
            expression, `"region = 'EU' AND season <> 'SS25'"`.
        schema: The columns that may be asked for, with their types: text or numbers.

    Raises:
        QueryError: a column or garment is unknown, or the SQL text is none, names no column, or
            does not fit the columns' types. The message has the text.
    """
    if isinstance(wanted, str):
        return _sql_condition(wanted, schema)
    check_columns(list(wanted), list(schema))
    every = pl.lit(True)
    for column, values in wanted.items():
        every = every & _one_of(column, _as_list(values), schema)
    return every


def _sql_condition(text: str, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    try:
        expression = pl.sql_expr(text)
    except pl.exceptions.PolarsError as cause:
        raise QueryError(f'no SQL condition: "{text}" ({_first_line(cause)})') from cause
    names = expression.meta.root_names()
    if not names:
        raise QueryError(f'condition "{text}" names no column; there are: {", ".join(schema)}')
    check_columns(names, list(schema))
    _try_out(expression, text, schema)
    _check_rowwise(expression, text, schema)
    return expression


def _one_of(column: str, values: list[Value], schema: Mapping[str, pl.DataType]) -> pl.Expr:
    present = [value for value in values if value is not None]
    if column == "garment":
        check_garments(present)
    if schema[column] == pl.String:
        present = [str(value) for value in present]  # a year or a date, as it is written
    found = pl.col(column).is_in(present)
    _try_out(found, f"{column} = {values}", schema)
    return found | pl.col(column).is_null() if None in values else found


def _as_list(values: Value) -> list[Value]:
    if isinstance(values, Sequence) and not isinstance(values, str):
        return list(values)
    return [values]


def _try_out(expression: pl.Expr, text: str, schema: Mapping[str, pl.DataType]) -> None:
    """Types are checked on two made-up rows: a query is refused where it is written, not run."""
    try:
        _sample(schema).filter(expression)
    except (pl.exceptions.PolarsError, TypeError) as cause:
        raise QueryError(f'condition "{text}" can\'t be used ({_first_line(cause)})') from cause


def _check_rowwise(expression: pl.Expr, text: str, schema: Mapping[str, pl.DataType]) -> None:
    """Refuse a condition that looks beyond its row, such as `MAX(pixels) = pixels`."""
    rows = _sample(schema)
    together = rows.select(answer=expression)["answer"].to_list()
    apart = [rows[i : i + 1].select(answer=expression)["answer"].item() for i in range(len(rows))]
    if together != apart:
        raise QueryError(
            f'condition "{text}" looks at more than one row (a condition tells of each garment '
            "by itself; aggregates have no place in it)"
        )


def _sample(schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Two rows without gaps that differ in each column."""
    values: dict[str, list[object]] = {}
    for name, kind in schema.items():
        if kind == pl.String:
            values[name] = ["a", "b"]
        else:
            values[name] = [1, 200]
    return pl.DataFrame(values, schema=schema)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
