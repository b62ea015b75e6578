"""The signature color of a group of garments: one RGB, how sure it is, and how many wear it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from trendcolor.analysis.design import cluster_interval, design_effect
from trendcolor.analysis.disclosure import hidden_colors, is_safe
from trendcolor.analysis.intervals import effective_n, wilson
from trendcolor.analysis.legends import Legend
from trendcolor.analysis.modes import carries, mode, nearest_rgb8, radius, weighted_median
from trendcolor.analysis.tally import Question, check_weights
from trendcolor.color.names import FAMILIES, name_colors
from trendcolor.color.spaces import (
    FloatArray,
    Mask,
    Rgb8,
    color_difference,
    srgb_to_lab,
)
from trendcolor.errors import QueryError, did_you_mean
from trendcolor.histograms import REPLICATES, color_key, key_to_rgb, replicate

Row: TypeAlias = dict[str, Any]  # one row of the answer, by its columns

# A garment has one main color; looks and area would count its other colors too.
SIGNATURE_UNITS = ("garments", "weight")
COLOR_FIELDS: Mapping[str, type[pl.DataType]] = {
    "color": pl.String,  # "#161418"
    "name": pl.String,
    "family": pl.String,
    **dict.fromkeys("rgb", pl.Int64),
    **dict.fromkeys(("l", "a*", "b*"), pl.Float64),  # of the 8-bit color
    "spread": pl.Float64,  # CIEDE2000
    "radius": pl.Float64,  # CIEDE2000
}
_COUNT_FIELDS: Mapping[str, type[pl.DataType]] = {
    "n": pl.Int64,
    **dict.fromkeys(("share", "low", "high", "numerator", "denominator"), pl.Float64),
    "unit": pl.String,
    "within": pl.Float64,
}
_WHOLE = "whole"  # the label of all garments that are asked for, where no family is
_COUNTS = ("_value", "_garments")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureQuestion:
    """Of which garments, in which groups, and what is told."""

    question: Question
    source: str  # the column whose values are drawn, and guarded, together
    families: tuple[str, ...] = ()  # one signature for each; none: one for all colors
    within: float = 5.0  # CIEDE2000 from the signature that counts as the same color
    names: Mapping[str, str] = field(default_factory=dict)  # the user's, by color: "#161418"
    min_cell: int | None = None  # fewest sources of a public figure; None: the raw answer

    def __post_init__(self) -> None:
        unit = self.question.unit
        if unit not in SIGNATURE_UNITS:
            raise QueryError(
                f"a signature has no unit '{unit}'{did_you_mean(unit, SIGNATURE_UNITS)}"
            )
        for family in self.families:
            if family not in FAMILIES:
                raise QueryError(f"no family '{family}'{did_you_mean(family, FAMILIES)}")
        for color, name in self.names.items():
            if not re.fullmatch(r"#?[0-9a-fA-F]{6}", color):
                raise QueryError(f"no color '{color}' (wanted sRGB as six digits, \"#161418\")")
            if not name.strip():
                raise QueryError(f"color '{color}' has an empty name")
        if not self.within > 0:
            raise QueryError(f"within must be above 0 (CIEDE2000), got {self.within:g}")
        taken = sorted({*COLOR_FIELDS, *_COUNT_FIELDS} & {*self.question.by})
        if taken:
            raise QueryError(
                f"column '{taken[0]}' has the name of a column of the answer; rename it"
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """The signature of some garments."""

    rgb8: Rgb8  # (3,)
    lab: FloatArray  # (3,), of the 8-bit color
    spread: float | None
    radius: float | None
    is_within: Mask  # (n,), of the rows that were asked
    has_say: Mask  # (n,), rows that the color rests on


def signatures(records: pl.LazyFrame, legend: Legend, asked: SignatureQuestion) -> pl.DataFrame:
    """The signature color of each group: the mode of its garments' main colors.

    Args:
        records: Rows of `records.py`, of whole garments: the population. Where `mark_near` gave
            them a column `is_near`, only garments with that mark make the color and are within
            reach of it; the others stay in the denominator.
        legend: The families.
        asked: What is asked.

    Returns:
        The columns `by`; `color` (8-bit sRGB), `name` (the user's, if one is within reach of the
        color), `family`, `r`, `g`, `b`, `l`, `a*`, `b*` (CIE L*a*b*, D65, of that 8-bit color);
        `spread`: the median CIEDE2000 from it of the garments within reach; `radius`: the
        CIEDE2000 within which 95 % of resampled signatures fall, null below ten sources; `n`:
        garments of the family, or of the group, that it was found among; `share`, `low`, `high`,
        `numerator`, `denominator`, `unit`: the share of the whole group's garments that are of
        the family, if one is asked for, and within reach, with the interval of `shares` where the
        question's cluster is `asked.source`, else Wilson's with Kish's n; `within`: that reach,
        CIEDE2000.

        One row for each group, or each group and family asked for, sorted by group, families in
        the order asked for. A family of which a group has no garment has `n` 0 and no color.

        With `min_cell`, families are guarded within each group, and where one is withheld so is its
        color; `Run.signatures` also withholds what `public_shares` does along the columns. The
        color needs enough sources among the garments that it rests on and among those within reach
        of it; `share` and its like need them beyond reach too.

    Raises:
        QueryError: a weight is below 0.

    Guarantees, each held by tests/test_analysis_signature.py:
        The order of the records has no effect; the same records twice, or other garments far
        away, give the same color. Each printed public figure rests on `min_cell` sources, none
        of them above 85 %, and so does each difference of two.
    """
    is_marked = "is_near" in records.collect_schema()
    has_rest = is_marked or bool(asked.families and {*asked.families} < {*FAMILIES})
    by = asked.question.by
    counted = _counted(records, legend, asked, is_marked=is_marked).collect()
    rows: list[Row] = []
    for values, group in counted.partition_by("_all", *by, as_dict=True).items():
        key = dict(zip(by, values[1:], strict=True))
        rows += [{**key, **row} for row in _rows_of(group, asked, has_rest=has_rest)]
    fields: dict[str, pl.DataType | type[pl.DataType]] = {
        **{name: counted.schema[name] for name in by},
        **COLOR_FIELDS,
        **_COUNT_FIELDS,
        **dict.fromkeys(("numerator", "denominator"), counted.schema["_value"]),
    }
    table = pl.DataFrame(rows, schema=fields, orient="row")
    return table.sort(by, nulls_last=True, maintain_order=True) if by else table


def _counted(
    records: pl.LazyFrame, legend: Legend, asked: SignatureQuestion, *, is_marked: bool
) -> pl.LazyFrame:
    """Each group's garments by source and color; `_color` is null where they are not asked for."""
    question, color = asked.question, pl.col("_color")
    label = color if asked.families else pl.lit(_WHOLE)
    is_asked = pl.col("is_near") if is_marked else pl.lit(True)
    if asked.families:
        is_asked &= color.is_in(asked.families)
    rows = (
        records.filter(pl.col("rank") == 0)
        .with_columns(_all=pl.lit(0), _key=color_key(), _source=asked.source)
        .join(legend.keys.select("_key", "_color").lazy(), on="_key", how="left")
        .with_columns(_color=pl.when(is_asked).then(label), _value=pl.lit(1, pl.Int64))
    )
    value = pl.col("_value")
    if question.unit == "weight":
        column = str(question.weight)
        check_weights(records, column)
        number = pl.col(column).cast(pl.Float64, strict=False)
        rows = rows.with_columns(_value=pl.when(number.is_finite()).then(number))
    return (
        rows.filter(value > 0)
        .group_by("_all", *question.by, "_source", "_key", "_color")
        .agg(
            value.sum(),
            _garments=pl.len().cast(pl.Int64),
            _square=value.cast(pl.Float64).pow(2).sum(),
        )
        .sort("_key", "_source")
    )


def _rows_of(group: pl.DataFrame, asked: SignatureQuestion, *, has_rest: bool) -> list[Row]:
    """The rows of one group, whose garments are counted by source and color."""
    labels = asked.families or (_WHOLE,)
    hidden = _hidden(group, labels, asked.min_cell, has_rest=has_rest)
    rows = []
    for label in labels:
        row: Row = dict.fromkeys((*COLOR_FIELDS, *_COUNT_FIELDS))
        row |= {"unit": asked.question.unit, "within": asked.within}
        row["family"] = label if asked.families else None
        rows.append(row)
        if hidden is None:
            continue
        row["denominator"] = group["_value"].sum()
        if label in hidden:
            continue
        part = group.filter(_color=label)
        row["n"] = part["_garments"].sum()
        if not part.is_empty():
            row |= _shown(group, part, asked)
    return rows


def _hidden(
    group: pl.DataFrame, labels: Sequence[str], min_cell: int | None, *, has_rest: bool
) -> set[object] | None:
    """The labels whose garments must not be told; None where the whole group must not be."""
    if min_cell is None:
        return set()
    if not _is_told(group, min_cell):
        return None
    hidden: set[object] = set()
    for count in _COUNTS:
        cells = _by_source(group, "_color").select("_color", "_source", _value=count)
        hidden |= {*hidden_colors(cells, labels, min_cell=min_cell, has_rest=has_rest)}
    return hidden


def _is_told(part: pl.DataFrame, min_cell: int) -> bool:
    """Whether garments, and what they weigh, rest on enough sources."""
    sources = _by_source(part)
    return all(is_safe(sources[count].to_numpy(), min_cell) for count in _COUNTS)


def _by_source(part: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return part.group_by(*columns, "_source").agg(pl.sum(*_COUNTS))


def _shown(group: pl.DataFrame, part: pl.DataFrame, asked: SignatureQuestion) -> Row:
    """What may be told of the signature of `part`, at least one garment of the group."""
    found = _found(part, asked.within)
    within = part.filter(pl.Series(found.is_within))
    if asked.min_cell is not None:
        carriers = part.filter(pl.Series(found.has_say))
        if not (_is_told(carriers, asked.min_cell) and _is_told(within, asked.min_cell)):
            return {}
        if not _is_told(part.filter(pl.Series(~found.is_within)), asked.min_cell):
            return _color(found, asked)
    return _color(found, asked) | _share(within, group, asked)


def _found(part: pl.DataFrame, within: float) -> _Found:
    lab = srgb_to_lab(key_to_rgb(part["_key"])).astype(np.float64)
    weight = part["_value"].to_numpy()
    densest = mode(lab, weight)
    rgb8 = nearest_rgb8(densest.lab)
    printed = srgb_to_lab(rgb8).astype(np.float64)
    distance = color_difference(lab, printed)
    is_within = distance <= within
    has_any = bool(is_within.any())
    # A missing source is one source: the fewest that it can be.
    source = part["_source"].rank("dense").fill_null(0).to_numpy()
    return _Found(
        rgb8=rgb8,
        lab=printed,
        spread=weighted_median(distance[is_within], weight[is_within]) if has_any else None,
        radius=radius(lab, weight, source),
        is_within=is_within,
        has_say=carries(densest, lab),
    )


def _color(found: _Found, asked: SignatureQuestion) -> Row:
    red, green, blue = (int(value) for value in found.rgb8)
    named = name_colors(found.rgb8[None])
    own = _own_name(found.lab, asked)
    return {
        "color": f"#{red:02x}{green:02x}{blue:02x}",
        "name": str(named.name[0]) if own is None else own,
        **({} if asked.families else {"family": str(named.family[0])}),
        **{"r": red, "g": green, "b": blue},
        **dict(zip(("l", "a*", "b*"), found.lab.tolist(), strict=True)),
        **{"spread": found.spread, "radius": found.radius},
    }


def _own_name(lab: FloatArray, asked: SignatureQuestion) -> str | None:
    """The user's name of the nearest named color within reach; of equals the first."""
    if not asked.names:
        return None
    codes = [list(bytes.fromhex(color.removeprefix("#"))) for color in asked.names]
    distance = color_difference(srgb_to_lab(np.array(codes, np.uint8)).astype(np.float64), lab)
    nearest = int(np.argmin(distance))
    return [*asked.names.values()][nearest] if distance[nearest] <= asked.within else None


def _share(within: pl.DataFrame, group: pl.DataFrame, asked: SignatureQuestion) -> Row:
    numerator, denominator, squares = (
        part.select(pl.sum(column)).item()
        for part, column in ((within, "_value"), (group, "_value"), (group, "_square"))
    )
    # Sums of decimal weights may pass their total by a last bit.
    share = min(numerator / denominator, 1)
    confidence = asked.question.confidence
    if asked.question.cluster == asked.source:
        hits, whole = (_in_replicates(part) for part in (within, group))
        effect = design_effect(
            [hits, whole - hits], whole, float(group.select(pl.sum("_garments")).item())
        )
        found = cluster_interval([share, 1 - share], effect, confidence=confidence)
    else:
        found = wilson([share], effective_n([denominator], [squares]), confidence=confidence)
    return {
        **{"share": float(found.value[0]), "low": float(found.low[0])},
        **{"high": float(found.high[0]), "numerator": numerator},
    }


def _in_replicates(part: pl.DataFrame) -> FloatArray:
    """What each random group of sources adds, shape (REPLICATES,)."""
    group = part.select(replicate(pl.col("_source"))).to_series().to_numpy()
    amounts = part["_value"].to_numpy().astype(np.float64)
    return np.bincount(group, amounts, minlength=REPLICATES).astype(np.float64)
