"""What a legal department asks of a run, answered now: what was allowed, and whether it holds."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

import trendcolor
from trendcolor.api.opening import open_run
from trendcolor.api.text import FORMATS
from trendcolor.cards import Column, check_cleared
from trendcolor.cards.columns import inference
from trendcolor.config import address_of
from trendcolor.errors import RefusedError, RunError, UsageError
from trendcolor.faceless import installed_closure, person_distributions, person_names_under
from trendcolor.faceless.pictures import FoundPicture, pictures_in_file
from trendcolor.records import photo_schema, record_schema
from trendcolor.report.drawn import unexplained_pictures
from trendcolor.report.statement import FILE as STATEMENT
from trendcolor.report.statement import statement_faults
from trendcolor.runs import Manifest, RunCard, verify
from trendcolor.segmentation.weights import PACKAGED_WEIGHTS, weights_hash

_FEWEST = 10  # sources behind a public figure, unless the run gives a reason


Found = tuple[str, list[str]]  # what was looked at, and what is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is looked at."""

    run: Path
    report: Path | None  # None where there is none
    public_key: Path | None
    manifest: Manifest
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustCheck:
    """One thing that was looked at, just now."""

    check: str  # what shall hold
    found: str  # what was looked at, or what is wrong
    holds: bool
    held_by: str  # the test that holds it for all runs, `tests/FILE::NAME`


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAudit:
    """The page."""

    place: str
    facts: pl.DataFrame  # `fact`, `value`
    decisions: pl.DataFrame  # `card`, `license`, `people`, `consent`, `purpose`, `allowed`, `rule`
    checks: tuple[TrustCheck, ...]

    def table(self) -> pl.DataFrame:
        """One row a check: `check`, `holds`, `found`, `held_by`."""
        rows = [(c.check, c.holds, c.found, c.held_by) for c in self.checks]
        schema = {
            **{"check": pl.String, "holds": pl.Boolean},
            **{"found": pl.String, "held_by": pl.String},
        }
        return pl.DataFrame(rows, schema, orient="row")

    def refuse(self) -> None:
        """Raise an error if a check fails.

        Raises:
            RunError: at least one does; `table` tells which.
        """
        failed = [each.check for each in self.checks if not each.holds]
        if failed:
            raise RunError(
                f"{self.place}: {len(failed)} of {len(self.checks)} checks fail "
                f"({'; '.join(failed)})"
            )


def audit_trust(
    run: str | Path, *, report: str | Path | None = None, key: str | Path | None = None
) -> TrustAudit:
    """Look through a run, its report and this installation; nothing is changed.

    Every file of run and report is read whole.

    Args:
        run: A finished run folder.
        report: Its report; None takes `report` inside the run folder, where there is one.
        key: A minisign public key, which the report's signature must be of.

    Raises:
        RunError: there is no run, or it is unfinished.
        UsageError: the run lies at an address, there is no such report, or the key is none.
    """
    if address_of(run) is not None:
        raise UsageError(f"{run}: files are looked into on this machine (copy the run here)")
    opened = open_run(run)
    folder = Path(run)
    place = folder / "report" if report is None else Path(report)
    if report is not None and not place.is_dir():
        raise UsageError(f"{place}: no such report (--report names its folder)")
    subject = Subject(
        run=folder,
        report=place if place.is_dir() else None,
        public_key=None if key is None else Path(key),
        manifest=opened.population.manifests[0],
        today=date.today(),
    )
    checks = tuple(_answered(name, held_by, look, subject) for name, held_by, look in _CHECKS)
    return TrustAudit(
        place=str(run), facts=_facts(subject), decisions=_decisions(subject), checks=checks
    )


def trust_text(audit: TrustAudit, format: str = "table") -> str:
    """The page as text, or its checks as CSV or JSON."""
    if format != "table":
        return FORMATS[format](audit.table())
    parts = [
        f"# {audit.place}",
        "",
        FORMATS["table"](audit.facts),
        "",
        "what the gate decided",
        FORMATS["table"](audit.decisions),
        "",
        "looked at now",
        FORMATS["table"](audit.table()),
    ]
    return "\n".join(parts)


def _answered(
    name: str, held_by: str, look: Callable[[Subject], Found], subject: Subject
) -> TrustCheck:
    found, faults = look(subject)
    told = "; ".join(faults[:5]) + (f"; and {len(faults) - 5} more" if len(faults) > 5 else "")
    return TrustCheck(check=name, found=told or found, holds=not faults, held_by=held_by)


def _facts(subject: Subject) -> pl.DataFrame:
    manifest, header = subject.manifest, subject.manifest.header
    content = (subject.run / "manifest.json").read_bytes()
    facts = {
        "purpose": header.settings.purpose,
        "photos": f"{header.photos:,}",
        "finished": manifest.finished,
        "manifest, SHA-256": hashlib.sha256(content).hexdigest(),
        "settings": header.settings_hash,
        "model": f"{header.weights}, {header.weights_hash}",
        "code that made the records": f"{header.code_version}, {header.code_hash}",
        "this installation": f"trendcolor {trendcolor.__version__}",
    }
    return pl.DataFrame([*facts.items()], ("fact", "value"), orient="row")


def _decisions(subject: Subject) -> pl.DataFrame:
    decision = subject.manifest.header.decision
    rows = []
    for card in subject.manifest.header.cards:
        answer = next((one for one in decision.cards if one.sha256 == card.sha256), None)
        rows.append(
            {
                "card": f"{card.name} {card.version}",
                "license": card.license,
                "people": card.people,
                "consent": card.consent_basis,
                "purpose": decision.purpose,
                "decided": decision.date,
                "rule": "" if answer is None else answer.rule,
                "also allowed": ", ".join(_others(decision.cleared(card.sha256), decision.purpose)),
                "card, SHA-256": card.sha256,
            }
        )
    return pl.DataFrame(rows)


def _others(purposes: tuple[str, ...], own: str) -> Iterator[str]:
    return (purpose for purpose in purposes if purpose != own)


def _cleared(subject: Subject) -> Found:
    decision = subject.manifest.header.decision
    try:
        check_cleared(decision, decision.purpose, subject.today, place="today")
    except RefusedError as refusal:
        return "", str(refusal).splitlines()
    return f"cleared for {decision.purpose} on {decision.date}, and still today", []


def _whole(subject: Subject) -> Found:
    found = verify(subject.run)
    looked = ", ".join(f"{n:,} {what}" for what, n in found.looked_at.items())
    return looked, [f"{fault.where}: {fault.fault}" for fault in found.faults]


def _distributions(_: Subject) -> Found:
    names = installed_closure()
    found = person_distributions(names)
    return f"{len(names)} distributions", [f"{each.name}: {each.why}" for each in found]


def _source(_: Subject) -> Found:
    folder = Path(trendcolor.__file__).parent
    found = [each for each in person_names_under(folder) if each.file != "faceless/source.py"]
    return (
        f"{len([*folder.rglob('*.py')])} files of source",
        [f"{each.file}:{each.line}: {each.name}, {each.why}" for each in found],
    )


def _model(subject: Subject) -> Found:
    header = subject.manifest.header
    if header.weights == "none":
        return "label maps were given, no model was used", []
    if header.weights_hash == weights_hash(PACKAGED_WEIGHTS):
        return "the packaged segmenter: 13 classes of clothing, skin, hair, background", []
    return f"{header.weights}: its classes were checked by name when it was opened", []


def _columns(subject: Subject) -> Found:
    run = open_run(subject.run)
    kinds = {column.name: column.kind for column in subject.manifest.columns}
    faults = []
    for what, frame, schema in (
        ("records", run.population.records(), record_schema(kinds)),
        ("photos", run.population.photos(), photo_schema(kinds)),
    ):
        faults += [
            f"{what} has a column '{name}'"
            for name in frame.collect_schema().names()
            if name not in schema
        ]
    return f"records, photos and {len(kinds)} declared columns", faults


def _declared(subject: Subject) -> Found:
    faults = []
    for each in subject.manifest.columns:
        column = Column(name=each.name, kind=each.kind, declared_by=each.declared_by)
        if reason := inference(column):
            faults.append(f"'{each.name}': {reason}")
    cohorts = [each.name for each in subject.manifest.columns if each.kind == "cohort"]
    return f"groups of people: {', '.join(cohorts) or 'none'}", faults


def _pictures(subject: Subject) -> Found:
    report = subject.report
    paths = [path for path in sorted(subject.run.rglob("*")) if path.is_file()]
    of_run = [path for path in paths if report is None or report not in path.parents]
    found = []
    for path in of_run:
        found += pictures_in_file(path, path.relative_to(subject.run).as_posix())
    if report is not None:
        found += unexplained_pictures(report)
    n = len(of_run) + (0 if report is None else sum(1 for each in report.rglob("*")))
    drawn = "" if report is None else "; what the report drew was drawn again from its numbers"
    return f"{n:,} files{drawn}", [_told(each) for each in found]


def _told(picture: FoundPicture) -> str:
    return f"{picture.place}: {picture.kind} at byte {picture.offset}"


def _few(subject: Subject) -> Found:
    analysis = subject.manifest.settings.analysis
    free = subject.manifest.is_free_of_people
    if analysis.min_cell >= _FEWEST or free or analysis.min_cell_reason:
        reason = f" ({analysis.min_cell_reason})" if analysis.min_cell_reason else ""
        return f"{analysis.min_cell} sources at least{reason}", []
    return "", [f"analysis.min_cell is {analysis.min_cell}, and no reason is given"]


def _shown(subject: Subject) -> Found:
    cards: tuple[RunCard, ...] = subject.manifest.header.cards
    real = [card.name for card in cards if card.people == "real"]
    return (f"real people in: {', '.join(real)}" if real else "no real person is shown"), []


def _names(subject: Subject) -> Found:
    privacy = subject.manifest.settings.privacy
    kinds = {column.kind for column in subject.manifest.columns} & {"source", "wearer"}
    if not kinds:
        return "no sources or wearers are declared", []
    if privacy.pseudonyms == "hashed":
        return f"{', '.join(sorted(kinds))}: hashed, key {privacy.key}", []
    return f"{', '.join(sorted(kinds))}: as the data set has them, which its config asks for", []


def _kept(subject: Subject) -> Found:
    until = subject.manifest.retain_until
    if until and until < subject.today.isoformat():
        return "", [f"was to be kept until {until} (`trendcolor expire {subject.run}`)"]
    return f"until {until}" if until else "no last day is set", []


def _stated(subject: Subject) -> Found:
    if subject.report is None:
        return "no report was written", []
    manifest = (subject.run / "manifest.json").read_bytes()
    if not (subject.report / STATEMENT).exists():
        return "", [f"{STATEMENT} is missing (write the report anew)"]
    faults = list(statement_faults(subject.report, manifest, subject.public_key))
    signed = "" if subject.public_key is None else ", signature of the key"
    return f"each file as stated{signed}", faults


_CHECKS = (
    (
        "the purpose is allowed by each card, today too",
        "tests/test_cards_gate.py::test_the_gate_opens_exactly_where_every_card_allows",
        _cleared,
    ),
    (
        "files, receipts and hashes agree",
        "tests/test_runs_verifying.py::test_one_changed_byte_anywhere_is_found",
        _whole,
    ),
    (
        "no package that looks at faces or tells people apart is needed",
        "tests/test_faceless_packages.py::test_no_dependency_looks_at_faces",
        _distributions,
    ),
    (
        "no line of source names one",
        "tests/test_faceless_packages.py::test_nothing_in_the_source_names_a_detector_of_faces",
        _source,
    ),
    (
        "the model knows garments, skin and hair, nobody's age, gender or face",
        "tests/test_segmentation_foreign.py::test_a_model_that_tells_people_apart_is_refused",
        _model,
    ),
    (
        "records hold colors, garments, counts and declared columns, nothing else",
        "tests/test_privacy.py::test_records_hold_only_the_documented_columns",
        _columns,
    ),
    (
        "groups of people were declared, not guessed",
        "tests/test_cards_columns.py::test_columns_inferred_from_looks_are_refused_by_name",
        _declared,
    ),
    (
        "no file holds a picture but drawn colors",
        "tests/test_privacy.py::test_no_file_of_run_and_report_holds_a_picture",
        _pictures,
    ),
    (
        "public figures rest on enough sources",
        "tests/test_analysis_disclosure.py::test_nobody_can_recover_an_empty_cell",
        _few,
    ),
    (
        "who is shown is told",
        "tests/test_cards_card.py::"
        "test_photo_pixels_are_shown_only_where_no_real_person_is_and_the_card_says_so",
        _shown,
    ),
    (
        "it is told how names are kept",
        "tests/test_runs_pseudonyms.py::test_nothing_that_was_written_holds_a_source_or_a_wearer",
        _names,
    ),
    (
        "its last day is not past",
        "tests/test_runs_expiring.py::test_a_run_opens_on_its_last_day_and_no_longer",
        _kept,
    ),
    (
        "the report is the one that was written",
        "tests/test_report_statement.py::test_whatever_is_changed_afterwards_is_told",
        _stated,
    ),
)
