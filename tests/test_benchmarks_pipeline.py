"""The benchmark of the pipeline: its jobs are real runs, its figures are what they say."""

import os
import subprocess
import sys
from pathlib import Path

import pipeline as benchmark
import pytest
from pipeline_jobs import SAMPLES, SIZE, Job, resized, size_of, street_photos, write_job
from pipeline_sides import timed

from trendcolor.engine.plan import plan

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def test_photos_come_again_under_new_ids(tmp_path):
    photos = resized(sorted(SAMPLES.rglob("*.jpg"))[:3], tmp_path / "p", (120, 180), None)
    job = Job(n=7, workers=2, precision="int8", shard=3)
    work = plan(write_job(tmp_path / "job", photos, job))
    refs = [ref for shard in work.shards for ref in shard.photos]
    assert len({ref.id for ref in refs}) == 7
    assert [ref.file.name for ref in refs] == [photos[i % 3].name for i in range(7)]
    assert [len(shard.photos) for shard in work.shards] == [3, 3, 1]
    assert (work.config.engine.workers, work.config.segmentation.precision) == (2, "int8")


def test_without_street_photos_the_samples_take_their_size(tmp_path, capsys):
    photos = street_photos(tmp_path / "none", tmp_path / "photos")
    assert {size_of(photo) for photo in photos} == {SIZE}
    assert "no ccp" in capsys.readouterr().err


def test_time_is_told_by_photo():
    answer = {}
    with timed(answer, "part", 2):
        total = sum(range(300_000))
    assert total
    assert 0 < answer["part cpu"] <= 1.5 * answer["part wall"]


def test_start_up_is_taken_off(monkeypatch):
    def run(_, config_file):
        return {"few": {"cpu": 4.0, "wall": 3.0}, "many": {"cpu": 9.0, "wall": 5.0}}[config_file]

    monkeypatch.setattr(benchmark, "engine_run", run)
    assert benchmark.engine_answer("local", "few", "many", 100) == {"cpu": 50, "wall": 20}


def test_ratios_are_taken_within_a_round(capsys):
    names = ("decode", "network", "palette", "loop", "local 1", "local 2", "glue")
    rounds = []
    for load in (1, 3, 2):
        taken = dict(zip(names, (2, 20, 23, 48, 50, 50, 5000), strict=True))
        kinds = ("cpu", "wall")
        rounds.append({f"{n} {kind}": load * ms for n, ms in taken.items() for kind in kinds})
    benchmark.print_speeds(rounds, "int8", ["local"])
    printed = capsys.readouterr().out
    assert "| local 2 workers | 100.0 | 100.0 | 10.0 | 20.0 | 100 |" in printed
    assert "local 1: +4.2% CPU over the plain loop; 90% of the rate" in printed


def test_memory_is_of_the_whole_tree():
    alone = benchmark.held(os.getpid())
    holding = "held = b'1' * 300_000_000; input()"
    child = subprocess.Popen([sys.executable, "-c", holding], stdin=subprocess.PIPE)
    try:
        found = alone
        while found < alone + 200 and child.poll() is None:
            found = benchmark.held(os.getpid())
        assert found >= alone + 200
    finally:
        child.communicate()
    assert benchmark.held(child.pid) == 0


def test_the_benchmark_of_memory_prints_its_table(tmp_path):
    command = [sys.executable, str(BENCHMARKS / "pipeline.py"), "--scale", "130"]
    command += ["--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    row = done.stdout.splitlines()[-1].split(" | ")
    assert row[0:3] == ["| local", "none", "130"]
    assert 100 < float(row[3]) < 1500


@pytest.mark.slow
def test_the_benchmark_of_speed_prints_its_table():
    command = [sys.executable, str(BENCHMARKS / "pipeline.py"), "--photos", "8", "--rounds", "1"]
    command += ["--shard", "4", "--precision", "int8"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0] for row in rows[2:]] == [
        *("| glue", "| decode", "| network", "| palette", "| loop"),
        *("| local 1 worker", "| local 2 workers"),
    ]
