import re

import tinycss2
from hypothesis import given
from plm_swatches import ENGLISH, Chinese, plm, swatch_lists

from trendcolor.report.swatches.css import css_text
from trendcolor.report.swatches.swatch import tidy


def parsed(text):
    """The custom properties of `:root` and the comments, read by tinycss2."""
    rules = tinycss2.parse_stylesheet(text, skip_whitespace=True)
    charset, title, root = rules
    assert title.type == "comment"
    assert (charset.type, charset.lower_at_keyword) == ("at-rule", "charset")
    assert tinycss2.serialize(root.prelude).strip() == ":root"
    told = tinycss2.parse_declaration_list(root.content, skip_whitespace=True)
    assert not [item for item in told if item.type == "error"]
    comments = [item.value.strip() for item in told if item.type == "comment"]
    properties = [
        (item.name, tinycss2.serialize(item.value).strip())
        for item in told
        if item.type == "declaration"
    ]
    return properties, comments


def test_each_color_is_a_property_with_its_name_and_share():
    properties, comments = parsed(css_text([plm()], ENGLISH, "Street"))
    assert properties == [("--tc-faded-black", "#2a2a30")]
    assert comments == ["Headline colors", "faded black, 褪色黑, 34.2% (31.6\N{EN DASH}37.0%)"]


def test_a_share_that_may_not_be_told_is_withheld():
    _, comments = parsed(css_text([plm(share=None, low=None, high=None)], Chinese(), "Street"))
    assert comments == ["热门色", "褪色黑, faded black, 不公开"]


@given(swatch_lists)
def test_any_names_make_different_properties_with_the_exact_colors(swatches):
    tidied = tidy(swatches)
    properties, _ = parsed(css_text(tidied, ENGLISH, "*/ body { color: red } /*"))
    assert [value for _, value in properties] == [swatch.hex for swatch in tidied]
    assert len({name for name, _ in properties}) == len(tidied)
    assert all(re.fullmatch(r"--tc-[a-z0-9]+(-[a-z0-9]+)*", name) for name, _ in properties)


def test_without_colors_a_comment_says_so():
    assert parsed(css_text([], ENGLISH, "x")) == ([], ["No color to show"])
