"""Photos of one garment each, whose declared column says which."""

import dataclasses
from collections.abc import Sequence

from trendcolor.cards import Card
from trendcolor.config import UnlabelledConfig
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import DataError, did_you_mean
from trendcolor.taxonomy import BACKGROUND, CLASSES, GARMENTS, HAIR, SKIN


def with_named_garment(
    photos: Sequence[PhotoRef], config: UnlabelledConfig, card: Card
) -> list[PhotoRef]:
    """The photos whose column names a garment that the config knows, limited to its class.

    All of them, as they are, where the config names no column.

    Args:
        photos: The data set's photos. Not modified.
        config: `garment`, the column, and `garments`, its values as class names.
        card: Declares the column, and whether there are people in the photos.

    Raises:
        DataError: the card declares no such column, or a class is unknown.
    """
    if not config.garment:
        return list(photos)
    declared = [column.name for column in card.columns]
    if config.garment not in declared:
        raise DataError(
            f"unlabelled.garment: card {card.name} declares no column '{config.garment}'"
            f"{did_you_mean(config.garment, declared)}"
        )
    unknown = [(value, name) for value, name in config.garments.items() if name not in GARMENTS]
    if unknown:
        value, name = unknown[0]
        raise DataError(
            f"unlabelled.garments: '{value}' is to be '{name}', which is no garment class"
            f"{did_you_mean(name, GARMENTS)}"
        )
    beside = {BACKGROUND} if card.is_free_of_people else {BACKGROUND, SKIN, HAIR}
    classes = {v: frozenset({*beside, CLASSES.index(n)}) for v, n in config.garments.items()}
    return [
        dataclasses.replace(photo, classes=classes[value])
        for photo in photos
        if (value := photo.columns.get(config.garment) or "") in classes
    ]
