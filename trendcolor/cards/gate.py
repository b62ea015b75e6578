"""The gate: a card and a purpose in, an answer with its reasons out. It fails closed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from trendcolor.cards.card import Card, read_card
from trendcolor.cards.columns import is_unanswered
from trendcolor.cards.decision import allowing_rule, purpose_fault, run_decision
from trendcolor.cards.purposes import PURPOSES
from trendcolor.cards.retention import present_day
from trendcolor.cards.rules import Reason, license_reasons, refusing
from trendcolor.config import DataConfig
from trendcolor.errors import CardError, RefusedError

_NO_CARD = "no data card (each data set needs one: data.card)"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of one card for one purpose."""

    card: str
    purpose: str
    reasons: tuple[Reason, ...]  # every rule that refuses; none: allowed

    @property
    def allowed(self) -> bool:
        """Whether no rule refuses."""
        return not self.reasons


def decide(card: Card, purpose: str, today: date | None = None) -> Decision:
    """What a card answers for a purpose.

    Args:
        card: A card that was read.
        purpose: One of `PURPOSES`.
        today: The day, on which licenses and consent may have ended; None: the present one.

    Raises:
        RefusedError: there is no such purpose.

    Guarantees, each held by tests/test_cards_gate.py:
        A license that is unspecified allows nothing. A purpose that is denied, or not listed as
        allowed, is refused. So is any after the last day of license or consent.
    """
    fault = _purpose_fault(purpose)
    if fault:
        raise RefusedError(fault)
    return Decision(card.name, purpose, tuple(refusing(card, purpose, today or present_day())))


def gate(cards: Sequence[Card], purpose: str, today: date | None = None) -> None:
    """Let a run pass only if each of its cards allows the purpose, and all of them together do.

    Args:
        cards: The cards of all the run's data sets.
        purpose: The config's purpose, one of `PURPOSES`.
        today: As of `decide`.

    Raises:
        RefusedError: a card refuses, the purpose is unknown, there is no card, or licenses can't
            be met at once; all reasons of all cards are named at once, each with its remedy.
    """
    faults = [*([] if cards else [_NO_CARD]), *_gate_faults(cards, purpose, today)]
    if faults:
        raise RefusedError("\n".join(faults))


def admit(data: Sequence[DataConfig], purpose: str, today: date | None = None) -> tuple[Card, ...]:
    """Read the cards of a run's data sets and pass them through the gate, before any photo.

    Args:
        data: The config's data sets.
        purpose: The config's purpose, one of `PURPOSES`.
        today: As of `decide`.

    Returns:
        One card for each data set, in order.

    Raises:
        RefusedError: a card is missing, unfinished or refuses, or the config has a question left;
            everything that is missing is named at once.
    """
    cards: dict[Path, Card] = {}
    faults = [] if data else [_NO_CARD]
    for section in data:
        if is_unanswered(section.photo):
            faults.append("data.photo is not answered (wanted: a photo's path from its columns)")
    for path in dict.fromkeys(section.card for section in data):
        try:
            cards[path] = read_card(path)
        except CardError as error:
            faults.extend(str(error).splitlines())
    faults.extend(_gate_faults(tuple(cards.values()), purpose, today))
    if faults:
        raise RefusedError("\n".join(faults))
    return tuple(cards[section.card] for section in data)


def explain(
    card: Card, today: date | None = None, purposes: Sequence[str] = PURPOSES
) -> pl.DataFrame:
    """What a card allows, purpose by purpose.

    Args:
        card: A card that was read.
        today: As of `decide`.
        purposes: Those that are asked.

    Returns:
        Columns `purpose`, `allowed`, `rule` and `remedy`; one row for each rule that refuses a
        purpose, one for a purpose that is allowed.

    Raises:
        RefusedError: there is no such purpose.
    """
    rows: list[tuple[str, bool, str, str]] = []
    for purpose in purposes:
        reasons = decide(card, purpose, today).reasons
        for reason in reasons or (Reason(allowing_rule(card, purpose), ""),):
            rows.append((purpose, not reasons, reason.rule, reason.remedy))
    schema = {"purpose": pl.String, "allowed": pl.Boolean, "rule": pl.String, "remedy": pl.String}
    return pl.DataFrame(rows, schema, orient="row")


def column_table(card: Card) -> pl.DataFrame:
    """A card's declared columns.

    Returns:
        Columns `name`, `kind`, `declared_by`, `declared_on`, `values` and `purposes` (joined by
        commas; empty: any, and the card's) and `note`.
    """
    rows = [
        (
            *(c.name, c.kind, c.declared_by, c.declared_on),
            *(", ".join(c.values), ", ".join(c.purposes), c.note),
        )
        for c in card.columns
    ]
    names = ("name", "kind", "declared_by", "declared_on", "values", "purposes", "note")
    return pl.DataFrame(rows, dict.fromkeys(names, pl.String), orient="row")


def _gate_faults(cards: Sequence[Card], purpose: str, today: date | None) -> Iterator[str]:
    fault = _purpose_fault(purpose)
    if fault:
        yield fault
    for card in cards:
        # A license that nobody knows refuses any purpose, also one that is still a question.
        reasons = license_reasons(card) if fault else decide(card, purpose, today).reasons
        for reason in reasons:
            asked = "any purpose" if fault else f"purpose '{purpose}'"
            yield f"{card.name}: {asked} is refused, {reason.rule} ({reason.remedy})"
    if not fault and cards:
        for refusal in run_decision(cards, purpose, today or present_day()).refusals:
            if refusal.purpose == purpose:
                names = ", ".join(dict.fromkeys(card.name for card in cards))
                asked = f"purpose '{purpose}' is refused"
                yield f"{names}: {asked}, {refusal.rule} ({refusal.remedy})"


def _purpose_fault(purpose: str) -> str:
    if not purpose or is_unanswered(purpose):
        return f"purpose is not answered (wanted: one of {', '.join(PURPOSES)})"
    return purpose_fault(purpose)
