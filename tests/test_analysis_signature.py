from collections import Counter

import numpy as np
import polars as pl
import pytest
from garment_rows import BLUE, GREEN, RED, WHITE, colors_of, garment, near_marks, records, several
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from trendcolor.analysis.disclosure import DOMINANCE
from trendcolor.analysis.legends import Level, legend
from trendcolor.analysis.near import Near
from trendcolor.analysis.signature import SignatureQuestion, signatures
from trendcolor.analysis.tally import Question
from trendcolor.color.names import FAMILIES, name_color
from trendcolor.color.spaces import color_difference, linear_to_srgb, srgb_to_lab, srgb_to_linear
from trendcolor.errors import QueryError

# A frame's first query takes long on a busy machine; that is no failure.
UNHURRIED = settings(deadline=None, max_examples=40)

INK = (22, 20, 24)  # "95-degree black"
COLORS = ["color", "name", "r", "g", "b", "l", "a*", "b*", "spread", "radius"]
SHARES = ["share", "low", "high", "numerator"]


def ask(rows, *, near=None, min_cell=None, families=(), within=5.0, names=None, **question):
    marked = rows if near is None else near_marks(rows, near)
    asked = SignatureQuestion(
        question=Question(**question),
        source="source",
        families=families,
        within=within,
        names=names or {},
        min_cell=min_cell,
    )
    return signatures(marked, legend(lambda: colors_of(rows), Level()), asked)


def answer(garments, **asked):
    return ask(records(*garments), **asked)


def many(color, n, *, sources=None, first=0, name="", **declared):
    """`n` garments of one color, spread over `sources` sources; as many as garments if None."""
    spread = n if sources is None else sources
    return [
        garment(f"{name}{color}{first}-{i}", color, source=f"s{first + i % spread}", **declared)
        for i in range(n)
    ]


def photographed(dye, n, seed=1, **declared):
    """Garments of one dye as photos show them: exposure, shadow, stray light, noise, 8 bits."""
    random = np.random.default_rng(seed)
    stops = random.normal(0, 0.3, n) - (random.random(n) < 0.3) * random.exponential(0.4, n)
    linear = srgb_to_linear(np.array([dye] * n, np.uint8)) * 2.0 ** stops[:, None]
    linear = np.where((random.random(n) < 0.2)[:, None], 0.95 * linear + 0.045, linear)
    shown = linear_to_srgb(linear + random.normal(0, 0.0008, (n, 3))).tolist()
    return [
        garment(f"{dye}{seed}-{i}", tuple(rgb), source=f"s{i}", **declared)
        for i, rgb in enumerate(shown)
    ]


def difference(code, rgb):
    one, other = (
        srgb_to_lab(np.array(each, np.uint8)).astype(float)
        for each in (list(bytes.fromhex(code[1:])), rgb)
    )
    return float(color_difference(one, other))


OTHERS = [
    *photographed((176, 26, 39), 120, seed=2),
    *photographed((245, 244, 241), 150, seed=3),
    *photographed((84, 110, 150), 100, seed=4),
    *photographed((110, 110, 112), 90, seed=5),
]


@pytest.mark.parametrize("n", [60, 150, 400])
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_the_95_degree_black_is_found_among_other_garments(n, seed):
    garments = photographed(INK, n, seed=seed) + OTHERS
    row = answer(garments, families=("black",)).row(0, named=True)
    assert difference(row["color"], INK) < 1
    assert row["radius"] < 1.5
    assert row["n"] <= n + 20  # and some garments of other dyes in deep shadow


def test_without_a_family_the_largest_gathering_is_the_signature():
    row = answer(photographed(INK, 300) + OTHERS).row(0, named=True)
    assert difference(row["color"], INK) < 1
    assert (row["n"], row["denominator"], row["family"]) == (760, 760, "black")


def test_the_columns_of_an_answer():
    table = answer(many(RED, 3, season="AW26"), by=("season",))
    assert table.columns == [
        *("season", "color", "name", "family", "r", "g", "b", "l", "a*", "b*", "spread", "radius"),
        *("n", "share", "low", "high", "numerator", "denominator", "unit", "within"),
    ]
    row = table.row(0, named=True)
    lab = srgb_to_lab(np.array(RED, np.uint8)).astype(float)
    assert (row["season"], row["color"]) == ("AW26", "#e50000")
    assert (row["r"], row["g"], row["b"]) == RED
    assert [row["l"], row["a*"], row["b*"]] == lab.tolist()
    assert (row["name"], row["family"]) == (name_color(RED).name, "red")
    assert (row["spread"], row["radius"], row["n"]) == (0, None, 3)
    assert (row["numerator"], row["denominator"], row["share"]) == (3, 3, 1)
    assert (row["unit"], row["within"]) == ("garments", 5.0)


def test_one_garment_is_its_own_signature():
    row = answer(many((90, 30, 40), 1)).row(0, named=True)
    assert (row["color"], row["n"], row["spread"], row["radius"]) == ("#5a1e28", 1, 0, None)


def test_spread_and_share_are_of_the_garments_within_reach():
    # Grays of CIEDE2000 0, 1.2, 2.5 and 18.5 from the first, which most garments have.
    grays = [(100, 100, 100)] * 4 + [(103, 103, 103)] * 2 + [(106, 106, 106)] * 1
    garments = [g for i, gray in enumerate(grays) for g in many(gray, 1, name=f"{i}")]
    garments += many((150, 150, 150), 2)
    row = answer(garments, within=5).row(0, named=True)
    center = (row["r"], row["g"], row["b"])
    away = sorted(difference("#{:02x}{:02x}{:02x}".format(*gray), center) for gray in grays)
    assert row["spread"] == pytest.approx(away[3])
    assert (row["numerator"], row["denominator"]) == (7, 9)
    assert row["low"] < 7 / 9 < row["high"]
    narrow = answer(garments, within=0.5).row(0, named=True)
    assert (narrow["color"], narrow["within"]) == (row["color"], 0.5)
    assert narrow["numerator"] < 7


def test_near_gives_the_same_share():
    garments = photographed(INK, 50) + OTHERS
    row = answer(garments).row(0, named=True)
    rows = records(*garments)
    marked = near_marks(rows, Near(row["color"], 5.0)).filter(pl.col("rank") == 0).collect()
    assert row["numerator"] == marked["is_near"].sum()


def test_only_main_colors_count():
    garments = [garment(f"p{i}", (RED, 155), (INK, 100), source=f"s{i}") for i in range(4)]
    assert answer(garments)["color"].to_list() == ["#e50000"]
    assert answer(garments, families=("black",))["n"].to_list() == [0]


def test_each_group_has_its_signature_and_missing_values_are_a_group():
    garments = [
        *many(RED, 3, season="AW25"),
        *many(BLUE, 2, season="AW26"),
        *many(GREEN, 1, season=None),
    ]
    table = answer(garments, by=("season",)).select("season", "color", "n")
    assert table.rows() == [("AW25", "#e50000", 3), ("AW26", "#0343df", 2), (None, "#15b01a", 1)]


def test_a_group_without_the_family_has_no_color():
    garments = [*many(RED, 3, season="AW25"), *many(INK, 2, season="AW26")]
    table = answer(garments, by=("season",), families=("black", "red"))
    assert table.select("season", "family", "color", "n", "numerator", "denominator").rows() == [
        ("AW25", "black", None, 0, None, 3),
        ("AW25", "red", "#e50000", 3, 3, 3),
        ("AW26", "black", "#161418", 2, 2, 2),
        ("AW26", "red", None, 0, None, 2),
    ]


def test_no_records_give_an_empty_answer():
    table = answer([], by=("season",))
    assert table.is_empty()
    assert table.columns[:3] == ["season", "color", "name"]


def test_near_narrows_what_makes_the_color_and_not_the_denominator():
    garments = many(RED, 30) + many(INK, 10)
    row = answer(garments, near=Near("#161418", 5)).row(0, named=True)
    assert (row["color"], row["n"], row["numerator"], row["denominator"]) == ("#161418", 10, 10, 40)


def test_a_signature_within_reach_has_the_user_s_name():
    names = {"#000000": "deep black", "161418": "95-degree black", "#e50000": "our red"}
    garments = many((24, 22, 26), 5)
    assert answer(garments, names=names)["name"].to_list() == ["95-degree black"]
    assert answer(many(BLUE, 5), names=names)["name"].to_list() == [name_color(BLUE).name]
    own = {"#161418": "first", "#161419": "second"}
    assert answer(many((22, 20, 24), 2), names=own)["name"].to_list() == ["first"]
    apart = difference("#161418", (24, 22, 26))
    narrow = answer(garments, names=names, within=apart * 0.9)["name"].to_list()
    assert narrow == [name_color((24, 22, 26)).name]


def test_garments_may_count_by_a_declared_weight():
    rows = records(
        garment("a", INK, sold=3.0, source="s1"),
        garment("b", INK, sold=2.0, source="s2"),
        garment("c", RED, sold=9.0, source="s3"),
        garment("d", RED, sold=None, source="s4"),
        columns=("source",),
        numbers=("sold",),
    )
    row = ask(rows, unit="weight", weight="sold").row(0, named=True)
    assert (row["color"], row["n"], row["unit"]) == ("#e50000", 3, "weight")
    assert (row["numerator"], row["denominator"]) == (9.0, 14.0)


near_black = st.tuples(st.integers(10, 40), st.integers(10, 40), st.integers(10, 40))
found_garments = st.lists(
    st.tuples(
        st.one_of(near_black, st.sampled_from([RED, WHITE])),
        st.sampled_from(["AW25", "AW26", None]),
        st.integers(0, 14),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=20,
)


@UNHURRIED
@given(found_garments, st.randoms(use_true_random=False))
def test_order_of_records_has_no_effect(found, random):
    garments = several(found)
    shuffled = random.sample(garments, len(garments))
    one, other = (
        answer(each, by=("season",), families=("black", "red")) for each in (garments, shuffled)
    )
    assert_frame_equal(one, other)


@UNHURRIED
@given(found_garments)
def test_the_same_records_twice_give_the_same_color(found):
    garments = several(found)
    again = [[{**row, "photo": f"again-{row['photo']}"} for row in rows] for rows in garments]
    once, twice = (answer(each, by=("season",)) for each in (garments, garments + again))
    assert_frame_equal(once.select(COLORS), twice.select(COLORS))
    assert (twice["n"] == 2 * once["n"]).all()


@UNHURRIED
@given(st.lists(near_black, min_size=5, max_size=20), st.integers(0, 4))
def test_garments_far_away_have_no_effect_on_the_color(blacks, n_far):
    garments = [garment(f"p{i}", color, source=f"s{i}") for i, color in enumerate(blacks)]
    far = many(WHITE, n_far) + many((250, 200, 40), n_far, name="y")
    alone = answer(garments, families=FAMILIES).filter(family="black")
    both = answer(garments + far, families=FAMILIES).filter(family="black")
    assert_frame_equal(alone.select(COLORS), both.select(COLORS))


# Public answers


def public(garments, **asked):
    return answer(garments, **{"min_cell": 10, **asked})


def test_a_public_signature_on_enough_sources_is_the_raw_one():
    # Everything that is told has company: 30 near the black, 12 blacks that are far from it, 40
    # of other families.
    garments = [*many(INK, 30), *many((0, 0, 0), 12, first=30), *many(RED, 40, first=50)]
    raw, told = (each(garments, families=("black",), within=4) for each in (answer, public))
    assert raw.row(0, named=True)["numerator"] == 30
    assert_frame_equal(raw, told)


def test_a_group_of_few_sources_is_hidden_whole():
    for garments in (many(INK, 9), many(INK, 300, sources=9), many(INK, 90, sources=1)):
        table = public(garments)
        assert table.select(*COLORS, *SHARES, "n", "denominator").null_count().row(0) == (1,) * 16


def test_a_family_of_few_sources_is_hidden_and_its_group_is_not():
    garments = [*many(INK, 9), *many(RED, 40, first=20)]
    row = public(garments, families=("black",)).row(0, named=True)
    assert row["family"] == "black"
    assert row["denominator"] == 49
    assert [row[name] for name in (*COLORS, *SHARES, "n")] == [None] * 15
    # The others are hidden with it: what is left would be the nine.
    both = public(garments, families=("black", "red"))
    assert both["color"].to_list() == [None, None]


def test_a_family_of_none_reads_as_one_of_few():
    rows = [
        public([*many(INK, n), *many(RED, 40, first=20)], families=("black",)).drop("denominator")
        for n in (0, 3)
    ]
    assert_frame_equal(*rows)


def test_a_color_that_rests_on_few_of_many_is_hidden():
    # The group has 40 sources, but nine of them wear the color that is densest.
    garments = [
        *many(INK, 90, sources=9),
        *(g for i in range(31) for g in many((8 * i, 255 - 8 * i, 90), 1, first=20 + i)),
    ]
    assert answer(garments)["color"].to_list() == ["#161418"]
    row = public(garments).row(0, named=True)
    assert (row["color"], row["spread"], row["radius"], row["share"]) == (None,) * 4
    assert (row["n"], row["denominator"]) == (121, 121)


def test_a_color_that_few_carry_is_hidden_however_wide_the_reach():
    # Nine sources wear the black; those of the gray are within reach, but beyond the kernel.
    gray, far = many((62, 60, 64), 30, first=20), many(RED, 30, first=60)
    few, enough = (public([*many(INK, 90, sources=n), *gray, *far], within=20) for n in (9, 12))
    assert few["color"].to_list() == [None]
    assert enough["color"].to_list() == ["#161418"]


def test_where_few_lie_beyond_reach_the_color_is_told_and_the_share_is_not():
    row = public([*many(INK, 40), *many(RED, 3, first=50)]).row(0, named=True)
    assert (row["color"], row["n"], row["denominator"]) == ("#161418", 43, 43)
    assert [row[name] for name in SHARES] == [None] * 4


def safe(by_source, min_cell):
    enough = len(by_source) >= min_cell and by_source.total() > 0
    return enough and max(by_source.values()) <= DOMINANCE * by_source.total()


DYES = {INK: "black", (0, 0, 0): "black", RED: "red", WHITE: "white"}
dyed_garments = st.lists(
    st.tuples(st.sampled_from(list(DYES)), st.integers(0, 9), st.integers(1, 6)), max_size=30
)


@settings(deadline=None, max_examples=100)
@given(dyed_garments, st.integers(1, 4), st.sampled_from([(), ("black",), ("red", "black")]))
def test_every_public_figure_and_every_difference_of_two_is_safe(found, min_cell, families):
    garments = [
        garment(f"p{i}-{j}", color, source=f"s{source}")
        for i, (color, source, n) in enumerate(found)
        for j in range(n)
    ]
    raw, told = (
        answer(garments, families=families, within=4, min_cell=each).rows(named=True)
        for each in (None, min_cell)
    )
    whole, beyond = Counter(), Counter()
    for color, source, n in found:
        whole[source] += n
        if families and DYES[color] not in families:
            beyond[source] += n
    for one, shown in zip(raw, told, strict=True):
        family = shown["family"] if families else None
        mine = [each for each in found if family in (None, DYES[each[0]])]
        of_family, within, outside = Counter(), Counter(), Counter()
        for color, source, n in mine:
            of_family[source] += n
            if one["color"] and difference(one["color"], color) <= 4:
                within[source] += n
            else:
                outside[source] += n
        assert shown["denominator"] is None or safe(whole, min_cell)
        if shown["n"] is None:
            beyond += of_family
            assert [shown[name] for name in (*COLORS, *SHARES)] == [None] * 14
            continue
        assert shown["n"] == one["n"]
        assert safe(of_family, min_cell)
        if shown["color"] is not None:
            assert [shown[name] for name in COLORS] == [one[name] for name in COLORS]
            assert safe(within, min_cell)
        if shown["share"] is not None:
            assert shown["color"] is not None
            assert [shown[name] for name in SHARES] == [one[name] for name in SHARES]
            assert safe(outside, min_cell)
    # What a reader can subtract: the group less all families that are told.
    if families and any(row["n"] is not None for row in told):
        assert safe(beyond, min_cell)


REFUSED = [
    pytest.param({"families": ("navy",)}, "no family 'navy'", id="family"),
    pytest.param({"families": ("blak",)}, "did you mean 'black'", id="misspelled"),
    pytest.param({"unit": "looks"}, "a signature has no unit 'looks'; there are", id="unit"),
    pytest.param({"within": 0}, "within must be above 0 .CIEDE2000., got 0", id="within"),
    pytest.param({"within": float("nan")}, "within must be above 0", id="no number"),
    pytest.param({"names": {"ink": "x"}}, "no color 'ink'", id="color"),
    pytest.param({"names": {"#161418": " "}}, "color '#161418' has an empty name", id="name"),
    pytest.param({"by": ("radius",)}, "column 'radius' has the name of a column", id="by"),
]


@pytest.mark.parametrize(("asked", "message"), REFUSED)
def test_a_question_that_can_not_be_answered_is_refused(asked, message):
    with pytest.raises(QueryError, match=message):
        answer(many(INK, 3), **asked)


def test_shares_of_few_sources_have_the_wide_interval_of_shares():
    # Each of eight sources wears one color: they tell as much as eight garments.
    garments = [
        each
        for i in range(8)
        for each in many(INK if i % 2 else WHITE, 25, sources=1, first=i, name=f"s{i}")
    ]
    clustered, plain = (
        answer(garments, cluster=each).row(0, named=True) for each in ("source", "none")
    )
    assert clustered["share"] == plain["share"] == 0.5
    assert plain["high"] - plain["low"] == pytest.approx(0.137, abs=0.001)
    assert clustered["high"] - clustered["low"] > 0.55
