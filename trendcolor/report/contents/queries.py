"""What a report asks of a run."""

from collections.abc import Sequence
from typing import Any, Protocol, Self

import polars as pl

from trendcolor.analysis.filters import Wanted
from trendcolor.analysis.legends import Level
from trendcolor.runs import RunColumn, RunFolder

PUBLIC = "public"  # what leaves the house: every answer of a report


class Declaring(Protocol):
    """What a population knows of its columns."""

    @property
    def declared(self) -> tuple[RunColumn, ...]:
        """The declared columns."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Columns that answers may be grouped by."""


class Queries(Protocol):
    """A run, or several as one, that can be asked: `trendcolor.api.queries.Run`."""

    @property
    def folder(self) -> RunFolder:
        """The run folder, where it is one."""

    @property
    def population(self) -> Any:  # noqa: ANN401 # a `Declaring`, whose class is the analysis' own
        """What is counted."""

    def where(self, wanted: Wanted | None = None, /) -> Self:
        """A part of the run."""

    def garments(self, *names: str) -> Self:
        """The part that is of these garments."""

    def shares(
        self,
        by: str | Sequence[str] | None = None,
        *,
        colors: str | Level = "family",
        unit: str = "garments",
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """The share of each color in each group."""

    def signatures(
        self,
        by: str | Sequence[str] | None = None,
        *,
        family: str | Sequence[str] = (),
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """The signature color of each group."""

    def patterns(
        self, by: str | Sequence[str] | None = None, *, disclosure: str = "raw"
    ) -> pl.DataFrame:
        """The share of each pattern in each group."""

    def strips(
        self, shades: Sequence[str], *, n_patches: int = 24, disclosure: str = "raw"
    ) -> pl.DataFrame:
        """The real colors of the garments of each shade."""

    def combinations(
        self, by: str | Sequence[str] | None = None, *, disclosure: str = "raw"
    ) -> pl.DataFrame:
        """Which colors meet in one look."""

    def compare(
        self,
        a: Wanted,
        b: Wanted,
        *,
        colors: str | Level = "family",
        overall: bool = True,
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """What changes from one part to another."""

    def error_budget(self, *, disclosure: str = "raw") -> pl.DataFrame:
        """How far each family's share may be off."""

    def records(self) -> pl.LazyFrame:
        """The rows of `records.py`."""

    def photos(self) -> pl.DataFrame:
        """All photos."""
