"""Which garments a query is about, and where its counts come from: stored ones or the records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import polars as pl

from trendcolor.analysis.dense import Clusters, Want, can_count, dense_counts
from trendcolor.analysis.legends import Legend, Level, legend
from trendcolor.analysis.near import Near, around, is_near, mark_near
from trendcolor.analysis.packing import Packing
from trendcolor.analysis.shares import DESIGN_LEVELS
from trendcolor.analysis.tally import (
    NO_CLUSTER,
    STORED_MEASURES,
    WHOLE_PALETTE,
    Question,
    Tally,
    count_cells,
    count_groups,
    count_sources,
    part_of,
    with_rest,
)
from trendcolor.analysis.weighted import finer_question, weigh
from trendcolor.color.spaces import Mask
from trendcolor.color.vocabularies import shipped_vocabulary
from trendcolor.histograms import GRID_VERSION, StoredColumns, with_period
from trendcolor.histograms.stored import PERIODS, color_labels
from trendcolor.records import GARMENT
from trendcolor.runs import Manifest, RunColumn, stored_columns

RUN = "run"  # the column that tells several runs apart


class Folder(Protocol):
    """What queries need of a run folder."""

    @property
    def manifest(self) -> Manifest:
        """What the run tells of itself."""

    def records(self) -> pl.LazyFrame:
        """Rows of `records.py`."""

    def photos(self) -> pl.LazyFrame:
        """Rows of the table of photos."""

    def summary(self, part: str) -> pl.LazyFrame:
        """A part of what the shards stored, added up."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """The garments of one or several runs that filters leave."""

    folders: Mapping[str, Folder]  # by name
    filters: tuple[pl.Expr, ...] = ()
    targets: tuple[Near, ...] = ()
    weights: pl.DataFrame | None = None  # declared columns, `_weight` of their photos
    # The runs' colors and the legends of their levels are the same for all parts of them, which
    # share what one of them has worked out.
    _colors: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False)
    _legends: dict[tuple[str, str, int], Legend] = field(default_factory=dict, repr=False)

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """Those of all runs."""
        return tuple(folder.manifest for folder in self.folders.values())

    @property
    def declared(self) -> tuple[RunColumn, ...]:
        """The declared columns of all runs, each once."""
        columns = [column for manifest in self.manifests for column in manifest.columns]
        found: dict[str, RunColumn] = {}
        for column in columns:
            found.setdefault(column.name, column)
        return tuple(found.values())

    @property
    def stored(self) -> StoredColumns:
        """What the stored histograms know."""
        return stored_columns(self.declared)

    @property
    def groups(self) -> tuple[str, ...]:
        """Columns that answers may be grouped by."""
        names = [column.name for column in self.declared]
        periods = PERIODS if self.stored.date is not None else ()
        runs = (RUN,) if len(self.folders) > 1 else ()
        return (*dict.fromkeys((*names, *periods, *runs, "garment")),)

    def narrowed(self, *filters: pl.Expr, targets: Sequence[Near] = ()) -> "Population":
        """The part that meets more conditions."""
        return replace(self, filters=(*self.filters, *filters), targets=(*self.targets, *targets))

    def whole_records(self) -> pl.LazyFrame:
        """All rows of all runs, with the periods of their dates."""
        if len(self.folders) == 1:
            return with_period(self._only.records(), self.stored.date)
        frames = [
            folder.records().with_columns(
                photo=pl.lit(f"{name}/") + pl.col("photo"), **{RUN: pl.lit(name)}
            )
            for name, folder in self.folders.items()
        ]
        return with_period(pl.concat(frames, how="diagonal"), self.stored.date)

    def records(self) -> pl.LazyFrame:
        """Rows that meet the conditions, whatever their color; without the columns of periods."""
        made = [name for name in PERIODS if name not in {column.name for column in self.declared}]
        return self._filtered(self.whole_records()).drop(made, strict=False)

    def dated_records(self) -> pl.LazyFrame:
        """Rows that meet the conditions, whatever their color, with the periods of their dates."""
        return self._filtered(self.whole_records())

    def photos(self) -> pl.LazyFrame:
        """All photos of the runs, whatever became of them and whatever was filtered."""
        if len(self.folders) == 1:
            return self._only.photos()
        frames = [
            folder.photos().with_columns(
                photo=pl.lit(f"{name}/") + pl.col("photo"), **{RUN: pl.lit(name)}
            )
            for name, folder in self.folders.items()
        ]
        return pl.concat(frames, how="diagonal")

    def colors(self) -> pl.DataFrame:
        """Each color of the runs: `_color`, `garments`, and its place at each level."""
        if "colors" not in self._colors:
            self._colors["colors"] = self._found_colors()
        return self._colors["colors"]

    def legend(self, level: Level) -> Legend:
        """The colors of the whole runs at one level."""
        if level.key not in self._legends:
            self._legends[level.key] = legend(self.colors, level)
        return self._legends[level.key]

    def _found_colors(self) -> pl.DataFrame:
        parts = [folder.summary("colors") for folder in self.folders.values()]
        whole = parts[0].collect() if len(parts) == 1 else _merged_colors(parts)
        if all(_is_current(manifest) for manifest in self.manifests):
            return whole
        return whole.select("_color", "garments").join(
            color_labels(whole["_color"]), on="_color", how="left", maintain_order="left"
        )

    def tally(self, question: Question) -> Tally:
        """Count what is asked for, from what is stored if that can tell.

        Args:
            question: What is counted.

        Raises:
            QueryError: a weight is below 0.
        """
        if self.weights is None:
            return self._plain_tally(question)
        finer = finer_question(question, self.weights)
        coarse = replace(question, cluster=finer.cluster)
        return weigh(self._plain_tally(finer), self.weights, question, self._sources(coarse))

    def _sources(self, question: Question) -> pl.DataFrame | None:
        if self._is_stored(question):
            return self._stored_sources(question)
        return count_sources(self.dated_records(), question)

    def _plain_tally(self, question: Question) -> Tally:
        stored = self.stored_tally(question)
        return self.record_tally(question) if stored is None else stored

    def count_photos(self, by: tuple[str, ...]) -> pl.DataFrame:
        """The photos of each group, as far as they show a garment: `by`, `_photos`."""
        known = {*self.stored.keys} - {"garment"}
        if {*by, *self._filtered_columns()} <= known and len(self.folders) == 1:
            rows = self._stored_rows("whole", by)
            return rows.group_by(by).agg(_photos=pl.sum("photos")).sort(by).collect()
        rows = self.dated_records().group_by(by).agg(_photos=pl.col("photo").n_unique())
        return rows.sort(by).collect(engine="streaming")

    def record_tally(self, question: Question, part: pl.Expr | None = None) -> Tally:
        """The tally from records.

        Args:
            question: As of `tally`.
            part: What is counted apart, such as the sources that guard tables which leave; None:
                the random groups of `tally.part_of`.

        Raises:
            QueryError: a weight is below 0.
        """
        words, colors = self.legend(question.level), self.colors()
        rows, near = self.dated_records(), None
        if self.targets:
            near = is_near(colors, self.targets)
            if question.unit in WHOLE_PALETTE:
                rows, near = mark_near(rows, colors["_color"].filter(pl.Series(near))), None
        has_design = (
            part is None
            and question.cluster != NO_CLUSTER
            and question.level.colors not in DESIGN_LEVELS
        )
        levels = [question.level, *([Level(colors="common")] if has_design else [])]
        legends = [self.legend(level) for level in levels]
        dense = self._dense(question, legends, near) if part is None else None
        if dense is not None:
            keys = None if near is None else colors["_color"].filter(pl.Series(near))
            found = self._dense_tally(question, rows, dense, keys)
            return found if has_design else replace(found, design=None)
        parts = part_of(question) if part is None else part
        lookups = [each.lookup(near) for each in legends]
        cells = count_cells(rows, lookups[0], question, None if has_design else parts)
        design = count_cells(rows, lookups[1], question, parts) if has_design else None
        return Tally(
            question=question,
            legend=words,
            cells=cells,
            groups=count_groups(rows, cells if design is None else design, question, parts),
            sources=count_sources(rows, question) if part is None else None,
            design=design,
            has_rest=bool(self.targets),
        )

    def _dense_tally(
        self,
        question: Question,
        rows: pl.LazyFrame,
        dense: tuple[Packing, list[Want], Clusters | None],
        near: pl.Series | None,
    ) -> Tally:
        """The tally of main colors, counted in arrays; of near ones alone where stored ones do."""
        main, whole = rows.filter(pl.col("rank") == 0), None
        if near is not None:
            whole = replace(self, targets=()).stored_tally(replace(question, level=Level()))
        if near is not None and whole is not None:
            counted = dense_counts(main.filter(around(near)), *dense)
            cells = [
                with_rest(each, whole.groups, question, has_parts=want.has_parts)
                for each, want in zip(counted.cells, dense[1], strict=True)
            ]
            groups, sources = whole.groups, whole.sources
        else:
            counted = dense_counts(main, *dense)
            cells, sources = counted.cells, counted.sources
            groups = count_groups(rows, cells[-1], question, None)
        return Tally(
            question=question,
            legend=self.legend(question.level),
            cells=cells[0],
            groups=groups,
            sources=sources,
            design=cells[-1],
            has_rest=bool(self.targets),
        )

    def _dense(
        self, question: Question, legends: Sequence[Legend], near: Mask | None
    ) -> tuple[Packing, list[Want], Clusters | None] | None:
        """How garments are counted in arrays; None where stored values don't tell their sizes."""
        stored, clusters = self.stored, None
        is_known = question.unit == "garments" and {*question.by} <= {*stored.keys}
        if len(self.folders) > 1 or not is_known:
            return None
        if question.cluster != NO_CLUSTER:
            if question.cluster != stored.cluster or stored.cluster == "photo":
                return None
            named = self._only.summary("sources").select("cluster").unique().collect()["cluster"]
            clusters = Clusters(question.cluster, named.drop_nulls().sort())
        packing = self._packing(question.by)
        wants = [
            Want(
                each.lookup(near, missing=len(each.colors)),
                len(each.colors),
                clusters is not None and i == len(legends) - 1,
            )
            for i, each in enumerate(legends)
        ]
        return (packing, wants, clusters) if can_count(packing, wants, clusters) else None

    def _packing(self, by: tuple[str, ...]) -> Packing:
        """The values of the columns of a group."""
        found = self._only.summary("whole").select(pl.col(by).cast(pl.String)).unique().collect()
        values = {name: found[name].drop_nulls().unique().sort() for name in by}
        if "garment" in values:
            values["garment"] = GARMENT.categories
        return Packing(values)

    def stored_tally(self, question: Question) -> Tally | None:
        """The tally from stored histograms; None where they don't know what is asked for."""
        if not self._is_stored(question):
            return None
        value, n = STORED_MEASURES[question.unit]
        level, keys = question.level.colors, question.keys
        part = pl.col("replicate") if question.cluster != NO_CLUSTER else pl.lit(0, pl.UInt8)

        def counted(name: str, part: pl.Expr) -> pl.DataFrame:
            rows = self._stored_rows(name, question.by).select(
                *question.by, "color", _all=pl.lit(0, pl.UInt8), _part=part, _value=value, _n=n
            )
            grouped = rows.group_by(*keys, "_part", "color").agg(pl.sum("_value", "_n"))
            return grouped.filter(pl.col("_value") > 0).collect()

        is_coarse = level in DESIGN_LEVELS
        cells = counted(level, part if is_coarse else pl.lit(0, pl.UInt8))
        words = self.legend(level=question.level)
        places = words.colors.select("_order", color="_place")
        design = None
        if question.cluster != NO_CLUSTER and not is_coarse:
            design = counted("common", part).with_columns(_order=pl.col("color").cast(pl.UInt32))
        return Tally(
            question=question,
            legend=words,
            cells=cells.join(places, on="color", how="left"),
            groups=counted("whole", part),
            sources=self._stored_sources(question),
            design=design,
        )

    def _is_stored(self, question: Question) -> bool:
        stored = self.stored
        several = len(self.folders) > 1
        known = {*stored.keys, *(PERIODS if stored.date is not None else ())}
        known |= {RUN} if several else set()
        of_clusters = question.cluster in (NO_CLUSTER, stored.cluster)
        if several and question.cluster == "photo":  # ids are of one run
            of_clusters = False
        return (
            question.level.is_stored
            and not self.targets
            and of_clusters
            and {*question.by, *self._filtered_columns()} <= known
            and not (
                # A look, or photo, of several garments would count once for each.
                (question.unit == "looks" or question.cluster == "photo")
                and "garment" in self._filtered_columns()
                and "garment" not in question.by
            )
            and all(_is_current(manifest) for manifest in self.manifests)
            and all(stored_columns(manifest.columns) == stored for manifest in self.manifests)
        )

    def _filtered_columns(self) -> set[str]:
        return {name for each in self.filters for name in each.meta.root_names()}

    def _stored_rows(self, part: str, by: Sequence[str]) -> pl.LazyFrame:
        """Rows of a part of the summary that meet the conditions."""
        has_garment = "garment" in by or "garment" in self._filtered_columns()
        garment = pl.col("garment")
        frames = {name: folder.summary(part) for name, folder in self.folders.items()}
        if len(frames) > 1:  # one run alone may have a column of that name
            frames = {
                name: rows.with_columns(pl.lit(name).alias(RUN)) for name, rows in frames.items()
            }
        rows = pl.concat(list(frames.values())).filter(
            garment.is_not_null() if has_garment else garment.is_null()
        )
        return self._filtered(with_period(rows, None if self.stored.date is None else "month"))

    def _stored_sources(self, question: Question) -> pl.DataFrame | None:
        if question.cluster == NO_CLUSTER:
            return None
        one = pl.lit(0, pl.UInt8)
        if question.cluster == "photo":
            rows = self._stored_rows("whole", question.by).with_columns(_all=one)
            return rows.group_by(question.keys).agg(_sources=pl.sum("photos")).collect()
        rows = self._stored_rows("sources", question.by).with_columns(_all=one)
        # A number is of one run.
        name = "cluster" if len(self.folders) > 1 else "number"
        counted = rows.group_by(question.keys).agg(_sources=pl.col(name).n_unique())
        return counted.with_columns(pl.col("_sources").cast(pl.Int64)).collect()

    def _filtered(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Rows that meet all conditions, in which a garment is a text like any other."""
        if not self.filters:
            return rows
        as_text = rows.with_columns(pl.col("garment").cast(pl.String))
        return as_text.filter(*self.filters).with_columns(pl.col("garment").cast(GARMENT))

    @property
    def _only(self) -> Folder:
        return next(iter(self.folders.values()))


def _is_current(manifest: Manifest) -> bool:
    """Whether the grid and the names that a run's shards counted by are those of today."""
    header = manifest.header
    return header.grid == GRID_VERSION and header.vocabulary == shipped_vocabulary().fingerprint


def _merged_colors(parts: Sequence[pl.LazyFrame]) -> pl.DataFrame:
    whole = pl.concat(parts)
    places = [name for name in whole.collect_schema() if name not in ("_color", "garments")]
    merged = whole.group_by("_color").agg(pl.sum("garments"), pl.col(places).first())
    return merged.sort("_color").collect()
