"""What stands where a chart has nothing to show."""

from trendcolor.report.charts.spec import Spec, drawn_on, finished
from trendcolor.report.charts.theme import SOFT, Plot
from trendcolor.report.words import Words

_HEIGHT = 40.0


def nothing(words: Words, *, label: str, width: float) -> Spec:
    """A chart without rows, which says so."""
    text = drawn_on([{"text": words.text("There is nothing to show here.")}])
    marks = text.mark_text(align="left", color=SOFT).encode(
        x={"value": 0}, y={"value": _HEIGHT / 2}, text={"field": "text", "type": "nominal"}
    )
    return finished([marks], label=label, plot=Plot(width=width, height=_HEIGHT))
