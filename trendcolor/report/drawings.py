"""The charts that the document shows, drawn as SVG in its fonts."""

from collections.abc import Mapping
from dataclasses import dataclass

from trendcolor.report.charts.changes import changes
from trendcolor.report.charts.evolution import evolution
from trendcolor.report.charts.pairs import pairs_matrix
from trendcolor.report.charts.spec import Spec, unchecked
from trendcolor.report.charts.svg import print_svg
from trendcolor.report.contents import ReportContents
from trendcolor.report.typefaces import CHINESE, LATIN
from trendcolor.report.words import Words

_WIDTH = 700  # pixels: on A4 the smallest text of a chart then has 8 points
_FONT = f"{LATIN}, {CHINESE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart in the document."""

    svg: str  # with literal colors; text in a family of `typefaces`
    label: str  # what it shows, for those who can't see it
    caption: str = ""


@unchecked()
def document_charts(contents: ReportContents, words: Words) -> Mapping[str, Drawing]:
    """The charts of a report by the name of the section that shows them.

    What a report of one run shows and another does not, such as its evolution, may be missing.
    """
    specs = {}
    if contents.evolution is not None and contents.periods is not None:
        specs["evolution"] = evolution(
            contents.evolution.shares,
            words,
            column=contents.periods.column,
            periods=contents.periods.values,
            width=_WIDTH,
        )
    if contents.changes is not None:
        specs["changes"] = changes(contents.changes.families, words, width=_WIDTH)
    if not contents.combinations.is_empty():
        specs["combinations"] = pairs_matrix(contents.combinations, words, width=_WIDTH)
    return {name: _drawing(spec, name) for name, spec in specs.items()}


def _drawing(spec: Spec, name: str) -> Drawing:
    return Drawing(svg=print_svg(spec, name=name, font=_FONT), label=spec["description"])
