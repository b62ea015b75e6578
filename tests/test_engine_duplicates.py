import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from looks import write_config, write_looks
from PIL import Image

from trendcolor.api.opening import open_run
from trendcolor.engine import duplicates
from trendcolor.engine.plan import plan
from trendcolor.engine.running import run_plan
from trendcolor.images.fingerprint import FINGERPRINT

N = 4


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A table of looks of which the last is the first again, saved anew, and one is no picture."""
    monkeypatch.setattr(duplicates, "user_cache_path", lambda name: tmp_path / "cache" / name)
    folder = write_looks(tmp_path / "data", N)
    rng = np.random.default_rng(3)
    for number in range(N - 2):  # drawn looks resemble each other: give each a picture of its own
        with Image.open(photo(folder, number)) as look:
            size = look.size
        blocks = Image.fromarray(rng.integers(0, 256, (12, 8, 3), np.uint8))
        blocks.resize(size, Image.Resampling.NEAREST).save(photo(folder, number))
    with Image.open(photo(folder, 0)) as first:
        first.save(photo(folder, N - 1), compress_level=1)
    photo(folder, N - 2).write_bytes(b"no picture")
    return folder


def photo(folder, number):
    return folder / "images" / f"look_{number:02d}.png"


def config(folder, kind, **settings):
    more = f'[images]\nscreen = false\nduplicates = "{kind}"\n'
    return write_config(folder, more=more, **settings)


def repeated(planned):
    refs = [ref for shard in planned.shards for ref in shard.photos]
    return {ref.id: ref.duplicate_of for ref in refs if ref.duplicate_of}


def test_a_photo_that_repeats_an_earlier_one_is_screened_and_counts_once(data, tmp_path):
    planned = plan(config(data, "near", shard_photos=1))
    first, last = "images/look_00.png", f"images/look_{N - 1:02d}.png"
    assert repeated(planned) == {last: first}
    run_plan(planned, tmp_path / "run")
    photos = open_run(tmp_path / "run").photos()
    assert photos["photo"].to_list() == [f"images/look_{i:02d}.png" for i in range(N)]
    assert photos["status"].to_list() == ["ok", "ok", "rejected", "screened"]
    assert photos["reason"].to_list()[-1] == f"duplicate of {first}"
    assert last not in open_run(tmp_path / "run").records().collect()["photo"].to_list()


def test_two_runs_at_once_of_the_same_photos_search_once(data, monkeypatch):
    path, searched, find = config(data, "near"), [], duplicates._find

    def slow_find(*given):
        searched.append(given)
        time.sleep(1.0)
        return find(*given)

    monkeypatch.setattr(duplicates, "_find", slow_find)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(plan, [path, path])
    assert len(searched) == 1
    assert repeated(first) == repeated(second)


def test_which_photos_repeat_which_is_part_of_the_settings(data):
    before = plan(config(data, "near")).header
    other = plan(config(data, "off")).header
    assert before.settings_hash != other.settings_hash
    assert repeated(plan(config(data, "off"))) == {}


def test_fingerprints_are_gone_when_the_answer_is_known_and_it_is_asked_once(data, tmp_path):
    before = plan(config(data, "near")).header
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    kept = [path for path in files if path.suffix != ".lock"]
    assert [path.name for path in kept] == ["found"]
    assert all(path.stat().st_size == 0 for path in files if path not in kept)
    assert kept[0].stat().st_size == 4 * N
    photo(data, 0).touch()
    for path in data.glob("images/*"):  # the same sizes, so that the answer is not sought again
        path.write_bytes(b"\0" * path.stat().st_size)
    assert plan(config(data, "near")).header.settings_hash == before.settings_hash


def test_shards_cut_otherwise_have_an_answer_of_their_own(data, tmp_path):
    found = [repeated(plan(config(data, "near", shard_photos=each))) for each in (1, 3)]
    assert found[0] == found[1]
    assert len(list((tmp_path / "cache").rglob("found"))) == 2


def test_a_broken_off_search_goes_on_with_its_fingerprints(data, tmp_path):
    planned = plan(config(data, "near", shard_photos=1))
    (folder,) = (path.parent for path in (tmp_path / "cache").rglob("found"))
    row = duplicates.no_fingerprint(next(iter(planned.shards)).photos[0])
    (folder / "found").unlink()
    (folder / "00000.bin").write_bytes(row.tobytes())  # as if the first could not be read
    assert row.dtype == FINGERPRINT
    assert repeated(plan(config(data, "near", shard_photos=1))) == {}
    shutil.rmtree(folder)
    assert repeated(plan(config(data, "near", shard_photos=1))) != {}
