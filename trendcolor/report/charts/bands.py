"""Bands: the families of each group of a column, as parts of 100 %."""

from collections.abc import Mapping

import polars as pl

from trendcolor.report.charts.spec import Spec
from trendcolor.report.charts.stack import Part, Stacked, stack
from trendcolor.report.charts.theme import WIDE, Row
from trendcolor.report.families import FAMILY_COLORS
from trendcolor.report.words import Words


def bands(shares: pl.DataFrame, words: Words, *, column: str, width: int = WIDE) -> Spec:
    """A band for each group: its families from neutral to bright, the same order in all bands.

    Args:
        shares: Public answers of `run.shares(by=column)`; bands stand in the order of groups.
        words: Of what is written.
        column: The column of groups: `"garment"` or a declared one.
        width: In pixels.

    Guarantees, each held by tests/test_report_charts_bands.py:
        Parts have the frame's shares. Withheld cells are in no part; what a group withholds is
        one part without a family.
    """
    parts = {family: Part(words.family(family), fill) for family, fill in FAMILY_COLORS.items()}
    label = words.text("Color families in each group, as parts of 100%")
    rows = stacked_rows(shares, words, column=column, part="family")
    return stack(rows, parts, words, label=label, width=width)


def stacked_rows(shares: pl.DataFrame, words: Words, *, column: str, part: str) -> list[Stacked]:
    """The groups of a frame as rows.

    Args:
        shares: Public shares, with the columns `column` and `part`.
        words: Of what is written.
        column: The column of groups.
        part: The column that tells the parts of a group.
    """
    groups = shares.partition_by(column, as_dict=True, maintain_order=True)
    return [
        Stacked(group_name(key[0], column, words), _size(cells, words), _cells(cells, part))
        for key, cells in groups.items()
    ]


def group_name(value: str | None, column: str, words: Words) -> str:
    """A group as readers know it."""
    if value is None:
        return words.text("not stated")
    return words.garment(value) if column == "garment" else str(value)


def _cells(shares: pl.DataFrame, part: str) -> Mapping[str, Row]:
    return {cell[part]: cell for cell in shares.iter_rows(named=True)}


def _size(shares: pl.DataFrame, words: Words) -> str:
    known = shares["denominator"].drop_nulls()
    return "" if known.is_empty() else f"n = {words.count(known[0])}"
