"""Commands that do a job: look at photos, run, report, check what was found, train."""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from trendcolor.cli.program import app


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
        vocabulary: Whose names: default, xkcd, css, iscc-nbs, or an .ase, .aco, .gpl or .csv
            file.
        limit: CIEDE2000 above which a color has no name; 2 for a file unless you say otherwise,
            none for the others.
    """
    from trendcolor.api.naming import name_answers

    escapes = "utf" not in (sys.stdout.encoding or "").lower()  # of Chinese, where it must be
    for answer in name_answers(colors, vocabulary=vocabulary, limit=limit):
        print(json.dumps(answer, ensure_ascii=escapes))


@app.command
def check(card: Path, /, *, purpose: str | None = None, odrl: Path | None = None) -> None:
    """Explain what a data card allows today.

    Args:
        card: A TOML file; docs/cards.md explains the format.
        purpose: Only answer for this purpose, with exit code 1 where the card refuses it.
        odrl: A file to write the card's offer to, ODRL 2.2 as JSON-LD.
    """
    from trendcolor.api.text import card_text
    from trendcolor.cards import read_card, write_offer

    if odrl is not None:
        write_offer(read_card(card), odrl)
    print(card_text(card, purpose))


@app.command
def init(
    photos: Path | None = None, /, *, croissant: Path | None = None, out: Path | None = None
) -> None:
    """Write a starter card and config for a folder or table of photos, with questions to answer.

    Args:
        photos: A folder of pictures, or a CSV or Parquet table that names them. Without it only
            the card is written, from the Croissant file.
        croissant: A Croissant file (JSON) of the data set, whose answers the card takes.
        out: Folder to write to; by default the current one.
    """
    from trendcolor.cards import write_starter

    files = write_starter(photos, out, croissant)
    print(files.card)
    for line in files.not_mapped:
        print("not in the card:", line, file=sys.stderr)
    if files.config is None:
        print("answer the questions, then: trendcolor check", files.card, file=sys.stderr)
        return
    print(files.config)
    print("answer the questions in both files, then: trendcolor run", files.config, file=sys.stderr)


@app.command
def run(
    config: Path,
    /,
    *,
    out: Path | None = None,
    fresh: bool = False,
    part: str | None = None,
    engine: Literal["local", "ray"] | None = None,
    address: str | None = None,
    workers: Literal["auto"] | int | None = None,
) -> None:
    """Analyze the data sets of a config into a run folder, whose path is printed.

    A run that was broken off goes on where it ended.

    Args:
        config: A TOML file; configs/default.toml explains each setting.
        out: The run folder; by default runs/CONFIG-HASH, with a hash of the settings.
        fresh: Replace a run of other settings in that folder.
        part: Do a part of the shards, one of several machines: 2/4. `trendcolor merge` or `seal`
            ends the run then.
        engine: "local" takes processes of this machine, "ray" those of a Ray cluster; by default
            engine.kind of the config.
        address: Of the Ray cluster, such as auto or HOST:6379; without it a Ray is started here.
        workers: How many processes, or "auto": one per core, and no more than memory allows; by
            default engine.workers of the config.
    """
    from trendcolor.api.jobs import RunOptions, run_part
    from trendcolor.api.jobs import run as run_config

    options = RunOptions(engine=engine, address=address, workers=workers)
    if part is not None:
        print(run_part(config, part, out=out, options=options))
        return
    print(run_config(config, out=out, fresh=fresh, options=options).folder)


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
    from trendcolor.api.demo import demo as run_demo

    print(run_demo(out))


@app.command
def train(config: Path, /) -> None:
    """Train a segmenter and print the path of its weights.

    Args:
        config: A training config, such as configs/train_ccp.toml.
    """
    from trendcolor.api.training import train_segmenter

    print(train_segmenter(config).weights)


@app.command
def evaluate(config: Path, /, *, out: Path | None = None) -> None:
    """Score a segmenter against true label maps and print the tables as Markdown.

    Args:
        config: A config with labelled data, such as configs/evaluate_ccp.toml.
        out: Folder to write evaluation.md, evaluation.json and evaluation.html to.
    """
    from trendcolor.api.training import evaluate_segmenter

    evaluation = evaluate_segmenter(config)
    if out is not None:
        evaluation.write(out)
    print(evaluation.markdown())
