"""The sections of the page, in their order: those of which a run tells something."""

from collections.abc import Iterator
from dataclasses import dataclass

from trendcolor.report.contents import ReportContents
from trendcolor.report.words import Words


@dataclass(frozen=True, slots=True)
class Section:
    """One section, `sections/NAME.html`."""

    name: str  # of its template, and its anchor
    title: str  # as the page's navigation calls it


def sections(contents: ReportContents, words: Words) -> tuple[Section, ...]:
    """The sections of a report; what it has nothing of is left out."""
    return tuple(Section(name, title) for name, title in _found(contents, words))


def _found(contents: ReportContents, words: Words) -> Iterator[tuple[str, str]]:
    has_weight = any(column.kind == "weight" for column in contents.manifest.columns)
    yield "headline", words.text("Headline")
    yield "classics", words.text("Classics")
    yield "signatures", words.text("Signatures")
    yield "ranking", words.text("Families")
    if not contents.tones.is_empty():
        yield "tones", words.text("Neutrals")
    yield "breakdowns", words.text("Groups")
    if contents.evolution is not None:
        yield "evolution", words.text("Over time")
    if not contents.gamut.cells.is_empty():
        yield "map", words.text("Map")
    if not contents.combinations.is_empty():
        yield "combinations", words.text("Pairs")
    if not contents.patterns.is_empty():
        yield "patterns", words.text("Patterns")
    yield "changes", words.text("Changes")
    if has_weight:
        yield "weight", words.text("Weight")
    if contents.line is not None:
        yield "line", words.text("Your line")
    yield "screening", words.text("Screening")
    if not contents.budget.is_empty():
        yield "budget", words.text("Errors")
    yield "sources", words.text("Sources")
    yield "method", words.text("Method")
    yield "cite", words.text("Cite")
