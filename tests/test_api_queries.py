import subprocess
import sys

import polars as pl
import pytest
from garment_rows import BLACK, BLUE, GREEN, RED, WHITE, FakeFolder, garment, records
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from trendcolor.analysis.population import Population
from trendcolor.api.opening import open_run
from trendcolor.api.queries import Run
from trendcolor.color.libraries import open_vocabulary
from trendcolor.errors import QueryError, RunError, VocabularyError
from trendcolor.histograms import histogram

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
