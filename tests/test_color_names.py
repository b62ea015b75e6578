import csv
import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trendcolor.color.names import name_color, name_colors, read_color
from trendcolor.color.spaces import color_difference, srgb_to_lab
from trendcolor.color.vocabularies import SHIPPED, Vocabulary, as_names
from trendcolor.color.vocabularies import shipped_vocabulary as vocabulary
from trendcolor.errors import QueryError, ShapeError

DATA = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
# The lookbook's sixteen families that are not among the twelve.
LOOKBOOK_FAMILIES = {
    "navy": "blue",
    "burgundy": "red",
    "butter": "yellow",
    "olive": "green",
    "teal": "green",
}

# What a shop calls these colors, of twelve families and of 26 common colors; values picked for
# this test, apart from the vocabulary's.
FASHION = """
95-degree black 22 20 24 black      | black
jet black 5 5 5 black               | black
worn black jeans 40 40 42 black     | black
charcoal 60 61 64 gray              | charcoal
anthracite 56 58 60 gray            | charcoal
heather gray 154 154 158 gray       | gray
silver gray 192 192 192 gray        | light gray
light gray 211 211 211 gray         | light gray
dark gray 85 85 87 gray             | charcoal
pure white 255 255 255 white        | white
off-white 242 240 232 white         | off-white
ivory 247 243 234 white             | off-white
chalk 238 238 236 white             | white
cream 243 232 206 beige             | cream
ecru 226 216 194 beige              | beige
oatmeal 218 207 190 beige           | beige
beige 215 198 168 beige             | beige
sand 207 186 150 beige              | beige
khaki 190 173 132 beige             | khaki
chinos 193 173 139 beige            | khaki
tan 204 168 126 beige               | camel
camel 194 154 108 beige             | camel
light taupe 170 150 126 beige         | beige
nude 227 197 174 beige              | beige
trench 198 176 136 beige            | khaki
brown 101 67 43 brown               | brown
chocolate 74 48 36 brown            | brown
coffee 92 64 48 brown               | brown
cognac 154 90 48 brown              | brown
caramel 166 110 62 brown            | brown
chestnut 118 64 42 brown            | brown
tobacco 130 90 54 brown             | brown
red 204 30 38 red                   | red
scarlet 212 36 34 red               | red
crimson 165 22 44 red               | red
brick 158 56 46 red                 | red
burgundy 91 31 43 red               | burgundy
bordeaux 86 24 42 red               | burgundy
maroon 112 26 36 red                | burgundy
wine 106 28 48 red                  | burgundy
oxblood 90 24 28 red                | burgundy
orange 235 120 36 orange            | orange
burnt orange 198 92 44 orange       | rust
rust 168 76 42 orange               | rust
terracotta 190 100 74 orange        | rust
peach 251 200 166 orange            | orange
apricot 246 180 130 orange          | orange
coral 240 118 96 orange             | orange
yellow 248 214 60 yellow            | yellow
lemon 250 236 96 yellow             | yellow
mustard 208 162 46 yellow           | mustard
gold 212 175 55 yellow              | mustard
butter yellow 245 225 150 yellow    | yellow
pale butter 246 230 164 yellow      | yellow
ochre 200 148 54 yellow             | mustard
green 44 122 72 green               | green
forest 32 82 52 green               | green
bottle green 18 58 44 green         | green
emerald 24 140 98 green             | green
mint 178 224 198 green              | green
sage 156 172 142 green              | green
olive 100 100 60 green              | olive
army 80 84 54 green                 | olive
khaki green 120 122 86 green        | olive
teal 20 112 114 green               | teal
dark teal 16 76 80 green            | teal
lime 162 212 52 green               | green
navy 30 38 68 blue                  | navy
dark navy 21 27 48 blue             | navy
denim 74 98 134 blue                | denim
dark denim 46 62 92 blue            | denim
light wash 150 174 202 blue         | denim
royal blue 38 74 170 blue           | blue
cobalt 24 78 172 blue               | blue
sky 142 192 228 blue                | light blue
powder blue 178 202 222 blue        | light blue
turquoise 48 190 200 blue           | light blue
petrol 16 80 106 blue               | blue
indigo 44 48 102 blue               | navy
purple 108 56 138 purple            | purple
aubergine 70 34 60 purple           | purple
plum 102 46 88 purple               | purple
lavender 192 178 220 purple         | purple
lilac 202 168 214 purple            | purple
mauve 162 122 146 purple            | purple
pink 240 160 186 pink               | pink
blush 240 202 200 pink              | pink
dusty pink 210 160 164 pink         | pink
hot pink 246 60 144 pink            | pink
fuchsia 218 32 130 pink             | pink
magenta 204 0 120 pink              | pink
"""
SHOP = [
    (*left.rsplit(maxsplit=4), common.strip())
    for left, common in (line.split("|") for line in FASHION.strip().splitlines())
]

colors = arrays(np.uint8, st.tuples(st.integers(1, 30), st.just(3)))


@pytest.mark.parametrize(
    ("rgb8", "family", "common"),
    [(tuple(map(int, row[1:4])), row[4], row[5]) for row in SHOP],
    ids=[row[0] for row in SHOP],
)
def test_a_fashion_color_lands_where_a_shop_puts_it(rgb8, family, common):
    named = name_color(rgb8)
    assert (named.family, named.common) == (family, common)


def whole_table(rgb8, words):
    """CIEDE2000 of each color (a row) to each entry."""
    return color_difference(words.lab[None], srgb_to_lab(rgb8).astype(float)[:, None])


@pytest.mark.parametrize("source", SHIPPED)
@given(rgb8=colors)
def test_the_name_is_the_nearest_entry_and_the_runner_up_the_second(source, rgb8):
    words = vocabulary(source)
    named, table = name_colors(rgb8, words), whole_table(rgb8, words)
    order = np.argsort(table, axis=1, kind="stable")
    assert named.name.tolist() == words.name[order[:, 0]].tolist()
    assert named.runner_up.tolist() == words.name[order[:, 1]].tolist()
    # The same formula on other array shapes: a last bit may differ.
    near = np.sort(table, axis=1)
    np.testing.assert_allclose(named.distance, near[:, 0], atol=1e-9)
    np.testing.assert_allclose(named.runner_up_distance, near[:, 1], atol=1e-9)
    assert named.family.tolist() == words.family[order[:, 0]].tolist()
    assert named.common.tolist() == words.common[order[:, 0]].tolist()
    assert named.code.tolist() == words.code[order[:, 0]].tolist()
    assert named.name_zh.tolist() == words.name_zh[order[:, 0]].tolist()


def made_up(n, seed):
    """A vocabulary of n random colors, some of them alike."""
    rng = np.random.default_rng(seed)
    rgb8 = np.clip(rng.normal(128, 60, (n, 3)), 0, 255).astype(np.uint8)
    return Vocabulary(
        source="made up",
        name=as_names([f"color {i}" for i in range(n)]),
        code=as_names([None] * n),
        common=as_names(["gray"] * n),
        family=as_names(["gray"] * n),
        lab=srgb_to_lab(rgb8).astype(float),
    )


@pytest.mark.parametrize("n", [1, 2, 11, 13, 300, 5000])
def test_a_vocabulary_of_any_size_is_named_as_by_the_whole_table(n):
    # Grays, deep blues and violets, where CIEDE2000 is least like a straight distance, and others.
    rng = np.random.default_rng(n)
    grays = rng.integers(0, 256, (60, 1)) + rng.normal(0, 4, (60, 3))
    blues = rng.integers(0, 256, (60, 3)) * [0.5, 0.4, 1]
    rgb8 = np.clip(np.concatenate([grays, blues, rng.integers(0, 256, (60, 3))]), 0, 255)
    rgb8, words = rgb8.astype(np.uint8), made_up(n, seed=n)
    named, table = name_colors(rgb8, words), whole_table(rgb8, words)
    order = np.argsort(table, axis=1, kind="stable")
    assert named.nearest.tolist() == words.name[order[:, 0]].tolist()
    if n > 1:
        assert named.runner_up.tolist() == words.name[order[:, 1]].tolist()


def test_a_vocabulary_of_one_has_no_runner_up():
    named = name_color("#161418", made_up(1, seed=0))
    assert (named.name, named.runner_up, named.is_close) == ("color 0", None, False)
    assert named.runner_up_distance == np.inf


def test_a_color_beyond_the_limit_has_no_name():
    words = vocabulary("css")
    far = name_color("#123456", dataclasses.replace(words, limit=2.0))
    assert (far.name, far.family, far.common, far.code) == (None, None, None, None)
    assert (far.family_zh, far.common_zh, far.is_close) == (None, None, False)
    assert far.nearest == name_color("#123456", words).name
    assert far.distance == name_color("#123456", words).distance > 2
    assert name_color("#000080", dataclasses.replace(words, limit=0.0)).name == "navy"


def test_a_runner_up_is_close_within_1_and_within_the_limit():
    words = vocabulary()
    rgb8 = np.random.default_rng(0).integers(0, 256, (500, 3)).astype(np.uint8)
    named = name_colors(rgb8, words)
    np.testing.assert_array_equal(named.is_close, named.runner_up_distance <= named.distance + 1.0)
    assert 0 < named.is_close.sum() < 500
    limited = name_colors(rgb8, dataclasses.replace(words, limit=3.0))
    np.testing.assert_array_equal(
        limited.is_close, named.is_close & (limited.runner_up_distance <= 3)
    )
    assert limited.is_close.sum() < named.is_close.sum()


def test_names_and_tiers_have_chinese_names():
    assert name_color("#161418").family_zh == "黑"
    assert name_color("#1e2846").common_zh == "藏青"
    assert (name_color("#242326").name, name_color("#242326").name_zh) == ("washed black", "水洗黑")
    assert name_color("#161418", vocabulary("css")).name_zh is None
    limited = dataclasses.replace(vocabulary(), limit=0.5)
    assert (name_color("#123456", limited).name, name_color("#123456", limited).name_zh) == (
        None,
        None,
    )


@pytest.mark.parametrize(
    "text", ["#161418", "161418", " #161418 ", "22,20,24", "22, 20, 24", "22 20 24"]
)
def test_a_color_may_be_written_in_several_ways(text):
    assert read_color(text).tolist() == [22, 20, 24]


@pytest.mark.parametrize(
    "text", ["", "black", "#12345", "#1234567", "256,0,0", "1,2", "1,2,3,4", "-1,2,3"]
)
def test_a_text_that_is_no_color_is_refused(text):
    with pytest.raises(QueryError, match=r"no color '.*' \(wanted sRGB as six digits"):
        read_color(text)


@given(colors, st.randoms(use_true_random=False))
def test_the_order_of_the_colors_has_no_effect(rgb8, random):
    order = random.sample(range(len(rgb8)), len(rgb8))
    assert name_colors(rgb8[order]).name.tolist() == name_colors(rgb8).name[order].tolist()


@given(colors)
def test_the_other_colors_of_a_call_have_no_effect(rgb8):
    named = name_colors(rgb8)
    assert [name_color(color.tolist()).name for color in rgb8] == named.name.tolist()


def test_an_empty_call_is_answered():
    assert name_colors(np.empty((0, 3), np.uint8)).name.tolist() == []


def test_colors_that_are_not_8_bit_are_refused():
    with pytest.raises(ShapeError, match="rgb8 is of type float64, wanted uint8"):
        name_colors(np.zeros((2, 3)))


@pytest.mark.parametrize("rgb8", [(1, 2), (256, 0, 0), (-1, 0, 0)])
def test_a_color_that_is_not_three_bytes_is_refused(rgb8):
    with pytest.raises(ShapeError, match="wanted three whole numbers of 0 to 255"):
        name_color(rgb8)


@pytest.mark.skipif(not (DATA / "lookbook").is_dir(), reason="the lookbook is not beside")
def test_the_lookbook_s_reference_shades_have_their_family():
    with (DATA / "lookbook/families.csv").open() as lines:
        for row in csv.DictReader(lines):
            wanted = LOOKBOOK_FAMILIES.get(row["family"], row["family"])
            named = name_color([int(row[channel]) for channel in "rgb"])
            assert named.family == wanted, (row, named)
