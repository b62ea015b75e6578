"""The list of what a report drew, and of the numbers that it drew it from: `drawn.json`.

A report holds no photo. What pictures it does hold are drawn from figures, so anybody can draw
them again from this list and see that they are the same.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import msgspec
from PIL import Image

from trendcolor.errors import RunError
from trendcolor.faceless.pictures import FoundPicture, pictures_under, pixel_hash
from trendcolor.report.brand import Brand
from trendcolor.report.drawings import Drawing
from trendcolor.report.swatches import PlmSwatch, drawn_cards
from trendcolor.report.typefaces import FOLDER as FONTS
from trendcolor.report.words import Words, open_words

FILE = "drawn.json"
# Of the palette card's picture: it has Latin and Chinese.
CARD_FONT = FONTS / "NotoSansSC-Regular.ttf"
_CARDS = "swatches"
_CHARTS = {
    "evolution": "shares of families by period",
    "changes": "changes of families, with their intervals",
    "combinations": "lifts of pairs of families in one look",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPicture:
    """One picture of a report."""

    name: str  # its file, or its name within one
    file: str  # the file that it is in
    kind: str  # palette card, chart or logo
    drawn_from: str  # what numbers
    sha256: str  # of its bytes; of a chart, of its SVG before it is set on paper
    pixels: str = ""  # SHA-256 of its size and RGBA pixels; empty where it is lines and text


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """`drawn.json`."""

    pictures: tuple[DrawnPicture, ...]
    title: str  # of the palette card
    lang: str
    swatches: tuple[PlmSwatch, ...]  # the numbers of the palette card


def write_drawn(
    swatches: Sequence[PlmSwatch],
    charts: Mapping[str, Drawing],
    folder: Path,
    words: Words,
    *,
    title: str,
    brand: Brand | None = None,
) -> Path:
    """Write the list of what a report drew.

    Args:
        swatches: Of the palette card.
        charts: Of the PDF; none where there is no PDF.
        folder: The report's, where the palette card is drawn already.
        words: The report's language.
        title: Of the palette card.
        brand: Its logo is listed too, which is the house's own picture and drawn from no number.

    Raises:
        RunError: the folder can't be written.
    """
    pictures = [_card(folder, name) for name in ("colors.png", "colors.svg")]
    pictures += [_chart(name, drawing) for name, drawing in charts.items()]
    if brand is not None and brand.picture is not None:
        pictures.append(_logo(brand.picture.path.name, brand.picture.content))
    drawn = Drawn(
        pictures=tuple(pictures),
        title=title,
        lang=words.lang,
        swatches=tuple(_plain(swatch) for swatch in swatches),
    )
    path = folder / FILE
    try:
        aside = path.with_suffix(".part")
        aside.write_bytes(msgspec.json.format(msgspec.json.encode(drawn), indent=1) + b"\n")
        aside.replace(path)
    except OSError as cause:
        raise RunError(f"{folder}: can't be written ({cause.strerror or cause})") from cause
    return path


def read_drawn(folder: Path) -> Drawn:
    """The list of a report.

    Raises:
        RunError: it is missing or damaged.
    """
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Drawn)
    except (OSError, msgspec.DecodeError) as cause:
        raise RunError(f"{path}: no readable list of what was drawn ({cause})") from cause


def redrawn(drawn: Drawn) -> Mapping[str, bytes]:
    """The palette cards as they are drawn from the list's numbers, by name.

    Guarantees, each held by tests/test_report_drawn.py:
        The bytes of the report's own files.
    """
    return drawn_cards(drawn.swatches, open_words(drawn.lang), title=drawn.title, font=CARD_FONT)


def unexplained_pictures(folder: Path) -> list[FoundPicture]:
    """Pictures in a report that are neither drawn from its numbers nor its brand's logo.

    The palette card is drawn anew from the numbers of the list: that it stands in the list doesn't
    make it a drawing.

    Args:
        folder: The report's.

    Raises:
        RunError: the list is missing or damaged.
    """
    drawn = read_drawn(folder)
    known = {each.pixels for each in drawn.pictures if each.kind == "logo"}
    card = redrawn(drawn)["colors.png"]
    known.add(_pixels(card))
    return [found for found in pictures_under(folder) if found.pixels not in known]


def _card(folder: Path, name: str) -> DrawnPicture:
    content = (folder / _CARDS / name).read_bytes()
    return DrawnPicture(
        name=name,
        file=f"{_CARDS}/{name}",
        kind="palette card",
        drawn_from="title, lang and swatches of this list",
        sha256=hashlib.sha256(content).hexdigest(),
        pixels=_pixels(content) if name.endswith(".png") else "",
    )


def _chart(name: str, drawing: Drawing) -> DrawnPicture:
    return DrawnPicture(
        name=name,
        file="report.pdf",
        kind="chart",
        drawn_from=_CHARTS[name],
        sha256=hashlib.sha256(drawing.svg.encode()).hexdigest(),
    )


def _logo(name: str, content: bytes) -> DrawnPicture:
    is_png = content.startswith(b"\x89PNG")
    return DrawnPicture(
        name=name,
        file="index.html, changes.html, report.pdf",
        kind="logo",
        drawn_from="no number: it is the picture that the brand file names",
        sha256=hashlib.sha256(content).hexdigest(),
        pixels=_pixels(content) if is_png else "",
    )


def _pixels(png: bytes) -> str:
    return pixel_hash(Image.open(BytesIO(png), formats=["PNG"]))


def _plain(swatch: PlmSwatch) -> PlmSwatch:
    """A swatch in numbers that any reader of JSON knows."""
    plain = {name: getattr(swatch, name) for name in PlmSwatch.__dataclass_fields__}
    plain["rgb"] = tuple(int(value) for value in swatch.rgb)
    for name in ("share", "low", "high"):
        plain[name] = None if plain[name] is None else float(plain[name])
    plain["lab"] = tuple(float(value) for value in swatch.lab)
    return PlmSwatch(**plain)
