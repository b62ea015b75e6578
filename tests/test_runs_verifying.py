import shutil
from pathlib import Path

import msgspec
import polars as pl
import pytest
from whole_runs import SOURCES, config_of, contents, looks_data, photo, whole_run

from trendcolor.api.corrections import correct
from trendcolor.color.vocabularies import shipped_vocabulary
from trendcolor.errors import RunError
from trendcolor.records import parquet_bytes
from trendcolor.runs import FORGOTTEN, Value, forget, verify
from trendcolor.runs.files import sha256_of


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Six looks in three shards, with a correction."""
    data = looks_data(tmp_path_factory.mktemp("data"), 6)
    run = whole_run(config_of(data, "looks", range(6)), data / "run")
    correct(run, pl.DataFrame({"photo": photo(1), "garment": "top", "right_color": "#112233"}))
    return run


@pytest.fixture
def run(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "run"))


def faults(run, *, deep=False):
    return {(each.check, each.where, each.fault) for each in verify(run, deep=deep).faults}


def rewrite(run, name, change):
    """Change a shard's table, and the hashes that tell of it, as one who hides it would."""
    part, number = name.split("/")[0], int(name.split("/")[1][:5])
    content = parquet_bytes(change(pl.read_parquet(run / name)))
    (run / name).write_bytes(content)
    receipt = run / f"receipts/{number:05d}.json"
    for file in (receipt, run / "manifest.json"):
        told = msgspec.json.decode(file.read_bytes())
        (told if file == receipt else told["shards"][number])["sha256"][part] = sha256_of(content)
        file.write_bytes(msgspec.json.format(msgspec.json.encode(told)) + b"\n")


def edit(run, name, **fields):
    told = msgspec.json.decode((run / name).read_bytes())
    (run / name).write_bytes(msgspec.json.encode(told | fields))


def test_a_sound_run_has_no_fault_and_is_not_changed(run):
    before = contents(run)
    found = verify(run, deep=True)
    assert found.faults == ()
    found.refuse()
    assert found.looked_at["photos"] == 6
    assert found.looked_at["records"] == 12
    assert found.looked_at["corrections"] == 1
    assert set(found.table()["fault"]) == {"none"}
    assert contents(run) == before


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("records/00001.parquet", ("hashes", "is not the file of its receipt")),
        ("photos/00000.parquet", ("hashes", "is not the file of its receipt")),
        ("histograms/00002.parquet", ("hashes", "is not the file of its receipt")),
        ("sources/00002.parquet", ("hashes", "is not the file of its receipt")),
        ("summary/family.parquet", ("summary", "is not the file of the manifest")),
        ("corrections.parquet", ("corrections", None)),
        ("croissant.json", ("croissant", None)),
        ("receipts/00001.json", ("receipts", "can't be read")),
    ],
)
def test_one_changed_byte_anywhere_is_found(run, name, fault):
    content = bytearray((run / name).read_bytes())
    content[len(content) // 2] ^= 0x80
    (run / name).write_bytes(content)
    check, told = fault
    found = faults(run)
    assert {each[:2] for each in found} == {(check, name)}
    assert told is None or found == {(check, name, told)}


def test_all_faults_are_told_and_not_only_the_first(run):
    (run / "records" / "00001.parquet").unlink()
    (run / "summary" / "bin.parquet").unlink()
    (run / "receipts" / "00002.json").unlink()
    for name in ("records/00001.part", "index", "notes.txt", "summary/old.parquet", "lock"):
        (run / name).touch()
    left = "is left over from a command that was broken off, or that runs now"
    assert faults(run) == {
        ("hashes", "records/00001.parquet", "is missing"),
        ("files", "summary/bin.parquet", "is missing"),
        ("files", "receipts/00002.json", "is missing"),
        ("files", "records/00001.part", left),
        ("files", "index", left),
        ("files", "lock", left),
        ("files", "notes.txt", "is no file of a run"),
        ("files", "summary/old.parquet", "is no file of a run"),
    }
    with pytest.raises(RunError, match="8 faults"):
        verify(run).refuse()


FIRST = pl.int_range(pl.len()) == 0
CHANGES = [
    pytest.param(
        "records/00000.parquet",
        lambda rows: rows.with_columns(
            weight=pl.when(FIRST).then(9).otherwise("weight").cast(pl.Int16)
        ),
        {("records", "records/00000.parquet", "1 palettes do not sum to 255")},
        id="weights",
    ),
    pytest.param(
        "records/00000.parquet",
        lambda rows: rows.with_columns(photo=pl.when(FIRST).then(pl.lit("x")).otherwise("photo")),
        {("records", "records/00000.parquet", "1 photos have records and are not ok")},
        id="stranger",
    ),
    pytest.param(
        "photos/00001.parquet",
        lambda rows: rows.with_columns(
            photo=pl.when(FIRST).then(pl.lit(photo(0))).otherwise("photo")
        ),
        {
            ("photos", "photos", f"'{photo(0)}' is there 2 times"),
            ("records", "records/00001.parquet", "1 photos have records and are not ok"),
        },
        id="twice",
    ),
    pytest.param(
        "photos/00001.parquet",
        lambda rows: rows.head(1),
        {
            ("rows", "photos/00001.parquet", "has 1 photos, its receipt 2"),
            ("rows", "photos/00001.parquet", "has 1 ok, its receipt 2"),
        },
        id="lost",
    ),
    pytest.param(
        "photos/00001.parquet",
        lambda rows: rows.drop("width"),
        {("photos", "photos/00001.parquet", "has other columns than the run's photos")},
        id="columns",
    ),
    pytest.param(
        "histograms/00001.parquet",
        lambda rows: rows.with_columns(pl.col("garments") + 1),
        {("histograms", "histograms/00001.parquet", "is not what the records give")},
        id="histogram",
    ),
]


@pytest.mark.parametrize(("name", "change", "expected"), CHANGES)
def test_what_hashes_do_not_see_is_found_in_the_rows(run, name, change, expected):
    rewrite(run, name, change)
    assert expected <= faults(run, deep=True)


def test_a_summary_that_is_not_the_sum_is_found(run):
    file = run / "summary" / "family.parquet"
    content = parquet_bytes(pl.read_parquet(file).with_columns(pl.col("garments") + 1))
    file.write_bytes(content)
    manifest = msgspec.json.decode((run / "manifest.json").read_bytes())
    summary = manifest["summary"] | {"family": sha256_of(content)}
    edit(run, "manifest.json", summary=summary)
    assert faults(run) == {
        ("summary", "summary/family.parquet", "is not the sum of what the shards stored"),
        ("croissant", "croissant.json", "does not describe manifest.json"),
    }


def test_a_corrected_summary_that_does_not_hold_is_found(run):
    file = run / "corrected" / "name.parquet"
    file.write_bytes(parquet_bytes(pl.read_parquet(file).with_columns(pl.col("garments") + 1)))
    assert faults(run) == set()
    found = faults(run, deep=True)
    assert found == {
        ("corrections", "corrected/name.parquet", "is not what the corrected records give")
    }


def test_settings_of_another_hash_are_found(run):
    settings = msgspec.json.decode((run / "settings.json").read_bytes())["settings"]
    settings["color"]["min_share"] = 0.3
    edit(run, "settings.json", settings=settings)
    assert faults(run) == {
        ("manifest", "manifest.json", "is not of settings.json"),
        ("manifest", "settings.json", "its settings have another hash than it says"),
        ("croissant", "croissant.json", "is not what the run gives"),
    }


def test_a_decision_of_another_day_is_sound_and_one_of_another_purpose_is_found(run):
    manifest = msgspec.json.decode((run / "manifest.json").read_bytes())
    header = manifest["header"]
    header["decision"]["date"] = "2099-01-01"
    edit(run, "manifest.json", header=header)
    described = ("croissant", "croissant.json", "does not describe manifest.json")
    assert faults(run) - {described} == set()
    header["decision"]["purpose"] = "publication"
    edit(run, "manifest.json", header=header)
    told = "the gate's decision is not that of its cards"
    assert ("manifest", "manifest.json", told) in faults(run)


def test_a_lost_receipt_of_forgetting_and_photos_that_came_back_are_found(run):
    before = shutil.copytree(run, run.with_name("before"))
    forget(run, [Value("source", SOURCES[0])])
    (forgotten,) = run.glob(FORGOTTEN)
    for part in ("records", "photos", "histograms", "sources"):
        shutil.copy(before / part / "00000.parquet", run / part)
    shutil.copy(before / "receipts" / "00000.json", run / "receipts")
    found = faults(run)
    assert ("forgotten", "photos/00000.parquet", "holds 1 photos that were forgotten") in found
    forgotten.write_bytes(b"{")
    assert "not readable by this version" in str(verify(run).table()["fault"].to_list())
    forgotten.unlink()
    assert ("forgotten", FORGOTTEN, "is not the file of the manifest") in faults(run)


def test_what_is_no_finished_run_is_refused(run, tmp_path):
    with pytest.raises(RunError, match=r"not a run \(it has no settings\.json\)"):
        verify(tmp_path)
    edit(run, "settings.json", format=4)
    with pytest.raises(RunError, match="is of format 4, this version reads 6"):
        verify(run)
    edit(run, "settings.json", format=6, vocabulary="old")
    with pytest.raises(RunError, match="by other names than this version"):
        verify(run)
    (run / "manifest.json").unlink()
    edit(run, "settings.json", vocabulary=shipped_vocabulary().fingerprint)
    with pytest.raises(RunError, match="is unfinished"):
        verify(run)
