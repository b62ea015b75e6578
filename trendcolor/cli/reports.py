"""The command that writes a report."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from trendcolor.cli.program import app


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    """What a report is for, what it compares, and beside what.

    Attributes:
        purpose: What its figures are for; by default the purpose of the run.
        against: Another finished run, to compare with.
        baseline: The part of the run to compare with, an SQL condition: "season = 'AW25'". By
            default the season a year before the latest, or the period before.
        focus: The part that is compared with it, an SQL condition; by default the latest period.
        line: Your own palette, .ase, .aco, .gpl or .csv, to check against the season.
    """

    purpose: str | None = None
    against: Path | None = None
    baseline: str | None = None
    focus: str | None = None
    line: Path | None = None


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class LookOptions:
    """How a report looks.

    Attributes:
        lang: Language, en or zh-CN; by default the run's report.lang.
        brand: A brand file, TOML: logo, fonts, accent.
        paper: Of the PDF.
        pdf: Write report.pdf.
        sign: Sign the report's statement with this minisign secret key.
    """

    lang: str | None = None
    brand: Path | None = None
    paper: Literal["a4", "letter"] = "a4"
    pdf: Annotated[bool, Parameter(negative="--no-pdf")] = True
    sign: Path | None = None


@app.command
def report(
    run: Path,
    /,
    *,
    out: Path | None = None,
    compare: CompareOptions = CompareOptions(),
    look: LookOptions = LookOptions(),
) -> None:
    """Write a run's report (page, PDF, swatch files, tables) and print the path of its page.

    Args:
        run: A finished run folder.
        out: Folder to write to; by default `report` inside the run folder.
        compare: What is compared.
        look: How it looks.
    """
    from trendcolor.api.reports import ReportOptions
    from trendcolor.api.reports import report as write_report

    options = ReportOptions(
        purpose=compare.purpose,
        against=compare.against,
        baseline=compare.baseline,
        focus=compare.focus,
        line=compare.line,
        lang=look.lang,
        brand=look.brand,
        paper=look.paper,
        pdf=look.pdf,
        sign=look.sign,
    )
    print(write_report(run, options, out=out))
