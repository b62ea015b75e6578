"""How the files of swatches speak: the report's words, or plain English without them."""

from collections.abc import Mapping
from typing import Protocol


class Wording(Protocol):
    """What the files ask of the report's words; `trendcolor.report.words.Words` has it."""

    @property
    def lang(self) -> str:
        """`"en"` or `"zh-CN"`."""

    def text(self, message: str, **values: object) -> str:
        """An English message in the language; `{name}` is replaced."""

    def percent(self, share: float) -> str:
        """A share of 0..1: `34.2%`."""

    def interval(self, low: float, high: float) -> str:
        """The interval of a share, as percent."""

    def family(self, family: str) -> str:
        """One of the twelve families in the language."""


class PlainEnglish:
    """The words of files that are written without a language."""

    @property
    def lang(self) -> str:
        """English."""
        return "en"

    def text(self, message: str, **values: object) -> str:
        """The message itself, with its values."""
        filled: Mapping[str, object] = values
        return message.format_map(filled) if values else message

    def percent(self, share: float) -> str:
        """`34.2%`."""
        return f"{share:.1%}"

    def interval(self, low: float, high: float) -> str:
        """Both ends with an en dash between."""
        return f"{100 * low:.1f}\N{EN DASH}{high:.1%}"

    def family(self, family: str) -> str:
        """The family itself."""
        return family
