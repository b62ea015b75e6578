"""What colors are called: single ones from Python, and as answers of the command line."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from trendcolor.color import names
from trendcolor.color.libraries import open_vocabulary
from trendcolor.color.names import ColorName
from trendcolor.color.vocabularies import Vocabulary
from trendcolor.errors import UsageError


def name_color(
    color: str | Sequence[int], *, vocabulary: str | Path | Vocabulary = "default"
) -> ColorName:
    """What one color is called, with the distance to its name and the runner-up.

    Args:
        color: sRGB, `"#161418"` or `(22, 20, 24)`.
        vocabulary: Whose names: what `open_vocabulary` takes or gives. To name many colors with
            an own library, open it once; `trendcolor.color.names.name_colors` names an array.

    Raises:
        QueryError: the text is no color.
        ShapeError: `color` is not three numbers of 0 to 255.
        VocabularyError: there is no such vocabulary, or its file can't be read.
    """
    if not isinstance(vocabulary, Vocabulary):
        vocabulary = open_vocabulary(vocabulary)
    return names.name_color(color, vocabulary)


def name_answers(
    colors: Sequence[str], *, vocabulary: str = "default", limit: float | None = None
) -> Iterator[dict[str, Any]]:
    """One JSON-ready answer a color, in the order given; all are read before the first answer.

    Args:
        colors: As of `name_color`; they come back as `"#161418"`.
        vocabulary: As of `open_vocabulary`.
        limit: As of `open_vocabulary`.

    Raises:
        UsageError: no color is given.
        QueryError: a text is no color.
        VocabularyError: there is no such vocabulary, or its file can't be read.
    """
    if not colors:
        raise UsageError("no color given (trendcolor name COLOR..., such as '#161418')")
    words = open_vocabulary(vocabulary, limit=limit)
    rgb8 = [names.read_color(color) for color in colors]
    for rgb in rgb8:
        yield {
            "color": f"#{bytes(rgb).hex()}",
            "vocabulary": words.source,
            **_answer(names.name_color(rgb.tolist(), words)),
        }


def _answer(named: ColorName) -> dict[str, Any]:
    """A name and what stands beside it; the runner-up only where it would do as well."""
    return {
        "name": named.name,
        "name_zh": named.name_zh,
        "code": named.code,
        "family": named.family,
        "family_zh": named.family_zh,
        "common": named.common,
        "common_zh": named.common_zh,
        "distance": round(named.distance, 2),
        "nearest": named.nearest,
        "runner_up": named.runner_up if named.is_close else None,
        "runner_up_distance": round(named.runner_up_distance, 2) if named.is_close else None,
    }
