"""What is counted of records, before it is divided: colors in groups, in one unit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.analysis.legends import Legend, Level
from trendcolor.errors import QueryError, did_you_mean
from trendcolor.histograms import color_key, replicate
from trendcolor.histograms.stored import DECLARED_SCALE, declared_units

MEASURES = (
    *("share", "low", "high", "numerator", "denominator", "unit"),
    *("effective_n", "sources"),
)

# By how much each unit's whole numbers are divided to be printed: a palette's weights sum to 255,
# so area is counted in 255ths of a pixel.
UNITS: Mapping[str, int] = {
    "garments": 1,
    "looks": 1,
    "palette": 255,
    "area": 255,
    "weight": DECLARED_SCALE,
}
# Units that count all colors of a palette, and not the main color alone.
WHOLE_PALETTE = ("looks", "palette", "area")
# The measures of stored histograms that hold a unit's values, and what these are of.
STORED_MEASURES: Mapping[str, tuple[str, str]] = {
    "garments": ("garments", "garments"),
    "looks": ("looks", "looks"),
    "palette": ("weight", "garments"),
    "area": ("area", "garments"),
    "weight": ("declared", "weighed"),
}

NO_CLUSTER = "none"  # garments are taken as independent
_LOOK = ("photo", "wearer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Of what, by what, and how sure."""

    by: tuple[str, ...] = ()  # columns of the records; each combination that occurs is a group
    level: Level = field(default_factory=Level)
    unit: str = "garments"  # one of UNITS
    confidence: float = 0.95  # of the intervals
    weight: str | None = None  # the column that unit "weight" counts
    cluster: str = NO_CLUSTER  # the column whose values are asked together, or NO_CLUSTER

    def __post_init__(self) -> None:
        if self.cluster == NO_CLUSTER and self.unit in ("area", "weight"):
            # Garments count unequally there, which random groups of photos tell.
            object.__setattr__(self, "cluster", "photo")
        if self.unit not in UNITS:
            raise QueryError(f"no unit '{self.unit}'{did_you_mean(self.unit, list(UNITS))}")
        if self.unit == "weight" and self.weight is None:
            raise QueryError("unit 'weight' needs a declared column of kind weight; there is none")
        taken = sorted({self.level.colors, *MEASURES} & {*self.by})
        if taken:
            raise QueryError(
                f"column '{taken[0]}' has the name of a column of the answer; rename it"
            )

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of a group: one constant, so that there always is one, and `by`."""
        return ("_all", *self.by)


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What was counted, before it is divided. Values are whole numbers above 0."""

    question: Question
    legend: Legend
    cells: pl.DataFrame  # keys, `_order` (null where it is not near), `_part`, `_value`
    groups: pl.DataFrame  # keys, `_part`, `_value`, `_n` (garments or looks)
    sources: pl.DataFrame | None  # keys, `_sources`; None where garments are taken one by one
    # As `cells`, at a level coarse enough to tell how alike clusters are; None: `cells` are.
    design: pl.DataFrame | None = None
    has_rest: bool = False  # whether only garments near a color are counted for their colors


def _nothing(_: Question) -> dict[str, pl.Expr]:
    """Each row is one garment or look."""
    return {}


def _area(_: Question) -> dict[str, pl.Expr]:
    value = pl.col("pixels").cast(pl.Int64) * pl.col("weight").cast(pl.Int64)
    return {"_value": value, "_n": (pl.col("rank") == 0).cast(pl.Int64)}


def _palette(_: Question) -> dict[str, pl.Expr]:
    return {"_value": pl.col("weight").cast(pl.Int64), "_n": (pl.col("rank") == 0).cast(pl.Int64)}


def _weight(question: Question) -> dict[str, pl.Expr]:
    value = declared_units(str(question.weight)).fill_null(0)
    return {"_value": value, "_n": pl.lit(1, pl.Int64)}


# What the rows of a unit add, where that is more than one garment or look each.
_MEASURED: Mapping[str, Callable[[Question], dict[str, pl.Expr]]] = {
    "garments": _nothing,
    "looks": _nothing,
    "palette": _palette,
    "area": _area,
    "weight": _weight,
}


def part_of(question: Question) -> pl.Expr | None:
    """The random group of each row's cluster; None where garments are taken one by one."""
    if question.cluster == NO_CLUSTER:
        return None
    return replicate(pl.col(question.cluster))


def count_cells(
    records: pl.LazyFrame,
    lookup: NDArray[np.integer],
    question: Question,
    part: pl.Expr | None,
) -> pl.DataFrame:
    """How much of each color, in each group and part.

    Args:
        records: Rows of `records.py`, of whole garments: the population. Where `mark_near` gave
            them a column `is_near`, only garments with that mark are counted for their colors.
        lookup: The `_order` of each sRGB color, see `Legend.lookup`. Not modified.
        question: What is counted.
        part: What is counted apart, such as `part_of`; None: nothing is.

    Returns:
        keys, `_order` (null where the color is not counted), `_part`, `_value`, and `_n`: the
        garments, or looks, that the value is of. Rows of value 0 are left out.
    """
    order = color_key().map_batches(
        # Null where the rest of a condition leaves the color out.
        lambda key: pl.Series(key.name, lookup.take(key.fill_null(0).to_numpy())),
        return_dtype=pl.Int16 if lookup.dtype == np.int16 else pl.Int32,
        is_elementwise=True,
    )
    is_marked = "is_near" in records.collect_schema()
    main, unit = pl.col("rank") == 0, question.unit
    rows = records if unit in WHOLE_PALETTE else records.filter(main)
    named = rows.select(
        *question.by,
        *(_LOOK if unit == "looks" else ()),
        **({} if part is None else {"_part": part}),
        **_MEASURED[unit](question),
        _order=pl.when("is_near").then(order).otherwise(-1) if is_marked else order,
    )
    keys = [*question.by, *(() if part is None else ("_part",)), "_order"]
    if unit == "looks":
        named = named.unique([*keys, *_LOOK])
    elif unit == "weight":
        check_weights(records, str(question.weight))
        named = named.filter(pl.col("_value") > 0)
    # Rows that count for one each are counted and not added up, which is quicker.
    has_values = unit in ("palette", "area", "weight")
    counts = {name: pl.sum(name) if has_values else pl.len() for name in ("_value", "_n")}
    found = named.group_by(keys).agg(**counts).collect(engine="streaming")
    is_counted = pl.col("_order") >= 0
    return found.filter(pl.col("_value") > 0).with_columns(
        pl.col("_value", "_n").cast(pl.Int64),
        _all=pl.lit(0, pl.UInt8),
        _order=pl.when(is_counted).then("_order").cast(pl.UInt32),
        **({"_part": pl.lit(0, pl.UInt8)} if part is None else {}),
    )


def with_rest(
    cells: pl.DataFrame, groups: pl.DataFrame, question: Question, *, has_parts: bool
) -> pl.DataFrame:
    """Cells of counted colors, and in `_order` null what their groups have beside them.

    Args:
        cells: As of `count_cells`.
        groups: As of `count_groups`.
        question: As of `count_cells`.
        has_parts: Whether the cells were counted apart in parts.
    """
    known = cells.filter(pl.col("_order").is_not_null())
    keys = [*question.keys, "_part"]
    one = groups if has_parts else groups.with_columns(_part=pl.lit(0, pl.UInt8))
    whole = one.group_by(keys).agg(pl.sum("_value", "_n"))
    counted = known.group_by(keys).agg(_less=pl.sum("_value"), _fewer=pl.sum("_n"))
    rest = whole.join(counted, on=keys, how="left", nulls_equal=True).with_columns(
        _value=pl.col("_value") - pl.col("_less").fill_null(0),
        _n=pl.col("_n") - pl.col("_fewer").fill_null(0),
        _order=pl.lit(None, pl.UInt32),
    )
    return pl.concat([known, rest.filter(pl.col("_value") > 0).select(known.columns)])


def count_groups(
    records: pl.LazyFrame, cells: pl.DataFrame, question: Question, part: pl.Expr | None
) -> pl.DataFrame:
    """What the groups hold as a whole: keys, `_part`, `_value`, `_n`.

    Args:
        records: As of `count_cells`.
        cells: What that gave.
        question: As of `count_cells`.
        part: As of `count_cells`.
    """
    keys = [*question.keys, "_part"]
    if question.unit != "looks":
        return cells.group_by(keys).agg(pl.sum("_value", "_n"))
    one = pl.lit(0, pl.UInt8)
    looks = records.select(*question.by, *_LOOK, _all=one, _part=one if part is None else part)
    counted = looks.unique([*keys, *_LOOK]).group_by(keys)
    found = counted.agg(_value=pl.len().cast(pl.Int64)).collect(engine="streaming")
    return found.with_columns(_n="_value")


def count_sources(records: pl.LazyFrame, question: Question) -> pl.DataFrame | None:
    """How many distinct clusters each group has: keys, `_sources`; None where there is none."""
    if question.cluster == NO_CLUSTER:
        return None
    main = records.filter(pl.col("rank") == 0)
    named = main.select(*question.by, _all=pl.lit(0, pl.UInt8), _cluster=question.cluster)
    counted = named.group_by(question.keys).agg(_sources=pl.col("_cluster").n_unique())
    return counted.with_columns(pl.col("_sources").cast(pl.Int64)).collect(engine="streaming")


def check_weights(records: pl.LazyFrame, column: str) -> None:
    """Refuse a declared weight below 0.

    Raises:
        QueryError: there is one.
    """
    value = pl.col(column).cast(pl.Float64, strict=False)
    lowest = records.select(value.filter(value.is_finite()).min()).collect().item()
    if lowest is not None and lowest < 0:
        raise QueryError(f"column '{column}' has the weight {lowest:g}, wanted 0 or more")
