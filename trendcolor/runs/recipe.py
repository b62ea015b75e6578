"""What the figures of a run depend on, and how runs differ in it."""

from collections.abc import Sequence

from trendcolor.runs.manifest import Header

# Fields of a header, in words.
_OF_HEADER = {
    "weights_hash": "segmenter's weights",
    "code_hash": "code",
    "runtime": "runtime",
    "grid": "color grid",
    "vocabulary": "vocabulary",
}
RECIPE_SECTIONS = ("images", "segmentation", "color")  # of the settings


def recipe_differences(
    headers: Sequence[Header], sections: Sequence[str] = RECIPE_SECTIONS
) -> list[str]:
    """What differs between runs that their figures depend on, such as `color.trust`.

    Args:
        headers: Of the runs; at least one.
        sections: Of their settings that are compared.
    """
    found = [
        words for name, words in _OF_HEADER.items() if len({getattr(h, name) for h in headers}) > 1
    ]
    for section in sections:
        settings = [getattr(header.settings, section) for header in headers]
        if isinstance(settings[0], str):
            found += [section] if len({*settings}) > 1 else []
            continue
        for name in settings[0].__dataclass_fields__:
            if len({repr(getattr(each, name)) for each in settings}) > 1:
                found.append(f"{section}.{name}")
    return found
