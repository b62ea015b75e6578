"""How runs keep names, compared: hashes under another key are other names."""

from collections.abc import Iterable, Sequence

from trendcolor.datasets.pseudonyms import PERSON_KINDS, PHOTO_KIND
from trendcolor.errors import RunError
from trendcolor.runs.forgotten import PHOTO, read_forgotten
from trendcolor.runs.manifest import Header, RunPrivacy
from trendcolor.runs.store import Store


def is_hashed(header: Header, column: str) -> bool:
    """Whether a run holds a column's values as hashes.

    Args:
        header: What the run is of.
        column: Declared, or `photo` for ids.
    """
    privacy = header.settings.privacy
    kind = PHOTO_KIND if column == PHOTO else kind_of(header, column)
    if kind == PHOTO_KIND:
        return privacy.photo_ids == "hashed"
    return kind in PERSON_KINDS and privacy.pseudonyms == "hashed"


def kind_of(header: Header, column: str) -> str:
    """The kind of a declared column, `id` of `photo`; empty where there is none of that name."""
    if column == PHOTO:
        return PHOTO_KIND
    return next((each.kind for each in header.columns if each.name == column), "")


def key_of(header: Header, column: str) -> str:
    """The fingerprint of the key that a column's values are hashed with; empty: they are not."""
    return header.settings.privacy.key if is_hashed(header, column) else ""


def pseudonym_differences(headers: Iterable[Header]) -> list[str]:
    """How runs that declare sources or wearers name them, where they don't do it the same way.

    Returns:
        Nothing, or one text that says how many ways there are and what follows.
    """
    ways = {
        (privacy.pseudonyms, privacy.key if privacy.pseudonyms == "hashed" else "")
        for header in headers
        if any(column.kind in PERSON_KINDS for column in header.columns)
        for privacy in [header.settings.privacy]
    }
    return ["keys of pseudonyms (a source of both would count twice)"] if len(ways) > 1 else []


def check_same_names(headers: Sequence[Header]) -> None:
    """Refuse runs that are to become one and name sources, wearers or photos in different ways.

    Raises:
        RunError: they do.
    """
    ids = {
        (each.photo_ids, each.key if each.photo_ids == "hashed" else "")
        for each in (header.settings.privacy for header in headers)
    }
    if not pseudonym_differences(headers) and len(ids) == 1:
        return
    told = ", ".join(dict.fromkeys(_told(header.settings.privacy) for header in headers))
    raise RunError(
        f"the runs name sources, wearers or photos in different ways: {told}; one that is in both "
        "would count twice (run their configs again with one key: privacy.key or TRENDCOLOR_KEY)"
    )


def check_marks_fit(store: Store, header: Header) -> None:
    """Refuse to make a run where somebody was forgotten whom it could not know again.

    Raises:
        RunError: a value that was forgotten was hashed in another way than the run's are.
    """
    for mark in read_forgotten(store).marks:
        key = key_of(header, mark.column)
        if mark.key != key:
            raise RunError(
                f"{store.place}: somebody was forgotten in it by {mark.column}, which was "
                f"{_way(mark.key)} and is now {_way(key)}, so that their photos could not be left "
                "out (give that key again: privacy.key or TRENDCOLOR_KEY; or take the photos out "
                "of the data set, and another folder)"
            )


def _way(key: str) -> str:
    return f"hashed with key {key}" if key else "as declared"


def _told(privacy: RunPrivacy) -> str:
    ways = {privacy.pseudonyms, privacy.photo_ids}
    if "hashed" not in ways:
        return "as declared"
    what = "" if ways == {"hashed"} else "sources " if privacy.pseudonyms == "hashed" else "ids "
    return f"{what}hashed with key {privacy.key or 'none'}"
