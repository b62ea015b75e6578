"""A data set, whatever its format, as a stream of photos."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from trendcolor.cards import Card
from trendcolor.config import DataConfig, Location
from trendcolor.datasets import ccp, coco, folder, parquet, table, webdataset
from trendcolor.datasets.distinct import Seen
from trendcolor.datasets.faults import Faults
from trendcolor.datasets.files import stem_of
from trendcolor.datasets.index_masks import with_masks
from trendcolor.datasets.location import at_hand
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import DataError, did_you_mean

FORMATS: dict[str, Callable[[Card, DataConfig, Faults], Iterable[PhotoRef]]] = {
    "folder": folder.photos,
    "table": table.photos,
    "webdataset": webdataset.photos,
    "parquet": parquet.photos,
    "index-masks": folder.photos,
    "ccp": ccp.photos,
    "coco": coco.photos,
}
# Settings that only some formats read; elsewhere one would be ignored without a word.
_READ_BY = {
    "table": ("table",),
    "annotations": ("coco",),
    "masks": ("folder", "table", "index-masks"),
}
_GUESSED_AMONG = 1000  # photos, when a split names one that isn't there


def open_dataset(card: Card, config: DataConfig) -> list[PhotoRef]:
    """The photos of a data set, all in memory; see `stream_dataset`."""
    return list(stream_dataset(card, config))


def stream_dataset(card: Card, config: DataConfig) -> Iterator[PhotoRef]:
    """The photos of a data set with their declared columns and label maps; none is read yet.

    Args:
        card: The data set's card, which must have passed the gate: it isn't asked again here.
        config: Where the data set is and which of its photos are wanted. `split` keeps the photos
            whose id, or file name without its ending, stands in the file; `limit` then keeps the
            first so many, and looks no further.

    Returns:
        The photos in the data set's order, which is the same in each run.

    Raises:
        DataError: the data set is not on disk as its config says, a declared column is missing or
            holds what the card doesn't allow, or ids occur twice; all faults at once, when the
            last photo has come.
    """
    for setting, formats in _READ_BY.items():
        if getattr(config, setting) is not None and config.format not in formats:
            raise DataError(
                f'data.{setting} has no effect with format "{config.format}" (take it out, or set '
                f"data.format to {' or '.join(formats)})"
            )
    faults, ids, stems = Faults(), Seen(), Seen()
    wanted = None if config.split is None else _Split(config.split)
    photos: Iterator[PhotoRef] = iter(FORMATS[config.format](card, config, faults))
    if wanted is not None:
        photos = filter(wanted.has, photos)
    photos = islice(photos, config.limit or None)
    if config.masks is not None:
        photos = with_masks(photos, config.masks, card)
    for photo in photos:
        ids.add(photo.id)
        if config.masks is not None:
            stems.add(stem_of(photo.file))
        yield photo if card.light is None else dataclasses.replace(photo, light=card.light)
    if wanted is not None:
        faults.add(wanted.missing(is_whole=not config.limit))
    faults.add(_doubled(ids, stems, lambda: FORMATS[config.format](card, config, Faults())))
    faults.refuse()


def _doubled(ids: Seen, stems: Seen, again: Callable[[], Iterable[PhotoRef]]) -> Iterator[str]:
    """A fault for each id, and each label map, that several photos have."""
    for name, count in ids.doubled(lambda: (photo.id for photo in again())):
        yield f"photo id '{name}' occurs {count} times"
    shared = dict(stems.doubled(lambda: (stem_of(photo.file) for photo in again())))
    owners: dict[str, str] = {}
    for photo in again() if shared else ():
        stem = stem_of(photo.file)
        if stem in shared and owners.setdefault(stem, photo.id) != photo.id:
            yield f"{owners[stem]} and {photo.id} would share the label map {stem}.png"


class _Split:
    """The photos that a text file names."""

    def __init__(self, path: Location) -> None:
        try:
            with at_hand(path, "data.split") as file:
                text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeError) as cause:
            raise DataError(f"{path}: can't be read ({cause}) (data.split)") from cause
        self._file = path.name
        self._wanted = {line.strip() for line in text.splitlines()} - {""}
        self._found: set[str] = set()
        self._ids: list[str] = []

    def has(self, photo: PhotoRef) -> bool:
        """Whether the file names a photo, by its id or its stem."""
        if len(self._ids) <= _GUESSED_AMONG:
            self._ids.append(photo.id)
        names = {photo.id, stem_of(photo.file)} & self._wanted
        self._found |= names
        return bool(names)

    def missing(self, *, is_whole: bool) -> Iterator[str]:
        """A fault for each name that no photo had.

        Args:
            is_whole: Whether all photos were asked for.
        """
        unknown = sorted(self._wanted - self._found) if is_whole else []
        for number, name in enumerate(unknown):
            few = number == 0 and len(self._ids) <= _GUESSED_AMONG
            guess = did_you_mean(name, self._ids) if few else ""
            yield f"{self._file}: no photo '{name}'{guess}"
