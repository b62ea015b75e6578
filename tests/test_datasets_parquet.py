import datetime
import json

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from damaged_tables import untrue_statistics
from data_sets import card, column
from made_stores import s3_server

from trendcolor.config import Address, DataConfig
from trendcolor.datasets import LocalFile, open_dataset, stream_dataset
from trendcolor.datasets.packing import pack, unpack
from trendcolor.datasets.parquet_cells import ParquetCell
from trendcolor.errors import DataError, PhotoError

BYTES = 1_000_000


def content(number):
    return f"image {number}".encode() * (number % 7 + 1)


def write_shard(path, numbers, *, rows=10, plain=False):
    """Rows as Hugging Face writes them; `plain` is a binary column."""
    path.parent.mkdir(parents=True, exist_ok=True)
    images = [{"bytes": content(n), "path": f"../{n}.jpg"} for n in numbers]
    image = pa.array([each["bytes"] for each in images] if plain else images)
    days = [datetime.date(2025, 3, 1 + n % 28) for n in numbers]
    table = pa.table({"image": image, "label": [n % 3 - 1 for n in numbers], "taken": days})
    names = {"_type": "ClassLabel", "names": ["AW25", "SS26"]}
    told = {"info": {"features": {"label": names, "image": {"_type": "Image"}}}}
    table = table.replace_schema_metadata({"huggingface": json.dumps(told)})
    pq.write_table(table, path, row_group_size=rows)
    return path


def photos(root, columns=(), **settings):
    config = DataConfig(card=root, root=root, format="parquet", **settings)
    return open_dataset(card("", columns), config)


@pytest.mark.parametrize("plain", [False, True], ids=["struct", "binary"])
def test_each_row_is_a_photo_with_its_declared_columns(tmp_path, plain):
    for shard in range(2):
        numbers = range(shard * 25, shard * 25 + 25)
        write_shard(tmp_path / f"data/train-{shard:05d}-of-00002.parquet", numbers, plain=plain)
    declared = [column("season", "season", table_column="label"), column("taken", "date")]
    found = [unpack(pack(ref)) for ref in photos(tmp_path, declared)]
    assert [ref.file.read(BYTES) for ref in found] == [content(n) for n in range(50)]
    assert found[26].id == "data/train-00001-of-00002.parquet/1"
    assert found[26].columns == {"season": "SS26", "taken": "2025-03-27"}
    assert found[24].columns["season"] is None  # -1: Hugging Face's word for unknown
    assert found[0].file.name == ("" if plain else "0.jpg")


def test_photos_may_be_read_in_any_order(tmp_path):
    write_shard(tmp_path / "a.parquet", range(60), rows=40)
    found = photos(tmp_path)
    for number in (5, 4, 39, 0, 17, 16, 15, 59, 38, 2):
        assert found[number].file.read(BYTES) == content(number)


def test_the_size_is_the_mean_of_the_row_group(tmp_path):
    write_shard(tmp_path / "a.parquet", range(20))
    assert all(0 < ref.file.size() < 200 for ref in photos(tmp_path))


def test_a_large_image_and_an_empty_row_are_rejected_each_for_itself(tmp_path):
    images = [{"bytes": b"x" * 100, "path": None}, None, {"bytes": b"y", "path": "y.txt"}]
    pq.write_table(pa.table({"image": images}), tmp_path / "a.parquet")
    large, empty, fine = photos(tmp_path)
    with pytest.raises(PhotoError, match=r"file of 100 bytes, more than 50 \(images\.max_bytes\)"):
        large.file.read(50)
    with pytest.raises(PhotoError, match="its row has no image"):
        empty.file.read(50)
    assert (fine.file.read(50), fine.file.name) == (b"y", "")


def test_another_column_of_images_may_be_named(tmp_path):
    pq.write_table(pa.table({"front": [b"f"], "back": [b"b"]}), tmp_path / "a.parquet")
    assert photos(tmp_path, photo="{back}")[0].file.read(BYTES) == b"b"
    with pytest.raises(DataError, match=r"a\.parquet: no column 'image'"):
        photos(tmp_path)


def test_a_column_that_holds_no_images_is_refused(tmp_path):
    pl.DataFrame({"image": ["a.jpg"]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"'image' holds .*string.*, wanted encoded images"):
        photos(tmp_path)


def test_a_damaged_file_is_told_of(tmp_path):
    path = write_shard(tmp_path / "a.parquet", range(50))
    found = photos(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(200) + whole[204:])
    with pytest.raises(PhotoError, match="its file is damaged"):
        found[0].file.read(BYTES)
    path.write_bytes(whole[:500])
    with pytest.raises(DataError, match=r"a\.parquet: no Parquet file"):
        photos(tmp_path)
    gone = ParquetCell(LocalFile(tmp_path / "gone.parquet"), "image", 0, 0, 1, "")
    with pytest.raises(PhotoError, match="its file can't be read"):
        gone.read(BYTES)


def test_a_file_that_aborts_its_reader_is_told_of(tmp_path):
    write_shard(tmp_path / "a.parquet", range(20))
    (tmp_path / "b.parquet").write_bytes(untrue_statistics())
    config = DataConfig(card=tmp_path, root=tmp_path, format="parquet")
    found = stream_dataset(card(), config)
    assert [next(found).id for _ in range(20)][-1] == "a.parquet/19"
    with pytest.raises(DataError, match=r"b\.parquet: .* was ended by SIGABRT: Definition level"):
        next(found)


def test_files_of_a_store_are_listed_and_read_alike(tmp_path, monkeypatch):
    pytest.importorskip("moto")
    pytest.importorskip("s3fs")
    write_shard(tmp_path / "a.parquet", range(20))
    with s3_server(monkeypatch) as client:
        client.upload_file(str(tmp_path / "a.parquet"), "bucket", "data/a.parquet")
        found = photos(Address("s3://bucket/data"), [column("taken", "date")])
        assert [ref.id for ref in found] == [f"a.parquet/{n}" for n in range(20)]
        assert found[13].file.read(BYTES) == content(13)


@pytest.mark.parametrize("days", [2**31 - 1, -(2**31)])
def test_a_value_that_no_date_holds_is_told_of(tmp_path, days):
    taken = pa.array([1, days], pa.int32()).cast(pa.date32())
    pq.write_table(pa.table({"image": [b"a", b"b"], "taken": taken}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"a\.parquet: can't be read \(.*(range|magnitude)"):
        photos(tmp_path, [column("taken", "date")])
