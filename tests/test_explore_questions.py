import polars as pl
import pytest
from explore_runs import N_LOOKS
from polars.testing import assert_frame_equal

from trendcolor.api.opening import open_run
from trendcolor.errors import QueryError
from trendcolor.explore.asked import read_asked
from trendcolor.explore.offer import offer_of, public_offer, usual_columns
from trendcolor.explore.questions import answer, askings
from trendcolor.explore.release import open_release

COMPARED = {"view": "compare", "a": ["season", "AW25"], "b": ["season", "SS26"]}


@pytest.fixture(scope="module")
def run(looks_run):
    return open_run(looks_run)


def asked_of(source, offer, sent):
    asked = read_asked(sent, offer)
    return [(each, answer(source, each)) for each in askings(asked, is_public=offer.is_public)]


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        ({}, "run.shares()"),
        ({"by": ["season", "garment"]}, "run.shares(by=['season', 'garment'])"),
        ({"colors": "common", "unit": "looks"}, "run.shares(colors='common', unit='looks')"),
        ({"colors": "name", "unit": "area"}, "run.shares(colors='name', unit='area')"),
        ({"colors": "shade", "unit": "weight"}, "run.shares(colors='shade', unit='weight')"),
        (
            {"wanted": {"season": ["AW25"], "region": ["EU", "UK"]}, "garments": ["top"]},
            "run.where({'season': 'AW25', 'region': ['EU', 'UK']}).garments('top').shares()",
        ),
        (
            {"near": "#b22222", "within": 6, "by": ["season"]},
            "run.near('#b22222', within=6.0).shares(by=['season'])",
        ),
        ({"view": "map", "by": ["season"]}, "run.shares(colors='bin')"),
        ({"view": "combinations", "by": ["season"]}, "run.combinations(by=['season'])"),
        (COMPARED, "run.compare({'season': 'AW25'}, {'season': 'SS26'})"),
        (
            COMPARED | {"wanted": {"region": ["EU"]}, "unit": "looks"},
            "run.where({'region': 'EU'})"
            ".compare({'season': 'AW25'}, {'season': 'SS26'}, unit='looks')",
        ),
    ],
)
def test_the_line_that_is_shown_gives_the_answer_that_is_shown(run, sent, line):
    ((asking, frame),) = asked_of(run, offer_of(run), sent)
    assert asking.code == line
    assert_frame_equal(eval(line, {"run": run}), frame)
    assert len(frame)


def test_signatures_and_palettes_have_a_line_each(run):
    for sent in ({"view": "signatures"}, {"view": "signatures", "by": ["season"], "unit": "looks"}):
        found = asked_of(run, offer_of(run), sent)
        assert [each.about for each, _ in found] == [
            "signature",
            "palette",
            "signatures of families",
        ]
        for asking, frame in found:
            assert_frame_equal(eval(asking.code, {"run": run}), frame)


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        ({}, "release.shares()"),
        ({"by": ["region", "season"]}, "release.shares(by=['region', 'season'])"),
        (COMPARED, "release.compare('season', 'AW25', 'SS26')"),
        ({"view": "signatures"}, "release.signatures()"),
    ],
)
def test_public_lines_are_of_the_release(run, sent, line):
    release = open_release(run, ["season", "region"])
    ((asking, frame),) = asked_of(release, public_offer(release), sent)
    assert asking.code == line
    again = open_release(run, ["season", "region"])
    assert_frame_equal(eval(line, {"release": again}), frame)
    assert frame.select(pl.selectors.float().null_count()).sum_horizontal().item() > 0


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"view": "compare"}, "choose a and b"),
        (COMPARED | {"b": ["season", "AW25"]}, "a and b are both season AW25"),
        ({"near": "no color"}, "no color"),
        ({"view": "combinations", "colors": "bin"}, "no colors 'bin'"),
        ({"view": "combinations", "by": ["garment"]}, "a look has several garments"),
        ({"view": "combinations", "near": "navy"}, "leave out near"),
    ],
)
def test_what_has_no_answer_says_why(run, sent, said):
    with pytest.raises(QueryError, match=said):
        asked_of(run, offer_of(run), sent)


def test_the_public_compares_values_of_one_column(run):
    release = open_release(run, ["season", "region"])
    with pytest.raises(QueryError, match="two values of one column"):
        asked_of(release, public_offer(release), COMPARED | {"b": ["region", "EU"]})


def test_an_offer_has_what_the_run_declares(run):
    offer = offer_of(run)
    assert offer.groups == ("season", "region", "garment", "source")
    assert offer.units == ("garments", "looks", "area", "weight")
    assert (offer.n_photos, offer.n_garments) == (N_LOOKS, 2 * N_LOOKS)
    assert {column.name: len(column.values) for column in offer.columns} == {
        **{"season": 2, "region": 2, "source": N_LOOKS}
    }
    assert offer.notes == ("Looks (CC0-1.0); people: real",)


def test_the_lines_before_make_the_run_and_the_release(run, monkeypatch):
    told = {}
    exec(offer_of(run).setup, told)
    assert_frame_equal(told["run"].shares(), run.shares())
    release = open_release(run, ["season", "region"])
    monkeypatch.chdir(run.folder.path.parent)  # a public page names no folder but the run's own
    exec(public_offer(release).setup, told)
    assert_frame_equal(told["release"].shares(["season"]), release.shares(["season"]))


def test_a_public_offer_has_the_columns_of_its_release_alone(run):
    assert usual_columns(run) == ("season", "garment")
    offer = public_offer(open_release(run, usual_columns(run)))
    assert offer.groups == ("season", "garment")
    assert [column.name for column in offer.columns] == ["season", "garment"]
    assert (offer.units, offer.levels, offer.garments) == (("garments",), ("family",), ())
