"""The sample photos of the package through every stage."""

from pathlib import Path

from trendcolor.api.jobs import run
from trendcolor.api.reports import report
from trendcolor.config import shipped_file


def demo(out: str | Path = "trendcolor-demo") -> Path:
    """Run the sample photos of the package through every stage, anew, and report.

    Returns:
        The report's page; the run is beside it in `run`.
    """
    done = run(shipped_file("configs/demo.toml"), out=Path(out) / "run", fresh=True)
    return report(done.folder, out=Path(out) / "report")
