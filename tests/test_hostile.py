"""Every hostile file ends as an answer or a reason, once; none stops, blocks or fills a worker."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from data_sets import ANSWERS
from hostile import ABSENT, Hostile, write_hostile

from trendcolor.config import ImagesConfig
from trendcolor.errors import PhotoError
from trendcolor.images.decode import read_photo

# Far above the minute that it takes: what is tested is that it ends.
PATIENCE = 900
RUN = [sys.executable, "-m", "trendcolor.cli"]
CARD = "\n".join(
    f"{key} = {json.dumps(value)}" for key, value in {**ANSWERS, "people": "synthetic"}.items()
)
CONFIG = """\
purpose = "research"
[[data]]
card = "card.toml"
root = "photos"
[images]
screen = false
duplicates = "off"
[engine]
workers = 2
shard_photos = 32
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_hostile(tmp_path_factory.mktemp("hostile") / "photos")


def test_the_corpus_is_large_and_the_same_each_time(corpus, tmp_path):
    again = write_hostile(tmp_path / "photos")
    assert len(corpus.files) >= 400
    assert corpus.files.keys() == again.files.keys()
    for name, hostile in corpus.files.items():
        other = again.files[name].path
        has_clock = hostile.path.name == "frames.avif"  # when it was made stands in it
        is_read = hostile.path.is_file() and hostile.path.stat().st_size < 1 << 30
        if is_read and not has_clock:
            assert hostile.path.read_bytes() == other.read_bytes(), name


def test_every_file_is_read_at_its_size_or_refused_with_its_reason(corpus):
    wrong = {}
    for name, hostile in corpus.files.items():
        if hostile.expected == ABSENT:
            continue
        try:
            photo = read_photo(hostile.path, ImagesConfig())
            got = ("ok", None, photo.width, photo.height)
        except PhotoError as error:
            got = ("rejected", str(error), None, None)
        if not hostile.agrees(*got):
            wrong[name] = (got, hostile.expected)
    assert wrong == {}


def children(of):
    """The ids of a process's children, and of theirs."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(
                path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
            )
        except OSError:
            continue
        if parent == of:
            child = int(path.parent.name)
            found += [child, *children(child)]
    return found


def peaks(process, into):
    """Note the peak memory in bytes of a process and its workers, until it ends."""
    started = time.monotonic()
    while process.poll() is None:
        assert time.monotonic() - started < PATIENCE, "the run does not end"
        for pid in (process.pid, *children(process.pid)):
            try:
                status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
            except OSError:
                continue
            if found := re.search(r"VmHWM:\s+(\d+) kB", status):
                into[pid] = max(into.get(pid, 0), int(found[1]) * 1024)
        time.sleep(0.2)


@pytest.fixture(scope="module")
def done(corpus, tmp_path_factory):
    """The table of photos of a real run over the folder, and the peak memory of its processes."""
    folder = tmp_path_factory.mktemp("run")
    root = next(iter(corpus.files.values())).path.parent.parent
    (folder / "photos").symlink_to(root)
    (folder / "card.toml").write_text(CARD, encoding="utf-8")
    (folder / "run.toml").write_text(CONFIG, encoding="utf-8")
    command = [*RUN, "run", str(folder / "run.toml"), "--out", str(folder / "run")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        memory = {}
        peaks(process, memory)
    assert process.returncode == 0, (folder / "log").read_text(errors="replace")[-3000:]
    table = pl.read_parquet(folder / "run" / "photos" / "*.parquet")
    return table, memory


def test_a_run_accounts_for_every_file_once(corpus, done):
    table, _ = done
    answers = {row["photo"]: row for row in table.iter_rows(named=True)}
    assert len(answers) == len(table), "a photo stands there twice"
    wanted = {name for name, hostile in corpus.files.items() if hostile.expected != ABSENT}
    assert answers.keys() - {"inside.jpg"} == wanted
    wrong = {}
    for name in wanted:
        row = answers[name]
        got = (row["status"], row["reason"], row["width"], row["height"])
        if not corpus.files[name].agrees(*got):
            wrong[name] = (got, corpus.files[name].expected)
    assert wrong == {}


def test_a_worker_stays_within_its_own_use_and_one_photo(done):
    _, memory = done
    _, *workers = memory.values()
    # A worker that meets street photos alone peaks at 610 MB, the network's work included.
    assert max(workers) < 700e6 + ImagesConfig().max_memory


def test_reasons_speak_to_people(done):
    table, _ = done
    for reason in table["reason"].drop_nulls():
        assert not re.search(r"Error\b|Traceback|object has no|NoneType|0x[0-9a-f]{6}", reason), (
            reason
        )
        assert len(reason) < 300


@pytest.mark.parametrize("stride", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_analyze_answers_once_for_each_argument(corpus, stride):
    paths = [
        *[hostile.path for hostile in corpus.files.values()][::stride],
        corpus.files["names/--help.jpg"].path.parent / "missing.jpg",
    ]
    done = subprocess.run(
        [*RUN, "analyze", *map(os.fspath, paths)],
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [answer["photo"] for answer in answers] == [os.fspath(path) for path in paths]
    assert {answer["status"] for answer in answers} == {"ok", "rejected"}
    assert all(("reason" in answer) == (answer["status"] == "rejected") for answer in answers)


def test_what_could_not_be_made_here_is_told(corpus):
    for left in corpus.left_out:
        assert re.search(
            r"root may|Operation not permitted|File name too long|invalid|Invalid", left
        )


def test_an_expectation_can_fail():
    assert not Hostile(Path(), (4, 4)).agrees("ok", None, 5, 4)
    assert not Hostile(Path(), "truncated").agrees("rejected", "damaged", None, None)
    assert not Hostile(Path(), "truncated").agrees("ok", None, 5, 4)
