"""What a client asks, read and checked. Nothing that it sends is trusted, and nothing evaluated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from trendcolor.errors import QueryError, did_you_mean
from trendcolor.explore.offer import Offer

Sent: TypeAlias = Mapping[str, object]  # what a client sends: names and whatever it likes

PLANES = ("hue", "lightness", "chroma")  # of the map
WITHIN = 8.0  # CIEDE2000, unless told
MOST_WITHIN = 20.0  # CIEDE2000; beyond it colors are not near in any sense
_LONGEST = 200  # of a text, in characters
_FIELDS = (
    *("view", "by", "colors", "unit", "garments", "wanted", "near", "within", "plane"),
    *("a", "b"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One state of the page's controls, as far as it may be asked."""

    view: str = "shares"
    by: tuple[str, ...] = ()
    colors: str = "family"
    unit: str = "garments"
    garments: tuple[str, ...] = ()  # none: all
    wanted: tuple[tuple[str, tuple[str, ...]], ...] = ()  # values by column, of which it has one
    near: str = ""  # a color; empty: none is asked for
    within: float = WITHIN  # CIEDE2000
    plane: str = "hue"  # of the map, one of PLANES
    a: tuple[str, str] | None = None  # of a comparison: a column and its value
    b: tuple[str, str] | None = None


def read_asked(sent: Sent, offer: Offer) -> Asked:
    """A client's question.

    Args:
        sent: Fields of `Asked` by name; those that are missing, null or empty stand as they are.
            Not modified.
        offer: What may be asked.

    Raises:
        QueryError: a field is unknown, of another type, or asks for what is not offered. The
            message names it.

    Guarantees, each held by tests/test_explore_asked.py:
        Whatever is sent, each word of the question is one of the offer, but for the color near
        which garments are asked for, and no filter is of a public page.
    """
    for name in sent:
        if name not in _FIELDS:
            raise QueryError(f"no field '{str(name)[:_LONGEST]}'{did_you_mean(str(name), _FIELDS)}")
    by = _words(sent, "by", offer.groups)
    if len(by) > offer.most_by:
        raise QueryError(f"{len(by)} columns to group by (at most {offer.most_by})")
    return Asked(
        view=_word(sent, "view", offer.views),
        by=by,
        colors=_word(sent, "colors", offer.levels),
        unit=_word(sent, "unit", offer.units),
        garments=_words(sent, "garments", offer.garments),
        wanted=_wanted(sent, offer),
        near=_color(sent, offer),
        within=_within(sent),
        plane=_word(sent, "plane", PLANES),
        a=_part(sent, "a", offer),
        b=_part(sent, "b", offer),
    )


def as_sent(asked: Asked) -> dict[str, object]:
    """A question as a client may send it: `read_asked` gives it back."""
    fields = {name: getattr(asked, name) for name in _FIELDS}
    fields["wanted"] = dict(asked.wanted)
    return {name: value for name, value in fields.items() if value not in ((), "", None, {})}


def _word(sent: Sent, name: str, known: Sequence[str]) -> str:
    word = sent.get(name)
    return known[0] if word in (None, "") else _checked(word, name, known)


def _words(sent: Sent, name: str, known: Sequence[str]) -> tuple[str, ...]:
    words = sent.get(name)
    if words in (None, "") or words == []:
        return ()
    if not isinstance(words, list | tuple):
        raise QueryError(f"{name} is {_shown(words)} (wanted a list)")
    return tuple(dict.fromkeys(_checked(word, name, known) for word in words))


def _checked(word: object, name: str, known: Sequence[str]) -> str:
    if not isinstance(word, str):
        raise QueryError(f"{name} is {_shown(word)} (wanted a text)")
    if word not in known:
        if not known:
            raise QueryError(f"no {name} can be asked for here")
        raise QueryError(f"no {name} {_shown(word)}{did_you_mean(word[:_LONGEST], known[:40])}")
    return word


def _wanted(sent: Sent, offer: Offer) -> tuple[tuple[str, tuple[str, ...]], ...]:
    wanted = sent.get("wanted")
    if wanted is None or wanted == {}:
        return ()
    if offer.is_public:
        raise QueryError("a public page has no filters")
    if not isinstance(wanted, Mapping):
        raise QueryError(f"wanted is {_shown(wanted)} (wanted values by column)")
    values = {column.name: column.values for column in offer.columns}
    for name in wanted:
        _checked(name, "column", [*values])
    chosen = {str(name): _words(wanted, str(name), values[str(name)]) for name in wanted}
    return tuple((name, chosen[name]) for name in values if chosen.get(name))


def _color(sent: Sent, offer: Offer) -> str:
    color = sent.get("near")
    if color in (None, ""):
        return ""
    if offer.is_public:
        raise QueryError("a public page has no filters")
    if not isinstance(color, str) or len(color) > _LONGEST:
        raise QueryError(f"near is {_shown(color)} (wanted a color)")
    return color.strip()


def _within(sent: Sent) -> float:
    within = sent.get("within")
    if within is None:
        return WITHIN
    is_number = isinstance(within, int | float) and not isinstance(within, bool)
    if isinstance(within, int | float) and is_number and 0 <= within <= MOST_WITHIN:
        return float(within)
    raise QueryError(f"within is {_shown(within)} (wanted 0 to {MOST_WITHIN:g}, CIEDE2000)")


def _part(sent: Sent, name: str, offer: Offer) -> tuple[str, str] | None:
    part = sent.get(name)
    if part in (None, "") or part == []:
        return None
    if not isinstance(part, list | tuple) or len(part) != 2:
        raise QueryError(f"{name} is {_shown(part)} (wanted a column and its value)")
    values = {column.name: column.values for column in offer.columns}
    column = _checked(part[0], "column", [*values])
    return (column, _checked(part[1], column, values[column]))


def _shown(value: object) -> str:
    """A value as a message may quote it."""
    text = repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
