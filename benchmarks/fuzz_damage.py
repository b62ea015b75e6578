"""Damages to files: in their bytes, in the lengths of their parts, in their words."""

import random
import struct
import zlib
from collections.abc import Sequence

_NUMBERS = (0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_PLACES = (
    *(b"IHDR", b"IDAT", b"PLTE", b"iCCP", b"eXIf", b"tRNS", b"VP8X", b"VP8L", b"VP8 ", b"ALPH"),
    *(b"ispe", b"iloc", b"ipma", b"ipco", b"av1C", b"hvcC", b"mdat", b"meta", b"pixi", b"infe"),
    *(b"\xff\xc0", b"\xff\xc2", b"\xff\xc4", b"\xff\xda", b"\xff\xdb", b"\xff\xe1", b"\xff\xe2"),
    *(b"II*\0", b"MM\0*", b"\x00\x01\x04\x00", b"\x01\x01\x04\x00", b"\x11\x01\x04\x00", b"!\xf9"),
)
_WORDS = (
    *("", "0", "-1", "nan", "inf", "1e999", "9" * 40, "true", "[]", "{}", '"', "'''", "\\", "\0"),
    *("../../etc/passwd", "${HOME}", "${", "{0.__class__}", "{path}", "é", "\ud800", "\u202e", "#"),
    *("=1+1", "2025-13-45", "[[data]]", "[images]", "a.b.c", "0x", "1_0", "\ufeff", "\r", "\n"),
)


def damaged(
    seeds: Sequence[bytes], everything: Sequence[bytes], chance: random.Random, *, is_text: bool
) -> bytes:
    """One of some files with one to four damages, pieces of all files among them."""
    content = bytearray(chance.choice(seeds))
    kinds = _OF_TEXT if is_text and chance.random() < 0.8 else _OF_BYTES
    for _ in range(chance.choice((1, 1, 2, 4))):
        chance.choice(kinds)(content, everything, chance)
    if content.startswith(b"\x89PNG") and chance.random() < 0.7:
        _mend(content)
    return bytes(content)


def _mend(content: bytearray) -> None:
    """Put right a PNG's checksums, without which its decoder goes no further."""
    at = 8
    while at + 12 <= len(content):
        end = at + 8 + int.from_bytes(content[at : at + 4], "big")
        if end + 4 > len(content):
            return
        content[end : end + 4] = struct.pack(">I", zlib.crc32(content[at + 4 : end]))
        at = end + 4


def _flip(content: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    for _i in range(chance.choice((1, 1, 3, 16))):
        if content:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def _header(content: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    """A byte among the first, where most is said."""
    if content:
        at = chance.randrange(min(len(content), 200))
        content[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))


def _cut(content: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    del content[chance.randrange(len(content) + 1) :]


def _remove(content: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(content) + 1)
    del content[at : at + chance.choice((1, 2, 4, 64, 1024))]


def _double(content: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(content) + 1)
    piece = content[at : at + chance.choice((1, 4, 12, 100, 2000))]
    content[at:at] = piece * chance.choice((1, 1, 2, 50))


def _splice(content: bytearray, everything: Sequence[bytes], chance: random.Random) -> None:
    other = chance.choice(everything)
    start, at = chance.randrange(len(other)), chance.randrange(len(content) + 1)
    piece = other[start : start + chance.choice((4, 32, 500))]
    content[at : at + chance.choice((0, len(piece)))] = piece


def _length(content: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    """A number before or behind the name of a part, or anywhere."""
    name = chance.choice(_PLACES)
    found = content.find(name)
    at = found + chance.choice((-4, len(name), len(name) + 4)) if found >= 4 else -1
    at = at if 0 <= at < len(content) - 4 else chance.randrange(max(1, len(content)))
    form = chance.choice((">I", "<I", ">H", "<H"))
    number = chance.choice((*_NUMBERS, chance.randrange(1 << 32)))
    piece = struct.pack(form, number & (0xFFFFFFFF if form[1] == "I" else 0xFFFF))
    content[at : at + len(piece)] = piece


def _word(content: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    """A word or number of a text, replaced."""
    parts = content.split(b" ") if chance.random() < 0.5 else content.split(b",")
    at = chance.randrange(len(parts))
    new = chance.choice(_WORDS).encode("utf-8", "surrogatepass")
    parts[at] = bytearray(new if chance.random() < 0.5 else b'"' + new + b'"\n')
    content[:] = (b" " if chance.random() < 0.8 else b",").join(parts)


def _line(content: bytearray, everything: Sequence[bytes], chance: random.Random) -> None:
    """A line taken out, doubled, moved, or from another text."""
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    kind = chance.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines[at:at] = [lines[at]] * chance.choice((1, 2, 100))
    elif kind == 2:
        lines.insert(chance.randrange(len(lines)), lines.pop(at))
    else:
        lines[at] = bytearray(chance.choice(chance.choice(everything).split(b"\n"))[:500])
    content[:] = b"\n".join(lines)


_OF_BYTES = (_flip, _header, _cut, _remove, _double, _splice, _length, _length)
_OF_TEXT = (_word, _word, _word, _line, _line, _flip)
