"""From a finished run to its report; needs no segmenter."""

from pathlib import Path

from trendcolor.api.opening import open_run
from trendcolor.report.contents import report_contents
from trendcolor.report.page import write_page


def report(run: str | Path, *, out: str | Path | None = None) -> Path:
    """Write a run's report.

    Args:
        run: A finished run folder.
        out: The folder to write to; None takes `report` inside the run folder.

    Returns:
        The page, `index.html`.

    Raises:
        RunError: the run is missing or unfinished.
    """
    opened = open_run(run)
    return write_page(report_contents(opened), Path(run) / "report" if out is None else Path(out))
