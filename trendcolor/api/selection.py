"""The part of a run that a query is about, and how sure its answers claim to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import polars as pl

from trendcolor.analysis.disclosure import public_columns, public_shares
from trendcolor.analysis.error_tables import PackagedTables, packaged_tables
from trendcolor.analysis.filters import Value, Wanted, check_columns, check_garments, condition
from trendcolor.analysis.legends import Level
from trendcolor.analysis.linked_tables import linked_tables
from trendcolor.analysis.near import Near, is_near, mark_near
from trendcolor.analysis.nesting import NO_NESTING, Nesting, nesting
from trendcolor.analysis.population import Population
from trendcolor.analysis.shares import shares
from trendcolor.analysis.suppression import Hidden
from trendcolor.analysis.table_family import Columns
from trendcolor.analysis.tally import NO_CLUSTER, Question
from trendcolor.analysis.weighting import Bounds, Margins, Weighting, rake
from trendcolor.color.libraries import open_vocabulary
from trendcolor.color.vocabularies import Vocabulary
from trendcolor.errors import QueryError, did_you_mean
from trendcolor.runs import CLUSTER_KINDS, RunFolder, pseudonym_differences

DISCLOSURES = ("raw", "public")
# What a filter may name beside columns that are declared or made of a date: only what all rows of
# a garment share, so that a garment is kept or left out whole.
_GARMENT_COLUMNS = ("photo", "wearer", "garment", "pixels")


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """A run, or the part of it that `where`, `garments` and `near` left. Nothing changes it."""

    population: Population
    cluster: str | None = None  # what `clustered` was given
    weighting: Weighting | None = None  # what `weighted` found
    mixed: str = ""  # what differs between runs that were opened as one all the same
    # Worked out once for this part of the run: other parts have their own.
    _nested: dict[str, Nesting] = field(default_factory=dict, init=False, repr=False)
    _linked: dict[tuple[object, ...], Mapping[Columns, Hidden]] = field(
        default_factory=dict, init=False, repr=False
    )

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

    def where(self, wanted: Wanted | None = None, /, **values: Value) -> Self:
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

    def garments(self, *names: str) -> Self:
        """The part of the run that is of these garments; it is the new denominator.

        Args:
            *names: Of the taxonomy, such as `"outerwear"`.

        Raises:
            QueryError: a name is unknown.
        """
        check_garments(names)
        chosen = pl.col("garment").is_in(list(names))
        return replace(self, population=self.population.narrowed(chosen))

    def near(self, color: str, *, within: float) -> Self:
        """Count only garments whose main color is near a color; denominators stay whole.

        Args:
            color: sRGB, `"#161418"`, or a name of the default vocabulary, `"navy"`.
            within: CIEDE2000; 2.3 is just noticeable, 5 the same color in words.

        Raises:
            QueryError: no such color, or a difference below 0.
        """
        return replace(self, population=self.population.narrowed(targets=[Near(color, within)]))

    def clustered(self, column: str) -> Self:
        """The same run, whose intervals take the garments of each value of a column as alike.

        Args:
            column: A declared column, or `"photo"`; `"none"` takes garments one by one, or photos
                where garments count unequally: area, weight and `weighted`. Unless told, it is the
                declared source, else the wearer, else the brand, else none.

        Raises:
            QueryError: the column is unknown.
        """
        declared = [each.name for each in self.population.declared]
        check_columns([column], [*declared, "photo", NO_CLUSTER])
        return replace(self, cluster=column)

    def weighted(self, margins: Margins, *, bounds: Bounds | None = None) -> Self:
        """The same run, whose shares are those of a population with these margins.

        What the margins cost in certainty is in `effective_n`; `weighting` tells it in words.

        Args:
            margins: Of each declared column that is to be met, the population's share of each of
                its values: `{"region": {"EU": 0.4, "NA": 0.6}}`. Photos are weighed, those of this
                part of the run.
            bounds: Of the weights, 1 being the mean; None for none.

        Raises:
            QueryError: a column is unknown, or a value has no margin, or no photo.
            UsageError: the margins don't agree, or no weights meet them.
        """
        check_columns([*margins], [each.name for each in self.population.declared])
        photos = self.population.count_photos(tuple(margins))
        found = rake(photos, margins, bounds=bounds, n="_photos")
        weights = photos.drop("_photos").with_columns(_weight=pl.Series(found.weights))
        return replace(self, population=replace(self.population, weights=weights), weighting=found)

    def _marked(self) -> pl.LazyFrame:
        """Rows, with a mark where colors are asked for."""
        rows, targets = self.population.dated_records(), self.population.targets
        if not targets:
            return rows
        colors = self.population.colors()
        return mark_near(rows, colors["_color"].filter(pl.Series(is_near(colors, targets))))

    def _near_records(self) -> pl.LazyFrame:
        """Rows of garments that are near the asked colors, or all where none are asked for."""
        rows = self._marked()
        return rows.filter("is_near").drop("is_near") if self.population.targets else rows

    def _refuse_weights(self, answer: str) -> None:
        if self.weighting is not None:
            raise QueryError(f"weights are of shares, {answer} has none (ask it before `weighted`)")

    def _known_errors(self) -> PackagedTables:
        """What is known of the run's weights and of its way to read colors."""
        manifests = self.population.manifests
        header = manifests[0].header
        if self.mixed or any(each.header.weights_hash != header.weights_hash for each in manifests):
            return PackagedTables(segmentation=None, color=None)
        return packaged_tables(header.weights_hash, header.settings.color)

    def _guarded(self, found: pl.DataFrame, question: Question, disclosure: str) -> pl.DataFrame:
        """An answer by the rows of shares, without what a table of shares must not tell."""
        if not self._is_guarded(disclosure):
            return found
        keys = [*question.by, question.level.colors]
        # In the order of the public table, which does not betray the size of what it withholds.
        told = self._shares(question, disclosure).select(*keys, _told="share", _of="denominator")
        joined = told.join(found, on=keys, how="left", nulls_equal=True, maintain_order="left")
        totals = [name for name in ("denominator", "sources") if name in found.columns]
        kept = {*keys, *totals, "unit", "unknown"}
        figures = [name for name in found.columns if name not in kept]
        is_told, has_total = pl.col("_told").is_not_null(), pl.col("_of").is_not_null()
        hidden = joined.with_columns(
            *(pl.when(is_told).then(name).alias(name) for name in figures),
            *(pl.when(has_total).then(name).alias(name) for name in totals),
        )
        return hidden.select(found.columns)

    def _without_withheld(
        self, found: pl.DataFrame, question: Question, *, of_families: bool
    ) -> pl.DataFrame:
        """Public signatures without those of cells and groups that public shares withhold."""
        keys = [*question.by, *(("family",) if of_families else ())]
        told = self._shares(question, "public").with_columns(_all=pl.lit(0))
        cells = told.group_by("_all", *keys).agg(
            _told=pl.col("share" if of_families else "denominator").is_not_null().any(),
            _of=pl.col("denominator").is_not_null().any(),
        )
        joined = found.with_columns(_all=pl.lit(0)).join(
            cells, on=["_all", *keys], how="left", nulls_equal=True, maintain_order="left"
        )
        kept = {*keys, "unit", "within"}
        figures = [name for name in found.columns if name not in kept]
        is_told = {name: "_of" if name == "denominator" else "_told" for name in figures}
        hidden = joined.with_columns(
            pl.when(condition).then(name).alias(name) for name, condition in is_told.items()
        )
        return hidden.select(found.columns)

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
        known = self._nesting() if question.by else NO_NESTING
        linked = self._linked_tables(question) if question.by else {}
        return public_shares(counted, apart, min_cell=self._min_cell, nesting=known, linked=linked)

    def _linked_tables(self, question: Question) -> Mapping[Columns, Hidden]:
        """What is empty in the tables by one column each, where pairs of values are lacking."""
        told_apart = (question.level.key, question.unit)
        if told_apart not in self._linked:
            self._linked[told_apart] = linked_tables(
                question,
                lambda by: self.population.record_tally(
                    replace(question, by=by), pl.col(self._guard)
                ),
                self._nesting(),
                min_cell=self._min_cell,
            )
        return self._linked[told_apart]

    def _nesting(self) -> Nesting:
        """Which of the columns that may be told to others are parts of others of them."""
        if "columns" not in self._nested:
            columns = public_columns(self.population)
            garments = self.population.dated_records().filter(pl.col("rank") == 0).select(columns)
            groups = garments.unique().sort(columns, nulls_last=True).collect(engine="streaming")
            self._nested["columns"] = nesting(groups)
        return self._nested["columns"]

    def _veiled(self, found: pl.DataFrame, disclosure: str, *columns: str) -> pl.DataFrame:
        """An answer without the codes of shades of which it tells no figure.

        A shade is what its garments show: where they are few, its code tells their color.

        Args:
            found: With columns `columns` of shades, and shares that are null where withheld.
            disclosure: As of `shares`.
            *columns: What holds shades.
        """
        if not self._is_guarded(disclosure):
            return found
        shares = [name for name in ("share", "share_a", "share_b") if name in found.columns]
        told = found.filter(pl.any_horizontal(pl.col(shares).is_not_null()))
        for column in columns:
            names = told[column].unique().to_list()
            is_told = pl.col(column).is_in(names)
            found = found.with_columns(pl.when(is_told).then(column).alias(column))
        return found

    def _known_shares(self, question: Question, disclosure: str) -> pl.DataFrame:
        """Shares to work figures out from, of which public ones must not tell what is withheld.

        A figure that is a sum over all colors gives a withheld one away, if the others are told.
        So public figures are worked out from what the public table tells alone.
        """
        if not self._is_guarded(disclosure):
            return self._shares(question, disclosure)
        public = self._shares(question, disclosure).with_columns(_all=pl.lit(0))
        keys, share = ["_all", *question.by], pl.col("share")
        left = (1 - share.sum().over(keys)).clip(0) / share.is_null().sum().over(keys)
        return public.with_columns(
            share=share.fill_null(left),
            low=pl.col("low").fill_null(0.0),
            high=pl.col("high").fill_null(1.0),
            effective_n=pl.col("effective_n").fill_null(
                pl.col("effective_n").min().over(keys).fill_null(1.0)
            ),
        ).drop("_all")

    def _is_guarded(self, disclosure: str) -> bool:
        if disclosure not in DISCLOSURES:
            raise QueryError(f"no disclosure '{disclosure}'{did_you_mean(disclosure, DISCLOSURES)}")
        is_free = all(manifest.is_free_of_people for manifest in self.population.manifests)
        return disclosure == "public" and not is_free

    @property
    def _min_cell(self) -> int:
        manifests = self.population.manifests
        least = max(each.settings.analysis.min_cell for each in manifests)
        # Under different keys one source has as many names as there are runs.
        is_doubled = pseudonym_differences(each.header for each in manifests)
        return least * len(manifests) if is_doubled else least

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


def level_of(colors: str | Level, vocabulary: str | Path | Vocabulary | None) -> Level:
    """How finely a question tells colors apart.

    Raises:
        QueryError: there is no such level, or a vocabulary is given for colors that are no names.
        VocabularyError: there is no such vocabulary, or its file can't be read.
    """
    if isinstance(colors, Level):
        if vocabulary is not None:
            raise QueryError(
                "a Level has its own vocabulary (Level(colors='name', vocabulary=...))"
            )
        return colors
    if isinstance(vocabulary, str | Path) and colors == "name":
        vocabulary = open_vocabulary(vocabulary)
    if vocabulary is not None and colors != "name":
        raise QueryError(f"a vocabulary has names, not colors '{colors}' (wanted 'name')")
    return Level(colors=colors, vocabulary=vocabulary)  # type: ignore[arg-type] # opened above
