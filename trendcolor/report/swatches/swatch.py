"""One color of a report with all that a line plan wants to know of it."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trendcolor.color.spaces import luminance, srgb_to_linear
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.errors import UsageError
from trendcolor.report.swatches.wording import Wording

# The groups in the order of the files, with their headings.
GROUPS: Mapping[str, str] = {"headline": "Headline colors", "classics": "Classics"}
PATTERNS = ("solid", "pattern", "mixed")
# A code is letters, digits and what parts them, so that no table takes it for a formula and no
# file needs to change it.
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]*")

_MAX_TEXT = 250  # characters; an ASE file has room for 65,534, a cell of a spreadsheet for 32,767
# Pure black: near black has a contrast below 4.5 on some mid grays, as white has.
_INKS = ("#000000", "#ffffff")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlmSwatch:
    """One color as product lifecycle management wants it.

    Raises:
        UsageError: a field holds what no file could.
    """

    code: str  # "TC-2A2A30"; letters, digits, space and . _ / -
    group: str  # one of GROUPS: "headline" or "classics"
    name: str  # in English
    name_zh: str  # in Chinese; empty where there is none
    family: str  # one of the twelve
    rgb: tuple[int, int, int]  # 8-bit sRGB, D65
    lab: tuple[float, float, float]  # CIE L*a*b*, D65
    share: float | None  # of garments, 0..1; None where it is not told
    low: float | None  # of the share's interval, 0..1
    high: float | None
    pattern: str  # one of PATTERNS: how its garments mostly are; empty where it may not be told
    season: str  # the period that it is of; empty where none is declared

    def __post_init__(self) -> None:
        told = [share for share in (self.share, self.low, self.high) if share is not None]
        faults = {
            f"code {self.code!r}, wanted letters, digits, space and . _ / -": not _CODE.fullmatch(
                self.code
            ),
            f"group {self.group!r}, wanted one of {', '.join(GROUPS)}": self.group not in GROUPS,
            f"family {self.family!r}, wanted one of {', '.join(FAMILIES)}": (
                self.family not in FAMILIES
            ),
            f"pattern {self.pattern!r}, wanted one of {', '.join(PATTERNS)}": (
                self.pattern not in (*PATTERNS, "")
            ),
            f"rgb {self.rgb}, wanted three whole numbers of 0 to 255": not _is_rgb8(self.rgb),
            f"lab {self.lab}, wanted L* of 0 to 100, a* and b* of -200 to 200": (
                not _is_lab(self.lab)
            ),
            f"share {told}, wanted 0 to 1": not all(0 <= share <= 1 for share in told),
        }
        for fault, holds in faults.items():
            if holds:
                raise UsageError(f"swatch '{self.name}': {fault}")

    @property
    def hex(self) -> str:
        """The color as `#2a2a30`."""
        return "#{:02x}{:02x}{:02x}".format(*self.rgb)

    @property
    def ink(self) -> str:
        """The text color that can be read on the color: black or white (WCAG 2.2)."""
        light = float(luminance(srgb_to_linear(np.array(self.rgb, np.uint8)).astype(np.float64)))
        contrasts = ((light + 0.05) / 0.05, 1.05 / (light + 0.05))
        return _INKS[contrasts.index(max(contrasts))]

    def title(self, wording: Wording) -> str:
        """The name in the report's language, or the other where there is none."""
        chinese = wording.lang == "zh-CN" and self.name_zh
        return self.name_zh if chinese else self.name

    def subtitle(self, wording: Wording) -> str:
        """The name in the other language; empty where there is none."""
        return next((n for n in (self.name_zh, self.name) if n != self.title(wording)), "")

    def share_text(self, wording: Wording) -> str:
        """The share with its interval: `34.2% (31.6-37.0%)`, or `withheld`."""
        if self.share is None:
            return wording.text("withheld")
        share = wording.percent(self.share)
        if self.low is None or self.high is None:
            return share
        return f"{share} ({wording.interval(self.low, self.high)})"


def _is_rgb8(rgb: Sequence[int]) -> bool:
    return len(rgb) == 3 and all(value == int(value) and 0 <= value <= 255 for value in rgb)


def _is_lab(lab: Sequence[float]) -> bool:
    bounds = ((0, 100), (-200, 200), (-200, 200))
    is_finite = len(lab) == 3 and all(map(math.isfinite, lab))
    return is_finite and all(
        low - 1e-3 <= value <= high + 1e-3 for value, (low, high) in zip(lab, bounds, strict=True)
    )


def tidy(swatches: Iterable[PlmSwatch]) -> list[PlmSwatch]:
    """The swatches by group, each text as one line that any file may hold.

    A swatch without a name takes its code. Beyond 250 characters a text is cut.
    """
    tidied = []
    for swatch in swatches:
        tidied.append(
            replace(
                swatch,
                name=one_line(swatch.name) or swatch.code,
                name_zh=one_line(swatch.name_zh),
                season=one_line(swatch.season),
            )
        )
    order = [*GROUPS]
    return sorted(tidied, key=lambda swatch: order.index(swatch.group))


def one_line(text: str) -> str:
    """A text without line breaks, control characters and what no XML may hold."""
    kept = "".join(character if _is_plain(character) else " " for character in text)
    line = " ".join(kept.split())
    return line if len(line) <= _MAX_TEXT else f"{line[: _MAX_TEXT - 1].rstrip()}…"


def _is_plain(character: str) -> bool:
    is_noncharacter = ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    # Controls, halves of surrogate pairs, and marks that turn the direction of what follows.
    is_turn = 0x202A <= ord(character) <= 0x202E or 0x2066 <= ord(character) <= 0x2069
    return not is_noncharacter and not is_turn and unicodedata.category(character) not in "CcCs"


def by_group(swatches: Sequence[PlmSwatch]) -> dict[str, list[PlmSwatch]]:
    """The swatches of each group that has some, in the order of GROUPS."""
    found = {group: [s for s in swatches if s.group == group] for group in GROUPS}
    return {group: members for group, members in found.items() if members}


def unique(names: Iterable[str], *, parted_by: str = " ") -> list[str]:
    """The names, those that are there already with a number: `navy`, `navy 2`.

    Names that differ in case only count as one, since tools write them into languages that don't
    tell them apart.
    """
    taken: set[str] = set()
    found = []
    for name in names:
        candidate, number = name, 1
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{name}{parted_by}{number}"
        taken.add(candidate.casefold())
        found.append(candidate)
    return found


def identifiers(swatches: Sequence[PlmSwatch]) -> list[str]:
    """A different identifier for each swatch, of a-z, 0-9 and hyphens: `faded-black`.

    From the English name, so that it is the same in each language; from the code where the name
    has no letter or digit that ASCII has.
    """
    return unique((_slug(swatch.name) or _slug(swatch.code) for swatch in swatches), parted_by="-")


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:80].rstrip("-")
