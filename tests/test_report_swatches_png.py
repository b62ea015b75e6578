import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image
from plm_swatches import ENGLISH, Chinese, plm, rgb8, swatch_lists

from trendcolor.errors import RunError
from trendcolor.report.swatches.card import lay_out
from trendcolor.report.swatches.png import png_bytes
from trendcolor.report.swatches.swatch import tidy

# A font that many machines have, with letters that Pillow's own lacks.
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def picture(swatches, wording=ENGLISH, font=None):
    content = png_bytes(tidy(swatches), wording, "Street", font)
    return np.asarray(Image.open(io.BytesIO(content)))


@settings(max_examples=15, deadline=None)
@given(swatch_lists)
def test_each_pixel_of_a_swatch_is_its_rgb(swatches):
    shown = picture(swatches)
    tiles = lay_out(tidy(swatches), ENGLISH, "Street").tiles
    assert [tile.swatch for tile in tiles] == tidy(swatches)
    for tile in tiles:
        region = shown[2 * tile.y :, 2 * tile.x :][: 2 * tile.height, : 2 * tile.width]
        assert region.shape[:2] == (2 * tile.height, 2 * tile.width)
        assert (region == tile.swatch.rgb).all()


def test_a_white_swatch_has_an_edge():
    shown = picture([plm((255, 255, 255))])
    (tile,) = lay_out([plm((255, 255, 255))], ENGLISH, "Street").tiles
    assert (shown[2 * tile.y - 1, 2 * tile.x : 2 * (tile.x + tile.width)] < 255).all()


def test_the_picture_says_that_it_is_srgb():
    content = png_bytes([plm()], ENGLISH, "秋 2026")
    opened = Image.open(io.BytesIO(content))
    assert opened.mode == "RGB"
    assert opened.info["srgb"] == 0  # perceptual
    assert opened.text["Title"] == "秋 2026"
    assert opened.info["dpi"] == pytest.approx((192, 192), abs=0.1)  # whole dots a meter


def test_chinese_is_left_out_where_the_font_lacks_it():
    np.testing.assert_array_equal(picture([plm()]), picture([plm(name_zh="")]))
    # In Chinese too: then the English name is the name.
    np.testing.assert_array_equal(picture([plm()], Chinese()), picture([plm()]))
    # Half of a name would be another name.
    half = picture([plm(name="soft 黑")])
    np.testing.assert_array_equal(half, picture([plm(name="TC-2A2A30")]))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plum 😀", "plum"),
        ("crème brûlée", "creme brulee"),
        ("a \N{MINUS SIGN} b", "a - b"),
        ("\N{SNOWMAN}", "TC-2A2A30"),
    ],
)
def test_signs_without_a_glyph_are_dropped_and_accents_made_plain(name, shown):
    np.testing.assert_array_equal(
        picture([plm(name=name, name_zh="")]), picture([plm(name=shown, name_zh="")])
    )


@pytest.mark.skipif(not DEJAVU.is_file(), reason="needs a font")
def test_a_given_font_shows_the_letters_that_it_has():
    plain = picture([plm(name="creme", name_zh="")], font=DEJAVU)
    accented = picture([plm(name="crème", name_zh="")], font=DEJAVU)
    assert (plain != accented).any()
    greek = picture([plm(name_zh="μαύρο")], font=DEJAVU)
    assert (greek != picture([plm(name_zh="")], font=DEJAVU)).any()
    # It has no Chinese.
    np.testing.assert_array_equal(
        picture([plm()], font=DEJAVU), picture([plm(name_zh="")], font=DEJAVU)
    )


@settings(max_examples=10, deadline=None)
@given(rgb8)
def test_a_long_name_stays_within_its_column(rgb):
    first, second = plm(rgb, name="W" * 200), plm(rgb, name="i")
    alone = picture([first, plm(rgb, name="i")])
    (tile, other) = lay_out([first, second], ENGLISH, "Street").tiles
    gap = alone[2 * tile.y :, 2 * (tile.x + tile.width) + 2 : 2 * other.x - 2]
    note = lay_out([first, second], ENGLISH, "Street").lines[-1]
    assert (gap[: 2 * (note.y - note.size - tile.y)] == 255).all()


def test_a_file_that_is_no_font_is_refused(tmp_path):
    path = tmp_path / "font.ttf"
    path.write_bytes(b"nothing")
    with pytest.raises(RunError, match=r"font.ttf: can't be read as a font \(.*wanted a TrueType"):
        picture([plm()], font=path)


def test_without_colors_the_picture_says_so():
    words, none = picture([]), picture([plm()])
    assert words.shape[0] < none.shape[0]
    assert (words < 128).any()
