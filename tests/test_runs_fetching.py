import fsspec
import pytest
from looks import write_config, write_looks

from trendcolor.api.audits import audit
from trendcolor.api.corrections import correct, uncorrect
from trendcolor.api.opening import open_run, open_runs
from trendcolor.api.reports import ReportOptions, report
from trendcolor.cli import main
from trendcolor.config import Address
from trendcolor.engine.plan import plan
from trendcolor.engine.running import run_plan
from trendcolor.errors import QueryError, RunError, UsageError
from trendcolor.runs.fetching import cache_folder

# Looks are plain and alike: neither is what these tests are about.
PLAIN = '[images]\nscreen = false\nduplicates = "off"\n'
RUN = "memory://runs/looks"


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A run folder of eight looks."""
    folder = write_looks(tmp_path_factory.mktemp("data"))
    run_plan(plan(write_config(folder, more=PLAIN)), folder / "run")
    return folder / "run"


@pytest.fixture(autouse=True)
def store(local, monkeypatch, tmp_path):
    """The same run at an address, and an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files = fsspec.filesystem("memory")
    files.put(f"{local}/", "/runs/looks/", recursive=True)
    yield files
    files.rm("/runs", recursive=True)


def kept():
    """What is in the cache."""
    folder = cache_folder(Address(RUN))
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_a_run_at_an_address_answers_as_the_folder_does(local):
    far, here = open_run(RUN), open_run(local)
    assert far.shares(by="season").equals(here.shares(by="season"))
    assert {name.partition("/")[0] for name in kept()} == {"manifest.json", "summary"}
    assert far.near("#b22222", within=5).shares().equals(here.near("#b22222", within=5).shares())
    assert far.photos().equals(here.photos())
    assert {"records/00000.parquet", "photos/00001.parquet"} <= kept()


def test_runs_at_addresses_are_opened_together_with_folders(store):
    store.copy("/runs/looks", "/runs/other", recursive=True)
    with pytest.raises(QueryError, match="runs looks and other are of the same photos"):
        open_runs([RUN, "memory://runs/other"])


def test_what_was_fetched_is_not_fetched_again(store):
    open_run(RUN).photos()
    for name in ("photos", "summary"):
        store.rm(f"/runs/looks/{name}", recursive=True)
    assert open_run(RUN).photos().height == 8


def test_a_file_that_is_not_the_manifests_is_refused(store):
    whole = store.cat("/runs/looks/photos/00000.parquet")
    store.pipe_file("/runs/looks/photos/00000.parquet", whole[:-1] + b"x")
    with pytest.raises(RunError, match=r"photos/00000\.parquet: is not the file of the manifest"):
        open_run(RUN).photos()
    store.rm_file("/runs/looks/photos/00000.parquet")
    with pytest.raises(RunError, match=r"photos/00000\.parquet: is missing"):
        open_run(RUN).photos()


def test_what_a_changed_run_no_longer_holds_leaves_the_cache(store):
    run = open_run(RUN)
    run.photos()
    manifest = store.cat("/runs/looks/manifest.json").decode()
    sha256 = run.population.folders["looks"].manifest.shards[1].sha256["photos"]
    store.pipe_file("/runs/looks/manifest.json", manifest.replace(sha256, "0" * 64).encode())
    open_run(RUN)
    assert "photos/00000.parquet" in kept()
    assert "photos/00001.parquet" not in kept()


def test_corrections_of_a_run_at_an_address_hold(local, store, tmp_path):
    store.rm("/runs/looks", recursive=True)
    photo = open_run(local).photos().filter(status="ok")["photo"][0]
    table = tmp_path / "t.csv"
    table.write_text(f"photo,garment,right_garment\n{photo},top,outerwear\n", encoding="utf-8")
    try:
        correct(local, table)
        store.put(f"{local}/", "/runs/looks/", recursive=True)
        far, here = open_run(RUN), open_run(local)
        assert far.shares(by="garment").equals(here.shares(by="garment"))
        assert "outerwear" in far.shares(by="garment")["garment"]
    finally:
        uncorrect(local)


def test_a_run_that_is_not_there_or_not_finished_is_told(store):
    with pytest.raises(RunError, match=r"memory://none: no run is there"):
        open_run("memory://none")
    store.rm_file("/runs/looks/manifest.json")
    with pytest.raises(RunError, match="the run is unfinished"):
        open_run(RUN)


def test_what_does_not_work_on_an_address_says_so(tmp_path, capsys):
    with pytest.raises(UsageError, match=r"runs/looks: a report is written to this machine.*--out"):
        report(RUN)
    for act, command in ((audit, "audit"), (uncorrect, "correct")):
        with pytest.raises(RunError, match=f"`trendcolor {command}` works on folders of this m"):
            act(RUN)
    assert main(["explore", RUN, "--no-open"]) == 1
    told = capsys.readouterr().err
    assert "memory://runs/looks: `trendcolor explore` works on folders of this machine" in told
    page = report(RUN, ReportOptions(pdf=False), out=tmp_path / "report")
    assert page == tmp_path / "report" / "index.html"


def test_the_command_line_asks_a_run_at_an_address(local, capsys):
    assert main(["shares", RUN, "--by", "season", "--format", "csv"]) == 0
    far = capsys.readouterr().out
    assert main(["shares", str(local), "--by", "season", "--format", "csv"]) == 0
    assert capsys.readouterr().out == far


def test_an_address_that_no_package_knows_is_told():
    with pytest.raises(RunError, match="nosuch://run: no store is known for this address"):
        open_run("nosuch://run")
