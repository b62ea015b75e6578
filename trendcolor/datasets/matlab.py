"""Matrices of numbers from MATLAB files (level 5), which may have been written by anyone.

SciPy's reader trusts the codes of types in a file and reads beyond its tables where they lie,
which ends the process (benchmarks/fuzz.py finds such files in minutes). So the codes are checked
first, packed parts are unpacked only so far, and all but matrices of numbers is left out: cells,
structures and objects never reach the reader.
"""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from trendcolor.datasets.local_file import read_file
from trendcolor.errors import DataError, PhotoError

_HEADER = 128  # bytes; MAT-File Format, "Level 5 MAT-File Header Format"
_ORDERS = {b"IM": "<", b"MI": ">"}
_MATRIX, _PACKED = 14, 15  # data types, table 1-1
_NUMBERS = frozenset({1, 2, 3, 4, 5, 6, 7, 9, 12, 13})
_CLASSES = frozenset(range(6, 16))  # array types of numbers, table 1-3: double to uint64
_MOST_BYTES = 1 << 29  # of a file, and of what is packed in it: 175 million labels are a third

_DAMAGE = (
    *(EOFError, IndexError, KeyError, NotImplementedError, OSError, TypeError, ValueError),
    *(MatReadError, struct.error, zlib.error),
    *(ArithmeticError, AttributeError, MemoryError, NameError, RecursionError),
)


def read_matrix(path: Path, name: str) -> NDArray[Any]:
    """One matrix of numbers.

    Args:
        path: The file.
        name: The variable.

    Raises:
        DataError: the file can't be read, is no such file, is damaged, or lacks the variable.
    """
    try:
        found: NDArray[Any] = loadmat(BytesIO(_checked(read_file(path, _MOST_BYTES))))[name]
    except PhotoError as cause:
        raise DataError(f"{path.name}: {cause}") from cause
    except _DAMAGE as cause:
        raise DataError(f"{path.name}: no MATLAB file with '{name}' ({cause})") from cause
    return found


def _checked(content: bytes) -> bytes:
    """A MATLAB file of the same matrices of numbers, unpacked, and of nothing else."""
    order = _ORDERS.get(content[126:128])
    if order is None:
        raise ValueError("no file of level 5")
    parts = [content[:_HEADER]]
    for kind, element in _elements(content[_HEADER:], order):
        whole = _unpacked(element[8:]) if kind == _PACKED else element
        for inner, matrix in _elements(whole, order):
            if inner == _MATRIX and _is_of_numbers(matrix[8:], order):
                parts.append(matrix)
    return b"".join(parts)


def _unpacked(packed: bytes) -> bytes:
    unpacked = zlib.decompressobj().decompress(packed, _MOST_BYTES + 1)
    if len(unpacked) > _MOST_BYTES:
        raise ValueError(f"unpacks to more than {_MOST_BYTES} bytes")
    return unpacked


def _elements(content: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """The type and the bytes of each element, its tag included."""
    at = 0
    while at + 8 <= len(content):
        kind, size = struct.unpack_from(f"{order}II", content, at)
        if kind >> 16:  # a small element: its size and type share four bytes
            yield kind & 0xFFFF, content[at : at + 8]
            at += 8
            continue
        end = at + 8 + size
        if end > len(content):
            raise ValueError("truncated")
        yield kind, content[at:end]
        at = end if kind == _PACKED else end + -size % 8


def _is_of_numbers(matrix: bytes, order: str) -> bool:
    """Whether a matrix's parts are its flags, sides, name and numbers, each as it should be."""
    parts = list(_elements(matrix, order))
    if len(parts) not in (4, 5):
        return False
    flags = struct.unpack_from(f"{order}I", parts[0][1], 8)[0] if len(parts[0][1]) >= 16 else 0
    return flags & 0xFF in _CLASSES and all(kind in _NUMBERS for kind, _ in parts)
