import json
import re

from hypothesis import given
from plm_swatches import ENGLISH, Chinese, plm, swatch_lists

from trendcolor.report.swatches.swatch import tidy
from trendcolor.report.swatches.tokens import EXTENSION, tokens_text

# The properties that the format, 2025.10, gives groups and tokens, and those that a color has.
GROUP = {"$type", "$description", "$extensions", "$extends", "$deprecated", "$root"}
TOKEN = {"$value", "$type", "$description", "$extensions", "$deprecated", "$ref"}
COLOR = {"colorSpace", "components", "alpha", "hex"}


def tokens(group, path=()):
    """The tokens of a group by path, after a look at each rule of the format that applies."""
    assert {key for key in group if key.startswith("$")} <= GROUP
    assert isinstance(group.get("$description", ""), str)
    found = {}
    for name, member in group.items():
        if name.startswith("$"):
            continue
        assert re.fullmatch(r"[^${}.][^{}.]*", name)
        if "$value" not in member:
            found |= tokens(member, (*path, name))
            continue
        assert {*member} <= TOKEN  # a token has no members of its own
        check_color(member)
        found[*path, name] = member
    return found


def check_color(token):
    """The rules of the color module for one token in sRGB."""
    assert token["$type"] == "color"
    value = token["$value"]
    assert {"colorSpace", "components"} <= {*value} <= COLOR
    assert value["colorSpace"] == "srgb"
    assert len(value["components"]) == 3
    assert all(0 <= component <= 1 for component in value["components"])
    assert 0 <= value["alpha"] <= 1
    assert re.fullmatch(r"#[0-9a-fA-F]{6}", value["hex"])
    assert isinstance(token["$description"], str)
    assert all(re.fullmatch(r"[a-z]+(\.[a-z-]+)+", key) for key in token["$extensions"])


def test_a_token_has_color_description_and_what_the_format_lacks():
    document = json.loads(tokens_text([plm()], ENGLISH, "Street"))
    assert document["$description"] == "Street"
    token = tokens(document)["headline", "faded-black"]
    assert token["$value"] == {
        "colorSpace": "srgb",
        "components": [0.164706, 0.164706, 0.188235],
        "alpha": 1,
        "hex": "#2a2a30",
    }
    assert token["$description"] == "faded black, 褪色黑: 34.2% (31.6\N{EN DASH}37.0%)"
    more = token["$extensions"][EXTENSION]
    assert more["lab"] == {"l": 17.2805, "a": 1.5096, "b": -3.8834, "white": "D65"}
    assert (more["share"], more["low"], more["high"], more["unit"]) == (
        *(0.342, 0.316, 0.37),
        "garments",
    )
    assert (more["name_zh"], more["pattern"], more["season"]) == ("褪色黑", "solid", "AW26")


def test_a_pattern_that_may_not_be_told_is_null():
    token = tokens(json.loads(tokens_text([plm(pattern="")], ENGLISH, "x")))
    assert token["headline", "faded-black"]["$extensions"][EXTENSION]["pattern"] is None


def test_a_withheld_share_is_null_and_told_in_the_language():
    withheld = plm(share=None, low=None, high=None)
    token = tokens(json.loads(tokens_text([withheld], Chinese(), "x")))["headline", "faded-black"]
    assert token["$description"] == "褪色黑, faded black: 不公开"
    assert token["$extensions"][EXTENSION]["share"] is None


@given(swatch_lists)
def test_any_names_keep_the_format_and_any_rgb_comes_back(swatches):
    tidied = tidy(swatches)
    found = tokens(json.loads(tokens_text(tidied, ENGLISH, "{x}")))
    assert [token["$value"]["hex"] for token in found.values()] == [s.hex for s in tidied]
    for token, swatch in zip(found.values(), tidied, strict=True):
        components = token["$value"]["components"]
        assert tuple(round(255 * value) for value in components) == swatch.rgb
        assert token["$extensions"][EXTENSION]["name"] == swatch.name


def test_without_colors_the_description_says_so():
    document = json.loads(tokens_text([], ENGLISH, "Street"))
    assert document == {"$description": "Street: No color to show"}
