import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from swatch_files import ase, ase_block, ase_color, ase_group, ase_name

from trendcolor.color.spaces import color_difference, srgb_to_lab
from trendcolor.color.swatches import read_swatches
from trendcolor.errors import VocabularyError

NAVY = (0.1, 0.2, 0.3)


def written(folder, content, name="library.ase"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def off(swatch, *rgb):
    """CIEDE2000 from a swatch to an 8-bit color."""
    return float(
        color_difference(np.array(swatch.lab), srgb_to_lab(np.array(rgb, np.uint8)).astype(float))
    )


def test_an_ase_file_gives_its_colors_in_order_without_groups(tmp_path):
    content = ase(
        ase_color("First", "RGB", 22 / 255, 20 / 255, 24 / 255),
        ase_block(0xC001, ase_name("Season")),
        ase_color("深蓝 13-1", "RGB", 0, 0, 1),
        ase_block(0xC002, b""),
        ase_color("Mid", "Gray", 128 / 255),
    )
    swatches = read_swatches(written(tmp_path, content))
    assert [swatch.name for swatch in swatches] == ["First", "深蓝 13-1", "Mid"]
    # The file's numbers are of single precision.
    assert off(swatches[0], 22, 20, 24) == pytest.approx(0, abs=1e-4)
    assert off(swatches[1], 0, 0, 255) == pytest.approx(0, abs=1e-4)
    assert off(swatches[2], 128, 128, 128) == pytest.approx(0, abs=1e-4)


# Red and blue of sRGB as Lab under D50, as ICC programs give them (Lindbloom, Bradford).
@pytest.mark.parametrize(
    ("lab", "rgb"),
    [((54.29, 80.81, 69.89), (255, 0, 0)), ((29.57, 68.30, -112.03), (0, 0, 255))],
)
def test_lab_of_an_ase_file_is_under_d50(tmp_path, lab, rgb):
    content = ase(ase_color("x", "LAB", lab[0] / 100, *lab[1:]))
    (swatch,) = read_swatches(written(tmp_path, content))
    # The published Lab has two decimals, and matrices of sRGB differ in the fourth.
    assert off(swatch, *rgb) == pytest.approx(0, abs=0.05)


def test_a_swatch_that_is_repeated_comes_once(tmp_path):
    one = ase_color("x", "RGB", *NAVY)
    other = ase_color("y", "RGB", *NAVY)
    assert len(read_swatches(written(tmp_path, ase(one, one, other)))) == 2


def test_cmyk_is_refused_with_the_reason_and_the_place(tmp_path):
    content = ase(ase_color("x", "RGB", *NAVY), ase_color("Warm Red", "CMYK", 0, 0.8, 0.9, 0))
    with pytest.raises(
        VocabularyError,
        match=r"block 2 of 2, byte \d+: 'Warm Red' is CMYK, which has no color without a printer's "
        r"profile \(save the swatches as Lab or RGB\)",
    ):
        read_swatches(written(tmp_path, content))


GOOD = ase(ase_color("x", "RGB", *NAVY), ase_color("y", "LAB", 0.5, 1, 2))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not an Adobe Swatch Exchange file"),
        (b"RIFF" + GOOD[4:], "begins with b'RIFF', wanted b'ASEF'"),
        (GOOD[:9], "truncated at byte 9, in its header"),
        (ase(version=(2, 0)), "is of version 2.0, wanted 1.0"),
        (ase(), "holds no swatch"),
        (GOOD[:-3], r"truncated at byte \d+, in block 2 of 2"),
        (ase(ase_color("x", "RGB", *NAVY), n_blocks=2), r"truncated at byte \d+, before block 2"),
        (ase(ase_block(7, b"")), "unknown type 0x0007"),
        (ase(ase_color("x", "HSB", 0, 0, 0)), "'x' is of the unknown color model b'HSB '"),
        (ase(ase_color("x", "RGB", 0.1)), "'x' has too few numbers for RGB"),
        (ase(ase_color("x", "RGB", 0.1, 2, 0)), "'x' has 0.1, 2, 0, wanted numbers of 0 to 1"),
        (ase(ase_color("x", "LAB", 50, 0, 0)), r"'x' has the Lab 5000, 0, 0, wanted L\*"),
        (ase(ase_color("x", "RGB", 0, 0, float("nan"))), "wanted numbers of 0 to 1"),
        (ase(ase_color("", "RGB", *NAVY)), "it has no name"),
        (ase(ase_block(1, b"\0\xff")), "its name is longer than the block"),
        (ase(ase_block(1, b"\0\1\xd8\0RGB " + bytes(14))), "its name is not UTF-16"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_damaged_ase_file_is_refused_with_the_reason(tmp_path, content, reason):
    with pytest.raises(VocabularyError, match=reason):
        read_swatches(written(tmp_path, content))


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_whatever_byte_is_wrong_an_ase_file_is_read_or_refused(tmp_path_factory, place, value):
    content = bytearray(GOOD)
    content[place] = value
    path = written(tmp_path_factory.mktemp("ase"), bytes(content))
    try:
        swatches = read_swatches(path)
    except VocabularyError as error:
        assert str(error).startswith(str(path))  # noqa: PT017  # either end is right
    else:
        assert np.isfinite([swatch.lab for swatch in swatches]).all()


@pytest.mark.parametrize("length", range(4, len(GOOD)))
def test_a_truncated_ase_file_says_where(tmp_path, length):
    with pytest.raises(VocabularyError, match=f"truncated at byte {length}"):
        read_swatches(written(tmp_path, GOOD[:length]))


@pytest.mark.parametrize(
    "text",
    [
        "name,code,red,green,blue\nNoir,19-4005,22,20,24\n",
        "\ufeffName;Code;Hex\nNoir;19-4005;#161418\n",
        "code\tname\thex\r\n19-4005\tNoir\t161418\r\n\r\n",
        "name,code,hex,note\n Noir , 19-4005 ,161418,\n",
    ],
    ids=["rgb", "semicolons and a byte order mark", "tabs and CRLF", "spaces and other columns"],
)
def test_a_csv_file_gives_names_codes_and_colors(tmp_path, text):
    (swatch,) = read_swatches(written(tmp_path, text, "library.csv"))
    assert (swatch.name, swatch.code, swatch.family) == ("Noir", "19-4005", None)
    # Tables of 8-bit sRGB are of single precision.
    assert off(swatch, 22, 20, 24) == pytest.approx(0, abs=1e-4)


def test_lab_of_a_csv_file_is_under_d50_unless_it_says_d65(tmp_path):
    text = "name;L;a;b;white\nd50;54,29;80,81;69,89;\nd65;53,24;80,09;67,20;D65\n"
    d50, d65 = read_swatches(written(tmp_path, text, "library.csv"))
    # Red, by two decimals.
    assert off(d50, 255, 0, 0) == pytest.approx(0, abs=0.05)
    assert off(d65, 255, 0, 0) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: no column 'name'"),
        ("nam,hex\nx,161418\n", "line 1: no column 'name', did you mean 'nam'"),
        ("name,color\nx,161418\n", "line 1: no colors among the columns name, color"),
        ("name,hex,hex\nx,161418,161418\n", "line 1: column 'hex' is there twice"),
        ("name,hex\nx\n", "line 2: has 1 cells, wanted 2"),
        ("name,hex\n,161418\n", "line 2: has no name"),
        ("name,hex\nx,\n", "line 2: 'x' has no color"),
        ("name,hex\nx,#16141\n", "line 2: 'x' has the hex '#16141'"),
        ("name,red,green,blue\nx,1,2,300\n", "line 2: 'x' has the RGB 1, 2, 300, wanted numbers"),
        ("name,red,green,blue\nx,1,2,nan\n", "line 2: 'x' has 'nan' where a number belongs"),
        ("name,L,a,b\nx,101,0,0\n", r"line 2: 'x' has the Lab 101, 0, 0, wanted L\*"),
        ("name,L,a,b,white\nx,50,0,0,D55\n", "line 2: 'x' has the white 'D55', wanted D50 or D65"),
        ('name,hex\n"x,161418\n', "line 2: unexpected end of data"),
        ("name,hex\n", "holds no swatch"),
    ],
)
def test_a_csv_file_with_faults_is_refused_with_the_line(tmp_path, text, reason):
    with pytest.raises(VocabularyError, match=reason):
        read_swatches(written(tmp_path, text, "library.csv"))


def test_faults_of_a_csv_file_are_told_at_once(tmp_path):
    text = "name,hex\n" + "x,nothing\n" * 12 + "y,161418\n"
    with pytest.raises(VocabularyError, match=r"(?s)line 2: .*line 11: .*and 2 more"):
        read_swatches(written(tmp_path, text, "library.csv"))


def test_a_csv_file_that_is_not_utf_8_is_refused(tmp_path):
    with pytest.raises(VocabularyError, match="byte 9 is not UTF-8"):
        read_swatches(written(tmp_path, b"name,hex\n\xe9cru,161418\n", "library.csv"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("library.act", "not a swatch file by its name"),
        ("missing.ase", "no such file"),
        ("folder.csv", "can't be read"),
    ],
)
def test_what_is_no_file_of_swatches_is_refused(tmp_path, name, reason):
    (tmp_path / "library.act").write_bytes(GOOD)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(VocabularyError, match=f"{name}: {reason}"):
        read_swatches(tmp_path / name)


def test_groups_may_be_nested_as_some_programs_do(tmp_path):
    inner = ase_group("inner", ase_color("x", "RGB", *NAVY))
    content = ase(ase_group("outer", inner), n_blocks=5)
    assert [swatch.name for swatch in read_swatches(written(tmp_path, content))] == ["x"]


def test_a_guard_against_formulas_is_no_part_of_a_name(tmp_path):
    text = "name,hex\n'=A1,161418\n'plain,161419\n"
    found = read_swatches(written(tmp_path, text, "library.csv"))
    assert [swatch.name for swatch in found] == ["=A1", "'plain"]
