"""The report as one HTML file that loads nothing: no script, no font, no picture.

Text is in `templates/`; column values, titles and cards come from strangers, so everything is
escaped. Colors stand beside their names and figures, never alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
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
from trendcolor.report.words import Words, open_words
from trendcolor.runs import Manifest

Row = Mapping[str, Any]

# What stands for a family in charts, the same in all reports. Not measured: each is well within
# its family and far from the others.
FAMILY_COLORS: Mapping[str, str] = {
    "black": "#1f1d20",
    "white": "#f6f4ef",
    "gray": "#8f9194",
    "beige": "#d9c6a5",
    "brown": "#75513a",
    "red": "#b8322c",
    "orange": "#d9752b",
    "yellow": "#e6bf3f",
    "green": "#4f7f52",
    "blue": "#3a62a0",
    "purple": "#75549c",
    "pink": "#df94ab",
}
_DARK_INK, _LIGHT_INK = "#141414", "#ffffff"

# Where the ranking's axis may end; the smallest that holds every interval is taken.
_AXES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


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

    words: str  # its heading
    denominator: float | None  # None where all is withheld
    cells: Mapping[str, Row]  # rows of shares by family


def write_page(contents: ReportContents, folder: Path, words: Words | None = None) -> Path:
    """Write the report: `index.html`, and the ranking as `colors.csv` beside it.

    Args:
        contents: What the page shows.
        folder: Made if it is missing. Other files in it stay.
        words: The language of the page; None takes English. `colors.csv` is the same in all.

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
        _write(render_page(contents, words), page)
    except OSError as cause:
        raise RunError(f"{folder}: can't be written ({cause.strerror or cause})") from cause
    return page


def render_page(contents: ReportContents, words: Words | None = None) -> str:
    """The page's HTML, in English where no words are given."""
    words = open_words() if words is None else words
    manifest = contents.manifest
    return (
        _environment(words)
        .get_template("page.html")
        .render(
            contents=contents,
            manifest=manifest,
            header=manifest.header,
            settings=manifest.settings,
            garments=_denominator(contents.families),
            finding=finding(contents.families, words),
            signature_finding=signature_finding(contents.signatures, words),
            certainty=CERTAINTY,
            fewest_sources=FEWEST_SOURCES,
            axis=axis(contents.families),
            guard=guard(manifest),
            units=_units(contents, words),
            groups=groups,
            families=FAMILIES,
            family_colors=FAMILY_COLORS,
            purposes=PURPOSE_MEANINGS,
            dominance=DOMINANCE,
        )
    )


def _environment(words: Words) -> Environment:
    """Templates that escape what they are given and speak a language."""
    environment = Environment(
        loader=PackageLoader("trendcolor", "report/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words.install(environment)
    environment.globals["words"] = words
    environment.filters.update(
        percent=words.percent,
        count=words.count,
        number=words.number,
        interval=lambda row: words.interval(row["low"], row["high"]),
        group=partial(_group, words),
        hex=hex_code,
        ink=ink,
        sentence=sentence,
    )
    return environment


def _group(words: Words, label: str | None, is_garment: bool) -> str:
    """A group's name; values of declared columns stay as their owner wrote them."""
    if label is None:
        return words.text("not declared")
    return words.garment(label) if is_garment else label


def _write(text: str, path: Path) -> None:
    aside = path.with_suffix(".part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def hex_code(row: Row) -> str:
    """The color of a row with `r`, `g`, `b`: `#161418`."""
    return f"#{row['r']:02x}{row['g']:02x}{row['b']:02x}"


def sentence(text: str) -> str:
    """A text as the start of a sentence."""
    return text[:1].upper() + text[1:]


def ink(color: str) -> str:
    """The text color that can be read on a color, such as `"#161418"`: near black or white."""
    by_contrast = {contrast(color, text): text for text in (_DARK_INK, _LIGHT_INK)}
    return by_contrast[max(by_contrast)]


def contrast(color: str, other: str) -> float:
    """The contrast of two colors, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(color), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    encoded = [value / 255 for value in bytes.fromhex(color.removeprefix("#"))]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in encoded
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def axis(shares: pl.DataFrame) -> float:
    """Where a bar chart of shares ends: beyond each interval."""
    highest = shares.select(pl.col("high").max()).item() or 0
    return next(end for end in _AXES if end >= highest)


def finding(families: pl.DataFrame, words: Words) -> str:
    """What the ranking says, in a sentence or two that claim no more than the intervals do."""
    shown = families.filter(pl.col("share") > 0)
    if families.is_empty():
        return words.text("No garment with a readable color was found.")
    if shown.is_empty():
        return words.text("Too few sources: no share of a color family can be shown.")
    first = shown.row(0, named=True)
    lead = _lead(first, words, has_hidden=families["share"].null_count() > 0)
    if shown.height == 1:
        return words.text("{lead}.", lead=lead)
    second = shown.row(1, named=True)
    said = {"lead": lead, "second": words.family(second["family"])}
    said["share"] = words.percent(second["share"])
    if second["high"] < first["low"]:
        return words.text("{lead}; {second} follows with {share}.", **said)
    return words.text(
        "{lead}; {second} follows with {share}. Their intervals overlap, so which of the two "
        "leads is not certain.",
        **said,
    )


def _lead(first: Row, words: Words, *, has_hidden: bool) -> str:
    """The start of a sentence: which family leads, and with how much of how many."""
    said = {
        "family": words.family(first["family"]),
        "share": words.percent(first["share"]),
        "n": words.count(first["denominator"]),
        "interval": words.interval(first["low"], first["high"]),
    }
    if has_hidden:
        return words.text(
            "Of the families that can be shown, {family} is the most frequent main color: {share} "
            "of {n} garments (interval {interval})",
            **said,
        )
    return sentence(
        words.text(
            "{family} is the most frequent main color: {share} of {n} garments "
            "(interval {interval})",
            **said,
        )
    )


def signature_finding(signatures: pl.DataFrame, words: Words) -> str:
    """The signature of the family with most garments, as a sentence; empty where none is told."""
    told = signatures.filter(pl.col("color").is_not_null())
    if told.is_empty():
        return ""
    first = told.row(0, named=True)
    radius = first["radius"]
    plus_minus = "" if radius is None else f" \N{PLUS-MINUS SIGN} {words.decimal(radius, 1)}"
    return words.text(
        "The run's {family} is {color} ({name}), found among {n} garments.",
        family=words.family(first["family"]),
        color=f"{first['color']}{plus_minus}",
        name=words.color(first["name"]),
        n=words.count(first["n"]),
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


def _units(contents: ReportContents, words: Words) -> list[UnitColumn]:
    """The families' shares in each unit, the page's own first."""
    weights = [column.name for column in contents.manifest.columns if column.kind == "weight"]
    headings = {
        "garments": words.text("Share of garments"),
        "looks": words.text("Share of looks"),
        "area": words.text("Share of garment pixels"),
        "weight": words.text("Share of weight ({columns})", columns=", ".join(weights)),
    }
    others = contents.other_units.partition_by("unit", maintain_order=True)
    return [
        UnitColumn(headings[shares["unit"][0]], _denominator(shares), _by_family(shares))
        for shares in (contents.families, *others)
        if not shares.is_empty()
    ]


def _by_family(shares: pl.DataFrame) -> Mapping[str, Row]:
    return {cell["family"]: cell for cell in shares.iter_rows(named=True)}


def _denominator(shares: pl.DataFrame) -> float | None:
    known = shares["denominator"].drop_nulls()
    return None if known.is_empty() else known[0]
