import json
import pickle

import numpy as np
import pytest
from data_sets import card
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as run_lengths

from trendcolor.config import DataConfig
from trendcolor.datasets import open_dataset
from trendcolor.datasets.coco import Region, RegionMask, RunLengths
from trendcolor.errors import DataError, MaskError

HEIGHT, WIDTH = 10, 12
FASHIONPEDIA = [
    {"id": 8, "name": "skirt"},
    {"id": 10, "name": "dress"},
    {"id": 19, "name": "belt"},
    {"id": 31, "name": "sleeve"},
]
WHOLE = [[0, 0, WIDTH, 0, WIDTH, HEIGHT, 0, HEIGHT]]
BAND = [[0, 4, WIDTH, 4, WIDTH, 6, 0, 6]]


def annotation(category, segmentation, image=1, **others):
    return {"image_id": image, "category_id": category, "segmentation": segmentation, **others}


def photos(tmp_path, annotations, categories=FASHIONPEDIA, label_set="fashionpedia", **image):
    image = {"id": 1, "file_name": "a.jpg", "height": HEIGHT, "width": WIDTH, **image}
    content = {
        "info": {"year": 2020},
        "images": [image, {"id": 2, "file_name": "sub/b.jpg"}],
        "annotations": annotations,
        "categories": categories,
    }
    path = tmp_path / "labels.json"
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    config = DataConfig(card=path, root=tmp_path, format="coco", annotations=path)
    return open_dataset(card(label_set), config)


def labels(tmp_path, annotations, **settings):
    return photos(tmp_path, annotations, **settings)[0].labels.read(HEIGHT, WIDTH)


def block(top, bottom, left, right):
    cover = np.zeros((HEIGHT, WIDTH), np.uint8)
    cover[top:bottom, left:right] = 1
    return cover


def compressed(cover):
    encoded = run_lengths.encode(np.asfortranarray(cover))
    return {"size": encoded["size"], "counts": encoded["counts"].decode()}


def uncompressed(cover):
    """Run lengths down the columns, beginning with how many pixels are off."""
    pixels = cover.ravel(order="F")
    edges = np.flatnonzero(np.diff(pixels)) + 1
    counts = np.diff([0, *edges, pixels.size]).tolist()
    return {"size": [HEIGHT, WIDTH], "counts": [0, *counts] if pixels[0] else counts}


covers = arrays(np.uint8, (HEIGHT, WIDTH), elements=st.integers(0, 1))


@settings(deadline=None)
@given(covers)
def test_run_lengths_agree_with_pycocotools(cover):
    counts = compressed(cover)["counts"]
    mask = RegionMask("a.jpg", (Region(5, RunLengths((HEIGHT, WIDTH), counts)),), None)
    np.testing.assert_array_equal(mask.read(HEIGHT, WIDTH), cover * 5)


@settings(deadline=None)
@given(st.text(max_size=20))
def test_damaged_run_lengths_are_refused_or_read_but_never_anything_else(counts):
    mask = RegionMask("a.jpg", (Region(5, RunLengths((HEIGHT, WIDTH), counts)),), None)
    try:
        found = mask.read(HEIGHT, WIDTH)
    except MaskError:
        return
    assert found.shape == (HEIGHT, WIDTH)


@pytest.mark.parametrize("encode", [compressed, uncompressed])
@pytest.mark.parametrize("cover", [block(2, 5, 3, 9), block(0, 4, 0, 7)], ids=["inside", "corner"])
def test_run_lengths_become_classes(tmp_path, encode, cover):
    found = labels(tmp_path, [annotation(10, encode(cover), iscrowd=1)])
    np.testing.assert_array_equal(found, cover * 5)


def test_polygons_become_classes_and_several_make_one_region(tmp_path):
    polygons = [[2, 1, 6, 1, 6, 4, 2, 4], [8, 6, 11, 6, 11, 9, 8, 9], [1, 1, 2, 2]]
    found = labels(tmp_path, [annotation(8, polygons)])
    np.testing.assert_array_equal(found, 7 * (block(1, 4, 2, 6) | block(6, 9, 8, 11)))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_small_thing_stays_on_a_large_one(tmp_path, order):
    both = [annotation(10, WHOLE), annotation(19, BAND)]
    found = labels(tmp_path, [both[i] for i in order])
    np.testing.assert_array_equal(found, np.where(block(4, 6, 0, WIDTH) == 1, 12, 5))


def test_of_equal_regions_the_later_one_covers(tmp_path):
    found = labels(tmp_path, [annotation(10, BAND), annotation(8, BAND)])
    np.testing.assert_array_equal(found, 7 * block(4, 6, 0, WIDTH))


def test_parts_of_a_garment_do_not_cover_it(tmp_path):
    found = labels(tmp_path, [annotation(10, WHOLE), annotation(31, BAND)])
    np.testing.assert_array_equal(found, 5)


def test_categories_are_known_by_name_and_without_names_by_id(tmp_path):
    renumbered = [{"id": 900, "name": "Shirt, Blouse"}]
    np.testing.assert_array_equal(
        labels(tmp_path, [annotation(900, WHOLE)], categories=renumbered), 3
    )
    found = labels(tmp_path, [annotation(8, WHOLE)], categories=None, label_set="deepfashion2")
    np.testing.assert_array_equal(found, 6)
    modanet = [{"id": 13, "name": "scarf & tie"}]
    found = labels(tmp_path, [annotation(13, WHOLE)], categories=modanet, label_set="modanet")
    np.testing.assert_array_equal(found, 12)


def test_a_photo_without_annotations_is_all_background(tmp_path):
    first, second = photos(tmp_path, [annotation(10, WHOLE)])
    assert (first.id, second.id) == ("a.jpg", "sub/b.jpg")
    assert second.file.path == tmp_path / "sub" / "b.jpg"
    np.testing.assert_array_equal(second.labels.read(3, 4), np.zeros((3, 4)))


def test_references_survive_the_way_to_a_worker(tmp_path):
    found = photos(
        tmp_path, [annotation(10, WHOLE), annotation(8, uncompressed(block(1, 2, 1, 3)))]
    )
    copy = pickle.loads(pickle.dumps(found[0]))
    np.testing.assert_array_equal(
        copy.labels.read(HEIGHT, WIDTH), found[0].labels.read(HEIGHT, WIDTH)
    )


def test_a_far_polygon_is_cut_at_the_photo(tmp_path):
    far = [[-1e12, -1e12, 1e12, -1e12, 1e12, 1e12, -1e12, 1e12]]
    np.testing.assert_array_equal(labels(tmp_path, [annotation(10, far)]), 5)


def test_regions_of_another_size_or_beyond_the_photo_are_refused(tmp_path):
    wrong = compressed(np.ones((4, 4), np.uint8))
    with pytest.raises(MaskError, match=r"a\.jpg: label map has 4 x 4 pixels, its photo 12 x 10"):
        labels(tmp_path, [annotation(10, wrong)])
    with pytest.raises(MaskError, match=r"a\.jpg: label map has 12 x 11 pixels"):
        labels(tmp_path, [annotation(10, WHOLE)], height=11)
    for counts in ([5, 200], [-1, 121], "~~~~~~~~~~~~", "zz"):
        damaged = {"size": [HEIGHT, WIDTH], "counts": counts}
        with pytest.raises(MaskError, match=r"a\.jpg: run lengths don't add up to 12 x 10"):
            labels(tmp_path, [annotation(10, damaged)])


def test_unknown_categories_and_paths_outside_are_refused_at_once(tmp_path):
    with pytest.raises(DataError) as caught:
        photos(
            tmp_path,
            [annotation(1, WHOLE), annotation(99, WHOLE), annotation(10, WHOLE, image=7)],
            categories=[*FASHIONPEDIA, {"id": 1, "name": "skirts"}],
            file_name="../a.jpg",
        )
    assert str(caught.value).splitlines() == [
        "labels.json: category 1 'skirts' is not in label set 'fashionpedia', "
        "did you mean 'skirt'?",
        "labels.json: category 99 '' is not in label set 'fashionpedia'",
        "labels.json: annotations of 1 images that the file doesn't list",
        "labels.json: '../a.jpg' is not a path inside data.root",
    ]


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "labels.json"
    config = DataConfig(card=path, root=tmp_path, format="coco", annotations=path)
    with pytest.raises(DataError, match=r"labels\.json: can't be read"):
        open_dataset(card("modanet"), config)
    for content in ("[]", "{", '{"images": [{"id": 1}], "annotations": []}'):
        path.write_text(content)
        with pytest.raises(DataError, match=r"labels\.json: not a COCO-style file"):
            open_dataset(card("modanet"), config)
