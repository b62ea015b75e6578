"""The Python queries: a run is narrowed down, and answers as polars frames."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trendcolor import histograms
from trendcolor.analysis import compare as comparison
from trendcolor.analysis.calibration import corrected_shares
from trendcolor.analysis.error_budget import error_budget
from trendcolor.analysis.error_tables import read_error_table
from trendcolor.analysis.filters import Wanted
from trendcolor.analysis.legends import Level
from trendcolor.analysis.misclassification import ErrorTable
from trendcolor.analysis.permutations import permutation_test
from trendcolor.analysis.tally import NO_CLUSTER
from trendcolor.analysis.transport import distance
from trendcolor.api.counts import Counts
from trendcolor.api.selection import level_of
from trendcolor.api.statement import check_statement
from trendcolor.errors import QueryError, did_you_mean

# A permutation test of more clusters than this deals random groups of them, which is quicker.
_MOST_CLUSTERS = 2000

# The first word of an SQL text, after comments and brackets, and the words that ask and change
# nothing.
_BEFORE_SQL = r"(?s)(?:\s|\(|--[^\n]*\n|/\*.*?\*/)*(\w*)"
_SQL_STARTS = ("select", "with", "from")
# The name that polars could not find.
_NOT_FOUND = r"(?:unable to find column|relation) [\"'](\w+)[\"']"


@dataclass(frozen=True, slots=True, eq=False)
class Run(Counts):
    """A run that answers."""

    def compare(
        self,
        a: Wanted,
        b: Wanted,
        *,
        colors: str | Level = "family",
        unit: str = "garments",
        overall: bool = True,
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """What changes from one part of the run to another; see `analysis/compare.py`.

        `distance` and `distance_p` are of palettes, whatever the unit, and know no `weighted`.

        Of each color `verdict` is "up", "down", "no change shown" or "not enough data": see
        `analysis/power.py`; the change that matters is the config's `analysis.change`.

        Args:
            a: The first part, as `where` takes it: `{"season": "AW25"}` or an SQL text.
            b: The second part. The interval of a change holds where no garment is in both.
            colors: As of `shares`.
            unit: As of `shares`.
            overall: Work out `distance` and `distance_p`, which takes most of the time; without
                it they are null.
            disclosure: As of `shares`.

        Raises:
            QueryError: as `shares`, or one of the parts holds no garment.
        """
        parts, tables = [self.where(wanted) for wanted in (a, b)], []
        for part, wanted in zip(parts, (a, b), strict=True):
            question = part._question((), level_of(colors, None), unit)
            tables.append(part._shares(question, disclosure))
            if tables[-1].is_empty():
                raise QueryError(f"no {unit} where {wanted}")
        settings = self.population.manifests[0].settings.analysis
        between = comparison.Between()
        if overall and all(table["denominator"].is_not_null().all() for table in tables):
            between = self._between(parts)
        found = comparison.compare(
            *tables, between=between, matters=settings.change, confidence=settings.confidence
        )
        is_of_shades = "shade" in found.columns
        return self._told(self._veiled(found, disclosure, "shade") if is_of_shades else found)

    def _between(self, parts: Sequence["Run"]) -> comparison.Between:
        """How far two parts are from each other as a whole."""
        cluster = self._question((), Level(), "garments").cluster
        weights = [part._cluster_weights(cluster) for part in parts]
        if any(each.is_empty() for each in weights):
            return comparison.Between()
        return comparison.Between(distance=distance(*weights), p=permutation_test(*weights).p)

    def _cluster_weights(self, cluster: str) -> pl.DataFrame:
        """The histogram of each cluster: `cluster`, `bin`, `weight`; of many, of random groups."""
        rows = self._near_records()
        column = pl.col("photo" if cluster == NO_CLUSTER else cluster)
        n_clusters = rows.select(column.n_unique()).collect(engine="streaming").item()
        is_many = n_clusters > _MOST_CLUSTERS
        named = rows.with_columns(cluster=histograms.replicate(column) if is_many else column)
        return histograms.histogram(named, by=["cluster"]).collect()

    def corrected_shares(
        self,
        audit: str | Path | ErrorTable,
        by: str | Sequence[str] | None = None,
        *,
        unit: str = "garments",
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """Shares of families as they would be had each garment been read rightly.

        See `analysis/calibration.py` for the columns.

        Args:
            audit: A sheet of `trendcolor audit` that was marked (.csv), or a table of errors. It
                must be of this run, or of garments like its.
            by: As of `shares`.
            unit: As of `shares`, but for looks.
            disclosure: As of `shares`. For `"public"` the colors that are withheld are taken to
                share evenly what the others leave: nothing else tells less of them.

        Raises:
            AuditError: the sheet can't be read, or has faults.
            QueryError: as of `shares`, or the unit is looks.
        """
        table = audit if isinstance(audit, ErrorTable) else read_error_table(audit)
        question = self._question(by, Level(), unit)
        known = self._known_shares(question, disclosure)
        found = corrected_shares(known, table, confidence=question.confidence)
        return self._told(self._guarded(found, question, disclosure))

    def error_budget(
        self,
        by: str | Sequence[str] | None = None,
        *,
        audit: str | Path | ErrorTable | None = None,
        unit: str = "garments",
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """How far each family's share may be off, and for which reason.

        See `analysis/error_budget.py` for the columns. What masks, light and shade do to colors is
        known of the packaged weights and the present method; a run of other weights, or of given
        label maps, lacks the one, and a run of another method the other.

        Args:
            by: As of `shares`.
            audit: As of `corrected_shares`; None: there is none.
            unit: As of `shares`, but for looks.
            disclosure: As of `shares`. For `"public"` the colors that are withheld are taken to
                share evenly what the others leave: nothing else tells less of them.

        Raises:
            AuditError: the sheet can't be read, or has faults.
            QueryError: as of `shares`, or the unit is looks.
        """
        is_read = audit is None or isinstance(audit, ErrorTable)
        table = audit if is_read else read_error_table(audit)  # type: ignore[arg-type]
        question = self._question(by, Level(), unit)
        known = self._known_errors()
        found = error_budget(
            self._known_shares(question, disclosure),
            segmentation=known.segmentation,
            color=known.color,
            audit=table,  # type: ignore[arg-type] # read above
            confidence=question.confidence,
        )
        return self._told(self._guarded(found, question, disclosure))

    def records(self) -> pl.LazyFrame:
        """The rows of `records.py` that are left, for every question that has no method here."""
        names = self.population.records().collect_schema().names()
        return self._near_records().select(names)

    def sql(self, query: str) -> pl.DataFrame:
        """What an SQL query answers; the tables are `records`, what is left of them, and `photos`.

        Args:
            query: Such as `"select season, count(*) n from records where rank = 0 group by 1"`.

        Raises:
            QueryError: the query can't be answered, or links photos by color, which none may
                (`statement.py`); the message has the reason.
        """
        first = re.match(_BEFORE_SQL, query)
        if first is None or first[1].lower() not in _SQL_STARTS:
            raise QueryError(f'SQL "{query}" is no question (wanted "select ...")')
        check_statement(query)
        rows, photos = self.records(), self.photos().lazy()
        tables = pl.SQLContext(records=rows, photos=photos)
        try:
            return tables.execute(query, eager=True)
        except (pl.exceptions.PolarsError, TypeError) as cause:
            reason = str(cause).partition("\n")[0]
            known = ["records", "photos", *rows.collect_schema(), *photos.collect_schema()]
            reason = reason.partition("; valid columns")[0]
            wrong = re.search(_NOT_FOUND, reason)
            hint = did_you_mean(wrong[1], list(dict.fromkeys(known))) if wrong else ""
            raise QueryError(f'SQL "{query}" can\'t be answered ({reason}{hint})') from cause

    def photos(self) -> pl.DataFrame:
        """All photos of the run, the rejected ones with their reason, whatever was filtered."""
        return self.population.photos().collect()
