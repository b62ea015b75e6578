"""The examples of docs/query.md on intervals, weights and looks: each prints what it says."""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from trendcolor.cli import main

PAGE = (Path(__file__).parents[1] / "docs" / "query.md").read_text(encoding="utf-8")
SECTIONS = (
    "How sure: garments that come in clusters",
    "Weigh photos to a population",
    "How many looks: before the run, and after",
)


def section(title):
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def told(code):
    """What comments say that is printed: at the end of a line with `print`, or below it."""
    words, is_below = [], False
    for line in code.splitlines():
        is_printed = line.startswith("print(")
        if is_printed or (is_below and line.startswith("# ")):
            words += line.partition("# ")[2].split()
        is_below = is_printed or (is_below and line.startswith("# "))
    return words


@pytest.mark.parametrize("title", SECTIONS)
def test_examples_print_what_they_say(title):
    code = "\n".join(re.findall(r"```python\n(.*?)```", section(title), re.DOTALL))
    printed = StringIO()
    with redirect_stdout(printed):
        exec(compile(code, title, "exec"), {})
    assert told(code)
    assert printed.getvalue().split() == told(code)


def test_the_plan_is_what_the_command_prints(capsys):
    shown = re.search(r"```\n(To see .*?)\n```", section(SECTIONS[2]), re.DOTALL)[1]
    assert main(["plan", "--share", "0.05", "--change", "0.01"]) == 0
    assert capsys.readouterr().out.rstrip() == shown.rstrip()
