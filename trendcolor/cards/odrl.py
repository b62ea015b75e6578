"""A card as an ODRL 2.2 offer in JSON-LD, for tools that manage rights.

Terms are those of the ODRL Vocabulary & Expression 2.2 (W3C Recommendation of 15 February 2018,
https://www.w3.org/TR/odrl-vocab/), which takes share-alike from Creative Commons. The photos and
the figures that are made from them are two assets. What the gate refuses is a prohibition.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from trendcolor.cards.card import Card
from trendcolor.cards.gate import decide
from trendcolor.cards.licenses import license_of_figures, license_pages
from trendcolor.cards.purposes import PUBLIC_PURPOSES, PURPOSES
from trendcolor.errors import UsageError

CONTEXT = (
    "http://www.w3.org/ns/odrl.jsonld",
    {"dcterms": "http://purl.org/dc/terms/", "schema": "https://schema.org/"},
)
SHARE_ALIKE = "http://creativecommons.org/ns#ShareAlike"

Node = Mapping[str, Any]  # of JSON-LD


def offer(card: Card, today: date | None = None) -> Node:
    """What a card offers: permissions with their duties, and prohibitions.

    Args:
        card: A card that was read.
        today: As of `decide`.

    Guarantees, each held by tests/test_cards_odrl.py:
        Each purpose is permitted where the gate allows it, else prohibited, never both. The same
        card gives the same offer.
    """
    allowed = [each for each in PURPOSES if decide(card, each, today).allowed]
    refused = [each for each in PURPOSES if each not in allowed]
    public = [each for each in allowed if each in PUBLIC_PURPOSES]
    kept = [each for each in PUBLIC_PURPOSES if each not in allowed]
    figures = _figures(card)
    rules = {
        "permission": [
            *_rules("use", _photos(card), allowed, card, duties=()),
            *_rules("distribute", figures, public, card, duties=tuple(_duties(card))),
        ],
        "prohibition": [
            *_rules("use", _photos(card), refused),
            *_rules("distribute", figures, kept),
        ],
    }
    return {
        "@context": list(CONTEXT),
        "@type": "Offer",
        "uid": _urn(card, "offer"),
        "assigner": _party(card, "assigner", card.contact),
        "conflict": "prohibit",
        **{name: found for name, found in rules.items() if found},
    }


def write_offer(card: Card, path: Path, today: date | None = None) -> None:
    """Write a card's offer as JSON-LD.

    Raises:
        UsageError: the file can't be written.
    """
    text = json.dumps(offer(card, today), ensure_ascii=False, indent=2) + "\n"
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as cause:
        reason = cause.strerror or cause
        raise UsageError(f"{path}: can't be written ({reason}) (--odrl)") from cause


def _rules(
    action: str,
    asset: Node,
    purposes: Sequence[str],
    card: Card | None = None,
    duties: Sequence[Node] = (),
) -> Iterator[Node]:
    """One rule for all purposes that it is the same for; none without a purpose.

    Args:
        action: Of the vocabulary.
        asset: What it is done with.
        purposes: What for.
        card: Whose last days hold; None: the rule has no end.
        duties: What whoever does it must do.
    """
    if not purposes:
        return
    days = () if card is None else _days(card)
    rule = {
        "target": asset,
        "action": action,
        "constraint": [_constraint("purpose", "isAnyOf", list(purposes)), *days],
    }
    yield {**rule, "duty": list(duties)} if duties else rule


def _days(card: Card) -> Iterator[Node]:
    for day in (card.license_expires, card.consent_expires):
        if day:
            yield _constraint("dateTime", "lteq", _day(day))
    if card.consent_withdrawn:
        yield _constraint("dateTime", "lt", _day(card.consent_withdrawn))


def _duties(card: Card) -> Iterator[Node]:
    """What whoever passes figures on must do."""
    terms = card.terms
    if terms.attribution or terms.license_class not in ("commercial", "non-commercial"):
        yield {
            "action": "attribute",
            "attributedParty": _party(card, "attributed", card.attribution),
        }
    license_name = license_of_figures(terms)
    if license_name:
        yield {"action": SHARE_ALIKE, "dcterms:license": _ids(license_pages(license_name))}


def _photos(card: Card) -> Node:
    return {
        "@type": "AssetCollection",
        "uid": card.homepage if card.homepage.startswith("http") else _urn(card, "photos"),
        "dcterms:title": card.title,
        "dcterms:license": _ids(license_pages(card.license)) or card.license,
    }


def _figures(card: Card) -> Node:
    return {
        "@type": "Asset",
        "uid": _urn(card, "figures"),
        "dcterms:title": f"figures measured from {card.title}",
        "dcterms:source": {"@id": _photos(card)["uid"]},
    }


def _party(card: Card, role: str, name: str) -> Node:
    return {"@type": "Party", "uid": _urn(card, role), "schema:name": name}


def _constraint(left: str, operator: str, right: object) -> Node:
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def _day(day: str) -> Node:
    return {"@value": day, "@type": "xsd:date"}


def _ids(addresses: Iterable[str]) -> list[Node]:
    return [{"@id": address} for address in addresses]


def _urn(card: Card, part: str) -> str:
    """A name of a part of the card, the same each time."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"trendcolor:{card.name}:{card.version}:{part}").urn
