"""Texts of others inside the TOML that this package writes: none leaves its place."""

import json
import textwrap
import unicodedata

_WIDTH = 100  # of a comment's lines
# Marks that turn the order of letters around, so that a line reads otherwise than it is written.
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def one_line(text: str, most: int | None = None) -> str:
    """A text on one line, without characters that control, or turn its order around.

    Args:
        text: Any text.
        most: How many characters it may have; where it has more, it is cut and ends with an
            ellipsis. None: any number.
    """
    line = " ".join("".join(_shown(each) for each in text).split())
    return line if most is None or len(line) <= most else f"{line[: most - 1].rstrip()}…"


def quoted(text: str) -> str:
    """A TOML string; its escapes are those of JSON, and one more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def commented(text: str) -> str:
    """A text as comment lines, each with its line feed; nothing for an empty one.

    Lines after the first are indented, so that none looks like a key that waits to be used.
    """
    lines = textwrap.wrap(
        one_line(text),
        _WIDTH,
        initial_indent="# ",
        subsequent_indent="#   ",
        break_on_hyphens=False,
    )
    return "".join(f"{line}\n" for line in lines)


def _shown(character: str) -> str:
    if unicodedata.category(character) == "Cs":  # half of a pair, which no file can hold
        return "\ufffd"
    is_control = unicodedata.category(character) == "Cc"
    is_turning = unicodedata.bidirectional(character) in _TURNING
    return " " if is_control or is_turning else character
