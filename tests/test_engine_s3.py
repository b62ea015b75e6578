"""Photos from a store that speaks S3, and runs to it: a real server on this machine."""

import os
import signal
import subprocess
import sys
import time

import pytest
from looks import files_of, write_config, write_looks
from made_stores import s3_server

from trendcolor.api.jobs import run
from trendcolor.api.opening import open_run
from trendcolor.cli import main
from trendcolor.config import Address
from trendcolor.engine.plan import plan
from trendcolor.engine.running import run_plan
from trendcolor.errors import StoreError
from trendcolor.runs.fetching import cache_folder

N = 8
RUN = "s3://bucket/runs/looks"


@pytest.fixture(scope="module")
def s3():
    """The client of a server that holds nothing but a bucket."""
    with pytest.MonkeyPatch.context() as patch, s3_server(patch) as client:
        yield client


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """An own cache folder for each test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def config_here(folder, **settings):
    """The config of looks, which are plain and alike: that is not what these tests are about."""
    more = '[images]\nscreen = false\nduplicates = "off"\n'
    return write_config(folder, more=more, **settings)


def put(s3, folder, prefix):
    """Copy a folder into the bucket."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            s3.upload_file(str(path), "bucket", f"{prefix}/{path.relative_to(folder).as_posix()}")


def far_config(folder, prefix, **settings):
    """The config of looks that lie in the bucket, with card and config here."""
    config = config_here(folder, **settings)
    text = config.read_text(encoding="utf-8").replace(
        'root = "."', f'root = "s3://bucket/{prefix}"'
    )
    for name in ("table", "masks"):
        text = text.replace(f'{name} = "', f'{name} = "s3://bucket/{prefix}/')
    config.write_text(text, encoding="utf-8")
    return config


def objects(s3, prefix):
    """What the bucket holds below a prefix."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="bucket", Prefix=f"{prefix}/")
    keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
    return {
        key.removeprefix(f"{prefix}/"): s3.get_object(Bucket="bucket", Key=key)["Body"].read()
        for key in keys
    }


def records_of(files):
    return {name: content for name, content in files.items() if name.startswith("records/")}


def test_a_run_from_and_to_s3_has_the_same_records_as_one_here(s3, tmp_path):
    here = write_looks(tmp_path / "here", N)
    done = run(config_here(here, shard_photos=3), out=tmp_path / "run")
    put(s3, here, "looks")
    config = far_config(here, "looks", shard_photos=3)
    far = run(config, out=RUN)
    assert far.folder == RUN
    found = objects(s3, "runs/looks")
    local = {
        p.relative_to(done.folder).as_posix(): p.read_bytes()
        for p in done.folder.rglob("*.parquet")
    }
    assert records_of(found) == records_of(local)
    assert {name for name in found if not name.endswith(".json")} == set(local)
    asked = open_run(RUN)
    shares = asked.shares(by="season")
    assert shares.equals(open_run(done.folder).shares(by="season"))
    kept = cache_folder(Address(RUN))
    assert {path.name for path in kept.iterdir()} == {"manifest.json", "summary"}
    assert asked.photos().height == N
    assert {path.name for path in kept.iterdir()} == {"manifest.json", "summary", "photos"}


def started(config):
    """`trendcolor run` as a shell starts it, in a process group of its own."""
    command = [sys.executable, "-m", "trendcolor.cli", "run", str(config), "--out", RUN]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **pipes, start_new_session=True)


def killed(s3, config, receipts):
    """Kill a run and its workers once it has so many receipts."""
    driver = started(config)
    try:
        while len(objects(s3, "runs/looks/receipts")) < receipts and driver.poll() is None:
            time.sleep(0.01)
        assert driver.poll() is None, driver.communicate()
    finally:
        if driver.poll() is None:
            os.killpg(driver.pid, signal.SIGKILL)
        driver.communicate()


@pytest.mark.slow
def test_a_run_to_s3_that_is_killed_goes_on_with_the_same_records(s3, tmp_path):
    here = write_looks(tmp_path / "here", 40)
    done = run(config_here(here, shard_photos=1), out=tmp_path / "run")
    put(s3, here, "many")
    config = far_config(here, "many", shard_photos=1, workers=2)
    for receipts in (1, 12, 25):
        killed(s3, config, receipts)
    assert "runs/looks/manifest.json" not in objects(s3, "runs/looks")
    assert main(["run", str(config), "--out", RUN]) == 0
    found = objects(s3, "runs/looks")
    assert {n: c for n, c in found.items() if n in files_of(done.folder)} == files_of(done.folder)


@pytest.mark.slow
def test_a_missing_object_is_rejected_and_a_store_that_is_gone_stops_the_run(s3, tmp_path):
    here = write_looks(tmp_path / "here", N)
    put(s3, here, "gone")
    config = far_config(here, "gone")
    s3.delete_object(Bucket="bucket", Key="gone/images/look_03.png")
    rows = open_run(run(config, out=tmp_path / "run").folder).photos()
    assert rows.filter(status="rejected").select("photo", "reason").rows() == [
        ("images/look_03.png", "no such file")
    ]
    text = config.read_text(encoding="utf-8").replace('root = "s3://bucket', 'root = "s3://closed')
    s3.create_bucket(Bucket="closed")
    s3.put_object(Bucket="closed", Key="gone/x.png", Body=b"x")
    config.write_text(text, encoding="utf-8")
    planned = plan(config)
    s3.delete_object(Bucket="closed", Key="gone/x.png")
    s3.delete_bucket(Bucket="closed")
    with pytest.raises(StoreError, match="there is no such bucket"):
        run_plan(planned, tmp_path / "stopped")
    assert not (tmp_path / "stopped" / "manifest.json").exists()
