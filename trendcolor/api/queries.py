"""The Python queries: a run folder is opened, narrowed down, and answers as polars frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from trendcolor import histograms
from trendcolor.analysis import compare as comparison
from trendcolor.analysis.disclosure import public_shares
from trendcolor.analysis.filters import Value, Wanted, check_columns, check_garments, condition
from trendcolor.analysis.near import Near, mark_near
from trendcolor.analysis.shares import Legend, Question, Tally, legend, shares, tally
from trendcolor.analysis.signature import SignatureQuestion, signatures
from trendcolor.color.libraries import open_vocabulary
from trendcolor.color.vocabularies import Vocabulary
from trendcolor.errors import QueryError, did_you_mean
from trendcolor.records import GARMENT
from trendcolor.runs import RunFolder, open_run_folder

DISCLOSURES = ("raw", "public")
# What a filter may name beside declared columns: only what all rows of a garment share, so that
# a garment is kept or left out whole.
_GARMENT_COLUMNS = ("photo", "wearer", "garment", "pixels")


def open_run(path: str | Path) -> "Run":
    """A finished run, to be queried.

    Args:
        path: The run folder.

    Raises:
        RunError: there is no such folder, or it is unfinished or damaged.
    """
    return Run(folder=open_run_folder(Path(path)))


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A run, or the part of it that `where`, `garments` and `near` left. Nothing changes it."""

    folder: RunFolder
    filters: tuple[pl.Expr, ...] = ()
    targets: tuple[Near, ...] = ()
    # Naming each color of the run takes a while and is the same for all its parts: they share it.
    # A key is a level of colors, and the fingerprint of a vocabulary that was asked for.
    _legends: dict[tuple[str, str], Legend] = field(default_factory=dict, repr=False)

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
        return replace(self, filters=(*self.filters, *conditions))

    def garments(self, *names: str) -> "Run":
        """The part of the run that is of these garments; it is the new denominator.

        Args:
            *names: Of the taxonomy, such as `"outerwear"`.

        Raises:
            QueryError: a name is unknown.
        """
        check_garments(names)
        return replace(self, filters=(*self.filters, pl.col("garment").is_in(list(names))))

    def near(self, color: str, *, within: float) -> "Run":
        """Count only garments whose main color is near a color; denominators stay whole.

        Args:
            color: sRGB, `"#161418"`.
            within: CIEDE2000; 2.3 is just noticeable, 5 the same color in words.

        Raises:
            QueryError: no such color, or a difference below 0.
        """
        return replace(self, targets=(*self.targets, Near(color, within)))

    def shares(
        self,
        by: str | Sequence[str] | None = None,
        *,
        colors: str = "family",
        unit: str = "garments",
        disclosure: str = "raw",
        vocabulary: str | Path | Vocabulary | None = None,
    ) -> pl.DataFrame:
        """The share of each color in each group, with its interval; see `analysis/shares.py`.

        Args:
            by: Declared columns, or `"garment"`: each combination that occurs is a group.
            colors: `"family"` (all twelve), `"common"` (all 26), `"name"`, `"bin"` or `"shade"`
                (those of the whole run; a shade is where its garments gather, see
                `analysis/shades.py`).
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
        if vocabulary is not None and colors != "name":
            raise QueryError(f"a vocabulary has names, not colors '{colors}' (wanted 'name')")
        if isinstance(vocabulary, str | Path):
            vocabulary = open_vocabulary(vocabulary)
        question = self._question(self._columns(by), colors, unit, disclosure)
        return self._answer(self._tally(question, vocabulary))

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
        question = self._question(self._columns(by), "family", unit, disclosure)
        settings = self.folder.manifest.settings.analysis
        asked = SignatureQuestion(
            question=replace(question, source=self._source()),
            families=tuple(dict.fromkeys([family] if isinstance(family, str) else family)),
            within=within,
            names=settings.names if names is None else names,
            min_cell=None if question.source is None else settings.min_cell,
        )
        return signatures(self._population(), self._legend("family"), asked)

    def histogram(self, *, by: str | Sequence[str] | None = None) -> pl.DataFrame:
        """Integer weights on the grid, one garment's palette sums to 255; see `histograms.py`.

        The histograms that the shards stored answer where they can; the records give the same.

        Raises:
            QueryError: a column is unknown.
        """
        columns = self._columns(by)
        named = {name for each in self.filters for name in each.meta.root_names()} | {*columns}
        stored = self.folder.histogram()
        is_same_grid = self.folder.manifest.header.grid == histograms.GRID_VERSION
        if self.targets or not is_same_grid or not named <= set(stored.collect_schema()):
            return histograms.histogram(self.records(), by=columns).collect()
        kept = self._filtered(stored).select(*columns, "bin", "weight")
        return histograms.merge([kept]).collect()

    def compare(
        self,
        a: Wanted,
        b: Wanted,
        *,
        colors: str = "family",
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
            question = part._question((), colors, unit, disclosure)
            tables.append(part._answer(part._tally(question)))
            weights.append(part.histogram())
            if tables[-1].is_empty():
                raise QueryError(f"no {unit} where {wanted}")
        has_both = all(table["denominator"].is_not_null().all() for table in tables)
        is_known = has_both and all(not each.is_empty() for each in weights)
        distance = comparison.distance(*weights) if is_known else None
        return comparison.compare(*tables, distance=distance)

    def records(self) -> pl.LazyFrame:
        """The rows of `records.py` that are left, for every question that has no method here."""
        records = self._population()
        return records.filter("is_near").drop("is_near") if self.targets else records

    def photos(self) -> pl.DataFrame:
        """All photos of the run, the rejected ones with their reason, whatever was filtered."""
        return self.folder.photos().collect()

    def _population(self) -> pl.LazyFrame:
        records = self._filtered(self.folder.records())
        return mark_near(records, *self.targets) if self.targets else records

    def _filtered(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Rows that meet all conditions, in which a garment is a text like any other."""
        if not self.filters:
            return rows
        as_text = rows.with_columns(pl.col("garment").cast(pl.String))
        return as_text.filter(*self.filters).with_columns(pl.col("garment").cast(GARMENT))

    def _question(self, by: tuple[str, ...], colors: str, unit: str, disclosure: str) -> Question:
        """A question as this run answers it, with a source only where the answer is guarded."""
        if disclosure not in DISCLOSURES:
            raise QueryError(f"no disclosure '{disclosure}'{did_you_mean(disclosure, DISCLOSURES)}")
        manifest = self.folder.manifest
        is_guarded = disclosure == "public" and not manifest.is_free_of_people
        return Question(
            by=by,
            colors=colors,
            unit=unit,
            confidence=manifest.settings.analysis.confidence,
            weight=self._first_of_kind("weight"),
            source=self._source() if is_guarded else None,
        )

    def _legend(self, colors: str, words: Vocabulary | None = None) -> Legend:
        key = (colors, "" if words is None else words.fingerprint)
        if key not in self._legends:
            self._legends[key] = legend(self.folder.records(), colors, words)
        return self._legends[key]

    def _tally(self, question: Question, words: Vocabulary | None = None) -> Tally:
        return tally(self._population(), self._legend(question.colors, words), question)

    def _answer(self, counted: Tally) -> pl.DataFrame:
        if counted.question.source is None:
            return shares(counted)
        return public_shares(counted, min_cell=self.folder.manifest.settings.analysis.min_cell)

    def _source(self) -> str:
        """Whose distinct values a public cell is counted in."""
        return self._first_of_kind("source") or self._first_of_kind("wearer") or "photo"

    def _first_of_kind(self, kind: str) -> str | None:
        columns = self.folder.manifest.columns
        return next((column.name for column in columns if column.kind == kind), None)

    def _columns(self, by: str | Sequence[str] | None) -> tuple[str, ...]:
        asked = by.split(",") if isinstance(by, str) else by or ()
        names = tuple(dict.fromkeys(name.strip() for name in asked))
        declared = [column.name for column in self.folder.manifest.columns]
        check_columns(names, [*declared, "garment"])
        return names

    def _filter_columns(self) -> Mapping[str, pl.DataType]:
        schema = self.folder.records().collect_schema()
        declared = {column.name for column in self.folder.manifest.columns}
        return {
            name: pl.String() if name == "garment" else kind
            for name, kind in schema.items()
            if name in declared or name in _GARMENT_COLUMNS
        }
