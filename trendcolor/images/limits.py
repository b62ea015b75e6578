"""What a file's structure may ask of its decoder: counted before anything is decoded.

Decoders trust their input with time and memory: a few megabytes can say that a hundred million
numbers follow, or that a picture is painted over ten thousand times. The counts here are far
above what cameras and editors write, and far below what hurts. Nothing is decoded here.
"""

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from trendcolor.errors import PhotoError

# Parts before the first pixel. A JPEG's profile has at most 255, a PNG's texts some dozens.
_MOST_PARTS = 10_000
# Chunks of a PNG: 175 million pixels of noise in pieces of 8 KiB, as libpng writes, are 64,000.
_MOST_CHUNKS = 200_000
# Bytes between a JPEG's parts that belong to none; each is skipped one by one.
_MOST_JUNK = 1 << 20
# Times that a JPEG paints over itself: encoders write 10; libtiff, which met such files, takes 100.
_MOST_SCANS = 100
# Numbers in a TIFF's tags. 175 million pixels in tiles of 32 x 32 are 342,000.
_MOST_NUMBERS = 1_000_000
# Bytes of EXIF data that are read: a JPEG's own limit for it is 65,533.
MOST_EXIF = 1 << 20

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # not stuffing, nor restarts within a scan
_GIF_BLOCK = re.compile(rb"[!,;]")
_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01  # ITU-T T.81, table B.1
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})

_BYTES = frozenset({1, 2, 6, 7})  # TIFF's types whose values stay bytes: BYTE, ASCII, SBYTE, ...
_DIRECTORIES = {0x8769: "EXIF", 0x8825: "GPS", 0xA005: "interoperability"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What a JPEG says of its samples."""

    is_progressive: bool
    samples: int  # of all components, which differ in size

    @classmethod
    def parse(cls, marker: int, body: bytes) -> "Frame":
        """A frame header's body (ITU-T T.81, B.2.2); one that is cut off has no samples."""
        if len(body) < 6 or len(body) < 6 + 3 * body[5]:
            return cls(marker in _PROGRESSIVE, 0)
        height, width = struct.unpack(">HH", body[1:5])
        factors = [(body[at] >> 4, body[at] & 15) for at in range(7, 6 + 3 * body[5], 3)]
        wide = max((across for across, _ in factors), default=1) or 1
        high = max((down for _, down in factors), default=1) or 1
        # In whole blocks of 8 x 8, and whole groups of these.
        columns, rows = -(-width // (8 * wide)) * 8, -(-height // (8 * high)) * 8
        samples = sum(columns * across * rows * down for across, down in factors)
        return cls(marker in _PROGRESSIVE, samples)


@dataclass(frozen=True, slots=True)
class JpegLayout:
    """What of a JPEG's structure costs memory and time."""

    scans: int
    kept_samples: int  # coefficients that are kept until the last scan; 0 where one scan is all


def check_structure(name: str, encoded: bytes) -> None:
    """Refuse a file whose structure would keep its decoder busy or fill memory.

    Args:
        name: The format, as `image_format` says it.
        encoded: The file's bytes.

    Raises:
        PhotoError: it has more parts, scans or numbers than any camera or editor writes.
    """
    check = _CHECKS.get(name)
    if check is not None:
        check(encoded)


def jpeg_layout(encoded: bytes) -> JpegLayout:
    """A JPEG's scans, counted up to its end or the last byte.

    Raises:
        PhotoError: there are too many parts or scans, or too much between them.
    """
    at, parts, junk, scans = 2, 0, 0, 0
    frame: Frame | None = None
    while found := _MARKER.search(encoded, at):
        junk += 0 if scans else found.start() - at
        marker, at = encoded[found.end() - 1], found.end()
        parts += 1
        if parts > _MOST_PARTS or junk > _MOST_JUNK:
            raise PhotoError(
                f"JPEG has over {_MOST_PARTS} parts, or over {_MOST_JUNK >> 20} MiB between them"
            )
        if marker == _EOI:
            break
        if marker in (_SOI, _TEM):
            continue
        size = int.from_bytes(encoded[at : at + 2], "big")
        body = encoded[at + 2 : at + size]
        if marker in _SOF and frame is None:
            frame = Frame.parse(marker, body)
            n_components = body[5] if len(body) > 5 else 0
        if marker == _SOS:
            scans += 1
            if scans > _MOST_SCANS:
                raise PhotoError(f"JPEG paints over itself more than {_MOST_SCANS} times")
            is_whole = frame is None or body[:1] == bytes([n_components])
            if scans == 1 and is_whole and not (frame and frame.is_progressive):
                return JpegLayout(scans=1, kept_samples=0)
        at += max(2, size)
    return JpegLayout(scans=scans, kept_samples=frame.samples if frame else 0)


def _check_jpeg(encoded: bytes) -> None:
    jpeg_layout(encoded)


def _check_png(encoded: bytes) -> None:
    at, chunks, others = 8, 0, 0
    while at + 8 <= len(encoded):
        chunks += 1
        others += encoded[at + 4 : at + 8] != b"IDAT"
        if chunks > _MOST_CHUNKS or others > _MOST_PARTS:
            raise PhotoError(f"PNG has over {_MOST_CHUNKS} chunks, or over {_MOST_PARTS} of text")
        at += 12 + int.from_bytes(encoded[at : at + 4], "big")


def _check_gif(encoded: bytes) -> None:
    """The blocks before the first picture, each of at most 255 bytes, and what lies between."""
    flags = encoded[10] if len(encoded) > 10 else 0
    at, blocks, junk = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0), 0, 0
    while found := _GIF_BLOCK.search(encoded, at):
        junk += found.start() - at
        at = found.end() + 1
        while found[0] == b"!" and at < len(encoded) and encoded[at] and blocks <= _MOST_PARTS:
            at += 1 + encoded[at]
            blocks += 1
        at += 1
        blocks += 1
        if blocks > _MOST_PARTS or junk > _MOST_JUNK:
            raise PhotoError(
                f"GIF has over {_MOST_PARTS} blocks before its first picture, or over "
                f"{_MOST_JUNK >> 20} MiB between them"
            )
        if found[0] != b"!":
            return


def _check_tiff(encoded: bytes) -> None:
    order = "<" if encoded[:2] == b"II" else ">"
    is_big = encoded[2:4] in (b"+\0", b"\0+")
    first = _number(encoded, order, *((8, 8) if is_big else (4, 4)))
    waiting, seen, numbers = [first], set[int](), 0
    while waiting:
        start = waiting.pop()
        if start in seen:
            continue
        seen.add(start)
        for tag, kind, count, value in _entries(encoded, start, order, is_big=is_big):
            numbers += 1 if kind in _BYTES else count
            if numbers > _MOST_NUMBERS:
                raise PhotoError(f"TIFF claims over {_MOST_NUMBERS} numbers in its tags")
            if tag in _DIRECTORIES:
                waiting.append(value)


def _entries(
    encoded: bytes, start: int, order: str, *, is_big: bool
) -> Iterator[tuple[int, int, int, int]]:
    """Tag, type, count and value of each entry of a TIFF directory, as far as it goes."""
    counted, form = (8, f"{order}HHQQ") if is_big else (2, f"{order}HHII")
    size = struct.calcsize(form)
    n_entries = _number(encoded, order, start, counted)
    for at in range(start + counted, start + counted + n_entries * size, size):
        if at + size > len(encoded):
            return
        yield struct.unpack_from(form, encoded, at)


def _number(encoded: bytes, order: str, at: int, size: int) -> int:
    return int.from_bytes(encoded[at : at + size], "little" if order == "<" else "big")


_CHECKS: dict[str, Callable[[bytes], None]] = {
    "JPEG": _check_jpeg,
    "PNG": _check_png,
    "GIF": _check_gif,
    "TIFF": _check_tiff,
}
