import os
import pickle
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from data_sets import card, write_photo
from PIL import Image
from scipy.io import savemat

from trendcolor.config import DataConfig
from trendcolor.datasets import matlab, open_dataset
from trendcolor.datasets.matlab import read_matrix
from trendcolor.errors import DataError, MaskError

DATA = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
MAPS = Path("annotations") / "pixel-level"


def write_ccp(tmp_path, indices):
    for number in ("0001", "0002", "0003"):
        write_photo(tmp_path / "photos" / f"{number}.jpg", 3, 2)
    (tmp_path / MAPS).mkdir(parents=True)
    for number in ("0001", "0003"):
        savemat(tmp_path / MAPS / f"{number}.mat", {"groundtruth": indices})


def photos(root, **settings):
    return open_dataset(card("ccp"), DataConfig(card=root, root=root, format="ccp", **settings))


# null, dress, hair; jeans, skin, wedges
CCP = np.array([[0, 14, 19], [25, 41, 58]], np.uint8)


def test_photos_with_pixel_labels_come_with_their_classes(tmp_path):
    write_ccp(tmp_path, CCP)
    found = photos(tmp_path)
    assert [photo.id for photo in found] == ["0001", "0003"]
    assert found[0].file.path == tmp_path / "photos" / "0001.jpg"
    labels = pickle.loads(pickle.dumps(found[1])).labels.read(2, 3)
    np.testing.assert_array_equal(labels, [[0, 5, 2], [6, 1, 9]])


def test_a_split_may_list_photos_without_labels(tmp_path):
    write_ccp(tmp_path, CCP)
    (tmp_path / "split.txt").write_text("0003\n0002\n")
    found = photos(tmp_path, split=tmp_path / "split.txt")
    assert [photo.id for photo in found] == ["0002", "0003"]
    with pytest.raises(MaskError, match=r"0002\.mat: no such label map"):
        found[0].labels.read(2, 3)
    (tmp_path / "split.txt").write_text("0009\n")
    with pytest.raises(DataError, match=r"split\.txt: no photo '0009'"):
        photos(tmp_path, split=tmp_path / "split.txt")


def test_tags_say_which_classes_a_photo_without_labels_may_hold(tmp_path):
    write_ccp(tmp_path, CCP)
    tags = tmp_path / "annotations" / "image-level" / "0002.mat"
    tags.parent.mkdir()
    savemat(tags, {"tags": np.array([[0, 13, 25, 58]], np.uint8)})  # coat, jeans, wedges
    savemat(tags.with_name("0003.mat"), {"tags": np.array([[14]], np.uint8)})
    (tmp_path / "split.txt").write_text("0003\n0002\n")
    tagged, labelled = photos(tmp_path, split=tmp_path / "split.txt")
    assert tagged.classes == {0, 1, 2, 4, 6, 9}  # people's own background, skin and hair too
    assert labelled.classes is None  # its label map says it better
    tags.unlink()
    assert photos(tmp_path, split=tmp_path / "split.txt")[0].classes is None
    for damaged in ({"tags": np.array([[77]], np.uint8)}, {"groundtruth": CCP}):
        savemat(tags, damaged)
        with pytest.raises(DataError, match=r"0002\.mat: no MATLAB file with 'tags' \("):
            photos(tmp_path, split=tmp_path / "split.txt")


def test_damaged_label_maps_are_refused(tmp_path):
    write_ccp(tmp_path, CCP)
    path, mask = tmp_path / MAPS / "0001.mat", photos(tmp_path)[0].labels
    with pytest.raises(MaskError, match=r"0001\.mat: label map has 3 x 2 pixels, its photo 3 x 3"):
        mask.read(3, 3)
    savemat(path, {"groundtruth": np.array([[0, 59, 0], [0, 0, 0]], np.uint8)})
    with pytest.raises(MaskError, match=r"label ids \[59\] are not in label set 'ccp'"):
        mask.read(2, 3)
    savemat(path, {"groundtruth": CCP / 2})
    with pytest.raises(MaskError, match="holds float64, wanted integers"):
        mask.read(2, 3)
    savemat(path, {"tags": CCP})
    with pytest.raises(MaskError, match="no MATLAB file with 'groundtruth'"):
        mask.read(2, 3)
    savemat(path, {"groundtruth": np.resize(CCP, (90, 80))})
    whole = path.read_bytes()
    for content in (b"", b"no mat file", whole[: len(whole) // 2], whole[:130]):
        path.write_bytes(content)
        with pytest.raises(MaskError, match="no MATLAB file with 'groundtruth'"):
            mask.read(90, 80)


def test_a_folder_of_another_layout_is_refused(tmp_path):
    write_photo(tmp_path / "images" / "0001.jpg")
    with pytest.raises(DataError, match=r"photos: no such folder \(data\.root\)"):
        photos(tmp_path)


def test_the_published_data_set_has_804_labelled_photos():
    root = DATA / "ccp"
    if not root.is_dir():
        pytest.skip(f"no ccp at {DATA} (set TRENDCOLOR_DATA)")
    found = photos(root)
    assert len(found) == 804
    assert len(photos(root, split=root / "train.txt")) == 704
    assert len(photos(root, split=root / "val.txt")) == 100
    tagged = photos(root, split=root / "unlabelled.txt")
    assert len(tagged) == 200
    assert all(photo.classes is not None and len(photo.classes) >= 5 for photo in tagged)
    with Image.open(found[0].file.path) as image:
        labels = found[0].labels.read(image.height, image.width)
    assert labels.shape == (image.height, image.width)
    assert 0.1 < np.mean(labels > 0) < 0.9


def test_what_is_no_matrix_of_numbers_never_reaches_the_reader(tmp_path):
    content = {"groundtruth": np.array([{"a": 1}], object), "tags": np.uint8([[1, 2]])}
    savemat(tmp_path / "a.mat", content)
    np.testing.assert_array_equal(read_matrix(tmp_path / "a.mat", "tags"), [[1, 2]])
    with pytest.raises(DataError, match=r"a\.mat: no MATLAB file with 'groundtruth'"):
        read_matrix(tmp_path / "a.mat", "groundtruth")


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_type_code_beyond_the_tables_is_refused(is_packed, tmp_path):
    # SciPy's own reader ends the process on some of these.
    path = tmp_path / "a.mat"
    savemat(path, {"groundtruth": np.ones((4, 4), np.uint8)}, do_compression=is_packed)
    whole = bytearray(path.read_bytes())
    inner = bytearray(zlib.decompress(whole[136:])) if is_packed else whole[128:]
    at = inner.index(bytes([2, 0, 0, 0, 16]))
    inner[at] = 0xFA
    packed = zlib.compress(bytes(inner))
    body = struct.pack("<II", 15, len(packed)) + packed if is_packed else bytes(inner)
    path.write_bytes(bytes(whole[:128]) + body)
    with pytest.raises(DataError, match="no MATLAB file with 'groundtruth'"):
        read_matrix(path, "groundtruth")


def test_what_is_packed_is_unpacked_only_so_far(tmp_path, monkeypatch):
    monkeypatch.setattr(matlab, "_MOST_BYTES", 100_000)
    savemat(tmp_path / "a.mat", {"tags": np.zeros((500, 500), np.uint8)}, do_compression=True)
    with pytest.raises(DataError, match="unpacks to more than 100000 bytes"):
        read_matrix(tmp_path / "a.mat", "tags")
