import shutil
from pathlib import Path

import msgspec
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from traces import traces
from whole_runs import (
    SOURCES,
    config_of,
    contents,
    do_part,
    holds,
    looks_data,
    photo,
    source_of,
    whole_run,
)

from trendcolor.api.corrections import correct
from trendcolor.api.opening import open_run
from trendcolor.datasets.pseudonyms import Key
from trendcolor.engine.plan import plan
from trendcolor.errors import RunError
from trendcolor.runs import (
    FolderStore,
    ShardRows,
    Value,
    forget,
    open_run_folder,
    prepare_run_folder,
    read_receipt,
    seal,
    stored_columns,
    verify,
    write_frames,
)
from trendcolor.runs.checking import read_shard
from trendcolor.runs.forgotten import INSTEAD, Forgotten, Mark, Marks, read_forgotten, without_ids

OAK = Value("source", SOURCES[0])
# What stands for it under the key of the tests (conftest.py).
HASHED_OAK = Value("source", Key(b"\x5a" * 32).pseudonym("source", SOURCES[0]), spoken=SOURCES[0])
THEIRS = [photo(i) for i in range(8) if source_of(i) == SOURCES[0]]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Eight looks in four shards, with corrections, and folders that were made of them."""
    return made_of(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def hashed(tmp_path_factory):
    """The same whose sources are hashed; the corrections' note and the report still name one."""
    return made_of(tmp_path_factory.mktemp("hashed"), pseudonyms="hashed")


def made_of(folder, **settings):
    data = looks_data(folder, 8)
    config = config_of(data, "looks", range(8), **settings)
    run = whole_run(config, data / "run")
    header = open_run_folder(run).manifest.header
    rows = read_shard(FolderStore(run), 3)
    reasons = pl.Series([None, f"repeats {THEIRS[0]} (4 bits)"], dtype=pl.String)
    status = pl.Series(["ok", "screened"], dtype=rows.photos.schema["status"])
    photos = rows.photos.with_columns(reason=reasons, status=status)
    kept = rows.records.filter(pl.col("photo") != photos["photo"][1])
    found = ShardRows(kept, photos)
    write_frames(FolderStore(run), 3, found, stored_columns(header.columns))
    (run / "manifest.json").unlink()
    seal(run, header, 4, 1.5)
    fixes = pl.DataFrame(
        {"photo": [THEIRS[0], photo(1)], "garment": ["top", "top"], "right_color": ["#112233"] * 2}
    )
    correct(run, fixes, note=f"{SOURCES[0]} says so")
    for name in ("report/index.html", "audit/audit.csv", "records/00001.part"):
        (run / name).parent.mkdir(exist_ok=True)
        (run / name).write_text(f"{THEIRS} {SOURCES}", encoding="utf-8")
    return data


@pytest.fixture
def run(made, tmp_path):
    return Path(shutil.copytree(made / "run", tmp_path / "run"))


def test_nothing_of_a_forgotten_source_is_left_in_any_file(run):
    texts = (SOURCES[0], *THEIRS)
    assert all(holds(run, text) for text in texts)
    done = forget(run, [OAK])
    assert {text: holds(run, text) for text in texts} == {text: [] for text in texts}
    assert holds(run, SOURCES[1])
    assert (done.total("photos"), done.total("garments"), done.corrections) == (2, 4, 1)
    assert done.deleted == ("report", "audit")
    assert verify(run, deep=True).faults == ()


def test_nothing_of_a_forgotten_hash_is_left_in_any_file(hashed, tmp_path):
    run = Path(shutil.copytree(hashed / "run", tmp_path / "run"))
    (run / "report" / "index.html").write_text(f"{THEIRS} {HASHED_OAK}", encoding="utf-8")
    texts = (HASHED_OAK.text, SOURCES[0], *THEIRS)
    assert {text for _, text in traces(run, texts)} == {*texts}
    before = {part: tables_of(run, part) for part in ("histograms", "sources", "summary")}
    assert forget(run, [HASHED_OAK]).total("photos") == 2
    assert traces(run, texts) == []
    assert all(tables_of(run, part) != before[part] for part in before)
    assert verify(run, deep=True).faults == ()


def tables_of(run, part):
    return {path.name: path.read_bytes() for path in (run / part).iterdir()}


@pytest.mark.parametrize("pseudonyms", ["declared", "hashed"])
def test_the_rest_answers_as_if_the_photos_had_never_been_there(made, tmp_path, pseudonyms):
    without = [i for i in range(8) if source_of(i) != SOURCES[0]]
    settings = {"pseudonyms": pseudonyms}
    expected = whole_run(config_of(made, "without", without, **settings), tmp_path / "without")
    run = whole_run(config_of(made, "looks", range(8), **settings), tmp_path / "run")
    forget(run, [OAK if pseudonyms == "declared" else HASHED_OAK])
    one, other = open_run(run), open_run(expected)
    assert_frame_equal(one.folder.records().collect(), other.folder.records().collect())
    assert_frame_equal(one.folder.photos().collect(), other.folder.photos().collect())
    for unit in ("garments", "looks", "area", "weight"):
        asked = {"by": ["season", "garment"], "unit": unit}
        assert_frame_equal(one.shares(**asked), other.shares(**asked))
    for part in ("whole", "family", "common", "name", "bin", "sources", "colors"):
        stored = [each.folder.summary(part).collect() for each in (one, other)]
        assert_frame_equal(*stored)


def test_the_receipt_proves_who_was_forgotten_and_names_nobody(run):
    before = {number: read_receipt(run, number) for number in range(4)}
    done = forget(run, [OAK])
    assert read_forgotten(run) == Forgotten(calls=(done,))
    (named,) = done.named
    assert named.mark == Mark.of("source", SOURCES[0], named.mark.salt)
    assert named.mark != Mark.of("source", SOURCES[1], named.mark.salt)
    assert Marks([named.mark]).of({"photo": "x", "source": SOURCES[0]}) == [named.mark]
    assert Marks([named.mark]).of({"photo": "x", "source": SOURCES[1]}) == []
    assert [(each.shard, each.photos) for each in done.shards] == [(0, 1), (2, 1), (3, 0)]
    for each in done.shards:
        assert each.before == before[each.shard].sha256
        assert each.after == read_receipt(run, each.shard).sha256 != each.before
    assert read_receipt(run, 1) == before[1]
    header = open_run_folder(run).manifest.header
    answered = sum(read_receipt(run, number).photos for number in range(4))
    assert (header.photos, answered) == (8, 6)


def test_the_manifest_keeps_when_the_run_was_made_and_what_is_still_corrected(run):
    before = open_run_folder(run).manifest
    forget(run, [OAK])
    after = open_run_folder(run)
    assert (after.manifest.finished, after.manifest.seconds) == (before.finished, before.seconds)
    assert after.corrections.table["photo"].to_list() == [photo(1)]
    provenance = after.corrections.provenance
    assert (provenance.rows, provenance.colors, provenance.note) == (1, 1, "(forgotten) says so")


def test_a_reason_that_named_a_forgotten_photo_says_so_instead(run):
    forget(run, [OAK])
    photos = open_run_folder(run).photos().collect()
    screened = photos.filter(status="screened")
    assert screened["reason"].to_list() == [f"repeats {INSTEAD} (4 bits)"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("repeats a.jpg", f"repeats {INSTEAD}"),
        ("near copy of 'a.jpg': 4 bits", f"near copy of '{INSTEAD}': 4 bits"),
        ("repeats ba.jpg", "repeats ba.jpg"),
        ("repeats x/a.jpg", "repeats x/a.jpg"),
        ("repeats a.jpg-2", "repeats a.jpg-2"),
    ],
)
def test_only_whole_ids_are_taken_out_of_reasons(text, expected):
    assert without_ids(text, ["a.jpg"]) == expected


def test_a_run_that_goes_on_does_not_bring_them_back(made, run):
    planned = plan(config_of(made, "looks", range(8)))
    forget(run, [OAK])
    before = contents(run)
    for name in ("records/00000.parquet", "receipts/00002.json"):
        (run / name).unlink()
    do_part(planned, run)
    seal(run, planned.header, 4, 0)
    assert contents(run) == before
    prepare_run_folder(run, planned.header, fresh=True)
    do_part(planned, run)
    seal(run, planned.header, 4, 0)
    assert holds(run, SOURCES[0]) == []
    assert verify(run).faults == ()


def test_a_hashed_run_that_goes_on_does_not_bring_them_back(hashed, tmp_path):
    run = Path(shutil.copytree(hashed / "run", tmp_path / "run"))
    planned = plan(config_of(hashed, "looks", range(8), pseudonyms="hashed"))
    forget(run, [HASHED_OAK])
    before = contents(run)
    for name in ("records/00000.parquet", "receipts/00002.json"):
        (run / name).unlink()
    do_part(planned, run)
    seal(run, planned.header, 4, 0)
    assert contents(run) == before
    assert traces(run, (HASHED_OAK.text, *THEIRS)) == []


def test_an_unfinished_run_forgets_before_it_goes_on(made, tmp_path):
    planned = plan(config_of(made, "looks", range(8)))
    run = do_part(planned, tmp_path / "run")
    (run / "receipts" / "00002.json").unlink()
    (run / "index").mkdir()
    (run / "index" / "00000.parquet").write_bytes(THEIRS[0].encode())
    done = forget(run, [OAK])
    assert done.total("photos") == 1  # the other's shard is not finished
    assert holds(run, SOURCES[0]) == []
    with pytest.raises(RunError, match="unfinished"):
        open_run_folder(run)
    do_part(planned, run)
    assert seal(run, planned.header, 4, 1.5).total("photos") == 6
    assert holds(run, SOURCES[0]) == []


def test_forgetting_twice_changes_nothing_and_tells_the_same(run):
    done = forget(run, [OAK])
    before = contents(run)
    assert forget(run, [OAK]) == done
    assert contents(run) == before


def test_photos_that_came_back_can_be_forgotten_again(run):
    before = Path(shutil.copytree(run, run.with_name("before")))
    forget(run, [OAK])
    for part in ("records", "photos", "histograms", "sources"):
        shutil.copy(before / part / "00000.parquet", run / part)
    shutil.copy(before / "receipts" / "00000.json", run / "receipts")
    assert verify(run).faults != ()
    assert forget(run, [OAK]).total("photos") == 1
    assert verify(run, deep=True).faults == ()


def test_several_values_are_forgotten_at_once_and_one_after_the_other(run):
    forget(run, [OAK])
    done = forget(
        run, [Value("source", SOURCES[1]), Value("photo", photo(1)), Value("photo", photo(2))]
    )
    assert [each.photos for each in done.named] == [2, 0, 1]
    assert open_run_folder(run).photos().collect()["photo"].to_list() == [
        photo(i) for i in (3, 6, 7)
    ]
    assert len({each.salt for each in read_forgotten(run).marks}) == 1
    assert len(read_forgotten(run).calls) == 2
    assert verify(run, deep=True).faults == ()


def test_a_run_of_whom_all_is_forgotten_is_empty_and_sound(run):
    forget(run, [Value("source", name) for name in SOURCES])
    assert open_run_folder(run).records().collect().is_empty()
    assert open_run_folder(run).corrections is None
    assert verify(run, deep=True).faults == ()


def test_nobody_of_that_name_is_refused_and_nothing_changes(run):
    before = contents(run)
    with pytest.raises(RunError, match=r"no photo has source 'oak' \(wanted as .* nothing was"):
        forget(run, [OAK, Value("source", "oak")])
    with pytest.raises(RunError, match="nothing to forget"):
        forget(run, [])
    assert contents(run) == before


def test_a_damaged_run_is_refused_and_nothing_changes(run):
    (run / "photos" / "00001.parquet").write_bytes(b"PAR1")
    before = contents(run)
    with pytest.raises(RunError, match=r"1 damaged .*makes them again"):
        forget(run, [OAK])
    assert contents(run) == before


def same_run(folder):
    """What two runs of which the same was forgotten share: not the salt."""
    files = contents(folder)
    files.pop("forgotten.json")
    assert files.pop("croissant.json")  # tells the hashes of these two
    manifest = msgspec.json.decode(files.pop("manifest.json"))
    assert manifest.pop("forgotten")
    return files, manifest


class Killed(BaseException):
    """What ends a process in the test below."""


@pytest.mark.parametrize("stride", [4, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("data", "whom"), [("made", OAK), ("hashed", HASHED_OAK)], ids=["plain", "hash"]
)
def test_killed_at_any_point_it_is_as_before_or_shut_and_goes_on(
    data, whom, tmp_path, monkeypatch, stride, request
):
    made = request.getfixturevalue(data)
    whole = Path(shutil.copytree(made / "run", tmp_path / "whole"))
    before = contents(whole)
    forget(whole, [whom])
    expected, steps = same_run(whole), 0
    originals = [(Path, "replace"), (Path, "unlink"), (shutil, "rmtree")]
    while True:
        run = Path(shutil.copytree(made / "run", tmp_path / "run"))
        left = [steps]

        def count_down(act, left=left):
            def acts(*args, **kwargs):
                left[0] -= 1
                if left[0] == -1:
                    raise Killed
                return act(*args, **kwargs)

            return acts

        with monkeypatch.context() as patch:
            for owner, name in originals:
                patch.setattr(owner, name, count_down(getattr(owner, name)))
            try:
                forget(run, [whom])
            except Killed:
                pass
            else:
                break
        try:
            open_run_folder(run)
        except RunError as error:
            assert "a `forget` was broken off in it" in str(error)  # noqa: PT017 # or it opens
            with pytest.raises(RunError, match="a `forget` was broken off"):
                prepare_run_folder(run, open_run_folder(whole).manifest.header, fresh=False)
        else:
            (run / "lock").unlink(missing_ok=True)  # which the system holds, not the file
            now = {name: each for name, each in contents(run).items() if not name.endswith("part")}
            was = {name: each for name, each in before.items() if not name.endswith("part")}
            assert now == was or same_run(run) == expected
        assert forget(run, [whom]).total("photos") == 2
        assert same_run(run) == expected
        shutil.rmtree(run)
        steps += stride
    assert steps > 25


def test_any_call_finishes_one_that_was_broken_off(run, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("trendcolor.runs.erasing.seal", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            forget(run, [OAK])
    done = forget(run, [])
    assert done.total("photos") == 2
    assert verify(run, deep=True).faults == ()


def test_an_address_forgets_as_a_folder_does(made):
    planned = plan(config_of(made, "looks", range(8)))
    place = "memory://forgetting/run"
    do_part(planned, place)
    seal(place, planned.header, 4, 1.5)
    assert forget(place, [OAK]).total("photos") == 2
    assert verify(place, deep=True).faults == ()


def test_a_duplicate_of_a_forgotten_photo_stays_out_and_names_it_no_more(tmp_path):
    data = looks_data(tmp_path / "data", 4)
    shutil.copy(data / photo(0), data / photo(3))  # of another source
    config = config_of(data, "looks", range(4))
    text = config.read_text(encoding="utf-8").replace('duplicates = "off"', 'duplicates = "exact"')
    config.write_text(text, encoding="utf-8")
    planned = plan(config)
    run = whole_run(config, tmp_path / "run")
    assert holds(run / "photos", f"duplicate of {photo(0)}")
    forget(run, [OAK])
    before = contents(run)
    photos = open_run_folder(run).photos().collect()
    assert photos["reason"].to_list() == [None, None, f"duplicate of {INSTEAD}"]
    (run / "photos" / "00001.parquet").unlink()
    do_part(planned, run)
    seal(run, planned.header, 2, 0)
    assert contents(run) == before
    assert holds(run, photo(0)) == []
