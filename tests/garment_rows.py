"""Records by hand: each garment is a few lines, so that a test's numbers can be checked by eye."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import polars as pl

from trendcolor.histograms import GRID_VERSION
from trendcolor.records import FIELDS

BLACK, WHITE, GRAY = (0, 0, 0), (255, 255, 255), (128, 128, 128)
RED, BLUE, GREEN = (229, 0, 0), (3, 67, 223), (21, 176, 26)


def garment(photo, *palette, garment="top", wearer=0, pixels=1000, **declared):
    """The rows of one garment. `palette` is one color, or pairs of a color and its weight."""
    pairs = [(palette[0], 255)] if len(palette) == 1 else palette
    assert sum(weight for _, weight in pairs) == 255
    return [
        {
            **{"photo": photo, "wearer": wearer, "garment": garment, "rank": rank},
            **dict(zip("rgb", color, strict=True)),
            **{"weight": weight, "pixels": pixels},
            **declared,
        }
        for rank, (color, weight) in enumerate(pairs)
    ]


def records(*garments, columns=("season", "region", "source"), numbers=()):
    """Garments as records with declared columns; a column that a garment lacks is null."""
    schema = dict(FIELDS) | dict.fromkeys(columns, pl.String) | dict.fromkeys(numbers, pl.Float64)
    rows = [{name: row.get(name) for name in schema} for each in garments for row in each]
    return pl.LazyFrame(rows, schema=schema)


@dataclass
class FakeFolder:
    """What `trendcolor.runs.RunFolder` offers to queries, in memory."""

    rows: pl.LazyFrame
    stored: pl.LazyFrame
    kinds: dict[str, str]
    min_cell: int = 10
    is_free_of_people: bool = False
    grid: str = GRID_VERSION
    names: dict[str, str] = field(default_factory=dict)

    @property
    def manifest(self):
        columns = tuple(SimpleNamespace(name=name, kind=kind) for name, kind in self.kinds.items())
        analysis = SimpleNamespace(confidence=0.95, min_cell=self.min_cell, names=self.names)
        return SimpleNamespace(
            header=SimpleNamespace(grid=self.grid),
            columns=columns,
            is_free_of_people=self.is_free_of_people,
            settings=SimpleNamespace(analysis=analysis),
        )

    def records(self):
        return self.rows

    def histogram(self):
        return self.stored

    def photos(self):
        return self.rows.select("photo").unique().sort("photo")


def several(found):
    """Garments from (color, season, source, how many)."""
    return [
        garment(f"p{i}-{j}", color, season=season, source=f"s{source}")
        for i, (color, season, source, n) in enumerate(found)
        for j in range(n)
    ]
