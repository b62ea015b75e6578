"""What a run is asked for each view, and the line of Python that asks the same.

A question is a chain of calls. The page applies it, and prints it, so the line that is shown is the
one that was asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from trendcolor.api.queries import Run
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.errors import QueryError
from trendcolor.explore.asked import Asked
from trendcolor.explore.release import Release

# Colors of a group's palette.
N_COLORS = 8
_SIGNATURE_UNITS = ("garments", "weight")
_DEFAULTS: Mapping[str, object] = {"colors": "family", "unit": "garments"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a chain."""

    name: str
    args: tuple[object, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """As Python has it."""
        options = (f"{name}={value!r}" for name, value in self.options.items())
        return f"{self.name}({', '.join([*map(repr, self.args), *options])})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One answer that a view shows."""

    about: str  # what it is, in a word or two
    calls: tuple[Call, ...]
    is_public: bool = False

    @property
    def code(self) -> str:
        """The line of Python; `run` is the opened run, `release` what of it is public."""
        return ".".join(["release" if self.is_public else "run", *map(str, self.calls)])


def askings(asked: Asked, *, is_public: bool) -> tuple[Asking, ...]:
    """What a view asks.

    Args:
        asked: The page's controls.
        is_public: Whether a release is asked; then `asked` is of its offer.

    Raises:
        QueryError: a comparison has no two parts, or a map is asked for a level that has no places.
    """
    make = _PUBLIC if is_public else _RAW
    return tuple(replace(each, is_public=is_public) for each in make[asked.view](asked))


def answer(source: Run | Release, asking: Asking) -> pl.DataFrame:
    """The frame that a question's line of Python gives.

    Raises:
        TrendColorError: as the calls raise.
    """
    found: object = source
    for call in asking.calls:
        found = getattr(found, call.name)(*call.args, **call.options)
    if not isinstance(found, pl.DataFrame):
        raise QueryError(f"{asking.code} is no table")
    return found


def _part(asked: Asked) -> tuple[Call, ...]:
    """The part of the run that is asked."""
    calls = []
    if asked.wanted:
        wanted = {name: _one_or_list(values) for name, values in asked.wanted}
        calls.append(Call(name="where", args=(wanted,)))
    if asked.garments:
        calls.append(Call(name="garments", args=asked.garments))
    if asked.near:
        calls.append(Call(name="near", args=(asked.near,), options={"within": asked.within}))
    return tuple(calls)


def _one_or_list(values: tuple[str, ...]) -> object:
    return values[0] if len(values) == 1 else [*values]


def _call(name: str, asked: Asked, *args: object, **options: object) -> Call:
    """A call without what it takes by itself."""
    told = {key: value for key, value in options.items() if value != _DEFAULTS.get(key)}
    by = {"by": [*asked.by]} if asked.by else {}
    return Call(name=name, args=args, options=by | told)


def _shares(asked: Asked) -> tuple[Asking, ...]:
    last = _call("shares", asked, colors=asked.colors, unit=asked.unit)
    return (Asking(about="shares", calls=(*_part(asked), last)),)


def _map(asked: Asked) -> tuple[Asking, ...]:
    whole = replace(asked, by=())
    last = _call("shares", whole, colors="bin", unit=asked.unit)
    return (Asking(about="cells", calls=(*_part(asked), last)),)


def _combinations(asked: Asked) -> tuple[Asking, ...]:
    last = _call("combinations", asked, colors=asked.colors)
    return (Asking(about="pairs", calls=(*_part(asked), last)),)


def _compare(asked: Asked) -> tuple[Asking, ...]:
    a, b = _two_parts(asked)
    sides = ({a[0]: a[1]}, {b[0]: b[1]})
    whole = replace(asked, by=())
    last = _call("compare", whole, *sides, colors=asked.colors, unit=asked.unit)
    return (Asking(about="changes", calls=(*_part(asked), last)),)


def _two_parts(asked: Asked) -> tuple[tuple[str, str], tuple[str, str]]:
    if asked.a is None or asked.b is None:
        raise QueryError("a comparison needs two parts (choose a and b)")
    if asked.a == asked.b:
        raise QueryError(f"a and b are both {asked.a[0]} {asked.a[1]} (choose two)")
    return asked.a, asked.b


def _signatures(asked: Asked) -> tuple[Asking, ...]:
    unit = asked.unit if asked.unit in _SIGNATURE_UNITS else "garments"
    one = _call("signatures", asked, unit=unit)
    each = _call("signatures", asked, family=[*FAMILIES], unit=unit)
    palette = _call("palette", asked, n_colors=N_COLORS)
    part = _part(asked)
    return (
        Asking(about="signature", calls=(*part, one)),
        Asking(about="palette", calls=(*part, palette)),
        Asking(about="signatures of families", calls=(*part, each)),
    )


def _public_shares(asked: Asked) -> tuple[Asking, ...]:
    return (Asking(about="shares", calls=(_call("shares", asked),)),)


def _public_compare(asked: Asked) -> tuple[Asking, ...]:
    a, b = _two_parts(asked)
    if a[0] != b[0]:
        raise QueryError("a public page compares two values of one column (choose a and b so)")
    return (Asking(about="changes", calls=(Call(name="compare", args=(a[0], a[1], b[1])),)),)


def _public_signatures(_: Asked) -> tuple[Asking, ...]:
    return (Asking(about="signatures of families", calls=(Call(name="signatures"),)),)


_RAW = {
    "shares": _shares,
    "map": _map,
    "combinations": _combinations,
    "compare": _compare,
    "signatures": _signatures,
}
_PUBLIC = {
    "shares": _public_shares,
    "compare": _public_compare,
    "signatures": _public_signatures,
}
