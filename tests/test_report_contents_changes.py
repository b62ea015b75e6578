import pytest
from report_runs import built_run, contents

from trendcolor.errors import QueryError

PARTS = ({"season": "AW25"}, {"season": "AW26"})


@pytest.fixture(scope="module", params=[False, True], ids=["guarded", "free"])
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "run"
    return built_run(folder, is_free_of_people=request.param)


def test_changes_are_what_compare_says(run):
    made = contents(run).changes
    families = run.compare(*PARTS, disclosure="public")
    assert (made.before.label, made.after.label) == ("AW25", "AW26")
    assert made.families.equals(families)
    assert made.distance == families["distance"][0]
    assert made.distance_p == families["distance_p"][0]
    shades = run.compare(*PARTS, colors="shade", overall=False, disclosure="public")
    assert made.shades.equals(shades)


def test_garments_that_both_parts_have_are_compared_by_themselves(run):
    made = contents(run).changes
    is_free = run.folder.manifest.is_free_of_people
    # Of the others' few colors too little may be told.
    assert list(made.by_garment) == (["top", "dress", "trousers", "skirt"] if is_free else ["top"])
    for name, table in made.by_garment.items():
        alone = run.garments(name).compare(*PARTS, overall=False, disclosure="public")
        assert table.equals(alone)


def test_a_garment_of_one_part_is_left_out(run):
    made = contents(run, baseline="region = 'EU'", focus="region = 'UK'").changes
    is_free = run.folder.manifest.is_free_of_people
    assert list(made.by_garment) == (["top"] if is_free else [])
    assert (made.before.label, made.after.label) == ("EU", "UK")


def test_a_part_without_garments_is_refused(run):
    with pytest.raises(QueryError, match="no garments where season = 'SS99'"):
        contents(run, baseline="season = 'SS99'")


def test_what_is_compared_without_the_whole_has_no_distance(run):
    table = run.compare(*PARTS, overall=False)
    assert table["distance"].null_count() == table.height
    assert table["distance_p"].null_count() == table.height
    whole = run.compare(*PARTS)
    figures = ["family", "change", "p_adjusted", "verdict"]
    assert table.select(figures).equals(whole.select(figures))
