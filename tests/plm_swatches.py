"""Colors of a report, made for tests of the files that hold them."""

import numpy as np
from hypothesis import strategies as st

from trendcolor.color.spaces import srgb_to_lab
from trendcolor.report.swatches import PlmSwatch
from trendcolor.report.swatches.wording import PlainEnglish

# Names as they come from strangers.
AWKWARD = (
    '"quoted" & <b>bold</b>',
    "two\nlines\tand\x00a zero",
    "=HYPERLINK(1)",
    "褪色黑 深",
    "plum 😀👩‍🎨",
    "x" * 200,
    "*/ } :root { --tc-x: red",
    "$alias.{navy}",
    "crème brûlée",
    "-->]]>",
    "navy",
    "Navy",
    "navy 2",
    "",
)

CHINESE = {
    "Headline colors": "热门色",
    "Classics": "经典色",
    "withheld": "不公开",
    "Colors": "颜色",
}

rgb8 = st.tuples(*[st.integers(0, 255)] * 3)
names = st.sampled_from(AWKWARD) | st.text(max_size=30)


class Chinese(PlainEnglish):
    """A language whose words differ."""

    @property
    def lang(self):
        return "zh-CN"

    def text(self, message, **values):
        return super().text(CHINESE.get(message, message), **values)


ENGLISH = PlainEnglish()


def plm(rgb=(42, 42, 48), **changed):
    """A color, `faded black` unless something else is asked for."""
    lab = srgb_to_lab(np.array(rgb, np.uint8)).astype(float)
    fields = {
        "code": "TC-{:02X}{:02X}{:02X}".format(*rgb),
        "group": "headline",
        "name": "faded black",
        "name_zh": "褪色黑",
        "family": "black",
        "rgb": rgb,
        "lab": tuple(map(float, lab)),
        "share": 0.342,
        "low": 0.316,
        "high": 0.37,
        "pattern": "solid",
        "season": "AW26",
    }
    return PlmSwatch(**{**fields, **changed})


groups = st.sampled_from(["headline", "classics"])
swatch_lists = st.lists(
    st.builds(
        lambda rgb, name, name_zh, group: plm(rgb, name=name, name_zh=name_zh, group=group),
        rgb8,
        names,
        names,
        groups,
    ),
    max_size=6,
)
