import os

import pytest
from data_sets import card, write_photo

from trendcolor.config import DataConfig
from trendcolor.datasets import open_dataset
from trendcolor.datasets.folder import PHOTO_SUFFIXES
from trendcolor.errors import DataError
from trendcolor.images.decode import SUFFIXES


def config(tmp_path, **settings):
    return DataConfig(card=tmp_path / "card.toml", root=tmp_path / "photos", **settings)


def ids(tmp_path, **settings):
    return [photo.id for photo in open_dataset(card(), config(tmp_path, **settings))]


def write_some(tmp_path):
    for name in ("b.jpg", "a/z.PNG", "a/b.jpg", "c d.webp", ".hidden.jpg", ".cache/x.jpg"):
        write_photo(tmp_path / "photos" / name)
    (tmp_path / "photos" / "notes.txt").touch()


def test_photos_come_recursively_in_order_of_their_paths(tmp_path):
    write_some(tmp_path)
    assert ids(tmp_path) == ["a/b.jpg", "a/z.PNG", "b.jpg", "c d.webp"]
    photos = open_dataset(card(), config(tmp_path))
    assert [photo.file.path for photo in photos] == [
        tmp_path / "photos" / photo.id for photo in photos
    ]
    assert all(photo.labels is None and photo.columns == {} for photo in photos)


def test_what_a_folder_takes_is_what_decoding_reads():
    assert set(SUFFIXES) == PHOTO_SUFFIXES


def test_links_that_leave_the_folder_are_passed_over(tmp_path):
    write_some(tmp_path)
    outside = write_photo(tmp_path / "private" / "secret.jpg")
    (tmp_path / "photos" / "link.jpg").symlink_to(outside)
    (tmp_path / "photos" / "folder").symlink_to(outside.parent)
    (tmp_path / "photos" / "same.jpg").symlink_to(tmp_path / "photos" / "b.jpg")
    assert ids(tmp_path) == ["a/b.jpg", "a/z.PNG", "b.jpg", "c d.webp", "same.jpg"]


def test_split_and_limit_take_some_of_the_photos(tmp_path):
    write_some(tmp_path)
    split = tmp_path / "val.txt"
    split.write_text("\ufeffz\r\n\r\nb.jpg\n", encoding="utf-8")
    assert ids(tmp_path, split=split) == ["a/z.PNG", "b.jpg"]
    assert ids(tmp_path, split=split, limit=1) == ["a/z.PNG"]
    assert ids(tmp_path, limit=3) == ["a/b.jpg", "a/z.PNG", "b.jpg"]


def test_a_split_with_an_unknown_photo_is_refused(tmp_path):
    write_some(tmp_path)
    split = tmp_path / "val.txt"
    split.write_text("b.jpg\nq.jpg\n")
    with pytest.raises(DataError, match=r"val\.txt: no photo 'q\.jpg', did you mean 'b\.jpg'"):
        ids(tmp_path, split=split)
    with pytest.raises(DataError, match=r"none\.txt: can't be read"):
        ids(tmp_path, split=tmp_path / "none.txt")


def test_a_missing_or_empty_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"photos: no such folder \(data\.root\)"):
        ids(tmp_path)
    (tmp_path / "photos").mkdir()
    with pytest.raises(DataError, match=r"photos: no photos \(wanted files ending in \.apng"):
        ids(tmp_path)


def test_a_setting_of_another_format_is_refused(tmp_path):
    write_some(tmp_path)
    with pytest.raises(DataError, match=r'data\.table has no effect with format "folder"'):
        ids(tmp_path, table=tmp_path / "t.csv")


def test_a_name_that_is_no_text_gets_a_plain_id(tmp_path):
    root = tmp_path / "photos"
    root.mkdir()
    name = "caf\udce9.jpg"  # Latin-1 bytes, as os.listdir gives them
    write_photo(tmp_path / "plain.jpg").rename(root / name)
    assert ids(tmp_path) == ["caf\\udce9.jpg"]


def test_no_two_names_have_one_id(tmp_path):
    names = [b"a\xff.jpg", b"a\\udcff.jpg", b"a\\\\udcff.jpg", b"a\\\xff.jpg", b"b\\c.jpg"]
    for name in names:
        write_photo(tmp_path / "photos" / "x.jpg").rename(tmp_path / "photos" / os.fsdecode(name))
    found = ids(tmp_path)
    assert len(found) == len(names)
    assert "b\\c.jpg" in found  # as it is, where nothing could be mistaken for it
    assert all(name.encode() for name in found)


def test_links_in_a_circle_do_not_stop_a_folder(tmp_path):
    write_photo(tmp_path / "photos" / "a.jpg")
    (tmp_path / "photos" / "itself.jpg").symlink_to("itself.jpg")
    assert ids(tmp_path) == ["a.jpg", "itself.jpg"]
