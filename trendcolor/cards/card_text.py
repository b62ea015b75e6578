"""A starter card as text: what is known of a data set, and a question where nothing is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trendcolor.cards.card import CONSENT_BASES, PEOPLE
from trendcolor.cards.licenses import LICENSE_CLASSES
from trendcolor.cards.purposes import PURPOSE_MEANINGS
from trendcolor.cards.quoting import commented, one_line, quoted

_CARD = """\
# The data card of {title}. Answer every TODO; `trendcolor check {card_name}` says
# what is missing, and until nothing is, no run reads these photos. If you don't know an answer,
# find out first: "unspecified" and "undocumented" are honest answers, and they close the gate.
{card_notes}
name = {name}
version = {version}  # change it when the photos change
title = {title_value}
homepage = {homepage}

# Which license are the photos under? Who holds the rights, and where is that written?
{license_notes}license = {license}
license_class = "TODO: {license_classes}"
license_source = {license_source}
attribution = {attribution}
license_expires = ""  # the last day that it holds, such as "2027-03-31"; empty if it has no end
redistribution = ""  # of figures: "figures" may leave the house, "internal" not; empty: as the
# license says. A LicenseRef- of your own says nothing, and nothing is published until this does.

# Do the pictures show people? Did they agree, to what, and when?
{people_notes}people = "TODO: {people}"
{people_note}consent_basis = "TODO: {consent_bases}"
consent_scope = "TODO: what they agreed to; empty if there are no people"
consent_date = ""
consent_purposes = ["TODO: the purposes below that they agreed to; [] if there are no people"]
consent_expires = ""  # the last day that it holds, such as "2027-03-31"; empty if it has no end
consent_withdrawn = ""  # the day from which it no longer holds; empty while it does
retain_until = ""  # the last day that photos and figures may be kept, such as "2027-01-31"

# What may the photos be used for, by the license and by what people agreed to? Any of:
{purposes}
{purposes_notes}purposes_allowed = ["TODO"]
purposes_denied = []
show_photos = false  # true lets overlays show photo pixels; never with real people

# How was this collected? A reader of your figures needs it to know what they speak for.
{period_notes}period = {period}
{frame_notes}frame = {frame}
{capture}{annotation}label_set = ""
biases = {biases}
contact = {contact}

# Do you know the light? Take the number signs off one of these three, and it is not estimated.
# Boxes are left, top, right, bottom of the upright photo, 0 to 1.
# [light]
# white_point = [0.3127, 0.3290]  # the studio's, as the camera left it in the files
# gray_card = {{box = [0.0, 0.0, 0.1, 0.1], reflectance = 0.18}}
# color_checker = "find"  # or {{box = [0.0, 0.0, 0.2, 0.1]}}

# What is known of each photo? Take the number signs off the columns that you want and answer
# them, and leave the rest out. Only what somebody declared may stand here: never what a program
# read off a face or a body.
{columns}"""

_QUESTIONS = {
    "license": "the photos' license as an SPDX name such as CC-BY-4.0, or LicenseRef-yours",
    "license_source": "where the license is stated, and what it says there",
    "attribution": "whom to name, in the words that the license asks for",
    "period": "when the photos were taken",
    "frame": "how they were chosen, and from what",
    "contact": "who answers questions about the data",
}
_BIASES = "what is over- or under-represented"
_OPTIONAL = ("people_note", "capture", "annotation")  # no line where nothing is known
_NOTED = ("card", "license", "people", "purposes", "period", "frame")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a data set before its owner is asked; an empty text is a question.

    Consent, purposes and the class of the license are always asked.
    """

    name: str
    title: str
    version: str = "1"
    homepage: str = ""
    license: str = ""
    license_source: str = ""
    attribution: str = ""
    people_note: str = ""
    period: str = ""
    frame: str = ""
    capture: str = ""
    annotation: str = ""
    biases: tuple[str, ...] = ()
    contact: str = ""
    columns: str = ""  # the sections of columns, as TOML
    # What to say above a key, each text a comment: those of _NOTED.
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def card_name(self) -> str:
        """What the card's file is called."""
        return f"{self.name}_card.toml"


def card_text(known: Known) -> str:
    """A card in TOML, each text on one line and in its place.

    Args:
        known: What stands in it.
    """
    answered = {key: _answer(key, getattr(known, key)) for key in _QUESTIONS}
    optional = {
        key: f"{key} = {_value(getattr(known, key))}\n" if getattr(known, key) else ""
        for key in _OPTIONAL
    }
    notes = {
        f"{key}_notes": "".join(commented(note) for note in known.notes.get(key, ()))
        for key in _NOTED
    }
    biases = known.biases or (f"TODO: {_BIASES}",)
    return _CARD.format(
        **answered,
        **optional,
        **notes,
        title=one_line(known.title, 60),
        title_value=_value(known.title),
        card_name=known.card_name,
        name=_value(known.name),
        version=_value(known.version),
        homepage=_value(known.homepage),
        license_classes=" or ".join(LICENSE_CLASSES),
        people=" or ".join(PEOPLE),
        consent_bases=" or ".join(CONSENT_BASES),
        purposes=purpose_comments(),
        biases=f"[{', '.join(_value(each) for each in biases)}]",
        columns=known.columns,
    )


def purpose_comments() -> str:
    """All purposes with their meanings, a comment line each."""
    return "\n".join(f"#   {name}: {meaning}" for name, meaning in PURPOSE_MEANINGS.items())


def _answer(key: str, text: str) -> str:
    return _value(text or f"TODO: {_QUESTIONS[key]}")


def _value(text: str) -> str:
    return quoted(one_line(text))
