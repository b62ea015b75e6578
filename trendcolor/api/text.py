"""Answers as text: tables to read, CSV and JSON to work on."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trendcolor.api.opening import open_run
from trendcolor.api.queries import Run
from trendcolor.cards import Card, column_table, decide, explain, read_card
from trendcolor.errors import QueryError, RefusedError, UsageError

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
    vocabulary: str | None = None
    audit: Path | None = None  # a marked audit sheet: shares are corrected by it
    budget: bool = False  # how far each share may be off, and why, in place of shares


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureOptions:
    """What `trendcolor signature` asks; the options of the command."""

    by: Sequence[str] = ()
    family: Sequence[str] = ()
    names: Sequence[str] = ()  # each "95-degree black=#161418"
    within: float = 5.0
    unit: str = "garments"
    where: str | None = None


def shares_text(run: Path, question: SharesQuestion, format: str) -> str:
    """The public shares of a run as a table, CSV or JSON (a list of objects).

    Raises:
        RunError: the run is missing or unfinished.
        QueryError: a column or the condition is unknown, or a vocabulary is given for colors that
            are no names.
        VocabularyError: there is no such vocabulary.
        AuditError: the audit sheet can't be read, or has faults.
        UsageError: an audit or a budget is asked for with colors that are no families.
    """
    answer = _shares(_part(run, question.where), question)
    _tell_gaps(answer["share"], question.unit, "figures")
    return FORMATS[format](answer)


def _shares(part: Run, question: SharesQuestion) -> pl.DataFrame:
    """Public shares, corrected shares or the budget of their errors."""
    is_plain = question.audit is None and not question.budget
    if not is_plain and (question.colors, question.vocabulary) != ("family", None):
        raise UsageError("an audit and a budget are of families (leave out --colors, --vocabulary)")
    asked = {"unit": question.unit, "disclosure": "public"}
    if question.budget:
        return part.error_budget(question.by, audit=question.audit, **asked)
    if question.audit is not None:
        return part.corrected_shares(question.audit, question.by, **asked)
    words = question.vocabulary
    return part.shares(question.by, colors=question.colors, vocabulary=words, **asked)


def signature_text(run: Path, options: SignatureOptions, format: str) -> str:
    """The public signature colors of a run as a table, CSV or JSON (a list of objects).

    Raises:
        RunError: the run is missing or unfinished.
        QueryError: a column, the condition, a family or a name's color is unknown.
    """
    answer = _part(run, options.where).signatures(
        options.by,
        family=options.family,
        names=_names(options.names) if options.names else None,
        within=options.within,
        unit=options.unit,
        disclosure="public",
    )
    _tell_gaps(
        answer.filter(pl.col("n").is_null() | (pl.col("n") > 0))["color"], options.unit, "colors"
    )
    return FORMATS[format](answer)


def _part(run: Path, where: str | None) -> Run:
    """The run, or what of it meets the condition."""
    opened = open_run(run)
    if where is None:
        return opened
    if not where.strip():
        raise QueryError("the condition is empty (--where \"region = 'EU'\")")
    return opened.where(where)


def _names(texts: Sequence[str]) -> dict[str, str]:
    """Names by color, from texts such as `95-degree black=#161418`."""
    names = {}
    for text in texts:
        name, sign, color = text.rpartition("=")
        if not sign:
            raise QueryError(f"no color in '{text}' (--name \"95-degree black=#161418\")")
        names[color.strip()] = name.strip()
    return names


def _tell_gaps(told: pl.Series, unit: str, what: str) -> None:
    """Say on stderr what an answer leaves open."""
    if told.is_empty():
        _LOG.info("no %s: nothing in the run meets the condition", unit)
    if told.null_count():
        _LOG.info(
            "%d of %d %s withheld: they rest on too few sources", told.null_count(), len(told), what
        )


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
        *_terms_lines(card),
        f"light: {card.light or 'estimated in each photo'}",
        *([f"kept until: {card.retain_until}"] if card.retain_until else []),
        "",
        _table(explain(card)),
    ]
    if card.columns:
        lines += ["", "declared columns", _table(column_table(card))]
    return "\n".join(lines)


def _terms_lines(card: Card) -> Iterator[str]:
    """What the licenses ask for, and what has an end."""
    terms = card.terms
    ways = {"figures": "may leave the house", "internal": "stay inside the house"}
    way = ways.get(terms.redistribution, "not stated whether they may leave the house")
    asked = ["name whom attribution says"] if terms.attribution else []
    asked += [f"pass figures on under {name}" for name in terms.share_alike]
    asks = ", ".join(asked) or "nothing that is known"
    yield f"figures, by the license: {way} ({terms.reason}); asked for: {asks}"
    days = {
        "license ends after": card.license_expires,
        "consent ends after": card.consent_expires,
        "consent withdrawn from": card.consent_withdrawn,
    }
    told = [f"{words} {day}" for words, day in days.items() if day]
    if told:
        yield "; ".join(told)
