"""Licenses -> what they permit and ask for, read from SPDX expressions by a table.

The table has the licenses that photos come under. A license that it does not have is unspecified:
what depends on it stays closed until the card's owner states it. A row says what this project
reads a license to ask of figures that are measured from photos; it is no legal advice.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from license_expression import (  # type: ignore[import-untyped]  # ships no types
    ExpressionError,
    LicenseWithExceptionSymbol,
    Licensing,
    get_spdx_licensing,
)

UNSPECIFIED = "unspecified"
LICENSE_CLASSES = ("commercial", "non-commercial", "academic", UNSPECIFIED)  # the laxest first
FIGURES, INTERNAL = "figures", "internal"
REDISTRIBUTIONS = (FIGURES, INTERNAL)  # the laxest first
_REDISTRIBUTED = (*REDISTRIBUTIONS, UNSPECIFIED)
_REASONS = {
    "free": "its makers keep no rights, or as few as the law lets them",
    "notice": "any use is permitted; whoever made it is named",
    "share-alike": "any use is permitted; its maker is named, and what is made of it comes under "
    "the same license",
    "non-commercial": "any use is permitted that is not commercial; its maker is named",
    "non-commercial share-alike": "any use is permitted that is not commercial; its maker is "
    "named, and what is made of it comes under the same license",
    "no derivatives": "what is made of it may not be shared, and nobody has decided whether "
    "figures are made of it: they stay inside until the owner says otherwise",
    "results": "its terms hold for the data, not for results that are computed from it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseTerms:
    """What a license permits, and what it asks for."""

    license: str  # SPDX names; of alternatives the one that was chosen
    license_class: str = UNSPECIFIED  # one of LICENSE_CLASSES
    attribution: bool = False  # whether its maker must be named
    share_alike: tuple[str, ...] = ()  # licenses that ask for themselves on what is made of it
    no_derivatives: bool = False  # whether what is made of it may not be shared
    redistribution: str = UNSPECIFIED  # of figures: one of REDISTRIBUTIONS, or unspecified
    reason: str = "the table of licenses does not have it"


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the table: the names that it is of, and what they ask for."""

    names: str  # an expression that a whole SPDX name meets
    reason: str  # a key of _REASONS
    license_class: str = "commercial"
    attribution: bool = True
    share_alike: bool = False
    no_derivatives: bool = False


# A name of Creative Commons ends in a version and perhaps a jurisdiction, as in CC-BY-3.0-AT.
_VERSION = r"(1\.0|2\.0|2\.1|2\.5|3\.0|4\.0)(-[A-Z]+)?"
_TABLE = (
    _Row("CC0-1.0|CC-PDM-1.0|CC-PDDC|PDDL-1.0|Unlicense|0BSD|MIT-0", "free", attribution=False),
    _Row("MIT|BSD-[23]-Clause|Apache-2.0|ODC-By-1.0", "notice"),
    _Row(f"CC-BY-{_VERSION}", "notice"),
    _Row(f"CC-BY-SA-{_VERSION}", "share-alike", share_alike=True),
    _Row("ODbL-1.0|LAL-1.[23]", "share-alike", share_alike=True),
    _Row(r"GFDL-1\.[123](-(no-)?invariants)?-(only|or-later)", "share-alike", share_alike=True),
    _Row(f"CC-BY-NC-{_VERSION}", "non-commercial", "non-commercial"),
    _Row(
        f"CC-BY-NC-SA-{_VERSION}",
        "non-commercial share-alike",
        "non-commercial",
        share_alike=True,
    ),
    _Row(f"CC-BY-ND-{_VERSION}", "no derivatives", no_derivatives=True),
    _Row(f"CC-BY-NC-ND-{_VERSION}", "no derivatives", "non-commercial", no_derivatives=True),
    _Row("CDLA-Permissive-[12].0|CDLA-Sharing-1.0", "results", attribution=False),
)
_CC_SHARE_ALIKE = re.compile(r"(?P<kind>CC-BY(-NC)?-SA)-(?P<version>\d\.\d)(-[A-Z]+)?")
_CC_VERSIONS = ("2.0", "2.5", "3.0", "4.0")
_GFDL = re.compile(r"(?P<kind>GFDL)-(?P<version>1\.\d)(?P<variant>.*)-or-later")
_GFDL_VERSIONS = ("1.1", "1.2", "1.3")
# What Creative Commons lists as compatible, https://creativecommons.org/compatiblelicenses.
_COMPATIBLE = {"CC-BY-SA-4.0": ("LAL-1.3",), "LAL-1.3": ("CC-BY-SA-4.0",)}


@lru_cache(maxsize=1024)
def license_terms(expression: str) -> LicenseTerms:
    """What an SPDX expression permits and asks for.

    `AND` takes the strictest of its parts, `OR` the best for whoever may choose, and `WITH` the
    license itself, since an exception only permits more.

    Args:
        expression: Such as `CC-BY-4.0` or `MIT OR CC-BY-NC-4.0`; any other text is unspecified.

    Guarantees, each held by tests/test_cards_licenses.py:
        What is not in the table is unspecified. `AND` is never laxer than a part, `OR` never
        stricter than one.
    """
    tree = _parsed(expression)
    if tree is None:
        return LicenseTerms(license=expression)
    return _evaluated(tree, _terms_of_name)


def least_class(expression: str) -> str:
    """The class of license that an expression is at least, whatever its unknown parts permit.

    Args:
        expression: As of `license_terms`.

    Returns:
        One of `LICENSE_CLASSES`; the laxest where nothing in it is known.
    """

    def lax(name: str) -> LicenseTerms:
        terms = _terms_of_name(name)
        if terms.license_class != UNSPECIFIED:
            return terms
        return replace(terms, license_class=LICENSE_CLASSES[0], redistribution=FIGURES)

    tree = _parsed(expression)
    return LICENSE_CLASSES[0] if tree is None else _evaluated(tree, lax).license_class


def is_laxer(one: str, other: str) -> bool:
    """Whether one class of license permits more than another."""
    return LICENSE_CLASSES.index(one) < LICENSE_CLASSES.index(other)


def strictest(terms: Iterable[LicenseTerms]) -> LicenseTerms:
    """What all of some licenses permit together: of each thing the least.

    Args:
        terms: At least one.
    """
    parts = list(dict.fromkeys(terms))
    if len(parts) == 1:
        return parts[0]
    return LicenseTerms(
        license=" AND ".join(dict.fromkeys(_bracketed(part.license) for part in parts)),
        license_class=max((part.license_class for part in parts), key=LICENSE_CLASSES.index),
        attribution=any(part.attribution for part in parts),
        share_alike=tuple(dict.fromkeys(name for part in parts for name in part.share_alike)),
        no_derivatives=any(part.no_derivatives for part in parts),
        redistribution=max((part.redistribution for part in parts), key=_REDISTRIBUTED.index),
        reason="; ".join(dict.fromkeys(part.reason for part in parts)),
    )


def license_of_figures(terms: LicenseTerms) -> str:
    """The license that share-alike licenses ask for on figures.

    Returns:
        One that meets all of them; empty where none is asked for, or no license meets all.
    """
    if not terms.share_alike:
        return ""
    meeting = set.intersection(*(_accepted(name) for name in terms.share_alike))
    # A share-alike license that permits commerce can't carry photos that don't.
    known = _known(terms)
    fit = [name for name in meeting if not is_laxer(license_terms(name).license_class, known)]
    own = [name for name in terms.share_alike if name in fit]
    return own[0] if own else max(fit, default="")


def share_alike_conflict(terms: LicenseTerms) -> str:
    """Which licenses ask for what can't be met at once, in words; empty where there are none."""
    if not terms.share_alike or license_of_figures(terms):
        return ""
    asked = " and ".join(terms.share_alike)
    if set.intersection(*(_accepted(name) for name in terms.share_alike)):
        return f"{asked} asks for itself on figures, and other photos are {_known(terms)}"
    return f"{asked} each ask for themselves on figures, and none permits the other"


def license_pages(expression: str) -> tuple[str, ...]:
    """The addresses of the texts of an expression's licenses, those that SPDX lists."""
    if unknown_licenses(expression):
        return ()
    keys = dict.fromkeys(spdx().license_keys(expression))
    listed = [key for key in keys if not key.startswith("LicenseRef-")]
    return tuple(f"https://spdx.org/licenses/{key}.html" for key in listed)


def unknown_licenses(expression: str) -> str:
    """What keeps a text from being an SPDX expression; empty where it is one."""
    try:
        keys = spdx().license_keys(expression)
    except ExpressionError as error:
        return str(error).splitlines()[0]
    folded = {key.lower() for key in spdx().known_symbols}
    strange = [k for k in keys if k.lower() not in folded and not k.startswith("LicenseRef-")]
    return f"unknown {', '.join(strange)}" if strange else ""


@cache
def spdx() -> Licensing:
    """The SPDX names; reading them takes a tenth of a second."""
    return get_spdx_licensing()


def _parsed(expression: str) -> Any:  # noqa: ANN401 # a tree of a library without types
    """The tree of an expression; None where it is none."""
    if not expression.strip():
        return None
    try:
        return spdx().parse(expression)
    except ExpressionError:
        return None


def _evaluated(tree: Any, terms_of: Callable[[str], LicenseTerms]) -> LicenseTerms:  # noqa: ANN401
    if isinstance(tree, spdx().AND):
        return strictest(_evaluated(part, terms_of) for part in tree.args)
    if isinstance(tree, spdx().OR):
        return min((_evaluated(part, terms_of) for part in tree.args), key=_strictness)
    if isinstance(tree, LicenseWithExceptionSymbol):
        return replace(_evaluated(tree.license_symbol, terms_of), license=str(tree))
    return terms_of(str(tree.key))


def _terms_of_name(name: str) -> LicenseTerms:
    row = next((row for row in _TABLE if re.fullmatch(row.names, name)), None)
    if row is None:
        return LicenseTerms(license=name)
    return LicenseTerms(
        license=name,
        license_class=row.license_class,
        attribution=row.attribution,
        share_alike=(name,) if row.share_alike else (),
        no_derivatives=row.no_derivatives,
        redistribution=INTERNAL if row.no_derivatives else FIGURES,
        reason=_REASONS[row.reason],
    )


def _strictness(terms: LicenseTerms) -> tuple[int, ...]:
    """How much a license asks for, what weighs most first."""
    return (
        _REDISTRIBUTED.index(terms.redistribution),
        LICENSE_CLASSES.index(terms.license_class),
        len(terms.share_alike),
        int(terms.attribution),
    )


def _known(terms: LicenseTerms) -> str:
    """The class of license, the laxest where it is not known."""
    unknown = terms.license_class == UNSPECIFIED
    return least_class(terms.license) if unknown else terms.license_class


def _accepted(name: str) -> set[str]:
    """The licenses that a share-alike license permits on what is made of it.

    From version 2.0 on, those of Creative Commons permit later versions with the same elements.
    """
    accepted = {name, *_COMPATIBLE.get(name, ())}
    creative, gnu = _CC_SHARE_ALIKE.fullmatch(name), _GFDL.fullmatch(name)
    if creative and creative["version"] != "1.0":
        later = [each for each in _CC_VERSIONS if each >= creative["version"]]
        accepted |= {f"{creative['kind']}-{each}" for each in later}
    if gnu:
        later = [each for each in _GFDL_VERSIONS if each >= gnu["version"]]
        ends = ("only", "or-later")
        accepted |= {f"GFDL-{each}{gnu['variant']}-{end}" for each in later for end in ends}
    return accepted


def _bracketed(expression: str) -> str:
    return f"({expression})" if " OR " in expression else expression
