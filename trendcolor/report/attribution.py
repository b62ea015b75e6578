"""`ATTRIBUTION.txt`: who is to be named wherever figures of a report are shown."""

from collections.abc import Iterator
from pathlib import Path

from trendcolor.cards import license_pages
from trendcolor.errors import RunError
from trendcolor.report.contents import ReportContents
from trendcolor.report.words import Words
from trendcolor.runs import Header, RunCard

FILE = "ATTRIBUTION.txt"
_RUN_CODE = 12  # digits of the settings hash that name a run


def write_attribution(contents: ReportContents, folder: Path, words: Words) -> Path:
    """Write whom to name, under which license, as `ATTRIBUTION.txt`.

    Args:
        contents: The report.
        folder: Made if it is missing. Other files in it stay.
        words: The language; what cards say stays as their owner wrote it.

    Returns:
        The file's path.

    Raises:
        RunError: the folder can't be written.
    """
    path = folder / FILE
    text = attribution_text(contents, words)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".part")
        aside.write_text(text, encoding="utf-8", newline="\n")
        aside.replace(path)
    except OSError as cause:
        raise RunError(f"{folder}: can't be written ({cause.strerror or cause})") from cause
    return path


def attribution_text(contents: ReportContents, words: Words) -> str:
    """Whom to name, line by line; arguments as of `write_attribution`.

    Guarantees, each held by tests/test_report_attribution.py:
        Each card is named with its license. What cards say is on one line, so that no card can
        add lines to another's.
    """
    header = contents.manifest.header
    title = words.text(
        "Name these sources wherever figures of “{title}” are shown.", title=contents.title
    )
    run = words.text(
        "Made by trendcolor {version} from run {run}, {day}.",
        version=header.code_version,
        run=header.settings_hash[:_RUN_CODE],
        day=contents.finished,
    )
    cards = [_of_card(card, words) for card in header.cards]
    blocks = [[title, run], *cards, [*_together(header, words)]]
    return "\n\n".join("\n".join(_line(text) for text in block) for block in blocks if block) + "\n"


def _of_card(card: RunCard, words: Words) -> list[str]:
    lines = [
        words.text("{title} ({version})", title=card.title, version=card.version),
        words.text("Attribution: {attribution}", attribution=card.attribution),
        words.text("License: {license}", license=_with_pages(card.license)),
    ]
    if card.annotations_license:
        labels = _with_pages(card.annotations_license)
        lines.append(words.text("License of the labels: {license}", license=labels))
    if card.homepage:
        lines.append(words.text("Homepage: {address}", address=card.homepage))
    lines.append(
        words.text("Changes made: figures measured from the photos; no photo is shown again.")
    )
    return lines


def _together(header: Header, words: Words) -> Iterator[str]:
    """What is said of all cards at once."""
    decision = header.decision
    if decision.photo_licenses:
        listed = ", ".join(_with_pages(name) for name in decision.photo_licenses)
        yield words.text("Licenses of single photos: {licenses}", licenses=listed)
    if decision.license_of_figures:
        yield words.text(
            "Whoever passes these figures on does so under {license}: their sources ask for the "
            "same license.",
            license=_with_pages(decision.license_of_figures),
        )


def _with_pages(expression: str) -> str:
    """A license with the addresses of its text, where it is an SPDX one."""
    pages = " ".join(license_pages(expression))
    return f"{expression} ({pages})" if pages else expression


def _line(text: str) -> str:
    """A text on one line, without what does not print."""
    return "".join(sign if sign.isprintable() else " " for sign in " ".join(text.split()))
