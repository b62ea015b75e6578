"""A brand's logo: a picture that asks for nothing and runs nothing, or none at all.

A report is one file that loads nothing, so a logo must be whole in itself. What a drawing program
writes passes; scripts, pages within the picture and references to elsewhere do not.
"""

import base64
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.parsers import expat

from PIL import Image

MOST_BYTES = 1_000_000  # a page has the logo within it
MOST_PIXELS = 16_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "http://www.w3.org/2000/svg"
_MEDIA = {"svg": "image/svg+xml", "png": "image/png"}
# What runs, plays or holds a page of its own.
_REFUSED = frozenset(
    {
        *("script", "foreignobject", "iframe", "object", "embed", "audio", "video", "canvas"),
        *("handler", "listener", "link", "base", "meta"),
    }
)
_REFERENCES = ("href", "src")
# Animations can set a reference.
_ANIMATED = ("to", "from", "by", "values")
_INSIDE = re.compile(r"\s*(#|data:(image/(png|jpe?g|gif|webp)|font/|application/font))", re.I)
_URL = re.compile(r"url\s*\(\s*['\"]?([^)'\"]*)|@import\s+['\"]([^'\"]*)", re.I)
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*:|//)", re.I)


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that was checked, as it was then."""

    path: Path
    kind: str  # svg or png
    content: bytes

    @property
    def uri(self) -> str:
        """The picture as a data URI, for `src` of an `img`."""
        return f"data:{_MEDIA[self.kind]};base64,{base64.b64encode(self.content).decode()}"


def logo_faults(path: Path, content: bytes) -> Iterator[str]:
    """What is wrong with a logo, each as a message without its place."""
    if len(content) > MOST_BYTES:
        yield f"{path.name} has {len(content):,} bytes, at most {MOST_BYTES:,} fit a page"
    elif content.startswith(_PNG):
        yield from _png_faults(path.name, content)
    elif b"<svg" in content or b"<\x00s\x00v\x00g" in content or path.suffix.lower() == ".svg":
        yield from (f"{path.name} {fault}" for fault in _svg_faults(content))
    else:
        yield f"{path.name} is neither SVG nor PNG"


def read_logo(path: Path, content: bytes) -> Logo:
    """A logo without faults."""
    return Logo(path, "png" if content.startswith(_PNG) else "svg", content)


def _png_faults(name: str, content: bytes) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=["PNG"]) as picture:
                width, height = picture.size
                if width * height <= MOST_PIXELS:
                    picture.load()
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombWarning) as cause:
        yield f"{name} is a damaged PNG ({cause})"
    else:
        if width * height > MOST_PIXELS:
            yield f"{name} has {width} x {height} pixels, at most {MOST_PIXELS:,} in all"


def _svg_faults(content: bytes) -> Iterator[str]:
    """Faults in the order they are met, each kind once."""
    found = _SvgFaults()
    try:
        found.parser.Parse(content, True)
    except expat.ExpatError as cause:
        found.faults[f"is no well-formed SVG ({cause})"] = None
    yield from found.faults


class _SvgFaults:
    """Reads an SVG once, without building it, and notes what a logo may not have."""

    def __init__(self) -> None:
        self.faults: dict[str, None] = {}
        self.styles: list[str] | None = None
        self.depth = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.EntityDeclHandler = self.entity
        self.parser.ProcessingInstructionHandler = self.instruction

    def note(self, fault: str) -> None:
        self.faults[fault] = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if self.depth == 0 and (namespace, local) != (_SVG, "svg"):
            self.note(f'is no SVG: its root is not <svg xmlns="{_SVG}">')
        self.depth += 1
        if local.lower() in _REFUSED:
            self.note(f"has <{local}>, which a logo may not have")
        if local.lower() == "style":
            self.styles = []
        for attribute, value in attributes.items():
            self.attribute(local, attribute.rpartition(" ")[2], value)

    def attribute(self, element: str, name: str, value: str) -> None:
        lower = name.lower()
        if lower.startswith("on"):
            self.note(f"has the event handler {name} in <{element}>")
        is_reference = lower in _REFERENCES and not _INSIDE.match(value)
        is_set = lower in _ANIMATED and _SCHEME.match(value)
        if (is_reference or is_set) and value:
            self.note(
                f'refers to "{_short(value)}" ({name} of <{element}>), which is outside of it'
            )
        self.css(value, f"{name} of <{element}>")

    def css(self, text: str, place: str) -> None:
        plain = _without_escapes(text)
        for match in _URL.finditer(plain):
            target = match[1] or match[2] or ""
            if not _INSIDE.match(target):
                self.note(f'refers to "{_short(target)}" ({place}), which is outside of it')

    def text(self, text: str) -> None:
        if self.styles is not None:
            self.styles.append(text)

    def end(self, name: str) -> None:
        self.depth -= 1
        if name.rpartition(" ")[2].lower() == "style" and self.styles is not None:
            self.css("".join(self.styles), "<style>")
            self.styles = None

    def entity(self, name: str, *_: object) -> None:
        self.note(f'declares the entity "{name}", which a logo may not')

    def instruction(self, target: str, _: str) -> None:
        self.note(f"has the instruction <?{target}?>, which a logo may not have")


def _without_escapes(css: str) -> str:
    r"""CSS without comments and with its escapes resolved: `u\72l(` is `url(`."""
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    plain = re.sub(r"\\([0-9a-fA-F]{1,6})\s?", lambda m: _character(int(m[1], 16)), plain)
    return re.sub(r"\\(.)", r"\1", plain)


def _character(code: int) -> str:
    return chr(code) if 0 < code < 0x110000 else ""


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."
