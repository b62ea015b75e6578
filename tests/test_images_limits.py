"""What structure may ask of a decoder, and what memory a header foretells."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_parts import (
    after_start,
    chunk,
    exif,
    gray_entries,
    jpeg,
    many_scans,
    png,
    saved,
    segment,
    tiff,
)
from hostile_parts import picture as drawn

from trendcolor.config import ImagesConfig
from trendcolor.datasets.local_file import read_file
from trendcolor.errors import ConfigError, PhotoError
from trendcolor.images.decode import decode, decode_named
from trendcolor.images.limits import check_structure, jpeg_layout

ROOT = Path(__file__).parent.parent
SMALL = ImagesConfig(max_memory=50_000_000)


def test_scans_and_kept_samples_are_counted():
    assert jpeg_layout(jpeg()).scans == 1
    assert jpeg_layout(jpeg()).kept_samples == 0
    layout = jpeg_layout(jpeg(progressive=True, subsampling=0))
    assert layout.scans == 10  # as libjpeg's own script for color has
    assert layout.kept_samples == 96 * 72 * 3
    halved = jpeg_layout(jpeg(progressive=True, subsampling=2))
    assert halved.kept_samples == 96 * 80 * 3 // 2  # in whole groups of 16 x 16 pixels


def test_a_hundred_scans_are_read_and_more_are_refused():
    assert decode(many_scans(80), ImagesConfig()).width == 96
    with pytest.raises(PhotoError, match="paints over itself more than 100 times"):
        check_structure("JPEG", many_scans(101))


def test_pictures_behind_the_first_are_not_counted():
    first = drawn()
    more = [drawn() for _ in range(30)]
    encoded = saved(first, "MPO", save_all=True, append_images=more, progressive=True)
    assert jpeg_layout(encoded).scans == 10
    assert decode(encoded, ImagesConfig()).width == 96


def test_as_many_parts_as_files_have_are_read():
    texts = chunk(b"tEXt", b"key\0value") * 500
    assert decode(png(texts), ImagesConfig()).width == 96
    comments = segment(0xFE, b"a comment") * 500
    assert decode(after_start(jpeg(), comments), ImagesConfig()).width == 96


def test_the_numbers_of_all_directories_of_a_tiff_count():
    entries = [*gray_entries(8, 8, 300, 64), (33_000, 3, 999_000, 300)]
    check_structure("TIFF", tiff(entries, bytes(400)))
    with pytest.raises(PhotoError, match="claims over 1000000 numbers in its tags"):
        check_structure("TIFF", tiff([*entries, (33_001, 4, 2_000, 300)], bytes(400)))


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_orders_of_bytes_are_read(order):
    with pytest.raises(PhotoError, match="numbers in its tags"):
        check_structure("TIFF", tiff([(33_000, 3, 2**31, 8)], order=order))


def test_a_directory_that_leads_to_itself_ends():
    check_structure("TIFF", tiff([(0x8769, 4, 1, 8), (0x8825, 4, 1, 8)]))


def test_large_exif_data_leave_a_photo_as_it_lies():
    data = exif([(274, 3, 1, 6)], bytes(2 << 20))[6:]
    assert decode(png(chunk(b"eXIf", data)), ImagesConfig()).width == 96
    small = exif([(274, 3, 1, 6)])[6:]
    assert decode(png(chunk(b"eXIf", small)), ImagesConfig()).width == 72


def test_more_memory_than_allowed_is_refused_with_the_setting():
    with pytest.raises(
        PhotoError,
        match=r"PNG of 6000 x 4000 pixels takes up to \d+ MiB to decode, more than 47 \(images\.ma",
    ):
        decode(saved(drawn().resize((6000, 4000)), "PNG", compress_level=1), SMALL)


def test_a_jpeg_takes_little_because_it_is_scaled_while_it_is_decoded():
    encoded = saved(drawn().resize((6000, 4000)), "JPEG")
    config = ImagesConfig(max_memory=50_000_000, work_pixels=100_000)
    assert decode(encoded, config).width == 6000
    progressive = saved(drawn().resize((6000, 4000)), "JPEG", progressive=True)
    with pytest.raises(PhotoError, match=r"images\.max_memory"):
        decode(progressive, config)


def test_a_file_with_too_many_bytes_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(
        PhotoError, match=r"file of 1099511627776 bytes, more than 1000 \(images\.max_bytes\)"
    ):
        read_file(path, 1000)
    with pytest.raises(PhotoError, match=r"images\.max_bytes"):
        decode(jpeg(), ImagesConfig(max_bytes=1000))


def test_a_file_of_exactly_the_size_allowed_is_read(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert read_file(tmp_path / "a", 5) == b"12345"
    with pytest.raises(PhotoError, match="file of 5 bytes, more than 4"):
        read_file(tmp_path / "a", 4)


def test_a_file_that_grows_is_read_no_further_than_allowed():
    # Files of /proc say that they have no bytes, and have some.
    path = Path("/proc/self/status")
    if not path.is_file():
        pytest.skip("no /proc here")
    assert read_file(path, 100_000)
    with pytest.raises(PhotoError, match="more than 10 "):
        read_file(path, 10)


def test_bytes_that_come_with_a_name_are_held_to_its_ending():
    assert decode_named("a/b.jpg", jpeg(), ImagesConfig()).width == 96
    with pytest.raises(PhotoError, match=r"^named \.png but holds JPEG$"):
        decode_named("shard.tar/x.png", jpeg(), ImagesConfig())


@pytest.mark.parametrize(
    ("setting", "value", "wanted"),
    [
        ("max_bytes", 0, "images.max_bytes must be at least 1"),
        ("max_seconds", 0.5, "images.max_seconds must be at least 1"),
        ("max_memory", 1000, "images.max_memory must be at least 5e"),
    ],
)
def test_limits_have_bounds(setting, value, wanted):
    with pytest.raises(ConfigError, match=wanted):
        ImagesConfig(**{setting: value})


KINDS = [
    *("jpeg", "jpeg-444", "jpeg-progressive", "jpeg-progressive-444", "jpeg-progressive-cmyk"),
    *("png", "png-alpha", "png-gray-16", "png-palette", "png-one-bit", "tiff", "tiff-strip"),
    *("tiff-turned", "tiff-strip-turned", "tiff-jpeg", "tiff-gray-16", "tiff-cmyk", "webp"),
    *("webp-alpha", "webp-lossless", "avif", "avif-444", "gif", "bmp", "heic", "heic-444"),
]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize(
    ("kind", "megapixels"),
    [
        *((kind, 8) for kind in ("jpeg-progressive-444", "png", "tiff-strip", "webp", "avif")),
        *(pytest.param(kind, 24, marks=pytest.mark.slow) for kind in KINDS),
    ],
)
def test_what_is_foretold_is_above_what_is_taken(kind, megapixels, tmp_path):
    script = str(ROOT / "benchmarks" / "decode_memory.py")
    path = str(tmp_path / "photo")
    made = [sys.executable, script, "--make", kind, str(megapixels), path]
    subprocess.run(made, check=True, timeout=500)
    measured = subprocess.run(
        [sys.executable, script, "--measure", path], check=True, capture_output=True, timeout=500
    )
    found = json.loads(measured.stdout)
    assert found["estimate"] >= found["peak"]
    # And not far above it: 60 MB is the fixed part with the work at its own size.
    assert found["estimate"] <= 2 * found["peak"] + 90e6


def test_the_parts_of_the_tests_say_what_they_should():
    (width,) = struct.unpack(">I", png()[16:20])
    assert width == 96
