"""Brings the report's message catalogs up to date, and says what they lack.

    python benchmarks/report_messages.py

Messages come from three places: `{% trans %}` and `_("...")` of the report's templates;
`words.text("...")`, `words.plural("...", "...", n)` and `N_("...")` of Python modules; and the
package's own words (`trendcolor.report.words.TERMS`, reasons of photos that were left out).
New messages are added without a translation, those that nothing uses are taken out; translations
stay as they are. A catalog is edited by hand, then or with any editor of .po files.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as CatalogMessage
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

import trendcolor.report
from trendcolor.report.contents import REASON_WORDS
from trendcolor.report.words import TERMS

REPORT = Path(trendcolor.report.__file__).parent
CATALOGS = tuple(sorted(REPORT.glob("locale/*/LC_MESSAGES/report.po")))
_TEMPLATES = (".html", ".svg", ".typ", ".css", ".js", ".txt", ".jinja", ".j2", ".xml")
_JINJA_KEYWORDS = ("_", "gettext", "ngettext", "pgettext", "npgettext")
_JINJA_OPTIONS = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Message:
    """One message, and where it stands."""

    text: str | tuple[str, str]  # two forms where it counts something
    place: str  # a file within the report's folder
    context: str | None = None


def messages() -> Iterator[Message]:
    """All messages of the report, some of them more than once."""
    for path in sorted(REPORT.glob("templates/**/*")):
        if path.suffix in _TEMPLATES:
            yield from _of_template(path)
    for path in sorted(REPORT.glob("**/*.py")):
        yield from _of_module(path)
    for context, terms in {**TERMS, "reason": REASON_WORDS}.items():
        for term in terms:
            yield Message(term, "words.py", context)


def _of_template(path: Path) -> Iterator[Message]:
    source = BytesIO(path.read_bytes())
    for _, function, found, _ in babel_extract(source, _JINJA_KEYWORDS, (), _JINJA_OPTIONS):
        texts = [text for text in (found if isinstance(found, tuple) else (found,)) if text]
        context = texts.pop(0) if function in ("pgettext", "npgettext") else None
        text = (texts[0], texts[1]) if "ngettext" in function or "npget" in function else texts[0]
        yield Message(text, _place(path), context)


def _of_module(path: Path) -> Iterator[Message]:
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        texts = [each.value for each in call.args if isinstance(each, ast.Constant)]
        texts = [text for text in texts if isinstance(text, str)]
        match _function(call.func):
            case "words.text" | "N_" if texts:
                yield Message(texts[0], _place(path))
            case "words.plural" if len(texts) > 1:
                yield Message((texts[0], texts[1]), _place(path))


def _function(function: ast.expr) -> str:
    """`words.text` for whatever ends so, such as `self.words.text`."""
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
            return f"{owner}.{name}"
    return ""


def _place(path: Path) -> str:
    return path.relative_to(REPORT).as_posix()


def template(like: Catalog) -> Catalog:
    """A catalog of all messages without translations, with the header of another."""
    catalog = Catalog(
        project=like.project,
        version=like.version,
        charset="utf-8",
        creation_date=like.creation_date,
        header_comment=like.header_comment,
    )
    for message in messages():
        # Placeholders are held by tests/test_report_words.py; a flag could only be wrong.
        catalog.add(message.text, locations=[(message.place, 0)], context=message.context)
    return catalog


def read_catalog(path: Path) -> Catalog:
    """A catalog as it is."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], charset="utf-8")


def update(path: Path) -> list[str]:
    """Bring one catalog up to date.

    Returns:
        The messages that it has no translation of.
    """
    catalog, text = updated(path)
    path.write_bytes(text)
    return [str(each.id) for each in catalog if each.id and not is_translated(each)]


def updated(path: Path) -> tuple[Catalog, bytes]:
    """A catalog with all messages and no other, and as its file has it."""
    catalog = read_catalog(path)
    revised = catalog.revision_date
    catalog.update(template(catalog), no_fuzzy_matching=True, update_creation_date=False)
    catalog.revision_date = revised
    written = BytesIO()
    write_po(
        written,
        catalog,
        width=_COLUMNS,
        include_lineno=False,
        ignore_obsolete=True,
        sort_by_file=True,
    )
    return catalog, written.getvalue()


def is_translated(message: CatalogMessage) -> bool:
    """Whether a message has all its forms, and nobody doubts them."""
    forms = [message.string] if isinstance(message.string, str) else message.string
    return bool(forms) and all(forms) and not message.fuzzy


if __name__ == "__main__":
    missing = {path.parts[-3]: update(path) for path in CATALOGS}
    for language, texts in missing.items():
        print(f"{language}: {len(texts)} without a translation", *texts, sep="\n  ")
    sys.exit(any(missing.values()))
