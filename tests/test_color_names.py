import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trendcolor.color.names import FAMILIES, name_color, name_colors
from trendcolor.color.spaces import color_difference, lab_to_srgb, srgb_to_lab
from trendcolor.color.vocabularies import shipped_vocabulary as vocabulary
from trendcolor.errors import ShapeError

DATA = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
# The lookbook's sixteen families that are not among the twelve.
LOOKBOOK_FAMILIES = {
    "navy": "blue",
    "burgundy": "red",
    "butter": "yellow",
    "olive": "green",
    "teal": "green",
}

# What a shop calls these colors; values picked for this test, apart from the vocabulary's.
FASHION = """
95-degree black 22 20 24 black
jet black 5 5 5 black
worn black jeans 40 40 42 black
charcoal 60 61 64 gray
anthracite 56 58 60 gray
heather gray 154 154 158 gray
silver gray 192 192 192 gray
light gray 211 211 211 gray
dark gray 85 85 87 gray
pure white 255 255 255 white
off-white 242 240 232 white
ivory 247 243 234 white
chalk 238 238 236 white
cream 243 232 206 beige
ecru 226 216 194 beige
oatmeal 218 207 190 beige
beige 215 198 168 beige
sand 207 186 150 beige
khaki 190 173 132 beige
chinos 193 173 139 beige
tan 204 168 126 beige
camel 194 154 108 beige
nude 227 197 174 beige
trench 198 176 136 beige
brown 101 67 43 brown
chocolate 74 48 36 brown
coffee 92 64 48 brown
cognac 154 90 48 brown
caramel 166 110 62 brown
chestnut 118 64 42 brown
tobacco 130 90 54 brown
red 204 30 38 red
scarlet 212 36 34 red
crimson 165 22 44 red
brick 158 56 46 red
burgundy 91 31 43 red
bordeaux 86 24 42 red
maroon 112 26 36 red
wine 106 28 48 red
oxblood 90 24 28 red
orange 235 120 36 orange
burnt orange 198 92 44 orange
rust 168 76 42 orange
terracotta 190 100 74 orange
peach 251 200 166 orange
apricot 246 180 130 orange
coral 240 118 96 orange
yellow 248 214 60 yellow
lemon 250 236 96 yellow
mustard 208 162 46 yellow
gold 212 175 55 yellow
butter yellow 245 225 150 yellow
pale butter 246 230 164 yellow
ochre 200 148 54 yellow
green 44 122 72 green
forest 32 82 52 green
bottle green 18 58 44 green
emerald 24 140 98 green
mint 178 224 198 green
sage 156 172 142 green
olive 100 100 60 green
army 80 84 54 green
khaki green 120 122 86 green
teal 20 112 114 green
dark teal 16 76 80 green
lime 162 212 52 green
navy 30 38 68 blue
dark navy 21 27 48 blue
denim 74 98 134 blue
dark denim 46 62 92 blue
light wash 150 174 202 blue
royal blue 38 74 170 blue
cobalt 24 78 172 blue
sky 142 192 228 blue
powder blue 178 202 222 blue
turquoise 48 190 200 blue
petrol 16 80 106 blue
indigo 44 48 102 blue
purple 108 56 138 purple
aubergine 70 34 60 purple
plum 102 46 88 purple
lavender 192 178 220 purple
lilac 202 168 214 purple
mauve 162 122 146 purple
pink 240 160 186 pink
blush 240 202 200 pink
dusty pink 210 160 164 pink
hot pink 246 60 144 pink
fuchsia 218 32 130 pink
magenta 204 0 120 pink
"""
SHOP = [line.rsplit(maxsplit=4) for line in FASHION.strip().splitlines()]

colors = arrays(np.uint8, st.tuples(st.integers(1, 30), st.just(3)))


@pytest.mark.parametrize(
    ("rgb8", "family"),
    [(tuple(map(int, row[1:4])), row[4]) for row in SHOP],
    ids=[row[0] for row in SHOP],
)
def test_a_fashion_color_lands_where_a_shop_puts_it(rgb8, family):
    assert name_color(rgb8).family == family


@given(colors)
def test_no_entry_is_nearer_and_the_family_is_its_row_s(rgb8):
    named, words = name_colors(rgb8), vocabulary()
    distance = color_difference(words.lab[:, None], srgb_to_lab(rgb8).astype(float)[None])
    np.testing.assert_allclose(named.distance, distance.min(axis=0), atol=1e-9)
    family_of = dict(zip(words.name, words.family, strict=True))
    assert [family_of[name] for name in named.name] == named.family.tolist()


@given(colors)
def test_the_other_colors_of_a_call_have_no_effect(rgb8):
    named = name_colors(rgb8)
    assert [name_color(color.tolist()).name for color in rgb8] == named.name.tolist()


def test_each_entry_has_its_own_name_and_one_of_the_twelve_families():
    words = vocabulary()
    assert set(words.family) == set(FAMILIES)
    assert len(set(words.name)) == len(words.name) > 700
    assert name_colors(lab_to_srgb(words.lab)).name.tolist() == words.name.tolist()


@pytest.mark.parametrize("family", FAMILIES)
def test_no_name_ends_with_another_family(family):
    words = vocabulary()
    for name, other in zip(words.name, words.family, strict=True):
        assert other == family or name.split()[-1] != family, name


def test_no_name_is_crude():
    crude = {"poo", "poop", "puke", "vomit", "snot", "shit", "piss", "barf", "bile", "booger"}
    assert not crude & {word for name in vocabulary().name for word in name.split()}


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
