import pytest
from data_sets import card, column
from made_stores import MoodyFileSystem, web_server

from trendcolor.config import Address, DataConfig
from trendcolor.datasets import open_dataset, stores
from trendcolor.datasets.addresses import AddressFile
from trendcolor.datasets.location import inside_address
from trendcolor.datasets.packing import pack, unpack
from trendcolor.errors import DataError, PhotoError, StoreError

BYTES = 1_000
ROOT = Address("moody://photos")


@pytest.fixture(autouse=True)
def moody(monkeypatch):
    """The made-up store, empty; waiting takes no time."""
    MoodyFileSystem.reset()
    monkeypatch.setattr(stores, "PAUSES", (0.0, 0.0))
    return MoodyFileSystem()


def photos(root, columns=(), label_set="", **settings):
    config = DataConfig(card="card.toml", root=root, **settings)
    return [unpack(pack(ref)) for ref in open_dataset(card(label_set, columns), config)]


def test_photos_below_an_address_come_in_the_order_of_their_names(moody):
    for name in ("b/2.jpg", "b/1.jpg", "a.png", "c.txt", ".hidden/x.jpg", "masks/a.png"):
        moody.pipe_file(f"/photos/{name}", name.encode())
    found = photos(ROOT, label_set="trendcolor", masks=ROOT.join("masks"))
    assert [ref.id for ref in found] == ["a.png", "b/1.jpg", "b/2.jpg"]
    assert [ref.file.size() for ref in found] == [5, 7, 7]
    assert [ref.file.read(BYTES) for ref in found] == [b"a.png", b"b/1.jpg", b"b/2.jpg"]
    assert found[0].labels.file.place == "moody://photos/masks/a.png"


def test_a_table_at_an_address_names_photos_there(moody):
    moody.pipe_file("/photos/t.csv", b"path,region\nx y.jpg,EU\nz.jpg,UK\n")
    moody.pipe_file("/photos/keep.txt", b"z\n")
    moody.pipe_file("/photos/z.jpg", b"")
    settings = {"format": "table", "table": ROOT.join("t.csv"), "split": ROOT.join("keep.txt")}
    (found,) = photos(ROOT, [column("region", "region")], **settings)
    assert (found.id, found.columns) == ("z.jpg", {"region": "UK"})
    assert found.file.read(BYTES) == b""


LEAVING = [
    *("../up.jpg", "a/../../up.jpg", "/etc/passwd", "", "a/", ".", "a/./b.jpg", "..\\up.jpg"),
    *("%2e%2e/up.jpg", "a/%2E%2e/%2e%2e/up", "%252e%252e/up.jpg", "%2Fetc/passwd", "a\0.jpg"),
    *("s3://other/a.jpg", "x/http://host/a.jpg", "zip::a.jpg", "a%00.jpg", "%5c..%5cup.jpg"),
]


@pytest.mark.parametrize("relative", LEAVING)
def test_a_table_can_not_lead_out_of_its_address(relative):
    assert inside_address(Address("https://host/photos"), relative) is None
    assert inside_address(Address("s3://bucket/photos"), relative) is None


@pytest.mark.parametrize("relative", ["a.jpg", "a/b.jpg", "a b.jpg", "ä.jpg", "100%.jpg", "a..b"])
def test_a_plain_name_stays_in_its_address(relative):
    found = inside_address(Address("s3://bucket/photos"), relative)
    assert str(found) == f"s3://bucket/photos/{relative}"


def test_a_query_is_no_name_of_a_file_on_a_web_server():
    assert inside_address(Address("https://host/photos"), "a.jpg?to=elsewhere") is None


def test_a_missing_photo_is_rejected(moody):
    with pytest.raises(PhotoError, match=r"^no such file$"):
        AddressFile("moody://photos/none.jpg").read(BYTES)
    assert moody.reads["/photos/none.jpg"] == 1


def test_a_large_photo_is_refused_before_all_of_it_is_read(moody):
    moody.pipe_file("/photos/a.jpg", bytes(5_000))
    with pytest.raises(
        PhotoError, match=r"file of 5000 bytes, more than 1000 \(images\.max_bytes\)"
    ):
        AddressFile("moody://photos/a.jpg", 5_000).read(BYTES)
    assert not moody.reads
    with pytest.raises(PhotoError, match=r"file of 1001 bytes, more than 1000"):
        AddressFile("moody://photos/a.jpg").read(BYTES)


def test_a_fault_of_the_network_is_tried_again(moody):
    moody.pipe_file("/photos/a.jpg", b"a")
    moody.moods["/photos/a.jpg"] = [ConnectionResetError("reset"), TimeoutError(), None]
    assert AddressFile("moody://photos/a.jpg").read(BYTES) == b"a"
    assert moody.reads["/photos/a.jpg"] == 3


def test_a_store_that_does_not_answer_stops_the_run(moody):
    moody.moods["/photos/a.jpg"] = [ConnectionRefusedError("refused")] * 3
    with pytest.raises(StoreError, match=r"a\.jpg: the store does not answer \(refused; once it"):
        AddressFile("moody://photos/a.jpg").read(BYTES)
    assert not moody.moods["/photos/a.jpg"]


def test_a_store_that_lets_nobody_in_stops_the_run_at_once(moody):
    moody.moods["/photos/a.jpg"] = [PermissionError("denied")]
    with pytest.raises(StoreError, match=r"a\.jpg: the store lets nobody in \(denied; keys come"):
        AddressFile("moody://photos/a.jpg").read(BYTES)
    assert moody.reads["/photos/a.jpg"] == 1


def test_a_mistake_of_ours_is_no_fault_of_the_store(moody):
    moody.moods["/photos/a.jpg"] = [TypeError("bug")]
    with pytest.raises(TypeError, match="bug"):
        AddressFile("moody://photos/a.jpg").read(BYTES)


def test_nothing_at_an_address_is_told():
    with pytest.raises(DataError, match=r"moody://none: can't be listed \(no such file\)"):
        photos(Address("moody://none"))
    with pytest.raises(DataError, match=r"moody://none: nothing is there \(data\.root\)"):
        photos(Address("moody://none"), format="table", table=ROOT.join("t.csv"))


def test_a_format_of_folders_refuses_an_address():
    with pytest.raises(DataError, match='format "ccp" reads folders of this machine only'):
        photos(ROOT, format="ccp")


def test_an_unknown_store_is_told():
    with pytest.raises(DataError, match=r"nosuch://x: no store is known for this address"):
        photos(Address("nosuch://x"))


def test_a_file_is_looked_through_without_reading_all_of_it(moody):
    moody.pipe_file("/photos/a.tar", bytes(range(256)) * 16_000)
    with AddressFile("moody://photos/a.tar").open() as stream:
        stream.seek(2_000_000)
        assert stream.read(3) == bytes([128, 129, 130])
        stream.seek(-1, 2)
        assert stream.read() == bytes([255])
    assert moody.reads["/photos/a.tar"] == 2


def test_a_web_server_gives_photos_and_pages_of_them(tmp_path):
    (tmp_path / "photos").mkdir()
    for name in ("b.jpg", "a.jpg", "empty.png"):
        (tmp_path / "photos" / name).write_bytes(b"" if name == "empty.png" else name.encode())
    with web_server(tmp_path) as address:
        found = photos(Address(f"{address}/photos"))
        assert [ref.id for ref in found] == ["a.jpg", "b.jpg", "empty.png"]
        assert [ref.file.read(BYTES) for ref in found] == [b"a.jpg", b"b.jpg", b""]
        with pytest.raises(PhotoError, match="no such file"):
            AddressFile(f"{address}/photos/none.jpg").read(BYTES)
        with pytest.raises(PhotoError, match="file of 4 bytes, more than 3"):
            AddressFile(f"{address}/photos/a.jpg").read(3)
