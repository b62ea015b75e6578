"""The Python queries: a run is narrowed down, and answers as polars frames."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from trendcolor import histograms
from trendcolor.analysis import compare as comparison
from trendcolor.analysis.calibration import corrected_shares
from trendcolor.analysis.combinations import CombinationsQuestion, combinations
from trendcolor.analysis.error_budget import error_budget
from trendcolor.analysis.error_tables import read_error_table
from trendcolor.analysis.filters import Wanted
from trendcolor.analysis.group_palette import group_palettes
from trendcolor.analysis.legends import Level
from trendcolor.analysis.misclassification import ErrorTable
from trendcolor.analysis.permutations import permutation_test
from trendcolor.analysis.signature import SignatureQuestion, signatures
from trendcolor.analysis.tally import NO_CLUSTER, Question
from trendcolor.analysis.transport import distance
from trendcolor.api.selection import Selection, level_of
from trendcolor.color.vocabularies import Vocabulary
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
class Run(Selection):
    """A run that answers."""

    def shares(
        self,
        by: str | Sequence[str] | None = None,
        *,
        colors: str | Level = "family",
        unit: str = "garments",
        disclosure: str = "raw",
        vocabulary: str | Path | Vocabulary | None = None,
    ) -> pl.DataFrame:
        """The share of each color in each group, with its interval; see `analysis/shares.py`.

        Args:
            by: Declared columns, `"garment"`, `"month"`, `"quarter"` or `"year"` of the declared
                date, or `"run"`: each combination that occurs is a group.
            colors: `"family"` (all twelve), `"common"` (all 26), `"name"`, `"bin"` or `"shade"`
                (those of the whole run; a shade is where its garments gather, see
                `analysis/shades.py`), or a `Level`, such as bins of another width.
            unit: `"garments"` by their main color, `"looks"` that show it, `"area"` of garments,
                or `"weight"`: the first declared column of that kind.
            disclosure: `"public"` hides cells that rest on too few sources, unless the run's cards
                say that nobody is in the pictures.
            vocabulary: Whose names, for `colors="name"`: what `open_vocabulary` takes or gives.
                Colors beyond the limit of an own library are `no match`.

        Raises:
            QueryError: a column, unit or level of colors is unknown, or a vocabulary is given for
                colors that are no names.
            VocabularyError: there is no such vocabulary, or its file can't be read.
        """
        level = level_of(colors, vocabulary)
        return self._told(self._shares(self._question(by, level, unit), disclosure))

    def signatures(
        self,
        by: str | Sequence[str] | None = None,
        *,
        family: str | Sequence[str] = (),
        names: Mapping[str, str] | None = None,
        within: float = 5.0,
        unit: str = "garments",
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """The signature color of each group: one RGB, with spread, radius and n.

        See `analysis/signature.py` for the columns.

        Args:
            by: As of `shares`.
            family: One or several of the twelve: the signature of the group's garments of that
                family. Without it, of all its garments.
            names: Names of your own by color, `{"#161418": "95-degree black"}`; a signature
                within reach of the color has the name. None takes the config's `analysis.names`.
            within: Reach: CIEDE2000 that still counts as the same color, for `share`, `spread`
                and `names`.
            unit: `"garments"`, or `"weight"` as of `shares`.
            disclosure: As of `shares`.

        Raises:
            QueryError: a column, family, unit or color is unknown, or `within` is not above 0.
        """
        self._refuse_weights("signatures")
        asked = SignatureQuestion(
            question=self._question(by, Level(), unit),
            source=self._guard,
            families=tuple(dict.fromkeys([family] if isinstance(family, str) else family)),
            within=within,
            names=self._own_names() if names is None else names,
            min_cell=self._min_cell if self._is_guarded(disclosure) else None,
        )
        found = signatures(self._marked(), self.population.legend(Level()), asked)
        if asked.min_cell is not None:
            of_families = bool(asked.families)
            found = self._without_withheld(found, asked.question, of_families=of_families)
        return self._told(found)

    def histogram(
        self,
        *,
        by: str | Sequence[str] | None = None,
        colors: str | Level = "bin",
        unit: str = "palette",
        step: int = histograms.STEP,
    ) -> pl.DataFrame:
        """How much of each color, in whole numbers that add up over runs and machines.

        The histograms that the shards stored answer where they can; the records give the same.

        Args:
            by: As of `shares`.
            colors: As of `shares`; `"bin"` is the color grid.
            unit: `"palette"`: garments, shared out over their palettes, in 255ths: one garment's
                weights sum to 255; `"garments"` by their main color; `"looks"` that show the
                color; `"area"` in 255ths of a pixel; `"weight"`, the declared one, in millionths.
            step: A bin's width in L*, a* and b*, 1 to 32.

        Returns:
            The columns `by`; `bin`, or the level's name; `weight` (Int64). Sorted by all but the
            weight. Colors without weight have no row.

        Raises:
            QueryError: a column, unit or level is unknown, or no such step.
        """
        self._refuse_weights("histogram")
        level = Level(colors="bin", step=step) if colors == "bin" else level_of(colors, None)
        return self._told(self._histogram(self._question(by, level, unit)))

    def _histogram(self, question: Question) -> pl.DataFrame:
        counted = self.population.tally(replace(question, cluster=NO_CLUSTER))
        color = question.level.colors
        named = counted.cells.join(counted.legend.colors, on="_order").rename({"_color": color})
        weight = named.group_by(*question.by, color).agg(weight=pl.sum("_value"))
        return weight.sort(*question.by, color, nulls_last=True)

    def palette(
        self,
        by: str | Sequence[str] | None = None,
        *,
        n_colors: int = 8,
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """The representative colors of each group with weights; see `analysis/group_palette.py`.

        Args:
            by: As of `shares`.
            n_colors: Colors of a palette at most.
            disclosure: As of `shares`.

        Raises:
            QueryError: a column is unknown, or `n_colors` is below 1.
        """
        self._refuse_weights("palette")
        columns = self._columns(by)
        if not self._is_guarded(disclosure):
            found = self._histogram(self._question(columns, Level(colors="bin"), "palette"))
            return self._told(group_palettes(found, n_colors=n_colors))
        rows = self._near_records()
        apart = histograms.histogram(rows, by=(*columns, self._guard)).collect()
        return self._told(
            group_palettes(apart, n_colors=n_colors, source=self._guard, min_cell=self._min_cell)
        )

    def combinations(
        self,
        by: str | Sequence[str] | None = None,
        *,
        colors: str = "family",
        of: str = "main",
        given: str | None = None,
        same: bool = False,
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """Which colors meet in one look, and how much oftener than by chance.

        See `analysis/combinations.py` for the columns.

        Args:
            by: As of `shares`, but for `"garment"`.
            colors: `"family"`, `"common"`, `"name"` or `"shade"`.
            of: `"main"` colors of a look's garments, or all of their `"palette"`.
            given: Only companions of this color, as shares of the looks that show it.
            same: Also a color with itself: two garments that show it.
            disclosure: As of `shares`.

        Raises:
            QueryError: a column or color is unknown, or colors near a given one are asked for.
        """
        self._refuse_weights("combinations")
        question = self._question(by, Level(colors=colors), "looks")
        asked = CombinationsQuestion(
            by=question.by,
            colors=colors,
            of=of,
            given=given,
            same=same,
            confidence=question.confidence,
            cluster=None if question.cluster == NO_CLUSTER else question.cluster,
            source=self._guard,
            min_cell=self._min_cell if self._is_guarded(disclosure) else None,
        )
        words = self.population.legend(question.level)
        return self._told(combinations(self._marked(), words, asked))

    def compare(
        self,
        a: Wanted,
        b: Wanted,
        *,
        colors: str | Level = "family",
        unit: str = "garments",
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
        if all(table["denominator"].is_not_null().all() for table in tables):
            between = self._between(parts)
        return self._told(
            comparison.compare(
                *tables, between=between, matters=settings.change, confidence=settings.confidence
            )
        )

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
            QueryError: the query can't be answered; the message has the reason.
        """
        first = re.match(_BEFORE_SQL, query)
        if first is None or first[1].lower() not in _SQL_STARTS:
            raise QueryError(f'SQL "{query}" is no question (wanted "select ...")')
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
