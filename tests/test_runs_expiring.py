"""Runs past their last day: they don't open, and are deleted whole."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from data_sets import ANSWERS
from looks import write_config
from whole_runs import config_of, contents, do_part, looks_data, photo, whole_run

import trendcolor as tc
from trendcolor.api import runs as api_runs
from trendcolor.api.runs import Whom
from trendcolor.cards import Card, decide, retention
from trendcolor.cli import main
from trendcolor.config import address_of
from trendcolor.engine.plan import plan
from trendcolor.errors import CardError, RefusedError, RunError
from trendcolor.runs import expire, open_run_folder, prepare_run_folder, seal, store_of
from trendcolor.runs.expiring import Expiry
from trendcolor.runs.fetching import cache_folder
from trendcolor.runs.files import sha256_of
from trendcolor.runs.retention import EXPIRED, EXPIRING

LAST = date(2099, 5, 31)
DAYS = 30


def at(monkeypatch, day):
    """Let it be another day."""
    for module in (retention, api_runs):
        monkeypatch.setattr(module, "today", lambda: day)


def keep_until(data, day):
    """Let the card of a data set say until when its photos may be kept."""
    card = data / "card.toml"
    text = card.read_text(encoding="utf-8")
    card.write_text(f'retain_until = "{day}"\n{text}', encoding="utf-8")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Runs with no last day, with the card's, and with so many days."""
    folder = looks_data(tmp_path_factory.mktemp("data"), 8)
    whole_run(config_of(folder, "free", range(4)), folder / "free")
    keep_until(folder, LAST)
    whole_run(config_of(folder, "dated", range(4)), folder / "dated")
    config = config_of(folder, "short", range(4, 8), privacy=f"retain_days = {DAYS}")
    whole_run(config, folder / "short")
    return folder


@pytest.fixture
def run(data, tmp_path):
    return Path(shutil.copytree(data / "dated", tmp_path / "run"))


def manifest(run):
    return open_run_folder(run).manifest


def test_the_manifest_has_the_earliest_day(data):
    assert manifest(data / "free").retain_until == ""
    assert manifest(data / "dated").retain_until == LAST.isoformat()
    short = manifest(data / "short")
    finished = datetime.fromisoformat(short.finished).date()
    assert short.retain_until == (finished + timedelta(DAYS)).isoformat()


def test_days_to_keep_a_run_leave_the_settings_hash_and_may_change_later(data, tmp_path):
    config = config_of(data, "again", range(4))
    run = whole_run(config, tmp_path / "run")
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("[privacy]\n", "[privacy]\nretain_days = 7\n"), encoding="utf-8")
    planned = plan(config)
    do_part(planned, run)
    before = manifest(run)
    after = seal(run, planned.header, 2, 0.0)
    assert after.finished == before.finished
    day = datetime.fromisoformat(after.finished).date() + timedelta(7)
    assert after.retain_until == day.isoformat() != before.retain_until


def test_a_run_opens_on_its_last_day_and_no_longer(run, monkeypatch, capsys):
    at(monkeypatch, LAST)
    assert main(["shares", str(run)]) == 0
    assert main(["report", str(run)]) == 0
    at(monkeypatch, LAST + timedelta(1))
    capsys.readouterr()
    for asked in (["shares", str(run)], ["report", str(run)], ["audit", str(run)]):
        assert main(asked) == 1
        told = f"{run}: was to be kept until {LAST}, which is past (`trendcolor expire {run}` del"
        assert told in capsys.readouterr().err
    with pytest.raises(RunError, match="which is past"):
        tc.open_run(run)
    with pytest.raises(RunError, match="which is past"):
        tc.open_runs([run])


def test_a_run_past_its_day_is_gone_with_its_report_and_a_receipt_says_so(run, monkeypatch, capsys):
    before, sha256 = manifest(run), sha256_of((run / "manifest.json").read_bytes())
    for name in ("report/index.html", "audit/audit.csv", "records/00001.part"):
        (run / name).parent.mkdir(exist_ok=True)
        (run / name).write_text(photo(1), encoding="utf-8")
    at(monkeypatch, LAST + timedelta(1))
    assert main(["expire", str(run)]) == 0
    rows = before.total("rows")
    rule = "retain_until of the card looks"
    out = capsys.readouterr().out
    assert out == f"{run}: deleted: 4 photos, {rows} records; kept until {LAST} ({rule})\n"
    assert [path.name for path in run.rglob("*")] == [EXPIRED]
    done = msgspec.json.decode((run / EXPIRED).read_bytes(), type=Expiry)
    assert (done.photos, done.garments, done.records, done.shards) == (4, 8, rows, 2)
    assert (done.retain_until, done.rule, done.manifest) == (LAST.isoformat(), rule, sha256)
    assert done.settings_hash == before.header.settings_hash
    assert {"manifest.json", "records", "report", "audit"} <= {*done.deleted}
    assert "look_" not in (run / EXPIRED).read_text(encoding="utf-8")


def test_what_was_deleted_neither_opens_nor_is_run_into_nor_deleted_again(
    data, run, monkeypatch, capsys
):
    header = manifest(run).header
    at(monkeypatch, LAST + timedelta(1))
    tc.expire([run])
    before = contents(run)
    for act in (
        lambda: tc.open_run(run),
        lambda: tc.forget(run, Whom(photos=[photo(1)])),
        lambda: tc.merge([run, data / "free"], out=run.with_name("out")),
        lambda: prepare_run_folder(run, header, fresh=True),
    ):
        with pytest.raises(RunError, match=r"its run was deleted on \d{4}-\d\d-\d\d, past"):
            act()
    assert main(["expire", str(run)]) == 0
    assert "was deleted on" in capsys.readouterr().out
    assert contents(run) == before


@pytest.mark.parametrize("name", ["free", "dated", "short"])
def test_a_run_whose_day_is_to_come_stays_and_says_how_long_yet(data, name, monkeypatch, capsys):
    run = data / name
    before = contents(run)
    at(monkeypatch, LAST - timedelta(41) if name == "dated" else datetime.now(UTC).date())
    assert main(["expire", str(run)]) == 0
    told = {
        "free": "has no last day (retain_until of a card, privacy.retain_days)",
        "dated": f"kept until {LAST} (retain_until of the card looks), 41 more days",
        "short": f"(privacy.retain_days = {DAYS}), ",
    }
    assert told[name] in capsys.readouterr().out
    assert contents(run) == before


def test_a_dry_run_deletes_nothing(run, monkeypatch, capsys):
    before = contents(run)
    at(monkeypatch, LAST + timedelta(1))
    assert main(["expire", str(run), "--dry-run"]) == 0
    assert f"{run}: would be deleted: 4 photos" in capsys.readouterr().out
    assert contents(run) == before


def test_what_is_no_run_is_refused_before_anything_is_deleted(run, tmp_path, monkeypatch, capsys):
    other = tmp_path / "home"
    other.mkdir()
    (other / "letter.txt").write_text("dear", encoding="utf-8")
    at(monkeypatch, LAST + timedelta(1))
    for wrong in (other, tmp_path / "none"):
        before = contents(tmp_path)
        assert main(["expire", str(run), str(wrong)]) == 1
        assert f"{wrong}: not a run (it has no settings.json)" in capsys.readouterr().err
        assert contents(tmp_path) == before
    assert not (tmp_path / "none").exists()
    assert main(["expire"]) == 2
    assert "no run to look at" in capsys.readouterr().err


def test_files_of_others_in_the_folder_stay_and_are_told(run, monkeypatch, caplog):
    (run / "notes.txt").write_text("mine", encoding="utf-8")
    at(monkeypatch, LAST + timedelta(1))
    assert main(["expire", str(run)]) == 0
    assert {path.name for path in run.iterdir()} == {EXPIRED, "notes.txt"}
    assert "1 files or folders in it are no run's and stay" in caplog.text
    assert json.loads((run / EXPIRED).read_text(encoding="utf-8"))["left"] == 1


def test_an_unfinished_run_is_deleted_by_the_day_of_its_card(data, tmp_path, monkeypatch):
    planned = plan(config_of(data, "dated", range(4)))
    run = do_part(planned, tmp_path / "run")
    (run / "receipts" / "00001.json").unlink()
    at(monkeypatch, LAST + timedelta(1))
    (found,) = tc.expire([run])
    assert (found.expiry.photos, found.expiry.manifest) == (2, "")
    assert [path.name for path in run.iterdir()] == [EXPIRED]


def test_a_run_at_an_address_is_deleted_with_what_was_fetched_of_it(data, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    place = "memory://expiring/run"
    planned = plan(config_of(data, "dated", range(4)))
    do_part(planned, place)
    seal(place, planned.header, 2, 1.0)
    tc.open_run(place)
    fetched = cache_folder(address_of(place))
    assert fetched.is_dir()
    at(monkeypatch, LAST + timedelta(1))
    with pytest.raises(RunError, match="was to be kept until"):
        tc.open_run(place)
    assert not fetched.exists()
    assert tc.expire([place])[0].expiry.photos == 4
    assert store_of(place).names() == {EXPIRED}
    with pytest.raises(RunError, match="its run was deleted on"):
        tc.open_run(place)


class Killed(BaseException):
    """What ends a process in the test below."""


def broken_off(run, steps, monkeypatch):
    """Whether deleting a run was ended before the change of a file of that number."""
    left = [steps]

    def count_down(act):
        def acts(*args, **kwargs):
            left[0] -= 1
            if left[0] == -1:
                raise Killed
            return act(*args, **kwargs)

        return acts

    with monkeypatch.context() as patch:
        for owner, name in ((Path, "replace"), (Path, "unlink"), (shutil, "rmtree")):
            patch.setattr(owner, name, count_down(getattr(owner, name)))
        try:
            expire(run)
        except Killed:
            (run / "lock").unlink(missing_ok=True)  # which the system holds, not the file
            return True
    return False


def test_killed_at_any_point_it_is_as_before_or_shut_and_goes_on(data, tmp_path, monkeypatch):
    before, header = contents(data / "dated"), manifest(data / "dated").header
    at(monkeypatch, LAST + timedelta(1))
    steps, run = 0, Path(shutil.copytree(data / "dated", tmp_path / "run"))
    while broken_off(run, steps, monkeypatch):
        if not (run / EXPIRING).exists() and not (run / EXPIRED).exists():
            now = {name: each for name, each in contents(run).items() if not name.endswith("part")}
            assert now == before
        elif (run / EXPIRING).exists():
            with pytest.raises(RunError, match="an `expire` was broken off in it"):
                open_run_folder(run)
            with pytest.raises(RunError, match="an `expire` was broken off in it"):
                prepare_run_folder(run, header, fresh=True)
        expire(run)
        assert [path.name for path in run.rglob("*")] == [EXPIRED]
        shutil.rmtree(run)
        steps, run = steps + 1, Path(shutil.copytree(data / "dated", tmp_path / "run"))
    assert steps > 15


def test_forgetting_and_merging_make_no_run_last_longer(data, tmp_path):
    run = Path(shutil.copytree(data / "short", tmp_path / "run"))
    now = datetime.now(UTC)
    day = (now + timedelta(DAYS - 10)).date().isoformat()
    text = (run / "manifest.json").read_text(encoding="utf-8")
    was = manifest(run)
    finished = (now - timedelta(10)).isoformat(timespec="seconds")
    earlier = text.replace(was.finished, finished).replace(was.retain_until, day)
    (run / "manifest.json").write_text(earlier, encoding="utf-8")
    tc.forget(run, Whom(photos=[photo(4)]))
    assert manifest(run).retain_until == day
    other = Path(shutil.copytree(data / "dated", tmp_path / "other"))
    assert tc.merge([run, other], out=tmp_path / "both").retain_until == day
    part = Path(shutil.copytree(run, tmp_path / "part"))
    assert tc.merge([run, part], out=tmp_path / "copy").retain_until == day


def test_a_run_past_its_day_is_not_merged(data, run, tmp_path, monkeypatch):
    at(monkeypatch, LAST + timedelta(1))
    with pytest.raises(RunError, match="was to be kept until"):
        tc.merge([run, data / "short"], out=tmp_path / "out")


def test_photos_past_the_day_of_their_card_are_not_looked_at(data, monkeypatch):
    config = write_config(data)
    at(monkeypatch, LAST + timedelta(1))
    with pytest.raises(RefusedError, match=f"its photos were to be kept until {LAST} "):
        plan(config)
    card = Card(**ANSWERS, retain_until=LAST.isoformat())
    assert not decide(card, "research").allowed
    at(monkeypatch, LAST)
    assert decide(card, "research").allowed


@pytest.mark.parametrize("day", ["soon", "2027-02-30", "20270131", "31.01.2027", "2027-W05-1"])
def test_a_day_that_is_none_makes_the_card_invalid(day):
    with pytest.raises(CardError, match=rf"retain_until '{day}' is no day \(wanted the last one"):
        Card(**ANSWERS, retain_until=day)


def test_check_tells_the_last_day_and_what_follows_once_it_is_over(data, monkeypatch, capsys):
    assert main(["check", str(data / "card.toml")]) == 0
    told = capsys.readouterr().out
    assert f"\nkept until: {LAST}\n" in told
    assert "were to be kept" not in told
    at(monkeypatch, LAST + timedelta(1))
    assert main(["check", str(data / "card.toml"), "--purpose", "research"]) == 1
    assert f"its photos were to be kept until {LAST} (delete them and" in capsys.readouterr().err


def test_an_open_question_is_told_as_one():
    with pytest.raises(CardError, match="retain_until is not answered"):
        Card(**ANSWERS, retain_until="TODO: until when")
