"""A data set, whatever its format, as a list of photos."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from trendcolor.cards import Card
from trendcolor.config import DataConfig
from trendcolor.datasets import ccp, coco, folder, table
from trendcolor.datasets.faults import capped
from trendcolor.datasets.index_masks import with_masks
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import DataError, did_you_mean

FORMATS: dict[str, Callable[[Card, DataConfig], list[PhotoRef]]] = {
    "folder": folder.photos,
    "table": table.photos,
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


def open_dataset(card: Card, config: DataConfig) -> list[PhotoRef]:
    """The photos of a data set with their declared columns and label maps; none is read yet.

    Args:
        card: The data set's card, which must have passed the gate: it isn't asked again here.
        config: Where the data set is and which of its photos are wanted. `split` keeps the photos
            whose id, or file name without its ending, stands in the file; `limit` then keeps the
            first so many.

    Returns:
        The photos in the data set's order, which is the same in each run.

    Raises:
        DataError: the data set is not on disk as its config says, a declared column is missing or
            holds what the card doesn't allow, or ids occur twice; all faults at once.
    """
    for setting, formats in _READ_BY.items():
        if getattr(config, setting) is not None and config.format not in formats:
            raise DataError(
                f'data.{setting} has no effect with format "{config.format}" (take it out, or set '
                f"data.format to {' or '.join(formats)})"
            )
    photos = FORMATS[config.format](card, config)
    if card.light is not None:
        photos = [dataclasses.replace(photo, light=card.light) for photo in photos]
    counts = Counter(photo.id for photo in photos)
    twice = [
        f"photo id '{name}' occurs {count} times" for name, count in counts.items() if count > 1
    ]
    if twice:
        raise DataError(capped(twice))
    if config.split is not None:
        photos = _of_split(photos, config.split)
    photos = photos[: config.limit or None]
    return with_masks(photos, config.masks, card) if config.masks is not None else photos


def _of_split(photos: Sequence[PhotoRef], split: Path) -> list[PhotoRef]:
    try:
        text = split.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as cause:
        raise DataError(f"{split}: can't be read ({cause}) (data.split)") from cause
    wanted = {line.strip() for line in text.splitlines()} - {""}
    kept = [photo for photo in photos if photo.id in wanted or photo.path.stem in wanted]
    unknown = sorted(wanted - {photo.id for photo in kept} - {photo.path.stem for photo in kept})
    if unknown:
        known = [photo.id for photo in photos]
        faults = [f"{split.name}: no photo '{name}'" for name in unknown]
        faults[0] += did_you_mean(unknown[0], known[:1000]) if len(known) <= 1000 else ""
        raise DataError(capped(faults))
    return kept
