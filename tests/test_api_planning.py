import json
from io import StringIO

import polars as pl
import pytest
from looks import write_config, write_looks

from trendcolor.api.opening import open_run
from trendcolor.api.planning import PlanQuestion, plan_changes, plan_groups
from trendcolor.cli import main

N = 22  # looks of the run, half of each season; each has a source of its own

SAID = """\
To see 5 % become 6 %, each of the two periods needs 8,158 looks (80 % power, 95 % confidence, \
design effect 1).

| share | change | becomes | looks |
|-------|--------|---------|-------|
| 0.05  | 0.005  | 0.055   | 31234 |
| 0.05  | 0.0075 | 0.0575  | 14193 |
| 0.05  | 0.01   | 0.06    | 8158  |
| 0.05  | 0.015  | 0.065   | 3780  |
| 0.05  | 0.02   | 0.07    | 2213  |
| 0.05  | 0.03   | 0.08    | 1059  |
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run over looks of two seasons, of real people."""
    folder = write_looks(tmp_path_factory.mktemp("season"), N)
    card = (folder / "card.toml").read_text(encoding="utf-8")
    for word, other in (("synthetic", "real"), ("not-needed", "consent")):
        card = card.replace(f'"{word}"', f'"{other}"')
    (folder / "card.toml").write_text(card, encoding="utf-8")
    assert main(["run", str(write_config(folder)), "--out", str(folder / "run")]) == 0
    return folder / "run"


def plan(capsys, *arguments):
    assert main(["plan", *(str(argument) for argument in arguments)]) == 0
    return capsys.readouterr().out


def test_plan_says_how_many_looks_a_change_takes(capsys):
    assert plan(capsys, "--share", 0.05, "--change", 0.01) == SAID


def test_plan_takes_power_confidence_and_design_effect(capsys):
    def looks(*more):
        text = plan(capsys, "--share", 0.05, "--change", 0.025, "--format", "json", *more)
        return json.loads(text)["looks"]

    assert looks() == 1471
    assert looks("--design-effect", 2) == 2941  # 2 * 1,470.49, rounded up
    assert looks("--power", 0.9) > 1471
    assert looks("--confidence", 0.9) < 1471


def test_plan_as_json_is_one_object(capsys):
    answer = json.loads(plan(capsys, "--share", 0.05, "--change", -0.02, "--format", "json"))
    assert list(answer) == [
        *("share", "change", "power", "confidence", "design_effect", "run", "by", "where"),
        *("looks", "changes"),
    ]
    # A fall by three times as much, to below 0, can't be and is left out.
    assert [row["becomes"] for row in answer["changes"]] == [0.04, 0.035, 0.03, 0.02, 0.01]


def test_plan_as_csv_is_the_table(capsys):
    text = plan(capsys, "--share", 0.3, "--change", 0.15, "--format", "csv")
    assert pl.read_csv(StringIO(text)).columns == ["share", "change", "becomes", "looks"]


def test_plan_holds_a_run_against_what_is_needed(finished, capsys):
    text = plan(capsys, "--share", 0.3, "--change", 0.6, "--run", finished, "--by", "season")
    assert f"Looks of {finished}, and the smallest rise that two periods of so many show:" in text
    arguments = ("--share", 0.3, "--change", 0.6, "--run", finished, "--by", "season")
    answer = json.loads(plan(capsys, *arguments, "--format", "json"))
    assert answer["run"] == str(finished)
    groups = [(row["season"], row["looks"]) for row in answer["groups"]]
    assert groups == [("AW25", N // 2), ("SS26", N // 2)]
    assert {row["needed"] for row in answer["groups"]} == {answer["looks"]}
    assert all(row["enough"] == (row["effective"] >= row["needed"]) for row in answer["groups"])
    assert all(row["effective"] <= row["looks"] for row in answer["groups"])


def test_a_whole_run_is_one_group(finished, capsys):
    text = plan(capsys, *("--share", 0.1, "--change", 0.8, "--run", finished, "--format", "csv"))
    (row,) = pl.read_csv(StringIO(text)).to_dicts()
    assert row["looks"] == N
    assert row["enough"] == (row["needed"] <= N)
    assert 0.3 < row["detectable"] < 0.9


def test_groups_of_too_few_sources_do_not_tell_their_looks(finished):
    question = PlanQuestion(share=0.3, change=0.6, by=["season", "region"])
    found = plan_groups(open_run(finished), question)
    assert found["season"].to_list() == ["AW25", "AW25", "SS26", "SS26"]
    assert found.select("looks", "enough", "detectable").null_count().row(0) == (4, 4, 4)


def test_a_condition_narrows_the_looks(finished, capsys):
    arguments = ("--share", 0.3, "--change", 0.6, "--run", finished, "--format", "csv")
    text = plan(capsys, *arguments, "--where", "region = 'EU'")
    assert pl.read_csv(StringIO(text))["looks"].to_list() == [N // 2]


def test_a_design_effect_makes_looks_count_for_less(finished):
    one, two = (
        plan_groups(open_run(finished), PlanQuestion(share=0.1, change=0.2, design_effect=effect))
        for effect in (1, 2)
    )
    assert two["detectable"].item() > one["detectable"].item()
    assert two["needed"].item() > one["needed"].item()


def test_changes_are_listed_beside_the_one_asked_for():
    found = plan_changes(PlanQuestion(share=0.05, change=0.01))
    assert found.filter(change=0.01)["looks"].item() == 8158
    assert found["looks"].is_sorted(descending=True)


REFUSALS = [
    (("--share", 5, "--change", 0.01), 2, "the share is 5 (wanted above 0 and below 1"),
    (("--share", 0.05, "--change", 0), 2, "the change is 0 (wanted a difference of shares"),
    (("--share", 0.05, "--change", 0.96), 2, "a share of 0.05 can't change by 0.96 to 1.01"),
    (("--share", 0.05, "--change", 0.01, "--power", 2), 2, "the power is 2 "),
    (("--share", 0.05, "--change", 0.01, "--by", "season"), 2, "name the run (--run RUN)"),
    (("--share", 0.05, "--change", 0.01, "--run", "nowhere"), 1, "no such run folder"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), REFUSALS)
def test_wrong_plans_are_refused(arguments, code, message, capsys):
    assert main(["plan", *(str(argument) for argument in arguments)]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err


def test_wrong_columns_and_conditions_of_a_run_are_refused(finished, capsys):
    asked = ["plan", "--share", "0.05", "--change", "0.01", "--run", str(finished)]
    assert main([*asked, "--by", "seson"]) == 1
    assert "no column 'seson', did you mean 'season'?" in capsys.readouterr().err
    assert main([*asked, "--where", " "]) == 1
    assert "the condition is empty" in capsys.readouterr().err
