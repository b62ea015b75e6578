"""Measure the two tables of errors that ship, for the error budget of a share.

    python benchmarks/error_tables.py [DATA] [--out DIR]

DATA holds `ccp` and `renders` (default: $TRENDCOLOR_DATA or ../shared/data). DIR
(`trendcolor/analysis/measured`) gets `segmentation.json`, what the packaged weights' masks do to
colors, as `trendcolor evaluate configs/evaluate_ccp.toml` counts it, and `color.json`, what light
and shade do to them, as `color_renders.py --errors` counts it. To be run after each change of the
weights, of the color settings, of names, or of how a palette is found.
"""

import argparse
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from color_renders import family_errors, read_renders

from trendcolor.analysis.error_tables import write_error_table
from trendcolor.api.training import evaluate_segmenter

ROOT = Path(__file__).resolve().parent.parent
EVALUATION = "configs/evaluate_ccp.toml"
MEASURED = ROOT / "trendcolor" / "analysis" / "measured"


def keep_main_colors(evaluation: Path, out: Path) -> None:
    """Write what `read_error_table` reads of an `evaluation.json`, a matrix row a line."""
    figures = json.loads(evaluation.read_text())
    colors = figures["main_colors"]
    made_by = f"trendcolor evaluate {EVALUATION} ({figures['photos']} photos)"
    parts = [
        f'   "{name}": {{\n    "counts": [\n     '
        + ",\n     ".join(json.dumps(row) for row in part["counts"])
        + f'\n    ],\n    "invented": {part["invented"]},\n    "missed": {part["missed"]}\n   }}'
        for name, part in colors["garments"].items()
    ]
    out.write_text(
        f'{{\n "made_by": {json.dumps(made_by)},\n "weights": "{figures["weights"]}",\n'
        f' "main_colors": {{\n  "labels": {json.dumps(colors["labels"])},\n  "garments": {{\n'
        + ",\n".join(parts)
        + "\n  }\n }\n}\n"
    )


def main() -> None:
    """Write both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    home = os.environ.get("TRENDCOLOR_DATA", "../shared/data")
    parser.add_argument("data", type=Path, nargs="?", default=Path(home))
    parser.add_argument("--out", type=Path, metavar="DIR", default=MEASURED)
    options = parser.parse_args()
    os.environ["TRENDCOLOR_DATA"] = str(options.data.resolve())
    options.out.mkdir(parents=True, exist_ok=True)
    table = family_errors(read_renders(options.data / "renders"))
    write_error_table(table, options.out / "color.json")
    with TemporaryDirectory() as folder:
        evaluate_segmenter(ROOT / EVALUATION).write(Path(folder))
        keep_main_colors(Path(folder) / "evaluation.json", options.out / "segmentation.json")
    print(options.out / "color.json", options.out / "segmentation.json", sep="\n")


if __name__ == "__main__":
    main()
