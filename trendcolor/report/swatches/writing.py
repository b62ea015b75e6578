"""All files of swatches at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from trendcolor.errors import RunError
from trendcolor.report.swatches.aco import aco_bytes
from trendcolor.report.swatches.ase import ase_bytes
from trendcolor.report.swatches.card import lay_out
from trendcolor.report.swatches.css import css_text
from trendcolor.report.swatches.gpl import gpl_text
from trendcolor.report.swatches.png import png_bytes
from trendcolor.report.swatches.svg import svg_text
from trendcolor.report.swatches.swatch import PlmSwatch, one_line, tidy
from trendcolor.report.swatches.table import csv_bytes
from trendcolor.report.swatches.tokens import tokens_text
from trendcolor.report.swatches.wording import PlainEnglish, Wording
from trendcolor.report.swatches.workbook import xlsx_bytes


def write_swatches(
    swatches: Sequence[PlmSwatch],
    folder: Path,
    words: Wording | None,
    *,
    title: str,
    font: Path | None = None,
) -> list[Path]:
    """Write the colors for each program: `colors.ase`, `.aco`, `.gpl` and so on.

    Args:
        swatches: In the order to show them within their groups. Without any, the files are there
            and say that there is no color.
        folder: Made if it is missing. Other files in it stay.
        words: The report's language; None is English.
        title: What the colors are of, such as the report's title.
        font: A TrueType or OpenType file for the picture `colors.png`, which needs it for Chinese;
            None takes the letters that Pillow brings.

    Returns:
        The files, in the order of docs/swatches.md.

    Raises:
        RunError: the folder can't be written, or the font can't be read.

    Guarantees, each held by tests/test_report_swatches_writing.py:
        Each file is whole or not there. The same swatches give the same bytes.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [
            _write(content, folder / name)
            for name, content in _contents(tidy(swatches), words, title, font).items()
        ]
    except OSError as cause:
        raise RunError(f"{folder}: can't be written ({cause.strerror or cause})") from cause


def drawn_cards(
    swatches: Sequence[PlmSwatch],
    words: Wording | None,
    *,
    title: str,
    font: Path | None = None,
) -> Mapping[str, bytes]:
    """The palette card as `write_swatches` draws it: `colors.png` and `colors.svg`.

    Raises:
        RunError: the font can't be read.
    """
    tidied, wording = tidy(swatches), words or PlainEnglish()
    heading = one_line(title) or wording.text("Colors")
    return {
        "colors.png": png_bytes(tidied, wording, heading, font),
        "colors.svg": svg_text(lay_out(tidied, wording, heading)).encode(),
    }


def _contents(
    swatches: Sequence[PlmSwatch], words: Wording | None, title: str, font: Path | None
) -> Mapping[str, bytes]:
    wording = words or PlainEnglish()
    heading = one_line(title) or wording.text("Colors")
    texts = {
        "colors.gpl": gpl_text(swatches, wording, heading),
        "colors.css": css_text(swatches, wording, heading),
        "colors.tokens.json": tokens_text(swatches, wording, heading),
    }
    return {
        "colors.ase": ase_bytes(swatches, wording),
        "colors.aco": aco_bytes(swatches, wording),
        **{name: text.encode() for name, text in texts.items()},
        "colors.csv": csv_bytes(swatches),
        "colors.xlsx": xlsx_bytes(swatches, wording, heading),
        **drawn_cards(swatches, words, title=title, font=font),
    }


def _write(content: bytes, path: Path) -> Path:
    aside = path.with_name(f"{path.name}.part")
    try:
        aside.write_bytes(content)
        return aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
