import numpy as np
from garment_rows import BLACK, RED, WHITE, colors_of, garment, records

from trendcolor.analysis.independence import Pairs
from trendcolor.analysis.legends import Level, legend
from trendcolor.analysis.looks import (
    count_garments,
    count_looks,
    looks_by_group,
    looks_with,
    meeting_sources,
    met_in_garments,
    met_in_looks,
    wardrobe,
)
from trendcolor.color.names import FAMILIES
from trendcolor.taxonomy import GARMENTS

ROWS = records(
    garment("a", (RED, 155), (WHITE, 100), source="s1"),
    garment("a", RED, garment="trousers", source="s1"),
    garment("b", BLACK, source="s2"),
    garment("b", RED, garment="trousers", source="s2"),
    garment("c", BLACK, source="s3"),
)
N_BLACK, N_WHITE, N_RED = (FAMILIES.index(name) for name in ("black", "white", "red"))


def looks(*, main):
    found = looks_by_group(
        ROWS,
        legend(lambda: colors_of(ROWS), Level()),
        by=(),
        main=main,
        cluster="photo",
        source="source",
    )
    return next(iter(found))


def test_looks_of_one_garment_are_left_out():
    found = looks(main=True)
    top, trousers = (1 << GARMENTS.index(name) for name in ("top", "trousers"))
    assert found.kind.tolist() == [top + trousers] * 2
    assert (found.n_groups, found.n_clusters) == (2, 2)
    assert looks_with(found, N_RED).tolist() == [0, 1]


def test_counts_are_of_all_looks_and_then_without_each_group():
    found = looks(main=True)
    counted = wardrobe(found)
    assert counted.looks[:, 0].tolist() == [2, 1, 1]
    tops = counted.colors[:, GARMENTS.index("top")]
    assert sorted(map(tuple, tops[:, [N_BLACK, N_RED]])) == [(0, 1), (1, 0), (1, 1)]


def test_pairs_meet_in_looks_and_in_garments():
    found = looks(main=False)
    pairs = Pairs(np.array([N_WHITE, N_RED, N_BLACK]), np.array([N_RED, N_RED, N_WHITE]))
    assert count_looks(found, met_in_looks(found), pairs)[0].tolist() == [1, 1, 0]
    striped = count_garments(found, met_in_garments(found), pairs)[0]
    assert striped[GARMENTS.index("top")].tolist() == [1, 0, 0]
    assert striped.sum() == 1


def test_sources_of_a_pair_and_of_the_looks_that_show_none():
    found = looks(main=True)
    pairs = Pairs(np.array([N_BLACK]), np.array([N_RED]))
    rows = meeting_sources(found, met_in_looks(found), pairs, np.arange(2))
    assert sorted(rows["_color"].to_list(), key=str) == [0, None]
    assert rows["_value"].to_list() == [1, 1]
    assert rows["_source"].n_unique() == 2
