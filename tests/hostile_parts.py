"""Parts of picture files, put together by hand where no library would write them so."""

import struct
import zlib
from io import BytesIO
from itertools import pairwise

import numpy as np
import pillow_heif
from PIL import Image

WIDTH, HEIGHT = 96, 72
PNG = b"\x89PNG\r\n\x1a\n"

pillow_heif.register_heif_opener()  # so that HEIC can be written


def pixels(width=WIDTH, height=HEIGHT, seed=5):
    """Colored noise over a slope: what no codec finds trivial."""
    rng = np.random.default_rng(seed)
    slope = np.linspace(40, 200, width)[None, :, None] + rng.normal(0, 12, (height, width, 3))
    return np.clip(slope + np.array([20, -10, -30]), 0, 255).astype(np.uint8)


def picture(mode="RGB", width=WIDTH, height=HEIGHT):
    return Image.fromarray(pixels(width, height)).convert(mode)


def saved(image, name, **options):
    file = BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


def jpeg(mode="RGB", **options):
    return saved(picture(mode), "JPEG", **{"quality": 80, **options})


# --- JPEG ------------------------------------------------------------------------------------


def segments(encoded):
    """Where each marker of a JPEG starts, those inside scans left out."""
    at, found = 0, []
    while at < len(encoded) - 1:
        if encoded[at] != 0xFF or encoded[at + 1] in (0, 0xFF, *range(0xD0, 0xD8)):
            at += 1
            continue
        found.append((at, encoded[at + 1]))
        if encoded[at + 1] in (0xD8, 0xD9):
            at += 2
        else:
            at += 2 + int.from_bytes(encoded[at + 2 : at + 4], "big")
    return found


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def without(encoded, marker):
    """A JPEG without its segments of one kind."""
    places = [*segments(encoded), (len(encoded), 0)]
    kept = [encoded[at:end] for (at, found), (end, _) in pairwise(places) if found != marker]
    return b"".join(kept)


def after_start(encoded, more):
    """A JPEG with more right behind its first two bytes."""
    return encoded[:2] + more + encoded[2:]


def patched(encoded, at, replacement):
    return encoded[:at] + replacement + encoded[at + len(replacement) :]


def at_frame(encoded, offset, replacement):
    """A JPEG whose frame header says something else; 0 is its first byte behind the length."""
    (at,) = [at for at, marker in segments(encoded) if 0xC0 <= marker <= 0xC2]
    return patched(encoded, at + 4 + offset, replacement)


def many_scans(n_scans, width=WIDTH, height=HEIGHT):
    """A progressive JPEG that repeats one of its scans."""
    encoded = jpeg(progressive=True)
    encoded = at_frame(encoded, 1, struct.pack(">HH", height, width))
    places = segments(encoded)
    (start, end) = next(
        (at, after)
        for (at, marker), (after, _) in zip(places[::-1][1:], places[::-1], strict=False)
        if marker == 0xDA
    )
    return encoded[:end] + encoded[start:end] * n_scans + b"\xff\xd9"


# --- PNG -------------------------------------------------------------------------------------


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width, height, depth=8, color=2, interlace=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace))


def png(*more, width=WIDTH, height=HEIGHT, depth=8, color=2, rows=None):
    """A PNG with further chunks before its pixels."""
    if rows is None:
        rows = b"".join(b"\0" + row.tobytes() for row in pixels(width, height))
    return b"".join(
        (
            *(PNG, png_header(width, height, depth, color), *more),
            *(chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")),
        )
    )


def zeros(n_bytes):
    """Zlib data that unpack to zeros, a thousandth of their size."""
    packer, pieces = zlib.compressobj(9), []
    block = bytes(1 << 20)
    for _ in range(n_bytes >> 20):
        pieces.append(packer.compress(block))
    return b"".join((*pieces, packer.compress(bytes(n_bytes & 0xFFFFF)), packer.flush()))


def chunks(encoded):
    """Where each chunk of a PNG starts."""
    at, found = 8, []
    while at < len(encoded):
        found.append(at)
        at += 12 + int.from_bytes(encoded[at : at + 4], "big")
    return found


# --- TIFF and EXIF ---------------------------------------------------------------------------


def directory(entries, following=0, order="<", big=False):
    """A TIFF directory: entries are tag, type, count and value, as they stand."""
    count, form, last = ("Q", "HHQQ", "Q") if big else ("H", "HHII", "I")
    body = b"".join(struct.pack(order + form, *entry) for entry in sorted(entries))
    return struct.pack(order + count, len(entries)) + body + struct.pack(order + last, following)


def tiff(entries, after=b"", order="<", **options):
    """A TIFF with one directory behind its header."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(order + "I", 8) + directory(entries, order=order, **options) + after


def big_tiff(entries, after=b""):
    return b"II+\0" + struct.pack("<HHQ", 8, 0, 16) + directory(entries, big=True) + after


def gray_entries(width, height, strip_at, strip_bytes, rows=None, compression=1, bits=8):
    return [
        *((256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, bits), (259, 3, 1, compression)),
        *((262, 3, 1, 1), (273, 4, 1, strip_at), (277, 3, 1, 1), (278, 4, 1, rows or height)),
        (279, 4, 1, strip_bytes),
    ]


def exif(entries, after=b"", **options):
    return b"Exif\0\0" + tiff(entries, after, **options)


# --- others ----------------------------------------------------------------------------------


def boxes(encoded):
    """Where each box of an AVIF or HEIC file starts, at the top and within `meta`."""
    found, at = [], 0
    while at + 8 <= len(encoded):
        found.append(at)
        size, kind = struct.unpack(">I4s", encoded[at : at + 8])
        if size < 8:
            break
        at += 12 if kind == b"meta" else size
    return found


def riff(*parts):
    """A WebP file of chunks, each a name and a body."""
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in parts
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def bmp(width, height, rows=b"", bits=24, compression=0, palette=b""):
    info = struct.pack(
        *("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(rows)),
        *(2835, 2835, len(palette) // 4, 0),
    )
    start = 14 + 40 + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + info + palette + rows


def gif(width, height, *blocks, frame=None):
    """A GIF with blocks before its only picture."""
    palette = bytes(range(12))
    frame = frame or (0, 0, min(width, 2), min(height, 2))
    return b"".join(
        (
            b"GIF89a" + struct.pack("<HHBBB", width, height, 0x81, 0, 0) + palette,
            *blocks,
            b"," + struct.pack("<HHHHB", *frame, 0) + b"\x02\x03\x84\x41\x05\0;",
        )
    )
