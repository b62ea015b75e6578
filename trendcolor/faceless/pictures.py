"""Finds pictures in files, whatever the files are called and however the pictures are packed.

So that "no picture of a person is written anywhere" can be looked up in what was written: a run
folder, a report, a cache, logs. `unpacking.py` opens what things are packed in.
"""

import hashlib
import re
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pillow_heif
from PIL import Image

from trendcolor.faceless.unpacking import Piece, pdf_pictures, unpacked

UNREAD = "not read"  # the kind of what could not be looked into
# Bytes of a picture from its beginning that are handed to a decoder: more than any that is small
# enough to be overlooked.
_MOST = 64 << 20

# How pictures begin. The short ones occur by chance in packed data, so they are looked for with
# what must follow them, and count only if they can be opened.
_BEGINNINGS: Mapping[str, bytes] = {
    "JPEG": rb"\xff\xd8\xff[\xc0-\xfe]",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "WebP": rb"RIFF.{4}WEBPVP8[ LX]",
    "GIF": rb"GIF8[79]a",
    # First directory at an even offset below 64 KiB (TIFF 6.0, section 2), or BigTIFF's 8 and 0.
    "TIFF": rb"II\*\0.{2}.{2}|MM\0\*.{4}|II\+\0\x08\0\0\0|MM\0\+\0\x08\0\0",
    # Reserved words 0, pixels after headers of 14 + 12, 40, 52, 56, 64, 108 or 124 bytes.
    "BMP": rb"BM.{4}\0{4}.{2}\0\0[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0",
    "HEIF": rb"\0\0\0[\x0c-\xff]ftyp(?:heic|heix|heim|heis|hevc|hevx|hevm|hevs|mif1|msf1)",
    "AVIF": rb"\0\0\0[\x0c-\xff]ftyp(?:avif|avis)",
    "JPEG 2000": rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51\0[\x29-\xff]",
    "JPEG XL": rb"\0\0\0\x0cJXL \r\n\x87\n",
    "PSD": rb"8BPS\0[\x01\x02]\0{6}",
    "PPM": rb"P[56]\s(?:#[^\n]*\n)?\d{1,5}\s\d{1,5}\s\d{1,5}\s",
    "NumPy": rb"\x93NUMPY[\x01-\x03]\0",
}
_PILLOW = {
    **{"JPEG": "JPEG", "PNG": "PNG", "WebP": "WEBP", "GIF": "GIF", "TIFF": "TIFF", "BMP": "BMP"},
    **{"AVIF": "AVIF", "JPEG 2000": "JPEG2000", "PSD": "PSD", "PPM": "PPM"},
}
# So long that they don't occur by chance: they count as pictures even where none can be opened,
# because they may be cut off, or of a kind that no installed decoder reads.
_CERTAIN = ("JPEG", "PNG", "WebP", "HEIF", "AVIF", "JPEG XL", "NumPy")
_ANY = re.compile(
    b"|".join(b"(?P<k%d>%b)" % item for item in enumerate(_BEGINNINGS.values())), re.DOTALL
)
# What decoders raise for what is no picture, or is cut off.
_FAULTS = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError),
    *(AttributeError, MemoryError, RuntimeError, struct.error, zlib.error),
    Image.DecompressionBombError,
)
_KINDS = list(_BEGINNINGS)
_BARE_JPEG_XL = b"\xff\x0a"  # two bytes: only at the very beginning of a file or member
_NUMPY = re.compile(
    rb"'descr': '(?:\||<|>)[uif][124]'.*?'shape': \((\d+), (\d+), [134]\)", re.DOTALL
)


@dataclass(frozen=True, slots=True, order=True)
class FoundPicture:
    """A picture, or something that nobody can look into."""

    place: str  # the file, and the way to it within: `colors.xlsx > xl/media/image1.png`
    offset: int  # where it begins there, bytes
    kind: str  # JPEG, PNG, ..., or `UNREAD`
    width: int = 0  # pixels; 0 where that is not known
    height: int = 0
    pixels: str = ""  # SHA-256 of its size and RGBA pixels; empty where it can't be decoded


def pictures_under(folder: Path) -> list[FoundPicture]:
    """All pictures in all files under a folder, by the files' places in it.

    Guarantees, each held by tests/test_faceless_pictures.py:
        A JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC, AVIF, JPEG 2000 or JPEG XL is found at any offset
        of a file, of a zip's, gzip's, bzip2's or xz's member, of a PDF's stream, of a Parquet
        table's cell; as base64, hexadecimal digits or escaped text in any of those; and in those
        within one another, five deep.

    What it can't find: a picture that is encrypted, or stored as bare numbers (but for arrays of
    NumPy and images of a PDF). What can't be opened is in the answer, as `UNREAD`.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found += pictures_in_file(path, path.relative_to(folder).as_posix())
    return found


def pictures_in_file(path: Path, place: str = "") -> list[FoundPicture]:
    """All pictures in a file.

    Args:
        path: The file.
        place: What to call it in the answer; empty: by its name.

    Raises:
        OSError: the file can't be read.
    """
    return pictures_in(path.read_bytes(), place or path.name)


def pictures_in(content: bytes, place: str) -> list[FoundPicture]:
    """All pictures in some bytes, each once.

    Args:
        content: As they would stand in a file.
        place: What to call them in the answer.
    """
    found: dict[tuple[str, str], FoundPicture] = {}
    for piece in unpacked(content, place):
        for picture in _in_piece(piece):
            # One picture is met on several ways, such as base64 within JSON within a zip.
            found.setdefault(
                (picture.place.split(" > ")[0], picture.pixels or str(picture)), picture
            )
    return sorted(found.values())


def pixel_hash(image: Image.Image) -> str:
    """SHA-256 of a picture's size and RGBA pixels: the same however it is encoded."""
    rgba = image.convert("RGBA")
    return hashlib.sha256(b"%d %d " % rgba.size + rgba.tobytes()).hexdigest()


def _in_piece(piece: Piece) -> Iterator[FoundPicture]:
    if piece.is_unread:
        yield FoundPicture(piece.place, 0, UNREAD)
        return
    content = piece.content
    if piece.is_whole and content.startswith(_BARE_JPEG_XL):
        yield FoundPicture(piece.place, 0, "JPEG XL")
    for match in _ANY.finditer(content):
        kind = _KINDS[int((match.lastgroup or "k0")[1:])]
        picture = _opened(kind, content, match.start(), piece.place)
        if picture is not None:
            yield picture
    for stream in pdf_pictures(content):
        yield FoundPicture(
            piece.place,
            stream.offset,
            "PDF image",
            stream.width,
            stream.height,
            _bare(stream.pixels),
        )


def _bare(image: Image.Image | None) -> str:
    return "" if image is None else pixel_hash(image)


def _opened(kind: str, content: bytes, offset: int, place: str) -> FoundPicture | None:
    """The picture that begins somewhere; None where none does."""
    begins = content[offset : offset + _MOST]
    size = _SIZES[kind](begins) if kind in _SIZES else (0, 0)
    if size is None:
        return None
    hashed = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of decoders, on odd metadata
            if kind in _PILLOW or kind == "HEIF":
                image = _open(kind, begins)
                size = image.size
                hashed = pixel_hash(image)
    except _FAULTS:
        if size == (0, 0) and kind not in _CERTAIN:
            return None
    return FoundPicture(place, offset, kind, *size, hashed)


def _open(kind: str, begins: bytes) -> Image.Image:
    if kind == "HEIF":
        image: Image.Image = pillow_heif.open_heif(BytesIO(begins)).to_pillow()
        return image
    return Image.open(BytesIO(begins), formats=[_PILLOW[kind]])


def _jpeg_size(begins: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG by its frame header; None where segments don't lead to one.

    Pillow skips what is no marker, and so finds a size in any packed data.
    """
    at = 2
    while at + 10 <= len(begins) and begins[at] == 0xFF:
        marker, length = begins[at + 1], int.from_bytes(begins[at + 2 : at + 4], "big")
        if marker == 0xFF:
            at += 1  # a fill byte (ITU-T T.81, B.1.1.2)
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            depth, height, width, parts = struct.unpack_from(">BHHB", begins, at + 4)
            fits = depth in (8, 12) and 1 <= parts <= 4 and length == 8 + 3 * parts
            return (width, height) if fits and width else None
        elif length < 2 or marker < 0xC0:
            return None
        else:
            at += 2 + length
    return None


def _png_size(begins: bytes) -> tuple[int, int] | None:
    return struct.unpack_from(">II", begins, 16) if begins[12:16] == b"IHDR" else (0, 0)


def _webp_size(begins: bytes) -> tuple[int, int] | None:
    """Width and height by the first chunk (RFC 9649, 2.5 to 2.7)."""
    if begins[15:16] == b"X":
        width, height = (int.from_bytes(begins[at : at + 3], "little") for at in (24, 27))
        return 1 + width, 1 + height
    if begins[15:16] == b"L":
        bits = int.from_bytes(begins[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = (int.from_bytes(begins[at : at + 2], "little") for at in (26, 28))
    return width & 0x3FFF, height & 0x3FFF


def _numpy_size(begins: bytes) -> tuple[int, int] | None:
    """Width and height of an array of pixels; None for one of another shape."""
    shape = _NUMPY.search(begins[:256])
    return (int(shape[2]), int(shape[1])) if shape else None


_SIZES: Mapping[str, Callable[[bytes], tuple[int, int] | None]] = {
    "JPEG": _jpeg_size,
    "PNG": _png_size,
    "WebP": _webp_size,
    "NumPy": _numpy_size,
}
