"""Many faults of one data set as one message."""

from collections.abc import Sequence

# Faults that are spelled out: a wrong column is wrong in every row.
MOST_FAULTS = 20


def capped(faults: Sequence[str]) -> str:
    """Faults as lines: the first twenty, and how many more there are."""
    more = len(faults) - MOST_FAULTS
    return "\n".join([*faults[:MOST_FAULTS], *([f"... and {more} more"] if more > 0 else [])])
