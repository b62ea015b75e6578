"""What others call a license, as its SPDX name: addresses, and the words of data platforms."""

import re
from functools import cache

from license_expression import (  # type: ignore[import-untyped]  # ships no types
    ExpressionError,
    Licensing,
    get_spdx_licensing,
)

# Pages of licenses. What a group catches is looked up in the SPDX list, as a name or in _WORDS.
_PAGES = (
    r"(?:spdx\.org/licenses|choosealicense\.com/licenses|opensource\.org/licen[cs]es?)/(?P<name>[^/]+)",
    r"creativecommons\.org/licenses/(?P<by>by(?:-(?:nc|sa|nd))*)/(?P<version>\d\.\d)(?:/(?P<place>igo))?",
    r"creativecommons\.org/(?P<zero>publicdomain/zero)/1\.0",
    r"opendatacommons\.org/licenses/(?P<odc>by|odbl|pddl)(?:/1[.-]0)?",
    r"(?:apache\.org|apache\.org/licenses)/(?P<apache>license-2\.0)",
    r"cdla\.(?:dev|io)/(?P<cdla>permissive|sharing)-(?P<number>\d[.-]\d)",
)
# Creative Commons as Kaggle, OpenML and people write it: "CC BY-NC-SA 4.0", in full or not.
_CREATIVE_COMMONS = re.compile(
    r"(?:attribution[a-z -]*\d\.\d(?: international| igo| unported)? \()?"
    r"(?P<name>cc[ _-]by(?:[ _-](?:nc|sa|nd))*[ _-]\d\.\d(?: igo)?)\)?"
)
# The words of Kaggle's, OpenML's and Hugging Face's lists whose license is beyond doubt. Others
# ("Public", "bsd", "cc", "other", "Database: Open Database, ...") name several licenses or none.
_WORDS = {
    "cc0": "CC0-1.0",
    "cc0: public domain": "CC0-1.0",
    "public domain (cc0)": "CC0-1.0",
    "cc0 1.0": "CC0-1.0",
    "cc0 1.0 universal": "CC0-1.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "mit license": "MIT",
    "the mit license": "MIT",
    "odc-by": "ODC-By-1.0",
    "odc attribution license (odc-by)": "ODC-By-1.0",
    "odbl": "ODbL-1.0",
    "pddl": "PDDL-1.0",
    "odc public domain dedication and licence (pddl)": "PDDL-1.0",
    "community data license agreement - permissive - version 1.0": "CDLA-Permissive-1.0",
    "community data license agreement - sharing - version 1.0": "CDLA-Sharing-1.0",
    "gpl-2.0": "GPL-2.0-only",
    "gpl-3.0": "GPL-3.0-only",
    "lgpl-2.1": "LGPL-2.1-only",
    "lgpl-3.0": "LGPL-3.0-only",
    "agpl-3.0": "AGPL-3.0-only",
    "gpl 2": "GPL-2.0-only",
    "gpl 3": "GPL-3.0-only",
    "c-uda": "C-UDA-1.0",
}


def spdx_name(text: str) -> str:
    """A license's SPDX name or expression; empty where the text names none, or not surely one.

    Of a family that says "only" or "or later", such as the GPL's, the stricter is taken.

    Args:
        text: What a data set says: an SPDX name, the address of a license's page, or the words of
            Kaggle, OpenML or Hugging Face.
    """
    words = " ".join(text.split()).casefold()
    if re.match(r"https?://|www\.", words):
        return _of_page(words)
    return _of_words(words) or _expression(" ".join(text.split()))


def _of_page(address: str) -> str:
    place = re.sub(r"^(https?://)?(www\.)?|[?#].*$", "", address)
    place = re.sub(r"(/(legalcode|deed)(\.[a-z_-]+)?)?/*$", "", place)
    place = re.sub(r"\.(html?|txt|json|php)$", "", place)
    for pattern in _PAGES:
        match = re.fullmatch(pattern, place)
        if match:
            return _known(_caught(match.groupdict()))
    return ""


def _caught(part: dict[str, str | None]) -> str:
    """What a page's address says, as an SPDX name but for capitals."""
    if by := part.get("by"):
        return "-".join(filter(None, ("cc", by, part["version"], part["place"])))
    if odc := part.get("odc"):
        return {"by": "odc-by-1.0", "odbl": "odbl-1.0", "pddl": "pddl-1.0"}[odc]
    if cdla := part.get("cdla"):
        return f"cdla-{cdla}-{(part['number'] or '').replace('-', '.')}"
    if part.get("zero"):
        return "cc0-1.0"
    return "apache-2.0" if part.get("apache") else part.get("name") or ""


def _of_words(words: str) -> str:
    if words in _WORDS:
        return _WORDS[words]
    match = _CREATIVE_COMMONS.fullmatch(words)
    return _known(re.sub(r"[ _]", "-", match["name"]) if match else words)


def _known(name: str) -> str:
    """A name of the SPDX list in its own capitals; empty where it isn't there."""
    folded = name.casefold()
    return _WORDS.get(folded) or _names().get(folded, "")


def _expression(text: str) -> str:
    """An expression whose every name the SPDX list has."""
    if not re.search(r" (AND|OR|WITH) ", text):
        return ""
    try:
        keys = _spdx().license_keys(text)
    except ExpressionError:
        return ""
    return text if all(key.casefold() in _names() for key in keys) else ""


@cache
def _names() -> dict[str, str]:
    symbols = (name for name in _spdx().known_symbols if not name.startswith("LicenseRef-"))
    return {name.casefold(): name for name in symbols}


@cache
def _spdx() -> Licensing:
    return get_spdx_licensing()
