import time

import numpy as np
import polars as pl
import pytest
from garment_rows import BLACK, BLUE, RED, WHITE, garment, records
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from trendcolor.analysis.disclosure import DOMINANCE
from trendcolor.analysis.group_palette import FIELDS, group_palettes
from trendcolor.color.spaces import color_difference, srgb_to_lab
from trendcolor.errors import QueryError
from trendcolor.histograms import bin_to_lab, histogram, rgb_to_bin

UNHURRIED = settings(deadline=None, max_examples=40)


def weights(*garments, by=()):
    return histogram(records(*garments), by=by).collect()


def lab_of(table):
    return srgb_to_lab(table.select("r", "g", "b").to_numpy().astype(np.uint8)).astype(float)


def test_plain_garments_come_back_with_their_shares():
    garments = [
        *(garment(f"b{i}", (BLACK, 200), (WHITE, 55), season="AW26") for i in range(6)),
        *(garment(f"r{i}", RED, season="AW26") for i in range(3)),
        garment("x", BLUE, season="AW25"),
    ]
    table = group_palettes(weights(*garments, by=("season",)))
    assert table.columns == ["season", *FIELDS]
    assert table.select("season", "family").rows() == [
        ("AW25", "blue"),
        ("AW26", "black"),
        ("AW26", "red"),
        ("AW26", "white"),
    ]
    total = 9 * 255
    shares = table.filter(season="AW26")["share"].to_list()
    assert shares == pytest.approx([1200 / total, 765 / total, 330 / total])
    # Bins are 4 wide: the color is the center of its bin, at most 2 off on each axis.
    true = srgb_to_lab(np.array([BLACK, RED, WHITE], np.uint8)).astype(float)
    assert np.abs(lab_of(table.filter(season="AW26")) - true).max() < 3
    assert table["spread"].max() < 1


def cloud(center, n, spread, random):
    return np.clip(np.array(center) + random.normal(0, spread, (n, 3)), 0, 255).astype(int)


DYES = [(22, 20, 24), (245, 244, 241), (120, 20, 40), (30, 45, 90), (200, 180, 140), (90, 110, 70)]


def photographed(random):
    """Six dyes as photos show them, in falling amounts, over a floor of everything."""
    rgb = [cloud(dye, 4000 // (i + 1), 5, random) for i, dye in enumerate(DYES)]
    rgb.append(random.integers(0, 256, (500, 3)))
    bins = rgb_to_bin(*np.concatenate(rgb).T)
    return pl.DataFrame({"bin": bins}).group_by("bin").agg(weight=255 * pl.len().cast(pl.Int64))


def test_the_dyes_of_a_season_are_found():
    table = group_palettes(photographed(np.random.default_rng(1)), n_colors=8)
    dyes = srgb_to_lab(np.array(DYES, np.uint8)).astype(float)
    nearest = color_difference(dyes[:, None], lab_of(table)[None]).min(axis=1)
    # Noise of 5 in 8-bit sRGB is clipped at black, and bins are 4 wide.
    assert nearest.max() < 5
    assert sorted(nearest)[-2] < 2
    assert table["share"].sum() == pytest.approx(1)


def test_a_color_stands_where_garments_are_and_not_between_them():
    # A cluster of two far dyes has its mean where nobody is.
    both = weights(*(garment(f"a{i}", RED if i % 3 else BLUE) for i in range(30)))
    table = group_palettes(both, n_colors=1)
    assert table["family"].to_list() == ["red"]
    assert table["share"].to_list() == [1.0]
    assert table["spread"].item() < 1


def test_a_histogram_of_a_million_garments_takes_no_longer():
    table = photographed(np.random.default_rng(2)).with_columns(pl.col("weight") * 1000)
    started = time.process_time()
    group_palettes(table)
    assert time.process_time() - started < 5


colors = st.tuples(*(st.integers(0, 255) for _ in range(3)))
groups = st.lists(st.tuples(colors, st.integers(1, 40), st.integers(0, 4)), min_size=1, max_size=30)


def frame(found):
    rgb = np.array([color for color, *_ in found])
    columns = {
        "bin": rgb_to_bin(*rgb.T),
        "weight": [255 * n for _, n, _ in found],
        "source": [f"s{source}" for *_, source in found],
    }
    return pl.DataFrame(columns)


@UNHURRIED
@given(groups, st.integers(1, 10), st.randoms(use_true_random=False))
def test_what_is_guaranteed(found, n_colors, random):
    table = group_palettes(frame(found).drop("source"), n_colors=n_colors)
    assert 1 <= len(table) <= n_colors
    assert table["share"].sum() == pytest.approx(1)
    lab = lab_of(table)
    apart = color_difference(lab[:, None], lab[None]) + 1e3 * np.eye(len(lab))
    assert apart.min() >= 5
    bins = bin_to_lab(frame(found)["bin"].to_numpy())
    # The mean of the bins that carry a mode is within the kernel's reach of one of them.
    assert color_difference(lab[:, None], bins[None]).min(axis=1).max() < 10
    shuffled = random.sample(found, len(found))
    assert_frame_equal(table, group_palettes(frame(shuffled).drop("source"), n_colors=n_colors))
    twice = group_palettes(frame([*found, *found]).drop("source"), n_colors=n_colors)
    assert_frame_equal(
        table.drop("numerator", "denominator"), twice.drop("numerator", "denominator")
    )


def safe(sources, min_cell):
    total = sum(sources.values())
    return len(sources) >= min_cell and max(sources.values()) <= DOMINANCE * total


@UNHURRIED
@given(groups, st.integers(1, 3))
def test_each_public_color_rests_on_enough_sources(found, min_cell):
    rows = frame(found)
    raw = group_palettes(rows.drop("source"))
    table = group_palettes(rows, source="source", min_cell=min_cell)
    assert set(table["color"]) <= set(raw["color"])
    whole = {}
    for _, n, source in found:
        whole[source] = whole.get(source, 0) + n
    if not safe(whole, min_cell):
        assert table.is_empty()
    told = raw.filter(pl.col("color").is_in(table["color"].to_list()))
    assert_frame_equal(table, told)


def test_a_color_of_few_sources_is_left_out_and_its_share_can_not_be_told_apart():
    found = [(BLACK, 5, i) for i in range(12)] + [(WHITE, 5, i) for i in range(12)]
    found += [(RED, 3, 1), (RED, 3, 2), (BLUE, 2, 20)]
    table = group_palettes(frame(found), source="source", min_cell=10)
    # Red and blue alone are three sources: white goes with them.
    assert table["family"].to_list() == ["black"] or table["family"].to_list() == ["white"]
    assert group_palettes(frame(found[:9]), source="source", min_cell=10).is_empty()


def test_an_empty_histogram_has_no_palette():
    table = group_palettes(weights(garment("a", RED), by=("season",)).clear())
    assert table.is_empty()
    assert table.columns == ["season", *FIELDS]


REFUSED = [
    pytest.param({"n_colors": 0}, "at least 1 color, got n_colors 0", id="none"),
    pytest.param({"source": "brand"}, "the histogram has no column 'brand'", id="source"),
]


@pytest.mark.parametrize(("asked", "message"), REFUSED)
def test_a_palette_that_can_not_be_made_is_refused(asked, message):
    with pytest.raises(QueryError, match=message):
        group_palettes(weights(garment("a", RED)), **asked)


def test_columns_that_would_come_twice_are_refused():
    named = weights(garment("a", RED)).with_columns(share=pl.lit(1))
    with pytest.raises(QueryError, match="column 'share' has the name of a column"):
        group_palettes(named)
