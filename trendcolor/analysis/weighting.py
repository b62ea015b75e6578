"""Weights that make units stand for a population: raking to declared margins.

Photos are seldom taken where the people are. Where the population's shares are known, of regions,
say, and of markets, each unit gets a weight so that the weighted units have those shares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum, isclose, isfinite
from typing import TypeAlias

import numpy as np
import polars as pl

from trendcolor.analysis.intervals import FloatArray
from trendcolor.errors import QueryError, UsageError, did_you_mean

# By column and category, such as {"region": {"EU": 0.4, "NA": 0.6}}: fractions that sum to 1, or
# counts of one population.
Margins: TypeAlias = Mapping[str, Mapping[str, float]]

_SUM_SLACK = 1e-6  # of a margin's sum; fractions are typed with a few decimals
_MET = 1e-9  # largest deviation of a share from its margin that counts as none
_STILL = 1e-9  # largest change of a weight in a round that counts as none
_MOST_ROUNDS = 1000
_HALVINGS = 60  # until the factor that gives trimmed weights their mean is known to the last bit
_NAMED = 3  # most faults that a message spells out


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest and largest weight that a unit may have, where 1 is the mean."""

    low: float = 0.0
    high: float = np.inf

    def __post_init__(self) -> None:
        if not 0 <= self.low < 1 < self.high:
            raise UsageError(
                f"bounds of weights are {self.low:g} and {self.high:g} (wanted 0 <= low < 1 < "
                "high: the mean weight is 1)"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Weighting:
    """Weights of units, and what they cost."""

    weights: FloatArray  # (rows,), in their order, above 0 unless bounds say 0; units have mean 1
    rounds: int  # of raking
    deviation: float  # largest difference of a weighted share from its margin, 0..1
    effect: float  # Kish's design effect of the weights alone: n * sum(w^2) / sum(w)^2
    trimmed: int  # units whose weight lies at a bound
    units: int  # what the rows stand for; as many as rows where each is one

    def __str__(self) -> str:
        n = self.units
        trimmed = f"; {self.trimmed:,} weights trimmed" if self.trimmed else ""
        rounds = "1 round" if self.rounds == 1 else f"{self.rounds} rounds"
        return (
            f"{n:,} weights from {self.weights.min():.2f} to {self.weights.max():.2f} after "
            f"{rounds}, design effect {self.effect:.2f} (they tell as much as "
            f"{n / self.effect:,.0f} equal ones), margins met within {self.deviation:.4f}{trimmed}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Units by the combination of categories that they have; all units of one weigh the same."""

    frame: pl.DataFrame  # the columns, `_n`
    n: FloatArray  # (cells,), units
    codes: tuple[FloatArray, ...]  # of each column, (categories, cells), 1 where it has it
    targets: tuple[FloatArray, ...]  # of each column, (categories,), sum to 1
    of_unit: pl.Series  # (units,), the cell of each


def rake(
    units: pl.DataFrame | pl.LazyFrame,
    margins: Margins,
    *,
    bounds: Bounds | None = None,
    n: str | None = None,
) -> Weighting:
    """Weigh units so that their shares are those of a population.

    Iterative proportional fitting (Deming and Stephan 1940, Annals of Mathematical Statistics
    11(4), 427-444): weights are scaled to one margin after the other until all are met. One margin
    is plain post-stratification. Where weights are bounded, each round ends by trimming them, so
    that what one unit may not carry is spread over the others; margins are then met as far as
    the bounds let them, and `deviation` says how far off they are.

    Weights mend what the margins know of. Where the photos of a region are unlike its people,
    weighing the region up makes that worse.

    Args:
        units: Rows of photos or garments with declared columns; see `n`.
        margins: Of each column that is to be met, the population's share of each category:
            fractions that sum to 1, or counts that have the same sum in all columns. A category is
            compared as text.
        bounds: Of the weights, 1 being the mean; None for none.
        n: The column that says how many units a row stands for; None: each for one.

    Raises:
        QueryError: a column is unknown; there are no units or no margins; a category has units and
            no margin, or a margin and no units.
        UsageError: a margin is not above 0, or margins don't sum to 1 or to the same count; no
            weights meet them, since combinations of categories are missing among the units.

    Guarantees, each held by tests/test_analysis_weighting.py:
        Without bounds margins are met within 1e-9 and units of one combination of categories weigh
        the same. Weights have the mean 1, lie within the bounds, and follow their units into
        another order.
    """
    frame = units.lazy().collect()
    n_units = pl.len() if n is None else pl.sum(n)
    cells = _cells(frame, _targets(frame, margins, n_units), n_units)
    before, weights, rounds = np.zeros(len(cells.n)), np.ones(len(cells.n)), 0
    is_met = False
    while rounds < _MOST_ROUNDS and not is_met and np.abs(weights - before).max() >= _STILL:
        before, weights = weights, _round(cells, weights, bounds)
        rounds += 1
        is_met = bounds is None and bool(_deviations(cells, weights).max() < _MET)
    deviations = _deviations(cells, weights)
    if bounds is None and deviations.max() > _MET:
        raise UsageError(_no_weights(cells, margins, deviations))
    return _weighting(cells, weights, rounds, bounds)


def _weighting(cells: _Cells, weights: FloatArray, rounds: int, bounds: Bounds | None) -> Weighting:
    n = cells.n.sum()
    at_bound = np.zeros(len(weights), np.bool_)
    if bounds is not None:
        at_bound = np.isclose(weights, bounds.low) | np.isclose(weights, bounds.high)
    return Weighting(
        weights=weights[cells.of_unit.to_numpy()],
        rounds=rounds,
        deviation=float(_deviations(cells, weights).max()),
        effect=float(n * (cells.n * weights**2).sum() / (cells.n * weights).sum() ** 2),
        trimmed=int(cells.n[at_bound].sum()),
        units=round(n),
    )


def _round(cells: _Cells, weights: FloatArray, bounds: Bounds | None) -> FloatArray:
    """Weights after one go through all margins, with the mean 1."""
    total = cells.n.sum()
    for codes, target in zip(cells.codes, cells.targets, strict=True):
        have = codes @ (cells.n * weights)
        weights = weights * (codes.T @ (target * total / have))
    return weights if bounds is None else _trimmed(cells.n, weights, bounds)


def _trimmed(n: FloatArray, weights: FloatArray, bounds: Bounds) -> FloatArray:
    """Weights within bounds, scaled by the one factor that leaves their mean 1."""

    def within(factor: float) -> FloatArray:
        return np.clip(factor * weights, bounds.low, bounds.high)

    low, high = 0.0, 1.0
    while (n * within(high)).sum() < n.sum():
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if (n * within(middle)).sum() < n.sum() else (low, middle)
    return within(high)


def _deviations(cells: _Cells, weights: FloatArray) -> FloatArray:
    """By how much each share is off, of all columns' categories in a row."""
    carried = cells.n * weights
    shares = np.concatenate([codes @ carried / carried.sum() for codes in cells.codes])
    off: FloatArray = np.abs(shares - np.concatenate(cells.targets))
    return off


def _cells(frame: pl.DataFrame, targets: Mapping[str, Mapping[str, float]], n: pl.Expr) -> _Cells:
    columns = list(targets)
    texts = frame.with_columns(pl.col(columns).cast(pl.String))
    cells = texts.group_by(columns, maintain_order=True).agg(_n=n).with_row_index("_cell")
    of_unit = texts.join(cells, on=columns, how="left", maintain_order="left")["_cell"]
    codes = [
        np.array([cells[column].to_list()]) == np.array([list(target)]).T
        for column, target in targets.items()
    ]
    return _Cells(
        frame=cells,
        n=cells["_n"].to_numpy().astype(np.float64),
        codes=tuple(code.astype(np.float64) for code in codes),
        targets=tuple(np.array(list(target.values())) for target in targets.values()),
        of_unit=of_unit,
    )


def _targets(
    frame: pl.DataFrame, margins: Margins, n_units: pl.Expr
) -> dict[str, dict[str, float]]:
    """The margins as fractions, after what can be wrong with them."""
    if not margins:
        raise QueryError('there are no margins (such as {"region": {"EU": 0.4, "NA": 0.6}})')
    if frame.is_empty():
        raise QueryError("there are no units to weigh")
    for column in margins:
        if column not in frame.columns:
            raise QueryError(f"no column '{column}'{did_you_mean(column, frame.columns)}")
    totals = {column: _total(column, margin) for column, margin in margins.items()}
    _check_totals(totals)
    for column, margin in margins.items():
        counts = frame.group_by(pl.col(column).cast(pl.String)).agg(n_units.alias("_n"))
        _check_categories(column, dict(counts.iter_rows()), margin)
    return {
        column: {str(name): value / totals[column] for name, value in margin.items()}
        for column, margin in margins.items()
    }


def _total(column: str, margin: Mapping[str, float]) -> float:
    if not margin:
        raise QueryError(f"the margin of column '{column}' is empty; leave the column out")
    for name, value in margin.items():
        if not (isfinite(value) and value > 0):
            raise UsageError(
                f"the margin of {column} '{name}' is {value:g} (wanted above 0; leave units out "
                "that the population has none of)"
            )
    return fsum(margin.values())


def _check_totals(totals: Mapping[str, float]) -> None:
    first, *_ = totals.values()
    told = ", ".join(f"{column} {total:g}" for column, total in totals.items())
    if not all(isclose(total, first, rel_tol=_SUM_SLACK) for total in totals.values()):
        raise UsageError(
            f"margins don't agree in their sum: {told} (wanted fractions that sum to 1, or counts "
            "of one population)"
        )
    is_count = first >= 2 and isclose(first, round(first), rel_tol=_SUM_SLACK)
    if not (isclose(first, 1, rel_tol=_SUM_SLACK) or is_count):
        raise UsageError(f"margins sum to: {told} (wanted 1, or a count)")


def _check_categories(
    column: str, counts: Mapping[str | None, int], margin: Mapping[str, float]
) -> None:
    known = {str(name) for name in margin}
    missing = [
        f"'{name}' ({n:,} units)" if name is not None else f"nothing ({n:,} units)"
        for name, n in sorted(counts.items(), key=lambda each: -each[1])
        if name not in known
    ]
    if missing:
        raise QueryError(
            f"column '{column}' has {_some(missing)} without a margin; add margins, or leave these "
            "units out"
        )
    unseen = [f"'{name}'" for name in sorted(known - counts.keys())]
    if unseen:
        raise QueryError(
            f"the margin of column '{column}' has {_some(unseen)}, which no unit has; no weight "
            "makes up for that: join categories, or leave them out"
        )


def _no_weights(cells: _Cells, margins: Margins, deviations: FloatArray) -> str:
    names = [f"{column} '{name}'" for column, margin in margins.items() for name in margin]
    worst = int(deviations.argmax())
    possible = cells.frame.select(list(margins)).n_unique()
    everything = int(np.prod([len(margin) for margin in margins.values()]))
    return (
        f"no weights meet the margins: after {_MOST_ROUNDS} rounds {names[worst]} is off by "
        f"{deviations[worst]:.2g} ({everything - possible} of {everything} combinations of "
        f"{', '.join(margins)} have no units; join categories, or give `bounds` to come as near "
        "as can be)"
    )


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
