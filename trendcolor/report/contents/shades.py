"""The colors of a report's cards: headline colors and classics, with all that a card tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from trendcolor.analysis.shades import OTHER
from trendcolor.color.names import name_colors
from trendcolor.color.spaces import srgb_to_lab
from trendcolor.report.contents.periods import Periods
from trendcolor.report.contents.queries import PUBLIC, Queries

MOST_CLASSICS = 5
_CANDIDATES = 20  # the most frequent shades, of which the classics are
# The lowest share of a classic over the periods, as a part of its highest.
_STEADY = 0.5
# Where a color is strong: a group whose interval lies above the whole's, by so much at least.
_STRONG, _MOST_STRONG = 1.2, 3
_PATCHES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a color's share changed between the two parts that a report compares."""

    before: float | None  # shares, 0..1; None where withheld
    after: float | None
    change: float | None  # `after` less `before`
    low: float | None  # its interval
    high: float | None
    verdict: str | None  # "up", "down", "no change shown", "not enough data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stronghold:
    """A group that wears a color more than all do."""

    column: str
    label: str
    share: float  # in the group
    times: float  # of the share in all


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorCard:
    """One color, and what is told of it."""

    shade: str  # "#161418", the median of its garments
    name: str  # of the default vocabulary, English
    family: str
    rgb: tuple[int, int, int]  # 8-bit sRGB
    lab: tuple[float, float, float]  # CIE L*a*b*, D65
    share: float  # of garments, by their main color
    low: float
    high: float
    numerator: float
    denominator: float
    change: Change | None  # None where nothing is compared
    strong: tuple[Stronghold, ...]  # the strongest first
    strip: tuple[str, ...]  # real colors of its garments, "#rrggbb", dark to light
    solid: float | None  # the share of solid garments among its; None where withheld
    is_classic: bool
    # Its share in each period as rows of shares, in the periods' order; empty without periods.
    by_period: tuple[Mapping[str, float | None], ...]

    @property
    def code(self) -> str:
        """What swatch files and line plans call it: `TC-161418`."""
        return f"TC-{self.shade[1:].upper()}"

    @property
    def pattern(self) -> str:
        """How its garments mostly are: "solid", "pattern", or "mixed"; "" where withheld."""
        if self.solid is None:
            return ""
        return "solid" if self.solid >= 0.75 else "pattern" if self.solid <= 0.25 else "mixed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShadeTables:
    """Public shares of shades: of the whole, by groups, by periods; and what changed."""

    whole: pl.DataFrame
    by: Mapping[str, pl.DataFrame]  # by column
    changes: pl.DataFrame | None  # as of `Run.compare`


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cards:
    """The cards of a report."""

    headline: tuple[ColorCard, ...]
    classics: tuple[ColorCard, ...]
    n_shades: int  # shades that garments have, as far as they may be told
    n_withheld: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What cards are made of, beside their shades' own rows."""

    tables: ShadeTables
    found: Periods | None
    strips: Mapping[str, tuple[str, ...]]
    solid: Mapping[str, float | None]
    steady: frozenset[str]


def cards(run: Queries, tables: ShadeTables, found: Periods | None, *, most: int) -> Cards:
    """The most frequent shades, and those that are as frequent in each period.

    Args:
        run: The part of the run that the report is about.
        tables: Its shades.
        found: Its periods.
        most: Headline colors at most.
    """
    told = tables.whole.filter(pl.col("share") > 0, pl.col("shade") != OTHER)
    headline = told.head(most)["shade"].to_list()
    steady = [] if found is None else _classics(told, tables.by[found.column], found)
    wanted = list(dict.fromkeys((*headline, *steady)))
    strips = _strips(run, wanted)
    known = _Known(tables, found, strips, _solid(run, wanted), frozenset(steady))
    rows = {row["shade"]: row for row in told.iter_rows(named=True)}
    built = {shade: _card(rows[shade], known) for shade in wanted}
    return Cards(
        headline=tuple(built[shade] for shade in headline),
        classics=tuple(built[shade] for shade in steady),
        n_shades=told.height,
        n_withheld=tables.whole["share"].null_count(),
    )


def _classics(told: pl.DataFrame, by_period: pl.DataFrame, found: Periods) -> list[str]:
    """Shades of about the same share in each period, those of the highest lowest share first.

    A shade is steady where its share is told in each period, its lowest is at least half of its
    highest, and one share lies in the intervals of all periods.
    """
    frequent = told.head(_CANDIDATES)["shade"].to_list()
    rows = by_period.filter(
        pl.col("shade").is_in(frequent), pl.col(found.column).is_in(list(found.values))
    )
    steady = (
        rows.group_by("shade")
        .agg(
            n=pl.col("share").is_not_null().sum(),
            least=pl.col("share").min(),
            most=pl.col("share").max(),
            low=pl.col("low").max(),
            high=pl.col("high").min(),
        )
        .filter(
            pl.col("n") == len(found.values),
            pl.col("least") > 0,
            pl.col("least") >= _STEADY * pl.col("most"),
            pl.col("low") <= pl.col("high"),
        )
        .sort("least", "shade", descending=[True, False])
    )
    return steady["shade"].head(MOST_CLASSICS).to_list()


def _card(row: Mapping[str, Any], known: _Known) -> ColorCard:
    shade, found = str(row["shade"]), known.found
    red, green, blue = bytes.fromhex(shade[1:])
    rgb8 = np.array([[red, green, blue]], np.uint8)
    named, lab = name_colors(rgb8), srgb_to_lab(rgb8).astype(np.float64)[0]
    by_period = () if found is None else _by_period(shade, known.tables.by[found.column], found)
    return ColorCard(
        **{name: row[name] for name in ("share", "low", "high", "numerator", "denominator")},
        shade=shade,
        name=str(named.name[0]),
        family=str(named.family[0]),
        rgb=(red, green, blue),
        lab=(float(lab[0]), float(lab[1]), float(lab[2])),
        change=_change(shade, known.tables.changes),
        strong=_strongholds(row, known.tables, found),
        strip=known.strips.get(shade, ()),
        solid=known.solid.get(shade),
        is_classic=shade in known.steady,
        by_period=by_period,
    )


def _change(shade: str, changes: pl.DataFrame | None) -> Change | None:
    if changes is None:
        return None
    rows = changes.filter(pl.col("shade") == shade)
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    return Change(
        before=row["share_a"],
        after=row["share_b"],
        change=row["change"],
        low=row["low"],
        high=row["high"],
        verdict=row["verdict"],
    )


def _strongholds(
    row: Mapping[str, Any], tables: ShadeTables, found: Periods | None
) -> tuple[Stronghold, ...]:
    """Groups, but for periods, whose share is above that of all, beyond both intervals."""
    shown = []
    for column, table in tables.by.items():
        if found is not None and column == found.column:
            continue
        rows = table.filter(
            pl.col("shade") == row["shade"],
            pl.col(column).is_not_null(),
            pl.col("low") > pl.lit(row["high"]),
            pl.col("share") >= _STRONG * pl.lit(row["share"]),
        )
        for each in rows.iter_rows(named=True):
            times = each["share"] / row["share"]
            shown.append(
                Stronghold(column=column, label=str(each[column]), share=each["share"], times=times)
            )
    return tuple(sorted(shown, key=lambda each: -each.times)[:_MOST_STRONG])


def _by_period(
    shade: str, table: pl.DataFrame, found: Periods
) -> tuple[Mapping[str, float | None], ...]:
    rows = {
        row[found.column]: row
        for row in table.filter(pl.col("shade") == shade).iter_rows(named=True)
    }
    empty: Mapping[str, float | None] = {"share": None, "low": None, "high": None}
    told = [rows.get(value, empty) for value in found.values]
    return tuple({name: row[name] for name in empty} for row in told)


def _strips(run: Queries, wanted: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    found = run.strips(wanted, n_patches=_PATCHES, disclosure=PUBLIC)
    hexes = found.with_columns(
        hex=pl.concat_str(
            pl.lit("#"), *(pl.col(c).map_elements("{:02x}".format, pl.String) for c in "rgb")
        )
    )
    groups = hexes.group_by("shade").agg(pl.col("hex").sort_by("patch"))
    return {shade: tuple(patches) for shade, patches in groups.iter_rows()}


def _solid(run: Queries, wanted: Sequence[str]) -> Mapping[str, float | None]:
    if not wanted:
        return {}
    table = run.patterns("shade", disclosure=PUBLIC)
    rows = table.filter(pl.col("pattern") == "solid", pl.col("shade").is_in(list(wanted)))
    return dict(rows.select("shade", "share").iter_rows())
