import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.color.libraries import open_vocabulary
from trendcolor.color.names import name_color
from trendcolor.color.swatches import read_swatches
from trendcolor.errors import VocabularyError

PALETTE = """GIMP Palette
Name: Season
Columns: 4
# a comment

 22  20  24\tNoir
30 40 70 Deep Sea 深海
  1 2 3
"""


def written(folder, content, name="library.gpl"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        PALETTE,
        PALETTE.replace("\n", "\r\n"),
        "\ufeff" + PALETTE,
        PALETTE.replace("Name: Season\nColumns: 4\n", ""),
        PALETTE.replace("Columns: 4\n", ""),
    ],
    ids=["new", "CRLF", "a byte order mark", "old", "no columns"],
)
def test_a_palette_gives_names_and_colors(tmp_path, text):
    swatches = read_swatches(written(tmp_path, text))
    assert [swatch.name for swatch in swatches] == ["Noir", "Deep Sea 深海", "#010203"]


@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=8, unique=True))
def test_each_color_is_named_as_itself(tmp_path_factory, colors):
    lines = [f"{r} {g} {b} c{i}" for i, (r, g, b) in enumerate(colors)]
    text = "\n".join(["GIMP Palette", "Name: x", *lines])
    words = open_vocabulary(written(tmp_path_factory.mktemp("gpl"), text))
    for i, rgb in enumerate(colors):
        named = name_color(rgb, words)
        assert named.name == f"c{i}"
        assert named.distance == pytest.approx(0, abs=1e-3)  # single precision, near black


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", r"not a GIMP palette \(begins with '', wanted 'GIMP Palette'\)"),
        ("JASC-PAL\n0100\n", "begins with 'JASC-PAL'"),
        ("GIMP Palette\nName: x\n", "holds no swatch"),
        (PALETTE + "22 20\n", "line 9: '22 20' is no color, wanted '22 20 24 Noir'"),
        (PALETTE + "22 20 256 x\n", "line 9: 'x' has the RGB 22, 20, 256, wanted numbers of 0 to"),
        (PALETTE + "-1 20 25 x\n", "line 9: '-1 20 25 x' is no color"),
        (PALETTE + "Name: again\n", "line 9: 'Name: again' is no color"),
        (b"GIMP Palette\n22 20 24 \xe9cru\n", "byte 22 is not UTF-8"),
    ],
)
def test_a_file_with_faults_is_refused_with_the_line(tmp_path, content, reason):
    with pytest.raises(VocabularyError, match=f"library.gpl: .*{reason}"):
        read_swatches(written(tmp_path, content))


def test_faults_are_told_at_once(tmp_path):
    with pytest.raises(VocabularyError, match=r"(?s)line 2: .*line 11: .*and 2 more"):
        read_swatches(written(tmp_path, "GIMP Palette\n" + "x\n" * 12))
