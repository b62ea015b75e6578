"""The Python queries: a run is narrowed down, and answers as polars frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from trendcolor import histograms
from trendcolor.analysis import compare as comparison
from trendcolor.analysis.disclosure import public_shares
from trendcolor.analysis.filters import Value, Wanted, check_columns, check_garments, condition
from trendcolor.analysis.legends import Level
from trendcolor.analysis.near import Near, is_near, mark_near
from trendcolor.analysis.population import Population
from trendcolor.analysis.shares import shares
from trendcolor.analysis.signature import SignatureQuestion, signatures
from trendcolor.analysis.tally import NO_CLUSTER, Question
from trendcolor.color.libraries import open_vocabulary
from trendcolor.color.vocabularies import Vocabulary
from trendcolor.errors import QueryError, did_you_mean
from trendcolor.runs import CLUSTER_KINDS, RunFolder

DISCLOSURES = ("raw", "public")
# What a filter may name beside columns that are declared or made of a date: only what all rows of
# a garment share, so that a garment is kept or left out whole.
_GARMENT_COLUMNS = ("photo", "wearer", "garment", "pixels")


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A run, or the part of it that `where`, `garments` and `near` left. Nothing changes it."""

    population: Population
    cluster: str | None = None  # what `clustered` was given
    mixed: str = ""  # what differs between runs that were opened as one all the same

    @property
    def folder(self) -> RunFolder:
        """The run folder.

        Raises:
            QueryError: several runs were opened as one.
        """
        folders = [*self.population.folders.values()]
        if len(folders) > 1:
            raise QueryError(f"{len(folders)} runs are open as one (open one of them)")
        return folders[0]  # type: ignore[return-value] # what tests put in its place is alike

    def where(self, wanted: Wanted | None = None, /, **values: Value) -> "Run":
        """The part of the run that meets conditions; it is the new denominator.

        Args:
            wanted: An SQL expression, `"region = 'EU'"`, or values by column as a mapping.
            **values: A column's value, or a list of which it must have one:
                `season="AW26", region=["EU", "UK"]`.

        Raises:
            QueryError: a column is unknown, or the text is no condition.
        """
        schema = self._filter_columns()
        conditions = [condition(each, schema) for each in (wanted, values) if each]
        return replace(self, population=self.population.narrowed(*conditions))

    def garments(self, *names: str) -> "Run":
        """The part of the run that is of these garments; it is the new denominator.

        Args:
            *names: Of the taxonomy, such as `"outerwear"`.

        Raises:
            QueryError: a name is unknown.
        """
        check_garments(names)
        chosen = pl.col("garment").is_in(list(names))
        return replace(self, population=self.population.narrowed(chosen))

    def near(self, color: str, *, within: float) -> "Run":
        """Count only garments whose main color is near a color; denominators stay whole.

        Args:
            color: sRGB, `"#161418"`, or a name of the default vocabulary, `"navy"`.
            within: CIEDE2000; 2.3 is just noticeable, 5 the same color in words.

        Raises:
            QueryError: no such color, or a difference below 0.
        """
        return replace(self, population=self.population.narrowed(targets=[Near(color, within)]))

    def clustered(self, column: str) -> "Run":
        """The same run, whose intervals take the garments of each value of a column as alike.

        Args:
            column: A declared column, or `"photo"`; `"none"` takes garments one by one. Unless
                told, it is the declared source, else the wearer, else the brand, else none.

        Raises:
            QueryError: the column is unknown.
        """
        declared = [each.name for each in self.population.declared]
        check_columns([column], [*declared, "photo", NO_CLUSTER])
        return replace(self, cluster=column)

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
        level = _level(colors, vocabulary)
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
        asked = SignatureQuestion(
            question=self._question(by, Level(), unit),
            source=self._guard,
            families=tuple(dict.fromkeys([family] if isinstance(family, str) else family)),
            within=within,
            names=self._own_names() if names is None else names,
            min_cell=self._min_cell if self._is_guarded(disclosure) else None,
        )
        return self._told(signatures(self._marked(), self.population.legend(Level()), asked))

    def histogram(
        self, *, by: str | Sequence[str] | None = None, step: int = histograms.STEP
    ) -> pl.DataFrame:
        """Integer weights on the grid, one garment's palette sums to 255; see `histograms`.

        The histograms that the shards stored answer where they can; the records give the same.

        Args:
            by: As of `shares`.
            step: A bin's width in L*, a* and b*.

        Raises:
            QueryError: a column is unknown, or no such step.
        """
        columns = self._columns(by)
        if step == histograms.STEP:
            stored = self.population.stored_weights(columns)
            if stored is not None:
                return self._told(stored)
        rows = self.population.dated_records()
        if self.population.targets:
            rows = self._marked().filter("is_near")
        return self._told(histograms.histogram(rows, by=columns, step=step).collect())

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

        Args:
            a: The first part, as `where` takes it: `{"season": "AW25"}` or an SQL text.
            b: The second part. The interval of a change holds where no garment is in both.
            colors: As of `shares`.
            unit: As of `shares`.
            disclosure: As of `shares`.

        Raises:
            QueryError: as `shares`, or one of the parts holds no garment.
        """
        tables, weights = [], []
        for wanted in (a, b):
            part = self.where(wanted)
            question = part._question((), _level(colors, None), unit)
            tables.append(part._shares(question, disclosure))
            weights.append(part.histogram())
            if tables[-1].is_empty():
                raise QueryError(f"no {unit} where {wanted}")
        has_both = all(table["denominator"].is_not_null().all() for table in tables)
        is_known = has_both and all(not each.is_empty() for each in weights)
        distance = comparison.distance(*weights) if is_known else None
        return self._told(comparison.compare(*tables, distance=distance))

    def records(self) -> pl.LazyFrame:
        """The rows of `records.py` that are left, for every question that has no method here."""
        if not self.population.targets:
            return self.population.records()
        return self._marked().filter("is_near").drop("is_near")

    def sql(self, query: str) -> pl.DataFrame:
        """What an SQL query answers; the tables are `records`, what is left of them, and `photos`.

        Args:
            query: Such as `"select season, count(*) n from records where rank = 0 group by 1"`.

        Raises:
            QueryError: the query can't be answered; the message has the reason.
        """
        tables = pl.SQLContext(records=self.records(), photos=self.photos().lazy())
        try:
            return tables.execute(query, eager=True)
        except (pl.exceptions.PolarsError, TypeError) as cause:
            reason = str(cause).partition("\n")[0]
            raise QueryError(f'SQL "{query}" can\'t be answered ({reason})') from cause

    def photos(self) -> pl.DataFrame:
        """All photos of the run, the rejected ones with their reason, whatever was filtered."""
        return self.population.photos().collect()

    def _marked(self) -> pl.LazyFrame:
        """Rows, with a mark where colors are asked for."""
        rows, targets = self.population.dated_records(), self.population.targets
        if not targets:
            return rows
        colors = self.population.colors()
        return mark_near(rows, colors["_color"].filter(pl.Series(is_near(colors, targets))))

    def _question(self, by: str | Sequence[str] | None, level: Level, unit: str) -> Question:
        cluster = self.cluster or self._first_of_kind(*CLUSTER_KINDS) or NO_CLUSTER
        manifest = self.population.manifests[0]
        return Question(
            by=self._columns(by),
            level=level,
            unit=unit,
            confidence=manifest.settings.analysis.confidence,
            weight=self._first_of_kind("weight"),
            cluster=cluster,
        )

    def _shares(self, question: Question, disclosure: str) -> pl.DataFrame:
        counted = self.population.tally(question)
        if not self._is_guarded(disclosure):
            return shares(counted)
        apart = self.population.record_tally(question, pl.col(self._guard))
        return public_shares(counted, apart, min_cell=self._min_cell)

    def _is_guarded(self, disclosure: str) -> bool:
        if disclosure not in DISCLOSURES:
            raise QueryError(f"no disclosure '{disclosure}'{did_you_mean(disclosure, DISCLOSURES)}")
        is_free = all(manifest.is_free_of_people for manifest in self.population.manifests)
        return disclosure == "public" and not is_free

    @property
    def _min_cell(self) -> int:
        return max(each.settings.analysis.min_cell for each in self.population.manifests)

    @property
    def _guard(self) -> str:
        """Whose distinct values a public cell is counted in."""
        return self._first_of_kind("source", "wearer") or "photo"

    def _own_names(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for manifest in self.population.manifests:
            found |= manifest.settings.analysis.names
        return found

    def _first_of_kind(self, *kinds: str) -> str | None:
        columns = self.population.declared
        return next((each.name for kind in kinds for each in columns if each.kind == kind), None)

    def _columns(self, by: str | Sequence[str] | None) -> tuple[str, ...]:
        asked = by.split(",") if isinstance(by, str) else by or ()
        names = tuple(dict.fromkeys(name.strip() for name in asked))
        check_columns(names, self.population.groups)
        return names

    def _filter_columns(self) -> Mapping[str, pl.DataType]:
        schema = self.population.whole_records().collect_schema()
        known = {*self.population.groups, *_GARMENT_COLUMNS}
        return {
            name: pl.String() if name == "garment" else kind
            for name, kind in schema.items()
            if name in known
        }

    def _told(self, answer: pl.DataFrame) -> pl.DataFrame:
        """An answer, which says what differs between the runs that it is of."""
        return answer.with_columns(mixed=pl.lit(self.mixed)) if self.mixed else answer


def _level(colors: str | Level, vocabulary: str | Path | Vocabulary | None) -> Level:
    if isinstance(colors, Level):
        return colors
    if isinstance(vocabulary, str | Path) and colors == "name":
        vocabulary = open_vocabulary(vocabulary)
    if vocabulary is not None and colors != "name":
        raise QueryError(f"a vocabulary has names, not colors '{colors}' (wanted 'name')")
    return Level(colors=colors, vocabulary=vocabulary)  # type: ignore[arg-type] # opened above
