"""The bytes of one file, as far as they may be read: no pipe blocks, no device fills memory."""

import errno
import os
import stat
from pathlib import Path

from trendcolor.errors import PhotoError

# A pipe that nobody writes to is opened at once instead of never; not on Windows, which has none.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
_FLAGS |= getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def read_file(path: Path, max_bytes: int) -> bytes:
    """The whole of a regular file that is not too large.

    What was opened is what is asked, so that a file can't be swapped between a question and the
    reading; and no more is read than allowed, even of a file that grows.

    Args:
        path: The file; links are followed.
        max_bytes: A larger file is refused, before it is read.

    Raises:
        PhotoError: it is missing, too large, no regular file, or may not be read.
    """
    try:
        file = os.open(path, _FLAGS)
        try:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode):
                raise PhotoError(_kind(found.st_mode))
            if found.st_size > max_bytes:
                raise PhotoError(too_large(found.st_size, max_bytes))
            return _read(file, max_bytes)
        finally:
            os.close(file)
    except PhotoError:
        raise
    except OSError as cause:
        raise PhotoError(_why(path, cause)) from cause
    except ValueError as cause:  # a NUL inside the name
        raise PhotoError("no such file") from cause


def too_large(size: int, max_bytes: int) -> str:
    """The reason of a refusal: a file's size and the one allowed."""
    return f"file of {size} bytes, more than {max_bytes} (images.max_bytes)"


def _read(file: int, max_bytes: int) -> bytes:
    pieces, total = [], 0
    while piece := os.read(file, min(1 << 24, max_bytes + 1 - total)):
        pieces.append(piece)
        total += len(piece)
        if total > max_bytes:
            raise PhotoError(too_large(total, max_bytes))
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _kind(mode: int) -> str:
    return "is a folder" if stat.S_ISDIR(mode) else "is not a regular file"


def _why(path: Path, cause: OSError) -> str:
    if isinstance(cause, FileNotFoundError):
        return "link to a file that does not exist" if path.is_symlink() else "no such file"
    if cause.errno == errno.ENXIO:
        return "is not a regular file"  # a socket can't even be opened
    if isinstance(cause, PermissionError):
        return "file may not be read (permission denied)"
    return f"file can't be read ({cause.strerror or cause})"
