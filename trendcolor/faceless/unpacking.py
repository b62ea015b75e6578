"""Opens what pictures may be packed in: archives, streams, table cells, text that stands for bytes.

Each way in is tried on each piece, whatever the file is called, and again on what comes out.
"""

import base64
import binascii
import bz2
import lzma
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import unquote_to_bytes

import polars as pl
from PIL import Image
from polars.exceptions import PanicException, PolarsError

_DEEPEST = 5
_MOST = 512 << 20  # bytes that come out of one file
_LEAST = 40  # bytes of text that may stand for a picture

_BREAK = rb"(?:\\[rn]|[\r\n])+[ \t]*"
_BASE64 = re.compile(
    rb"[A-Za-z0-9+/_-]{40,}(?:%b[A-Za-z0-9+/_-]{16,})*(?:%b[A-Za-z0-9+/_-]+)?={0,2}"
    % (_BREAK, _BREAK)
)
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){%d,}" % _LEAST)
# Bytes as Python or JavaScript write them, perhaps cut off: b'\xff\xd8', "\u0089PNG".
_ESCAPED = re.compile(rb"(?:[ -\[\]-~]|\\[^\r\n]){%d,}" % _LEAST)
_FEWEST_ESCAPES = 4
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|u00[0-9a-fA-F]{2}|.)")
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0", b"b": b"\b", b"f": b"\f"}
_PERCENT = re.compile(rb"data:[a-z]+/[^,\"' ]{1,80},([^\"'\s>]{20,})", re.IGNORECASE)
_MEMBER = re.compile(rb"PK\x03\x04.{26}", re.DOTALL)
_STORED, _DEFLATED = 0, 8  # methods of zip (APPNOTE 6.3.10, 4.4.5)
_GZIP = re.compile(rb"\x1f\x8b\x08[\0-\x1f]")
_BZIP2 = re.compile(rb"BZh[1-9]1AY&SY")
_XZ = re.compile(rb"\xfd7zXZ\0")
_STREAM = re.compile(rb"stream\r?\n")
_PDF_IMAGE = re.compile(rb"/Subtype\s*/Image\b")
_INLINE_IMAGE = re.compile(rb"\bBI\s[^\0]{0,400}?/(?:W|Width)\s+(\d+)[^\0]{0,400}?\bID\s")


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Bytes that came out of a file, and the way to them."""

    place: str
    content: bytes
    is_whole: bool  # a file, member, stream or cell, with its own beginning
    is_unread: bool = False  # nobody could look into it


@dataclass(frozen=True, slots=True, eq=False)
class PdfPicture:
    """An image of a PDF, whose pixels have no beginning of their own."""

    offset: int
    width: int
    height: int
    pixels: Image.Image | None  # None where they are stored in another way than plainly


def unpacked(content: bytes, place: str) -> Iterator[Piece]:
    """The bytes themselves, and all that is packed in them, however deep.

    Args:
        content: A file's bytes.
        place: What to call them.

    Returns:
        Pieces; one that is unread stands for what is encrypted, damaged, deeper than five levels
        or larger than 512 MiB in all.
    """
    left = _MOST
    waiting = [(Piece(place, content, is_whole=True), 0)]
    while waiting:
        piece, depth = waiting.pop()
        yield piece
        if piece.is_unread:
            continue
        for inner in _inside(piece):
            left -= len(inner.content)
            if depth == _DEEPEST or left < 0:
                yield Piece(
                    f"{inner.place} (too deep or too large)", b"", is_whole=False, is_unread=True
                )
                break
            waiting.append((inner, depth + 1))


def _inside(piece: Piece) -> Iterator[Piece]:
    content = piece.content
    for way in _WAYS:
        yield from way(content, piece.place)


def _zip(content: bytes, place: str) -> Iterator[Piece]:
    """Members of zip archives, whole, cut off or within something else: by their own headers."""
    for match in _MEMBER.finditer(content):
        flags, method = struct.unpack_from("<HH", content, match.start() + 6)
        n_name, n_extra = struct.unpack_from("<HH", content, match.start() + 26)
        name = content[match.end() : match.end() + n_name].decode("utf-8", "replace")
        begin = match.end() + n_name + n_extra
        if flags & 1 or method not in (_STORED, _DEFLATED):
            yield Piece(f"{place} > {name}", b"", is_whole=True, is_unread=True)
        elif method == _DEFLATED:  # what is stored stands in the archive as it is
            try:
                inner = zlib.decompressobj(-15).decompress(content[begin:], _MOST)
            except zlib.error:
                yield Piece(f"{place} > {name}", b"", is_whole=True, is_unread=True)
            else:
                yield Piece(f"{place} > {name}", inner, is_whole=True)


def _packed(content: bytes, place: str) -> Iterator[Piece]:
    """Members of gzip, bzip2 and xz, at any offset."""
    for name, (pattern, unpack) in _MEMBERS.items():
        for match in pattern.finditer(content):
            try:
                inner = unpack(content[match.start() :])
            except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError):
                continue
            yield Piece(f"{place} > {name}", inner, is_whole=True)


_MEMBERS: Mapping[str, tuple[re.Pattern[bytes], Callable[[bytes], bytes]]] = {
    "gzip": (_GZIP, lambda packed: zlib.decompressobj(wbits=31).decompress(packed, _MOST)),
    "bzip2": (_BZIP2, lambda packed: bz2.BZ2Decompressor().decompress(packed, _MOST)),
    "xz": (_XZ, lambda packed: lzma.LZMADecompressor().decompress(packed, _MOST)),
}


def _pdf(content: bytes, place: str) -> Iterator[Piece]:
    if b"%PDF-" not in content:
        return
    if re.search(rb"/Encrypt\s+\d+\s+\d+\s+R", content):
        yield Piece(f"{place} > encrypted PDF", b"", is_whole=True, is_unread=True)
    for match in _STREAM.finditer(content):
        inner = _inflated(content, match.end())
        if inner:
            yield Piece(f"{place} > stream at {match.end()}", inner, is_whole=True)


def _inflated(content: bytes, start: int) -> bytes:
    """A PDF's stream through the filters that are text or zlib, in either order."""
    raw = content[start : max(content.find(b"endstream", start), start)]
    inner = raw
    for _ in range(2):
        for unfilter in (_zlib, _ascii85, _ascii_hex):
            done = unfilter(inner)
            if done:
                inner = done
                break
    return b"" if inner is raw else inner


def _zlib(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed)
    except zlib.error:
        return b""


def _ascii85(packed: bytes) -> bytes:
    text = packed.strip()
    if not text.endswith(b"~>"):
        return b""
    try:
        return base64.a85decode(text.removeprefix(b"<~")[:-2])
    except ValueError:
        return b""


def _ascii_hex(packed: bytes) -> bytes:
    text = b"".join(packed.split())
    if not text.endswith(b">"):
        return b""
    try:
        return binascii.unhexlify(text[:-1])
    except ValueError:
        return b""


def pdf_pictures(content: bytes) -> Iterator[PdfPicture]:
    """The images of a PDF that have no beginning of their own: rows of numbers, packed.

    Args:
        content: A PDF, or a stream of one.
    """
    if b"%PDF-" in content:
        for match in _PDF_IMAGE.finditer(content):
            begin, stream = (
                content.rfind(b"obj", 0, match.start()),
                _STREAM.search(content, match.end()),
            )
            head = content[max(begin, 0) : stream.start() if stream else None]
            if b"/DCTDecode" in head or b"/JPXDecode" in head:
                continue  # JPEG and JPEG 2000, which begin as such
            width, height = (_number(head, name) for name in (b"Width", b"Height"))
            rows = _inflated(content, stream.end()) if stream else b""
            yield PdfPicture(match.start(), width, height, _plain(rows, width, height))
    for match in _INLINE_IMAGE.finditer(content):
        yield PdfPicture(match.start(), int(match[1]), 0, None)


def _number(head: bytes, name: bytes) -> int:
    found = re.search(rb"/%b\s+(\d+)" % name, head)
    return int(found[1]) if found else 0


def _plain(data: bytes, width: int, height: int) -> Image.Image | None:
    modes = {1: "L", 3: "RGB", 4: "CMYK"}
    n = width * height
    mode = modes.get(len(data) // n) if n and len(data) % n == 0 else None
    return Image.frombytes(mode, (width, height), data) if mode else None


def _parquet(content: bytes, place: str) -> Iterator[Piece]:
    if not (content.startswith(b"PAR1") and content.endswith(b"PAR1")):
        return
    try:
        table = pl.read_parquet(BytesIO(content))
    except (PolarsError, PanicException, OSError, ValueError):
        yield Piece(f"{place} > damaged Parquet", b"", is_whole=True, is_unread=True)
        return
    for column in table.iter_columns():
        kind = column.dtype
        if kind in (pl.Categorical, pl.Enum):
            column = column.cast(pl.String)
        if kind.is_nested() or column.dtype in (pl.String, pl.Binary):
            for cell in _cells(column.to_list()):
                yield Piece(f"{place} > {column.name}", cell, is_whole=True)


def _cells(value: object) -> Iterator[bytes]:
    """The bytes and texts within cells, lists and structs, and lists of small numbers."""
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        if len(value) >= _LEAST:
            yield value
    elif isinstance(value, dict):
        yield from _cells(list(value.values()))
    elif isinstance(value, list):
        numbers = len(value) >= _LEAST and all(isinstance(item, int) for item in value)
        if numbers and all(0 <= item < 256 for item in value):
            yield bytes(value)
        elif not numbers:
            for item in value:
                yield from _cells(item)


def _base64(content: bytes, place: str) -> Iterator[Piece]:
    for plain in {content, content.replace(b"\\/", b"/")} if b"\\/" in content else (content,):
        for match in _BASE64.finditer(plain):
            text = re.sub(rb"\\[rn]|[\s=]", b"", match[0]).translate(_STANDARD)
            # Letters before it may belong to what stands there, so each of four beginnings.
            for skip in range(4):
                whole = text[skip:]
                inner = base64.b64decode(whole[: len(whole) // 4 * 4])
                yield Piece(f"{place} > base64 at {match.start()}", inner, is_whole=False)


_STANDARD = bytes.maketrans(b"-_", b"+/")


def _hex(content: bytes, place: str) -> Iterator[Piece]:
    for match in _HEX.finditer(content):
        inner = binascii.unhexlify(match[0])
        yield Piece(f"{place} > hexadecimal at {match.start()}", inner, is_whole=False)


def _escaped(content: bytes, place: str) -> Iterator[Piece]:
    if b"\\x" not in content and b"\\u00" not in content:
        return
    for match in _ESCAPED.finditer(content):
        if match[0].count(b"\\") >= _FEWEST_ESCAPES:
            inner = _ESCAPE.sub(_unescaped, match[0])
            yield Piece(f"{place} > escaped text at {match.start()}", inner, is_whole=False)


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    if code[:1] in b"xu" and len(code) > 1:
        return bytes([int(code[-2:], 16)])
    return _CONTROLS.get(code, code)


def _percent(content: bytes, place: str) -> Iterator[Piece]:
    for match in _PERCENT.finditer(content):
        if b"%" in match[1]:
            yield Piece(
                f"{place} > data URI at {match.start()}", unquote_to_bytes(match[1]), is_whole=False
            )


_WAYS: tuple[Callable[[bytes, str], Iterator[Piece]], ...] = (
    *(_zip, _packed, _pdf, _parquet, _base64, _hex, _escaped, _percent),
)
