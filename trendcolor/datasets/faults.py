"""Many faults of one data set as one message."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from trendcolor.errors import DataError, did_you_mean

# Faults that are spelled out: a wrong column is wrong in every row.
MOST_FAULTS = 20


def capped(faults: Sequence[str]) -> str:
    """Faults as lines: the first twenty, and how many more there are."""
    return _lines(faults[:MOST_FAULTS], len(faults))


def _lines(first: Sequence[str], number: int) -> str:
    more = number - len(first)
    return "\n".join([*first, *([f"... and {more} more"] if more > 0 else [])])


def check_columns(place: str, wanted: Mapping[str, str], present: Sequence[str]) -> None:
    """Refuse a table that lacks columns.

    Args:
        place: What to call the table.
        wanted: The columns, each with who names it.
        present: The table's columns.

    Raises:
        DataError: some are missing; all at once.
    """
    missing = [
        f"{place}: no column '{name}' ({why}){did_you_mean(name, present)}"
        for name, why in wanted.items()
        if name not in present
    ]
    if missing:
        raise DataError("\n".join(missing))


@dataclass(slots=True)
class Faults:
    """The faults that turn up while a data set streams by; only the first twenty are kept."""

    first: list[str] = field(default_factory=list)
    number: int = 0

    def add(self, faults: Iterable[str]) -> None:
        """Count faults."""
        for fault in faults:
            self.number += 1
            if len(self.first) < MOST_FAULTS:
                self.first.append(fault)

    def refuse(self) -> None:
        """Raise one error with all of them, if there are any.

        Raises:
            DataError: there is a fault.
        """
        if self.number:
            raise DataError(_lines(self.first, self.number))
