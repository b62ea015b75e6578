"""Data card -> what may be done with a data set.

A card is a TOML file that says where photos come from, under which license, on what consent, and
which declared columns come with them. `card.py` reads it, `licenses.py` knows what licenses ask
for, `rules.py` has what closes the gate, `gate.py` answers for a purpose, `decision.py` keeps the
answer with a run, and `odrl.py` writes it for tools that manage rights; `starter.py` writes the
card and config that somebody with a folder of pictures begins with, and `croissant_card.py` takes
answers for it from a Croissant file.
"""

from trendcolor.cards.card import CONSENT_BASES, PEOPLE, Card, read_card
from trendcolor.cards.columns import KINDS, Column, child_word_in
from trendcolor.cards.croissant_card import CroissantCard, card_from_croissant
from trendcolor.cards.decision import (
    NO_DECISION,
    CardDecision,
    Refusal,
    RunDecision,
    check_cleared,
    joined_decision,
    run_decision,
)
from trendcolor.cards.gate import (
    Decision,
    admit,
    column_table,
    decide,
    explain,
    gate,
)
from trendcolor.cards.licenses import (
    LICENSE_CLASSES,
    REDISTRIBUTIONS,
    LicenseTerms,
    license_pages,
    license_terms,
)
from trendcolor.cards.light import ColorChecker, DeclaredLight, GrayCard
from trendcolor.cards.odrl import offer, write_offer
from trendcolor.cards.purposes import PURPOSE_MEANINGS, PURPOSES
from trendcolor.cards.rules import Reason, photo_refusal
from trendcolor.cards.starter import Starter, StarterFiles, starter, write_starter

__all__ = [
    "CONSENT_BASES",
    "KINDS",
    "LICENSE_CLASSES",
    "NO_DECISION",
    "PEOPLE",
    "PURPOSES",
    "PURPOSE_MEANINGS",
    "REDISTRIBUTIONS",
    "Card",
    "CardDecision",
    "ColorChecker",
    "Column",
    "CroissantCard",
    "Decision",
    "DeclaredLight",
    "GrayCard",
    "LicenseTerms",
    "Reason",
    "Refusal",
    "RunDecision",
    "Starter",
    "StarterFiles",
    "admit",
    "card_from_croissant",
    "check_cleared",
    "child_word_in",
    "column_table",
    "decide",
    "explain",
    "gate",
    "joined_decision",
    "license_pages",
    "license_terms",
    "offer",
    "photo_refusal",
    "read_card",
    "run_decision",
    "starter",
    "write_offer",
    "write_starter",
]
