"""Data card -> what may be done with a data set.

A card is a TOML file that says where photos come from, under which license, on what consent, and
which declared columns come with them. `card.py` reads it, `gate.py` answers for a purpose,
`starter.py` writes the card and config that somebody with a folder of pictures begins with, and
`croissant_card.py` takes answers for it from a Croissant file.
"""

from trendcolor.cards.card import (
    CONSENT_BASES,
    LICENSE_CLASSES,
    PEOPLE,
    PURPOSES,
    Card,
    read_card,
)
from trendcolor.cards.columns import KINDS, Column
from trendcolor.cards.croissant_card import CroissantCard, card_from_croissant
from trendcolor.cards.gate import (
    Decision,
    Reason,
    admit,
    column_table,
    decide,
    explain,
    gate,
)
from trendcolor.cards.light import ColorChecker, DeclaredLight, GrayCard
from trendcolor.cards.starter import Starter, StarterFiles, starter, write_starter

__all__ = [
    "CONSENT_BASES",
    "KINDS",
    "LICENSE_CLASSES",
    "PEOPLE",
    "PURPOSES",
    "Card",
    "ColorChecker",
    "Column",
    "CroissantCard",
    "Decision",
    "DeclaredLight",
    "GrayCard",
    "Reason",
    "Starter",
    "StarterFiles",
    "admit",
    "card_from_croissant",
    "column_table",
    "decide",
    "explain",
    "gate",
    "read_card",
    "starter",
    "write_starter",
]
