"""Photos that come under licenses of their own: those that don't permit a purpose are refused."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from trendcolor.cards import Card, license_terms, photo_refusal
from trendcolor.datasets.reference import PhotoRef


def by_license(refs: Iterable[PhotoRef], card: Card, purpose: str) -> Iterator[PhotoRef]:
    """The same photos, each with the reason where its own license doesn't permit a purpose.

    Args:
        refs: Photos of the card's data set. None is opened.
        card: Its column of kind `license`, if it has one, says each photo's license.
        purpose: One of `PURPOSES`.
    """
    column = next((each.name for each in card.columns_of("license")), None)
    for ref in refs:
        refused = photo_refusal(ref.columns.get(column), purpose) if column else ""
        yield dataclasses.replace(ref, refused=refused) if refused else ref


def photo_license(ref: PhotoRef, cards: Sequence[Card]) -> str | None:
    """A photo's own license as the table of licenses calls it; None where it has none of its own.

    Args:
        ref: A photo that is not refused.
        cards: Of its run.
    """
    for card in cards:
        for column in card.columns_of("license"):
            text = ref.columns.get(column.name)
            if text is not None:
                return license_terms(text.strip()).license
    return None
