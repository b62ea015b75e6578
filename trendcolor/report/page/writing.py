"""Pages of a report: `index.html`, and `changes.html` where two parts are compared.

Text is in `templates/page/`; column values, titles and cards come from strangers, so everything is
escaped. Colors stand beside their names and figures, never alone.
"""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from markupsafe import Markup

from trendcolor.errors import RunError
from trendcolor.report.brand import Brand
from trendcolor.report.charts.live import chart_styles, page_script
from trendcolor.report.contents import ReportContents
from trendcolor.report.page.context import context, environment
from trendcolor.report.page.figures import figures
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
    scripts = (_own_script(), page_script())
    page = environment(words).get_template("index.html")
    return page.render(
        **context(contents, words),
        **_frame(scripts, brand),
        charts=drawn.charts,
        color_map=drawn.color_map,
        files=(_TABLE, *files),
        sections=sections(contents, words),
    )


def render_changes(
    contents: ReportContents, words: Words | None = None, *, brand: Brand | None = None
) -> str:
    """The HTML of `changes.html`, where `contents.changes` is there; arguments as `render_page`."""
    words = open_words() if words is None else words
    page = environment(words).get_template("changes.html")
    return page.render(**context(contents, words), **_frame((_own_script(),), brand))


def _frame(scripts: Sequence[str], brand: Brand | None) -> dict[str, Any]:
    """What a page has around its sections."""
    return {
        "brand": brand,
        "policy": content_policy(scripts, brand),
        # Our own files, which go onto the page as they are.
        "scripts": [Markup(script) for script in scripts],
        "chart_styles": Markup(chart_styles()),
    }


def _own_script() -> str:
    """What the page does beside its charts."""
    folder = resources.files("trendcolor.report.page")
    return (folder / "copying.js").read_text(encoding="utf-8").replace("\r\n", "\n")


def _write(text: str, path: Path) -> None:
    aside = path.with_suffix(".part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
