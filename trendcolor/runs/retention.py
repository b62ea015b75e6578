"""Until when a run may be kept; past its day it does not open, and `expiring.py` deletes it."""

from dataclasses import dataclass
from datetime import date, timedelta

from trendcolor.cards.retention import is_past
from trendcolor.errors import RunError
from trendcolor.runs.files import read_json
from trendcolor.runs.manifest import Header, Manifest
from trendcolor.runs.store import Place, store_of

EXPIRED, EXPIRING = "expired.json", "expiring.json"


@dataclass(frozen=True, slots=True, order=True)
class Retention:
    """The last day of a run, and who says so."""

    until: str  # as 2027-01-31
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """What was deleted, and why: `expired.json`, all that is left of a run."""

    date: str  # when, UTC, ISO 8601
    retain_until: str
    rule: str
    settings_hash: str
    manifest: str  # SHA-256 of manifest.json; empty: the run was unfinished
    shards: int
    photos: int
    garments: int
    records: int
    deleted: tuple[str, ...]  # files and folders of the run
    left: int  # files and folders that are no run's, which nobody deletes


def retention(header: Header, finished: str) -> Retention | None:
    """The earliest day that a card, a run it was merged from or the config sets; None: nobody does.

    Args:
        header: What the run is of.
        finished: When it was finished, ISO 8601; empty: it is not.
    """
    found = [
        Retention(each.retain_until, f"retain_until of the card {each.name}")
        for each in header.cards
        if each.retain_until
    ]
    found += [
        Retention(each.retain_until, f"the run {each.name}, which it was merged from")
        for each in header.parents
        if each.retain_until
    ]
    days = header.settings.privacy.retain_days
    if days and finished:
        until = date.fromisoformat(finished[:10]) + timedelta(days)
        found.append(Retention(until.isoformat(), f"privacy.retain_days = {days}"))
    return min(found, default=None)


def last_day(header: Header, finished: str) -> str:
    """The day of `retention`; empty: there is none."""
    found = retention(header, finished)
    return "" if found is None else found.until


def check_kept(manifest: Manifest, place: str) -> None:
    """Refuse a run that should be gone.

    Args:
        manifest: The run's.
        place: Where it is, for the message.

    Raises:
        RunError: its last day is over, or is none.
    """
    try:
        is_over = is_past(manifest.retain_until)
    except ValueError as cause:
        raise RunError(f"{place}: retain_until of its manifest is no day ({cause})") from cause
    if is_over:
        raise RunError(
            f"{place}: was to be kept until {manifest.retain_until}, which is past (`trendcolor "
            f"expire {place}` deletes it)"
        )


def check_not_expired(place: Place) -> None:
    """Refuse what is left of a run that was deleted, or half deleted.

    Raises:
        RunError: it was.
    """
    store = store_of(place)
    if store.read(EXPIRING) is not None:
        raise RunError(
            f"{store.place}: an `expire` was broken off in it (`trendcolor expire {store.place}` "
            "finishes it)"
        )
    if store.read(EXPIRED) is not None:
        day = read_json(store, EXPIRED, Expiry).date[:10]
        raise RunError(
            f"{store.place}: its run was deleted on {day}, past its last day ({EXPIRED} tells of "
            "it; take another folder for another run)"
        )
