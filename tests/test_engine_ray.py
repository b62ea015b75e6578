import logging
import os
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import patience
import psutil
import pytest
from looks import files_of, write_config, write_looks
from slow_looks import slow, unreadable_weights

from trendcolor.cli import main
from trendcolor.config import read_config
from trendcolor.engine.plan import plan
from trendcolor.engine.running import run_plan
from trendcolor.engine.served import ServedRun
from trendcolor.engine.shards import ShardWork, finish_shard
from trendcolor.errors import ConfigError, EngineError, ModelError
from trendcolor.runs import FolderStore, prepare_run_folder, seal

ray = pytest.importorskip("ray")
by_ray = pytest.importorskip("trendcolor.engine.ray")

N = 12
POISON = "images/look_01.png"
# Far above the seconds that Ray takes to start and to notice, on a machine that is busy.
PATIENCE = 240.0
wait_for = partial(patience.wait_for, patience=PATIENCE)
STOPPED = "trendcolor: stopped; the same command goes on from here"
WORKER = "ray::MapWorker("  # as Ray names the processes
QUIET = {"log_to_driver": False, "configure_logging": False, "include_dashboard": False}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder of looks, each a shard of its own, and the records of an unbroken local run."""
    folder = write_looks(tmp_path_factory.mktemp("data"), N)
    run_plan(plan(write_config(folder, shard_photos=1)), folder / "unbroken")
    return folder


@pytest.fixture(scope="module", autouse=True)
def environment():
    """What processes of Ray are to see: this module, and nobody who asks how Ray is used."""
    with pytest.MonkeyPatch.context() as patch:
        here = str(Path(__file__).parent)
        patch.setenv("PYTHONPATH", here, prepend=os.pathsep)
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")  # else all others on this machine go first
        yield


@pytest.fixture(scope="module")
def on_ray():
    """One Ray for all tests that only use it; the engine takes the one that is there."""
    logging.getLogger("ray").setLevel(logging.ERROR)
    ray.init("local", num_cpus=4, object_store_memory=150_000_000, **QUIET)
    yield
    ray.shutdown()


def engine_of(path, **engine):
    return plan(path, {"kind": "ray", **engine})


def work_of(planned, folder, build):
    """As `run_plan` prepares a run for Ray, but by another pipeline."""
    prepare_run_folder(folder, planned.header, fresh=False)
    planned.shards.copy_to(FolderStore(folder))
    work = ShardWork.of(build, folder, planned.header, planned.shards)
    return ServedRun(work, planned.config, planned.header)


def finish(planned, folder, build, seen=print):
    """Run all shards by Ray and seal the run."""
    numbers = []
    for receipt in by_ray.run_shards(work_of(planned, folder, build), range(len(planned.shards))):
        numbers.append(receipt.shard)
        seen(receipt)
    assert sorted(numbers) == list(range(len(planned.shards)))  # none lost, none twice
    return seal(folder, planned.header, len(planned.shards), 1.0)


def workers():
    """The workers that Ray Data started for this process, or for its children."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "".join(process.cmdline()[:1]).startswith(WORKER):
                found.append(process)
        except psutil.Error:
            continue  # it ended meanwhile
    return found


def once(act):
    """What to do when the first receipt comes."""
    done = []

    def see(_):
        if not done:
            done.append(act())

    return see


@pytest.mark.usefixtures("on_ray")
def test_two_workers_on_ray_write_what_one_process_writes(data, tmp_path):
    planned = engine_of(write_config(data, shard_photos=1), workers=2)
    assert planned.header.settings_hash == plan(data / "looks.toml").header.settings_hash
    manifest = run_plan(planned, tmp_path / "run")
    assert manifest.total("photos") == N
    assert files_of(tmp_path / "run") == files_of(data / "unbroken")
    assert not (tmp_path / "run" / "index").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("on_ray")
def test_a_photo_that_ends_its_worker_is_rejected_as_it_is_without_ray(tmp_path):
    planned = engine_of(write_config(write_looks(tmp_path, 4), shard_photos=2), workers=2)
    build = partial(slow, planned.config, deadly=POISON)
    manifest = finish(planned, tmp_path / "run", build)
    assert (manifest.total("photos"), manifest.total("rejected")) == (4, 1)
    here = work_of(planned, tmp_path / "here", build).work
    for shard in planned.shards:  # as `local.py` does when it has found the photo
        finish_shard(
            build(deadly=""), here, shard, {POISON: "its analysis ended the worker process"}
        )
    assert files_of(tmp_path / "run") == files_of(tmp_path / "here")


@pytest.mark.usefixtures("on_ray")
def test_an_error_in_a_worker_stops_the_run_as_it_is(data, tmp_path):
    planned = engine_of(write_config(data, shard_photos=1), workers=1)
    with pytest.raises(ModelError, match="damaged weights"):
        finish(planned, tmp_path / "run", unreadable_weights)


@pytest.mark.slow
@pytest.mark.usefixtures("on_ray")
def test_shards_that_are_done_are_not_done_again(data, tmp_path):
    planned = engine_of(write_config(data, shard_photos=1), workers=2)
    finish(planned, tmp_path / "run", partial(slow, planned.config))
    for name in ("manifest.json", "receipts/00003.json"):
        (tmp_path / "run" / name).unlink()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "records").iterdir()}
    run_plan(planned, tmp_path / "run")
    after = {path: path.stat().st_mtime_ns for path in before}
    assert [path.name for path in before if before[path] != after[path]] == ["00003.parquet"]
    assert files_of(tmp_path / "run") == files_of(data / "unbroken")


def test_an_address_without_ray_is_refused(data):
    config = write_config(data, shard_photos=1)
    with pytest.raises(ConfigError, match=r'engine.address is "auto", but engine.kind is "local"'):
        plan(config, {"address": "auto"})


def test_a_gpu_takes_the_runtime_that_computes_on_it(data):
    config = write_config(data, shard_photos=1)
    with pytest.raises(
        ConfigError, match=r'engine.gpus is 0.5, but segmentation.runtime is "auto"'
    ):
        plan(config, {"gpus": 0.5})


def test_what_computes_on_a_gpu_is_seen_in_the_settings(data):
    more = "[analysis]\nchange = 0.02\n"
    path = write_config(data, shard_photos=1, more=more)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('source = "masks"', 'source = "masks"\nruntime = "pytorch"'))
    on_cpu, on_gpu = plan(path).header, plan(path, {"gpus": 1.0}).header
    assert on_gpu.runtime == on_cpu.runtime + "-cuda"
    assert on_gpu.settings_hash != on_cpu.settings_hash


def test_the_address_of_a_cluster_is_not_kept_in_the_run(data):
    planned = engine_of(write_config(data, shard_photos=1), address="10.1.2.3:6379")
    assert planned.config.engine.address == "10.1.2.3:6379"
    assert planned.header.settings.engine.address == ""


def test_each_option_of_the_command_line_takes_the_place_of_a_setting(data, tmp_path, capsys):
    config = write_config(data, shard_photos=1)
    given = ("run", str(config), "--out", str(tmp_path / "run"))
    assert main([*given, "--address", "auto"]) == 1
    assert "but engine.kind is" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main([*given, "--engine", "rya"])
    assert main([*given, "--workers", "0"]) == 1
    assert "engine.workers must be at least 1, got 0" in capsys.readouterr().err


def test_without_ray_the_remedy_is_told(data, tmp_path, monkeypatch):
    monkeypatch.setattr("trendcolor.engine.running.find_spec", lambda _: None)
    with pytest.raises(EngineError, match=r"not installed \(pip install 'trendcolor\[ray\]'\)"):
        run_plan(engine_of(write_config(data, shard_photos=1)), tmp_path / "run")


@pytest.mark.usefixtures("on_ray")
@pytest.mark.slow
@pytest.mark.parametrize("n_workers", [1, 4])
def test_the_number_of_workers_has_no_effect_on_records(data, tmp_path, n_workers):
    run_plan(engine_of(write_config(data, shard_photos=1), workers=n_workers), tmp_path / "run")
    assert files_of(tmp_path / "run") == files_of(data / "unbroken")


@pytest.mark.usefixtures("on_ray")
@pytest.mark.slow
@pytest.mark.parametrize("all_of_them", [False, True])
def test_workers_that_are_killed_lose_nothing(data, tmp_path, caplog, all_of_them):
    planned = engine_of(write_config(data, shard_photos=1), workers=2)

    def kill():
        found = workers()
        assert found
        for worker in found if all_of_them else found[:1]:
            worker.kill()

    finish(planned, tmp_path / "run", partial(slow, planned.config, 1.0), once(kill))
    assert any("came without a receipt" in message for message in caplog.messages)
    assert files_of(tmp_path / "run") == files_of(data / "unbroken")


@pytest.mark.usefixtures("on_ray")
@pytest.mark.slow
def test_a_worker_that_stands_still_is_given_up(data, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(by_ray, "_PATIENCE", 20.0)
    planned = engine_of(write_config(data, shard_photos=1), workers=2)

    def stop():
        for worker in workers():
            worker.suspend()

    finish(planned, tmp_path / "run", partial(slow, planned.config, 1.0), once(stop))
    assert any("no worker gave a sign of life for 20 s" in message for message in caplog.messages)
    assert files_of(tmp_path / "run") == files_of(data / "unbroken")


@pytest.mark.usefixtures("on_ray")
@pytest.mark.slow
def test_shards_that_no_round_finishes_are_finished_apart(data, tmp_path, monkeypatch):
    planned = engine_of(write_config(data, shard_photos=1), workers=2)
    monkeypatch.setattr(by_ray._HandedOut, "receipts", lambda _: iter(()))
    finish(planned, tmp_path / "run", partial(slow, planned.config))
    assert files_of(tmp_path / "run") == files_of(data / "unbroken")


@pytest.mark.slow
def test_a_node_that_is_killed_loses_nothing(data, tmp_path):
    from ray.cluster_utils import Cluster

    ray.shutdown()
    given = {"num_cpus": 1, "object_store_memory": 150_000_000, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=given)
    try:
        other = cluster.add_node(num_cpus=1, object_store_memory=150_000_000)
        ray.init(cluster.address, log_to_driver=False, configure_logging=False)
        planned = engine_of(write_config(data, shard_photos=1), workers=2)

        def kill():
            assert len({node["NodeID"] for node in ray.nodes() if node["Alive"]}) == 2
            assert wait_for(lambda: len(workers()) == 2)
            cluster.remove_node(other, allow_graceful=False)

        finish(planned, tmp_path / "run", partial(slow, planned.config, 2.0), once(kill))
        assert files_of(tmp_path / "run") == files_of(data / "unbroken")
    finally:
        ray.shutdown()
        cluster.shutdown()


@pytest.fixture
def start():
    """`trendcolor run` as a shell starts it, in a process group of its own that the test ends."""
    drivers = []

    def started(config, folder):
        command = [sys.executable, "-m", "trendcolor.cli", "run", str(config), "--out", str(folder)]
        command += ["--engine", "ray", "--workers", "2"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        drivers.append(subprocess.Popen(command, **pipes, start_new_session=True))
        return drivers[-1]

    yield started
    for driver in drivers:
        if driver.returncode is None:
            for process in [*psutil.Process(driver.pid).children(recursive=True), driver]:
                process.kill()
            driver.communicate()


def begun(driver, folder):
    """All processes of a run that has finished a shard."""
    assert wait_for(lambda: list(folder.glob("receipts/*.json")) or driver.poll() is not None)
    assert driver.poll() is None, driver.communicate()
    return psutil.Process(driver.pid).children(recursive=True)


@pytest.mark.slow
def test_a_driver_that_is_killed_leaves_no_process_and_goes_on(data, tmp_path, start):
    config, folder = write_config(data, shard_photos=1), tmp_path / "run"
    driver = start(config, folder)
    others = begun(driver, folder)
    driver.kill()
    driver.communicate()
    assert wait_for(lambda: not any(process.is_running() for process in others))
    assert not (folder / "manifest.json").exists()
    done = {path: path.stat().st_mtime_ns for path in folder.glob("receipts/*.json")}
    again = start(config, folder)
    out, talk = again.communicate(timeout=PATIENCE)
    assert (again.returncode, out) == (0, f"{folder}\n"), talk
    assert {path: path.stat().st_mtime_ns for path in done} == done  # what is done is skipped
    assert files_of(folder) == files_of(data / "unbroken")


@pytest.mark.slow
def test_ctrl_c_ends_a_run_with_one_line(data, tmp_path, start):
    folder = tmp_path / "run"
    driver = start(write_config(data, shard_photos=1), folder)
    others = begun(driver, folder)
    os.killpg(driver.pid, signal.SIGINT)
    out, talk = driver.communicate(timeout=PATIENCE)
    assert (driver.returncode, out, talk.splitlines()[-1]) == (130, "", STOPPED)
    assert all("photos/s" in line for line in talk.splitlines()[:-1]), talk
    assert wait_for(lambda: not any(process.is_running() for process in others))


def refused(data, folder, address, capsys):
    """What a user is told who runs on a Ray that isn't there, and after how many seconds."""
    ray.shutdown()
    given = ["--out", str(folder), "--engine", "ray", "--address", address]
    start = time.monotonic()
    assert main(["run", str(write_config(data, shard_photos=1)), *given]) == 1
    return capsys.readouterr().err, time.monotonic() - start


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "127.0.0.1:70000", "head"])
def test_an_address_where_nothing_answers_is_told_soon(address, data, tmp_path, capsys):
    said, seconds = refused(data, tmp_path / "run", address, capsys)
    assert f"engine.address '{address}': no Ray answers there (" in said
    assert "`ray start --head`" in said
    assert seconds < 60


@pytest.mark.slow
def test_an_address_where_something_else_listens_is_told(data, tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        said, seconds = refused(data, tmp_path / "run", address, capsys)
    assert f"engine.address '{address}': no Ray answers there (" in said
    assert seconds < 240  # Ray's own patience is a quarter of an hour


def test_settings_of_the_engine_are_read(tmp_path):
    path = write_config(write_looks(tmp_path, 1), more='kind = "ray"\naddress = "auto"\n')
    engine = read_config(path).engine
    assert (engine.kind, engine.address, engine.gpus) == ("ray", "auto", 0.0)
