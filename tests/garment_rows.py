"""Records by hand: each garment is a few lines, so that a test's numbers can be checked by eye."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import polars as pl
from made_runs import made_decision

from trendcolor.analysis.legends import Level
from trendcolor.analysis.near import is_near, mark_near
from trendcolor.analysis.population import Population
from trendcolor.analysis.tally import Question
from trendcolor.color.vocabularies import shipped_vocabulary
from trendcolor.config import ColorConfig
from trendcolor.histograms import GRID_VERSION, stored_histogram, stored_sources
from trendcolor.records import FIELDS
from trendcolor.runs import stored_columns
from trendcolor.runs.manifest import RunPrivacy
from trendcolor.runs.summary import ShardFrames, summary_part

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
    kinds: dict[str, str]
    min_cell: int = 10
    is_free_of_people: bool = False
    grid: str = GRID_VERSION
    vocabulary: str = shipped_vocabulary().fingerprint
    names: dict[str, str] = field(default_factory=dict)
    index_hash: str = "made by hand"
    asked: list[str] = field(default_factory=list)  # what was read of it
    stored: list[ShardFrames] = field(default_factory=list)  # counted when it is first asked for

    @property
    def manifest(self):
        columns = tuple(SimpleNamespace(name=name, kind=kind) for name, kind in self.kinds.items())
        analysis = SimpleNamespace(
            confidence=0.95, min_cell=self.min_cell, names=self.names, change=0.02
        )
        settings = SimpleNamespace(analysis=analysis, color=ColorConfig(), privacy=RunPrivacy())
        return SimpleNamespace(
            header=SimpleNamespace(
                grid=self.grid,
                vocabulary=self.vocabulary,
                index_hash=self.index_hash,
                weights_hash="none",
                settings=settings,
                columns=columns,
                decision=made_decision((), "research"),
            ),
            columns=columns,
            is_free_of_people=self.is_free_of_people,
            settings=settings,
        )

    def records(self):
        self.asked.append("records")
        return self.rows

    def summary(self, part):
        self.asked.append(part)
        if part == "colors":  # are read from records alone
            return summary_part([ShardFrames(self.rows, self.rows, self.rows)], part).lazy()
        columns = stored_columns(self.manifest.columns)
        if not self.stored:
            counted = [of(self.rows, columns) for of in (stored_histogram, stored_sources)]
            frames = [each.lazy() for each in pl.collect_all(counted)]
            self.stored.append(ShardFrames(self.rows, *frames))
        return summary_part(self.stored, part).lazy()

    def photos(self):
        return self.rows.select("photo").unique().sort("photo")


def several(found):
    """Garments from (color, season, source, how many)."""
    return [
        garment(f"p{i}-{j}", color, season=season, source=f"s{source}")
        for i, (color, season, source, n) in enumerate(found)
        for j in range(n)
    ]


def colors_of(rows):
    """The summary's colors of some records."""
    return Population({"run": FakeFolder(rows=rows, kinds={})}).colors()


def near_marks(rows, *targets):
    """Records that know whether their garment is near each target."""
    colors = colors_of(rows)
    return mark_near(rows, colors["_color"].filter(pl.Series(is_near(colors, targets), dtype=bool)))


def tallied(rows, *, run=None, near=(), source=None, **question):
    """What is counted of records; `source` counts a part for each of its values."""
    words = {"colors": question.pop("colors", "family")}
    if "vocabulary" in question:
        words["vocabulary"] = question.pop("vocabulary")
    asked = Question(level=Level(**words), **question)
    whole = Population({"run": FakeFolder(rows=rows if run is None else run, kinds={})})
    folders = {"run": FakeFolder(rows=rows, kinds={})}
    part = Population(folders, targets=tuple(near), _colors={"colors": whole.colors()})
    return part.record_tally(asked, None if source is None else pl.col(source))
