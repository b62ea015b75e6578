import json
import shutil
from dataclasses import replace
from pathlib import Path

import fsspec
import msgspec
import polars as pl
import pytest
from whole_runs import SOURCES, N, config_of, contents, looks_data, photo, whole_run

from trendcolor.api.corrections import correct, uncorrect
from trendcolor.cards.licenses import LicenseTerms, license_of_figures, license_terms, strictest
from trendcolor.runs import (
    RunColumn,
    Value,
    forget,
    merge_runs,
    open_run_folder,
    seal,
    store_of,
    verify,
)
from trendcolor.runs.croissant import croissant_bytes
from trendcolor.runs.files import sha256_of

TYPES = {
    "sc:Text": lambda kind: kind in (pl.String, pl.Enum, pl.Categorical),
    "sc:Integer": lambda kind: kind.is_integer() or kind.is_decimal(),
    "sc:Float": lambda kind: kind.is_float(),
    "sc:Boolean": lambda kind: kind == pl.Boolean,
}
PARTS = ("records", "photos", "histograms", "sources")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run of twelve looks in six shards, and two of its halves."""
    folder = looks_data(tmp_path_factory.mktemp("data"), N)
    whole_run(config_of(folder, "looks", range(N)), folder / "run")
    whole_run(config_of(folder, "first", range(6)), folder / "first")
    whole_run(config_of(folder, "last", range(6, N)), folder / "last")
    return folder


@pytest.fixture(params=["as it was sealed", "merged", "forgotten", "corrected"])
def run(request, made, tmp_path):
    """A run, whatever was done to it."""
    path = tmp_path / "run"
    if request.param == "merged":
        merge_runs([made / "first", made / "last"], path)
        return path
    shutil.copytree(made / "run", path)
    if request.param == "forgotten":
        forget(path, [Value("source", SOURCES[0])])
    if request.param == "corrected":
        correct(path, pl.DataFrame({"photo": photo(1), "garment": "top", "right_color": "#112233"}))
    return path


@pytest.fixture
def sealed(made, tmp_path):
    return Path(shutil.copytree(made / "run", tmp_path / "run"))


def described(run):
    return json.loads((run / "croissant.json").read_text(encoding="utf-8"))


def description_of(run, **header):
    """What a run would say of itself if its header were another."""
    manifest = open_run_folder(run).manifest
    other = replace(manifest, header=replace(manifest.header, **header))
    return json.loads(croissant_bytes(store_of(run), other, "0" * 64))


def ids_in(value, key="@id"):
    """All ids of a description, where they are given and where they are told."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name == key:
                yield each, len(value) == 1
            else:
                yield from ids_in(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from ids_in(each, key)


def croissant_faults(run):
    return {(each.where, each.fault) for each in verify(run).faults if each.check == "croissant"}


def test_each_id_is_given_once_and_each_reference_leads_to_one(run):
    found = [*ids_in({key: each for key, each in described(run).items() if key != "@context"})]
    given = [each for each, is_reference in found if not is_reference]
    assert len(given) == len({*given})
    assert {each for each, is_reference in found if is_reference} <= {*given}


def test_all_files_are_there_with_their_hashes_and_no_other(run):
    found, names = described(run)["distribution"], {"croissant.json", "corrections.json"}
    for each in found:
        if each["@type"] == "cr:FileObject":
            assert sha256_of((run / each["contentUrl"]).read_bytes()) == each["sha256"]
            names.add(each["contentUrl"])
        else:
            names |= {path.relative_to(run).as_posix() for path in run.glob(each["includes"])}
    # Receipts are in the manifest, and what corrections change is not described.
    others = ("receipts/", "corrected/")
    assert {name for name in contents(run) if not name.startswith(others)} <= names


def test_every_column_of_every_shard_is_described_with_its_type(run):
    record_sets = {each["@id"]: each for each in described(run)["recordSet"]}
    assert tuple(record_sets) == PARTS
    for part, record_set in record_sets.items():
        fields = {each["source"]["extract"]["column"]: each for each in record_set["field"]}
        for path in (run / part).iterdir():
            schema = pl.read_parquet_schema(path)
            assert list(schema) == list(fields)
            for name, kind in schema.items():
                assert TYPES[fields[name]["dataType"]](kind)
        key = [each["@id"].partition("/")[2] for each in record_set.get("key", ())]
        rows = pl.read_parquet(run / part / "*.parquet")
        assert not key or not rows.select(key).is_duplicated().any()


def test_whatever_was_done_to_a_run_it_verifies(run):
    assert verify(run, deep=True).faults == ()
    assert verify(run).looked_at["croissant"] > 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_mlcroissant_finds_no_fault_and_reads_every_row(run):
    mlcroissant = pytest.importorskip("mlcroissant")
    found = mlcroissant.Dataset(jsonld=run / "croissant.json")
    issues = found.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    for part in PARTS:
        rows = pl.read_parquet(run / part / "*.parquet")
        read = [*found.records(part)]
        assert len(read) == len(rows)
        for name, kind in rows.schema.items():
            values = [row[f"{part}/{name}"] for row in read]
            texts = [each.decode() if isinstance(each, bytes) else each for each in values]
            column = rows[name].cast(pl.Int64) if kind.is_decimal() else rows[name]
            stored = column.cast(pl.String) if kind == pl.Enum else column
            # Joined rows come in another order than they are stored in.
            assert sorted(texts, key=str) == pytest.approx(sorted(stored.to_list(), key=str))


def test_a_run_tells_what_it_was_made_of_by_what_and_for_what(made):
    told, header = described(made / "run"), open_run_folder(made / "run").manifest.header
    assert told["conformsTo"][0] == "http://mlcommons.org/croissant/1.1"
    assert told["license"] == "https://spdx.org/licenses/CC0-1.0.html"
    assert told["datePublished"] == open_run_folder(made / "run").manifest.finished
    (source,) = told["prov:wasDerivedFrom"]
    assert (source["identifier"], source["version"], source["sha256"]) == (
        "looks",
        "1",
        header.cards[0].sha256,
    )
    activity = told["prov:wasGeneratedBy"]
    agent = activity["prov:wasAssociatedWith"]
    assert (agent["prov:label"], agent["sha256"]) == (
        f"trendcolor {header.code_version}",
        header.code_hash,
    )
    assert header.settings_hash in {each["sha256"] for each in activity["prov:used"]}
    assert told["rai:dataUseCases"] == ["research: study, without a product or a sale"]
    assert "made up; period: 2025" in told["rai:dataCollection"]
    assert (
        "No face, age, gender, race, emotion or identity is inferred"
        in (told["rai:personalSensitiveInformation"][0])
    )


def test_weights_biases_and_homepages_are_told_where_there_are_any(sealed):
    (card,) = open_run_folder(sealed).manifest.header.cards
    card = replace(card, homepage="https://example.org", biases=("two cities",))
    told = description_of(sealed, cards=(card,), weights="net.safetensors", weights_hash="1" * 64)
    assert told["prov:wasDerivedFrom"][0]["url"] == "https://example.org"
    assert told["rai:dataBiases"] == ["looks: two cities"]
    assert f"net.safetensors (SHA-256 {'1' * 64})" in told["rai:machineAnnotationTools"][0]
    used = told["prov:wasGeneratedBy"]["prov:used"]
    assert ("segmenter net.safetensors", "1" * 64) in {
        (each["prov:label"], each["sha256"]) for each in used
    }


def test_declared_columns_tell_who_declared_them_and_cohorts_are_named(sealed):
    columns = (
        *open_run_folder(sealed).manifest.columns,
        RunColumn(name="line", kind="cohort", declared_by="the shops"),
    )
    told = description_of(sealed, columns=columns)
    fields = {each["@id"]: each for part in told["recordSet"] for each in part["field"]}
    expected = "Declared column of kind cohort, declared by: the shops"
    assert {fields[f"{part}/line"]["description"] for part in PARTS} == {expected}
    named = "Declared column line of kind cohort, declared by: the shops"
    assert named in told["rai:personalSensitiveInformation"]


@pytest.mark.parametrize(
    ("licenses", "expected"),
    [
        pytest.param(["CC0-1.0", "CC0-1.0"], "https://spdx.org/licenses/CC0-1.0.html", id="one"),
        pytest.param(["CC0-1.0", "CC-BY-4.0"], "CC0-1.0 AND CC-BY-4.0", id="two"),
        pytest.param(
            ["MIT OR Apache-2.0", "MIT"], "https://spdx.org/licenses/MIT.html", id="a choice"
        ),
        pytest.param(["LicenseRef-mine"], "LicenseRef-mine", id="its own"),
        pytest.param(
            ["CC-BY-SA-4.0", "MIT"], "https://spdx.org/licenses/CC-BY-SA-4.0.html", id="share-alike"
        ),
        pytest.param([], "unspecified", id="no card"),
    ],
)
def test_the_license_is_that_of_all_cards_together(sealed, licenses, expected):
    decision = open_run_folder(sealed).manifest.header.decision
    terms = strictest(map(license_terms, licenses)) if licenses else LicenseTerms(license="")
    figures = license_of_figures(terms)
    decision = replace(decision, terms=terms, license_of_figures=figures)
    found = description_of(sealed, decision=decision)["license"]
    assert (found if isinstance(found, str) else found["name"]) == expected


def test_the_same_run_gives_the_same_bytes_but_for_time(made, tmp_path):
    other = whole_run(config_of(made, "looks", range(N)), tmp_path / "elsewhere")
    one, also = ((each / "croissant.json").read_text("utf-8") for each in (made / "run", other))
    manifests = {sha256_of((each / "manifest.json").read_bytes()) for each in (made / "run", other)}
    for sha256 in manifests:
        one, also = one.replace(sha256, ""), also.replace(sha256, "")
    finished = {open_run_folder(each).manifest.finished for each in (made / "run", other)}
    for moment in finished:
        one, also = one.replace(moment, ""), also.replace(moment, "")
    assert one == also


def test_no_photo_no_source_and_no_path_stands_in_it(run, made, tmp_path):
    told = (run / "croissant.json").read_text(encoding="utf-8")
    for name in (
        *(photo(i) for i in range(N)),
        *SOURCES,
        str(made),
        str(tmp_path),
        str(Path.home()),
    ):
        assert name not in told


def test_each_forgetting_is_a_major_version(sealed):
    assert described(sealed)["version"] == "1.0.0"
    for number, source in enumerate(SOURCES[:2], start=2):
        forget(sealed, [Value("source", source)])
        assert described(sealed)["version"] == f"{number}.0.0"


def test_corrections_are_told_of_and_no_more_when_they_are_gone(sealed):
    before = described(sealed)
    correct(sealed, pl.DataFrame({"photo": photo(1), "garment": "top", "right_color": "#112233"}))
    assert "corrections.parquet" in described(sealed)["description"]
    uncorrect(sealed)
    assert described(sealed) == before


def test_a_run_at_an_address_is_described_as_well(made):
    address = "memory://described"
    store = store_of(address)
    for name, content in contents(made / "run").items():
        store.write(name, content)
    try:
        store.delete(["croissant.json"])
        assert ("croissant.json", "is missing") in {
            (each.where, each.fault) for each in verify(address).faults
        }
        manifest = open_run_folder(made / "run").manifest
        seal(address, manifest.header, manifest.header.shards, 0.0)
        assert store.read("croissant.json") == (made / "run" / "croissant.json").read_bytes()
        assert verify(address).faults == ()
    finally:
        fsspec.filesystem("memory").rm("/described", recursive=True)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(
            lambda told: told | {"license": "https://spdx.org/licenses/MIT.html"},
            "is not what the run gives",
            id="license",
        ),
        pytest.param(lambda _: [], "does not describe manifest.json", id="a list"),
        pytest.param(
            lambda _: {"distribution": [1]}, "does not describe manifest.json", id="number"
        ),
        pytest.param(
            lambda told: told | {"distribution": told["distribution"][:4]},
            "does not describe manifest.json",
            id="without the manifest",
        ),
    ],
)
def test_a_description_of_another_run_is_found(sealed, change, fault):
    path = sealed / "croissant.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(change(described(sealed)))) + b"\n")
    assert croissant_faults(sealed) == {("croissant.json", fault)}


def test_another_release_may_use_other_words_of_the_same_manifest(sealed):
    path = sealed / "croissant.json"
    told = described(sealed) | {"sdVersion": "99.0.0", "description": "In other words."}
    path.write_bytes(json.dumps(told).encode())
    assert croissant_faults(sealed) == set()
    manifest = sealed / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    assert croissant_faults(sealed) == {("croissant.json", "does not describe manifest.json")}
