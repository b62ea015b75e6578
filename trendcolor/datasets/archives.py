"""The files that hold many photos each: one, several by a pattern, or all below a folder."""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from trendcolor.config import Address, Location
from trendcolor.datasets.addresses import AddressFile
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.folder import Found, files_below
from trendcolor.errors import DataError


def archives(
    root: Location, endings: Collection[str], refused: Collection[str] = ()
) -> Iterator[Found]:
    """The files that a root names, in order: itself, those of a pattern, or those below it.

    Args:
        root: A folder or address, a file, or a pattern: `train-{000000..000041}.tar`, `{a,b}.tar`.
        endings: Of the files.
        refused: Endings that a file below it must not have.

    Raises:
        DataError: there is none, or one that is refused.
        StoreError: the store can't be reached.
    """
    text = str(root)
    last = text.rpartition("/")[2]
    if any(last.lower().endswith(ending) for ending in (*endings, *refused)) or "{" in text:
        found: Iterable[Found] = (_named(root, name) for name in unfolded(text))
    else:
        found = files_below(root, {*endings, *(f".{each.rpartition('.')[2]}" for each in refused)})
    number = 0
    for each in found:
        if each.relative.lower().endswith(tuple(refused)) and refused:
            raise DataError(
                f"{each.file.place}: is compressed, so that no photo can be read out of its "
                f"middle (unpack it to {', '.join(endings)} first)"
            )
        if each.relative.lower().endswith(tuple(endings)):
            yield each
            number += 1
    if not number:
        raise DataError(f"{root}: no {' or '.join(endings)} files (data.root)")


def _named(root: Location, text: str) -> Found:
    """One file, called by what is left of its path after the part that no brace changes."""
    folder = str(root).partition("{")[0].rpartition("/")[0]
    name = text[len(folder) + 1 :]
    is_address = isinstance(root, Address)
    return Found(name, AddressFile(text) if is_address else LocalFile(Path(text)))


def unfolded(pattern: str) -> Iterator[str]:
    """What a pattern with braces stands for: `{08..10}` is 08, 09 and 10, `{a,b}` is a and b."""
    match = re.search(r"\{(?:(\d+)\.\.(\d+)|([^{}]*))\}", pattern)
    if match is None:
        yield pattern
        return
    first, last, words = match.groups()
    if words is None:
        width = len(first) if first.startswith("0") else 0
        each: Iterable[str] = (f"{n:0{width}d}" for n in range(int(first), int(last) + 1))
    else:
        each = words.split(",")
    for word in each:
        yield from unfolded(pattern[: match.start()] + word + pattern[match.end() :])
