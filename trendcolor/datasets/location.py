"""Where a photo may lie: inside its data set's folder."""

import os
import re
from pathlib import Path, PurePosixPath

from trendcolor.errors import DataError

# A byte that is no UTF-8, as Python keeps it in a name, or the text that stands for one.
_NO_UTF8 = re.compile(r"[\ud800-\udfff]|\\ud[89a-f][0-9a-f]{2}")


def inside(root: Path, relative: str) -> Path | None:
    """The path of a file that a table or an annotation names; None if it would leave the folder.

    Args:
        root: The data set's folder.
        relative: A path relative to it, from a file that may have been written by anyone. A link
            on the way that leads out of the folder counts as leaving it.
    """
    named = PurePosixPath(relative)
    if named.is_absolute() or ".." in named.parts or not named.parts or "\0" in relative:
        return None
    path = root / named
    # Not `Path.resolve`, which fails before Python 3.13 where links lead in a circle.
    return path if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)) else None


def check_folder(folder: Path, setting: str) -> None:
    """Refuse a folder that isn't there.

    Args:
        folder: The folder.
        setting: The setting that names it.

    Raises:
        DataError: there is no such folder.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder ({setting})")


def plain_id(relative: PurePosixPath | Path) -> str:
    r"""A photo's id from its path inside its data set, as text that any file can hold.

    Bytes that are no UTF-8 are told as `\udcff`. In a path that has such bytes, or has that very
    text, each backslash is doubled: no two paths have one id.
    """
    text = relative.as_posix()
    if _NO_UTF8.search(text):
        text = text.replace("\\", "\\\\")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
