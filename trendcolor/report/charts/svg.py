"""A chart as a picture in a page or a document: SVG that loads nothing, with text as text."""

import re
from html import escape

import altair as alt
import vl_convert

from trendcolor.errors import UsageError
from trendcolor.report.charts.spec import Spec

# "v6.1.0" -> "6.1", as the renderer names versions of Vega-Lite.
VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])

_VARIABLE = re.compile(r"var\(--[a-z-]+, ([^)]+)\)")
_FONT = re.compile(r' font-family="[^"]*"')
_OPENING = re.compile(r"<svg [^>]*>")
_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')
_ID = re.compile(r'(\bid="|url\(#|href="#)')
# Groups of Vega carry empty paths and hints for programs, which a picture has no use for.
_EMPTY = re.compile(r'<path class="(?:background|foreground)"[^>]*/>')
_HINT = re.compile(r' (?:class|pointer-events|aria-hidden|role|aria-roledescription)="[^"]*"')
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def static_svg(chart: Spec, *, name: str) -> str:
    """A chart as SVG to stand in a page: it has the page's font, and its inks by CSS variables.

    Args:
        chart: One of this package's charts.
        name: What its ids begin with; another for each picture of a page.

    Returns:
        One `<svg>` element with a role and a label, as wide as its place but no wider than the
        chart was made.

    Raises:
        UsageError: the name is not one that an id may begin with.

    Guarantees, each held by tests/test_report_charts_svg.py:
        It names no other file, holds no script, and shares no id with a picture of another name.
        Text is text.
    """
    svg = _FONT.sub("", _drawn(chart, name))
    size = _size(svg)
    style = f"display:block;width:100%;max-width:{size[0]}px;height:auto"
    return _opened(svg, chart, f'style="{style}" viewBox="0 0 {size[0]} {size[1]}"')


def print_svg(chart: Spec, *, name: str, font: str) -> str:
    """A chart as SVG for a document: in light colors, in a font of this family.

    Args:
        chart: One of this package's charts.
        name: As of `static_svg`.
        font: A family's name, such as `"Source Sans 3"`.

    Raises:
        UsageError: as `static_svg`.

    Guarantees, each held by tests/test_report_charts_svg.py:
        Those of `static_svg`. No color is a CSS variable.
    """
    drawn = _FONT.sub(f' font-family="{escape(font)}"', _drawn(chart, name))
    svg = _VARIABLE.sub(r"\1", drawn)
    width, height = _size(svg)
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return _opened(svg, chart, size)


def _drawn(chart: Spec, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError(f"a picture can't be named '{name}' (letters, digits, - and _)")
    # Without base URLs that are allowed nothing can be asked for.
    svg = vl_convert.vegalite_to_svg(chart, vl_version=VEGA_LITE, allowed_base_urls=[])
    svg = _HINT.sub("", _EMPTY.sub("", svg))
    return _ID.sub(rf"\g<1>{name}-", svg)


def _size(svg: str) -> tuple[str, str]:
    width, height = _SIZE.findall(svg)[0]
    return width, height


def _opened(svg: str, chart: Spec, attributes: str) -> str:
    label = escape(chart["description"])
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" {attributes}>'
    )
    return _OPENING.sub(lambda _: opening, svg, count=1)
