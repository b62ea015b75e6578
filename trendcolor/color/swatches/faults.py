"""All faults of a file's lines in one message."""

from collections.abc import Sequence
from pathlib import Path

from trendcolor.errors import VocabularyError

_MAX_FAULTS = 10  # told of one file


def refuse_faults(path: Path, faults: Sequence[str]) -> None:
    """Refuse a file that has faults.

    Args:
        path: The file.
        faults: Each with its line.

    Raises:
        VocabularyError: there are any; the first ten are told.
    """
    if not faults:
        return
    more = len(faults) - _MAX_FAULTS
    told = [*faults[:_MAX_FAULTS], *([f"and {more} more"] if more > 0 else [])]
    raise VocabularyError(f"{path}: " + "\n  ".join(told))
