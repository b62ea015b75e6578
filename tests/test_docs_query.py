"""The pages on queries: their examples run in order, and print what the pages show."""

import re
from contextlib import chdir, redirect_stdout
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import polars as pl
import pytest

import trendcolor as tc
from trendcolor.api.jobs import run as finish
from trendcolor.cli import main

PACKAGE = Path(tc.__file__).parent
ROOT = PACKAGE.parent
LOOKBOOK = PACKAGE / "samples" / "lookbook"
# In this order, since one goes on where the other ends.
PAGES = ("query.md", "signature.md", "versions.md", "sureness.md")
# A block of Python, and what it prints where the page shows that.
BLOCKS = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
# Sample photos of each run: the first of AW24 and SS25, and some of AW25 in two versions.
RUNS = {
    "lookbook": (slice(0, 60), ""),
    "autumn": (slice(60, 68), ""),
    "autumn-new": (slice(60, 68), "[color]\nn_colors = 3\n"),
}


def read(page):
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


def blocks(page):
    return [(code, shown) for code, shown in BLOCKS.findall(read(page))]


def make_run(folder, name, photos, settings):
    """A run of some sample photos with their own label maps, whose card says that they are real."""
    head, *rows = (LOOKBOOK / "lookbook.csv").read_text(encoding="utf-8").splitlines()
    (folder / f"{name}.csv").write_text("\n".join([head, *rows[photos]]) + "\n", encoding="utf-8")
    card = (ROOT / "data_cards" / "lookbook.toml").read_text(encoding="utf-8")
    for old, new in (
        ('people = "synthetic"', 'people = "real"'),
        (
            'consent_basis = "not-needed"',
            'consent_basis = "consent"\nconsent_scope = "these tests"',
        ),
        ("show_photos = true", "show_photos = false"),
    ):
        assert old in card
        card = card.replace(old, new)
    (folder / "card.toml").write_text(card, encoding="utf-8")
    config = folder / f"{name}.toml"
    config.write_text(
        f'purpose = "evaluation"\n[[data]]\ncard = "card.toml"\nroot = "{LOOKBOOK}"\n'
        f'format = "table"\ntable = "{name}.csv"\nmasks = "{LOOKBOOK}/masks"\n'
        f'[segmentation]\nsource = "masks"\n[engine]\nworkers = 1\n'
        f'[privacy]\npseudonyms = "declared"\n{settings}',
        encoding="utf-8",
    )
    finish(config, out=folder / "runs" / name)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The folder in which the examples run."""
    folder = tmp_path_factory.mktemp("docs")
    for name, (photos, settings) in RUNS.items():
        make_run(folder, name, photos, settings)
    return folder


def is_installed(code):
    """Whether what a block asks for in its first line is there."""
    wanted = re.match(r"# pip install (.*)", code)
    names = wanted[1].replace("-", "_").split() if wanted else []
    return all(find_spec(name) for name in names)


def executed(place):
    """What each block of each page prints, in order; names are kept from block to block."""
    names, printed = {}, {}
    with chdir(place), pl.Config():
        for page in PAGES:
            printed[page] = [_printed(page, code, shown, names) for code, shown in blocks(page)]
    return printed


def _printed(page, code, shown, names):
    if not is_installed(code):
        return shown
    told = StringIO()
    with redirect_stdout(told):
        exec(compile(code, page, "exec"), names)
    return told.getvalue()


@pytest.fixture(scope="module")
def printed(place):
    return executed(place)


@pytest.mark.parametrize("page", PAGES)
def test_examples_print_what_the_page_shows(page, printed):
    shown = [text for _, text in blocks(page)]
    assert sum(bool(text) for text in shown) > 3
    assert printed[page] == shown


def test_the_plan_is_what_the_command_prints(capsys):
    shown = re.search(r"```\n(To see .*?)\n```", read("sureness.md"), re.DOTALL)[1]
    assert main(["plan", "--share", "0.05", "--change", "0.01"]) == 0
    assert capsys.readouterr().out.rstrip() == shown.rstrip()
