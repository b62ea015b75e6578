import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from garment_rows import BLACK, BLUE, GREEN, RED, WHITE, FakeFolder, garment, records
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from trendcolor.analysis.error_tables import PackagedTables
from trendcolor.analysis.legends import Level
from trendcolor.analysis.misclassification import ErrorTable
from trendcolor.analysis.population import Population
from trendcolor.api.opening import open_run
from trendcolor.api.queries import Run
from trendcolor.color.libraries import open_vocabulary
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.errors import QueryError, RunError, VocabularyError
from trendcolor.histograms import histogram, rgb_to_bin

# A frame's first query takes long on a busy machine; that is no failure.
UNHURRIED = settings(deadline=None, max_examples=50)

KINDS = {"season": "season", "region": "region", "source": "source"}
GARMENTS = (
    garment("a", (BLACK, 200), (RED, 55), season="AW25", region="EU", source="s1"),
    garment("a", BLUE, garment="dress", season="AW25", region="EU", source="s1"),
    garment("b", RED, season="AW26", region="EU", source="s2"),
    garment("c", RED, season="AW26", region="UK", source="s3"),
    garment("d", BLACK, garment="dress", season="AW26", region=None, source="s3"),
)


def opened(*garments, kinds=KINDS, **folder):
    rows = records(*garments, columns=tuple(kinds))
    return Run(Population({"run": FakeFolder(rows=rows, kinds=kinds, **folder)}))


def counts(table, *columns):
    rows = table.filter(pl.col("numerator") > 0)
    return rows.select(*columns, "family", "numerator", "denominator").rows()


def test_shares_by_a_column_and_the_garment():
    run = opened(*GARMENTS)
    expected = [
        ("AW25", "top", "black", 1, 1),
        ("AW25", "dress", "blue", 1, 1),
        ("AW26", "top", "red", 2, 2),
        ("AW26", "dress", "black", 1, 1),
    ]
    table = run.shares(by=["season", "garment"])
    assert counts(table, "season", "garment") == expected
    assert table.columns == [
        *("season", "garment", "family", "share", "low", "high"),
        *("numerator", "denominator", "unit", "effective_n", "sources"),
    ]


def test_one_column_may_be_named_without_a_list():
    run = opened(*GARMENTS)
    assert_frame_equal(run.shares("season"), run.shares(by=["season"]))
    assert_frame_equal(run.histogram(by="season"), run.histogram(by=["season"]))


def test_filters_narrow_the_denominator_and_leave_the_run_as_it_was():
    run = opened(*GARMENTS)
    part = run.where(season="AW26").where("region = 'EU' OR region = 'UK'").garments("top", "skirt")
    assert counts(part.shares()) == [("red", 2, 2)]
    assert counts(run.where(region=["EU", None]).shares()) == [
        ("black", 2, 4),
        ("red", 1, 4),
        ("blue", 1, 4),
    ]
    assert counts(run.shares()) == [("black", 2, 5), ("red", 2, 5), ("blue", 1, 5)]


def test_near_leaves_the_denominator_whole():
    near = opened(*GARMENTS).near("#000000", within=5)
    assert counts(near.shares(by="season"), "season") == [
        ("AW25", "black", 1, 2),
        ("AW26", "black", 1, 3),
    ]
    assert near.records().select("photo", "rank").collect().rows() == [("a", 0), ("a", 1), ("d", 0)]


def test_a_color_that_a_filter_leaves_out_prints_zero():
    names = opened(*GARMENTS).where(season="AW25").shares(colors="name")
    assert sorted(names["numerator"].to_list()) == [0, 1, 1]


found_garments = st.lists(
    st.tuples(
        st.sampled_from([BLACK, RED, (250, 240, 230)]),
        st.integers(1, 254),
        st.sampled_from(["AW25", "AW26", None]),
        st.sampled_from(["top", "dress"]),
    ),
    min_size=1,
    max_size=12,
)
NARROWED = [
    pytest.param(lambda run: run, id="whole"),
    pytest.param(lambda run: run.where(season="AW26"), id="value"),
    pytest.param(lambda run: run.where("season = 'AW26' OR season IS NULL"), id="SQL"),
    pytest.param(lambda run: run.garments("dress"), id="garments"),
]


@pytest.mark.parametrize("narrow", NARROWED)
@UNHURRIED
@given(found_garments)
def test_stored_histograms_and_records_give_the_same_answer(narrow, found):
    garments = [
        garment(str(i), (color, weight), (BLUE, 255 - weight), season=season, garment=kind)
        for i, (color, weight, season, kind) in enumerate(found)
    ]
    run = opened(*garments)
    for by in (None, "garment", ["season", "garment"]):
        columns = [] if by is None else [by] if isinstance(by, str) else by
        from_records = histogram(narrow(run).records(), by=columns).collect()
        assert_frame_equal(narrow(run).histogram(by=by), from_records)


def test_stored_histograms_answer_without_records():
    run = opened(*GARMENTS)
    run.histogram(by="season")
    assert "bin" in run.folder.asked
    assert "records" not in run.folder.asked


ASK_RECORDS = [
    pytest.param(lambda run: run.histogram(by="source"), 5, id="a column that is not stored"),
    pytest.param(lambda run: run.where(photo="a").histogram(), 2, id="a filter on photos"),
    pytest.param(lambda run: run.near("#000000", within=5).histogram(), 2, id="near"),
]


@pytest.mark.parametrize(("ask", "n_garments"), ASK_RECORDS)
def test_records_answer_what_stored_histograms_do_not_know(ask, n_garments):
    assert ask(opened(*GARMENTS))["weight"].sum() == 255 * n_garments


def test_histograms_on_another_grid_are_not_used():
    run = opened(*GARMENTS, grid="lab-0")
    assert run.histogram()["weight"].sum() == 255 * 5
    assert "records" in run.folder.asked
    assert "bin" not in run.folder.asked


def test_compare_two_seasons():
    table = opened(*GARMENTS).compare({"season": "AW25"}, {"season": "AW26"})
    red = table.row(by_predicate=pl.col("family") == "red", named=True)
    assert (red["numerator_a"], red["denominator_a"]) == (0, 2)
    assert (red["numerator_b"], red["denominator_b"]) == (2, 3)
    assert red["change"] == pytest.approx(2 / 3)
    assert red["low"] < red["change"] < red["high"]
    assert red["distance"] > 10
    by_text = opened(*GARMENTS).compare("season = 'AW25'", "season = 'AW26'")
    assert_frame_equal(by_text, table)


def test_compare_with_nothing_is_refused():
    with pytest.raises(QueryError, match=r"no garments where \{'season': 'SS99'\}"):
        opened(*GARMENTS).compare({"season": "AW25"}, {"season": "SS99"})


def crowd(n_red, **columns):
    colors = [BLACK] * 40 + [WHITE] * 30 + [RED] * n_red
    return [garment(f"p{i}", color, **columns) for i, color in enumerate(colors)]


def printed(run):
    table = run.shares(disclosure="public")
    return table.filter(pl.col("share").is_not_null())["family"].to_list()


def test_public_tables_count_photos_where_no_source_is_declared():
    # Red on 9 photos is empty, with the zeros still too few, so white joins. Red on 10 photos is
    # company enough for the zeros, which would else be known to be zeros.
    assert printed(opened(*crowd(9), kinds={"season": "season"})) == ["black"]
    assert printed(opened(*crowd(10), kinds={"season": "season"})) == ["black", "white"]


def test_public_tables_count_wearers_or_sources_where_they_are_declared():
    one = opened(*crowd(30, model="m1"), kinds={"model": "wearer"})
    assert one.shares(disclosure="public")["denominator"].null_count() == 12
    both = opened(*crowd(30, model="m1"), kinds={"model": "wearer", "sender": "source"})
    assert both._guard == "sender"


def test_public_tables_of_pictures_without_people_are_raw():
    run = opened(*GARMENTS, is_free_of_people=True)
    assert_frame_equal(run.shares(disclosure="public"), run.shares())


def test_public_signatures_of_people_are_guarded_and_raw_ones_are_not():
    run = opened(*crowd(9), kinds={"season": "season"})
    raw, told = (
        run.signatures(family=["black", "red"], disclosure=each)["color"].to_list()
        for each in ("raw", "public")
    )
    assert (raw, told) == (["#000000", "#e50000"], ["#000000", None])
    free = opened(*crowd(9), is_free_of_people=True)
    assert_frame_equal(free.signatures(disclosure="public"), free.signatures())


def test_public_signatures_withhold_what_shares_withhold_along_the_columns():
    both = {BLACK: 20, WHITE: 20, BLUE: 12}
    worn = {"AW25": {**both, RED: 5}, "AW26": {**both, RED: 20}}
    rows = [
        garment(f"{season}{color}{i}", color, season=season, region="EU", source=f"s{i}")
        for season, counts_of in worn.items()
        for color, n in counts_of.items()
        for i in range(n)
    ]
    run = opened(*rows)
    asked = {"disclosure": "public", "family": ["black", "white", "red", "blue"]}
    shares = run.shares("season", disclosure="public")
    told = shares.filter(pl.col("share").is_not_null()).select("season", "family")
    found = run.signatures("season", **asked).filter(pl.col("n").is_not_null())
    # The red of AW26 would tell the five of AW25, whose seasons have 25 together.
    assert run.signatures(**asked)["n"].to_list() == [40, 40, 25, None]
    assert ("AW26", "red") not in found.select("season", "family").rows()
    assert {*found.select("season", "family").rows()} <= {*told.rows()}
    assert not found.is_empty()


def test_signatures_follow_filters_and_near_and_keep_the_denominator_of_near():
    part = opened(*GARMENTS).where(season="AW26")
    assert part.signatures(family="red").select("color", "n", "denominator").row(0) == (
        *("#e50000", 2),
        3,
    )
    near = part.near("#000000", within=5).signatures()
    assert near.select("color", "n", "denominator").row(0) == ("#000000", 1, 3)
    by = opened(*GARMENTS).signatures(by="season,garment")
    assert by["color"].to_list() == ["#000000", "#0343df", "#e50000", "#000000"]


def test_a_signature_has_the_config_s_name_unless_others_are_given():
    run = opened(*GARMENTS, names={"#000000": "house black"})
    asked = {"family": "black"}
    assert run.signatures(**asked)["name"].to_list() == ["house black"]
    assert run.signatures(**asked, names={"#010101": "mine"})["name"].to_list() == ["mine"]
    assert run.signatures(**asked, names={})["name"].to_list() == ["jet black"]


def test_the_configured_minimum_holds():
    # Green of 3 photos passes a minimum of 2; the zeros beside it would be known to be zeros.
    garments = [*crowd(20), *(garment(f"g{i}", GREEN) for i in range(3))]
    run = opened(*garments, kinds={"season": "season"}, min_cell=2)
    assert printed(run) == ["black", "white", "red"]


def test_a_public_comparison_hides_what_public_shares_hide():
    run = opened(*GARMENTS)
    table = run.compare({"season": "AW25"}, {"season": "AW26"}, disclosure="public")
    assert table.select("change", "share_a", "distance").null_count().row(0) == (12, 12, 12)


REFUSED = [
    pytest.param(lambda run: run.shares(by="seson"), "no column 'seson', did you mean", id="by"),
    pytest.param(lambda run: run.shares(by="photo"), "no column 'photo'; there are", id="photo"),
    pytest.param(lambda run: run.histogram(by=["rank"]), "no column 'rank'", id="histogram by"),
    pytest.param(lambda run: run.where(rank=0), "no column 'rank'", id="half a garment"),
    pytest.param(lambda run: run.where("r > 5"), "no column 'r'", id="half a garment in SQL"),
    pytest.param(lambda run: run.garments("coat"), "no garment 'coat'", id="garment"),
    pytest.param(lambda run: run.shares(unit="weight"), "needs a declared column", id="weight"),
    pytest.param(lambda run: run.shares(unit="look"), "no unit 'look', did you mean", id="unit"),
    pytest.param(lambda run: run.shares(colors="hue"), "no colors 'hue'", id="colors"),
    pytest.param(
        lambda run: run.shares(disclosure="pubic"), "no disclosure 'pubic'", id="disclose"
    ),
    pytest.param(lambda run: run.signatures("seson"), "no column 'seson'", id="signature by"),
    pytest.param(lambda run: run.signatures(family="blak"), "no family 'blak'", id="family"),
    pytest.param(lambda run: run.signatures(unit="area"), "has no unit 'area'", id="area"),
    pytest.param(lambda run: run.near("rde", within=5), "no color 'rde', did you mean", id="near"),
]


@pytest.mark.parametrize(("ask", "message"), REFUSED)
def test_a_wrong_name_is_refused(ask, message):
    with pytest.raises(QueryError, match=message):
        ask(opened(*GARMENTS))


def test_weights_come_from_the_declared_column():
    garments = [garment("a", BLACK, sold="3"), garment("b", RED, sold="1")]
    run = opened(*garments, kinds={"sold": "weight"})
    assert counts(run.shares(unit="weight")) == [("black", 3.0, 4.0), ("red", 1.0, 4.0)]


def test_photos_are_all_photos():
    assert opened(*GARMENTS).where(season="AW25").photos()["photo"].to_list() == [*"abcd"]


def test_a_missing_run_is_refused(tmp_path):
    with pytest.raises(RunError, match="no such run folder"):
        open_run(tmp_path / "none")


def test_queries_load_no_learning_library():
    code = (
        "import sys, trendcolor.analysis.shares, trendcolor.analysis.compare, "
        "trendcolor.analysis.disclosure; "
        "print([name for name in ('torch', 'sklearn', 'ray') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def names(run, vocabulary=None):
    table = run.shares(colors="name", vocabulary=vocabulary).filter(pl.col("numerator") > 0)
    return dict(table.select("name", "numerator").rows())


def test_names_may_be_of_any_vocabulary_one_after_the_other(tmp_path):
    library = tmp_path / "library.csv"
    library.write_text("name,hex\nNoir,#{:02x}{:02x}{:02x}\n".format(*BLACK))
    run = opened(*GARMENTS)
    default, css = names(run), names(run, "css")
    assert default != css
    assert names(run, library) == {"Noir": 2, "no match": 3}
    assert names(run, str(library)) == names(run, open_vocabulary(library))
    # Each is the same again, whatever was asked between, and the default is the default by name.
    assert (names(run), names(run, "css"), names(run, "default")) == (default, css, default)
    library.write_text("name,hex\nSchwarz,#{:02x}{:02x}{:02x}\n".format(*BLACK))
    assert names(run, library) == {"Schwarz": 2, "no match": 3}
    assert set(names(run, open_vocabulary(library, limit=1000))) == {"Schwarz"}


def test_a_vocabulary_is_for_names_alone():
    with pytest.raises(QueryError, match=r"a vocabulary has names, not colors 'family'"):
        opened(*GARMENTS).shares(vocabulary="css")


def test_an_unknown_vocabulary_of_a_query_is_refused():
    with pytest.raises(VocabularyError, match="no vocabulary 'cs', did you mean 'css'"):
        opened(*GARMENTS).shares(colors="name", vocabulary="cs")


def test_sql_answers_of_what_is_left():
    part = opened(*GARMENTS).where(season="AW26").near("#e50000", within=5)
    query = "select photo, count(*) n from records where rank = 0 group by photo order by photo"
    assert part.sql(query).rows() == [("b", 1), ("c", 1)]
    assert part.sql(f"-- by photo\n with t as ({query}) select sum(n) from t").item() == 2
    assert part.sql("select count(*) from photos").item() == 4


BAD_SQL = [
    pytest.param("select seson from records", "did you mean 'season'", id="column"),
    pytest.param("select * from record", "did you mean 'records'", id="table"),
    pytest.param("selct season from records", 'is no question (wanted "select ...")', id="word"),
    pytest.param("", "is no question", id="nothing"),
    pytest.param("select season fro records", "can't be answered", id="grammar"),
    pytest.param("select 1 from records; drop table records", "can't be answered", id="two"),
    *(
        pytest.param(text, "is no question", id=text.split()[0])
        for text in (
            "delete from records",
            "drop table records",
            "truncate table records",
            "create table x as select * from records",
            "insert into records values (1)",
            "update records set r = 1",
        )
    ),
]


@pytest.mark.parametrize(("query", "message"), BAD_SQL)
def test_sql_that_asks_nothing_that_is_there_is_refused(query, message):
    with pytest.raises(QueryError, match=re.escape(message)):
        opened(*GARMENTS).sql(query)


def test_sql_links_no_photos_by_what_is_worn():
    run = opened(*GARMENTS)
    with pytest.raises(QueryError, match="never linked by what is worn"):
        run.sql("select a.photo from records a join records b on a.r = b.r and a.g = b.g")
    pairs = "select a.r, b.r r2 from records a join records b on a.photo = b.photo"
    assert run.sql(pairs).height >= run.records().collect().height


def test_near_takes_a_name_of_the_vocabulary():
    run = opened(*GARMENTS)
    by_name, by_code = (run.near(color, within=2) for color in ("jet black", "#000000"))
    assert_frame_equal(by_name.shares(), by_code.shares())
    assert counts(by_name.shares()) == [("black", 2, 5)]


def test_histograms_may_have_bins_of_another_width():
    run = opened(*GARMENTS)
    wide = run.histogram(by="season", step=32)
    assert wide.group_by("season").agg(pl.sum("weight")).sort("season").rows() == [
        ("AW25", 510),
        ("AW26", 765),
    ]
    black = int(rgb_to_bin([0], [0], [0], step=32)[0])
    assert wide.filter(season="AW26", bin=black)["weight"].to_list() == [255]
    for step in (0, 33):
        with pytest.raises(QueryError, match=f"^step must be 1 to 32 .*got {step}$"):
            run.histogram(step=step)


def test_a_level_chooses_bins_and_has_its_own_vocabulary():
    run = opened(*GARMENTS)
    table = run.shares(colors=Level(colors="bin", step=32))
    assert sorted(table["numerator"].to_list()) == [1, 2, 2]
    css = Level(colors="name", vocabulary=open_vocabulary("css"))
    assert_frame_equal(run.shares(colors=css), run.shares(colors="name", vocabulary="css"))
    with pytest.raises(QueryError, match="a Level has its own vocabulary"):
        run.shares(colors=Level(colors="name"), vocabulary="css")
    with pytest.raises(QueryError, match="a step is of bins, not of colors 'name'"):
        Level(colors="name", step=8)


def test_a_palette_shares_out_the_weights_of_a_group():
    table = opened(*GARMENTS).palette("season").filter(season="AW25")
    assert table.select("family", "numerator", "denominator").rows() == [
        ("blue", 255.0, 510.0),
        ("black", 200.0, 510.0),
        ("red", 55.0, 510.0),
    ]
    one = opened(*GARMENTS).where(season="AW25").palette(n_colors=1)
    assert one["share"].to_list() == [1.0]


OUTFITS = [
    each
    for i in range(30)
    for each in (
        garment(f"p{i}", BLACK, source=f"s{i}"),
        garment(f"p{i}", BLUE if i % 4 else RED, garment="dress", source=f"s{i}"),
    )
]


def test_public_palettes_have_no_color_of_few_people():
    run = opened(*OUTFITS)
    assert run.palette()["family"].to_list() == ["black", "blue", "red"]
    # Red is on 8 people, and blue goes with it: black is half of what there is.
    assert run.palette(disclosure="public")["family"].to_list() == ["black"]
    free = opened(*OUTFITS, is_free_of_people=True)
    assert_frame_equal(free.palette(disclosure="public"), free.palette())


def test_colors_that_meet_in_looks_are_counted():
    table = opened(*OUTFITS).combinations()
    met = table.filter(pl.col("looks") > 0).select("color", "with", "looks", "n").rows()
    assert met == [("black", "blue", 22, 30), ("black", "red", 8, 30)]
    given = opened(*OUTFITS).combinations(given="red")
    assert given.filter(pl.col("looks") > 0).select("with", "looks", "n").rows() == [
        ("black", 8, 8)
    ]


def test_public_combinations_of_few_people_are_empty():
    table = opened(*OUTFITS).combinations(disclosure="public")
    red = table.filter((pl.col("color") == "black") & (pl.col("with") == "red"))
    assert red.select("looks", "share", "expected", "lift", "p").rows() == [(None,) * 5]
    free = opened(*OUTFITS, is_free_of_people=True)
    assert_frame_equal(free.combinations(disclosure="public"), free.combinations())


HALVES = {"season": {"AW25": 0.5, "AW26": 0.5}}


def test_one_margin_gives_shares_that_are_post_stratified():
    # Photo a weighs 2, the others 2/3: black 2 + 2/3 of 6, blue 2, red twice 2/3.
    weighted = opened(*GARMENTS).weighted(HALVES)
    table = weighted.shares().filter(pl.col("numerator") > 0)
    found = dict(table.select("family", "share").rows())
    assert found == pytest.approx({"black": 4 / 9, "blue": 1 / 3, "red": 2 / 9})
    assert table["denominator"].to_list() == pytest.approx([6, 6, 6])
    assert weighted.weighting.effect == pytest.approx(4 * (4 + 3 * 4 / 9) / 16)
    in_groups = weighted.shares("season").filter(family="black")["share"].to_list()
    assert in_groups == pytest.approx([1 / 2, 1 / 3])  # all of a group weigh the same


@pytest.mark.parametrize("unit", ["garments", "looks", "area"])
def test_weights_that_differ_cost_certainty(unit):
    garments = [
        garment(f"p{i}", RED if i % 3 else BLACK, season="AW25" if i % 4 else "AW26", source=f"{i}")
        for i in range(400)
    ]
    run = opened(*garments)
    plain, weighted = run.shares(unit=unit), run.weighted(HALVES).shares(unit=unit)
    shown = plain["share"] > 0
    assert weighted["share"].sum() == pytest.approx(1)
    assert weighted["numerator"].sum() == pytest.approx(weighted["denominator"][0])
    assert weighted["denominator"].to_list() == pytest.approx(plain["denominator"].to_list())
    less = weighted.filter(shown)["effective_n"] / plain.filter(shown)["effective_n"]
    # Three quarters of the photos weigh 2/3, one quarter 2: Kish's effect is 4/3. It is read from
    # 64 random groups, which tell a variance within about a third.
    assert (less < 0.95).all()
    assert (less > 0.5).all()


def test_weights_are_of_shares_alone():
    weighted = opened(*GARMENTS).weighted(HALVES)
    for ask in ("histogram", "palette", "combinations", "signatures"):
        with pytest.raises(QueryError, match="weights are of shares"):
            getattr(weighted, ask)()


def test_clusters_may_be_another_column_or_none():
    run = opened(*GARMENTS)
    assert run.shares()["sources"][0] == 3
    assert run.clustered("region").shares()["sources"][0] == 3  # a missing one is one
    assert run.clustered("photo").shares()["sources"][0] == 4
    alone = run.clustered("none").shares()
    assert (alone["sources"][0], alone["effective_n"][0]) == (None, 5)
    assert_frame_equal(
        alone.select("share", "numerator"), run.shares().select("share", "numerator")
    )


def seasons(n_black, n=400):
    return [
        garment(f"{season}{i}", BLACK if i < black else RED, season=season, source=f"s{i % 40}")
        for season, black in zip(("AW25", "AW26"), n_black, strict=True)
        for i in range(n)
    ]


def verdicts(run, **asked):
    table = run.compare({"season": "AW25"}, {"season": "AW26"}, **asked)
    return dict(table.select("family", "verdict").rows()), table


def test_a_comparison_says_what_it_can_tell():
    told, table = verdicts(opened(*seasons((300, 200))))
    assert (told["black"], told["red"], told["white"]) == ("down", "up", "no change shown")
    assert table["distance_p"][0] < 0.05
    assert {*verdicts(opened(*GARMENTS))[0].values()} == {"not enough data"}
    alike, table = verdicts(opened(*seasons((300, 300))))
    assert alike["black"] == "not enough data"  # 400 garments don't show 2 % more or less
    assert table["distance_p"][0] > 0.5
    assert table["distance"][0] == pytest.approx(0, abs=1e-9)


def test_a_public_comparison_has_no_distance_of_groups_of_few_people():
    few = [each for each in seasons((9, 9), n=9)]
    table = verdicts(opened(*few), disclosure="public")[1]
    assert table.select("distance", "distance_p", "verdict", "change").null_count().row(0) == (
        *(12, 12),
        *(12, 12),
    )
    # Where groups are large the distance is told, and no verdict on a color that is withheld.
    table = verdicts(opened(*seasons((300, 200))), disclosure="public")[1]
    withheld = table.filter(pl.col("change").is_null())
    assert table["distance"].null_count() == 0
    assert withheld["verdict"].null_count() == len(withheld) > 0


def misread(n=90, wrong=10):
    """Of each family so many were read rightly, and some as the next."""
    counts = np.eye(12) * n + np.roll(np.eye(12), 1, axis=1) * wrong
    return ErrorTable(labels=FAMILIES, counts=counts, invented=np.zeros(12))


DERIVED = {
    "corrected shares": lambda run, **asked: run.corrected_shares(misread(), **asked),
    "budget": lambda run, **asked: run.error_budget(audit=misread(), **asked),
    "budget without an audit": lambda run, **asked: run.error_budget(**asked),
}


def people(n_red, n_green):
    """Black and white on many photos; red and green on a dozen together."""
    colors = [BLACK] * 40 + [WHITE] * 30 + [BLUE] * 20 + [RED] * n_red + [GREEN] * n_green
    return opened(*(garment(f"p{i}", color) for i, color in enumerate(colors)), kinds={})


@pytest.mark.parametrize("answer", DERIVED.values(), ids=DERIVED)
def test_what_public_shares_withhold_is_withheld_in_what_is_derived(answer):
    run = people(6, 6)
    shares, table = run.shares(disclosure="public"), answer(run, disclosure="public")
    assert table["family"].to_list() == shares["family"].to_list()
    hidden = table.filter(shares["share"].is_null())
    assert 0 < len(hidden) < 12
    kept = {"family", "denominator", "sources", "unit", "unknown"}
    for name in {*table.columns} - kept:
        assert hidden[name].null_count() == len(hidden), name
    assert table["share" if "measured" not in table.columns else "measured"].null_count() < 12
    raw = answer(run)
    assert raw["share"].null_count() == 0
    assert (
        answer(opened(*GARMENTS, is_free_of_people=True), disclosure="public")["share"].null_count()
        == 0
    )


@pytest.mark.parametrize("answer", DERIVED.values(), ids=DERIVED)
def test_no_derived_figure_tells_withheld_ones_apart(answer, monkeypatch):
    known = PackagedTables(segmentation=misread(), color=misread(80, 20))
    monkeypatch.setattr(Run, "_known_errors", lambda _: known)
    one, other = people(8, 4), people(4, 8)
    assert_frame_equal(one.shares(disclosure="public"), other.shares(disclosure="public"))
    assert not answer(one).equals(answer(other))
    assert_frame_equal(answer(one, disclosure="public"), answer(other, disclosure="public"))


def test_shares_are_corrected_by_what_was_misread():
    garments = [garment(f"p{i}", BLACK if i < 300 else RED) for i in range(400)]
    counts_of = np.zeros((12, 12))
    black, red = FAMILIES.index("black"), FAMILIES.index("red")
    # Of 100 that were read as black 20 are red; all that were read as red are.
    counts_of[black, black], counts_of[red, black], counts_of[red, red] = 80, 20, 100
    audit = ErrorTable(labels=FAMILIES, counts=counts_of, invented=np.zeros(12))
    table = opened(*garments, kinds={}).corrected_shares(audit)
    found = {row["family"]: row for row in table.iter_rows(named=True)}
    assert found["black"]["share"] == pytest.approx(0.75 * 0.8, abs=1e-9)
    assert found["red"]["share"] == pytest.approx(0.25 + 0.75 * 0.2, abs=1e-9)
    assert (found["black"]["measured"], found["black"]["audited"]) == (0.75, 100)
    raw = opened(*garments, kinds={}).shares().filter(family="black")
    width = raw["high"][0] - raw["low"][0]
    assert found["black"]["high"] - found["black"]["low"] > width


MISNAMED = [
    pytest.param(lambda run: run.palette("seson"), "'seson', did you mean 'season'", id="palette"),
    pytest.param(lambda run: run.palette(n_colors=0), "got n_colors 0", id="no colors"),
    pytest.param(lambda run: run.palette(disclosure="pub"), "did you mean 'public'", id="public"),
    pytest.param(lambda run: run.combinations("regio"), "did you mean 'region'", id="combine by"),
    pytest.param(lambda run: run.combinations(given="rde"), "did you mean 'red'", id="given"),
    pytest.param(lambda run: run.combinations(of="mian"), "did you mean 'main'", id="of"),
    pytest.param(lambda run: run.combinations(colors="famly"), "mean 'family'", id="level"),
    pytest.param(lambda run: run.clustered("sorce"), "did you mean 'source'", id="cluster"),
    pytest.param(lambda run: run.weighted({"regio": {}}), "did you mean 'region'", id="margin"),
    pytest.param(
        lambda run: run.weighted({"season": {"AW25": 0.5, "AW27": 0.5}}),
        "has 'AW26' .* without a margin",
        id="value without a margin",
    ),
    pytest.param(
        lambda run: run.weighted({"season": {"AW25": 0.4, "AW26": 0.4, "SS26": 0.2}}),
        "has 'SS26', which no unit has",
        id="margin without a value",
    ),
    pytest.param(lambda run: run.error_budget("seson"), "did you mean 'season'", id="budget"),
    pytest.param(lambda run: run.error_budget(unit="looks"), "of looks can't", id="looks"),
    pytest.param(lambda run: run.where(seson="AW25"), "did you mean 'season'", id="where"),
    pytest.param(lambda run: run.where("seson = 'x'"), "did you mean 'season'", id="where SQL"),
    pytest.param(lambda run: run.where(garment="tpo"), "did you mean 'top'", id="where garment"),
    pytest.param(
        lambda run: run.compare({"seson": "x"}, {"season": "y"}), "mean 'season'", id="compare"
    ),
]


@pytest.mark.parametrize(("ask", "message"), MISNAMED)
def test_a_wrong_name_gives_the_nearest_one(ask, message):
    with pytest.raises(QueryError, match=message):
        ask(opened(*GARMENTS))


def test_new_queries_load_no_learning_library():
    code = """
import sys
sys.path[:0] = ["tests", "benchmarks"]
from test_api_queries import GARMENTS, opened
run = opened(*GARMENTS)
before = {name for name in ("torch", "sklearn", "ray") if name in sys.modules}
assert not before, before
run.palette(), run.combinations(), run.compare({"season": "AW25"}, {"season": "AW26"})
run.error_budget(), run.near("black", within=5).shares(), run.sql("select 1 from records")
run.weighted({"season": {"AW25": 0.5, "AW26": 0.5}}).shares()
print([name for name in ("torch", "sklearn", "ray") if name in sys.modules])
"""
    root = Path(__file__).parent.parent
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=root
    )
    assert found.stdout.strip() == "[]", found.stderr
