"""The folder that a designer opens: the page, swatch files, tables."""

from pathlib import Path

from trendcolor.report.contents import ColorCard, ReportContents
from trendcolor.report.page import write_page
from trendcolor.report.swatches import PlmSwatch, write_swatches
from trendcolor.report.words import Words, open_words

SWATCHES = "swatches"  # the folder of swatch files


def write_report(contents: ReportContents, folder: Path, words: Words) -> Path:
    """Write everything that a report is.

    Args:
        contents: What it shows.
        folder: Made if it is missing. Other files in it stay.
        words: Its language.

    Returns:
        The page, `index.html`.

    Raises:
        RunError: the folder can't be written.

    Guarantees, each held by tests/test_report_folder.py:
        The page is written last: where it is there, so is all that it links to.
    """
    files = write_swatches(swatches(contents), folder / SWATCHES, words, title=contents.title)
    return write_page(contents, folder, words, files=files)


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
