"""Pictures are found wherever they are planted, and nowhere else."""

import base64
import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib

import numpy as np
import pillow_heif
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from trendcolor.faceless.pictures import (
    UNREAD,
    pictures_in,
    pictures_in_file,
    pictures_under,
    pixel_hash,
)

RANDOM = np.random.default_rng(4)
PHOTO = Image.fromarray(RANDOM.integers(0, 256, (24, 32, 3), dtype=np.uint8))
PILLOW = {"JPEG": "JPEG", "PNG": "PNG", "WebP": "WEBP", "GIF": "GIF", "TIFF": "TIFF", "BMP": "BMP"}
KINDS = [*PILLOW, "AVIF", "HEIF", "JPEG 2000", "PPM"]
BEFORE = b"columns of numbers \0\1\2" + RANDOM.bytes(300)
AFTER = RANDOM.bytes(301)
JPEG_XL = b"\0\0\0\x0cJXL \r\n\x87\n" + RANDOM.bytes(60)


def encoded(kind="JPEG"):
    file = io.BytesIO()
    if kind == "HEIF":
        pillow_heif.from_pillow(PHOTO).save(file, quality=90)
    else:
        PHOTO.save(file, {"JPEG 2000": "JPEG2000", **PILLOW}.get(kind, kind))
    return file.getvalue()


def kinds(content):
    return [found.kind for found in pictures_in(content, "file")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("around", [(b"", b""), (BEFORE, AFTER)], ids=["alone", "within"])
def test_each_kind_is_found_at_any_offset(kind, around):
    before, after = around
    (found,) = pictures_in(before + encoded(kind) + after, "file")
    assert (found.place, found.offset, found.kind) == ("file", len(before), kind)
    assert (found.width, found.height) == (32, 24)
    if kind in ("PNG", "BMP", "TIFF", "PPM", "JPEG 2000"):  # which keep each pixel
        assert found.pixels == pixel_hash(PHOTO)


def test_a_picture_that_no_decoder_reads_is_found_by_its_beginning():
    assert kinds(BEFORE + JPEG_XL) == ["JPEG XL"]
    assert kinds(b"\xff\x0a" + RANDOM.bytes(50)) == ["JPEG XL"]
    assert kinds(BEFORE + b"\xff\x0a" + RANDOM.bytes(50)) == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "AVIF"])
def test_a_picture_that_was_cut_off_counts(kind):
    whole = encoded(kind)
    cut = whole[: len(whole) * 2 // 3]
    assert kinds(BEFORE + cut) == [kind]


def test_arrays_of_pixels_are_found():
    file = io.BytesIO()
    np.save(file, np.asarray(PHOTO))
    (found,) = pictures_in(BEFORE + file.getvalue(), "file")
    assert (found.kind, found.width, found.height) == ("NumPy", 32, 24)
    file = io.BytesIO()
    np.save(file, np.zeros((40, 5)))
    assert kinds(file.getvalue()) == []


def zipped(content, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("readme.txt", "plain text " * 50)
        archive.writestr("xl/media/image1.bin", content)
    return file.getvalue()


def pdf(data, head=b"/Filter /FlateDecode"):
    return b"%%PDF-1.7\n1 0 obj\n<< /Length %d %b >>\nstream\n%b\nendstream\nendobj\n%%%%EOF" % (
        len(data),
        head,
        data,
    )


def parquet(values):
    file = io.BytesIO()
    pl.DataFrame({"n": range(len(values)), "cell": values}).write_parquet(file)
    return file.getvalue()


def lines(text, width):
    return b"\n".join(text[i : i + width] for i in range(0, len(text), width))


WRAPS = {
    "zip": zipped,
    "zip, stored": lambda c: zipped(c, zipfile.ZIP_STORED),
    "zip, cut off": lambda c: zipped(c)[:-60],
    "zip within": lambda c: BEFORE + zipped(c) + AFTER,
    "gzip": gzip.compress,
    "gzip within": lambda c: BEFORE + gzip.compress(c) + AFTER,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "PDF stream": lambda c: pdf(zlib.compress(c)),
    "PDF stream as text": lambda c: pdf(base64.a85encode(zlib.compress(c)) + b"~>"),
    "PDF stream, plain": lambda c: pdf(c, b"/Filter /DCTDecode /Subtype /Image"),
    "Parquet, binary": lambda c: parquet([b"", c, None]),
    "Parquet, text": lambda c: parquet(["", base64.b64encode(c).decode(), None]),
    "Parquet, struct": lambda c: parquet([{"bytes": c, "path": "a"}, {"bytes": None, "path": "b"}]),
    "Parquet, list": lambda c: parquet([[b"x", c], []]),
    "Parquet, numbers": lambda c: parquet([list(c), []]),
    "base64 in JSON": lambda c: json.dumps({"a": [base64.b64encode(c).decode()]}).encode(),
    "base64 after letters": lambda c: b"src=x" + base64.b64encode(c) + b";",
    "base64 of URLs": lambda c: b"?q=" + base64.urlsafe_b64encode(c),
    "base64 in lines": lambda c: base64.encodebytes(c),
    "base64 in lines in JSON": lambda c: json.dumps(base64.encodebytes(c).decode()).encode(),
    "base64, escaped": lambda c: base64.b64encode(c).replace(b"/", b"\\/"),
    "base64 within base64": lambda c: base64.b64encode(BEFORE + base64.b64encode(c)),
    "data URI": lambda c: b'<img src="data:image/png;base64,' + base64.b64encode(c) + b'">',
    "hexadecimal": lambda c: b"x'" + c.hex().encode() + b"'",
    "text of Python": lambda c: f"Traceback: decode({c!r})".encode(),
    "text of Python, cut off": lambda c: f"Traceback: decode({c!r}"[:-9].encode(),
    "text of JavaScript": lambda c: ("'" + "".join(f"\\u00{b:02x}" for b in c) + "'").encode(),
    "data URI of percents": lambda c: (
        b"url(data:image/jpeg," + "".join(f"%{b:02X}" for b in c).encode() + b")"
    ),
    "log": lambda c: b"2026-01-01 DEBUG read\n" * 20 + c + b"\n2026-01-01 DEBUG done\n",
    "zip of JSON of base64": lambda c: zipped(json.dumps(base64.b64encode(c).decode()).encode()),
    "Parquet of zip": lambda c: parquet([zipped(c)]),
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP"])
@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS.keys())
def test_a_planted_picture_is_found(wrap, kind):
    found = pictures_in(wrap(encoded(kind)), "file")
    assert kind in [each.kind for each in found]
    assert {(each.width, each.height) for each in found if each.kind == kind} == {(32, 24)}
    assert all(each.place.startswith("file") for each in found)
    # Without the picture there is none.
    plain = wrap(b"nothing but words, and more of them. " * 30)
    assert [each.kind for each in pictures_in(plain, "file") if each.kind != UNREAD] == []


def test_an_image_of_a_pdf_that_is_rows_of_numbers_is_found():
    head = b"/Type /XObject /Subtype /Image /Width 32 /Height 24 /Filter /FlateDecode"
    (found,) = pictures_in(pdf(zlib.compress(PHOTO.tobytes()), head), "file")
    assert (found.kind, found.width, found.height) == ("PDF image", 32, 24)
    assert found.pixels == pixel_hash(PHOTO)
    inline = b"q BI /W 32 /H 24 /CS /RGB /BPC 8 ID " + RANDOM.bytes(99) + b" EI Q"
    assert set(kinds(pdf(zlib.compress(inline)))) == {"PDF image"}


def test_what_can_t_be_looked_into_is_told():
    secret = bytearray(zipped(encoded()))
    at = secret.rindex(b"PK\x03\x04")
    secret[at + 6] |= 1  # the flag of encryption
    assert UNREAD in kinds(bytes(secret))
    assert kinds(pdf(b"x", b"/Encrypt 5 0 R")) == [UNREAD]
    damaged = parquet([encoded()] * 3)
    assert UNREAD in kinds(damaged[: len(damaged) // 2] + damaged[-60:])


def test_what_is_packed_too_deep_is_told():
    content = bytes(byte ^ 85 for byte in range(256)) * 4 + encoded("PNG")
    for _ in range(5):
        content = base64.b64encode(content)
    assert kinds(content) == ["PNG"]
    assert UNREAD in kinds(base64.b64encode(content))


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=200), st.integers(0, 40))
def test_noise_holds_no_picture(content, seed):
    noise = np.random.default_rng(seed).bytes(200_000)
    assert kinds(content + noise) == []


def test_usual_files_hold_no_picture():
    texts = [
        "sha256: " + "0123456789abcdef" * 4,
        "M 0.5 12.25 L 33 8 Z " * 300,
        "BM is a unit; II* and MM* are none; GIF89a is a format; PNG too, P6 as well " * 40,
        "a" * 5000,
        json.dumps(list(range(5000))),
    ]
    for text in texts:
        assert kinds(text.encode()) == []
    numbers = parquet([float(i) for i in range(5000)])
    assert kinds(numbers) == []


def test_files_are_named_by_their_place(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "log.txt").write_bytes(b"x" * 10 + encoded("PNG"))
    (tmp_path / "a.zip").write_bytes(zipped(base64.b64encode(encoded("PNG"))))
    (tmp_path / "b.txt").write_text("nothing")
    found = pictures_under(tmp_path)
    assert [(each.place, each.offset) for each in found] == [
        ("a.zip > xl/media/image1.bin > base64 at 0", 0),
        ("deep/log.txt", 10),
    ]
    (one,) = pictures_in_file(tmp_path / "deep" / "log.txt")
    assert one.place == "log.txt"
