"""A data card, read strictly from TOML.

`data_cards/README.md` explains the format key by key.
"""

import dataclasses
import hashlib
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_type_hints

import msgspec

from trendcolor.cards.columns import Column, column_faults, is_day, is_unanswered
from trendcolor.cards.licenses import (
    FIGURES,
    LICENSE_CLASSES,
    REDISTRIBUTIONS,
    UNSPECIFIED,
    LicenseTerms,
    is_laxer,
    least_class,
    license_terms,
    strictest,
    unknown_licenses,
)
from trendcolor.cards.light import NOTHING_GIVEN, DeclaredLight
from trendcolor.cards.purposes import PURPOSES
from trendcolor.cards.retention import retention_faults
from trendcolor.config import read_toml
from trendcolor.errors import CardError, did_you_mean
from trendcolor.taxonomy import LABEL_SETS

UNDOCUMENTED = "undocumented"
CONSENT_BASES = ("consent", "contract", "legitimate-interest", "not-needed", UNDOCUMENTED)
PEOPLE = ("none", "synthetic", "real")
# Of a card whose photos each have a license: these are asked one by one, and then together.
_EACH_PHOTOS = LicenseTerms(
    license="each photo's own",
    license_class=LICENSE_CLASSES[0],
    redistribution=FIGURES,
    reason="each photo's own license decides",
)
_DAYS = ("license_expires", "consent_expires", "consent_withdrawn")

_QUESTIONS = {
    "name": "a short name in lower case, such as street_2026",
    "version": "a date, a release or a commit",
    "title": "what the data set is called",
    "license": 'the photos\' license as an SPDX name, such as "CC-BY-4.0", or "unspecified"',
    "license_class": f"one of {', '.join(LICENSE_CLASSES)}",
    "attribution": "whom to name, in the words that the license asks for",
    "consent_basis": f"one of {', '.join(CONSENT_BASES)}",
    "people": f"one of {', '.join(PEOPLE)}",
    "period": "when the photos were taken",
    "frame": "how they were chosen, and from what",
    "contact": "who answers questions about the data",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is known of a data set, and what may be done with it.

    Raises:
        CardError: with all faults at once, each with its place and remedy.
    """

    # Identity
    name: str = ""
    version: str = ""
    title: str = ""
    homepage: str = ""
    # License
    license: str = ""  # of the photos: an SPDX expression, or "unspecified"
    license_class: str = ""  # one of LICENSE_CLASSES: the strictest of photos and annotations
    license_source: str = ""  # where the license is stated, and what it says there
    annotations_license: str = ""  # where labels come under a license of their own
    attribution: str = ""
    license_expires: str = ""  # the last day that it holds, as 2026-03-31; empty: no end
    redistribution: str = ""  # of figures, one of REDISTRIBUTIONS; empty: as the license says
    # Consent
    people: str = ""  # one of PEOPLE
    people_note: str = ""
    consent_basis: str = ""  # one of CONSENT_BASES
    consent_scope: str = ""  # what was agreed to
    consent_date: str = ""
    consent_purposes: tuple[str, ...] = ()  # what the people shown agreed to
    consent_expires: str = ""  # the last day that it holds, as 2026-03-31; empty: no end
    consent_withdrawn: str = ""  # the day from which it no longer holds; empty: it holds
    # Use
    purposes_allowed: tuple[str, ...] = ()
    purposes_denied: tuple[str, ...] = ()
    show_photos: bool = False  # whether overlays may show photo pixels
    retain_until: str = ""  # the last day that photos and runs may be kept; empty: no limit
    # Collection
    period: str = ""
    frame: str = ""
    capture: str = ""  # camera, light, retouching
    annotation: str = ""  # who drew the labels, and how
    label_set: str = ""  # a name in taxonomy.py; empty: no labels
    biases: tuple[str, ...] = ()
    contact: str = ""
    light: DeclaredLight | None = None  # how the light of each photo is known; None: estimated
    columns: tuple[Column, ...] = ()
    sha256: str = ""  # of the file's bytes; filled by `read_card`

    def __post_init__(self) -> None:
        faults = [
            *_unanswered(self),
            *_word_faults(self),
            *_license_faults(self),
            *_redistribution_faults(self),
            *_day_faults(self),
            *_people_faults(self),
            *retention_faults(self.retain_until),
            *column_faults(self.columns),
        ]
        if faults:
            raise CardError("\n".join(faults))

    @property
    def is_free_of_people(self) -> bool:
        """Whether no photo shows a real person."""
        return self.people in ("none", "synthetic")

    @property
    def may_show_photos(self) -> bool:
        """Whether an overlay may hold photo pixels."""
        return self.show_photos and self.is_free_of_people

    @property
    def terms(self) -> LicenseTerms:
        """What the licenses of photos and labels permit and ask for, with what the card states."""
        licenses = [text for text in (self.license, self.annotations_license) if text]
        terms = strictest(
            _EACH_PHOTOS if text == self.license and self._is_by_photo else license_terms(text)
            for text in licenses
        )
        if not self.redistribution:
            return terms
        return dataclasses.replace(
            terms,
            redistribution=self.redistribution,
            reason=f'{terms.reason}; the card states redistribution = "{self.redistribution}"',
        )

    @property
    def _is_by_photo(self) -> bool:
        """Whether only the photos' own licenses say what may be done with them."""
        unknown = license_terms(self.license).license_class == UNSPECIFIED
        return self.has_photo_licenses and unknown and self.license != UNSPECIFIED

    @property
    def has_photo_licenses(self) -> bool:
        """Whether each photo has a license of its own."""
        return bool(self.columns_of("license"))

    def columns_of(self, kind: str) -> tuple[Column, ...]:
        """The declared columns of one kind, in the card's order."""
        return tuple(column for column in self.columns if column.kind == kind)


def read_card(path: Path) -> Card:
    """A data card from a TOML file.

    Args:
        path: The file.

    Raises:
        CardError: the file is missing, is not TOML, or has faults; all are named at once, each
            with its place and remedy.
    """
    try:
        card = read_toml(path, Card, CardError)
    except CardError as error:
        lines = list(dict.fromkeys((*str(error).splitlines(), *_further_faults(path))))
        if any(" light." in line for line in lines):  # what was given is faulty, not missing
            lines = [line for line in lines if NOTHING_GIVEN not in line]
        raise CardError("\n".join(lines)) from error
    if card.sha256:
        raise CardError(f"{path.name}: sha256 is computed from the file (take the key out)")
    return dataclasses.replace(card, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def _further_faults(path: Path) -> list[str]:
    """What is wrong besides unknown keys and wrong types, which hide it from a strict reader."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    sound, unsound = {}, []
    for key, kind in get_type_hints(Card).items():
        try:
            if key in table:
                sound[key] = msgspec.convert(table[key], kind, strict=True)
        except msgspec.ValidationError:
            unsound.append(key)
    try:
        Card(**sound)
    except CardError as error:
        faults = str(error).splitlines()
        return [f"{path.name}: {line}" for line in faults if line.split()[0] not in unsound]
    return []


def _unanswered(card: Card) -> Iterator[str]:
    """The questions that still stand where answers should."""
    for spec in dataclasses.fields(card):
        value = getattr(card, spec.name)
        texts = (value,) if isinstance(value, str) else value
        is_missing = spec.name in _QUESTIONS and value == ""
        if is_missing or (
            spec.name not in ("columns", "light", "show_photos") and _has_question(texts)
        ):
            want = _QUESTIONS.get(spec.name, _optional_question(spec.name))
            yield f"{spec.name} is not answered (wanted: {want})"


def _has_question(texts: Sequence[str]) -> bool:
    return any(is_unanswered(text) for text in texts)


def _optional_question(key: str) -> str:
    if key in ("purposes_allowed", "purposes_denied", "consent_purposes"):
        return f"any of {', '.join(PURPOSES)}"
    return "an answer in place of TODO, or the key left out"


def _word_faults(card: Card) -> Iterator[str]:
    """Values that are none of the words their key knows."""
    vocabularies = (
        ("license_class", (card.license_class,), LICENSE_CLASSES),
        ("consent_basis", (card.consent_basis,), CONSENT_BASES),
        ("people", (card.people,), PEOPLE),
        ("purposes_allowed", card.purposes_allowed, PURPOSES),
        ("purposes_denied", card.purposes_denied, PURPOSES),
        ("consent_purposes", card.consent_purposes, PURPOSES),
        ("redistribution", (card.redistribution,), REDISTRIBUTIONS),
        ("label_set", (card.label_set,), tuple(LABEL_SETS)),
    )
    for key, texts, known in vocabularies:
        for text in texts:
            if text and not is_unanswered(text) and text not in known:
                yield f"{key} does not know '{text}'{did_you_mean(text, known)}"
    if card.name and not is_unanswered(card.name) and not re.fullmatch(r"[a-z0-9_-]+", card.name):
        yield f"name must be lower case letters, digits, _ and -, got '{card.name}'"


def _license_faults(card: Card) -> Iterator[str]:
    for key in ("license", "annotations_license"):
        text = getattr(card, key)
        if not text or text == UNSPECIFIED or is_unanswered(text):
            continue
        unknown = unknown_licenses(text)
        if unknown:
            yield (
                f"{key} '{text}' is no SPDX expression: {unknown} (take a name from "
                'https://spdx.org/licenses, LicenseRef-<name> for one of its own, or "unspecified")'
            )
        own, stated = least_class(text), card.license_class
        if not unknown and stated in LICENSE_CLASSES and is_laxer(stated, own):
            yield f"{key} '{text}' is not {stated} (license_class must be {own}, or a stricter one)"
    if card.license == UNSPECIFIED and card.license_class not in ("", UNSPECIFIED):
        yield (
            f"license_class is '{card.license_class}' of a license that is unspecified (state the "
            'license, or license_class = "unspecified")'
        )


def _redistribution_faults(card: Card) -> Iterator[str]:
    is_known = card.license and not unknown_licenses(card.license)
    if card.redistribution != FIGURES or card.license_source or not is_known:
        return
    found = license_terms(card.license)
    if found.redistribution != FIGURES:
        yield (
            f"redistribution is \"{FIGURES}\", which license '{card.license}' does not say (state "
            f"in license_source where the owner grants it; {found.reason})"
        )


def _day_faults(card: Card) -> Iterator[str]:
    for key in _DAYS:
        text = getattr(card, key)
        if text and not is_unanswered(text) and not is_day(text):
            yield f"{key} '{text}' is no day (wanted such as 2026-03-31)"


def _people_faults(card: Card) -> Iterator[str]:
    if card.show_photos and card.people == "real":
        yield (
            'show_photos is true, but people = "real" (pictures of people are never shown: '
            "show_photos = false)"
        )
    if card.consent_basis == "not-needed" and card.people == "real":
        yield (
            'consent_basis is "not-needed", but people = "real" (say what they agreed to, or '
            f'"{UNDOCUMENTED}")'
        )
