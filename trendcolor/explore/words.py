"""Figures as the page writes them."""

import math


def percent(share: float | None) -> str:
    """`34.2%`; a figure that is left empty is `withheld`."""
    return "withheld" if share is None or math.isnan(share) else f"{100 * share:.1f}%"


def interval(low: float | None, high: float | None) -> str:
    """A range of per cent, or nothing where there is none."""
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return ""
    return f"{_signed(100 * low)}–{_signed(100 * high)}%"  # noqa: RUF001  # a range


def points(change: float | None) -> str:
    """`+3.1 pp`, of a difference of shares."""
    if change is None or math.isnan(change):
        return "withheld"
    return f"{'+' if change >= 0.0005 else ''}{_signed(100 * change)} pp"


def change_interval(low: float | None, high: float | None) -> str:
    """`+2.1 to +8.3 pp`, or nothing where there is none."""
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return ""
    return f"{points(low).removesuffix(' pp')} to {points(high)}"


def counted(number: int, one: str) -> str:
    """`1 row`, `12 rows`."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def count(number: float | None) -> str:
    """`1,203`."""
    return "withheld" if number is None else f"{number:,.0f}"


def decimal(value: float | None, places: int = 2) -> str:
    """`0.91`, or nothing where there is none."""
    return "" if value is None or math.isnan(value) else _signed(value, places)


def _signed(value: float, places: int = 1) -> str:
    """With a minus sign, not a hyphen; never `-0.0`."""
    text = f"{value:.{places}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")  # noqa: RUF001  # a minus
