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
    text = words.text
    has_weight = any(column.kind == "weight" for column in contents.manifest.columns)
    yield "headline", text("Headline")
    yield "classics", text("Classics")
    yield "signatures", text("Signatures")
    yield "ranking", text("Families")
    if not contents.tones.is_empty():
        yield "tones", text("Neutrals")
    yield "breakdowns", text("Groups")
    if contents.evolution is not None:
        yield "evolution", text("Over time")
    if not contents.gamut.cells.is_empty():
        yield "map", text("Map")
    if not contents.combinations.is_empty():
        yield "combinations", text("Pairs")
    if not contents.patterns.is_empty():
        yield "patterns", text("Patterns")
    yield "changes", text("Changes")
    if has_weight:
        yield "weight", text("Weight")
    if contents.line is not None:
        yield "line", text("Your line")
    yield "screening", text("Screening")
    if not contents.budget.is_empty():
        yield "budget", text("Errors")
    yield "sources", text("Sources")
    yield "method", text("Method")
    yield "cite", text("Cite")
