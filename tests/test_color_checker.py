import os
from pathlib import Path

import numpy as np
import pytest
from cards_in_photos import chart_photo, field_corners, light_of, place, street, taken
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.color.checker import find_chart
from trendcolor.color.reference import MOST_ERROR
from trendcolor.config import ImagesConfig
from trendcolor.images.decode import read_photo

DATA = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
PLACES = {
    "upright": place(),
    "turned": place(turn=0.5),
    "on its side": place(turn=np.pi / 2),
    "head down": place(turn=np.pi),
    "from the side": place(tilt=(0.6, 0.25)),
    "small": place(center=(400, 100), width=130),
}


@pytest.mark.parametrize("where", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize(("light", "stops"), [("A", -0.5), ("D75", -1.0), ("LED", 0.2), ("D65", 0)])
def test_a_chart_is_found_with_its_light_and_exposure(where, light, stops):
    photo = chart_photo(where, light, stops)
    found = find_chart(photo, MOST_ERROR)
    np.testing.assert_allclose(found.reading.light, light_of(light) * 2**stops, rtol=0.05)
    off = found.corners[:, None] - field_corners(where)[None]
    # Patches are read in the middle 0.4 of their cells: 0.3 of a cell leaves them inside.
    cell = np.linalg.norm(np.diff(field_corners(where)[:2], axis=0)) / 6
    assert np.linalg.norm(off, axis=2).min(axis=1).max() < 0.3 * cell


@pytest.mark.parametrize("seed", range(8))
def test_a_busy_street_has_no_chart(seed):
    assert find_chart(taken(street(seed=seed, pieces=120), seed=seed), MOST_ERROR) is None


def test_a_grid_of_other_colors_is_no_chart():
    random = np.random.default_rng(0)
    tiles = np.full((400, 520, 3), 0.02)
    for row in range(4):
        for column in range(6):
            top, left = 40 + 60 * row, 60 + 60 * column
            tiles[top : top + 54, left : left + 54] = random.uniform(0.05, 0.8, 3)
    assert find_chart(taken(tiles), MOST_ERROR) is None
    assert find_chart(taken(tiles), 99.0) is not None  # the grid is seen, its colors refuse it


@settings(max_examples=5, deadline=None)
@given(st.integers(2, 3))
def test_the_size_of_a_photo_has_no_effect(factor):
    photo = chart_photo(PLACES["turned"])
    large = np.repeat(np.repeat(photo, factor, axis=0), factor, axis=1)
    one, other = find_chart(photo, MOST_ERROR), find_chart(large, MOST_ERROR)
    np.testing.assert_allclose(other.reading.light, one.reading.light, rtol=0.02)


@pytest.mark.parametrize("rgb8", [np.zeros((3, 3, 3)), np.full((200, 200, 3), 128)])
def test_an_empty_photo_has_none(rgb8):
    assert find_chart(rgb8.astype(np.uint8), MOST_ERROR) is None


@pytest.mark.skipif(not DATA.is_dir(), reason="the data sets are not beside")
@pytest.mark.parametrize("folder", ["ccp/photos", "clothing_cc0/images", "renders/images"])
def test_photos_without_a_chart_have_none(folder):
    paths = sorted(p for p in (DATA / folder).rglob("*") if p.suffix.lower() in (".jpg", ".png"))
    photos = (read_photo(path, ImagesConfig()) for path in paths[:: len(paths) // 6][:6])
    assert [find_chart(photo.rgb, MOST_ERROR) for photo in photos] == [None] * 6
