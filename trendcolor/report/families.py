"""The paint of color families in charts, and the text color that can be read on one."""

from collections.abc import Mapping

# What stands for a family in charts, the same in all reports. Not measured: each is well within
# its family and far from the others.
FAMILY_COLORS: Mapping[str, str] = {
    "black": "#1f1d20",
    "white": "#f6f4ef",
    "gray": "#8f9194",
    "beige": "#d9c6a5",
    "brown": "#75513a",
    "red": "#b8322c",
    "orange": "#d9752b",
    "yellow": "#e6bf3f",
    "green": "#4f7f52",
    "blue": "#3a62a0",
    "purple": "#75549c",
    "pink": "#df94ab",
}
_DARK_INK, _LIGHT_INK = "#141414", "#ffffff"


def paint(color: str) -> str:
    """What a color is drawn in: a family's paint, and a shade such as `"#161418"` is its own."""
    return color if color.startswith("#") else FAMILY_COLORS[color]


def ink(color: str) -> str:
    """The text color that can be read on a color, such as `"#161418"`: near black or white."""
    by_contrast = {contrast(color, text): text for text in (_DARK_INK, _LIGHT_INK)}
    return by_contrast[max(by_contrast)]


def contrast(color: str, other: str) -> float:
    """The contrast of two colors, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(color), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    encoded = [value / 255 for value in bytes.fromhex(color.removeprefix("#"))]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in encoded
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
