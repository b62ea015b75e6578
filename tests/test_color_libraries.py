import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from swatch_files import ase, ase_color

from trendcolor.color.libraries import open_vocabulary
from trendcolor.color.names import name_color
from trendcolor.errors import VocabularyError

TABLE = """name,code,hex,family
Noir,A-1,161418,
Deep Sea,A-2,1e2846,
Old Rose,A-3,b47078,brown
Blanc,A-4,ffffff,
"""


def library(folder, text=TABLE):
    path = folder / "library.csv"
    path.write_text(text, encoding="utf-8")
    return path


@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=20, unique=True))
def test_each_swatch_is_named_as_itself(tmp_path_factory, colors):
    path = tmp_path_factory.mktemp("library") / "library.ase"
    blocks = [ase_color(f"s{i}", "RGB", *(v / 255 for v in rgb)) for i, rgb in enumerate(colors)]
    path.write_bytes(ase(*blocks))
    words = open_vocabulary(path)
    assert words.limit == 2.0
    for i, rgb in enumerate(colors):
        named = name_color(rgb, words)
        assert named.name == f"s{i}"
        # The file's numbers are of single precision.
        assert named.distance == pytest.approx(0, abs=1e-3)


def test_a_swatch_has_the_tiers_of_its_color(tmp_path):
    words = open_vocabulary(library(tmp_path))
    named = name_color("#1e2846", words)
    assert (named.name, named.code, named.common, named.family) == (
        *("Deep Sea", "A-2", "navy", "blue"),
    )


def test_a_family_of_the_file_goes_before_that_of_the_color(tmp_path):
    named = name_color("#b47078", open_vocabulary(library(tmp_path)))
    assert (named.name, named.family, named.common) == ("Old Rose", "brown", "brown")
    rows = "name,hex,family\nPale,f5ebd3,gray\nDeep,161418,gray\n"
    words = open_vocabulary(library(tmp_path, rows))
    assert words.common.tolist() == ["light gray", "charcoal"]


def test_no_match_above_the_limit(tmp_path):
    path = library(tmp_path)
    far = name_color("#1e3c46", open_vocabulary(path))
    assert (far.name, far.nearest) == (None, "Deep Sea")
    assert far.distance > 2
    assert name_color("#1e3c46", open_vocabulary(path, limit=math.inf)).name == "Deep Sea"
    assert name_color("#1e2847", open_vocabulary(path, limit=0)).name is None


def test_a_limit_may_be_given_to_a_vocabulary_that_ships():
    assert open_vocabulary("css").limit == math.inf
    assert name_color("#123456", open_vocabulary("css", limit=2)).name is None


@pytest.mark.parametrize("source", ["default", "xkcd", "css", "iscc-nbs"])
def test_what_ships_opens_by_its_name(source):
    assert open_vocabulary(source).source == source


def test_an_unknown_family_is_refused(tmp_path):
    with pytest.raises(VocabularyError, match=r"library.csv: no family 'blu', did you mean 'blue'"):
        open_vocabulary(library(tmp_path, "name,hex,family\nx,161418,blu\n"))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("isc-nbs", "no vocabulary 'isc-nbs', did you mean 'iscc-nbs'"),
        ("nothing.ase", "nothing.ase: no such file"),
        (
            "photo.jpg",
            r"photo.jpg: not a swatch file by its name \(wanted .ase, .aco, .gpl or .csv\)",
        ),
    ],
)
def test_what_is_no_vocabulary_is_refused(source, reason):
    with pytest.raises(VocabularyError, match=reason):
        open_vocabulary(source)
