import io
import os
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from looks import CARD, files_of, write_config, write_looks
from patience import PATIENCE, wait_for

from trendcolor.api.opening import open_run
from trendcolor.config import EngineConfig, ImagesConfig
from trendcolor.datasets import LocalFile
from trendcolor.engine.local import run_shards
from trendcolor.engine.plan import plan
from trendcolor.engine.running import run_plan
from trendcolor.engine.shards import ShardWork
from trendcolor.engine.worker import Limits
from trendcolor.errors import EngineError, ModelError
from trendcolor.pipeline import PhotoResult, Pipeline, build_pipeline, warmed
from trendcolor.runs import prepare_run_folder, seal

N = 16
LIMITS = Limits(EngineConfig().memory, ImagesConfig().max_seconds)
POISON = "images/look_01.png"
PARQUET = """purpose = "research"
[[data]]
card = "card.toml"
root = "photos"
format = "parquet"
[images]
duplicates = "off"
"""
STOPPED = "trendcolor: stopped; the same command goes on from here"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder of looks, each a shard of its own, and the records of an unbroken run over them."""
    folder = write_looks(tmp_path_factory.mktemp("data"), N)
    run_plan(plan(write_config(folder, shard_photos=1)), folder / "unbroken")
    return folder


@dataclass(frozen=True)
class Deadly:
    """The real pipeline, but one photo ends the process that looks at it."""

    pipeline: Pipeline
    mark: Path | None  # a file that says that it happened, after which the photo is harmless

    def __call__(self, ref):
        if ref.id == POISON and not (self.mark and self.mark.exists()):
            if self.mark:
                self.mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            os._exit(1)
        return self.pipeline(ref)


@dataclass(frozen=True)
class Greedy:
    """The real pipeline, but one photo takes what no worker may: time without end, or memory."""

    pipeline: Pipeline
    wants: str

    def __call__(self, ref):
        if ref.id == POISON and self.wants == "time":
            time.sleep(10 * PATIENCE)
        if ref.id == POISON:
            np.ones(LIMITS.memory, np.uint8)
        return self.pipeline(ref)


class Aborting(io.BufferedReader):
    """A file whose reader is aborted when it reads from within a range of it."""

    aborts = range(0)

    def read(self, size=-1):
        if self.tell() in self.aborts:
            os.abort()
        return super().read(size)


def reading(aborts):
    """What reads photos and does no more; local files abort who reads from within a range."""
    Aborting.aborts = aborts
    LocalFile.open = lambda file: Aborting(io.FileIO(file.path))

    def read(ref):
        return PhotoResult(ref, "screened", ref.file.read(10**6).decode())

    return read


def greedy(config, wants):
    return Greedy(warmed(build_pipeline(config)), wants)


def deadly(config, mark=None):
    return Deadly(warmed(build_pipeline(config)), mark)


def unreadable_weights():
    raise ModelError("w.safetensors: damaged weights")


def broken():
    raise ZeroDivisionError("a bug")


def ends_at_once():
    os._exit(1)


def work_of(planned, folder, build):
    prepare_run_folder(folder, planned.header, fresh=False)
    return ShardWork.of(build, folder, planned.header, planned.shards)


def finished(planned, folder, build, limits=LIMITS):
    """Run all shards by another pipeline in one worker; the sealed run's table of photos."""
    work = work_of(planned, folder, build)
    receipts = list(run_shards(work, planned.shards, workers=1, limits=limits, retries=1))
    assert sorted(receipt.shard for receipt in receipts) == list(range(len(planned.shards)))
    seal(folder, planned.header, len(planned.shards), 1.0)
    return open_run(folder).photos()


@pytest.fixture
def start():
    """`trendcolor run` as a shell starts it, in a process group of its own that the test ends."""
    drivers = []

    def started(config, folder):
        command = [sys.executable, "-m", "trendcolor.cli", "run", str(config), "--out", str(folder)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        drivers.append(subprocess.Popen(command, **pipes, start_new_session=True))
        return drivers[-1]

    yield started
    for driver in drivers:
        if driver.returncode is None:
            os.killpg(driver.pid, signal.SIGKILL)
            driver.communicate()


def wait_for_a_shard(driver, folder):
    assert wait_for(lambda: list(folder.glob("receipts/*.json")) or driver.poll() is not None)
    assert driver.poll() is None, driver.communicate()
    return driver


def group(leader):
    """The processes of a group that still live, by /proc (proc(5): state and group of `stat`)."""
    members = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[2]) == leader and fields[0] not in "ZX":
            members.append(int(entry.parent.name))
    return members


def kill(driver):
    """End only the driver, at once, and see that its workers go by themselves."""
    driver.kill()
    driver.communicate()
    assert wait_for(lambda: not group(driver.pid)), f"left behind: {group(driver.pid)}"


def test_two_workers_write_what_one_writes(data, tmp_path):
    one = write_config(data, shard_photos=1)
    planned = plan(write_config(data, shard_photos=1, workers=2))
    run_plan(planned, tmp_path / "run")
    assert planned.header.settings_hash == plan(one).header.settings_hash
    assert files_of(tmp_path / "run") == files_of(data / "unbroken")


def test_a_finished_run_is_not_done_again(data):
    folder = data / "unbroken"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}
    manifest = run_plan(plan(write_config(data, shard_photos=1)), folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")} == before
    assert manifest.total("photos") == N


def test_a_run_says_how_many_photos_were_left_out_and_where_they_are_listed(tmp_path, caplog):
    folder = write_looks(tmp_path / "data", 3)
    config = write_config(folder, workers=1)
    next(iter(sorted((folder / "images").iterdir()))).write_bytes(b"no picture")
    with caplog.at_level("INFO", logger="trendcolor"):
        manifest = run_plan(plan(config), tmp_path / "run")
    assert (manifest.total("ok"), manifest.total("rejected")) == (2, 1)
    listed = f"0 photos were screened out and 1 rejected; {tmp_path / 'run' / 'photos'} lists"
    assert any(listed in message for message in caplog.messages)


def test_a_photo_that_ends_its_worker_is_rejected_and_no_other_lost(tmp_path):
    config = write_config(write_looks(tmp_path, 4), shard_photos=2)
    planned = plan(config)
    photos = finished(planned, tmp_path / "run", partial(deadly, planned.config))
    assert photos["photo"].to_list() == [f"images/look_{i:02d}.png" for i in range(4)]
    lost = photos.filter(pl.col("status") != "ok")
    assert lost.select("photo", "status", "reason").rows() == [
        (POISON, "rejected", "its analysis ended the worker process")
    ]
    assert open_run(tmp_path / "run").records().collect()["photo"].n_unique() == 3


def test_a_worker_that_is_killed_once_loses_nothing(tmp_path):
    planned = plan(write_config(write_looks(tmp_path, 4), shard_photos=2))
    mark = tmp_path / "killed"
    photos = finished(planned, tmp_path / "run", partial(deadly, planned.config, mark))
    assert mark.exists()
    assert photos["photo"].to_list() == [f"images/look_{i:02d}.png" for i in range(4)]
    assert set(photos["status"]) == {"ok"}


def test_a_row_group_that_aborts_its_reader_costs_its_photos_and_no_other(tmp_path):
    file = tmp_path / "photos" / "a.parquet"
    file.parent.mkdir()
    images = [f"image {i}".encode() * 1000 for i in range(4)]
    pq.write_table(pa.table({"image": images}), file, row_group_size=1, compression="none")
    group = pq.read_metadata(file).row_group(2).column(0)
    start = group.dictionary_page_offset or group.data_page_offset
    aborts = range(start, start + group.total_compressed_size)
    config = tmp_path / "reading.toml"
    config.write_text(PARQUET, encoding="utf-8")
    card = CARD.partition("[[columns]]")[0].format(name="photos")
    (tmp_path / "card.toml").write_text(card, encoding="utf-8")
    planned = plan(config)
    photos = finished(planned, tmp_path / "run", partial(reading, aborts))
    assert photos.select("photo", "status").rows() == [
        (f"a.parquet/{i}", "rejected" if i == 2 else "screened") for i in range(4)
    ]
    expected = [image.decode() for image in images]
    expected[2] = "its analysis ended the worker process"
    assert photos["reason"].to_list() == expected


@pytest.mark.parametrize(
    ("wants", "reason"),
    [
        ("time", "took longer than 5 s (images.max_seconds)"),
        ("memory", f"needs more memory than {LIMITS.memory} bytes (engine.memory)"),
    ],
)
def test_a_photo_that_takes_too_much_is_rejected_and_no_other_lost(tmp_path, wants, reason):
    planned = plan(write_config(write_looks(tmp_path, 3), shard_photos=3))
    build = partial(greedy, planned.config, wants)
    photos = finished(planned, tmp_path / "run", build, replace(LIMITS, seconds=5.0))
    assert photos["status"].to_list() == ["ok", "rejected", "ok"]
    assert photos["reason"].to_list() == [None, reason, None]


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        pytest.param(unreadable_weights, ModelError, "damaged weights", id="our error"),
        pytest.param(broken, ZeroDivisionError, "a bug", id="a bug"),
    ],
)
def test_an_error_in_a_worker_stops_the_run_as_it_is(tmp_path, build, error, message):
    planned = plan(write_config(write_looks(tmp_path, 2)))
    work = work_of(planned, tmp_path / "run", build)
    with pytest.raises(error, match=message):
        list(run_shards(work, planned.shards, workers=1, limits=LIMITS))


@pytest.mark.slow
def test_workers_that_end_before_the_first_photo_stop_the_run(tmp_path):
    planned = plan(write_config(write_looks(tmp_path, 4)))
    work = work_of(planned, tmp_path / "run", ends_at_once)
    with pytest.raises(EngineError, match="shard 0: workers die at once"):
        list(run_shards(work, planned.shards, workers=1, limits=LIMITS, retries=1))


def test_a_killed_run_leaves_no_worker_and_goes_on_with_the_same_records(data, tmp_path, start):
    config, folder = write_config(data, shard_photos=1, workers=2), tmp_path / "run"
    kill(wait_for_a_shard(start(config, folder), folder))
    assert not (folder / "manifest.json").exists()
    done = {path: path.stat().st_mtime_ns for path in folder.glob("receipts/*.json")}
    assert done
    manifest = run_plan(plan(config), folder)
    assert manifest.total("photos") == N
    assert {path: path.stat().st_mtime_ns for path in done} == done  # what is done is skipped
    assert files_of(folder) == files_of(data / "unbroken")


def interrupt(driver):
    """Ctrl-C, as a terminal sends it to a driver and its workers; what the driver says."""
    os.killpg(driver.pid, signal.SIGINT)
    out, talk = driver.communicate(timeout=PATIENCE)
    assert (driver.returncode, out) == (130, "")
    assert wait_for(lambda: not group(driver.pid)), f"left behind: {group(driver.pid)}"
    return talk.splitlines()


def test_ctrl_c_while_workers_start_gives_one_line(data, tmp_path, start):
    driver = start(write_config(data, shard_photos=1, workers=2), tmp_path / "run")
    # The driver, the tracker of its resources, and two workers that import for some seconds.
    assert wait_for(lambda: len(group(driver.pid)) == 4 or driver.poll() is not None)
    time.sleep(0.5)
    assert interrupt(driver) == [STOPPED]


def test_ctrl_c_ends_a_run_with_a_message_and_the_same_command_goes_on(data, tmp_path, start):
    config, folder = write_config(data, shard_photos=1, workers=2), tmp_path / "run"
    driver = wait_for_a_shard(start(config, folder), folder)
    assert interrupt(driver) == [STOPPED]
    again = start(config, folder)
    out, talk = again.communicate(timeout=PATIENCE)
    assert (again.returncode, out) == (0, f"{folder}\n")
    assert re.search(rf"^resumed: \d+ of {N} photos are done$", talk, re.MULTILINE)
    assert files_of(folder) == files_of(data / "unbroken")


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_has_the_records_of_an_unbroken_one(
    data, tmp_path, start
):
    config, folder = write_config(data, shard_photos=1, workers=2), tmp_path / "run"
    chance = random.Random(7)
    for _ in range(6):
        driver = start(config, folder)
        time.sleep(chance.uniform(0, 25))
        kill(driver)
    again = start(config, folder)
    out, talk = again.communicate(timeout=2 * PATIENCE)
    assert (again.returncode, out) == (0, f"{folder}\n"), talk
    assert files_of(folder) == files_of(data / "unbroken")
