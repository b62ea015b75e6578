import random

import pytest
from garment_rows import BLACK, RED, WHITE, garment
from hypothesis import given, settings
from hypothesis import strategies as st
from report_runs import built_run, people

from trendcolor.analysis.legends import Level
from trendcolor.analysis.strips import strips
from trendcolor.errors import QueryError

GRAYS = [(100 + i, 100 + i, 100 + i) for i in range(12)]


def gray_run(folder, counts, **changed):
    garments = [
        garment(f"p{i}-{j}", GRAYS[i], source=f"s{(i * 7 + j) % 40}", season="AW25", region="EU")
        for i, n in enumerate(counts)
        for j in range(n)
    ]
    return built_run(folder, garments, **changed)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=12, max_size=12).filter(sum), st.integers(1, 30))
def test_each_garment_is_in_one_patch(tmp_path_factory, counts, n_patches):
    run = gray_run(tmp_path_factory.mktemp("run") / "run", counts)
    (shade,) = {*run.shares(colors="shade")["shade"]} - {"other"}
    table = run.strips([shade], n_patches=n_patches)
    assert table["garments"].sum() == sum(counts)
    assert table.height <= n_patches
    assert table["patch"].to_list() == [*range(table.height)]
    assert table["g"].is_sorted()


def test_the_order_of_records_has_no_effect(tmp_path):
    run = gray_run(tmp_path / "run", [5] * 12)
    legend = run.population.legend(Level(colors="shade"))
    rows = run.population.records().collect()
    order = random.Random(0).sample(range(len(rows)), len(rows))
    (shade,) = legend.colors["_color"]
    one, other = (strips(each.lazy(), legend, [shade]) for each in (rows, rows[order]))
    assert one.equals(other)


def test_patches_of_equal_colors_are_those_colors(tmp_path):
    run = gray_run(tmp_path / "run", [10] * 12)
    (shade,) = run.shares(colors="shade")["shade"]
    table = run.strips([shade], n_patches=12)
    assert table.select("r", "g", "b").rows() == GRAYS
    assert set(table["garments"]) == {10}


def test_a_public_patch_is_of_enough_sources(tmp_path):
    run = gray_run(tmp_path / "run", [4, 3, 12, 1, 1, 1, 30, 2, 9, 20, 5, 2])
    (shade,) = {*run.shares(colors="shade")["shade"]} - {"other"}
    raw, told = run.strips([shade]), run.strips([shade], disclosure="public")
    assert told.height < raw.height
    assert told["garments"].min() >= 10
    assert told["garments"].sum() == raw["garments"].sum()


def test_a_patch_that_is_nearly_all_one_source_joins_its_neighbor(tmp_path):
    one = [garment(f"q{i}", GRAYS[11], source="s0", season="AW25", region="EU") for i in range(200)]
    few = people(GRAYS[11], 11, start=50)
    many = people(GRAYS[0], 200, start=100)
    run = built_run(tmp_path / "run", [*one, *few, *many])
    (shade,) = {*run.shares(colors="shade")["shade"]} - {"other"}
    told = run.strips([shade], n_patches=4, disclosure="public")
    # 200 of the 211 light garments are of one source, 95 %: they may not stand alone.
    assert told["garments"].to_list()[-1] > 211


def test_a_shade_of_few_sources_has_no_patch(tmp_path):
    run = built_run(tmp_path / "run", [*people(BLACK, 30), *people(RED, 4)])
    red = next(s for s in run.shares(colors="shade")["shade"] if s.startswith("#e"))
    assert run.strips([red], disclosure="public").is_empty()
    assert run.strips([red])["garments"].sum() == 4


def test_an_unknown_shade_is_refused(tmp_path):
    run = built_run(tmp_path / "run", [*people(BLACK, 3), *people(WHITE, 3)])
    with pytest.raises(QueryError, match="no shade '#000001', did you mean '#000000'"):
        run.strips(["#000001"])
    with pytest.raises(QueryError, match="n_patches must be at least 1, got 0"):
        run.strips(["#000000"], n_patches=0)
