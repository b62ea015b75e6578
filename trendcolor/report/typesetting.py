"""From Jinja2 templates to a PDF by way of Typst.

What strangers wrote must stay text. So each value that a template prints becomes a string of Typst
code, with an escape for each sign that Typst could take for markup or code: it can't be taken for
either, wherever it stands.
"""

import datetime
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from trendcolor.errors import RunError
from trendcolor.report.typefaces import Typefaces, typst_fonts

# What readers of any kind can rely on: tags that a screen reader follows (ISO 14289-1), and all
# that is needed to show the pages in decades to come (ISO 19005-2, level A).
STANDARDS: tuple[Literal["ua-1", "a-2a"], ...] = ("ua-1", "a-2a")
TEMPLATES = Path(__file__).parent / "templates" / "document"
PAPERS = {"a4": "a4", "letter": "us-letter"}  # and what Typst calls them

_MAIN = "document.typ"
_PLAIN = re.compile(r"[^\w ]|_")
_COLOR = re.compile(r"#[0-9a-f]{6}")


class Code(str):
    """Typst code that a filter made; it is printed as it is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document to be set: Typst source, and the only files that it can read."""

    main: str
    files: Mapping[str, bytes]  # by name; no folders
    made: datetime.date  # told as the day that the file was made


def typst_environment(typefaces: Typefaces) -> Environment:
    """A Jinja2 environment whose templates are Typst markup.

    What a template prints is text: `{{ title }}` shows the title whatever signs it has. For Typst
    code there are filters: `quoted` (a string), `rgb` (the string of a color), `number`, `flag`.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # which is for HTML; `finalize` escapes for Typst
        finalize=partial(_as_typst, typefaces),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["quoted"] = partial(quoted, typefaces)
    environment.filters.update(rgb=_rgb, number=_number, flag=_flag)
    return environment


def quoted(typefaces: Typefaces, text: str) -> Code:
    """A text as a string of Typst code, in which all but letters, digits and spaces is escaped.

    Even where a template puts it among markup by mistake, it is no more than text.
    """
    printable = typefaces.printable(text)
    return Code('"' + _PLAIN.sub(lambda sign: rf"\u{{{ord(sign[0]):x}}}", printable) + '"')


def _as_typst(typefaces: Typefaces, value: object) -> str:
    """What a template prints: code as it is, and all else as a string for `#` to show."""
    if isinstance(value, Code):
        return value
    if isinstance(value, str | int | float):
        return "#" + quoted(typefaces, str(value))
    # Undefined values raise here, as they should.
    raise TypeError(f"a template prints {value!s}, which is no text")


def _rgb(color: str) -> Code:
    if not _COLOR.fullmatch(color):
        raise ValueError(f"{color!r} is no color such as #1a2b3c")
    return Code(json.dumps(color))


def _number(value: float) -> Code:
    return Code(str(value) if isinstance(value, int) else f"{value:.6f}")


def _flag(value: bool) -> Code:
    return Code("true" if value else "false")


def typeset(source: Source, typefaces: Typefaces) -> bytes:
    """The PDF of a document, with its fonts embedded and tagged for screen readers.

    Args:
        source: What is set. It can read no file but its own, and asks for nothing on a network.
        typefaces: The fonts; no others are used.

    Raises:
        RunError: Typst can't set it, such as for a picture that is none.

    Guarantees, each held by tests/test_report_typesetting.py:
        The same source and fonts give the same bytes. Files outside of the source can't be read.
    """
    with TemporaryDirectory(prefix="trendcolor-") as name:
        root, fonts = Path(name) / "root", Path(name) / "fonts"
        root.mkdir()
        fonts.mkdir()
        for i, face in enumerate(typefaces.files):
            (fonts / f"{i}.ttf").write_bytes(face.content)
        for file, content in source.files.items():
            (root / file).write_bytes(content)
        (root / _MAIN).write_text(source.main, encoding="utf-8")
        noon = datetime.datetime.combine(source.made, datetime.time(12), datetime.UTC)
        try:
            return typst.compile(
                str(root / _MAIN),
                root=str(root),
                font_paths=typst_fonts(str(fonts)),
                ignore_system_fonts=True,
                pdf_standards=[*STANDARDS],
                timestamp=noon,
                package_path=str(root),  # holds no packages, so that none is looked for elsewhere
                package_cache_path=str(root),
            )
        except typst.TypstError as cause:
            raise RunError(
                f"the document can't be set: {cause.diagnostic or cause.message}"
            ) from cause
