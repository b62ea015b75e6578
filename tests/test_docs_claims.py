"""Whatever the pages on trust claim to be held by a test is held by one of that name."""

import ast
import json
import re
import runpy
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ("privacy", "threats", "security", "trust")
FILE = re.compile(r"`(?:tests/)?(test_\w+)\.py`")
NAME = re.compile(r"`(test_\w+)`")


@cache
def names_in(module):
    path = ROOT / "tests" / f"{module}.py"
    assert path.is_file(), f"there is no {path.name}"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def claims(page):
    """The rows of a page's tables and its paragraphs."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    return [block for part in text.split("\n\n") for block in re.split(r"\n(?=\|)", part)]


@pytest.mark.parametrize("page", PAGES)
def test_each_test_that_a_page_names_is_in_the_file_that_it_names_beside(page):
    found = 0
    for claim in claims(page):
        modules, names = FILE.findall(claim), NAME.findall(claim)
        there = set().union(*map(names_in, modules))
        assert set(names) <= there, f"docs/{page}.md, {claim[:60]}: {set(names) - there}"
        found += len(modules)
    assert found >= 5


def test_each_threat_names_a_test():
    rows = [claim for claim in claims("threats") if claim.startswith("| **")]
    assert len(rows) >= 10
    for row in rows:
        assert NAME.search(row.rsplit("|", 2)[1]), row


def test_the_guards_that_reports_state_are_the_tests_of_today():
    listed = json.loads((ROOT / "trendcolor" / "report" / "guards.json").read_text("utf-8"))
    assert listed == runpy.run_path(str(ROOT / ".ci" / "guards"))["guards"](), "run .ci/guards"
    assert len(listed) >= 30
