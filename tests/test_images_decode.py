import os
import struct
import warnings
import zlib
from io import BytesIO

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.Image import Transpose

from trendcolor.config import ImagesConfig
from trendcolor.errors import PhotoError
from trendcolor.images.decode import Photo, decode, image_format, read_photo

WHOLE = ImagesConfig(work_pixels=10_000_000)
BURGUNDY, CREAM, NAVY, OLIVE = (128, 30, 46), (245, 236, 215), (20, 26, 60), (110, 112, 50)
EXTENSIONS = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "WebP": ".webp",
    "AVIF": ".avif",
    "TIFF": ".tif",
    "HEIC": ".heic",
    "GIF": ".gif",
    "BMP": ".bmp",
}
FINE = {
    "WebP": {"lossless": True},
    "JPEG": {"quality": 95},
    "AVIF": {"quality": 95},
    "HEIC": {"quality": -1},  # lossless
}
pillow_heif.register_heif_opener()  # so that the tests can write HEIC


def quarters(width=64, height=48):
    """Four flat colors: burgundy, cream above navy, olive. Halves fall on JPEG's 16-pixel grid."""
    rgb = np.empty((height, width, 3), np.uint8)
    rgb[: height // 2, : width // 2], rgb[: height // 2, width // 2 :] = BURGUNDY, CREAM
    rgb[height // 2 :, : width // 2], rgb[height // 2 :, width // 2 :] = NAVY, OLIVE
    return rgb


def encode(image, name, **options):
    file = BytesIO()
    image.save(file, "HEIF" if name == "HEIC" else name, **{**FINE.get(name, {}), **options})
    return file.getvalue()


def corners(photo: Photo):
    """The color well inside each quarter, in reading order."""
    height, width = photo.rgb.shape[:2]
    rows, columns = (height // 4, height * 3 // 4), (width // 4, width * 3 // 4)
    return np.array([photo.rgb[y, x] for y in rows for x in columns], int)


def noise(width=48, height=40, seed=5):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


# Lossy codecs work in 8-bit YCbCr: rounding there and back moves a channel by up to 3.
@pytest.mark.parametrize(
    ("name", "tolerance"),
    [("JPEG", 3), ("PNG", 0), ("WebP", 0), ("AVIF", 3), ("TIFF", 0), ("HEIC", 3), ("BMP", 0)],
)
def test_each_format_gives_its_colors(name, tolerance, tmp_path):
    path = tmp_path / f"photo{EXTENSIONS[name]}"
    path.write_bytes(encode(Image.fromarray(quarters()), name))
    photo = read_photo(path, WHOLE)
    np.testing.assert_allclose(corners(photo), [BURGUNDY, CREAM, NAVY, OLIVE], atol=tolerance)
    assert (photo.rgb.dtype, photo.rgb.shape) == (np.uint8, (48, 64, 3))
    assert (photo.width, photo.height, photo.opaque) == (64, 48, None)


def test_gif_gives_its_palette_colors():
    encoded = encode(Image.fromarray(quarters()).quantize(8), "GIF")
    np.testing.assert_allclose(corners(decode(encoded, WHOLE)), [BURGUNDY, CREAM, NAVY, OLIVE])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WebP", "AVIF", "TIFF", "HEIC"])
def test_every_exif_orientation_comes_back_upright(name, orientation):
    # What a camera stores when it is held so: the upright picture, turned the other way.
    stored = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_90,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(quarters())
    if orientation in stored:
        image = image.transpose(stored[orientation])
    # HEIC says how it is turned in its own boxes, which its writer fills from bytes only.
    photo = decode(encode(image, name, exif=exif.tobytes() if name == "HEIC" else exif), WHOLE)
    assert (photo.width, photo.height) == (64, 48)
    np.testing.assert_allclose(corners(photo), [BURGUNDY, CREAM, NAVY, OLIVE], atol=3)


def test_broken_exif_data_leaves_a_photo_as_it_is():
    encoded = encode(Image.fromarray(quarters()), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert decode(encoded, WHOLE).rgb.shape == (48, 64, 3)


def test_orientation_and_full_size_hold_when_a_jpeg_is_scaled():
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = Image.fromarray(quarters(640, 480)).transpose(Transpose.ROTATE_90)
    photo = decode(encode(turned, "JPEG", exif=exif), ImagesConfig(work_pixels=10_000))
    assert (photo.width, photo.height) == (640, 480)
    assert photo.rgb.shape == (120, 160, 3)
    np.testing.assert_allclose(corners(photo), [BURGUNDY, CREAM, NAVY, OLIVE], atol=3)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 3000), st.sampled_from("JP"))
def test_scaled_photos_keep_at_least_the_pixels_asked_for(width, height, work_pixels, kind):
    encoded = encode(Image.new("RGB", (width, height)), {"J": "JPEG", "P": "PNG"}[kind])
    photo = decode(encoded, ImagesConfig(work_pixels=work_pixels))
    pixels = photo.rgb.shape[0] * photo.rgb.shape[1]
    assert (photo.width, photo.height) == (width, height)
    assert pixels >= min(work_pixels, width * height)
    # The last block of a row or column may be a part of one.
    assert pixels <= 4 * work_pixels + width + height + 1


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WebP", "HEIC", "AVIF"])
def test_a_photo_decoded_smaller_keeps_flat_colors(name):
    encoded = encode(Image.fromarray(quarters(512, 512)), name)
    photo = decode(encoded, ImagesConfig(work_pixels=9_000))
    assert 9_000 <= photo.rgb.shape[0] * photo.rgb.shape[1] < 36_000
    assert (photo.width, photo.height) == (512, 512)
    np.testing.assert_allclose(corners(photo), [BURGUNDY, CREAM, NAVY, OLIVE], atol=3)


# --- color management ---------------------------------------------------------------------


def icc_profile(space, tags, profile_class=b"mntr", connection=b"XYZ "):
    """The least that ICC.1:2010 asks of a profile: header, tag table, tags."""
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        content += b"\0" * (-len(content) % 4)
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content
    white = struct.pack(">iii", *(round(v * 65536) for v in (0.9642, 1.0, 0.8249)))
    header = struct.pack(">I4sI4s4s4s12s4s", start + len(body), b"", 0x04200000, profile_class,
                         space, connection, bytes(12), b"acsp")  # fmt: skip
    header += bytes(28) + white + bytes(48)
    return header + table + body


def xyz_tag(x, y, z):
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(v * 65536) for v in (x, y, z)))


def gamma_tag(gamma):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


# sRGB's transfer curve as ICC's function type 3 (IEC 61966-2-1).
SRGB_NUMBERS = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
SRGB_CURVE = b"para\0\0\0\0" + struct.pack(
    ">HHiiiii", 3, 0, *(round(v * 65536) for v in SRGB_NUMBERS)
)
# Display P3's primaries, adapted to D50, as Apple's profile has them.
P3 = icc_profile(
    b"RGB ",
    {
        b"wtpt": xyz_tag(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz_tag(0.51512, 0.2412, -0.00105),
        b"gXYZ": xyz_tag(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz_tag(0.1571, 0.06657, 0.78407),
        b"rTRC": SRGB_CURVE,
        b"gTRC": SRGB_CURVE,
        b"bTRC": SRGB_CURVE,
    },
)
# CSS Color 4, linear Display P3 to linear sRGB.
P3_TO_SRGB = np.array(
    [
        [1.2249402, -0.2249402, 0.0],
        [-0.0420570, 1.0420570, 0.0],
        [-0.0196376, -0.0786361, 1.0982736],
    ]
)
LINEAR_GRAY = icc_profile(b"GRAY", {b"wtpt": xyz_tag(0.9642, 1.0, 0.8249), b"kTRC": gamma_tag(1.0)})


def cmyk_profile(magenta_lab8):
    """A CMYK profile whose magenta is of our choosing, whatever ink says; multilinear between."""
    corners = []
    for index in range(16):
        cyan, magenta, yellow, black = ((index >> bit) & 1 for bit in (3, 2, 1, 0))
        plain = (0, 128, 128) if black else (255 - 60 * (cyan + magenta + yellow), 128, 128)
        corners += magenta_lab8 if (cyan, magenta, yellow, black) == (0, 1, 0, 0) else plain
    ramp = bytes(range(256))
    unit = struct.pack(">9i", *(65536 * v for v in (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + unit + ramp * 4 + bytes(corners) + ramp * 3
    tags = {b"wtpt": xyz_tag(0.9642, 1.0, 0.8249), b"A2B0": table}
    return icc_profile(b"CMYK", tags, profile_class=b"scnr", connection=b"Lab ")


def srgb_to_linear(rgb):
    rgb = np.asarray(rgb) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(linear):
    linear = np.clip(linear, 0, 1)
    return 255 * np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WebP", "AVIF", "TIFF", "HEIC"])
def test_a_wide_gamut_profile_is_converted(name):
    encoded = encode(Image.fromarray(quarters()), name, icc_profile=P3)
    stored = np.array([BURGUNDY, CREAM, NAVY, OLIVE])
    expected = linear_to_srgb(srgb_to_linear(stored) @ P3_TO_SRGB.T)
    # Burgundy moves by 9 of 255; 3 for the codec and 1.5 for rounding twice.
    assert np.abs(expected[0] - BURGUNDY).max() > 8
    np.testing.assert_allclose(corners(decode(encoded, WHOLE)), expected, atol=4.5)


def test_a_wide_gamut_profile_is_converted_in_a_picture_with_alpha():
    rgba = np.dstack([quarters(), np.full((48, 64), 255, np.uint8)])
    rgba[:24, :32, 3] = 0
    photo = decode(encode(Image.fromarray(rgba), "PNG", icc_profile=P3), WHOLE)
    expected = linear_to_srgb(srgb_to_linear(np.array(OLIVE)) @ P3_TO_SRGB.T)
    np.testing.assert_allclose(photo.rgb[40, 50], expected, atol=1.5)
    assert not photo.opaque[:24, :32].any()
    assert photo.opaque[24:].all()


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_a_gray_profile_is_converted(name):
    encoded = encode(Image.new("L", (8, 8), 55), name, icc_profile=LINEAR_GRAY)
    # 55 of 255 in linear light is 128.4 behind sRGB's curve; 1.5 for rounding twice.
    np.testing.assert_allclose(decode(encoded, WHOLE).rgb, 128.4, atol=1.5)


def test_an_rgb_profile_in_a_gray_picture_leaves_neutral_colors():
    photo = decode(encode(Image.new("L", (8, 8), 90), "PNG", icc_profile=P3), WHOLE)
    np.testing.assert_allclose(photo.rgb, 90, atol=1)


def test_an_srgb_profile_changes_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stored = noise()
    photo = decode(encode(Image.fromarray(stored), "PNG", icc_profile=profile), WHOLE)
    # A conversion of 8-bit values to themselves may round the other way.
    np.testing.assert_allclose(photo.rgb.astype(int), stored, atol=1)


@pytest.mark.parametrize(
    "profile",
    [b"no profile", P3[:200], P3[:128] + bytes(len(P3) - 128), LINEAR_GRAY, cmyk_profile([0] * 3)],
    ids=["text", "cut", "zeros", "of gray", "of CMYK"],
)
def test_a_profile_that_cannot_be_used_is_taken_for_srgb(profile):
    stored = quarters()
    photo = decode(encode(Image.fromarray(stored), "PNG", icc_profile=profile), WHOLE)
    np.testing.assert_array_equal(photo.rgb, stored)


@pytest.mark.parametrize("name", ["JPEG", "TIFF"])
@pytest.mark.parametrize(
    ("ink", "expected"),
    [((0, 0, 0, 0), (255, 255, 255)), ((0, 255, 255, 0), (255, 0, 0)), ((0, 0, 0, 255), (0, 0, 0))],
    ids=["paper", "red", "black"],
)
def test_cmyk_without_a_profile_is_read_as_plain_ink(name, ink, expected):
    # Pillow writes CMYK JPEG as Photoshop does, inverted with an Adobe marker.
    photo = decode(encode(Image.new("CMYK", (32, 32), ink), name), WHOLE)
    np.testing.assert_allclose(photo.rgb[16, 16], expected, atol=3)


def test_cmyk_jpeg_without_an_adobe_marker_is_not_inverted():
    encoded = encode(Image.new("CMYK", (32, 32), (255, 0, 255, 255)), "JPEG")
    at = encoded.index(b"\xff\xee")  # the APP14 segment, 2 bytes of marker and 14 of content
    plain = encoded[:at] + encoded[at + 16 :]
    # Without the marker the stored values are ink itself: 0, 255, 0, 0 is magenta.
    np.testing.assert_allclose(decode(plain, WHOLE).rgb[16, 16], (255, 0, 255), atol=3)


@pytest.mark.parametrize("name", ["JPEG", "TIFF"])
def test_a_cmyk_profile_is_converted(name):
    # L* 50.2, a* 0, b* 0 in ICC's 8-bit Lab, where plain ink would be pure magenta.
    profile = cmyk_profile([128, 128, 128])
    encoded = encode(Image.new("CMYK", (32, 32), (0, 255, 0, 0)), name, icc_profile=profile)
    # L* 50.2 is gray 119.6 in sRGB; 3 for JPEG's and the tables' rounding.
    np.testing.assert_allclose(decode(encoded, WHOLE).rgb[16, 16], 119.6, atol=3)


# --- sample depth, palettes, alpha ----------------------------------------------------------


def png_16(rows, color_type):
    """A PNG of 16-bit samples, which Pillow itself can't write in color."""
    height, width = len(rows), rows.shape[1]

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(
            ">I", zlib.crc32(name + content)
        )  # fmt: skip

    lines = b"".join(b"\0" + row.astype(">u2").tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)
    return b"".join(
        [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(lines)),
         chunk(b"IEND", b"")]
    )  # fmt: skip


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_16_bit_gray_is_scaled_not_clipped(name):
    samples = np.tile(np.array([0, 257, 128 * 257, 40_000, 65_535], np.uint16), (6, 1))
    photo = decode(encode(Image.fromarray(samples), name), WHOLE)
    np.testing.assert_array_equal(photo.rgb[0, :, 0], [0, 1, 128, 156, 255])
    np.testing.assert_array_equal(photo.rgb[..., 0], photo.rgb[..., 2])


def test_16_bit_gray_tiff_with_white_at_zero_is_not_inverted():
    samples = np.full((4, 4), 65_535, np.uint16)
    encoded = encode(Image.fromarray(samples), "TIFF", tiffinfo={262: 0})
    plain = Image.open(BytesIO(encoded))
    assert plain.tag_v2[262] == 0, "the builder must have written PhotometricInterpretation 0"
    np.testing.assert_array_equal(decode(encoded, WHOLE).rgb, 0)


@pytest.mark.parametrize(("color_type", "channels"), [(2, 3), (6, 4)], ids=["RGB", "RGBA"])
def test_16_bit_color_png_is_scaled(color_type, channels):
    color = np.array([*BURGUNDY, 255][:channels]) * 257
    photo = decode(png_16(np.tile(color, (5, 7, 1)), color_type), WHOLE)
    np.testing.assert_allclose(photo.rgb[2, 3], BURGUNDY, atol=1)  # Pillow keeps the high byte
    assert photo.opaque is None


def test_16_bit_color_tiff_is_scaled():
    rows = np.tile(np.array(BURGUNDY, np.uint16) * 257, (5, 7, 1)).astype("<u2").tobytes()
    tags = [(256, 3, 1, 7), (257, 3, 1, 5), (258, 3, 3, 0), (259, 3, 1, 1), (262, 3, 1, 2),
            (273, 4, 1, 0), (277, 3, 1, 3), (278, 3, 1, 5), (279, 4, 1, len(rows))]  # fmt: skip
    after = 8 + 2 + 12 * len(tags) + 4  # where the depths stand, then the pixels
    values = {258: after, 273: after + 6}
    directory = b"".join(
        struct.pack("<HHII", tag, kind, count, values.get(tag, value))
        for tag, kind, count, value in tags
    )
    encoded = b"II*\0" + struct.pack("<IH", 8, len(tags)) + directory + bytes(4)
    encoded += struct.pack("<HHH", 16, 16, 16) + rows
    np.testing.assert_allclose(decode(encoded, WHOLE).rgb[2, 3], BURGUNDY, atol=1)


def test_32_bit_samples_are_refused():
    encoded = encode(Image.new("F", (4, 4), 0.5), "TIFF")
    with pytest.raises(PhotoError, match="32-bit samples, whose white is unknown"):
        decode(encoded, WHOLE)


def test_one_bit_gray_and_gray_alpha_become_rgb():
    np.testing.assert_array_equal(decode(encode(Image.new("1", (9, 9), 1), "PNG"), WHOLE).rgb, 255)
    np.testing.assert_array_equal(decode(encode(Image.new("L", (9, 9), 77), "PNG"), WHOLE).rgb, 77)
    photo = decode(encode(Image.new("LA", (9, 9), (77, 10)), "PNG"), WHOLE)
    np.testing.assert_array_equal(photo.rgb, 77)
    assert not photo.opaque.any()


def test_a_lab_tiff_comes_back_in_srgb():
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    lab = ImageCms.applyTransform(Image.fromarray(quarters()), to_lab)
    photo = decode(encode(lab, "TIFF"), WHOLE)
    # 8-bit Lab has steps of 0.4 L* and 1 a*, b*: about 3 of 255 in the darkest color.
    np.testing.assert_allclose(corners(photo), [BURGUNDY, CREAM, NAVY, OLIVE], atol=4)


def test_alpha_says_which_pixels_are_seen_from_half_on():
    rgba = np.zeros((4, 5, 4), np.uint8)
    rgba[..., :3] = OLIVE
    rgba[:, :, 3] = [0, 1, 127, 128, 255]
    photo = decode(encode(Image.fromarray(rgba), "PNG"), WHOLE)
    np.testing.assert_array_equal(photo.opaque[0], [False, False, False, True, True])
    np.testing.assert_array_equal(photo.rgb[0, 3:], [OLIVE, OLIVE])


def test_pixels_behind_transparency_do_not_bleed_when_a_photo_is_scaled():
    rgba = np.zeros((64, 64, 4), np.uint8)
    rgba[..., :3] = (0, 255, 0)  # what a transparent pixel stores is nobody's color
    rgba[:, ::2] = [*BURGUNDY, 255]
    photo = decode(encode(Image.fromarray(rgba), "PNG"), ImagesConfig(work_pixels=1024))
    assert photo.rgb.shape == (32, 32, 3)
    assert photo.opaque is None  # each block is half covered
    np.testing.assert_allclose(photo.rgb[5, 5], BURGUNDY, atol=2)  # 8-bit premultiplied


@pytest.mark.parametrize("name", ["PNG", "GIF"])
def test_a_palette_with_a_transparent_entry_says_so(name):
    palette = Image.fromarray(quarters()).quantize(8)
    hidden = palette.getpixel((2, 2))
    photo = decode(encode(palette, name, transparency=hidden), WHOLE)
    assert not photo.opaque[:24, :32].any()
    assert photo.opaque[24:].all()
    np.testing.assert_array_equal(photo.rgb[40, 50], OLIVE)


def test_a_transparent_16_bit_gray_says_so():
    samples = np.tile(np.array([5000, 30_000], np.uint16), (4, 3))
    photo = decode(encode(Image.fromarray(samples), "PNG", transparency=5000), WHOLE)
    np.testing.assert_array_equal(photo.opaque[0], [False, True] * 3)


@pytest.mark.parametrize("name", ["GIF", "WebP", "PNG", "TIFF", "AVIF"])
def test_an_animation_gives_its_first_frame(name):
    frames = [Image.new("RGB", (32, 32), color) for color in (BURGUNDY, OLIVE)]
    encoded = encode(frames[0], name, save_all=True, append_images=frames[1:])
    np.testing.assert_allclose(decode(encoded, WHOLE).rgb[16, 16], BURGUNDY, atol=3)


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(EXTENSIONS))
def test_a_file_cut_in_half_is_refused(name):
    encoded = encode(Image.fromarray(noise(200, 160)), name)
    with pytest.raises(PhotoError, match=rf"(truncated|damaged) {name}"):
        decode(encoded[: len(encoded) // 2], WHOLE)


@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["plain", "progressive"])
def test_a_truncated_jpeg_is_called_so(options):
    encoded = encode(Image.fromarray(noise(200, 160)), "JPEG", **options)
    with pytest.raises(PhotoError, match=r"^truncated JPEG$"):
        decode(encoded[: len(encoded) * 2 // 3], WHOLE)
    with pytest.raises(PhotoError, match=r"^truncated JPEG$"):
        decode(encoded[: len(encoded) * 2 // 3], ImagesConfig(work_pixels=1000))


@pytest.mark.parametrize("name", list(EXTENSIONS))
def test_a_truncated_file_is_refused_or_gives_every_pixel(name):
    encoded = encode(Image.fromarray(noise()), name)
    whole = decode(encoded, WHOLE)
    cuts = {*range(0, len(encoded), max(1, len(encoded) // 40)), *range(len(encoded))[-12:]}
    for cut in sorted(cuts):
        try:
            photo = decode(encoded[:cut], WHOLE)
        except PhotoError:
            continue
        np.testing.assert_array_equal(photo.rgb, whole.rgb, err_msg=f"cut at {cut}")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(EXTENSIONS)), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_damage_is_refused_or_read_but_never_anything_else(name, at, garbage):
    encoded = bytearray(encode(Image.fromarray(quarters(32, 32)), name))
    encoded[at : at + len(garbage)] = garbage
    try:
        photo = decode(bytes(encoded), ImagesConfig(max_pixels=1_000_000))
    except PhotoError:
        return
    assert photo.rgb.ndim == 3
    assert photo.rgb.dtype == np.uint8


def test_a_bomb_is_refused_before_it_is_decoded():
    header = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header
    bomb += struct.pack(">I", zlib.crc32(header)) + struct.pack(">I", 4) + b"IDAT" + bytes(8)
    with pytest.raises(PhotoError, match=r"claims 100000 x 100000 pixels, more than 175000000"):
        decode(bomb, ImagesConfig())


def test_a_jpeg_header_that_claims_too_much_is_refused():
    encoded = bytearray(encode(Image.fromarray(quarters()), "JPEG"))
    at = encoded.index(b"\xff\xc0") + 5
    encoded[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
    with pytest.raises(PhotoError, match=r"claims 65000 x 65000 pixels"):
        decode(bytes(encoded), ImagesConfig())


@pytest.mark.parametrize("name", list(EXTENSIONS))
def test_max_pixels_holds_for_each_format(name):
    encoded = encode(Image.fromarray(quarters()), name)
    with pytest.raises(PhotoError, match=r"claims 64 x 48 pixels, more than 3000 \(images\.max_p"):
        decode(encoded, ImagesConfig(max_pixels=3000))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "AVIF", "HEIC", "GIF", "BMP"])
def test_pillows_own_limit_has_no_say(name, monkeypatch):
    encoded = encode(Image.fromarray(quarters()), name)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode(encoded, WHOLE).rgb.shape == (48, 64, 3)
    assert Image.MAX_IMAGE_PIXELS == 100


@pytest.mark.parametrize("name", ["TIFF", "WebP"])
def test_a_limit_that_only_pillow_has_is_named(name, monkeypatch):
    encoded = encode(Image.fromarray(quarters()), name)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(PhotoError, match=rf"{name} claims more pixels than its decoder takes"):
        decode(encoded, WHOLE)


@pytest.mark.parametrize(
    ("ending", "holds", "reason"),
    [
        (".jpg", "PNG", r"^named \.jpg but holds PNG$"),
        (".HEIC", "JPEG", r"^named \.HEIC but holds JPEG$"),
        (".png", "WebP", r"^named \.png but holds WebP$"),
        (".webp", "AVIF", r"^named \.webp but holds AVIF$"),
    ],
)
def test_a_file_of_another_format_than_its_name_says_is_refused(ending, holds, reason, tmp_path):
    path = tmp_path / f"photo{ending}"
    path.write_bytes(encode(Image.fromarray(quarters()), holds))
    with pytest.raises(PhotoError, match=reason):
        read_photo(path, WHOLE)


@pytest.mark.parametrize("name", ["a.jpeg", "a.JPE", "a.jfif", "a", "a.bin", "a.jpg.part"])
def test_synonyms_and_unknown_endings_are_judged_by_content(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(encode(Image.fromarray(quarters()), "JPEG"))
    assert read_photo(path, WHOLE).rgb.shape == (48, 64, 3)


@pytest.mark.parametrize("content", [b"just text", b"<svg/>", b"%PDF-1.7", b"\0" * 64, b"GIF88a"])
def test_what_is_no_image_is_refused(content, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(PhotoError, match="not an image of a known kind"):
        read_photo(path, WHOLE)


def test_missing_empty_folder_and_pipe_are_refused_with_their_reason(tmp_path):
    (tmp_path / "empty.jpg").touch()
    os.mkfifo(tmp_path / "pipe.jpg")
    for name, reason in {
        "none.jpg": "^no such file$",
        "a\0b.jpg": "^no such file$",
        "": "^is a folder$",
        "empty.jpg": "^empty file$",
        "pipe.jpg": "^is not a regular file$",
        "empty.jpg/x": "can't be read",
    }.items():
        with pytest.raises(PhotoError, match=reason):
            read_photo(tmp_path / name, WHOLE)


def test_a_forbidden_file_is_refused(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(encode(Image.fromarray(quarters()), "JPEG"))
    path.chmod(0)
    is_root = os.geteuid() == 0
    if is_root:  # who may read everything
        os.seteuid(65_534)
    try:
        with pytest.raises(PhotoError, match="permission denied"):
            read_photo(path, WHOLE)
    finally:
        if is_root:
            os.seteuid(0)


@pytest.mark.parametrize("name", list(EXTENSIONS))
def test_the_format_is_known_by_content(name):
    assert image_format(encode(Image.fromarray(quarters()), name)) == name
