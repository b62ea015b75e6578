"""The audit sheet: one HTML file for a person to mark, and the same items as CSV.

The page loads nothing and sends nothing: answers stay in the browser until the person saves them
as a file. Photo ids come from strangers, so everything is escaped. Pictures are label maps; they
hold photo pixels only where every card allows it, which `audit_pictures.py` is told.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined

from trendcolor.analysis.audit_sample import AuditSample
from trendcolor.color.names import FAMILIES
from trendcolor.corrections import VERDICTS
from trendcolor.errors import RunError
from trendcolor.images.label_pictures import PALE_COLORS
from trendcolor.report.audit_pictures import AuditPicture, Marked
from trendcolor.report.families import FAMILY_COLORS
from trendcolor.runs import Header
from trendcolor.taxonomy import GARMENTS

_WEIGHTS = 255  # what a palette's weights sum to
_LETTERS = "abcdefghijkl"  # keys of the twelve families and ten garments


@dataclass(frozen=True, slots=True)
class Swatch:
    """One color of a palette."""

    color: str  # "#161418"
    name: str
    family: str
    share: float  # of the garment, 0..1


@dataclass(frozen=True, slots=True)
class AuditItem:
    """One garment to judge."""

    photo: str
    wearer: int
    garment: str
    family: str
    palette: tuple[Swatch, ...]  # the main color first
    picture: AuditPicture | None  # None where the data set was not opened


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AuditContents:
    """What the page shows."""

    header: Header
    sample: AuditSample
    by_family: bool
    pictures: Mapping[int, AuditPicture] | None  # by item; None: the data set was not opened
    notices: Sequence[str] = ()  # sentences to stand on top


@dataclass(frozen=True, slots=True)
class AuditSheet:
    """The two files of a sheet."""

    page: Path
    table: Path


def marked_garments(sample: AuditSample) -> list[Marked]:
    """The items as `Studio.draw` takes them."""
    return [
        Marked(photo, wearer, garment, _rgb(color))
        for photo, wearer, garment, color in sample.items.select(
            "photo", "wearer", "garment", "color"
        ).iter_rows()
    ]


def write_audit(contents: AuditContents, folder: Path) -> AuditSheet:
    """Write `audit.html`, and its items as `audit.csv` with the answers still empty.

    Args:
        contents: What the page shows.
        folder: Made if it is missing. Other files in it stay.

    Raises:
        RunError: the folder can't be written.
    """
    sheet = AuditSheet(folder / "audit.html", folder / "audit.csv")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(contents.sample.items.write_csv(), sheet.table)
        _write(render_audit(contents), sheet.page)
    except OSError as cause:
        raise RunError(f"{folder}: can't be written ({cause.strerror or cause})") from cause
    return sheet


def render_audit(contents: AuditContents) -> str:
    """The page's HTML.

    Guarantees, each held by tests/test_report_audit.py:
        The page asks for no other file and can't: its content policy forbids it. What strangers
        wrote is text on it, never markup.
    """
    loader = PackageLoader("trendcolor", "report/templates/audit")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # By its hash the content policy lets this script run, and none that a stranger wrote.
    script = "\n".join(loader.get_source(environment, "audit.js")[0].splitlines())
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    return environment.get_template("audit.html").render(
        contents=contents,
        items=_items(contents),
        sheet=_sheet(contents.sample.items, contents.header),
        script=script,
        script_hash=f"sha256-{digest}",
        families=dict(zip(_LETTERS, FAMILIES, strict=False)),
        garments=dict(zip(_LETTERS, GARMENTS, strict=False)),
        verdicts=VERDICTS,
        family_colors=FAMILY_COLORS,
        class_colors=PALE_COLORS,
    )


def _sheet(items: pl.DataFrame, header: Header) -> Mapping[str, object]:
    """What the script works on: the table's cells as text, and a name to keep answers under."""
    content = items.write_csv() + header.settings_hash
    return {
        "key": f"trendcolor-audit-{hashlib.sha256(content.encode()).hexdigest()[:16]}",
        "columns": items.columns,
        "rows": items.select(pl.all().cast(pl.String).fill_null("")).rows(),
    }


def _items(contents: AuditContents) -> list[AuditItem]:
    sample = contents.sample
    palettes: dict[tuple[str, int, str], list[Swatch]] = {}
    for row in sample.colors.iter_rows(named=True):
        key = (row["photo"], row["wearer"], row["garment"])
        swatch = Swatch(row["color"], row["name"], row["family"], row["weight"] / _WEIGHTS)
        palettes.setdefault(key, []).append(swatch)
    return [
        AuditItem(
            photo=row["photo"],
            wearer=row["wearer"],
            garment=row["garment"],
            family=row["family"],
            palette=tuple(palettes[row["photo"], row["wearer"], row["garment"]]),
            picture=None if contents.pictures is None else contents.pictures[number],
        )
        for number, row in enumerate(sample.items.iter_rows(named=True))
    ]


def _rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


def _write(text: str, path: Path) -> None:
    aside = path.with_suffix(".part")
    aside.write_text(text, encoding="utf-8", newline="\n")
    aside.replace(path)
