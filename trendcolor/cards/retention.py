"""Until which day photos, and what was measured of them, may be kept."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime


def today() -> date:
    """The day that it is, UTC."""
    return datetime.now(UTC).date()


def present_day() -> date:
    """The day that it is for all that is asked of a card, UTC."""
    return today()


def is_past(until: str, day: date | None = None) -> bool:
    """Whether a day is over.

    Args:
        until: The last day, as 2027-01-31; empty: there is none.
        day: The day that it is; none: today, UTC.
    """
    return bool(until) and (day or today()) > date.fromisoformat(until)


def retention_faults(until: str) -> Iterator[str]:
    """What is wrong with a card's `retain_until`."""
    if not until or until.lstrip().startswith("TODO"):
        return
    try:
        date.fromisoformat(until)
    except ValueError:
        is_day = False
    else:
        is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", until) is not None
    if not is_day:
        yield f"retain_until '{until}' is no day (wanted the last one, such as 2027-01-31)"
