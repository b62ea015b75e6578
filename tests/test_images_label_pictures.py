import base64
from io import BytesIO

import numpy as np
import pytest
from photos import figure
from PIL import Image

from trendcolor.images.label_pictures import (
    CLASS_COLORS,
    IGNORED,
    garment_uri,
    map_uri,
    photo_uri,
)
from trendcolor.taxonomy import BACKGROUND, CLASSES, IGNORE, TOP, TROUSERS


def opened(uri):
    kind, _, content = uri.partition(";base64,")
    return kind, Image.open(BytesIO(base64.b64decode(content)))


def test_each_class_has_a_color_of_its_own():
    assert list(CLASS_COLORS) == [*CLASSES, IGNORED]
    assert len(set(CLASS_COLORS.values())) == len(CLASS_COLORS)


def test_a_map_is_drawn_with_the_color_of_each_class():
    labels = np.array([[*range(13), IGNORE]], np.uint8)
    kind, image = opened(map_uri(labels))
    assert kind == "data:image/png"
    expected = np.array([list(CLASS_COLORS.values())], np.uint8)
    np.testing.assert_array_equal(np.asarray(image.convert("RGB")), expected)


def test_a_photo_is_drawn_as_it_is():
    rgb = np.full((9, 6, 3), (90, 60, 50), np.uint8)
    kind, image = opened(photo_uri(rgb))
    assert (kind, image.size) == ("data:image/jpeg", (6, 9))
    np.testing.assert_allclose(np.asarray(image), rgb, atol=3)  # JPEG rounds


@pytest.mark.parametrize("rgb", [(0, 0, 0), (255, 255, 255), (214, 39, 40)])
def test_one_garment_stands_out_between_two_lines_whatever_its_color(rgb):
    labels = figure(120, 80)
    kind, image = opened(garment_uri(labels, labels == TOP, rgb))
    drawn = np.asarray(image.convert("RGB"))
    assert kind == "data:image/png"
    assert (drawn[labels == TOP] == rgb).all()
    row = drawn[60, : labels.shape[1] // 2]  # from the wall to the middle of the top
    changes = [tuple(row[i].tolist()) for i in range(1, len(row)) if (row[i] != row[i - 1]).any()]
    assert (0, 0, 0) in changes
    assert changes.index((0, 0, 0)) < len(changes) - 1 or rgb == (0, 0, 0)
    assert (255, 255, 255) in row.tolist() or [255, 255, 255] in row.tolist()


def test_all_else_is_pale_and_no_garment_may_be_in_question():
    labels = figure(120, 80)
    nothing = np.zeros(labels.shape, bool)
    drawn = np.asarray(opened(garment_uri(labels, nothing, (0, 0, 0)))[1].convert("RGB"))
    for class_id in (BACKGROUND, TOP, TROUSERS):
        (color,) = np.unique(drawn[labels == class_id], axis=0)
        assert (color >= np.array(CLASS_COLORS[CLASSES[class_id]])).all()
    assert drawn.min() > 150


def test_a_label_map_is_not_modified():
    labels = figure(60, 40)
    before = labels.copy()
    garment_uri(labels, labels == TOP, (1, 2, 3))
    np.testing.assert_array_equal(labels, before)
