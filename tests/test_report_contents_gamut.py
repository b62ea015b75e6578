import numpy as np
import polars as pl
import pytest
from report_runs import built_run, contents

from trendcolor.analysis.legends import Level
from trendcolor.color.spaces import srgb_to_lab

SEASONS = ("AW25", "AW26")


@pytest.fixture(scope="module", params=[False, True], ids=["guarded", "free"])
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "run"
    return built_run(folder, is_free_of_people=request.param)


@pytest.fixture(scope="module")
def gamut(run):
    return contents(run).gamut


def chosen(frame, garment, period):
    return frame.filter(
        pl.col("garment").eq_missing(pl.lit(garment)), pl.col("period").eq_missing(pl.lit(period))
    )


@pytest.mark.parametrize("garment", [None, "top", "dress", "trousers"])
@pytest.mark.parametrize("period", [None, *SEASONS])
def test_each_choice_tells_what_the_public_table_tells(run, gamut, garment, period):
    both = garment is not None and period is not None
    is_coarse = both and not run.folder.manifest.is_free_of_people
    level = Level(colors="common") if is_coarse else Level(colors="bin", step=gamut.step)
    by = [*(["garment"] if garment else []), *(["season"] if period else [])]
    table = run.shares(by, colors=level, disclosure="public")
    for column, value in (("garment", garment), ("season", period)):
        if value:
            table = table.filter(pl.col(column) == value)
    told = table.filter(pl.col("share") > 0)
    cells = chosen(gamut.cells, garment, period)
    figures = ["numerator", "share", "low", "high"]
    assert cells.select(figures).rows() == told.select(figures).rows()
    state = chosen(gamut.states, garment, period).row(0, named=True)
    assert state["level"] == level.colors
    assert state["denominator"] == table["denominator"][0]
    assert state["withheld"] == pytest.approx(1 - told["share"].sum(), abs=1e-12)


def test_a_cell_that_rests_on_few_sources_is_not_there(run, gamut):
    smallest = gamut.cells["numerator"].min()
    assert smallest >= (1 if run.folder.manifest.is_free_of_people else 10)


def test_cells_lie_where_their_colors_lie(gamut):
    grid = gamut.cells.filter(pl.col("name") != pl.col("family"))
    rgb8 = np.array([list(bytes.fromhex(code[1:])) for code in grid["hex"]], np.uint8)
    lab = srgb_to_lab(rgb8).astype(float)
    is_inside = ((rgb8 > 0) & (rgb8 < 255)).all(axis=1)  # centers beyond sRGB are clipped
    assert is_inside.sum() >= 1
    # Half an 8-bit step is up to 0.5 in L*, a* and b*.
    assert np.abs(lab[:, 0] - grid["l"].to_numpy())[is_inside].max() < 0.5
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    assert np.abs(chroma - grid["chroma"].to_numpy())[is_inside].max() < 0.75
    assert grid["hue"].is_between(0, 360).all()


def test_there_is_a_state_for_each_choice(gamut):
    assert set(gamut.garments) >= {"top", "dress", "trousers"}
    assert (gamut.column, gamut.periods) == ("season", SEASONS)
    assert gamut.states.height == gamut.states.unique(["garment", "period"]).height


def test_a_grid_is_as_fine_as_the_guard_allows(run, gamut):
    told = run.shares(colors=Level(colors="bin", step=gamut.step), disclosure="public")
    assert told["share"].sum() >= 0.97 or gamut.step == 24
