import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from made_stores import MoodyFileSystem

from trendcolor.datasets import LocalFile, PhotoRef, stores
from trendcolor.datasets.addresses import AddressFile
from trendcolor.engine import ahead
from trendcolor.engine.ahead import reading_ahead
from trendcolor.errors import PhotoError, StoreError

MOST = 100_000_000
N = 20


@pytest.fixture(autouse=True)
def moody(monkeypatch):
    """The made-up store with photos of a few bytes."""
    MoodyFileSystem.reset()
    monkeypatch.setattr(stores, "PAUSES", (0.0,))
    for number in range(N):
        MoodyFileSystem().pipe_file(f"/p/{number}.jpg", f"photo {number}".encode())
    return MoodyFileSystem


def refs(size=7):
    return [PhotoRef(str(i), AddressFile(f"moody://p/{i}.jpg", size)) for i in range(N)]


@contextmanager
def waiting():
    yield


def read_all(photos, most=MOST):
    with reading_ahead(photos, waiting) as near:
        for ref in photos:
            try:
                yield near(ref).file.read(most)
            except PhotoError as error:
                yield str(error)


def test_photos_are_fetched_together_and_come_in_order(moody):
    # Each read waits until so many are under way: one after the other, none would ever come.
    moody.gate = threading.Barrier(4)
    assert list(read_all(refs())) == [f"photo {i}".encode() for i in range(N)]
    assert set(moody.reads.values()) == {1}


def test_no_more_are_fetched_ahead_than_the_bounds_allow(moody):
    first = read_all(refs())
    next(first)
    assert sum(moody.reads.values()) <= ahead.PHOTOS + 1
    first.close()


def test_a_photo_that_its_license_refuses_is_not_fetched(moody):
    photos = [
        replace(ref, refused="license is empty") if i % 2 else ref for i, ref in enumerate(refs())
    ]
    let_in = photos[::2]
    with reading_ahead(photos, waiting) as near:
        assert len([near(ref).file.read(MOST) for ref in let_in]) == N // 2
    assert len(moody.reads) == N // 2


def test_a_large_photo_is_fetched_when_its_turn_comes(moody, monkeypatch):
    monkeypatch.setattr(ahead, "BYTES", 5)
    for size in (7, -1):  # told by the listing, or not
        moody.reads.clear()
        assert list(read_all(refs(size))) == [f"photo {i}".encode() for i in range(N)]


def test_a_photo_is_rejected_for_the_same_reason_as_without(moody):
    moody().rm_file("/p/3.jpg")
    found = list(read_all(refs(-1), most=7))
    assert found[3] == "no such file"
    assert found[2] == b"photo 2"
    assert found[12] == "file of 8 bytes, more than 7 (images.max_bytes)"


def test_a_store_that_does_not_answer_is_told_when_its_photo_is_due(moody):
    moody.moods["/p/5.jpg"] = [ConnectionError("gone")] * 2
    found = []
    with pytest.raises(StoreError, match=r"5\.jpg: the store does not answer \(gone"):
        found.extend(read_all(refs()))
    rest = read_all(refs())
    assert [next(rest) for _ in range(6)][5] == b"photo 5"
    rest.close()


def test_a_store_that_never_answers_is_not_waited_for_for_ever(moody, monkeypatch):
    monkeypatch.setattr(ahead, "_PATIENCE", 0.05)
    moody.gate = threading.Barrier(N)
    with pytest.raises(StoreError, match=r"has not answered for 0\.05 s"):
        list(read_all(refs()))
    moody.gate.abort()


def test_no_time_counts_while_a_photo_is_waited_for():
    told = []

    @contextmanager
    def noted():
        told.append("stop")
        yield
        told.append("go")

    with reading_ahead(refs(), noted) as near:
        near(refs()[0]).file.read(MOST)
    assert told == ["stop", "go"]


def test_files_of_this_machine_stay_as_they_are(tmp_path):
    ref = PhotoRef("a", LocalFile(tmp_path / "a.jpg"))
    with reading_ahead([ref], waiting) as near:
        assert near(ref) is ref
