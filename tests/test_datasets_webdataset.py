import gzip
import io
import json
import os
import tarfile

import pytest
from data_sets import card, column
from PIL import Image

from trendcolor.config import DataConfig
from trendcolor.datasets import LocalFile, open_dataset
from trendcolor.datasets.packing import pack, unpack
from trendcolor.datasets.tar_members import TarMember, members
from trendcolor.errors import DataError, PhotoError

SEASON = column("season", "season", values=("AW25", "SS26"))
BYTES = 1_000_000


def picture(kind="JPEG", value=90, mode="RGB"):
    file = io.BytesIO()
    Image.new(mode, (8, 6), value).save(file, kind)
    return file.getvalue()


def write_tar(path, files, **settings):
    with tarfile.open(path, "w", **settings) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def samples(folder, n=3):
    """Two shards of samples with columns, and what their photos hold."""
    told = {}
    for shard in range(2):
        files = {}
        for i in range(n):
            stem = f"part/{i:04d}"
            told[f"s-{shard:03d}.tar/{stem}"] = files[f"{stem}.jpg"] = picture(value=40 * i + shard)
            files[f"{stem}.json"] = json.dumps({"season": "SS26", "secret": [1]}).encode()
            files[f"{stem}.cls"] = b"7\n"
        write_tar(folder / f"s-{shard:03d}.tar", files)
    return told


def photos(root, columns=(), label_set="", **settings):
    config = DataConfig(card=root, root=root, format="webdataset", **settings)
    return open_dataset(card(label_set, columns), config)


def test_each_sample_is_a_photo_with_its_declared_columns(tmp_path):
    told = samples(tmp_path)
    declared = [SEASON, column("kind", "category", table_column="cls")]
    found = [unpack(pack(ref)) for ref in photos(tmp_path, declared)]
    assert {ref.id: ref.file.read(BYTES) for ref in found} == told
    assert {tuple(ref.columns.items()) for ref in found} == {(("season", "SS26"), ("kind", "7"))}
    assert [ref.file.size() for ref in found] == [len(content) for content in told.values()]


@pytest.mark.parametrize(
    ("root", "shards"),
    [("s-{000..001}.tar", 2), ("s-001.tar", 1), ("{s,s}-000.tar", 1), ("s-{000,001}.tar", 2)],
)
def test_a_file_or_a_pattern_names_shards(tmp_path, root, shards):
    samples(tmp_path)
    if root.startswith("{s,s}"):
        with pytest.raises(DataError, match="occurs 2 times"):
            photos(tmp_path / root)
        return
    assert len(photos(tmp_path / root)) == 3 * shards


def test_names_that_a_tar_spells_out_apart_are_read(tmp_path):
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        name = "ä" * 150 + "/" + "b" * 200 + ".jpg"
        write_tar(tmp_path / "a.tar", {name: picture()}, format=form)
        (found,) = photos(tmp_path)
        assert found.id == f"a.tar/{name.removesuffix('.jpg')}"
        assert found.file.read(BYTES) == picture()


def test_a_label_map_is_read_out_of_the_archive(tmp_path):
    files = {"a.seg.png": picture("PNG", 3, "L"), "a.jpg": picture()}
    write_tar(tmp_path / "a.tar", files)
    (found,) = map(unpack, map(pack, photos(tmp_path, label_set="trendcolor")))
    assert (found.labels.read(6, 8) == 3).all()
    assert found.file.name == "a.jpg"


def test_a_sample_without_a_photo_is_told_by_its_reason(tmp_path):
    write_tar(tmp_path / "a.tar", {"a.txt": b"red", "b.png": picture("PNG"), ".x.jpg": b""})
    one, other = map(unpack, map(pack, photos(tmp_path)))
    with pytest.raises(PhotoError, match="its sample has no photo in the archive"):
        one.file.read(BYTES)
    assert other.file.read(BYTES) == picture("PNG")


def test_the_ending_of_the_photo_may_be_named(tmp_path):
    write_tar(tmp_path / "a.tar", {"a.left.jpg": b"l", "a.right.jpg": b"r"})
    assert photos(tmp_path, photo="{right.jpg}")[0].file.read(BYTES) == b"r"
    assert photos(tmp_path)[0].file.read(BYTES) == b"l"


def test_what_leads_elsewhere_is_a_fault_and_never_followed(tmp_path):
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(picture())
    folder = tmp_path / "shards"
    folder.mkdir()
    with tarfile.open(folder / "a.tar", "w") as tar:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("p", b"6")):
            info = tarfile.TarInfo(f"{name}.jpg")
            info.type, info.linkname = kind, str(secret)
            tar.addfile(info)
        info = tarfile.TarInfo("../../up.jpg")
        info.size = 2
        tar.addfile(info, io.BytesIO(b"up"))
    with pytest.raises(DataError) as caught:
        photos(folder)
    told = str(caught.value).splitlines()
    assert [line.split("'")[1] for line in told] == ["link.jpg", "hard.jpg", "p.jpg"]
    (member,) = members(LocalFile(folder / "a.tar"), [])
    assert (member.name, member.read(BYTES)) == ("up.jpg", b"up")
    assert {path.name for path in tmp_path.iterdir()} == {"secret.jpg", "shards"}


def test_an_archive_that_ends_early_is_told_of_and_loses_no_photo_in_silence(tmp_path):
    samples(tmp_path)
    whole = (tmp_path / "s-000.tar").read_bytes()
    cut_off = 0
    for size in range(512, len(whole.rstrip(b"\0")), 512):
        (tmp_path / "s-000.tar").write_bytes(whole[:size])
        with pytest.raises(
            DataError, match=r"s-000\.tar: (cut off|.*not an uncompressed tar)|no s"
        ):
            photos(tmp_path / "s-000.tar")
        cut_off += 1
    assert cut_off > 10


def test_a_photo_whose_archive_was_cut_since_is_rejected(tmp_path):
    write_tar(tmp_path / "a.tar", {"a.jpg": picture()})
    (found,) = photos(tmp_path)
    os.truncate(tmp_path / "a.tar", 600)
    with pytest.raises(PhotoError, match="its archive ends inside it"):
        found.file.read(BYTES)


def test_a_large_member_is_refused_before_it_is_read(tmp_path):
    write_tar(tmp_path / "a.tar", {"a.jpg": picture()})
    (found,) = photos(tmp_path)
    with pytest.raises(PhotoError, match=r"bytes, more than 10 \(images\.max_bytes\)"):
        found.file.read(10)


def test_a_header_that_would_fill_the_memory_is_refused(tmp_path):
    info = tarfile.TarInfo("././@PaxHeader")
    info.type, info.size = tarfile.XHDTYPE, 4 << 30
    (tmp_path / "a.tar").write_bytes(info.tobuf() + bytes(4096))
    with pytest.raises(DataError, match="a header claims 4294967296 bytes"):
        photos(tmp_path)


def test_a_compressed_tar_is_refused_with_what_to_do(tmp_path):
    path = write_tar(tmp_path / "a.tar", {"a.jpg": picture()})
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    for root in (tmp_path, tmp_path / "a.tar.gz"):
        with pytest.raises(DataError, match=r"a\.tar\.gz: is compressed.*unpack it to \.tar first"):
            photos(root)
    (tmp_path / "a.tar.gz").rename(path)
    with pytest.raises(DataError, match=r"a\.tar: not an uncompressed tar"):
        photos(tmp_path)


def test_values_that_the_card_does_not_allow_are_told_with_their_sample(tmp_path):
    files = {"a.jpg": picture(), "a.json": b'{"season": "SS27"}', "b.jpg": b"", "b.json": b"{"}
    write_tar(tmp_path / "a.tar", files)
    with pytest.raises(DataError) as caught:
        photos(tmp_path, [SEASON])
    assert "a.tar/a: season 'SS27' is not a value the card allows" in str(caught.value)
    assert "a.tar/b: its columns can't be read" in str(caught.value)


def test_members_are_read_in_a_few_kilobytes_each(tmp_path):
    path = write_tar(tmp_path / "a.tar", {f"{i}.jpg": bytes(100_000) for i in range(50)})
    found = list(members(LocalFile(path), []))
    assert len(found) == 50
    assert all(isinstance(each, TarMember) and each.size() == 100_000 for each in found)
