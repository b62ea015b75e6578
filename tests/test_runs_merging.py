import shutil
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from whole_runs import SOURCES, config_of, contents, do_part, looks_data, photo, whole_run

from trendcolor.api.corrections import correct
from trendcolor.api.opening import open_run
from trendcolor.engine.plan import plan
from trendcolor.engine.running import Part
from trendcolor.errors import RunError
from trendcolor.runs import Value, forget, merge_runs, open_run_folder, seal, verify
from trendcolor.runs.store import FolderStore

N = 8


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Eight looks: a run over all, its two parts, and runs over each half."""
    folder = looks_data(tmp_path_factory.mktemp("data"), N)
    whole = config_of(folder, "whole", range(N))
    whole_run(whole, folder / "whole")
    for number in (1, 2):
        do_part(plan(whole), folder / f"part{number}", Part(number, 2))
    whole_run(config_of(folder, "first", range(4)), folder / "first")
    # Shards of another size: they have no effect on any answer.
    whole_run(config_of(folder, "last", range(4, N), shard_photos=3), folder / "last")
    return folder


def copied(folder, tmp_path):
    return Path(shutil.copytree(folder, tmp_path / folder.name))


def without_time(folder):
    files = contents(folder)
    del files["manifest.json"], files["croissant.json"]  # which tells the manifest's hash
    return files


def test_parts_of_a_run_give_the_bytes_of_an_unbroken_one(data, tmp_path):
    parts = [data / "part2", data / "part1"]
    before = [contents(part) for part in parts]
    merged = merge_runs(parts, tmp_path / "out")
    assert without_time(tmp_path / "out") == without_time(data / "whole")
    whole = open_run_folder(data / "whole").manifest
    assert (merged.header, merged.shards, merged.summary) == (
        whole.header,
        whole.shards,
        whole.summary,
    )
    assert [contents(part) for part in parts] == before
    assert verify(tmp_path / "out", deep=True).faults == ()


def test_parts_overlap_where_they_are_the_same_and_are_taken_from_where_they_are_whole(
    data, tmp_path
):
    part = copied(data / "part1", tmp_path)
    (part / "records" / "00000.parquet").write_bytes(b"damaged")
    merge_runs([part, data / "part2", data / "whole"], tmp_path / "out")
    assert without_time(tmp_path / "out") == without_time(data / "whole")


def test_parts_that_disagree_are_refused(data, tmp_path):
    other = copied(data / "whole", tmp_path)
    forget(other, [Value("source", SOURCES[0])])
    with pytest.raises(RunError, match=r"shard 0 of .*whole is not that of .*part1"):
        merge_runs([data / "part1", other], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_parts_that_lack_a_shard_say_which_and_the_run_goes_on(data, tmp_path):
    part = copied(data / "part2", tmp_path)
    (part / "receipts" / "00003.json").unlink()
    with pytest.raises(RunError, match=r"of 4 shards 3 missing \(`trendcolor run CONFIG --out"):
        merge_runs([data / "part1", part], tmp_path / "out")
    with pytest.raises(RunError, match="unfinished"):
        open_run_folder(tmp_path / "out")
    merge_runs([data / "part1", data / "part2"], tmp_path / "out")
    assert without_time(tmp_path / "out") == without_time(data / "whole")


def test_runs_of_different_data_answer_as_one_run_over_all(data, tmp_path):
    merged = merge_runs([data / "first", data / "last"], tmp_path / "out")
    one, other = open_run(tmp_path / "out"), open_run(data / "whole")
    assert_frame_equal(one.folder.records().collect(), other.folder.records().collect())
    assert_frame_equal(one.folder.photos().collect(), other.folder.photos().collect())
    for part in ("whole", "family", "common", "name", "bin", "sources", "colors"):
        assert_frame_equal(*(each.folder.summary(part).collect() for each in (one, other)))
    for unit in ("garments", "looks", "area", "weight"):
        asked = {"by": ["season", "garment"], "unit": unit, "disclosure": "public"}
        assert_frame_equal(one.shares(**asked), other.shares(**asked))
    assert_frame_equal(one.signatures("season"), other.signatures("season"))
    header = merged.header
    assert (header.photos, header.shards, header.name) == (N, 4, "first + last")
    assert [(each.name, each.photos, each.shards) for each in header.parents] == [
        ("first", 4, 2),
        ("last", 4, 2),
    ]
    hashes = {
        open_run_folder(data / name).manifest.header.settings_hash for name in ("first", "last")
    }
    assert {each.settings_hash for each in header.parents} == hashes
    assert header.settings_hash not in hashes
    assert verify(tmp_path / "out", deep=True).faults == ()


def test_the_order_is_kept_and_the_same_merging_has_the_same_hash(data, tmp_path):
    runs = [data / "first", data / "last"]
    one, same = (merge_runs(runs, tmp_path / name).header for name in ("one", "same"))
    other = merge_runs(runs[::-1], tmp_path / "other").header
    assert one == same
    assert one.settings_hash != other.settings_hash
    photos = open_run_folder(tmp_path / "other").photos().collect()["photo"].to_list()
    assert photos == [photo(i) for i in (4, 5, 6, 7, 0, 1, 2, 3)]


def test_a_merging_that_is_broken_off_goes_on_and_does_not_open_before(data, tmp_path, monkeypatch):
    runs, out = [data / "first", data / "last"], tmp_path / "out"
    merge_runs(runs, tmp_path / "whole")
    write, left = FolderStore.write, [0]

    def broken_off(self, name, content):
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        write(self, name, content)

    monkeypatch.setattr(FolderStore, "write", broken_off)
    for steps in range(1, 40):
        left[0] = steps
        try:
            merge_runs(runs, out)
        except KeyboardInterrupt:
            with pytest.raises(RunError, match=r"unfinished|no such|not a run"):
                open_run_folder(out)
        else:
            break
    assert steps > 5
    assert without_time(out) == without_time(tmp_path / "whole")


def test_photos_of_two_runs_are_refused(data, tmp_path):
    runs = [data / "first", data / "whole"]
    with pytest.raises(RunError, match=r"4 photos are in more than one of the runs, first 'images"):
        merge_runs(runs, tmp_path / "out")


def test_runs_of_other_recipes_are_refused_with_all_that_differs(data, tmp_path):
    config = config_of(data, "other", range(4, N))
    text = config.read_text(encoding="utf-8") + "\n[color]\nmin_share = 0.1\nn_colors = 3\n"
    config.write_text(text + "\n[analysis]\nmin_cell = 12\n", encoding="utf-8")
    whole_run(config, tmp_path / "other")
    told = r"differ in color\.n_colors, color\.min_share, analysis\.min_cell"
    with pytest.raises(RunError, match=told):
        merge_runs([data / "first", tmp_path / "other"], tmp_path / "out")


def test_what_can_not_be_merged_is_refused(data, tmp_path):
    first = data / "first"
    for runs, out, message in (
        ([first], tmp_path / "out", "wanted at least two runs"),
        ([first, first], tmp_path / "out", "comes twice"),
        ([first, data / "last"], first, "comes twice"),
        ([first, tmp_path / "none"], tmp_path / "out", r"not a run \(it has no settings"),
        ([first, data / "part1"], tmp_path / "out", "part1: is unfinished"),
        ([first, data / "part1", data / "part2"], tmp_path / "out", "merge the parts first"),
    ):
        with pytest.raises(RunError, match=message):
            merge_runs(runs, out)
    corrected = copied(data / "last", tmp_path)
    correct(
        corrected, pl.DataFrame({"photo": photo(4), "garment": "top", "right_color": "#112233"})
    )
    with pytest.raises(RunError, match=r"has corrections, which can't be merged"):
        merge_runs([first, corrected], tmp_path / "out")


def test_who_was_forgotten_stays_so_and_nobody_comes_back_by_another_run(data, tmp_path):
    first, last = copied(data / "first", tmp_path), copied(data / "last", tmp_path)
    forget(last, [Value("source", SOURCES[0])])
    with pytest.raises(
        RunError, match=r"first: holds photos that another of the runs has forgotten"
    ):
        merge_runs([first, last], tmp_path / "out")
    forget(first, [Value("source", SOURCES[0])])
    merged = merge_runs([first, last], tmp_path / "out")
    assert (merged.header.photos, merged.total("photos"), merged.total("forgotten")) == (8, 6, 2)
    assert verify(tmp_path / "out", deep=True).faults == ()
    assert forget(tmp_path / "out", [Value("source", SOURCES[0])]).total("photos") == 1
    assert forget(tmp_path / "out", [Value("source", SOURCES[1])]).total("photos") == 2
    assert verify(tmp_path / "out", deep=True).faults == ()


def test_an_address_can_be_merged_and_merged_into(data):
    merge_runs([data / "first", data / "last"], "memory://merging/one")
    assert verify("memory://merging/one", deep=True).faults == ()


def test_a_merged_run_seals_again(data, tmp_path):
    header = merge_runs([data / "first", data / "last"], tmp_path / "out").header
    (tmp_path / "out" / "manifest.json").unlink()
    assert seal(tmp_path / "out", header, header.shards, 0).header == header
