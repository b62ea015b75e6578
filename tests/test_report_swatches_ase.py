import struct

import numpy as np
import pytest
import swatch as independent
from hypothesis import given
from plm_swatches import ENGLISH, Chinese, plm, rgb8, swatch_lists

from trendcolor.color.adaptation import lab_d50_to_d65
from trendcolor.color.swatches import read_swatches
from trendcolor.report.swatches.ase import ase_bytes
from trendcolor.report.swatches.swatch import tidy


def parsed(folder, swatches, wording=ENGLISH):
    """The groups as the PyPI package `swatch` reads them."""
    path = folder / "colors.ase"
    path.write_bytes(ase_bytes(tidy(swatches), wording))
    return independent.parse(path)


def test_each_group_has_lab_and_rgb_swatches(tmp_path):
    groups = parsed(tmp_path, [plm(), plm((250, 250, 249), name="chalk", group="classics")])
    assert [(g["name"], [s["name"] for s in g["swatches"]]) for g in groups] == [
        ("Headline colors (Lab)", ["faded black"]),
        ("Headline colors (RGB)", ["faded black (RGB)"]),
        ("Classics (Lab)", ["chalk"]),
        ("Classics (RGB)", ["chalk (RGB)"]),
    ]
    told = [(s["type"], s["data"]["mode"]) for group in groups for s in group["swatches"]]
    assert told == [("Global", "LAB"), ("Global", "RGB")] * 2


# sRGB's red and blue as Lab under D50 (Lindbloom, Bradford), and rebeccapurple, #663399, as CSS
# Color 4 gives it.
@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((255, 0, 0), (54.29, 80.81, 69.89)),
        ((0, 0, 255), (29.57, 68.30, -112.03)),
        ((102, 51, 153), (32.393, 38.429, -47.685)),
        ((255, 255, 255), (100, 0, 0)),
    ],
)
def test_lab_is_under_d50_and_lightness_a_fraction(tmp_path, rgb, lab):
    lightness, a, b = parsed(tmp_path, [plm(rgb)])[0]["swatches"][0]["data"]["values"]
    # Matrices of sRGB differ in the fourth decimal.
    assert (100 * lightness, a, b) == pytest.approx(lab, abs=0.05)


@given(rgb8)
def test_any_color_comes_back_from_both(tmp_path_factory, rgb):
    swatch = plm(rgb)
    groups = parsed(tmp_path_factory.mktemp("ase"), [swatch])
    lightness, a, b = groups[0]["swatches"][0]["data"]["values"]
    # Seven digits of a 32-bit float, of numbers up to 128, through two matrices.
    np.testing.assert_allclose(
        lab_d50_to_d65(np.array([100 * lightness, a, b])), swatch.lab, atol=1e-4
    )
    values = groups[1]["swatches"][0]["data"]["values"]
    assert tuple(round(255 * value) for value in values) == rgb


@given(swatch_lists)
def test_names_of_any_kind_survive_and_differ(tmp_path_factory, swatches):
    groups = parsed(tmp_path_factory.mktemp("ase"), swatches)
    found = [s["name"] for group in groups for s in group["swatches"]]
    assert len({name.casefold() for name in found}) == len(found) == 2 * len(swatches)
    tidied = {swatch.name for swatch in tidy(swatches)}
    assert all(any(name.startswith(told) for told in tidied) for name in found)


@given(swatch_lists)
def test_the_header_counts_the_blocks_and_blocks_fill_the_file(swatches):
    content = ase_bytes(tidy(swatches), ENGLISH)
    assert content[:8] == b"ASEF\0\1\0\0"
    n_blocks, place = struct.unpack(">I", content[8:12])[0], 12
    for _ in range(n_blocks):
        kind, length = struct.unpack_from(">HI", content, place)
        assert kind in (1, 0xC001, 0xC002)
        place += 6 + length
    assert place == len(content)


def test_our_own_reader_gives_the_names_and_colors(tmp_path):
    path = tmp_path / "colors.ase"
    path.write_bytes(ase_bytes([plm()], ENGLISH))
    found = read_swatches(path)
    assert [swatch.name for swatch in found] == ["faded black", "faded black (RGB)"]
    for swatch in found:
        assert swatch.lab == pytest.approx(plm().lab, abs=1e-4)  # 32-bit floats


def test_names_and_headings_are_in_the_report_s_language(tmp_path):
    groups = parsed(tmp_path, [plm()], Chinese())
    assert [(g["name"], g["swatches"][0]["name"]) for g in groups] == [
        ("热门色 (Lab)", "褪色黑"),
        ("热门色 (RGB)", "褪色黑 (RGB)"),
    ]


def test_without_colors_the_one_group_says_so(tmp_path):
    (group,) = parsed(tmp_path, [])
    assert (group["name"], group["swatches"]) == ("No color to show", [])
