"""What a report shows, asked of a run."""

from trendcolor.report.contents.changes import Changes
from trendcolor.report.contents.gamut import Gamut
from trendcolor.report.contents.line import Gap, Line, LineColor
from trendcolor.report.contents.periods import Part, Parts, Periods, parts_to_compare
from trendcolor.report.contents.periods import periods as periods_of
from trendcolor.report.contents.queries import Queries
from trendcolor.report.contents.screening import REASON_WORDS, Screening, reason_group
from trendcolor.report.contents.shades import Cards, Change, ColorCard, Stronghold
from trendcolor.report.contents.whole import Asked, Breakdown, ReportContents, report_contents

__all__ = [
    "REASON_WORDS",
    "Asked",
    "Breakdown",
    "Cards",
    "Change",
    "Changes",
    "ColorCard",
    "Gamut",
    "Gap",
    "Line",
    "LineColor",
    "Part",
    "Parts",
    "Periods",
    "Queries",
    "ReportContents",
    "Screening",
    "Stronghold",
    "parts_to_compare",
    "periods_of",
    "reason_group",
    "report_contents",
]
