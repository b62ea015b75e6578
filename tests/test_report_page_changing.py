import polars as pl
import pytest
from report_runs import built_run, contents

from trendcolor.color.names import name_color
from trendcolor.report.families import FAMILY_COLORS
from trendcolor.report.page.changing import change_tables, shade_names
from trendcolor.report.words import open_words


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return contents(built_run(tmp_path_factory.mktemp("run") / "run")).changes


@pytest.fixture(scope="module")
def tables(told):
    return change_tables(told, open_words("en"))


def test_rows_stand_as_the_answer_has_them(told, tables):
    assert [row.cell for row in tables.families.rows] == told.families.rows(named=True)
    shades = told.shades.filter(pl.col("shade").ne_missing("other"))
    told_shades = shades.filter(pl.col("share_a").is_not_null() | pl.col("share_b").is_not_null())
    assert {row.code for row in tables.shades.rows} == set(told_shades["shade"])
    assert tables.n_withheld == shades.height - told_shades.height > 0
    assert tables.by_garment.keys() == told.by_garment.keys()


def test_a_family_has_its_paint_and_a_shade_its_own(tables):
    assert all(row.fill == FAMILY_COLORS[row.cell["family"]] for row in tables.families.rows)
    for row in tables.shades.rows:
        assert (row.fill, row.code) == (row.cell["shade"], row.cell["shade"])
        assert row.name == name_color(tuple(bytes.fromhex(row.code[1:]))).name


@pytest.mark.parametrize("verdict", ["up", "down"])
def test_cards_are_of_one_verdict_the_largest_change_first(tables, verdict):
    rows = [*tables.families.cards(verdict), *tables.shades.cards(verdict)]
    assert all(row.cell["verdict"] == verdict for row in rows)
    sizes = [abs(row.cell["change"]) for row in tables.families.cards(verdict)]
    assert sizes == sorted(sizes, reverse=True)


def test_every_change_lies_on_the_axis_and_zero_in_its_middle(tables):
    table = tables.families
    assert table.position(0) == 50
    for row in table.rows:
        if row.cell["change"] is not None:
            assert 0 <= table.position(row.cell["low"]) <= table.position(row.cell["high"]) <= 100
            assert 0 < table.position(row.cell["change"]) < 100


def test_no_shades_have_no_names():
    assert shade_names([]) == {}
