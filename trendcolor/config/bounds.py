"""What settings must keep within; all faults of a section are named at once."""

import re
from collections.abc import Mapping

from trendcolor.errors import ConfigError


def too_small(section: str, minimum: float, **settings: float) -> list[str]:
    """A fault for each setting that is below a minimum, or no number."""
    return [
        f"{section}.{name} must be at least {minimum:g}, got {value:g}"
        for name, value in settings.items()
        if not value >= minimum
    ]


def too_large(section: str, maximum: float, **settings: float) -> list[str]:
    """A fault for each setting that is above a maximum."""
    return [
        f"{section}.{name} must be at most {maximum:g}, got {value:g}"
        for name, value in settings.items()
        if value > maximum
    ]


def no_fraction(section: str, **settings: float) -> list[str]:
    """A fault for each setting that is not within 0 to 1."""
    return [
        f"{section}.{name} must be within 0 to 1, got {value:g}"
        for name, value in settings.items()
        if not 0 <= value <= 1
    ]


def no_multiple_of_32(section: str, **settings: int) -> list[str]:
    """A fault for each setting that is no positive multiple of 32."""
    return [
        f"{section}.{name} must be a multiple of 32, got {value}"
        for name, value in settings.items()
        if value < 32 or value % 32
    ]


def no_named_colors(section: str, **settings: Mapping[str, str]) -> list[str]:
    """A fault for each key that is no sRGB color in hex, and for each empty name."""
    faults = []
    for setting, names in settings.items():
        for color, name in names.items():
            if not re.fullmatch(r"#?[0-9a-fA-F]{6}", color):
                wanted = 'wanted sRGB as six digits, "#161418" = "a name"'
                faults.append(f"{section}.{setting} has no color '{color}' ({wanted})")
            if not name.strip():
                faults.append(f"{section}.{setting} has an empty name for '{color}'")
    return faults


def refuse(*faults: str) -> None:
    """Raise one error with all faults, if there are any.

    Raises:
        ConfigError: there is a fault.
    """
    if faults:
        raise ConfigError("\n".join(faults))
