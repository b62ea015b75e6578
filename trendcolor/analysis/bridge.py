"""How far shares move between two versions of the measurement, on the same photos.

Other weights, settings or code read the same garments a little differently, and a published
series would take that for a change in what people wear. Measured on photos that both versions
read, the step can be told, and taken off.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import stats

from trendcolor.analysis.disclosure import hidden_cells
from trendcolor.analysis.intervals import FloatArray
from trendcolor.analysis.jackknife import deal, variance, without_each
from trendcolor.analysis.legends import Legend, Level
from trendcolor.analysis.tally import Question, Tally, count_cells, count_groups
from trendcolor.errors import QueryError, RunError, did_you_mean
from trendcolor.histograms import color_key

# Levels whose colors are the same list in each run.
LEVELS = ("family", "common", "name")
FIGURES = (
    *("share_old", "share_new", "shift", "low", "high"),
    *("ratio", "ratio_low", "ratio_high"),
)
_GARMENT = ("photo", "wearer", "garment")


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeQuestion:
    """Which shares are bridged, and how sure."""

    by: tuple[str, ...] = ()  # columns of both runs' records; a bridge for each group
    colors: str = "family"  # one of LEVELS
    unit: str = "garments"  # as of `Question`
    confidence: float = 0.95  # of the intervals
    weight: str | None = None  # the column that unit "weight" counts
    cluster: str = "photo"  # the column, of the old run, whose values leave together
    source: str = "photo"  # the column whose values a public table counts in a cell
    min_cell: int | None = None  # fewest sources of a public figure; None: the raw answer

    def __post_init__(self) -> None:
        if self.colors not in LEVELS:
            raise QueryError(
                f"no colors '{self.colors}' to bridge{did_you_mean(self.colors, LEVELS)}"
            )
        self.shares()
        taken = sorted({*FIGURES, self.colors, "n", "unit"} & {*self.by})
        if taken:
            raise QueryError(
                f"column '{taken[0]}' has the name of a column of the answer; rename it"
            )

    def shares(self) -> Question:
        """The question of shares that is put to both versions."""
        level = Level(colors=self.colors)
        return Question(by=self.by, level=level, unit=self.unit, weight=self.weight)


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """What one version of the measurement made of a data set."""

    records: pl.LazyFrame
    photos: pl.LazyFrame


@dataclass(frozen=True, slots=True, eq=False)
class Bridge:
    """What changes from one version to the other on the photos of both."""

    offsets: pl.DataFrame  # the table of `bridge`
    moves: pl.DataFrame  # `old`, `new` (main color, null where there is none), `garments`
    photos: int  # shared
    clusters: int  # among them

    @property
    def garments(self) -> int:
        """That both versions found."""
        return self._sum(pl.col("old").is_not_null() & pl.col("new").is_not_null())

    @property
    def changed(self) -> int:
        """Of these, whose main color has another name at this level."""
        return self._sum(pl.col("old") != pl.col("new"))

    @property
    def lost(self) -> int:
        """That the old version alone found."""
        return self._sum(pl.col("new").is_null())

    @property
    def gained(self) -> int:
        """That the new version alone found."""
        return self._sum(pl.col("old").is_null())

    def _sum(self, condition: pl.Expr) -> int:
        return int(self.moves.filter(condition)["garments"].sum())


def bridge(old: Version, new: Version, legend: Legend, question: BridgeQuestion) -> Bridge:
    """The shift of each color's share from the old version to the new.

    Shares are of what each version makes of the shared photos, those in both tables of photos;
    one that a version rejects or screens out has no garments in it. The two shares rise and fall
    together with the photos, so the shift is known far better than each.

    Args:
        old: The version of the published series.
        new: The version that goes on.
        legend: The colors of both versions, at the question's level.
        question: What is bridged.

    Returns:
        In `offsets` the columns `by`; `family`, `common` or `name`; `share_old`, `share_new`;
        `shift` (new less old) with `low` and `high`; `ratio` (new by old) with `ratio_low` and
        `ratio_high`, null where a share is 0, of all photos or without a group of the jackknife;
        `n`: garments, or looks, of the old version's group; `unit`. A row for each group
        that both versions have, and color; sorted by group, then by the size of the shift.

        Intervals are of a jackknife over clusters, with Student's t, and null with one cluster.
        The variance of the shift is that of one garment, or look, more: a color that did not move
        among a few is not said to stand still for sure (as Agresti and Min do, Statistics in
        Medicine 24, 2005).

        With `min_cell` figures are empty where `public_shares` would leave them empty in
        the table of either version, and so is `n` where that leaves the denominator empty.

    Raises:
        RunError: the versions share no photo.
        QueryError: a weight is below 0.

    Guarantees, each held by tests/test_analysis_bridge.py:
        A version and itself shift by 0; the other way round shifts have the other sign. The
        interval holds the shift of the population in 93 to 97 % of draws, with clusters too.
    """
    photos = _shared(old, new, question)
    one, other = (_counted(version.records, photos, legend, question) for version in (old, new))
    groups, groups_new = one.groups(question.by), other.groups(question.by)
    tables = []
    for key in [key for key in groups if key in groups_new]:
        sides = (groups[key], groups_new[key])
        named = sides[0].whole.select(question.by).head(1)
        table = _table(sides, legend, question)
        tables.append(named.join(table, how="cross") if question.by else table)
    offsets = _as_one(tables, one.whole, question)
    if question.min_cell is not None:
        offsets = _guarded(offsets, (one, other), legend, question)
    return Bridge(
        offsets=_sorted(offsets, question),
        moves=_moves(old, new, photos, legend),
        photos=len(photos),
        clusters=photos["_cluster"].n_unique(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """What one version counts, by cluster and source of the photos; all above 0."""

    cells: pl.DataFrame  # the group, `_order`, `_cluster`, `_source`, `_value`
    whole: pl.DataFrame  # the group, `_cluster`, `_source`, `_value`, `_n` (garments or looks)

    def groups(self, by: tuple[str, ...]) -> dict[tuple[object, ...], "_Counted"]:
        """Each group apart, by its values."""
        cells, whole = (
            frame.partition_by("_all", *by, as_dict=True) for frame in (self.cells, self.whole)
        )
        return {key: _Counted(cells[key], part) for key, part in whole.items()}

    def apart(self, legend: Legend, question: BridgeQuestion) -> Tally:
        """What each source counts, as `public_shares` takes it."""
        keys = [*question.shares().keys, "_source"]
        cells = self.cells.group_by(*keys, "_order").agg(pl.sum("_value"))
        whole = self.whole.group_by(keys).agg(pl.sum("_value", "_n"))
        return Tally(
            question=question.shares(),
            legend=legend,
            cells=cells.rename({"_source": "_part"}),
            groups=whole.rename({"_source": "_part"}),
            sources=None,
        )


def _shared(old: Version, new: Version, question: BridgeQuestion) -> pl.DataFrame:
    """The photos of both versions, with `_cluster` and `_source` as the old one has them."""
    one = old.photos.select(
        "photo", _cluster=pl.col(question.cluster), _source=pl.col(question.source)
    )
    shared = one.join(new.photos.select("photo"), on="photo", how="semi").collect()
    if shared.is_empty():
        ids = [version.photos.select("photo").head(1).collect() for version in (old, new)]
        names = " and ".join(f"'{each.item()}'" for each in ids if len(each))
        raise RunError(
            f"the runs share no photo (ids such as {names or 'none'}); run both versions on the "
            "same data set"
        )
    return shared


def _counted(
    records: pl.LazyFrame, photos: pl.DataFrame, legend: Legend, question: BridgeQuestion
) -> _Counted:
    units = photos.select("_cluster", "_source").unique().with_row_index("_part")
    of_photo = photos.join(units, on=["_cluster", "_source"], nulls_equal=True)
    rows = records.join(of_photo.lazy().select("photo", _unit="_part"), on="photo")
    asked, part = question.shares(), pl.col("_unit")
    cells = count_cells(rows, legend.lookup(), asked, part)
    groups = count_groups(rows, cells, asked, part)
    return _Counted(*(each.join(units, on="_part").drop("_part") for each in (cells, groups)))


def _table(
    sides: tuple[_Counted, _Counted], legend: Legend, question: BridgeQuestion
) -> pl.DataFrame:
    """The rows of one group."""
    clusters = pl.concat([side.whole["_cluster"] for side in sides]).unique().sort(nulls_last=True)
    dealt = pl.DataFrame({"_cluster": clusters, "_group": deal(clusters)})
    (met_old, n_old), (met_new, n_new) = (_amounts(side, dealt, legend) for side in sides)
    old, new = met_old / np.maximum(n_old, 1e-9), met_new / np.maximum(n_new, 1e-9)
    n = int(sides[0].whole["_n"].sum())
    color = legend.colors["_color"].alias(question.colors)
    columns = _figures(old, new, n, question)
    return pl.DataFrame([color, *columns, pl.Series("n", [n] * len(color))])


def _amounts(side: _Counted, dealt: pl.DataFrame, legend: Legend) -> tuple[FloatArray, FloatArray]:
    """Numerators, (1 + groups, colors), and denominators, (1 + groups, 1), see `without_each`."""
    n_groups = dealt["_group"].n_unique()
    met, n = np.zeros((n_groups, len(legend.colors))), np.zeros((n_groups, 1))
    cells = side.cells.join(dealt, on="_cluster", nulls_equal=True)
    whole = side.whole.join(dealt, on="_cluster", nulls_equal=True)
    np.add.at(
        met, (cells["_group"].to_numpy(), cells["_order"].to_numpy()), cells["_value"].to_numpy()
    )
    np.add.at(n[:, 0], whole["_group"].to_numpy(), whole["_value"].to_numpy())
    return without_each(met), without_each(n)


def _figures(old: FloatArray, new: FloatArray, n: int, question: BridgeQuestion) -> list[pl.Series]:
    """The columns of `FIGURES`, from shares of all photos and without each group."""
    n_groups = len(old) - 1
    t = float(stats.t.ppf((1 + question.confidence) / 2, n_groups - 1)) if n_groups > 1 else np.nan
    shift = new[0] - old[0]
    reach = t * np.sqrt(variance((new - old)[1:]) + 1 / n**2)
    has_ratio = (old > 0).all(axis=0) & (new > 0).all(axis=0)
    steps = np.log(np.where(has_ratio, new, 1)) - np.log(np.where(has_ratio, old, 1))
    ratio = np.where(has_ratio, np.exp(steps[0]), np.nan)
    one_more = 1 / (n * np.where(has_ratio, (old[0] + new[0]) / 2, 1)) ** 2
    times = np.exp(t * np.sqrt(variance(steps[1:]) + one_more))
    low, high = np.maximum(shift - reach, -1), np.minimum(shift + reach, 1)
    values = (old[0], new[0], shift, low, high, ratio, ratio / times, ratio * times)
    return [
        pl.Series(name, column, nan_to_null=True)
        for name, column in zip(FIGURES, values, strict=True)
    ]


def _guarded(
    offsets: pl.DataFrame,
    versions: tuple[_Counted, _Counted],
    legend: Legend,
    question: BridgeQuestion,
) -> pl.DataFrame:
    """The table without what the public table of either version leaves empty."""
    keys = [*question.by, question.colors]
    found = [
        hidden_cells(version.apart(legend, question), min_cell=question.min_cell or 1)
        for version in versions
    ]
    hidden = pl.concat(found).rename({"_color": question.colors}).group_by(keys)
    marks = hidden.agg(_group=(pl.col("_hides") == "group").any(), _cell=pl.lit(True))
    marked = offsets.join(
        marks, on=keys, how="left", nulls_equal=True, maintain_order="left"
    ).with_columns(pl.col("_group", "_cell").fill_null(False))
    return marked.with_columns(
        *(pl.when(~pl.col("_cell")).then(name).alias(name) for name in FIGURES),
        n=pl.when(~pl.col("_group")).then("n"),
    ).drop("_group", "_cell")


def _moves(old: Version, new: Version, photos: pl.DataFrame, legend: Legend) -> pl.DataFrame:
    """Garments by their main color in both versions."""
    one, other = (
        version.records.filter(pl.col("rank") == 0)
        .join(photos.lazy(), on="photo", how="semi")
        .with_columns(_key=color_key())
        .join(legend.keys.lazy(), on="_key", how="left")
        .select(*_GARMENT, pl.col("_color").alias(name))
        for version, name in ((old, "old"), (new, "new"))
    )
    return (
        one.join(other, on=_GARMENT, how="full", coalesce=True)
        .group_by("old", "new")
        .agg(garments=pl.len().cast(pl.Int64))
        .sort(["garments", "old", "new"], descending=[True, False, False], nulls_last=True)
        .collect()
    )


def _as_one(
    tables: list[pl.DataFrame], groups: pl.DataFrame, question: BridgeQuestion
) -> pl.DataFrame:
    kinds = {name: groups.schema[name] for name in question.by}
    figures = dict.fromkeys(FIGURES, pl.Float64())
    schema = {**kinds, question.colors: pl.String(), **figures, "n": pl.Int64()}
    return pl.concat([pl.DataFrame(schema=schema), *tables], how="diagonal").select(*schema)


def _sorted(table: pl.DataFrame, question: BridgeQuestion) -> pl.DataFrame:
    order = [*question.by, pl.col("shift").abs()]
    descending = [*(False for _ in question.by), True]
    return table.sort(
        order, descending=descending, nulls_last=True, maintain_order=True
    ).with_columns(unit=pl.lit(question.unit))


def carried(series: pl.DataFrame, offsets: pl.DataFrame) -> pl.DataFrame:
    """Published shares of the old version as the new one would have told them.

    Args:
        series: Shares with `low` and `high` by the old version, of any periods; its columns are
            those of `shares`.
        offsets: What `bridge` gave, by columns that the series has too, of the same unit.

    Returns:
        The rows of the series in their order; `share` with the shift added and kept within 0 and
        1, and `low` and `high` with the doubt of both (Newcombe's method 10, as for a difference).
        Null where the bridge has no figure.

    Raises:
        QueryError: the bridge is by a column that the series lacks, or of another unit.
    """
    keys = [*offsets.columns[: offsets.columns.index("share_old")], "unit"]
    missing = [name for name in keys if name not in series.columns]
    if missing:
        raise QueryError(f"the series has no column '{missing[0]}', by which the bridge is")
    units = {*series["unit"].unique()} - {*offsets["unit"].unique()}
    if units:
        raise QueryError(f"the series is of {min(units)}, the bridge of {offsets['unit'][0]}")
    steps = offsets.select(*keys, "shift", _low="low", _high="high")
    share, shift = pl.col("share"), pl.col("shift")
    moved = share + shift
    below = ((share - pl.col("low")) ** 2 + (shift - pl.col("_low")) ** 2).sqrt()
    above = ((pl.col("high") - share) ** 2 + (pl.col("_high") - shift) ** 2).sqrt()
    return (
        series.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
        .join(steps, on=keys, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            share=moved.clip(0, 1), low=(moved - below).clip(0, 1), high=(moved + above).clip(0, 1)
        )
        .select(series.columns)
    )
