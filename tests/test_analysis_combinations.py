from collections import Counter

import polars as pl
import pytest
from dressed_looks import dressed
from garment_rows import BLACK, BLUE, GREEN, RED, WHITE, colors_of, garment, near_marks, records
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from trendcolor.analysis.combinations import (
    LEAST_EXPECTED,
    MEASURES,
    CombinationsQuestion,
    combinations,
)
from trendcolor.analysis.disclosure import DOMINANCE
from trendcolor.analysis.legends import Level, legend
from trendcolor.analysis.near import Near
from trendcolor.color.names import FAMILIES
from trendcolor.errors import QueryError

# A frame's first query takes long on a busy machine; that is no failure.
UNHURRIED = settings(deadline=None, max_examples=40)


def ask(rows, **asked):
    question = CombinationsQuestion(**asked)
    return combinations(
        rows, legend(lambda: colors_of(rows), Level(colors=question.colors)), question
    )


def look(photo, top, *others, **declared):
    """A top and further garments."""
    kinds = ("trousers", "footwear", "bag")
    below = zip(kinds, others, strict=False)
    return [
        garment(photo, top, **declared),
        *(garment(photo, color, garment=kind, **declared) for kind, color in below),
    ]


def row(table, color, other):
    return table.row(
        by_predicate=(pl.col("color") == color) & (pl.col("with") == other), named=True
    )


HAND = records(
    *look("a", BLACK, RED, BLACK),
    *look("b", BLACK, RED),
    *look("c", BLACK, BLUE),
    *look("d", WHITE, BLUE),
    *look("e", RED),
)


def test_hand_worked_counts_of_looks_with_two_garments_or_more():
    table = ask(HAND, same=True)
    assert table.columns == list(MEASURES)
    assert len(table) == 12 * 13 / 2
    counted = table.filter(pl.col("looks") > 0).select("color", "with", "looks", "n")
    assert counted.rows() == [
        ("black", "red", 2, 4),
        ("black", "black", 1, 4),
        ("black", "blue", 1, 4),
        ("white", "blue", 1, 4),
    ]
    # Tops are black 3 of 4; trousers red 1/2, blue 1/2; the one shoe is black. Chance:
    # in looks b, c, d 3/4 * 1/2, in look a the shoe is black, so the trousers' red is enough.
    black_red = row(table, "black", "red")
    assert black_red["expected"] == pytest.approx(3 * 3 / 8 + 1 / 2)
    assert black_red["lift"] == pytest.approx(2 / 1.625)
    assert black_red["p"] is None  # so few looks are not tested
    assert row(table, "black", "black")["expected"] == pytest.approx(3 / 4)


def test_companions_of_a_color_are_of_the_looks_that_show_it():
    table = ask(HAND, given="red")
    assert set(table["color"]) == {"red"}
    assert len(table) == 11
    assert table.select("with", "looks", "n", "share").row(0) == ("black", 2, 2, 1.0)
    assert row(table, "red", "black")["lift"] == row(ask(HAND), "black", "red")["lift"]


def test_a_palette_shows_all_its_colors_and_stripes_are_no_surprise():
    rows = records(
        *(garment(f"p{i}", (RED, 155), (WHITE, 100)) for i in range(8)),
        *(garment(f"p{i}", BLACK, garment="trousers") for i in range(8)),
    )
    assert set(ask(rows).filter(pl.col("looks") > 0)["with"]) == {"red"}
    table = ask(rows, of="palette")
    striped = row(table, "white", "red")
    assert (striped["looks"], striped["expected"], striped["lift"]) == pytest.approx((8, 8, 1))


def test_black_shoes_with_anything_are_no_discovery():
    rows = records(
        *(each for i in range(60) for each in look(f"p{i}", (RED, BLUE)[i % 2], WHITE, BLACK))
    )
    table = ask(rows)
    assert row(table, "black", "red")["lift"] == pytest.approx(1)
    assert row(table, "black", "white")["lift"] == pytest.approx(1)


def test_what_is_worn_together_on_purpose_is_found():
    rows = records(
        *(
            each
            for i in range(200)
            for each in look(
                f"p{i}", *([(RED, WHITE), (BLUE, BLACK)][i % 2] if i % 5 else (RED, BLACK))
            )
        )
    )
    table = ask(rows)
    found = row(table, "white", "red")
    # 80 of 200 looks; red are 120 of the tops, white 80 of the trousers.
    assert (found["looks"], found["expected"]) == pytest.approx((80, 48))
    assert found["lift_low"] > 1.4
    assert found["p_adjusted"] < 1e-6
    assert row(table, "white", "blue")["lift_high"] < 0.2
    # In few looks are black and white expected both ways round: what was tested is told.
    assert table["tests"].unique().to_list() == [table["p"].count()]
    assert table.filter(pl.col("expected") < LEAST_EXPECTED)["p"].null_count() == len(
        table.filter(pl.col("expected") < LEAST_EXPECTED)
    )


NULLS = [
    pytest.param({"n_looks": 400}, None, id="independent looks"),
    pytest.param({"n_looks": 150}, None, id="few looks"),
    pytest.param({"n_looks": 400, "clusters": 40, "loyal": 0.4}, "source", id="clusters"),
    pytest.param({"n_looks": 800, "clusters": 25, "loyal": 0.3}, "source", id="few clusters"),
]


@pytest.mark.parametrize(("made", "cluster"), NULLS)
def test_intervals_of_the_lift_hold_1_where_colors_are_independent(made, cluster):
    rows = dressed(200, **made)
    table = ask(rows, by=("draw",), cluster=cluster, same=True).drop_nulls("p")
    assert len(table) > 2000
    holds = (table["lift_low"] <= 1) & (table["lift_high"] >= 1)
    # By draws, of which the rows of one hang together: 200 tell the mean to within 1.5 points.
    assert 0.93 <= holds.mean() <= 0.97
    assert (table["p"] < 0.05).mean() == pytest.approx(1 - holds.mean(), abs=1e-9)
    assert (table["p"] < 0.5).mean() == pytest.approx(0.5, abs=0.05)


def test_without_its_clusters_a_sample_looks_surer_than_it_is():
    rows = dressed(100, 1000, clusters=25, loyal=0.6)
    without, told = (
        ask(rows, by=("draw",), cluster=cluster).drop_nulls("p") for cluster in (None, "source")
    )
    misses = [(table["p"] < 0.05).mean() for table in (without, told)]
    assert misses[0] > 0.12
    assert misses[1] < 0.09


def test_one_cluster_tells_no_interval():
    rows = records(*(each for i in range(30) for each in look(f"p{i}", BLACK, RED, source="s")))
    table = ask(rows, cluster="source")
    told = row(table, "black", "red")
    assert (told["looks"], told["share"]) == (30, 1)
    assert [told[name] for name in ("low", "high", "lift_low", "lift_high", "p")] == [None] * 5


def test_names_are_listed_where_they_meet_or_might_have():
    table = ask(HAND, colors="name", same=True)
    assert len(table) == 4
    avoided = records(
        *(
            each
            for i in range(40)
            for each in look(f"p{i}", *((RED, WHITE) if i % 2 else (BLUE, BLACK)))
        )
    )
    table = ask(avoided, colors="name")
    assert sorted(table["looks"].to_list()) == [0, 0, 20, 20]


def test_groups_are_counted_apart_and_looks_of_one_garment_leave_no_row():
    rows = records(
        *look("a", BLACK, RED, season="AW26"),
        *look("b", BLACK, season="AW25"),
        *look("c", BLACK, BLUE, season=None),
    )
    table = ask(rows, by=("season",))
    assert table["season"].unique(maintain_order=True).to_list() == ["AW26", None]
    assert table.filter(pl.col("looks") > 0).select("season", "with").rows() == [
        ("AW26", "red"),
        (None, "blue"),
    ]
    nothing = ask(rows.filter(pl.col("photo") == "b"), by=("season",))
    assert nothing.is_empty()
    assert nothing.columns == ["season", *MEASURES]


DYES = {BLACK: "black", RED: "red", WHITE: "white"}
some_looks = st.lists(
    st.tuples(st.lists(st.sampled_from(list(DYES)), min_size=1, max_size=4), st.integers(0, 5)),
    min_size=1,
    max_size=25,
)


def made(found):
    return [
        each
        for i, (colors, source) in enumerate(found)
        for each in look(f"p{i:02d}", *colors, source=f"s{source}")
    ]


@UNHURRIED
@given(some_looks, st.randoms(use_true_random=False), st.sampled_from(["main", "palette"]))
def test_the_order_of_the_records_has_no_effect(found, random, of):
    garments = made(found)
    shuffled = random.sample(garments, len(garments))
    one, other = (
        ask(records(*each), of=of, cluster="source", same=True) for each in (garments, shuffled)
    )
    assert_frame_equal(one, other, check_exact=False, abs_tol=1e-12)


@UNHURRIED
@given(some_looks)
def test_looks_are_those_that_a_loop_counts(found):
    table = ask(records(*made(found)), same=True)
    counted = Counter()
    several = [colors for colors, _ in found if len(colors) > 1]
    for colors in several:
        times = Counter(DYES[color] for color in colors)
        for one in times:
            counted[one, one] += times[one] > 1
            for other in times:
                if FAMILIES.index(one) < FAMILIES.index(other):
                    counted[one, other] += 1
    told = {(one, other): n for one, other, n in table.select("color", "with", "looks").rows()}
    assert {pair: n for pair, n in told.items() if n} == {p: n for p, n in counted.items() if n}
    assert set(table["n"]) <= {len(several)}
    for name in ("low", "lift_low"):
        whole = name.removesuffix("low").rstrip("_") or "share"
        inside = table.drop_nulls([name, whole])
        assert (inside[name] <= inside[whole] + 1e-12).all()


def safe(sources, min_cell):
    enough = len(sources) >= min_cell and sources.total() > 0
    return enough and max(sources.values()) <= DOMINANCE * sources.total()


@settings(deadline=None, max_examples=50)
@given(some_looks, st.integers(1, 4), st.booleans())
def test_every_public_pair_and_its_opposite_rest_on_enough_sources(found, min_cell, same):
    rows = records(*made(found))
    raw = ask(rows, same=same, source="source")
    told = ask(rows, same=same, source="source", min_cell=min_cell)
    whole, cells, hidden = Counter(), {}, Counter()
    for colors, source in found:
        if len(colors) < 2:
            continue
        whole[source] += 1
        times = Counter(DYES[color] for color in colors)
        pairs = {(a, b) for a in times for b in times if a != b or times[a] > 1}
        for pair in pairs:
            cells.setdefault(pair, Counter())[source] += 1
        if not same and len(times) == 1:
            hidden[source] += 1
    if not safe(whole, min_cell):
        assert told.is_empty()
        return
    for shown in told.rows(named=True):
        cell = cells.get((shown["color"], shown["with"]), Counter())
        if shown["looks"] is None:
            figures = set(MEASURES) - {"color", "with", "n", "tests"}
            assert {shown[name] for name in figures} == {None}
            hidden += cell
            continue
        assert shown["looks"] == row(raw, shown["color"], shown["with"])["looks"]
        assert safe(cell, min_cell)
        assert safe(whole - cell, min_cell)
    # Where looks have two garments each, pairs sum to the looks: the hidden ones together.
    if all(len(colors) <= 2 for colors, _ in found) and told["looks"].null_count() < len(told):
        assert not told["looks"].null_count() or safe(hidden, min_cell)


@pytest.mark.parametrize("level", ["family", "name"])
def test_a_pair_of_no_look_can_not_be_told_from_a_hidden_one(level):
    # All looks show black with red, or blue with white: were both told, the rest would be none.
    found = [((BLACK, RED) if i < 20 else (BLUE, WHITE), i) for i in range(45)]
    table = ask(records(*made(found)), colors=level, same=True, source="source", min_cell=10)
    assert table["looks"].drop_nulls().to_list() == [25]


def test_hidden_pairs_of_names_have_no_row():
    rows = records(
        *(
            each
            for i in range(30)
            for each in look(f"p{i}", *((RED, WHITE) if i % 2 else (BLUE, BLACK)))
        ),
        *look("q", GREEN, BLACK),
    )
    table = ask(rows, colors="name", min_cell=10)
    assert table["looks"].null_count() == 0
    assert 16 > table["looks"].min() >= 10
    assert GREEN not in table["color"].to_list()


REFUSED = [
    pytest.param({"colors": "bin"}, "no colors 'bin'; there are: family", id="level"),
    pytest.param({"of": "mian"}, "no colors of 'mian', did you mean 'main'", id="of"),
    pytest.param({"given": "blak"}, "no color 'blak', did you mean 'black'", id="given"),
    pytest.param({"by": ("garment",)}, "no groups by 'garment'", id="garment"),
    pytest.param({"by": ("lift",)}, "column 'lift' has the name of a column", id="by"),
]


@pytest.mark.parametrize(("asked", "message"), REFUSED)
def test_a_question_that_can_not_be_answered_is_refused(asked, message):
    with pytest.raises(QueryError, match=message):
        ask(HAND, **asked)


def test_marks_of_near_are_refused():
    with pytest.raises(QueryError, match="leave out near, and use given"):
        ask(near_marks(HAND, Near("#000000", 5)))
