"""The rules of the gate, each by itself: a card, a purpose and a day in, what refuses out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from trendcolor.cards.card import UNDOCUMENTED, Card
from trendcolor.cards.columns import child_word
from trendcolor.cards.licenses import (
    FIGURES,
    UNSPECIFIED,
    license_terms,
    share_alike_conflict,
)
from trendcolor.cards.purposes import PUBLIC_PURPOSES, PURPOSES, PURPOSES_FOR_OTHERS
from trendcolor.cards.retention import is_past

# What a class of license permits at all; a card then lists what its owner allows of it.
CLASS_PURPOSES = {
    "commercial": PURPOSES,
    "non-commercial": ("research", "evaluation", "model-training", "publication"),
    "academic": ("research", "evaluation", "model-training"),
}
_ASKED_BASES = ("consent", "contract")  # on which people agree to purposes
_MOST_LETTERS = 100  # of a photo's license; a longer text is none
_TOLD_LETTERS = 60  # of it in a reason


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a purpose is refused, and what would change that."""

    rule: str
    remedy: str


def refusing(card: Card, purpose: str, today: date) -> Iterator[Reason]:
    """Every rule by which a card refuses a purpose on a day, not only the first."""
    for rule in _RULES:
        yield from rule(card, purpose, today)


def license_reasons(card: Card) -> Iterator[Reason]:
    """Why a license refuses any purpose."""
    if UNSPECIFIED in (card.license, card.annotations_license):
        remedy = "ask the owner, then state license and license_source in the card"
        yield Reason("license is unspecified", remedy)
    if card.license_class not in CLASS_PURPOSES:
        remedy = "find out what the license permits, then state license_class"
        yield Reason(f"license_class is '{card.license_class}'", remedy)


def ended(license_expires: str, consent_expires: str, today: date) -> Iterator[Reason]:
    """What has ended before a day; the days given are the last that it held, or empty."""
    day = today.isoformat()
    if license_expires and license_expires < day:
        remedy = "renew it with the owner, then state license_expires anew"
        yield Reason(f"the license ended on {license_expires}", remedy)
    if consent_expires and consent_expires < day:
        remedy = "ask the people shown again, then state consent_expires anew"
        yield Reason(f"the consent ended on {consent_expires}", remedy)


def withdrawn(consent_withdrawn: str, today: date) -> Iterator[Reason]:
    """Whether consent was withdrawn by a day: it no longer holds on the day that is given."""
    if consent_withdrawn and consent_withdrawn <= today.isoformat():
        remedy = "take the photos out of the data set, and out of runs with `trendcolor forget`"
        yield Reason(f"the consent was withdrawn on {consent_withdrawn}", remedy)


def photo_refusal(license: str | None, purpose: str) -> str:
    """Why a photo with a license of its own may not serve a purpose; empty where it may.

    Args:
        license: What the photo's column of kind `license` says.
        purpose: One of `PURPOSES`.

    Guarantees, each held by tests/test_cards_rules.py:
        A license that is empty or not in the table serves no purpose.
    """
    name = (license or "").strip()
    if not name:
        return f"license is empty, which permits no purpose, '{purpose}' included"
    told = " ".join(name[:_TOLD_LETTERS].split())
    terms = license_terms(name) if len(name) <= _MOST_LETTERS else None
    permitted = CLASS_PURPOSES.get(terms.license_class) if terms else None
    if terms is None or permitted is None:
        return f"license '{told}' is not known, which permits no purpose, '{purpose}' included"
    if purpose not in permitted:
        return f"license '{told}' does not permit purpose '{purpose}': it is {terms.license_class}"
    if purpose in PUBLIC_PURPOSES and terms.redistribution != FIGURES:
        return f"license '{told}' does not permit purpose '{purpose}': {terms.reason}"
    return ""


def _license(card: Card, purpose: str, _: date) -> Iterator[Reason]:
    yield from license_reasons(card)
    permitted = CLASS_PURPOSES.get(card.license_class)
    if permitted is not None and purpose not in permitted:
        remedy = f"the license permits {', '.join(permitted)}; get another one from the owner"
        yield Reason(f"license_class '{card.license_class}' does not permit it", remedy)


def _redistribution(card: Card, purpose: str, _: date) -> Iterator[Reason]:
    terms = card.terms
    if purpose not in PUBLIC_PURPOSES or UNSPECIFIED in (card.license, card.annotations_license):
        return
    if terms.redistribution == UNSPECIFIED:
        remedy = f'ask the owner, then state redistribution = "{FIGURES}" or "internal"'
        yield Reason(f"whether figures may leave the house is not in {terms.license}", remedy)
    elif terms.redistribution != FIGURES:
        remedy = f'only the owner can state redistribution = "{FIGURES}"; {terms.reason}'
        yield Reason("figures are for inside the organization", remedy)
    conflict = share_alike_conflict(terms)
    if conflict:
        yield Reason(conflict, "get another license for the photos or for the labels")


def _consent(card: Card, purpose: str, _: date) -> Iterator[Reason]:
    if card.people != "real":
        return
    is_for_others = purpose in PURPOSES_FOR_OTHERS
    if card.consent_basis == UNDOCUMENTED and is_for_others:
        remedy = "get their consent and state consent_basis and consent_scope"
        yield Reason("the consent of the people shown is undocumented", remedy)
    if card.consent_basis not in _ASKED_BASES:
        return
    if card.consent_purposes and purpose not in card.consent_purposes:
        listed = ", ".join(card.consent_purposes)
        remedy = f"they agreed to {listed}; ask them, then add it to consent_purposes"
        yield Reason("the people shown did not agree to it", remedy)
    elif not card.consent_purposes and is_for_others:
        remedy = "state in consent_purposes what they agreed to"
        yield Reason("what the people shown agreed to is not stated", remedy)


def _days(card: Card, _: str, today: date) -> Iterator[Reason]:
    yield from ended(card.license_expires, card.consent_expires, today)
    yield from withdrawn(card.consent_withdrawn, today)
    if is_past(card.retain_until, today):
        remedy = "delete them and `trendcolor expire` their runs; only the owner can give time"
        yield Reason(f"its photos were to be kept until {card.retain_until}", remedy)


def _columns(card: Card, purpose: str, _: date) -> Iterator[Reason]:
    for column in card.columns:
        if column.purposes and purpose not in column.purposes:
            word = child_word(column)
            speaks = f", which speaks of children ('{word}')," if word else ""
            remedy = (
                f"it serves {', '.join(column.purposes)}; take the column out of the card, or only "
                "the owner can add to its purposes"
            )
            yield Reason(f"column '{column.name}'{speaks} does not serve it", remedy)
        if column.kind == "cohort" and not column.declared_on and purpose in PUBLIC_PURPOSES:
            remedy = "state declared_on, a day or a year, or take the column out of the card"
            yield Reason(f"when cohort '{column.name}' was declared is not stated", remedy)


def _listed(card: Card, purpose: str, _: date) -> Iterator[Reason]:
    if purpose in card.purposes_denied:
        remedy = "only the owner can take it out of purposes_denied"
        yield Reason("the card denies it", remedy)
    elif purpose not in card.purposes_allowed:
        listed = ", ".join(card.purposes_allowed) or "nothing"
        remedy = f"it allows {listed}; only the owner can add to purposes_allowed"
        yield Reason("the card does not allow it", remedy)


_RULES: tuple[Callable[[Card, str, date], Iterator[Reason]], ...] = (
    _license,
    _redistribution,
    _consent,
    _days,
    _columns,
    _listed,
)
