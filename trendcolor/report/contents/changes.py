"""What changed from one part of a run to another, or from one run to another."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from trendcolor.errors import QueryError
from trendcolor.report.contents.periods import Part, Parts
from trendcolor.report.contents.queries import PUBLIC, Queries
from trendcolor.taxonomy import GARMENTS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changes:
    """Two parts side by side; all frames are as of `Run.compare`, disclosure public."""

    before: Part
    after: Part
    families: pl.DataFrame
    shades: pl.DataFrame
    by_garment: Mapping[str, pl.DataFrame]  # families, of each garment that both parts have

    @property
    def distance(self) -> float | None:
        """How far the two are from each other as a whole, CIEDE2000; None where withheld."""
        return self._first("distance")

    @property
    def distance_p(self) -> float | None:
        """The chance of such a distance between two draws of one population."""
        return self._first("distance_p")

    def _first(self, column: str) -> float | None:
        return None if self.families.is_empty() else self.families[column][0]


def changes(run: Queries, parts: Parts) -> Changes:
    """Compare two parts.

    Args:
        run: What both are parts of.
        parts: The two.

    Raises:
        QueryError: a condition is none, or one of the parts holds no garment.
    """
    pair = parts.before.wanted, parts.after.wanted
    by_garment = {}
    for name in GARMENTS:
        try:
            table = run.garments(name).compare(*pair, overall=False, disclosure=PUBLIC)
        except QueryError:  # one of the parts has none of it, as the whole below does not
            continue
        if table["change"].is_not_null().any():
            by_garment[name] = table
    return Changes(
        before=parts.before,
        after=parts.after,
        families=run.compare(*pair, disclosure=PUBLIC),
        shades=run.compare(*pair, colors="shade", overall=False, disclosure=PUBLIC),
        by_garment=by_garment,
    )
