"""Histograms as arrays over L*, a* and b*, for numpy and for whatever plots histograms.

`GridHistogram` is what Scikit-HEP calls a plottable histogram (the protocol of `uhi`), so that
mplhep, hist and others draw it and its projections; boost-histogram takes it over as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trendcolor.errors import QueryError, did_you_mean
from trendcolor.histograms import STEP

if TYPE_CHECKING:  # optional
    import boost_histogram

FloatArray = NDArray[np.float64]

# Bins of the grid along each axis, as `histograms.py` numbers them: b* first, then a*, then L*.
# L* begins at 0; a* and b* lie around it, the bin of 0 being the 33rd.
_SHAPE = (100 // STEP, 64, 64)
_LOWEST = (0.0, -32.5 * STEP, -32.5 * STEP)
NAMES = ("L*", "a*", "b*")


@dataclass(frozen=True, slots=True)
class AxisTraits:
    """What the protocol asks of an axis."""

    circular: bool = False
    discrete: bool = False


@dataclass(frozen=True, slots=True)
class GridAxis:
    """One axis of the color grid: bins of the same width."""

    name: str  # one of NAMES
    lowest: float  # lower edge of the first bin
    size: int  # bins

    @property
    def label(self) -> str:
        """What a plot writes along it."""
        return self.name

    @property
    def traits(self) -> AxisTraits:
        """Neither circular nor discrete."""
        return AxisTraits()

    @property
    def edges(self) -> FloatArray:
        """Of all bins, shape (size + 1,), CIE L*a*b* under D65."""
        return self.lowest + STEP * np.arange(self.size + 1, dtype=np.float64)

    @property
    def centers(self) -> FloatArray:
        """Of all bins, shape (size,)."""
        return self.edges[:-1] + STEP / 2

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> tuple[float, float]:
        """The edges of a bin."""
        place = range(self.size)[index]
        return self.lowest + STEP * place, self.lowest + STEP * (place + 1)

    def __iter__(self) -> Iterator[tuple[float, float]]:
        return (self[index] for index in range(self.size))


@dataclass(frozen=True, slots=True, eq=False)
class GridHistogram:
    """Weights over axes of the color grid."""

    axes: tuple[GridAxis, ...]
    weights: NDArray[Any]  # one dimension an axis; integers stay integers
    is_count: bool  # whether each weight is a number of independent things

    @property
    def kind(self) -> str:
        """Of the protocol: sums, not means."""
        return "COUNT"

    def values(self) -> FloatArray:
        """The weights as floats, as the protocol wants them; exact up to 2^53."""
        return self.weights.astype(np.float64)

    def variances(self) -> FloatArray | None:
        """Those of counts (Poisson's); None where weights are sums of unequal parts."""
        return self.values() if self.is_count else None

    def counts(self) -> FloatArray | None:
        """The counts; None where weights are sums of unequal parts."""
        return self.values() if self.is_count else None

    def project(self, *names: str) -> "GridHistogram":
        """The histogram over some of its axes, summed over the others.

        Args:
            *names: Of `NAMES`, in the order wanted: `"a*", "b*"`.

        Raises:
            QueryError: there is no such axis, or it is named twice, or none is.
        """
        known = [axis.name for axis in self.axes]
        for name in names:
            if name not in known:
                raise QueryError(f"no axis '{name}'{did_you_mean(name, known)}")
        if not names or len({*names}) < len(names):
            raise QueryError(
                f"axes to project on are named once each, got '{', '.join(names)}' "
                f"(some of {', '.join(known)})"
            )
        places = [known.index(name) for name in names]
        others = tuple(place for place in range(len(known)) if place not in places)
        # What is left stands in the old order: bring it into the one that is asked for.
        summed = self.weights.sum(axis=others).transpose(np.argsort(np.argsort(places)))
        return GridHistogram(tuple(self.axes[place] for place in places), summed, self.is_count)

    def to_boost(self) -> "boost_histogram.Histogram[Any]":
        """The same as a `boost_histogram.Histogram`; whole numbers in 64-bit integers.

        Raises:
            QueryError: boost-histogram is not installed.
        """
        try:
            import boost_histogram
        except ImportError as cause:
            raise QueryError(
                "boost-histogram is not installed (pip install boost-histogram)"
            ) from cause
        is_whole = np.issubdtype(self.weights.dtype, np.integer)
        storage = boost_histogram.storage.Int64() if is_whole else boost_histogram.storage.Double()
        axes = []
        for axis in self.axes:
            ends = axis.edges[[0, -1]].tolist()
            regular = boost_histogram.axis.Regular(axis.size, *ends, metadata=axis.name)
            regular.name = regular.label = axis.name
            axes.append(regular)
        made = boost_histogram.Histogram(*axes, storage=storage)
        made.view(flow=False)[...] = self.weights
        return made


def grid_histogram(histogram: pl.DataFrame, *, is_count: bool = False) -> GridHistogram:
    """A histogram as a dense array, 25 by 64 by 64 bins of L*, a* and b*.

    Args:
        histogram: `bin` and `weight`, of one group. A bin may come several times.
        is_count: Whether the weights are numbers of independent things, such as garments by their
            main color, so that plots may draw Poisson's error. Of palettes' weights they are not.

    Raises:
        QueryError: there are other columns, or a bin that the grid does not have.

    Guarantees, each held by tests/test_analysis_grid_histogram.py:
        The total weight is kept exactly, as whole numbers where they are. Each weight lies where
        `bin_to_lab` says.
    """
    others = [name for name in histogram.columns if name not in ("bin", "weight")]
    if others or len(histogram.columns) < 2:
        raise QueryError(
            f"a grid histogram is of the columns bin and weight, got {', '.join(histogram.columns)}"
            " (take one group: filter, then select bin and weight)"
        )
    bins, n_bins = histogram["bin"].to_numpy(), int(np.prod(_SHAPE))
    if len(bins) and not (bins.min() >= 0 and bins.max() < n_bins):
        raise QueryError(f"bins are {bins.min()} to {bins.max()}, the grid has 0 to {n_bins - 1}")
    weight = histogram["weight"].to_numpy()
    weights = np.zeros(n_bins, np.int64 if weight.dtype.kind in "iu" else np.float64)
    np.add.at(weights, bins, weight)
    return GridHistogram(axes=grid_axes(), weights=weights.reshape(_SHAPE), is_count=is_count)


def grid_axes() -> tuple[GridAxis, ...]:
    """The axes of the color grid: L*, a* and b*."""
    parts = zip(NAMES, _LOWEST, _SHAPE, strict=True)
    return tuple(GridAxis(name, lowest, size) for name, lowest, size in parts)
