"""A Croissant file as a starter card: what it says becomes answers, the rest stays a question.

Consent, purposes and the class of the license are never taken from it: what it says of them stands
beside the question.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from trendcolor.cards.card_text import Known, card_text
from trendcolor.cards.croissant import CroissantFile, Node, nodes, read_croissant, text, texts
from trendcolor.cards.license_names import spdx_name
from trendcolor.cards.proposals import TableColumn, left_out, proposals
from trendcolor.cards.quoting import commented, one_line, quoted

_MOST = 2_000  # characters of an answer
_MOST_TOLD = 400  # of what stands beside a question
_MOST_LISTED = 120  # of a value that no key takes
_MOST_COLUMNS = 100  # that are proposed

# Keys of the Responsible AI extension that one key of the card takes together.
_FRAME = (
    *("dataCollection", "dataCollectionType", "dataCollectionRawData"),
    "dataCollectionMissingData",
)
_CAPTURE = ("dataPreprocessingProtocol", "dataManipulationProtocol", "dataImputationProtocol")
_ANNOTATION = (
    *("dataAnnotationProtocol", "dataAnnotationPlatform", "dataAnnotationAnalysis"),
    *("annotationsPerItem", "annotatorDemographics", "machineAnnotationTools"),
)
_BIASES = ("dataBiases", "dataLimitations")
_OF_PEOPLE = ("personalSensitiveInformation",)
_OF_USE = ("dataUseCases", "useCases", "usageInfo", "dataSocialImpact", "conditionsOfAccess")
_OF_TIME = ("datePublished", "dateCreated", "dateModified")
_MAKERS = ("creator", "author", "publisher")
_CONTACTS = ("contactPoint", "maintainer", *_MAKERS)
_TAKEN = {
    *("name", "version", "url", "license", "citeAs", "creator", "temporalCoverage", "recordSet"),
    *("dataCollectionTimeframe", "description", "conformsTo", *_FRAME, *_CAPTURE, *_ANNOTATION),
    *(*_BIASES, *_OF_PEOPLE, *_OF_USE, *_OF_TIME),
}
_NO_CELLS = re.compile(r"(Image|Video|Audio|Media)Object|BoundingBox|SegmentationMask|Split")


@dataclass(frozen=True, slots=True)
class CroissantCard:
    """A starter card made of a Croissant file."""

    card_name: str  # of its file
    card: str  # TOML
    not_mapped: tuple[str, ...]  # what the file says and no key of the card takes
    title: str = ""


def card_from_croissant(path: Path) -> CroissantCard:
    """A starter card with what a Croissant file says.

    Args:
        path: A Croissant file, 1.0 or 1.1.

    Raises:
        CardError: it can't be read, or is none.

    Guarantees, each held by tests/test_cards_croissant.py:
        Whatever texts the file holds, the card is TOML, and none of them leaves its place.
        consent_basis, people, purposes_allowed and license_class are questions.
    """
    file = read_croissant(path)
    node = file.node
    columns, no_columns = _columns(node)
    not_mapped = (*_others(node), *no_columns)
    told = "".join(commented(each) for each in not_mapped)
    rest = f"\n# The Croissant file also says what no key of a card takes:\n{told}" if told else ""
    known = Known(
        name=_name(node, path),
        title=_clip(text(node, "name")) or path.stem,
        version=_version(node),
        homepage=_clip(text(node, "url") or text(node, "sameAs")),
        license=_license(node),
        license_source=_license_source(file),
        attribution=_attribution(node),
        people_note=_joined(node, _OF_PEOPLE),
        period=_period(node),
        frame=_joined(node, _FRAME),
        capture=_joined(node, _CAPTURE),
        annotation=_joined(node, _ANNOTATION),
        biases=tuple(_clip(each) for key in _BIASES for each in texts(node, key)),
        contact=_contact(node),
        columns="".join(proposals(columns)) + rest,
        notes=_notes(file),
    )
    return CroissantCard(known.card_name, card_text(known), not_mapped, known.title)


def _clip(told: str) -> str:
    return one_line(told, _MOST)


def _name(node: Node, path: Path) -> str:
    for told in (text(node, "name"), path.stem):
        name = re.sub(r"[^a-z0-9]+", "_", told.lower()).strip("_")[:60]
        if name:
            return name
    return "data"


def _version(node: Node) -> str:
    found = (text(node, key) for key in ("version", "dateModified", "datePublished"))
    return next((_clip(each) for each in found if each), "1")


def _license(node: Node) -> str:
    """All licenses together, since the file does not say that one may choose; empty: unknown."""
    names = [_license_name(each) for each in node.get("license", ())]
    if not names or not all(names):
        return ""
    distinct = list(dict.fromkeys(names))
    if len(distinct) == 1:
        return distinct[0]
    return " AND ".join(f"({name})" if " OR " in name else name for name in distinct)


def _license_name(value: object) -> str:
    if isinstance(value, str):
        return spdx_name(value)
    if not isinstance(value, dict):
        return ""
    found = (spdx_name(text(value, key)) for key in ("@id", "url", "identifier", "name", "@value"))
    return next((name for name in found if name), "")


def _license_words(node: Node) -> str:
    """What the file says of its licenses."""
    told = []
    for value in node.get("license", ()):
        keys = ("@value", "name", "url", "@id", "description")
        parts = (text(value, key) for key in keys) if isinstance(value, dict) else (str(value),)
        told.append(", ".join(dict.fromkeys(part for part in parts if part)))
    return "; ".join(each for each in told if each)


def _license_source(file: CroissantFile) -> str:
    told = _license_words(file.node)
    homepage = text(file.node, "url")
    place = f"the Croissant file {file.name}{f' of {homepage}' if homepage else ''}"
    return _clip(f"{place} says: {told}") if told else ""


def _attribution(node: Node) -> str:
    makers = next((found for key in _MAKERS if (found := _people(node, key))), ())
    cited = text(node, "citeAs")
    return _clip(". ".join(filter(None, (", ".join(makers), cited and f"Cite as: {cited}"))))


def _people(node: Node, key: str) -> tuple[str, ...]:
    names = []
    for value in node.get(key, ()):
        found = value if isinstance(value, dict) else {"name": (value,)}
        names.append(text(found, "name") or text(found, "url") or text(found, "@id"))
    return tuple(name for name in dict.fromkeys(names) if name)


def _contact(node: Node) -> str:
    for key in _CONTACTS:
        for each in nodes(node, key):
            email = text(each, "email")
            if email:
                name = text(each, "name")
                return _clip(f"{name} <{email}>" if name else email)
    return ""


def _period(node: Node) -> str:
    frames = texts(node, "dataCollectionTimeframe") or texts(node, "temporalCoverage")
    return _clip(" to ".join(frames) if len(frames) == 2 else "; ".join(frames))


def _joined(node: Node, keys: tuple[str, ...]) -> str:
    """The texts of several keys, each key's after its name but the first's."""
    parts = []
    for key in keys:
        if told := "; ".join(texts(node, key)):
            parts.append(told if key == keys[0] else f"{key}: {told}")
    return _clip(" | ".join(parts))


def _notes(file: CroissantFile) -> Mapping[str, tuple[str, ...]]:
    """What stands beside questions."""
    node = file.node
    license_notes = []
    if told := _license_words(node):
        license_notes.append(f"The Croissant file says: {one_line(told, _MOST_TOLD)}")
        license_notes.append(
            "That is the data set's license. Is it the photos', too, and did who states it hold "
            "the rights?"
        )
    head = (
        f"Read from {file.name} (Croissant {file.version}). What stands here without TODO is what "
        "that file says, not what anybody has checked: read it before you rely on it."
    )
    return {
        "card": (head,),
        "license": tuple(license_notes),
        "people": tuple(_said(node, _OF_PEOPLE)),
        "purposes": tuple(_said(node, _OF_USE)),
        "period": tuple(_said(node, _OF_TIME)),
        "frame": tuple(_said(node, ("description",))),
    }


def _said(node: Node, keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        if told := "; ".join(texts(node, key)):
            yield f"The Croissant file says ({key}): {one_line(told, _MOST_TOLD)}"


def _others(node: Node) -> Iterator[str]:
    """What no key of a card takes."""
    if node.get("license") and not _license(node):
        told = one_line(_license_words(node), _MOST_LISTED) or "nothing"
        yield f"license: {told} (no license that the SPDX list is sure to name)"
    used = {next((key for key in _MAKERS if _people(node, key)), "")}
    for key in sorted(node.keys() - _TAKEN - used):
        if key.startswith("@"):
            continue
        if key == "distribution":
            yield f"distribution: {len(node[key])} of them (a config says where photos lie)"
            continue
        told = "; ".join(texts(node, key)) or f"{len(node[key])} values"
        yield one_line(f"{key}: {told}", _MOST_LISTED)


def _columns(node: Node) -> tuple[list[TableColumn], list[str]]:
    """The fields that may become columns, and why the others do not."""
    columns: dict[str, TableColumn] = {}
    not_mapped: list[str] = []
    for record_set in nodes(node, "recordSet"):
        if record_set.get("data") or "Enumeration" in " ".join(texts(record_set, "dataType")):
            name = one_line(_label(record_set), _MOST_LISTED)
            not_mapped.append(f"recordSet {quoted(name)}: a list of values")
            continue
        for each in nodes(record_set, "field"):
            column = _column(each)
            reason = _no_column(each)
            if not reason and len(columns) < _MOST_COLUMNS:
                columns.setdefault(column.name.lower(), column)
                reason = left_out(column)
            elif not reason and column.name.lower() not in columns:
                reason = f"more than {_MOST_COLUMNS} columns"
            if reason:
                not_mapped.append(f"field {quoted(column.name)}: {one_line(reason, _MOST_LISTED)}")
    return list(columns.values()), list(dict.fromkeys(not_mapped))


def _column(field: Node) -> TableColumn:
    """A field as the column that it is read from."""
    sources = nodes(field, "source")
    extracts = [extract for source in sources for extract in nodes(source, "extract")]
    named = next((name for extract in extracts if (name := text(extract, "column"))), "")
    types = " ".join(texts(field, "dataType"))
    return TableColumn(
        name=one_line(named or _label(field).rpartition("/")[2], _MOST_LISTED),
        told=one_line(text(field, "description"), _MOST_TOLD),
        is_date=bool(re.search(r"\b(Date|DateTime)\b", types)),
    )


def _label(node: Node) -> str:
    return text(node, "name") or text(node, "@id") or "without a name"


def _no_column(field: Node) -> str:
    """Why a field can't be a column; empty where it can."""
    types = " ".join(texts(field, "dataType"))
    if match := _NO_CELLS.search(types):
        return f"of type {match[0]}, which no column holds"
    if field.get("subField"):
        return "has fields inside it, and a column has none"
    return ""
