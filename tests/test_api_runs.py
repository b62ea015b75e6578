import json
import shutil
from pathlib import Path

import pytest
from whole_runs import SOURCES, config_of, contents, do_part, looks_data, photo, whole_run

import trendcolor as tc
from trendcolor.cli import main
from trendcolor.engine.plan import plan
from trendcolor.engine.running import Part
from trendcolor.errors import RunError, UsageError
from trendcolor.runs import open_run_folder
from trendcolor.runs.forgotten import JOURNAL


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Six looks: a sealed run, and one whose driver died before it was sealed."""
    folder = looks_data(tmp_path_factory.mktemp("data"), 6)
    config = config_of(folder, "looks", range(6))
    whole_run(config, folder / "sealed")
    do_part(plan(config), folder / "unsealed")
    return folder


@pytest.fixture
def sealed(data, tmp_path):
    return Path(shutil.copytree(data / "sealed", tmp_path / "sealed"))


@pytest.fixture
def unsealed(data, tmp_path):
    return Path(shutil.copytree(data / "unsealed", tmp_path / "unsealed"))


def test_a_run_whose_shards_are_all_there_is_sealed(data, unsealed, capsys):
    assert main(["seal", str(unsealed)]) == 0
    assert capsys.readouterr().out == f"{unsealed}\n"
    one, other = (open_run_folder(each).manifest for each in (unsealed, data / "sealed"))
    assert (one.shards, one.summary, one.header) == (other.shards, other.summary, other.header)
    assert tc.seal(unsealed) == one  # again: nothing to do


def test_an_address_is_sealed(data):
    planned = plan(config_of(data, "looks", range(6)))
    place = "memory://sealing/run"
    do_part(planned, place, Part(1, 2))
    with pytest.raises(RunError, match=r"of 3 shards 1 missing"):
        tc.seal(place)
    do_part(planned, place, Part(2, 2))
    assert tc.seal(place).total("photos") == 6
    assert tc.verify(place, deep=True).faults == ()


def test_all_shards_that_are_missing_or_damaged_are_told_with_the_remedy(unsealed, capsys):
    (unsealed / "receipts" / "00000.json").unlink()
    (unsealed / "records" / "00001.parquet").write_bytes(b"half")
    (unsealed / "photos" / "00002.parquet").unlink()
    before = contents(unsealed)
    assert main(["seal", str(unsealed)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"trendcolor: {unsealed}: of 3 shards 0 missing and 1, 2 damaged (`trendcolor run CONFIG "
        f"--out {unsealed}` makes them again)",
        "  records/00001.parquet: is not the file of its receipt",
        "  photos/00002.parquet: is missing",
    ]
    assert contents(unsealed) == before


def test_no_run_and_a_broken_off_forgetting_are_not_sealed(unsealed, tmp_path):
    with pytest.raises(RunError, match=r"none: not a run \(it has no settings\.json\)"):
        tc.seal(tmp_path / "none")
    (unsealed / JOURNAL).write_text("{}", encoding="utf-8")
    with pytest.raises(RunError, match="a `forget` was broken off in it"):
        tc.seal(unsealed)


@pytest.mark.parametrize("format", ["table", "csv", "json"])
def test_verify_prints_what_it_looked_at_and_ends_with_1_for_a_fault(sealed, capsys, format):
    assert main(["verify", str(sealed), "--deep", "--format", format]) == 0
    sound = capsys.readouterr()
    assert "histograms" in sound.out
    (sealed / "sources" / "00001.parquet").unlink()
    assert main(["verify", str(sealed), "--format", format]) == 1
    told = capsys.readouterr()
    assert "sources/00001.parquet" in told.out
    assert told.err == f"trendcolor: {sealed}: 1 fault (the answer tells it)\n"
    if format == "json":
        assert {row["fault"] for row in json.loads(sound.out)} == {"none"}
        (row,) = [row for row in json.loads(told.out) if row["fault"] != "none"]
        assert row == {
            "check": "hashes",
            "looked_at": 12,
            "where": "sources/00001.parquet",
            "fault": "is missing",
        }


def test_parts_are_merged(data, tmp_path, capsys):
    planned = plan(config_of(data, "looks", range(6)))
    parts = [str(do_part(planned, tmp_path / f"part{n}", Part(n, 2))) for n in (1, 2)]
    assert main(["merge", *parts, "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'out'}\n"
    assert tc.open_run(tmp_path / "out").shares().height
    assert main(["merge", parts[0], "--out", str(tmp_path / "other")]) == 1


def test_forget_prints_the_receipt_and_says_what_went(sealed, capsys, caplog):
    (sealed / "report").mkdir()
    with caplog.at_level("INFO"):
        assert main(["forget", str(sealed), "--source", SOURCES[0]]) == 0
    assert capsys.readouterr().out == f"{sealed}/forgotten.json\n"
    assert "2 photos with 4 garments, from 2 shards" in caplog.text
    assert "deleted, as it may have told of them: report" in caplog.text
    assert SOURCES[0] not in (sealed / "forgotten.json").read_text(encoding="utf-8")
    assert tc.open_run(sealed).folder.photos().collect().height == 4


def test_photos_are_forgotten_by_id_or_by_another_column(sealed):
    done = tc.forget(sealed, tc.Whom(photos=[photo(0)], where=["season = 'SS26'", "region=UK"]))
    assert [each.mark.column for each in done.named] == ["photo", "season", "region"]
    assert tc.open_run(sealed).folder.photos().collect()["photo"].to_list() == [photo(4)]


@pytest.mark.parametrize(
    ("whom", "error", "message"),
    [
        (tc.Whom(wearers=["w"]), UsageError, "declares no column of kind wearer"),
        (tc.Whom(where=["regoin = EU"]), UsageError, "no column 'regoin' .* did you mean 'region'"),
        (tc.Whom(where=["sold = 1.5"]), UsageError, "no column 'sold' of text"),
        (tc.Whom(where=["region"]), UsageError, r"no condition 'region' \(wanted"),
        (tc.Whom(sources=["nobody"]), RunError, "no photo has source 'nobody'"),
        (tc.Whom(), RunError, "nothing to forget"),
    ],
)
def test_what_is_not_there_is_refused(sealed, whom, error, message):
    before = contents(sealed)
    with pytest.raises(error, match=message):
        tc.forget(sealed, whom)
    assert contents(sealed) == before


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "a/b", "1/0"])
def test_a_part_that_is_none_is_refused(text):
    with pytest.raises(UsageError, match=rf"no part '{text}' \(wanted the second of four as 2/4\)"):
        Part.read(text)


def test_parts_are_all_shards_each_once():
    parts = [Part.read(f"{number}/3") for number in (1, 2, 3)]
    assert [sum(part.has(shard) for part in parts) for shard in range(10)] == [1] * 10
