"""A Croissant file, read: MLCommons' description of a data set, versions 1.0 and 1.1, with RAI.

Keys may be written plainly, with a prefix (`sc:`, `cr:`, `rai:`) or as full addresses, and values
alone, in lists or in objects. Here each has its plain name and a tuple of values. Nothing is
fetched: what a context at an address says is not known.

Sources: docs.mlcommons.org/croissant/docs/croissant-spec.html (1.0), croissant-spec-1.1.html, and
croissant-rai-spec.html (RAI 1.0).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from trendcolor.cards.quoting import one_line
from trendcolor.errors import CardError

_MOST_BYTES = 32 << 20  # real files with a thousand fields have 1 MB
_MOST_DEPTH = 32  # real files nest 9 deep
_MOST_ALIASES = 8  # steps from a key to its meaning; real files take 2
_CONFORMS = re.compile(r"https?://(?:www\.)?mlcommons\.org/croissant/(\d+)\.(\d+)/?")
_WANTED = "http://mlcommons.org/croissant/1.0 or 1.1"
_PREFIXES = {
    "sc": "https://schema.org/",
    "schema": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "croissant": "http://mlcommons.org/croissant/",
    "ml": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
}
_PLAIN = re.compile(
    r"https?://(?:www\.)?(?:schema\.org|mlcommons\.org/croissant(?:/rai)?|purl\.org/dc/terms)"
    r"/([\w-]+)",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")

Node = Mapping[str, tuple[Any, ...]]  # an object of the file: its values by plain name


@dataclass(frozen=True, slots=True)
class CroissantFile:
    """What a Croissant file says."""

    name: str  # of the file
    version: str  # of the format, such as "1.1"
    node: Node


def read_croissant(path: Path) -> CroissantFile:
    """Read a Croissant file.

    Args:
        path: A JSON file, as data platforms offer it.

    Raises:
        CardError: it can't be read, is too large or too deep, is not JSON, or does not describe a
            data set in Croissant 1.
    """
    document = _document(path)
    context = document.get("@context", {})
    try:
        node = _Terms.of(context).node(document, _MOST_DEPTH)
    except RecursionError as cause:
        raise _too_deep(path) from cause
    types = {each.rpartition("/")[2].rpartition(":")[2] for each in texts(node, "@type")}
    if "Dataset" not in types:
        told = ", ".join(sorted(types)) or "missing"
        raise CardError(f"{path.name}: @type is {one_line(told, 80)} (wanted sc:Dataset)")
    return CroissantFile(path.name, _version(path, node), node)


def _document(path: Path) -> Mapping[str, Any]:
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise CardError(
                f"{path.name}: has {size:,} bytes, wanted at most {_MOST_BYTES:,} (a Croissant "
                "file describes a data set; is this the data itself?)"
            )
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        document = msgspec.json.decode(content)
    except OSError as cause:
        raise CardError(f"{path}: can't be read ({cause.strerror or cause})") from cause
    except RecursionError as cause:
        raise _too_deep(path) from cause
    except (msgspec.DecodeError, UnicodeDecodeError) as cause:
        raise CardError(f"{path.name}: not a JSON file ({cause})") from cause
    found = next(_data_sets(document), None)
    if found is None:
        raise CardError(f"{path.name}: no Croissant file (wanted a JSON object with @type Dataset)")
    return found


def _data_sets(document: object) -> Iterator[Mapping[str, Any]]:
    """The object that is the data set, or those among which it is."""
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if isinstance(document, dict):
        graph = document.get("@graph")
        if isinstance(graph, list):
            inside = [each for each in graph if isinstance(each, dict)]
            data_sets = [each for each in inside if "Dataset" in str(each.get("@type"))]
            for each in data_sets:
                yield {"@context": document.get("@context", {}), **each}
        else:
            yield document


def _version(path: Path, node: Node) -> str:
    told = texts(node, "conformsTo")
    versions = [match for each in told if (match := _CONFORMS.fullmatch(each))]
    if not versions:
        found = one_line(", ".join(told), 120) or "missing"
        raise CardError(f"{path.name}: conformsTo is {found} (wanted {_WANTED})")
    major, minor = versions[0].groups()
    if major != "1":
        raise CardError(f"{path.name}: is of Croissant {major}.{minor} (wanted {_WANTED})")
    return f"{major}.{minor}"


def _too_deep(path: Path) -> CardError:
    return CardError(f"{path.name}: is nested deeper than {_MOST_DEPTH} objects and lists")


@dataclass(frozen=True, slots=True)
class _Terms:
    """What the keys of a file mean."""

    meanings: Mapping[str, str]
    vocabulary: str = _PREFIXES["sc"]
    _known: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, context: object) -> "_Terms":
        """The terms of an `@context`: an object, or a list with objects and addresses."""
        parts = context if isinstance(context, list) else [context]
        meanings = dict(_PREFIXES)
        for part in parts:
            for key, meaning in part.items() if isinstance(part, dict) else ():
                told = meaning.get("@id") if isinstance(meaning, dict) else meaning
                if isinstance(told, str):
                    meanings[key] = told
        return cls(meanings, meanings.get("@vocab", _PREFIXES["sc"]))

    def node(self, value: Mapping[str, Any], depth: int) -> Node:
        """An object with plain names; two keys of one meaning are one.

        Raises:
            RecursionError: it is nested deeper.
        """
        found: dict[str, list[Any]] = {}
        for key, each in value.items():
            if key != "@context":
                found.setdefault(self.plain(key), []).extend(self._values(each, depth - 1))
        return {key: tuple(each) for key, each in found.items()}

    def _values(self, value: object, depth: int) -> Iterable[Any]:
        if depth < 0:
            raise RecursionError
        if isinstance(value, list):
            for each in value:
                yield from self._values(each, depth - 1)
        elif isinstance(value, dict):
            yield self.node(value, depth)
        elif value is not None:
            yield value

    def plain(self, key: str) -> str:
        """A key's name without its vocabulary; that of a strange vocabulary as it is written."""
        if key.startswith("@"):
            return key
        if key not in self._known:
            match = _PLAIN.fullmatch(self._address(key, _MOST_ALIASES))
            self._known[key] = match[1] if match else key
        return self._known[key]

    def _address(self, key: str, steps: int) -> str:
        if steps and self.meanings.get(key, key) != key:
            return self._address(self.meanings[key], steps - 1)
        prefix, colon, rest = key.partition(":")
        if not colon:
            return self.vocabulary + key
        if rest.startswith("//") or not steps or prefix not in self.meanings:
            return key
        return self._address(self.meanings[prefix], steps - 1) + rest


def nodes(node: Node, key: str) -> tuple[Node, ...]:
    """The objects among a key's values."""
    return tuple(each for each in node.get(key, ()) if isinstance(each, dict))


def texts(node: Node, key: str) -> tuple[str, ...]:
    """A key's values as texts of one line, none of them empty.

    An object is told by its value, description, name or address; of several languages English is
    taken, else the first.
    """
    values = node.get(key, ())
    languages = [each for each in values if isinstance(each, dict) and "@language" in each]
    if len(languages) > 1 and len(languages) == len(values):
        values = (next((each for each in languages if _is_english(each)), languages[0]),)
    return tuple(text for each in values if (text := _text(each)))


def text(node: Node, key: str) -> str:
    """The first of a key's texts; empty where there is none."""
    return next(iter(texts(node, key)), "")


def _is_english(node: Node) -> bool:
    return str(node["@language"][0]).lower().startswith("en") if node["@language"] else False


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return one_line(str(value))
    if not isinstance(value, dict):
        return ""
    for key in ("@value", "description", "name", "url", "@id"):
        if told := text(value, key):
            return told
    if all(_LANGUAGE.fullmatch(key) for key in value):
        return text(value, "en" if "en" in value else next(iter(value), ""))
    return ""
