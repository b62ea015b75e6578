"""What the gate decided of a run, to be stored with it and asked again when it is reported."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from trendcolor.cards.card import Card
from trendcolor.cards.licenses import (
    LicenseTerms,
    license_of_figures,
    license_terms,
    share_alike_conflict,
    strictest,
)
from trendcolor.cards.purposes import PUBLIC_PURPOSES, PURPOSES
from trendcolor.cards.rules import Reason, ended, refusing, withdrawn
from trendcolor.errors import RefusedError, did_you_mean

_NO_TERMS = LicenseTerms(license="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One rule that refused one purpose."""

    purpose: str
    rule: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDecision:
    """What one card answered, and what it rests on."""

    card: str
    sha256: str  # of the card's file
    allowed: tuple[str, ...]  # all purposes that it allowed on that day
    rule: str  # by which the run's own was allowed; empty where it was not
    refusals: tuple[Refusal, ...]  # of all other purposes
    terms: LicenseTerms
    license_expires: str
    consent_date: str
    consent_purposes: tuple[str, ...]
    consent_expires: str
    consent_withdrawn: str

    def refused(self, purpose: str) -> tuple[Refusal, ...]:
        """The rules that refused a purpose; none where it was allowed."""
        if purpose in self.allowed:
            return ()
        found = tuple(refusal for refusal in self.refusals if refusal.purpose == purpose)
        listed = ", ".join(self.allowed) or "nothing"
        rule = Refusal(
            purpose=purpose, rule=f"it allowed {listed}", remedy="ask the owner to allow it"
        )
        return found or (rule,)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDecision:
    """What all cards of a run answered together."""

    purpose: str
    date: str  # the day, ISO 8601
    cards: tuple[CardDecision, ...] = ()
    photo_licenses: tuple[str, ...] = ()  # of the photos that have their own and were let in
    has_photo_licenses: bool = False  # whether photos were let in one by one, for the purpose
    terms: LicenseTerms = _NO_TERMS  # of all together: of each thing the strictest
    license_of_figures: str = ""  # that share-alike licenses ask for; empty: none asks
    refusals: tuple[Refusal, ...] = ()  # by all cards together

    def cleared(self, sha256: str) -> tuple[str, ...]:
        """The purposes that one card of the run allowed, and the licenses of all together too.

        Args:
            sha256: The card's.
        """
        allowed = next((card.allowed for card in self.cards if card.sha256 == sha256), ())
        closed = {refusal.purpose for refusal in self.refusals}
        if self.has_photo_licenses:
            closed |= {*PURPOSES} - {self.purpose}
        return tuple(purpose for purpose in allowed if purpose not in closed)


NO_DECISION = RunDecision(purpose="", date="")


def purpose_fault(purpose: str) -> str:
    """What is wrong with a purpose; empty where it is one of `PURPOSES`."""
    return "" if purpose in PURPOSES else f"no purpose '{purpose}'{did_you_mean(purpose, PURPOSES)}"


def run_decision(
    cards: Sequence[Card], purpose: str, today: date, photo_licenses: Sequence[str] = ()
) -> RunDecision:
    """What the cards of a run allow on a day.

    Args:
        cards: One for each data set.
        purpose: The run's, one of `PURPOSES`.
        today: The day.
        photo_licenses: Those of photos that have their own.
    """
    alone = tuple(_card_decision(card, purpose, today) for card in dict.fromkeys(cards))
    licenses = tuple(sorted({*photo_licenses}))
    decision = RunDecision(
        purpose=purpose,
        date=today.isoformat(),
        cards=alone,
        photo_licenses=licenses,
        has_photo_licenses=any(card.has_photo_licenses for card in cards),
    )
    return _together(decision)


def joined_decision(decisions: Sequence[RunDecision]) -> RunDecision:
    """What runs of one purpose that are put together were allowed.

    Args:
        decisions: Of the runs, at least one. The day is the earliest of theirs.
    """
    cards = {card.sha256: card for each in decisions for card in each.cards}
    joined = replace(
        decisions[0],
        date=min(each.date for each in decisions),
        cards=tuple(cards.values()),
        photo_licenses=tuple(sorted({name for each in decisions for name in each.photo_licenses})),
        has_photo_licenses=any(each.has_photo_licenses for each in decisions),
    )
    return _together(joined)


def check_cleared(decision: RunDecision, purpose: str, today: date, *, place: str) -> None:
    """Refuse a purpose that a run was not cleared for, or that it no longer is.

    Args:
        decision: What was decided when the run was made.
        purpose: What its figures shall serve.
        today: The day; licenses and consent may have ended since.
        place: What to call the run in messages.

    Raises:
        RefusedError: it is refused; every rule is named with its remedy.
    """
    fault = purpose_fault(purpose)
    faults = [fault] if fault else [*_faults(decision, purpose, today)]
    if faults:
        raise RefusedError("\n".join(f"{place}: {each}" for each in faults))


def _faults(decision: RunDecision, purpose: str, today: date) -> Iterator[str]:
    asked = f"purpose '{purpose}' is refused"
    again = f'then run its config again with purpose = "{purpose}"'
    if not decision.cards:
        yield f"{asked}, no data card cleared the run ({again}, and a card)"
    for card in decision.cards:
        for refusal in card.refused(purpose):
            rule = f"{card.card} did not clear it on {decision.date}: {refusal.rule}"
            yield f"{asked}, {rule} ({refusal.remedy}; {again})"
        for reason in (
            *ended(card.license_expires, card.consent_expires, today),
            *withdrawn(card.consent_withdrawn, today),
        ):
            yield f"{asked}, {card.card}: {reason.rule} ({reason.remedy})"
    for refusal in decision.refusals:
        if refusal.purpose == purpose:
            yield f"{asked}, {refusal.rule} ({refusal.remedy})"
    if decision.has_photo_licenses and purpose != decision.purpose:
        yield (
            f"{asked}, each photo's license was asked for '{decision.purpose}' alone (run its "
            f'config again with purpose = "{purpose}")'
        )


def allowing_rule(card: Card, purpose: str) -> str:
    """The rule by which a card allows a purpose that nothing refuses."""
    rule = f"license_class '{card.license_class}' and purposes_allowed permit it"
    return f"{rule}, and consent_purposes has it" if purpose in card.consent_purposes else rule


def _card_decision(card: Card, purpose: str, today: date) -> CardDecision:
    reasons: dict[str, list[Reason]] = {p: [*refusing(card, p, today)] for p in PURPOSES}
    allowed = tuple(each for each, found in reasons.items() if not found)
    return CardDecision(
        card=card.name,
        sha256=card.sha256,
        allowed=allowed,
        rule=allowing_rule(card, purpose) if purpose in allowed else "",
        refusals=tuple(
            Refusal(purpose=each, rule=reason.rule, remedy=reason.remedy)
            for each, found in reasons.items()
            for reason in found
        ),
        terms=card.terms,
        license_expires=card.license_expires,
        consent_date=card.consent_date,
        consent_purposes=card.consent_purposes,
        consent_expires=card.consent_expires,
        consent_withdrawn=card.consent_withdrawn,
    )


def _together(decision: RunDecision) -> RunDecision:
    """The decision with what follows from all licenses at once."""
    parts = [card.terms for card in decision.cards]
    parts += [license_terms(name) for name in decision.photo_licenses]
    terms = strictest(parts) if parts else _NO_TERMS
    is_told = any(share_alike_conflict(part) for part in parts)  # by its card already
    conflict = "" if is_told else share_alike_conflict(terms)
    refusals = tuple(
        Refusal(
            purpose=purpose,
            rule=conflict,
            remedy="leave out the data sets or photos of one of these licenses",
        )
        for purpose in (PUBLIC_PURPOSES if conflict else ())
    )
    return replace(
        decision, terms=terms, license_of_figures=license_of_figures(terms), refusals=refusals
    )
