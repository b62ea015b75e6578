"""The report as a PDF for A4 and Letter: the page's story, laid out for paper.

Text is in `templates/document/`; how it looks is `report.typ` there. `typesetting` keeps what
strangers wrote from being markup.
"""

import datetime
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from trendcolor.analysis.disclosure import DOMINANCE
from trendcolor.analysis.modes import CERTAINTY, FEWEST_SOURCES
from trendcolor.cards import PURPOSE_MEANINGS
from trendcolor.color.names import FAMILIES
from trendcolor.color.pattern import PATTERNS
from trendcolor.errors import ConfigError, RunError, did_you_mean
from trendcolor.report.brand import Brand
from trendcolor.report.contents import ReportContents
from trendcolor.report.drawings import Drawing
from trendcolor.report.families import FAMILY_COLORS
from trendcolor.report.findings import finding, signature_finding
from trendcolor.report.groups import axis, denominator, guard, units
from trendcolor.report.phrasing import document_environment, drawing_file
from trendcolor.report.typefaces import open_typefaces
from trendcolor.report.typesetting import PAPERS, TEMPLATES, Source, typeset
from trendcolor.report.words import Words

FILE = "report.pdf"
Paper = Literal["a4", "letter"]

_INK = "#171717"
_RUN_CODE = 12  # digits of the settings hash that name a run
_MOST_SHADES = 12  # of changes
_MOST_NAMED = 10  # missing characters that a warning names

_log = logging.getLogger(__name__)


def write_document(
    contents: ReportContents,
    charts: Mapping[str, Drawing],
    words: Words,
    folder: Path,
    *,
    paper: Paper = "a4",
    brand: Brand | None = None,
) -> Path:
    """Write the report as `report.pdf`.

    A character that neither the package's fonts nor the brand's have is printed as its code, and a
    warning names it: a box in its place would say nothing. Fonts of the machine are not used.

    Args:
        contents: What the document shows.
        charts: By the name of the section that shows them.
        words: The language.
        folder: Made if it is missing. Other files in it stay.
        paper: The size of the pages.
        brand: Accent, logo and fonts of the house.

    Returns:
        The document's path.

    Raises:
        ConfigError: a font of the brand can't be used, or there is no such paper.
        RunError: the folder can't be written.

    Guarantees, each held by tests/test_report_document.py:
        All fonts are embedded, and text can be copied. Colors are exact. What strangers wrote is
        text, never markup. The same answers give the same bytes.
    """
    path = folder / FILE
    document = render_document(contents, charts, words, paper=paper, brand=brand)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".part")
        aside.write_bytes(document)
        aside.replace(path)
    except OSError as cause:
        raise RunError(f"{folder}: can't be written ({cause.strerror or cause})") from cause
    return path


def render_document(
    contents: ReportContents,
    charts: Mapping[str, Drawing],
    words: Words,
    *,
    paper: Paper = "a4",
    brand: Brand | None = None,
) -> bytes:
    """The document's bytes; arguments and errors as of `write_document`."""
    if paper not in PAPERS:
        raise ConfigError(f"no paper '{paper}'{did_you_mean(paper, list(PAPERS))} (--paper)")
    typefaces = open_typefaces(brand)
    logo = brand.picture if brand else None
    environment = document_environment(typefaces, words)
    main = environment.get_template("document.typ").render(
        **_values(contents, words),
        charts=charts,
        paper=PAPERS[paper],
        typefaces=typefaces,
        house=brand.name if brand else "",
        accent=(brand.accent if brand else "") or _INK,
        accent_as_text=(brand.accent_on_light if brand else "") or _INK,
        logo=f"logo.{logo.kind}" if logo else "",
    )
    files: dict[str, bytes] = {"report.typ": (TEMPLATES / "report.typ").read_bytes()}
    for name, each in charts.items():
        files[drawing_file(name)] = typefaces.printable(each.svg).encode()
    if logo:
        files[f"logo.{logo.kind}"] = logo.content
    made = datetime.date.fromisoformat(contents.finished)
    document = typeset(Source(main=main, files=files, made=made), typefaces)
    _warn_of(typefaces.missing)
    return document


def _values(contents: ReportContents, words: Words) -> Mapping[str, Any]:
    """What the templates can name."""
    manifest = contents.manifest
    guarded = guard(manifest)
    return {
        "contents": contents,
        "manifest": manifest,
        "header": manifest.header,
        "settings": manifest.settings,
        "day": datetime.date.fromisoformat(contents.finished),
        "run_code": manifest.header.settings_hash[:_RUN_CODE],
        "garments": denominator(contents.families),
        "finding": finding(contents.families, words),
        "signature_finding": signature_finding(contents.signatures, words),
        "stripes": [card.shade for card in contents.cards.headline],
        "certainty": CERTAINTY,
        "fewest_sources": FEWEST_SOURCES,
        "axis": axis(contents.families),
        "level": words.number(100 * manifest.settings.analysis.confidence),
        "guard_words": words.term("guard", guarded.unit),
        "units": units(contents, words),
        "most_shades": _MOST_SHADES,
        "patterns": PATTERNS,
        "families": FAMILIES,
        "family_colors": FAMILY_COLORS,
        "purposes": PURPOSE_MEANINGS,
        "dominance": DOMINANCE,
    }


def _warn_of(missing: Iterable[str]) -> None:
    """Name the characters that stand as codes, and what to do."""
    codes = [
        f"{each} U+{ord(each):04X}" if each.isprintable() else f"U+{ord(each):04X}"
        for each in missing
    ]
    if not codes:
        return
    more = f" and {len(codes) - _MOST_NAMED} more" if len(codes) > _MOST_NAMED else ""
    _log.warning(
        "%s: no font has %s%s, so codes stand for them; name a font file that has them in the "
        "brand file (fonts)",
        FILE,
        ", ".join(codes[:_MOST_NAMED]),
        more,
    )
