import base64
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from data_sets import write_mask
from photos import COLORS, figure, labelled_photo, paint
from PIL import Image

from trendcolor.config import ColorConfig, ImagesConfig
from trendcolor.datasets.files import LocalFile
from trendcolor.pipeline import Pipeline
from trendcolor.report.audit_pictures import Marked, Studio
from trendcolor.taxonomy import TOP, TROUSERS

GREEN = (10, 200, 30)
PIPELINE = Pipeline(segmenter=None, images=ImagesConfig(), color=ColorConfig())


def drawn(uri):
    return np.asarray(Image.open(BytesIO(base64.b64decode(uri.split(",")[1]))).convert("RGB"))


@pytest.fixture
def two(tmp_path):
    """A photo of one person, and one of two who stand apart."""
    one = figure(240, 160)
    both = np.hstack([figure(240, 160), np.zeros((240, 20), np.uint8), one[::2, ::2].repeat(2, 0)])
    return {
        name: labelled_photo(tmp_path, name, labels, paint(labels))
        for name, labels in (("one", one), ("both", both))
    }


def pictures(refs, *items, may_show=False):
    found = dict(Studio(PIPELINE, refs, may_show).draw(items))
    return [found[i] for i in range(len(items))]


def test_the_garment_in_question_is_painted_in_its_color_and_no_other(two):
    top, trousers = pictures(
        two, Marked("one", 0, "top", GREEN), Marked("one", 0, "trousers", GREEN)
    )
    labels = figure(240, 160)
    for picture, class_id in ((top, TOP), (trousers, TROUSERS)):
        is_green = (drawn(picture.label_map) == GREEN).all(axis=-1)
        np.testing.assert_array_equal(is_green, labels == class_id)
        assert picture.fault is None


def test_wearers_are_told_apart(two):
    first, second = pictures(two, *(Marked("both", wearer, "top", GREEN) for wearer in (0, 1)))
    left = np.flatnonzero((drawn(first.label_map) == GREEN).all(axis=-1).any(axis=0))
    right = np.flatnonzero((drawn(second.label_map) == GREEN).all(axis=-1).any(axis=0))
    assert left.max() < right.min()


def test_no_picture_holds_photo_pixels_unless_they_may_be_shown(two):
    items = [Marked("one", 0, "top", GREEN), Marked("both", 0, "top", GREEN)]
    photo = paint(figure(240, 160))
    for picture in pictures(two, *items):
        assert picture.photo is None
        colors = {tuple(color) for color in drawn(picture.label_map).reshape(-1, 3).tolist()}
        assert not colors & {COLORS[class_id] for class_id in range(1, 13)}
    shown = pictures(two, *items, may_show=True)[0]
    assert shown.photo.startswith("data:image/jpeg;base64,")
    np.testing.assert_allclose(drawn(shown.photo).mean(), photo.mean(), atol=3)  # JPEG rounds


def test_pictures_are_small_and_a_tiny_garment_still_shows(tmp_path):
    labels = np.zeros((1200, 900), np.uint8)
    labels[100:1100, 200:700] = TROUSERS
    labels[600, 400] = TOP
    refs = {"large": labelled_photo(tmp_path, "large", labels, paint(labels))}
    (picture,) = pictures(refs, Marked("large", 0, "top", GREEN))
    found = drawn(picture.label_map)
    assert found.shape == (320, 240, 3)
    assert 1 <= (found == GREEN).all(axis=-1).sum() <= 4
    assert picture.fault is None


def test_a_garment_that_is_not_there_is_told(two):
    (picture,) = pictures(two, Marked("one", 0, "dress", GREEN))
    assert picture.fault == "this garment is not in the label map drawn now"
    assert picture.label_map is not None


def test_a_photo_that_cannot_be_read_has_no_picture_and_says_why(two, tmp_path):
    lost = {**two, "one": replace(two["one"], file=LocalFile(tmp_path / "lost.png"))}
    one, both = pictures(lost, Marked("one", 0, "top", GREEN), Marked("both", 0, "top", GREEN))
    assert one.label_map is None
    assert one.fault.startswith("no picture: ")
    assert both.fault is None


def test_a_label_map_that_does_not_fit_is_told(two, tmp_path):
    write_mask(tmp_path / "masks" / "one.png", figure(10, 10))
    (one,) = pictures(two, Marked("one", 0, "top", GREEN))
    assert "no picture: one.png: label map has 10 x 10 pixels" in one.fault
