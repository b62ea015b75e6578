"""Answers as text: tables to read, CSV and JSON to work on."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trendcolor.api.queries import open_run
from trendcolor.cards import column_table, decide, explain, read_card
from trendcolor.errors import QueryError, RefusedError

_LOG = logging.getLogger(__name__)
_TABLE = {
    "tbl_rows": -1,
    "tbl_cols": -1,
    "tbl_hide_dataframe_shape": True,
    "tbl_hide_column_data_types": True,
    "tbl_formatting": "MARKDOWN",
    "tbl_width_chars": 10_000,
    "fmt_str_lengths": 10_000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesQuestion:
    """What `trendcolor shares` asks; the options of the command."""

    by: Sequence[str] = ()
    colors: str = "family"
    unit: str = "garments"
    where: str | None = None


def shares_text(run: Path, question: SharesQuestion, format: str) -> str:
    """The public shares of a run as a table, CSV or JSON (a list of objects).

    Raises:
        RunError: the run is missing or unfinished.
        QueryError: a column or the condition is unknown.
    """
    part = open_run(run)
    if question.where is not None:
        if not question.where.strip():
            raise QueryError("the condition is empty (--where \"region = 'EU'\")")
        part = part.where(question.where)
    answer = part.shares(
        question.by, colors=question.colors, unit=question.unit, disclosure="public"
    )
    if answer.is_empty():
        _LOG.info("no %s: nothing in the run meets the condition", question.unit)
    n_withheld = answer["share"].null_count()
    if n_withheld:
        _LOG.info(
            "%d of %d figures withheld: they rest on too few sources", n_withheld, len(answer)
        )
    return FORMATS[format](answer)


def _table(answer: pl.DataFrame) -> str:
    rounded = answer.with_columns(pl.selectors.float().round(4))
    with pl.Config(**_TABLE):  # type: ignore[arg-type] # options by name
        return str(rounded)


FORMATS: dict[str, Callable[[pl.DataFrame], str]] = {
    "table": _table,
    "csv": lambda answer: answer.write_csv().rstrip("\n"),
    "json": pl.DataFrame.write_json,
}


def card_text(path: Path, purpose: str | None = None) -> str:
    """What a data card allows, as text.

    Args:
        path: The card's TOML file.
        purpose: Answer for this purpose alone.

    Raises:
        CardError: the card has faults.
        RefusedError: the card refuses `purpose`.
    """
    card = read_card(path)
    if purpose is not None:
        decision = decide(card, purpose)
        if not decision.allowed:
            reasons = "\n".join(f"  {r.rule} ({r.remedy})" for r in decision.reasons)
            raise RefusedError(f"{card.name} refuses {purpose}:\n{reasons}")
        return f"{card.name} allows {purpose}"
    lines = [
        f"{card.title} ({card.name} {card.version})",
        f"license: {card.license} ({card.license_class}); people: {card.people}; "
        f"consent: {card.consent_basis}; photos may be shown: "
        f"{'yes' if card.may_show_photos else 'no'}",
        f"light: {card.light or 'estimated in each photo'}",
        "",
        _table(explain(card)),
    ]
    if card.columns:
        lines += ["", "declared columns", _table(column_table(card))]
    return "\n".join(lines)
