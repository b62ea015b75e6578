"""A table of figures as text: Markdown cells and those of the page are one."""

import math
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Figures with what a reader must know of them."""

    title: str
    note: str  # what the figures mean
    figures: pl.DataFrame
    decimals: int = 4

    @property
    def header(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(self.figures.columns)

    @property
    def is_text(self) -> tuple[bool, ...]:
        """Which columns hold words; the others hold figures."""
        return tuple(kind == pl.String for kind in self.figures.dtypes)

    @property
    def rows(self) -> list[list[str]]:
        """The cells as they are printed; `-` where a figure is not defined."""
        return [[self._cell(value) for value in row] for row in self.figures.rows()]

    def _cell(self, value: object) -> str:
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return "-"
        return f"{value:.{self.decimals}f}" if isinstance(value, float) else str(value)

    def markdown(self) -> str:
        """The title, the note and the table."""
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"## {self.title}\n\n{self.note}\n\n{table}"
