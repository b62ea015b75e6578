import logging
from dataclasses import replace

import polars as pl
import pytest
from garment_rows import BLACK, BLUE, RED, garment, records
from test_runs import HEADER, KINDS, written

from trendcolor.api.bridging import BridgeOptions, bridge_runs, bridge_text, differing_settings
from trendcolor.cli import main
from trendcolor.config import ColorConfig
from trendcolor.errors import QueryError, RunError
from trendcolor.records import frame, photo_schema
from trendcolor.runs import prepare_run_folder, seal, write_shard

OLD = replace(HEADER, photos=8, is_free_of_people=True, weights_hash="11" * 32)
SETTINGS = replace(HEADER.settings, color=ColorConfig(erode=5))
NEW = replace(OLD, settings=SETTINGS, weights_hash="22" * 32)


def sealed(folder, header, tops):
    """A run of eight looks, all in blue trousers, each of a source of its own."""
    declared = [{"season": "AW25", "region": "EU", "source": f"s{i}"} for i in range(8)]
    garments = [
        each
        for i, top in enumerate(tops)
        for each in (
            garment(f"look_{i:02d}", top, **declared[i]),
            garment(f"look_{i:02d}", BLUE, garment="trousers", **declared[i]),
        )
    ]
    photos = [{"photo": f"look_{i:02d}", "status": "ok", **declared[i]} for i in range(8)]
    prepare_run_folder(folder, header, fresh=False)
    rows = records(*garments, columns=tuple(KINDS)).collect()
    write_shard(folder, 0, rows, frame(photos, photo_schema(KINDS)))
    seal(folder, header, 1, 1.0)
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two versions over eight looks: the newer reads one red top as blue."""
    folder = tmp_path_factory.mktemp("bridge")
    old = sealed(folder / "old", OLD, [RED, BLACK] * 4)
    return old, sealed(folder / "new", NEW, [BLUE, BLACK, *[RED, BLACK] * 3])


def test_shifts_of_two_runs(runs):
    found = bridge_runs(*runs, BridgeOptions(by=["garment"]))
    assert (found.found.photos, found.photos_old, found.found.clusters) == (8, 8, 8)
    assert (found.found.garments, found.found.changed) == (16, 1)
    rows = found.found.offsets.filter(pl.col("shift") != 0).select("garment", "family", "shift")
    assert sorted(rows.rows()) == [("top", "blue", 0.125), ("top", "red", -0.125)]
    assert ("color.erode", "2", "5") in found.settings.rows()


def test_the_command_prints_offsets_and_writes_them(runs, tmp_path, capsys, caplog):
    out = tmp_path / "bridge.csv"
    with caplog.at_level(logging.INFO):
        assert main(["bridge", *map(str, runs), "--out", str(out), "--format", "csv"]) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[0] == (
        "family,share_old,share_new,shift,low,high,ratio,ratio_low,ratio_high,n,unit"
    )
    assert out.read_text(encoding="utf-8") == printed
    said = caplog.text
    assert "8 photos of both runs (8 in the old, 8 in the new), 8 clusters" in said
    assert "16 garments of both: 1 changed family; 0 only in the old, 0 only in the new" in said
    assert "color.erode: 2 -> 5" in said


def test_a_run_and_itself_are_of_one_version(runs, caplog):
    with caplog.at_level(logging.INFO):
        text = bridge_text(runs[0], runs[0], BridgeOptions(), out=None, format="csv")
    assert "no setting differs" in caplog.text
    assert set(pl.read_csv(text.encode())["shift"]) == {0.0}


def test_only_settings_that_act_on_records_are_told():
    settings = replace(HEADER.settings, purpose="evaluation", color=ColorConfig(n_colors=3))
    other = replace(HEADER, name="x", settings=settings, weights_hash="ab", runtime="openvino")
    found = differing_settings(HEADER, other)
    assert found.rows() == [
        ("color.n_colors", "5", "3"),
        ("weights_hash", "none", "ab"),
        ("runtime", "none", "openvino"),
    ]
    assert differing_settings(HEADER, HEADER).is_empty()


def test_what_rests_on_few_sources_is_withheld(tmp_path, caplog):
    guarded = replace(OLD, is_free_of_people=False)
    folder = sealed(tmp_path / "run", guarded, [RED, BLACK] * 4)
    with caplog.at_level(logging.INFO):
        bridge_text(folder, folder, BridgeOptions(), out=None, format="table")
    assert "12 of 12 figures withheld: too few sources" in caplog.text
    raw = bridge_runs(folder, folder, BridgeOptions(disclosure="raw")).found.offsets
    assert raw["shift"].null_count() == 0


def test_wrong_input_is_refused_in_one_line(runs, tmp_path, capsys):
    old = str(runs[0])
    assert main(["bridge", old, str(tmp_path / "none")]) == 1
    assert f"trendcolor: {tmp_path / 'none'}: no such run folder" in capsys.readouterr().err
    assert main(["bridge", old, old, "--by", "seson"]) == 1
    assert "no column 'seson', did you mean 'season'?" in capsys.readouterr().err
    assert main(["bridge", old, old, "--out", str(tmp_path / "no" / "b.csv")]) == 1
    assert "can't be written (No such file or directory)" in capsys.readouterr().err


def test_runs_of_other_photos_are_refused(runs, tmp_path):
    other = written(tmp_path / "run")
    seal(other, HEADER, 2, 1.0)
    with pytest.raises(RunError, match=r"share no photo .ids such as 'look_00' and 'a'"):
        bridge_runs(runs[0], other, BridgeOptions())


def test_an_unknown_disclosure_is_refused(runs):
    with pytest.raises(QueryError, match="no disclosure 'publik', did you mean 'public'"):
        bridge_runs(*runs, BridgeOptions(disclosure="publik"))
