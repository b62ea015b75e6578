"""docs/query.md on misclassification: its examples run, on photos of the lookbook."""

import re
from pathlib import Path

import pytest

import trendcolor as tc
from trendcolor.api.jobs import run as finish

PACKAGE = Path(tc.__file__).parent
DOCS = PACKAGE.parent / "docs"
LOOKBOOK = PACKAGE / "samples" / "lookbook"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run of three photos by the packaged segmenter."""
    folder = tmp_path_factory.mktemp("run")
    head = (LOOKBOOK / "lookbook.csv").read_text().splitlines()[:4]
    (folder / "few.csv").write_text("\n".join(head) + "\n")
    card = PACKAGE.parent / "data_cards" / "lookbook.toml"
    (folder / "few.toml").write_text(
        f'purpose = "evaluation"\n[[data]]\ncard = "{card}"\nroot = "{LOOKBOOK}"\n'
        'format = "table"\ntable = "few.csv"\n[engine]\nworkers = 1\n'
    )
    return tc.open_run(finish(folder / "few.toml", out=folder / "out").folder)


def blocks():
    section = (DOCS / "query.md").read_text().split("## How sure")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


def test_the_examples_run_and_answer_what_they_say(run):
    names = {"run": run}
    for block in blocks():
        exec(block, names)
    assert names["errors"].told == (
        "450 measured garments were looked at and told; 0 could not be told and count for nothing"
    )
    assert names["errors"].table()["mostly"][0] == "blue"
    shares = run.shares(by="season")
    assert names["corrected"].columns == [*shares.columns, "measured", "shift", "audited"]
    assert names["corrected"]["measured"].to_list() == shares["share"].to_list()
    assert names["budget"]["total"].null_count() == 0
    assert set(names["budget"]["unknown"]) == {""}
