"""From a finished run to its report; needs no segmenter."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from trendcolor.api.clearance import check_run_cleared
from trendcolor.api.opening import open_run, open_runs
from trendcolor.color.libraries import open_vocabulary
from trendcolor.config import address_of
from trendcolor.errors import QueryError, UsageError
from trendcolor.report.brand import read_brand
from trendcolor.report.contents import (
    Asked,
    Part,
    Parts,
    ReportContents,
    parts_to_compare,
    periods_of,
    report_contents,
)
from trendcolor.report.folder import Look, write_report
from trendcolor.report.statement import clear_statement, signer, statement_of, write_statement
from trendcolor.report.words import open_words
from trendcolor.runs import store_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """What a report is for, what it compares with what, and beside what."""

    purpose: str | None = None  # of its figures; None takes that of the run
    against: str | Path | None = None  # another finished run, to compare with
    baseline: str | None = None  # an SQL condition: the part of the run to compare with
    focus: str | None = None  # an SQL condition: the part that is compared
    line: str | Path | None = None  # the designer's own palette, a swatch file
    lang: str | None = None  # "en" or "zh-CN"; None takes the run's `report.lang`
    brand: str | Path | None = None  # a brand file
    paper: Literal["a4", "letter"] = "a4"  # of the PDF
    pdf: bool = True  # whether there is one
    sign: str | Path | None = None  # a minisign secret key, for the statement

    def __post_init__(self) -> None:
        if self.against is not None and (self.baseline or self.focus):
            raise QueryError("compare with another run or with a part of this one, not both")


def report(
    run: str | Path,
    options: ReportOptions | None = None,
    *,
    out: str | Path | None = None,
    today: date | None = None,
) -> Path:
    """Write a run's report, for a purpose that the run was cleared for.

    Args:
        run: A finished run folder, or its address.
        options: What it compares; None takes the latest period and the one to compare it with,
            where the run has periods.
        out: The folder to write to; None takes `report` inside the run folder, and is refused for
            an address.
        today: The day, on which licenses and consent may have ended; None: the present one.

    Returns:
        The page, `index.html`.

    Raises:
        RunError: a run is missing or unfinished.
        RefusedError: a run was not cleared for the purpose, or its license or consent has ended
            since.
        QueryError: a condition is none, or one of the parts to compare holds no garment.
        VocabularyError: the swatch file can't be read.
        UsageError: there is no such language, nothing says where to write, or the key that signs
            can't be opened.
        ConfigError: the brand file has faults.
    """
    options = options or ReportOptions()
    folder = _folder_of(run) if out is None else Path(out)
    brand = None if options.brand is None else read_brand(Path(options.brand))
    if options.lang is not None:
        open_words(options.lang)  # a language that there isn't is told before the work
    sign = None if options.sign is None else signer(Path(options.sign))
    contents = contents_of(run, options, today)
    lang = contents.manifest.settings.report.lang if options.lang is None else options.lang
    look = Look(words=open_words(lang), brand=brand, paper=options.paper, pdf=options.pdf)
    clear_statement(folder)
    page = write_report(contents, folder, look)
    manifest = store_of(str(address_of(run) or run)).read("manifest.json") or b""
    statement = statement_of(contents.manifest.header, manifest, folder)
    write_statement(statement, folder, sign)
    return page


def _folder_of(run: str | Path) -> Path:
    if (address := address_of(run)) is not None:
        raise UsageError(f"{address}: a report is written to this machine (say where with --out)")
    return Path(run) / "report"


def contents_of(
    run: str | Path, options: ReportOptions, today: date | None = None
) -> ReportContents:
    """Everything that a run's report shows; see `report`."""
    return report_contents(asked_of(run, options, today))


def asked_of(run: str | Path, options: ReportOptions, today: date | None = None) -> Asked:
    """What a report with these options is to be of; see `report`."""
    alone = open_run(run)
    settings = alone.folder.manifest.settings
    purpose = settings.purpose if options.purpose is None else options.purpose
    check_run_cleared(alone, purpose, today)
    words = None if options.line is None else open_vocabulary(options.line)
    if options.against is None:
        found = periods_of(alone)
        parts = parts_to_compare(found, baseline=options.baseline, focus=options.focus)
        return Asked(
            about=alone,
            run=alone,
            whole=alone,
            periods=found,
            parts=parts,
            line=words,
            purpose=purpose,
        )
    both = open_runs([options.against, run], mixed=True)
    check_run_cleared(both, purpose, today)
    before, after = both.population.folders
    parts = Parts(
        before=Part(label=before, wanted={"run": before}),
        after=Part(label=after, wanted={"run": after}),
    )
    about = both.where({"run": after})
    return Asked(
        about=about,
        run=alone,
        whole=both,
        periods=periods_of(about),
        parts=parts,
        line=words,
        purpose=purpose,
    )
