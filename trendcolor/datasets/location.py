"""Where a photo may lie: inside its data set's folder."""

from pathlib import Path, PurePosixPath

from trendcolor.errors import DataError


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
    return path if path.resolve().is_relative_to(root.resolve()) else None


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
    """A photo's id from its path inside its data set, as text that any file can hold."""
    return relative.as_posix().encode("utf-8", "backslashreplace").decode("utf-8")
