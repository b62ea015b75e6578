"""A swatch file of any kind to its colors."""

from collections.abc import Callable, Mapping
from pathlib import Path

from trendcolor.color.swatches.aco import read_aco
from trendcolor.color.swatches.ase import read_ase
from trendcolor.color.swatches.gpl import read_gpl
from trendcolor.color.swatches.swatch import Swatch
from trendcolor.color.swatches.table import read_csv
from trendcolor.errors import VocabularyError

_MAX_BYTES = 64 * 2**20  # a file of 100,000 swatches has 8 MB

_READERS: Mapping[str, Callable[[Path, bytes], list[Swatch]]] = {
    ".ase": read_ase,
    ".aco": read_aco,
    ".gpl": read_gpl,
    ".csv": read_csv,
}
KINDS = f"{', '.join([*_READERS][:-1])} or {[*_READERS][-1]}"  # as messages name them


def read_swatches(path: Path) -> list[Swatch]:
    """The swatches of an .ase, .aco, .gpl or .csv file, in its order; those that it repeats once.

    Raises:
        VocabularyError: the file is missing, of another kind, damaged, or holds what has no color;
            the message names the place.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise VocabularyError(f"{path}: not a swatch file by its name (wanted {KINDS})")
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise VocabularyError(f"{path}: larger than {_MAX_BYTES // 2**20} MB")
        content = path.read_bytes()
    except FileNotFoundError as cause:
        raise VocabularyError(f"{path}: no such file") from cause
    except OSError as cause:
        raise VocabularyError(f"{path}: can't be read ({cause.strerror or cause})") from cause
    swatches = list(dict.fromkeys(reader(path, content)))
    if not swatches:
        raise VocabularyError(f"{path}: holds no swatch")
    return swatches
