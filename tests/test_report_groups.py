import pytest
from carded_runs import carded_header
from share_tables import share_table

from trendcolor.report.groups import axis, denominator, groups, guard
from trendcolor.runs import RunColumn


class Kept:
    """What `guard` reads of a manifest."""

    def __init__(self, *kinds):
        self.columns = tuple(RunColumn(name=f"the {kind}", kind=kind) for kind in kinds)


@pytest.mark.parametrize(
    ("kinds", "unit", "column"),
    [
        (("region", "wearer", "source"), "sources", "the source"),
        (("wearer",), "wearers", "the wearer"),
        (("region",), "photos", ""),
    ],
)
def test_sources_guard_before_wearers_and_photos(kinds, unit, column):
    found = guard(Kept(*kinds))
    assert (found.unit, found.column) == (unit, column)
    assert carded_header().columns  # what a real header has


def test_groups_stand_in_the_order_of_their_table():
    table = share_table([9, 1, *[0] * 10], group="SS26").vstack(
        share_table([5, 5, *[0] * 10], group="AW25")
    )
    found = groups(table, "season")
    assert [(each.label, each.denominator) for each in found] == [("SS26", 10), ("AW25", 10)]
    assert found[0].cells["black"]["share"] == 0.9
    assert found[0].hidden == pytest.approx(0, abs=1e-12)  # of twelve shares in floats


@pytest.mark.parametrize(("n_black", "end"), [(10, 0.2), (300, 0.4), (1000, 1.0)])
def test_an_axis_ends_beyond_each_interval(n_black, end):
    table = share_table([n_black, 1000 - n_black, *[0] * 10]).filter(family="black")
    assert axis(table) == pytest.approx(end) or axis(table) >= table["high"].max()
    assert axis(table) >= table["high"].max()
    assert axis() == 0.05


def test_a_whole_that_is_withheld_has_no_denominator():
    table = share_table([1, *[0] * 11])
    assert denominator(table) == 1
    assert denominator(table.with_columns(denominator=None)) is None
