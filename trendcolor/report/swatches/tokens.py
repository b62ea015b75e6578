"""Design tokens in the format of the Design Tokens Community Group, 2025.10.

designtokens.org, "Format Module" and "Color Module": a color is its space, components of 0..1 and
a fallback in hex. What the format has no place for is under a key of our own in `$extensions`.
"""

import json
from collections.abc import Sequence

from trendcolor.report.swatches.swatch import GROUPS, PlmSwatch, by_group, identifiers
from trendcolor.report.swatches.wording import Wording

EXTENSION = "org.trendcolor"  # of `$extensions`, in reverse domain notation as the format advises
_PLACES = 6  # of a component; 8-bit values come back from 3


def tokens_text(swatches: Sequence[PlmSwatch], wording: Wording, title: str) -> str:
    """The colors as a file of design tokens, to be stored as UTF-8.

    Args:
        swatches: As `tidy` leaves them.
        wording: Language of the descriptions.
        title: One line.

    Guarantees, each held by tests/test_report_swatches_tokens.py:
        The file follows the format's rules for names, groups and colors; 8-bit RGB comes back
        exactly.
    """
    names = iter(identifiers(swatches))
    document: dict[str, object] = {"$description": title if swatches else _empty(title, wording)}
    for group, members in by_group(swatches).items():
        document[group] = {
            "$type": "color",
            "$description": wording.text(GROUPS[group]),
            **{next(names): _token(swatch, wording) for swatch in members},
        }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _empty(title: str, wording: Wording) -> str:
    return f"{title}: {wording.text('No color to show')}"


def _token(swatch: PlmSwatch, wording: Wording) -> dict[str, object]:
    names = filter(None, (swatch.title(wording), swatch.subtitle(wording)))
    lightness, a, b = (round(value, 4) for value in swatch.lab)
    return {
        "$type": "color",
        "$value": {
            "colorSpace": "srgb",
            "components": [round(value / 255, _PLACES) for value in swatch.rgb],
            "alpha": 1,
            "hex": swatch.hex,
        },
        "$description": f"{', '.join(names)}: {swatch.share_text(wording)}",
        "$extensions": {
            EXTENSION: {
                "code": swatch.code,
                "name": swatch.name,
                "name_zh": swatch.name_zh,
                "family": swatch.family,
                "lab": {"l": lightness, "a": a, "b": b, "white": "D65"},
                "share": swatch.share,
                "low": swatch.low,
                "high": swatch.high,
                "unit": "garments",
                "pattern": swatch.pattern or None,
                "season": swatch.season,
            }
        },
    }
