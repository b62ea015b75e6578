import numpy as np
import pytest
from garment_rows import BLACK, WHITE
from report_runs import NAVY, built_run, contents, people

from trendcolor.analysis.shades import WITHIN
from trendcolor.color.libraries import open_vocabulary
from trendcolor.color.spaces import color_difference, srgb_to_lab


def lab(*rgb):
    return srgb_to_lab(np.array([rgb], np.uint8)).astype(float)


@pytest.fixture
def told(tmp_path):
    garments = [*people(BLACK, 50), *people(WHITE, 30), *people(NAVY, 20)]
    (tmp_path / "line.csv").write_text(
        "name,code,hex\nInk,L-1,#020202\nMilk,L-2,#fbfbf8\nFire,L-3,#e01010\n"
    )
    words = open_vocabulary(tmp_path / "line.csv")
    return contents(built_run(tmp_path / "run", garments), line=words)


def test_each_color_of_a_line_has_its_nearest_shade(told):
    ink, milk, fire = told.line.colors
    assert [each.name for each in told.line.colors] == ["Ink", "Milk", "Fire"]
    assert (ink.code, ink.hex, ink.nearest) == ("L-1", "#020202", "#000000")
    assert ink.distance == pytest.approx(color_difference(lab(2, 2, 2), lab(*BLACK)).item())
    assert (ink.share, milk.share) == (0.5, 0.3)
    assert ink.is_covered
    assert milk.is_covered
    assert not fire.is_covered


def test_a_headline_color_that_the_line_lacks_is_a_gap(told):
    gaps = {gap.card.family: gap for gap in told.line.gaps}
    assert not gaps["black"].is_open
    assert not gaps["white"].is_open
    assert gaps["blue"].is_open
    assert gaps["blue"].nearest == "Ink"
    assert gaps["blue"].distance > WITHIN


def test_a_line_covers_the_shares_of_the_shades_near_it(told):
    assert told.line.covered == pytest.approx(0.8)
    assert told.line.name == "line.csv"


def test_a_run_whose_shades_are_withheld_checks_no_line(tmp_path):
    (tmp_path / "line.csv").write_text("name,hex\nInk,#020202\n")
    words = open_vocabulary(tmp_path / "line.csv")
    made = contents(built_run(tmp_path / "run", people(BLACK, 4)), line=words)
    assert made.line is None
