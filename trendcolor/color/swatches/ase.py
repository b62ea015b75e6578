"""Adobe Swatch Exchange (.ase): blocks of named colors in groups."""

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from trendcolor.color.swatches.swatch import (
    Lab,
    Swatch,
    lab_of_srgb,
    lab_under_d65,
    refused_cmyk,
    told,
)
from trendcolor.errors import VocabularyError

# Block types, and the color models with how many numbers each has.
_COLOR, _GROUP, _GROUP_END = 0x0001, 0xC001, 0xC002
_NUMBERS = {b"RGB ": 3, b"LAB ": 3, b"GRAY": 1, b"CMYK": 4}


def read_ase(path: Path, content: bytes) -> list[Swatch]:
    """The swatches of an ASE file; its groups are dropped.

    Args:
        path: The file, for messages.
        content: Its bytes.

    Raises:
        VocabularyError: the file is damaged, or has a color that is none; the message names the
            block.
    """
    if content[:4] != b"ASEF":
        raise VocabularyError(
            f"{path}: not an Adobe Swatch Exchange file (begins with {content[:4]!r}, "
            "wanted b'ASEF')"
        )
    if len(content) < 12:
        raise VocabularyError(f"{path}: truncated at byte {len(content)}, in its header")
    major, minor, n_blocks = struct.unpack(">HHI", content[4:12])
    if major != 1:
        raise VocabularyError(f"{path}: is of version {major}.{minor}, wanted 1.0")
    return list(_swatches(path, content, n_blocks))


def _swatches(path: Path, content: bytes, n_blocks: int) -> Iterator[Swatch]:
    place = 12
    for block in range(1, n_blocks + 1):
        where = f"block {block} of {n_blocks}, byte {place}"
        if place + 6 > len(content):
            raise VocabularyError(f"{path}: truncated at byte {len(content)}, before {where}")
        kind, length = struct.unpack_from(">HI", content, place)
        body = content[place + 6 : place + 6 + length]
        if len(body) < length:
            raise VocabularyError(
                f"{path}: truncated at byte {len(content)}, in {where}, which claims {length} bytes"
            )
        if kind == _COLOR:
            try:
                yield _color(body)
            except VocabularyError as fault:
                raise VocabularyError(f"{path}: {where}: {fault}") from fault
        elif kind not in (_GROUP, _GROUP_END):
            raise VocabularyError(f"{path}: {where}: unknown type {kind:#06x}")
        place += 6 + length


def _color(body: bytes) -> Swatch:
    n_letters = int.from_bytes(body[:2], "big")
    model_at = 2 + 2 * n_letters
    model = body[model_at : model_at + 4]
    if len(body) < 2 or len(model) < 4:
        raise VocabularyError("its name is longer than the block")
    try:
        name = body[2:model_at].decode("utf-16-be").split("\0")[0].strip()
    except UnicodeDecodeError as cause:
        raise VocabularyError("its name is not UTF-16") from cause
    if not name:
        raise VocabularyError("it has no name")
    n_numbers = _NUMBERS.get(model.upper())
    if n_numbers is None:
        raise VocabularyError(f"'{name}' is of the unknown color model {model!r}")
    if model == b"CMYK":
        raise refused_cmyk(name)
    if len(body) < model_at + 4 + 4 * n_numbers:
        raise VocabularyError(f"'{name}' has too few numbers for {model.decode()}")
    numbers = struct.unpack_from(f">{n_numbers}f", body, model_at + 4)
    return Swatch(name=name, lab=_lab(name, model.upper(), numbers))


def _lab(name: str, model: bytes, numbers: Sequence[float]) -> Lab:
    """Numbers of an ASE block as Lab under D65; L* is in 0..1 there."""
    if model == b"LAB ":
        lightness, a, b = numbers
        return lab_under_d65(name, (100 * lightness, a, b), "D50")
    rgb = [*numbers] * 3 if len(numbers) == 1 else [*numbers]
    if not all(0 <= value <= 1 for value in rgb):
        raise VocabularyError(f"'{name}' has {told(numbers)}, wanted numbers of 0 to 1")
    return lab_of_srgb(rgb)
