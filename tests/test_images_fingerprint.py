import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps

from trendcolor.config import ImagesConfig
from trendcolor.errors import PhotoError
from trendcolor.images.content import picture_parts
from trendcolor.images.decode import decode
from trendcolor.images.duplicates import EXACT, NEAR, find_duplicates
from trendcolor.images.fingerprint import (
    FINGERPRINT,
    MIRRORED_BITS,
    fingerprint_of,
    fingerprint_of_photo,
)

CONFIG = ImagesConfig()
ORIENTATION = 0x0112


def picture(seed=0, width=400, height=600):
    """Soft blobs of color."""
    small = np.random.default_rng(seed).integers(0, 256, (9, 6, 3), np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image, kind="JPEG", **options):
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def compare(one, other):
    rows = np.concatenate([fingerprint_of(one, CONFIG), fingerprint_of(other, CONFIG)])
    return find_duplicates(rows, CONFIG).kind[1]


def exif(tag, value):
    written = Image.Exif()
    written[tag] = value
    return written


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_exif_written_anew_leaves_an_exact_copy(kind):
    one = encoded(picture(), kind)
    other = encoded(picture(), kind, exif=exif(0x010E, "another description"))
    assert one != other
    assert compare(one, other) == EXACT


def test_text_in_a_png_and_a_comment_in_a_jpeg_leave_exact_copies():
    png = encoded(picture(), "PNG")
    text = b"tEXtwho\0me"
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    assert compare(png, png[:33] + chunk + png[33:]) == EXACT
    assert compare(encoded(picture()), encoded(picture(), comment=b"hello")) == EXACT


def test_another_orientation_is_another_picture_that_is_turned_upright():
    lying = picture().transpose(Image.Transpose.ROTATE_90)
    upright = encoded(lying, exif=exif(ORIENTATION, 6))
    assert compare(encoded(lying), upright) == 0
    assert compare(encoded(picture()), upright) == NEAR


@pytest.mark.parametrize(
    "other",
    [
        encoded(picture(), quality=40),
        encoded(picture(), "WEBP"),
        encoded(picture(), "PNG"),
        encoded(picture(width=200, height=300)),
        encoded(picture(width=1200, height=1800)),
        encoded(ImageOps.mirror(picture())),
    ],
    ids=["quality 40", "WebP", "PNG", "half", "threefold", "mirrored"],
)
def test_a_photo_saved_again_is_near(other):
    assert compare(encoded(picture()), other) == NEAR


def test_another_photo_is_none():
    assert compare(encoded(picture(0)), encoded(picture(1))) == 0


def test_a_mirror_turns_the_bits_that_are_told():
    image = picture(width=320, height=480)  # a size that is reduced without a rest
    row = fingerprint_of(encoded(image, "PNG"), CONFIG)
    mirrored = fingerprint_of(encoded(ImageOps.mirror(image), "PNG"), CONFIG)
    assert int(row["code"][0]) ^ int(mirrored["code"][0]) == MIRRORED_BITS


def test_colors_are_lab_and_transparent_pixels_white():
    image = Image.new("RGBA", (64, 64), (255, 0, 0, 255))
    image.paste((0, 0, 255, 0), (0, 0, 64, 32))
    (row,) = fingerprint_of(encoded(image, "PNG"), CONFIG)
    assert row["color"][0, 0].tolist() == [100, 0, 0]
    # sRGB's red in CIELAB under D50 (ICC): 54.3, 80.8, 69.9.
    np.testing.assert_allclose(row["color"][7, 7], [54.3, 80.8, 69.9], atol=1)


def test_a_plain_photo_is_told():
    gray = np.full((80, 80, 3), 128, np.uint8)
    gray[::2] += 3
    assert fingerprint_of(encoded(Image.fromarray(gray)), CONFIG)["plain"].all()
    assert not fingerprint_of(encoded(picture()), CONFIG)["plain"].any()


def test_decoded_pixels_have_the_same_looks_as_their_file():
    file = encoded(picture(width=80, height=80), "PNG")
    row, of_file = fingerprint_of_photo(decode(file, CONFIG)), fingerprint_of(file, CONFIG)
    assert row.dtype == FINGERPRINT
    assert row["code"] == of_file["code"]
    assert (row["color"] == of_file["color"]).all()
    assert (row["exact"] != of_file["exact"]).any()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_files_have_parts_and_no_fingerprint(kind):
    whole = encoded(picture(width=80, height=80), kind)
    for size in range(0, len(whole), 7):
        assert sum(map(len, picture_parts(whole[:size]))) <= size
    with pytest.raises(PhotoError):
        fingerprint_of(whole[: len(whole) // 2], CONFIG)
