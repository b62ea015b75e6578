"""The report as one HTML file that loads nothing: no script, no font, no picture.

Text is in `templates/`; column values, titles and cards come from strangers, so everything is
escaped. Colors stand beside their names and figures, never alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined

from trendcolor.analysis.disclosure import DOMINANCE
from trendcolor.analysis.modes import CERTAINTY, FEWEST_SOURCES
from trendcolor.cards.card import PURPOSE_MEANINGS
from trendcolor.color.names import FAMILIES
from trendcolor.errors import RunError
from trendcolor.report.contents import Breakdown, ReportContents
from trendcolor.report.families import FAMILY_COLORS, ink
from trendcolor.runs import Manifest

Row = Mapping[str, Any]

_TO = "\N{EN DASH}"

# Where the ranking's axis may end; the smallest that holds every interval is taken.
_AXES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
_UNIT_WORDS = {"garments": "garments", "looks": "looks", "area": "garment pixels"}


@dataclass(frozen=True, slots=True)
class Guard:
    """Whose distinct values protect a public cell."""

    unit: str  # sources, wearers or photos
    column: str  # the declared column; empty for photos


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a breakdown."""

    label: str | None  # None where the photo's value is missing
    denominator: float | None  # None where the whole group is withheld
    cells: Mapping[str, Row]  # rows of shares by family
    hidden: float  # how much of the group is in cells that are withheld, 0..1


@dataclass(frozen=True, slots=True)
class UnitColumn:
    """The families counted in one unit."""

    words: str
    denominator: float | None  # None where all is withheld
    cells: Mapping[str, Row]  # rows of shares by family


def write_page(contents: ReportContents, folder: Path) -> Path:
    """Write the report: `index.html`, and the ranking as `colors.csv` beside it.

    Args:
        contents: What the page shows.
        folder: Made if it is missing. Other files in it stay.

    Returns:
        The page's path.

    Raises:
        RunError: the folder can't be written.

    Guarantees, each held by tests/test_report_page.py:
        The page asks for no other file. What strangers wrote is text on it, never markup. Both
        files are whole or not there.
    """
    page = folder / "index.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(contents.families.write_csv(), folder / "colors.csv")
        _write(render_page(contents), page)
    except OSError as cause:
        raise RunError(f"{folder}: can't be written ({cause.strerror or cause})") from cause
    return page


def render_page(contents: ReportContents) -> str:
    """The page's HTML."""
    environment = Environment(
        loader=PackageLoader("trendcolor", "report/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=percent, count=count, interval=interval, hex=hex_code, ink=ink, sentence=sentence
    )
    manifest = contents.manifest
    return environment.get_template("page.html").render(
        contents=contents,
        manifest=manifest,
        header=manifest.header,
        settings=manifest.settings,
        garments=_denominator(contents.families),
        finding=finding(contents.families),
        signature_finding=signature_finding(contents.signatures),
        certainty=CERTAINTY,
        fewest_sources=FEWEST_SOURCES,
        axis=axis(contents.families),
        guard=guard(manifest),
        units=_units(contents),
        groups=groups,
        families=FAMILIES,
        family_colors=FAMILY_COLORS,
        purposes=PURPOSE_MEANINGS,
        dominance=DOMINANCE,
    )


def _write(text: str, path: Path) -> None:
    aside = path.with_suffix(".part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def percent(share: float) -> str:
    """A share of 0..1 as it is printed: `34.2%`."""
    return f"{share:.1%}"


def count(number: float) -> str:
    """A count as it is printed: `1,203`; sums of weights and pixels are rounded."""
    return f"{number:,.0f}"


def interval(row: Row) -> str:
    """The interval of a row of shares, as it is printed: 31.6 and 37.0% with a dash between."""
    return f"{100 * row['low']:.1f}{_TO}{percent(row['high'])}"


def hex_code(row: Row) -> str:
    """The color of a row with `r`, `g`, `b`: `#161418`."""
    return f"#{row['r']:02x}{row['g']:02x}{row['b']:02x}"


def sentence(text: str) -> str:
    """A text as the start of a sentence."""
    return text[:1].upper() + text[1:]


def axis(shares: pl.DataFrame) -> float:
    """Where a bar chart of shares ends: beyond each interval."""
    highest = shares.select(pl.col("high").max()).item() or 0
    return next(end for end in _AXES if end >= highest)


def finding(families: pl.DataFrame) -> str:
    """What the ranking says, in a sentence or two that claim no more than the intervals do."""
    shown = families.filter(pl.col("share") > 0)
    if families.is_empty():
        return "No garment with a readable color was found."
    if shown.is_empty():
        return "Too few sources: no share of a color family can be shown."
    first = shown.row(0, named=True)
    has_hidden = families["share"].null_count() > 0
    of = "Of the families that can be shown, " if has_hidden else ""
    lead = f"{of}{first['family']} is the most frequent main color: {percent(first['share'])} of "
    lead = sentence(f"{lead}{count(first['denominator'])} garments (interval {interval(first)})")
    if shown.height == 1:
        return f"{lead}."
    second = shown.row(1, named=True)
    follows = f"{second['family']} follows with {percent(second['share'])}"
    if second["high"] < first["low"]:
        return f"{lead}; {follows}."
    return f"{lead}; {follows}. Their intervals overlap, so which of the two leads is not certain."


def signature_finding(signatures: pl.DataFrame) -> str:
    """The signature of the family with most garments, as a sentence; empty where none is told."""
    told = signatures.filter(pl.col("color").is_not_null())
    if told.is_empty():
        return ""
    first = told.row(0, named=True)
    radius = "" if first["radius"] is None else f" \N{PLUS-MINUS SIGN} {first['radius']:.1f}"
    return (
        f"The run's {first['family']} is {first['color']}{radius} ({first['name']}), "
        f"found among {count(first['n'])} garments."
    )


def guard(manifest: Manifest) -> Guard:
    """Whose distinct values the run's public answers count."""
    for kind in ("source", "wearer"):
        for column in manifest.columns:
            if column.kind == kind:
                return Guard(f"{kind}s", column.name)
    return Guard("photos", "")


def groups(breakdown: Breakdown) -> list[Group]:
    """The groups of a breakdown, in its order."""
    found = breakdown.shares.partition_by(breakdown.column, as_dict=True, maintain_order=True)
    return [
        Group(
            label=key[0],
            denominator=_denominator(shares),
            cells=_by_family(shares),
            hidden=max(0.0, 1 - float(shares["share"].sum())),
        )
        for key, shares in found.items()
    ]


def _units(contents: ReportContents) -> list[UnitColumn]:
    """The families' shares in each unit, the page's own first."""
    weights = [column.name for column in contents.manifest.columns if column.kind == "weight"]
    words = {**_UNIT_WORDS, "weight": f"weight ({', '.join(weights)})"}
    others = contents.other_units.partition_by("unit", maintain_order=True)
    return [
        UnitColumn(words[shares["unit"][0]], _denominator(shares), _by_family(shares))
        for shares in (contents.families, *others)
        if not shares.is_empty()
    ]


def _by_family(shares: pl.DataFrame) -> Mapping[str, Row]:
    return {cell["family"]: cell for cell in shares.iter_rows(named=True)}


def _denominator(shares: pl.DataFrame) -> float | None:
    known = shares["denominator"].drop_nulls()
    return None if known.is_empty() else known[0]
