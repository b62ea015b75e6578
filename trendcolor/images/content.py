"""Encoded bytes -> the parts that make the picture, without what only speaks of it.

EXIF, XMP, comments and thumbnails may be written anew without a pixel changed, so they are no part
of what two files of one picture share. What is told here is no proof of a sound file: a decoder
finds that out.
"""

from collections.abc import Iterator

from trendcolor.images.decode import image_format

# Markers of a JPEG (ITU-T T.81, table B.1).
_START_OF_SCAN, _COMMENT = 0xDA, 0xFE
_APPLICATION = range(0xE0, 0xF0)

# Chunks of a WebP that hold pixels; the rest tell of the file.
_WEBP_PIXELS = {b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"}


def picture_parts(encoded: bytes) -> Iterator[memoryview]:
    """The parts of a file that make its picture, in order.

    JPEG loses its application segments and comments, PNG its ancillary chunks, WebP its metadata;
    a file of another kind comes whole. What metadata do to the picture (orientation, color
    profile) is left out too: who compares must also compare decoded pixels.

    Args:
        encoded: The file's bytes. Damaged ones do no harm; what can't be told apart is kept.
    """
    whole = memoryview(encoded)
    match image_format(encoded):
        case "JPEG":
            return _jpeg_parts(whole)
        case "PNG":
            return _png_parts(whole)
        case "WebP":
            return _webp_parts(whole)
    return iter((whole,))


def _jpeg_parts(whole: memoryview) -> Iterator[memoryview]:
    at = 2
    while at + 4 <= len(whole) and whole[at] == 0xFF:
        marker = whole[at + 1]
        if marker == _START_OF_SCAN:
            break
        stop = at + 2 + int.from_bytes(whole[at + 2 : at + 4], "big")
        if marker not in _APPLICATION and marker != _COMMENT:
            yield whole[at:stop]
        at = stop
    yield whole[at:]


def _png_parts(whole: memoryview) -> Iterator[memoryview]:
    at = 8
    while at + 8 <= len(whole):
        size = int.from_bytes(whole[at : at + 4], "big")
        if not whole[at + 4] & 0x20:  # an upper-case letter: a critical chunk (PNG, 5.4)
            yield whole[at + 4 : at + 8 + size]
        at += 12 + size  # its length, name and checksum take 12 bytes


def _webp_parts(whole: memoryview) -> Iterator[memoryview]:
    at = 12
    while at + 8 <= len(whole):
        size = int.from_bytes(whole[at + 4 : at + 8], "little")
        if bytes(whole[at : at + 4]) in _WEBP_PIXELS:
            yield whole[at : at + 8 + size]
        at += 8 + size + size % 2
