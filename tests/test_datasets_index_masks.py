import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from data_sets import card, write_mask, write_photo
from PIL import Image

from trendcolor.config import DataConfig
from trendcolor.datasets import open_dataset
from trendcolor.datasets.index_masks import IndexMask
from trendcolor.errors import DataError, MaskError

DATA = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
LIP = [[0, 2, 7], [9, 13, 19]]  # background, hair, coat; trousers, face, shoe


def config(tmp_path, **settings):
    return DataConfig(
        card=tmp_path / "card.toml",
        root=tmp_path,
        format="index-masks",
        masks=tmp_path / "masks",
        **settings,
    )


@pytest.mark.parametrize("palette", [False, True], ids=["gray", "palette"])
def test_an_index_mask_becomes_classes(tmp_path, palette):
    write_photo(tmp_path / "images" / "x.1.jpg", 3, 2)
    write_mask(tmp_path / "masks" / "x.1.png", LIP, palette)
    (photo,) = open_dataset(card("lip"), config(tmp_path))
    assert photo.id == "images/x.1.jpg"
    labels = pickle.loads(pickle.dumps(photo)).labels.read(2, 3)
    np.testing.assert_array_equal(labels, [[0, 2, 4], [6, 1, 9]])
    assert labels.dtype == np.uint8


def test_label_maps_of_another_size_or_kind_are_refused(tmp_path):
    path = write_mask(tmp_path / "a.png", LIP)
    mask = IndexMask(path, "lip")
    with pytest.raises(MaskError, match=r"a\.png: label map has 3 x 2 pixels, its photo 30 x 20"):
        mask.read(20, 30)
    with pytest.raises(MaskError, match=r"label ids \[19\] are not in label set 'atr'"):
        IndexMask(path, "atr").read(2, 3)
    Image.new("RGB", (3, 2)).save(path)
    with pytest.raises(MaskError, match="color type 2 with 8 bits a sample, wanted 8-bit gray"):
        mask.read(2, 3)
    Image.new("1", (3, 2)).save(path)
    with pytest.raises(MaskError, match="color type 0 with 1 bits a sample"):
        mask.read(2, 3)
    Image.new("L", (3, 2)).save(path, "JPEG")
    with pytest.raises(MaskError, match=r"a\.png: not a PNG file"):
        mask.read(2, 3)
    path.unlink()
    with pytest.raises(MaskError, match=r"a\.png: no such label map"):
        mask.read(2, 3)


def test_a_truncated_label_map_is_refused(tmp_path):
    noise = np.random.default_rng(0).integers(0, 20, (60, 50))
    path = write_mask(tmp_path / "a.png", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(MaskError, match=r"a\.png: damaged PNG"):
        IndexMask(path, "lip").read(60, 50)


def test_photos_that_would_share_a_label_map_are_refused(tmp_path):
    write_photo(tmp_path / "a" / "1.jpg")
    write_photo(tmp_path / "b" / "1.jpg")
    (tmp_path / "masks").mkdir()
    with pytest.raises(DataError, match=r"a/1\.jpg and b/1\.jpg would share the label map 1\.png"):
        open_dataset(card("lip"), config(tmp_path))


def test_label_maps_need_their_folder_and_a_label_set(tmp_path):
    write_photo(tmp_path / "1.jpg")
    with pytest.raises(DataError, match=r"masks: no such folder \(data\.masks\)"):
        open_dataset(card("lip"), config(tmp_path))
    (tmp_path / "masks").mkdir()
    with pytest.raises(DataError, match="card small names no label_set"):
        open_dataset(card(), config(tmp_path))


def test_the_rendered_photos_have_label_maps_of_the_taxonomy():
    if not (DATA / "renders").is_dir():
        pytest.skip(f"no renders at {DATA} (set TRENDCOLOR_DATA)")
    root = DATA / "renders"
    settings = DataConfig(card=root, root=root, format="index-masks", masks=root / "masks")
    photos = open_dataset(card("trendcolor"), settings)
    assert len(photos) == 60
    assert photos[0].id == "images/0000.jpg"
    with Image.open(photos[0].file.path) as image:
        labels = photos[0].labels.read(image.height, image.width)
    assert {0, 1} < set(np.unique(labels).tolist()) <= {*range(13), 255}
