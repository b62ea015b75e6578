"""The commands. Each reads arguments, calls one function and prints; no logic.

Output for machines goes to stdout, talk to stderr. Exit 0 when done, 1 for an error that is raised
on purpose, 2 for wrong usage, 130 after Ctrl-C, 141 where the reader of stdout has gone.
"""

import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from trendcolor import __version__
from trendcolor.errors import TrendColorError, UsageError

app = App(
    name="trendcolor",
    help="Measures, from photos that may lawfully be used, which colors people wear.",
    version=__version__,
    result_action="return_value",
    suppress_keyboard_interrupt=False,  # `main` answers Ctrl-C, with a word
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Our own errors become one line and exit code 1, bugs keep their trace."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    try:
        app(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except UsageError as error:
        print(f"trendcolor: {error}", file=sys.stderr)
        return 2
    except TrendColorError as error:
        print(f"trendcolor: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        print("trendcolor: stopped; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def _listed(text: str) -> list[str]:
    """The parts of a text with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def run_from_shell() -> None:
    """The `trendcolor` program."""
    sys.exit(main())


@app.command
def analyze(
    *photos: str,
    masks_in: Path | None = None,
    masks_out: Path | None = None,
    correct: Annotated[bool, Parameter(negative="--no-correct")] = True,
    white_point: str | None = None,
    gray_card: str | None = None,
    color_checker: str | None = None,
) -> None:
    """Print the garments and colors of each photo, one JSON object a line; nothing is stored.

    Args:
        photos: Image files.
        masks_in: Folder of label maps to use in place of the segmenter's, STEM.png for STEM.jpg.
        masks_out: Folder to write the label maps to.
        correct: Correct a color cast where there is evidence for it.
        white_point: The light that the camera left in the photos, CIE 1931: X,Y.
        gray_card: Where a gray card lies, fractions of the photo, and its reflectance if it is not
            0.18: LEFT,TOP,RIGHT,BOTTOM,REFLECTANCE.
        color_checker: "find", or where a ColorChecker lies: LEFT,TOP,RIGHT,BOTTOM.
    """
    from trendcolor.api.photos import AnalyzeOptions, analyze_photos, reference_of

    reference = reference_of(
        white_point=white_point, gray_card=gray_card, color_checker=color_checker
    )
    options = AnalyzeOptions(
        masks_in=masks_in, masks_out=masks_out, correct=correct, reference=reference
    )
    for answer in analyze_photos(photos, options):
        print(json.dumps(answer), flush=True)


@app.command
def name(*colors: str, vocabulary: str = "default", limit: float | None = None) -> None:
    """Print what colors are called, one JSON object a line.

    Args:
        colors: sRGB, "#161418" or 22,20,24.
        vocabulary: Whose names: default, xkcd, css, iscc-nbs, or an .ase or .csv file.
        limit: CIEDE2000 above which a color has no name; 2 for a file unless you say otherwise,
            none for the others.
    """
    from trendcolor.api.naming import name_answers

    escapes = "utf" not in (sys.stdout.encoding or "").lower()  # of Chinese, where it must be
    for answer in name_answers(colors, vocabulary=vocabulary, limit=limit):
        print(json.dumps(answer, ensure_ascii=escapes))


@app.command
def check(card: Path, /, *, purpose: str | None = None) -> None:
    """Explain what a data card allows.

    Args:
        card: A TOML file; docs/cards.md explains the format.
        purpose: Only answer for this purpose, with exit code 1 where the card refuses it.
    """
    from trendcolor.api.text import card_text

    print(card_text(card, purpose))


@app.command
def init(photos: Path, /, *, out: Path | None = None) -> None:
    """Write a starter card and config for a folder or table of photos, with questions to answer.

    Args:
        photos: A folder of pictures, or a CSV or Parquet table that names them.
        out: Folder to write to; by default the current one.
    """
    from trendcolor.cards import write_starter

    files = write_starter(photos, out)
    print(files.card)
    print(files.config)
    print("answer the questions in both files, then: trendcolor run", files.config, file=sys.stderr)


@app.command
def run(config: Path, /, *, out: Path | None = None, fresh: bool = False) -> None:
    """Analyze the data sets of a config into a run folder, whose path is printed.

    A run that was broken off goes on where it ended.

    Args:
        config: A TOML file; configs/default.toml explains each setting.
        out: The run folder; by default runs/CONFIG-HASH, with a hash of the settings.
        fresh: Replace a run of other settings in that folder.
    """
    from trendcolor.api.jobs import run as run_config

    print(run_config(config, out=out, fresh=fresh).folder)


@app.command
def report(run: Path, /, *, out: Path | None = None) -> None:
    """Write a run's report and print the path of its page.

    Args:
        run: A finished run folder.
        out: Folder to write to; by default `report` inside the run folder.
    """
    from trendcolor.api.reports import report as write_report

    print(write_report(run, out=out))


@app.command
def audit(
    run: Path,
    /,
    *,
    n: int = 500,
    out: Path | None = None,
    seed: int = 0,
    by_family: Annotated[bool, Parameter(negative="")] = False,
    config: Path | None = None,
) -> None:
    """Draw garments at random, for a person to mark on a page, whose path is printed.

    Args:
        run: A finished run folder.
        n: How many garments.
        out: Folder to write audit.html and audit.csv to; by default `audit` in the run folder.
        seed: Same seed, same garments.
        by_family: Draw the same number of each measured color family.
        config: The config of the run, for pictures of label maps.
    """
    from trendcolor.api.audits import AuditOptions
    from trendcolor.api.audits import audit as write_sheet

    options = AuditOptions(n=n, seed=seed, by_family=by_family)
    print(write_sheet(run, options, out=out, config=config).page)


@app.command
def correct(
    run: Path,
    table: Path | None = None,
    /,
    *,
    note: str = "",
    remove: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Lay a table of corrections over a run's records, which stay as they are.

    Args:
        run: A finished run folder.
        table: CSV or Parquet with photo, garment, perhaps wearer, and right_garment (a garment, or
            "drop") or right_color ("#161418"); or an audit sheet that was marked.
        note: Why, to be kept with the corrections.
        remove: Take the corrections away again.
    """
    from trendcolor.api.corrections import correct_text

    if text := correct_text(run, table, remove=remove, note=note):
        print(text)


@app.command
def demo(*, out: Path = Path("trendcolor-demo")) -> None:
    """Run the sample photos through every stage and print the path of the report.

    Args:
        out: Folder to write to.
    """
    from trendcolor.api.jobs import demo as run_demo

    print(run_demo(out))


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class ColorOptions:
    """Which colors `shares` lists.

    Attributes:
        colors: The level of colors.
        vocabulary: Whose names, with --colors name: default, xkcd, css, iscc-nbs, or an .ase or
            .csv file.
    """

    colors: Literal["family", "common", "name", "bin"] = "family"
    vocabulary: str | None = None


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOptions:
    """Which garments a query is of, and how it prints.

    Attributes:
        by: Declared columns or garment, with commas: season,garment.
        where: An SQL condition on declared columns: "region = 'EU'".
        format: How to print.
    """

    by: str = ""
    where: str | None = None
    format: Literal["table", "csv", "json"] = "table"


@app.command
def shares(
    run: Path,
    /,
    *,
    of: ColorOptions = ColorOptions(),
    unit: Literal["garments", "looks", "area", "weight"] = "garments",
    group: GroupOptions = GroupOptions(),
) -> None:
    """Print the share of each color, with interval and denominator, safe to pass on.

    Args:
        run: A finished run folder.
        of: The colors.
        unit: What is counted.
        group: The garments.
    """
    from trendcolor.api.text import SharesQuestion, shares_text

    question = SharesQuestion(
        by=_listed(group.by),
        colors=of.colors,
        unit=unit,
        where=group.where,
        vocabulary=of.vocabulary,
    )
    print(shares_text(run, question, group.format))


@app.command
def signature(
    run: Path,
    /,
    *,
    family: str = "",
    name: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    within: float = 5.0,
    unit: Literal["garments", "weight"] = "garments",
    group: GroupOptions = GroupOptions(),
) -> None:
    """Print the signature color of each group: one RGB, with spread, radius and n.

    Args:
        run: A finished run folder.
        family: Only garments of these families, one signature for each: black,blue.
        name: A name of your own for a color: "95-degree black=#161418". May come again.
        within: CIEDE2000 that still counts as the same color.
        unit: What is counted.
        group: The garments.
    """
    from trendcolor.api.text import SignatureOptions, signature_text

    options = SignatureOptions(
        by=_listed(group.by),
        family=_listed(family),
        names=name,
        within=within,
        unit=unit,
        where=group.where,
    )
    print(signature_text(run, options, group.format))


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class PowerOptions:
    """How sure `plan` is to be.

    Attributes:
        power: How often a change of that size is to be seen.
        confidence: How often no change is to be seen where there is none.
        design_effect: How many looks of a cluster tell as much as an independent one.
    """

    power: float = 0.8
    confidence: float = 0.95
    design_effect: float = 1.0


@app.command
def plan(
    *,
    share: float,
    change: float,
    test: PowerOptions = PowerOptions(),
    run: Path | None = None,
    group: GroupOptions = GroupOptions(),
) -> None:
    """Print how many looks each of two periods needs, for a change of a share to be seen.

    Args:
        share: Share in the first period: 0.05 for 5 %.
        change: By how much it rises, or falls if below 0: 0.01 takes 5 % to 6 %.
        test: How sure.
        run: A finished run folder, whose looks are held against that, by --by and --where.
        group: The groups of the run.
    """
    from trendcolor.api.planning import PlanQuestion, plan_text

    question = PlanQuestion(
        share=share,
        change=change,
        power=test.power,
        confidence=test.confidence,
        design_effect=test.design_effect,
        run=run,
        by=_listed(group.by),
        where=group.where,
    )
    print(plan_text(question, group.format))


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeShares:
    """Which shares `bridge` is about.

    Attributes:
        by: Declared columns of both runs or garment, with commas: garment,region.
        colors: The level of colors.
        unit: What is counted.
    """

    by: str = ""
    colors: Literal["family", "common", "name"] = "family"
    unit: Literal["garments", "looks", "area", "weight"] = "garments"


@app.command
def bridge(
    old: Path,
    new: Path,
    /,
    *,
    of: BridgeShares = BridgeShares(),
    out: Path | None = None,
    format: Literal["table", "csv", "json"] = "table",
) -> None:
    """Print how far shares move between two versions of a run, on the photos of both.

    Args:
        old: The finished run folder of the published series.
        new: That of other weights or settings, over the same photos.
        of: The shares.
        out: A CSV file to write the offsets to as well.
        format: How to print.
    """
    from trendcolor.api.bridging import BridgeOptions, bridge_text

    options = BridgeOptions(by=_listed(of.by), colors=of.colors, unit=of.unit)
    print(bridge_text(old, new, options, out=out, format=format))


@app.command
def train(config: Path, /) -> None:
    """Train a segmenter and print the path of its weights.

    Args:
        config: A training config, such as configs/train_ccp.toml.
    """
    from trendcolor.api.jobs import train_segmenter

    print(train_segmenter(config).weights)


@app.command
def evaluate(config: Path, /, *, out: Path | None = None) -> None:
    """Score a segmenter against true label maps and print the tables as Markdown.

    Args:
        config: A config with labelled data, such as configs/evaluate_ccp.toml.
        out: Folder to write evaluation.md, evaluation.json and evaluation.html to.
    """
    from trendcolor.api.jobs import evaluate_segmenter

    evaluation = evaluate_segmenter(config)
    if out is not None:
        evaluation.write(out)
    print(evaluation.markdown())


if __name__ == "__main__":
    run_from_shell()
