"""Runs whose sources and wearers are hashed: what they hold, and how they are gone on with."""

import logging
import shutil
import tempfile
from pathlib import Path

import pytest
from looks import write_config, write_looks
from traces import traces
from whole_runs import SOURCES, N, config_of, contents, do_part, looks_data, photo, whole_run

import trendcolor as tc
from trendcolor.api.runs import Whom
from trendcolor.cli import main
from trendcolor.datasets.pseudonyms import Key, read_key
from trendcolor.engine.plan import plan
from trendcolor.engine.running import run_plan
from trendcolor.errors import ConfigError, DataError, QueryError, RunError
from trendcolor.runs import FolderStore, open_run_folder, prepare_run_folder, seal, verify

OTHER = Key(b"\xab" * 32)
PEOPLE = ("Anna Beispiel", "Bo/Example", "Çelik & Søn", "di17")
WEARERS = ("worn-by-Dana", "worn-by-Eli")
WEARER = '\n[[columns]]\nname = "who"\nkind = "wearer"\ndeclared_by = "the tests"\n'


def hashed(name, kind="source"):
    return read_key().pseudonym(kind, name)


def other_key(folder):
    path = folder / "other.key"
    path.touch(mode=0o600)
    path.write_text(OTHER.secret.hex(), encoding="ascii")
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Looks of four sources: a run that hashes them, and one with another key."""
    folder = looks_data(tmp_path_factory.mktemp("data"))
    whole_run(config_of(folder, "first", range(8), pseudonyms="hashed"), folder / "first")
    whole_run(config_of(folder, "last", range(8, N), pseudonyms="hashed"), folder / "last")
    key = f'key = "{other_key(folder)}"'
    config = config_of(folder, "keyed", range(8, N), pseudonyms="hashed", privacy=key)
    whole_run(config, folder / "keyed")
    whole_run(config_of(folder, "plain", range(8, N)), folder / "plain")
    whole_run(config_of(folder, "declared", range(8)), folder / "declared")
    return folder


@pytest.fixture
def run(data, tmp_path):
    return Path(shutil.copytree(data / "first", tmp_path / "run"))


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A run by worker processes, its report, and all folders that were written to meanwhile."""
    folder = tmp_path_factory.mktemp("watched")
    data = write_looks(folder / "data", 6, table=False)
    (data / "masks" / "look_05.png").unlink()
    card = data / "card.toml"
    card.write_text(card.read_text(encoding="utf-8") + WEARER, encoding="utf-8")
    rows = [
        f'images/look_{i:02d}.png,AW25,EU,"{PEOPLE[i % 4]}",1,{WEARERS[i % 2]}\n' for i in range(6)
    ]
    table = "path,season,region,source,sold,who\n" + "".join(rows)
    (data / "looks.csv").write_text(table, encoding="utf-8")
    for name in ("temporary", "cache"):
        (folder / name).mkdir()
    lines = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda record: lines.append(record.getMessage())
    root, level = logging.getLogger(), logging.getLogger().level
    with pytest.MonkeyPatch.context() as patch:
        for name in ("TMPDIR", "TEMP", "TMP"):
            patch.setenv(name, str(folder / "temporary"))
        patch.setattr(tempfile, "tempdir", None)
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            config = write_config(
                data, workers=2, shard_photos=3, pseudonyms="hashed", privacy='photo_ids = "hashed"'
            )
            planned = plan(config)
            planned.shards.copy_to(FolderStore(folder / "index"))  # where Ray's workers read it
            shutil.copytree(folder / "temporary", folder / "temporary_meanwhile")
            run_plan(planned, folder / "run")
            assert main(["report", str(folder / "run"), "--out", str(folder / "report")]) == 0
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
    (folder / "log.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_the_scan_finds_names_where_there_are_some(watched):
    assert {text for _, text in traces(watched / "data", (*PEOPLE, *WEARERS))} == {
        *PEOPLE,
        *WEARERS,
    }
    told = [hashed(name) for name in PEOPLE]
    for part in ("run/records", "run/photos", "index", "temporary_meanwhile"):
        assert {text for _, text in traces(watched / part, told)} == {*told}, part


@pytest.mark.parametrize(
    "part", ["run", "report", "cache", "index", "temporary_meanwhile", "temporary"]
)
def test_nothing_that_was_written_holds_a_source_or_a_wearer(watched, part):
    assert any((watched / part).rglob("*")) or part == "temporary"
    assert traces(watched / part, (*PEOPLE, *WEARERS)) == []


def test_no_log_holds_a_source_a_wearer_or_the_key(watched):
    log = (watched / "log.txt").read_text(encoding="utf-8")
    assert len(log) > 100
    for text in (*PEOPLE, *WEARERS, "5a5a5a5a", "look_0"):
        assert text not in log


def test_hashed_ids_leave_no_file_name_in_run_report_and_cache(watched):
    for part in ("run", "report", "cache"):
        assert traces(watched / part, ("look_0", "images/")) == []
    photos = open_run_folder(watched / "run").photos().collect()
    ids = [hashed(f"images/look_{i:02d}.png", "id") for i in range(6)]
    assert photos["photo"].to_list() == ids
    assert photos["reason"].to_list()[5] == "its file: no such label map"


def test_no_file_holds_the_key_and_the_manifest_holds_its_fingerprint(watched):
    key = read_key()
    assert traces(watched / "run", (key.secret, key.secret.hex(), "pseudonyms.key")) == []
    privacy = open_run_folder(watched / "run").manifest.settings.privacy
    told = (privacy.pseudonyms, privacy.photo_ids, privacy.key)
    assert told == ("hashed", "hashed", key.fingerprint)


def test_a_value_that_the_card_does_not_allow_is_told_without_its_name(tmp_path):
    data = write_looks(tmp_path, 1)
    card = data / "card.toml"
    text = card.read_text(encoding="utf-8")
    allowed = text.replace('kind = "source"', 'kind = "source"\nvalues = ["Ann", "Bo"]')
    card.write_text(allowed, encoding="utf-8")
    table = data / "looks.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",s0,", ",Anna,"), encoding="utf-8")
    with pytest.raises(DataError, match=r"row 1: source has a value the card does not") as caught:
        plan(write_config(data, pseudonyms="hashed"))
    assert "Ann" not in str(caught.value)


def test_figures_are_those_of_names_that_were_not_hashed(data):
    one, other = tc.open_run(data / "first"), tc.open_run(data / "declared")
    told = ["share", "numerator", "denominator"]
    for disclosure in ("raw", "public"):
        asked = {"by": ["season", "garment"], "disclosure": disclosure}
        assert one.shares(**asked).select(told).equals(other.shares(**asked).select(told))


def test_questions_by_source_answer_with_hashes(data):
    answer = tc.open_run(data / "first").shares(by="source")
    assert {*answer["source"]} == {hashed(name) for name in SOURCES}


def test_a_run_of_another_key_does_not_go_on_and_says_which_is_wanted(data, tmp_path, monkeypatch):
    config = config_of(data, "again", range(4), pseudonyms="hashed")
    planned = plan(config)
    run = do_part(planned, tmp_path / "run")
    monkeypatch.setenv("TRENDCOLOR_KEY", str(other_key(tmp_path)))
    other = plan(config)
    before = contents(run)
    wanted = planned.header.settings.privacy.key
    told = rf"hashed with another key \({wanted}, this one is {OTHER.fingerprint}"
    with pytest.raises(RunError, match=told):
        prepare_run_folder(run, other.header, fresh=False)
    assert contents(run) == before
    monkeypatch.setenv("TRENDCOLOR_KEY", str(tmp_path / "lost.key"))
    with pytest.raises(ConfigError, match=r"lost\.key: no such key file"):
        plan(config)


def test_mode_and_key_change_the_settings_hash(data):
    manifests = [open_run_folder(data / name).manifest for name in ("last", "keyed", "plain")]
    assert len({each.header.settings_hash for each in manifests}) == 3
    assert manifests[2].settings.privacy.pseudonyms == "declared"


def test_a_source_of_two_runs_counts_once_after_merging(data, tmp_path):
    tc.merge([data / "first", data / "last"], out=tmp_path / "out")
    sources = tc.open_run(tmp_path / "out").photos()["source"]
    assert {*sources} == {hashed(name) for name in SOURCES}
    assert verify(tmp_path / "out", deep=True).faults == ()


@pytest.mark.parametrize("other", ["keyed", "plain"])
def test_runs_that_name_sources_in_different_ways_are_not_merged(data, tmp_path, other):
    with pytest.raises(RunError, match=r"in different ways: .*hashed with key .*with one key"):
        tc.merge([data / "first", data / other], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("other", ["keyed", "plain"])
def test_runs_that_name_sources_in_different_ways_open_as_one_only_where_it_is_said(data, other):
    runs = [data / "first", data / other]
    with pytest.raises(QueryError, match=r"keys of pseudonyms \(a source of both would count tw"):
        tc.open_runs(runs)
    mixed, same = tc.open_runs(runs, mixed=True), tc.open_runs([data / "first", data / "last"])
    assert "keys of pseudonyms" in mixed.shares(by="season")["mixed"][0]
    assert same.mixed == ""
    # A public cell of two runs may hold each source twice.
    assert (mixed._min_cell, same._min_cell) == (20, 10)


@pytest.mark.parametrize("has_key", [True, False])
def test_a_source_is_forgotten_by_name_with_the_key_and_by_hash_without(
    run, has_key, monkeypatch, tmp_path
):
    told = hashed(SOURCES[0])
    if not has_key:
        monkeypatch.setenv("TRENDCOLOR_KEY", str(tmp_path / "lost.key"))
    name = SOURCES[0] if has_key else told
    theirs = [photo(i) for i in range(0, 8, 4)]
    assert {text for _, text in traces(run, (told, *theirs))} == {told, *theirs}
    done = tc.forget(run, Whom(sources=[name]))
    assert (done.total("photos"), done.total("garments")) == (2, 4)
    assert traces(run, (told, SOURCES[0], *theirs)) == []
    assert verify(run, deep=True).faults == ()


def test_without_the_key_nobody_is_forgotten_by_name_but_photos_are(run, tmp_path, monkeypatch):
    monkeypatch.setenv("TRENDCOLOR_KEY", str(other_key(tmp_path)))
    before = contents(run)
    with pytest.raises(RunError, match=r"source is hashed with key .* \(--key names the file"):
        tc.forget(run, Whom(sources=[SOURCES[0]]))
    with pytest.raises(RunError, match="is hashed with key"):
        tc.forget(run, Whom(where=[f"source = {SOURCES[0]}"]))
    assert contents(run) == before
    assert tc.forget(run, Whom(photos=[photo(0)])).total("photos") == 1


def test_the_command_takes_the_key_from_a_file(data, tmp_path, capsys):
    run = Path(shutil.copytree(data / "keyed", tmp_path / "run"))
    asked = ["forget", str(run), "--source", SOURCES[0]]
    assert main(asked) == 1
    assert "source is hashed with key" in capsys.readouterr().err
    assert main([*asked, "--key", str(data / "other.key")]) == 0
    assert traces(run, (OTHER.pseudonym("source", SOURCES[0]),)) == []


def test_nobody_of_a_name_is_told_by_that_name(run):
    with pytest.raises(RunError, match="no photo has source 'contributor-yew'"):
        tc.forget(run, Whom(sources=["contributor-yew"]))


def test_photos_are_forgotten_by_name_where_ids_are_hashed(data, tmp_path):
    privacy = 'photo_ids = "hashed"'
    config = config_of(data, "ids", range(4), pseudonyms="hashed", privacy=privacy)
    run = whole_run(config, tmp_path / "run")
    tc.forget(run, Whom(photos=[photo(1)]))
    assert traces(run, (hashed(photo(1), "id"), photo(1))) == []
    assert open_run_folder(run).photos().collect().height == 3


def test_who_was_forgotten_does_not_come_back_by_another_key(data, tmp_path, monkeypatch):
    config = config_of(data, "again", range(8), pseudonyms="hashed")
    planned = plan(config)
    run = Path(shutil.copytree(data / "first", tmp_path / "run"))
    tc.forget(run, Whom(sources=[SOURCES[0]]))
    prepare_run_folder(run, planned.header, fresh=True)
    do_part(planned, run)
    assert seal(run, planned.header, 4, 1.0).total("photos") == 6
    before = contents(run)
    monkeypatch.setenv("TRENDCOLOR_KEY", str(other_key(tmp_path)))
    for other in (plan(config), plan(config_of(data, "again", range(8)))):
        with pytest.raises(
            RunError, match=r"somebody was forgotten in it by source, which was has"
        ):
            prepare_run_folder(run, other.header, fresh=True)
    assert contents(run) == before
