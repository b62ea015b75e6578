"""The folder that a designer opens: the page, the PDF, swatch files, tables, whom to name."""

from dataclasses import dataclass
from pathlib import Path

from trendcolor.report.attribution import write_attribution
from trendcolor.report.brand import Brand
from trendcolor.report.contents import ColorCard, ReportContents
from trendcolor.report.document import FILE as PDF
from trendcolor.report.document import Paper, write_document
from trendcolor.report.drawings import document_charts
from trendcolor.report.drawn import CARD_FONT, write_drawn
from trendcolor.report.page import write_page
from trendcolor.report.swatches import PlmSwatch, write_swatches
from trendcolor.report.words import Words, open_words

SWATCHES = "swatches"  # the folder of swatch files


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a report looks."""

    words: Words  # its language
    brand: Brand | None = None  # None: the report's own looks
    paper: Paper = "a4"  # of the PDF
    pdf: bool = True  # whether there is one


def write_report(contents: ReportContents, folder: Path, look: Look) -> Path:
    """Write everything that a report is.

    Args:
        contents: What it shows.
        folder: Made if it is missing. Other files in it stay, but for the PDF and the page of
            changes of a report before, where this one has none.
        look: How it looks.

    Returns:
        The page, `index.html`.

    Raises:
        RunError: the folder can't be written.
        ConfigError: the brand's logo or a font of it can't be used.

    Guarantees, each held by tests/test_report_folder.py:
        The page is written last: where it is there, so is all that it links to.
    """
    words, cards = look.words, swatches(contents)
    files = [
        write_attribution(contents, folder, words),
        *write_swatches(cards, folder / SWATCHES, words, title=contents.title, font=CARD_FONT),
    ]
    charts = document_charts(contents, words) if look.pdf else {}
    if look.pdf:
        document = write_document(
            contents, charts, words, folder, paper=look.paper, brand=look.brand
        )
        files = [document, *files]
    else:
        (folder / PDF).unlink(missing_ok=True)
    list_of_drawn = write_drawn(
        cards, charts, folder, words, title=contents.title, brand=look.brand
    )
    files = [*files, list_of_drawn]
    return write_page(contents, folder, words, brand=look.brand, files=files)


def swatches(contents: ReportContents) -> list[PlmSwatch]:
    """The headline colors and classics as swatches."""
    values = () if contents.periods is None else contents.periods.values
    # Shares are of all periods together.
    season = f"{values[0]}\N{EN DASH}{values[-1]}" if values else ""
    groups = {"headline": contents.cards.headline, "classics": contents.cards.classics}
    return [_swatch(card, group, season) for group, cards in groups.items() for card in cards]


def _swatch(card: ColorCard, group: str, season: str) -> PlmSwatch:
    return PlmSwatch(
        code=card.code,
        group=group,
        name=card.name,
        name_zh=open_words("zh-CN").color(card.name),
        family=card.family,
        rgb=card.rgb,
        lab=card.lab,
        share=card.share,
        low=card.low,
        high=card.high,
        pattern=card.pattern,
        season=season,
    )
