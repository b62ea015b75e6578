from dataclasses import replace

import polars as pl
import pytest
from garment_rows import BLACK, BLUE, RED, garment, records
from polars.testing import assert_frame_equal
from test_runs import HEADER, KINDS

import trendcolor as tc
from trendcolor.config import ColorConfig
from trendcolor.errors import QueryError, RunError
from trendcolor.records import frame, photo_schema
from trendcolor.runs import RunColumn, prepare_run_folder, seal, write_shard

SPRING, AUTUMN = (
    replace(HEADER, name=name, photos=2, index_hash=index)
    for name, index in (("spring", "aa" * 32), ("autumn", "bb" * 32))
)
OTHER = replace(
    AUTUMN,
    weights_hash="22" * 32,
    settings=replace(HEADER.settings, color=ColorConfig(erode=5)),
)


def run_folder(folder, header, colors, season):
    """A run of two photos, `a` and `b`, of a top and trousers each."""
    declared = {"season": season, "region": "EU"}
    garments = [
        garment(photo, color, garment=kind, source=f"s-{photo}", **declared)
        for photo, color in zip("ab", colors, strict=True)
        for kind in ("top", "trousers")
    ]
    rows = records(*garments, columns=tuple(KINDS)).collect()
    photos = frame([{"photo": photo, "status": "ok"} for photo in "ab"], photo_schema(KINDS))
    prepare_run_folder(folder, header, fresh=False)
    write_shard(folder, 0, rows, photos)
    seal(folder, header, 1, 1.0)
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs")
    return {
        "spring": run_folder(path / "one", SPRING, [BLACK, RED], "SS26"),
        "autumn": run_folder(path / "two", AUTUMN, [BLACK, BLUE], "AW26"),
        "other": run_folder(path / "three", OTHER, [BLACK, BLUE], "AW26"),
    }


def open_two(folders, other="autumn", **asked):
    return tc.open_runs([folders["spring"], folders[other]], **asked)


def test_two_runs_answer_as_one_by_run_and_by_their_columns(folders):
    run = open_two(folders)
    black = run.shares(by="run").filter(family="black").select("run", "numerator", "denominator")
    assert black.rows() == [("autumn", 2, 4), ("spring", 2, 4)]
    # Photos of one id in two runs are two: four looks.
    assert run.shares(unit="looks")["denominator"][0] == 4
    assert run.where(run="spring").shares()["denominator"][0] == 4
    assert {*run.photos()["photo"]} == {"spring/a", "spring/b", "autumn/a", "autumn/b"}
    assert {*run.records().collect()["photo"]} == {*run.photos()["photo"]}
    assert "mixed" not in run.shares().columns


def test_one_run_opens_alone_as_with_open_run(folders):
    one, alone = tc.open_runs([folders["spring"]]), tc.open_run(folders["spring"])
    assert_frame_equal(one.shares("season"), alone.shares("season"))
    assert one.folder.path == folders["spring"]


def test_runs_of_one_name_are_named_by_their_folders(tmp_path):
    headers = [replace(SPRING, index_hash=each * 32) for each in ("aa", "bb")]
    paths = [
        run_folder(tmp_path / name, header, [BLACK, RED], "SS26")
        for name, header in zip(("eu", "us"), headers, strict=True)
    ]
    assert {*tc.open_runs(paths).shares(by="run")["run"]} == {"eu", "us"}
    deeper = tmp_path / "old" / "eu"
    deeper.parent.mkdir()
    paths[1].rename(deeper)
    found = {*tc.open_runs([paths[0], deeper]).shares(by="run")["run"]}
    assert found == {str(paths[0]), str(deeper)}


def test_no_run_and_a_missing_run_are_refused(folders, tmp_path):
    with pytest.raises(QueryError, match="no run to open"):
        tc.open_runs([])
    with pytest.raises(RunError, match="no such run folder"):
        tc.open_runs([folders["spring"], tmp_path / "none"])


def test_a_run_that_is_given_twice_is_refused(folders):
    with pytest.raises(QueryError, match="comes twice"):
        tc.open_runs([folders["spring"]] * 2)
    respelled = folders["spring"].parent / "two" / ".." / "one"
    with pytest.raises(QueryError, match=r"of the same photos|comes twice"):
        tc.open_runs([folders["spring"], respelled])


@pytest.mark.parametrize("mixed", [False, True])
def test_two_runs_of_the_same_photos_are_refused_even_mixed(folders, mixed):
    with pytest.raises(QueryError, match="are of the same photos, which would count twice"):
        tc.open_runs([folders["autumn"], folders["other"]], mixed=mixed)


def test_columns_of_two_kinds_are_refused(folders, tmp_path):
    columns = tuple(
        RunColumn(name=name, kind="market" if name == "region" else kind)
        for name, kind in KINDS.items()
    )
    path = run_folder(tmp_path / "run", replace(AUTUMN, columns=columns), [BLACK, RED], "AW26")
    with pytest.raises(QueryError, match="column 'region' is of kind region in spring and market"):
        tc.open_runs([folders["spring"], path], mixed=True)


def test_runs_that_differ_are_refused_with_all_that_differs(folders):
    with pytest.raises(
        QueryError, match=r"the runs differ in segmenter's weights, color\.erode: .*mixed=True"
    ):
        open_two(folders, "other")


ANSWERS = {
    "shares": lambda run: run.shares("run"),
    "public shares": lambda run: run.shares("run", disclosure="public"),
    "histogram": lambda run: run.histogram(by="season"),
    "histogram of records": lambda run: run.histogram(step=8),
    "compare": lambda run: run.compare({"run": "spring"}, {"run": "autumn"}),
    "signatures": lambda run: run.signatures(family="black"),
    "palette": lambda run: run.palette("season"),
    "public palette": lambda run: run.palette("season", disclosure="public"),
    "combinations": lambda run: run.combinations(same=True),
    "error budget": lambda run: run.error_budget("season"),
    "narrowed": lambda run: run.where(season="SS26").garments("top").near("red", within=9).shares(),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_each_answer_of_mixed_runs_says_what_differs(folders, answer):
    table = answer(open_two(folders, "other", mixed=True))
    assert table.columns[-1] == "mixed"
    assert {*table["mixed"]} <= {"segmenter's weights, color.erode"}
    assert table["mixed"].dtype == pl.String
    alike = answer(open_two(folders, mixed=True))
    assert "mixed" not in alike.columns


def test_nothing_is_known_of_the_errors_of_mixed_runs(folders):
    table = open_two(folders, "other", mixed=True).error_budget()
    assert {*table["unknown"]} == {"segmentation, color"}


def test_several_runs_have_no_one_folder(folders):
    with pytest.raises(QueryError, match=r"2 runs are open as one \(open one of them\)"):
        _ = open_two(folders).folder


def test_one_run_has_no_column_run(folders):
    with pytest.raises(QueryError, match="no column 'run'"):
        tc.open_run(folders["spring"]).shares("run")
