"""How many garments are of one color, of two, or of many, in each garment category."""

import polars as pl

from trendcolor.color.pattern import PATTERNS
from trendcolor.report.charts.bands import stacked_rows
from trendcolor.report.charts.spec import Spec
from trendcolor.report.charts.stack import Part, stack
from trendcolor.report.charts.theme import WIDE
from trendcolor.report.words import Words

# From one color to many, dark to light; no color of clothes is meant.
_FILLS = ("#3d4b5c", "#8496aa", "#d5dce4")


def patterns(
    shares: pl.DataFrame, words: Words, *, column: str = "garment", width: int = WIDE
) -> Spec:
    """A band for each group, cut into solid, two-tone and multicolor.

    Args:
        shares: The columns `column`, `pattern`, `share`, `low`, `high`, `numerator`,
            `denominator`; what is withheld has null shares.
        words: Of what is written.
        column: The column of groups.
        width: In pixels.

    Guarantees, each held by tests/test_report_charts_patterns.py:
        Parts have the frame's shares; what a group withholds is one part without a pattern.
    """
    parts = {
        pattern: Part(words.term("pattern", pattern), fill)
        for pattern, fill in zip(PATTERNS, _FILLS, strict=True)
    }
    rows = stacked_rows(shares, words, column=column, part="pattern")
    label = words.text("Solid, two-tone and multicolor garments in each group, as parts of 100%")
    return stack(rows, parts, words, label=label, width=width)
