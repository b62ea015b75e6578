import polars as pl
import pytest
from garment_rows import BLACK, BLUE, RED, FakeFolder, garment, records
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from trendcolor.analysis.legends import Level
from trendcolor.analysis.near import Near
from trendcolor.analysis.population import Population
from trendcolor.analysis.shares import shares
from trendcolor.analysis.tally import NO_CLUSTER, UNITS, Question
from trendcolor.api.queries import Run
from trendcolor.color.libraries import open_vocabulary
from trendcolor.histograms import histogram

# A frame's first query takes long on a busy machine; that is no failure.
UNHURRIED = settings(deadline=None, max_examples=6)

SOURCED = {"season": "season", "taken": "date", "source": "source", "sold": "weight"}
ALONE = {"season": "season", "taken": "date", "sold": "weight"}  # photos are the clusters
TEXTS = ("season", "taken", "source")
BY = [(), ("season",), ("garment",), ("season", "garment"), ("month",), ("quarter",), ("year",)]
CREAM = (250, 240, 230)


def folder(*garments, kinds=None, **told):
    kinds = SOURCED if kinds is None else kinds
    rows = records(*garments, columns=TEXTS, numbers=("sold",)).select(
        pl.exclude({*TEXTS, "sold"} - {*kinds})
    )
    return FakeFolder(rows=rows, kinds=kinds, **told)


def population(*garments, **told):
    return Population({"run": folder(*garments, **told)})


garments = st.lists(
    st.fixed_dictionaries(
        {
            "wearer": st.integers(0, 1),
            "garment": st.sampled_from(["top", "dress", "bag"]),
            "main": st.sampled_from([BLACK, RED, CREAM]),
            "weight": st.integers(1, 255),
            "pixels": st.integers(1, 10**9),
        }
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda each: (each["wearer"], each["garment"]),
)
photos = st.lists(
    st.fixed_dictionaries(
        {
            "season": st.sampled_from(["AW25", "AW26", None]),
            "taken": st.sampled_from(["2026-03-31", "2026-04-01", "2025-12-01", None]),
            "source": st.sampled_from(["s1", "s2", "s3", "", None]),
            "sold": st.sampled_from([0.0, 2.5, 0.1, 1 / 3, 1e6, None]),
            "garments": garments,
        }
    ),
    min_size=1,
    max_size=6,
)


def dressed(found):
    """Photos, in their order, as garments."""
    return [
        garment(
            f"p{i}",
            *(((worn["main"], worn["weight"]), (BLUE, 255 - worn["weight"])))
            if worn["weight"] < 255
            else (worn["main"],),
            garment=worn["garment"],
            wearer=worn["wearer"],
            pixels=worn["pixels"],
            **{name: photo[name] for name in (*TEXTS, "sold")},
        )
        for i, photo in enumerate(found)
        for worn in photo["garments"]
    ]


FILTERS = {
    "none": (),
    "season": (pl.col("season") == "AW26",),
    "no season": (pl.col("season").is_null(),),
    "garment": (pl.col("garment").is_in(["top", "bag"]),),
    "month": (pl.col("month") == "2026-03",),
    "year or garment": ((pl.col("year") == "2026") | (pl.col("garment") == "dress"),),
}


def ask(by=(), level="family", unit="garments", cluster=NO_CLUSTER):
    level = level if isinstance(level, Level) else Level(colors=level)
    return Question(by=by, level=level, unit=unit, cluster=cluster, weight="sold")


def same(part, question):
    """Whether what is stored tells; if so, it tells what the records tell, to the last bit."""
    stored = part.stored_tally(question)
    if stored is None:
        return False
    assert_frame_equal(shares(stored), shares(part.record_tally(question)), check_exact=True)
    return True


@pytest.mark.parametrize("unit", UNITS)
@settings(deadline=None, max_examples=25)
@given(
    photos,
    st.sampled_from(BY),
    st.sampled_from(["family", "common", "name", "bin"]),
    st.sampled_from([*FILTERS]),
    st.sampled_from([(SOURCED, "source"), (SOURCED, NO_CLUSTER), (ALONE, "photo")]),
)
def test_stored_counts_and_records_give_the_same_shares(unit, found, by, level, kept, clustered):
    kinds, cluster = clustered
    part = population(*dressed(found), kinds=kinds).narrowed(*FILTERS[kept])
    told = same(part, ask(by, level, unit, cluster))
    is_of_photos = kinds == SOURCED and cluster == NO_CLUSTER and unit in ("area", "weight")
    # Garments of a look are not looks, nor those of a photo photos: they don't add up.
    is_of_looks = unit == "looks" or cluster == "photo"
    does_not_add_up = is_of_looks and "garment" in kept and "garment" not in by
    assert told == (not is_of_photos and not does_not_add_up)


@pytest.mark.parametrize("unit", UNITS)
@UNHURRIED
@given(photos, photos, st.sampled_from([(), ("run",), ("run", "season"), ("year",)]))
def test_several_runs_stored_give_what_their_records_give(unit, one, other, by):
    both = Population({"a": folder(*dressed(one)), "b": folder(*dressed(other))})
    for kept in FILTERS.values():
        for part in (both.narrowed(*kept), both.narrowed(*kept, pl.col("run") == "b")):
            question = ask(by, "family", unit, "source")
            is_garments = "garment" in {name for each in kept for name in each.meta.root_names()}
            assert same(part, question) == (not (unit == "looks" and is_garments))


WHOLE = (
    garment("p0", BLACK, season="AW25", source="s1", taken="2026-03-31", sold=1.0),
    garment("p0", RED, garment="dress", season="AW25", source="s1", taken="2026-03-31", sold=1.0),
    garment("p1", RED, season="AW26", source="s2", taken="2026-05-01", sold=2.0),
)
NOT_STORED = [
    pytest.param(lambda p: p.narrowed(pl.col("photo") == "p0"), ask(), 2, id="a photo"),
    pytest.param(lambda p: p.narrowed(pl.col("taken") > "2026-04"), ask(), 1, id="a day"),
    pytest.param(lambda p: p.narrowed(pl.col("sold") > 1), ask(), 1, id="a weight"),
    pytest.param(lambda p: p.narrowed(pl.col("source") == "s1"), ask(), 2, id="a source"),
    pytest.param(lambda p: p.narrowed(targets=[Near("#000000", 5)]), ask(), 3, id="near"),
    pytest.param(lambda p: p, ask(("source",)), 3, id="by source"),
    pytest.param(lambda p: p, ask(("taken",)), 3, id="by day"),
    pytest.param(lambda p: p, ask((), Level(colors="shade")), 3, id="shade"),
    pytest.param(lambda p: p, ask((), Level(colors="bin", step=8)), 3, id="step"),
    pytest.param(
        lambda p: p,
        ask((), Level(colors="name", vocabulary=open_vocabulary("css"))),
        3,
        id="vocabulary",
    ),
    pytest.param(lambda p: p, ask(cluster="photo"), 3, id="other clusters"),
]


@pytest.mark.parametrize(("narrow", "question", "n"), NOT_STORED)
def test_what_is_not_stored_is_counted_from_records(narrow, question, n):
    part = narrow(population(*WHOLE))
    assert part.stored_tally(question) is None
    table = shares(part.tally(question))
    assert table.group_by(question.by).agg(pl.first("denominator"))["denominator"].sum() == n
    assert "records" in part.folders["run"].asked


def test_what_is_stored_is_answered_without_records():
    whole = population(*WHOLE)
    for unit in UNITS:
        for level in ("family", "common"):
            shares(whole.tally(ask(("season", "garment"), level, unit, "source")))
    assert {*whole.folders["run"].asked} == {"family", "common", "whole", "sources"}


@pytest.mark.parametrize("other", [{"grid": "lab-0"}, {"vocabulary": "00" * 8}], ids=str)
@pytest.mark.parametrize("level", ["family", "name", "bin"])
def test_counts_by_another_grid_or_other_names_are_not_used(other, level):
    old, new = population(*WHOLE, **other), population(*WHOLE)
    question = ask(("season",), level)
    assert old.stored_tally(question) is None
    # The colors of the summary have places of the old names too: they are worked out anew.
    old.folders["run"].summary = lambda part: (
        new.folders["run"].summary(part).with_columns(pl.col("^_(family|common|name|bin)$") * 0)
    )
    assert_frame_equal(shares(old.tally(question)), shares(new.tally(question)))


def test_photos_of_one_id_in_two_runs_are_two_looks():
    both = Population({"a": folder(*WHOLE), "b": folder(*WHOLE[:1])})
    looks = ask(unit="looks")
    assert shares(both.tally(looks))["denominator"][0] == 3
    assert shares(both.record_tally(looks))["denominator"][0] == 3
    assert both.whole_records().select("photo").unique().collect().height == 3
    assert {*both.photos().collect()["photo"]} == {"a/p0", "a/p1", "b/p0"}
    of_photos = ask(cluster="photo")
    assert shares(both.tally(of_photos))["sources"][0] == 3


def test_a_run_is_a_group_where_there_are_several():
    both = Population({"a": folder(*WHOLE), "b": folder(*WHOLE[:1])})
    table = shares(both.tally(ask(("run",))))
    assert table.filter(family="black").select("run", "numerator", "denominator").rows() == [
        ("a", 1, 3),
        ("b", 1, 1),
    ]
    assert "run" in both.groups
    assert "run" not in population(*WHOLE).groups


def test_a_column_of_the_card_may_be_called_run():
    rows = records(garment("a", BLACK, run="catwalk"), columns=("run",))
    part = Population({"spring": FakeFolder(rows=rows, kinds={"run": "season"})})
    assert same(part, ask(("run",)))
    assert shares(part.tally(ask(("run",))))["run"].unique().to_list() == ["catwalk"]


def test_a_column_that_one_run_lacks_is_null_there():
    one = folder(*WHOLE)
    other = folder(*WHOLE[:1], kinds={"source": "source"})
    both = Population({"a": one, "b": other})
    question = ask(("season",), cluster="source")
    assert both.stored_tally(question) is None
    table = shares(both.tally(question)).filter(family="black")
    assert table.select("season", "denominator").rows() == [("AW25", 2), ("AW26", 1), (None, 1)]
    assert [each.name for each in both.declared] == [*SOURCED]


def test_cards_that_order_their_columns_otherwise_are_stored_alike():
    one = folder(*WHOLE, kinds={"season": "season", "place": "region"})
    other = folder(*WHOLE, kinds={"place": "region", "season": "season"})
    rows = [each.rows.with_columns(place=pl.lit("EU")) for each in (one, other)]
    one.rows, other.rows = rows
    both = Population({"a": one, "b": other})
    question = ask(("season", "place"))
    table = shares(both.tally(question))
    assert_frame_equal(table, shares(both.record_tally(question)))


def test_the_first_source_of_the_first_run_is_the_first_of_all():
    one = folder(*WHOLE, kinds={"source": "source", "season": "source"})
    other = folder(*WHOLE, kinds={"source": "source"})
    both = Population({"a": one, "b": other})
    assert [each.name for each in both.declared] == ["source", "season"]


@pytest.mark.parametrize("kept", [*FILTERS])
@UNHURRIED
@given(photos)
def test_photos_are_counted_alike(kept, found):
    part = population(*dressed(found)).narrowed(*FILTERS[kept])
    for by in [("season",), ("month",), ("garment",)]:
        ids = part.dated_records().group_by(by).agg(_photos=pl.col("photo").n_unique())
        counted = part.count_photos(by)
        assert_frame_equal(counted, ids.collect(), check_row_order=False, check_dtypes=False)


@UNHURRIED
@given(photos, st.integers(1, 3))
def test_histograms_stored_and_of_records_are_alike(found, n_runs):
    runs = {f"r{i}": folder(*dressed(found)) for i in range(n_runs)}
    run = Run(Population(runs))
    for by in BY:
        stored = run.histogram(by=by)
        assert stored["weight"].sum() == 255 * n_runs * sum(len(p["garments"]) for p in found)
        counted = histogram(run.population.dated_records(), by=by).collect()
        assert_frame_equal(stored, counted)


@UNHURRIED
@given(photos, st.sampled_from(["family", "name", "bin"]), st.sampled_from(["source", NO_CLUSTER]))
def test_near_garments_counted_alone_and_with_all_others_are_alike(found, colors, cluster):
    whole = population(*dressed(found))
    part = whole.narrowed(targets=[Near("#000000", 20)])
    for by in BY:
        question = Question(by=by, level=Level(colors=colors), cluster=cluster)
        with pytest.MonkeyPatch.context() as patch:
            alone = shares(part.tally(question))
            patch.setattr(Population, "_dense", lambda *_: None)
            assert_frame_equal(alone, shares(part.tally(question)))
