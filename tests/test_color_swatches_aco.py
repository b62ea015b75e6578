import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from swatch_files import aco, aco_color, aco_section

from trendcolor.color.libraries import open_vocabulary
from trendcolor.color.names import name_color
from trendcolor.color.spaces import color_difference, srgb_to_lab
from trendcolor.color.swatches import read_swatches
from trendcolor.errors import VocabularyError

RGB, HSB, CMYK, PANTONE, LAB, GRAY = 0, 1, 2, 3, 7, 8
NAVY = (30 * 257, 40 * 257, 70 * 257)


def written(folder, content, name="library.aco"):
    path = folder / name
    path.write_bytes(content)
    return path


def off(swatch, *rgb):
    """CIEDE2000 from a swatch to an 8-bit color."""
    return float(
        color_difference(np.array(swatch.lab), srgb_to_lab(np.array(rgb, np.uint8)).astype(float))
    )


def two(*colors):
    """A file with both versions of colors, each (space, numbers, name)."""
    return aco(
        aco_section(1, *(aco_color(space, *numbers) for space, numbers, _ in colors)),
        aco_section(2, *(aco_color(space, *numbers, name=name) for space, numbers, name in colors)),
    )


def test_the_second_version_gives_names_and_colors_in_order(tmp_path):
    content = two((RGB, NAVY, "深蓝 13-1"), (RGB, (65535, 0, 0), "red"))
    first, second = read_swatches(written(tmp_path, content))
    assert (first.name, second.name) == ("深蓝 13-1", "red")
    # Tables of 8-bit sRGB are of single precision.
    assert off(first, 30, 40, 70) == pytest.approx(0, abs=1e-4)
    assert off(second, 255, 0, 0) == pytest.approx(0, abs=1e-4)


def test_either_version_may_be_alone(tmp_path):
    (unnamed,) = read_swatches(written(tmp_path, aco_section(1, aco_color(RGB, *NAVY))))
    assert unnamed.name == "#1e2846"
    (named,) = read_swatches(written(tmp_path, aco_section(2, aco_color(RGB, *NAVY, name="Navy"))))
    assert named.name == "Navy"
    # A byte that follows version 1 is no second section.
    (again,) = read_swatches(written(tmp_path, aco_section(1, aco_color(RGB, *NAVY)) + b"\0"))
    assert again == unnamed


# The specification's own examples: pure red is 0, 65535, 65535 as HSB, white is 10000, 0, 0 as
# Lab. Red as Lab under D50 is Lindbloom's, with two decimals. Gray is ink.
@pytest.mark.parametrize(
    ("space", "numbers", "rgb", "within"),
    [
        (HSB, (0, 65535, 65535), (255, 0, 0), 1e-4),
        (HSB, (43690, 65535, 65535), (0, 0, 255), 1e-4),
        (LAB, (10000, 0, 0), (255, 255, 255), 1e-4),
        (LAB, (5429, 8081, 6989), (255, 0, 0), 0.05),
        (LAB, (2957, 6830, -11203), (0, 0, 255), 0.05),
        (GRAY, (0,), (255, 255, 255), 1e-4),
        (GRAY, (10000,), (0, 0, 0), 1e-4),
        (GRAY, (8000,), (51, 51, 51), 1e-4),
    ],
)
def test_each_space_is_read_as_the_specification_says(tmp_path, space, numbers, rgb, within):
    (swatch,) = read_swatches(written(tmp_path, two((space, numbers, "x"))))
    assert off(swatch, *rgb) == pytest.approx(0, abs=within)


def test_lab_without_a_name_is_called_by_its_numbers(tmp_path):
    (swatch,) = read_swatches(written(tmp_path, aco_section(1, aco_color(LAB, 5000, 100, -200))))
    assert swatch.name == "Lab 50, 1, -2"


@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=8, unique=True))
def test_any_rgb_comes_back(tmp_path_factory, colors):
    content = two(*((RGB, [257 * v for v in rgb], f"c{i}") for i, rgb in enumerate(colors)))
    found = read_swatches(written(tmp_path_factory.mktemp("aco"), content))
    for swatch, rgb in zip(found, colors, strict=True):
        assert off(swatch, *rgb) == pytest.approx(0, abs=1e-3)  # single precision, near black


GOOD = two((RGB, NAVY, "x"), (LAB, (5000, 100, 200), "y"))


PLACE = r"color \d of \d, byte \d+: "


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "truncated at byte 0, in its header"),
        (b"ASEF" + GOOD, "byte 0: is of version 16723, wanted 1 or 2"),
        (aco_section(1, aco_color(RGB, *NAVY)) * 2, "byte 14: is of version 1, wanted 2"),
        (
            aco_section(1, aco_color(RGB, *NAVY), count=2),
            "color 2 of 2, byte 14: truncated at byte 14",
        ),
        (GOOD[:-1], "color 2 of 2, byte 46: truncated at byte 63"),
        (aco_section(1), "holds no swatch"),
        (
            aco_section(1, aco_color(CMYK)),
            "color 1 of 1, byte 4: '\\(no name\\)' is CMYK, which has no color without a "
            r"printer's profile \(save the swatches as Lab or RGB\)",
        ),
        (
            two((RGB, NAVY, "x"), (CMYK, (0, 0, 0, 0), "Warm Red")),
            "color 2 of 2, byte 46: 'Warm Red' is CMYK",
        ),
        (aco_section(2, aco_color(9, 0, name="old")), "'old' is CMYK"),
        (
            aco_section(2, aco_color(PANTONE, 0, name="old")),
            "'old' is of the Pantone system, whose numbers only Photoshop can read",
        ),
        (aco_section(2, aco_color(12, 0, name="x")), "'x' is of the unknown color space 12"),
        (aco_section(2, aco_color(GRAY, 10001, name="x")), "'x' has the gray 10001, wanted 0 to"),
        (aco_section(2, aco_color(LAB, 10001, name="x")), r"'x' has the Lab 100.01, 0, 0, wanted"),
        (
            aco_section(2, aco_color(RGB) + b"\0\0\0\1\xd8\0"),
            "color 1 of 1, byte 4: its name is not UTF-16",
        ),
    ],
)
def test_a_file_with_faults_is_refused_with_the_place(tmp_path, content, reason):
    with pytest.raises(VocabularyError, match=f"library.aco: ({PLACE})?{reason}"):
        read_swatches(written(tmp_path, content))


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_whatever_byte_is_wrong_a_file_is_read_or_refused(tmp_path_factory, place, value):
    content = bytearray(GOOD)
    content[place] = value
    path = written(tmp_path_factory.mktemp("aco"), bytes(content))
    try:
        swatches = read_swatches(path)
    except VocabularyError as error:
        assert str(error).startswith(str(path))  # noqa: PT017  # either end is right
    else:
        assert np.isfinite([swatch.lab for swatch in swatches]).all()


def test_a_color_is_named_by_it(tmp_path):
    words = open_vocabulary(written(tmp_path, two((RGB, NAVY, "Deep Sea"))))
    named = name_color("#1e2846", words)
    assert (named.name, named.common) == ("Deep Sea", "navy")
