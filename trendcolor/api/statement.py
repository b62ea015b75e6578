"""What an SQL statement asks of records, and what no statement may: to link photos by color.

What somebody wears can point at them again in another photo. Nothing here makes that comparison;
an analyst needs shares and counts, which take none.
"""

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from trendcolor.errors import QueryError

_RECORDS, _PHOTO = "records", "photo"
_COLORS = frozenset({"r", "g", "b"})
# The dialect nearest to that of polars: `from` may come first, columns may be excluded.
_DIALECT = "duckdb"
_REMEDY = "photos are never linked by what is worn in them: docs/threats.md"


def check_statement(query: str) -> None:
    """Refuse a statement that links photos by anything but the photo itself.

    Records may be joined with records of the same photo (`on a.photo = b.photo`), and narrowed
    down by `photo in (select ...)`. What is counted by color may not list its photos.

    Args:
        query: A statement on the tables `records` and `photos`.

    Raises:
        QueryError: it links photos, or can't be read.
    """
    try:
        tree = sqlglot.parse_one(query, dialect=_DIALECT)
    except SqlglotError as cause:
        reason = str(cause).partition("\n")[0]
        raise QueryError(f'SQL "{query}" can\'t be answered ({reason})') from cause
    for fault in _faults(tree, _names_of_records(tree)):
        raise QueryError(f'SQL "{query}" is refused: {fault} ({_REMEDY})')


def _names_of_records(tree: exp.Expr) -> set[str]:
    """What the statement calls records, or what it takes from them."""
    named = {_RECORDS}
    parts = list(tree.find_all(exp.CTE))
    for _ in parts:  # one may stand on the next
        named |= {part.alias.lower() for part in parts if _reads_records(part, named)}
    return named


def _faults(tree: exp.Expr, named: set[str]) -> Iterator[str]:
    for select in tree.find_all(exp.Select):
        yield from _join_faults(select, named)
        yield from _list_faults(select)
    for within in tree.find_all(exp.In):
        inner = within.args.get("query")
        if inner is not None and _reads_records(inner, named) and not _is_photo(within.this):
            yield f"{within.this.sql()} in (...) finds photos by others"
    for exists in tree.find_all(exp.Exists):
        if _reads_records(exists, named) and not _joins_photo(exists):
            yield "exists (...) finds photos by others"


def _join_faults(select: exp.Select, named: set[str]) -> Iterator[str]:
    """Joins of records with records that don't keep to one photo."""
    first = select.args.get("from_") or select.args.get("from")
    read = int(first is not None and _reads_records(first, named))
    where = select.args.get("where")
    for join in select.args.get("joins") or []:
        if not _reads_records(join.this, named):
            continue
        read += 1
        is_natural = join.args.get("method") == "NATURAL"
        using = {column.name.lower() for column in join.args.get("using") or []}
        conditions = [each for each in (join.args.get("on"), where) if each is not None]
        keeps = is_natural or _PHOTO in using or any(map(_joins_photo, conditions))
        if read > 1 and not keeps:
            yield "it joins records of different photos (join them on photo)"


def _list_faults(select: exp.Select) -> Iterator[str]:
    """Photos that are listed by color: what a join of their colors would give."""
    group = select.args.get("group")
    if group is None:
        return
    keys = list(group.expressions)
    for place, key in enumerate(keys):
        if isinstance(key, exp.Literal) and key.is_int:
            keys[place] = select.expressions[int(key.this) - 1]
    columns = {column.name.lower() for key in keys for column in key.find_all(exp.Column)}
    if not columns & _COLORS:
        return
    for found in select.find_all(exp.Column):
        inside = found.find_ancestor(exp.Count, exp.ApproxDistinct, exp.Group, exp.Select)
        if found.name.lower() == _PHOTO and isinstance(inside, exp.Select):
            is_key = any(found in tuple(key.find_all(exp.Column)) for key in keys)
            if not is_key and found.find_ancestor(exp.Where) is None:
                yield "it lists the photos of a color (count them)"


def _joins_photo(condition: exp.Expr) -> bool:
    """Whether a condition holds only for rows of one photo."""
    inner = condition.this if isinstance(condition, exp.Where | exp.Paren) else condition
    if isinstance(inner, exp.And):
        return _joins_photo(inner.this) or _joins_photo(inner.expression)
    if isinstance(inner, exp.Paren):
        return _joins_photo(inner)
    if isinstance(inner, exp.Exists):
        select = inner.this
        where = select.args.get("where")
        return where is not None and _joins_photo(where)
    if not isinstance(inner, exp.EQ):
        return False
    sides = (inner.this, inner.expression)
    tables = {side.table for side in sides if isinstance(side, exp.Column)}
    return all(_is_photo(side) for side in sides) and len(tables) > 1


def _is_photo(part: exp.Expr) -> bool:
    return isinstance(part, exp.Column) and part.name.lower() == _PHOTO


def _reads_records(part: exp.Expr, named: set[str]) -> bool:
    return any(table.name.lower() in named for table in part.find_all(exp.Table))
