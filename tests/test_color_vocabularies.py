import dataclasses
import re

import numpy as np
import pytest

from trendcolor.color.names import name_color, name_colors
from trendcolor.color.spaces import lab_to_srgb
from trendcolor.color.vocabularies import (
    COMMON,
    COMMON_ZH,
    FAMILIES,
    FAMILY_OF,
    FAMILY_ZH,
    SHIPPED,
    chinese_names,
    shipped_vocabulary,
)
from trendcolor.color.vocabularies import _rows as rows
from trendcolor.errors import VocabularyError

CRUDE = {
    *("poo", "poop", "puke", "vomit", "snot", "shit", "piss", "barf", "bile", "booger", "diarrhea"),
    *("ugly", "gross", "nasty", "sick", "sickly", "icky"),
}

# Interior centroids as A. Jaffer's collection of color dictionaries has them in sRGB.
JAFFER = {
    "deep pink": "e4717a",
    "dark pink": "c08081",
    "vivid red": "be0032",
    "moderate red": "ab4e52",
    "moderate brown": "6f4e37",
    "light brown": "a67b5b",
    "strong yellow": "d4af37",
    "grayish yellow": "c2b280",
    "moderate yellow green": "8a9a5b",
    "moderate green": "3b7861",
    "moderate bluish green": "317873",
    "very pale blue": "bcd4e6",
    "grayish blue": "536878",
    "moderate purple": "86608e",
    "moderate purplish red": "a8516e",
    "medium gray": "848482",
}


@pytest.mark.parametrize(
    ("source", "n"), [("default", 782), ("xkcd", 823), ("css", 139), ("iscc-nbs", 267)]
)
def test_each_entry_has_its_own_name_and_one_of_the_26(source, n):
    words = shipped_vocabulary(source)
    assert len(set(words.name)) == len(words.name) == n
    assert set(words.common) <= set(COMMON)
    assert words.family.tolist() == [FAMILY_OF[common] for common in words.common]
    assert words.limit == np.inf


@pytest.mark.parametrize("source", SHIPPED)
def test_an_entry_s_own_color_has_its_name(source):
    words = shipped_vocabulary(source)
    assert name_colors(lab_to_srgb(words.lab), words).name.tolist() == words.name.tolist()


def test_all_26_common_colors_and_all_families_are_used_by_the_default():
    words = shipped_vocabulary()
    assert len(COMMON) == 26
    assert set(words.common) == set(COMMON)
    assert set(words.family) == set(FAMILIES) == set(FAMILY_OF.values())


def test_a_common_color_s_own_color_belongs_to_it():
    for row in rows("common.csv"):
        named = name_color([int(row[channel]) for channel in ("red", "green", "blue")])
        assert (named.common, named.family) == (row["name"], row["family"])


def test_each_tier_has_its_own_chinese_names():
    assert len({*FAMILY_ZH.values()}) == 12
    assert len({*COMMON_ZH.values()}) == 26
    assert [FAMILY_ZH[family] for family in ("black", "white", "gray")] == ["黑", "白", "灰"]


def test_each_entry_of_the_default_has_a_chinese_name_of_its_own():
    words = shipped_vocabulary()
    chinese = words.name_zh.tolist()
    assert len(set(chinese)) == len(chinese) == 782
    assert list(chinese_names()) == words.name.tolist()
    # Han characters only, as few as a tag or a swatch card has room for.
    assert [each for each in chinese if not re.fullmatch("[\u4e00-\u9fff]{2,8}", each)] == []


def test_other_vocabularies_have_chinese_names_where_they_share_an_entry():
    words = shipped_vocabulary("xkcd")
    named = {name: zh for name, zh in zip(words.name, words.name_zh, strict=True) if zh}
    assert len(named) == 502
    assert named.items() <= chinese_names().items()
    for source in ("css", "iscc-nbs"):
        assert not any(shipped_vocabulary(source).name_zh)


def test_an_entry_that_is_a_common_color_is_called_so_in_chinese():
    for name, zh in COMMON_ZH.items():
        assert chinese_names()[name].removesuffix("色") == zh.removesuffix("色")


def test_no_chinese_name_ends_with_another_family():
    words = shipped_vocabulary()
    families = {zh.removesuffix("色"): family for family, zh in FAMILY_ZH.items()}
    for zh, family in zip(words.name_zh, words.family, strict=True):
        ending = families.get(zh.removesuffix("色")[-1], family)
        # What English calls magenta and fuchsia pinks are reds by their Chinese names.
        is_magenta = zh.endswith(("品红", "玫红")) and family == "pink"
        assert ending == family or is_magenta, zh


@pytest.mark.parametrize("family", FAMILIES)
def test_no_name_of_the_default_ends_with_another_family(family):
    words = shipped_vocabulary()
    for name, other in zip(words.name, words.family, strict=True):
        assert other == family or name.split()[-1] != family, name


@pytest.mark.parametrize("source", SHIPPED)
def test_no_name_is_crude(source):
    assert not CRUDE & {word for name in shipped_vocabulary(source).name for word in name.split()}


@pytest.mark.parametrize(("name", "rgb"), JAFFER.items())
def test_centroids_lie_where_others_put_them(name, rgb):
    # Both begin with Kelly's Munsell notation; the way to sRGB differs by up to 2.
    named = name_color(rgb, shipped_vocabulary("iscc-nbs"))
    assert (named.name, named.distance) == (name, pytest.approx(0, abs=2))


def test_iscc_nbs_has_the_number_of_each_block():
    words = shipped_vocabulary("iscc-nbs")
    assert words.code.tolist() == [str(i) for i in range(1, 268)]
    assert dict(zip(words.code, words.name, strict=True))["183"] == "dark blue"


def test_css_colors_are_those_of_the_standard():
    assert name_color("#663399", shipped_vocabulary("css")).name == "rebeccapurple"
    assert name_color("#2f4f4f", shipped_vocabulary("css")).name == "darkslategray"


def test_an_unknown_vocabulary_is_refused_with_the_nearest():
    with pytest.raises(VocabularyError, match="no vocabulary 'csss', did you mean 'css'"):
        shipped_vocabulary("csss")


@pytest.mark.parametrize("limit", [-1.0, float("nan")])
def test_a_limit_below_0_is_refused(limit):
    with pytest.raises(VocabularyError, match="limit must be at least 0"):
        dataclasses.replace(shipped_vocabulary(), limit=limit)


def test_a_fingerprint_tells_vocabularies_apart():
    words = shipped_vocabulary()
    same = dataclasses.replace(words, name=words.name.copy())
    renamed = words.name.copy()
    renamed[0] = "other"
    assert same.fingerprint == words.fingerprint
    # A better Chinese word changes no count, so it makes no run another one.
    assert dataclasses.replace(words, chinese=None).fingerprint == words.fingerprint
    others = [
        dataclasses.replace(words, limit=2.0),
        dataclasses.replace(words, name=renamed),
        dataclasses.replace(words, lab=words.lab + 1e-9),
        shipped_vocabulary("css"),
    ]
    assert len({words.fingerprint, *(other.fingerprint for other in others)}) == 5
