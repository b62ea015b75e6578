"""The gate: a card and a purpose in, an answer with its reasons out. It fails closed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trendcolor.cards.card import PURPOSES, UNDOCUMENTED, UNSPECIFIED, Card, read_card
from trendcolor.cards.columns import is_unanswered
from trendcolor.cards.retention import is_past
from trendcolor.config import DataConfig
from trendcolor.errors import CardError, RefusedError, did_you_mean

# What a class of license permits at all; a card then lists what its owner allows of it.
_CLASS_PURPOSES = {
    "commercial": PURPOSES,
    "non-commercial": ("research", "evaluation", "model-training", "publication"),
    "academic": ("research", "evaluation", "model-training"),
}
# What real people whose consent nobody has documented can be asked to bear.
_UNDOCUMENTED_PURPOSES = ("research", "evaluation", "model-training")
_NO_CARD = "no data card (each data set needs one: data.card)"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a purpose is refused, and what would change that."""

    rule: str
    remedy: str


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


def decide(card: Card, purpose: str) -> Decision:
    """What a card answers for a purpose.

    Args:
        card: A card that was read.
        purpose: One of `PURPOSES`.

    Raises:
        RefusedError: there is no such purpose.

    Guarantees, each held by tests/test_cards_gate.py:
        A license that is unspecified allows nothing. A purpose that is denied, or not listed as
        allowed, is refused.
    """
    fault = _purpose_fault(purpose)
    if fault:
        raise RefusedError(fault)
    return Decision(card.name, purpose, tuple(_reasons(card, purpose)))


def gate(cards: Sequence[Card], purpose: str) -> None:
    """Let a run pass only if each of its cards allows the purpose.

    Args:
        cards: The cards of all the run's data sets.
        purpose: The config's purpose, one of `PURPOSES`.

    Raises:
        RefusedError: a card refuses, the purpose is unknown, or there is no card; all reasons of
            all cards are named at once, each with its remedy.
    """
    faults = [*([] if cards else [_NO_CARD]), *_gate_faults(cards, purpose)]
    if faults:
        raise RefusedError("\n".join(faults))


def admit(data: Sequence[DataConfig], purpose: str) -> tuple[Card, ...]:
    """Read the cards of a run's data sets and pass them through the gate, before any photo.

    Args:
        data: The config's data sets.
        purpose: The config's purpose, one of `PURPOSES`.

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
    faults.extend(_gate_faults(tuple(cards.values()), purpose))
    if faults:
        raise RefusedError("\n".join(faults))
    return tuple(cards[section.card] for section in data)


def explain(card: Card) -> pl.DataFrame:
    """What a card allows, purpose by purpose.

    Returns:
        Columns `purpose`, `allowed`, `rule` and `remedy`; one row for each rule that refuses a
        purpose, one for a purpose that is allowed.
    """
    rows: list[tuple[str, bool, str, str]] = []
    for purpose in PURPOSES:
        allowed = Reason(f"license_class '{card.license_class}' and purposes_allowed permit it", "")
        reasons = decide(card, purpose).reasons
        for reason in reasons or (allowed,):
            rows.append((purpose, not reasons, reason.rule, reason.remedy))
    schema = {"purpose": pl.String, "allowed": pl.Boolean, "rule": pl.String, "remedy": pl.String}
    return pl.DataFrame(rows, schema, orient="row")


def column_table(card: Card) -> pl.DataFrame:
    """A card's declared columns.

    Returns:
        Columns `name`, `kind`, `declared_by`, `values` (joined by commas; empty: any) and `note`.
    """
    rows = [(c.name, c.kind, c.declared_by, ", ".join(c.values), c.note) for c in card.columns]
    names = ("name", "kind", "declared_by", "values", "note")
    return pl.DataFrame(rows, dict.fromkeys(names, pl.String), orient="row")


def _gate_faults(cards: Sequence[Card], purpose: str) -> Iterator[str]:
    fault = _purpose_fault(purpose)
    if fault:
        yield fault
    for card in cards:
        # A license that nobody knows refuses any purpose, also one that is still a question.
        reasons = _license_reasons(card) if fault else decide(card, purpose).reasons
        for reason in reasons:
            asked = "any purpose" if fault else f"purpose '{purpose}'"
            yield f"{card.name}: {asked} is refused, {reason.rule} ({reason.remedy})"


def _purpose_fault(purpose: str) -> str:
    if not purpose or is_unanswered(purpose):
        return f"purpose is not answered (wanted: one of {', '.join(PURPOSES)})"
    if purpose not in PURPOSES:
        return f"no purpose '{purpose}'{did_you_mean(purpose, PURPOSES)}"
    return ""


def _reasons(card: Card, purpose: str) -> Iterator[Reason]:
    """Every rule that refuses, not only the first."""
    yield from _license_reasons(card)
    if is_past(card.retain_until):
        remedy = "delete them and `trendcolor expire` their runs; only the owner can give time"
        yield Reason(f"its photos were to be kept until {card.retain_until}", remedy)
    permitted = _CLASS_PURPOSES.get(card.license_class)
    if permitted is not None and purpose not in permitted:
        remedy = f"the license permits {', '.join(permitted)}; get another one from the owner"
        yield Reason(f"license_class '{card.license_class}' does not permit it", remedy)
    is_undocumented = card.people == "real" and card.consent_basis == UNDOCUMENTED
    if is_undocumented and purpose not in _UNDOCUMENTED_PURPOSES:
        remedy = "get their consent and state consent_basis and consent_scope"
        yield Reason("the consent of the people shown is undocumented", remedy)
    if purpose in card.purposes_denied:
        remedy = "only the owner can take it out of purposes_denied"
        yield Reason("the card denies it", remedy)
    elif purpose not in card.purposes_allowed:
        listed = ", ".join(card.purposes_allowed) or "nothing"
        remedy = f"it allows {listed}; only the owner can add to purposes_allowed"
        yield Reason("the card does not allow it", remedy)


def _license_reasons(card: Card) -> Iterator[Reason]:
    if UNSPECIFIED in (card.license, card.annotations_license):
        remedy = "ask the owner, then state license and license_source in the card"
        yield Reason("license is unspecified", remedy)
    if card.license_class not in _CLASS_PURPOSES:
        remedy = "find out what the license permits, then state license_class"
        yield Reason(f"license_class is '{card.license_class}'", remedy)
