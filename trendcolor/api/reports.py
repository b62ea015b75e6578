"""From a finished run to its report; needs no segmenter."""

from pathlib import Path

from trendcolor.api.opening import open_run
from trendcolor.report.contents import report_contents
from trendcolor.report.page import write_page
from trendcolor.report.words import open_words


def report(run: str | Path, *, out: str | Path | None = None, lang: str | None = None) -> Path:
    """Write a run's report.

    Args:
        run: A finished run folder.
        out: The folder to write to; None takes `report` inside the run folder.
        lang: The language of the page, "en" or "zh-CN"; None takes the run's `report.lang`.

    Returns:
        The page, `index.html`.

    Raises:
        RunError: the run is missing or unfinished.
        UsageError: there is no such language.
    """
    opened = open_run(run)
    settings = opened.folder.manifest.settings.report
    words = open_words(settings.lang if lang is None else lang)
    folder = Path(run) / "report" if out is None else Path(out)
    return write_page(report_contents(opened), folder, words)
