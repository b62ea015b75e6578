"""Pages of a report: `index.html`, and `changes.html` where two parts are compared.

Text is in `templates/page/`; column values, titles and cards come from strangers, so everything is
escaped. Colors stand beside their names and figures, never alone.
"""

import datetime
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from trendcolor.analysis.disclosure import DOMINANCE
from trendcolor.analysis.modes import CERTAINTY, FEWEST_SOURCES
from trendcolor.cards.card import PURPOSE_MEANINGS
from trendcolor.color.names import FAMILIES
from trendcolor.errors import RunError
from trendcolor.report.brand import Brand
from trendcolor.report.charts.live import chart_styles, page_script
from trendcolor.report.contents import ReportContents
from trendcolor.report.families import FAMILY_COLORS, ink
from trendcolor.report.page import findings
from trendcolor.report.page.changing import SHAPES, change_tables, shade_names
from trendcolor.report.page.figures import figures
from trendcolor.report.page.groups import (
    axis,
    breakdown_groups,
    cells_by,
    denominator,
    groups,
    guard,
    tone_groups,
    units,
)
from trendcolor.report.page.lines import HEIGHT, WIDTH, pieces
from trendcolor.report.page.policy import content_policy
from trendcolor.report.page.sections import sections
from trendcolor.report.words import Words, open_words

_TABLE, _PAGE, _CHANGES = "colors.csv", "index.html", "changes.html"


def write_page(
    contents: ReportContents,
    folder: Path,
    words: Words | None = None,
    *,
    brand: Brand | None = None,
    files: Sequence[Path] = (),
) -> Path:
    """Write the report: `index.html`, `changes.html`, and the ranking as `colors.csv`.

    Args:
        contents: What the pages show.
        folder: Made if it is missing. Other files in it stay, but for a `changes.html` of before
            where nothing is compared now.
        words: The language of the pages; None takes English. `colors.csv` is the same in all.
        brand: How the house wants its pages to look; None takes the report's own looks.
        files: Files in the folder that the page links to, such as `report.pdf`.

    Returns:
        The path of `index.html`.

    Raises:
        RunError: the folder can't be written.

    Guarantees, each held by tests/test_report_page_writing.py:
        A page asks for no other file. What strangers wrote is text on it, never markup. Each file
        is whole or not there.
    """
    page, changed = folder / _PAGE, folder / _CHANGES
    beside = [path.relative_to(folder).as_posix() for path in files]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(contents.families.write_csv(), folder / _TABLE)
        if contents.changes is None:
            changed.unlink(missing_ok=True)
        else:
            _write(render_changes(contents, words, brand=brand), changed)
        _write(render_page(contents, words, brand=brand, files=beside), page)
    except OSError as cause:
        raise RunError(f"{folder}: can't be written ({cause.strerror or cause})") from cause
    return page


def render_page(
    contents: ReportContents,
    words: Words | None = None,
    *,
    brand: Brand | None = None,
    files: Sequence[str] = (),
) -> str:
    """The HTML of `index.html`.

    Args:
        contents: What it shows.
        words: Its language; None takes English.
        brand: As of `write_page`.
        files: Addresses of files beside it that it links to, such as `swatches/colors.ase`.
    """
    words = open_words() if words is None else words
    drawn = figures(contents, words)
    scripts = [_own_script(), page_script()]
    return (
        _environment(words)
        .get_template("index.html")
        .render(
            **_common(contents, words, scripts),
            brand=brand,
            policy=content_policy(scripts, brand),
            charts=drawn.charts,
            color_map=drawn.color_map,
            files=(_TABLE, *files),
            finding=findings.finding(contents.families, words),
            signature_finding=findings.signature_finding(contents.signatures, words),
            tone_finding=findings.tone_finding(contents, words),
            certainty=CERTAINTY,
            fewest_sources=FEWEST_SOURCES,
            axis=axis(contents.families),
            units=units(contents, words),
            purposes=PURPOSE_MEANINGS,
            dominance=DOMINANCE,
            sections=sections(contents, words),
        )
    )


def render_changes(
    contents: ReportContents, words: Words | None = None, *, brand: Brand | None = None
) -> str:
    """The HTML of `changes.html`, where `contents.changes` is there; arguments as `render_page`."""
    words = open_words() if words is None else words
    scripts = [_own_script()]
    return (
        _environment(words)
        .get_template("changes.html")
        .render(
            **_common(contents, words, scripts),
            brand=brand,
            policy=content_policy(scripts, brand),
        )
    )


def _common(contents: ReportContents, words: Words, scripts: Sequence[str]) -> dict[str, Any]:
    """What both pages know."""
    changes = contents.changes
    return {
        "contents": contents,
        "manifest": contents.manifest,
        "header": contents.manifest.header,
        "settings": contents.manifest.settings,
        "garments": denominator(contents.families),
        "guard": guard(contents.manifest),
        "changing": None if changes is None else change_tables(changes, words),
        "change_finding": None if changes is None else findings.change_finding(changes, words),
        "distance_finding": "" if changes is None else findings.distance_finding(changes, words),
        # Our own files, which go onto the page as they are.
        "scripts": [Markup(script) for script in scripts],  # noqa: S704
        "chart_styles": Markup(chart_styles()),  # noqa: S704
    }


def _environment(words: Words) -> Environment:
    """Templates that escape what they are given and speak a language."""
    environment = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("trendcolor", f"report/templates/{folder}")
                for folder in ("page", "charts")
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words.install(environment)
    environment.globals.update(
        words=words,
        chinese=open_words("zh-CN"),
        families=FAMILIES,
        family_colors=FAMILY_COLORS,
        shapes=SHAPES,
        pieces=pieces,
        line_size=(WIDTH, HEIGHT),
        groups=groups,
        breakdown_groups=breakdown_groups,
        tone_groups=tone_groups,
        cells_by=cells_by,
        shade_names=shade_names,
    )
    environment.filters.update(
        percent=words.percent,
        points=words.points,
        plain_points=lambda size: words.points(size).removeprefix("+"),
        chance=partial(_chance, words),
        count=words.count,
        number=words.number,
        interval=lambda row: words.interval(row["low"], row["high"]),
        group=partial(_group, words),
        day=lambda text: words.date(datetime.date.fromisoformat(text)),
        ink=ink,
        sentence=findings.sentence,
    )
    return environment


def _own_script() -> str:
    """What the page does beside its charts."""
    folder = resources.files("trendcolor.report.page")
    return (folder / "copying.js").read_text(encoding="utf-8").replace("\r\n", "\n")


def _chance(words: Words, p: float) -> str:
    """A p-value; below a thousandth only that it is."""
    least = 0.001
    return f"<{words.decimal(least, 3)}" if p < least else words.decimal(p, 3)


def _group(words: Words, label: str | None, is_garment: bool) -> str:
    """A group's name; values of declared columns stay as their owner wrote them."""
    if label is None:
        return words.text("not declared")
    return words.garment(label) if is_garment else label


def _write(text: str, path: Path) -> None:
    aside = path.with_suffix(".part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
