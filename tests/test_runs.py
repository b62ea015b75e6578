import json
import shutil
from dataclasses import replace

import polars as pl
import pytest
from data_sets import card, column
from garment_rows import BLACK, RED, garment, records
from made_runs import made_header
from polars.testing import assert_frame_equal

from trendcolor.errors import RunError
from trendcolor.histograms import LEVELS, stored_histogram, stored_sources
from trendcolor.records import frame, photo_schema
from trendcolor.runs import (
    RunColumn,
    code_version,
    manifest,
    only_writer,
    open_run_folder,
    prepare_run_folder,
    read_receipt,
    run_columns,
    seal,
    stored_columns,
    write_shard,
)
from trendcolor.runs.summary import PARTS

KINDS = {"season": "season", "region": "region", "source": "source"}
SHARDS = (
    (garment("a", BLACK, season="AW25", region="EU", source="s1"),),
    (
        garment("b", (RED, 200), (BLACK, 55), season="AW26", region="UK", source="s2"),
        garment("b", BLACK, garment="dress", season="AW26", region="UK", source="s2"),
    ),
)
HEADER = made_header(KINDS, photos=4)
OTHER = replace(HEADER, settings_hash="07" * 32)
FILES = tuple(f"{part}/00000.parquet" for part in ("records", "photos", "histograms", "sources"))


def shard_frames(number):
    """Records and photos of one shard; each has one photo more that was left out."""
    garments = SHARDS[number]
    rows = records(*garments, columns=tuple(KINDS)).collect()
    ok = [{"photo": garments[0][0]["photo"], "status": "ok", "garments": len(garments)}]
    lost = [{"photo": f"lost-{number}", "status": "rejected", "reason": "truncated JPEG"}]
    return rows, frame([*ok, *lost], photo_schema(KINDS))


def written(folder, header=HEADER, *, fresh=False):
    """A prepared run folder with both shards."""
    prepare_run_folder(folder, header, fresh=fresh)
    for number in range(len(SHARDS)):
        write_shard(folder, number, *shard_frames(number))
    return folder


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_rows_give_the_same_bytes(tmp_path):
    assert contents(written(tmp_path / "one")) == contents(written(tmp_path / "other"))


def test_a_finished_run_opens_with_its_rows_in_photo_order(tmp_path):
    folder = written(tmp_path / "run")
    sealed = seal(folder, HEADER, len(SHARDS), 1.5)
    run = open_run_folder(folder)
    assert run.manifest == sealed
    assert run.manifest.header == HEADER
    expected = pl.concat(shard_frames(number)[0] for number in range(len(SHARDS)))
    assert_frame_equal(run.records().collect(), expected)
    assert run.photos().collect()["photo"].to_list() == ["a", "lost-0", "b", "lost-1"]


def test_receipts_count_what_is_in_the_shards(tmp_path):
    folder = written(tmp_path / "run")
    manifest = seal(folder, HEADER, len(SHARDS), 1.5)
    counts = {name: manifest.total(name) for name in ("photos", "ok", "rejected", "screened")}
    assert counts == {"photos": 4, "ok": 2, "rejected": 2, "screened": 0}
    assert [receipt.garments for receipt in manifest.shards] == [1, 2]
    assert [receipt.rows for receipt in manifest.shards] == [1, 3]


def test_stored_histograms_hold_255_for_each_garment(tmp_path):
    folder = written(tmp_path / "run")
    seal(folder, HEADER, len(SHARDS), 1.5)
    stored = open_run_folder(folder).summary("bin").collect()
    by_garment = stored.group_by("season", "garment").agg(pl.col("weight").sum())
    each = by_garment.filter(pl.col("garment").is_not_null())
    assert each["weight"].to_list() == [255, 255, 255]
    assert "source" not in stored.columns  # has too many values to be counted apart


def test_the_summary_is_the_sum_of_what_shards_stored(tmp_path):
    folder = written(tmp_path / "run")
    sealed = seal(folder, HEADER, len(SHARDS), 1.5)
    run = open_run_folder(folder)
    columns = stored_columns(HEADER.columns)
    whole = stored_histogram(run.records(), columns).collect()
    for level in LEVELS:
        expected = whole.filter(level=level).drop("level")
        assert_frame_equal(run.summary(level).collect(), expected)
    sources = run.summary("sources").collect()
    assert_frame_equal(sources.drop("number"), stored_sources(run.records(), columns).collect())
    assert sources["number"].n_unique() == sources["cluster"].n_unique()
    colors = run.summary("colors").collect()
    assert colors["garments"].sum() == run.records().filter(rank=0).collect().height
    assert colors["_color"].is_sorted()
    assert {*sealed.summary} == {*PARTS}


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_damaged_summary_is_written_anew(tmp_path, damage):
    folder = written(tmp_path / "run")
    before = seal(folder, HEADER, len(SHARDS), 1.5)
    file = folder / "summary" / "family.parquet"
    whole = file.read_bytes()
    if damage == "missing":
        file.unlink()
        with pytest.raises(RunError, match=r"family.parquet: is missing"):
            open_run_folder(folder)
    else:
        file.write_bytes(whole[:-1])
    assert seal(folder, HEADER, len(SHARDS), 0) == before
    assert file.read_bytes() == whole


def test_a_run_without_a_garment_has_an_empty_summary(tmp_path):
    folder = tmp_path / "run"
    prepare_run_folder(folder, replace(HEADER, photos=1), fresh=False)
    _, photos = shard_frames(0)
    rows = records(columns=tuple(KINDS)).collect()
    write_shard(folder, 0, rows, photos.filter(status="rejected"))
    seal(folder, replace(HEADER, photos=1), 1, 1.0)
    assert open_run_folder(folder).summary("whole").collect().is_empty()


@pytest.mark.parametrize(
    ("kinds", "cluster"),
    [
        ({"b": "brand", "w": "wearer", "s": "source"}, "s"),
        ({"b": "brand", "w": "wearer"}, "w"),
        ({"b": "brand"}, "b"),
        ({"c": "cohort"}, "photo"),
    ],
)
def test_garments_cluster_by_source_then_wearer_then_brand(kinds, cluster):
    columns = [RunColumn(name=name, kind=kind) for name, kind in kinds.items()]
    assert stored_columns(columns).cluster == cluster


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["changed", "cut", "missing"])
def test_a_damaged_file_makes_its_shard_undone(tmp_path, name, damage):
    folder = written(tmp_path / "run")
    assert read_receipt(folder, 0) is not None
    whole = (folder / name).read_bytes()
    if damage == "missing":
        (folder / name).unlink()
    else:
        cut = whole[: len(whole) // 2]
        (folder / name).write_bytes(cut if damage == "cut" else cut + b"\0" + whole[len(cut) + 1 :])
    assert read_receipt(folder, 0) is None
    assert read_receipt(folder, 1) is not None
    with pytest.raises(RunError, match=r"shards \[0\] are missing or damaged; run it again"):
        seal(folder, HEADER, len(SHARDS), 1.5)


@pytest.mark.parametrize(
    "text", [b"", b'{"shard": 0', b"{}", b'{"\xff'], ids=["empty", "cut", "other", "bytes"]
)
def test_a_damaged_receipt_makes_its_shard_undone(tmp_path, text):
    folder = written(tmp_path / "run")
    (folder / "receipts" / "00000.json").write_bytes(text)
    assert read_receipt(folder, 0) is None


def test_a_shard_that_was_never_written_is_undone(tmp_path):
    folder = written(tmp_path / "run")
    assert read_receipt(folder, 2) is None
    with pytest.raises(RunError, match=r"shards \[2\] are missing"):
        seal(folder, HEADER, 3, 1.5)


def test_sealing_again_with_nothing_done_keeps_the_time(tmp_path):
    folder = written(tmp_path / "run")
    before = seal(folder, HEADER, len(SHARDS), 1.5)
    assert seal(folder, HEADER, len(SHARDS), 0.0) == before
    assert seal(folder, HEADER, len(SHARDS), 2.5).seconds == 2.5


def test_a_damaged_manifest_is_written_anew(tmp_path):
    folder = written(tmp_path / "run")
    (folder / "manifest.json").write_bytes(b"")
    assert seal(folder, HEADER, len(SHARDS), 0.0) == open_run_folder(folder).manifest


def test_sealing_sees_photos_that_no_shard_answers_for(tmp_path):
    folder = written(tmp_path / "run")
    with pytest.raises(RunError, match="4 photos answered for, 5 in the index"):
        seal(folder, replace(HEADER, photos=5), len(SHARDS), 1.5)
    assert not (folder / "manifest.json").exists()


def test_preparing_again_keeps_the_finished_shards(tmp_path):
    folder = written(tmp_path / "run")
    before = contents(folder)
    prepare_run_folder(folder, HEADER, fresh=False)
    assert contents(folder) == before


def test_a_run_of_other_settings_is_refused_and_kept(tmp_path):
    folder = written(tmp_path / "run")
    before = contents(folder)
    with pytest.raises(RunError, match=r"other settings \(5e5e5e5e, this one is 07070707\)") as e:
        prepare_run_folder(folder, OTHER, fresh=False)
    assert "--fresh to replace it" in str(e.value)
    assert contents(folder) == before


def test_fresh_replaces_a_run_of_other_settings(tmp_path):
    folder = written(tmp_path / "run")
    seal(folder, HEADER, len(SHARDS), 1.5)
    prepare_run_folder(folder, OTHER, fresh=True)
    assert set(contents(folder)) == {"settings.json"}
    assert read_receipt(folder, 0) is None


def test_fresh_keeps_what_is_not_the_runs_own(tmp_path):
    folder = written(tmp_path / "run")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    (folder / "report").mkdir()
    (folder / "report" / "index.html").touch()
    prepare_run_folder(folder, OTHER, fresh=True)
    assert set(contents(folder)) == {"settings.json", "notes.txt"}  # a report is of its run


@pytest.mark.parametrize("fresh", [False, True], ids=["kept", "fresh"])
def test_a_folder_of_other_files_is_refused_and_never_emptied(tmp_path, fresh):
    # Named as a run's own folder is: somebody's pictures all the same.
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "mine.jpg").write_bytes(b"mine")
    before = contents(tmp_path)
    with pytest.raises(RunError, match=r"holds other files \(photos\)"):
        prepare_run_folder(tmp_path, HEADER, fresh=fresh)
    (tmp_path / "settings.json").write_text('{"theme": "dark"}', encoding="utf-8")
    with pytest.raises(RunError, match=r"settings\.json: not readable by this version"):
        prepare_run_folder(tmp_path, HEADER, fresh=fresh)
    (tmp_path / "settings.json").unlink()
    assert contents(tmp_path) == before


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(RunError, match="is a file, wanted a folder for the run"):
        prepare_run_folder(tmp_path / "run", HEADER, fresh=True)


def test_a_folder_that_can_not_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"run: can't be written \(Not a directory\)"):
        prepare_run_folder(tmp_path / "file" / "run", HEADER, fresh=False)


def test_settings_that_can_not_be_read_are_refused(tmp_path):
    folder = written(tmp_path / "run")
    (folder / "settings.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunError, match=r"settings\.json: not readable by this version"):
        prepare_run_folder(folder, HEADER, fresh=False)


def test_files_that_a_broken_off_run_left_aside_are_removed(tmp_path):
    folder = written(tmp_path / "run")
    whole = contents(folder)
    aside = ("records/00001.part", "receipts/00000.part", "settings.part", "manifest.part")
    for name in aside:
        (folder / name).write_bytes(b"half")
    prepare_run_folder(folder, HEADER, fresh=False)
    assert contents(folder) == whole


def test_a_run_that_was_broken_off_before_its_settings_stood_goes_on(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "settings.part").write_bytes(b"half")
    folder = written(tmp_path / "run")
    assert seal(folder, HEADER, len(SHARDS), 1.5).total("photos") == HEADER.photos
    assert not (folder / "settings.part").exists()


def test_replacing_a_run_ends_its_standing_as_finished_first(tmp_path, monkeypatch):
    folder = written(tmp_path / "run")
    seal(folder, HEADER, len(SHARDS), 1.5)

    def broken_off(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", broken_off)
    with pytest.raises(KeyboardInterrupt):
        prepare_run_folder(folder, OTHER, fresh=True)
    with pytest.raises(RunError, match="the run is unfinished"):
        open_run_folder(folder)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param(None, "no such run folder", id="no folder"),
        pytest.param([], r"not a run folder \(it has no manifest\.json\)", id="empty folder"),
        pytest.param(
            ["settings.json"], r"the run is unfinished \(`trendcolor run` goes on", id="unfinished"
        ),
        pytest.param(
            ["manifest.json"], r"manifest\.json: not readable by this version", id="damaged"
        ),
    ],
)
def test_what_is_no_finished_run_does_not_open(tmp_path, files, message):
    folder = tmp_path / "run"
    if files is not None:
        folder.mkdir()
        for name in files:
            (folder / name).touch()
    with pytest.raises(RunError, match=message):
        open_run_folder(folder)


def test_a_run_of_another_format_does_not_open(tmp_path):
    folder = written(tmp_path / "run")
    seal(folder, replace(HEADER, format=1), len(SHARDS), 1.5)
    with pytest.raises(RunError, match=r"run: is of format 1, this version reads 6"):
        open_run_folder(folder)
    # An earlier one, whose manifest lacks what this one's must have.
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del told["summary"], told["header"]["vocabulary"]
    (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(RunError, match=r"run: is of format 1, this version reads 6"):
        open_run_folder(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_run_that_lacks_a_file_does_not_open(tmp_path, name):
    folder = written(tmp_path / "run")
    seal(folder, HEADER, len(SHARDS), 1.5)
    (folder / name).unlink()
    with pytest.raises(RunError, match=rf"{name}: is missing \(`trendcolor run` makes it again"):
        open_run_folder(folder)


def test_cards_may_share_a_column_of_one_kind_only():
    one = card(columns=[column("season", "season"), column("city", "region")])
    other = card(columns=[column("season", "season"), column("shop", "source")])
    assert [each.name for each in run_columns([one, other])] == ["season", "city", "shop"]
    with pytest.raises(RunError, match="column 'city' is of kind region in one card and source"):
        run_columns([one, card(columns=[column("city", "source")])])


def test_the_code_version_says_which_source_made_a_run(tmp_path, monkeypatch):
    package = tmp_path / "samples" / "package"  # a folder's name above the package has no say
    makes = ("records.py", "color/palette.py", "color/vocabulary/fashion.csv", "engine/shards.py")
    shows = (
        *("report/page.py", "analysis/shares.py", "cli/program.py", "segmentation/training.py"),
        "color/vocabulary/chinese.csv",
    )
    for name in (*makes, *shows):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("1", encoding="utf-8")
    monkeypatch.setattr(manifest, "PACKAGE", package)
    before = code_version()
    for name in shows:
        (package / name).write_text("2", encoding="utf-8")
        assert code_version() == before, name
    for name in makes:
        (package / name).write_text("2", encoding="utf-8")
        assert code_version() != before, name
        (package / name).write_text("1", encoding="utf-8")


def test_two_runs_cannot_write_one_folder_at_once(tmp_path):
    folder = tmp_path / "run"
    with only_writer(folder):
        with pytest.raises(RunError, match="another run is writing to it"), only_writer(folder):
            pass
        assert (folder / "lock").exists()
    with only_writer(folder):  # free again
        pass
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(RunError, match="can't be written"), only_writer(tmp_path / "file" / "run"):
        pass
