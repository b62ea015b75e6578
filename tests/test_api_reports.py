"""Reports are for what their run was cleared for; the run is a real one of made-up looks."""

import datetime
from dataclasses import replace

import pytest
from looks import write_config, write_looks

from trendcolor.api.jobs import run
from trendcolor.api.reports import ReportOptions, asked_of, report
from trendcolor.cli import main
from trendcolor.engine.plan import plan
from trendcolor.errors import RefusedError
from trendcolor.runs import prepare_run_folder, settings_hash

LAST = datetime.date(2099, 12, 31)
AFTER = datetime.date(2100, 1, 1)
QUICK = ReportOptions(pdf=False)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """A config whose card allows research, evaluation and training until the end of 2099."""
    folder = write_looks(tmp_path_factory.mktemp("looks"), 4)
    card = folder / "card.toml"
    days = f'license_expires = "{LAST}"\nconsent_expires = "{LAST}"\nname ='
    card.write_text(card.read_text("utf-8").replace("name =", days, 1), encoding="utf-8")
    return write_config(folder)


@pytest.fixture(scope="module")
def finished(config):
    """Its run folder; tests only read it."""
    return run(config, out=config.parent / "run").folder


def test_a_report_is_for_the_run_s_purpose_or_another_that_it_was_cleared_for(finished, tmp_path):
    plain = report(finished, QUICK, out=tmp_path / "plain").read_text(encoding="utf-8")
    assert "research: study" in plain
    other = replace(QUICK, purpose="evaluation")
    page = report(finished, other, out=tmp_path / "other").read_text(encoding="utf-8")
    assert "evaluation: measure how well" in page
    assert "research: study" not in page


def test_another_purpose_is_refused_and_nothing_is_written(finished, tmp_path):
    with pytest.raises(RefusedError, match="looks: purpose 'publication' is refused") as caught:
        report(finished, replace(QUICK, purpose="publication"), out=tmp_path / "report")
    told = str(caught.value)
    assert "looks did not clear it on " in told
    assert "the card does not allow it (it allows research, evaluation, model-training" in told
    assert 'then run its config again with purpose = "publication"' in told
    assert not (tmp_path / "report").exists()


def test_the_command_says_so_in_one_line_and_exits_with_1(finished, tmp_path, capsys):
    out = ["--out", str(tmp_path / "report"), "--no-pdf"]
    assert main(["report", str(finished), "--purpose", "publication", *out]) == 1
    assert "trendcolor: looks: purpose 'publication' is refused" in capsys.readouterr().err
    assert main(["report", str(finished), "--purpose", "reserch", *out]) == 1
    assert "no purpose 'reserch', did you mean 'research'?" in capsys.readouterr().err


def test_a_run_whose_license_or_consent_has_ended_since_is_not_reported(finished, tmp_path):
    asked_of(finished, QUICK, LAST)
    with pytest.raises(RefusedError, match="the license ended on 2099-12-31") as caught:
        report(finished, QUICK, out=tmp_path / "report", today=AFTER)
    assert "the consent ended on 2099-12-31" in str(caught.value)
    assert not (tmp_path / "report").exists()


def test_both_runs_of_a_comparison_are_asked(config, finished, tmp_path):
    narrow = config.parent / "narrow.toml"
    narrow.write_text(config.read_text("utf-8").replace('"card.toml"', '"narrow_card.toml"'))
    card = (config.parent / "card.toml").read_text("utf-8")
    listed = '["research", "evaluation", "model-training"]'
    (config.parent / "narrow_card.toml").write_text(card.replace(listed, '["research"]'))
    with (config.parent / "looks.csv").open() as table:
        rows = table.read().splitlines()[:3]
    (config.parent / "fewer.csv").write_text("\n".join(rows))
    narrow.write_text(narrow.read_text("utf-8").replace("looks.csv", "fewer.csv"))
    other = run(narrow, out=tmp_path / "narrow").folder
    asked_of(finished, replace(QUICK, against=other))
    with pytest.raises(RefusedError, match="narrow: purpose 'evaluation' is refused"):
        asked_of(finished, replace(QUICK, against=other, purpose="evaluation"))


def test_the_day_of_the_decision_does_not_keep_a_run_from_going_on(config, finished):
    header = plan(config).header
    tomorrow = replace(header, decision=replace(header.decision, date="2099-01-01"))
    assert settings_hash(tomorrow) == header.settings_hash
    prepare_run_folder(finished, tomorrow, fresh=False)
    again = run(config, out=finished)
    assert again.manifest.header.decision.date == header.decision.date
    assert again.manifest.header.settings_hash == header.settings_hash
